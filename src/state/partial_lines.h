/*
 * partial_lines.h - the checksum of a partial's lines: each line, without
 * its end, is hashed under the sum of those before it as the key. 128 bits.
 */
#ifndef OFFBOX_STATE_PARTIAL_LINES_H
#define OFFBOX_STATE_PARTIAL_LINES_H

#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>

/* "offbox", version 1 of the checksum; "partial". */
#define PARTIAL_SUM_INIT \
    ((struct hash128){UINT64_C(0x6f6666626f780001), UINT64_C(0x7061727469616c)})

static inline struct hash128 partial_sum(struct hash128 before,
                                         struct span line)
{
    return hash_128((struct hash_key){before.lo, before.hi}, line);
}

/* 32 hexadecimal digits, the high ones first, and a NUL. */
#define PARTIAL_SUM_BYTES 33

static inline struct span partial_sum_text(struct hash128 sum,
                                           char text[PARTIAL_SUM_BYTES])
{
    (void)snprintf(text, PARTIAL_SUM_BYTES, "%016" PRIx64 "%016" PRIx64, sum.hi,
                   sum.lo);
    return span_of(text, PARTIAL_SUM_BYTES - 1);
}

/* The last line: the number of those before it and their sum. */
#define PARTIAL_END_BYTES 128

static inline struct span partial_end_text(uint64_t lines, const char *sum,
                                           char text[PARTIAL_END_BYTES])
{
    int len =
        snprintf(text, PARTIAL_END_BYTES,
                 "{\"lines\":%" PRIu64 ",\"checksum\":\"%s\"}", lines, sum);

    return span_of(text, (size_t)len);
}

#endif
