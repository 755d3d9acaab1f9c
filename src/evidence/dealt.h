/*
 * dealt.h - an aggregate's events group by group.
 *
 * aggregate_tally() goes through all events for a few groups. Who looks at
 * all groups, one instance after another, has each group's at hand here, at
 * four bytes an event, and needs a tally of one instance at a time only.
 *
 * Any number of threads may read one.
 */
#ifndef OFFBOX_EVIDENCE_DEALT_H
#define OFFBOX_EVIDENCE_DEALT_H

#include "detect/aggregate.h"

/* Positions in an array, group by group. */
struct deal {
    uint32_t *items; /* NULL: the array is empty */
    size_t *ends;    /* of each group */
};

struct dealt {
    const struct aggregate *agg;
    struct deal rows;
    struct deal counted; /* entries of `agg->counted` … */
    struct deal hours;   /* … and its hours */
};

/* `agg` is borrowed and may not change. -1 when memory is out; release it in
 * any case. */
int dealt_init(struct dealt *dealt, const struct aggregate *agg);
void dealt_release(struct dealt *dealt);

/* Begin to fetch what a tally of the group will look at first. */
void dealt_prefetch(const struct dealt *dealt, uint32_t group);

/* Add all events of the group to `tally` (initialised). -1 when memory is
 * out. */
int dealt_tally(const struct dealt *dealt, uint32_t group, struct tally *tally);

/* The same without their hours. */
int dealt_tally_entries(const struct dealt *dealt, uint32_t group,
                        struct tally *tally);

#endif
