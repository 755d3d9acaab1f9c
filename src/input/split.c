/*
 * The splitter: a state machine over bytes. Values inside `Records`, the
 * bulk of every trail, go through delimit_value(); objects elsewhere are
 * followed byte by byte here, because they may turn out to hold `Records`
 * and must not be held whole.
 */
#include "input/split.h"

#include "base/json_string.h"
#include "base/timestamp.h"
#include "input/resync.h"

#include <assert.h>

enum phase {
    BETWEEN, /* before a value, or what separates values */
    OBJECT,  /* in an object whose keys are followed */
    ELEMENT, /* in an object of `Records` or `Events` */
    PASS,    /* in a value that cannot be a record */
    PASSED,  /* behind one in an array: see passed() */
    TOKEN,   /* in a bare token: a number, a literal, a time stamp */
    SEEK,    /* behind damage, until an object can begin */
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

/* Where in a line the search for an object is. */
enum line {
    IN_LINE,
    LINE_START,
    TIME_STAMP, /* in what may be one, at the line's start */
};

/* The longest time stamp is well below; a longer bare token between
 * values is none of a dump's shapes. */
#define TOKEN_MAX_BYTES 64

/* The keys by which a record is told from a wrapping (cloudtrail.md 2). */
#define OWN_EVENT_SOURCE    1u
#define OWN_VERSION_OR_TIME 2u
#define OWN_ALL             3u

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

/* A value may stand at a line's start, or there behind a time stamp. */
static int line_goes_on(enum line line, char c)
{
    if (c == '\n')
        return LINE_START;
    if (line != IN_LINE && c >= '0' && c <= '9')
        return TIME_STAMP;
    return line == TIME_STAMP && memchr("-:.TZ+ ", c, 7) ? TIME_STAMP : IN_LINE;
}

/* Look for the next object from `at` on, which stands behind `before`. */
static void seek_from(struct splitter *sp, const char *at, char before,
                      bool any_key)
{
    sp->line = IN_LINE;
    for (const char *seen = sp->held; seen && seen < at; seen++)
        sp->line = line_goes_on((enum line)sp->line, *seen);
    value_done(sp);
    sp->phase = SEEK;
    sp->at = at;
    sp->significant = before;
    sp->any_key = any_key;
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
        .backslash = !sp->list || sp->strict || sp->delimit.backslash,
        .doubtful = sp->doubtful,
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
    sp->held = sp->at;
    sp->delimit = (struct delimit){0};
    sp->strict = sp->started < sp->strict_until;
    if (sp->strict)
        sp->grammar = (struct grammar){0};
    if (phase == OBJECT)
        sp->own_keys = sp->lists = 0;
    sp->watch = WATCH_OFF;
    sp->significant = ':'; /* nothing before the first brace is wrong */
}

/* Behind the `]` of the innermost array that is followed. */
static void close_list(struct splitter *sp)
{
    sp->expect = COMMA;
    sp->doubtful = false;
    if (!sp->list) {
        sp->array_depth--;
        return;
    }
    sp->lists |= 1u << sp->list;
    sp->list = SPLIT_NO_LIST; /* back in the object that holds it */
    sp->phase = OBJECT;
    sp->started = offset_of(sp, sp->at);
    sp->delimit = (struct delimit){.depth = 1};
    sp->watch = WATCH_OFF;
    sp->significant = ']';
    /* Not held, so it could not be read again: it is checked at once. */
    sp->strict = true;
    grammar_behind_member(&sp->grammar);
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
        /* CloudTrail writes no white space: mostly the next record. */
        return sp->at == sp->end || *sp->at != '{';
    }
    if (sp->expect == COMMA && (c == '{' || c == '[')) {
        *status =
            damage(item, offset_of(sp, sp->at), "no comma between two values");
        sp->expect = VALUE;
        if (c == '{') /* of this array, or of another value? */
            seek_from(sp, sp->at, '\0', true);
        return true;
    }
    return false;
}

/* What stands at `at` is no value. */
static enum split_status stray_bytes(struct splitter *sp,
                                     struct split_item *item, const char *after)
{
    uint64_t offset = sp->phase == TOKEN ? sp->started : offset_of(sp, sp->at);

