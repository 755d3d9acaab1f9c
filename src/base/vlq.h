/*
 * vlq.h - numbers as printable digits, for text that is read at speed.
 *
 * Base-64 digits (RFC 4648's alphabet) of five bits each, the lowest first;
 * the sixth bit says that another follows, as in source maps. A small
 * number is one character, 64 bits are 13. Each number has one spelling:
 * the last digit of several is not zero.
 */
#ifndef OFFBOX_BASE_VLQ_H
#define OFFBOX_BASE_VLQ_H

#include "base/hash.h"

#include <stdbool.h>
#include <stdint.h>

#define VLQ_MAX_DIGITS 13

/* A hash is 22 digits of six bits, the lowest first. */
#define VLQ_HASH_DIGITS 22

extern const char vlq_digits[64];
extern const uint8_t vlq_values[256]; /* above 63: no digit */

/* Write `number` to `at`, which has room for VLQ_MAX_DIGITS: behind it. */
static inline char *vlq_put(char *at, uint64_t number)
{
    while (number >= 32) {
        *at++ = vlq_digits[(number & 31) | 32];
        number >>= 5;
    }
    *at++ = vlq_digits[number];
    return at;
}

/* The same for VLQ_HASH_DIGITS. */
char *vlq_put_hash(char *at, struct hash128 hash);

/* Read a number at `*at`, which moves behind it. False if there is none of
 * 64 bits in its one spelling before `end`. */
static inline bool vlq_get(const char **at, const char *end, uint64_t *number)
{
    uint64_t value = 0;

    for (unsigned shift = 0; *at < end && shift < 65; shift += 5) {
        uint8_t digit = vlq_values[(unsigned char)*(*at)++];

        if (digit > 63 || (shift == 60 && digit > 15))
            return false;
        value |= (uint64_t)(digit & 31) << shift;
        if (digit < 32) {
            *number = value;
            return digit > 0 || shift == 0;
        }
    }
    return false;
}

bool vlq_get_hash(const char **at, const char *end, struct hash128 *hash);

#endif
