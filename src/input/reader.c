/*
 * The window: [carried over | new]. The splitter's unfinished bytes move
 * to the front before new ones come behind them, so an object is always
 * contiguous; the window grows only for objects longer than itself.
 */
#include "input/reader.h"

#include "base/sys.h"
#include "input/sniff.h"

#include <stdio.h>

struct reader {
    struct inflate_stream *in;
    enum inflate_status (*read)(void *context, char *into, size_t max_bytes,
                                size_t *count, struct err *err);
    void *context;
    struct splitter split;
    struct split_item found; /* the last one */
    char *window;
    size_t capacity;
    size_t filled;
    size_t window_bytes;
    bool sniffing;    /* the first bytes have not been judged yet */
    bool window_used; /* READER_WINDOW was said: overwrite it */
    bool input_ended; /* inflate has nothing more */
    bool done;
    struct reader_result result;
};

struct reader *reader_new(size_t window_bytes, struct err *err)
{
    struct reader *reader = sys_calloc(1, sizeof(*reader));

    if (!reader)
        goto fail;
    reader->window_bytes = window_bytes;
    reader->in = inflate_new(err);
    if (!reader->in)
        goto fail;
    reader->window = sys_malloc(window_bytes);
    if (!reader->window)
        goto fail;
    reader->capacity = window_bytes;
    return reader;
fail:
    (void)err_memory(err);
    reader_free(reader);
    return NULL;
}

void reader_free(struct reader *reader)
{
    if (!reader)
        return;
    inflate_free(reader->in);
    sys_free(reader->window);
    sys_free(reader);
}

void reader_limit(struct reader *reader, uint64_t max_bytes)
{
    inflate_limit(reader->in, max_bytes);
}

static enum inflate_status read_stream(void *context, char *into,
                                       size_t max_bytes, size_t *count,
                                       struct err *err)
{
    return inflate_read(context, into, max_bytes, count, err);
}

struct inflate_stream *reader_stream(struct reader *reader)
{
    return reader->in;
}

void reader_read_by(struct reader *reader,
                    enum inflate_status (*read)(void *context, char *into,
                                                size_t max_bytes, size_t *count,
                                                struct err *err),
                    void *context)
{
    reader->read = read;
    reader->context = context;
}

void reader_start(struct reader *reader, int fd)
{
    inflate_start(reader->in, fd);
    reader_read_by(reader, read_stream, reader->in);
    split_init(&reader->split, READER_MAX_RECORD_BYTES);
    reader->filled = 0;
    reader->sniffing = true;
    reader->window_used = false;
    reader->input_ended = false;
    reader->done = false;
    reader->result = (struct reader_result){.status = INPUT_READ};
}

const struct reader_result *reader_result(const struct reader *reader)
{
    return &reader->result;
}

uint64_t reader_offset(const struct reader *reader)
{
    return inflate_offset(reader->in);
}

/* The first trouble stands: what follows is often only its consequence. */
static void note(struct reader *reader, enum input_status status,
                 uint64_t offset, const char *reason)
{
    struct reader_result *result = &reader->result;

    /* Where gzip broke the text ends too, mostly inside something. */
    result->damages +=
        status == INPUT_DAMAGED &&
        (reader->result.damages == 0 || offset < reader->result.bytes_unpacked);
    if (result->status == INPUT_UNREADABLE || result->status == status)
        return;
    if (result->status == INPUT_DAMAGED && status != INPUT_UNREADABLE)
        return;
    result->status = status;
    result->offset = offset;
    (void)snprintf(result->reason, sizeof(result->reason), "%s", reason);
}

/* Make room behind the filled part: a window's worth, or what is free. */
static int make_room(struct reader *reader, struct err *err)
{
    size_t wanted = reader->filled + reader->window_bytes / 2;
    char *moved;

    if (wanted <= reader->capacity)
        return 0;
    moved = sys_grow(reader->window, &reader->capacity, wanted, 1);
    if (!moved)
        return err_memory(err);
    reader->window = moved;
    return 0;
}

/* Once a long object is through, give its memory back. */
static int shrink(struct reader *reader, struct err *err)
{
    char *smaller;

    if (reader->capacity == reader->window_bytes ||
        reader->filled > reader->window_bytes / 2)
        return 0;
    smaller = sys_realloc(reader->window, reader->window_bytes);
    if (!smaller)
        return err_memory(err);
    reader->window = smaller;
    reader->capacity = reader->window_bytes;
    return 0;
}

/* Read once more behind the filled part. */
static int fill(struct reader *reader, struct err *err)
{
    struct err cause = ERR_NONE;
    size_t count = 0;
    enum inflate_status status;

    if (make_room(reader, err) < 0)
        return -1;
    status = reader->read(reader->context, reader->window + reader->filled,
                          reader->capacity - reader->filled, &count, &cause);
    reader->filled += count;
    reader->result.bytes_unpacked += count;
    if (status == INFLATE_OK)
        return 0;
    reader->input_ended = true;
    reader->result.bytes_packed = inflate_offset(reader->in);
    if (status == INFLATE_DAMAGED)
        note(reader, INPUT_DAMAGED, inflate_offset(reader->in), cause.text);
    else if (status == INFLATE_UNREADABLE)
        note(reader, INPUT_UNREADABLE, inflate_offset(reader->in), cause.text);
    return 0;
}

