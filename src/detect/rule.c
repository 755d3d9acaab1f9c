/*
 * The groups of instances that are listed, which are few as a rule, are sorted
 * by instance and address and cut into instances, and what is shown of each
 * address is tallied.
 */
#include "detect/rule.h"

#include "base/sys.h"
#include "detect/alert_fill.h"
#include "detect/expected.h"

#include <stdlib.h>

/* The groups of one instance: sorted[start .. start + count). */
struct run {
    size_t start;
    size_t count;
    size_t expected; /* how many of them are */
};

struct sorted {
    const struct aggregate *agg;
    uint32_t *groups; /* of instances that are listed */
    size_t count;
    bool *expected; /* of each group by its number; NULL: none is */
};

static bool is_expected(const struct sorted *sorted, uint32_t group)
{
    return sorted->expected && sorted->expected[group];
}

/* The run that begins at `start`. */
static struct run run_at(const struct sorted *sorted, size_t start)
{
    const struct aggregate_group *groups = sorted->agg->groups;
    uint32_t instance = groups[sorted->groups[start]].instance;
    struct run run = {.start = start};
    size_t at = start;

    while (at < sorted->count &&
           groups[sorted->groups[at]].instance == instance)
        run.expected += is_expected(sorted, sorted->groups[at++]);
    run.count = at - start;
    return run;
}

/* All that is expected counts as one address, and alone it is no theft. */
static bool triggers(const struct rule_options *options, struct run run)
{
    size_t others = run.count - run.expected;

    return others > 0 && others + (run.expected > 0) >= options->min_ips;
}

static bool asked_for(const struct rule_options *options, struct span id)
{
    for (size_t i = 0; i < options->instance_count; i++)
        if (span_eq(options->instances[i], id))
            return true;
    return false;
}

static bool listed(const struct rule_options *options, struct span id,
                   struct run run)
{
    return options->instance_count > 0 ? asked_for(options, id)
                                       : triggers(options, run);
}

/* Of two addresses, which is the less likely to be the instance's own?
 * Fewer events; then the later first event (an instance's own address is
 * normally seen first); then the smaller address. */
static bool less_active(const struct aggregate_group *a,
                        const struct aggregate_group *b)
{
    if (a->count != b->count)
        return a->count < b->count;
    if (a->first_time != b->first_time)
        return a->first_time > b->first_time;
    return ip_cmp(a->address, b->address) < 0;
}

static int find_tied(struct alert_list *list, struct alert *alert)
{
    alert->tied =
        arena_alloc(&list->arena, alert->ip_count * sizeof(*alert->tied));
    if (!alert->tied)
        return -1;
    for (size_t i = 0; i < alert->ip_count; i++)
        if (i != alert->suspect &&
            alert->ips[i].expected == alert->ips[alert->suspect].expected &&
            alert->ips[i].count == alert->ips[alert->suspect].count)
            alert->tied[alert->tied_count++] = i;
    return 0;
}

/* Is group `a` rather the suspect than `b`? */
static bool more_suspect(const struct sorted *sorted, uint32_t a, uint32_t b)
{
    const struct aggregate_group *groups = sorted->agg->groups;

    if (is_expected(sorted, a) != is_expected(sorted, b))
        return is_expected(sorted, b);
    return less_active(&groups[a], &groups[b]);
}

static int fill_alert(const struct rule_options *options,
                      const struct sorted *sorted, struct run run,
                      const struct tally *tally, struct alert_list *list,
                      struct alert *alert)
{
    const struct aggregate *agg = sorted->agg;
    const uint32_t *groups = sorted->groups + run.start;

    *alert = (struct alert){
        .instance_id = aggregate_instance_id(agg, groups[0]),
        .triggered = triggers(options, run),
    };
    if (alert_fill_ips(list, agg, groups, run.count, tally, alert) < 0)
        return -1;
    for (size_t i = 0; i < run.count; i++) {
        alert->ips[i].expected = is_expected(sorted, groups[i]);
        if (more_suspect(sorted, groups[i], groups[alert->suspect]))
            alert->suspect = i;
    }
    if (alert_fill_first(list, agg, groups[alert->suspect], alert) < 0)
        return -1;
    return find_tied(list, alert);
}

/* Mark the groups of every instance that will be listed. -1 when memory is
 * out. */
static int mark_wanted(const struct rule_options *options,
                       const struct sorted *sorted, bool *wanted)
{
    const struct aggregate *agg = sorted->agg;
    struct run *runs = /* by an instance's number; they start nowhere */
        sys_calloc(agg->instances.count, sizeof(*runs));

    if (!runs)
        return -1;
    for (size_t i = 0; i < agg->group_count; i++) {
        struct run *run = &runs[agg->groups[i].instance];

        run->count++;
        run->expected += is_expected(sorted, (uint32_t)i);
    }
    for (size_t i = 0; i < agg->group_count; i++)
        wanted[i] = listed(options, aggregate_instance_id(agg, (uint32_t)i),
                           runs[agg->groups[i].instance]);
    sys_free(runs);
    return 0;
}

