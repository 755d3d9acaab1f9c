/*
 * trailer.h - the eight bytes behind a gzip member's deflate data: CRC-32
 * and length modulo 2^32 of what was decoded, low byte first (RFC 1952).
 * Shared by the decoders; whichever library decodes, the same words come
 * out for the same damage.
 */
#ifndef OFFBOX_INPUT_TRAILER_H
#define OFFBOX_INPUT_TRAILER_H

#include "input/decoder.h"

#include <stdint.h>

#define TRAILER_BYTES 8

/* Zeroed before each member; it may arrive in pieces. */
struct trailer {
    unsigned char bytes[TRAILER_BYTES];
    size_t len;
};

/* Take what is missing off the front of `*in`; when all is there, compare
 * with what was decoded. */
static inline enum decoder_status trailer_read(struct trailer *trailer,
                                               struct span *in, uint32_t crc,
                                               uint32_t length,
                                               const char **why)
{
    uint32_t said[2] = {0, 0};

    while (trailer->len < TRAILER_BYTES) {
        if (in->len == 0)
            return DECODER_MORE;
        trailer->bytes[trailer->len++] = (unsigned char)*in->ptr++;
        in->len--;
    }
    for (int i = 0; i < TRAILER_BYTES; i++)
        said[i / 4] |= (uint32_t)trailer->bytes[i] << (8 * (i % 4));
    if (said[0] != crc) {
        *why = "CRC mismatch";
        return DECODER_BROKEN;
    }
    if (said[1] != length) {
        *why = "length mismatch";
        return DECODER_BROKEN;
    }
    return DECODER_END;
}

#endif
