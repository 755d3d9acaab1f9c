/* Two arrays of tuples, each with an index; a tuple is found by the hash of
 * its texts, which are interned only when it is new. */
#include "detect/facet_table.h"

#include "base/fetch.h"
#include "base/sys.h"

/* What each part holds, in the order of its values. */
static const enum facet facets_of[FACET_PARTS][FACETS_A_PART] = {
    [FACETS_CALLER] = {FACET_ACCESS_KEY_ID, FACET_EC2_ROLE_DELIVERY,
                       FACET_VPC_ENDPOINT_ID, FACET_ACCOUNT, FACET_ROLE},
    [FACETS_CALL] = {FACET_EVENT_NAME, FACET_USER_AGENT, FACET_EVENT_SOURCE,
                     FACET_REGION, FACET_ERROR_CODE},
};

_Static_assert(FACET_PARTS *FACETS_A_PART == FACET_COUNT,
               "each facet has its place");

/* Where each facet is held. */
static const struct place {
    enum facet_part part;
    unsigned at;
} places[FACET_COUNT] = {
    [FACET_ACCESS_KEY_ID] = {FACETS_CALLER, 0},
    [FACET_EC2_ROLE_DELIVERY] = {FACETS_CALLER, 1},
    [FACET_VPC_ENDPOINT_ID] = {FACETS_CALLER, 2},
    [FACET_ACCOUNT] = {FACETS_CALLER, 3},
    [FACET_ROLE] = {FACETS_CALLER, 4},
    [FACET_EVENT_NAME] = {FACETS_CALL, 0},
    [FACET_USER_AGENT] = {FACETS_CALL, 1},
    [FACET_EVENT_SOURCE] = {FACETS_CALL, 2},
    [FACET_REGION] = {FACETS_CALL, 3},
    [FACET_ERROR_CODE] = {FACETS_CALL, 4},
};

static bool tuple_equal(const void *owner, uint32_t position, const void *key)
{
    const struct facet_tuples *tuples = owner;

    return hash_equal(tuples->items[position].hash,
                      *(const struct hash128 *)key);
}

static uint64_t tuple_hash(const void *owner, uint32_t position)
{
    const struct facet_tuples *tuples = owner;

    return tuples->items[position].hash.lo;
}

void facet_table_init(struct facet_table *table)
{
    *table = (struct facet_table){0};
    for (int part = 0; part < FACET_PARTS; part++)
        table->part[part].index =
            (struct index){.equal = tuple_equal, .hash = tuple_hash};
    strings_init(&table->strings);
}

void facet_table_release(struct facet_table *table)
{
    if (!table)
        return;
    for (int part = 0; part < FACET_PARTS; part++) {
        sys_free(table->part[part].items);
        index_release(&table->part[part].index);
    }
    strings_release(&table->strings);
    *table = (struct facet_table){0};
}

void facet_table_clear(struct facet_table *table)
{
    for (int part = 0; part < FACET_PARTS; part++) {
        index_clear(&table->part[part].index);
        table->part[part].count = 0;
    }
    strings_clear(&table->strings);
}

/* Unrolled, each facet is a load and has branches of its own, which are
 * foretold by its own lengths: those of one facet are often alike. */
static inline void hash_part(struct facets_hash *hash, struct hash_key key,
                             const struct event *event, enum facet_part part)
{
    struct hash128 sum = hash_begin();

#pragma GCC unroll 5
    for (int i = 0; i < FACETS_A_PART; i++) {
        struct hash128 text =
            hash_text(key, facet_of(event, facets_of[part][i]));

        hash->text[part][i] = text.lo;
        hash_add_text(&sum, text);
    }
    hash->part[part] = hash_end(sum, key);
    hash->guess[part] = FACETS_NONE;
}

void facet_table_hash(const struct facet_table *table,
                      const struct event *event, struct facets_hash *hash)
{
    hash_part(hash, table->strings.key, event, FACETS_CALLER);
    hash_part(hash, table->strings.key, event, FACETS_CALL);
}

void facet_table_prefetch(const struct facet_table *table,
                          const struct facets_hash *hash)
{
    for (int part = 0; part < FACET_PARTS; part++)
        index_prefetch(&table->part[part].index, hash->part[part].lo);
}

