/*
 * gather.h - what the inputs of a walk hold, as one report without alerts.
 *
 * scan.c gathers all of a walk, fold.c an hour of it at a time.
 */
#ifndef OFFBOX_GATHER_H
#define OFFBOX_GATHER_H

#include "input/walk.h"
#include "partials.h"
#include "report/report.h"
#include "scan_options.h"

/*
 * Make `report`, whatever was in it, one of nothing. The caller releases it
 * whatever comes back; `options->rule.instances` must outlive it. Returns 0;
 * -1 and `err` when memory is out.
 */
int gather_begin(const struct scan_options *options, const struct walk *walk,
                 struct report *report, struct err *err);

/*
 * Read the inputs of `walk` that are pending and that `wanted` marks (NULL:
 * all) into a report that gather_begin() made, by as many threads as the
 * options say, a second time where need be (again.h). A partial among them is
 * not read but added to `partials` (all zero at first, released by the
 * caller). Bad inputs are no failure: they are in the report's ledger. -1 and
 * `err` when the run cannot go on.
 */
int gather_read(const struct scan_options *options, const struct walk *walk,
                const bool *wanted, struct report *report,
                struct partial_list *partials, struct err *err);

#endif
