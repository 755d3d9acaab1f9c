/*
 * partial_members.h - the lines of a partial that stand once: its header, its
 * figures, and a note for each input of which something is to be told. How
 * each is written and how it is read, side by side.
 *
 * docs/partials.md fixes them. What is written is one whole object; what is
 * read are all members of one, and the first that is not as it should be is
 * told by `members` (line_members.h).
 */
#ifndef OFFBOX_STATE_PARTIAL_MEMBERS_H
#define OFFBOX_STATE_PARTIAL_MEMBERS_H

#include "base/json_writer.h"
#include "state/line_members.h"
#include "state/partial.h"

void partial_header_write(struct json_writer *json,
                          const struct partial_header *header);

/* `header` is empty; it copies what it keeps. `*version` is the line's, and of
 * another than PARTIAL_VERSION nothing else is read. */
void partial_header_take(struct line_members *members,
                         struct partial_header *header, uint64_t *version);

/* Does the note travel? Not if the input was skipped by design: no figure
 * needs its name. */
bool partial_note_travels(const struct ledger_note *note);
void partial_note_write(struct json_writer *json,
                        const struct ledger_note *note);
void partial_note_take(struct line_members *members, struct ledger *ledger);

/* What a partial has, beside its figures, so that what is cut out shows. */
struct partial_totals {
    uint64_t groups, rows; /* of the rule */
    uint64_t located_groups, located_rows;
};

void partial_figures_write(struct json_writer *json,
                           const struct partial_header *header,
                           const struct partial_totals *totals,
                           const struct partial_figures *figures);

/* `figures` are those of `header`, of which nothing was added. Other totals
 * than `totals` are wrong. */
void partial_figures_take(struct line_members *members,
                          const struct partial_header *header,
                          const struct partial_totals *totals,
                          struct partial_figures *figures);

#endif
