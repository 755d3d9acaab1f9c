/*
 * Both passes are one loop over tokens: strings, numbers, literals, the
 * six structural bytes, white space.
 */
#include "event/json_text.h"

#include "base/json_string.h"
#include "base/plain_run.h"
#include "base/utf8.h"

#include <stdint.h>
#include <stdio.h>

/* cJSON copies a number into 64 bytes and leaves the rest lying (1.7.15 to
 * 1.7.18, parse_number()). */
#define NUMBER_MAX_BYTES 63

/* cJSON's CJSON_NESTING_LIMIT; what is deeper never gets here. */
#define NESTING_LIMIT 1000

static int refuse(struct err *err, struct span in, const char *at,
                  const char *what)
{
    err_set(err, "%s at byte %zu of the record", what, (size_t)(at - in.ptr));
    return -1;
}

/* ASCII that is no control character: `char` may be signed or not. */
static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80;
}

/* A text on its way out. Nearly all of it may stay as it is, so what stays is
 * copied in long runs. */
struct repair {
    struct span in;
    const char *kept; /* from here on nothing is copied yet */
    struct buf *out;
    struct err *err;
};

/* Copy what stays up to `at`, put `other` in the place of what is from there
 * to `after`. */
static void put_other(struct repair *repair, const char *at, const char *after,
                      struct span other)
{
    buf_add(repair->out, span_of(repair->kept, (size_t)(at - repair->kept)));
    buf_add(repair->out, other);
    repair->kept = after;
}

/* The string at `at` (its opening quote). Returns the byte after its closing
 * quote, NULL and `err` if it is bad. */
static const char *repair_string(struct repair *repair, const char *at)
{
    const char *end = repair->in.ptr + repair->in.len;

    at++;
    while ((at = plain_run(at, end)) < end) {
        uint32_t code;
        size_t bytes;

        if (*at == '"')
            return at + 1;
        if (*at == '\\') {
            bytes = json_string_escape(span_of(at, (size_t)(end - at)), &code);
            if (bytes == 0) {
                (void)refuse(repair->err, repair->in, at, "bad escape");
                return NULL;
            }
        } else {
            bytes = utf8_decode(span_of(at, (size_t)(end - at)), &code);
            if (code == 0)
                code = UTF8_INVALID;
        }
        if (code == UTF8_INVALID)
            put_other(repair, at, at + bytes, UTF8_REPLACEMENT);
        at += bytes;
    }
    (void)refuse(repair->err, repair->in, end, "unended string");
    return NULL;
}

