/* Two names are one file by device and inode, or, while there is no such
 * file, by its folder's and its name. */
#include "cli/targets.h"

#include "base/atomic_file.h"
#include "base/buf.h"
#include "base/quote.h"
#include "base/sys.h"
#include "state/lock.h"

#include <errno.h>
#include <unistd.h>

/* Where a name leads. */
struct place {
    struct stat st;   /* the file's; its folder's if there is no file */
    char *target;     /* owned; NULL without even a folder */
    const char *name; /* of what is not there yet; NULL if it is there */
};

/* The folder of a file whose path is `target` and whose name begins at
 * `name` in it. */
static int stat_folder(const char *target, const char *name, struct stat *st)
{
    struct buf folder = BUF_INIT;
    int ret = -1;

    buf_add(&folder, name > target ? span_of(target, (size_t)(name - target))
                                   : SPAN("."));
    if (buf_str(&folder))
        ret = sys_stat(folder.ptr, st);
    buf_release(&folder);
    return ret;
}

/* 0; or -1 and `err` if the system does not say where `path` leads: a
 * check that was not made must not pass. */
static int place_find(struct place *place, const char *path, struct err *err)
{
    struct quoted quoted;
    char *slash;
    bool nowhere;

    *place = (struct place){.target = atomic_file_target(path, err)};
    if (!place->target) {
        err_prefix(err, "cannot write '%s'", quote(&quoted, span_str(path)));
        return -1;
    }
    if (sys_stat(place->target, &place->st) == 0)
        return 0;
    slash = strrchr(place->target, '/');
    place->name = slash ? slash + 1 : place->target;
    if (errno == ENOENT &&
        stat_folder(place->target, place->name, &place->st) == 0)
        return 0;
    nowhere = errno == ENOENT;
    if (!nowhere)
        err_set_errno(err, "cannot write '%s'", quote(&quoted, span_str(path)));
    sys_free(place->target);
    *place = (struct place){0};
    return nowhere ? 0 : -1;
}

static bool same_place(const struct place *a, const struct place *b)
{
    if (!a->target || !b->target || !a->name != !b->name)
        return false;
    return a->st.st_dev == b->st.st_dev && a->st.st_ino == b->st.st_ino &&
           (!a->name || strcmp(a->name, b->name) == 0);
}

/* A file that is replaced under a lock, and the file that guards it. */
struct guarded_pair {
    const char *name; /* "history" */
    struct place file;
    struct place lock;
};

static int refuse_both(const char *path, const char *is, const char *name,
                       const char *part, struct err *err)
{
    struct quoted quoted;

    err_set(err, "'%s' is %s and the %s%s: it can only be one",
            quote(&quoted, span_str(path)), is, name, part);
    return -1;
}

static int check_place(const struct guarded_pair *pair,
                       const struct place *place, const char *path,
                       const char *is, struct err *err)
{
    if (same_place(place, &pair->file))
        return refuse_both(path, is, pair->name, "", err);
    if (same_place(place, &pair->lock))
        return refuse_both(path, is, pair->name, "'s lock file", err);
    return 0;
}

static int check_path(const struct guarded_pair *pair, const char *path,
                      const char *is, struct err *err)
{
    struct place place;
    int ret;

    if (!path)
        return 0;
    if (place_find(&place, path, err) < 0)
        return -1;
    ret = check_place(pair, &place, path, is, err);
    sys_free(place.target);
    return ret;
}

static int check_stdout(const struct guarded_pair *pair, struct err *err)
{
    char here[] = "";
    struct place place = {.target = here};

    if (sys_fstat(STDOUT_FILENO, &place.st) < 0) {
        err_set_errno(err, "cannot write standard output");
        return -1;
    }
    if (!S_ISREG(place.st.st_mode))
        return 0;
    return check_place(pair, &place, "/dev/stdout", "standard output", err);
}

static int check_pair(const struct config *config,
                      const struct guarded_pair *pair, struct err *err)
{
    int ret = check_stdout(pair, err);

    for (size_t i = 0; i < config->output_count && ret == 0; i++)
        ret = check_path(pair, config->outputs[i].path, "an output", err);
    for (size_t i = 0; i < config->policy_count && ret == 0; i++)
        ret = check_path(pair, config->policies[i], "a policy", err);
    if (ret == 0)
        ret = check_path(pair, config->ip_ranges, "a list of address ranges",
                         err);
    for (size_t i = 0; i < config->mmdb_count && ret == 0; i++)
        ret =
            check_path(pair, config->mmdbs[i], "a database of addresses", err);
    for (size_t i = 0; i < config->list_count && ret == 0; i++)
        ret = check_path(pair, config->lists[i], "a list of paths", err);
    if (ret == 0)
        ret = check_path(pair, config->summary_path, "the summary", err);
    return ret;
}

/* `path` is the file's, and `other`, which is `is`, must be a third. */
static int check_guarded(const struct config *config, const char *name,
                         const char *path, const char *other, const char *is,
                         struct err *err)
{
    struct guarded_pair pair = {name, {.target = NULL}, {.target = NULL}};
    struct buf lock = BUF_INIT;
    int ret = -1;

