/*
 * out.h - buffered output to a file descriptor, through base/sys.
 *
 * As in buf.h the first failure sticks: later writes do nothing, and
 * out_flush() tells. So no report can end well on a full disk.
 */
#ifndef OFFBOX_BASE_OUT_H
#define OFFBOX_BASE_OUT_H

#include "base/buf.h"
#include "base/err.h"

struct out {
    int fd; /* borrowed; -1 collects everything in `pending` */
    struct buf pending;
    int failed_errno; /* 0, or why the first failed write failed */
};

/* `fd` stays the caller's to close. */
void out_init(struct out *out, int fd);
void out_release(struct out *out);

void out_write(struct out *out, struct span bytes);
void out_str(struct out *out, const char *str);
void out_printf(struct out *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* `text` escaped for a terminal, see utf8_add_terminal(). */
void out_terminal(struct out *out, struct span text);

/* What was to be written could not even be made: memory is out. */
void out_fail_memory(struct out *out);

/* Hand everything to the system. 0, or -1 and the cause of the first
 * failure since out_init() in `err`. */
int out_flush(struct out *out, struct err *err);

#endif