static const char *digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* The end of the number at `at` (RFC 8259, section 6); NULL if it is none. */
static const char *number_end(const char *at, const char *end)
{
    const char *integer, *after;

    if (at < end && *at == '-')
        at++;
    integer = at;
    at = digits(at, end);
    if (at == integer || (*integer == '0' && at - integer > 1))
        return NULL;
    if (at < end && *at == '.') {
        after = digits(at + 1, end);
        if (after == at + 1)
            return NULL;
        at = after;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        after = digits(at, end);
        if (after == at)
            return NULL;
        at = after;
    }
    return at;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *repair_number(struct repair *repair, const char *at)
{
    const char *after = number_end(at, repair->in.ptr + repair->in.len);

    if (!after)
        (void)refuse(repair->err, repair->in, at, "bad number");
    else if (after - at > NUMBER_MAX_BYTES)
        put_other(repair, at, after, SPAN("0"));
    return after;
}

int json_text_repair(struct span in, struct buf *out, struct err *err)
{
    const char *at = in.ptr;
    const char *end = in.ptr + in.len;
    struct repair repair = {in, in.ptr, out, err};

    buf_clear(out);
    while (at && at < end) {
        char c = *at;

        if (c == '"') {
            at = repair_string(&repair, at);
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            at = repair_number(&repair, at);
        } else if (is_space(c) || strchr("{}[]:,", c) ||
                   (c >= 'a' && c <= 'z')) {
            if (c == '\0')
                return refuse(err, in, at, "NUL outside a string");
            at++; /* literals are spelt out for cJSON */
        } else {
            return refuse(err, in, at, "bad byte");
        }
    }
    if (!at)
        return -1;
    put_other(&repair, end, end, SPAN(""));
    return out->failed ? err_memory(err) : 0;
}

/* cloudtrail.md 3: the values of these keys are never printed. */
static bool is_secret(struct span raw_key)
{
    static const struct span secrets[] = {
        {"secretAccessKey", 15},    {"sessionToken", 12}, {"password", 8},
        {"masterUserPassword", 18}, {"newPassword", 11},  {"oldPassword", 11},
        {"secretString", 12},       {"secretBinary", 12}, {"privateKey", 10},
        {"keyMaterial", 11},        {"passwordData", 12}, {"authToken", 9},
    };
    char key[JSON_KEY_BYTES];
    size_t len = json_string_key(raw_key, key);

    if (len > JSON_KEY_BYTES)
        return false;
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
        if (span_eq_fold(span_of(key, len), secrets[i]))
            return true;
    return false;
}

/* The byte after the closing quote of the string at `at`. */
static const char *string_end(const char *at, const char *end)
{
    for (at = plain_run(at + 1, end); at < end && *at != '"';
         at = plain_run(at, end))
        at += *at == '\\' && end - at > 1 ? 2 : 1;
    return at < end ? at + 1 : end;
}

/* Keep the string [at, after) as it stands, but as valid JSON. */
static void compact_string(struct repair *repair, const char *at,
                           const char *after)
{
    while (at < after) {
        uint32_t code;
        size_t bytes;
        char escape[sizeof("\\u0000")];

        at = plain_run(at, after);
        if (at == after)
            break;
        if (is_plain(*at)) { /* a quote, or what begins an escape */
            at++;
            continue;
        }
        bytes = utf8_decode(span_of(at, (size_t)(after - at)), &code);
        if (code == UTF8_INVALID) {
            put_other(repair, at, at + bytes, UTF8_REPLACEMENT);
        } else if (code < 0x20) {
            (void)snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)code);
            put_other(repair, at, at + bytes, span_str(escape));
        }
        at += bytes;
    }
}

/* Which brackets are open, so that a comma in an object is told from one
 * in an array: only behind the first a key follows. */
struct brackets {
    size_t depth;
    unsigned char is_object[NESTING_LIMIT + 1];
};

static bool in_object(const struct brackets *brackets)
{
    return brackets->depth > 0 && brackets->is_object[brackets->depth - 1];
}

void json_text_compact(struct span in, struct buf *out)
{
    struct repair repair = {in, in.ptr, out, NULL};
    struct brackets brackets;
    const char *at = in.ptr;
    const char *end = in.ptr + in.len;
    bool key_next = false;      /* a string here is a key */
    const char *removed = NULL; /* the value here is a secret's, from there */
    size_t removing_to = 0;     /* its value ends at this depth */

    brackets.depth = 0;
    while (at < end) {
        const char *after = at + 1;

        if (*at == '"') {
            after = string_end(at, end);
            if (!removed)
                compact_string(&repair, at, after);
            if (!removed && key_next &&
                is_secret(span_of(at + 1, (size_t)(after - at) - 2))) {
                removed = after;
                removing_to = brackets.depth;
            }
            key_next = false;
        } else if (*at == '{' || *at == '[') {
            if (brackets.depth <= NESTING_LIMIT)
                brackets.is_object[brackets.depth++] = *at == '{';
            key_next = *at == '{';
        } else if (*at == '}' || *at == ']' || *at == ',') {
            /* The end of the secret's value: its comma or the bracket that
             * closes the object it is in. */
            if (removed && brackets.depth == removing_to) {
                put_other(&repair, removed, at, SPAN(":\"[removed]\""));
                removed = NULL;
            }
            if (*at != ',' && brackets.depth > 0)
                brackets.depth--;
            key_next = *at == ',' && in_object(&brackets);
        } else if (!removed && is_space(*at)) {
            put_other(&repair, at, after, SPAN(""));
        }
        at = after;
    }
    if (removed)
        put_other(&repair, removed, end, SPAN(":\"[removed]\""));
    put_other(&repair, end, end, SPAN(""));
}

