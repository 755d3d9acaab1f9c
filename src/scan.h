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

#endif
