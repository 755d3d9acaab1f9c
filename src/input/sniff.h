/*
 * sniff.h - what an input is, from its first bytes.
 */
#ifndef OFFBOX_INPUT_SNIFF_H
#define OFFBOX_INPUT_SNIFF_H

#include "base/span.h"

enum sniff {
    SNIFF_MORE,    /* these bytes do not tell yet */
    SNIFF_JSON,    /* begins as a dump's JSON does */
    SNIFF_EMPTY,   /* nothing but white space */
    SNIFF_ARCHIVE, /* zip, tar, zstd, bzip2, xz or Parquet: `*what` */
    SNIFF_FOREIGN, /* anything else */
};

/* Enough for every signature: tar's stands at 257. */
#define SNIFF_BYTES 512

/*
 * Judge the text `head`; `whole` says that nothing follows it. A text
 * begins as JSON with `{` or `[` (behind a byte-order mark and white
 * space, or behind a time stamp and a blank), and then, behind white
 * space, one of " { [ ] } (cloudtrail.md 4); a text that ends before the
 * second of these bytes contradicts nothing and is JSON, cut.
 *
 * SNIFF_MORE is never returned for `whole`, and for a longer `head` than
 * SNIFF_BYTES only while white space alone has been seen; then `*blank`
 * of its first bytes (mark and white space) need not be shown again.
 * `*what` is the archive's name, static.
 */
enum sniff sniff(struct span head, bool whole, size_t *blank,
                 const char **what);

#endif
