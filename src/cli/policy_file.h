/*
 * policy_file.h - the policies of the command line, read whole and checked
 * before anything else is read.
 */
#ifndef OFFBOX_CLI_POLICY_FILE_H
#define OFFBOX_CLI_POLICY_FILE_H

#include "detect/policy.h"

/*
 * Read the policies in `paths`, one after the other, into `policy`, which
 * the caller releases whatever comes back; the paths must outlive it. -1
 * and `err` if one cannot be read or holds what is no statement.
 */
int policy_files_read(struct policy *policy, const char *const *paths,
                      size_t count, struct err *err);

#endif
