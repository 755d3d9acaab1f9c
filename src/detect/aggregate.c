/*
 * Four tables: groups, facets, rows, counted events. Each is an
 * array with an index beside it; numbers are positions, given in order of
 * arrival, and never leave the aggregate.
 */
#include "detect/aggregate.h"

#include "base/fetch.h"
#include "base/sys.h"
#include "event/json_text.h"

#include <stdlib.h>

static bool group_equal(const void *owner, uint32_t position, const void *key)
{
    const struct aggregate *agg = owner;

    return hash_equal(agg->groups[position].key, *(const struct hash128 *)key);
}

static uint64_t group_hash(const void *owner, uint32_t position)
{
    const struct aggregate *agg = owner;

    return agg->groups[position].key.lo;
}

static bool row_equal(const void *owner, uint32_t position, const void *key)
{
    const struct aggregate *agg = owner;

    return hash_equal(agg->rows[position].identity,
                      *(const struct hash128 *)key);
}

/* The identity is itself a hash. */
static uint64_t row_hash(const void *owner, uint32_t position)
{
    const struct aggregate *agg = owner;

    return agg->rows[position].identity.lo;
}

static bool dispute_equal(const void *owner, uint32_t position, const void *key)
{
    const struct aggregate *agg = owner;

    return agg->disputes[position].row == *(const uint32_t *)key;
}

static uint64_t dispute_hash(const void *owner, uint32_t position)
{
    const struct aggregate *agg = owner;

    return row_hash(owner, agg->disputes[position].row);
}

static void give_first(struct aggregate *agg, struct aggregate_group *group)
{
    blocks_give(&agg->first_texts, group->first_text, group->first_capacity);
    group->first_text = NULL;
    group->first_capacity = 0;
}

static void drop_texts(struct aggregate *agg)
{
    for (size_t i = 0; i < agg->group_count; i++)
        if (agg->groups[i].first_capacity > BLOCKS_MAX_BYTES)
            give_first(agg, &agg->groups[i]);
    blocks_release(&agg->first_texts);
    for (size_t i = 0; i < agg->dispute_count; i++)
        sys_free(agg->disputes[i].text);
}

void aggregate_init(struct aggregate *agg, bool keep_duplicates)
{
    *agg = (struct aggregate){
        .keep_duplicates = keep_duplicates,
        .group_index = {.equal = group_equal, .hash = group_hash},
        .row_index = {.equal = row_equal, .hash = row_hash},
        .dispute_index = {.equal = dispute_equal, .hash = dispute_hash},
        .key = hash_secret(),
    };
    strings_init(&agg->instances);
    facet_table_init(&agg->facets);
    tally_init(&agg->counted);
}

void aggregate_release(struct aggregate *agg)
{
    if (!agg)
        return;
    drop_texts(agg);
    sys_free(agg->disputes);
    sys_free(agg->groups);
    sys_free(agg->rows);
    index_release(&agg->group_index);
    index_release(&agg->row_index);
    index_release(&agg->dispute_index);
    strings_release(&agg->instances);
    facet_table_release(&agg->facets);
    tally_release(&agg->counted);
    buf_release(&agg->scratch);
    *agg = (struct aggregate){0};
}

void aggregate_clear(struct aggregate *agg)
{
    drop_texts(agg);
    index_clear(&agg->group_index);
    index_clear(&agg->row_index);
    index_clear(&agg->dispute_index);
    agg->group_count = agg->row_count = agg->dispute_count = 0;
    tally_clear(&agg->counted);
    strings_clear(&agg->instances);
}

/* `instance` is hash_text() of the group's InstanceId. */
static struct hash128 group_key(const struct aggregate *agg,
                                struct hash128 instance, struct ip address)
{
    struct hash128 hash = hash_begin();

    hash_add_text(&hash, instance);
    hash_add(&hash, agg->key, span_of((const char *)&address, sizeof(address)));
    return hash_end(hash, agg->key);
}

