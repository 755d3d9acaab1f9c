/*
 * What each worker found is united with the report, in any order: all of it
 * are sets. Where one reading has shown that another is needed, the inputs
 * are read again before the report is what they hold.
 */
#include "gather.h"

#include "again.h"
#include "base/sys.h"
#include "crew.h"

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

/* Where the crew's findings go. */
struct findings {
    struct report *report;
    struct partial_list *partials;
};

/* Unite what a worker found with the report. */
static int merge_worker(void *context, struct worker *worker, struct err *err)
{
    struct findings *findings = context;
    struct report *report = findings->report;
    uint64_t extracted, handed_on;

    outcome_counts_merge(&report->outcomes, &worker->outcomes);
    policy_use_merge(&report->policy, &worker->policy);
    worker->extract->count(worker->extractor, &extracted, &handed_on);
    report->extracted += extracted + worker->extracted;
    report->handed_on += handed_on;
    report->inputs_digest = hash_sum(report->inputs_digest, worker->digest);
    if (partial_list_merge(findings->partials, &worker->partials) < 0)
        return err_memory(err);
    if (ledger_merge(&report->ledger, &worker->ledger, err) < 0 ||
        focus_merge(&report->focus, &worker->focus, err) < 0 ||
        (worker->extended && merge_evidence(report, worker, err) < 0))
        return -1;
    traces_merge(&report->traces, &worker->traces);
    return merge_aggregate(report, worker, err);
}

int gather_begin(const struct scan_options *options, const struct walk *walk,
                 struct report *report, struct err *err)
{
    *report = (struct report){0};
    report->alerts = ALERT_LIST_INIT;
    ledger_init(&report->ledger, options->keep_skips);
    aggregate_init(&report->aggregate, options->keep_duplicates);
    outcome_counts_init(&report->outcomes);
    report->ended = sys_calloc(walk->count, sizeof(*report->ended));
    if (!report->ended || policy_use_init(&report->policy, options->policy) < 0)
        return err_memory(err);
    return focus_init(&report->focus, options->rule.instances,
                      options->rule.instance_count, err);
}

int gather_read(const struct scan_options *options, const struct walk *walk,
                const bool *wanted, struct report *report,
                struct partial_list *partials, struct err *err)
{
    struct findings findings = {.report = report, .partials = partials};
    const struct crew_order order = {
        .wanted = wanted, .collect = merge_worker, .context = &findings};

    if (crew_read(options, walk, &order, report->ended, err) < 0)
        return -1;
    if (options->extended &&
        (partials_learn(options, partials, report, err) < 0 ||
         facts_settle(report->facts, err) < 0 ||
         again_follow_chains(options, walk, report, err) < 0))
        return -1;
    return again_settle(options, walk, report, err);
}
