/*
 * evidence.h - what CloudTrail itself proves: a verdict for each of the
 * rule's alerts, and cases that the rule does not see (evidence.md).
 *
 * Judged once, after all is merged, so that it is the same whatever the
 * number of threads and however the records are spread over files.
 */
#ifndef OFFBOX_EVIDENCE_EVIDENCE_H
#define OFFBOX_EVIDENCE_EVIDENCE_H

#include "base/err.h"
#include "detect/ip_ranges.h"
#include "detect/rule.h"
#include "evidence/facts.h"
#include "evidence/located.h"

struct evidence_options {
    enum severity min_severity; /* of cases that are given as alerts */

    /* What the rule was applied with: the policy, whose lines hold for cases
     * and locations, too, and the instances that were asked for. */
    const struct rule_options *rule;

    const struct ip_ranges *ranges; /* AWS's addresses; NULL: not known */

    /* evidence_lists() was asked for every instance, and these are the hits of
     * `expect` lines that it counted; NULL: it was not asked. */
    struct policy_use *expected;
};

/*
 * `located` holds one instance's groups and nothing else, but the sets of all:
 * would evidence_judge() ask for it, so that it must be kept? `by_rule` says
 * that the rule lists the instance. 1 or 0; -1 when memory is out.
 */
int evidence_lists(const struct evidence_options *options,
                   const struct located *located, const struct facts *facts,
                   bool by_rule);

/*
 * Give each alert of `list` (filled by rule_apply(), with keep_muted) its
 * verdict, and add the cases. Muted alerts leave the list where no instance
 * was asked for. An instance that was asked for and is no alert of the
 * rule's is shown by its locations.
 *
 * `located` and `facts` are settled and must outlive the list. -1 and `err`
 * when memory is out.
 */
int evidence_judge(const struct evidence_options *options,
                   const struct located *located, const struct facts *facts,
                   struct alert_list *list, struct err *err);

#endif
