/* JSON text as a person reads it: a value a line, keys and strings marked. */
#include "report/html_parts.h"

/* CloudTrail's own limit on an event. What is larger was made to be. */
#define SHOWN_BYTES ((size_t)256 * 1024)

/* A thousand brackets, as deep as records may be, need no thousand times
 * thousand blanks. */
#define INDENTED 20

static void new_line(struct out *out, size_t depth)
{
    out_printf(out, "\n%*s", (int)(2 * (depth < INDENTED ? depth : INDENTED)),
               "");
}

/* The length of the string at the start of `text`, with its quotes. */
static size_t string_length(struct span text)
{
    size_t at = 1;

    while (at < text.len && text.ptr[at] != '"')
        at += text.ptr[at] == '\\' && at + 1 < text.len ? 2 : 1;
    return at < text.len ? at + 1 : text.len;
}

/* The length of a number, true, false or null. */
static size_t word_length(struct span text)
{
    size_t at = 0;

    while (at < text.len && !strchr("{}[],:\"", text.ptr[at]))
        at++;
    return at ? at : 1;
}

static void marked(struct out *out, const char *class, struct span text)
{
    out_printf(out, "<span class=\"%s\">", class);
    out_html(out, text);
    out_str(out, "</span>");
}

/* One token, which is no string; the depth behind it. */
static size_t punctuation(struct out *out, struct span text, size_t depth)
{
    char c = text.ptr[0];
    char next = text.len > 1 ? text.ptr[1] : '\0';
    char written[] = {c, '\0'};

    if ((c == '}' || c == ']') && depth > 0) {
        depth--;
        if (text.ptr[-1] != '{' && text.ptr[-1] != '[')
            new_line(out, depth);
    }
    out_str(out, written);
    if (c == ':')
        out_str(out, " ");
    if (c == '{' || c == '[')
        depth++;
    if (c == ',' || ((c == '{' || c == '[') && next != '}' && next != ']'))
        new_line(out, depth);
    return depth;
}

/* Cut between two characters. */
static struct span head_of(struct span text)
{
    size_t len = SHOWN_BYTES;

    if (text.len <= SHOWN_BYTES)
        return text;
    while (len > 0 && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
        len--;
    return span_of(text.ptr, len);
}

void html_json(struct out *out, struct span json)
{
    struct span text = head_of(json);
    size_t left_out = json.len - text.len;
    size_t depth = 0;

    while (text.len > 0) {
        size_t len = 1;

        if (text.ptr[0] == '"') {
            len = string_length(text);
            marked(out, len < text.len && text.ptr[len] == ':' ? "key" : "text",
                   span_of(text.ptr, len));
        } else if (strchr("{}[],:", text.ptr[0])) {
            depth = punctuation(out, text, depth);
        } else {
            len = word_length(text);
            marked(out, "word", span_of(text.ptr, len));
        }
        text.ptr += len;
        text.len -= len;
    }
    if (left_out > 0)
        out_printf(out, "\n… and %zu bytes more", left_out);
}
