/*
 * One run: hand the inputs out to workers, unite what they found, and let
 * the rule make alerts of it. Should copies of one event differ in what an
 * alert shows, the inputs are read once more to let their texts decide.
 */
#include "scan.h"

#include "base/sys.h"
#include "detect/evidence.h"
#include "meter.h"
#include "parallel.h"
#include "shares.h"
#include "worker.h"

#include <stdatomic.h>

/* What the workers of a run have in common. */
struct crew {
    const struct walk *walk;
    struct shares *shares;
    enum input_status *ended; /* how each input of the walk did */
    atomic_bool failed;       /* one gave up: the others may, too */
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
        hand->ret = worker_take(&hand->worker, input, &hand->err);
        crew->ended[input - crew->walk->inputs] = hand->worker.ended;
    }
    if (hand->ret < 0)
        atomic_store(&crew->failed, true);
}

/* Take over the first worker's aggregate, unite the others' with it. */
static int merge_aggregate(struct report *report, struct worker *worker,
                           struct err *err)
{
    uint64_t again = 0;

    if (report->aggregate.group_count == 0) {
        aggregate_release(&report->aggregate);
        report->aggregate = worker->aggregate;
        worker->aggregate = (struct aggregate){0};
        return 0;
    }
    if (aggregate_merge(&report->aggregate, &worker->aggregate, &again, err) <
        0)
        return -1;
    report->outcomes.count[OUTCOME_KEPT] -= again;
    report->outcomes.count[OUTCOME_DUPLICATE] += again;
    return 0;
}

/* The same for what evidence is judged from. */
static int merge_evidence(struct report *report, struct worker *worker,
                          struct err *err)
{
    if (!report->facts) {
        report->facts = worker->facts;
        report->located = worker->located;
        worker->facts = NULL;
        worker->located = (struct located){0};
        return 0;
    }
    return facts_merge(report->facts, worker->facts, err) < 0 ||
                   located_merge(&report->located, &worker->located, err) < 0
               ? -1
               : 0;
}

/* Unite what a worker found with the report. */
static int merge_worker(struct report *report, struct worker *worker,
                        struct err *err)
{
    uint64_t extracted, handed_on;

    outcome_counts_merge(&report->outcomes, &worker->outcomes);
    policy_use_merge(&report->policy, &worker->policy);
    worker->extract->count(worker->extractor, &extracted, &handed_on);
    report->extracted += extracted;
    report->handed_on += handed_on;
    if (ledger_merge(&report->ledger, &worker->ledger, err) < 0 ||
        focus_merge(&report->focus, &worker->focus, err) < 0 ||
        (worker->extended && merge_evidence(report, worker, err) < 0))
        return -1;
    return merge_aggregate(report, worker, err);
}

/* Can the input be opened again, and give the same bytes? Not standard
 * input, and not a FIFO, which has no size. */
static bool is_rereadable(const struct input *input, enum input_status ended)
{
    return (ended == INPUT_READ || ended == INPUT_DAMAGED) &&
           !input->is_stdin && input->bytes > 0;
}

/* An input that was read, and `again` could not be: its events are counted,
 * but of copies that differ, one of its own may have been the one to stand. */
static int book_second_failure(struct ledger *ledger, const struct input *input,
                               const struct worker *again, struct err *err)
{
    struct ledger_note note = {.path = input->path, .status = again->ended};
    struct err why = ERR_NONE;

    if (again->ended == INPUT_DAMAGED || again->ended == INPUT_UNREADABLE) {
        const struct ledger_note *last =
            &again->ledger.notes[again->ledger.note_count - 1];

        note.offset = last->offset;
        err_set(&why, "%s", last->reason.ptr);
    } else { /* replaced, or emptied */
        note.status = INPUT_UNREADABLE;
        err_set(&why, "it has changed");
    }
    err_prefix(&why, "when read again");
    note.reason = span_str(why.text);
    return ledger_rebook(ledger, INPUT_READ, note, err);
}

/* The second reading: see aggregate_settle(). Of its ledger only what the
 * first one does not know is kept. */
static int settle_disputes(const struct scan_options *options,
                           const struct walk *walk,
                           const enum input_status *ended,
                           struct report *report, struct err *err)
{
    struct worker worker = {0};
    int ret = worker_init(&worker, options, err);

    worker.settling = &report->aggregate;
    worker.extended = false;
    for (size_t i = 0; i < walk->count && ret == 0; i++) {
        if (!is_rereadable(&walk->inputs[i], ended[i]))
            continue;
        ret = worker_take(&worker, &walk->inputs[i], err);
        if (ret == 0 && ended[i] == INPUT_READ && worker.ended != INPUT_READ)
            ret = book_second_failure(&report->ledger, &walk->inputs[i],
                                      &worker, err);
    }
    worker_release(&worker);
    return ret;
}