/* Enter a group, still empty, that is not there. */
static uint32_t add_group(struct aggregate *agg, struct hash128 key,
                          uint64_t instance_hash, struct span instance_id,
                          struct ip address)
{
    uint32_t instance =
        strings_intern_hashed(&agg->instances, instance_id, instance_hash);
    struct aggregate_group *moved =
        sys_grow(agg->groups, &agg->group_capacity, agg->group_count + 1,
                 sizeof(*moved));

    if (moved)
        agg->groups = moved;
    if (!moved || instance == STRINGS_FAILED || agg->group_count >= INDEX_NONE)
        return INDEX_NONE;
    agg->groups[agg->group_count] = (struct aggregate_group){
        .key = key,
        .instance = instance,
        .address = address,
        .first_time = TIMESTAMP_UNKNOWN,
    };
    if (index_add(&agg->group_index, agg, key.lo, (uint32_t)agg->group_count) <
        0)
        return INDEX_NONE;
    return (uint32_t)agg->group_count++;
}

static uint32_t find_group(const struct aggregate *agg, struct hash128 key)
{
    return index_find(&agg->group_index, agg, key.lo, &key);
}

static uint32_t find_row(const struct aggregate *agg, struct hash128 identity)
{
    return index_find(&agg->row_index, agg, identity.lo, &identity);
}

static uint32_t find_dispute(const struct aggregate *agg, uint32_t row)
{
    return index_find(&agg->dispute_index, agg, row_hash(agg, row), &row);
}

static int add_dispute(struct aggregate *agg, uint32_t row)
{
    struct aggregate_dispute *moved;

    if (find_dispute(agg, row) != INDEX_NONE)
        return 0;
    moved = sys_grow(agg->disputes, &agg->dispute_capacity,
                     agg->dispute_count + 1, sizeof(*moved));
    if (!moved)
        return -1;
    agg->disputes = moved;
    agg->disputes[agg->dispute_count] = (struct aggregate_dispute){.row = row};
    if (index_add(&agg->dispute_index, agg, row_hash(agg, row),
                  (uint32_t)agg->dispute_count) < 0)
        return -1;
    agg->dispute_count++;
    return 0;
}

/* A copy of a row that is there. The same facets, as a rule. */
static enum outcome add_copy(struct aggregate *agg, uint32_t at,
                             struct facets facets)
{
    struct facets *stands = &agg->rows[at].facets;

    if (facets_equal(*stands, facets))
        return OUTCOME_DUPLICATE;
    if (facet_table_cmp(&agg->facets, facets, *stands) < 0)
        *stands = facets;
    return add_dispute(agg, at) < 0 ? OUTCOME_COUNT : OUTCOME_DUPLICATE;
}

/* Pages for so many rows (320 KB) are brought in at once; a capacity is a power
 * of two. The first ones come when they are touched, since many aggregates are
 * small. */
#define ROWS_AHEAD 8192

/* The place for one more row; NULL when memory is out. */
static struct aggregate_row *next_row(struct aggregate *agg)
{
    struct aggregate_row *rows = sys_grow(agg->rows, &agg->row_capacity,
                                          agg->row_count + 1, sizeof(*rows));

    if (!rows || agg->row_count >= INDEX_NONE)
        return NULL;
    agg->rows = rows;
    if (agg->row_count > 0 && agg->row_count % ROWS_AHEAD == 0)
        sys_populate(&rows[agg->row_count], ROWS_AHEAD * sizeof(*rows));
    return &rows[agg->row_count];
}

/* Enter a row unless its identity is there. KEPT, DUPLICATE, or
 * OUTCOME_COUNT when memory is out. */
