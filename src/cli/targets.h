/*
 * targets.h - the files that a run replaces are no others of its files.
 *
 * To write over an input destroys evidence, and a history that is also an
 * output loses one of the two. Both are refused before anything is read.
 */
#ifndef OFFBOX_CLI_TARGETS_H
#define OFFBOX_CLI_TARGETS_H

#include "cli/options.h"
#include "input/walk.h"

/* The history and its lock file are no output and no other file of the
 * options, nor what standard output goes to. 0, or -1 and `err`. */
int targets_check_history(const struct config *config, struct err *err);

/* The same for the state, which is not the history either. */
int targets_check_state(const struct config *config, struct err *err);

/* Each file that is written whole (outputs, the summary, the partial) is no
 * other of them and none that the run reads to know what to do. What is written
 * in place (a FIFO, a device, a descriptor) may be several. 0, or -1 and `err`.
 */
int targets_check_outputs(const struct config *config, struct err *err);

/* No output, no history and no state is an input of the walk. 0, or -1 and
 * `err`. */
int targets_check_inputs(const struct config *config, const struct walk *walk,
                         struct err *err);

#endif
