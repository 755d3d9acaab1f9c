/*
 * crew.h - the inputs of a walk, read by as many workers as pay.
 */
#ifndef OFFBOX_CREW_H
#define OFFBOX_CREW_H

#include "input/walk.h"
#include "worker.h"

/* What the crew is sent for. */
struct crew_order {
    const bool *wanted; /* of each input, whether to take it; NULL: all */
    const struct second_reading *again; /* NULL: it is the first reading */

    /* Take over what a worker found: once for each, one after another, when
     * all have read. -1 and `err` when memory is out. */
    int (*collect)(void *context, struct worker *worker, struct err *err);
    void *context;
};

/*
 * `ended[i]` becomes how input i of the walk did. -1 and `err` when the run
 * cannot go on (memory is out).
 */
int crew_read(const struct scan_options *options, const struct walk *walk,
              const struct crew_order *order, enum input_status *ended,
              struct err *err);

#endif
