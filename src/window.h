/*
 * window.h - the events of one window of an input, on their way from the event
 * table to the aggregates.
 */
#ifndef OFFBOX_WINDOW_H
#define OFFBOX_WINDOW_H

#include "worker.h"

/* Filter and aggregate the events in the worker's table, or give them to the
 * second reading, then forget them. -1 and `err` when memory is out. */
int window_drain(struct worker *worker, struct err *err);

#endif
