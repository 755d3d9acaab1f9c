/*
 * split.h - from windows of bytes to JSON values.
 *
 * A splitter is fed an input's text a window at a time and gives out the
 * objects that can be records, whole. It follows arrays, the `Records` array
 * of a CloudTrail file and the `Events` array of `aws cloudtrail
 * lookup-events` element by element, so nothing larger than one record is
 * ever held, and knows nothing of what a record means.
 *
 * The text is a stream of values, one or many, with or without white
 * space between them (cloudtrail.md 2). A line of a CloudWatch export,
 * `2024-01-01T00:00:00.000Z {…}`, is a time stamp and a value.
 *
 * Where the structure breaks, the splitter says so and goes on at the
 * next place where a value can begin; see split_next().
 *
 * The answers depend on the text alone, never on where windows are cut.
 * Plain data, no memory of its own; one thread at a time.
 */
#ifndef OFFBOX_INPUT_SPLIT_H
#define OFFBOX_INPUT_SPLIT_H

#include "base/span.h"
#include "input/delimit.h"
#include "input/grammar.h"

#include <stdint.h>

enum split_status {
    SPLIT_RECORD,   /* an object that is an element of `Records` */
    SPLIT_EVENT,    /* an object that is an element of `Events` */
    SPLIT_OBJECT,   /* any other object: its shape decides */
    SPLIT_OVERSIZE, /* an object of either kind over the limit: passed
                     * over, `text` is absent */
    SPLIT_DAMAGE,   /* the structure breaks at `offset`: `reason` */
    SPLIT_MORE,     /* the window is used up: feed the next */
    SPLIT_END,      /* the last window is used up */
};

/* The arrays of an object that are followed by their key. */
enum split_list {
    SPLIT_NO_LIST,
    SPLIT_RECORDS,
    SPLIT_EVENTS,
};

struct split_item {
    struct span text;   /* the object; points into the window */
    uint64_t offset;    /* of its first byte, or of the damage, in the text */
    bool illegal;       /* bytes that JSON allows nowhere (see delimit.h) */
    bool deep;          /* nested over 1,000 deep */
    bool doubtful;      /* found behind damage, so perhaps no element of the
                         * array at all but something inside of one */
    bool backslash;     /* one may stand in it */
    const char *reason; /* SPLIT_DAMAGE; static */
};

/* Room for "Records" with every character escaped (\u0052…), and a byte
 * more so that a longer key does not look like it. */
#define SPLIT_KEY_BYTES (7 * 6 + 1)

struct splitter {
    const char *window, *at, *end;
    const char *held; /* first byte of the object or token being read;
                       * NULL if it is not kept */
    uint64_t base;    /* offset in the text of window[0] */
    uint64_t started; /* offset of the object being read */
    size_t max_bytes;

    int phase;                 /* enum phase in split.c */
    int expect;                /* enum expect in split.c */
    uint64_t array_depth;      /* open arrays that are followed */
    enum split_list list;      /* the array that is being read, … */
    enum split_list next_list; /* … or that the key just read leads to */
    struct delimit delimit;
    uint64_t illegal_at; /* offset of the first illegal byte */

    /* Following the keys of an object that may hold `Records`. */
    int watch;         /* enum watch in split.c */
    unsigned own_keys; /* OWN_* in split.c: those of a record that were met */
    unsigned lists;    /* which arrays were followed, bits of split_list */
    char key[SPLIT_KEY_BYTES];
    size_t key_len;
    char significant;        /* last byte outside strings, no white space */
    uint64_t one_line_until; /* see resume() in split.c */

    /* Damage: see "finding the way again" in split.c. */
    struct grammar grammar; /* of the object being read, if `strict` */
    uint64_t strict_until;  /* every object that begins before is */
    uint64_t string_at;     /* offset of the last string's first quote */
    int line;               /* enum line in split.c */
    bool strict;            /* the object being read is checked */
    bool any_key;           /* looking for the next object: see resync.h */
    bool doubtful;          /* what follows in the array */
    bool last;              /* no window follows */
};

/* `max_bytes` bounds one object; longer ones are SPLIT_OVERSIZE. */
void split_init(struct splitter *sp, size_t max_bytes);

/*
 * Feed a window. It must begin with the last split_unfinished() bytes of
 * the one before. `last` says that the text ends with it. The bytes must
 * stay until the next feed.
 */
void split_feed(struct splitter *sp, struct span window, bool last);

/* After SPLIT_MORE: how many bytes at the window's end the next window
 * must begin with. At most `max_bytes`, or a time stamp's few, or
 * RESYNC_BYTES behind damage. */
size_t split_unfinished(const struct splitter *sp);

/*
 * The next item. SPLIT_DAMAGE is not final: what follows it is read, too.
 * Reasons are: an input that ends inside a value; bytes between values
 * that are none; an object outside `Records` and arrays that a line's end
 * or the next object cuts short (JSON Lines of which one was cut); an
 * object whose brackets do not match, and which so swallowed what stands
 * behind it. Of the last, what it swallowed is given out, too, where the
 * beginning of a record shows (resync.h).
 */
enum split_status split_next(struct splitter *sp, struct split_item *item);

/*
 * Would split_next() go on with an object of `Records` of which it knows
 * nothing yet? Then `text` is its first byte and what the window holds from
 * there, at most `max_bytes`. False where it is not as CloudTrail writes it, or
 * damage is near.
 */
bool split_at_record(const struct splitter *sp, struct span *text);

/* Right after that: the object was read whole up to `after`, and has no bytes
 * that JSON allows nowhere, nor is it too deep. Go on behind it. */
void split_pass(struct splitter *sp, const char *after);

/* Or: it was delimited, with this outcome, and a `}` ends it. It is given out
 * as split_next() would. */
void split_take(struct splitter *sp, const char *after,
                const struct delimit *delimit, struct split_item *item);

/*
 * The item that split_next() gave out last proved to be no JSON. Had it
 * swallowed others? Then they come next, behind a SPLIT_DAMAGE, and true is
 * returned. `item` is as it was given out, its text still in the window.
 */
bool split_again(struct splitter *sp, const struct split_item *item);

#endif
