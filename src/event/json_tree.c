/* One walk over the text. Values find what they are in by a pointer, so depth
 * costs no stack. */
#include "event/json_tree.h"

#include "base/plain_run.h"
#include "event/json_text.h"

struct reading {
    struct json_tree *tree;
    const char *end;
    struct json_value *open; /* the innermost object or array that has not
                              * ended; NULL: the whole has */
    bool memory_is_out;
};

void json_tree_release(struct json_tree *tree)
{
    arena_release(&tree->arena);
    buf_release(&tree->repaired);
    buf_release(&tree->decoded);
}

void json_tree_clear(struct json_tree *tree)
{
    arena_clear(&tree->arena);
}

static const char *to_token(const struct reading *reading, const char *at)
{
    while (at < reading->end &&
           (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
        at++;
    return at < reading->end ? at : NULL;
}

/* `raw` is between quotes, and something in it is not as it says. */
static bool decode(struct reading *reading, struct span raw, struct span *text)
{
    struct json_tree *tree = reading->tree;
    struct span quoted = span_of(raw.ptr - 1, raw.len + 2);

    if (json_text_repair(quoted, &tree->repaired, NULL) < 0) {
        reading->memory_is_out = tree->repaired.failed;
        return false;
    }
    buf_clear(&tree->decoded);
    (void)json_text_unescape(
        span_of(tree->repaired.ptr + 1, tree->repaired.len - 2),
        &tree->decoded);
    *text = tree->decoded.failed
                ? SPAN_ABSENT
                : arena_copy(&tree->arena, buf_span(&tree->decoded));
    reading->memory_is_out = !span_present(*text);
    return span_present(*text);
}

/* The string at `at`, its opening quote. Gives what is behind it. */
static const char *take_text(struct reading *reading, const char *at,
                             struct span *text)
{
    const char *start = at + 1;
    const char *stop = plain_run(start, reading->end);
    bool is_plain = stop < reading->end && *stop == '"';

    while (stop < reading->end && *stop != '"') {
        stop += *stop == '\\' && reading->end - stop > 1 ? 2 : 1;
        stop = plain_run(stop, reading->end);
    }
    if (stop == reading->end)
        return NULL;
    *text = span_of(start, (size_t)(stop - start));
    return is_plain || decode(reading, *text, text) ? stop + 1 : NULL;
}

static struct json_value *add_value(struct reading *reading)
{
    struct json_value *around = reading->open;
    struct json_value *value =
        arena_alloc(&reading->tree->arena, sizeof(*value));

    if (!value) {
        reading->memory_is_out = true;
        return NULL;
    }
    *value = (struct json_value){.kind = JSON_SCALAR, .around = around};
    if (around && around->last)
        around->last->next = value;
    else if (around)
        around->child = value;
    if (around)
        around->last = value;
    return value;
}

/* The key at `at`, and the colon behind it. */
static const char *take_key(struct reading *reading, const char *at,
                            struct span *key)
{
    if (*at != '"' || !(at = take_text(reading, at, key)))
        return NULL;
    at = to_token(reading, at);
    return at && *at == ':' ? to_token(reading, at + 1) : NULL;
}

/* The value that begins at `at`: of an object or array only its bracket. */
static const char *take_value(struct reading *reading, const char *at,
                              struct json_value *value)
{
    if (*at == '"') {
        value->kind = JSON_STRING;
        return take_text(reading, at, &value->text);
    }
    if (*at != '{' && *at != '[')
        return json_text_scalar_end(at, reading->end);
    value->kind = *at == '{' ? JSON_OBJECT : JSON_ARRAY;
    reading->open = value;
    return at + 1;
}

/* An element of what is open, or a member. */
static const char *take_next(struct reading *reading, const char *at)
{
    bool has_key = reading->open->kind == JSON_OBJECT;
    struct json_value *value = add_value(reading);

    if (!value || (has_key && !(at = take_key(reading, at, &value->key))))
        return NULL;
    return take_value(reading, at, value);
}

/* From behind the bracket of the whole to behind its last one. */
static const char *take_all(struct reading *reading, const char *at)
{
    while (reading->open) {
        const struct json_value *open = reading->open;

        at = to_token(reading, at);
        if (!at)
            return NULL;
        if (*at == (open->kind == JSON_OBJECT ? '}' : ']')) {
            reading->open = open->around;
            at++;
            continue;
        }
        if (open->child && (*at != ',' || !(at = to_token(reading, at + 1))))
            return NULL;
        at = take_next(reading, at);
        if (!at)
            return NULL;
    }
    return at;
}

const char *json_tree_read(struct json_tree *tree, struct span text,
                           const struct json_value **root, bool *memory_is_out)
{
    struct reading reading = {tree, text.ptr + text.len, NULL, false};
    struct json_value *whole = add_value(&reading);
    const char *after = NULL;

    if (whole && text.len > 0 && *text.ptr == '{') {
        after = take_value(&reading, text.ptr, whole);
        after = take_all(&reading, after);
    }
    *root = after ? whole : NULL;
    *memory_is_out = reading.memory_is_out;
    return after;
}

const struct json_value *json_tree_member(const struct json_value *value,
                                          struct span key)
{
    const struct json_value *member = NULL;

    if (value && value->kind == JSON_OBJECT)
        member = value->child;
    while (member && !span_eq_fold(member->key, key))
        member = member->next;
    return member;
}
