/* The hash's own low bits are the slot: the elements are hashes already. */
#include "base/hash_set.h"

#include "base/sys.h"

#define FIRST_SLOTS 64

void hash_set_release(struct hash_set *set)
{
    sys_free(set->slots);
    *set = HASH_SET_INIT;
}

/* Where the hash is, or would be. */
static struct hash_slot *slot_of(const struct hash_set *set,
                                 struct hash128 hash)
{
    size_t at = hash.lo & (set->slot_count - 1);

    while (set->slots[at].met > 0 && (set->slots[at].hash.lo != hash.lo ||
                                      set->slots[at].hash.hi != hash.hi))
        at = (at + 1) & (set->slot_count - 1);
    return &set->slots[at];
}

static int grow(struct hash_set *set)
{
    struct hash_set larger = {
        .slot_count = set->slots ? 2 * set->slot_count : FIRST_SLOTS,
        .count = set->count,
    };

    larger.slots = sys_calloc(larger.slot_count, sizeof(*larger.slots));
    if (!larger.slots)
        return -1;
    for (size_t i = 0; set->slots && i < set->slot_count; i++)
        if (set->slots[i].met > 0)
            *slot_of(&larger, set->slots[i].hash) = set->slots[i];
    hash_set_release(set);
    *set = larger;
    return 0;
}

uint64_t hash_set_add(struct hash_set *set, struct hash128 hash)
{
    struct hash_slot *slot;

    if (2 * (set->count + 1) > set->slot_count && grow(set) < 0)
        return 0;
    slot = slot_of(set, hash);
    if (slot->met == 0) {
        slot->hash = hash;
        set->count++;
    }
    return ++slot->met;
}

struct hash_slot *hash_set_find(const struct hash_set *set, struct hash128 hash)
{
    struct hash_slot *slot = set->slots ? slot_of(set, hash) : NULL;

    return slot && slot->met > 0 ? slot : NULL;
}
