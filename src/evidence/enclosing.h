/*
 * enclosing.h - of many spans of time, for each the longest one that holds it.
 */
#ifndef OFFBOX_EVIDENCE_ENCLOSING_H
#define OFFBOX_EVIDENCE_ENCLOSING_H

#include "base/timestamp.h"

#include <stddef.h>

struct enclosing_span {
    timestamp first, last; /* first <= last; both are known times */
    size_t number;         /* the caller's, by which ties go: smaller first */
    size_t longest;        /* result: the number of the longest span that holds
                            * this one; itself if no longer one does */
    size_t rank;           /* scratch */
};

/*
 * Fill `longest` of all of them, in n log n steps whatever they are: an
 * attacker can give an instance any number of locations. Their order changes.
 * `scratch` has room for `count` numbers.
 */
void enclosing_find(struct enclosing_span *spans, size_t count,
                    size_t *scratch);

#endif
