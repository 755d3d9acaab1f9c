/*
 * policy.h - a site's own filters: what to ignore, expect and mute.
 *
 * One statement a line, a verb and conditions `key=value`; docs/policy.md
 * is the language. A policy is read whole before anything else is, and
 * then only looked at, from any thread.
 *
 * Looking is fast for thousands of lines: a line is filed under the exact
 * values of one of its conditions, and there under its prefixes, so that an
 * event meets only lines that may well hold for it.
 */
#ifndef OFFBOX_DETECT_POLICY_H
#define OFFBOX_DETECT_POLICY_H

#include "base/err.h"
#include "base/prefix_map.h"
#include "base/strings.h"
#include "detect/facet.h"

#include <stdint.h>

enum policy_verb {
    POLICY_IGNORE, /* events: they do not count at all */
    POLICY_EXPECT, /* addresses: they are the instance's own */
    POLICY_MUTE,   /* alerts: they are not given */
    POLICY_VERB_COUNT,
};

/* What a condition may ask for, and its name in a line. */
#define POLICY_KEYS(X)             \
    X(POLICY_IP, "ip")             \
    X(POLICY_INSTANCE, "instance") \
    X(POLICY_ACCOUNT, "account")   \
    X(POLICY_ROLE, "role")         \
    X(POLICY_REGION, "region")     \
    X(POLICY_SOURCE, "source")     \
    X(POLICY_EVENT, "event")       \
    X(POLICY_AGENT, "agent")

enum policy_key {
#define X(constant, name) constant,
    POLICY_KEYS(X)
#undef X
    POLICY_KEY_COUNT
};

/* An alternative of a condition: a text in which '*' matches any run of
 * characters. */
struct policy_pattern {
    struct span text;
    bool exact; /* without a '*' */
};

/* The alternatives, sorted and distinct; no condition without any. */
struct policy_condition {
    struct policy_pattern *patterns;
    size_t count;
};

struct policy_net {
    struct ip net;
    unsigned prefix;
};

struct policy_line {
    enum policy_verb verb;
    const char *file;        /* as it was named */
    size_t number;           /* in the file, from 1 */
    struct span text;        /* the statement as it was written */
    struct policy_net *nets; /* the alternatives of `ip`, none within
                              * another */
    size_t net_count;
    struct policy_condition condition[POLICY_KEY_COUNT]; /* but `ip` */
};

/* Lines that share an exact value: those that ask for addresses under
 * their prefixes, and the others. */
struct policy_shelf {
    struct prefix_map by_ip;
    uint32_t *others;
    size_t other_count, other_capacity;
};

/* The shelves of one key; a value's number is its shelf's. */
struct policy_shelves {
    struct strings values;
    struct policy_shelf *shelves;
    size_t capacity;
};

/* Every line of one verb, filed once: under one key with only exact
 * values, or on the shelf for any value. */
struct policy_book {
    size_t line_count;
    struct policy_shelves by[POLICY_KEY_COUNT];
    struct policy_shelf any;
};

struct policy {
    struct policy_line *lines;
    size_t line_count, line_capacity;
    struct policy_book book[POLICY_VERB_COUNT];
    struct arena arena;
};

void policy_init(struct policy *policy);
void policy_release(struct policy *policy);

/*
 * Add the statements of `text`. `file` is its name for messages and must
 * outlive the policy; the text is copied.
 *
 * -1 and `err`, with the file, the line and the column (in characters, from
 * 1), for what is no statement, or when memory is out.
 */
int policy_read(struct policy *policy, const char *file, struct span text,
                struct err *err);

/* After the last policy_read(), before the first look. */
int policy_finish(struct policy *policy, struct err *err);

const char *policy_verb_name(enum policy_verb verb);

/* An `ignore` with no condition but `ip`: where the site's own addresses
 * are ignored, a thief is the only address that is left, and no alert. */
bool policy_line_hides_thieves(const struct policy_line *line);

/* Does any line of `verb` ask for `key`? */
bool policy_asks(const struct policy *policy, enum policy_verb verb,
                 enum policy_key key);

/*
 * A policy in use, with the number of times each line held. One thread at
 * a time; zeroed, there is no policy.
 */
struct policy_use {
    const struct policy *policy;
    uint64_t *hits; /* of each line */
};

/* With a NULL policy there is nothing to do. -1 when memory is out. */
int policy_use_init(struct policy_use *use, const struct policy *policy);
void policy_use_release(struct policy_use *use);
void policy_use_merge(struct policy_use *into, const struct policy_use *from);

/* What lines are held against. An absent value fulfils no condition, and
 * neither does an absent address. */
struct policy_subject {
    struct ip address;
    struct span value[POLICY_KEY_COUNT]; /* but of `ip` and `role` */
    struct span role_name, role_arn;
};

/* The role of `subject`, from what is known of it: its ARN or its name. A
 * name that is not known is the last part of the ARN. */
void policy_subject_role(struct policy_subject *subject, struct span arn,
                         struct span name);

/* Does any line of `verb` hold? Each that does gets a hit. */
bool policy_holds(struct policy_use *use, enum policy_verb verb,
                  const struct policy_subject *subject);

#endif
