/* One level of an object; nested values are stepped over whole. */
#include "event/members.h"

#include "base/plain_run.h"
#include "input/delimit.h"

static void skip_space(struct members *m)
{
    while (m->at < m->end && memchr(" \t\r\n", *m->at, 4))
        m->at++;
}

static bool take(struct members *m, char c)
{
    skip_space(m);
    if (m->at == m->end || *m->at != c)
        return false;
    m->at++;
    return true;
}

/* Behind the string that begins at `at`; NULL if it does not end. What its
 * characters are does not matter. */
static const char *string_end(const char *at, const char *end)
{
    for (at = plain_run(at + 1, end); at < end; at = plain_run(at, end)) {
        if (*at == '"')
            return at + 1;
        at += *at == '\\' && end - at > 1 ? 2 : 1;
    }
    return NULL;
}

/* A string; an object or array, by its brackets; else a bare token. */
static bool take_value(struct members *m, struct span *value)
{
    const char *start, *after;

    skip_space(m);
    start = m->at;
    if (start == m->end)
        return false;
    if (*start == '"') {
        after = string_end(start, m->end);
        if (!after)
            return false;
    } else if (*start == '{' || *start == '[') {
        struct delimit delimit = {0};

        after = delimit_value(&delimit, start, m->end);
        if (!after)
            return false;
    } else {
        for (after = start; after < m->end; after++)
            if (memchr(",}] \t\r\n", *after, 7))
                break;
    }
    m->at = after;
    *value = span_of(start, (size_t)(after - start));
    return after > start;
}

void members_init(struct members *members, struct span object)
{
    members->at = object.ptr;
    members->end = object.ptr + object.len;
    members->begun = false;
}

int members_next(struct members *members, struct member *member)
{
    struct span key;
    bool first = !members->begun;

    if (first && !take(members, '{'))
        goto broken;
    members->begun = true;
    if (take(members, '}')) {
        skip_space(members);
        if (members->at == members->end)
            return 0;
        goto broken;
    }
    if (!first && !take(members, ','))
        goto broken;
    skip_space(members);
    if (members->at == members->end || *members->at != '"' ||
        !take_value(members, &key) || !take(members, ':') ||
        !take_value(members, &member->value))
        goto broken;
    member->key = span_of(key.ptr + 1, key.len - 2);
    return 1;
broken:
    members->at = members->end; /* for good */
    return -1;
}
