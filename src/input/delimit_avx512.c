/* The delimiter with AVX-512BW and VBMI: 64 bytes in one register, comparisons
 * that give masks, and a table of all of ASCII in two registers. */
#include "input/delimit_variants.h"

#ifdef DELIMIT_HAVE_AVX512

#include <immintrin.h>

struct needles {
    __m512i quote, backslash, open, close, fold;
    __m512i legal_low, legal_high; /* the table below */
    __m512i colon, dash, three;
};

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
        .dash = in_register(_mm512_set1_epi8('-')),
        .three = in_register(_mm512_set1_epi8('3')),
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

/* Zero where `a` is `b` and `rest` is zero. */
static inline __m512i differ(__m512i a, __m512i b, __m512i rest)
{
    return _mm512_ternarylogic_epi64(a, b, rest, 0xbe); /* (a ^ b) | rest */
}

/* Zero where a mark may begin: at `:?-` or `:?3"`. Comparisons would have to
 * share two of four ports; these operations do not. */
static inline __m512i hints(const struct needles *needles, const char *from)
{
    __m512i third = _mm512_loadu_si512(from + 2);
    __m512i dash = _mm512_xor_si512(third, needles->dash);
    __m512i quote =
        _mm512_xor_si512(_mm512_loadu_si512(from + 3), needles->quote);
    __m512i rest = _mm512_min_epu8(dash, differ(third, needles->three, quote));

    return differ(_mm512_loadu_si512(from), needles->colon, rest);
}

static inline uint64_t block_hints(const struct needles *needles,
                                   const char *from)
{
    __m512i found = hints(needles, from);

    return _mm512_testn_epi8_mask(found, found);
}

/* To move a mask out of its register is the dearest step: none is moved. */
static inline bool block_is_plain(const struct needles *needles,
                                  const char *from, const struct look *look)
{
    __m512i backslash =
        _mm512_xor_si512(_mm512_loadu_si512(from), needles->backslash);
    __m512i found = _mm512_min_epu8(hints(needles, from), backslash);
    __mmask64 stops = _mm512_testn_epi8_mask(found, found);
    (void)look; /* one mask for both questions is less work */

    return _kortestz_mask64_u8(stops, stops);
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

size_t delimit_records_avx512(const char **at, const char *end,
                              struct delimit *state, const char **seen)
{
    return block_records(at, end, state, seen);
}

unsigned delimit_marks_avx512(const char *at, const char *end, unsigned until)
{
    return block_marks(at, end, until);
}

#else
typedef int delimit_avx512_is_not_for_this_machine;
#endif
