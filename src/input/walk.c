/*
 * Own walking by file descriptor: fts(3) stops at PATH_MAX and nftw(3)
 * recurses. Here the folders still to visit lie in a list on the heap,
 * and the parents of the one at hand stay open for a few levels, so that
 * a name is looked up below its folder and not from the root again.
 */
#include "input/walk.h"

#include "base/buf.h"
#include "base/quote.h"
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* The levels of AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD fit. A tree
 * that is deeper, or turns back that far, is opened by its whole path. */
#define HELD_LEVELS 8

/* A list of paths is small or comes from a pipe. */
#define LIST_CHUNK_BYTES ((size_t)16 * 1024)

/* A folder found and not yet visited. The list is a stack, so when an
 * entry comes off, the path buffer still begins with its parent's path. */
struct pending_folder {
    size_t parent_bytes; /* of the path buffer: the parent */
    size_t name_at;      /* in `names` */
    size_t level;        /* 0 is the argument itself */
    dev_t device;
    ino_t inode;
};

struct held_folder {
    DIR *dir; /* NULL: nothing held */
    size_t level;
};

struct walker {
    struct walk *walk; /* borrowed */
    struct buf path;   /* of what is looked at, with a NUL behind it */
    size_t below_at;   /* in `path`: the part below the argument */
    struct pending_folder *pending;
    size_t pending_count;
    size_t pending_capacity;
    struct buf names; /* of the pending folders, each with a NUL */
    struct held_folder held[HELD_LEVELS]; /* a level's place: modulo */
};

void walk_release(struct walk *walk)
{
    if (!walk)
        return;
    sys_free(walk->inputs);
    arena_release(&walk->arena);
    *walk = WALK_INIT;
}

/* --- the verdict of a name --- */

/* The folders beside CloudTrail/ whose files hold no events of their own
 * (cloudtrail.md 1). */
static enum input_status sibling_folder(struct span part)
{
    static const struct {
        const char *name;
        enum input_status status;
    } siblings[] = {
        {"CloudTrail-Digest", INPUT_DIGEST},
        {"CloudTrail-Insight", INPUT_INSIGHT},
        {"CloudTrail-NetworkActivity", INPUT_NETWORK_ACTIVITY},
        {"CloudTrail-Aggregated", INPUT_AGGREGATED},
    };

    for (size_t i = 0; i < sizeof(siblings) / sizeof(siblings[0]); i++)
        if (span_eq(part, span_str(siblings[i].name)))
            return siblings[i].status;
    return INPUT_PENDING;
}

/* `ACCOUNT_CloudTrail-Digest_…`. The account's twelve digits are asked
 * for: passing over a file by mistake loses events, while a digest that
 * is read is told apart by its content. */
static enum input_status flattened_sibling(struct span name)
{
    const size_t account_digits = 12;
    const char *end;

    if (name.len <= account_digits || name.ptr[account_digits] != '_')
        return INPUT_PENDING;
    for (size_t i = 0; i < account_digits; i++)
        if (name.ptr[i] < '0' || name.ptr[i] > '9')
            return INPUT_PENDING;
    name.ptr += account_digits + 1;
    name.len -= account_digits + 1;
    end = memchr(name.ptr, '_', name.len);
    if (!end)
        return INPUT_PENDING;
    return sibling_folder(span_of(name.ptr, (size_t)(end - name.ptr)));
}

static bool is_hex_digit(char c)
{
    char lower = ascii_lower(c);

    return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'f');
}

/* `\.(gz|json|jsonl|log)\.[0-9A-Fa-f]{8}$` */
static bool is_in_transfer(struct span name)
{
    static const char *const endings[] = {".gz", ".json", ".jsonl", ".log"};
    const size_t random_digits = 8;
    size_t stem; /* bytes before the second dot */

    if (name.len <= random_digits)
        return false;
    stem = name.len - random_digits - 1;
    if (name.ptr[stem] != '.')
        return false;
    for (size_t i = stem + 1; i < name.len; i++)
        if (!is_hex_digit(name.ptr[i]))
            return false;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        struct span ending = span_str(endings[i]);

        if (stem >= ending.len &&
            span_eq(span_of(name.ptr + stem - ending.len, ending.len), ending))
            return true;
    }
    return false;
}

