/* What an alert answers about itself. */
#include "detect/alert.h"

#include "base/sys.h"
#include "detect/rule.h"

void alert_list_release(struct alert_list *list)
{
    if (!list)
        return;
    sys_free(list->items);
    arena_release(&list->arena);
    *list = ALERT_LIST_INIT;
}

bool alert_is_case(const struct alert *alert)
{
    return alert->verdict && alert->verdict->is_case;
}

struct span alert_rule_id(const struct alert *alert)
{
    return alert_is_case(alert) ? SPAN(EVIDENCE_RULE_ID) : SPAN(RULE_ID);
}

struct span alert_rule_name(const struct alert *alert)
{
    return alert_is_case(alert) ? SPAN(EVIDENCE_RULE_NAME) : SPAN(RULE_NAME);
}

enum severity alert_severity(const struct alert *alert)
{
    return alert->verdict ? alert->verdict->severity : SEVERITY_MEDIUM;
}
