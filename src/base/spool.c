/* Writes come in blocks, reads one by one. */
#include "base/spool.h"

#include "base/sys.h"

#include <errno.h>

#define BLOCK_BYTES ((size_t)256 * 1024)

int spool_open(struct spool *spool, const char *folder, struct err *err)
{
    *spool = (struct spool){.pending = BUF_INIT};
    spool->fd = sys_open_nameless(folder);
    spool->is_open = spool->fd >= 0;
    if (!spool->is_open)
        err_set_errno(err, "cannot make a temporary file");
    return spool->is_open ? 0 : -1;
}

void spool_release(struct spool *spool)
{
    if (spool->is_open)
        (void)sys_close(spool->fd); /* what it held is of no more use */
    buf_release(&spool->pending);
    *spool = (struct spool){0};
}

int spool_end(struct spool *spool, struct err *err)
{
    size_t bytes = spool->pending.len;

    if (bytes > 0 && sys_write(spool->fd, spool->pending.ptr, bytes) < 0) {
        err_set_errno(err, "cannot write a temporary file");
        return -1;
    }
    spool->written += bytes;
    buf_clear(&spool->pending);
    return 0;
}

int spool_add(struct spool *spool, struct span bytes, uint64_t *place,
              struct err *err)
{
    *place = spool->written + spool->pending.len;
    buf_add(&spool->pending, bytes);
    if (spool->pending.failed)
        return err_memory(err);
    return spool->pending.len < BLOCK_BYTES ? 0 : spool_end(spool, err);
}

int spool_read(const struct spool *spool, uint64_t place, size_t bytes,
               struct buf *into, struct err *err)
{
    char *at;

    buf_clear(into);
    at = buf_reserve(into, bytes);
    if (!at)
        return err_memory(err);
    while (into->len < bytes) {
        ssize_t got = sys_pread(spool->fd, at + into->len, bytes - into->len,
                                (off_t)(place + into->len));

        if (got <= 0) {
            if (got == 0)
                errno = EIO; /* somebody cut it */
            err_set_errno(err, "cannot read a temporary file");
            return -1;
        }
        into->len += (size_t)got;
    }
    return 0;
}
