/*
 * The door itself: thin, so that what a test build replaces here is the
 * whole of what can fail.
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

void *sys_malloc(size_t bytes)
{
    return malloc(bytes ? bytes : 1);
}

void *sys_calloc(size_t count, size_t bytes)
{
    return calloc(count ? count : 1, bytes ? bytes : 1);
}

void *sys_realloc(void *old, size_t bytes)
{
    return realloc(old, bytes ? bytes : 1);
}

void sys_free(void *ptr)
{
    free(ptr);
}

void *sys_grow(void *array, size_t *capacity, size_t wanted, size_t bytes)
{
    size_t grown = *capacity ? *capacity : 8;
    void *moved;

    if (array && wanted <= *capacity)
        return array;
    while (grown < wanted) {
        if (grown > SIZE_MAX / 2) {
            errno = ENOMEM;
            return NULL;
        }
        grown *= 2;
    }
    if (grown > SIZE_MAX / bytes) {
        errno = ENOMEM;
        return NULL;
    }
    moved = sys_realloc(array, grown * bytes);
    if (moved)
        *capacity = grown;
    return moved;
}

void sys_populate(void *memory, size_t bytes)
{
#ifdef MADV_POPULATE_WRITE
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t before = (page - (uintptr_t)memory % page) % page;
    int cause = errno;

    if (bytes >= before + page) /* its whole pages */
        (void)madvise((char *)memory + before, (bytes - before) / page * page,
                      MADV_POPULATE_WRITE);
    errno = cause; /* an older kernel refuses, which is no failure */
#else
    (void)memory, (void)bytes;
#endif
}

