/*
 * delimit_variants.h - which variants of delimit_value() are compiled for
 * this architecture. Only the delimit_*.c files include it.
 */
#ifndef OFFBOX_INPUT_DELIMIT_VARIANTS_H
#define OFFBOX_INPUT_DELIMIT_VARIANTS_H

#include "input/delimit.h"

#if defined(__x86_64__)
#define DELIMIT_HAVE_AVX512 1 /* compiled always, chosen where it runs */
#define DELIMIT_HAVE_AVX2   1
#define DELIMIT_HAVE_SSE2   1
#elif defined(__aarch64__)
#define DELIMIT_HAVE_NEON 1
#endif

/* Look for the marks, byte by byte: what the last bytes were, and are with
 * `c`. */
static inline void delimit_mark(struct delimit *state, char c)
{
    uint8_t tail = state->tail;

    state->tail = 0;
    if (c == ':')
        state->tail = DELIMIT_TAIL_COLON;
    else if (c == '\\')
        state->tail = DELIMIT_TAIL_BACKSLASH;
    else if (tail == 0)
        return;
    else if (c == 'i' && tail == DELIMIT_TAIL_COLON)
        state->tail = DELIMIT_TAIL_COLON_I;
    else if (c == 's' && tail == DELIMIT_TAIL_COLON)
        state->tail = DELIMIT_TAIL_COLON_S;
    else if (c == '3' && tail == DELIMIT_TAIL_COLON_S)
        state->tail = DELIMIT_TAIL_COLON_S3;
    else if (c == '-' && tail == DELIMIT_TAIL_COLON_I)
        state->marks |= DELIMIT_MARK_INSTANCE;
    else if (c == 'u' && tail == DELIMIT_TAIL_BACKSLASH)
        state->marks |= DELIMIT_MARK_ESCAPE;
    else if (c == '"' && tail == DELIMIT_TAIL_COLON_S3)
        state->marks |= DELIMIT_MARK_S3;
}

const char *delimit_value_scalar(struct delimit *state, const char *at,
                                 const char *end);
const char *delimit_value_sse2(struct delimit *state, const char *at,
                               const char *end);
const char *delimit_value_avx2(struct delimit *state, const char *at,
                               const char *end);
const char *delimit_value_avx512(struct delimit *state, const char *at,
                                 const char *end);
const char *delimit_value_neon(struct delimit *state, const char *at,
                               const char *end);

/* The nibbles of the bytes that may stand outside strings: such a byte's
 * high nibble and its low nibble name a common bit. One bit a high nibble
 * that occurs: 0x0_ (tab, line feed, carriage return) to 0x7_. */
#define LEGAL_HIGH_NIBBLES 1, 0, 2, 4, 8, 16, 32, 64, 0, 0, 0, 0, 0, 0, 0, 0
/* clang-format off */
#define LEGAL_LOW_NIBBLES                                                      \
    2 | 4,               /* blank, 0 */                                        \
    4 | 32,              /* 1, a */                                            \
    2 | 4 | 64,          /* ", 2, r */                                         \
    4 | 64,              /* 3, s */                                            \
    4 | 64,              /* 4, t */                                            \
    4 | 8 | 32 | 64,     /* 5, E, e, u */                                      \
    4 | 32,              /* 6, f */                                            \
    4,                   /* 7 */                                               \
    4,                   /* 8 */                                               \
    1 | 4,               /* tab, 9 */                                          \
    1 | 4,               /* line feed, : */                                    \
    2 | 16 | 64,         /* +, [, { */                                         \
    2 | 32,              /* comma, l */                                        \
    1 | 2 | 16 | 64,     /* carriage return, -, ], } */                        \
    2 | 32,              /* ., n */                                            \
    0
/* clang-format on */

#endif
