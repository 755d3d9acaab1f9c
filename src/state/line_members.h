/*
 * line_members.h - the members of a partial's line that is one JSON object.
 *
 * They are read in order, since each line has one spelling; the first that is
 * not as it should be is `wrong`, and what was asked for then is nothing in
 * particular. Texts are borrowed from the object.
 */
#ifndef OFFBOX_STATE_LINE_MEMBERS_H
#define OFFBOX_STATE_LINE_MEMBERS_H

#include "base/ip.h"
#include "base/timestamp.h"

#include <stdbool.h>
#include <stddef.h>

struct cJSON;

struct line_members {
    const struct cJSON *at; /* the next one */
    const char *wrong;
    bool memory_is_out; /* the caller's */
};

struct line_members line_members_of(const struct cJSON *object);

/* The next member if it is called `name`; NULL if not. */
const struct cJSON *line_peek(const struct line_members *members,
                              const char *name);

/* The next member, which is to be called `name`; NULL if it is not. */
const struct cJSON *line_member(struct line_members *members, const char *name);

void line_wrong(struct line_members *members, const char *name);

/* Nothing may stand behind what was read. */
void line_no_more(struct line_members *members);

/* The next member's value. A time is `none` for null. */
uint64_t line_number(struct line_members *members, const char *name);
bool line_bool(struct line_members *members, const char *name);
struct span line_text(struct line_members *members, const char *name);
timestamp line_time(struct line_members *members, const char *name,
                    timestamp none);
const struct cJSON *line_array(struct line_members *members, const char *name);

/* The value of an item, which is the member `name` or in it. */
uint64_t line_number_of(struct line_members *members, const struct cJSON *item,
                        const char *name);

/* Is the next member's value a text? */
bool line_is_text(const struct line_members *members);

/* An address in its one spelling. */
struct ip line_address(struct line_members *members, const char *name);

/* An array of at most `max` texts, absent for null: how many there are. */
size_t line_texts(struct line_members *members, const char *name,
                  struct span *texts, size_t max);

#endif
