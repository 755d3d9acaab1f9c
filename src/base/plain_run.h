/*
 * plain_run.h - the end of a run of ordinary characters in a JSON string:
 * printable ASCII but quote and backslash. Strings are short and many, so
 * it is inline and uses the SIMD that every machine of its kind has (SSE2,
 * NEON); faster variants would cost a call a string.
 */
#ifndef OFFBOX_BASE_PLAIN_RUN_H
#define OFFBOX_BASE_PLAIN_RUN_H

#include <stdbool.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define PLAIN_RUN_STEP 16

static inline bool plain_run_is_plain(char c)
{
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' &&
           c != '\\';
}

/* The first byte in [at, end) that is not plain, or `end`. Reads nothing
 * outside. */
static inline const char *plain_run(const char *at, const char *end)
{
#if defined(__SSE2__)
    while (end - at >= PLAIN_RUN_STEP) {
        __m128i bytes = _mm_loadu_si128((const void *)at);
        /* Signed: bytes over 0x7f are below the blank, too. */
        __m128i odd = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));
        unsigned mask;

        odd = _mm_or_si128(odd, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
        odd = _mm_or_si128(odd, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
        mask = (unsigned)_mm_movemask_epi8(odd);
        if (mask)
            return at + __builtin_ctz(mask);
        at += PLAIN_RUN_STEP;
    }
#elif defined(__aarch64__)
    while (end - at >= PLAIN_RUN_STEP) {
        uint8x16_t bytes = vld1q_u8((const uint8_t *)at);
        uint8x16_t odd = vcltq_s8(vreinterpretq_s8_u8(bytes), vdupq_n_s8(' '));
        uint64_t mask; /* four bits a byte */

        odd = vorrq_u8(odd, vceqq_u8(bytes, vdupq_n_u8('"')));
        odd = vorrq_u8(odd, vceqq_u8(bytes, vdupq_n_u8('\\')));
        mask = vget_lane_u64(
            vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(odd), 4)), 0);
        if (mask)
            return at + __builtin_ctzll(mask) / 4;
        at += PLAIN_RUN_STEP;
    }
#endif
    while (at < end && plain_run_is_plain(*at))
        at++;
    return at;
}

#endif
