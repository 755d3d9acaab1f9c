/* Temporary file, fsync, rename: see atomic_file.h. */
#include "base/atomic_file.h"

#include "base/buf.h"
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Outputs are opened one after another, so a few slots are plenty; one
 * more than these is merely not removed by a signal. */
#define SLOTS 8

/* Names that are tried for one temporary file. Each that is taken was left
 * by a run that was killed outright and had our process number; in a
 * container every run may have the same. */
#define NAMES_TRIED 100

static const char *volatile temporaries[SLOTS];

static int take_slot(const char *path)
{
    for (int i = 0; i < SLOTS; i++)
        if (!temporaries[i]) {
            temporaries[i] = path;
            return i;
        }
    return -1;
}

void atomic_file_remove_all(void)
{
    for (int i = 0; i < SLOTS; i++)
        if (temporaries[i])
            (void)sys_unlink(temporaries[i]);
}

static void forget_temporary(struct atomic_file *file)
{
    if (file->slot >= 0)
        temporaries[file->slot] = NULL;
    file->slot = -1;
    sys_free(file->temporary);
    file->temporary = NULL;
}

static char *copy_string(const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = sys_malloc(bytes);

    if (copy)
        memcpy(copy, text, bytes);
    return copy;
}

char *atomic_file_target(const char *path, struct err *err)
{
    char at[PATH_MAX], next[PATH_MAX];
    char *resolved = NULL;

    if (strlen(path) >= sizeof(at)) {
        errno = ENAMETOOLONG;
        goto fail;
    }
    memcpy(at, path, strlen(path) + 1);
    for (int links = 0;; links++) {
        ssize_t len = sys_readlink(at, next, sizeof(next) - 1);

        /* It is no link, or will be made: anything else must not pass
         * for that, or the link itself would be replaced. */
        if (len < 0 && (errno == EINVAL || errno == ENOENT))
            break;
        if (len < 0)
            goto fail;
        next[len] = '\0';
        if (links == 40) { /* as the kernel */
            errno = ELOOP;
            goto fail;
        }
        if (next[0] != '/') { /* relative to the folder of the link */
            char *slash = strrchr(at, '/');
            size_t folder = slash ? (size_t)(slash - at) + 1 : 0;

            if (folder + (size_t)len >= sizeof(at)) {
                errno = ENAMETOOLONG;
                goto fail;
            }
            memcpy(at + folder, next, (size_t)len + 1);
        } else {
            memcpy(at, next, (size_t)len + 1);
        }
    }
    resolved = copy_string(at);
    if (resolved)
        return resolved;
fail:
    err_set(err, "%s", strerror(errno));
    return NULL;
}

/* The descriptor that `path` names, or -1. Opening such a name anew would
 * write over a redirected file from its start. */
static int named_descriptor(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    char *end;

    if (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        size_t len = strlen(folders[i]);
        long fd;

        if (strncmp(path, folders[i], len) != 0 || path[len] < '0' ||
            path[len] > '9')
            continue;
        fd = strtol(path + len, &end, 10);
        if (!*end && fd <= INT_MAX)
            return (int)fd;
    }
    return -1;
}

bool atomic_file_is_descriptor(const char *path)
{
    return named_descriptor(path) >= 0;
}

/* Create what `file->temporary` names, and let a signal that comes in
 * between wait: it would find a file that is in no slot yet. */
static int create_temporary(struct atomic_file *file, mode_t mode)
{
    sigset_t all, before;

    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, &before);
    file->fd = sys_open_write(file->temporary, O_EXCL, mode & 0777);
    if (file->fd >= 0)
        file->slot = take_slot(file->temporary);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return file->fd;
}

/* Room for ".PID-TRIED.tmp" in a file's name. */
#define SUFFIX_BYTES 32

/* How much of the target's path begins the temporary's: all, but of a name that
 * would become too long. */
static int stem_len(const char *target)
{
    const char *slash = strrchr(target, '/');
    size_t folder = slash ? (size_t)(slash - target) + 1 : 0;
    size_t name = strlen(target + folder);

    return (int)(folder + (name + SUFFIX_BYTES > NAME_MAX
                               ? NAME_MAX - SUFFIX_BYTES
                               : name));
}

