/*
 * index.h - a hash index over an array that somebody else owns.
 *
 * It maps a hash to positions (0, 1, 2 …) in the owner's array and holds
 * nothing but those positions: four bytes an entry at a load of at most
 * three quarters. A position below 2^n needs only n of a slot's bits; the
 * others hold bits of the hash, so that an element is looked at (a cache
 * miss, mostly) only if it very likely is the one. The owner compares and
 * the owner hashes, so one index serves strings, groups and rows alike.
 * Entries never leave.
 *
 * One thread at a time.
 */
#ifndef OFFBOX_BASE_INDEX_H
#define OFFBOX_BASE_INDEX_H

#include "base/fetch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INDEX_NONE UINT32_MAX

struct index {
    uint32_t *slots;
    size_t slot_count;  /* 0 or a power of two … */
    unsigned slot_bits; /* … of this exponent */
    size_t used;

    /* Does the owner's element at `position` equal `key`? */
    bool (*equal)(const void *owner, uint32_t position, const void *key);
    /* The hash of the owner's element at `position`, needed when the
     * index grows. */
    uint64_t (*hash)(const void *owner, uint32_t position);
};

void index_release(struct index *index);

/* Forget every entry but keep the memory, unless it is much. */
void index_clear(struct index *index);

/* The position of the element equal to `key`, or INDEX_NONE. `hash` is
 * the key's. */
uint32_t index_find(const struct index *index, const void *owner, uint64_t hash,
                    const void *key);

/* The same, beginning with a guess (see index_guess()), which may be any
 * number. */
static inline uint32_t index_find_guessed(const struct index *index,
                                          const void *owner, uint64_t hash,
                                          const void *key, uint32_t guess)
{
    return guess < index->used && index->equal(owner, guess, key)
               ? guess
               : index_find(index, owner, hash, key);
}

/* Have the slot that index_find() looks at first fetched. */
static inline void index_prefetch(const struct index *index, uint64_t hash)
{
    if (index->slot_count)
        fetch(&index->slots[hash & (index->slot_count - 1)]);
}

/* The position that index_find() would compare first, without comparing: very
 * likely the one. INDEX_NONE if there is none, and then index_find() would find
 * none. For fetching the element ahead. */
uint32_t index_guess(const struct index *index, uint64_t hash);

/* Enter `position`, the next one: as many as are in the index. -1 when memory
 * is out, with the index as it was. */
int index_add(struct index *index, const void *owner, uint64_t hash,
              uint32_t position);

/* Both in one search: the position of the element equal to `key` is `*found`;
 * if there is none, that is INDEX_NONE, and `position` is entered, as with
 * index_add(). */
int index_find_or_add(struct index *index, const void *owner, uint64_t hash,
                      const void *key, uint32_t position, uint32_t *found);

#endif
