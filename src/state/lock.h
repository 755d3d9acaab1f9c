/*
 * lock.h - one run at a time.
 *
 * The lock is flock(2) on a side file, TARGET.lock, since TARGET itself is
 * replaced by renaming. The side file stays when the lock is released: to
 * remove it would let two runs hold two files of one name. The kernel
 * frees the lock when the run dies, however it dies.
 */
#ifndef OFFBOX_STATE_LOCK_H
#define OFFBOX_STATE_LOCK_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

struct lock {
    int fd; /* -1: not held */
};

#define LOCK_INIT ((struct lock){-1})

/* Append the path of the side file of `target`. */
void lock_path(struct buf *path, const char *target);

/*
 * Take the lock of `target` and wait at most about `wait` (ticks of
 * base/timestamp.h) for a run that holds it; 0 does not wait. The side
 * file is made, mode 0600, if it is not there.
 *
 * 0; or -1 and `err`: another run holds it, or the side file cannot be
 * opened (no such folder, a folder that cannot be written to).
 */
int lock_take(struct lock *lock, const char *target, int64_t wait,
              struct err *err);

/* Releasing what is not held is safe. */
void lock_release(struct lock *lock);

#endif
