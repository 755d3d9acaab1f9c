/*
 * Policy lines: a hand-written reader, since every error must name its
 * column, and since there is hardly anything to read.
 */
#include "base/quote.h"
#include "base/sys.h"
#include "base/utf8.h"
#include "detect/policy.h"

#include <stdlib.h>

/* A line being read. What lies before `at` is read. */
struct cursor {
    const char *file;
    size_t number;
    const char *start, *at, *end;
    struct arena *arena;
    struct err *err;
};

static const char *const key_names[POLICY_KEY_COUNT] = {
#define X(constant, name) [constant] = (name),
    POLICY_KEYS(X)
#undef X
};

/* The keys of each verb. */
#define BIT(key) (1U << (key))
static const unsigned keys_of[POLICY_VERB_COUNT] = {
    [POLICY_IGNORE] = BIT(POLICY_KEY_COUNT) - 1,
    [POLICY_EXPECT] =
        BIT(POLICY_IP) | BIT(POLICY_INSTANCE) | BIT(POLICY_ACCOUNT),
    [POLICY_MUTE] = BIT(POLICY_IP) | BIT(POLICY_INSTANCE) |
                    BIT(POLICY_ACCOUNT) | BIT(POLICY_ROLE),
};

/* The message is set; put the place in front of it. Columns count
 * characters, as editors do. */
