/* JSON text, token by token: see json_writer.h. */
#include "base/json_writer.h"

#include "base/plain_run.h"
#include "base/utf8.h"

#include <assert.h>
#include <inttypes.h>

void json_init(struct json_writer *json, struct out *out, bool pretty)
{
    *json = (struct json_writer){.out = out, .pretty = pretty};
}

static void new_line(struct json_writer *json)
{
    if (!json->pretty)
        return;
    out_str(json->out, "\n");
    for (unsigned i = 0; i < json->depth; i++)
        out_str(json->out, "  ");
}

/* What stands before a value or key: nothing, a comma, a line break. */
static void before_token(struct json_writer *json)
{
    if (json->after_key) {
        json->after_key = false;
        return;
    }
    if (json->need_comma)
        out_str(json->out, ",");
    if (json->depth > 0)
        new_line(json);
}

static void open_bracket(struct json_writer *json, const char *bracket)
{
    before_token(json);
    out_str(json->out, bracket);
    json->depth++;
    json->need_comma = false;
}

static void close_bracket(struct json_writer *json, const char *bracket)
{
    bool has_members = json->need_comma;

    assert(json->depth > 0);
    json->depth--;
    if (has_members)
        new_line(json);
    out_str(json->out, bracket);
    json->need_comma = true;
}

void json_object(struct json_writer *json)
{
    open_bracket(json, "{");
}

void json_object_end(struct json_writer *json)
{
    close_bracket(json, "}");
}

void json_array(struct json_writer *json)
{
    open_bracket(json, "[");
}

void json_array_end(struct json_writer *json)
{
    close_bracket(json, "]");
}

/* How many characters from the start on stand for themselves. */
static size_t plain_length(struct span text)
{
    size_t plain =
        (size_t)(plain_run(text.ptr, text.ptr + text.len) - text.ptr);
    const char *del = plain > 0 ? memchr(text.ptr, 0x7f, plain) : NULL;

    return del ? (size_t)(del - text.ptr) : plain;
}

static void write_string(struct out *out, struct span text)
{
    out_str(out, "\"");
    while (text.len > 0) {
        size_t plain = plain_length(text);
        uint32_t code;
        size_t bytes;

        out_write(out, span_of(text.ptr, plain));
        text = span_of(text.ptr + plain, text.len - plain);
        if (text.len == 0)
            break;
        bytes = utf8_decode(text, &code);
        if (code == UTF8_INVALID)
            out_write(out, UTF8_REPLACEMENT);
        else if (code == '"')
            out_str(out, "\\\"");
        else if (code == '\\')
            out_str(out, "\\\\");
        else if (code == '\n')
            out_str(out, "\\n");
        else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
            out_printf(out, "\\u%04x", (unsigned)code);
        else
            out_write(out, span_of(text.ptr, bytes));
        text.ptr += bytes;
        text.len -= bytes;
    }
    out_str(out, "\"");
}

void json_key(struct json_writer *json, struct span name)
{
    before_token(json);
    write_string(json->out, name);
    out_str(json->out, json->pretty ? ": " : ":");
    json->after_key = true;
}

static void value(struct json_writer *json, struct span text)
{
    before_token(json);
    out_write(json->out, text);
    json->need_comma = true;
}

void json_string(struct json_writer *json, struct span text)
{
    if (!span_present(text)) {
        json_null(json);
        return;
    }
    before_token(json);
    write_string(json->out, text);
    json->need_comma = true;
}

void json_uint(struct json_writer *json, uint64_t number)
{
    before_token(json);
    out_printf(json->out, "%" PRIu64, number);
    json->need_comma = true;
}

void json_int(struct json_writer *json, int64_t number)
{
    before_token(json);
    out_printf(json->out, "%" PRId64, number);
    json->need_comma = true;
}

void json_bool(struct json_writer *json, bool truth)
{
    value(json, truth ? SPAN("true") : SPAN("false"));
}

void json_null(struct json_writer *json)
{
    value(json, SPAN("null"));
}

void json_time(struct json_writer *json, timestamp time)
{
    char text[TIMESTAMP_TEXT_BYTES];

    if (time == TIMESTAMP_UNKNOWN) {
        json_null(json);
        return;
    }
    timestamp_format(time, text);
    json_string(json, span_str(text));
}

void json_ip(struct json_writer *json, struct ip ip)
{
    char text[IP_TEXT_BYTES];

    if (ip.family == IP_NONE)
        json_null(json);
    else
        json_string(json, span_str(ip_format(ip, text)));
}

void json_raw(struct json_writer *json, struct span text)
{
    if (span_present(text))
        value(json, text);
    else
        json_null(json);
}

void json_member_string(struct json_writer *json, const char *name,
                        struct span text)
{
    json_key(json, span_str(name));
    json_string(json, text);
}

void json_member_uint(struct json_writer *json, const char *name,
                      uint64_t number)
{
    json_key(json, span_str(name));
    json_uint(json, number);
}

void json_member_int(struct json_writer *json, const char *name, int64_t number)
{
    json_key(json, span_str(name));
    json_int(json, number);
}

void json_member_bool(struct json_writer *json, const char *name, bool truth)
{
    json_key(json, span_str(name));
    json_bool(json, truth);
}

void json_member_time(struct json_writer *json, const char *name,
                      timestamp time)
{
    json_key(json, span_str(name));
    json_time(json, time);
}

void json_member_ip(struct json_writer *json, const char *name, struct ip ip)
{
    json_key(json, span_str(name));
    json_ip(json, ip);
}

void json_member_array(struct json_writer *json, const char *name)
{
    json_key(json, span_str(name));
    json_array(json);
}

void json_member_object(struct json_writer *json, const char *name)
{
    json_key(json, span_str(name));
    json_object(json);
}

void json_member_known(struct json_writer *json, const char *name,
                       struct span text)
{
    if (span_present(text))
        json_member_string(json, name, text);
}

void json_member_known_time(struct json_writer *json, const char *name,
                            timestamp time)
{
    if (time != TIMESTAMP_UNKNOWN)
        json_member_time(json, name, time);
}
