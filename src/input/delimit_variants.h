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

#endif
