/*
 * Requests and responses. AWS writes one thing in several ways, attackers
 * choose part of it, and a record may be damaged where no field is: reading
 * takes all of that, and gives what is there or nothing.
 */
#define UNIT_OWN_SYS
#include "guarded.h"

#include "event/extract.h"
#include "event/fact_parts.h"
#include "input/delimit.h"

/* Of a record of which nothing else is known. */
static int read_parts(struct fact_parts *parts, struct span record)
{
    return fact_parts_read(parts, &(struct event){.record = record});
}

/* The texts at `key` of each element of the list at `list`, with commas; "-"
 * for an element without. */
static void expect_list(const char *record, const char *list, const char *key,
                        const char *expected)
{
    struct buf json = unit_json(record);
    struct buf got = BUF_INIT;
    struct fact_parts parts = FACT_PARTS_INIT;
    struct fact_list elements;
    const struct json_value *element;

    assert_int_equal(read_parts(&parts, buf_span(&json)), 0);
    elements = fact_list(fact_part(parts.request, list));
    while ((element = fact_list_next(&elements))) {
        struct span text =
            key ? fact_text_at(element, key) : fact_text(element);

        if (got.len)
            buf_add_char(&got, ',');
        buf_add(&got, span_present(text) ? text : SPAN("-"));
    }
    assert_string_equal(got.len ? buf_str(&got) : "", expected);
    fact_parts_release(&parts);
    buf_release(&json);
    buf_release(&got);
}

