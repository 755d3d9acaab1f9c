/*
 * The whole way from a file's bytes to events, at two window sizes (the
 * input's bytes 1 to 4) and with two variants of the delimiter (byte 0): the
 * same records, broken things and events. On the way both extractors must
 * agree, and what the scan leaves out must be nothing: shape_of() for plain
 * elements of `Records` and plain calls among them, the extractor for records
 * whose marks rule an instance out.
 */
#define FUZZ_OWN_READ
#include "fuzz.h"

#include "base/buf.h"
#include "event/extract.h"
#include "event/sibling.h"
#include "event/unwrap.h"
#include "input/reader.h"
#include "same_event.h"

static struct extractor *dom, *scan;

/* What was found in one reading. */
struct found {
    struct buf lines;
    struct arena arena;            /* embedded texts */
    struct arena events[2];        /* the extractors' */
    const struct unwrapped *plain; /* must be the next record, as it is */
};

static void require_marks(const struct unwrapped *record,
                          const struct event *event)
{
    bool instance =
        span_present(event_instance_id(event->field[EVENT_PRINCIPAL_ID]));

    fuzz_require(
        !instance || record->marks & MARK_INSTANCE ||
        (record->marks & MARK_ESCAPE && extract_may_match(record->text)));
}

static void extract_both(struct found *found, const struct unwrapped *record)
{
    /* Of its own length, so that reading behind it shows. */
    char *copy = fuzz_copy(record->text);
    struct span text = span_of(copy, record->text.len);
    struct err err = ERR_NONE;
    struct event by_dom, by_scan;
    int ret = extract_dom.record(dom, text, &found->events[0], &by_dom, &err);

    fuzz_require(ret == 0 || ret == -1);
    fuzz_require(extract_scan.record(scan, text, &found->events[1], &by_scan,
                                     &err) == ret);
    buf_printf(&found->lines, "%d", ret);
    if (ret == 0) {
        fuzz_require(event_difference(&by_dom, &by_scan) == NULL);
        require_marks(record, &by_dom);
        for (int i = 0; i < EVENT_FIELD_COUNT; i++) {
            buf_add_char(&found->lines, ' ');
            if (span_present(by_dom.field[i]))
                buf_add(&found->lines, by_dom.field[i]);
        }
    }
    arena_clear(&found->events[0]);
    arena_clear(&found->events[1]);
    free(copy);
}

static int take_record(void *context, const struct unwrapped *record)
{
    struct found *found = context;

    if (found->plain) {
        fuzz_require(record->text.ptr == found->plain->text.ptr &&
                     record->text.len == found->plain->text.len &&
                     record->illegal == found->plain->illegal &&
                     record->deep == found->plain->deep);
        found->plain = NULL;
    }
    buf_printf(&found->lines, "record%s%s ", record->illegal ? "!" : "",
               record->deep ? "?" : "");
    buf_add(&found->lines, record->text);
    buf_add_char(&found->lines, '\n');
    if (!record->illegal && !record->deep)
        extract_both(found, record);
    buf_add_char(&found->lines, '\n');
    return 0;
}

static int take_broken(void *context, bool embedded, const char *why)
{
    struct found *found = context;

    fuzz_require(!found->plain);
    buf_printf(&found->lines, "broken%s: %s\n", embedded ? " embedded" : "",
               why);
    return 0;
}

static int take_other(void *context, struct span object)
{
    struct found *found = context;

    fuzz_require(!found->plain);
    buf_printf(&found->lines,
               "other, %s: ", input_status_name(sibling_of(object)));
    buf_add(&found->lines, object);
    buf_add_char(&found->lines, '\n');
    return 0;
}

/* Those of an element of `Records`. */
static uint8_t marks_of(const struct reader_item *item)
{
    unsigned marks = marks_in(item->text, 0);

    fuzz_require((marks_in(item->text, MARK_INSTANCE) & MARK_INSTANCE) ==
                 (marks & MARK_INSTANCE));
    return (uint8_t)(marks | (item->backslash ? MARK_ESCAPE : 0));
}

/* Does a worker take it for a record without a look at its shape? */
static bool is_plain(const struct reader_item *item, unsigned marks)
{
    struct event event;

    if (item->kind != READER_RECORD || item->illegal || item->deep)
        return false;
    return !(marks & (MARK_S3 | MARK_ESCAPE)) ||
           (extract_plain(item->text, &event) &&
            !span_eq(event.field[EVENT_SOURCE], SPAN("aws:s3")));
}

static void take_item(struct found *found, const struct reader_item *item)
{
    static const enum shape_place places[] = {
        [READER_RECORD] = SHAPE_IN_RECORDS,
        [READER_EVENT] = SHAPE_IN_EVENTS,
        [READER_OBJECT] = SHAPE_ANYWHERE,
    };
    const struct unwrap_sink sink = {found, &found->arena, take_record,
                                     take_broken, take_other};
    struct unwrapped object = {item->text, item->illegal, item->deep,
                               MARK_ESCAPE};

    buf_printf(&found->lines, "item at %llu\n",
               (unsigned long long)item->offset);
    if (item->kind == READER_OVERSIZE)
        return;
    if (item->kind == READER_RECORD)
        object.marks = marks_of(item);
    found->plain = is_plain(item, object.marks) ? &object : NULL;
    fuzz_require(unwrap(&sink, &object, places[item->kind]) == 0);
    fuzz_require(!found->plain);
}

static void read_text(struct reader *reader, struct span text,
                      struct fuzz_sizes sizes, bool whole, struct found *found)
{
    const struct reader_result *result = reader_result(reader);
    struct reader_item item;
    struct err err = ERR_NONE;
    enum reader_status status;

    fuzz_file.rest = text;
    fuzz_file.sizes = sizes;
    fuzz_file.whole = whole;
    buf_clear(&found->lines);
    reader_start(reader, 0);
    while ((status = reader_next(reader, &item, &err)) != READER_END) {
        fuzz_require(status != READER_FAILED);
        if (status == READER_ITEM)
            take_item(found, &item);
        else
            arena_clear(&found->arena);
    }
    arena_clear(&found->arena);
    buf_printf(&found->lines, "status %d at %llu: %s\n", (int)result->status,
               (unsigned long long)result->offset, result->reason);
    fuzz_require(!found->lines.failed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct reader *large, *small[4];
    static const size_t windows[] = {16, 64, 200, 513};
    static struct found expected, got; /* empty arenas are all zero */
    struct span text = span_of((const char *)data, size);
    unsigned number = fuzz_byte(&text);
    struct fuzz_sizes sizes = fuzz_sizes(&text);

    if (!large) {
        for (size_t i = 0; i < 4; i++)
            small[i] = reader_new(windows[i], NULL);
        large = reader_new(READER_WINDOW_BYTES, NULL);
        dom = extract_dom.create();
        scan = extract_scan.create();
    }
    fuzz_require(large && small[number / 8 % 4] && dom && scan);

    fuzz_require(delimit_choose("scalar") == 0);
    read_text(large, text, sizes, true, &expected);
    fuzz_choose_delimiter(number);
    read_text(small[number / 8 % 4], text, sizes, false, &got);
    if (!span_eq(buf_span(&got.lines), buf_span(&expected.lines)))
        (void)fprintf(stderr, "expected:\n%s\ngot:\n%s\n",
                      buf_str(&expected.lines), buf_str(&got.lines));
    fuzz_require(span_eq(buf_span(&got.lines), buf_span(&expected.lines)));
    return 0;
}
