/*
 * The splitter's and the reader's answers depend on the text alone: not on
 * the windows (the input's bytes 2 to 5), nor on which variant of the
 * delimiter works (byte 0). Byte 1 chooses the limit of an object. The
 * text is the rest.
 */
#define FUZZ_OWN_READ
#include "fuzz.h"

#include "base/buf.h"
#include "input/reader.h"
#include "input/resync.h"

/* One line an item, with its text. */
static void show(struct buf *out, const char *kind, struct span text,
                 uint64_t offset, const char *flags, const char *reason)
{
    buf_printf(out, "%s at %llu%s %s: ", kind, (unsigned long long)offset,
               flags, reason);
    buf_add(out, span_present(text) ? text : SPAN("(none)"));
    buf_add_char(out, '\n');
}

static const char *flags_of(bool illegal, bool deep, bool doubtful,
                            bool backslash, char text[50])
{
    (void)snprintf(text, 50, "%s%s%s%s", illegal ? " illegal" : "",
                   deep ? " deep" : "", doubtful ? " doubtful" : "",
                   backslash ? " backslash" : "");
    return text;
}

/* Take the next object of `Records` as a caller does who delimits it where it
 * stands: some are passed, the others given out. */
static bool front_record(struct splitter *sp, struct split_item *item)
{
    struct delimit delimit = {0};
    struct span text;
    const char *after;

    if (!split_at_record(sp, &text))
        return false;
    after = delimit_value(&delimit, text.ptr, text.ptr + text.len);
    if (!after || after[-1] != '}')
        return false;
    if (delimit.illegal || delimit.deep || text.len % 2) {
        split_take(sp, after, &delimit, item);
        return true;
    }
    *item = (struct split_item){
        .text = span_of(text.ptr, (size_t)(after - text.ptr)),
        .offset = sp->base + (uint64_t)(text.ptr - sp->window),
        .backslash = delimit.backslash,
    };
    split_pass(sp, after);
    return true;
}

/* Everything that the splitter says of `text` in windows of these sizes. */
static void split(struct span text, size_t max_bytes, struct fuzz_sizes sizes,
                  bool whole, struct buf *out)
{
    struct splitter sp;
    char *window = NULL;
    size_t filled = 0;

    split_init(&sp, max_bytes);
    for (bool last = false; !last;) {
        size_t carried = split_unfinished(&sp);
        size_t more = whole ? text.len : fuzz_next_size(&sizes);
        char *next;

        fuzz_require(carried <= filled);
        fuzz_require(carried <= max_bytes || carried <= RESYNC_BYTES);
        if (more > text.len)
            more = text.len;
        last = more == text.len;
        next = malloc(carried + more + 1);
        fuzz_require(next != NULL);
        if (carried > 0)
            memcpy(next, window + filled - carried, carried);
        if (more > 0)
            memcpy(next + carried, text.ptr, more);
        text = span_of(text.ptr + more, text.len - more);
        free(window);
        window = next;
        filled = carried + more;
        split_feed(&sp, span_of(window, filled), last);
        for (;;) {
            static const char *const names[] = {
                [SPLIT_RECORD] = "record", [SPLIT_EVENT] = "event",
                [SPLIT_OBJECT] = "object", [SPLIT_OVERSIZE] = "oversize",
                [SPLIT_DAMAGE] = "damage",
            };
            struct split_item item;
            enum split_status status;
            char flags[50];

            status = !whole && front_record(&sp, &item)
                         ? SPLIT_RECORD
                         : split_next(&sp, &item);
            if (status == SPLIT_MORE || status == SPLIT_END) {
                fuzz_require((status == SPLIT_END) == last);
                break;
            }
            show(out, names[status], item.text, item.offset,
                 status == SPLIT_DAMAGE
                     ? ""
                     : flags_of(item.illegal, item.deep, item.doubtful,
                                item.backslash, flags),
                 status == SPLIT_DAMAGE ? item.reason : "");
            /* As a worker does with what it cannot read. */
            if (item.illegal && span_present(item.text) &&
                split_again(&sp, &item))
                buf_add(out, SPAN("again\n"));
        }
    }
    free(window);
}

static void read_all(struct reader *reader, struct buf *out)
{
    static const char *const names[] = {
        [READER_RECORD] = "record",
        [READER_EVENT] = "event",
        [READER_OBJECT] = "object",
        [READER_OVERSIZE] = "oversize",
    };
    const struct reader_result *result = reader_result(reader);
    struct err err = ERR_NONE;

    reader_start(reader, 0);
    for (;;) {
        struct reader_item item;
        enum reader_status status = reader_next(reader, &item, &err);
        char flags[50];

        fuzz_require(status != READER_FAILED);
        if (status == READER_END)
            break;
        if (status == READER_ITEM)
            show(out, names[item.kind], item.text, item.offset,
                 flags_of(item.illegal, item.deep, item.doubtful,
                          item.backslash, flags),
                 "");
    }
    buf_printf(out, "status %d at %llu, %llu of %llu bytes: %s\n",
               (int)result->status, (unsigned long long)result->offset,
               (unsigned long long)result->bytes_unpacked,
               (unsigned long long)result->bytes_packed, result->reason);
}

static void read_text(struct reader *reader, struct span text,
                      struct fuzz_sizes sizes, bool whole, struct buf *out)
{
    fuzz_file.rest = text;
    fuzz_file.sizes = sizes;
    fuzz_file.whole = whole;
    read_all(reader, out);
}

static void require_same(struct buf *got, struct buf *expected)
{
    bool same = span_eq(buf_span(got), buf_span(expected));

    fuzz_require(!got->failed && !expected->failed);
    if (!same)
        (void)fprintf(stderr, "expected:\n%s\ngot:\n%s\n", buf_str(expected),
                      buf_str(got));
    fuzz_require(same);
    buf_clear(got);
    buf_clear(expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct reader *large, *small[4];
    static const size_t windows[] = {16, 64, 200, 513};
    static struct buf got, expected;
    struct span text = span_of((const char *)data, size);
    unsigned number = fuzz_byte(&text);
    size_t limit = fuzz_byte(&text);
    size_t max_bytes = limit < 128 ? 16 + limit * 4 : (size_t)1 << 24;
    struct fuzz_sizes sizes = fuzz_sizes(&text);

    for (size_t i = 0; !large && i < 4; i++) {
        small[i] = reader_new(windows[i], NULL);
        fuzz_require(small[i] != NULL);
    }
    if (!large)
        large = reader_new(READER_WINDOW_BYTES, NULL);
    fuzz_require(large && delimit_choose("scalar") == 0);
    buf_add(&expected, SPAN("")); /* no output is one, too */
    buf_add(&got, SPAN(""));

    split(text, max_bytes, sizes, true, &expected);
    fuzz_choose_delimiter(number);
    split(text, max_bytes, sizes, false, &got);
    require_same(&got, &expected);

    fuzz_require(delimit_choose("scalar") == 0);
    read_text(large, text, sizes, true, &expected);
    fuzz_choose_delimiter(number);
    read_text(small[number / 8 % 4], text, sizes, false, &got);
    require_same(&got, &expected);
    return 0;
}
