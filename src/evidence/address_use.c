/* Entries lie in an arena, and the table that grows holds only where: a table
 * of entries would double with room for as many again. */
#include "evidence/address_use.h"

#include "base/sys.h"

/* An instance that is only counted, by its place. */
#define UNNAMED(place) (STRINGS_FAILED - ADDRESS_USE_INSTANCES + (place))

static struct span bytes_of(const struct ip *address)
{
    return span_of((const char *)address, sizeof(*address));
}

static bool use_equal(const void *owner, uint32_t position, const void *key)
{
    const struct address_uses *uses = owner;

    return ip_cmp(uses->items[position]->address, *(const struct ip *)key) == 0;
}

static uint64_t use_hash(const void *owner, uint32_t position)
{
    const struct address_uses *uses = owner;

    return hash_64(uses->key, bytes_of(&uses->items[position]->address));
}

void address_uses_init(struct address_uses *uses)
{
    *uses = (struct address_uses){
        .index = {.equal = use_equal, .hash = use_hash},
        .arena = ARENA_INIT,
        .key = hash_secret(),
    };
}

void address_uses_release(struct address_uses *uses)
{
    index_release(&uses->index);
    arena_release(&uses->arena);
    sys_free(uses->items);
    uses->items = NULL;
    uses->count = uses->capacity = 0;
}

/* Enter what has no entry yet. */
static int enter(struct address_uses *uses, uint64_t hash,
                 struct address_use *use)
{
    struct address_use **moved =
        sys_grow(uses->items, &uses->capacity, uses->count + 1,
                 sizeof(struct address_use *));

    if (!moved)
        return -1;
    uses->items = moved;
    uses->items[uses->count] = use;
    if (index_add(&uses->index, uses, hash, (uint32_t)uses->count) < 0)
        return -1;
    uses->count++;
    return 0;
}

/* The address's entry, made if there is none; NULL when memory is out. */
static struct address_use *entry_of(struct address_uses *uses,
                                    struct ip address)
{
    uint64_t hash = hash_64(uses->key, bytes_of(&address));
    uint32_t at = index_find(&uses->index, uses, hash, &address);
    struct address_use *use;

    if (at != INDEX_NONE)
        return uses->items[at];
    use = arena_alloc(&uses->arena, sizeof(*use));
    if (!use)
        return NULL;
    *use = (struct address_use){
        .address = address,
        .instances = {STRINGS_ABSENT, STRINGS_ABSENT, STRINGS_ABSENT},
        .first_person = TIMESTAMP_UNKNOWN,
    };
    return enter(uses, hash, use) < 0 ? NULL : use;
}

/* The entry's set of people's events, made if there is none. */
static struct distinct *people_of(struct address_uses *uses,
                                  struct address_use *use)
{
    if (use && !use->people) {
        use->people = arena_alloc(&uses->arena, sizeof(*use->people));
        if (use->people)
            *use->people = (struct distinct){0};
    }
    return use ? use->people : NULL;
}

int address_uses_person(struct address_uses *uses, struct ip address,
                        uint64_t event, timestamp time)
{
    struct address_use *use = entry_of(uses, address);
    struct distinct *people = people_of(uses, use);

    if (!people)
        return -1;
    distinct_add(people, event);
    if (time < use->first_person)
        use->first_person = time;
    return 0;
}

static void add_instance(struct address_use *use, uint32_t instance)
{
    for (size_t i = 0; i < ADDRESS_USE_INSTANCES; i++) {
        if (use->instances[i] == instance)
            return;
        if (use->instances[i] == STRINGS_ABSENT) {
            use->instances[i] = instance;
            return;
        }
    }
}

int address_uses_instance(struct address_uses *uses, struct ip address,
                          uint32_t instance)
{
    struct address_use *use = entry_of(uses, address);

    if (!use)
        return -1;
    add_instance(use, instance);
    return 0;
}

int address_uses_crowd(struct address_uses *uses, struct ip address)
{
    struct address_use *use = entry_of(uses, address);

    if (!use)
        return -1;
    for (uint32_t i = 0; i < ADDRESS_USE_INSTANCES; i++)
        if (use->instances[i] == STRINGS_ABSENT)
            use->instances[i] = UNNAMED(i);
    return 0;
}

static int add_people(struct address_uses *uses, struct address_use *use,
                      const struct distinct *added, timestamp first)
{
    struct distinct *people = people_of(uses, use);

    if (!people)
        return -1;
    distinct_merge(people, added);
    if (first < use->first_person)
        use->first_person = first;
    return 0;
}

int address_uses_people(struct address_uses *uses, struct ip address,
                        const struct distinct *people, timestamp first)
{
    return add_people(uses, entry_of(uses, address), people, first);
}

bool address_uses_know(const struct address_uses *uses, struct ip address,
                       struct span instance, const struct strings *texts)
{
    const struct address_use *use = address_uses_find(uses, address);
    unsigned count = use ? address_use_instance_count(use) : 0;

    for (unsigned i = 0; i < count && count < ADDRESS_USE_INSTANCES; i++)
        if (span_eq(strings_text(texts, use->instances[i]), instance))
            return true;
    return count == ADDRESS_USE_INSTANCES;
}

/* Have the instances' numbers be those of another table. */
static void renumber(struct address_use *use, const uint32_t *numbers)
{
    for (unsigned i = 0; i < address_use_instance_count(use); i++)
        if (use->instances[i] < UNNAMED(0))
            use->instances[i] = numbers[use->instances[i]];
}

static int merge_one(struct address_uses *into, struct address_use *from)
{
    uint64_t hash = hash_64(into->key, bytes_of(&from->address));
    uint32_t at = index_find(&into->index, into, hash, &from->address);
    struct address_use *use;

    if (at == INDEX_NONE)
        return enter(into, hash, from);
    use = into->items[at];
    for (unsigned i = 0; i < address_use_instance_count(from); i++)
        add_instance(use, from->instances[i]);
    return from->people
               ? add_people(into, use, from->people, from->first_person)
               : 0;
}

/* Workers see different addresses, mostly: copies of their entries would hold
 * as much as they do once more. */
int address_uses_merge(struct address_uses *into, struct address_uses *from,
                       const uint32_t *numbers)
{
    size_t count = from->count;
    int ret = 0;

    index_release(&from->index);
    from->count = 0;
    arena_adopt(&into->arena, &from->arena);
    for (size_t i = 0; i < count && ret == 0; i++) {
        renumber(from->items[i], numbers);
        ret = merge_one(into, from->items[i]);
    }
    return ret;
}

const struct address_use *address_uses_find(const struct address_uses *uses,
                                            struct ip address)
{
    uint32_t at = index_find(&uses->index, uses,
                             hash_64(uses->key, bytes_of(&address)), &address);

    return at == INDEX_NONE ? NULL : uses->items[at];
}

unsigned address_use_instance_count(const struct address_use *use)
{
    unsigned count = 0;

    while (count < ADDRESS_USE_INSTANCES &&
           use->instances[count] != STRINGS_ABSENT)
        count++;
    return count;
}
