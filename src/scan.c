/*
 * One run: hand the inputs out to workers, unite what they found, and let
 * the rule make alerts of it. Should copies of one event differ in what an
 * alert shows, the inputs are read once more to let their texts decide.
 */
#include "scan.h"

#include "again.h"
#include "base/quote.h"
#include "base/sys.h"
#include "crew.h"
#include "detect/evidence.h"
#include "fold.h"

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

/* What the crew's findings go into. */
struct findings {
    struct report *report;
    struct partial_list partials;
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
    report->extracted += extracted;
    report->handed_on += handed_on;
    report->inputs_digest = hash_sum(report->inputs_digest, worker->digest);
    if (partial_list_merge(&findings->partials, &worker->partials) < 0)
        return err_memory(err);
    if (ledger_merge(&report->ledger, &worker->ledger, err) < 0 ||
        focus_merge(&report->focus, &worker->focus, err) < 0 ||
        (worker->extended && merge_evidence(report, worker, err) < 0))
        return -1;
    return merge_aggregate(report, worker, err);
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
        .ranges = options->owners ? owners_ranges(options->owners) : NULL,
    };

    if (located_settle(&report->located, err) < 0)
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
    rule.expected_known = report->partials.merged > 0;
    ledger_sort(&report->ledger);
    focus_sort(&report->focus);
    report->dedup = options->dedup;
    report->owners = options->owners;
    report->now = options->now;
    report->min_ips = options->rule.min_ips;
    report->ipv6_counted = options->filter.ipv6;
    report->timeframe = options->timeframe;
    report->nothing_read =
        ledger->records_read + ledger->records_unreadable == 0 &&
        !options->timeframe.given && !options->sharded &&
        !report->partials.timeframe;
    if (options->partial)
        return 0;
    if (rule_apply(&rule, &report->aggregate, &report->alerts, err) < 0)
        return -1;
    settle_focus(report);
    if (options->extended && judge_evidence(options, &rule, report, err) < 0)
        return -1;
    return options->owners ? owners_fill(options->owners, &report->alerts, err)
                           : 0;
}

/* Another mention of a partial's file is no file of the logs. */
static void unbook_mentions(const struct walk *walk,
                            const struct partial_list *partials,
                            struct ledger *ledger)
{
    for (size_t i = 0; i < walk->count && partials->count > 0; i++) {
        const struct input *input = &walk->inputs[i];

        for (size_t k = 0;
             k < partials->count && input->status == INPUT_SAME_FILE; k++) {
            const struct input *partial = partials->items[k].input;

            if (partial->device == input->device &&
                partial->inode == input->inode) {
                ledger_unbook(ledger, input->path, INPUT_SAME_FILE);
                break;
            }
        }
    }
}

/* Partials have their own way to the report, and to a partial. */
static int unite_partials(const struct scan_options *options,
                          const struct walk *walk, struct findings *findings,
                          struct err *err)
{
    struct report *report = findings->report;

    report->pairs = report->aggregate.group_count;
    report->instances = aggregate_count_instances(&report->aggregate);
    if (findings->partials.count == 0 && !options->partial)
        return 0;
    unbook_mentions(walk, &findings->partials, &report->ledger);
    return partials_unite(options, &findings->partials, report, err);
}

int scan_begin(const struct scan_options *options, const struct walk *walk,
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

static int read_wanted(const struct scan_options *options,
                       const struct walk *walk, const bool *wanted,
                       struct findings *findings, struct err *err)
{
    const struct crew_order order = {
        .wanted = wanted, .collect = merge_worker, .context = findings};

    return crew_read(options, walk, &order, findings->report->ended, err);
}

int scan_read(const struct scan_options *options, const struct walk *walk,
              const bool *wanted, struct report *report, struct err *err)
{
    struct findings findings = {.report = report};
    int ret = read_wanted(options, walk, wanted, &findings, err);

    if (ret == 0)
        ret = again_settle(options, walk, report, err);
    if (ret == 0 && findings.partials.count > 0) {
        struct quoted quoted;

        err_set(err, "'%s' is a partial, which --state does not hold",
                quote(&quoted, findings.partials.items[0].input->path));
        ret = -1;
    }
    partial_list_release(&findings.partials);
    return ret;
}

/* Everything that the run reads itself, into the report. */
static int read_inputs(const struct scan_options *options,
                       const struct walk *walk, struct findings *findings,
                       struct err *err)
{
    struct report *report = findings->report;

    if (read_wanted(options, walk, NULL, findings, err) < 0)
        return -1;
    if (options->extended &&
        (facts_settle(report->facts, err) < 0 ||
         again_follow_chains(options, walk, report, err) < 0))
        return -1;
    return again_settle(options, walk, report, err);
}

int scan_run(const struct scan_options *options, const struct walk *walk,
             struct report *report, struct err *err)
{
    struct findings findings = {.report = report};
    int ret = -1;

    if (options->state)
        return fold_read(options, walk, report, err) < 0
                   ? -1
                   : conclude(options, report, err);
    if (scan_begin(options, walk, report, err) == 0 &&
        read_inputs(options, walk, &findings, err) == 0 &&
        unite_partials(options, walk, &findings, err) == 0)
        ret = conclude(options, report, err);
    partial_list_release(&findings.partials);
    return ret;
}
