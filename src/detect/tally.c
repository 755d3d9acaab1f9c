/* Two small tables: (group, facets) and (group, hour). */
#include "detect/tally.h"

#include "base/search.h"
#include "base/sys.h"

#include <stdlib.h>

static uint64_t pair_hash(struct hash_key key, uint32_t group, uint64_t second)
{
    uint64_t pair[2] = {group, second};

    return hash_64(key, span_of((const char *)pair, sizeof(pair)));
}

static uint64_t number_of(struct facets facets)
{
    return (uint64_t)facets.part[FACETS_CALLER] << 32 |
           facets.part[FACETS_CALL];
}

static bool entry_equal(const void *owner, uint32_t position, const void *key)
{
    const struct tally *tally = owner;
    const struct tally_entry *wanted = key;

    return tally->entries[position].group == wanted->group &&
           facets_equal(tally->entries[position].facets, wanted->facets);
}

static uint64_t entry_hash(const void *owner, uint32_t position)
{
    const struct tally *tally = owner;
    const struct tally_entry *entry = &tally->entries[position];

    return pair_hash(tally->key, entry->group, number_of(entry->facets));
}

static bool hour_equal(const void *owner, uint32_t position, const void *key)
{
    const struct tally *tally = owner;
    const struct tally_hour *wanted = key;

    return tally->hours[position].group == wanted->group &&
           tally->hours[position].hour == wanted->hour;
}

static uint64_t hour_hash(const void *owner, uint32_t position)
{
    const struct tally *tally = owner;
    const struct tally_hour *hour = &tally->hours[position];

    return pair_hash(tally->key, hour->group, (uint64_t)hour->hour);
}

void tally_init(struct tally *tally)
{
    *tally = (struct tally){
        .entry_index = {.equal = entry_equal, .hash = entry_hash},
        .hour_index = {.equal = hour_equal, .hash = hour_hash},
        .key = hash_secret(),
    };
}

void tally_release(struct tally *tally)
{
    if (!tally)
        return;
    index_release(&tally->entry_index);
    index_release(&tally->hour_index);
    sys_free(tally->entries);
    sys_free(tally->hours);
    tally->entries = NULL;
    tally->hours = NULL;
    tally->entry_count = tally->entry_capacity = 0;
    tally->hour_count = tally->hour_capacity = 0;
}

void tally_clear(struct tally *tally)
{
    index_clear(&tally->entry_index);
    index_clear(&tally->hour_index);
    tally->entry_count = 0;
    tally->hour_count = 0;
}

int tally_add_entry(struct tally *tally, const struct tally_entry *entry)
{
    uint64_t hash =
        pair_hash(tally->key, entry->group, number_of(entry->facets));
    uint32_t found = index_find(&tally->entry_index, tally, hash, entry);
    struct tally_entry *mine;

    if (found != INDEX_NONE) {
        mine = &tally->entries[found];
        mine->count += entry->count;
        if (entry->first < mine->first)
            mine->first = entry->first;
        if (entry->last > mine->last)
            mine->last = entry->last;
        return 0;
    }
    mine = sys_grow(tally->entries, &tally->entry_capacity,
                    tally->entry_count + 1, sizeof(*mine));
    if (!mine || tally->entry_count >= INDEX_NONE)
        return -1;
    tally->entries = mine;
    tally->entries[tally->entry_count] = *entry;
    if (index_add(&tally->entry_index, tally, hash,
                  (uint32_t)tally->entry_count) < 0)
        return -1;
    tally->entry_count++;
    return 0;
}

int tally_add_hour(struct tally *tally, const struct tally_hour *hour)
{
    uint64_t hash = pair_hash(tally->key, hour->group, (uint64_t)hour->hour);
    uint32_t found = index_find(&tally->hour_index, tally, hash, hour);
    struct tally_hour *mine;

    if (found != INDEX_NONE) {
        tally->hours[found].count += hour->count;
        return 0;
    }
    mine = sys_grow(tally->hours, &tally->hour_capacity, tally->hour_count + 1,
                    sizeof(*mine));
    if (!mine || tally->hour_count >= INDEX_NONE)
        return -1;
    tally->hours = mine;
    tally->hours[tally->hour_count] = *hour;
    if (index_add(&tally->hour_index, tally, hash,
                  (uint32_t)tally->hour_count) < 0)
        return -1;
    tally->hour_count++;
    return 0;
}

int tally_add(struct tally *tally, uint32_t group, struct facets facets,
              timestamp time)
{
    struct tally_entry entry = {group, facets, 1, time, time};
    struct tally_hour hour = {group, 0, 1};

    if (tally_add_entry(tally, &entry) < 0)
        return -1;
    if (time == TIMESTAMP_UNKNOWN)
        return 0; /* it lies in no hour */
    hour.hour = timestamp_hour(time);
    return tally_add_hour(tally, &hour);
}

static int by_group(const void *a, const void *b)
{
    const struct tally_entry *x = a, *y = b;

    return (x->group > y->group) - (x->group < y->group);
}

static int by_group_and_hour(const void *a, const void *b)
{
    const struct tally_hour *x = a, *y = b;

    if (x->group != y->group)
        return x->group > y->group ? 1 : -1;
    return (x->hour > y->hour) - (x->hour < y->hour);
}

void tally_sort(struct tally *tally)
{
    if (tally->entry_count > 1)
        qsort(tally->entries, tally->entry_count, sizeof(*tally->entries),
              by_group);
    if (tally->hour_count > 1)
        qsort(tally->hours, tally->hour_count, sizeof(*tally->hours),
              by_group_and_hour);
}

/* Entries and hours both begin with their group. */
static int of_group(const void *element, const void *group)
{
    uint32_t x = *(const uint32_t *)element;
    uint32_t y = *(const uint32_t *)group;

    return (x > y) - (x < y);
}

const struct tally_entry *tally_entries_of(const struct tally *tally,
                                           uint32_t group, size_t *count)
{
    const struct tally_entry *all = tally->entries;
    struct search_range of =
        search_equal(all, tally->entry_count, sizeof(*all), &group, of_group);

    *count = of.count;
    return of.count > 0 ? all + of.first : NULL;
}

const struct tally_hour *tally_hours_of(const struct tally *tally,
                                        uint32_t group, size_t *count)
{
    const struct tally_hour *all = tally->hours;
    struct search_range of =
        search_equal(all, tally->hour_count, sizeof(*all), &group, of_group);

    *count = of.count;
    return of.count > 0 ? all + of.first : NULL;
}
