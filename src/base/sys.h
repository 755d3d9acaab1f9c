/*
 * sys.h - the one door to the operating system and the allocator.
 *
 * Everything that can fail from outside goes through here and nowhere
 * else (tests/check_includes.py holds that), so a test build can make
 * the n-th call of a kind fail. The functions are the POSIX ones of the
 * same name, with three differences: interrupted calls are tried again,
 * reading and writing wait where a descriptor is non-blocking, and
 * sys_write() writes everything or fails.
 *
 * All are safe to call from any thread.
 */
#ifndef OFFBOX_BASE_SYS_H
#define OFFBOX_BASE_SYS_H

#include <dirent.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

/* NULL with errno = ENOMEM on failure. A size of 0 is treated as 1, so
 * NULL always means failure. sys_free(NULL) is a no-op. */
void *sys_malloc(size_t bytes);
void *sys_calloc(size_t count, size_t bytes);
void *sys_realloc(void *old, size_t bytes);
void sys_free(void *ptr);

/* `array` grown so that it holds at least `wanted` elements of `bytes`
 * each; `*capacity` (elements) is doubled as often as needed, so adding
 * one at a time stays linear. NULL on failure, with the old array and
 * capacity untouched. */
void *sys_grow(void *array, size_t *capacity, size_t wanted, size_t bytes);

/* Have the pages of new memory brought in at once that will be written soon,
 * where the kernel can (Linux 5.14); else they come when they are touched. */
void sys_populate(void *memory, size_t bytes);

/* Open `path` read-only (O_CLOEXEC added). Unlike open(2) a path longer
 * than PATH_MAX works: it is opened a piece at a time, so a tree nested
 * as deep as the file system allows can be read. -1 with errno. */
int sys_open_read(const char *path, int flags);

/* The same for a name below an open directory: one short enough for a
 * single call. */
int sys_open_read_at(int dir, const char *name, int flags);

/* Create or truncate for writing with `mode` and further `flags`. */
int sys_open_write(const char *path, int flags, mode_t mode);

/* A file in `folder`, for reading and writing, that is gone when its last
 * descriptor is closed, however the process ends. */
int sys_open_nameless(const char *folder);

/* /dev/null for reading (a write fails, as it should), which must become
 * descriptor `fd`, the lowest free one; -1
 * if it does not. */
int sys_open_null(int fd);

int sys_fstat(int fd, struct stat *st);
int sys_fstatat(int dir, const char *name, struct stat *st, int flags);

/* As sys_open_read() for the length of `path`; links are followed. */
int sys_stat(const char *path, struct stat *st);

/* The stream owns `fd` from then on; on NULL it is still the caller's. */
DIR *sys_fdopendir(int fd);

/* NULL at the end with errno 0, NULL on failure with another. */
struct dirent *sys_readdir(DIR *dir);
int sys_closedir(DIR *dir);

/* Without a NUL behind it, cut to `max_bytes`: its length, -1 with errno. */
ssize_t sys_readlink(const char *path, char *into, size_t max_bytes);

/* The duplicate stays open in a program that is executed: none is. */
int sys_dup(int fd);
int sys_fchmod(int fd, mode_t mode);
int sys_close(int fd);

/* Up to `bytes` bytes; 0 at the end; -1 with errno. */
ssize_t sys_read(int fd, void *into, size_t bytes);

/* The same from `offset` on, wherever the descriptor stands. */
ssize_t sys_pread(int fd, void *into, size_t bytes, off_t offset);

/* All `bytes` bytes: 0, or -1 with errno. */
int sys_write(int fd, const void *from, size_t bytes);

int sys_fsync(int fd);
/* `operation`: of flock(2). */
int sys_flock(int fd, int operation);
int sys_rename(const char *from, const char *to);
int sys_unlink(const char *path);
int sys_mkdir(const char *path, mode_t mode);

/* A joinable thread with the default attributes: 0, or an error number
 * (errno is left alone). For parallel.c, where threads begin and end. */
int sys_thread_create(pthread_t *thread, void *(*run)(void *argument),
                      void *argument);

/* Bytes that nobody can guess: 0; -1 with errno where there is no source
 * (an early boot, a strict sandbox). Never waits. */
int sys_random(void *into, size_t bytes);

/* The time since 1970, in UTC. */
int sys_clock(struct timespec *now);

/* A time that only runs forward, from no known beginning. */
int sys_monotonic(struct timespec *now);

#endif
