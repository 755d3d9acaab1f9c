/*
 * random.h - numbers that are the same on every machine: splitmix64, by
 * Sebastiano Vigna, as a generator and as a hash. Whole numbers only;
 * floating point would differ in its last bit.
 */
#ifndef BENCH_RANDOM_H
#define BENCH_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
    uint64_t state;
};

static inline uint64_t scramble(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static inline uint64_t rng_next(struct rng *rng)
{
    rng->state += 0x9e3779b97f4a7c15U;
    return scramble(rng->state);
}

/* A number that depends on both, and on their order. */
static inline uint64_t mix(uint64_t a, uint64_t b)
{
    return scramble(scramble(a + 0x9e3779b97f4a7c15U) ^ b);
}

/* From 0 to `n` - 1; for an `n` of more than 2^32, see rng_wide(). */
static inline uint32_t rng_below(struct rng *rng, uint32_t n)
{
    return (uint32_t)(((rng_next(rng) >> 32) * n) >> 32);
}

/* The same for any `n` above 0; its bias is far below what shows here. */
static inline uint64_t rng_wide(struct rng *rng, uint64_t n)
{
    return rng_next(rng) % n;
}

static inline bool rng_permille(struct rng *rng, uint32_t permille)
{
    return rng_below(rng, 1000) < permille;
}

#endif
