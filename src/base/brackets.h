/*
 * brackets.h - where a JSON object or array ends, by its strings and brackets
 * alone. Most that are asked about are short: so it is inline, and uses the
 * SIMD that every machine of its kind has (SSE2, NEON).
 */
#ifndef OFFBOX_BASE_BRACKETS_H
#define OFFBOX_BASE_BRACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define BRACKETS_STEP 16

/* What stands where in a step, BRACKETS_BITS bits a byte, the first byte's
 * lowest. Telling are brackets, the backslash, and |~^_ and DEL: what lies
 * behind the letters, capital or small. */
struct brackets_look {
    uint64_t quotes, telling;
};

#if defined(__SSE2__)
#define BRACKETS_BITS 1

static inline struct brackets_look brackets_look(const char *at)
{
    __m128i bytes = _mm_loadu_si128((const void *)at);
    __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    /* Signed: bytes over 0x7f are below the letters. */
    __m128i telling = _mm_cmpgt_epi8(_mm_or_si128(bytes, _mm_set1_epi8(0x20)),
                                     _mm_set1_epi8('z'));

    return (struct brackets_look){
        (unsigned)_mm_movemask_epi8(quotes),
        (unsigned)_mm_movemask_epi8(telling),
    };
}
#elif defined(__aarch64__)
/* One of a byte's four bits is kept, for their parity. */
#define BRACKETS_BITS 4

static inline uint64_t brackets_mask(uint8x16_t found)
{
    uint8x8_t narrow = vshrn_n_u16(vreinterpretq_u16_u8(found), 4);

    return vget_lane_u64(vreinterpret_u64_u8(narrow), 0) &
           UINT64_C(0x1111111111111111);
}

static inline struct brackets_look brackets_look(const char *at)
{
    uint8x16_t bytes = vld1q_u8((const uint8_t *)at);
    uint8x16_t folded = vorrq_u8(bytes, vdupq_n_u8(0x20));

    return (struct brackets_look){
        brackets_mask(vceqq_u8(bytes, vdupq_n_u8('"'))),
        brackets_mask(vcgtq_s8(vreinterpretq_s8_u8(folded), vdupq_n_s8('z'))),
    };
}
#endif

/* The same, a byte after the other: of fewer than a step. */
static inline const char *brackets_end_slowly(const char *at, const char *end,
                                              bool in_string, size_t depth)
{
    for (; at < end; at++) {
        if (*at == '"') {
            in_string = !in_string;
        } else if (*at == '\\') {
            if (!in_string)
                return NULL;
            at++;
        } else if (!in_string) {
            depth += (*at | 0x20) == '{';
            depth -= (*at | 0x20) == '}';
            if (depth == 0)
                return at + 1;
        }
    }
    return NULL;
}

#ifdef BRACKETS_BITS
/* Are the bytes in `mask` odd in number? Counting bits is costly where there is
 * no instruction for it, so of 16 bits no more than those are counted. */
static inline bool brackets_parity(uint64_t mask)
{
    return BRACKETS_BITS == 1 ? __builtin_parity((unsigned)mask)
                              : __builtin_parityll(mask);
}
#endif

/*
 * The byte behind the object or array at `at`: where as many brackets outside
 * strings have closed as opened, of either kind. NULL if it does not end before
 * `end`, or if a backslash stands outside its strings. Reads nothing outside.
 */
static inline const char *brackets_end(const char *at, const char *end)
{
    bool in_string = false;
    size_t depth = 0;

#ifdef BRACKETS_BITS
    while (end - at >= BRACKETS_STEP) {
        struct brackets_look look = brackets_look(at);
        const char *next = at + BRACKETS_STEP;
        bool in_string_next = in_string ^ brackets_parity(look.quotes);

        for (; look.telling; look.telling &= look.telling - 1) {
            const char *place =
                at + __builtin_ctzll(look.telling) / BRACKETS_BITS;
            uint64_t before = look.quotes & (look.telling ^ (look.telling - 1));
            bool inside = in_string ^ brackets_parity(before);

            if (*place == '\\') {
                if (!inside || end - place < 2)
                    return NULL;
                next = place + 2; /* look again behind what it escapes */
                in_string_next = true;
                break;
            }
            if (inside)
                continue;
            depth += (*place | 0x20) == '{';
            depth -= (*place | 0x20) == '}';
            if (depth == 0)
                return place + 1;
        }
        in_string = in_string_next;
        at = next;
    }
#endif
    return brackets_end_slowly(at, end, in_string, depth);
}

#endif
