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

void members_init_behind(struct members *members, struct span object,
                         const char *at)
{
    members->at = at;
    members->end = object.ptr + object.len;
    members->begun = true;
}

static int broken(struct members *members)
{
    members->at = members->end; /* for good */
    return -1;
}

int members_next_key(struct members *members, struct span *key)
{
    bool first = !members->begun;
    struct span quoted;

    if (first && !take(members, '{'))
        return broken(members);
    members->begun = true;
    if (take(members, '}')) {
        skip_space(members);
        return members->at == members->end ? 0 : broken(members);
    }
    if (!first && !take(members, ','))
        return broken(members);
    skip_space(members);
    if (members->at == members->end || *members->at != '"' ||
        !take_value(members, &quoted) || !take(members, ':'))
        return broken(members);
    skip_space(members);
    *key = span_of(quoted.ptr + 1, quoted.len - 2);
    return 1;
}

int members_step(struct members *members, struct span *value)
{
    return take_value(members, value) ? 1 : broken(members);
}

int members_next(struct members *members, struct member *member)
{
    int more = members_next_key(members, &member->key);

    return more > 0 ? members_step(members, &member->value) : more;
}