static int open_retrying(int dir, const char *path, int flags)
{
    int fd;

    do
        fd = openat(dir, path, flags | O_RDONLY | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* The last '/' within the first PATH_MAX bytes, where the path can be
 * cut; NULL if one component alone is too long. */
static const char *cut_point(const char *path)
{
    const char *cut = NULL;

    for (size_t i = 1; i < PATH_MAX - 1 && path[i] != '\0'; i++)
        if (path[i] == '/' && path[i - 1] != '/')
            cut = path + i;
    return cut;
}

/* Closes a directory that descend() opened. */
static void close_keeping_errno(int dir)
{
    int cause = errno;

    if (dir != AT_FDCWD)
        (void)sys_close(dir);
    errno = cause;
}

/*
 * Opens the leading directories of a `*path` too long for one call and
 * moves `*path` to the rest, which is never empty. The result is what the
 * rest is relative to: AT_FDCWD or a descriptor to close; -1 with errno.
 */
static int descend(const char **path)
{
    int dir = AT_FDCWD;

    while (strnlen(*path, PATH_MAX) == PATH_MAX) {
        const char *cut = cut_point(*path);
        char piece[PATH_MAX];
        int next = -1;

        if (cut) {
            memcpy(piece, *path, (size_t)(cut - *path));
            piece[cut - *path] = '\0';
            next = open_retrying(dir, piece, O_DIRECTORY);
        } else {
            errno = ENAMETOOLONG;
        }
        close_keeping_errno(dir);
        if (next < 0)
            return -1;
        dir = next;
        *path = cut + strspn(cut, "/");
    }
    if (dir != AT_FDCWD && **path == '\0')
        *path = "."; /* it ended in slashes */
    return dir;
}

int sys_open_read(const char *path, int flags)
{
    int dir = descend(&path);
    int fd;

    if (dir == -1)
        return -1;
    fd = open_retrying(dir, path, flags);
    close_keeping_errno(dir);
    return fd;
}

int sys_open_read_at(int dir, const char *name, int flags)
{
    return open_retrying(dir, name, flags);
}

int sys_open_write(const char *path, int flags, mode_t mode)
{
    int fd;

    do
        fd = open(path, flags | O_WRONLY | O_CREAT | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* A signal that comes between waits: it would leave the name. */
int sys_open_nameless(const char *folder)
{
    static const char name[] = "/offbox.XXXXXX";
    char path[PATH_MAX];
    sigset_t all, before;
    size_t len = strlen(folder);
    int fd;

    if (len + sizeof(name) > sizeof(path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(path, folder, len);
    memcpy(path + len, name, sizeof(name));
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    fd = mkstemp(path); /* no program is executed that could inherit it */
    if (fd >= 0 && unlink(path) < 0) {
        int cause = errno;

        (void)close(fd);
        errno = cause;
        fd = -1;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return fd;
}

int sys_open_null(int fd)
{
    int opened = open("/dev/null", O_RDONLY);

    return opened == fd ? 0 : -1;
}

int sys_fstat(int fd, struct stat *st)
{
    return fstat(fd, st);
}

int sys_fstatat(int dir, const char *name, struct stat *st, int flags)
{
    return fstatat(dir, name, st, flags);
}

int sys_stat(const char *path, struct stat *st)
{
    int dir = descend(&path);
    int ret;

    if (dir == -1)
        return -1;
    ret = fstatat(dir, path, st, 0);
    close_keeping_errno(dir);
    return ret;
}

DIR *sys_fdopendir(int fd)
{
    return fdopendir(fd);
}

struct dirent *sys_readdir(DIR *dir)
{
    errno = 0;
    return readdir(dir);
}

int sys_closedir(DIR *dir)
{
    return closedir(dir);
}

ssize_t sys_readlink(const char *path, char *into, size_t max_bytes)
{
    return readlink(path, into, max_bytes);
}

int sys_dup(int fd)
{
    return dup(fd);
}

int sys_fchmod(int fd, mode_t mode)
{
    return fchmod(fd, mode);
}

/* Linux closes the descriptor even when close() reports EINTR, so it is
 * not tried again: the number may already be another thread's. */
int sys_close(int fd)
{
    int ret = close(fd);

    return ret < 0 && errno == EINTR ? 0 : ret;
}

/* After a failed call on `fd`: true if it is worth trying again, because a
 * signal came, or because the descriptor is non-blocking (a terminal's or a
 * pipe's other user may have made it so) and has been waited for. */
static bool try_again(int fd, short events)
{
    struct pollfd one = {.fd = fd, .events = events};

    if (errno != EAGAIN && errno != EWOULDBLOCK)
        return errno == EINTR;
    return poll(&one, 1, -1) >= 0 || errno == EINTR;
}

ssize_t sys_read(int fd, void *into, size_t bytes)
{
    ssize_t got;

    do
        got = read(fd, into, bytes);
    while (got < 0 && try_again(fd, POLLIN));
    return got;
}

ssize_t sys_pread(int fd, void *into, size_t bytes, off_t offset)
{
    ssize_t got;

    do
        got = pread(fd, into, bytes, offset);
    while (got < 0 && errno == EINTR);
    return got;
}

int sys_write(int fd, const void *from, size_t bytes)
{
    const char *at = from;

    while (bytes > 0) {
        ssize_t put = write(fd, at, bytes);

        if (put < 0) {
            if (try_again(fd, POLLOUT))
                continue;
            return -1;
        }
        at += put;
        bytes -= (size_t)put;
    }
    return 0;
}

int sys_fsync(int fd)
{
    return fsync(fd);
}

int sys_flock(int fd, int operation)
{
    int ret;

    do
        ret = flock(fd, operation);
    while (ret < 0 && errno == EINTR);
    return ret;
}

int sys_rename(const char *from, const char *to)
{
    return rename(from, to);
}

int sys_unlink(const char *path)
{
    return unlink(path);
}

int sys_mkdir(const char *path, mode_t mode)
{
    return mkdir(path, mode);
}

int sys_thread_create(pthread_t *thread, void *(*run)(void *argument),
                      void *argument)
{
    return pthread_create(thread, NULL, run, argument);
}

int sys_random(void *into, size_t bytes)
{
    return getrandom(into, bytes, GRND_NONBLOCK) == (ssize_t)bytes ? 0 : -1;
}

int sys_clock(struct timespec *now)
{
    return clock_gettime(CLOCK_REALTIME, now);
}

int sys_monotonic(struct timespec *now)
{
    return clock_gettime(CLOCK_MONOTONIC, now);
}
