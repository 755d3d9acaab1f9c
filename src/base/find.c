/* Two bytes of the word are looked for, in 16 places at once. */
#include "base/find.h"

#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>

#define STEP 16

/* The places, of STEP from `at` on, where both bytes stand. */
static unsigned places(const char *at, struct span word, size_t second)
{
    __m128i a = _mm_loadu_si128((const void *)at);
    __m128i b = _mm_loadu_si128((const void *)(at + second));

    a = _mm_cmpeq_epi8(a, _mm_set1_epi8(word.ptr[0]));
    b = _mm_cmpeq_epi8(b, _mm_set1_epi8(word.ptr[second]));
    return (unsigned)_mm_movemask_epi8(_mm_and_si128(a, b));
}
#endif

/* The byte that is looked for together with the first. */
static size_t second_of(struct span word)
{
    for (size_t i = 1; i < word.len; i++)
        if (word.ptr[i] >= 'A' && word.ptr[i] <= 'Z')
            return i;
    return word.len / 2;
}

const char *find_word(struct span text, struct span word)
{
    const size_t second = second_of(word);
    const char *at = text.ptr;
    const char *last; /* where it can begin at the latest */

    if (text.len < word.len)
        return NULL;
    last = text.ptr + (text.len - word.len);
#if defined(__SSE2__)
    /* The second byte of the last place read is inside the text: its word
     * would be, too. */
    for (; last - at >= STEP - 1; at += STEP)
        for (unsigned found = places(at, word, second); found;
             found &= found - 1) {
            const char *place = at + __builtin_ctz(found);

            if (memcmp(place, word.ptr, word.len) == 0)
                return place;
        }
#endif
    for (; at <= last; at++)
        if (*at == word.ptr[0] && memcmp(at, word.ptr, word.len) == 0)
            return at;
    return NULL;
}
