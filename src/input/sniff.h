/*
 * sniff.h - what an input is, from its first bytes.
 */
#ifndef OFFBOX_INPUT_SNIFF_H
#define OFFBOX_INPUT_SNIFF_H

#include "base/span.h"

#include <stdint.h>

enum sniff {
    SNIFF_MORE,    /* these bytes do not tell yet */
    SNIFF_JSON,    /* begins as a dump's JSON does */
    SNIFF_EMPTY,   /* nothing but white space */
    SNIFF_ARCHIVE, /* zip, tar, zstd, bzip2, xz or Parquet: `*what` */
    SNIFF_PARTIAL, /* an aggregate written down, state/partial.h; also one
                    * whose first bytes are damaged or cut */
    SNIFF_FOREIGN, /* anything else */
};

/* Enough for every signature (tar's stands at 257) and for a time stamp. */
#define SNIFF_BYTES 512

/*
 * Judge the text `head`, which begins at byte `offset` of the input;
 * `whole` says that nothing follows it. A text begins as JSON with `{` or
 * `[` (behind a byte-order mark and white space, or behind a time stamp
 * and a blank), and then, behind white space, one of " { [ ] }
 * (cloudtrail.md 4); a text that ends before the second of these bytes
 * contradicts nothing and is JSON, cut. No more than SNIFF_BYTES behind
 * the leading white space are looked at, so the verdict does not depend
 * on how much is shown at once.
 *
 * After SNIFF_MORE show more; the first `*blank` bytes (mark and white
 * space) need not be shown again, if `offset` says so. It is returned only
 * while less than SNIFF_BYTES are shown behind them, and never for
 * `whole`. After SNIFF_JSON `*blank` bytes stand before the text. `*what`
 * is the archive's name, static.
 */
enum sniff sniff(struct span head, uint64_t offset, bool whole, size_t *blank,
                 const char **what);

#endif
