/*
 * facet_table.h - the distinct combinations of facets that events show.
 *
 * A combination has two parts, the caller's (whose credentials, how they
 * were delivered, through which endpoint) and the call's (what was asked
 * of whom, with which tool, and the error). Each part repeats from event to
 * event far more often than both together: of 170,000 events of the
 * benchmark's std corpus there are 25,000 callers and 2,800 calls, and
 * 90,000 pairs of them. So each is kept once, and an event as two numbers.
 *
 * Numbers are given in order of arrival and mean nothing outside their own
 * table. One thread at a time.
 */
#ifndef OFFBOX_DETECT_FACET_TABLE_H
#define OFFBOX_DETECT_FACET_TABLE_H

#include "base/hash.h"
#include "base/index.h"
#include "base/strings.h"
#include "detect/facet.h"

enum facet_part {
    FACETS_CALLER,
    FACETS_CALL,
    FACET_PARTS,
};

/* A combination: a number for each part. */
struct facets {
    uint32_t part[FACET_PARTS];
};

/* For a part that could not be entered. */
#define FACETS_NONE INDEX_NONE

#define FACETS_A_PART 5

/* What stands for the texts of each part while it is looked up, and for each
 * text (strings_intern_hashed()), which is looked up only if its part is
 * new. */
struct facets_hash {
    struct hash128 part[FACET_PARTS];
    uint64_t text[FACET_PARTS][FACETS_A_PART];
    uint32_t guess[FACET_PARTS]; /* a part's number, very likely, in the table
                                  * that fetched last; FACETS_NONE: unknown */
};

/* One part: its hash, and numbers in the table's strings, STRINGS_ABSENT
 * for what the event does not show. */
struct facet_tuple {
    struct hash128 hash;
    uint32_t value[FACETS_A_PART];
};

struct facet_tuples {
    struct facet_tuple *items;
    size_t count, capacity;
    struct index index;
};

struct facet_table {
    struct facet_tuples part[FACET_PARTS];
    struct strings strings;
};

void facet_table_init(struct facet_table *table);
void facet_table_release(struct facet_table *table);

/* Forget everything but keep some memory: numbers begin anew. */
void facet_table_clear(struct facet_table *table);

/* The hash of what the event shows, for the next two. */
void facet_table_hash(const struct facet_table *table,
                      const struct event *event, struct facets_hash *hash);

/* Have the memory that facet_table_number() will look at fetched. */
void facet_table_prefetch(const struct facet_table *table,
                          const struct facets_hash *hash);

/* The next fetches, which need what the first brought: the tuples that `guess`
 * is set to. */
void facet_table_prefetch_tuples(const struct facet_table *table,
                                 struct facets_hash *hash);

/* The event's combination, entered if new. A part is FACETS_NONE when memory
 * is out. */
struct facets facet_table_number(struct facet_table *table,
                                 const struct facets_hash *hash,
                                 const struct event *event);
bool facets_failed(struct facets facets);
bool facets_equal(struct facets a, struct facets b);

/* The number of a part whose texts are `texts`, entered if new; FACETS_NONE
 * when memory is out. For what does not come from an event. */
uint32_t facet_table_enter(struct facet_table *table, enum facet_part part,
                           const struct span texts[FACETS_A_PART]);

/* The texts of a part's number, in its own order, borrowed. */
void facet_table_part(const struct facet_table *table, enum facet_part part,
                      uint32_t number, struct span texts[FACETS_A_PART]);

/* The number of one facet's text: the same number is the same text.
 * STRINGS_ABSENT if it is not shown. */
uint32_t facet_table_value(const struct facet_table *table,
                           struct facets facets, enum facet facet);

/* The text of one facet, borrowed from the table. */
struct span facet_table_text(const struct facet_table *table,
                             struct facets facets, enum facet facet);

/*
 * An order of combinations that needs nothing but them: value by value in
 * CloudTrail's own key order, absent values last. It says whose facets
 * stand for copies of one event whose texts cannot be had. <0, 0, >0.
 */
int facet_table_cmp(const struct facet_table *table, struct facets a,
                    struct facets b);

/* For each number of `from`'s parts the number in `into`; FACETS_NONE where
 * it was not asked for yet. */
struct facet_renumbering {
    struct facet_table *into;
    const struct facet_table *from;
    uint32_t *part[FACET_PARTS];
};

/* Both tables are borrowed, and `from` may not grow. -1 when memory is out;
 * release it in any case. */
int facet_renumbering_init(struct facet_renumbering *numbers,
                           struct facet_table *into,
                           const struct facet_table *from);
void facet_renumbering_release(struct facet_renumbering *numbers);

/* The same combination in `into`, entered if new; see facets_failed(). */
struct facets facets_renumbered(struct facet_renumbering *numbers,
                                struct facets facets);

#endif
