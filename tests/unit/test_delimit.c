/*
 * delimit sees every byte of every input, and faster variants will have to
 * give its answers: so each answer is tried at every cut, and against a
 * model that is written in another way.
 */
#include "input/delimit.h"

#include "guarded.h"

/* A value with what follows it: where it ends, and whether a byte of it is
 * legal nowhere. Quotes are written ' here. */
static const struct {
    const char *text;
    size_t len;
    bool illegal;
} values[] = {
    {"{}", 2, false},
    {"{}}", 2, false},
    {"[]", 2, false},
    {"''", 2, false},
    {"'a'b", 3, false},
    {"'{'}", 3, false},
    {"{'a':1}{'b':2}", 7, false},
    {"[{'a':[]},[[]]] ]", 15, false},
    {"{'a':'}'}}", 9, false},
    {"{'a':']}'}}", 10, false},
    {"{'\\'':1}", 8, false},      /* an escaped quote */
    {"{'\\\\':1}'", 8, false},    /* a backslash, escaped */
    {"{'\\\\\\'':1}", 10, false}, /* both */
    {"'\\\\\\\\'x", 6, false},
    {"'\\u0022'x", 8, false},
    {"{'a\n\t@~\x01\x7f\xff\xc3':1}", 15,
     false}, /* all this may be in a string */
    {"{'a':-1.5e+9,'b':2E-3}", 22, false},
    {"[true,false,null]", 17, false},
    {"{ \t\r\n}", 6, false},
    {"{'a':1]{", 7, false}, /* kinds of brackets are not told apart */
    {"[}", 2, false},
    {"{@}", 3, true},
    {"{'a':1;}", 8, true},
    {"{a'@'}", 6, false},
    {"{b}", 3, true},
    {"{'a':NaN}", 9, true},
    {"{'a':\xef\xbb\xbf}", 9, true},
    {"{'a':\x01}", 7, true},
    {"{'a':\x80}", 7, true},
    {"[/* a */]", 9, true},
    {"{}@", 2, false}, /* what follows is another's */
    {"{'@'}", 5, false},
};

/* Feed `text` in two pieces. The value's length, or 0 if it does not end. */
static size_t in_pieces(struct span text, size_t cut, struct delimit *state)
{
    static struct guarded first, rest; /* kept: mapping memory is slow */
    const char *after = NULL;
    size_t len = 0;

    guarded_put(&first, span_of(text.ptr, cut));
    guarded_put(&rest, span_of(text.ptr + cut, text.len - cut));
    *state = (struct delimit){0};
    if (cut > 0) {
        after = delimit_value(state, first.bytes.ptr, first.bytes.ptr + cut);
        len = after ? (size_t)(after - first.bytes.ptr) : 0;
    }
    if (!after && cut < text.len) {
        after = delimit_value(state, rest.bytes.ptr,
                              rest.bytes.ptr + rest.bytes.len);
        len = after ? cut + (size_t)(after - rest.bytes.ptr) : 0;
    }
    return len;
}

/* A record that ends too early or too late is lost, and the next one
 * with it; windows end anywhere. */
static void a_value_ends_at_its_last_byte_wherever_it_is_cut(void **state)
{
    (void)state;

    for (size_t i = 0; i < COUNT(values); i++) {
        struct buf json = unit_json(values[i].text);

        for (size_t cut = 0; cut <= json.len; cut++) {
            struct delimit delimit;
            size_t len = in_pieces(buf_span(&json), cut, &delimit);

            if (len != values[i].len || delimit.illegal != values[i].illegal)
                fail_msg("%s cut at %zu: length %zu, illegal %d",
                         values[i].text, cut, len, delimit.illegal);
            assert_int_equal(delimit.depth, 0);
            assert_false(delimit.in_string || delimit.escaped);
        }
        buf_release(&json);
    }
}

/* Else a cut file would look whole. */
static void a_cut_value_does_not_end(void **state)
{
    (void)state;

    for (size_t i = 0; i < COUNT(values); i++) {
        struct buf json = unit_json(values[i].text);

        for (size_t len = 1; len < values[i].len; len++) {
            struct delimit delimit;

            if (in_pieces(span_of(json.ptr, len), len, &delimit) != 0)
                fail_msg("%s ends within %zu bytes", values[i].text, len);
            assert_true(delimit.depth > 0 || delimit.in_string);
        }
        buf_release(&json);
    }
}

/* What no parser looks at must not hold anything but JSON's bytes, else
 * rubbish is counted as a record that was read. */