static enum outcome add_row(struct aggregate *agg,
                            const struct aggregate_row *row)
{
    struct aggregate_row *next = next_row(agg);
    uint32_t found;

    if (!next)
        return OUTCOME_COUNT;
    *next = *row;
    if (index_find_or_add(&agg->row_index, agg, row->identity.lo,
                          &row->identity, (uint32_t)agg->row_count, &found) < 0)
        return OUTCOME_COUNT;
    if (found != INDEX_NONE)
        return add_copy(agg, found, row->facets);
    agg->row_count++;
    agg->groups[row->group].count++;
    return OUTCOME_KEPT;
}

/* Empty for an event without an eventID. */
static struct span first_id(const struct aggregate_group *group)
{
    return span_of(group->first_text, group->first_id_len);
}

static struct span first_record(const struct aggregate_group *group)
{
    if (!group->first_text)
        return SPAN_ABSENT;
    return span_of(group->first_text + group->first_id_len, group->first_len);
}

static int append_first(const struct aggregate_group *group, struct buf *text)
{
    json_text_compact(first_record(group), text);
    return text->failed ? -1 : 0;
}

/* Is the record's compacted text smaller than the first's? 1, 0, or -1 when
 * memory is out. Only ties of time and eventID come to this. */
static int smaller_text(struct aggregate *agg,
                        const struct aggregate_group *group, struct span record)
{
    size_t mine;

    if (span_eq(record, first_record(group)))
        return 0; /* a copy, as a rule: another delivery of the same */
    buf_clear(&agg->scratch);
    json_text_compact(record, &agg->scratch);
    mine = agg->scratch.len;
    if (append_first(group, &agg->scratch) < 0)
        return -1;
    return span_cmp(span_of(agg->scratch.ptr, mine),
                    span_of(agg->scratch.ptr + mine, agg->scratch.len - mine)) <
           0;
}

/* Does an event of this time and eventID come before the group's first?
 * <0 yes, 0 their texts decide, >0 no. */
static int first_cmp(const struct aggregate_group *group, timestamp time,
                     struct span event_id)
{
    if (!group->first_text)
        return -1;
    if (time != group->first_time)
        return time < group->first_time ? -1 : 1;
    /* Absent or empty, there is none: the texts decide. */
    if (event_id.len == 0 || group->first_id_len == 0)
        return (event_id.len > 0) - (group->first_id_len > 0);
    return span_cmp(event_id, first_id(group));
}

static int replace_first(struct aggregate *agg, struct aggregate_group *group,
                         timestamp time, struct span event_id,
                         struct span record, struct facets facets)
{
    size_t bytes = event_id.len + record.len;

    /* Of a group's events the first one changes a few times; a text of
     * about the same length takes the old one's place. */
    if (bytes > group->first_capacity || bytes < group->first_capacity / 2 ||
        !group->first_text) {
        uint32_t capacity = 0;
        char *text =
            bytes <= UINT32_MAX
                ? blocks_take(&agg->first_texts, (uint32_t)bytes, &capacity)
                : NULL;

        if (!text)
            return -1;
        give_first(agg, group);
        group->first_text = text;
        group->first_capacity = capacity;
    }
    if (event_id.len)
        memcpy(group->first_text, event_id.ptr, event_id.len);
    if (record.len)
        memcpy(group->first_text + event_id.len, record.ptr, record.len);
    group->first_time = time;
    group->first_facets = facets;
    group->first_id_len = (uint32_t)event_id.len;
    group->first_len = (uint32_t)record.len;
    return 0;
}

/* Would an event be the group's first? 1, 0, or -1 when memory is out. */
static int comes_first(struct aggregate *agg,
                       const struct aggregate_group *group, timestamp time,
                       struct span event_id, struct span record)
{
    int order = first_cmp(group, time, event_id);

    return order == 0 ? smaller_text(agg, group, record) : order < 0;
}

/* `group` is group_key() of the next two. */
static struct hash128 identify(struct aggregate *agg, const struct event *event,
                               struct hash128 group, struct span of,
                               struct ip address)
{
    return agg->reach == IDENTITY_HERE
               ? identity_here(event, group, agg->key)
               : identity_of(event, of, address, &agg->scratch);
}