/* Moves `*path` behind its first '/' and gives what was before; at the
 * last part `*path` stays and the result is absent. */
static struct span take_folder(struct span *path)
{
    const char *slash =
        path->len > 0 ? memchr(path->ptr, '/', path->len) : NULL;
    struct span folder = SPAN_ABSENT;

    if (slash) {
        folder = span_of(path->ptr, (size_t)(slash - path->ptr));
        path->ptr += folder.len + 1;
        path->len -= folder.len + 1;
    }
    return folder;
}

enum input_status walk_name_verdict(struct span below)
{
    enum input_status status;

    for (;;) {
        struct span folder = take_folder(&below);

        if (!span_present(folder))
            break;
        status = sibling_folder(folder);
        if (status != INPUT_PENDING)
            return status;
    }
    status = flattened_sibling(below);
    if (status == INPUT_PENDING && is_in_transfer(below))
        status = INPUT_IN_TRANSFER;
    return status;
}

/* --- the list of inputs --- */

/* The one place where an input is made. `path` is in the arena; `st` is
 * NULL where the system told nothing. */
static int add_input(struct walk *walk, struct span path, const struct stat *st,
                     enum input_status status, struct span why)
{
    struct input input = {.path = path,
                          .modified = TIMESTAMP_UNKNOWN,
                          .arrival = TIMESTAMP_UNKNOWN,
                          .status = status,
                          .why = why};
    struct span name = path;
    struct input *grown = sys_grow(walk->inputs, &walk->capacity,
                                   walk->count + 1, sizeof(*grown));

    if (!grown)
        return -1;
    walk->inputs = grown;
    while (span_present(take_folder(&name)))
        continue;
    input.delivery = timestamp_from_file_name(name);
    if (st && S_ISREG(st->st_mode)) {
        input.bytes = (uint64_t)st->st_size;
        input.modified = timestamp_from_system(st->st_mtim);
        input.arrival = input.delivery != TIMESTAMP_UNKNOWN ? input.delivery
                                                            : input.modified;
    }
    if (st) {
        input.device = st->st_dev;
        input.inode = st->st_ino;
    }
    walk->inputs[walk->count++] = input;
    return 0;
}

/* `text` in the arena, with a NUL behind it that its length leaves out. */
static struct span keep_text(struct walk *walk, struct span text)
{
    char *copy = arena_alloc(&walk->arena, text.len + 1);

    if (!copy)
        return SPAN_ABSENT;
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return span_of(copy, text.len);
}

static int add_unreadable(struct walk *walk, struct span path,
                          const struct stat *st, const char *why)
{
    struct span kept = keep_text(walk, span_str(why));

    if (!span_present(kept))
        return -1;
    return add_input(walk, path, st, INPUT_UNREADABLE, kept);
}

/* --- one directory tree --- */

/* A function below that returns -1 means: memory is out. What the system
 * refuses becomes an input of its own and the walk goes on. */

static int set_path(struct walker *walker, size_t parent_bytes,
                    struct span name)
{
    struct buf *path = &walker->path;

    path->len = parent_bytes;
    if (name.len > 0 && path->len > 0 && path->ptr[path->len - 1] != '/')
        buf_add_char(path, '/');
    buf_add(path, name);
    return buf_str(path) ? 0 : -1;
}

/* The path at hand becomes an input. */
static int add_found(struct walker *walker, const struct stat *st,
                     enum input_status status)
{
    struct span path = keep_text(walker->walk, buf_span(&walker->path));

    if (!span_present(path))
        return -1;
    return add_input(walker->walk, path, st, status, SPAN_ABSENT);
}

