/* The delimiter with SSE2, which every x86-64 has: 64 bytes in four
 * registers. */
#include "input/delimit_variants.h"

#ifdef DELIMIT_HAVE_SSE2

#include <emmintrin.h>

struct needles {
    __m128i quote, backslash, open, close, fold;
    __m128i colon, dash, three;
};

#include "input/delimit_block.h"

static inline struct needles needles_load(void)
{
    return (struct needles){
        .quote = _mm_set1_epi8('"'),
        .backslash = _mm_set1_epi8('\\'),
        .open = _mm_set1_epi8('{'),
        .close = _mm_set1_epi8('}'),
        .fold = _mm_set1_epi8(0x20), /* [ to {, ] to } */
        .colon = _mm_set1_epi8(':'),
        .dash = _mm_set1_epi8('-'),
        .three = _mm_set1_epi8('3'),
    };
}

static inline __m128i load(const char *at)
{
    return _mm_loadu_si128((const void *)at);
}

/* A register's bytes 0xff as bits of quarter `i` of the block's mask. */
static inline uint64_t mask_at(__m128i part, int i)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(part) << (16 * i);
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

static inline void block_look(const struct needles *needles, const char *from,
                              struct look *look)
{
    *look = (struct look){0, 0, 0, 0, 0};
    for (int i = 0; i < 4; i++) {
        __m128i bytes = load(from + 16 * i);
        __m128i folded = _mm_or_si128(bytes, needles->fold);

        look->quote |= mask_at(_mm_cmpeq_epi8(bytes, needles->quote), i);
        look->backslash |=
            mask_at(_mm_cmpeq_epi8(bytes, needles->backslash), i);
        look->open |= mask_at(_mm_cmpeq_epi8(folded, needles->open), i);
        look->close |= mask_at(_mm_cmpeq_epi8(folded, needles->close), i);
        look->illegal |= mask_at(is_legal(bytes), i);
    }
    look->illegal = ~look->illegal;
}

/* `:?-` or `:?3"`, which hardly stand elsewhere. */
static inline uint64_t block_hints(const struct needles *needles,
                                   const char *from)
{
    uint64_t hints = 0;

    for (int i = 0; i < 4; i++) {
        const char *at = from + 16 * i;
        __m128i third = load(at + 2);
        __m128i rest =
            _mm_and_si128(_mm_cmpeq_epi8(third, needles->three),
                          _mm_cmpeq_epi8(load(at + 3), needles->quote));

        rest = _mm_or_si128(rest, _mm_cmpeq_epi8(third, needles->dash));
        hints |= mask_at(
            _mm_and_si128(rest, _mm_cmpeq_epi8(load(at), needles->colon)), i);
    }
    return hints;
}

static inline bool block_is_plain(const struct needles *needles,
                                  const char *from, const struct look *look)
{
    return look->backslash == 0 && block_hints(needles, from) == 0;
}

static inline uint64_t prefix_xor(uint64_t mask)
{
    for (int shift = 1; shift < 64; shift *= 2)
        mask ^= mask << shift;
    return mask;
}

const char *delimit_value_sse2(struct delimit *state, const char *at,
                               const char *end)
{
    /* A string by itself has no bracket to end at. */
    if (state->depth == 0 && (state->in_string || *at == '"'))
        return delimit_value_scalar(state, at, end);
    return block_value(state, at, end);
}

size_t delimit_records_sse2(const char **at, const char *end,
                            struct delimit *state, const char **seen)
{
    return block_records(at, end, state, seen);
}

unsigned delimit_marks_sse2(const char *at, const char *end, unsigned until)
{
    return block_marks(at, end, until);
}

#else
typedef int delimit_sse2_is_not_for_this_machine;
#endif
