/*
 * expected.h - what the policy says of an instance's addresses and alerts.
 */
#ifndef OFFBOX_DETECT_EXPECTED_H
#define OFFBOX_DETECT_EXPECTED_H

#include "detect/aggregate.h"
#include "detect/alert.h"
#include "detect/policy.h"

/* Does the policy expect all of the group? `tally` (sorted) may be empty
 * where no line asks for an account. 1 or 0; -1 when memory is out. */
int expected_group(struct policy_use *policy, const struct aggregate *agg,
                   uint32_t group, const struct tally *tally);

/* Does the policy mute the alert, by its suspect? */
bool expected_mutes(struct policy_use *policy, const struct alert *alert);

#endif
