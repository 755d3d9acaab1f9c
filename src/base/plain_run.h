/*
 * plain_run.h - the end of a run of ordinary characters in a JSON string:
 * printable ASCII but quote and backslash. Strings are short and many, so
 * it is inline and uses the SIMD that every machine of its kind has (SSE2,
 * NEON); faster variants would cost a call a string.
 */
#ifndef OFFBOX_BASE_PLAIN_RUN_H
#define OFFBOX_BASE_PLAIN_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* Which of the PLAIN_RUN_STEP bytes at `at` are not plain: PLAIN_RUN_BITS bits
 * a byte, the first byte's lowest. */
#if defined(__SSE2__)
#define PLAIN_RUN_BITS 1

static inline uint64_t plain_run_odd(const char *at)
{
    __m128i bytes = _mm_loadu_si128((const void *)at);
    /* Signed: bytes over 0x7f are below the blank, too. */
    __m128i odd = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));

    odd = _mm_or_si128(odd, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
    odd = _mm_or_si128(odd, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    return (unsigned)_mm_movemask_epi8(odd);
}
#elif defined(__aarch64__)
#define PLAIN_RUN_BITS 4

static inline uint64_t plain_run_odd(const char *at)
{
    uint8x16_t bytes = vld1q_u8((const uint8_t *)at);
    uint8x16_t odd = vcltq_s8(vreinterpretq_s8_u8(bytes), vdupq_n_s8(' '));

    odd = vorrq_u8(odd, vceqq_u8(bytes, vdupq_n_u8('"')));
    odd = vorrq_u8(odd, vceqq_u8(bytes, vdupq_n_u8('\\')));
    return vget_lane_u64(
        vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(odd), 4)), 0);
}
#endif

/* The first byte in [at, end) that is not plain, or `end`. Reads nothing
 * outside. */
static inline const char *plain_run(const char *at, const char *end)
{
#ifdef PLAIN_RUN_BITS
    while (end - at >= PLAIN_RUN_STEP) {
        uint64_t odd = plain_run_odd(at);

        if (odd)
            return at + __builtin_ctzll(odd) / PLAIN_RUN_BITS;
        at += PLAIN_RUN_STEP;
    }
#endif
    while (at < end && plain_run_is_plain(*at))
        at++;
    return at;
}

/* So many bytes must there be to ask plain_run_holds() about `len`. */
#define PLAIN_RUN_ROOM(len) (((len) / PLAIN_RUN_STEP + 1) * PLAIN_RUN_STEP)

/*
 * Are the `len` bytes at `at` plain? For a length that is known beforehand this
 * is quicker than plain_run(): what comes behind need not wait for a search.
 */
static inline bool plain_run_holds(const char *at, size_t len)
{
#ifdef PLAIN_RUN_BITS
    const size_t rest = len % PLAIN_RUN_STEP;
    uint64_t odd = 0;

    for (; len >= PLAIN_RUN_STEP; len -= PLAIN_RUN_STEP, at += PLAIN_RUN_STEP)
        odd |= plain_run_odd(at);
    if (rest)
        odd |= plain_run_odd(at) & ((UINT64_C(1) << rest * PLAIN_RUN_BITS) - 1);
    return odd == 0;
#else
    return plain_run(at, at + len) == at + len;
#endif
}

#endif
