/* Escaped and shortened names for messages: see quote.h for why. */
#include "base/quote.h"

#include "base/utf8.h"

#include <errno.h>

#define DOTS       SPAN("...")
#define HEAD_BYTES ((size_t)80) /* the rest, over half, is for the end */

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* The cuts fall between characters, so the result stays UTF-8. */
static void shorten(struct quoted *into, struct span escaped)
{
    size_t head = HEAD_BYTES;
    size_t tail = escaped.len - (sizeof(into->text) - HEAD_BYTES - 3 - 1);
    char *at = into->text;

    while (head > 0 && is_continuation(escaped.ptr[head]))
        head--;
    while (tail < escaped.len && is_continuation(escaped.ptr[tail]))
        tail++;
    memcpy(at, escaped.ptr, head);
    at += head;
    memcpy(at, DOTS.ptr, DOTS.len);
    at += DOTS.len;
    memcpy(at, escaped.ptr + tail, escaped.len - tail);
    at[escaped.len - tail] = '\0';
}

const char *quote(struct quoted *into, struct span name)
{
    int cause = errno;
    struct buf escaped = BUF_INIT;

    utf8_add_terminal(&escaped, name);
    if (escaped.failed) {
        memcpy(into->text, DOTS.ptr, DOTS.len + 1);
    } else if (escaped.len < sizeof(into->text)) {
        if (escaped.len > 0)
            memcpy(into->text, escaped.ptr, escaped.len);
        into->text[escaped.len] = '\0';
    } else {
        shorten(into, buf_span(&escaped));
    }
    buf_release(&escaped);
    errno = cause;
    return into->text;
}
