/*
 * Whose keys led to whose. Keys are gone through from those that instances
 * issued themselves outwards, each once, so a circle is never entered.
 */
#include "detect/facts_set.h"

#include "base/sys.h"

#include <stdlib.h>

/* All facts of one kind, which lie together. */
static struct fact_range facts_of(const struct facts *facts,
                                  enum fact_kind kind)
{
    struct fact_range range = {facts->items, facts->items};
    size_t low = 0;
    size_t high = facts->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (facts->items[middle].kind < kind)
            low = middle + 1;
        else
            high = middle;
    }
    for (high = low; high < facts->count && facts->items[high].kind == kind;)
        high++;
    if (facts->items)
        range = (struct fact_range){facts->items + low, facts->items + high};
    return range;
}

/* A key and one that its session issued. */
struct issue {
    uint32_t from, key;
};

static int by_from(const void *a, const void *b)
{
    const struct issue *x = a;
    const struct issue *y = b;
    int order = (x->from > y->from) - (x->from < y->from);

    return order ? order : (x->key > y->key) - (x->key < y->key);
}

static int by_key(const void *a, const void *b)
{
    const struct chained_key *x = a;
    const struct chained_key *y = b;

    return (x->key > y->key) - (x->key < y->key);
}

/* The keys issued by roles, by the key of who issued them. */
static struct issue *sort_issues(struct fact_range from, size_t *count)
{
    struct issue *issues;

    *count = (size_t)(from.end - from.at);
    issues = sys_malloc(*count * sizeof(*issues));
    for (size_t i = 0; issues && i < *count; i++)
        issues[i] = (struct issue){from.at[i].text[1], from.at[i].text[0]};
    if (issues && *count > 1)
        qsort(issues, *count, sizeof(*issues), by_from);
    return issues;
}

/* The first position that is issued by `from`, or by a later one. */
static size_t first_of(const struct issue *issues, size_t count, uint32_t from)
{
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (issues[middle].from < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void enter(struct facts *facts, bool *entered, uint32_t key,
                  uint32_t instance)
{
    if (entered[key])
        return;
    entered[key] = true;
    facts->chained[facts->chained_count++] =
        (struct chained_key){key, instance};
}

int facts_join_chains(struct facts *facts)
{
    struct fact_range by = facts_of(facts, FACT_KEY_BY);
    struct fact_range from = facts_of(facts, FACT_KEY_FROM);
    size_t count;
    struct issue *issues = NULL;
    bool *entered = NULL;
    int ret = -1;

    if (by.at == by.end)
        return 0;
    issues = sort_issues(from, &count);
    entered = sys_calloc(facts->text_count, sizeof(*entered));
    facts->chained = sys_malloc(((size_t)(by.end - by.at) + count) *
                                sizeof(*facts->chained));
    if (!issues || !entered || !facts->chained)
        goto done;
    for (; by.at < by.end; by.at++)
        enter(facts, entered, by.at->text[0], by.at->text[1]);
    for (size_t i = 0; i < facts->chained_count; i++) {
        struct chained_key of = facts->chained[i];

        for (size_t at = first_of(issues, count, of.key);
             at < count && issues[at].from == of.key; at++)
            enter(facts, entered, issues[at].key, of.instance);
    }
    qsort(facts->chained, facts->chained_count, sizeof(*facts->chained),
          by_key);
    ret = 0;
done:
    sys_free(issues);
    sys_free(entered);
    return ret;
}

struct span facts_key_issuer(const struct facts *facts, struct span access_key)
{
    const struct chained_key wanted = {facts_number(facts, access_key), 0};
    const struct chained_key *found = NULL;

    if (facts->chained_count)
        found = bsearch(&wanted, facts->chained, facts->chained_count,
                        sizeof(wanted), by_key);
    return found ? facts->texts[found->instance] : SPAN_ABSENT;
}

struct span facts_chained_key(const struct facts *facts, size_t position)
{
    return position < facts->chained_count
               ? facts->texts[facts->chained[position].key]
               : SPAN_ABSENT;
}

bool facts_key_issued_at(const struct facts *facts, struct span access_key,
                         struct ip location)
{
    static const enum fact_kind kinds[] = {FACT_KEY_BY, FACT_KEY_FROM};
    uint32_t key = facts_number(facts, access_key);

    for (size_t i = 0; i < 2; i++) {
        struct fact_range range = facts_about(facts, kinds[i], key);

        for (; range.at < range.end; range.at++)
            if (ip_cmp(range.at->address, location) == 0)
                return true;
    }
    return false;
}

bool facts_key_issued_by(const struct facts *facts, struct span access_key,
                         struct span by)
{
    uint32_t key = facts_number(facts, access_key);
    uint32_t issuer = facts_number(facts, by);
    struct fact_range own = facts_about(facts, FACT_KEY_BY, key);
    struct fact_range from = facts_about(facts, FACT_KEY_FROM, key);

    if (issuer == STRINGS_FAILED)
        return false;
    for (; own.at < own.end; own.at++)
        if (own.at->text[2] == issuer)
            return true;
    for (; from.at < from.end; from.at++)
        if (from.at->text[1] == issuer)
            return true;
    return false;
}
