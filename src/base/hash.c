/* SipHash-2-4-128 and a folding hash: see hash.h for why they are here. */
#include "base/hash.h"

#include "base/sys.h"

#include <unistd.h>

struct sip {
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotl(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

static inline void sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v1 = rotl(s->v1, 13) ^ s->v0;
    s->v0 = rotl(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotl(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotl(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotl(s->v1, 17) ^ s->v2;
    s->v2 = rotl(s->v2, 32);
}

static inline void sip_word(struct sip *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    sip_round(s);
    s->v0 ^= word;
}

/* Little-endian on every machine, so identities travel between them. */
static inline uint64_t load_le(const char *from)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap64(hash_load_8(from));
#else
    return hash_load_8(from);
#endif
}

static inline uint64_t sip_finish(struct sip *s)
{
    for (int i = 0; i < 4; i++)
        sip_round(s);
    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

struct hash128 hash_128(struct hash_key key, struct span bytes)
{
    struct sip s = {
        key.k0 ^ 0x736f6d6570736575u,
        key.k1 ^ 0x646f72616e646f6du ^ 0xee, /* 0xee: the 128-bit variant */
        key.k0 ^ 0x6c7967656e657261u,
        key.k1 ^ 0x7465646279746573u,
    };
    size_t whole = bytes.len / 8 * 8;
    char last[8] = {0};
    struct hash128 hash;

    for (size_t i = 0; i < whole; i += 8)
        sip_word(&s, load_le(bytes.ptr + i));
    for (size_t i = whole; i < bytes.len; i++)
        last[i - whole] = bytes.ptr[i];
    sip_word(&s, load_le(last) | (uint64_t)bytes.len << 56);
    s.v2 ^= 0xee;
    hash.lo = sip_finish(&s);
    s.v1 ^= 0xdd;
    hash.hi = sip_finish(&s);
    return hash;
}

struct hash128 hash_table(struct hash_key key, struct span bytes)
{
    struct hash128 hash = hash_begin();

    hash_add(&hash, key, bytes);
    return hash_end(hash, key);
}

struct hash_key hash_secret(void)
{
    static struct hash_key secret;
    static int drawn;

    if (!drawn) {
        /* Without a random source the clock and the process are weaker,
         * but no constant. */
        if (sys_random(&secret, sizeof(secret)) < 0) {
            struct timespec now = {0, 0};

            (void)sys_clock(&now);
            secret.k0 = (uint64_t)now.tv_sec ^ (uint64_t)now.tv_nsec << 32;
            secret.k1 = (uint64_t)getpid() ^ (uint64_t)(uintptr_t)&now;
        }
        drawn = 1;
    }
    return secret;
}
