/*
 * aggregate.h - the kept events, as a table that can be united with
 * another in any order, even twice, to the same result.
 *
 * One row a distinct event: its identity, its group (instance and
 * address), its time and the numbers of its facets: 40 bytes. Every
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
#include "detect/facet_table.h"
#include "detect/outcome.h"
#include "detect/tally.h"

struct aggregate_row {
    struct hash128 identity;
    timestamp time;
    uint32_t group;
    struct facets facets;
};

/* One (instance, address). */
struct aggregate_group {
    struct hash128 key; /* of InstanceId and address, which it stands for */
    uint32_t instance;  /* number of the InstanceId in `instances` */
    struct ip address;
    uint64_t count; /* distinct events (all, with keep_duplicates) */

    /* The first event: the smallest by (time, eventID, compacted text).
     * `first_text` is one allocation of `first_capacity` bytes: the
     * eventID's (none without an eventID) and the text's. Records are
     * far below 4 GB. */
    timestamp first_time;
    struct facets first_facets;
    uint32_t first_id_len;
    uint32_t first_len;
    uint32_t first_capacity;
    char *first_text;
};

/*
 * A row of which copies showed different facets. Rows hold no text, so for
 * the time being those that facet_table_cmp() puts first stand; the texts
 * decide in a second reading, see aggregate_settle().
 */
struct aggregate_dispute {
    uint32_t row;
    size_t len;
    char *text; /* the smallest compacted text offered so far, owned; NULL
                 * if none was */
};

struct aggregate {
    bool keep_duplicates;
    struct strings instances; /* InstanceIds */
    struct facet_table facets;

    struct aggregate_group *groups;
    size_t group_count, group_capacity;
    struct index group_index;

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

/*
 * What an event is looked up by. Working it out ahead of adding lets the
 * memory that will be looked at be fetched meanwhile: with many instances
 * an event costs three cache misses, and these then run side by side.
 */
struct aggregate_key {
    struct hash128 group;
    struct facets_hash facets;
    struct hash128 identity;
    bool is_counted; /* it has no identity: it is only counted */
};

void aggregate_init(struct aggregate *agg, bool keep_duplicates);
void aggregate_release(struct aggregate *agg);

/* The key of a kept event of `instance_id` from `address`, and the first
 * fetches. -1 when memory is out. */
int aggregate_prepare(struct aggregate *agg, const struct event *event,
                      struct span instance_id, struct ip address,
                      struct aggregate_key *key);

/* The next fetches, which need what the first ones brought. May be left
 * out. */
void aggregate_prefetch(const struct aggregate *agg,
                        const struct aggregate_key *key);

/*
 * Add the event that `key` was prepared of; everything needed is copied.
 * Returns OUTCOME_KEPT or OUTCOME_DUPLICATE; OUTCOME_COUNT when
 * memory is out, and then the aggregate is good for nothing but release.
 */
enum outcome aggregate_add(struct aggregate *agg,
                           const struct aggregate_key *key,
                           const struct event *event, struct span instance_id,
                           struct ip address);

/*
 * Unite `from` into `into`. What `from` holds of first events moves over, so
 * that no text is held twice: it is good for nothing but release then.
 * `*duplicates` grows by the number of rows that were in both. -1 and `err`
 * when memory is out.
 */
int aggregate_merge(struct aggregate *into, struct aggregate *from,
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

/* How many distinct InstanceIds the groups have. */
uint64_t aggregate_count_instances(const struct aggregate *agg);

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
