/* The delimiter with AVX2: 64 bytes in two registers. */
#include "input/delimit_variants.h"

#ifdef DELIMIT_HAVE_AVX2

#include <immintrin.h>

struct needles {
    __m256i quote, backslash;
    __m256i high_table, low_table, nibble;
    __m256i colon, dash, three;
};

#include "input/delimit_block.h"

/* A value that the compiler cannot know. Else it would build each constant
 * anew in every block; like this it keeps them where they are. */
static inline __m256i in_register(__m256i value)
{
    __asm__("" : "+x"(value));
    return value;
}

static const uint8_t high_nibbles[16] = {LEGAL_HIGH_NIBBLES};
static const uint8_t low_nibbles[16] = {LEGAL_LOW_NIBBLES};

/* A table for both halves of a register. */
static inline __m256i table_of(const uint8_t bytes[16])
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)bytes));
}

static inline struct needles needles_load(void)
{
    return (struct needles){
        .quote = in_register(_mm256_set1_epi8('"')),
        .backslash = in_register(_mm256_set1_epi8('\\')),
        .high_table = table_of(high_nibbles),
        .low_table = table_of(low_nibbles),
        .nibble = in_register(_mm256_set1_epi8(0x0f)),
        .colon = in_register(_mm256_set1_epi8(':')),
        .dash = in_register(_mm256_set1_epi8('-')),
        .three = in_register(_mm256_set1_epi8('3')),
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

/* What a byte is outside strings, by the bits of LEGAL_HIGH_NIBBLES; zero: it
 * is illegal. A byte over 0x7f looks up zero. */
static inline __m256i classes(const struct needles *needles, __m256i bytes)
{
    __m256i high =
        _mm256_and_si256(_mm256_srli_epi16(bytes, 4), needles->nibble);

    return _mm256_and_si256(_mm256_shuffle_epi8(needles->high_table, high),
                            _mm256_shuffle_epi8(needles->low_table, bytes));
}

_Static_assert(LEGAL_OPEN == 128 && LEGAL_CLOSE == 64,
               "the sign, and the sign when doubled");

static inline void block_look(const struct needles *needles, const char *from,
                              struct look *look)
{
    __m256i low = load(from), high = load(from + 32);
    __m256i low_classes = classes(needles, low);
    __m256i high_classes = classes(needles, high);
    __m256i low_escapes = _mm256_cmpeq_epi8(low, needles->backslash);
    __m256i high_escapes = _mm256_cmpeq_epi8(high, needles->backslash);
    __m256i escapes = _mm256_or_si256(low_escapes, high_escapes);

    look->quote = equal(low, high, needles->quote);
    look->backslash = 0;
    if (_mm256_movemask_epi8(escapes)) /* few blocks */
        look->backslash = mask_of(low_escapes, high_escapes);
    look->open = mask_of(low_classes, high_classes);
    look->close = mask_of(_mm256_add_epi8(low_classes, low_classes),
                          _mm256_add_epi8(high_classes, high_classes));
    look->illegal = equal(low_classes, high_classes, _mm256_setzero_si256());
}

/* 0xff where a mark may begin in 32 bytes: at `:?-` or `:?3"`. */
static inline __m256i hints(const struct needles *needles, const char *from)
{
    __m256i third = load(from + 2);
    __m256i rest =
        _mm256_and_si256(_mm256_cmpeq_epi8(third, needles->three),
                         _mm256_cmpeq_epi8(load(from + 3), needles->quote));

    rest = _mm256_or_si256(rest, _mm256_cmpeq_epi8(third, needles->dash));
    return _mm256_and_si256(rest,
                            _mm256_cmpeq_epi8(load(from), needles->colon));
}

static inline uint64_t block_hints(const struct needles *needles,
                                   const char *from)
{
    __m256i low = hints(needles, from), high = hints(needles, from + 32);

    if (!_mm256_movemask_epi8(_mm256_or_si256(low, high)))
        return 0;
    return mask_of(low, high);
}

static inline bool block_is_plain(const struct needles *needles,
                                  const char *from, const struct look *look)
{
    __m256i stops =
        _mm256_or_si256(hints(needles, from), hints(needles, from + 32));
    (void)look; /* one mask for both questions is less work */

    stops = _mm256_or_si256(stops,
                            _mm256_cmpeq_epi8(load(from), needles->backslash));
    stops = _mm256_or_si256(
        stops, _mm256_cmpeq_epi8(load(from + 32), needles->backslash));
    return !_mm256_movemask_epi8(stops);
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

size_t delimit_records_avx2(const char **at, const char *end,
                            struct delimit *state, const char **seen)
{
    return block_records(at, end, state, seen);
}

unsigned delimit_marks_avx2(const char *at, const char *end, unsigned until)
{
    return block_marks(at, end, until);
}

#else
typedef int delimit_avx2_is_not_for_this_machine;
#endif