struct hash128 aggregate_identity(struct aggregate *agg,
                                  const struct event *event, struct span of,
                                  struct ip address)
{
    return identify(agg, event,
                    group_key(agg, hash_text(agg->key, of), address), of,
                    address);
}

int aggregate_prepare(struct aggregate *agg, const struct event *event,
                      struct span instance_id, struct ip address,
                      struct aggregate_key *key)
{
    struct hash128 instance = hash_text(agg->key, instance_id);

    key->instance = instance.lo;
    key->group = group_key(agg, instance, address);
    key->group_guess = INDEX_NONE;
    facet_table_hash(&agg->facets, event, &key->facets);
    key->identity = (struct hash128){0, 0};
    key->is_counted = agg->keep_duplicates || !identity_exists(event);
    if (!key->is_counted)
        key->identity = identify(agg, event, key->group, instance_id, address);
    aggregate_prefetch_first(agg, key);
    return agg->scratch.failed ? -1 : 0;
}

void aggregate_prefetch_first(const struct aggregate *agg,
                              const struct aggregate_key *key)
{
    index_prefetch(&agg->group_index, key->group.lo);
    facet_table_prefetch(&agg->facets, &key->facets);
    if (!key->is_counted)
        index_prefetch(&agg->row_index, key->identity.lo);
}

void aggregate_prefetch(const struct aggregate *agg, struct aggregate_key *key)
{
    uint32_t group = index_guess(&agg->group_index, key->group.lo);

    key->group_guess = group;
    if (group != INDEX_NONE) { /* both its ends: it lies across lines */
        fetch(&agg->groups[group].key);
        fetch(&agg->groups[group].first_text);
    } else {
        strings_prefetch(&agg->instances, key->instance);
    }
    facet_table_prefetch_tuples(&agg->facets, &key->facets);
}

enum outcome aggregate_add(struct aggregate *agg,
                           const struct aggregate_key *key,
                           const struct event *event, struct span instance_id,
                           struct ip address)
{
    struct span id = event->field[EVENT_ID];
    struct aggregate_row row = {.identity = key->identity, .time = event->time};
    enum outcome outcome = OUTCOME_KEPT;
    struct aggregate_group *group;
    int first;

    row.group = index_find_guessed(&agg->group_index, agg, key->group.lo,
                                   &key->group, key->group_guess);
    if (row.group == INDEX_NONE)
        row.group =
            add_group(agg, key->group, key->instance, instance_id, address);
    row.facets = facet_table_number(&agg->facets, &key->facets, event);
    if (row.group == INDEX_NONE || facets_failed(row.facets))
        return OUTCOME_COUNT;
    group = &agg->groups[row.group];
    if (!key->is_counted)
        outcome = add_row(agg, &row);
    else if (tally_add(&agg->counted, row.group, row.facets, row.time) < 0)
        return OUTCOME_COUNT;
    else
        group->count++;
    if (outcome == OUTCOME_COUNT)
        return OUTCOME_COUNT;
    first = comes_first(agg, group, event->time, id, event->record);
    if (first < 0 || (first && replace_first(agg, group, event->time, id,
                                             event->record, row.facets) < 0))
        return OUTCOME_COUNT;
    return outcome;
}

/* Let the copy stand if its text, in `scratch`, is the smallest so far. */
static int offer_copy(struct aggregate *agg, struct aggregate_dispute *dispute,
                      const struct event *event)
{
    struct span text = buf_span(&agg->scratch);
    struct facets_hash hash;
    struct facets facets;
    char *copy;

    if (dispute->text &&
        span_cmp(text, span_of(dispute->text, dispute->len)) >= 0)
        return 0;
    copy = sys_malloc(text.len);
    if (!copy)
        return -1;
    memcpy(copy, text.ptr, text.len);
    sys_free(dispute->text);
    dispute->text = copy;
    dispute->len = text.len;
    facet_table_hash(&agg->facets, event, &hash);
    facets = facet_table_number(&agg->facets, &hash, event);
    if (facets_failed(facets))
        return -1;
    agg->rows[dispute->row].facets = facets;
    return 0;
}

