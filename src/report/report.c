/* The report's own few answers; formats do the rest. */
#include "report/report.h"

#include "base/sys.h"

void report_release(struct report *report)
{
    if (!report)
        return;
    alert_list_release(&report->alerts);
    focus_release(&report->focus);
    policy_use_release(&report->policy);
    policy_use_release(&report->located_policy);
    facts_free(report->facts);
    located_release(&report->located);
    traces_release(&report->traces);
    aggregate_release(&report->aggregate);
    ledger_release(&report->ledger);
    sys_free(report->ended);
    report->ended = NULL;
}

bool report_is_incomplete(const struct report *report)
{
    return report->nothing_read || ledger_is_incomplete(&report->ledger);
}

size_t report_count_alerts(const struct report *report, enum severity severity)
{
    const struct alert_list *alerts = &report->alerts;
    size_t count = 0;

    for (size_t i = 0; i < alerts->count; i++)
        count += alerts->items[i].triggered &&
                 alert_severity(&alerts->items[i]) >= severity;
    return count;
}

size_t report_focus_of(const struct report *report, const struct alert *alert)
{
    for (size_t i = 0; i < report->focus.instance_count; i++)
        if (span_eq(report->focus.instances[i], alert->instance_id))
            return i;
    return SIZE_MAX;
}
