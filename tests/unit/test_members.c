/*
 * Members tell what an object is before anything parses it, so they meet
 * whatever the splitter calls an object: whole by its brackets, and no
 * more than that.
 */
#include "event/members.h"

#include "guarded.h"

/* All members of `object`, one a line, `key=value`; then how it ended. */
static struct buf list(struct span object)
{
    static struct guarded copy; /* kept: mapping memory is slow */
    struct buf lines = BUF_INIT;
    struct members members;
    struct member member;
    int more;

    guarded_put(&copy, object);
    members_init(&members, copy.bytes);
    while ((more = members_next(&members, &member)) > 0) {
        buf_add(&lines, member.key);
        buf_add_char(&lines, '=');
        buf_add(&lines, member.value);
        buf_add_char(&lines, '\n');
    }
    buf_add(&lines, more == 0 ? SPAN("end") : SPAN("broken"));
    return lines;
}

struct example {
    const char *object; /* with ' for " */
    const char *lines;
};

static void expect_examples(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct buf object = unit_json(examples[i].object);
        struct buf expected = unit_json(examples[i].lines);
        struct buf lines = list(buf_span(&object));

        if (!span_eq(buf_span(&lines), buf_span(&expected)))
            print_error("%s\n", examples[i].object);
        assert_span_equal(buf_span(&lines), buf_span(&expected));
        buf_release(&object);
        buf_release(&expected);
        buf_release(&lines);
    }
}

/* Keys and values are as raw as they stand, whatever values hold. */
static void members_are_given_out_in_order_and_raw(void **state)
{
    static const struct example examples[] = {
        {"{}", "end"},
        {"{ \t\r\n}", "end"},
        {"{'a':1}", "a=1\nend"},
        {"{} \n", "end"},
        {" {'a':1}", "a=1\nend"},
        {"{ 'a' : 1 , 'b'\n:\ttrue\r}", "a=1\nb=true\nend"},
        {"{'':'','a':null,'a':-1.5e3}", "=''\na=null\na=-1.5e3\nend"},
        {"{'a\\'':'}\\\\','\\u0062':','}", "a\\'='}\\\\'\n\\u0062=','\nend"},
        {"{'a':{'b':[1,{'c':'}'}]},'d':[{},[]]}",
         "a={'b':[1,{'c':'}'}]}\nd=[{},[]]\nend"},
        {"{'a':{ },'b':[ ]}", "a={ }\nb=[ ]\nend"},
        /* what nested values hold is not looked at */
        {"{'a':{@},'b':[1 2],'c':'\x01\xff'}",
         "a={@}\nb=[1 2]\nc='\x01\xff'\nend"},
    };
    (void)state;

    expect_examples(examples, COUNT(examples));
}

/* What is no object is told, and no member is made up. */
static void what_is_no_object_is_broken(void **state)
{
    static const struct example examples[] = {
        {"", "broken"},
        {" ", "broken"},
        {"}", "broken"},
        {"'a':1}", "broken"},
        {",'a':1}", "broken"},
        {"[]", "broken"},
        {"{", "broken"},
        {"{'a'", "broken"},
        {"{'a'}", "broken"},
        {"{'a':", "broken"},
        {"{'a':}", "broken"},
        {"{'a':,'b':1}", "broken"},
        {"{'a' 1}", "broken"},
        {"{'a','b':1}", "broken"},
        {"{a:1}", "broken"},
        {"{1:1}", "broken"},
        {"{,}", "broken"},
        {"{,'a':1}", "broken"},
        {"{'a':1,}", "a=1\nbroken"},
        {"{'a':1,,'b':2}", "a=1\nbroken"},
        {"{'a':1 'b':2}", "a=1\nbroken"},
        {"{'a':'x' 'b':2}", "a='x'\nbroken"},
        {"{'a':'x'{'b':2}", "a='x'\nbroken"},
        {"{'a':[1]{'b':2}}", "a=[1]\nbroken"},
        {"{{'a':1}}", "broken"},
        {"{'a':1}}", "a=1\nbroken"},
        {"{'a':1}{'b':2}", "a=1\nbroken"},
        {"{'a':1} x", "a=1\nbroken"},
        {"{'a':1]", "a=1\nbroken"},
        {"{'a':'x]", "broken"},
        {"{'a':1", "a=1\nbroken"},
    };
    (void)state;

    expect_examples(examples, COUNT(examples));
}

/* Nothing is read behind a cut, and none looks like an end. */
static void an_object_cut_at_every_byte_is_broken(void **state)
{
    struct buf object =
        unit_json(" {'a' : {'b':['}\\\\',1]}, 'c\\'':'\\'', 'd':true }");
    struct buf lines = list(buf_span(&object));
    (void)state;

    assert_int_equal(strncmp(lines.ptr + lines.len - 3, "end", 3), 0);
    for (size_t len = 0; len < object.len; len++) {
        struct buf cut = list(span_of(object.ptr, len));

        if (cut.len < 6 || memcmp(cut.ptr + cut.len - 6, "broken", 6) != 0)
            fail_msg("%.*s", (int)len, object.ptr);
        buf_release(&cut);
    }
    buf_release(&object);
    buf_release(&lines);
}

/* A caller may ask once more. */
static void the_end_of_an_object_is_final(void **state)
{
    static const struct {
        struct span object;
        int end;
    } objects[] = {
        {{"{}", 2}, 0},
        {{"{\"a\":1}", 7}, 0},
        {{"{\"a\":1}{\"b\":2}", 14}, -1},
        {{"{\"a\":1,,\"b\":2}", 14}, -1},
        {{"{\"a\":1}{\"b\":2,\"c\":3}", 20}, -1},
        {{"x", 1}, -1},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(objects); i++) {
        struct members members;
        struct member member;
        int more;

        members_init(&members, objects[i].object);
        while ((more = members_next(&members, &member)) > 0)
            ;
        assert_int_equal(more, objects[i].end);
        assert_true(members_next(&members, &member) <= 0);
        assert_true(members_next(&members, &member) <= 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_given_out_in_order_and_raw),
        cmocka_unit_test(what_is_no_object_is_broken),
        cmocka_unit_test(an_object_cut_at_every_byte_is_broken),
        cmocka_unit_test(the_end_of_an_object_is_final),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
