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

/* The next member: 1; 0 behind the last; -1, for good, if this is no JSON
 * object (only this level is looked at, not what the values hold). */
int members_next(struct members *members, struct member *member);

#endif