/* A part that is new will have its texts looked up. */
static void prefetch_texts(const struct strings *strings,
                           const uint64_t hash[FACETS_A_PART])
{
    for (int i = 0; i < FACETS_A_PART; i++)
        strings_prefetch(strings, hash[i]);
}

void facet_table_prefetch_tuples(const struct facet_table *table,
                                 struct facets_hash *hash)
{
    for (int part = 0; part < FACET_PARTS; part++) {
        const struct facet_tuples *tuples = &table->part[part];
        uint32_t guess = index_guess(&tuples->index, hash->part[part].lo);

        hash->guess[part] = guess;
        if (guess != FACETS_NONE)
            fetch(&tuples->items[guess].hash);
        else
            prefetch_texts(&table->strings, hash->text[part]);
    }
}

static int make_room(struct facet_tuples *tuples)
{
    struct facet_tuple *moved = sys_grow(tuples->items, &tuples->capacity,
                                         tuples->count + 1, sizeof(*moved));

    if (!moved || tuples->count >= FACETS_NONE)
        return -1;
    tuples->items = moved;
    return 0;
}

/* Enter a tuple that is not there. Its number; FACETS_NONE when memory is
 * out. */
static uint32_t add_tuple(struct facet_tuples *tuples,
                          const struct facet_tuple *tuple)
{
    if (make_room(tuples) < 0)
        return FACETS_NONE;
    tuples->items[tuples->count] = *tuple;
    if (index_add(&tuples->index, tuples, tuple->hash.lo,
                  (uint32_t)tuples->count) < 0)
        return FACETS_NONE;
    return (uint32_t)tuples->count++;
}

static uint32_t find_tuple(const struct facet_tuples *tuples,
                           const struct hash128 *hash)
{
    return index_find(&tuples->index, tuples, hash->lo, hash);
}

/* One part of the event's facets, entered if new. */
static uint32_t part_number(struct facet_table *table, int part,
                            const struct facets_hash *hash,
                            const struct event *event)
{
    struct facet_tuples *tuples = &table->part[part];
    struct facet_tuple tuple = {.hash = hash->part[part]};
    uint32_t found = index_find_guessed(&tuples->index, tuples, tuple.hash.lo,
                                        &tuple.hash, hash->guess[part]);

    if (found != INDEX_NONE)
        return found;
    for (int i = 0; i < FACETS_A_PART; i++) {
        tuple.value[i] = strings_intern_hashed(
            &table->strings, facet_of(event, facets_of[part][i]),
            hash->text[part][i]);
        if (tuple.value[i] == STRINGS_FAILED)
            return FACETS_NONE;
    }
    return add_tuple(tuples, &tuple);
}

struct facets facet_table_number(struct facet_table *table,
                                 const struct facets_hash *hash,
                                 const struct event *event)
{
    /* not part by part in memory: the caller reads both as one word */
    return (struct facets){{
        [FACETS_CALLER] = part_number(table, FACETS_CALLER, hash, event),
        [FACETS_CALL] = part_number(table, FACETS_CALL, hash, event),
    }};
}

uint32_t facet_table_enter(struct facet_table *table, enum facet_part part,
                           const struct span texts[FACETS_A_PART])
{
    struct facet_tuple tuple = {.hash = hash_begin()};
    uint32_t found;

    for (int i = 0; i < FACETS_A_PART; i++)
        hash_add(&tuple.hash, table->strings.key, texts[i]);
    tuple.hash = hash_end(tuple.hash, table->strings.key);
    found = find_tuple(&table->part[part], &tuple.hash);
    if (found != INDEX_NONE)
        return found;
    for (int i = 0; i < FACETS_A_PART; i++) {
        tuple.value[i] = strings_intern(&table->strings, texts[i]);
        if (tuple.value[i] == STRINGS_FAILED)
            return FACETS_NONE;
    }
    return add_tuple(&table->part[part], &tuple);
}

void facet_table_part(const struct facet_table *table, enum facet_part part,
                      uint32_t number, struct span texts[FACETS_A_PART])
{
    for (int i = 0; i < FACETS_A_PART; i++)
        texts[i] = strings_text(&table->strings,
                                table->part[part].items[number].value[i]);
}

