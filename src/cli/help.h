/*
 * help.h - what the program says of itself, from the tables of options and
 * formats.
 */
#ifndef OFFBOX_CLI_HELP_H
#define OFFBOX_CLI_HELP_H

#include "base/out.h"

/* The line that a call without a path gets. */
void help_write_usage(struct out *out);

/* The options in groups: at most 80 columns wide and 40 lines long
 * (tests/cli/help). What does not fit is the manual's. */
void help_write(struct out *out);

#endif
