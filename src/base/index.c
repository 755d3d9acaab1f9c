/* Open addressing with linear probing: entries never leave, so there is
 * nothing to mark as deleted. */
#include "base/index.h"

#include "base/sys.h"

#include <string.h>

#define FIRST_SLOT_BITS 6 /* 256 bytes: most aggregates in tests stay here */

/* Memory of one that was much larger than most is not kept: to clear it would
 * cost more than to build it anew. */
#define CLEAR_MAX_SLOTS 16384

/* So many slots are fetched at once when an index grows. */
#define AHEAD 32

void index_release(struct index *index)
{
    if (!index)
        return;
    sys_free(index->slots);
    index->slots = NULL;
    index->slot_count = 0;
    index->slot_bits = 0;
    index->used = 0;
}

void index_clear(struct index *index)
{
    if (index->slot_count > CLEAR_MAX_SLOTS)
        index_release(index);
    for (size_t i = 0; i < index->slot_count; i++)
        index->slots[i] = INDEX_NONE;
    index->used = 0;
}

/* The bits of the hash that a slot holds above the position. The low ones
 * choose the slot, so these are from the top. */
static inline uint32_t tag_of(uint64_t hash, unsigned slot_bits)
{
    return (uint32_t)(hash >> 32) >> slot_bits << slot_bits;
}

static inline uint32_t position_of(uint32_t slot, size_t slot_count)
{
    return slot & (uint32_t)(slot_count - 1);
}

/* INDEX_NONE is no slot's value: its position would be the last, which the
 * load forbids. */
static void place(struct index *index, uint64_t hash, uint32_t position)
{
    size_t at = (size_t)hash & (index->slot_count - 1);

    while (index->slots[at] != INDEX_NONE)
        at = (at + 1) & (index->slot_count - 1);
    index->slots[at] = tag_of(hash, index->slot_bits) | position;
}

/* Enter the owner's elements from `position` on, a few at a time: while these
 * are hashed, their slots are fetched. How many there are left. */
static size_t enter_some(struct index *index, const void *owner,
                         uint32_t position, size_t left)
{
    uint64_t hashes[AHEAD];
    uint32_t some = left < AHEAD ? (uint32_t)left : AHEAD;

    for (uint32_t i = 0; i < some; i++) {
        hashes[i] = index->hash(owner, position + i);
        index_prefetch(index, hashes[i]);
    }
    for (uint32_t i = 0; i < some; i++)
        place(index, hashes[i], position + i);
    return left - some;
}

/* Not slot by slot: the owner's array is read from its beginning to its end,
 * and only the slots, which are small, in any order. So the old ones need not
 * be kept, and where the system moves large memory by its pages, these are
 * there already. */
static int grow(struct index *index, const void *owner)
{
    unsigned bits = index->slot_count ? index->slot_bits + 1 : FIRST_SLOT_BITS;
    size_t count = (size_t)1 << bits;
    uint32_t *slots = sys_realloc(index->slots, count * sizeof(*slots));
    size_t left = index->used;

    if (!slots)
        return -1;
    memset(slots, 0xff, count * sizeof(*slots));
    index->slots = slots;
    index->slot_count = count;
    index->slot_bits = bits;
    while (left > 0)
        left = enter_some(index, owner, (uint32_t)(index->used - left), left);
    return 0;
}

/* The position in the next slot from `*at` on that has the tag; INDEX_NONE if
 * an empty one comes before. */
static inline uint32_t next_like(const struct index *index, uint32_t tag,
                                 size_t *at)
{
    size_t last = index->slot_count - 1;

    while (index->slots[*at & last] != INDEX_NONE) {
        uint32_t slot = index->slots[(*at)++ & last];
        uint32_t position = position_of(slot, index->slot_count);

        if ((slot ^ position) == tag)
            return position;
    }
    return INDEX_NONE;
}

uint32_t index_find(const struct index *index, const void *owner, uint64_t hash,
                    const void *key)
{
    uint32_t tag, position;
    size_t at = (size_t)hash;

    if (index->slot_count == 0)
        return INDEX_NONE;
    tag = tag_of(hash, index->slot_bits);
    do
        position = next_like(index, tag, &at);
    while (position != INDEX_NONE && !index->equal(owner, position, key));
    return position;
}

uint32_t index_guess(const struct index *index, uint64_t hash)
{
    size_t at = (size_t)hash;

    if (index->slot_count == 0)
        return INDEX_NONE;
    return next_like(index, tag_of(hash, index->slot_bits), &at);
}

int index_add(struct index *index, const void *owner, uint64_t hash,
              uint32_t position)
{
    if ((index->used + 1) * 4 > index->slot_count * 3 && grow(index, owner) < 0)
        return -1;
    place(index, hash, position);
    index->used++;
    return 0;
}
