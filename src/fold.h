/*
 * fold.h - a run that reads only files which no earlier run has folded.
 *
 * The files of one hour of delivery, as far as they came together, are folded
 * into a section of the state. A section counts as long as all its files are
 * there, unchanged and wanted; else the rest of them is read again. So the
 * window can slide, and files may come late, change, go, or be renamed: the
 * sections and what is read now are always just the files of the walk.
 */
#ifndef OFFBOX_FOLD_H
#define OFFBOX_FOLD_H

#include "input/walk.h"
#include "report/report.h"
#include "scan_options.h"
#include "state/state.h"

/* What a state is made under. -1 and `err` when memory is out. */
int fold_key(const struct scan_options *options, struct state_key *key,
             struct err *err);

/*
 * Let `report`, released or all zero, hold what reading all of the walk
 * would have given, of the instances that may alert; pairs and instances are
 * counted whole. `options->state` is then what is to be committed. -1 and
 * `err` when the run cannot go on.
 */
int fold_read(const struct scan_options *options, const struct walk *walk,
              struct report *report, struct err *err);

#endif
