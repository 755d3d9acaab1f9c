/* The delimiter with SSE2, which every x86-64 has: 64 bytes in four
 * registers. */
#include "input/delimit_variants.h"

#ifdef DELIMIT_HAVE_SSE2

#include <emmintrin.h>

struct block {
    __m128i part[4];
};

static inline struct block block_load(const char *at)
{
    struct block block;

    for (int i = 0; i < 4; i++)
        block.part[i] = _mm_loadu_si128((const void *)(at + 16 * i));
    return block;
}

static inline uint64_t mask_at(__m128i part, int i)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(part) << (16 * i);
}

static inline uint64_t block_equal(const struct block *block, char c)
{
    __m128i wanted = _mm_set1_epi8(c);
    uint64_t mask = 0;

    for (int i = 0; i < 4; i++)
        mask |= mask_at(_mm_cmpeq_epi8(block->part[i], wanted), i);
    return mask;
}

static inline uint64_t block_equal_folded(const struct block *block, char c)
{
    __m128i wanted = _mm_set1_epi8(c);
    __m128i bit = _mm_set1_epi8(0x20);
    uint64_t mask = 0;

    for (int i = 0; i < 4; i++)
        mask |= mask_at(
            _mm_cmpeq_epi8(_mm_or_si128(block->part[i], bit), wanted), i);
    return mask;
}

/* In the range [first, last], by unsigned saturation. */
static inline __m128i in_range(__m128i bytes, char first, char last)
{
    return _mm_cmpeq_epi8(
        _mm_subs_epu8(_mm_sub_epi8(bytes, _mm_set1_epi8(first)),
                      _mm_set1_epi8((char)(last - first))),
        _mm_setzero_si128());
}

static inline __m128i any_of(__m128i bytes, const char *set)
{
    __m128i found = _mm_setzero_si128();

    for (; *set; set++)
        found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(*set)));
    return found;
}

/* Without a byte shuffle (SSSE3) the set is compared member by member. */
static inline uint64_t block_legal(const struct block *block)
{
    uint64_t mask = 0;

    for (int i = 0; i < 4; i++) {
        __m128i bytes = block->part[i];
        __m128i folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
        __m128i found =
            _mm_or_si128(in_range(bytes, '0', ':'), in_range(bytes, '+', '.'));

        found = _mm_or_si128(found, in_range(bytes, 'r', 'u'));
        found = _mm_or_si128(found, any_of(folded, "{}"));
        found = _mm_or_si128(found, any_of(bytes, " \t\n\r\"Eaefln"));
        mask |= mask_at(found, i);
    }
    return mask;
}

static inline uint64_t prefix_xor(uint64_t mask)
{
    for (int shift = 1; shift < 64; shift *= 2)
        mask ^= mask << shift;
    return mask;
}

#include "input/delimit_block.h"

const char *delimit_value_sse2(struct delimit *state, const char *at,
                               const char *end)
{
    /* A string by itself has no bracket to end at. */
    if (state->depth == 0 && (state->in_string || *at == '"'))
        return delimit_value_scalar(state, at, end);
    return block_value(state, at, end);
}

#else
typedef int delimit_sse2_is_not_for_this_machine;
#endif
