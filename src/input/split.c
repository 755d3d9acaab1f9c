/*
 * The splitter: a state machine over bytes. Values inside `Records`, the
 * bulk of every trail, go through delimit_value(); objects elsewhere are
 * followed byte by byte here, because they may turn out to hold `Records`
 * and must not be held whole.
 */
#include "input/split.h"

#include "base/json_string.h"
#include "base/timestamp.h"

#include <assert.h>

enum phase {
    BETWEEN, /* before a value, or what separates values */
    OBJECT,  /* in an object whose keys are followed */
    ELEMENT, /* in an object of `Records` or `Events` */
    PASS,    /* in a value that cannot be a record */
    TOKEN,   /* in a bare token: a number, a literal, a time stamp */
    SKIP,    /* in bytes that are no JSON, until a value can begin */
    ENDED,
};

/* What may come next in an array. */
enum expect {
    FIRST, /* a value or the end */
    COMMA, /* a comma or the end */
    VALUE,
};

/* Where we are in a member of the followed object (depth 1 only). */
enum watch {
    WATCH_OFF,    /* in a member that is not of interest */
    WATCH_KEY,    /* a key comes next */
    WATCH_IN_KEY, /* in a key, which is collected */
    WATCH_COLON,  /* behind the key of an array that is followed */
    WATCH_VALUE,  /* behind its colon */
};

/* The longest time stamp is well below; a longer bare token between
 * values is none of a dump's shapes. */
#define TOKEN_MAX_BYTES 64

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_structural(char c)
{
    return c == '{' || c == '}' || c == '[' || c == ']' || c == ',' ||
           c == ':' || c == '"';
}

static uint64_t offset_of(const struct splitter *sp, const char *at)
{
    return sp->base + (uint64_t)(at - sp->window);
}

static bool in_list(const struct splitter *sp)
{
    return sp->list != SPLIT_NO_LIST || sp->array_depth > 0;
}

void split_init(struct splitter *sp, size_t max_bytes)
{
    *sp = (struct splitter){.max_bytes = max_bytes};
}

void split_feed(struct splitter *sp, struct span window, bool last)
{
    size_t carried = split_unfinished(sp);

    assert(window.len >= carried && sp->at == sp->end);
    sp->base += (uint64_t)(sp->end - sp->window) - carried;
    if (sp->held)
        sp->held = window.ptr;
    sp->window = window.ptr;
    sp->at = window.ptr + carried;
    sp->end = window.ptr + window.len;
    sp->last = last;
}

size_t split_unfinished(const struct splitter *sp)
{
    return sp->held ? (size_t)(sp->end - sp->held) : 0;
}

static enum split_status damage(struct split_item *item, uint64_t offset,
                                const char *reason)
{
    *item = (struct split_item){
        .text = SPAN_ABSENT, .offset = offset, .reason = reason};
    return SPLIT_DAMAGE;
}

static void value_done(struct splitter *sp)
{
    sp->held = NULL;
    sp->phase = BETWEEN;
    sp->expect = COMMA;
}

/* The object [held, at) is whole: give it out. */
static enum split_status object_done(struct splitter *sp,
                                     struct split_item *item)
{
    bool oversize = offset_of(sp, sp->at) - sp->started > sp->max_bytes;

    *item = (struct split_item){
        .text = oversize ? SPAN_ABSENT
                         : span_of(sp->held, (size_t)(sp->at - sp->held)),
        .offset = sp->started,
        .illegal = sp->delimit.illegal,
        .deep = sp->delimit.deep,
        .marks = sp->list ? sp->delimit.marks : DELIMIT_MARK_ESCAPE,
    };
    value_done(sp);
    if (oversize)
        return SPLIT_OVERSIZE;
    if (sp->list == SPLIT_RECORDS)
        return SPLIT_RECORD;
    return sp->list == SPLIT_EVENTS ? SPLIT_EVENT : SPLIT_OBJECT;
}

static void start_value(struct splitter *sp, enum phase phase)
{
    sp->phase = (int)phase;
    sp->started = offset_of(sp, sp->at);
    sp->held = phase == PASS ? NULL : sp->at;
    sp->delimit = (struct delimit){0};
    sp->unwrapped = false;
    sp->watch = WATCH_OFF;
    sp->significant = ':'; /* nothing before the first brace is wrong */
}

