/*
 * From a record to its place in a case: what is searched for in its text is
 * found if the extractor finds it; its text without secrets is read as the same
 * event; and the page about it is lines of UTF-8 whose code spans end where
 * they should. The first byte tells which records are the suspect's own.
 */
#include "fuzz.h"

#include "base/utf8.h"
#include "event/extract.h"
#include "event/json_text.h"
#include "event/member_text.h"
#include "report/case_story.h"

static struct extractor *dom;

static bool is_same(const void *context, struct span value)
{
    return span_eq(value, *(const struct span *)context);
}

static void require_found(struct span record, struct span member,
                          struct span value)
{
    fuzz_require(!span_present(value) || extract_may_spell(record) ||
                 member_text_any(record, member, is_same, &value));
}

static void tell(struct case_story *story, struct span record, bool own)
{
    struct arena arena = ARENA_INIT;
    struct buf text = BUF_INIT;
    struct event event, again;
    struct err err = ERR_NONE;

    if (extract_dom.record(dom, record, &arena, &event, &err) == 0) {
        require_found(record, SPAN("\"sourceIPAddress\""),
                      event.field[EVENT_SOURCE_IP_ADDRESS]);
        require_found(record, SPAN("\"accessKeyId\""),
                      event.field[EVENT_ACCESS_KEY_ID]);
        json_text_compact(record, &text);
        fuzz_require(extract_dom.record(dom, buf_span(&text), &arena, &again,
                                        &err) == 0);
        fuzz_require(again.time == event.time);
        fuzz_require(span_eq(again.field[EVENT_ID], event.field[EVENT_ID]) &&
                     span_eq(again.field[EVENT_NAME], event.field[EVENT_NAME]));
        fuzz_require(case_story_add(story, &again, own) == 0);
    }
    buf_release(&text);
    arena_release(&arena);
}

/* A list's line has an even number of backticks and no control character. */
static void require_page(struct span page)
{
    size_t ticks = 0;

    for (size_t i = 0; i < page.len;) {
        uint32_t code;

        i += utf8_decode(span_of(page.ptr + i, page.len - i), &code);
        fuzz_require(code != UTF8_INVALID);
        fuzz_require(code == '\n' || (code >= ' ' && code != 0x7f));
        ticks += code == '`';
        fuzz_require(code != '\n' || ticks % 2 == 0);
    }
    fuzz_require(page.len > 0 && page.ptr[page.len - 1] == '\n');
}

/* Every object of the text is a record. */
static void tell_all(struct case_story *story, struct span text,
                     unsigned choice)
{
    const char *at = text.ptr;
    const char *end = text.ptr + text.len;

    for (unsigned n = 0; at && (at = memchr(at, '{', (size_t)(end - at)));
         n++) {
        struct delimit delimit = {0};
        const char *after = delimit_value(&delimit, at, end);

        if (!after)
            break;
        if (!delimit.deep && !delimit.illegal) {
            size_t len = (size_t)(after - at);
            char *copy = fuzz_copy(span_of(at, len));

            tell(story, span_of(copy, len), choice >> n % 8 & 1);
            free(copy);
        }
        at = after;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct alert_verdict verdict = {.suspect = {"192.0.2.1", 9}};
    static const struct alert alert = {.instance_id = {"i-01234567", 10},
                                       .verdict = &verdict};
    struct span text = span_of((const char *)data, size);
    unsigned choice = fuzz_byte(&text);
    struct case_story story;
    struct out out;

    if (!dom) {
        dom = extract_dom.create();
        fuzz_require(dom && delimit_choose(NULL) == 0);
    }
    case_story_init(&story);
    if (text.len > 0)
        tell_all(&story, text, choice);
    out_init(&out, -1);
    case_story_write(&story, &alert, choice % 2, 1, &out);
    fuzz_require(out.failed_errno == 0);
    require_page(buf_span(&out.pending));
    out_release(&out);
    case_story_release(&story);
    return 0;
}
