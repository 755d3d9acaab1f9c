/*
 * quote: a name in a message can neither act on the terminal nor push the
 * rest of the message out.
 */
#include "unit.h"

#include "base/quote.h"
#include "base/utf8.h"

#include <errno.h>

/* What fits is only escaped. */
static void short_names_are_escaped_whole(void **state)
{
    static const struct {
        struct span name;
        const char *text;
    } cases[] = {
        {{NULL, 0}, ""},
        {{"", 0}, ""},
        {{"a/b c.json", 10}, "a/b c.json"},
        {{"a\nb\x1b[2J", 7}, "a\\nb\\x1b[2J"},
        {{"a\0b", 3}, "a\\x00b"},
        {{"\xff\xc3\xa4", 3}, "\\xff\xc3\xa4"},
    };
    struct quoted quoted;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(quote(&quoted, cases[i].name), cases[i].text);
        assert_ptr_equal(quote(&quoted, cases[i].name), quoted.text);
    }
}

/* Beginning and end stay, the cut shows, and it splits no character:
 * tried at every length and with characters of every width. */
static void long_names_lose_their_middle(void **state)
{
    static const char *const fillers[] = {"n", "\xc3\xa4", "\xe2\x82\xac",
                                          "\xf0\x9f\x93\x81", "\xff"};

    (void)state;
    for (size_t i = 0; i < COUNT(fillers); i++) {
        for (size_t count = 40; count < 400; count++) {
            struct buf name = BUF_INIT, whole = BUF_INIT;
            struct quoted quoted;
            struct span text;
            uint32_t code;

            buf_add(&name, SPAN("tree/"));
            for (size_t k = 0; k < count; k++)
                buf_add(&name, span_str(fillers[i]));
            buf_add(&name, SPAN("/file"));
            utf8_add_terminal(&whole, buf_span(&name));

            memset(&quoted, 'x', sizeof(quoted));
            text = span_str(quote(&quoted, buf_span(&name)));
            assert_true(text.len < QUOTE_MAX_BYTES);
            assert_int_equal(span_eq(text, buf_span(&whole)),
                             whole.len < QUOTE_MAX_BYTES);
            if (whole.len >= QUOTE_MAX_BYTES) {
                assert_true(text.len > QUOTE_MAX_BYTES - 8);
                assert_non_null(strstr(text.ptr, "..."));
            }
            assert_memory_equal(text.ptr, "tree/", 5);
            assert_string_equal(text.ptr + text.len - 5, "/file");
            for (size_t at = 0; at < text.len;) {
                at += utf8_decode(span_of(text.ptr + at, text.len - at), &code);
                assert_true(code != UTF8_INVALID);
            }
            buf_release(&name);
            buf_release(&whole);
        }
    }
}

/* It stands between a failed call and err_set_errno(). */
static void the_cause_of_a_failure_stays(void **state)
{
    struct quoted quoted;

    (void)state;
    errno = ENOTDIR;
    (void)quote(&quoted, SPAN("name"));
    assert_int_equal(errno, ENOTDIR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_names_are_escaped_whole),
        cmocka_unit_test(long_names_lose_their_middle),
        cmocka_unit_test(the_cause_of_a_failure_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
