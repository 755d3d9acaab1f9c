/*
 * distinct.h - how many distinct things were seen, in little memory.
 *
 * Exact up to DISTINCT_EXACT; beyond that HyperLogLog (Flajolet and others,
 * 2007) with DISTINCT_REGISTERS registers of a byte: a standard error of
 * 1.04 / sqrt(96), a tenth. Either way what is held depends on the set of
 * things alone, so adding one twice changes nothing, and uniting two is
 * commutative, associative and idempotent.
 */
#ifndef OFFBOX_BASE_DISTINCT_H
#define OFFBOX_BASE_DISTINCT_H

#include <stdbool.h>
#include <stdint.h>

#define DISTINCT_EXACT     12
#define DISTINCT_REGISTERS (DISTINCT_EXACT * 8)

/* All zero: nothing was seen. */
struct distinct {
    uint8_t used; /* hashes, sorted; DISTINCT_EXACT + 1: registers */
    union {
        uint64_t hashes[DISTINCT_EXACT];
        uint8_t registers[DISTINCT_REGISTERS];
    } seen;
};

/* `hash` stands for the thing: good in all bits, and the same in every run
 * where the count must be. */
void distinct_add(struct distinct *distinct, uint64_t hash);

void distinct_merge(struct distinct *into, const struct distinct *from);

uint64_t distinct_count(const struct distinct *distinct);

/* Is that an exact count, and no estimate? */
bool distinct_is_exact(const struct distinct *distinct);

#endif
