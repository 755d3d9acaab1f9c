/*
 * spool.h - bytes put aside on the disk, to be read back by their place.
 *
 * The file has no name once it is open: whatever becomes of the process,
 * nothing is left lying. One thread at a time.
 */
#ifndef OFFBOX_BASE_SPOOL_H
#define OFFBOX_BASE_SPOOL_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

struct spool {
    bool is_open;
    int fd;
    struct buf pending; /* not yet written, from … */
    uint64_t written;   /* … this place on */
};

/* A new one in the folder `folder` (sys_open_nameless()). -1 and `err` if it
 * cannot be made. Any thread. */
int spool_open(struct spool *spool, const char *folder, struct err *err);

/* Safe for a zeroed one. */
void spool_release(struct spool *spool);

/* Put `bytes` aside; `*place` is where. -1 and `err` if the disk or memory is
 * full. */
int spool_add(struct spool *spool, struct span bytes, uint64_t *place,
              struct err *err);

/* Everything goes to the disk; then it can be read. -1 and `err`. */
int spool_end(struct spool *spool, struct err *err);

/* The `bytes` bytes at `place`, in the place of what `into` held. -1 and `err`
 * if they cannot be read. */
int spool_read(const struct spool *spool, uint64_t place, size_t bytes,
               struct buf *into, struct err *err);

#endif
