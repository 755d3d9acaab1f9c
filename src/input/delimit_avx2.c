/* The delimiter with AVX2: 64 bytes in two registers. */
#include "input/delimit_variants.h"

#ifdef DELIMIT_HAVE_AVX2

#include <immintrin.h>

struct needles {
    __m256i quote, backslash, open, close, fold;
    __m256i high_table, low_table, nibble;
    __m256i colon, i, dash, s, three, u;
};

/* A byte is 0xff where a mark began in any half of a block. */
struct seen {
    __m256i instance, s3;
};

#define SEEN_NOTHING                                   \
    {                                                  \
        _mm256_setzero_si256(), _mm256_setzero_si256() \
    }

#include "input/delimit_block.h"

/* A value that the compiler cannot know. Else it would build each constant
 * anew in every block; like this it keeps them where they are. */
static inline __m256i in_register(__m256i value)
{
    __asm__("" : "+x"(value));
    return value;
}

static inline struct needles needles_load(void)
{
    return (struct needles){
        .quote = in_register(_mm256_set1_epi8('"')),
        .backslash = in_register(_mm256_set1_epi8('\\')),
        .open = in_register(_mm256_set1_epi8('{')),
        .close = in_register(_mm256_set1_epi8('}')),
        .fold = in_register(_mm256_set1_epi8(0x20)), /* [ to {, ] to } */
        .high_table = _mm256_setr_epi8(LEGAL_HIGH_NIBBLES, LEGAL_HIGH_NIBBLES),
        .low_table = _mm256_setr_epi8(LEGAL_LOW_NIBBLES, LEGAL_LOW_NIBBLES),
        .nibble = in_register(_mm256_set1_epi8(0x0f)),
        .colon = in_register(_mm256_set1_epi8(':')),
        .i = in_register(_mm256_set1_epi8('i')),
        .dash = in_register(_mm256_set1_epi8('-')),
        .s = in_register(_mm256_set1_epi8('s')),
        .three = in_register(_mm256_set1_epi8('3')),
        .u = in_register(_mm256_set1_epi8('u')),
    };
}

static inline __m256i load(const char *at)
{
    return _mm256_loadu_si256((const void *)at);
}

static inline uint64_t mask_of(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

static inline uint64_t equal(__m256i low, __m256i high, __m256i wanted)
{
    return mask_of(_mm256_cmpeq_epi8(low, wanted),
                   _mm256_cmpeq_epi8(high, wanted));
}

/* 0xff where the byte is illegal. A byte over 0x7f looks up zero. */
static inline __m256i illegal(const struct needles *needles, __m256i bytes)
{
    __m256i high =
        _mm256_and_si256(_mm256_srli_epi16(bytes, 4), needles->nibble);
    __m256i common =
        _mm256_and_si256(_mm256_shuffle_epi8(needles->high_table, high),
                         _mm256_shuffle_epi8(needles->low_table, bytes));

    return _mm256_cmpeq_epi8(common, _mm256_setzero_si256());
}

static inline void block_look(const struct needles *needles, const char *from,
                              struct look *look)
{
    __m256i low = load(from), high = load(from + 32);
    __m256i low_folded = _mm256_or_si256(low, needles->fold);
    __m256i high_folded = _mm256_or_si256(high, needles->fold);

    look->quote = equal(low, high, needles->quote);
    look->backslash = equal(low, high, needles->backslash);
    look->open = equal(low_folded, high_folded, needles->open);
    look->close = equal(low_folded, high_folded, needles->close);
    look->illegal = mask_of(illegal(needles, low), illegal(needles, high));
}

/* 0xff where a mark begins in 32 bytes. */
static inline struct seen see(const struct needles *needles, const char *from)
{
    __m256i colon = _mm256_cmpeq_epi8(load(from), needles->colon);
    __m256i second = load(from + 1), third = load(from + 2);
    __m256i s3 = _mm256_and_si256(
        _mm256_and_si256(colon, _mm256_cmpeq_epi8(second, needles->s)),
        _mm256_and_si256(_mm256_cmpeq_epi8(third, needles->three),
                         _mm256_cmpeq_epi8(load(from + 3), needles->quote)));

    return (struct seen){
        .instance = _mm256_and_si256(
            colon, _mm256_and_si256(_mm256_cmpeq_epi8(second, needles->i),
                                    _mm256_cmpeq_epi8(third, needles->dash))),
        .s3 = s3,
    };
}

static inline void block_see(const struct needles *needles, const char *from,
                             struct seen *seen)
{
    struct seen low = see(needles, from), high = see(needles, from + 32);

    seen->instance = _mm256_or_si256(
        seen->instance, _mm256_or_si256(low.instance, high.instance));
    seen->s3 = _mm256_or_si256(seen->s3, _mm256_or_si256(low.s3, high.s3));
}

static inline unsigned marks(uint64_t instance, uint64_t s3)
{
    return (instance ? DELIMIT_MARK_INSTANCE : 0) | (s3 ? DELIMIT_MARK_S3 : 0);
}

static inline unsigned seen_marks(const struct seen *seen)
{
    return marks((uint32_t)_mm256_movemask_epi8(seen->instance),
                 (uint32_t)_mm256_movemask_epi8(seen->s3));
}

static inline unsigned block_marks(const struct needles *needles,
                                   const char *from, uint64_t valid)
{
    struct seen low = see(needles, from), high = see(needles, from + 32);

    return marks(mask_of(low.instance, high.instance) & valid,
                 mask_of(low.s3, high.s3) & valid);
}

static inline uint64_t block_escapes(const struct needles *needles,
                                     const char *from)
{
    return equal(load(from + 1), load(from + 33), needles->u);
}

static inline uint64_t prefix_xor(uint64_t mask)
{
    __m128i ones = _mm_set1_epi8((char)0xff);

    return (uint64_t)_mm_cvtsi128_si64(
        _mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)mask), ones, 0));
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
