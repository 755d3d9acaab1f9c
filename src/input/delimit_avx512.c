/* The delimiter with AVX-512BW: 64 bytes in one register, and comparisons
 * that give masks. */
#include "input/delimit_variants.h"

#ifdef DELIMIT_HAVE_AVX512

#include <immintrin.h>

struct block {
    __m512i bytes;
};

static inline struct block block_load(const char *at)
{
    return (struct block){_mm512_loadu_si512((const void *)at)};
}

static inline uint64_t block_equal(const struct block *block, char c)
{
    return _mm512_cmpeq_epi8_mask(block->bytes, _mm512_set1_epi8(c));
}

static inline uint64_t block_equal_folded(const struct block *block, char c)
{
    return _mm512_cmpeq_epi8_mask(
        _mm512_or_si512(block->bytes, _mm512_set1_epi8(0x20)),
        _mm512_set1_epi8(c));
}

static inline uint64_t block_legal(const struct block *block);

static inline uint64_t prefix_xor(uint64_t mask)
{
    __m128i ones = _mm_set1_epi8((char)0xff);

    return (uint64_t)_mm_cvtsi128_si64(
        _mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)mask), ones, 0));
}

#include "input/delimit_block.h"

static inline uint64_t block_legal(const struct block *block)
{
    const __m512i high_table =
        _mm512_broadcast_i32x4(_mm_setr_epi8(LEGAL_HIGH_NIBBLES));
    const __m512i low_table =
        _mm512_broadcast_i32x4(_mm_setr_epi8(LEGAL_LOW_NIBBLES));
    __m512i high = _mm512_and_si512(_mm512_srli_epi16(block->bytes, 4),
                                    _mm512_set1_epi8(0x0f));

    /* A byte over 0x7f looks up zero in the low table. */
    return _mm512_test_epi8_mask(_mm512_shuffle_epi8(high_table, high),
                                 _mm512_shuffle_epi8(low_table, block->bytes));
}

const char *delimit_value_avx512(struct delimit *state, const char *at,
                                 const char *end)
{
    /* A string by itself has no bracket to end at. */
    if (state->depth == 0 && (state->in_string || *at == '"'))
        return delimit_value_scalar(state, at, end);
    return block_value(state, at, end);
}

#else
typedef int delimit_avx512_is_not_for_this_machine;
#endif
