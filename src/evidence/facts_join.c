/*
 * What several facts say together: who had which elastic address when, and
 * what happened to an instance in time order.
 */
#include "evidence/facts_set.h"

#include "base/search.h"
#include "base/sys.h"

#include <stdlib.h>

/* A NAT gateway that lost an address may drain its connections for that long
 * (MaxDrainDurationSeconds is at most 4000). */
#define DRAIN (4000 * TICKS_PER_SECOND)

static timestamp earlier(timestamp a, timestamp b)
{
    return a < b ? a : b;
}

/* The first time behind `from` among facts of a kind about a text. */
static timestamp first_behind(const struct facts *facts, enum fact_kind kind,
                              uint32_t text, timestamp from)
{
    struct fact_range range = facts_after(facts, kind, text, from);

    return range.at < range.end ? range.at->time : TIMESTAMP_UNKNOWN;
}

static uint32_t number_of_address(const struct facts *facts, struct ip address)
{
    char text[IP_TEXT_BYTES];

    return facts_number(facts, span_str(ip_format(address, text)));
}

static timestamp drained(timestamp left)
{
    return left > TIMESTAMP_UNKNOWN - DRAIN ? TIMESTAMP_UNKNOWN : left + DRAIN;
}

/* When a NAT gateway lost the address of `fact` by a call of its own. */
static timestamp left_nat(const struct facts *facts, const struct fact *fact)
{
    struct fact_range range =
        facts_after(facts, FACT_NAT_LEFT, fact->text[0], fact->time);
    timestamp left =
        first_behind(facts, FACT_NAT_DELETED, fact->text[0], fact->time);

    for (; range.at < range.end; range.at++) {
        bool same_association = fact->text[1] != STRINGS_ABSENT &&
                                range.at->text[1] == fact->text[1];
        bool same_allocation = fact->text[2] != STRINGS_ABSENT &&
                               range.at->text[2] == fact->text[2];

        if (same_association || same_allocation)
            left = earlier(left, range.at->time);
    }
    return drained(left);
}

/* When an instance or interface lost it: by the association's or the
 * address's end, or its own. */
static timestamp left_instance(const struct facts *facts,
                               const struct fact *fact, struct ip address)
{
    timestamp left =
        first_behind(facts, FACT_DISASSOCIATED, fact->text[1], fact->time);

    left = earlier(left,
                   first_behind(facts, FACT_DISASSOCIATED,
                                number_of_address(facts, address), fact->time));
    return earlier(
        left, first_behind(facts, FACT_TERMINATED, fact->text[0], fact->time));
}

static int own(struct facts *facts, const struct fact *fact, struct ip address)
{
    struct ownership *moved;
    struct ownership owned = {
        .address = address,
        .from = fact->time,
        .owner = fact->text[0],
        .allocation = fact->text[2],
        .kind = fact->kind,
    };

    owned.until = fact->kind == FACT_NAT_AT
                      ? left_nat(facts, fact)
                      : left_instance(facts, fact, address);
    owned.until = earlier(owned.until, first_behind(facts, FACT_RELEASED,
                                                    fact->text[2], fact->time));
    owned.until =
        earlier(owned.until,
                first_behind(facts, FACT_RELEASED,
                             number_of_address(facts, address), fact->time));
    moved = sys_grow(facts->owned, &facts->owned_capacity,
                     facts->owned_count + 1, sizeof(*moved));
    if (!moved)
        return -1;
    facts->owned = moved;
    facts->owned[facts->owned_count++] = owned;
    return 0;
}

/* An allocation has one address; a fact may name either. */
static int own_addresses(struct facts *facts, const struct fact *fact)
{
    struct fact_range range = facts_about(facts, FACT_ALLOCATED, fact->text[2]);

    if (fact->time == TIMESTAMP_UNKNOWN)
        return 0;
    if (fact->address.family != IP_NONE)
        return own(facts, fact, fact->address);
    for (; range.at < range.end; range.at++)
        if (own(facts, fact, range.at->address) < 0)
            return -1;
    return 0;
}

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

static int by_address_and_time(const void *a, const void *b)
{
    const struct ownership *x = a;
    const struct ownership *y = b;
    int order = ip_cmp(x->address, y->address);

    if (!order)
        order = ORDER(x->from, y->from);
    if (!order)
        order = ORDER(x->owner, y->owner);
    if (!order)
        order = ORDER(x->allocation, y->allocation);
    return order ? order : ORDER(x->until, y->until);
}

/* Who takes an address ends its time with whoever had it. */
static void end_at_the_next(struct ownership *owned, size_t count)
{
    timestamp taken = TIMESTAMP_UNKNOWN; /* by another than owned[i] */

    for (size_t i = count; i-- > 0;) {
        const struct ownership *next = i + 1 < count ? &owned[i + 1] : NULL;

        if (!next || ip_cmp(next->address, owned[i].address) != 0)
            taken = TIMESTAMP_UNKNOWN;
        else if (next->owner != owned[i].owner)
            taken = next->from;
        owned[i].until = earlier(owned[i].until, taken);
    }
}

