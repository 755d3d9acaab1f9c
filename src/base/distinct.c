/* A small sorted set that becomes a sketch when it is full. */
#include "base/distinct.h"

#include <string.h>

#define SKETCH (DISTINCT_EXACT + 1)

/* The bias of the raw estimate, 0.7213 / (1 + 1.079 / m). */
static const double alpha = 0.7213 / (1 + 1.079 / DISTINCT_REGISTERS);

/* The upper half of a hash chooses the register, the lower one gives how
 * rare it is: one more than its trailing zeros. */
static void sketch(struct distinct *distinct, uint64_t hash)
{
    uint64_t chosen = (hash >> 32) * DISTINCT_REGISTERS >> 32;
    uint32_t lower = (uint32_t)hash;
    uint8_t rank = 1;

    while (rank <= 32 && !(lower & 1)) {
        lower >>= 1;
        rank++;
    }
    if (rank > distinct->seen.registers[chosen])
        distinct->seen.registers[chosen] = rank;
}

static void become_sketch(struct distinct *distinct)
{
    struct distinct exact = *distinct;

    memset(distinct, 0, sizeof(*distinct));
    distinct->used = SKETCH;
    for (unsigned i = 0; i < exact.used; i++)
        sketch(distinct, exact.seen.hashes[i]);
}

void distinct_add(struct distinct *distinct, uint64_t hash)
{
    uint64_t *hashes = distinct->seen.hashes;
    unsigned at = 0;

    if (distinct->used == SKETCH) {
        sketch(distinct, hash);
        return;
    }
    while (at < distinct->used && hashes[at] < hash)
        at++;
    if (at < distinct->used && hashes[at] == hash)
        return;
    if (distinct->used == DISTINCT_EXACT) {
        become_sketch(distinct);
        sketch(distinct, hash);
        return;
    }
    memmove(hashes + at + 1, hashes + at,
            (distinct->used - at) * sizeof(*hashes));
    hashes[at] = hash;
    distinct->used++;
}

void distinct_merge(struct distinct *into, const struct distinct *from)
{
    if (from->used != SKETCH) {
        for (unsigned i = 0; i < from->used; i++)
            distinct_add(into, from->seen.hashes[i]);
        return;
    }
    if (into->used != SKETCH)
        become_sketch(into);
    for (unsigned i = 0; i < DISTINCT_REGISTERS; i++)
        if (from->seen.registers[i] > into->seen.registers[i])
            into->seen.registers[i] = from->seen.registers[i];
}

/* How many draws leave `empty` of the registers without one, on average
 * (the coupon collector): better than the sketch while many are empty. */
static double draws(unsigned empty)
{
    double sum = 0;

    for (unsigned i = empty + 1; i <= DISTINCT_REGISTERS; i++)
        sum += (double)DISTINCT_REGISTERS / i;
    return sum;
}

uint64_t distinct_count(const struct distinct *distinct)
{
    double sum = 0;
    double count;
    unsigned empty = 0;

    if (distinct->used != SKETCH)
        return distinct->used;
    for (unsigned i = 0; i < DISTINCT_REGISTERS; i++) {
        uint8_t rank = distinct->seen.registers[i];

        empty += rank == 0;
        sum += 1.0 / (double)(UINT64_C(1) << rank);
    }
    count = alpha * DISTINCT_REGISTERS * DISTINCT_REGISTERS / sum;
    if (count <= 2.5 * DISTINCT_REGISTERS && empty > 0)
        count = draws(empty);
    /* A sketch is made of more than the exact ones. */
    return count < SKETCH ? SKETCH : (uint64_t)(count + 0.5);
}

bool distinct_is_exact(const struct distinct *distinct)
{
    return distinct->used != SKETCH;
}
