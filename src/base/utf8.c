/* UTF-8 by the table of well-formed byte sequences (Unicode 15, 3-7). */
#include "base/utf8.h"

size_t utf8_decode(struct span text, uint32_t *code)
{
    const unsigned char *at = (const unsigned char *)text.ptr;
    unsigned char first = at[0];
    unsigned char low = 0x80, high = 0xbf; /* bounds of the second byte */
    size_t wanted;

    if (first < 0x80) {
        *code = first;
        return 1;
    }
    *code = UTF8_INVALID;
    if (first < 0xc2 || first > 0xf4)
        return 1;
    wanted = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (first == 0xe0)
        low = 0xa0; /* else overlong */
    else if (first == 0xed)
        high = 0x9f; /* else a surrogate */
    else if (first == 0xf0)
        low = 0x90; /* else overlong */
    else if (first == 0xf4)
        high = 0x8f; /* else over U+10FFFF */

    for (size_t i = 1; i < wanted; i++) {
        if (i == text.len || at[i] < low || at[i] > high)
            return i;
        low = 0x80;
        high = 0xbf;
    }
    *code = wanted == 2   ? (first & 0x1fu)
            : wanted == 3 ? (first & 0x0fu)
                          : (first & 0x07u);
    for (size_t i = 1; i < wanted; i++)
        *code = *code << 6 | (at[i] & 0x3fu);
    return wanted;
}

bool utf8_is_valid(struct span text)
{
    while (text.len > 0) {
        uint32_t code;
        size_t bytes = utf8_decode(text, &code);

        if (code == UTF8_INVALID)
            return false;
        text = span_of(text.ptr + bytes, text.len - bytes);
    }
    return true;
}

void utf8_add(struct buf *buf, uint32_t code)
{
    if (code < 0x80) {
        buf_add_char(buf, (char)code);
    } else if (code < 0x800) {
        buf_add_char(buf, (char)(0xc0 | code >> 6));
        buf_add_char(buf, (char)(0x80 | (code & 0x3f)));
    } else if (code < 0x10000) {
        buf_add_char(buf, (char)(0xe0 | code >> 12));
        buf_add_char(buf, (char)(0x80 | (code >> 6 & 0x3f)));
        buf_add_char(buf, (char)(0x80 | (code & 0x3f)));
    } else {
        buf_add_char(buf, (char)(0xf0 | code >> 18));
        buf_add_char(buf, (char)(0x80 | (code >> 12 & 0x3f)));
        buf_add_char(buf, (char)(0x80 | (code >> 6 & 0x3f)));
        buf_add_char(buf, (char)(0x80 | (code & 0x3f)));
    }
}

/* Characters that act on a terminal or on the order of what it shows. */
static bool acts(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) ||
           (code >= 0x200b && code <= 0x200f) || /* zero width, LRM, RLM */
           (code >= 0x2028 && code <= 0x202e) || /* separators, embeddings */
           (code >= 0x2060 && code <= 0x2069) || /* joiner, isolates */
           code == 0x061c || code == 0xfeff ||
           (code >= 0xfff9 && code <= 0xfffb) || /* interlinear marks */
           (code >= 0xe0000 && code <= 0xe007f); /* tags */
}

/* How a character that acts, or bytes that are none, are spelt. */
static void add_escape(struct buf *buf, struct span bytes, uint32_t code)
{
    if (code == UTF8_INVALID) {
        for (size_t i = 0; i < bytes.len; i++)
            buf_printf(buf, "\\x%02x", (unsigned char)bytes.ptr[i]);
    } else if (code == '\n') {
        buf_add(buf, SPAN("\\n"));
    } else if (code == '\t') {
        buf_add(buf, SPAN("\\t"));
    } else if (code == '\r') {
        buf_add(buf, SPAN("\\r"));
    } else if (code < 0x80) {
        buf_printf(buf, "\\x%02x", (unsigned)code);
    } else {
        buf_printf(buf, "\\u{%x}", (unsigned)code);
    }
}

void utf8_add_terminal(struct buf *buf, struct span text)
{
    while (text.len > 0) {
        uint32_t code;
        size_t bytes = utf8_decode(text, &code);

        if (code == UTF8_INVALID || acts(code))
            add_escape(buf, span_of(text.ptr, bytes), code);
        else if (code == '\\')
            buf_add(buf, SPAN("\\\\"));
        else
            buf_add(buf, span_of(text.ptr, bytes));
        text.ptr += bytes;
        text.len -= bytes;
    }
}

/* Absent if the character stands for itself. */
static struct span entity_of(uint32_t code)
{
    switch (code) {
    case '&':
        return SPAN("&amp;");
    case '<':
        return SPAN("&lt;");
    case '>':
        return SPAN("&gt;");
    case '"':
        return SPAN("&quot;");
    case '\'':
        return SPAN("&#39;");
    default:
        return SPAN_ABSENT;
    }
}

void utf8_add_html(struct buf *buf, struct span text)
{
    while (text.len > 0) {
        uint32_t code;
        size_t bytes = utf8_decode(text, &code);
        struct span entity = entity_of(code);

        if (code == UTF8_INVALID || acts(code)) {
            buf_add(buf, SPAN("<mark>"));
            add_escape(buf, span_of(text.ptr, bytes), code);
            buf_add(buf, SPAN("</mark>"));
        } else {
            buf_add(buf,
                    span_present(entity) ? entity : span_of(text.ptr, bytes));
        }
        text.ptr += bytes;
        text.len -= bytes;
    }
}
