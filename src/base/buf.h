/*
 * buf.h - owned bytes that grow.
 *
 * Appending never fails at the call: a buffer that could not grow sets
 * `failed`, ignores everything after, and the owner asks once at the
 * end. So a writer of a hundred small pieces has one error path.
 */
#ifndef OFFBOX_BASE_BUF_H
#define OFFBOX_BASE_BUF_H

#include "base/span.h"

struct buf {
    char *ptr; /* NULL while nothing was ever appended */
    size_t len;
    size_t capacity;
    bool failed; /* memory ran out; the contents are cut. Or it never was to
                  * take any */
};

#define BUF_INIT ((struct buf){NULL, 0, 0, false})

/* Free the bytes; the buffer is empty again and usable. */
void buf_release(struct buf *buf);

/* Empty it but keep its memory; `failed` is forgotten. */
void buf_clear(struct buf *buf);

/* Room for `extra` more bytes: a pointer to where they go, NULL (and
 * `failed`) if there is no memory. The length is the caller's to add. */
char *buf_reserve(struct buf *buf, size_t extra);

void buf_add(struct buf *buf, struct span bytes);
void buf_add_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The contents; absent only while nothing was ever appended. Valid until
 * the next append. */
struct span buf_span(const struct buf *buf);

/* The contents as a C string; NULL if `failed`. Valid as buf_span(). */
const char *buf_str(struct buf *buf);

#endif
