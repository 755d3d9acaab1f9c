/*
 * scan.h - one run: from a walk's inputs to a report.
 *
 * The trip of the data (docs/architecture.md) as one call; the only place
 * that knows workers, threads and the rule at once.
 */
#ifndef OFFBOX_SCAN_H
#define OFFBOX_SCAN_H

#include "detect/filter.h"
#include "detect/rule.h"
#include "input/walk.h"
#include "report/report.h"

struct scan_options {
    struct filter_options filter;
    struct rule_options rule;
    bool keep_duplicates;
    bool keep_skips;  /* note every skipped input, for --verbose */
    unsigned threads; /* 0: as many as the CPUs this process may use. The
                       * result does not depend on it. */
};

#define SCAN_OPTIONS_DEFAULT \
    ((struct scan_options){.rule = {.min_ips = RULE_MIN_IPS}, .threads = 0})

/*
 * Read every pending input of `walk` (finished) and fill `report` (all
 * zero), which the caller releases whatever comes back. The walk may be
 * released afterwards; `options->rule.instances` must outlive the report.
 *
 * Bad inputs are no failure: they are in the report's ledger. Returns 0;
 * -1 and `err` when the run cannot go on (memory is out).
 */
int scan_run(const struct scan_options *options, const struct walk *walk,
             struct report *report, struct err *err);

#endif
