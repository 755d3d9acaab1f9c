/*
 * spelling.h - which of the known names somebody meant.
 */
#ifndef OFFBOX_BASE_SPELLING_H
#define OFFBOX_BASE_SPELLING_H

#include "base/span.h"

/*
 * What it costs to make `name` of `word`: 1 for a letter that `word` leaves
 * out, 2 for two neighbours that changed places, 3 for a letter that is
 * wrong or too many. Names are cut short more often than they are spelt
 * otherwise. ASCII case is folded. Of a long word the first 32 bytes count.
 */
unsigned spelling_distance(struct span word, struct span name);

/* The search for a name near `word`, one known name after the other. */
struct spelling {
    struct span word;    /* borrowed */
    const char *nearest; /* NULL: none is near so far */
    unsigned distance;   /* of `nearest` */
};

#define SPELLING_OF(word) ((struct spelling){(word), NULL, 0})

/* `name` becomes the nearest if it is near, and nearer than that before: at
 * a cost of half its length at most, or of one wrong letter. A word of less
 * than half its length is not near. */
void spelling_try(struct spelling *spelling, const char *name);

#endif