    seek_from(sp, after, '\0', true);
    return damage(item, offset, "bytes that are no JSON between values");
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

    c = *sp->at;
    if (in_list(sp) && sp->expect == COMMA)
        c = '\0'; /* neither comma nor end: no value may stand here */
    if (c == '{') {
        start_value(sp, sp->list ? ELEMENT : OBJECT);
    } else if (c == '[' && !sp->list) {
        sp->at++;
        sp->array_depth++;
        sp->expect = FIRST;
    } else if ((c == '[' || c == '"') &&
               offset_of(sp, sp->at) >= sp->strict_until) {
        start_value(sp, PASS);
    } else if (delimit_is_legal(c) && !is_structural(c)) {
        start_value(sp, TOKEN);
    } else {
        status = stray_bytes(sp, item, sp->at + 1);
    }
    return status;
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

    if (!good)
        return stray_bytes(sp, item, sp->at);
    value_done(sp);
    return SPLIT_MORE;
}

static enum split_status token(struct splitter *sp, struct split_item *item)
{
    bool top = !in_list(sp);

    while (sp->at < sp->end) {
        char c = *sp->at;

        if (is_space(c) || (is_structural(c) && !(top && c == ':')))
            return token_done(sp, item);
        if ((!top && !delimit_is_legal(c)) ||
            sp->at - sp->held >= TOKEN_MAX_BYTES)
            return stray_bytes(sp, item, sp->at);
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

/* A key of the followed object was read. */
static void note_key(struct splitter *sp, struct span key)
{
    sp->next_list = SPLIT_NO_LIST;
    if (json_string_spells(key, SPAN("Records")))
        sp->next_list = SPLIT_RECORDS;
    else if (json_string_spells(key, SPAN("Events")))
        sp->next_list = SPLIT_EVENTS;
    else if (json_string_spells(key, SPAN("eventSource")))
        sp->own_keys |= OWN_EVENT_SOURCE;
    else if (json_string_spells(key, SPAN("eventVersion")) ||
             json_string_spells(key, SPAN("eventTime")))
        sp->own_keys |= OWN_VERSION_OR_TIME;
    sp->watch = sp->next_list ? WATCH_COLON : WATCH_OFF;
}

/* Is the array behind `next_list` followed? A record may have an `Events`
 * of its own: by the order of cloudtrail.md's table it is a record all the
 * same, but a wrapping if it has `Records`. */
static bool is_followed(const struct splitter *sp)
{
    return sp->watch == WATCH_VALUE &&
           (sp->next_list == SPLIT_RECORDS || sp->own_keys != OWN_ALL);
}

/* In a string of the followed object. True when it ended or broke. */
static bool object_string(struct splitter *sp, const char *end)
{
    for (; sp->at < end; sp->at++) {
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
            if (sp->watch == WATCH_IN_KEY)
                note_key(sp, span_of(sp->key, sp->key_len));
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
        sp->string_at = offset_of(sp, sp->at);
        if (at_member_level && sp->watch == WATCH_KEY) {
            sp->watch = WATCH_IN_KEY;
            sp->key_len = 0;
        } else if (at_member_level) {
            sp->watch = WATCH_OFF;
        }
        break;
    case '{':
    case '[':
        if (at_member_level && c == '[' && is_followed(sp)) {
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

/* ------------------------------------------------ finding the way again
 *
 * Brackets are counted, whatever their kind, so an object that lacks one
 * swallows those behind it. That shows when it ends with a bracket of the
 * wrong kind, with the text, or over the limit. Then it is read again, and
 * now checked byte by byte (`strict`), which tells where it breaks; from
 * there the next object is looked for. What was swallowed is checked from
 * the start (`strict_until`), so nothing is read a third time. Text that is
 * no damage is never looked into.
 */

static bool is_top_object(const struct splitter *sp)
{
    return sp->phase == OBJECT && !in_list(sp);
}

/* Read what was begun at `held` again, up to here with checks. */
static void read_strictly(struct splitter *sp)
{
    enum phase phase = (enum phase)sp->phase;

    if (offset_of(sp, sp->at) > sp->strict_until)
        sp->strict_until = offset_of(sp, sp->at);
    sp->at = sp->held;
    start_value(sp, phase);
}

/* The object that is read strictly breaks at `at`. A string that was left
 * open ends with the quote of the next, so look from its start on. */
static enum split_status broke_off(struct splitter *sp, struct split_item *item)
{
    static const char reason[] = "an object breaks off";
    uint64_t broken = offset_of(sp, sp->at);
    const char *from = sp->at;
    char before = sp->significant;

    if (is_top_object(sp) && sp->held && next_object_line(sp->held, sp->at))
        return resume(sp, sp->at, item, reason);
    if (sp->held && before == '"')
        from = sp->window + (sp->string_at - sp->base) + 1;
    seek_from(sp, from, before, false);
    return damage(item, broken, reason);
}

/* The followed top-level object breaks at `at` so that it shows without a
 * check. Where lines do not help, it may have broken before. */
static enum split_status top_broke(struct splitter *sp, struct split_item *item,
                                   const char *reason)
{
    if (sp->strict || !sp->held || next_object_line(sp->held, sp->at))
        return resume(sp, sp->at, item, reason);
    read_strictly(sp);
    return SPLIT_MORE;
}

/* A string, or an array in an array, is behind us or goes on to where the
 * text ends or breaks: its bracket or quote may be a stray one. */
static enum split_status passed_wrongly(struct splitter *sp,
                                        struct split_item *item,
                                        const char *reason)
{
    uint64_t broken = offset_of(sp, sp->at);

    if (broken > sp->strict_until)
        sp->strict_until = broken;
    seek_from(sp, sp->held + 1, *sp->held, false);
    return damage(item, broken, reason);
}

/* Behind such a value: only if it was one does the text go on. */
static enum split_status passed(struct splitter *sp, struct split_item *item)
{
    const char *right = in_list(sp) ? ",]" : "\"{[ \t\r\n";

    while (in_list(sp) && sp->at < sp->end && is_space(*sp->at))
        sp->at++;
    if (sp->at == sp->end)
        return SPLIT_MORE;
    if (sp->held && !memchr(right, *sp->at, strlen(right)))
        return passed_wrongly(sp, item,
                              "bytes that are no JSON behind a value");
    value_done(sp);
    return SPLIT_MORE;
}

/* An object can begin at `at`; what it is an element of is told by its
 * first key, or remains in doubt. */
static void resume_at(struct splitter *sp, enum resync found)
{
    if (found == RESYNC_VALUE) {
        sp->list = SPLIT_NO_LIST;
        sp->array_depth = 0;
    }
    value_done(sp);
    sp->expect = VALUE;
    sp->doubtful = sp->list != SPLIT_NO_LIST;
}

static void seek(struct splitter *sp)
{
    if (sp->held) /* the last window cut what may be a beginning */
        sp->at = sp->held;
    sp->held = NULL;
    for (; sp->at < sp->end; sp->at++) {
        const struct resync_place place = {sp->significant, sp->line != IN_LINE,
                                           sp->any_key};
        enum resync found = *sp->at == '{'
                                ? resync_at(sp->at, sp->end, sp->last, &place)
                                : RESYNC_NO;

        if (found == RESYNC_MORE) {
            sp->held = sp->at;
            sp->at = sp->end;
            return;
        }
        if (found != RESYNC_NO) {
            resume_at(sp, found);
            return;
        }
        sp->line = line_goes_on((enum line)sp->line, *sp->at);
        if (!is_space(*sp->at))
            sp->significant = *sp->at;
    }
}

/* ------------------------------------------------------------- objects */

/* As far as the object may be read before it is over the limit. */
static const char *reach(const struct splitter *sp)
{
    if (!sp->held || (size_t)(sp->end - sp->held) <= sp->max_bytes)
        return sp->end;
    return sp->held + sp->max_bytes + 1;
}

/* The window or the limit is used up. What is over the limit is read on,
 * but no longer kept. */
static enum split_status reached(struct splitter *sp, const char *end)
{
    if (end < sp->end ||
        (sp->held && (size_t)(end - sp->held) > sp->max_bytes)) {
        if (sp->strict || sp->phase == PASS)
            sp->held = NULL;
        else
            read_strictly(sp);
    }
    return SPLIT_MORE;
}

/* The followed object leads to `Records` or is whole. One that holds
 * `Records` is given out element by element, so what stands before and
 * behind them is judged here. */
static enum split_status followed_done(struct splitter *sp,
                                       struct split_item *item)
{
    bool whole = sp->phase == OBJECT;

    if (whole && sp->lists == 0)
        return object_done(sp, item);
    if (whole)
        value_done(sp);
    if (whole && sp->own_keys == OWN_ALL && sp->lists == 1u << SPLIT_EVENTS)
        return damage(item, offset_of(sp, sp->at) - 1,
                      "a record's `Events` array before its own keys");
    return sp->delimit.illegal
               ? damage(item, sp->illegal_at,
                        "bytes that are no JSON beside the array of records")
               : SPLIT_MORE;
}

/* The bracket at `at` closes the object. */
static enum split_status close_object(struct splitter *sp,
                                      struct split_item *item)
{
    bool right_kind = *sp->at++ == '}';

    if (!right_kind && sp->held && !sp->strict) {
        read_strictly(sp);
        return SPLIT_MORE;
    }
    return sp->phase == OBJECT ? followed_done(sp, item)
                               : object_done(sp, item);
}

static enum split_status object(struct splitter *sp, struct split_item *item)
{
    bool top = !in_list(sp);
    const char *end = reach(sp);

    while (sp->at < end) {
        char c = *sp->at;

        if (sp->delimit.in_string) {
            if (object_string(sp, end) && sp->delimit.in_string)
                return top_broke(sp, item, "a line ends inside a string");
            continue;
        }
        if (c == '\n' && top && offset_of(sp, sp->at) < sp->one_line_until)
            return top_broke(sp, item, "a line ends inside an object");
        if (c == '{' && top && !memchr(":,[", sp->significant, 3))
            return top_broke(sp, item, "an object begins inside another");
        if (sp->strict && !grammar_take(&sp->grammar, c))
            return broke_off(sp, item);
        if (is_space(c)) {
            sp->at++;
            continue;
        }
        sp->significant = c;
        if (!object_byte(sp, c)) {
            if (sp->phase == OBJECT)
                return close_object(sp, item);
            sp->at++; /* of the array */
            return followed_done(sp, item);
        }
        sp->at++;
    }
    return reached(sp, end);
}

/* Behind the string's closing quote, or at `end`. */
static const char *end_of_string(struct splitter *sp, const char *end)
{
    const char *at = sp->at;

    for (; at < end && sp->delimit.in_string; at++) {
        if (sp->delimit.escaped)
            sp->delimit.escaped = false;
        else if (*at == '\\')
            sp->delimit.escaped = true;
        else if (*at == '"')
            sp->delimit.in_string = false;
    }
    return at;
}

/* An object of `Records` or `Events` where damage is known. */
static enum split_status strict_element(struct splitter *sp,
                                        struct split_item *item)
{
    const char *end = reach(sp);

    while (sp->at < end) {
        char c = *sp->at;

        if (sp->delimit.in_string) {
            sp->at = end_of_string(sp, end);
            continue;
        }
        if (!grammar_take(&sp->grammar, c))
            return broke_off(sp, item);
        if (c == '"') {
            sp->delimit.in_string = true;
            sp->string_at = offset_of(sp, sp->at);
        }
        if (!is_space(c))
            sp->significant = c;
        sp->delimit.deep |= sp->grammar.depth > DELIMIT_DEPTH_LIMIT;
        if (sp->grammar.depth == 0)
            return close_object(sp, item);
        sp->at++;
    }
    return reached(sp, end);
}

/* An object of `Records` or `Events`, or (PASS) a value that is none. */
static enum split_status element(struct splitter *sp, struct split_item *item)
{
    const char *end = reach(sp);
    const char *after = delimit_value(&sp->delimit, sp->at, end);

    sp->at = after ? after : end;
    if (!after)
        return reached(sp, end);
    if (sp->phase == ELEMENT) {
        sp->at--;
        return close_object(sp, item);
    }
    sp->phase = PASSED;
    return SPLIT_MORE;
}

/* The text is used up. SPLIT_MORE: there is more to read in it. */
static enum split_status at_end(struct splitter *sp, struct split_item *item)
{
    int phase = sp->phase;

    if (is_top_object(sp) && sp->held && next_object_line(sp->held, sp->end))
        return resume(sp, sp->end, item, "the text ends inside an object");
    if ((phase == OBJECT || phase == ELEMENT) && sp->held && !sp->strict) {
        read_strictly(sp);
        return SPLIT_MORE;
    }
    if ((phase == PASS || (phase == PASSED && in_list(sp))) && sp->held)
        return passed_wrongly(sp, item,
                              phase == PASS ? "the text ends inside a value"
                                            : "the text ends inside an array");
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

/* Must `at` stay where it is until more bytes come? */
static bool needs_more(const struct splitter *sp)
{
    return sp->phase == TOKEN || (sp->phase == SEEK && sp->held);
}

enum split_status split_next(struct splitter *sp, struct split_item *item)
{
    for (;;) {
        enum split_status status = SPLIT_MORE;

        if (sp->at == sp->end && !(sp->last && needs_more(sp))) {
            if (!sp->last)
                return SPLIT_MORE;
            status = at_end(sp, item);
            if (status != SPLIT_MORE)
                return status;
        }
        switch ((enum phase)sp->phase) {
        case BETWEEN:
            status = between(sp, item);
            break;
        case OBJECT:
            status = object(sp, item);
            break;
        case ELEMENT:
            status = sp->strict ? strict_element(sp, item) : element(sp, item);
            break;
        case PASS:
            status = element(sp, item);
            break;
        case PASSED:
            status = passed(sp, item);
            break;
        case TOKEN:
            status = token(sp, item);
            break;
        case SEEK:
            seek(sp);
            break;
        case ENDED:
            return SPLIT_END;
        }
        if (status != SPLIT_MORE)
            return status;
    }
}

bool split_at_record(const struct splitter *sp, struct span *text)
{
    size_t left = (size_t)(sp->end - sp->at);

    if (sp->phase != BETWEEN || sp->list != SPLIT_RECORDS ||
        sp->expect != COMMA || sp->doubtful || left < 2 || sp->at[0] != ',' ||
        sp->at[1] != '{' || offset_of(sp, sp->at) < sp->strict_until)
        return false;
    left--;
    *text = span_of(sp->at + 1, left < sp->max_bytes ? left : sp->max_bytes);
    return true;
}

void split_pass(struct splitter *sp, const char *after)
{
    sp->at = after; /* where again a comma is expected, or the end */
}

void split_take(struct splitter *sp, const char *after,
                const struct delimit *delimit, struct split_item *item)
{
    sp->at++; /* the comma */
    start_value(sp, ELEMENT);
    sp->at = after;
    sp->delimit = *delimit;
    (void)object_done(sp, item);
}

/* Does anything begin in the object behind where it breaks? */
static bool has_swallowed(const struct splitter *sp,
                          const struct split_item *item)
{
    struct splitter inner = {.max_bytes = item->text.len,
                             .strict_until = UINT64_MAX,
                             .list = sp->list,
                             .array_depth = sp->array_depth};
    struct split_item found;
    enum split_status status;

    split_feed(&inner, item->text, true);
    status = split_next(&inner, &found);
    if (status != SPLIT_DAMAGE)
        return false;
    while (status == SPLIT_DAMAGE)
        status = split_next(&inner, &found);
    return status != SPLIT_END;
}

bool split_again(struct splitter *sp, const struct split_item *item)
{
    if (item->offset < sp->strict_until || !has_swallowed(sp, item))
        return false;
    sp->strict_until = offset_of(sp, sp->at);
    sp->at = item->text.ptr;
    value_done(sp);
    sp->expect = VALUE;
    return true;
}