    if (!path)
        return 0;
    if (place_find(&pair.file, path, err) < 0)
        goto done;
    if (!pair.file.target) {
        ret = 0; /* nor can it be opened, which says why */
        goto done;
    }
    lock_path(&lock, pair.file.target);
    if (!buf_str(&lock))
        (void)err_memory(err);
    else if (place_find(&pair.lock, lock.ptr, err) == 0)
        ret = check_pair(config, &pair, err);
    if (ret == 0)
        ret = check_path(&pair, other, is, err);
done:
    sys_free(pair.lock.target);
    sys_free(pair.file.target);
    buf_release(&lock);
    return ret;
}

int targets_check_history(const struct config *config, struct err *err)
{
    return check_guarded(config, "history", config->history_path,
                         config->state_path, "the state", err);
}

int targets_check_state(const struct config *config, struct err *err)
{
    return check_guarded(config, "state", config->state_path,
                         config->history_path, "the history", err);
}

/* A file of the options, and what it is. */
struct named_file {
    const char *path, *is;
    struct place place;
};

/* `path` NULL, standard input or a descriptor: no file. */
static int name_file(struct named_file *files, size_t *count, const char *path,
                     const char *is, struct err *err)
{
    if (!path || atomic_file_is_descriptor(path))
        return 0;
    files[*count] = (struct named_file){.path = path, .is = is};
    if (place_find(&files[*count].place, path, err) < 0)
        return -1;
    ++*count;
    return 0;
}

static int name_all(struct named_file *files, size_t *count,
                    const char *const *paths, size_t path_count, const char *is,
                    struct err *err)
{
    for (size_t i = 0; i < path_count; i++)
        if (name_file(files, count, paths[i], is, err) < 0)
            return -1;
    return 0;
}

/* Those that are written first; there are `*written` of them. */
static int name_files(const struct config *config, struct named_file *files,
                      size_t *count, size_t *written, struct err *err)
{
    for (size_t i = 0; i < config->output_count; i++)
        if (name_file(files, count, config->outputs[i].path, "an output", err) <
            0)
            return -1;
    if (name_file(files, count, config->summary_path, "the summary", err) < 0 ||
        name_file(files, count, config->partial_path, "the partial", err) < 0)
        return -1;
    *written = *count;
    if (name_all(files, count, config->policies, config->policy_count,
                 "a policy", err) < 0 ||
        name_file(files, count, config->ip_ranges, "a list of address ranges",
                  err) < 0 ||
        name_all(files, count, config->mmdbs, config->mmdb_count,
                 "a database of addresses", err) < 0)
        return -1;
    return name_all(files, count, config->lists, config->list_count,
                    "a list of paths", err);
}

/* The first of the written files that is another file, too. */
static int compare_files(const struct named_file *files, size_t count,
                         size_t written, struct err *err)
{
    struct quoted quoted;

    for (size_t i = 0; i < written; i++) {
        bool in_place =
            !files[i].place.name && !S_ISREG(files[i].place.st.st_mode);

        for (size_t k = i + 1; k < count && !in_place; k++) {
            if (!same_place(&files[i].place, &files[k].place))
                continue;
            err_set(err, "'%s' is %s and %s: it can only be one",
                    quote(&quoted, span_str(files[k].path)), files[i].is,
                    files[k].is == files[i].is ? "another" : files[k].is);
            return -1;
        }
    }
    return 0;
}

int targets_check_outputs(const struct config *config, struct err *err)
{
    struct named_file *files =
        sys_calloc(config->output_count + config->policy_count +
                       config->mmdb_count + config->list_count + 3,
                   sizeof(*files));
    size_t count = 0, written = 0;
    int ret;

    if (!files)
        return err_memory(err);
    ret = name_files(config, files, &count, &written, err);
    if (ret == 0)
        ret = compare_files(files, count, written, err);
    for (size_t i = 0; i < count; i++)
        sys_free(files[i].place.target);
    sys_free(files);
    return ret;
}

static int refuse_input(const struct walk *walk, const char *path,
                        struct err *err)
{
    struct quoted quoted;
    struct stat st;

    if (!path)
        return 0;
    if (sys_stat(path, &st) < 0) {
        if (errno == ENOENT)
            return 0;
        err_set_errno(err, "cannot write '%s'", quote(&quoted, span_str(path)));
        return -1;
    }
    if (!S_ISREG(st.st_mode))
        return 0;
    for (size_t i = 0; i < walk->count; i++)
        if (walk->inputs[i].inode == st.st_ino &&
            walk->inputs[i].device == st.st_dev) {
            err_set(err, "will not write '%s': it is an input",
                    quote(&quoted, span_str(path)));
            return -1;
        }
    return 0;
}

int targets_check_inputs(const struct config *config, const struct walk *walk,
                         struct err *err)
{
    for (size_t i = 0; i < config->output_count; i++)
        if (refuse_input(walk, config->outputs[i].path, err) < 0)
            return -1;
    if (refuse_input(walk, config->history_path, err) < 0 ||
        refuse_input(walk, config->state_path, err) < 0)
        return -1;
    if (refuse_input(walk, config->partial_path, err) < 0)
        return -1;
    return refuse_input(walk, config->summary_path, err);
}
