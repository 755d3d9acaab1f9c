/* Open addressing with linear probing: entries never leave, so there is
 * nothing to mark as deleted. */
#include "base/index.h"

#include "base/sys.h"

#include <string.h>

#define FIRST_SLOTS 64 /* 256 bytes: most aggregates in tests stay here */

void index_release(struct index *index)
{
    if (!index)
        return;
    sys_free(index->slots);
    index->slots = NULL;
    index->slot_count = 0;
    index->used = 0;
}

static void place(uint32_t *slots, size_t slot_count, uint64_t hash,
                  uint32_t position)
{
    size_t at = (size_t)hash & (slot_count - 1);

    while (slots[at] != INDEX_NONE)
        at = (at + 1) & (slot_count - 1);
    slots[at] = position;
}

static int grow(struct index *index, const void *owner)
{
    size_t slot_count = index->slot_count ? index->slot_count * 2 : FIRST_SLOTS;
    uint32_t *slots = sys_malloc(slot_count * sizeof(*slots));

    if (!slots)
        return -1;
    memset(slots, 0xff, slot_count * sizeof(*slots)); /* INDEX_NONE */
    for (size_t i = 0; i < index->slot_count; i++)
        if (index->slots[i] != INDEX_NONE)
            place(slots, slot_count, index->hash(owner, index->slots[i]),
                  index->slots[i]);
    sys_free(index->slots);
    index->slots = slots;
    index->slot_count = slot_count;
    return 0;
}

uint32_t index_find(const struct index *index, const void *owner, uint64_t hash,
                    const void *key)
{
    size_t at;

    if (index->slot_count == 0)
        return INDEX_NONE;
    at = (size_t)hash & (index->slot_count - 1);
    while (index->slots[at] != INDEX_NONE) {
        if (index->equal(owner, index->slots[at], key))
            return index->slots[at];
        at = (at + 1) & (index->slot_count - 1);
    }
    return INDEX_NONE;
}

int index_add(struct index *index, const void *owner, uint64_t hash,
              uint32_t position)
{
    if ((index->used + 1) * 4 > index->slot_count * 3 && grow(index, owner) < 0)
        return -1;
    place(index->slots, index->slot_count, hash, position);
    index->used++;
    return 0;
}