int aggregate_settle(struct aggregate *agg, const struct event *event,
                     struct span instance_id, struct ip address)
{
    uint32_t row, dispute;

    if (!identity_exists(event))
        return 0;
    row = find_row(agg, aggregate_identity(agg, event, instance_id, address));
    if (agg->scratch.failed)
        return -1;
    dispute = row == INDEX_NONE ? INDEX_NONE : find_dispute(agg, row);
    if (dispute == INDEX_NONE)
        return 0;
    buf_clear(&agg->scratch);
    json_text_compact(event->record, &agg->scratch);
    if (agg->scratch.failed)
        return -1;
    return offer_copy(agg, &agg->disputes[dispute], event);
}

uint32_t aggregate_enter_group(struct aggregate *agg, struct span instance_id,
                               struct ip address)
{
    struct hash128 instance = hash_text(agg->key, instance_id);
    struct hash128 key = group_key(agg, instance, address);
    uint32_t found = find_group(agg, key);

    return found != INDEX_NONE
               ? found
               : add_group(agg, key, instance.lo, instance_id, address);
}

enum outcome aggregate_enter_row(struct aggregate *agg,
                                 const struct aggregate_row *row)
{
    return add_row(agg, row);
}

int aggregate_enter_counted(struct aggregate *agg,
                            const struct tally_entry *entry)
{
    if (tally_add_entry(&agg->counted, entry) < 0)
        return -1;
    agg->groups[entry->group].count += entry->count;
    return 0;
}

int aggregate_enter_hour(struct aggregate *agg, const struct tally_hour *hour)
{
    return tally_add_hour(&agg->counted, hour);
}

int aggregate_first_cmp(const struct aggregate *agg, uint32_t group,
                        timestamp time, struct span event_id)
{
    return first_cmp(&agg->groups[group], time, event_id);
}

int aggregate_enter_first(struct aggregate *agg, uint32_t group, timestamp time,
                          struct span event_id, struct span record,
                          struct facets facets)
{
    int first = comes_first(agg, &agg->groups[group], time, event_id, record);

    if (first <= 0)
        return first;
    return replace_first(agg, &agg->groups[group], time, event_id, record,
                         facets) < 0
               ? -1
               : 1;
}

struct span aggregate_first_id(const struct aggregate *agg, uint32_t group)
{
    return first_id(&agg->groups[group]);
}

/* The numbers of `from` as numbers of `into`. */
struct renumbering {
    uint32_t *groups;
    struct facet_renumbering facets;
};

static void renumbering_release(struct renumbering *numbers)
{
    sys_free(numbers->groups);
    facet_renumbering_release(&numbers->facets);
}

/* Its block is `into`'s. */
static void move_first(struct aggregate *into, struct aggregate_group *ours,
                       struct aggregate_group *theirs, struct facets facets)
{
    give_first(into, ours);
    ours->first_text = theirs->first_text;
    ours->first_time = theirs->first_time;
    ours->first_facets = facets;
    ours->first_id_len = theirs->first_id_len;
    ours->first_len = theirs->first_len;
    ours->first_capacity = theirs->first_capacity;
    theirs->first_text = NULL;
}

/* Their first event moves over if it is the first of both, and is lost there.
 * Its block stays in `from`, or is in `into` already. */
static int merge_first(struct aggregate *into, struct aggregate_group *ours,
                       struct aggregate *from, struct aggregate_group *theirs,
                       struct facets facets)
{
    bool stays = from->first_texts.pieces != NULL;
    int first;

