/* Growing byte buffer with a sticky failure flag: see buf.h for why. */
#include "base/buf.h"

#include "base/sys.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

void buf_release(struct buf *buf)
{
    if (!buf)
        return;
    sys_free(buf->ptr);
    *buf = BUF_INIT;
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->failed = false;
}

char *buf_reserve(struct buf *buf, size_t extra)
{
    char *moved;

    if (buf->failed)
        return NULL;
    moved = extra > SIZE_MAX - buf->len
                ? NULL
                : sys_grow(buf->ptr, &buf->capacity, buf->len + extra, 1);
    if (!moved) {
        buf->failed = true;
        return NULL;
    }
    buf->ptr = moved;
    return buf->ptr + buf->len;
}

void buf_add(struct buf *buf, struct span bytes)
{
    char *at = buf_reserve(buf, bytes.len);

    if (!at || bytes.len == 0)
        return;
    memcpy(at, bytes.ptr, bytes.len);
    buf->len += bytes.len;
}

void buf_add_char(struct buf *buf, char c)
{
    buf_add(buf, span_of(&c, 1));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_list again;
    char *at;
    int wanted;

    if (buf->failed)
        return;
    va_start(args, format);
    va_copy(again, args);
    wanted = vsnprintf(NULL, 0, format, args);
    va_end(args);
    at = wanted < 0 ? NULL : buf_reserve(buf, (size_t)wanted + 1);
    if (!at) {
        buf->failed = true;
    } else {
        (void)vsnprintf(at, (size_t)wanted + 1, format, again);
        buf->len += (size_t)wanted;
    }
    va_end(again);
}

struct span buf_span(const struct buf *buf)
{
    return span_of(buf->ptr, buf->len);
}

const char *buf_str(struct buf *buf)
{
    char *at = buf_reserve(buf, 1);

    if (!at)
        return NULL;
    *at = '\0';
    return buf->ptr;
}
