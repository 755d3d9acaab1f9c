/* The delimiter with AVX-512BW and VBMI: 64 bytes in one register, comparisons
 * that give masks, and a table of all of ASCII in two registers. */
#include "input/delimit_variants.h"

#ifdef DELIMIT_HAVE_AVX512

#include <immintrin.h>

struct needles {
    __m512i quote, backslash, open, close, fold;
    __m512i legal_low, legal_high; /* the table below */
    __m512i colon, i, dash, s, three, u;
};

/* A byte is zero where in any block all bytes of a mark were as wanted. */
struct seen {
    __m512i instance, s3;
};

#define SEEN_NOTHING                             \
    {                                            \
        _mm512_set1_epi8(1), _mm512_set1_epi8(1) \
    }

#include "input/delimit_block.h"

/* The bytes of ASCII that may stand outside strings: the sign, which one
 * instruction makes a mask of. */
#define LEGAL 0x80

static const unsigned char legal[128] = {
    [' '] = LEGAL, ['\t'] = LEGAL, ['\n'] = LEGAL, ['\r'] = LEGAL,
    [':'] = LEGAL, [','] = LEGAL,  ['+'] = LEGAL,  ['-'] = LEGAL,
    ['.'] = LEGAL, ['0'] = LEGAL,  ['1'] = LEGAL,  ['2'] = LEGAL,
    ['3'] = LEGAL, ['4'] = LEGAL,  ['5'] = LEGAL,  ['6'] = LEGAL,
    ['7'] = LEGAL, ['8'] = LEGAL,  ['9'] = LEGAL,  ['E'] = LEGAL,
    ['a'] = LEGAL, ['e'] = LEGAL,  ['f'] = LEGAL,  ['l'] = LEGAL,
    ['n'] = LEGAL, ['r'] = LEGAL,  ['s'] = LEGAL,  ['t'] = LEGAL,
    ['u'] = LEGAL, ['"'] = LEGAL,  ['{'] = LEGAL,  ['['] = LEGAL,
    ['}'] = LEGAL, [']'] = LEGAL,
};

/* A value that the compiler cannot know. Else it would build each constant
 * anew in every block, which costs more than the comparison. */
static inline __m512i in_register(__m512i value)
{
    __asm__("" : "+v"(value));
    return value;
}

static inline struct needles needles_load(void)
{
    return (struct needles){
        .quote = in_register(_mm512_set1_epi8('"')),
        .backslash = in_register(_mm512_set1_epi8('\\')),
        .open = in_register(_mm512_set1_epi8('{')),
        .close = in_register(_mm512_set1_epi8('}')),
        .fold = in_register(_mm512_set1_epi8(0x20)), /* [ to {, ] to } */
        .legal_low = _mm512_loadu_si512(legal),
        .legal_high = _mm512_loadu_si512(legal + 64),
        .colon = in_register(_mm512_set1_epi8(':')),
        .i = in_register(_mm512_set1_epi8('i')),
        .dash = in_register(_mm512_set1_epi8('-')),
        .s = in_register(_mm512_set1_epi8('s')),
        .three = in_register(_mm512_set1_epi8('3')),
        .u = in_register(_mm512_set1_epi8('u')),
    };
}

static inline void block_look(const struct needles *needles, const char *from,
                              struct look *look)
{
    __m512i bytes = _mm512_loadu_si512(from);
    __m512i folded = _mm512_or_si512(bytes, needles->fold);
    /* By the lower seven bits; the eighth must not be set. */
    __m512i is_legal = _mm512_andnot_si512(
        bytes, _mm512_permutex2var_epi8(needles->legal_low, bytes,
                                        needles->legal_high));

    look->quote = _mm512_cmpeq_epi8_mask(bytes, needles->quote);
    look->backslash = _mm512_cmpeq_epi8_mask(bytes, needles->backslash);
    look->open = _mm512_cmpeq_epi8_mask(folded, needles->open);
    look->close = _mm512_cmpeq_epi8_mask(folded, needles->close);
    look->illegal = ~_mm512_movepi8_mask(is_legal);
}

#define A_OR_B_XOR_C 0xf6 /* the function of _mm512_ternarylogic_epi64() */

/* `differs`, or the bytes at `at` differ from `wanted`: zero if neither. */
static inline __m512i or_differs(__m512i differs, const char *at,
                                 __m512i wanted)
{
    return _mm512_ternarylogic_epi64(differs, _mm512_loadu_si512(at), wanted,
                                     A_OR_B_XOR_C);
}

/* A byte is zero where the mark begins. */
static inline struct seen differences(const struct needles *needles,
                                      const char *from)
{
    __m512i colon = _mm512_xor_si512(_mm512_loadu_si512(from), needles->colon);
    __m512i instance = or_differs(colon, from + 1, needles->i);
    __m512i s3 = or_differs(colon, from + 1, needles->s);

    s3 = or_differs(s3, from + 2, needles->three);
    return (struct seen){
        .instance = or_differs(instance, from + 2, needles->dash),
        .s3 = or_differs(s3, from + 3, needles->quote),
    };
}

static inline void block_see(const struct needles *needles, const char *from,
                             struct seen *seen)
{
    struct seen here = differences(needles, from);

    seen->instance = _mm512_min_epu8(seen->instance, here.instance);
    seen->s3 = _mm512_min_epu8(seen->s3, here.s3);
}

static inline unsigned marks_in(const struct seen *seen, uint64_t valid)
{
    bool instance =
        _mm512_testn_epi8_mask(seen->instance, seen->instance) & valid;
    bool s3 = _mm512_testn_epi8_mask(seen->s3, seen->s3) & valid;

    return (instance ? DELIMIT_MARK_INSTANCE : 0) | (s3 ? DELIMIT_MARK_S3 : 0);
}

static inline unsigned seen_marks(const struct seen *seen)
{
    return marks_in(seen, ~UINT64_C(0));
}

static inline unsigned block_marks(const struct needles *needles,
                                   const char *from, uint64_t valid)
{
    struct seen here = differences(needles, from);

    return marks_in(&here, valid);
}

static inline uint64_t block_escapes(const struct needles *needles,
                                     const char *from)
{
    return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(from + 1), needles->u);
}

static inline uint64_t prefix_xor(uint64_t mask)
{
    __m128i ones = _mm_set1_epi8((char)0xff);

    return (uint64_t)_mm_cvtsi128_si64(
        _mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)mask), ones, 0));
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
