/* Open addressing with linear probing, four slots at a time: where a chain of
 * single slots ends cannot be foretold, but four of them nearly always hold it
 * whole. Entries never leave, so there is nothing to mark as deleted, and of
 * four slots the first ones are taken. */
#include "base/index.h"

#include "base/sys.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define FIRST_SLOT_BITS 6 /* 256 bytes: most aggregates in tests stay here */

/* Memory of one that was much larger than most is not kept: to clear it would
 * cost more than to build it anew. */
#define CLEAR_MAX_SLOTS 16384

/* Beyond so many the pages of new slots are brought in at once. */
#define POPULATE_SLOTS 16384

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

/* The first of the four slots where a hash is looked for. */
static inline size_t four_of(const struct index *index, uint64_t hash)
{
    return (size_t)hash & (index->slot_count - 1) & ~(size_t)3;
}

static inline size_t next_four(const struct index *index, size_t at)
{
    return (at + 4) & (index->slot_count - 1);
}

/* What can be seen of four slots at once: a bit a slot, the first one's the
 * lowest. */
struct glance {
    unsigned like;  /* those that have the tag */
    unsigned empty; /* INDEX_NONE is no slot's value otherwise: its position
                     * would be the last, which the load forbids */
};

static inline struct glance glance_at(const struct index *index, size_t at,
                                      uint32_t tag)
{
    const uint32_t *slots = &index->slots[at];
    uint32_t tag_bits = ~(uint32_t)(index->slot_count - 1);
    struct glance glance = {0, 0};

#if defined(__SSE2__)
    __m128i four = _mm_loadu_si128((const void *)slots);
    __m128i like =
        _mm_cmpeq_epi32(_mm_and_si128(four, _mm_set1_epi32((int)tag_bits)),
                        _mm_set1_epi32((int)tag));
    __m128i empty = _mm_cmpeq_epi32(four, _mm_set1_epi32((int)INDEX_NONE));

    glance.empty = (unsigned)_mm_movemask_ps(_mm_castsi128_ps(empty));
    glance.like = (unsigned)_mm_movemask_ps(_mm_castsi128_ps(like));
#else
    for (unsigned i = 0; i < 4; i++) {
        glance.empty |= (unsigned)(slots[i] == INDEX_NONE) << i;
        glance.like |= (unsigned)((slots[i] & tag_bits) == tag) << i;
    }
#endif
    glance.like &= ~glance.empty;
    return glance;
}

static inline uint32_t position_at(const struct index *index, size_t at)
{
    return index->slots[at] & (uint32_t)(index->slot_count - 1);
}

static void place(struct index *index, uint64_t hash, uint32_t position)
{
    uint32_t tag = tag_of(hash, index->slot_bits);
    size_t at = four_of(index, hash);
    struct glance glance = glance_at(index, at, tag);

    while (!glance.empty) {
        at = next_four(index, at);
        glance = glance_at(index, at, tag);
    }
    index->slots[at + (size_t)__builtin_ctz(glance.empty)] = tag | position;
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
    if (count > POPULATE_SLOTS)
        sys_populate(slots + count / 2, count / 2 * sizeof(*slots));
    memset(slots, 0xff, count * sizeof(*slots));
    index->slots = slots;
    index->slot_count = count;
    index->slot_bits = bits;
    while (left > 0)
        left = enter_some(index, owner, (uint32_t)(index->used - left), left);
    return 0;
}

static bool is_full(const struct index *index)
{
    return (index->used + 1) * 4 > index->slot_count * 3;
}

/* The equal element's position, or INDEX_NONE with `*slot` where it would be
 * entered. The index has slots. */
static inline uint32_t search(const struct index *index, const void *owner,
                              uint64_t hash, const void *key, size_t *slot)
{
    uint32_t tag = tag_of(hash, index->slot_bits);

    for (size_t at = four_of(index, hash);; at = next_four(index, at)) {
        struct glance glance = glance_at(index, at, tag);

        for (; glance.like; glance.like &= glance.like - 1) {
            uint32_t position =
                position_at(index, at + (size_t)__builtin_ctz(glance.like));

            if (index->equal(owner, position, key))
                return position;
        }
        if (glance.empty) {
            *slot = at + (size_t)__builtin_ctz(glance.empty);
            return INDEX_NONE;
        }
    }
}

uint32_t index_find(const struct index *index, const void *owner, uint64_t hash,
                    const void *key)
{
    size_t slot;

    return index->slot_count ? search(index, owner, hash, key, &slot)
                             : INDEX_NONE;
}

uint32_t index_guess(const struct index *index, uint64_t hash)
{
    uint32_t tag;
    size_t at;

    if (index->slot_count == 0)
        return INDEX_NONE;
    tag = tag_of(hash, index->slot_bits);
    for (at = four_of(index, hash);; at = next_four(index, at)) {
        struct glance glance = glance_at(index, at, tag);

        if (glance.like)
            return position_at(index, at + (size_t)__builtin_ctz(glance.like));
        if (glance.empty)
            return INDEX_NONE;
    }
}

int index_add(struct index *index, const void *owner, uint64_t hash,
              uint32_t position)
{
    if (is_full(index) && grow(index, owner) < 0)
        return -1;
    place(index, hash, position);
    index->used++;
    return 0;
}

int index_find_or_add(struct index *index, const void *owner, uint64_t hash,
                      const void *key, uint32_t position, uint32_t *found)
{
    size_t slot = 0;

    if (is_full(index) && grow(index, owner) < 0)
        return -1;
    *found = search(index, owner, hash, key, &slot);
    if (*found == INDEX_NONE) {
        index->slots[slot] = tag_of(hash, index->slot_bits) | position;
        index->used++;
    }
    return 0;
}