/* Beside the target: a rename cannot leave the file system. The process
 * number keeps two runs apart; O_EXCL keeps off what lies there. */
static int open_temporary(struct atomic_file *file, mode_t mode,
                          struct err *err)
{
    for (int tried = 0; file->fd < 0; tried++) {
        struct buf name = BUF_INIT;
        int cause;

        buf_printf(&name, "%.*s.%ld", stem_len(file->target), file->target,
                   (long)getpid());
        if (tried > 0)
            buf_printf(&name, "-%d", tried);
        buf_add(&name, SPAN(".tmp"));
        file->temporary = buf_str(&name) ? name.ptr : NULL;
        if (!file->temporary) {
            buf_release(&name);
            return err_memory(err);
        }
        if (create_temporary(file, mode) >= 0)
            break;
        cause = errno;
        err_set(err, "%s", strerror(cause));
        forget_temporary(file);
        if (cause != EEXIST || tried + 1 == NAMES_TRIED)
            return -1;
    }
    /* The umask does not apply to the mode of a file that was there. */
    if (sys_fchmod(file->fd, mode & 07777) < 0) {
        err_set_errno(err, "cannot set its mode");
        return -1;
    }
    return 0;
}

int atomic_file_open(struct atomic_file *file, const char *path,
                     struct err *err)
{
    struct stat st;
    mode_t mode = 0600;
    int named = named_descriptor(path);
    int ret = -1;

    *file = ATOMIC_FILE_INIT;
    if (named >= 0) {
        file->fd = sys_dup(named);
        if (file->fd < 0)
            err_set(err, "%s", strerror(errno));
        return file->fd < 0 ? -1 : 0;
    }
    if (sys_stat(path, &st) == 0) {
        if (!S_ISREG(st.st_mode)) {
            file->fd = sys_open_write(path, 0, mode);
            if (file->fd < 0)
                err_set(err, "%s", strerror(errno));
            ret = file->fd < 0 ? -1 : 0;
            goto done;
        }
        mode = st.st_mode;
    } else if (errno != ENOENT) {
        err_set(err, "%s", strerror(errno));
        goto done;
    }
    file->target = atomic_file_target(path, err);
    if (!file->target)
        goto done;
    ret = open_temporary(file, mode, err);
done:
    if (ret < 0)
        atomic_file_release(file);
    return ret;
}

/* The rename itself must survive a power cut, so the folder is synced,
 * too. Some file systems cannot; the rename stands all the same. */
static void sync_folder(const char *target)
{
    char *copy = copy_string(target);
    int fd = copy ? sys_open_read(dirname(copy), O_DIRECTORY) : -1;

    if (fd >= 0) {
        (void)sys_fsync(fd);
        (void)sys_close(fd);
    }
    sys_free(copy);
}

int atomic_file_sync(int fd, struct err *err)
{
    struct stat st;

    if (sys_fstat(fd, &st) == 0 && (!S_ISREG(st.st_mode) || sys_fsync(fd) == 0))
        return 0;
    err_set_errno(err, "sync failed");
    return -1;
}

int atomic_file_commit(struct atomic_file *file, struct err *err)
{
    int ret = -1;

    if (atomic_file_sync(file->fd, err) < 0)
        goto done;
    ret = sys_close(file->fd);
    file->fd = -1;
    if (ret < 0) {
        err_set_errno(err, "close failed");
        goto done;
    }
    if (file->temporary) {
        ret = sys_rename(file->temporary, file->target);
        if (ret < 0) {
            err_set_errno(err, "rename failed");
            goto done;
        }
        forget_temporary(file);
        sync_folder(file->target);
    }
done:
    atomic_file_release(file);
    return ret;
}

void atomic_file_release(struct atomic_file *file)
{
    if (!file)
        return;
    if (file->fd >= 0)
        (void)sys_close(file->fd);
    file->fd = -1;
    if (file->temporary) {
        (void)sys_unlink(file->temporary);
        forget_temporary(file);
    }
    sys_free(file->target);
    file->target = NULL;
}