static void only_bytes_of_json_are_legal_outside_strings(void **state)
{
    static const char legal[] = " \t\r\n{}[]:,\"0123456789+-.eEtrufalsn";
    (void)state;

    for (int c = 0; c < 256; c++) {
        bool expected = c != 0 && strchr(legal, c) != NULL;
        char in_object[] = "[ ]", in_string[] = "\" \"";
        struct delimit delimit = {0};

        in_object[1] = in_string[1] = (char)c;
        assert_int_equal(delimit_is_legal((char)c), expected);
        (void)delimit_value(&delimit, in_object, in_object + 3);
        if (delimit.illegal == expected)
            fail_msg("byte %02x", (unsigned)c);
        delimit = (struct delimit){0};
        (void)delimit_value(&delimit, in_string, in_string + 3);
        assert_false(delimit.illegal);
    }
}

/* The limit of every parser behind it: 1,000 open brackets, in any mixture,
 * and none that stand in strings or one behind the other. */
static void more_than_1000_open_brackets_are_deep(void **state)
{
    static const struct {
        size_t open;
        bool deep;
    } depths[] = {{1, false}, {999, false}, {1000, false}, {1001, true}};
    (void)state;

    for (size_t i = 0; i < COUNT(depths) * 2; i++) {
        size_t open = depths[i / 2].open;
        struct buf text = BUF_INIT;

        for (size_t j = 0; j < open; j++)
            buf_add_char(&text, j % 3 ? '[' : '{');
        buf_add(&text, SPAN("\"[[{{\""));
        if (i % 2) /* and down and up again */
            for (size_t j = 1; j < open; j++)
                buf_add(&text, SPAN("]"));
        if (i % 2)
            for (size_t j = 1; j < open; j++)
                buf_add(&text, SPAN(",["));
        for (size_t j = 0; j < open; j++)
            buf_add_char(&text, '}');
        for (size_t cut = 0; cut <= text.len; cut += 1 + text.len / 50) {
            struct delimit delimit;

            assert_int_equal(in_pieces(buf_span(&text), cut, &delimit),
                             text.len);
            assert_int_equal(delimit.deep, depths[i / 2].deep);
        }
        buf_release(&text);
    }
}

/* Where the value at text.ptr ends, 0 if it does not. Written from the
 * quotes: one counts if it opens a string, or if the run of backslashes
 * before it, which begins in the string, is even. */
static size_t model(struct span text, bool *illegal)
{
    size_t opened = 0, depth = 0;
    bool inside = false;

    *illegal = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        size_t run = 0;

        if (c == '"') {
            while (inside && i - run > opened + 1 &&
                   text.ptr[i - run - 1] == '\\')
                run++;
            if (run % 2)
                continue;
            inside = !inside;
            opened = i;
        } else if (inside) {
            continue;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            depth--;
        } else if (c == '@' || c == '\\') {
            *illegal = true;
        }
        if (!inside && depth == 0)
            return i + 1;
    }
    return 0;
}

/* The table above holds what somebody thought of. */
static void random_texts_end_where_the_model_says(void **state)
{
    static const char alphabet[] = "{}[]\"\"\\\\\\@ 1,:";
    uint32_t seed = 20240131;
    (void)state;

    for (int round = 0; round < 20000; round++) {
        char text[40];
        size_t len = 1 + unit_random(&seed, sizeof(text));
        struct delimit delimit;
        bool illegal;
        size_t expected, got;

        text[0] = "{[\""[unit_random(&seed, 3)];
        for (size_t i = 1; i < len; i++)
            text[i] = alphabet[unit_random(&seed, sizeof(alphabet) - 1)];
        expected = model(span_of(text, len), &illegal);
        got = in_pieces(span_of(text, len), unit_random(&seed, len + 1),
                        &delimit);
        if (got != expected || delimit.illegal != illegal)
            fail_msg("%.*s: length %zu, not %zu; illegal %d", (int)len, text,
                     got, expected, delimit.illegal);
    }
}

/* An attacker may open as many brackets as he likes: depth is a number,
 * no stack. */
static void a_million_open_brackets_are_counted(void **state)
{
    struct delimit delimit = {0};
    const char *open = "[[[[[[[[[[", *close = "]]]]]]]]]]";
    (void)state;

    for (int i = 0; i < 100000; i++)
        assert_null(delimit_value(&delimit, open, open + 10));
    assert_int_equal(delimit.depth, 1000000);
    for (int i = 1; i < 100000; i++)
        assert_null(delimit_value(&delimit, close, close + 10));
    assert_ptr_equal(delimit_value(&delimit, close, close + 10), close + 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_ends_at_its_last_byte_wherever_it_is_cut),
        cmocka_unit_test(a_cut_value_does_not_end),
        cmocka_unit_test(only_bytes_of_json_are_legal_outside_strings),
        cmocka_unit_test(more_than_1000_open_brackets_are_deep),
        cmocka_unit_test(random_texts_end_where_the_model_says),
        cmocka_unit_test(a_million_open_brackets_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