/* The input is over before anything was given out. */
static enum reader_status end_unread(struct reader *reader,
                                     enum input_status status,
                                     const char *reason)
{
    reader->done = true;
    if (reader->result.status == INPUT_READ) {
        /* How much of it was read is chance: a pipe gives what it has, and
         * a thread may be reading ahead. */
        reader->result.bytes_packed = reader->result.bytes_unpacked = 0;
        reader->result.status = status;
        (void)snprintf(reader->result.reason, sizeof(reader->result.reason),
                       "%s", reason);
    }
    return READER_END;
}

/* Blanks before the text were seen: the splitter's offsets count them. */
static void drop_front(struct reader *reader, size_t bytes)
{
    if (bytes == 0) /* nearly always, and the window is large */
        return;
    reader->split.base += bytes;
    reader->filled -= bytes;
    memmove(reader->window, reader->window + bytes, reader->filled);
}

/* Read until the first bytes tell what this is. READER_WINDOW to go on. */
static enum reader_status judge(struct reader *reader, struct err *err)
{
    for (;;) {
        const char *what = NULL;
        size_t blank = 0;
        enum sniff verdict =
            sniff(span_of(reader->window, reader->filled), reader->split.base,
                  reader->input_ended, &blank, &what);

        switch (verdict) {
        case SNIFF_JSON:
            drop_front(reader, blank);
            reader->sniffing = false;
            split_feed(&reader->split, span_of(reader->window, reader->filled),
                       reader->input_ended);
            return READER_WINDOW;
        case SNIFF_EMPTY:
            return end_unread(reader, INPUT_EMPTY, "");
        case SNIFF_PARTIAL:
            /* The text stays where it is, see reader_read_text(). */
            reader->done = true;
            reader->result.status = INPUT_PARTIAL;
            return READER_END;
        case SNIFF_FOREIGN:
            return end_unread(reader, INPUT_FOREIGN, "");
        case SNIFF_ARCHIVE:
            return end_unread(reader, INPUT_ARCHIVE, what);
        case SNIFF_MORE:
            break;
        }
        drop_front(reader, blank);
        if (fill(reader, err) < 0)
            return READER_FAILED;
    }
}

enum inflate_status reader_read_text(struct reader *reader, char *into,
                                     size_t max_bytes, size_t *count,
                                     struct err *err)
{
    size_t taken = reader->filled < max_bytes ? reader->filled : max_bytes;

    if (reader->filled == 0)
        return inflate_read(reader->in, into, max_bytes, count, err);
    memcpy(into, reader->window, taken);
    reader->filled -= taken;
    memmove(reader->window, reader->window + taken, reader->filled);
    *count = taken;
    return INFLATE_OK;
}

/* The next window: what is unfinished to the front, new bytes behind. */
static int next_window(struct reader *reader, struct err *err)
{
    size_t carried = split_unfinished(&reader->split);
    size_t before;

    if (carried < reader->filled)
        memmove(reader->window, reader->window + reader->filled - carried,
                carried);
    reader->filled = carried;
    if (shrink(reader, err) < 0)
        return -1;
    before = reader->filled;
    while (!reader->input_ended && reader->filled == before)
        if (fill(reader, err) < 0)
            return -1;
    split_feed(&reader->split, span_of(reader->window, reader->filled),
               reader->input_ended);
    return 0;
}

static enum reader_kind kind_of(enum split_status status)
{
    switch (status) {
    case SPLIT_RECORD:
        return READER_RECORD;
    case SPLIT_EVENT:
        return READER_EVENT;
    case SPLIT_OVERSIZE:
        return READER_OVERSIZE;
    default:
        return READER_OBJECT;
    }
}

static struct reader_item item_of(enum reader_kind kind,
                                  const struct split_item *found)
{
    return (struct reader_item){
        .kind = kind,
        .text = found->text,
        .offset = found->offset,
        .illegal = found->illegal,
        .deep = found->deep,
        .doubtful = found->doubtful,
        .backslash = found->backslash,
    };
}

int reader_judge(struct reader *reader, struct err *err)
{
    return judge(reader, err) == READER_FAILED ? -1 : 0;
}

enum reader_status reader_next(struct reader *reader, struct reader_item *item,
                               struct err *err)
{
    if (reader->done)
        return READER_END;
    if (reader->sniffing) {
        enum reader_status status = judge(reader, err);

        if (status != READER_WINDOW)
            return status;
    }
    for (;;) {
        struct split_item *found = &reader->found;
        enum split_status status = split_next(&reader->split, found);
        switch (status) {
        case SPLIT_RECORD:
        case SPLIT_EVENT:
        case SPLIT_OBJECT:
        case SPLIT_OVERSIZE:
            *item = item_of(kind_of(status), found);
            return READER_ITEM;
        case SPLIT_DAMAGE:
            note(reader, INPUT_DAMAGED, found->offset, found->reason);
            break;
        case SPLIT_MORE:
            /* Two calls a window, so that the caller can let go of the
             * texts before their bytes are overwritten. */
            if (reader->window_used) {
                reader->window_used = false;
                if (next_window(reader, err) < 0)
                    return READER_FAILED;
                break;
            }
            reader->window_used = true;
            return READER_WINDOW;
        case SPLIT_END:
            reader->done = true;
            return READER_END;
        }
    }
}

bool reader_at_record(const struct reader *reader, struct span *text)
{
    return split_at_record(&reader->split, text);
}

void reader_pass(struct reader *reader, const char *after)
{
    split_pass(&reader->split, after);
}

void reader_take(struct reader *reader, const char *after,
                 const struct delimit *delimit, struct reader_item *item)
{
    split_take(&reader->split, after, delimit, &reader->found);
    *item = item_of(READER_RECORD, &reader->found);
}

bool reader_again(struct reader *reader)
{
    return span_present(reader->found.text) &&
           split_again(&reader->split, &reader->found);
}
