/*
 * What was extracted of one window: judged by the filter, and added to the
 * aggregates.
 */
#include "window.h"

#include "detect/location.h"
#include "meter.h"

/* Count one `:i-` event. */
static int count_event(struct worker *worker, const struct event *event,
                       struct span instance, enum outcome outcome)
{
    if (outcome == OUTCOME_COUNT)
        return -1;
    outcome_counts_add(&worker->outcomes, outcome, event->time);
    return focus_add(&worker->focus, instance, outcome, event->time,
                     event->field[EVENT_SOURCE_IP_ADDRESS]);
}

/* An event on its way into an aggregate, as of an instance at an address,
 * which the filter writes where they will wait. */
struct arrival {
    const struct event *event; /* in the table */
    struct verdict of;
    struct aggregate_key key;
};

/* They wait here for the memory that the aggregate will look at. From 8 to 32
 * no length was measurably better. */
#define WAITING 16

struct waiting {
    struct arrival events[WAITING];
    size_t put, taken; /* counting up */
};

/* Those of one window: for the rule, and for evidence. */
struct window {
    struct waiting kept, located;
};

/* The last one in waits, and one from the middle has its next memory
 * fetched. */
static void let_wait(struct waiting *waiting, const struct aggregate *agg)
{
    waiting->put++;
    if (waiting->put - waiting->taken > WAITING / 2)
        aggregate_prefetch(
            agg,
            &waiting->events[(waiting->put - WAITING / 2 - 1) % WAITING].key);
}

static bool is_full(const struct waiting *waiting)
{
    return waiting->put - waiting->taken == WAITING;
}

static struct arrival *next_in(struct waiting *waiting)
{
    return &waiting->events[waiting->put % WAITING];
}

/* The one that has waited longest. */
static const struct arrival *next_out(struct waiting *waiting)
{
    return &waiting->events[waiting->taken++ % WAITING];
}

static int keep_event(struct worker *worker, struct waiting *waiting)
{
    const struct arrival *kept = next_out(waiting);
    enum outcome outcome =
        aggregate_add(&worker->aggregate, &kept->key, kept->event,
                      kept->of.instance, kept->of.address);

    return count_event(worker, kept->event, kept->of.instance, outcome);
}

static int locate_event(struct worker *worker, struct waiting *waiting)
{
    const struct arrival *located = next_out(waiting);

    return located_add(&worker->located, &located->key, located->event,
                       located->of.instance, located->of.address);
}

static void tell_kept(struct worker *worker)
{
    uint64_t kept = worker->outcomes.count[OUTCOME_KEPT];

    if (!worker->meter)
        return;
    meter_add(worker->meter, 0, kept - worker->kept_told);
    worker->kept_told = kept;
}

/* A kept event, the next in, to the rule's aggregate. It stays as it is until
 * the next one. */
static int take_kept(struct worker *worker, struct waiting *waiting)
{
    struct arrival *arrival = next_in(waiting);

    if (aggregate_prepare(&worker->aggregate, arrival->event,
                          arrival->of.instance, arrival->of.address,
                          &arrival->key) < 0)
        return -1;
    let_wait(waiting, &worker->aggregate);
    return is_full(waiting) ? keep_event(worker, waiting) : 0;
}

/* A call of whoever is no instance, whose access key may turn out to be one
 * that an instance issued. A line of the policy that asks for an instance
 * holds for none of them. */
static int see_session(struct worker *worker, const struct event *event,
                       struct ip location)
{
    if (!worker->keeps_keyed)
        return located_see_session(&worker->located, event);
    if (!located_is_key(event->field[EVENT_ACCESS_KEY_ID]) ||
        filter_is_outside(&worker->keyed, event->time) ||
        filter_ignores(&worker->keyed, event, SPAN_ABSENT))
        return 0;
    return located_add_keyed(&worker->located, event, location);
}

