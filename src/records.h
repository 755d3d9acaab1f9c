/*
 * records.h - from what the reader gives out of one input to events in the
 * worker's table.
 */
#ifndef OFFBOX_RECORDS_H
#define OFFBOX_RECORDS_H

#include "base/hash.h"
#include "worker.h"

/* What is known of the input being read. */
struct progress {
    uint64_t records;
    uint64_t unreadable;       /* records that could not be read … */
    uint64_t offset;           /* … the first of them, … */
    struct err why;            /* … and what was wrong with it */
    bool ordinary;             /* a record that could be a call was seen; until
                                * then … */
    enum input_status sibling; /* … what the first of the others is, or
                                * INPUT_PENDING */
    uint64_t broken;           /* objects that are no JSON … */
    uint64_t broken_at;        /* … the first of them */
    bool begun;                /* an item was seen; the first one's text, if
                                * a partial is to be written, is … */
    struct hash128 first_item; /* … this */
};

/*
 * Take one item: its records are counted, and those whose events may matter go
 * into the worker's table. -1 and `err` when memory is out.
 */
int records_take(struct worker *worker, struct progress *progress,
                 const struct reader_item *item, struct err *err);

/*
 * Before the reader is asked for an item: take what stands next in the window,
 * where it stands, if nothing is unusual about it, as about most. The walk that
 * reads a record's fields finds its end, so that nobody need delimit it; those
 * that nobody wants are passed in runs. 1 if something was taken; 0 if the
 * reader is to be asked; -1 and `err` when memory is out.
 */
int records_take_front(struct worker *worker, struct progress *progress,
                       struct err *err);

#endif
