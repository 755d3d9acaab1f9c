/*
 * tally.h - counts per group: how often each combination of facets, and in
 * which hours.
 *
 * Groups and facets are named by their numbers in an aggregate. Counts
 * add; adding is commutative, so the order of arrival never shows. One
 * thread at a time.
 */
#ifndef OFFBOX_DETECT_TALLY_H
#define OFFBOX_DETECT_TALLY_H

#include "base/hash.h"
#include "base/index.h"
#include "base/timestamp.h"
#include "detect/facet_table.h"

struct tally_entry {
    uint32_t group;
    struct facets facets;
    uint64_t count;
    timestamp first; /* an unknown time is the latest of all */
    timestamp last;
};

struct tally_hour {
    uint32_t group;
    int64_t hour; /* since 1970 */
    uint64_t count;
};

struct tally {
    struct tally_entry *entries;
    size_t entry_count, entry_capacity;
    struct index entry_index;
    struct tally_hour *hours;
    size_t hour_count, hour_capacity;
    struct index hour_index;
    struct hash_key key;
};

void tally_init(struct tally *tally);
void tally_release(struct tally *tally);

/* Forget everything but keep the memory; after tally_sort(), too. */
void tally_clear(struct tally *tally);

/* One event. -1 when memory is out. */
int tally_add(struct tally *tally, uint32_t group, struct facets facets,
              timestamp time);

/* `entry` and `hour` of another tally, whose groups and facets already
 * bear this aggregate's numbers. -1 when memory is out. */
int tally_add_entry(struct tally *tally, const struct tally_entry *entry);
int tally_add_hour(struct tally *tally, const struct tally_hour *hour);

/* Sort entries and hours by group (and hour), for reading. Nothing may be
 * added afterwards. */
void tally_sort(struct tally *tally);

/* After tally_sort(): the entries and hours of one group, `*count` of
 * them, hours in order; NULL if there are none. */
const struct tally_entry *tally_entries_of(const struct tally *tally,
                                           uint32_t group, size_t *count);
const struct tally_hour *tally_hours_of(const struct tally *tally,
                                        uint32_t group, size_t *count);

#endif
