/* A group is expected if each of its events is, which the accounts decide. */
#include "detect/expected.h"

#include "base/sys.h"

#include <stdlib.h>

static int spans_in_order(const void *a, const void *b)
{
    return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

/* Does the policy expect the events of every account in the group? -1 when
 * memory is out. */
static int expects_accounts(struct policy_use *policy,
                            const struct aggregate *agg,
                            struct policy_subject *subject,
                            const struct tally_entry *entries, size_t count)
{
    struct span *accounts = sys_calloc(count, sizeof(*accounts));
    bool all = true;

    if (!accounts)
        return -1;
    for (size_t i = 0; i < count; i++)
        accounts[i] =
            facet_table_text(&agg->facets, entries[i].facets, FACET_ACCOUNT);
    qsort(accounts, count, sizeof(*accounts), spans_in_order);
    /* Each once and none left out, or hits would tell the order of arrival. */
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && span_eq(accounts[i], accounts[i - 1]))
            continue;
        subject->value[POLICY_ACCOUNT] = accounts[i];
        all &= policy_holds(policy, POLICY_EXPECT, subject);
    }
    sys_free(accounts);
    return all;
}

int expected_group(struct policy_use *policy, const struct aggregate *agg,
                   uint32_t group, const struct tally *tally)
{
    size_t count;
    const struct tally_entry *entries = tally_entries_of(tally, group, &count);
    struct policy_subject subject = {
        .address = agg->groups[group].address,
        .value = {[POLICY_INSTANCE] = aggregate_instance_id(agg, group)},
    };

    return count > 0 ? expects_accounts(policy, agg, &subject, entries, count)
                     : policy_holds(policy, POLICY_EXPECT, &subject);
}

bool expected_mutes(struct policy_use *policy, const struct alert *alert)
{
    struct policy_subject subject = {
        .address = alert->ips[alert->suspect].address,
        .value =
            {
                [POLICY_INSTANCE] = alert->instance_id,
                [POLICY_ACCOUNT] = alert->first[FACET_ACCOUNT],
            },
    };

    policy_subject_role(&subject, alert->first[FACET_ROLE], SPAN_ABSENT);
    return policy_holds(policy, POLICY_MUTE, &subject);
}