/* Behind the `]` of the innermost array that is followed. */
static void close_list(struct splitter *sp)
{
    sp->expect = COMMA;
    if (!sp->list) {
        sp->array_depth--;
        return;
    }
    sp->list = SPLIT_NO_LIST; /* back in the object that holds it */
    sp->phase = OBJECT;
    sp->started = offset_of(sp, sp->at);
    sp->delimit = (struct delimit){.depth = 1};
    sp->unwrapped = true;
    sp->watch = WATCH_OFF;
    sp->significant = ']';
}

/* The separators of an array. True if `at` was dealt with (or *status
 * set); false if a value should begin there. */
static bool separator(struct splitter *sp, struct split_item *item,
                      enum split_status *status)
{
    char c = *sp->at;

    if (c == ']') {
        if (sp->expect == VALUE)
            *status = damage(item, offset_of(sp, sp->at),
                             "a comma before the end of an array");
        sp->at++;
        close_list(sp);
        return true;
    }
    if (c == ',' && sp->expect == COMMA) {
        sp->at++;
        sp->expect = VALUE;
        return true;
    }
    if (sp->expect == COMMA && (c == '{' || c == '[')) {
        *status =
            damage(item, offset_of(sp, sp->at), "no comma between two values");
        sp->expect = VALUE;
        return true;
    }
    return false;
}

static enum split_status between(struct splitter *sp, struct split_item *item)
{
    enum split_status status = SPLIT_MORE;
    char c = *sp->at;

    if (is_space(c)) {
        sp->at++;
        return SPLIT_MORE;
    }
    if (in_list(sp) && separator(sp, item, &status))
        return status;

    if (in_list(sp) && sp->expect == COMMA)
        c = '\0'; /* neither comma nor end: no value may stand here */
    if (c == '{') {
        start_value(sp, sp->list ? ELEMENT : OBJECT);
    } else if (c == '[' && !sp->list) {
        sp->at++;
        sp->array_depth++;
        sp->expect = FIRST;
    } else if (c == '[' || c == '"') {
        start_value(sp, PASS);
    } else if (delimit_is_legal(c) && !is_structural(c)) {
        start_value(sp, TOKEN);
    } else {
        sp->phase = SKIP;
        status = damage(item, offset_of(sp, sp->at),
                        "bytes that are no JSON between values");
        sp->at++;
    }
    return status;
}

/* Go on where a value can begin. In an array its end can come, too. */
static void skip(struct splitter *sp)
{
    for (; sp->at < sp->end; sp->at++) {
        char c = *sp->at;

        if (c == '{' || c == '[' || (c == ']' && in_list(sp))) {
            sp->phase = BETWEEN;
            sp->expect = c == ']' ? COMMA : VALUE;
            return;
        }
    }
}

static bool is_number_or_literal(struct span token)
{
    if (span_eq(token, SPAN("true")) || span_eq(token, SPAN("false")) ||
        span_eq(token, SPAN("null")))
        return true;
    for (size_t i = 0; i < token.len; i++)
        if (!memchr("0123456789+-.eE", token.ptr[i], 15))
            return false;
    return true;
}

/* [held, at) is a bare token. Only between top-level values does it
 * matter what it says: there a time stamp may stand before an object. */
static enum split_status token_done(struct splitter *sp,
                                    struct split_item *item)
{
    struct span token = span_of(sp->held, (size_t)(sp->at - sp->held));
    bool good = in_list(sp) || is_number_or_literal(token) ||
                timestamp_parse(token) != TIMESTAMP_UNKNOWN;

    value_done(sp);
    if (good)
        return SPLIT_MORE;
    sp->phase = SKIP;
    return damage(item, sp->started, "bytes that are no JSON between values");
}

static enum split_status token(struct splitter *sp, struct split_item *item)
{
    bool top = !in_list(sp);

