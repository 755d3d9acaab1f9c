/*
 * aggregate.h - the kept events, as a table that can be united with
 * another in any order, even twice, to the same result.
 *
 * One row a distinct event: its identity, its group (instance and
 * address), its time and the number of its facet tuple: 32 bytes. Every
 * count is derived from the rows; counters that merely add could not take
 * a duplicate back. Events without an identity (no eventID, or all of
 * them with `keep_duplicates`) are counted instead, in a tally.
 *
 * No policy in here: thresholds, ties and output come later (rule.h).
 * One thread at a time; each worker has its own.
 */
#ifndef OFFBOX_DETECT_AGGREGATE_H
#define OFFBOX_DETECT_AGGREGATE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/ip.h"
#include "detect/facet.h"
#include "detect/outcome.h"
#include "detect/tally.h"

struct aggregate_row {
    struct hash128 identity;
    timestamp time;
    uint32_t group;
    uint32_t facets;
};

/* One (instance, address). */
struct aggregate_group {
    struct hash128 key; /* of InstanceId and address, which it stands for */
    uint32_t instance;  /* number of the InstanceId in `strings` */
    struct ip address;
    uint64_t count; /* distinct events (all, with keep_duplicates) */

    /* The first event: the smallest by (time, eventID, compacted text).
     * `first_text` is one allocation, the eventID's bytes (none without
     * an eventID) and the text. */
    timestamp first_time;
    uint32_t first_facets;
    size_t first_id_len;
    size_t first_len;
    char *first_text;
};

/*
 * A row of which copies showed different facets. Rows hold no text, so for
 * the time being those that facets_cmp() puts first stand; the texts decide
 * in a second reading, see aggregate_settle().
 */
struct aggregate_dispute {
    uint32_t row;
    size_t len;
    char *text; /* the smallest compacted text offered so far, owned; NULL
                 * if none was */
};

struct aggregate {
    bool keep_duplicates;
    struct strings strings; /* InstanceIds and facet values */

    struct aggregate_group *groups;
    size_t group_count, group_capacity;
    struct index group_index;

    /* Facet tuples, found by a hash of all their texts at once: interning
     * ten strings an event would cost more than everything else. */
    struct facets *facets;
    struct hash128 *facets_hash;
    size_t facets_count, facets_capacity, facets_hash_capacity;
    struct index facets_index;

    struct aggregate_row *rows;
    size_t row_count, row_capacity;
    struct index row_index;

    struct aggregate_dispute *disputes;
    size_t dispute_count, dispute_capacity;
    struct index dispute_index;

    struct tally counted; /* events without an identity */

    struct hash_key key;
    struct buf scratch;
};

void aggregate_init(struct aggregate *agg, bool keep_duplicates);
void aggregate_release(struct aggregate *agg);

/*
 * Add one kept event of `instance_id` from `address`; everything needed is
 * copied. Returns OUTCOME_KEPT or OUTCOME_DUPLICATE; OUTCOME_COUNT when
 * memory is out, and then the aggregate is good for nothing but release.
 */
enum outcome aggregate_add(struct aggregate *agg, const struct event *event,
                           struct span instance_id, struct ip address);

/*
 * Unite `from` into `into`; `from` is not changed. `*duplicates` grows by
 * the number of rows that were in both. -1 and `err` when memory is out.
 */
int aggregate_merge(struct aggregate *into, const struct aggregate *from,
                    uint64_t *duplicates, struct err *err);

/*
 * When all is merged and there are disputes (`dispute_count`, which is rare:
 * copies of one event are normally the same to the byte), read the inputs
 * again and offer every kept event. Of a disputed row's copies the one with
 * the smallest compacted text stands (rule.md 2, "Duplicates"). Events of
 * other rows are passed over. Copies that are not offered (standard input
 * cannot be read twice) have no say. -1 when memory is out.
 */
int aggregate_settle(struct aggregate *agg, const struct event *event,
                     struct span instance_id, struct ip address);

/* The group's InstanceId, borrowed from the aggregate. */
struct span aggregate_instance_id(const struct aggregate *agg, uint32_t group);

/* Append the compacted text of the group's first event to `text`. */
void aggregate_first_record(const struct aggregate *agg, uint32_t group,
                            struct buf *text);

/* How many distinct InstanceIds the groups have; -1 when memory is out. */
int aggregate_count_instances(const struct aggregate *agg, uint64_t *count);

/*
 * The numbers of all groups, sorted by InstanceId (bytes), then address:
 * the one order that does not depend on arrival. `*count` of them; the
 * caller frees with sys_free(). NULL when memory is out.
 */
uint32_t *aggregate_sorted_groups(const struct aggregate *agg, size_t *count);

/*
 * Add to `tally` (initialised) all events of the groups for which
 * `wanted[group]` holds. -1 when memory is out.
 */
int aggregate_tally(const struct aggregate *agg, const bool *wanted,
                    struct tally *tally);

#endif
