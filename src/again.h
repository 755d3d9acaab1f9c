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
#include "worker.h"

/*
 * Read every input that can be read twice, by as many workers as pay, for what
 * `again` looks for. `report` knows how each did when it was first read.
 * `collect` takes over what a worker found, one after another. `*complete`
 * (NULL: nobody asks) says whether all that was read was read again, to the
 * same end. -1 and `err` when memory is out, as below, or what `collect`
 * returned.
 */
int again_read(const struct scan_options *options, const struct walk *walk,
               struct report *report, const struct second_reading *again,
               int (*collect)(void *context, struct worker *worker,
                              struct err *err),
               void *context, bool *complete, struct err *err);

/*
 * Keys that instances issued and that were used, too, are the instances' own:
 * find the calls that were made with them, and add these to `report->located`,
 * which is not settled yet; `report->facts` is. If no such key was used,
 * nothing is read.
 */
int again_follow_chains(const struct scan_options *options,
                        const struct walk *walk, struct report *report,
                        struct err *err);

/* Let the texts of copies of one event that differ decide which stands, in
 * either of the report's aggregates: see aggregate_settle(). Behind the chains,
 * whose calls may be disputed, too. If nothing is, nothing is read. */
int again_settle(const struct scan_options *options, const struct walk *walk,
                 struct report *report, struct err *err);

#endif
