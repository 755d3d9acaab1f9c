/*
 * base/sys.c whose calls fail when they are told to. The program is linked
 * with this in the place of the library's own door (offbox_faults); the
 * program that is shipped knows nothing of it.
 *
 *   OFFBOX_FAULT=DOOR:N    the N-th call through DOOR fails
 *   OFFBOX_FAULT=DOOR:N+   that and each later one
 *   OFFBOX_FAULT_LOG=FILE  gets "hit" and the descriptor, or -1, when the
 *                          first fails, and how often each door was used
 *
 * The doors and how they fail are in the table below. A call that fails is
 * not made, but close() is, as the system would.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum door {
    DOOR_MEMORY,
    DOOR_OPEN,
    DOOR_STAT,
    DOOR_OPENDIR,
    DOOR_READDIR,
    DOOR_CLOSEDIR,
    DOOR_READLINK,
    DOOR_DUP,
    DOOR_FCHMOD,
    DOOR_CLOSE,
    DOOR_READ,
    DOOR_WRITE,
    DOOR_POLL,
    DOOR_FSYNC,
    DOOR_RENAME,
    DOOR_UNLINK,
    DOOR_MKDIR,
    DOOR_FLOCK,
    DOOR_THREAD,
    DOOR_RANDOM,
    DOOR_CLOCK,
    DOOR_COUNT,
};

static struct {
    const char *name;
    int cause;
    atomic_ulong calls;
} doors[DOOR_COUNT] = {
    [DOOR_MEMORY] = {"memory", ENOMEM, 0},
    [DOOR_OPEN] = {"open", EMFILE, 0},
    [DOOR_STAT] = {"stat", EACCES, 0},
    [DOOR_OPENDIR] = {"opendir", ENOMEM, 0},
    [DOOR_READDIR] = {"readdir", EIO, 0},
    [DOOR_CLOSEDIR] = {"closedir", EIO, 0},
    [DOOR_READLINK] = {"readlink", EIO, 0},
    [DOOR_DUP] = {"dup", EMFILE, 0},
    [DOOR_FCHMOD] = {"fchmod", EPERM, 0},
    [DOOR_CLOSE] = {"close", EIO, 0},
    [DOOR_READ] = {"read", EIO, 0},
    [DOOR_WRITE] = {"write", ENOSPC, 0},
    [DOOR_POLL] = {"poll", ENOMEM, 0},
    [DOOR_FSYNC] = {"fsync", EIO, 0},
    [DOOR_RENAME] = {"rename", EACCES, 0},
    [DOOR_UNLINK] = {"unlink", EACCES, 0},
    [DOOR_MKDIR] = {"mkdir", EACCES, 0},
    [DOOR_FLOCK] = {"flock", ENOLCK, 0},
    [DOOR_THREAD] = {"thread", EAGAIN, 0},
    [DOOR_RANDOM] = {"random", EAGAIN, 0},
    [DOOR_CLOCK] = {"clock", EINVAL, 0},
};

static enum door failing = DOOR_COUNT;
static unsigned long fails_at; /* this call */
static bool fails_on;          /* and all later ones */
static int log_fd = -1;

static void fault_log(const char *what, long number)
{
    if (log_fd >= 0)
        (void)dprintf(log_fd, "%s %ld\n", what, number);
}

__attribute__((constructor)) static void fault_begin(void)
{
    const char *fault = getenv("OFFBOX_FAULT");
    const char *log = getenv("OFFBOX_FAULT_LOG");
    size_t name = fault ? strcspn(fault, ":") : 0;
    char *end;

    if (log)
        log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (!fault)
        return;
    for (int i = 0; i < DOOR_COUNT; i++)
        if (strlen(doors[i].name) == name &&
            strncmp(doors[i].name, fault, name) == 0)
            failing = (enum door)i;
    if (failing == DOOR_COUNT || fault[name] != ':') {
        (void)fprintf(stderr, "OFFBOX_FAULT: no such door: %s\n", fault);
        _exit(99);
    }
    fails_at = strtoul(fault + name + 1, &end, 10);
    fails_on = *end == '+';
}

__attribute__((destructor)) static void fault_end(void)
{
    for (int i = 0; i < DOOR_COUNT; i++)
        fault_log(doors[i].name, (long)atomic_load(&doors[i].calls));
}

/* Count a call; must it fail? Then errno is set. `fd` is for the log. */
static bool fault(enum door door, int fd)
{
    unsigned long call = atomic_fetch_add(&doors[door].calls, 1) + 1;

    if (door != failing || call < fails_at || (call > fails_at && !fails_on))
        return false;
    if (call == fails_at)
        fault_log("hit", fd);
    errno = doors[door].cause;
    return true;
}

static void *faulty_malloc(size_t bytes)
{
    return fault(DOOR_MEMORY, -1) ? NULL : malloc(bytes);
}

static void *faulty_calloc(size_t count, size_t bytes)
{
    return fault(DOOR_MEMORY, -1) ? NULL : calloc(count, bytes);
}

