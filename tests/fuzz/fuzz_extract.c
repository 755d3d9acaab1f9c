/*
 * Both extractors against each other, on every object that the delimiter
 * finds in the bytes: the same verdict, the same event; and what a glance tells
 * is true, and what a record gives that nobody has delimited.
 */
#include "fuzz.h"

#include "event/extract.h"
#include "input/delimit.h"
#include "same_event.h"

static struct extractor *dom, *scan;
static struct arena dom_arena, scan_arena;

static void compare(struct span text)
{
    char *copy = fuzz_copy(text);
    struct span record = span_of(copy, text.len);
    struct event by_dom, by_scan, glance;
    struct err err = ERR_NONE;
    int dom_ret, scan_ret;

    memset(&by_dom, 0xa5, sizeof(by_dom));
    memset(&by_scan, 0x5a, sizeof(by_scan));
    dom_ret = extract_dom.record(dom, record, &dom_arena, &by_dom, &err);
    scan_ret = extract_scan.record(scan, record, &scan_arena, &by_scan, &err);
    fuzz_require(dom_ret == scan_ret);
    fuzz_require(dom_ret == 0 || dom_ret == -1);
    if (dom_ret == 0) {
        fuzz_require(event_difference(&by_dom, &by_scan) == NULL);
        fuzz_require(!extract_glance(record, &glance) ||
                     glance_difference(&glance, &by_dom) == NULL);
        /* The prefilter loses no event. */
        fuzz_require(!span_present(
                         event_instance_id(by_dom.field[EVENT_PRINCIPAL_ID])) ||
                     extract_may_match(record));
    }
    arena_clear(&dom_arena);
    arena_clear(&scan_arena);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data;
    const char *end = at + size;

    if (!dom) {
        dom = extract_dom.create();
        scan = extract_scan.create();
        fuzz_require(dom && scan && delimit_choose(NULL) == 0);
    }
    while (size > 0 && (at = memchr(at, '{', (size_t)(end - at)))) {
        struct delimit delimit = {0};
        const char *after = delimit_value(&delimit, at, end);
        bool tells;

        fuzz_require(
            !front_difference(span_of(at, (size_t)(end - at)), &tells));
        if (!after)
            break;
        if (!delimit.deep)
            compare(span_of(at, (size_t)(after - at)));
        at = after;
    }
    return 0;
}
