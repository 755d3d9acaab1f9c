/*
 * cases.h - what a run's suspects did, as folders for whoever looks into it:
 * `--case` (evidence.md, "The case").
 *
 * The inputs are read once more. Of each case, DIR/INSTANCE/ gets
 * `records.jsonl` (every record by the suspect's location, its keys and the
 * keys issued with them, in time order, each event once, without secrets) and
 * `case.md` (what it amounts to, and what to do). Neither the threads nor the
 * order of the inputs show.
 */
#ifndef OFFBOX_CASES_H
#define OFFBOX_CASES_H

#include "input/walk.h"
#include "report/report.h"
#include "scan_options.h"

/* Of a case the records that are kept, the earliest; the others are said to
 * be left out. It bounds memory: at most 112 bytes a record, case and thread.
 */
#define CASE_RECORDS 65536

/* Can all inputs of `walk` (finished) be read twice, does none lie in `folder`,
 * and can that be written to? It is made, 0700, if only its parent is there. -1
 * and `err` if not. Before any work. */
int cases_prepare(const char *folder, const struct walk *walk, struct err *err);

/*
 * Write the cases of `report`, which scan_run() has filled from `walk` with the
 * same `options`. Files are replaced whole or stay as they were. What cannot
 * be read again moves in the report's ledger. -1 and `err` when a case could
 * not be written.
 */
int cases_write(const struct scan_options *options, const struct walk *walk,
                struct report *report, const char *folder, struct err *err);

#endif
