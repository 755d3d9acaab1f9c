/*
 * members.h - the members of one JSON object, without parsing what is in
 * them: enough to tell what an object is.
 */
#ifndef OFFBOX_EVENT_MEMBERS_H
#define OFFBOX_EVENT_MEMBERS_H

#include "base/span.h"

struct members {
    const char *at, *end;
    bool begun; /* the brace is behind us */
};

struct member {
    struct span key;   /* raw, between the quotes */
    struct span value; /* raw, whole: a string with its quotes, an object,
                        * a number … */
};

/* Begin with `object`, whose text starts with its brace. */
void members_init(struct members *members, struct span object);

/* Begin behind the member whose value, within `object`, ends at `at`. */
void members_init_behind(struct members *members, struct span object,
                         const char *at);

/* The next member: 1; 0 behind the last; -1, for good, if this is no JSON
 * object (only this level is looked at, not what the values hold). */
int members_next(struct members *members, struct member *member);

/* The same in two steps, for whoever reads some values by itself: behind the
 * key `at` is where the value begins, and belongs behind its end before the
 * next one. members_step() steps over it: 1 or -1. */
int members_next_key(struct members *members, struct span *key);
int members_step(struct members *members, struct span *value);

#endif