/* Workers cannot see each other's duplicates, so what is kept of the
 * instances that were asked for is counted when all is united. */
static void settle_focus(struct report *report)
{
    const struct alert_list *alerts = &report->alerts;

    for (size_t i = 0; i < alerts->count; i++) {
        size_t at = report_focus_of(report, &alerts->items[i]);
        uint64_t kept = 0;

        for (size_t ip = 0; ip < alerts->items[i].ip_count; ip++)
            kept += alerts->items[i].ips[ip].count;
        if (at != SIZE_MAX)
            focus_settle(&report->focus, at, kept);
    }
}

/* Verdicts for the rule's alerts, and the cases that it does not see. */
static int judge_evidence(const struct scan_options *options,
                          const struct rule_options *rule,
                          struct report *report, struct err *err)
{
    const struct evidence_options evidence = {
        .min_severity = options->min_severity,
        .rule = rule,
    };

    if (facts_settle(report->facts, err) < 0 ||
        located_settle(&report->located, err) < 0)
        return -1;
    return evidence_judge(&evidence, &report->located, report->facts,
                          &report->alerts, err);
}

static int conclude(const struct scan_options *options, struct report *report,
                    struct err *err)
{
    const struct ledger *ledger = &report->ledger;
    struct rule_options rule = options->rule;

    rule.policy = options->policy ? &report->policy : NULL;
    rule.keep_muted = options->extended;
    ledger_sort(&report->ledger);
    focus_sort(&report->focus);
    report->pairs = report->aggregate.group_count;
    report->dedup = options->dedup;
    report->now = options->now;
    report->min_ips = options->rule.min_ips;
    report->ipv6_counted = options->filter.ipv6;
    report->timeframe = options->timeframe;
    report->nothing_read =
        ledger->records_read + ledger->records_unreadable == 0 &&
        !options->timeframe.given;
    report->instances = aggregate_count_instances(&report->aggregate);
    if (rule_apply(&rule, &report->aggregate, &report->alerts, err) < 0)
        return -1;
    settle_focus(report);
    return options->extended ? judge_evidence(options, &rule, report, err) : 0;
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

/* Read every input and unite what was found with the report. */
static int read_all(const struct scan_options *options, const struct walk *walk,
                    enum input_status *ended, struct report *report,
                    struct err *err)
{
    size_t count = hand_count(options, walk);
    struct hand *hands = sys_calloc(count, sizeof(*hands));
    void **items = sys_calloc(count, sizeof(*items));
    struct crew crew = {
        .walk = walk, .shares = shares_new(walk, count), .ended = ended};
    int ret = -1;

    if (!crew.shares || !hands || !items) {
        (void)err_memory(err);
        goto done;
    }
    for (size_t i = 0; i < count; i++) {
        hands[i].crew = &crew;
        hands[i].number = i;
        items[i] = &hands[i];
        if (worker_init(&hands[i].worker, options, err) < 0)
            goto done;
        hands[i].worker.meter = options->meter;
        /* Threads beyond the workers' help the first of them. */
        hands[i].worker.inflates_ahead = i < thread_count(options) - count;
    }
    if (options->meter)
        meter_begin(options->meter, walk);
    parallel_run(work, items, count);
    meter_end(options->meter);
    ret = 0;
    for (size_t i = 0; i < count && ret == 0; i++) {
        ret = hands[i].ret;
        if (ret < 0)
            *err = hands[i].err;
        else
            ret = merge_worker(report, &hands[i].worker, err);
        worker_release(&hands[i].worker);
    }
done:
    for (size_t i = 0; hands && i < count; i++)
        worker_release(&hands[i].worker);
    sys_free(items);
    sys_free(hands);
    shares_free(crew.shares);
    return ret;
}

int scan_run(const struct scan_options *options, const struct walk *walk,
             struct report *report, struct err *err)
{
    enum input_status *ended = sys_calloc(walk->count, sizeof(*ended));
    int ret = -1;

    report->alerts = ALERT_LIST_INIT;
    ledger_init(&report->ledger, options->keep_skips);
    aggregate_init(&report->aggregate, options->keep_duplicates);
    outcome_counts_init(&report->outcomes);
    if (!ended || policy_use_init(&report->policy, options->policy) < 0) {
        (void)err_memory(err);
        goto done;
    }
    if (focus_init(&report->focus, options->rule.instances,
                   options->rule.instance_count, err) < 0 ||
        read_all(options, walk, ended, report, err) < 0)
        goto done;
    if (report->aggregate.dispute_count > 0 &&
        settle_disputes(options, walk, ended, report, err) < 0)
        goto done;
    ret = conclude(options, report, err);
done:
    sys_free(ended);
    return ret;
}
