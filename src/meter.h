/*
 * meter.h - how far a run is, as one line that is redrawn in place.
 *
 * The threads that read add what they have read, once a window or a block;
 * whichever comes first after a tenth of a second draws. So there is no
 * thread for it, and without it no cost. Alerts are not in it: they are
 * only known when all is united.
 */
#ifndef OFFBOX_METER_H
#define OFFBOX_METER_H

#include "input/walk.h"

#include <stdatomic.h>

struct meter {
    int fd;           /* borrowed: standard error */
    unsigned columns; /* the line is cut to fewer */
    int64_t delay_ns; /* a run that is shorter shows nothing */

    unsigned begun;              /* how often it was begun and not ended */
    bool again;                  /* a second reading: it keeps no events */
    uint64_t bytes_total;        /* packed; 0: not known */
    atomic_uint_fast64_t bytes;  /* read so far, packed */
    atomic_uint_fast64_t events; /* kept so far */
    int64_t start_ns;            /* of a clock that only runs forward */
    atomic_int_fast64_t next_ns; /* when to draw again */
    atomic_flag drawing;         /* held by the thread that draws */
};

/*
 * Before the threads: what there is to be read, those inputs of the walk that
 * are `wanted` (NULL: all), perhaps for the second time. Begun again before it
 * has ended, it goes on: so one line tells of several readings. Nothing for
 * NULL.
 */
void meter_begin(struct meter *meter, const struct walk *walk,
                 const bool *wanted, bool again);

/* Any thread: so many more packed bytes were read, and events kept. */
void meter_add(struct meter *meter, uint64_t bytes, uint64_t events);

/* After the threads: the line is gone. Nothing for NULL. */
void meter_end(struct meter *meter);

/* From a signal handler: the line is gone, if there is one. */
void meter_erase(void);

#endif