static int join_owned(struct facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *fact = &facts->items[i];

        if ((fact->kind == FACT_ASSOCIATED || fact->kind == FACT_NAT_AT) &&
            own_addresses(facts, fact) < 0)
            return -1;
    }
    if (facts->owned_count)
        qsort(facts->owned, facts->owned_count, sizeof(*facts->owned),
              by_address_and_time);
    end_at_the_next(facts->owned, facts->owned_count);
    return 0;
}

static int add_moment(struct facts *facts, uint32_t instance, timestamp time,
                      uint8_t kind)
{
    struct moment *moved;

    if (time == TIMESTAMP_UNKNOWN)
        return 0;
    moved = sys_grow(facts->moments, &facts->moment_capacity,
                     facts->moment_count + 1, sizeof(*moved));
    if (!moved)
        return -1;
    facts->moments = moved;
    facts->moments[facts->moment_count++] =
        (struct moment){instance, time, kind};
    return 0;
}

/* A moment of an instance, or of whichever instance has the interface. */
static int add_moment_of(struct facts *facts, uint32_t target, timestamp time,
                         uint8_t kind)
{
    struct fact_range range = facts_about(facts, FACT_INTERFACE_OF, target);

    if (add_moment(facts, target, time, kind) < 0)
        return -1;
    for (; range.at < range.end; range.at++)
        if (add_moment(facts, range.at->text[1], time, kind) < 0)
            return -1;
    return 0;
}

/* Whoever had the address until then. */
static int add_end_of_address(struct facts *facts, struct ip address,
                              timestamp time)
{
    struct ownership_range range = facts_owners(facts, address);

    for (; range.at < range.end; range.at++)
        if (range.at->until == time &&
            add_moment_of(facts, range.at->owner, time, FACT_DISASSOCIATED) < 0)
            return -1;
    return 0;
}

/* The call named an association, or the address of one. */
static int add_disassociation(struct facts *facts, const struct fact *fact)
{
    struct fact_range range =
        facts_about(facts, FACT_ASSOCIATION, fact->text[0]);
    struct ip address;
    unsigned prefix;

    for (; range.at < range.end; range.at++)
        if (add_moment_of(facts, range.at->text[1], fact->time,
                          FACT_DISASSOCIATED) < 0)
            return -1;
    return ip_parse_v4(facts->texts[fact->text[0]], &address, &prefix)
               ? add_end_of_address(facts, address, fact->time)
               : 0;
}

static int by_instance_and_time(const void *a, const void *b)
{
    const struct moment *x = a;
    const struct moment *y = b;
    int order = ORDER(x->instance, y->instance);

    if (!order)
        order = ORDER(x->time, y->time);
    return order ? order : ORDER(x->kind, y->kind);
}

static int join_moments(struct facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        const struct fact *fact = &facts->items[i];
        int ret = 0;

        if (fact->kind >= FACT_STOPPED && fact->kind <= FACT_REBOOTED)
            ret = add_moment(facts, fact->text[0], fact->time, fact->kind);
        else if (fact->kind == FACT_ASSOCIATED)
            ret = add_moment_of(facts, fact->text[0], fact->time, fact->kind);
        else if (fact->kind == FACT_DISASSOCIATED)
            ret = add_disassociation(facts, fact);
        if (ret < 0)
            return -1;
    }
    if (facts->moment_count)
        qsort(facts->moments, facts->moment_count, sizeof(*facts->moments),
              by_instance_and_time);
    return 0;
}

int facts_opened_cmp(const struct fact *a, const struct fact *b)
{
    int order = ORDER(a->text[0], b->text[0]);

    if (!order)
        order = ip_cmp(a->address, b->address);
    return order ? order : ORDER(a->time, b->time);
}

/* Of those that are equal the later fact stays the later one. */
static int by_opened(const void *a, const void *b)
{
    const struct fact *const *x = a;
    const struct fact *const *y = b;
    int order = facts_opened_cmp(*x, *y);

    return order ? order : ORDER(*x, *y);
}

/* An array of pointers is meant. */
/* NOLINTBEGIN(bugprone-sizeof-expression) */
static int join_opened(struct facts *facts)
{
    size_t count = 0;

    for (size_t i = 0; i < facts->count; i++)
        count += facts->items[i].kind == FACT_OPENED;
    if (count == 0)
        return 0;
    facts->opened = sys_malloc(count * sizeof(*facts->opened));
    if (!facts->opened)
        return -1;
    for (size_t i = 0; i < facts->count; i++)
        if (facts->items[i].kind == FACT_OPENED)
            facts->opened[facts->opened_count++] = &facts->items[i];
    qsort(facts->opened, count, sizeof(*facts->opened), by_opened);
    return 0;
}
/* NOLINTEND(bugprone-sizeof-expression) */

int facts_join(struct facts *facts)
{
    return join_owned(facts) < 0 || join_moments(facts) < 0 ||
                   join_opened(facts) < 0
               ? -1
               : facts_join_chains(facts);
}

static int by_address(const void *ownership, const void *address)
{
    return ip_cmp(((const struct ownership *)ownership)->address,
                  *(const struct ip *)address);
}

struct ownership_range facts_owners(const struct facts *facts,
                                    struct ip address)
{
    const struct ownership *owned = facts->owned;
    struct search_range its = search_equal(
        owned, facts->owned_count, sizeof(*owned), &address, by_address);
    const struct ownership *first = owned ? owned + its.first : NULL;

    return (struct ownership_range){first, first ? first + its.count : NULL};
}