/* Take the last alert off the list, unless its instance was asked for. */
static void mute(const struct rule_options *options, struct alert_list *list)
{
    struct alert *alert = &list->items[list->count - 1];

    list->muted++;
    alert->muted = true;
    alert->triggered = false;
    if (options->instance_count == 0 && !options->keep_muted)
        list->count--;
}

static int list_alerts(const struct rule_options *options,
                       const struct sorted *sorted, const struct tally *tally,
                       struct alert_list *list)
{
    struct run run;

    for (size_t at = 0; at < sorted->count; at += run.count) {
        struct alert *alert;

        run = run_at(sorted, at);
        alert = alert_list_add(list);
        if (!alert || fill_alert(options, sorted, run, tally, list, alert) < 0)
            return -1;
        if (alert->triggered && options->policy &&
            expected_mutes(options->policy, alert))
            mute(options, list);
        else
            list->triggered += alert->triggered;
    }
    return 0;
}

static int alerts_by_id(const void *a, const void *b)
{
    return span_cmp(((const struct alert *)a)->instance_id,
                    ((const struct alert *)b)->instance_id);
}

/* An instance that was asked for is listed even if nothing of it was
 * kept: the answer "not seen" is an answer. */
static int list_unseen(const struct rule_options *options,
                       struct alert_list *list)
{
    size_t seen = list->count;

    for (size_t i = 0; i < options->instance_count; i++) {
        struct span id = options->instances[i];
        struct alert *alert;
        bool present = false;

        for (size_t k = 0; k < list->count && !present; k++)
            present = span_eq(list->items[k].instance_id, id);
        if (present)
            continue;
        alert = alert_list_add(list);
        if (!alert)
            return -1;
        *alert = (struct alert){.instance_id = id, .time = TIMESTAMP_UNKNOWN};
    }
    if (list->count > seen)
        qsort(list->items, list->count, sizeof(*list->items), alerts_by_id);
    return 0;
}

/* Tally all groups, to see their accounts. -1 when memory is out. */
static int tally_accounts(const struct aggregate *agg, struct tally *tally)
{
    if (aggregate_tally(agg, NULL, tally) < 0)
        return -1;
    tally_sort(tally);
    return 0;
}

/* Fill `sorted->expected`. -1 when memory is out. */
static int find_expected(struct policy_use *policy, struct sorted *sorted)
{
    const struct aggregate *agg = sorted->agg;
    bool asks_account =
        policy_asks(policy->policy, POLICY_EXPECT, POLICY_ACCOUNT);
    struct tally accounts;
    int ret = 0;

    sorted->expected = sys_calloc(agg->group_count, sizeof(bool));
    if (!sorted->expected)
        return -1;
    tally_init(&accounts);
    if (asks_account)
        ret = tally_accounts(agg, &accounts);
    for (size_t i = 0; i < agg->group_count && ret >= 0; i++) {
        ret = expected_group(policy, agg, (uint32_t)i, &accounts);
        sorted->expected[i] = ret == 1;
    }
    tally_release(&accounts);
    return ret < 0 ? -1 : 0;
}

/* The same, where the hits were counted already. */
static int find_expected_again(const struct policy_use *policy,
                               struct sorted *sorted)
{
    struct policy_use own;
    int ret = policy_use_init(&own, policy->policy);

    if (ret == 0)
        ret = find_expected(&own, sorted);
    policy_use_release(&own);
    return ret;
}

int rule_lists(const struct rule_options *options, const struct aggregate *agg)
{
    struct sorted sorted = {.agg = agg};
    struct run run = {.count = agg->group_count};

    if (options->policy) {
        if (find_expected(options->policy, &sorted) < 0)
            return -1;
        for (size_t i = 0; i < agg->group_count; i++)
            run.expected += sorted.expected[i];
        sys_free(sorted.expected);
    }
    return listed(options, aggregate_instance_id(agg, 0), run);
}

int rule_apply(const struct rule_options *options, const struct aggregate *agg,
               struct alert_list *list, struct err *err)
{
    struct sorted sorted = {.agg = agg};
    struct tally tally;
    bool *wanted = sys_calloc(agg->group_count, sizeof(*wanted));
    int ret = -1;

    tally_init(&tally);
    if (!wanted)
        goto done;
    if (options->policy &&
        (options->expected_known ? find_expected_again(options->policy, &sorted)
                                 : find_expected(options->policy, &sorted)) < 0)
        goto done;
    if (mark_wanted(options, &sorted, wanted) < 0)
        goto done;
    sorted.groups = aggregate_sorted_groups(agg, wanted, &sorted.count);
    if (!sorted.groups)
        goto done;
    if (aggregate_tally(agg, wanted, &tally) < 0)
        goto done;
    tally_sort(&tally);
    if (list_alerts(options, &sorted, &tally, list) < 0 ||
        list_unseen(options, list) < 0)
        goto done;
    ret = 0;
done:
    tally_release(&tally);
    sys_free(sorted.expected);
    sys_free(sorted.groups);
    sys_free(wanted);
    return ret < 0 ? err_memory(err) : 0;
}