static void a_list_has_many_writings(void **state)
{
    static const struct {
        const char *record, *key, *expected;
    } cases[] = {
        {"{'requestParameters':{'l':{'items':[{'k':'a'},{'k':'b'}]}}}", "k",
         "a,b"},
        {"{'requestParameters':{'l':{'item':[{'k':'a'}]}}}", "k", "a"},
        {"{'requestParameters':{'l':{'item':{'k':'a'}}}}", "k", "a"},
        {"{'requestParameters':{'l':{'member':[{'k':'a'}]}}}", "k", "a"},
        {"{'requestParameters':{'l':{'assignedPrivateIpAddressSetType':"
         "[{'k':'a'}]}}}",
         "k", "a"},
        {"{'requestParameters':{'l':[{'k':'a'},{'k':'b'}]}}", "k", "a,b"},
        {"{'requestParameters':{'l':{'k':'a'}}}", "k", "a"},
        {"{'requestParameters':{'L':[{'K':'a'}]}}", "k", "a"},
        {"{'requestParameters':{'l':['a','b']}}", NULL, "a,b"},
        {"{'requestParameters':{'l':'a'}}", NULL, "a"},
        {"{'requestParameters':{'l':{'tag':1,'content':'a'}}}", NULL, "a"},
        {"{'requestParameters':{'l':[{'tag':1,'content':'a'},"
         "{'tag':2,'content':'b'}]}}",
         NULL, "a,b"},
        {"{'requestParameters':{'l':{}}}", "k", "-"},
        {"{'requestParameters':{'l':[]}}", "k", ""},
        {"{'requestParameters':{'l':null}}", "k", "-"},
        {"{'requestParameters':{'l':[1,null,{'k':2},{'k':{}},'x']}}", "k",
         "-,-,-,-,-"},
        {"{'requestParameters':{}}", "k", ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++)
        expect_list(cases[i].record, "l", cases[i].key, cases[i].expected);
}

/* What the text at `key` is in the request and in the response. */
static void expect_texts(const char *record, const char *request,
                         const char *response)
{
    struct buf json = unit_json(record);
    struct guarded copy = guarded_copy(buf_span(&json));
    struct fact_parts parts = FACT_PARTS_INIT;

    assert_int_equal(read_parts(&parts, copy.bytes), 0);
    assert_span_equal(fact_text_at(parts.request, "k"), span_str(request));
    assert_span_equal(fact_text_at(parts.response, "k"), span_str(response));
    fact_parts_release(&parts);
    guarded_free(&copy);
    buf_release(&json);
}

static void parts_come_from_the_records_own_level(void **state)
{
    static const struct {
        const char *record, *request, *response;
    } cases[] = {
        {"{'requestParameters':{'k':'a'},'responseElements':{'k':'b'}}", "a",
         "b"},
        {"{'responseElements':{'k':'b'},'x':{'requestParameters':{'k':'a'}}}",
         NULL, "b"},
        {"{'requestParameters':{'k':'a'},'requestParameters':{'k':'b'}}", "a",
         NULL},
        {"{'requestParameters':{'k':'a','k':'b'}}", "a", NULL},
        {"{'\\u0072equestParameters':{'\\u006b':'\\u0061'}}", "a", NULL},
        {"{'requestParameters':{'MakeRequest':{'K':'a'}},"
         "'responseElements':{'MakeResponse':{'k':'b'}}}",
         "a", "b"},
        {"{'requestParameters':{'k':'a','spotRequest':{'k':'b'}}}", "a", NULL},
        {"{'requestParameters':null,'responseElements':null}", NULL, NULL},
        {"{'requestParameters':'k','responseElements':[{'k':'b'}]}", NULL,
         NULL},
        {"{'requestParameters':{'k':1},'responseElements':{'k':['b']}}", NULL,
         NULL},
        {"{'requestParameters':{'k':'a\\u0000b'}}",
         "a\xef\xbf\xbd"
         "b",
         NULL},
        {"{'requestParameters':{'k':'\\ud800'}}", "\xef\xbf\xbd", NULL},
        {"{}", NULL, NULL},
        {"", NULL, NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++)
        expect_texts(cases[i].record, cases[i].request, cases[i].response);
}

/* Of a damaged part nothing is known; the other one still is. */
static void damage_in_one_part_leaves_the_other(void **state)
{
    (void)state;

    expect_texts("{'requestParameters':{'k':'a',},"
                 "'responseElements':{'k':'b'}}",
                 NULL, "b");
    expect_texts("{'requestParameters':{'k':\\x'a'},"
                 "'responseElements':{'k':'b'}}",
                 NULL, "b");
    expect_texts("{'requestParameters':{'k':'a'},'responseElements':{'k':tru}}",
                 "a", NULL);
}

static void the_next_record_takes_the_place_of_the_last(void **state)
{
    struct fact_parts parts = FACT_PARTS_INIT;
    (void)state;

    assert_int_equal(
        read_parts(&parts, SPAN("{\"requestParameters\":{\"k\":\"a\"}}")), 0);
    assert_int_equal(read_parts(&parts, SPAN("{}")), 0);
    assert_null(parts.request);
    fact_parts_release(&parts);
    fact_parts_release(&parts);
}

/* Cut anywhere it is read without a byte too many. */
static void a_cut_record_is_read_to_its_end(void **state)
{
    struct buf json =
        unit_json("{'requestParameters':{'l':{'items':[{'k':'\\u00e4'}]}},"
                  "'responseElements':{'MakeResponse':{'k':'b'}}}");
    struct fact_parts parts = FACT_PARTS_INIT;
    (void)state;

    for (size_t n = 0; n < json.len; n++) {
        struct guarded copy = guarded_copy(span_of(json.ptr, n));

        assert_int_equal(read_parts(&parts, copy.bytes), 0);
        guarded_free(&copy);
    }
    fact_parts_release(&parts);
    buf_release(&json);
}

/* What stands before sourceIPAddress is passed over only where no part can
 * hide in it. */
static void a_part_is_found_wherever_it_stands(void **state)
{
#define USER "'userIdentity':{'type':'x'},"
    static const struct {
        const char *record, *request, *response;
    } cases[] = {
        {"{" USER "'sourceIPAddress':'1','userAgent':'x',"
         "'requestParameters':{'k':'a'},'responseElements':{'k':'b'}}",
         "a", "b"},
        {"{'requestParameters':{'k':'a'}," USER "'sourceIPAddress':'1',"
         "'requestParameters':{'k':'c'},'responseElements':{'k':'b'}}",
         "a", "b"},
        {"{" USER "'responseElements' : {'k':'b'},'sourceIPAddress':'1',"
         "'requestParameters':{'k':'a'},'responseElements':{'k':'c'}}",
         "a", "b"},
        {"{" USER "'r\\u0065questParameters':{'k':'a'},"
         "'sourceIPAddress':'1','requestParameters':{'k':'c'}}",
         "a", NULL},
        {"{'userIdentity':{'requestParameters':{'k':'c'}},"
         "'sourceIPAddress':'1','requestParameters':{'k':'a'}}",
         "a", NULL},
        {"{" USER "'sourceIPAddress':'1' , 'requestParameters':{'k':'a'}}", "a",
         NULL},
        {"{" USER "'sourceIPAddress':'\\u0031','requestParameters':{'k':'a'}}",
         "a", NULL},
        {"{'requestParameters':{'k':'a'}," USER "'sourceIPAddress':'1'}", "a",
         NULL},
        {"{" USER "'sourceIPAddress':'1'}", NULL, NULL},
    };
    struct extractor *extractor = extract_scan.create();
    struct arena arena = ARENA_INIT;
    struct fact_parts parts = FACT_PARTS_INIT;
    struct err err = ERR_NONE;
    (void)state;

    assert_int_equal(delimit_choose(NULL), 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf json = unit_json(cases[i].record);
        struct guarded copy = guarded_copy(buf_span(&json));
        struct event event;

        assert_int_equal(
            extract_scan.record(extractor, copy.bytes, &arena, &event, &err),
            0);
        assert_int_equal(fact_parts_read(&parts, &event), 0);
        assert_span_equal(fact_text_at(parts.request, "k"),
                          span_str(cases[i].request));
        assert_span_equal(fact_text_at(parts.response, "k"),
                          span_str(cases[i].response));
        guarded_free(&copy);
        buf_release(&json);
    }
    fact_parts_release(&parts);
    extract_scan.destroy(extractor);
    arena_release(&arena);
}

static void a_lack_of_memory_is_told_from_damage(void **state)
{
    struct buf json = unit_json("{'requestParameters':{'l':[{'k':'\\n'}]},"
                                "'responseElements':{'k':'b'}}");
    size_t before = unit_memory.now;
    struct fact_parts parts = FACT_PARTS_INIT;
    int ret = -1;
    (void)state;

    for (size_t n = 1; ret < 0; n++) {
        assert_true(n < 100);
        unit_memory.calls = 0;
        unit_memory.fail_at = n;
        ret = read_parts(&parts, buf_span(&json));
        assert_int_equal(ret, unit_memory.calls >= n ? -1 : 0);
        unit_memory.fail_at = 0;
        fact_parts_release(&parts);
        assert_int_equal(unit_memory.now, before);
    }
    buf_release(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_has_many_writings),
        cmocka_unit_test(parts_come_from_the_records_own_level),
        cmocka_unit_test(damage_in_one_part_leaves_the_other),
        cmocka_unit_test(the_next_record_takes_the_place_of_the_last),
        cmocka_unit_test(a_cut_record_is_read_to_its_end),
        cmocka_unit_test(a_part_is_found_wherever_it_stands),
        cmocka_unit_test(a_lack_of_memory_is_told_from_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
