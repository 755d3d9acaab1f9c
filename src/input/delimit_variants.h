/*
 * delimit_variants.h - which variants of delimit_value() are compiled for
 * this architecture. Only the delimit_*.c files include it.
 */
#ifndef OFFBOX_INPUT_DELIMIT_VARIANTS_H
#define OFFBOX_INPUT_DELIMIT_VARIANTS_H

#include "input/delimit.h"
#include "input/marks.h"

#include <string.h>

#if defined(__x86_64__)
#define DELIMIT_HAVE_AVX512 1 /* compiled always, chosen where it runs */
#define DELIMIT_HAVE_AVX2   1
#define DELIMIT_HAVE_SSE2   1
#elif defined(__aarch64__)
#define DELIMIT_HAVE_NEON 1
#endif

/* The longest mark, `:s3"`, reaches three bytes beyond its first. */
#define MARK_REACH 3

/* The mark that begins with the colon at `at`, or 0; so many bytes follow. */
static inline unsigned mark_at(const char *at)
{
    if (at[1] == 'i' && at[2] == '-')
        return MARK_INSTANCE;
    return at[1] == 's' && at[2] == '3' && at[3] == '"' ? MARK_S3 : 0;
}

/* The one that begins where less follows: there is room only for `:i-`. */
static inline unsigned mark_at_end(const char *begin, const char *end)
{
    return end - begin >= 3 && memcmp(end - 3, ":i-", 3) == 0 ? MARK_INSTANCE
                                                              : 0;
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

size_t delimit_records_scalar(const char **at, const char *end,
                              struct delimit *state, const char **seen);
size_t delimit_records_sse2(const char **at, const char *end,
                            struct delimit *state, const char **seen);
size_t delimit_records_avx2(const char **at, const char *end,
                            struct delimit *state, const char **seen);
size_t delimit_records_avx512(const char **at, const char *end,
                              struct delimit *state, const char **seen);
size_t delimit_records_neon(const char **at, const char *end,
                            struct delimit *state, const char **seen);

unsigned delimit_marks_scalar(const char *at, const char *end, unsigned until);
unsigned delimit_marks_sse2(const char *at, const char *end, unsigned until);
unsigned delimit_marks_avx2(const char *at, const char *end, unsigned until);
unsigned delimit_marks_avx512(const char *at, const char *end, unsigned until);
unsigned delimit_marks_neon(const char *at, const char *end, unsigned until);

/*
 * The nibbles of the bytes that may stand outside strings: such a byte's
 * high nibble and its low nibble name a common bit. One bit for opening
 * brackets and one for closing ones; the others for 0x0_ (tab, line feed,
 * carriage return), 0x2_, 0x3_, `E`, `e` and `u`, 0x6_ and 0x7_.
 */
#define LEGAL_OPEN  128
#define LEGAL_CLOSE 64
#define LEGAL_HIGH_NIBBLES \
    32, 0, 16, 8, 4, 192, 4 | 2, 192 | 4 | 1, 0, 0, 0, 0, 0, 0, 0, 0
/* clang-format off */
#define LEGAL_LOW_NIBBLES                                                      \
    16 | 8,              /* blank, 0 */                                        \
    8 | 2,               /* 1, a */                                            \
    16 | 8 | 1,          /* ", 2, r */                                         \
    8 | 1,               /* 3, s */                                            \
    8 | 1,               /* 4, t */                                            \
    8 | 4,               /* 5, E, e, u */                                      \
    8 | 2,               /* 6, f */                                            \
    8,                   /* 7 */                                               \
    8,                   /* 8 */                                               \
    32 | 8,              /* tab, 9 */                                          \
    32 | 8,              /* line feed, : */                                    \
    LEGAL_OPEN | 16,     /* [, {, + */                                         \
    16 | 2,              /* comma, l */                                        \
    LEGAL_CLOSE | 32 | 16, /* ], }, carriage return, - */                      \
    16 | 2,              /* ., n */                                            \
    0
/* clang-format on */

#endif