    if (!theirs->first_text)
        return 0; /* it moved in an earlier merge */
    first = comes_first(into, ours, theirs->first_time, first_id(theirs),
                        first_record(theirs));
    if (first > 0 && stays)
        first = replace_first(into, ours, theirs->first_time, first_id(theirs),
                              first_record(theirs), facets);
    else if (first > 0)
        move_first(into, ours, theirs, facets);
    give_first(stays ? from : into, theirs);
    return first < 0 ? -1 : 0;
}

int aggregate_move_first(struct aggregate *agg, uint32_t group,
                         struct aggregate *from, uint32_t theirs,
                         struct facets facets)
{
    return merge_first(agg, &agg->groups[group], from, &from->groups[theirs],
                       facets);
}

/* The group of `into` that one of `from` becomes; INDEX_NONE when memory is
 * out. */
static uint32_t group_of(struct aggregate *into, const struct aggregate *from,
                         const struct aggregate_group *theirs, struct span as)
{
    struct span instance_id = strings_text(&from->instances, theirs->instance);
    uint32_t found;

    if (span_present(as))
        return aggregate_enter_group(into, as, theirs->address);
    found = find_group(into, theirs->key);
    return found != INDEX_NONE ? found
                               : add_group(into, theirs->key,
                                           hash_text(into->key, instance_id).lo,
                                           instance_id, theirs->address);
}

/* Groups with their first events; counts come with the rows. */
static int merge_groups(struct aggregate *into, struct aggregate *from,
                        struct span as, struct renumbering *numbers)
{
    numbers->groups = sys_calloc(from->group_count, sizeof(uint32_t));
    if (!numbers->groups)
        return -1;
    if (!blocks_are_few(&from->first_texts))
        blocks_unite(&into->first_texts, &from->first_texts);
    for (size_t i = 0; i < from->group_count; i++) {
        struct aggregate_group *theirs = &from->groups[i];
        uint32_t number = group_of(into, from, theirs, as);
        struct facets facets;

        if (number == INDEX_NONE)
            return -1;
        numbers->groups[i] = number;
        facets = facets_renumbered(&numbers->facets, theirs->first_facets);
        if (facets_failed(facets) ||
            merge_first(into, &into->groups[number], from, theirs, facets) < 0)
            return -1;
    }
    return 0;
}

static int merge_rows(struct aggregate *into, const struct aggregate *from,
                      struct renumbering *numbers, uint64_t *duplicates)
{
    for (size_t i = 0; i < from->row_count; i++) {
        struct aggregate_row row = from->rows[i];
        enum outcome outcome;

        row.group = numbers->groups[row.group];
        row.facets = facets_renumbered(&numbers->facets, row.facets);
        outcome =
            facets_failed(row.facets) ? OUTCOME_COUNT : add_row(into, &row);
        if (outcome == OUTCOME_COUNT)
            return -1;
        *duplicates += outcome == OUTCOME_DUPLICATE;
    }
    for (size_t i = 0; i < from->dispute_count; i++) {
        struct hash128 identity = from->rows[from->disputes[i].row].identity;

        if (add_dispute(into, find_row(into, identity)) < 0)
            return -1;
    }
    return 0;
}

static int merge_counted(struct aggregate *into, const struct aggregate *from,
                         struct renumbering *numbers)
{
    for (size_t i = 0; i < from->counted.entry_count; i++) {
        struct tally_entry entry = from->counted.entries[i];

        entry.group = numbers->groups[entry.group];
        entry.facets = facets_renumbered(&numbers->facets, entry.facets);
        if (facets_failed(entry.facets) ||
            tally_add_entry(&into->counted, &entry) < 0)
            return -1;
        into->groups[entry.group].count += entry.count;
    }
    for (size_t i = 0; i < from->counted.hour_count; i++) {
        struct tally_hour hour = from->counted.hours[i];

        hour.group = numbers->groups[hour.group];
        if (tally_add_hour(&into->counted, &hour) < 0)
            return -1;
    }
    return 0;
}