/* Of what evidence is judged: the instances' own sessions' calls, within the
 * window and not ignored, by where they come from. Most are kept for the same
 * address; then `judged` has their key. Of other sessions' the access key may
 * turn out to be an instance's. */
static int take_located(struct worker *worker, struct waiting *waiting,
                        const struct origin *origin,
                        const struct arrival *judged)
{
    struct aggregate *agg = &worker->located.aggregate;
    struct arrival *arrival = next_in(waiting);
    const struct event *event = judged->event;
    enum outcome outcome = judged->of.outcome;
    bool is_kept = outcome == OUTCOME_KEPT;

    if (origin->kind == LOCATION_NONE)
        return 0;
    if (!span_present(origin->instance))
        return see_session(worker, event, origin->location);
    if (outcome == OUTCOME_OUTSIDE_WINDOW || outcome == OUTCOME_ALLOWED ||
        (!is_kept && filter_ignores(&worker->filter, event, origin->instance)))
        return 0;
    arrival->event = event;
    arrival->of.instance = origin->instance;
    arrival->of.address = origin->location;
    if (is_kept && ip_cmp(judged->of.address, arrival->of.address) == 0) {
        arrival->key = judged->key;
        aggregate_prefetch_first(agg, &arrival->key);
    } else if (aggregate_prepare(agg, event, arrival->of.instance,
                                 arrival->of.address, &arrival->key) < 0) {
        return -1;
    }
    let_wait(waiting, agg);
    return is_full(waiting) ? locate_event(worker, waiting) : 0;
}

static int take_event(struct worker *worker, struct window *window,
                      const struct event *event)
{
    struct arrival *judged = next_in(&window->kept);
    struct origin origin = {.kind = LOCATION_NONE};
    int ret = 0;

    judged->event = event;
    filter_event(&worker->filter, event, &judged->of);
    if (worker->extended) {
        origin = location_origin_of(event);
        if (worker->keeps_traces)
            traces_see(&worker->traces, origin.kind, origin.location,
                       event->field[EVENT_ACCESS_KEY_ID]);
        if (facts_see_from(worker->facts, event, &origin) < 0)
            return -1;
    }
    if (judged->of.outcome == OUTCOME_KEPT)
        ret = take_kept(worker, &window->kept);
    else if (judged->of.outcome != OUTCOME_NO_INSTANCE)
        ret =
            count_event(worker, event, judged->of.instance, judged->of.outcome);
    if (ret == 0 && worker->extended &&
        event_category_is_call(event->field[EVENT_CATEGORY]))
        ret = take_located(worker, &window->located, &origin, judged);
    return ret;
}

/* What has become much of what other workers may know, too. */
static int hand_over(struct worker *worker)
{
    struct common_facts *common = worker->common;
    int ret;

    if (!common || facts_address_count(worker->facts) < WORKER_ADDRESSES_MAX)
        return 0;
    parallel_lock_take(common->lock);
    ret = facts_hand_over(common->facts, worker->facts);
    parallel_lock_give(common->lock);
    return ret;
}

int window_drain(struct worker *worker, struct err *err)
{
    struct window window;
    int ret = 0;

    window.kept.put = window.kept.taken = 0;
    window.located.put = window.located.taken = 0;
    for (size_t i = 0; i < worker->table.count && ret == 0; i++) {
        const struct event *event = &worker->table.rows[i];

        ret = worker->again
                  ? worker->again->take(worker->again->context, worker, event)
                  : take_event(worker, &window, event);
    }
    while (ret == 0 && window.kept.taken < window.kept.put)
        ret = keep_event(worker, &window.kept);
    while (ret == 0 && window.located.taken < window.located.put)
        ret = locate_event(worker, &window.located);
    event_table_clear(&worker->table);
    tell_kept(worker);
    if (ret == 0)
        ret = hand_over(worker);
    return ret < 0 ? err_memory(err) : 0;
}
