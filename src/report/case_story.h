/*
 * case_story.h - what the records of a case amount to, as a page in Markdown:
 * what was done and to what, what changed something, what failed, who else is
 * at the location, what to do next.
 *
 * Text from records stands in code spans only, its control characters escaped
 * as for a terminal, so that it can end neither its line nor its span.
 */
#ifndef OFFBOX_REPORT_CASE_STORY_H
#define OFFBOX_REPORT_CASE_STORY_H

#include "base/out.h"
#include "base/strings.h"
#include "detect/alert.h"

/* Distinct texts, how often each was met and when. Those beyond
 * CASE_STORY_LINES are only counted. */
#define CASE_STORY_LINES 200

struct story_line {
    uint64_t count, failed;
    timestamp first, last;
};
struct story_list {
    struct strings texts;
    struct story_line lines[CASE_STORY_LINES];
    uint64_t left_out;   /* records, not texts */
    bool is_of_failures; /* which then goes without saying */
};

struct case_story {
    uint64_t records, own;
    timestamp first, last; /* of the suspect's own; TIMESTAMP_UNKNOWN: none */
    struct story_list calls, targets, changes, failures, keys, roles, others;
    struct buf text, raw;
};

void case_story_init(struct case_story *story);
void case_story_release(struct case_story *story);

/*
 * The next event in time order; its `record` is its text without secrets. `own`
 * is false of one that merely shares the location. -1 when memory is out.
 */
int case_story_add(struct case_story *story, const struct event *event,
                   bool own);

/* The page. With `left_out` the case had more events than the `kept` that were
 * added. */
void case_story_write(const struct case_story *story, const struct alert *alert,
                      bool left_out, uint64_t kept, struct out *out);

#endif