    while (sp->at < sp->end) {
        char c = *sp->at;

        if (is_space(c) || (is_structural(c) && !(top && c == ':')))
            return token_done(sp, item);
        if ((!top && !delimit_is_legal(c)) ||
            sp->at - sp->held >= TOKEN_MAX_BYTES) {
            value_done(sp);
            sp->phase = SKIP;
            return damage(item, sp->started,
                          "bytes that are no JSON between values");
        }
        sp->at++;
    }
    return sp->last ? token_done(sp, item) : SPLIT_MORE;
}

/* The first line in [from, until) after the one `from` is in that begins
 * with a brace; NULL if there is none. */
static const char *next_object_line(const char *from, const char *until)
{
    const char *end_of_line = from;

    while ((end_of_line =
                memchr(end_of_line, '\n', (size_t)(until - end_of_line)))) {
        if (++end_of_line == until)
            break;
        if (*end_of_line == '{')
            return end_of_line;
    }
    return NULL;
}

/*
 * The followed top-level object broke at `broken`. In JSON Lines the next
 * line is a new beginning, and it may lie before `broken`: a line cut
 * behind a colon swallows the next one whole before the structure shows
 * it. So go back to the first line that begins with a brace, and until we
 * are past `broken` again let every object end with its line; without that
 * bound, lines that each open a bracket would be read over and over.
 */
static enum split_status resume(struct splitter *sp, const char *broken,
                                struct split_item *item, const char *reason)
{
    const char *line = NULL;

    if (sp->held && offset_of(sp, broken) - sp->started <= sp->max_bytes)
        line = next_object_line(sp->held, broken);
    if (line)
        sp->one_line_until = offset_of(sp, broken);
    sp->at = line ? line : broken;
    value_done(sp);
    return damage(item, offset_of(sp, broken), reason);
}

static enum split_list list_of_key(struct span key)
{
    if (json_string_spells(key, SPAN("Records")))
        return SPLIT_RECORDS;
    return json_string_spells(key, SPAN("Events")) ? SPLIT_EVENTS
                                                   : SPLIT_NO_LIST;
}

/* In a string of the followed object. True when it ended or broke. */
static bool object_string(struct splitter *sp)
{
    for (; sp->at < sp->end; sp->at++) {
        char c = *sp->at;

        if (c == '\n' && !in_list(sp)) {
            return true; /* no backslash makes it a part of the string */
        } else if (sp->delimit.escaped) {
            sp->delimit.escaped = false;
        } else if (c == '\\') {
            sp->delimit.escaped = true;
        } else if (c == '"') {
            sp->delimit.in_string = false;
            sp->significant = c;
            if (sp->watch == WATCH_IN_KEY) {
                sp->next_list = list_of_key(span_of(sp->key, sp->key_len));
                sp->watch = sp->next_list ? WATCH_COLON : WATCH_OFF;
            }
            sp->at++;
            return true;
        }
        if (sp->watch == WATCH_IN_KEY && sp->key_len < SPLIT_KEY_BYTES)
            sp->key[sp->key_len++] = c;
    }
    return false;
}

/* One byte of the followed object, outside strings, that is not white
 * space. True if the object goes on in the same phase. */
static bool object_byte(struct splitter *sp, char c)
{
    bool at_member_level = sp->delimit.depth == 1;

    switch (c) {
    case '"':
        sp->delimit.in_string = true;
        if (at_member_level && sp->watch == WATCH_KEY) {
            sp->watch = WATCH_IN_KEY;
            sp->key_len = 0;
        } else if (at_member_level) {
            sp->watch = WATCH_OFF;
        }
        break;
    case '{':
    case '[':
        if (at_member_level && sp->watch == WATCH_VALUE && c == '[') {
            sp->held = NULL;
            sp->list = sp->next_list;
            sp->phase = BETWEEN;
            sp->expect = FIRST;
            return false;
        }
        if (sp->delimit.depth++ == 0)
            sp->watch = WATCH_KEY;
        else if (sp->delimit.depth > DELIMIT_DEPTH_LIMIT)
            sp->delimit.deep = true;
        else if (at_member_level)
            sp->watch = WATCH_OFF;
        break;
    case '}':
    case ']':
        return --sp->delimit.depth > 0;
    case ',':
        if (at_member_level)
            sp->watch = WATCH_KEY;
        break;
    case ':':
        if (at_member_level)
            sp->watch = sp->watch == WATCH_COLON ? WATCH_VALUE : WATCH_OFF;
        break;
    default:
        if (!delimit_is_legal(c) && !sp->delimit.illegal) {
            sp->delimit.illegal = true;
            sp->illegal_at = offset_of(sp, sp->at);
        }
        if (at_member_level)
            sp->watch = WATCH_OFF;
        break;
    }
    return true;
}

