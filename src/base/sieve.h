/*
 * sieve.h - was this ever seen? A set of hashes in a fixed megabyte, which
 * says yes wrongly now and then and never no (a Bloom filter): of a million
 * things that are in it, 1 in 50 others is said to be, too.
 *
 * Uniting is commutative, associative and idempotent. One thread at a time.
 */
#ifndef OFFBOX_BASE_SIEVE_H
#define OFFBOX_BASE_SIEVE_H

#include "base/hash.h"

#include <stdbool.h>

struct sieve {
    uint64_t *bits; /* NULL: empty, and no memory is held */
};

/* Safe for a zeroed one, which is empty. */
void sieve_release(struct sieve *sieve);

/* -1 when memory is out. */
int sieve_add(struct sieve *sieve, struct hash128 hash);

bool sieve_may_hold(const struct sieve *sieve, struct hash128 hash);

/* -1 when memory is out. */
int sieve_merge(struct sieve *into, const struct sieve *from);

#endif