/* Behind the string at `at`; NULL if there is none, or an odd one. */
static const char *plain_string(const char *at, const char *end)
{
    if (at == end || *at != '"')
        return NULL;
    at++;
    while ((at = plain_run(at, end)) < end) {
        struct span rest = span_of(at, (size_t)(end - at));
        uint32_t code;
        size_t bytes;

        if (*at == '"')
            return at + 1;
        bytes = *at == '\\' ? json_string_escape(rest, &code)
                            : utf8_decode(rest, &code);
        if (bytes == 0 ||
            (*at != '\\' && (code == UTF8_INVALID || code < 0x20)))
            return NULL;
        at += bytes;
    }
    return NULL;
}

/* Behind the literal at `at`, or the number that cJSON reads, too. */
static const char *plain_scalar(const char *at, const char *end)
{
    const char *after = json_text_scalar_end(at, end);

    return after && after - at <= NUMBER_MAX_BYTES ? after : NULL;
}

/* Deeper is odd, too. */
#define PLAIN_DEPTH 32

/* Values in values call each other, at most PLAIN_DEPTH deep. */
/* NOLINTBEGIN(misc-no-recursion) */
static const char *plain_value(const char *at, const char *end, unsigned depth);

/* Behind the object or array at `at`. */
static const char *plain_container(const char *at, const char *end,
                                   unsigned depth)
{
    bool is_object = *at == '{';
    char close = is_object ? '}' : ']';

    at++;
    if (depth > PLAIN_DEPTH || at == end)
        return NULL;
    if (*at == close)
        return at + 1;
    for (;; at++) {
        if (is_object) {
            at = plain_string(at, end);
            if (!at || at == end || *at++ != ':')
                return NULL;
        }
        at = plain_value(at, end, depth);
        if (!at || at == end)
            return NULL;
        if (*at == close)
            return at + 1;
        if (*at != ',')
            return NULL;
    }
}

static const char *plain_value(const char *at, const char *end, unsigned depth)
{
    if (at == end)
        return NULL;
    if (*at == '{' || *at == '[')
        return plain_container(at, end, depth + 1);
    return *at == '"' ? plain_string(at, end) : plain_scalar(at, end);
}
/* NOLINTEND(misc-no-recursion) */

bool json_text_is_plainly_json(struct span in)
{
    const char *end = in.ptr + in.len;

    return in.len > 0 && *in.ptr == '{' && plain_value(in.ptr, end, 0) == end;
}

const char *json_text_scalar_end(const char *at, const char *end)
{
    static const struct span literals[] = {
        {"true", 4}, {"false", 5}, {"null", 4}};

    for (size_t i = 0; i < sizeof(literals) / sizeof(literals[0]); i++)
        if ((size_t)(end - at) >= literals[i].len &&
            memcmp(at, literals[i].ptr, literals[i].len) == 0)
            return at + literals[i].len;
    return number_end(at, end);
}

int json_text_unescape(struct span raw, struct buf *out)
{
    while (raw.len > 0) {
        const char *escape = memchr(raw.ptr, '\\', raw.len);
        size_t plain = escape ? (size_t)(escape - raw.ptr) : raw.len;
        uint32_t code;
        size_t bytes;

        buf_add(out, span_of(raw.ptr, plain));
        raw = span_of(raw.ptr + plain, raw.len - plain);
        if (!escape)
            break;
        bytes = json_string_escape(raw, &code);
        if (bytes == 0)
            return -1;
        if (code == JSON_STRING_INVALID)
            buf_add(out, UTF8_REPLACEMENT);
        else
            utf8_add(out, code);
        raw = span_of(raw.ptr + bytes, raw.len - bytes);
    }
    return 0;
}
