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

    return mask_at(_mm_cmpeq_epi8(block->part[0], wanted), 0) |
           mask_at(_mm_cmpeq_epi8(block->part[1], wanted), 1) |
           mask_at(_mm_cmpeq_epi8(block->part[2], wanted), 2) |
           mask_at(_mm_cmpeq_epi8(block->part[3], wanted), 3);
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

/* Equal to `c` when the bits of `but` are cleared: two of the set, or four,
 * with one comparison. */
static inline __m128i is(__m128i bytes, char c, char but)
{
    return _mm_cmpeq_epi8(_mm_and_si128(bytes, _mm_set1_epi8((char)~but)),
                          _mm_set1_epi8(c));
}

/* Without a byte shuffle (SSSE3) the set is compared piece by piece. */
static inline __m128i is_legal(__m128i bytes)
{
    __m128i found = in_range(bytes, '0', ':');

    found = _mm_or_si128(found, in_range(bytes, '+', '.'));
    found = _mm_or_si128(found, in_range(bytes, 'r', 'u'));
    found = _mm_or_si128(found, is(bytes, '[', 0x20));
    found = _mm_or_si128(found, is(bytes, ']', 0x20));
    found = _mm_or_si128(found, is(bytes, ' ', 0x02));  /* blank, " */
    found = _mm_or_si128(found, is(bytes, '\t', 0x04)); /* tab, CR */
    found = _mm_or_si128(found, is(bytes, '\n', 0));
    found = _mm_or_si128(found, is(bytes, 'E', 0x20)); /* E, e */
    found = _mm_or_si128(found, is(bytes, 'a', 0));
    found = _mm_or_si128(found, is(bytes, 'f', 0));
    return _mm_or_si128(found, is(bytes, 'l', 0x02)); /* l, n */
}

static inline uint64_t block_legal(const struct block *block)
{
    return mask_at(is_legal(block->part[0]), 0) |
           mask_at(is_legal(block->part[1]), 1) |
           mask_at(is_legal(block->part[2]), 2) |
           mask_at(is_legal(block->part[3]), 3);
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
