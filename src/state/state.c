/* Read at once, kept as it was read, replaced whole: see state.h. */
#include "state/state.h"

#include "base/atomic_file.h"
#include "base/quote.h"
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

/* Another version, another number: what is not known is not read. */
#define STATE_VERSION 1

/* A machine that orders bytes otherwise reads another number. */
#define BYTE_ORDER_MARK 0x01020304u

static const char MAGIC[16] = "offbox state\n";

struct head {
    char magic[16];
    uint32_t byte_order, version;
    struct hash128 options;
    uint64_t section_count;
    uint64_t bytes; /* of the file */
};

/* A directory, a FIFO or a device is no file that can be replaced. NULL
 * with `*bytes` 0 if there is no file. */
static int read_file(struct state *state, size_t *bytes, struct err *err)
{
    int fd = sys_open_read(state->target, O_NONBLOCK);
    struct stat st;
    ssize_t got = -1;

    *bytes = 0;
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0 || sys_fstat(fd, &st) < 0) {
        err_set_errno(err, "cannot read it");
    } else if (!S_ISREG(st.st_mode)) {
        err_set(err, "it is no regular file");
    } else {
        state->bytes = sys_malloc((size_t)st.st_size);
        got = state->bytes ? 0 : -1;
        if (!state->bytes)
            (void)err_memory(err);
        while (got >= 0 && *bytes < (size_t)st.st_size) {
            got = sys_read(fd, state->bytes + *bytes,
                           (size_t)st.st_size - *bytes);
            if (got <= 0)
                break;
            *bytes += (size_t)got;
        }
        if (got < 0 && state->bytes)
            err_set_errno(err, "cannot read it");
    }
    if (fd >= 0)
        (void)sys_close(fd);
    return got < 0 ? -1 : 0;
}

/* Does it begin as a state does, if perhaps damaged? What does not is a
 * file of another kind, named by mistake, and must not be written over. */
static bool is_state(const char *bytes, size_t count)
{
    size_t same = 0;

    if (count > sizeof(MAGIC))
        count = sizeof(MAGIC);
    for (size_t i = 0; i < count; i++)
        same += bytes[i] == MAGIC[i];
    return same >= count / 2 + count % 2;
}

/* 0; -1 with the cause in the warning. */
static int check_head(const struct head *head, size_t bytes,
                      struct state *state)
{
    struct err *why = &state->warning;

    if (bytes < sizeof(*head)) {
        err_set(why, "it is cut");
    } else if (memcmp(head->magic, MAGIC, sizeof(MAGIC)) != 0) {
        err_set(why, "it does not begin as a state does");
    } else if (head->byte_order != BYTE_ORDER_MARK ||
               head->version != STATE_VERSION) {
        err_set(why, "it is another machine's or another version's");
    } else if (head->bytes != bytes) {
        err_set(why, "it has %zu bytes of %" PRIu64, bytes, head->bytes);
    } else if (head->options.lo != state->key.options.lo ||
               head->options.hi != state->key.options.hi) {
        err_set(why, "it was made with other options or another policy");
    } else {
        return 0;
    }
    return -1;
}

struct section *state_add(struct state *state)
{
    struct section *moved = sys_grow(state->sections, &state->capacity,
                                     state->count + 1, sizeof(*moved));

    if (!moved)
        return NULL;
    state->sections = moved;
    state->sections[state->count] = SECTION_INIT;
    return &state->sections[state->count++];
}

/* All sections or none: a file that is damaged in one place may be so in
 * others. -1 when memory is out. */
