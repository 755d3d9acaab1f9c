/*
 * One run: gather what the inputs hold, unite it with partials, and let the
 * rule make alerts of it.
 */
#include "scan.h"

#include "evidence/evidence.h"
#include "fold.h"
#include "gather.h"
#include "partials.h"

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
        .expected =
            report->located_policy.policy ? &report->located_policy : NULL,
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
    if (!options->owners)
        return 0;
    if (owners_fill(options->owners, &report->alerts, err) < 0)
        return -1;
    return owners_fill_drops(options->owners, &report->focus,
                             &report->alerts.arena, err);
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
                          const struct walk *walk,
                          struct partial_list *partials, struct report *report,
                          struct err *err)
{
    report->pairs = report->aggregate.group_count;
    report->instances = aggregate_count_instances(&report->aggregate);
    if (partials->count == 0 && !options->partial)
        return 0;
    unbook_mentions(walk, partials, &report->ledger);
    return partials_unite(options, partials, report, err);
}

/* May there be a partial among the inputs, whose identities would have to be
 * compared with ours? One whose name has a delivery in it is a log, which a
 * stream cannot be: it could not be read again if the name had lied. */
static bool may_hold_partials(const struct walk *walk)
{
    for (size_t i = 0; i < walk->count; i++) {
        const struct input *input = &walk->inputs[i];

        if ((input->status == INPUT_PENDING ||
             input->status == INPUT_OUTSIDE_TIMEFRAME) &&
            (input->delivery == TIMESTAMP_UNKNOWN || input->bytes == 0))
            return true;
    }
    return false;
}

static int gather(const struct scan_options *options, const struct walk *walk,
                  struct report *report, struct partial_list *partials,
                  struct err *err)
{
    return gather_begin(options, walk, report, err) < 0
               ? -1
               : gather_read(options, walk, NULL, report, partials, err);
}

/* With identities that need not travel, where nobody will ask for others. A
 * partial under a log's name shows that somebody does. */
static int gather_all(struct scan_options options, const struct walk *walk,
                      struct report *report, struct partial_list *partials,
                      struct err *err)
{
    if (!options.partial && !may_hold_partials(walk))
        options.identities = IDENTITY_HERE;
    if (gather(&options, walk, report, partials, err) < 0)
        return -1;
    if (options.identities == IDENTITY_ANYWHERE || partials->count == 0)
        return 0;
    options.identities = IDENTITY_ANYWHERE;
    report_release(report);
    partial_list_release(partials);
    return gather(&options, walk, report, partials, err);
}

int scan_run(const struct scan_options *options, const struct walk *walk,
             struct report *report, struct err *err)
{
    struct partial_list partials = {0};
    int ret = -1;

    if (options->state)
        return fold_read(options, walk, report, err) < 0
                   ? -1
                   : conclude(options, report, err);
    if (gather_all(*options, walk, report, &partials, err) == 0 &&
        unite_partials(options, walk, &partials, report, err) == 0)
        ret = conclude(options, report, err);
    partial_list_release(&partials);
    return ret;
}
