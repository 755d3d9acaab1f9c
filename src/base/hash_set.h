/*
 * hash_set.h - how many distinct hashes, and how often each was met.
 *
 * For hashes of 128 bits, which stand for what they are of: two that are
 * alike are one. Open addressing, at most half full. One thread at a time.
 */
#ifndef OFFBOX_BASE_HASH_SET_H
#define OFFBOX_BASE_HASH_SET_H

#include "base/hash.h"

#include <stddef.h>

struct hash_slot {
    struct hash128 hash;
    uint64_t met; /* 0: empty */
};

struct hash_set {
    struct hash_slot *slots; /* NULL while nothing was added */
    size_t slot_count;       /* a power of two */
    size_t count;            /* distinct hashes */
};

#define HASH_SET_INIT ((struct hash_set){NULL, 0, 0})

void hash_set_release(struct hash_set *set);

/* How often it has been met now: 1 if it is new, 0 when memory is out. */
uint64_t hash_set_add(struct hash_set *set, struct hash128 hash);

/* The hash's slot if it was added, to count on in; NULL if not. Valid until
 * the next that is new. */
struct hash_slot *hash_set_find(const struct hash_set *set,
                                struct hash128 hash);

#endif