/* `as` is another name for all instances; absent: they keep their own. */
static int merge(struct aggregate *into, struct aggregate *from, struct span as,
                 uint64_t *duplicates, struct err *err)
{
    struct renumbering numbers = {.groups = NULL};
    int ret = -1;

    if (facet_renumbering_init(&numbers.facets, &into->facets, &from->facets) ==
            0 &&
        merge_groups(into, from, as, &numbers) == 0 &&
        merge_rows(into, from, &numbers, duplicates) == 0 &&
        merge_counted(into, from, &numbers) == 0)
        ret = 0;
    renumbering_release(&numbers);
    return ret < 0 ? err_memory(err) : 0;
}

int aggregate_merge(struct aggregate *into, struct aggregate *from,
                    uint64_t *duplicates, struct err *err)
{
    return merge(into, from, SPAN_ABSENT, duplicates, err);
}

int aggregate_merge_as(struct aggregate *into, struct aggregate *from,
                       struct span instance_id, struct err *err)
{
    uint64_t duplicates = 0;

    return merge(into, from, instance_id, &duplicates, err);
}

struct span aggregate_instance_id(const struct aggregate *agg, uint32_t group)
{
    return strings_text(&agg->instances, agg->groups[group].instance);
}

void aggregate_first_record(const struct aggregate *agg, uint32_t group,
                            struct buf *text)
{
    if (append_first(&agg->groups[group], text) < 0)
        text->failed = true;
}

uint64_t aggregate_count_instances(const struct aggregate *agg)
{
    return agg->instances.count;
}

/* qsort() has no context argument on every system, so what is compared
 * travels with the elements. */
struct sortable {
    struct span instance_id;
    struct ip address;
    uint32_t number;
};

static int by_instance_and_address(const void *a, const void *b)
{
    const struct sortable *x = a, *y = b;
    int order = span_cmp(x->instance_id, y->instance_id);

    return order ? order : ip_cmp(x->address, y->address);
}

static inline bool is_wanted(const bool *wanted, uint32_t group)
{
    return !wanted || wanted[group];
}

static size_t count_wanted(const struct aggregate *agg, const bool *wanted)
{
    size_t count = 0;

    for (size_t i = 0; i < agg->group_count; i++)
        count += is_wanted(wanted, (uint32_t)i);
    return count;
}

uint32_t *aggregate_sorted_groups(const struct aggregate *agg,
                                  const bool *wanted, size_t *count)
{
    size_t found = count_wanted(agg, wanted);
    struct sortable *sortable = sys_calloc(found, sizeof(*sortable));
    uint32_t *numbers = sys_calloc(found, sizeof(*numbers));
    size_t at = 0;

    if (!sortable || !numbers) {
        sys_free(sortable);
        sys_free(numbers);
        return NULL;
    }
    for (size_t i = 0; i < agg->group_count; i++)
        if (is_wanted(wanted, (uint32_t)i))
            sortable[at++] = (struct sortable){
                aggregate_instance_id(agg, (uint32_t)i),
                agg->groups[i].address,
                (uint32_t)i,
            };
    if (found > 1)
        qsort(sortable, found, sizeof(*sortable), by_instance_and_address);
    for (size_t i = 0; i < found; i++)
        numbers[i] = sortable[i].number;
    sys_free(sortable);
    *count = found;
    return numbers;
}

/* What is compared travels along, as above. */
struct sortable_row {
    timestamp time;
    struct hash128 identity;
    uint32_t number;
};

static int by_time_and_identity(const void *a, const void *b)
{
    const struct sortable_row *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->identity.hi != y->identity.hi)
        return x->identity.hi < y->identity.hi ? -1 : 1;
    return (x->identity.lo > y->identity.lo) -
           (x->identity.lo < y->identity.lo);
}

