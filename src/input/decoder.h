/*
 * decoder.h - one gzip member's body: deflate data and the trailer that
 * checks it. The contract between inflate.c, which knows gzip, and the
 * library that decodes (inflate_zlib.c): a second library is a second
 * file with these five functions.
 *
 * A decoder belongs to one thread.
 */
#ifndef OFFBOX_INPUT_DECODER_H
#define OFFBOX_INPUT_DECODER_H

#include "base/span.h"

struct decoder;

enum decoder_status {
    DECODER_MORE,  /* goes on: needs bytes, or room */
    DECODER_END,   /* body and trailer read, CRC and length agree */
    DECODER_BROKEN /* `*why` says how; what was decoded stands */
};

/* NULL when memory is out. Takes all the memory decoding will ever need:
 * there is no status for running out later. */
struct decoder *decoder_new(void);
void decoder_free(struct decoder *decoder);

/* Ready for the first byte after a member's header. Needed before the
 * first decoder_run() too, and the only way on after END or BROKEN. */
void decoder_reset(struct decoder *decoder);

/*
 * Decode from `*in` (advanced past what was used) to `out`, at most `room`
 * bytes; `*made` says how many, with any status. `room` is at least 1.
 *
 * MORE without a byte made means that `*in` was used up. It may be empty
 * from the start: decoded bytes that found no room come out first, so a
 * member is cut only if a run with no input left makes nothing.
 *
 * After END `*in` begins behind the trailer: a library that reads ahead
 * gives back what is not the member's. With BROKEN `*why` is static text
 * for the user; with any other status it is left alone.
 */
enum decoder_status decoder_run(struct decoder *decoder, struct span *in,
                                char *out, size_t room, size_t *made,
                                const char **why);

/* "zlib 1.2.13", as linked, not as compiled. Static text, written anew by
 * each call: call it while there is one thread. */
const char *decoder_library(void);

#endif
