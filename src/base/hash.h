/*
 * hash.h - SipHash-2-4 with 128 bits of result.
 *
 * Attackers write part of the input, so tables keyed by it must not use
 * a hash whose collisions can be computed in advance: SipHash under a
 * secret key is the standard answer (Aumasson and Bernstein, 2012). The
 * same function under a published key gives event identities, which must
 * be the same on every machine.
 *
 * Own code, about forty lines: no library among the project's packages
 * offers a keyed hash, and a dependency for this alone would be larger
 * than the function. tests/unit/test_hash.c holds it to the authors'
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

/* The low half of the 128 bits, for tables. */
uint64_t hash_64(struct hash_key key, struct span bytes);

/* This process's secret key, drawn at the first call from the system's
 * random source. Safe from any thread once one call has returned. */
struct hash_key hash_secret(void);

#endif
