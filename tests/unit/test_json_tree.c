/*
 * The tree replaces a lexical pass and cJSON behind it, so it must take and
 * say what they did: of texts cut anywhere, with any byte in any place, and of
 * what an attacker wrote into them.
 */
#define UNIT_OWN_SYS
#include "guarded.h"

#include "base/cjson_object.h"
#include "event/json_text.h"
#include "event/json_tree.h"

#include <cjson/cJSON.h>

/* Values in values call each other, as deep as the texts here nest. */
/* NOLINTBEGIN(misc-no-recursion) */
static void expect_same(const struct json_value *got, const cJSON *expected);

static void expect_same_inside(const struct json_value *got,
                               const cJSON *expected)
{
    const struct json_value *child = got->child;
    const cJSON *other = expected->child;

    for (; child && other; child = child->next, other = other->next) {
        assert_ptr_equal(child->around, got);
        assert_span_equal(child->key, span_str(other->string));
        expect_same(child, other);
    }
    assert_null(child);
    assert_null(other);
}

static void expect_same(const struct json_value *got, const cJSON *expected)
{
    enum json_kind kind = cJSON_IsObject(expected)   ? JSON_OBJECT
                          : cJSON_IsArray(expected)  ? JSON_ARRAY
                          : cJSON_IsString(expected) ? JSON_STRING
                                                     : JSON_SCALAR;

    assert_int_equal(got->kind, kind);
    assert_span_equal(got->text, span_str(cJSON_GetStringValue(expected)));
    expect_same_inside(got, expected);
}

/* NOLINTEND(misc-no-recursion) */

static cJSON *read_as_before(struct span text)
{
    struct buf repaired = BUF_INIT;
    bool memory_is_out;
    cJSON *root = NULL;

    if (json_text_repair(text, &repaired, NULL) == 0)
        root = cjson_object(buf_span(&repaired), &memory_is_out);
    buf_release(&repaired);
    return root;
}

/* Both read the object that `text` is, or neither does. */
static void compare(struct json_tree *tree, struct span text)
{
    static struct guarded copy; /* kept: mapping memory is slow */
    cJSON *expected = read_as_before(text);
    const struct json_value *root;
    const char *after;
    bool memory_is_out;

    if (text.len > 0)
        guarded_put(&copy, text);
    json_tree_clear(tree);
    after = json_tree_read(tree, copy.bytes, &root, &memory_is_out);
    assert_false(memory_is_out);
    assert_int_equal(after != NULL, root != NULL);
    if (after && after < copy.bytes.ptr + copy.bytes.len) {
        assert_null(expected); /* it must be all there is */
    } else {
        if ((root != NULL) != (expected != NULL))
            unit_show("text ", text);
        assert_int_equal(root != NULL, expected != NULL);
        if (root)
            expect_same(root, expected);
    }
    cJSON_Delete(expected);
}

static const char *const texts[] = {
    "{}",
    "{'a':{},'b':[],'c':'','':{'':[[],{}]}}",
    "{ 'a' :\t1 ,\r\n'b' : [ 'x' , true , null ] }",
    "{'a':-1.5e+3,'b':0,'c':10E-2,'d':[1,2,{'e':false}],'a':2}",
    "{'\\u0061':'\\'\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00','k\\u0000':1}",
    "{'a':'\\ud800','b':'\\udc00x','c':'\\u0000','d':'\\ud83d\\ud83d'}",
    "{'a':'\xc3\xa4 \xf0\x9f\x98\x80 \xff \xc3','b\xe2\x82':'x\ny\x01'}",
    "{'items':[{'k':'0123456789abcdef0123456789abcdef'},{'k':{'tag':1}}]}",
};

