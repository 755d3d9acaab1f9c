/*
 * reader.h - the objects of one input, whatever it is packed in.
 *
 * Joins inflate and split: owns the window, carries over what a window's
 * end cuts, tells JSON from what is none, and keeps the account of what
 * broke. Memory is one window plus the longest object (at most
 * READER_MAX_RECORD_BYTES), whatever the input's size.
 *
 * A reader belongs to one thread and is reused from input to input.
 */
#ifndef OFFBOX_INPUT_READER_H
#define OFFBOX_INPUT_READER_H

#include "input/inflate.h"
#include "input/ledger.h"
#include "input/split.h"

/* A record over this is unreadable (cloudtrail.md 4). */
#define READER_MAX_RECORD_BYTES ((size_t)16 * 1024 * 1024)

/* Stays in the second-level cache together with zlib's tables. */
#define READER_WINDOW_BYTES ((size_t)256 * 1024)

struct reader;

enum reader_status {
    READER_ITEM,   /* an object: `item` */
    READER_WINDOW, /* the next call reuses the window: let go of all texts
                    * given out so far */
    READER_END,    /* reader_result() says how it ended */
    READER_FAILED, /* memory is out: `err`; the run cannot go on */
};

enum reader_kind {
    READER_RECORD,   /* an element of a `Records` array */
    READER_EVENT,    /* an element of an `Events` array */
    READER_OBJECT,   /* an object of yet unknown shape */
    READER_OVERSIZE, /* either, over the limit; no text */
};

struct reader_item {
    enum reader_kind kind;
    struct span text; /* valid until READER_WINDOW or READER_END */
    uint64_t offset;  /* of the first byte in the unpacked text */
    bool illegal;     /* holds bytes that JSON allows nowhere, see
                       * delimit.h; do not take it for good unread */
    bool deep;        /* nested over 1,000 deep */
    bool doubtful;    /* found behind damage, see split.h */
    bool backslash;   /* one may stand in it */
};

struct reader_result {
    /* INPUT_READ, or INPUT_DAMAGED, INPUT_UNREADABLE, INPUT_EMPTY,
     * INPUT_FOREIGN, INPUT_ARCHIVE, INPUT_PARTIAL. READ only says that the
     * bytes are JSON: whether they hold a record is for the caller to know. */
    enum input_status status;
    uint64_t offset;            /* of the first damage: in the packed bytes
                                 * if gzip broke, else in the text */
    char reason[ERR_MAX_BYTES]; /* empty for READ */
    uint64_t damages;           /* places where gzip or the structure broke */
    uint64_t bytes_packed;      /* of an input that was read to its end or to
                                 * where it breaks; else 0 */
    uint64_t bytes_unpacked;
};

/* `window_bytes` is READER_WINDOW_BYTES but in tests: results must not
 * depend on it. NULL and `err` when memory is out. */
struct reader *reader_new(size_t window_bytes, struct err *err);
void reader_free(struct reader *reader);

/* Begin with `fd`, which stays the caller's to close. */
void reader_start(struct reader *reader, int fd);

/* See inflate_limit(). */
void reader_limit(struct reader *reader, uint64_t max_bytes);

/* The stream that reader_start() began: for a caller who reads it elsewhere
 * (in a thread ahead of this one) and passes the bytes on. */
struct inflate_stream *reader_stream(struct reader *reader);

/* Right after reader_start(): get the bytes by calling `read`, which does
 * as inflate_read() would, and leave the stream alone until it has ended. */
void reader_read_by(struct reader *reader,
                    enum inflate_status (*read)(void *context, char *into,
                                                size_t max_bytes, size_t *count,
                                                struct err *err),
                    void *context);

/* Right after reader_start(), before reader_read_by(): read until the first
 * bytes tell what the input is. For one that cannot be read twice: what is
 * then to be read otherwise (see reader_read_text()) is still here. -1 and
 * `err` when memory is out. */
int reader_judge(struct reader *reader, struct err *err);

enum reader_status reader_next(struct reader *reader, struct reader_item *item,
                               struct err *err);

/* Before reader_next(): see split_at_record(). `text` is valid until the next
 * call of reader_next(). */
bool reader_at_record(const struct reader *reader, struct span *text);

/* Right after that: what would have been the next item was read up to `after`.
 * See split_pass(). */
void reader_pass(struct reader *reader, const char *after);

/* Or: it was delimited. It is the next item; see split_take(). */
void reader_take(struct reader *reader, const char *after,
                 const struct delimit *delimit, struct reader_item *item);

/* The item that was given out last proved to be no JSON: if it swallowed
 * others, they come next, the input is damaged, and true is returned. To be
 * called at once. */
bool reader_again(struct reader *reader);

/* After READER_END of what is a partial (INPUT_PARTIAL): its text from the
 * first byte on, as inflate_read(). */
enum inflate_status reader_read_text(struct reader *reader, char *into,
                                     size_t max_bytes, size_t *count,
                                     struct err *err);

/* After READER_END. Valid until the next reader_start(). */
const struct reader_result *reader_result(const struct reader *reader);

/* After READER_END: inflate_offset(), also of an input that holds nothing. */
uint64_t reader_offset(const struct reader *reader);

#endif
