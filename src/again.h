/*
 * again.h - reading inputs a second time, when the first reading has shown
 * what to look for.
 *
 * What cannot be read twice (standard input, FIFOs) has no say. An input that
 * was read, and then could not be, moves in the report's ledger.
 */
#ifndef OFFBOX_AGAIN_H
#define OFFBOX_AGAIN_H

#include "input/walk.h"
#include "report/report.h"
#include "scan_options.h"

/* Let the texts of copies of one event that differ decide which stands: see
 * aggregate_settle(). `ended` is how each input did when it was first read.
 * -1 and `err` when memory is out, as below. */
int again_settle(const struct scan_options *options, const struct walk *walk,
                 const enum input_status *ended, struct report *report,
                 struct err *err);

/*
 * Keys that instances issued and that were used, too, are the instances' own:
 * find the calls that were made with them, and add these to `report->located`,
 * which is not settled yet; `report->facts` is. If no such key was used,
 * nothing is read.
 */
int again_follow_chains(const struct scan_options *options,
                        const struct walk *walk, const enum input_status *ended,
                        struct report *report, struct err *err);

#endif
