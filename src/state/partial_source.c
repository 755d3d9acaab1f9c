/* Lines are found where they were unpacked to, and a line that goes on beyond
 * makes that place grow. */
#include "state/partial_source.h"

#include "base/sys.h"

#include <string.h>

/* The first room for lines; it grows for longer ones. */
#define BUFFER_BYTES ((size_t)64 * 1024)

int partial_source_init(struct partial_source *source, struct err *err)
{
    *source = (struct partial_source){.sum = PARTIAL_SUM_INIT};
    source->bytes = sys_grow(NULL, &source->capacity, BUFFER_BYTES, 1);
    source->in = inflate_new(err);
    if (!source->bytes || !source->in) {
        partial_source_release(source);
        return err_memory(err);
    }
    /* A partial is no upload of an unknown: whoever may give one may as
     * well give a plain one, which has no limit. */
    inflate_limit(source->in, UINT64_MAX);
    return 0;
}

void partial_source_release(struct partial_source *source)
{
    inflate_free(source->in);
    sys_free(source->bytes);
    *source = (struct partial_source){0};
}

void partial_source_start(struct partial_source *source, int fd,
                          struct reader *from)
{
    source->line_count = 0;
    source->sum = PARTIAL_SUM_INIT;
    source->start = source->end = 0;
    source->again = source->is_broken = false;
    source->from = from;
    if (!from)
        inflate_start(source->in, fd);
}

enum partial_status partial_source_broken(struct partial_source *source,
                                          struct err *err, const char *what)
{
    source->is_broken = true;
    err_set(err, "line %" PRIu64 ": %s", source->line_count, what);
    return PARTIAL_BROKEN;
}

enum partial_status partial_source_bad_member(struct partial_source *source,
                                              struct err *err, const char *name)
{
    source->is_broken = true;
    err_set(err, "line %" PRIu64 ": its '%.100s' is not as it should be",
            source->line_count, name);
    return PARTIAL_BROKEN;
}

enum partial_status partial_failed(struct err *err)
{
    (void)err_memory(err);
    return PARTIAL_FAILED;
}

/* Read once more behind what is there. `*ended` if there is nothing. */
static enum partial_status fill(struct partial_source *source, bool *ended,
                                struct err *err)
{
    size_t count = 0;
    struct err cause = ERR_NONE;
    enum inflate_status status;
    char *moved;

    if (source->start > 0) {
        memmove(source->bytes, source->bytes + source->start,
                source->end - source->start);
        source->end -= source->start;
        source->start = 0;
    }
    moved = sys_grow(source->bytes, &source->capacity,
                     source->end + BUFFER_BYTES / 2, 1);
    if (!moved)
        return partial_failed(err);
    source->bytes = moved;
    status =
        source->from
            ? reader_read_text(source->from, moved + source->end,
                               source->capacity - source->end, &count, &cause)
            : inflate_read(source->in, moved + source->end,
                           source->capacity - source->end, &count, &cause);
    source->end += count;
    *ended = status == INFLATE_END;
    if (status == INFLATE_OK || status == INFLATE_END)
        return PARTIAL_GROUP;
    source->line_count++; /* the one that is cut */
    return partial_source_broken(source, err, cause.text);
}

enum partial_status partial_source_next(struct partial_source *source,
                                        struct err *err)
{
    size_t looked_at = 0;

    if (source->is_broken)
        return partial_source_broken(source, err, "it is broken");
    if (source->again) {
        source->again = false;
        return PARTIAL_GROUP;
    }
    for (;;) {
        char *from = source->bytes + source->start;
        size_t held = source->end - source->start;
        char *newline = held > looked_at
                            ? memchr(from + looked_at, '\n', held - looked_at)
                            : NULL;
        enum partial_status status;
        bool ended = false;

        if (newline) {
            source->line = span_of(from, (size_t)(newline - from));
            source->start += source->line.len + 1;
            source->line_count++;
            source->sum_before = source->sum;
            source->sum = partial_sum(source->sum, source->line);
            return PARTIAL_GROUP;
        }
        looked_at = held;
        if (held > PARTIAL_LINE_BYTES) {
            source->line_count++;
            return partial_source_broken(source, err, "it is too long");
        }
        status = fill(source, &ended, err);
        if (status != PARTIAL_GROUP)
            return status;
        if (ended && held == 0)
            return PARTIAL_END;
        if (ended) {
            source->line_count++;
            return partial_source_broken(source, err, "it is cut");
        }
    }
}

enum partial_status partial_source_more(struct partial_source *source,
                                        struct err *err)
{
    enum partial_status status = partial_source_next(source, err);

    if (status != PARTIAL_END)
        return status;
    source->line_count++;
    return partial_source_broken(source, err,
                                 "it is missing: the partial is cut");
}

void partial_source_again(struct partial_source *source)
{
    source->again = true;
}
