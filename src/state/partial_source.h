/*
 * partial_source.h - a partial's lines, one by one, from a file or from what
 * a reader unpacks, with the checksum so far (partial_lines.h).
 *
 * Holds one line. Not for concurrent use.
 */
#ifndef OFFBOX_STATE_PARTIAL_SOURCE_H
#define OFFBOX_STATE_PARTIAL_SOURCE_H

#include "base/err.h"
#include "input/inflate.h"
#include "input/reader.h"
#include "state/partial.h"
#include "state/partial_lines.h"

struct partial_source {
    struct span line;               /* the last one, without its end */
    uint64_t line_count;            /* with it; of a bad one it is the number */
    struct hash128 sum, sum_before; /* with and without it */

    /* Its own. */
    struct inflate_stream *in;
    struct reader *from; /* whose bytes come instead; NULL: `in`'s do */
    char *bytes;
    size_t capacity, start, end; /* not yet given out: [start, end) */
    bool again;                  /* the last line is to be given out anew */
    bool is_broken;
};

/* -1 and `err` when memory is out; it is released then, too. */
int partial_source_init(struct partial_source *source, struct err *err);
void partial_source_release(struct partial_source *source);

/* Begin with other bytes: `fd`'s, gzip'd or not, which stays the caller's to
 * close; or those of `from`, if there is one, which is the caller's to free. */
void partial_source_start(struct partial_source *source, int fd,
                          struct reader *from);

/* The next line into `line`. PARTIAL_GROUP, PARTIAL_END when there is none,
 * or what went wrong. */
enum partial_status partial_source_next(struct partial_source *source,
                                        struct err *err);

/* The same where more must come: an end is BROKEN. */
enum partial_status partial_source_more(struct partial_source *source,
                                        struct err *err);

/* The next one is this line once more. */
void partial_source_again(struct partial_source *source);

/* Tell what is wrong with the line, or with its member `name`. No line comes
 * any more. PARTIAL_BROKEN. */
enum partial_status partial_source_broken(struct partial_source *source,
                                          struct err *err, const char *what);
enum partial_status partial_source_bad_member(struct partial_source *source,
                                              struct err *err,
                                              const char *name);

/* PARTIAL_FAILED: memory is out. */
enum partial_status partial_failed(struct err *err);

#endif
