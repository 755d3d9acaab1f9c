/*
 * What an alert prints of a record: of anything that the reference takes,
 * the compact text is one object that it takes again, with the same
 * fields, in valid UTF-8 without raw control characters; and compacting it
 * again changes nothing.
 */
#include "fuzz.h"

#include "base/utf8.h"
#include "event/extract.h"
#include "event/json_text.h"
#include "input/delimit.h"

static struct extractor *dom;

static void require_printable(struct span text)
{
    while (text.len > 0) {
        uint32_t code;
        size_t bytes = utf8_decode(text, &code);

        fuzz_require(code != UTF8_INVALID && code >= 0x20);
        text = span_of(text.ptr + bytes, text.len - bytes);
    }
}

static void require_one_object(struct span text)
{
    struct delimit delimit = {0};

    fuzz_require(text.len >= 2 && text.ptr[0] == '{');
    fuzz_require(delimit_value(&delimit, text.ptr, text.ptr + text.len) ==
                 text.ptr + text.len);
    fuzz_require(!delimit.illegal && !delimit.deep);
}

/* The record's fields, each as it was. */
static void require_same_fields(const struct event *a, const struct event *b)
{
    for (int i = 0; i < EVENT_FIELD_COUNT; i++)
        fuzz_require(span_eq(a->field[i], b->field[i]));
    fuzz_require(a->time == b->time);
}

static void compact_record(struct span record)
{
    struct arena arena = ARENA_INIT;
    struct buf compact = BUF_INIT, again = BUF_INIT;
    struct event before, after;
    struct err err = ERR_NONE;

    if (extract_dom.record(dom, record, &arena, &before, &err) == 0) {
        json_text_compact(record, &compact);
        fuzz_require(!compact.failed);
        require_printable(buf_span(&compact));
        require_one_object(buf_span(&compact));
        fuzz_require(extract_dom.record(dom, buf_span(&compact), &arena, &after,
                                        &err) == 0);
        require_same_fields(&before, &after);
        json_text_compact(buf_span(&compact), &again);
        fuzz_require(span_eq(buf_span(&compact), buf_span(&again)));
    }
    buf_release(&compact);
    buf_release(&again);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data;
    const char *end = at + size;

    if (!dom) {
        dom = extract_dom.create();
        fuzz_require(dom && delimit_choose(NULL) == 0);
    }
    while (size > 0 && (at = memchr(at, '{', (size_t)(end - at)))) {
        struct delimit delimit = {0};
        const char *after = delimit_value(&delimit, at, end);

        if (!after)
            break;
        /* Neither reaches an extractor. */
        if (!delimit.deep && !delimit.illegal) {
            size_t len = (size_t)(after - at);
            char *copy = fuzz_copy(span_of(at, len));

            compact_record(span_of(copy, len));
            free(copy);
        }
        at = after;
    }
    return 0;
}
