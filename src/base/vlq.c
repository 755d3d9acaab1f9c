/* Two tables, and hashes as two words. */
#include "base/vlq.h"

const char vlq_digits[64] = {
    'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M',
    'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm',
    'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '/',
};

/* clang-format off */
const uint8_t vlq_values[256] = {
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 62, 255, 255, 255, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 255, 255, 255, 255, 255, 255,
    255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 255, 255, 255, 255, 255,
    255, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
};
/* clang-format on */

__extension__ typedef unsigned __int128 uint128;

char *vlq_put_hash(char *at, struct hash128 hash)
{
    uint128 rest = (uint128)hash.hi << 64 | hash.lo;

    for (int i = 0; i < VLQ_HASH_DIGITS; i++, rest >>= 6)
        *at++ = vlq_digits[(unsigned)rest & 63];
    return at;
}

/* Ten digits make a word's lower 60 bits. */
static uint64_t get_ten(const char *at, uint8_t *seen)
{
    uint64_t word = 0;

    for (int i = 0; i < 10; i++) {
        uint8_t digit = vlq_values[(unsigned char)at[i]];

        *seen |= digit;
        word |= (uint64_t)(digit & 63) << (6 * i);
    }
    return word;
}

bool vlq_get_hash(const char **at, const char *end, struct hash128 *hash)
{
    uint8_t seen = 0;
    uint128 rest;

    if (end - *at < VLQ_HASH_DIGITS)
        return false;
    rest = get_ten(*at, &seen) | (uint128)get_ten(*at + 10, &seen) << 60;
    for (int i = 20; i < VLQ_HASH_DIGITS; i++) {
        uint8_t digit = vlq_values[(unsigned char)(*at)[i]];

        seen |= digit;
        if (i == VLQ_HASH_DIGITS - 1 && digit > 3)
            return false;
        rest |= (uint128)(digit & 63) << (6 * i);
    }
    *at += VLQ_HASH_DIGITS;
    *hash = (struct hash128){(uint64_t)rest, (uint64_t)(rest >> 64)};
    return seen < 64;
}
