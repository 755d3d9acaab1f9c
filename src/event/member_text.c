/* The name is searched for, which skips most of the text. */
#include "event/member_text.h"

#include "base/find.h"

static const char *skip_white(const char *at, const char *end)
{
    while (at < end &&
           (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
        at++;
    return at;
}

/* The raw string behind a member's name; absent if it has another value. */
static struct span string_behind(const char *at, const char *end)
{
    const char *quote;

    at = skip_white(at, end);
    if (at == end || *at != ':')
        return SPAN_ABSENT;
    at = skip_white(at + 1, end);
    if (at == end || *at != '"')
        return SPAN_ABSENT;
    at++;
    quote = memchr(at, '"', (size_t)(end - at));
    return quote ? span_of(at, (size_t)(quote - at)) : SPAN_ABSENT;
}

/* Does the raw string say what it is? Not with an escape, nor with bytes that
 * an extractor replaces. */
static bool is_plain(struct span value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] < ' ' || value.ptr[i] > '~' || value.ptr[i] == '\\')
            return false;
    return true;
}

bool member_text_any(struct span record, struct span quoted,
                     bool (*is)(const void *context, struct span value),
                     const void *context)
{
    const char *end = record.ptr + record.len;
    const char *at = record.ptr;

    while ((at = find_word(span_of(at, (size_t)(end - at)), quoted))) {
        struct span value;

        at += quoted.len;
        value = string_behind(at, end);
        if (span_present(value) && (!is_plain(value) || is(context, value)))
            return true;
    }
    return false;
}
