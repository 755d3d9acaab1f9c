/* Four bits a hash; the two halves of the hash make all four places. */
#include "base/sieve.h"

#include "base/sys.h"

#include <stddef.h>

#define PLACES 4
#define BITS   (UINT64_C(1) << 23)
#define WORDS  (BITS / 64)

static uint64_t place_of(struct hash128 hash, unsigned number)
{
    return (hash.lo + number * (hash.hi | 1)) % BITS;
}

static int make_room(struct sieve *sieve)
{
    if (!sieve->bits)
        sieve->bits = sys_calloc(WORDS, sizeof(*sieve->bits));
    return sieve->bits ? 0 : -1;
}

void sieve_release(struct sieve *sieve)
{
    sys_free(sieve->bits);
    sieve->bits = NULL;
}

int sieve_add(struct sieve *sieve, struct hash128 hash)
{
    if (make_room(sieve) < 0)
        return -1;
    for (unsigned i = 0; i < PLACES; i++) {
        uint64_t place = place_of(hash, i);

        sieve->bits[place / 64] |= UINT64_C(1) << place % 64;
    }
    return 0;
}

bool sieve_may_hold(const struct sieve *sieve, struct hash128 hash)
{
    bool may = sieve->bits != NULL;

    for (unsigned i = 0; may && i < PLACES; i++) {
        uint64_t place = place_of(hash, i);

        may = sieve->bits[place / 64] >> place % 64 & 1;
    }
    return may;
}

int sieve_merge(struct sieve *into, const struct sieve *from)
{
    if (!from->bits)
        return 0;
    if (make_room(into) < 0)
        return -1;
    for (size_t i = 0; i < WORDS; i++)
        into->bits[i] |= from->bits[i];
    return 0;
}
