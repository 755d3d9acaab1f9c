/*
 * A worker a thread, each with its share of the inputs; what they found is
 * handed over at the end, so that they need no lock, but for facts of which all
 * may find the same millions.
 */
#include "crew.h"

#include "base/sys.h"
#include "meter.h"
#include "parallel.h"
#include "shares.h"

#include <stdatomic.h>

/* What the workers of a run have in common. */
struct crew {
    const struct walk *walk;
    const struct crew_order *order;
    struct shares *shares;
    enum input_status *ended; /* how each input of the walk did */
    struct common_facts common;
    atomic_bool failed; /* one gave up: the others may, too */
};

/* A worker and its share of the work. */
struct hand {
    struct crew *crew;
    size_t number; /* of the share */
    struct worker worker;
    struct err err;
    int ret;
};

/* Take inputs until there are none left. */
static void work(void *item)
{
    struct hand *hand = item;
    struct crew *crew = hand->crew;
    const struct input *input;

    while (hand->ret == 0 && !atomic_load(&crew->failed) &&
           (input = shares_take(crew->shares, hand->number))) {
        size_t at = (size_t)(input - crew->walk->inputs);

        if (crew->order->wanted && !crew->order->wanted[at])
            continue;
        hand->ret = worker_take(&hand->worker, input, &hand->err);
        crew->ended[at] = hand->worker.ended;
    }
    if (hand->ret < 0)
        atomic_store(&crew->failed, true);
}

static size_t thread_count(const struct scan_options *options)
{
    return options->threads ? options->threads : parallel_cpus();
}

/* A worker an input at most; more would only cost memory. */
static size_t hand_count(const struct scan_options *options,
                         const struct walk *walk)
{
    size_t wanted = thread_count(options);

    if (wanted > walk->count)
        wanted = walk->count;
    return wanted ? wanted : 1;
}

/* Where only the first reading learns, and more than one worker. */
static int begin_common(struct common_facts *common, struct err *err)
{
    common->lock = parallel_lock_new();
    common->facts = facts_new(err);
    return common->lock && common->facts ? 0 : err_memory(err);
}

static void end_common(struct common_facts *common)
{
    parallel_lock_free(common->lock);
    facts_free(common->facts);
}

/* What was handed over becomes the first worker's. */
static int collect_common(struct common_facts *common, struct worker *worker,
                          struct err *err)
{
    struct facts *own = worker->facts;

    if (!common->facts)
        return 0;
    worker->facts = common->facts;
    common->facts = own;
    return facts_merge(worker->facts, own, err);
}

int crew_read(const struct scan_options *options, const struct walk *walk,
              const struct crew_order *order, enum input_status *ended,
              struct err *err)
{
    size_t count = hand_count(options, walk);
    struct hand *hands = sys_calloc(count, sizeof(*hands));
    void **items = sys_calloc(count, sizeof(*items));
    struct crew crew = {.walk = walk,
                        .order = order,
                        .shares = shares_new(walk, count),
                        .ended = ended};
    struct meter *meter = options->meter;
    bool has_common = options->extended && !order->again && count > 1;
    int ret = -1;

    if (!crew.shares || !hands || !items) {
        (void)err_memory(err);
        goto done;
    }
    if (has_common && begin_common(&crew.common, err) < 0)
        goto done;
    for (size_t i = 0; i < count; i++) {
        hands[i].crew = &crew;
        hands[i].number = i;
        items[i] = &hands[i];
        if (worker_init(&hands[i].worker, options, order->again, err) < 0)
            goto done;
        hands[i].worker.meter = meter;
        hands[i].worker.common = has_common ? &crew.common : NULL;
        /* Threads beyond the workers' help the first of them. */
        hands[i].worker.inflates_ahead = i < thread_count(options) - count;
    }
    meter_begin(meter, walk, order->wanted, order->again != NULL);
    parallel_run(work, items, count);
    meter_end(meter);
    ret = collect_common(&crew.common, &hands[0].worker, err);
    for (size_t i = 0; i < count && ret == 0; i++) {
        ret = hands[i].ret;
        if (ret < 0)
            *err = hands[i].err;
        else
            ret = order->collect(order->context, &hands[i].worker, err);
        worker_release(&hands[i].worker);
    }
done:
    for (size_t i = 0; hands && i < count; i++)
        worker_release(&hands[i].worker);
    end_common(&crew.common);
    sys_free(items);
    sys_free(hands);
    shares_free(crew.shares);
    return ret;
}