static int refuse_at(const struct cursor *cursor, const char *where)
{
    struct quoted quoted;
    size_t column = 1;

    for (const char *c = cursor->start; c < where; c++)
        column += ((unsigned char)*c & 0xc0) != 0x80;
    err_prefix(cursor->err, "'%s', line %zu, column %zu",
               quote(&quoted, span_str(cursor->file)), cursor->number, column);
    return -1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_control(char c)
{
    return (unsigned char)c < ' ' || c == 0x7f;
}

static bool at_end(const struct cursor *cursor)
{
    return cursor->at == cursor->end;
}

static void skip_blanks(struct cursor *cursor)
{
    while (!at_end(cursor) && is_blank(*cursor->at))
        cursor->at++;
}

/* Nothing more to read: the end, or a comment behind a blank. */
static bool is_done(struct cursor *cursor)
{
    skip_blanks(cursor);
    return at_end(cursor) || *cursor->at == '#';
}

/* Up to a blank, the end or `stop`. */
static struct span take_word(struct cursor *cursor, char stop)
{
    const char *start = cursor->at;

    while (!at_end(cursor) && !is_blank(*cursor->at) && *cursor->at != stop)
        cursor->at++;
    return span_of(start, (size_t)(cursor->at - start));
}

static int take_verb(struct cursor *cursor, enum policy_verb *verb)
{
    const char *start = cursor->at;
    struct span word = take_word(cursor, '\0');
    struct quoted quoted;

    for (int v = 0; v < POLICY_VERB_COUNT; v++)
        if (span_eq(word, span_str(policy_verb_name((enum policy_verb)v)))) {
            *verb = (enum policy_verb)v;
            return 0;
        }
    err_set(cursor->err,
            "a line begins with ignore, expect or mute, not with '%s'",
            quote(&quoted, word));
    return refuse_at(cursor, start);
}

/* "ip, instance and account" */
static void list_keys(unsigned keys, struct buf *text)
{
    for (int key = 0; key < POLICY_KEY_COUNT; key++) {
        if (!(keys & BIT(key)))
            continue;
        if (text->len > 0)
            buf_add(text, keys >> (key + 1) ? SPAN(", ") : SPAN(" and "));
        buf_add(text, span_str(key_names[key]));
    }
}

static int refuse_key(const struct cursor *cursor, enum policy_verb verb,
                      const char *start, struct span word)
{
    struct buf keys = BUF_INIT;
    struct quoted quoted;

    list_keys(keys_of[verb], &keys);
    if (keys.failed)
        (void)err_memory(cursor->err);
    else
        err_set(cursor->err, "%s takes %s, not '%s'", policy_verb_name(verb),
                buf_str(&keys), quote(&quoted, word));
    buf_release(&keys);
    return refuse_at(cursor, start);
}

/* `key=` */
static int take_key(struct cursor *cursor, const struct policy_line *line,
                    enum policy_key *key)
{
    const char *start = cursor->at;
    struct span word = take_word(cursor, '=');
    struct quoted quoted;

    if (at_end(cursor) || *cursor->at != '=') {
        err_set(cursor->err, "a condition is key=value, not '%s'",
                quote(&quoted, word));
        return refuse_at(cursor, start);
    }
    cursor->at++;
    for (int k = 0; k < POLICY_KEY_COUNT; k++)
        if (span_eq(word, span_str(key_names[k])))
            *key = (enum policy_key)k;
    if (*key == POLICY_KEY_COUNT || !(keys_of[line->verb] & BIT(*key)))
        return refuse_key(cursor, line->verb, start, word);
    if (line->condition[*key].count > 0 ||
        (*key == POLICY_IP && line->net_count > 0)) {
        err_set(cursor->err, "'%s' stands twice; a comma joins alternatives",
                key_names[*key]);
        return refuse_at(cursor, start);
    }
    return 0;
}

/* The rest of a value in double quotes. */
static int take_quoted(struct cursor *cursor, struct buf *value)
{
    const char *start = cursor->at++;

    for (; !at_end(cursor) && *cursor->at != '"'; cursor->at++) {
        if (*cursor->at == '\\') {
            cursor->at++;
            if (at_end(cursor) || (*cursor->at != '"' && *cursor->at != '\\')) {
                err_set(cursor->err,
                        "in quotes a backslash stands before \" or \\");
                return refuse_at(cursor, cursor->at - 1);
            }
        }
        if (is_control(*cursor->at)) {
            err_set(cursor->err, "a control character in a value");
            return refuse_at(cursor, cursor->at);
        }
        buf_add_char(value, *cursor->at);
    }
    if (at_end(cursor)) {
        err_set(cursor->err, "the quotes are not closed");
        return refuse_at(cursor, start);
    }
    cursor->at++;
    if (!at_end(cursor) && *cursor->at != ',' && !is_blank(*cursor->at)) {
        err_set(cursor->err,
                "behind a value in quotes stands a blank or a comma");
        return refuse_at(cursor, cursor->at);
    }
    return 0;
}

static int take_bare(struct cursor *cursor, struct buf *value)
{
    const char *start = cursor->at;

    for (; !at_end(cursor) && *cursor->at != ',' && !is_blank(*cursor->at);
         cursor->at++) {
        if (*cursor->at == '"' || *cursor->at == '#') {
            err_set(cursor->err, "a value with '%c' stands in double quotes%s",
                    *cursor->at,
                    *cursor->at == '#' ? "; a comment begins behind a blank"
                                       : "");
            return refuse_at(cursor, cursor->at);
        }
        if (is_control(*cursor->at)) {
            err_set(cursor->err, "a control character in a value");
            return refuse_at(cursor, cursor->at);
        }
        buf_add_char(value, *cursor->at);
    }
    if (cursor->at == start) {
        err_set(cursor->err, "a value is missing");
        return refuse_at(cursor, start);
    }
    return 0;
}

/* The alternatives collected for one condition. */
struct values {
    struct policy_pattern *patterns;
    size_t pattern_count, pattern_capacity;
    struct policy_net *nets;
    size_t net_count, net_capacity;
};

static int add_net(const struct cursor *cursor, const char *start,
                   struct span text, struct values *values)
{
    struct policy_net *moved = sys_grow(values->nets, &values->net_capacity,
                                        values->net_count + 1, sizeof(*moved));
    struct quoted quoted;

    if (!moved)
        return err_memory(cursor->err);
    values->nets = moved;
    moved += values->net_count;
    if (!ip_parse_prefix(text, &moved->net, &moved->prefix)) {
        err_set(cursor->err, "'%s' is no address and no CIDR prefix",
                quote(&quoted, text));
        return refuse_at(cursor, start);
    }
    values->net_count++;
    return 0;
}

static int add_pattern(const struct cursor *cursor, struct span text,
                       struct values *values)
{
    struct policy_pattern *moved =
        sys_grow(values->patterns, &values->pattern_capacity,
                 values->pattern_count + 1, sizeof(*moved));

    if (!moved)
        return err_memory(cursor->err);
    values->patterns = moved;
    moved += values->pattern_count;
    moved->text = arena_copy(cursor->arena, text);
    moved->exact = text.len == 0 || !memchr(text.ptr, '*', text.len);
    if (!span_present(moved->text))
        return err_memory(cursor->err);
    values->pattern_count++;
    return 0;
}

static int take_value(struct cursor *cursor, enum policy_key key,
                      struct values *values)
{
    const char *start = cursor->at;
    bool quoted = !at_end(cursor) && *start == '"';
    struct buf value = BUF_INIT;
    struct span text;
    int ret = quoted ? take_quoted(cursor, &value) : take_bare(cursor, &value);

    text = value.len ? buf_span(&value) : SPAN("");
    if (ret == 0 && value.failed) {
        ret = err_memory(cursor->err);
    } else if (ret == 0 && !utf8_is_valid(text)) {
        /* It could match nothing: what events hold is. */
        err_set(cursor->err, "a value that is no UTF-8");
        ret = refuse_at(cursor, start);
    } else if (ret == 0) {
        ret = key == POLICY_IP ? add_net(cursor, start, text, values)
                               : add_pattern(cursor, text, values);
    }
    buf_release(&value);
    return ret;
}

/* --- alternatives in order --- */

static int patterns_in_order(const void *a, const void *b)
{
    return span_cmp(((const struct policy_pattern *)a)->text,
                    ((const struct policy_pattern *)b)->text);
}

/* An event finds a line once only if no alternative stands twice. */
static int keep_patterns(struct arena *arena, struct values *values,
                         struct policy_condition *condition)
{
    struct policy_pattern *kept =
        arena_alloc(arena, values->pattern_count * sizeof(*kept));

    if (!kept)
        return -1;
    if (values->pattern_count > 1)
        qsort(values->patterns, values->pattern_count, sizeof(*kept),
              patterns_in_order);
    for (size_t i = 0; i < values->pattern_count; i++)
        if (i == 0 ||
            !span_eq(values->patterns[i].text, values->patterns[i - 1].text))
            kept[condition->count++] = values->patterns[i];
    condition->patterns = kept;
    return 0;
}

/* The same for prefixes: none within another, or equal to one. */
static int keep_nets(struct arena *arena, struct values *values,
                     struct policy_line *line)
{
    struct prefix_map nested = {0};
    int ret = -1;

    line->nets = arena_alloc(arena, values->net_count * sizeof(*line->nets));
    if (!line->nets)
        return -1;
    for (size_t i = 0; i < values->net_count; i++)
        if (prefix_map_add(&nested, values->nets[i].net, values->nets[i].prefix,
                           (uint32_t)i) < 0)
            goto done;
    prefix_map_finish(&nested);
    for (size_t i = 0; i < nested.count; i++)
        if (prefix_map_next(&nested, (uint32_t)i) == PREFIX_NONE)
            line->nets[line->net_count++] = (struct policy_net){
                nested.entries[i].net, nested.entries[i].prefix};
    ret = 0;
done:
    prefix_map_release(&nested);
    return ret;
}

/* One condition, all of its alternatives. */
static int take_condition(struct cursor *cursor, struct policy_line *line)
{
    enum policy_key key = POLICY_KEY_COUNT;
    struct values values = {0};
    int ret = take_key(cursor, line, &key);

    if (ret == 0)
        ret = take_value(cursor, key, &values);
    while (ret == 0 && !at_end(cursor) && *cursor->at == ',') {
        cursor->at++;
        ret = take_value(cursor, key, &values);
    }
    if (ret == 0 &&
        (key == POLICY_IP ? keep_nets(cursor->arena, &values, line)
                          : keep_patterns(cursor->arena, &values,
                                          &line->condition[key])) < 0)
        ret = err_memory(cursor->err);
    sys_free(values.patterns);
    sys_free(values.nets);
    return ret;
}

/* What a verb needs beside its conditions' own rules. */
static int check_line(const struct cursor *cursor, const char *start,
                      const struct policy_line *line)
{
    bool any = line->net_count > 0;

    for (int key = 0; key < POLICY_KEY_COUNT; key++)
        any = any || line->condition[key].count > 0;
    if (line->verb == POLICY_EXPECT && line->net_count == 0)
        err_set(cursor->err, "expect needs ip=");
    else if (!any)
        err_set(cursor->err, "%s needs a condition",
                policy_verb_name(line->verb));
    else
        return 0;
    return refuse_at(cursor, start);
}

static int take_line(struct cursor *cursor, struct policy_line *line)
{
    const char *start, *end;

    skip_blanks(cursor);
    start = cursor->at;
    *line =
        (struct policy_line){.file = cursor->file, .number = cursor->number};
    if (take_verb(cursor, &line->verb) < 0)
        return -1;
    for (end = cursor->at; !is_done(cursor); end = cursor->at)
        if (take_condition(cursor, line) < 0)
            return -1;
    line->text =
        arena_copy(cursor->arena, span_of(start, (size_t)(end - start)));
    if (!span_present(line->text))
        return err_memory(cursor->err);
    return check_line(cursor, start, line);
}

static int add_line(struct policy *policy, struct cursor *cursor)
{
    struct policy_line *moved;

    if (is_done(cursor))
        return 0;
    moved = sys_grow(policy->lines, &policy->line_capacity,
                     policy->line_count + 1, sizeof(*moved));
    if (!moved || policy->line_count >= PREFIX_NONE)
        return err_memory(cursor->err);
    policy->lines = moved;
    if (take_line(cursor, &policy->lines[policy->line_count]) < 0)
        return -1;
    policy->line_count++;
    return 0;
}

/* The next line of `*rest`, without its end, which is taken off. */
static struct span next_line(struct span *rest)
{
    const char *end = memchr(rest->ptr, '\n', rest->len);
    struct span line =
        span_of(rest->ptr, end ? (size_t)(end - rest->ptr) : rest->len);
    size_t taken = line.len + (end != NULL);

    *rest = span_of(rest->ptr + taken, rest->len - taken);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

int policy_read(struct policy *policy, const char *file, struct span text,
                struct err *err)
{
    static const struct span byte_order_mark = {"\xef\xbb\xbf", 3};

    if (text.len >= byte_order_mark.len &&
        memcmp(text.ptr, byte_order_mark.ptr, byte_order_mark.len) == 0)
        text = span_of(text.ptr + byte_order_mark.len,
                       text.len - byte_order_mark.len);
    for (size_t number = 1; text.len > 0; number++) {
        struct span line = next_line(&text);
        struct cursor cursor = {
            .file = file,
            .number = number,
            .start = line.ptr,
            .at = line.ptr,
            .end = line.ptr + line.len,
            .arena = &policy->arena,
            .err = err,
        };

        if (add_line(policy, &cursor) < 0)
            return -1;
    }
    return 0;
}