/* The same for one that the system refused; `cause` is the errno. */
static int add_refused(struct walker *walker, const struct stat *st, int cause)
{
    struct span path = keep_text(walker->walk, buf_span(&walker->path));

    if (!span_present(path))
        return -1;
    return add_unreadable(walker->walk, path, st, strerror(cause));
}

static int push_folder(struct walker *walker, size_t parent_bytes,
                       struct span name, size_t level, const struct stat *st)
{
    struct pending_folder *grown =
        sys_grow(walker->pending, &walker->pending_capacity,
                 walker->pending_count + 1, sizeof(*grown));

    if (!grown)
        return -1;
    walker->pending = grown;
    walker->pending[walker->pending_count++] = (struct pending_folder){
        .parent_bytes = parent_bytes,
        .name_at = walker->names.len,
        .level = level,
        .device = st->st_dev,
        .inode = st->st_ino,
    };
    buf_add(&walker->names, name);
    buf_add_char(&walker->names, '\0');
    return walker->names.failed ? -1 : 0;
}

static void let_go(struct held_folder *held)
{
    if (held->dir)
        (void)sys_closedir(held->dir);
    held->dir = NULL;
}

/*
 * The parent of what is at `level`, NULL if it is no longer open.
 *
 * A stack is walked depth first: since the parent was visited, only what
 * is below it was. So if its level is held, it is the parent that is.
 */
static DIR *held_parent(const struct walker *walker, size_t level)
{
    const struct held_folder *held;

    if (level == 0)
        return NULL;
    held = &walker->held[(level - 1) % HELD_LEVELS];
    return held->level == level - 1 ? held->dir : NULL;
}

/* Opens the folder at hand and holds it: NULL with errno. */
static DIR *open_folder(struct walker *walker, const char *name, size_t level)
{
    struct held_folder *held = &walker->held[level % HELD_LEVELS];
    DIR *parent = held_parent(walker, level);
    int flags = O_DIRECTORY | (level > 0 ? O_NOFOLLOW : 0);
    int fd;

    let_go(held);
    fd = parent ? sys_open_read_at(dirfd(parent), name, flags)
                : sys_open_read(walker->path.ptr, flags);
    if (fd < 0)
        return NULL;
    held->dir = sys_fdopendir(fd);
    held->level = level;
    if (!held->dir) {
        int cause = errno;

        (void)sys_close(fd);
        errno = cause;
    }
    return held->dir;
}

static struct span below_argument(const struct walker *walker)
{
    return span_of(walker->path.ptr + walker->below_at,
                   walker->path.len - walker->below_at);
}