static void it_reads_what_cjson_reads(void **state)
{
    static const char bytes[] = "{}[]:,\"\\ \n\x01\0u0-.eEntfx\xc3\xff";
    struct json_tree tree = JSON_TREE_INIT;
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct buf json = unit_json(texts[i]);

        for (size_t n = 1; n <= json.len; n++)
            compare(&tree, span_of(json.ptr, n));
        for (size_t at = 1; at < json.len; at++)
            for (size_t b = 0; b < sizeof(bytes) - 1; b++) {
                char kept = json.ptr[at];

                json.ptr[at] = bytes[b];
                compare(&tree, buf_span(&json));
                json.ptr[at] = kept;
            }
        buf_release(&json);
    }
    json_tree_release(&tree);
}

/* Two or three bytes wrong at once: what is odd hides behind what is odd. */
static void it_reads_what_cjson_reads_of_rubbish(void **state)
{
    static const char bytes[] = "{}[]:,\"\"\\ \nu0d8-.e1ntfa\xc3\xa4";
    struct json_tree tree = JSON_TREE_INIT;
    uint32_t seed = 1;
    (void)state;

    for (size_t i = 0; i < 50000; i++) {
        struct buf json = unit_json(texts[unit_random(&seed, COUNT(texts))]);

        for (size_t n = 1 + unit_random(&seed, 3); n > 0 && json.len > 2; n--)
            json.ptr[1 + unit_random(&seed, json.len - 1)] =
                bytes[unit_random(&seed, sizeof(bytes) - 1)];
        compare(&tree, buf_span(&json));
        buf_release(&json);
    }
    json_tree_release(&tree);
}

/* cJSON reads 63 digits and stumbles over the rest. */
static void a_number_may_be_as_long_as_it_likes(void **state)
{
    struct json_tree tree = JSON_TREE_INIT;
    struct buf json = unit_json(
        "{'a':"
        "12345678901234567890123456789012345678901234567890123456789012345,"
        "'b':-0."
        "1234567890123456789012345678901234567890123456789012345678901}");
    (void)state;

    compare(&tree, buf_span(&json));
    json_tree_release(&tree);
    buf_release(&json);
}

/* As deep as a record may be, and what is behind it is not its. */
static void depth_costs_no_stack(void **state)
{
    struct json_tree tree = JSON_TREE_INIT;
    struct buf json = BUF_INIT;
    const struct json_value *root;
    const char *after;
    bool memory_is_out;
    (void)state;

    buf_add(&json, SPAN("{\"a\":"));
    for (size_t i = 0; i < 100000; i++)
        buf_add_char(&json, '[');
    for (size_t i = 0; i < 100000; i++)
        buf_add_char(&json, ']');
    buf_add(&json, SPAN("}}]"));
    after = json_tree_read(&tree, buf_span(&json), &root, &memory_is_out);
    assert_ptr_equal(after, json.ptr + json.len - 2);
    assert_non_null(root);
    json_tree_release(&tree);
    buf_release(&json);
}

static void members_fold_case_and_the_first_counts(void **state)
{
    struct json_tree tree = JSON_TREE_INIT;
    struct buf json = unit_json("{'a':'1','Key':'2','key':'3','l':['x']}");
    const struct json_value *root, *list;
    bool memory_is_out;
    (void)state;

    (void)json_tree_read(&tree, buf_span(&json), &root, &memory_is_out);
    assert_span_equal(json_tree_member(root, SPAN("key"))->text, SPAN("2"));
    assert_null(json_tree_member(root, SPAN("k")));
    assert_null(json_tree_member(NULL, SPAN("k")));
    list = json_tree_member(root, SPAN("L"));
    assert_null(json_tree_member(list, SPAN("x")));
    json_tree_release(&tree);
    buf_release(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_reads_what_cjson_reads),
        cmocka_unit_test(it_reads_what_cjson_reads_of_rubbish),
        cmocka_unit_test(a_number_may_be_as_long_as_it_likes),
        cmocka_unit_test(depth_costs_no_stack),
        cmocka_unit_test(members_fold_case_and_the_first_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
