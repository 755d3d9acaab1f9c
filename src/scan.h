/*
 * scan.h - one run: from a walk's inputs to a report.
 *
 * The trip of the data (docs/architecture.md) as one call; the only place
 * that knows workers, threads and the rule at once.
 */
#ifndef OFFBOX_SCAN_H
#define OFFBOX_SCAN_H

#include "input/walk.h"
#include "report/report.h"
#include "scan_options.h"

/*
 * Read every pending input of `walk` (finished) and fill `report` (all
 * zero), which the caller releases whatever comes back. The walk may be
 * released afterwards; `options->rule.instances` and `options->owners` must
 * outlive the report.
 *
 * Bad inputs are no failure: they are in the report's ledger. Returns 0;
 * -1 and `err` when the run cannot go on (memory is out).
 */
int scan_run(const struct scan_options *options, const struct walk *walk,
             struct report *report, struct err *err);

/*
 * What scan_run() does, for fold.c, which does it in pieces: make a report,
 * whatever was in it, an empty one; and read the inputs that `wanted` marks
 * (NULL: all) into it. A partial among them is an error. -1 and `err` as
 * above.
 */
int scan_begin(const struct scan_options *options, const struct walk *walk,
               struct report *report, struct err *err);
int scan_read(const struct scan_options *options, const struct walk *walk,
              const bool *wanted, struct report *report, struct err *err);

#endif
