/* Escapes by RFC 8259, section 7. */
#include "base/json_string.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four digits of a \u escape at `at`, or -1. */
static int32_t hex4(const char *at, const char *end)
{
    int32_t code = 0;

    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);

        if (digit < 0)
            return -1;
        code = code << 4 | digit;
    }
    return code;
}

static bool is_high_surrogate(int32_t code)
{
    return code >= 0xd800 && code < 0xdc00;
}

static bool is_low_surrogate(int32_t code)
{
    return code >= 0xdc00 && code < 0xe000;
}

size_t json_string_escape(struct span text, uint32_t *code)
{
    const char *at = text.ptr;
    const char *end = text.ptr + text.len;
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    const char *name;
    int32_t first, second;

    if (end - at < 2)
        return 0;
    if (at[1] != 'u') {
        name = at[1] ? strchr(names, at[1]) : NULL;
        if (!name)
            return 0;
        *code = (unsigned char)values[name - names];
        return 2;
    }
    first = hex4(at + 2, end);
    if (first < 0)
        return 0;
    *code = first == 0 || is_low_surrogate(first) ? JSON_STRING_INVALID
                                                  : (uint32_t)first;
    if (!is_high_surrogate(first))
        return 6;
    second = end - at >= 12 && at[6] == '\\' && at[7] == 'u' ? hex4(at + 8, end)
                                                             : -1;
    if (!is_low_surrogate(second)) {
        *code = JSON_STRING_INVALID;
        return 6;
    }
    *code = 0x10000 + ((uint32_t)(first - 0xd800) << 10) +
            (uint32_t)(second - 0xdc00);
    return 12;
}

size_t json_string_key(struct span raw, char text[JSON_KEY_BYTES])
{
    size_t len = 0;

    while (raw.len > 0) {
        uint32_t code = (unsigned char)raw.ptr[0];
        size_t bytes = raw.ptr[0] == '\\' ? json_string_escape(raw, &code) : 1;

        if (len == JSON_KEY_BYTES)
            return JSON_KEY_BYTES + 1;
        text[len++] = (char)(code < 0x80 && bytes ? code : 0x01);
        bytes = bytes ? bytes : 1;
        raw = span_of(raw.ptr + bytes, raw.len - bytes);
    }
    return len;
}

bool json_string_spells(struct span raw, struct span text)
{
    char decoded[JSON_KEY_BYTES];
    size_t len;

    if (raw.len == 0 || !memchr(raw.ptr, '\\', raw.len))
        return span_eq(raw, text);
    len = json_string_key(raw, decoded);
    return len <= JSON_KEY_BYTES && span_eq(span_of(decoded, len), text);
}