static int sort_rows(const struct aggregate *agg, uint32_t *rows, size_t count)
{
    struct sortable_row few[64];
    struct sortable_row *items = few;

    if (count < 2)
        return 0;
    if (count > sizeof(few) / sizeof(few[0]))
        items = sys_calloc(count, sizeof(*items));
    if (!items)
        return -1;
    for (size_t i = 0; i < count; i++)
        items[i] = (struct sortable_row){agg->rows[rows[i]].time,
                                         agg->rows[rows[i]].identity, rows[i]};
    qsort(items, count, sizeof(*items), by_time_and_identity);
    for (size_t i = 0; i < count; i++)
        rows[i] = items[i].number;
    if (items != few)
        sys_free(items);
    return 0;
}

/* Count, sum up, and put each row in its place: then an end is where its
 * group's rows end. */
static int deal_rows(struct aggregate_order *order)
{
    const struct aggregate *agg = order->agg;
    size_t *ends = order->row_ends;
    size_t sum = 0;

    for (size_t i = 0; i < agg->group_count; i++)
        ends[i] = 0;
    for (size_t i = 0; i < agg->row_count; i++)
        ends[agg->rows[i].group]++;
    for (size_t i = 0; i < agg->group_count; i++) {
        size_t count = ends[i];

        ends[i] = sum;
        sum += count;
    }
    for (size_t i = 0; i < agg->row_count; i++)
        order->rows[ends[agg->rows[i].group]++] = (uint32_t)i;
    for (size_t i = 0; i < agg->group_count; i++) {
        size_t begin = i > 0 ? ends[i - 1] : 0;

        if (sort_rows(agg, order->rows + begin, ends[i] - begin) < 0)
            return -1;
    }
    return 0;
}

int aggregate_order_fill(struct aggregate_order *order,
                         const struct aggregate *agg)
{
    uint32_t *rows;
    size_t *ends;

    order->agg = agg;
    sys_free(order->groups);
    order->groups = aggregate_sorted_groups(agg, NULL, &order->group_count);
    rows = sys_grow(order->rows, &order->row_capacity, agg->row_count + 1,
                    sizeof(*rows));
    if (rows)
        order->rows = rows;
    ends = sys_grow(order->row_ends, &order->group_capacity,
                    agg->group_count + 1, sizeof(*ends));
    if (ends)
        order->row_ends = ends;
    return order->groups && rows && ends ? deal_rows(order) : -1;
}

void aggregate_order_release(struct aggregate_order *order)
{
    if (!order)
        return;
    sys_free(order->groups);
    sys_free(order->rows);
    sys_free(order->row_ends);
    *order = (struct aggregate_order){0};
}

const uint32_t *aggregate_order_rows(const struct aggregate_order *order,
                                     uint32_t group, size_t *count)
{
    size_t begin = group > 0 ? order->row_ends[group - 1] : 0;

    *count = order->row_ends[group] - begin;
    return order->rows + begin;
}

int aggregate_tally(const struct aggregate *agg, const bool *wanted,
                    struct tally *tally)
{
    for (size_t i = 0; i < agg->row_count; i++) {
        const struct aggregate_row *row = &agg->rows[i];

        if (is_wanted(wanted, row->group) &&
            tally_add(tally, row->group, row->facets, row->time) < 0)
            return -1;
    }
    for (size_t i = 0; i < agg->counted.entry_count; i++) {
        const struct tally_entry *entry = &agg->counted.entries[i];

        if (is_wanted(wanted, entry->group) &&
            tally_add_entry(tally, entry) < 0)
            return -1;
    }
    for (size_t i = 0; i < agg->counted.hour_count; i++) {
        const struct tally_hour *hour = &agg->counted.hours[i];

        if (is_wanted(wanted, hour->group) && tally_add_hour(tally, hour) < 0)
            return -1;
    }
    return 0;
}
