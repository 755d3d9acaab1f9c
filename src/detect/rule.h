/*
 * rule.h - FalconForce 0xFF-0240, "Instance Profile Credentials Used from
 * Unexpected IP - AWS": from the merged aggregate to alerts.
 *
 * rule.md 2 says what it means, and what its answers are where the Kusto
 * query leaves them open.
 */
#ifndef OFFBOX_DETECT_RULE_H
#define OFFBOX_DETECT_RULE_H

#include "base/err.h"
#include "detect/aggregate.h"
#include "detect/alert.h"
#include "detect/policy.h"

#define RULE_ID        "0240"
#define RULE_NAME      "Instance Profile Credentials Used from Unexpected IP - AWS"
#define RULE_TACTIC    "TA0003"    /* Persistence */
#define RULE_TECHNIQUE "T1078.004" /* Valid Accounts: Cloud Accounts */

#define RULE_MIN_IPS 2 /* the rule's `IPCount > 1` */

struct rule_options {
    uint64_t min_ips; /* RULE_MIN_IPS; at least 1 */

    /* Whose `expect` and `mute` lines are asked, with their hits; NULL:
     * none. */
    struct policy_use *policy;

    bool expected_known; /* rule_lists() was asked for every instance, and
                          * counted the hits of `expect` lines */

    bool keep_muted; /* leave muted alerts in the list, for evidence.h */

    /* If there are any: only these instances, and they are listed whether
     * they alert or not, even if no event of theirs was kept. */
    const struct span *instances;
    size_t instance_count;
};

/* `agg` holds one instance and nothing else: would rule_apply() list it? So
 * that no more need be kept than is listed. 1 or 0; -1 when memory is out. */
int rule_lists(const struct rule_options *options, const struct aggregate *agg);

/*
 * Fill `list` (ALERT_LIST_INIT) from `agg`, which must outlive it: one
 * alert for each instance seen from at least `min_ips` addresses. -1 and
 * `err` when memory is out.
 *
 * The addresses that the policy expects at an instance count as one and are
 * never the suspect, so an instance seen from no other gives no alert,
 * whatever `min_ips` is. An address is expected if each of its events is,
 * which matters where a line asks for an account. An alert that is muted
 * only adds to the list's count of these.
 */
int rule_apply(const struct rule_options *options, const struct aggregate *agg,
               struct alert_list *list, struct err *err);

#endif
