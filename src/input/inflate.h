/*
 * inflate.h - the bytes of one input, unpacked, a piece at a time.
 *
 * One door for gzip (by its magic bytes, any number of members), plain
 * files and standard input. Names no inflating library: inflate.c reads
 * the gzip headers and keeps the members, inflate_zlib.c decodes.
 *
 * A stream belongs to one thread and is reused from input to input, so
 * that opening a small file costs no allocation.
 */
#ifndef OFFBOX_INPUT_INFLATE_H
#define OFFBOX_INPUT_INFLATE_H

#include "base/err.h"
#include "base/span.h"

#include <stdint.h>

struct inflate_stream;

enum inflate_status {
    INFLATE_OK,         /* bytes came; there may be more */
    INFLATE_END,        /* the whole input was given out */
    INFLATE_DAMAGED,    /* gzip that breaks; what came before is good */
    INFLATE_UNREADABLE, /* the system refused */
};

/* What one gzip input may unpack to: eight times the largest log file. */
#define INFLATE_MAX_BYTES ((uint64_t)4 << 30)

/* NULL and `err` when memory is out. All memory is taken here. */
struct inflate_stream *inflate_new(struct err *err);
void inflate_free(struct inflate_stream *in);

/* From the next inflate_start() on a gzip input may unpack to `max_bytes`
 * (at first INFLATE_MAX_BYTES), all its members together: then it is
 * damaged. Plain inputs have no limit. */
void inflate_limit(struct inflate_stream *in, uint64_t max_bytes);

/* Read from `fd` from its current position on. The descriptor stays the
 * caller's to close. Whatever was read before is forgotten. Needed before
 * the first inflate_read(). */
void inflate_start(struct inflate_stream *in, int fd);

/*
 * The next bytes: at most `max_bytes` (at least 1), into `into`; `*count`
 * says how many. Like read(2) it gives what is at hand, at least one byte,
 * and does not wait to fill `into`.
 *
 * Bytes come with INFLATE_OK alone; with all else `*count` is 0. So what
 * was decoded before damage or a read error has been given out when the
 * error is told (damaged: its member's check could not be made).
 *
 * After INFLATE_DAMAGED, `err` says what broke and inflate_offset() where;
 * after INFLATE_UNREADABLE, `err` is the system's cause. Both, and
 * INFLATE_END, are final and repeat. Neither bytes nor status, reason and
 * offset depend on `max_bytes` or on how much each read(2) returns.
 *
 * Damage is: a header, deflate stream, CRC or length that does not fit; a
 * member that starts and does not end; bytes after a member that are
 * neither gzip nor zero; a byte more than inflate_limit() allows. Zero
 * bytes are padding, and a member behind them is read like any other.
 * RFC 1952.
 */
enum inflate_status inflate_read(struct inflate_stream *in, char *into,
                                 size_t max_bytes, size_t *count,
                                 struct err *err);

/*
 * The input's bytes consumed so far: packed ones. After damage: the first
 * byte that does not belong (a header's method or flags, what follows the
 * last member), the input's end if a member is cut, in a member's body the
 * byte up to which it was read when it broke, and at the limit the first
 * byte of the member that goes over it (how far into that its bytes were
 * read depends on the library and on how they came).
 */
uint64_t inflate_offset(const struct inflate_stream *in);

/* Is the input gzip? Known after the first inflate_read(). */
bool inflate_is_gzip(const struct inflate_stream *in);

/* The library that decodes, with its version: "zlib 1.2.13". Static text,
 * written anew by each call: call it while there is one thread. */
const char *inflate_library(void);

#endif
