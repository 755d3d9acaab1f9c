/* The delimiter with AVX2: 64 bytes in two registers. */
#include "input/delimit_variants.h"

#ifdef DELIMIT_HAVE_AVX2

#include <immintrin.h>

struct block {
    __m256i low, high;
};

static inline struct block block_load(const char *at)
{
    return (struct block){
        _mm256_loadu_si256((const void *)at),
        _mm256_loadu_si256((const void *)(at + 32)),
    };
}

static inline uint64_t mask_of(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

static inline uint64_t block_equal(const struct block *block, char c)
{
    __m256i wanted = _mm256_set1_epi8(c);

    return mask_of(_mm256_cmpeq_epi8(block->low, wanted),
                   _mm256_cmpeq_epi8(block->high, wanted));
}

static inline uint64_t block_equal_folded(const struct block *block, char c)
{
    __m256i wanted = _mm256_set1_epi8(c);
    __m256i bit = _mm256_set1_epi8(0x20);

    return mask_of(
        _mm256_cmpeq_epi8(_mm256_or_si256(block->low, bit), wanted),
        _mm256_cmpeq_epi8(_mm256_or_si256(block->high, bit), wanted));
}

static inline uint64_t block_legal(const struct block *block);

static inline uint64_t prefix_xor(uint64_t mask)
{
    __m128i ones = _mm_set1_epi8((char)0xff);

    return (uint64_t)_mm_cvtsi128_si64(
        _mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)mask), ones, 0));
}

#include "input/delimit_block.h"

/* Zero where the byte is not legal. A byte over 0x7f looks up zero. */
static inline __m256i legal_bits(__m256i bytes)
{
    const __m256i high_table =
        _mm256_setr_epi8(LEGAL_HIGH_NIBBLES, LEGAL_HIGH_NIBBLES);
    const __m256i low_table =
        _mm256_setr_epi8(LEGAL_LOW_NIBBLES, LEGAL_LOW_NIBBLES);
    __m256i high =
        _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0f));

    return _mm256_and_si256(_mm256_shuffle_epi8(high_table, high),
                            _mm256_shuffle_epi8(low_table, bytes));
}

static inline uint64_t block_legal(const struct block *block)
{
    __m256i zero = _mm256_setzero_si256();

    return ~mask_of(_mm256_cmpeq_epi8(legal_bits(block->low), zero),
                    _mm256_cmpeq_epi8(legal_bits(block->high), zero));
}

const char *delimit_value_avx2(struct delimit *state, const char *at,
                               const char *end)
{
    /* A string by itself has no bracket to end at. */
    if (state->depth == 0 && (state->in_string || *at == '"'))
        return delimit_value_scalar(state, at, end);
    return block_value(state, at, end);
}

#else
typedef int delimit_avx2_is_not_for_this_machine;
#endif
