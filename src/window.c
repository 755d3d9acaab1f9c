/*
 * What was extracted of one window: judged by the filter, and added to the
 * aggregates.
 */
#include "window.h"

#include "detect/location.h"
#include "meter.h"

/* Count one `:i-` event. */
static int count_event(struct worker *worker, const struct event *event,
                       struct verdict verdict)
{
    if (verdict.outcome == OUTCOME_COUNT)
        return -1;
    outcome_counts_add(&worker->outcomes, verdict.outcome, event->time);
    return focus_add(&worker->focus, verdict.instance, verdict.outcome,
                     event->time, event->field[EVENT_SOURCE_IP_ADDRESS]);
}

/* An event on its way into an aggregate, as of an instance at an address. */
struct arrival {
    const struct event *event; /* in the table */
    struct span instance;
    struct ip address;
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
    struct verdict verdict = {OUTCOME_COUNT, kept->instance, kept->address};

    verdict.outcome = aggregate_add(&worker->aggregate, &kept->key, kept->event,
                                    kept->instance, kept->address);
    return count_event(worker, kept->event, verdict);
}

static int locate_event(struct worker *worker, struct waiting *waiting)
{
    const struct arrival *located = next_out(waiting);

    return located_add(&worker->located, &located->key, located->event,
                       located->instance, located->address);
}

static void tell_kept(struct worker *worker)
{
    uint64_t kept = worker->outcomes.count[OUTCOME_KEPT];

    if (!worker->meter)
        return;
    meter_add(worker->meter, 0, kept - worker->kept_told);
    worker->kept_told = kept;
}

/* A kept event, to the rule's aggregate. `*kept` stays until the next one. */
static int take_kept(struct worker *worker, struct waiting *waiting,
                     const struct event *event, const struct verdict *verdict,
                     const struct arrival **kept)
{
    struct arrival *arrival = next_in(waiting);

    arrival->event = event;
    arrival->instance = verdict->instance;
    arrival->address = verdict->address;
    *kept = arrival;
    if (aggregate_prepare(&worker->aggregate, event, verdict->instance,
                          verdict->address, &arrival->key) < 0)
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
 * address; then `kept` has their key. Of other sessions' the access key may
 * turn out to be an instance's. */
static int take_located(struct worker *worker, struct waiting *waiting,
                        const struct event *event, const struct origin *origin,
                        const struct verdict *verdict,
                        const struct arrival *kept)
{
    struct aggregate *agg = &worker->located.aggregate;
    struct arrival *arrival = next_in(waiting);

    if (origin->kind == LOCATION_NONE)
        return 0;
    if (!span_present(origin->instance))
        return see_session(worker, event, origin->location);
    if (verdict->outcome == OUTCOME_OUTSIDE_WINDOW ||
        verdict->outcome == OUTCOME_ALLOWED ||
        (!kept && filter_ignores(&worker->filter, event, origin->instance)))
        return 0;
    arrival->event = event;
    arrival->instance = origin->instance;
    arrival->address = origin->location;
    if (kept && ip_cmp(kept->address, arrival->address) == 0) {
        arrival->key = kept->key;
        aggregate_prefetch_first(agg, &arrival->key);
    } else if (aggregate_prepare(agg, event, arrival->instance,
                                 arrival->address, &arrival->key) < 0) {
        return -1;
    }
    let_wait(waiting, agg);
    return is_full(waiting) ? locate_event(worker, waiting) : 0;
}

static int take_event(struct worker *worker, struct window *window,
                      const struct event *event)
{
    struct verdict verdict = filter_event(&worker->filter, event);
    const struct arrival *kept = NULL;
    struct origin origin = {.kind = LOCATION_NONE};
    int ret = 0;

    if (worker->extended) {
        origin = location_origin_of(event);
        if (worker->keeps_traces)
            traces_see(&worker->traces, origin.kind, origin.location,
                       event->field[EVENT_ACCESS_KEY_ID]);
        if (facts_see_from(worker->facts, event, &origin) < 0)
            return -1;
    }
    if (verdict.outcome == OUTCOME_KEPT)
        ret = take_kept(worker, &window->kept, event, &verdict, &kept);
    else if (verdict.outcome != OUTCOME_NO_INSTANCE)
        ret = count_event(worker, event, verdict);
    if (ret == 0 && worker->extended &&
        event_category_is_call(event->field[EVENT_CATEGORY]))
        ret = take_located(worker, &window->located, event, &origin, &verdict,
                           kept);
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
    return ret < 0 ? err_memory(err) : 0;
}
