/*
 * Programs read what this writes: a comma too many or one raw control
 * character makes a whole report unreadable.
 */
#include "unit.h"

#include "base/json_writer.h"

struct writing {
    struct out out;
    struct json_writer json;
};

static void start(struct writing *w, bool pretty)
{
    out_init(&w->out, -1);
    json_init(&w->json, &w->out, pretty);
}

static void assert_written(struct writing *w, const char *expected)
{
    assert_int_equal(out_flush(&w->out, NULL), 0);
    assert_string_equal(buf_str(&w->out.pending), expected);
    out_release(&w->out);
}

/* One of everything, at every place where a comma could go wrong. */
static void write_sample(struct json_writer *json)
{
    json_object(json);
    json_member_string(json, "s", SPAN("x"));
    json_member_uint(json, "n", UINT64_MAX);
    json_member_bool(json, "t", true);
    json_member_bool(json, "f", false);
    json_member_string(json, "absent", SPAN_ABSENT);
    json_member_array(json, "empty");
    json_array_end(json);
    json_member_object(json, "none");
    json_object_end(json);
    json_member_array(json, "a");
    json_uint(json, 0);
    json_array(json);
    json_array_end(json);
    json_object(json);
    json_member_uint(json, "k", 1);
    json_object_end(json);
    json_null(json);
    json_array_end(json);
    json_member_uint(json, "last", 2);
    json_object_end(json);
}

static void compact_text_has_nothing_between_tokens(void **state)
{
    struct writing w;
    (void)state;

    start(&w, false);
    write_sample(&w.json);
    assert_written(&w, "{\"s\":\"x\",\"n\":18446744073709551615,\"t\":true,"
                       "\"f\":false,\"absent\":null,\"empty\":[],\"none\":{},"
                       "\"a\":[0,[],{\"k\":1},null],\"last\":2}");
}

static void pretty_text_has_a_member_a_line(void **state)
{
    struct writing w;
    (void)state;

    start(&w, true);
    write_sample(&w.json);
    assert_written(&w, "{\n"
                       "  \"s\": \"x\",\n"
                       "  \"n\": 18446744073709551615,\n"
                       "  \"t\": true,\n"
                       "  \"f\": false,\n"
                       "  \"absent\": null,\n"
                       "  \"empty\": [],\n"
                       "  \"none\": {},\n"
                       "  \"a\": [\n"
                       "    0,\n"
                       "    [],\n"
                       "    {\n"
                       "      \"k\": 1\n"
                       "    },\n"
                       "    null\n"
                       "  ],\n"
                       "  \"last\": 2\n"
                       "}");
}

static void strings_are_escaped_and_repaired(void **state)
{
    const struct {
        struct span text;
        const char *json;
    } rows[] = {
        {SPAN(""), "\"\""},
        {SPAN("plain"), "\"plain\""},
        {SPAN("\"\\/"), "\"\\\"\\\\/\""},
        {SPAN("a\nb"), "\"a\\nb\""},
        {SPAN("\0\x01\x1f"), "\"\\u0000\\u0001\\u001f\""},
        {SPAN("\t\r\b\f"), "\"\\u0009\\u000d\\u0008\\u000c\""},
        /* JSON allows these raw; a terminal acts on them */
        {SPAN("\x7f\xc2\x80\xc2\x9b"), "\"\\u007f\\u0080\\u009b\""},
        {SPAN("\xc2\xa0\xc3\xa9\xf0\x9f\x98\x80"),
         "\"\xc2\xa0\xc3\xa9\xf0\x9f\x98\x80\""},
        {SPAN("a\xff\xe2\x82"
              "b"),
         "\"a\xef\xbf\xbd\xef\xbf\xbd"
         "b\""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct writing w;

        start(&w, false);
        json_string(&w.json, rows[i].text);
        assert_written(&w, rows[i].json);
    }
}

/* Event names are keys of objects, and an attacker can choose some. */
static void keys_are_escaped_like_strings(void **state)
{
    struct writing w;
    (void)state;

    start(&w, false);
    json_object(&w.json);
    json_key(&w.json, SPAN("a\"\n\xff"));
    json_uint(&w.json, 1);
    json_object_end(&w.json);
    assert_written(&w, "{\"a\\\"\\n\xef\xbf\xbd\":1}");
}

static void times_and_addresses_may_be_unknown(void **state)
{
    struct writing w;
    struct ip ip;
    unsigned prefix;
    (void)state;

    assert_true(ip_parse_v4(SPAN("3.3.3.3"), &ip, &prefix));
    start(&w, false);
    json_object(&w.json);
    json_member_time(&w.json, "t",
                     timestamp_parse(SPAN("2022-02-22T10:05:00Z")));
    json_member_time(&w.json, "u", TIMESTAMP_UNKNOWN);
    json_member_ip(&w.json, "i", ip);
    json_member_ip(&w.json, "j", IP_ABSENT);
    json_object_end(&w.json);
    assert_written(&w, "{\"t\":\"2022-02-22T10:05:00.0000000Z\",\"u\":null,"
                       "\"i\":\"3.3.3.3\",\"j\":null}");
}

/* The alert's Event is the record's own text. */
static void raw_text_is_placed_as_it_is(void **state)
{
    struct writing w;
    (void)state;

    start(&w, false);
    json_array(&w.json);
    json_raw(&w.json, SPAN("{\"n\":1.50}"));
    json_raw(&w.json, SPAN_ABSENT);
    json_raw(&w.json, SPAN("2"));
    json_array_end(&w.json);
    assert_written(&w, "[{\"n\":1.50},null,2]");
}

static void what_is_not_known_is_left_out(void **state)
{
    struct writing w;
    (void)state;

    start(&w, false);
    json_object(&w.json);
    json_member_known(&w.json, "absent", SPAN_ABSENT);
    json_member_known(&w.json, "empty", SPAN(""));
    json_member_known_time(&w.json, "unknown", TIMESTAMP_UNKNOWN);
    json_member_known_time(&w.json, "epoch", 0);
    json_member_known(&w.json, "last", SPAN_ABSENT);
    json_object_end(&w.json);
    assert_written(
        &w, "{\"empty\":\"\",\"epoch\":\"1970-01-01T00:00:00.0000000Z\"}");
}

static void integers_have_a_sign(void **state)
{
    struct writing w;
    (void)state;

    start(&w, false);
    json_array(&w.json);
    json_int(&w.json, INT64_MIN);
    json_int(&w.json, INT64_MAX);
    json_object(&w.json);
    json_member_int(&w.json, "n", -1);
    json_object_end(&w.json);
    json_array_end(&w.json);
    assert_written(&w, "[-9223372036854775808,9223372036854775807,{\"n\":-1}]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compact_text_has_nothing_between_tokens),
        cmocka_unit_test(pretty_text_has_a_member_a_line),
        cmocka_unit_test(strings_are_escaped_and_repaired),
        cmocka_unit_test(keys_are_escaped_like_strings),
        cmocka_unit_test(times_and_addresses_may_be_unknown),
        cmocka_unit_test(raw_text_is_placed_as_it_is),
        cmocka_unit_test(what_is_not_known_is_left_out),
        cmocka_unit_test(integers_have_a_sign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
