/*
 * Whose keys led to whose. Keys are gone through from those that instances
 * issued themselves outwards, each once, so a circle is never entered.
 */
#include "evidence/facts_set.h"

#include "base/search.h"
#include "base/sys.h"

#include <stdlib.h>

static int by_kind(const void *a, const void *b)
{
    const struct fact *x = a;
    const struct fact *y = b;

    return (x->kind > y->kind) - (x->kind < y->kind);
}

/* All facts of one kind, which lie together. */
static struct fact_range facts_of(const struct facts *facts,
                                  enum fact_kind kind)
{
    const struct fact wanted = {.kind = (uint8_t)kind};
    struct search_range of = search_equal(
        facts->items, facts->count, sizeof(*facts->items), &wanted, by_kind);
    const struct fact *first = facts->items ? facts->items + of.first : NULL;

    return (struct fact_range){first, first ? first + of.count : NULL};
}

static int by_issuer(const void *a, const void *b)
{
    const struct key_issue *x = a;
    const struct key_issue *y = b;
    int order = (x->by > y->by) - (x->by < y->by);

    return order ? order : (x->key > y->key) - (x->key < y->key);
}

static int by_key(const void *a, const void *b)
{
    const struct chained_key *x = a;
    const struct chained_key *y = b;

    return (x->key > y->key) - (x->key < y->key);
}

/* Who issued what, of all facts that name both. */
static int join_issues(struct facts *facts, struct fact_range by,
                       struct fact_range from)
{
    size_t most = (size_t)(by.end - by.at) + (size_t)(from.end - from.at);
    struct key_issue *issues = sys_malloc(most * sizeof(*issues));
    size_t count = 0;

    if (!issues)
        return -1;
    for (; by.at < by.end; by.at++)
        if (by.at->text[2] != STRINGS_ABSENT)
            issues[count++] =
                (struct key_issue){by.at->text[2], by.at->text[0]};
    for (; from.at < from.end; from.at++)
        issues[count++] =
            (struct key_issue){from.at->text[1], from.at->text[0]};
    if (count > 1)
        qsort(issues, count, sizeof(*issues), by_issuer);
    facts->issues = issues;
    facts->issue_count = count;
    return 0;
}

/* The first that is issued by `issuer`, or by a later one. */
static size_t first_issue(const struct facts *facts, uint32_t issuer)
{
    const struct key_issue wanted = {.by = issuer, .key = 0};

    return search_first(facts->issues, facts->issue_count,
                        sizeof(*facts->issues), &wanted, by_issuer);
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
    bool *entered;

    if (by.at == by.end)
        return 0;
    entered = sys_calloc(facts->text_count, sizeof(*entered));
    facts->chained =
        sys_malloc(((size_t)(by.end - by.at) + (size_t)(from.end - from.at)) *
                   sizeof(*facts->chained));
    if (!entered || !facts->chained || join_issues(facts, by, from) < 0) {
        sys_free(entered);
        return -1;
    }
    for (; by.at < by.end; by.at++)
        enter(facts, entered, by.at->text[0], by.at->text[1]);
    for (size_t i = 0; i < facts->chained_count; i++) {
        struct chained_key of = facts->chained[i];

        for (size_t at = first_issue(facts, of.key);
             at < facts->issue_count && facts->issues[at].by == of.key; at++)
            enter(facts, entered, facts->issues[at].key, of.instance);
    }
    sys_free(entered);
    qsort(facts->chained, facts->chained_count, sizeof(*facts->chained),
          by_key);
    return 0;
}

struct span facts_key_issuer(const struct facts *facts, struct span access_key)
{
    struct chained_key wanted = {0};
    const struct chained_key *found;

    if (facts->chained_count == 0)
        return SPAN_ABSENT;
    wanted.key = facts_number(facts, access_key);
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

bool facts_key_issue(const struct facts *facts, struct span access_key,
                     size_t position, struct ip *location)
{
    uint32_t key = facts_number(facts, access_key);
    struct fact_range by = facts_about(facts, FACT_KEY_BY, key);
    struct fact_range from = facts_about(facts, FACT_KEY_FROM, key);
    size_t by_count = (size_t)(by.end - by.at);
    const struct fact *issue = position < by_count
                                   ? by.at + position
                                   : from.at + (position - by_count);

    if (position >= by_count + (size_t)(from.end - from.at))
        return false;
    *location = issue->address;
    return true;
}

struct span facts_issued_key(const struct facts *facts, struct span by,
                             size_t position)
{
    uint32_t issuer = facts_number(facts, by);
    size_t at = first_issue(facts, issuer) + position;

    return at < facts->issue_count && facts->issues[at].by == issuer
               ? facts->texts[facts->issues[at].key]
               : SPAN_ABSENT;
}
