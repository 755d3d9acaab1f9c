/*
 * owner_files.h - the files of the command line that tell who owns an
 * address.
 */
#ifndef OFFBOX_CLI_OWNER_FILES_H
#define OFFBOX_CLI_OWNER_FILES_H

#include "cli/options.h"
#include "detect/owners.h"

/* Read what the options name into `owners` (all zero), which the caller
 * releases whatever comes back. -1 and `err` if one cannot be read or is not
 * what it should be. */
int owner_files_read(const struct config *config, struct owners *owners,
                     struct err *err);

#endif
