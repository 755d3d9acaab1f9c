/* Buffered output with a sticky error: see out.h. */
#include "base/out.h"

#include "base/sys.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define FLUSH_BYTES ((size_t)64 * 1024) /* what a pipe holds by default */

void out_init(struct out *out, int fd)
{
    *out = (struct out){.fd = fd, .pending = BUF_INIT};
}

void out_release(struct out *out)
{
    if (out)
        buf_release(&out->pending);
}

static void hand_over(struct out *out)
{
    if (out->pending.failed && !out->failed_errno)
        out->failed_errno = ENOMEM;
    if (out->fd < 0 || out->failed_errno || out->pending.len == 0)
        return;
    if (sys_write(out->fd, out->pending.ptr, out->pending.len) < 0)
        out->failed_errno = errno;
    buf_clear(&out->pending);
}

static void hand_over_when_full(struct out *out)
{
    if (out->pending.failed || out->pending.len >= FLUSH_BYTES)
        hand_over(out);
}

void out_write(struct out *out, struct span bytes)
{
    if (out->failed_errno)
        return;
    buf_add(&out->pending, bytes);
    hand_over_when_full(out);
}

void out_str(struct out *out, const char *str)
{
    out_write(out, span_str(str));
}

void out_printf(struct out *out, const char *format, ...)
{
    char text[1024];
    va_list args;
    int wanted;

    va_start(args, format);
    wanted = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (wanted < 0 || (size_t)wanted >= sizeof(text)) {
        /* Unbounded text goes through out_write() and out_terminal();
         * what gets here has a known width, so this is a programming
         * error, and it must not pass as a good report. */
        out->failed_errno = out->failed_errno ? out->failed_errno : EOVERFLOW;
        return;
    }
    out_write(out, span_of(text, (size_t)wanted));
}

void out_terminal(struct out *out, struct span text)
{
    if (out->failed_errno)
        return;
    utf8_add_terminal(&out->pending, text);
    hand_over_when_full(out);
}

void out_html(struct out *out, struct span text)
{
    if (out->failed_errno)
        return;
    utf8_add_html(&out->pending, text);
    hand_over_when_full(out);
}

void out_style(struct out *out, enum out_style style)
{
    /* Colours of the basic eight, which every theme keeps readable; each
     * code begins with the reset. */
    static const char *const codes[] = {
        [OUT_PLAIN] = "\x1b[0m",    [OUT_ALARM] = "\x1b[0;1;31m",
        [OUT_GOOD] = "\x1b[0;32m",  [OUT_DOUBT] = "\x1b[0;33m",
        [OUT_STRONG] = "\x1b[0;1m", [OUT_FAINT] = "\x1b[0;2m",
    };

    if (!out->screen.colour || style == out->style)
        return;
    out->style = style;
    out_str(out, codes[style]);
}

void out_fail_memory(struct out *out)
{
    if (!out->failed_errno)
        out->failed_errno = ENOMEM;
}

int out_flush(struct out *out, struct err *err)
{
    hand_over(out);
    if (!out->failed_errno)
        return 0;
    errno = out->failed_errno;
    err_set_errno(err, "write failed");
    return -1;
}