static void *faulty_realloc(void *old, size_t bytes)
{
    return fault(DOOR_MEMORY, -1) ? NULL : realloc(old, bytes);
}

static int faulty_openat(int dir, const char *path, int flags)
{
    return fault(DOOR_OPEN, -1) ? -1 : openat(dir, path, flags);
}

static int faulty_open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list rest;

    va_start(rest, flags);
    if (flags & O_CREAT)
        mode = va_arg(rest, mode_t);
    va_end(rest);
    return fault(DOOR_OPEN, -1) ? -1 : open(path, flags, mode);
}

static int faulty_fstat(int fd, struct stat *st)
{
    return fault(DOOR_STAT, fd) ? -1 : fstat(fd, st);
}

static int faulty_fstatat(int dir, const char *path, struct stat *st, int flags)
{
    return fault(DOOR_STAT, -1) ? -1 : fstatat(dir, path, st, flags);
}

static DIR *faulty_fdopendir(int fd)
{
    return fault(DOOR_OPENDIR, fd) ? NULL : fdopendir(fd);
}

static struct dirent *faulty_readdir(DIR *dir)
{
    return fault(DOOR_READDIR, -1) ? NULL : readdir(dir);
}

static int faulty_closedir(DIR *dir)
{
    bool fails = fault(DOOR_CLOSEDIR, -1);
    int ret = closedir(dir);

    return fails ? -1 : ret;
}

static ssize_t faulty_readlink(const char *path, char *into, size_t max_bytes)
{
    return fault(DOOR_READLINK, -1) ? -1 : readlink(path, into, max_bytes);
}

static int faulty_dup(int fd)
{
    return fault(DOOR_DUP, fd) ? -1 : dup(fd);
}

static int faulty_fchmod(int fd, mode_t mode)
{
    return fault(DOOR_FCHMOD, fd) ? -1 : fchmod(fd, mode);
}

static int faulty_close(int fd)
{
    int ret = close(fd);

    return fault(DOOR_CLOSE, fd) ? -1 : ret;
}

static ssize_t faulty_read(int fd, void *into, size_t bytes)
{
    return fault(DOOR_READ, fd) ? -1 : read(fd, into, bytes);
}

static ssize_t faulty_write(int fd, const void *from, size_t bytes)
{
    return fault(DOOR_WRITE, fd) ? -1 : write(fd, from, bytes);
}

static int faulty_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    return fault(DOOR_POLL, -1) ? -1 : poll(fds, count, timeout_ms);
}

static int faulty_fsync(int fd)
{
    return fault(DOOR_FSYNC, fd) ? -1 : fsync(fd);
}

static int faulty_rename(const char *from, const char *to)
{
    return fault(DOOR_RENAME, -1) ? -1 : rename(from, to);
}

static int faulty_unlink(const char *path)
{
    return fault(DOOR_UNLINK, -1) ? -1 : unlink(path);
}

static int faulty_mkdir(const char *path, mode_t mode)
{
    return fault(DOOR_MKDIR, -1) ? -1 : mkdir(path, mode);
}

static ssize_t faulty_pread(int fd, void *into, size_t bytes, off_t offset)
{
    return fault(DOOR_READ, fd) ? -1 : pread(fd, into, bytes, offset);
}

static int faulty_flock(int fd, int operation)
{
    return fault(DOOR_FLOCK, fd) ? -1 : flock(fd, operation);
}

static int faulty_thread(pthread_t *thread, const pthread_attr_t *attributes,
                         void *(*run)(void *), void *argument)
{
    return fault(DOOR_THREAD, -1)
               ? errno
               : pthread_create(thread, attributes, run, argument);
}

static int faulty_mkstemp(char *path)
{
    return fault(DOOR_OPEN, -1) ? -1 : mkstemp(path);
}

static ssize_t faulty_getrandom(void *into, size_t bytes, unsigned flags)
{
    return fault(DOOR_RANDOM, -1) ? -1 : getrandom(into, bytes, flags);
}

static int faulty_clock(clockid_t clock, struct timespec *now)
{
    return fault(DOOR_CLOCK, -1) ? -1 : clock_gettime(clock, now);
}

#define malloc         faulty_malloc
#define calloc         faulty_calloc
#define realloc        faulty_realloc
#define openat         faulty_openat
#define open           faulty_open
#define mkstemp        faulty_mkstemp
#define fstat          faulty_fstat
#define fstatat        faulty_fstatat
#define fdopendir      faulty_fdopendir
#define readdir        faulty_readdir
#define closedir       faulty_closedir
#define readlink       faulty_readlink
#define dup            faulty_dup
#define fchmod         faulty_fchmod
#define close          faulty_close
#define read           faulty_read
#define write          faulty_write
#define poll           faulty_poll
#define fsync          faulty_fsync
#define rename         faulty_rename
#define unlink         faulty_unlink
#define mkdir          faulty_mkdir
#define pread          faulty_pread
#define flock          faulty_flock
#define pthread_create faulty_thread
#define getrandom      faulty_getrandom
#define clock_gettime  faulty_clock
#include "base/sys.c"
