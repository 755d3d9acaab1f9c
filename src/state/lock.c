/* flock(2) without blocking, tried again after a nap: a blocked one could
 * only be ended by a signal. */
#include "state/lock.h"

#include "base/quote.h"
#include "base/sys.h"
#include "base/timestamp.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

/* Short beside a run, long beside a system call. */
#define NAP_TICKS (TICKS_PER_SECOND / 50)

static void nap(int64_t ticks)
{
    struct timespec time = {
        .tv_sec = (time_t)(ticks / TICKS_PER_SECOND),
        .tv_nsec = (long)(ticks % TICKS_PER_SECOND) * 100,
    };

    (void)nanosleep(&time, NULL);
}

/* Is the open file still the one of that name? Whoever removed it in the
 * meantime made room for a second lock. 1, 0; -1 with errno. */
static int is_current(int fd, const char *path)
{
    struct stat held, named;

    if (sys_fstat(fd, &held) < 0)
        return -1;
    if (sys_stat(path, &named) < 0)
        return errno == ENOENT ? 0 : -1;
    return held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

/* 1: held; 0: try again; -1: `err`. */
static int try_once(struct lock *lock, const char *path, struct err *err)
{
    struct quoted quoted;
    int ret = -1;
    /* No link is followed, and a FIFO of this name must not block. */
    int fd = sys_open_write(path, O_NOFOLLOW | O_NONBLOCK, 0600);

    if (fd < 0) {
        err_set_errno(err, "cannot open '%s'", quote(&quoted, span_str(path)));
        return -1;
    }
    if (sys_flock(fd, LOCK_EX | LOCK_NB) == 0)
        ret = is_current(fd, path);
    else if (errno == EWOULDBLOCK)
        ret = 0;
    if (ret < 0)
        err_set_errno(err, "cannot lock '%s'", quote(&quoted, span_str(path)));
    if (ret > 0)
        lock->fd = fd;
    else
        (void)sys_close(fd);
    return ret;
}

static int take(struct lock *lock, const char *path, int64_t wait,
                struct err *err)
{
    struct quoted quoted;
    int ret;

    for (int64_t waited = 0;; waited += NAP_TICKS) {
        ret = try_once(lock, path, err);
        if (ret != 0 || waited >= wait)
            break;
        nap(wait - waited < NAP_TICKS ? wait - waited : NAP_TICKS);
    }
    if (ret == 0)
        err_set(err, "another run holds '%s'%s", quote(&quoted, span_str(path)),
                wait > 0 ? " and did not end in time"
                         : "; --lock-wait waits for it");
    return ret > 0 ? 0 : -1;
}

void lock_path(struct buf *path, const char *target)
{
    buf_printf(path, "%s.lock", target);
}

int lock_take(struct lock *lock, const char *target, int64_t wait,
              struct err *err)
{
    struct buf path = BUF_INIT;
    int ret;

    *lock = LOCK_INIT;
    lock_path(&path, target);
    ret = buf_str(&path) ? take(lock, path.ptr, wait, err) : err_memory(err);
    buf_release(&path);
    return ret;
}

void lock_release(struct lock *lock)
{
    if (lock && lock->fd >= 0)
        (void)sys_close(lock->fd);
    if (lock)
        *lock = LOCK_INIT;
}
