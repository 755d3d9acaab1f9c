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
#include <string.h>

struct hash_key {
    uint64_t k0, k1;
};

struct hash128 {
    uint64_t lo, hi;
};

static inline bool hash_equal(struct hash128 a, struct hash128 b)
{
    return a.lo == b.lo && a.hi == b.hi;
}

struct hash128 hash_128(struct hash_key key, struct span bytes);

/* For tables only: what it gives differs between machines. The low half
 * alone is good, and so are both halves as a stand-in for the bytes. */
struct hash128 hash_table(struct hash_key key, struct span bytes);

/* Several texts as one key: begin with hash_begin(), add each (an absent
 * span differs from an empty one), and end with hash_end(). Lengths and the
 * order count, so "ab" and "c" are another key than "a" and "bc". One text is
 * the same key as with hash_table(). */
static inline struct hash128 hash_begin(void);
static inline void hash_add(struct hash128 *hash, struct hash_key key,
                            struct span bytes);
static inline struct hash128 hash_end(struct hash128 hash, struct hash_key key);

/* One text as a part of such a key, for whoever needs the text's own hash,
 * too: hash_64_of() makes it of the low half. */
static inline struct hash128 hash_text(struct hash_key key, struct span bytes);
static inline void hash_add_text(struct hash128 *hash, struct hash128 text);
static inline uint64_t hash_64_of(struct hash_key key, uint64_t text);

/* What follows is for these alone. They are inline because an event has
 * a dozen texts, and most are short. */
static inline uint64_t hash_load_8(const char *from)
{
    uint64_t word;

    memcpy(&word, from, sizeof(word));
    return word;
}

static inline uint64_t hash_load_4(const char *from)
{
    uint32_t word;

    memcpy(&word, from, sizeof(word));
    return word;
}

/* A product's two halves, one over the other. */
static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 uint128;
    uint128 product = (uint128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Two lanes over the same 16 bytes, each under both halves of the key. */
static inline void hash_round(struct hash128 *hash, struct hash_key key,
                              uint64_t a, uint64_t b)
{
    hash->lo = hash_fold(hash->lo ^ a, b ^ key.k1);
    hash->hi = hash_fold(hash->hi ^ b, a ^ key.k0);
}

/*
 * The constants (digits of pi) keep the lanes apart: begun with the
 * bare key, both would form the same first product. The last round takes the
 * last 16 bytes, or two words that overlap: with the length, which goes in
 * beside them, no two texts give the same. A copy of what is left would be a
 * call of memcpy(). What is absent, as two of ten facets mostly are, is the
 * state that others begin with.
 */
static inline struct hash128 hash_text(struct hash_key key, struct span bytes)
{
    struct hash128 hash = {key.k0 + UINT64_C(0xa4093822299f31d0),
                           key.k1 ^ UINT64_C(0x082efa98ec4e6c89)};
    const char *at = bytes.ptr;
    size_t left = bytes.len;
    uint64_t len = bytes.len;
    uint64_t a = 0, b = 0;

    if (!span_present(bytes))
        return hash;
    for (; left > 16; at += 16, left -= 16)
        hash_round(&hash, key, hash_load_8(at), hash_load_8(at + 8));
    if (bytes.len >= 16) {
        a = hash_load_8(at + left - 16);
        b = hash_load_8(at + left - 8);
    } else if (left >= 8) {
        a = hash_load_8(at);
        b = hash_load_8(at + left - 8);
    } else if (left >= 4) {
        a = hash_load_4(at);
        b = hash_load_4(at + left - 4);
    } else if (left > 0) {
        a = (unsigned char)at[0];
        b = (uint64_t)(unsigned char)at[left / 2] << 8 |
            (unsigned char)at[left - 1];
    }
    hash_round(&hash, key, a ^ len << 32, b + len);
    return hash;
}

static inline uint64_t hash_turn(uint64_t sum)
{
    return sum << 25 | sum >> 39;
}

static inline struct hash128 hash_begin(void)
{
    return (struct hash128){0, 0};
}

/* Each text's products are a chain of its own, so that the processor works on
 * several texts at once. Nobody without the key can tell what a text comes
 * to, so a turned sum is enough to unite them. */
static inline void hash_add_text(struct hash128 *hash, struct hash128 text)
{
    hash->lo = hash_turn(hash->lo) + text.lo;
    hash->hi = hash_turn(hash->hi) + text.hi;
}

static inline void hash_add(struct hash128 *hash, struct hash_key key,
                            struct span bytes)
{
    hash_add_text(hash, hash_text(key, bytes));
}

/* One more round, over constants (digits of pi), so that the last bytes reach
 * every bit. */
static inline struct hash128 hash_end(struct hash128 hash, struct hash_key key)
{
    hash_round(&hash, key, UINT64_C(0x243f6a8885a308d3),
               UINT64_C(0x13198a2e03707344));
    return hash;
}

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

static inline uint64_t hash_64_of(struct hash_key key, uint64_t text)
{
    return hash_end((struct hash128){text, 0}, key).lo;
}

/* This process's secret key, drawn at the first call from the system's
 * random source. Safe from any thread once one call has returned. */
struct hash_key hash_secret(void);

#endif
