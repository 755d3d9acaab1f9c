/* Writes come in blocks, reads one by one. */
#include "base/spool.h"

#include "base/sys.h"

#include <errno.h>
#include <unistd.h>

#define BLOCK_BYTES ((size_t)256 * 1024)

/* Names that are tried: those that are taken were left by runs that were
 * killed in the moment that they had one, or are another thread's. */
#define NAMES_TRIED 100

int spool_open(struct spool *spool, const char *folder, struct err *err)
{
    struct buf name = BUF_INIT;

    *spool = (struct spool){.pending = BUF_INIT, .fd = -1};
    errno = EEXIST;
    for (int i = 0; i < NAMES_TRIED && spool->fd < 0 && errno == EEXIST; i++) {
        buf_clear(&name);
        buf_printf(&name, "%s/spool.%ld-%d.tmp", folder, (long)getpid(), i);
        if (!buf_str(&name)) {
            buf_release(&name);
            return err_memory(err);
        }
        spool->fd = sys_open_new(name.ptr, 0600);
    }
    if (spool->fd < 0)
        err_set_errno(err, "cannot make a temporary file");
    else
        (void)sys_unlink(name.ptr);
    buf_release(&name);
    spool->is_open = spool->fd >= 0;
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
