/*
 * resync finds the next record behind damage. What it takes for one decides
 * what counts, so nothing that somebody put into a string may look like it.
 */
#include "input/resync.h"

#include "guarded.h"

/* With ' for "; `at` is the first brace. */
static void a_beginning_is_told_by_its_first_key(void **state)
{
    static const struct {
        const char *text;
        char before;
        bool line_start;
        enum resync strict, any_key;
    } texts[] = {
        /* a record, in any order of its keys, with any white space */
        {"{'eventVersion':", ',', false, RESYNC_ELEMENT, RESYNC_ELEMENT},
        {"{ \r\n\t'awsRegion' \n: 1", '[', false, RESYNC_ELEMENT,
         RESYNC_ELEMENT},
        {"{'eventVersion':", '}', false, RESYNC_ELEMENT, RESYNC_ELEMENT},
        {"{'eventVersion':", '\0', false, RESYNC_ELEMENT, RESYNC_ELEMENT},
        {"{'EventId':", ',', false, RESYNC_ELEMENT, RESYNC_ELEMENT},
        /* a key may be escaped, its quotes not */
        {"{'\\u0065ventVersion':", ',', false, RESYNC_ELEMENT, RESYNC_ELEMENT},
        {"{'\\u0052ecords':", ',', false, RESYNC_VALUE, RESYNC_VALUE},
        {"{'a\\'\\\\':", ',', false, RESYNC_NO, RESYNC_ELEMENT},
        {"{'eventVersion\\u00':", ',', false, RESYNC_NO, RESYNC_ELEMENT},
        {"{ '"
         "\\u0073\\u0065\\u0073\\u0073\\u0069\\u006f\\u006e\\u0043\\u0072\\u006"
         "5"
         "\\u0064\\u0065\\u006e\\u0074\\u0069\\u0061\\u006c\\u0046\\u0072\\u006"
         "f"
         "\\u006d\\u0043\\u006f\\u006e\\u0073\\u006f\\u006c\\u0065' :",
         ',', false, RESYNC_ELEMENT, RESYNC_ELEMENT},
        /* a member's value is never one */
        {"{'eventVersion':", ':', false, RESYNC_NO, RESYNC_NO},
        {"{'Records':", ':', false, RESYNC_NO, RESYNC_NO},
        {"{'a':", ':', true, RESYNC_NO, RESYNC_NO},
        /* another document */
        {"{'Records':", ',', false, RESYNC_VALUE, RESYNC_VALUE},
        {"{'Events' :", 'x', false, RESYNC_VALUE, RESYNC_VALUE},
        {"{'a':", '}', false, RESYNC_VALUE, RESYNC_VALUE},
        {"{'a':", ']', false, RESYNC_VALUE, RESYNC_VALUE},
        {"{'a':", ',', true, RESYNC_VALUE, RESYNC_VALUE},
        /* an object inside another, mostly */
        {"{'a':", ',', false, RESYNC_NO, RESYNC_ELEMENT},
        {"{'a':", '[', false, RESYNC_NO, RESYNC_ELEMENT},
        {"{'eventVersions':", ',', false, RESYNC_NO, RESYNC_ELEMENT},
        {"{'eventversion':", ',', false, RESYNC_NO, RESYNC_ELEMENT},
        /* in a string the quotes have backslashes, or end it */
        {"{\\'eventVersion\\':1", ',', true, RESYNC_NO, RESYNC_NO},
        {"{'eventVersion\\':1", '}', true, RESYNC_NO, RESYNC_NO},
        {"{','eventVersion':1", '}', true, RESYNC_NO, RESYNC_NO},
        {"{'}", '}', true, RESYNC_NO, RESYNC_NO},
        {"{eventVersion:1", '}', true, RESYNC_NO, RESYNC_NO},
        {"{}", '}', true, RESYNC_NO, RESYNC_NO},
        {"{{'eventVersion':1", '}', true, RESYNC_NO, RESYNC_NO},
        {"{'eventVersion',", '}', true, RESYNC_NO, RESYNC_NO},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct buf json = unit_json(texts[i].text);
        struct guarded copy = guarded_copy(buf_span(&json));
        const char *end = copy.bytes.ptr + copy.bytes.len;
        struct resync_place place = {texts[i].before, texts[i].line_start,
                                     false};

        if (resync_at(copy.bytes.ptr, end, true, &place) != texts[i].strict)
            fail_msg("%s behind %c", texts[i].text, texts[i].before);
        place.any_key = true;
        if (resync_at(copy.bytes.ptr, end, true, &place) != texts[i].any_key)
            fail_msg("%s behind %c, any key", texts[i].text, texts[i].before);
        guarded_free(&copy);
        buf_release(&json);
    }
}

/* More is asked for only while it can change the answer, and no more than
 * RESYNC_BYTES in all. */
static void a_cut_beginning_needs_more(void **state)
{
    static const char text[] = "{ \"eventVersion\" :";
    static const struct resync_place place = {',', false, false};
    char blanks[RESYNC_BYTES + 1];
    (void)state;

    for (size_t len = 1; len < sizeof(text); len++) {
        struct guarded copy = guarded_copy(span_of(text, len));
        const char *end = copy.bytes.ptr + len;
        bool whole = len == sizeof(text) - 1;

        assert_int_equal(resync_at(copy.bytes.ptr, end, false, &place),
                         whole ? RESYNC_ELEMENT : RESYNC_MORE);
        assert_int_equal(resync_at(copy.bytes.ptr, end, true, &place),
                         whole ? RESYNC_ELEMENT : RESYNC_NO);
        guarded_free(&copy);
    }
    memset(blanks, ' ', sizeof(blanks));
    blanks[0] = '{';
    for (size_t len = 1; len <= sizeof(blanks); len++)
        assert_int_equal(resync_at(blanks, blanks + len, false, &place),
                         len < RESYNC_BYTES ? RESYNC_MORE : RESYNC_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_beginning_is_told_by_its_first_key),
        cmocka_unit_test(a_cut_beginning_needs_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