bool facets_failed(struct facets facets)
{
    return facets.part[FACETS_CALLER] == FACETS_NONE ||
           facets.part[FACETS_CALL] == FACETS_NONE;
}

bool facets_equal(struct facets a, struct facets b)
{
    return a.part[FACETS_CALLER] == b.part[FACETS_CALLER] &&
           a.part[FACETS_CALL] == b.part[FACETS_CALL];
}

uint32_t facet_table_value(const struct facet_table *table,
                           struct facets facets, enum facet facet)
{
    const struct place *place = &places[facet];

    return table->part[place->part]
        .items[facets.part[place->part]]
        .value[place->at];
}

struct span facet_table_text(const struct facet_table *table,
                             struct facets facets, enum facet facet)
{
    return strings_text(&table->strings,
                        facet_table_value(table, facets, facet));
}

static int value_cmp(struct span a, struct span b)
{
    if (!span_present(a) || !span_present(b))
        return span_present(b) - span_present(a);
    return span_cmp(a, b);
}

int facet_table_cmp(const struct facet_table *table, struct facets a,
                    struct facets b)
{
    static const enum facet record_order[] = {
        FACET_ACCOUNT,      FACET_ACCESS_KEY_ID,
        FACET_ROLE,         FACET_EC2_ROLE_DELIVERY,
        FACET_EVENT_SOURCE, FACET_EVENT_NAME,
        FACET_REGION,       FACET_USER_AGENT,
        FACET_ERROR_CODE,   FACET_VPC_ENDPOINT_ID,
    };

    for (size_t i = 0; i < FACET_COUNT; i++) {
        uint32_t x = facet_table_value(table, a, record_order[i]);
        uint32_t y = facet_table_value(table, b, record_order[i]);
        int order = x == y ? 0
                           : value_cmp(strings_text(&table->strings, x),
                                       strings_text(&table->strings, y));

        if (order)
            return order;
    }
    return 0;
}

int facet_renumbering_init(struct facet_renumbering *numbers,
                           struct facet_table *into,
                           const struct facet_table *from)
{
    *numbers = (struct facet_renumbering){.into = into, .from = from};
    for (int part = 0; part < FACET_PARTS; part++) {
        size_t count = from->part[part].count;

        numbers->part[part] = sys_calloc(count, sizeof(uint32_t));
        if (!numbers->part[part])
            return -1;
        for (size_t i = 0; i < count; i++)
            numbers->part[part][i] = FACETS_NONE;
    }
    return 0;
}

void facet_renumbering_release(struct facet_renumbering *numbers)
{
    for (int part = 0; part < FACET_PARTS; part++) {
        sys_free(numbers->part[part]);
        numbers->part[part] = NULL;
    }
}

/* Enter what was not asked for before. FACETS_NONE when memory is out. */
static uint32_t renumber(struct facet_renumbering *numbers, int part,
                         uint32_t number)
{
    const struct facet_tuple *theirs = &numbers->from->part[part].items[number];
    struct facet_tuples *ours = &numbers->into->part[part];
    struct facet_tuple tuple = {.hash = theirs->hash};
    uint32_t found = find_tuple(ours, &theirs->hash);

    for (int i = 0; found == FACETS_NONE && i < FACETS_A_PART; i++) {
        tuple.value[i] = strings_intern(
            &numbers->into->strings,
            strings_text(&numbers->from->strings, theirs->value[i]));
        if (tuple.value[i] == STRINGS_FAILED)
            return FACETS_NONE;
    }
    if (found == FACETS_NONE)
        found = add_tuple(ours, &tuple);
    numbers->part[part][number] = found;
    return found;
}

struct facets facets_renumbered(struct facet_renumbering *numbers,
                                struct facets facets)
{
    for (int part = 0; part < FACET_PARTS; part++) {
        uint32_t number = numbers->part[part][facets.part[part]];

        facets.part[part] = number != FACETS_NONE
                                ? number
                                : renumber(numbers, part, facets.part[part]);
    }
    return facets;
}
