/*
 * resync.h - where a record can begin in damaged text.
 *
 * Behind damage it is not known what is inside a string. But an object's
 * first key has quotes without backslashes, which no string can hold: so
 * text that somebody put into a record never looks like a beginning. (What
 * is between the quotes may be escaped.)
 */
#ifndef OFFBOX_INPUT_RESYNC_H
#define OFFBOX_INPUT_RESYNC_H

#include <stdbool.h>

enum resync {
    RESYNC_NO,
    RESYNC_MORE,    /* more bytes are needed to tell */
    RESYNC_ELEMENT, /* an object, of the array that is being read, if any */
    RESYNC_VALUE,   /* an object that begins a new value of the stream */
};

/* A brace, a key with every character escaped and its colon are told within
 * so many bytes. */
#define RESYNC_BYTES 256

struct resync_place {
    char before;     /* the last byte that is no white space; 0 if unknown */
    bool line_start; /* at a line's start, or there behind a time stamp */
    bool any_key;    /* stray bytes between values: any object will do */
};

/*
 * Can an object that is worth reading begin at `at`, which is a brace?
 * `last`: nothing follows `end`. Behind a colon it is a member's value, and
 * never taken. Else these are: an object whose first key is one of a
 * CloudTrail record, or of lookup-events; one that leads to `Records` or
 * `Events`; and, with any first key, one behind a closing bracket or at a
 * line's start, where only a new value of the stream can begin.
 */
enum resync resync_at(const char *at, const char *end, bool last,
                      const struct resync_place *place);

#endif
