/*
 * What is UTF-8 decides what the terminal and the JSON readers see of
 * text that an attacker wrote.
 */
#include "unit.h"

#include "base/utf8.h"

/* `text` with each invalid part as U+FFFD, as the other modules do it. */
static void add_repaired(struct buf *buf, struct span text)
{
    while (text.len > 0) {
        uint32_t code;
        size_t bytes = utf8_decode(text, &code);

        if (code == UTF8_INVALID)
            buf_add(buf, UTF8_REPLACEMENT);
        else
            utf8_add(buf, code);
        text.ptr += bytes;
        text.len -= bytes;
    }
}

static void every_scalar_value_comes_back(void **state)
{
    struct buf buf = BUF_INIT;
    (void)state;

    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        uint32_t decoded;

        if (code == 0xd800)
            code = 0xe000; /* surrogates are no scalar values */
        buf_clear(&buf);
        utf8_add(&buf, code);
        if (utf8_decode(buf_span(&buf), &decoded) != buf.len ||
            decoded != code || !utf8_is_valid(buf_span(&buf)))
            fail_msg("U+%04x", (unsigned)code);
    }
    buf_release(&buf);
}

/* One character cut at any byte is invalid as far as it goes. */
static void a_cut_character_is_one_invalid_part(void **state)
{
    static const char *const characters[] = {
        "\xc3\xa9",         /* U+00E9 */
        "\xe2\x82\xac",     /* U+20AC */
        "\xf0\x9f\x98\x80", /* U+1F600 */
    };
    (void)state;

    for (size_t i = 0; i < COUNT(characters); i++)
        for (size_t n = 1; n < strlen(characters[i]); n++) {
            uint32_t code;

            assert_int_equal(utf8_decode(span_of(characters[i], n), &code), n);
            assert_true(code == UTF8_INVALID);
        }
}

/* How many U+FFFD stand for a bad sequence differs between programs; the
 * answer here is Unicode's (3.9, tables 3-8 to 3-11), which Python's
 * "replace" gives too. */
static void invalid_parts_become_replacements_as_unicode_counts(void **state)
{
#define R "\xef\xbf\xbd"
    static const struct {
        const char *text;
        const char *repaired;
    } rows[] = {
        {"\x80", R},
        {"\xbf\xbf", R R},
        {"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", R R R R R R R R "A"},
        {"\xc1\xbf", R R},
        {"\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41", R R R R R R R R "A"},
        {"\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", R R R R R "A" R R "B"},
        {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", R R R R "A"},
        {"\xf5\x80\x80\x80", R R R R},
        {"\xfe\xff", R R},
        {"a\xc3(b", "a" R "(b"},
        {"a\xe2\x82(b", "a" R "(b"},
        {"\xf0\x9f\x98\xc3\xa9", R "\xc3\xa9"},
        {"", ""},
    };
#undef R
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf buf = BUF_INIT;

        add_repaired(&buf, span_str(rows[i].text));
        assert_string_equal(buf_str(&buf), rows[i].repaired);
        assert_int_equal(utf8_is_valid(span_str(rows[i].text)),
                         strcmp(rows[i].text, rows[i].repaired) == 0);
        buf_release(&buf);
    }
}

static void terminal_text_has_nothing_that_acts(void **state)
{
    static const struct {
        const char *text;
        const char *printed;
    } rows[] = {
        {"plain text", "plain text"},
        {"Gr\xc3\xbc\xc3\x9f\x65, \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80",
         "Gr\xc3\xbc\xc3\x9f\x65, \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80"},
        {"a\nb\tc\rd", "a\\nb\\tc\\rd"},
        {"\x1b[31mred\x07", "\\x1b[31mred\\x07"},
        {"\x7f", "\\x7f"},
        /* C1: a one-byte escape introducer on some terminals */
        {"\xc2\x9b\x33\x31m", "\\u{9b}31m"},
        {"\xc2\x85", "\\u{85}"},
        {"\xc2\xa0", "\xc2\xa0"},
        {"\x9b\x33\x31m", "\\x9b31m"},
        {"\xe2\x82", "\\xe2\\x82"},
        /* line and paragraph separators, direction, invisible */
        {"\xe2\x80\xa8\xe2\x80\xa9", "\\u{2028}\\u{2029}"},
        {"\xe2\x80\xae"
         "gpj.exe",
         "\\u{202e}gpj.exe"},
        {"\xe2\x81\xa6x\xe2\x81\xa9", "\\u{2066}x\\u{2069}"},
        {"a\xe2\x80\x8b"
         "b",
         "a\\u{200b}b"},
        {"\xef\xbb\xbf", "\\u{feff}"},
        {"\xf3\xa0\x81\x81", "\\u{e0041}"},
        /* a written escape cannot pass for a real one */
        {"a\\nb", "a\\\\nb"},
        {"\\x1b", "\\\\x1b"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf buf = BUF_INIT;

        utf8_add_terminal(&buf, span_str(rows[i].text));
        assert_string_equal(buf_str(&buf), rows[i].printed);
        buf_release(&buf);
    }
}

static void html_text_has_no_markup_and_shows_what_acts(void **state)
{
    static const struct {
        const char *text, *printed;
    } rows[] = {
        {"", ""},
        {"plain \xc3\xa9 \xe6\x97\xa5", "plain \xc3\xa9 \xe6\x97\xa5"},
        {"<b a=\"1\" c='2'>&amp;",
         "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;"},
        {"a\nb\t\r", "a<mark>\\n</mark>b<mark>\\t</mark><mark>\\r</mark>"},
        {"\x1b\x7f\xc2\x9b",
         "<mark>\\x1b</mark><mark>\\x7f</mark><mark>\\u{9b}</mark>"},
        {"\xe2\x80\xae<", "<mark>\\u{202e}</mark>&lt;"},
        {"\x9b\xe2\x82", "<mark>\\x9b</mark><mark>\\xe2\\x82</mark>"},
        /* a written escape is not marked, so it needs no doubling */
        {"\\x1b", "\\x1b"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf buf = BUF_INIT;

        utf8_add_html(&buf, span_str(rows[i].text));
        buf_add(&buf, SPAN("."));
        buf.ptr[buf.len - 1] = '\0';
        assert_string_equal(buf.ptr, rows[i].printed);
        buf_release(&buf);
    }
}

/* Whatever stands in a record, a terminal gets one line of plain text. */
static void no_byte_pair_gets_a_control_through(void **state)
{
    (void)state;

    for (unsigned first = 0; first < 256; first++)
        for (unsigned second = 0; second < 256; second++) {
            const char text[2] = {(char)first, (char)second};
            struct buf buf = BUF_INIT;
            struct span out;

            utf8_add_terminal(&buf, span_of(text, 2));
            out = buf_span(&buf);
            while (out.len > 0) {
                uint32_t code;
                size_t bytes = utf8_decode(out, &code);

                if (code == UTF8_INVALID || code < 0x20 ||
                    (code >= 0x7f && code < 0xa0))
                    fail_msg("%02x %02x", first, second);
                out.ptr += bytes;
                out.len -= bytes;
            }
            buf_release(&buf);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scalar_value_comes_back),
        cmocka_unit_test(a_cut_character_is_one_invalid_part),
        cmocka_unit_test(invalid_parts_become_replacements_as_unicode_counts),
        cmocka_unit_test(terminal_text_has_nothing_that_acts),
        cmocka_unit_test(html_text_has_no_markup_and_shows_what_acts),
        cmocka_unit_test(no_byte_pair_gets_a_control_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
