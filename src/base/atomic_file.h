/*
 * atomic_file.h - a file that appears whole or not at all.
 *
 * The bytes go to a temporary file beside the target, which is flushed,
 * synced and renamed over it only when all is well. A link's target is
 * replaced, not the link; the old file's mode is kept, a new file is 0600.
 * What is no regular file (a FIFO, a device) is written in place, and so
 * is an open descriptor by its name (-, which is standard output, /dev/stdout,
 * /dev/fd/3), whatever it is: behind what was written to it before.
 *
 * A run that is killed outright leaves its temporary file, TARGET.PID.tmp
 * (a long name is cut), which hinders no later run.
 */
#ifndef OFFBOX_BASE_ATOMIC_FILE_H
#define OFFBOX_BASE_ATOMIC_FILE_H

#include "base/err.h"

#include <stdbool.h>

struct atomic_file {
    int fd;          /* write here; -1 when closed */
    char *target;    /* owned; links resolved */
    char *temporary; /* owned; NULL when written in place */
    int slot;        /* in the list that a signal cleans up; -1 if none */
};

#define ATOMIC_FILE_INIT ((struct atomic_file){-1, NULL, NULL, -1})

/* 0, or -1 and `err`. */
int atomic_file_open(struct atomic_file *file, const char *path,
                     struct err *err);

/* Sync, close, rename. 0; or -1 and `err` with the target as it was. */
int atomic_file_commit(struct atomic_file *file, struct err *err);

/* Bring what was written to `fd` to the disk, if it is a regular file:
 * only that can. 0, or -1 and `err`. */
int atomic_file_sync(int fd, struct err *err);

/* Does `path` name an open descriptor, which is written in place? */
bool atomic_file_is_descriptor(const char *path);

/* The file that `path` names, behind any links; a link to what does not
 * exist yet names that. The caller frees it with sys_free(); NULL and
 * `err` if the links are a circle or too long, or memory is out. */
char *atomic_file_target(const char *path, struct err *err);

/* Drop what was not committed. Safe after a commit and when never opened. */
void atomic_file_release(struct atomic_file *file);

/*
 * Remove the temporary files of this process. Async-signal-safe: it is
 * what a handler of SIGINT and SIGTERM calls before the process dies.
 */
void atomic_file_remove_all(void);

#endif
