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

#include "base/blocks.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/ip.h"
#include "detect/facet_table.h"
#include "detect/identity.h"
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
     * `first_text` is a block of `first_capacity` bytes in `first_texts`: the
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
    enum identity_reach reach; /* of the rows' identities: ANYWHERE, unless
                                * set before the first event */
    struct strings instances;  /* InstanceIds */
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

    struct blocks first_texts; /* most of the memory */

    struct tally counted; /* events without an identity */

    struct hash_key key;
    struct buf scratch;
};

/*
 * What an event is looked up by. Working it out ahead of adding lets the
 * memory that will be looked at be fetched meanwhile: with many instances
 * an event costs several cache misses, and these then run side by side.
 */
struct aggregate_key {
    struct hash128 group;
    uint32_t group_guess; /* its position, very likely, in the aggregate that
                           * fetched last; INDEX_NONE: unknown */
    uint64_t instance;    /* of the InstanceId's text: looked up if the group is
                           * new */
    struct facets_hash facets;
    struct hash128 identity;
    bool is_counted; /* it has no identity: it is only counted */
};

void aggregate_init(struct aggregate *agg, bool keep_duplicates);
void aggregate_release(struct aggregate *agg);

/* Forget all groups, but keep the memory and the facets with their
 * numbers: for one small aggregate after another. */
void aggregate_clear(struct aggregate *agg);

/* The key of a kept event of `instance_id` from `address`, and the first
 * fetches. It holds for any aggregate of the process with the same
 * `keep_duplicates` and `reach`. -1 when memory is out. */
int aggregate_prepare(struct aggregate *agg, const struct event *event,
                      struct span instance_id, struct ip address,
                      struct aggregate_key *key);

/* The identity of an event of `of`, an InstanceId or what stands for one, in
 * this aggregate's way. After a failure `agg->scratch` has failed. */
struct hash128 aggregate_identity(struct aggregate *agg,
                                  const struct event *event, struct span of,
                                  struct ip address);

/* The first fetches, for another aggregate than the one that prepared `key`,
 * and then the next ones, which need what the first brought. Either may be
 * left out. */
void aggregate_prefetch_first(const struct aggregate *agg,
                              const struct aggregate_key *key);
void aggregate_prefetch(const struct aggregate *agg, struct aggregate_key *key);

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
 * Unite `from` into `into`, of the same `reach`. What `from` holds of first
 * events moves over, so that no text is held twice: it is good for nothing but
 * release then.
 * `*duplicates` grows by the number of rows that were in both. -1 and `err`
 * when memory is out.
 */
int aggregate_merge(struct aggregate *into, struct aggregate *from,
                    uint64_t *duplicates, struct err *err);

/* The same for a `from` of one instance, which is another's, `instance_id`. */
int aggregate_merge_as(struct aggregate *into, struct aggregate *from,
                       struct span instance_id, struct err *err);

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

/*
 * The same from what was written down of an aggregate (state/partial.h).
 * aggregate_enter_group() gives the group's number, still empty if new;
 * INDEX_NONE when memory is out. The others take that number, and facets of
 * this aggregate's own table.
 */
uint32_t aggregate_enter_group(struct aggregate *agg, struct span instance_id,
                               struct ip address);

/* As aggregate_add() answers. Of copies that differ facet_table_cmp()
 * decides. */
enum outcome aggregate_enter_row(struct aggregate *agg,
                                 const struct aggregate_row *row);

/* Events without an identity, and the hours in which they lie. -1 when
 * memory is out. */
int aggregate_enter_counted(struct aggregate *agg,
                            const struct tally_entry *entry);
int aggregate_enter_hour(struct aggregate *agg, const struct tally_hour *hour);

/* Would an event of this time and eventID come before the group's first?
 * <0 yes, 0 their texts decide, >0 no. */
int aggregate_first_cmp(const struct aggregate *agg, uint32_t group,
                        timestamp time, struct span event_id);

/* An event that may be the group's first; absent or empty, `event_id` is
 * none. 1: it is, 0: another is; -1 when memory is out. */
int aggregate_enter_first(struct aggregate *agg, uint32_t group, timestamp time,
                          struct span event_id, struct span record,
                          struct facets facets);

/* The same for the first event of group `theirs` of another aggregate, which
 * moves over and is lost there; `facets` are those of `agg`. */
int aggregate_move_first(struct aggregate *agg, uint32_t group,
                         struct aggregate *from, uint32_t theirs,
                         struct facets facets);

/* The eventID of the group's first event; empty if it has none. */
struct span aggregate_first_id(const struct aggregate *agg, uint32_t group);

/* The group's InstanceId, borrowed from the aggregate. */
struct span aggregate_instance_id(const struct aggregate *agg, uint32_t group);

/* Append the compacted text of the group's first event to `text`. */
void aggregate_first_record(const struct aggregate *agg, uint32_t group,
                            struct buf *text);

/* How many distinct InstanceIds the groups have. */
uint64_t aggregate_count_instances(const struct aggregate *agg);

/*
 * The numbers of the groups for which `wanted[group]` holds, or of all if it is
 * NULL, sorted by InstanceId (bytes), then address: the one order that does not
 * depend on arrival. `*count` of them; the caller frees with sys_free(). NULL
 * when memory is out.
 */
uint32_t *aggregate_sorted_groups(const struct aggregate *agg,
                                  const bool *wanted, size_t *count);

/*
 * An aggregate in the order that does not depend on arrival: its groups as
 * aggregate_sorted_groups() gives them, and each group's rows by time and
 * identity. Zeroed at first, filled as often as one likes.
 */
struct aggregate_order {
    const struct aggregate *agg;
    uint32_t *groups;
    size_t group_count;
    uint32_t *rows;   /* numbers of rows, group by group … */
    size_t *row_ends; /* … up to here, by a group's number */
    size_t row_capacity, group_capacity;
};

/* -1 when memory is out; release it in any case. */
int aggregate_order_fill(struct aggregate_order *order,
                         const struct aggregate *agg);
void aggregate_order_release(struct aggregate_order *order);

/* The numbers of the group's rows, `*count` of them. */
const uint32_t *aggregate_order_rows(const struct aggregate_order *order,
                                     uint32_t group, size_t *count);

/*
 * Add to `tally` (initialised) all events of the groups for which
 * `wanted[group]` holds; of all groups if it is NULL. -1 when memory is out.
 */
int aggregate_tally(const struct aggregate *agg, const bool *wanted,
                    struct tally *tally);

#endif
