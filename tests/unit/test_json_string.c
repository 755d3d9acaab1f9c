/*
 * Keys may be written with escapes, and an attacker's text may look like a
 * key: what is compared is what JSON reads.
 */
#include "base/json_string.h"

#include "guarded.h"

/* Half a surrogate pair and NUL are characters of their own kind; a cut
 * escape is none, and nothing is read behind it. */
static void an_escape_is_a_character_or_nothing(void **state)
{
    static const struct {
        const char *text;
        size_t bytes;
        uint32_t code;
    } escapes[] = {
        {"\\\"", 2, '"'},
        {"\\\\x", 2, '\\'},
        {"\\/", 2, '/'},
        {"\\b", 2, '\b'},
        {"\\f", 2, '\f'},
        {"\\n", 2, '\n'},
        {"\\r", 2, '\r'},
        {"\\t", 2, '\t'},
        {"\\u0041", 6, 'A'},
        {"\\u00e9x", 6, 0xe9},
        {"\\uABCD", 6, 0xabcd},
        {"\\uabcd", 6, 0xabcd},
        {"\\uffff", 6, 0xffff},
        {"\\u0000", 6, JSON_STRING_INVALID},
        {"\\ud83d\\ude00", 12, 0x1f600},
        {"\\uD800\\uDC00", 12, 0x10000},
        {"\\udbff\\udfffx", 12, 0x10ffff},
        {"\\ud83d", 6, JSON_STRING_INVALID},
        {"\\ud83d\\ude0", 6, JSON_STRING_INVALID},
        {"\\ud83d\\ude0g", 6, JSON_STRING_INVALID},
        {"\\ud83d\\n", 6, JSON_STRING_INVALID},
        {"\\ud83dxude00", 6, JSON_STRING_INVALID},
        {"\\ud83d\\ud83d", 6, JSON_STRING_INVALID},
        {"\\ud83d\\u0041", 6, JSON_STRING_INVALID},
        {"\\ude00\\ud83d", 6, JSON_STRING_INVALID},
        {"\\", 0, 0},
        {"\\u", 0, 0},
        {"\\u004", 0, 0},
        {"\\u00g1", 0, 0},
        {"\\u+041", 0, 0},
        {"\\u 041", 0, 0},
        {"\\U0041", 0, 0},
        {"\\x41", 0, 0},
        {"\\'", 0, 0},
        {"\\\n", 0, 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(escapes); i++) {
        struct guarded text = guarded_copy(span_str(escapes[i].text));
        uint32_t code = 0;
        size_t bytes = json_string_escape(text.bytes, &code);

        if (bytes != escapes[i].bytes || (bytes && code != escapes[i].code))
            fail_msg("%s: %zu bytes, code %x", escapes[i].text, bytes,
                     (unsigned)code);
        guarded_free(&text);
    }
    assert_int_equal(json_string_escape(SPAN("\\\0"), &(uint32_t){0}), 0);
}

/* Keys may be escaped, and an attacker's text may look like one. */
static void escapes_are_decoded_before_keys_are_compared(void **state)
{
    const struct {
        struct span raw, text;
        bool equal;
    } pairs[] = {
        {SPAN("eventSource"), SPAN("eventSource"), true},
        {SPAN("event\\u0053ource"), SPAN("eventSource"), true},
        {SPAN("\\u0065\\u0076"), SPAN("ev"), true},
        {SPAN("a\\/b\\\\c\\\"d\\n"), SPAN("a/b\\c\"d\n"), true},
        {SPAN(""), SPAN(""), true},
        {SPAN("eventsource"), SPAN("eventSource"), false},
        {SPAN("eventSourc"), SPAN("eventSource"), false},
        {SPAN("eventSource\\u0000"), SPAN("eventSource"), false},
        {SPAN("eventSource\0"), SPAN("eventSource"), false},
        {SPAN("event\\\\u0053ource"), SPAN("eventSource"), false},
        {SPAN("event\\u0153ource"), SPAN("eventSource"), false},
        {SPAN("\\ud800a"), SPAN("a"), false},
        {SPAN("\\xa"), SPAN("a"), false},
        {SPAN("a\\"), SPAN("a"), false},
        {SPAN("a\\u00"), SPAN("a"), false},
    };
    struct buf longer = BUF_INIT;
    (void)state;

    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct guarded raw = guarded_copy(pairs[i].raw);

        if (json_string_spells(raw.bytes, pairs[i].text) != pairs[i].equal)
            fail_msg("%.*s", (int)pairs[i].raw.len, pairs[i].raw.ptr);
        guarded_free(&raw);
    }
    for (int i = 0; i < 200; i++) {
        buf_add(&longer, SPAN("\\u0061"));
        assert_int_equal(json_string_spells(buf_span(&longer), SPAN("aaa")),
                         i == 2);
    }
    buf_release(&longer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_escape_is_a_character_or_nothing),
        cmocka_unit_test(escapes_are_decoded_before_keys_are_compared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
