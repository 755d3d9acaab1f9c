/*
 * hash.h - hashing bytes: one function for identities, one for tables.
 *
 * Identities must be the same on every machine and must not collide:
 * hash_128() is SipHash-2-4 with 128 bits of result (Aumasson and
 * Bernstein, 2012) under a published key. Tables must be fast, and since
 * attackers write part of the input, their collisions must not be
 * computable in advance: hash_table() folds 128-bit products under a
 * secret key drawn by each process.
 *
 * Own code, a few dozen lines: no library among the project's packages
 * offers a keyed hash, and a dependency for this alone would be larger
 * than the functions. tests/unit/test_hash.c holds SipHash to the authors'
 * published vectors.
 */
#ifndef OFFBOX_BASE_HASH_H
#define OFFBOX_BASE_HASH_H

#include "base/span.h"

#include <stdint.h>

struct hash_key {
    uint64_t k0, k1;
};

struct hash128 {
    uint64_t lo, hi;
};

struct hash128 hash_128(struct hash_key key, struct span bytes);

/* For tables only: what it gives differs between machines. The low half
 * alone is good, and so are both halves as a stand-in for the bytes. */
struct hash128 hash_table(struct hash_key key, struct span bytes);

/* Several texts as one key: begin with hash_begin(), add each (an absent
 * span differs from an empty one), and end with hash_end(). Lengths count,
 * so "ab" and "c" are another key than "a" and "bc". */
struct hash128 hash_begin(struct hash_key key);
void hash_add(struct hash128 *hash, struct hash_key key, struct span bytes);
struct hash128 hash_end(struct hash128 hash, struct hash_key key);

/* For a set: the sum does not depend on the order. */
static inline struct hash128 hash_sum(struct hash128 a, struct hash128 b)
{
    struct hash128 sum = {a.lo + b.lo, a.hi + b.hi};

    sum.hi += sum.lo < a.lo;
    return sum;
}

static inline uint64_t hash_64(struct hash_key key, struct span bytes)
{
    return hash_table(key, bytes).lo;
}

/* This process's secret key, drawn at the first call from the system's
 * random source. Safe from any thread once one call has returned. */
struct hash_key hash_secret(void);

#endif
