/*
 * grammar tells where a value breaks. What it takes for good it is asked no
 * more about, and where it breaks too early a good record is lost.
 */
#include "input/grammar.h"

#include "unit.h"

/* Where the text breaks, or its length. */
static size_t broken_at(struct span text, struct grammar *grammar)
{
    bool in_string = false, escaped = false;

    *grammar = (struct grammar){0};
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (in_string) {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        if (!grammar_take(grammar, c))
            return i;
        in_string = c == '"';
    }
    return text.len;
}

/* With ' for ", and where it breaks; SIZE_MAX: nowhere. */
static void a_text_breaks_where_no_value_could_go_on(void **state)
{
    static const struct {
        const char *text;
        size_t at;
    } texts[] = {
        {"{}", SIZE_MAX},
        {"[]", SIZE_MAX},
        {" {\n'a' : 1 , 'b':[ ] ,\t'c':{'d':[1,-2.5e+3,true,null,'x']} } ",
         SIZE_MAX},
        {"[[[]],[{}],{'a':{}}]", SIZE_MAX},
        {"{'a':'{]}[,:'}", SIZE_MAX},
        {"{'a':1", SIZE_MAX}, /* it may go on */
        /* a bracket of the wrong kind, or none to close */
        {"{'a':1]", 6},
        {"[1}", 2},
        {"{'a':[{'b':1]}", 12},
        {"}", 0},
        {"{}}", 2},
        /* a bracket too few: the next object where a key must stand */
        {"{'a':{'b':1,{'c':2}}", 12},
        {"{'a':[1,{'b':2},'c':3}", 19},
        /* one too many */
        {"{{'a':1}", 1},
        {"{'a':{[1}", 6},
        /* separators */
        {"{,}", 1},
        {"[,1]", 1},
        {"[1,]", 3},
        {"{'a':1,}", 7},
        {"{'a',1}", 4},
        {"{'a'}", 4},
        {"{'a':}", 5},
        {"{'a'::1}", 5},
        {"{'a':1:2}", 6},
        {"[1:2]", 2},
        {"[1 2]", 3},
        {"[1 'a']", 3},
        {"['a''b']", 4},
        {"[{}{}]", 3},
        {"[[]'a']", 3},
        {",", 0},
        {":", 0},
        {"1,2", 1},
        /* a key that is no string; bytes that are no JSON */
        {"{1:2}", 1},
        {"{a:2}", 1},
        {"{'a':x}", 5},
        {"[\x01]", 1},
        {"{'a':\\u0041}", 5},
        {"[1\x80]", 2},
        /* a quote too few: what was a string stands bare */
        {"{'a':'x,'b':'y'}", 9},
        {"{'a:'b'}", 5},
        {"{a':'b'}", 1},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct buf text = unit_json(texts[i].text);
        struct grammar grammar;
        size_t expected = texts[i].at == SIZE_MAX ? text.len : texts[i].at;
        size_t at = broken_at(buf_span(&text), &grammar);

        if (at != expected)
            fail_msg("%s breaks at %zu", texts[i].text, at);
        buf_release(&text);
    }
}

/* The kinds are kept for 1,000 levels; deeper, brackets are only counted,
 * and on the way up the kinds are known again. */
static void beyond_a_depth_brackets_are_counted(void **state)
{
    (void)state;

    for (size_t depth = 990; depth <= 1010; depth++) {
        struct buf text = BUF_INIT;
        struct grammar grammar;

        for (size_t i = 0; i < depth; i++)
            buf_add(&text, i % 3 ? SPAN("[") : SPAN("{\"a\":"));
        buf_add_char(&text, '1');
        for (size_t i = depth; i-- > 0;)
            buf_add_char(&text, i % 3 ? ']' : '}');
        assert_int_equal(broken_at(buf_span(&text), &grammar), text.len);
        assert_int_equal(grammar.depth, 0);
        text.ptr[text.len - 2] ^= ']' ^ '}'; /* of the second level */
        assert_int_equal(broken_at(buf_span(&text), &grammar), text.len - 2);
        buf_release(&text);
    }
}

static void behind_a_member_an_object_goes_on_or_ends(void **state)
{
    static const struct {
        const char *rest;
        bool good;
    } rests[] = {
        {"}", true},         {" }", true},   {",'a':1}", true},
        {",{'a':1}", false}, {"]", false},   {"{", false},
        {"'a':1}", false},   {":1}", false}, {"1}", false},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rests); i++) {
        struct grammar grammar;
        const char *at = rests[i].rest;
        bool good = true;

        grammar_behind_member(&grammar);
        while (good && *at) {
            char c = *at++ == '\'' ? '"' : at[-1];

            good = grammar_take(&grammar, c);
            if (c == '"')
                at = strchr(at, '\'') + 1;
        }
        if (good != rests[i].good || (good && grammar.depth != 0))
            fail_msg("%s", rests[i].rest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_breaks_where_no_value_could_go_on),
        cmocka_unit_test(beyond_a_depth_brackets_are_counted),
        cmocka_unit_test(behind_a_member_an_object_goes_on_or_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
