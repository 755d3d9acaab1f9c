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

/* What the bytes are looked at on; all zero for a file or a pipe. */
struct screen {
    bool colour;      /* it shows colours, and they are wanted */
    unsigned columns; /* its width; 0: lines may be as long as they are */
};

enum out_style {
    OUT_PLAIN,
    OUT_ALARM,  /* what must be looked at */
    OUT_GOOD,   /* what is as it should be */
    OUT_DOUBT,  /* what may hide something */
    OUT_STRONG, /* what the eye should find */
    OUT_FAINT,  /* labels and what is known */
};

struct out {
    int fd; /* borrowed; -1 collects everything in `pending` */
    struct buf pending;
    int failed_errno;     /* 0, or why the first failed write failed */
    struct screen screen; /* set by the owner after out_init() */
    enum out_style style; /* what the screen is in */
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

/* `text` escaped for HTML, see utf8_add_html(). */
void out_html(struct out *out, struct span text);

/* From here on in the look of `style`, if the screen shows colours; else
 * nothing. Styles do not nest: each takes the place of the one before. */
void out_style(struct out *out, enum out_style style);

/* What was to be written could not even be made: memory is out. */
void out_fail_memory(struct out *out);

/* Hand everything to the system. 0, or -1 and the cause of the first
 * failure since out_init() in `err`. */
int out_flush(struct out *out, struct err *err);

#endif