/* One name in the folder `dir`, whose path takes `parent_bytes`. */
static int look_at(struct walker *walker, DIR *dir, size_t parent_bytes,
                   size_t level, const char *name)
{
    enum input_status status;
    struct stat st;
    int cause = 0;

    if (sys_fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        cause = errno;
    else if (S_ISDIR(st.st_mode))
        return push_folder(walker, parent_bytes, span_str(name), level, &st);

    if (set_path(walker, parent_bytes, span_str(name)) < 0)
        return -1;
    status = walk_name_verdict(below_argument(walker));
    /* A file in transfer gets its final name at any moment: that it is
     * gone is just what its name said. */
    if (cause == ENOENT && status == INPUT_IN_TRANSFER)
        return add_found(walker, NULL, status);
    if (cause)
        return add_refused(walker, NULL, cause);
    if (status == INPUT_PENDING && !S_ISREG(st.st_mode))
        status = INPUT_NOT_REGULAR;
    return add_found(walker, &st, status);
}

/* Everything in `dir`: 0, an errno if its reading broke off, or -1. */
static int look_at_all(struct walker *walker, DIR *dir, size_t level)
{
    size_t path_bytes = walker->path.len;
    struct dirent *entry;

    while ((entry = sys_readdir(dir))) {
        const char *name = entry->d_name;

        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        if (look_at(walker, dir, path_bytes, level, name) < 0)
            return -1;
    }
    return errno;
}

/* Takes the last pending folder off the list and looks into it. */
static int visit_next(struct walker *walker)
{
    struct pending_folder folder = walker->pending[--walker->pending_count];
    const char *name = walker->names.ptr + folder.name_at;
    struct stat st = {.st_dev = folder.device, .st_ino = folder.inode};
    size_t path_bytes;
    DIR *dir;
    int cause;

    walker->names.len = folder.name_at; /* nothing is added before its use */
    if (set_path(walker, folder.parent_bytes, span_str(name)) < 0)
        return -1;
    path_bytes = walker->path.len;
    dir = open_folder(walker, name, folder.level);
    cause = dir ? look_at_all(walker, dir, folder.level + 1) : errno;
    if (cause <= 0)
        return cause;
    if (set_path(walker, path_bytes, SPAN("")) < 0 ||
        add_refused(walker, &st, cause) < 0)
        return -1;
    walker->walk->inputs[walker->walk->count - 1].is_folder = true;
    return 0;
}

static int add_tree(struct walk *walk, struct span top, const struct stat *st)
{
    struct walker walker = {.walk = walk, .path = BUF_INIT, .names = BUF_INIT};
    int ret = -1;

    buf_add(&walker.path, top);
    walker.below_at = top.len + (top.ptr[top.len - 1] != '/');
    if (push_folder(&walker, top.len, SPAN(""), 0, st) < 0)
        goto done;
    while (walker.pending_count > 0)
        if (visit_next(&walker) < 0)
            goto done;
    ret = 0;
done:
    for (size_t i = 0; i < HELD_LEVELS; i++)
        let_go(&walker.held[i]);
    sys_free(walker.pending);
    buf_release(&walker.names);
    buf_release(&walker.path);
    return ret;
}

/* --- arguments and lists --- */

static int add_stdin(struct walk *walk, struct span path, const struct stat *st)
{
    if (add_input(walk, path, st, INPUT_PENDING, SPAN_ABSENT) < 0)
        return -1;
    walk->inputs[walk->count - 1].is_stdin = true;
    return 0;
}

/* Why `path` cannot be looked at, NULL if it can: `*st` tells more. */
static const char *look_up(struct span path, bool is_stdin, struct stat *st)
{
    int ret;

    if (memchr(path.ptr, '\0', path.len))
        return "the name holds a NUL byte";
    ret = is_stdin ? sys_fstat(STDIN_FILENO, st) : sys_stat(path.ptr, st);
    return ret < 0 ? strerror(errno) : NULL;
}

int walk_add(struct walk *walk, struct span path, bool listed, struct err *err)
{
    struct span kept = keep_text(walk, path);
    bool is_stdin = span_eq(path, SPAN("-"));
    struct quoted quoted;
    const char *cause;
    struct stat st;
    int ret;

    if (!span_present(kept))
        return err_memory(err);
    cause = look_up(kept, is_stdin, &st);
    if (cause && !listed) {
        if (is_stdin)
            err_set(err, "cannot read standard input: %s", cause);
        else
            err_set(err, "cannot read '%s': %s", quote(&quoted, path), cause);
        return -1;
    }
    if (cause)
        ret = add_unreadable(walk, kept, NULL, cause);
    else if (is_stdin)
        ret = add_stdin(walk, kept, &st);
    else if (S_ISDIR(st.st_mode))
        ret = add_tree(walk, kept, &st);
    else
        ret = add_input(walk, kept, &st, INPUT_PENDING, SPAN_ABSENT);
    return ret < 0 ? err_memory(err) : 0;
}

struct list {
    struct walk *walk; /* borrowed */
    bool is_stdin;
    char end;        /* of a path */
    struct buf line; /* the path at hand */
};

/* Adds the path collected, if there is one, and empties it. */
static int end_line(struct list *list, struct err *err)
{
    struct span path = buf_span(&list->line);
    int ret = 0;

    if (list->line.failed)
        return err_memory(err);
    if (list->is_stdin && span_eq(path, SPAN("-"))) {
        struct span kept = keep_text(list->walk, path);

        if (!span_present(kept) ||
            add_unreadable(list->walk, kept, NULL,
                           "standard input is the list itself") < 0)
            return err_memory(err);
    } else if (path.len > 0) {
        ret = walk_add(list->walk, path, true, err);
    }
    buf_clear(&list->line);
    return ret;
}

static int take_lines(struct list *list, struct span chunk, struct err *err)
{
    while (chunk.len > 0) {
        const char *at = memchr(chunk.ptr, list->end, chunk.len);
        size_t bytes = at ? (size_t)(at - chunk.ptr) : chunk.len;

        buf_add(&list->line, span_of(chunk.ptr, bytes));
        if (at && end_line(list, err) < 0)
            return -1;
        bytes += at != NULL;
        chunk.ptr += bytes;
        chunk.len -= bytes;
    }
    return 0;
}

int walk_add_list(struct walk *walk, int fd, const char *name, bool nul,
                  struct err *err)
{
    struct list list = {walk, fd == STDIN_FILENO, nul ? '\0' : '\n', BUF_INIT};
    char chunk[LIST_CHUNK_BYTES];
    struct quoted quoted;
    int ret = -1;

    for (;;) {
        ssize_t got = sys_read(fd, chunk, sizeof(chunk));

        if (got < 0) {
            err_set_errno(err, "cannot read '%s'",
                          quote(&quoted, span_str(name)));
            goto done;
        }
        if (got == 0)
            break;
        if (take_lines(&list, span_of(chunk, (size_t)got), err) < 0)
            goto done;
    }
    ret = end_line(&list, err); /* the last may lack its end */
done:
    buf_release(&list.line);
    return ret;
}

/* --- order, and files met twice --- */

/* Equal paths come from an argument given twice, or walked and named; the
 * status then keeps the order from hanging on the arguments'. */
static int compare_by_path(const void *left, const void *right)
{
    const struct input *a = left;
    const struct input *b = right;
    int order = span_cmp(a->path, b->path);

    return order ? order : (a->status > b->status) - (a->status < b->status);
}

/* The mentions of a file side by side, what is to be read in front. */
static int compare_by_file(const void *left, const void *right)
{
    const struct input *a = left;
    const struct input *b = right;
    bool passed_a = a->status != INPUT_PENDING;
    bool passed_b = b->status != INPUT_PENDING;

    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    if (a->inode != b->inode)
        return a->inode < b->inode ? -1 : 1;
    if (passed_a != passed_b)
        return passed_a ? 1 : -1;
    return compare_by_path(left, right);
}

void walk_keep_delivered(struct walk *walk, const struct timeframe *frame)
{
    for (size_t i = 0; i < walk->count && frame->given; i++) {
        struct input *input = &walk->inputs[i];
        timestamp time = input->is_stdin ? TIMESTAMP_UNKNOWN : input->arrival;

        if (input->status == INPUT_PENDING && time != TIMESTAMP_UNKNOWN &&
            (time < frame->from || time > frame->to))
            input->status = INPUT_OUTSIDE_TIMEFRAME;
    }
}

void walk_finish(struct walk *walk)
{
    struct input *inputs = walk->inputs;

    if (walk->count < 2)
        return;
    qsort(inputs, walk->count, sizeof(*inputs), compare_by_file);
    for (size_t i = 1; i < walk->count; i++) {
        if (inputs[i].inode != 0 && inputs[i].inode == inputs[i - 1].inode &&
            inputs[i].device == inputs[i - 1].device) {
            inputs[i].status = INPUT_SAME_FILE;
            inputs[i].why = SPAN_ABSENT;
        }
    }
    qsort(inputs, walk->count, sizeof(*inputs), compare_by_path);
}