/* The followed object leads to `Records` or is whole. One that holds
 * `Records` is given out element by element, so what stands before and
 * behind them is judged here. */
static enum split_status followed_done(struct splitter *sp,
                                       struct split_item *item)
{
    if (sp->phase == OBJECT && !sp->unwrapped)
        return object_done(sp, item);
    if (sp->phase == OBJECT)
        value_done(sp);
    return sp->delimit.illegal
               ? damage(item, sp->illegal_at,
                        "bytes that are no JSON beside the array of records")
               : SPLIT_MORE;
}

static enum split_status object(struct splitter *sp, struct split_item *item)
{
    bool top = !in_list(sp);

    while (sp->at < sp->end) {
        char c = *sp->at;

        if (sp->delimit.in_string) {
            if (object_string(sp) && sp->delimit.in_string)
                return resume(sp, sp->at, item, "a line ends inside a string");
            continue;
        }
        if (is_space(c)) {
            if (c == '\n' && top && offset_of(sp, sp->at) < sp->one_line_until)
                return resume(sp, sp->at, item, "a line ends inside an object");
            sp->at++;
            continue;
        }
        if (c == '{' && top && !memchr(":,[", sp->significant, 3))
            return resume(sp, sp->at, item, "an object begins inside another");
        sp->significant = c;
        if (!object_byte(sp, c)) {
            sp->at++;
            return followed_done(sp, item);
        }
        sp->at++;
    }
    return SPLIT_MORE;
}

/* An object of `Records` or `Events`, or (PASS) a value that is none. */
static enum split_status element(struct splitter *sp, struct split_item *item)
{
    const char *after = delimit_value(&sp->delimit, sp->at, sp->end);

    sp->at = after ? after : sp->end;
    if (!after)
        return SPLIT_MORE;
    if (sp->phase == ELEMENT)
        return object_done(sp, item);
    value_done(sp);
    return SPLIT_MORE;
}

/* The text is used up. */
static enum split_status at_end(struct splitter *sp, struct split_item *item)
{
    int phase = sp->phase;

    if (phase == OBJECT && !in_list(sp)) {
        enum split_status status =
            resume(sp, sp->end, item, "the text ends inside an object");

        if (sp->at == sp->end)
            sp->phase = ENDED;
        return status;
    }
    sp->phase = ENDED;
    sp->held = NULL;
    if (phase == OBJECT || phase == ELEMENT)
        return damage(item, offset_of(sp, sp->end),
                      "the text ends inside an object");
    if (phase == PASS)
        return damage(item, offset_of(sp, sp->end),
                      "the text ends inside a value");
    if (phase != ENDED && in_list(sp))
        return damage(item, offset_of(sp, sp->end),
                      "the text ends inside an array");
    return SPLIT_END;
}

enum split_status split_next(struct splitter *sp, struct split_item *item)
{
    for (;;) {
        enum split_status status = SPLIT_MORE;

        if (sp->at == sp->end && sp->phase != TOKEN) {
            if (sp->last)
                return at_end(sp, item);
            break;
        }
        switch ((enum phase)sp->phase) {
        case BETWEEN:
            status = between(sp, item);
            break;
        case OBJECT:
            status = object(sp, item);
            break;
        case ELEMENT:
        case PASS:
            status = element(sp, item);
            break;
        case TOKEN:
            status = token(sp, item);
            break;
        case SKIP:
            skip(sp);
            break;
        case ENDED:
            return SPLIT_END;
        }
        if (status != SPLIT_MORE)
            return status;
        if (sp->phase == TOKEN && sp->at == sp->end)
            break;
    }
    /* What is over the limit is read on, but no longer kept. A token has
     * a limit of its own. */
    if (sp->held && sp->phase != TOKEN && split_unfinished(sp) > sp->max_bytes)
        sp->held = NULL;
    return SPLIT_MORE;
}