static int load_sections(struct state *state, size_t bytes, struct err *err)
{
    const struct head *head = (const void *)state->bytes;
    struct span left =
        span_of(state->bytes + sizeof(*head),
                bytes >= sizeof(*head) ? bytes - sizeof(*head) : 0);

    if (check_head(head, bytes, state) < 0)
        return 0;
    for (uint64_t i = 0; i < head->section_count; i++) {
        struct section *section = state_add(state);

        if (!section)
            return err_memory(err);
        if (section_load(section, left, &state->warning) < 0) {
            err_prefix(&state->warning, "section %" PRIu64, i + 1);
            state->count = 0;
            return 0;
        }
        left.ptr += section->bytes.len;
        left.len -= section->bytes.len;
        if (section_hit_count(section) != state->key.hit_count)
            err_set(&state->warning, "section %" PRIu64 " is another policy's",
                    i + 1);
    }
    if (left.len > 0)
        err_set(&state->warning, "more follows its last section");
    if (state->warning.text[0])
        state->count = 0;
    return 0;
}

int state_open(struct state *state, const char *path, struct state_key key,
               int64_t wait, struct err *err)
{
    struct quoted quoted;
    size_t bytes = 0;
    int ret = -1;

    *state = STATE_INIT;
    state->path = path;
    state->key = key;
    state->target = atomic_file_target(path, err);
    if (state->target && lock_take(&state->lock, state->target, wait, err) == 0)
        ret = read_file(state, &bytes, err);
    if (ret == 0 && state->bytes && !is_state(state->bytes, bytes)) {
        err_set(err, "it is none, and will not be written over");
        ret = -1;
    }
    if (ret == 0 && state->bytes)
        ret = load_sections(state, bytes, err);
    if (ret < 0)
        err_prefix(err, "cannot use the state '%s'",
                   quote(&quoted, span_str(path)));
    state->changed = state->warning.text[0] || !state->bytes;
    return ret;
}

/* Unchanged sections are written from where they were read. */
static int write_sections(struct state *state, int fd, struct err *err)
{
    struct head head = {.byte_order = BYTE_ORDER_MARK,
                        .version = STATE_VERSION,
                        .options = state->key.options,
                        .bytes = sizeof(head)};
    struct buf made = BUF_INIT;
    int ret = 0;

    memcpy(head.magic, MAGIC, sizeof(MAGIC));
    for (size_t i = 0; i < state->count && ret == 0; i++) {
        const struct section *section = &state->sections[i];

        if (section->dropped || section->unsure)
            continue;
        head.section_count++;
        if (span_present(section->bytes))
            head.bytes += section->bytes.len;
        else
            ret = section_write(section, &made);
    }
    head.bytes += made.len;
    if (ret < 0) {
        buf_release(&made);
        return err_memory(err);
    }
    ret = sys_write(fd, &head, sizeof(head));
    for (size_t i = 0; i < state->count && ret == 0; i++) {
        const struct section *section = &state->sections[i];

        if (!section->dropped && !section->unsure &&
            span_present(section->bytes))
            ret = sys_write(fd, section->bytes.ptr, section->bytes.len);
    }
    if (ret == 0 && made.len > 0)
        ret = sys_write(fd, made.ptr, made.len);
    buf_release(&made);
    if (ret < 0)
        err_set_errno(err, "write failed");
    return ret;
}

int state_commit(struct state *state, struct err *err)
{
    struct atomic_file file = ATOMIC_FILE_INIT;
    struct quoted quoted;
    int ret = -1;

    if (!state->changed)
        return 0;
    if (atomic_file_open(&file, state->target, err) == 0 &&
        write_sections(state, file.fd, err) == 0)
        ret = atomic_file_commit(&file, err);
    atomic_file_release(&file);
    if (ret < 0)
        err_prefix(err, "cannot write the state '%s'",
                   quote(&quoted, span_str(state->path)));
    return ret;
}

void state_release(struct state *state)
{
    if (!state)
        return;
    for (size_t i = 0; i < state->count; i++)
        section_release(&state->sections[i]);
    sys_free(state->sections);
    sys_free(state->bytes);
    sys_free(state->target);
    lock_release(&state->lock);
    *state = STATE_INIT;
}
