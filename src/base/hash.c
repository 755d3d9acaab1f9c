/* SipHash-2-4-128: see hash.h for why it is here. */
#include "base/hash.h"

#include <sys/random.h>
#include <time.h>
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
static inline uint64_t load_le(const char *from, size_t bytes)
{
    uint64_t word = 0;

    for (size_t i = 0; i < bytes; i++)
        word |= (uint64_t)(unsigned char)from[i] << (8 * i);
    return word;
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
    struct hash128 hash;

    for (size_t i = 0; i < whole; i += 8)
        sip_word(&s, load_le(bytes.ptr + i, 8));
    sip_word(&s, load_le(bytes.len > whole ? bytes.ptr + whole : "",
                         bytes.len - whole) |
                     (uint64_t)bytes.len << 56);
    s.v2 ^= 0xee;
    hash.lo = sip_finish(&s);
    s.v1 ^= 0xdd;
    hash.hi = sip_finish(&s);
    return hash;
}

uint64_t hash_64(struct hash_key key, struct span bytes)
{
    return hash_128(key, bytes).lo;
}

struct hash_key hash_secret(void)
{
    static struct hash_key secret;
    static int drawn;

    if (!drawn) {
        /* Without a random source (an early boot, a strict sandbox) the
         * clock and the process are weaker, but no constant. */
        if (getrandom(&secret, sizeof(secret), GRND_NONBLOCK) !=
            (ssize_t)sizeof(secret)) {
            struct timespec now = {0, 0};

            (void)clock_gettime(CLOCK_REALTIME, &now);
            secret.k0 = (uint64_t)now.tv_sec ^ (uint64_t)now.tv_nsec << 32;
            secret.k1 = (uint64_t)getpid() ^ (uint64_t)(uintptr_t)&now;
        }
        drawn = 1;
    }
    return secret;
}
