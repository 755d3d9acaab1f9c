/*
 * Text is judged before the parser sees it, and printed with the secrets
 * taken out. Both passes meet what an attacker wrote.
 */
#define UNIT_OWN_SYS
#include "guarded.h"

#include "event/json_text.h"

#include <cjson/cJSON.h>
#include <stdio.h>

#define FFFD "\xef\xbf\xbd" /* U+FFFD, the replacement character */

static bool is_json(struct span text)
{
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(text.ptr, text.len, &end, 0);
    bool whole = root && end == text.ptr + text.len;

    cJSON_Delete(root);
    return whole;
}

/* ----------------------------------------------------------------- repair */

static int repair(struct span in, struct buf *out, struct err *err)
{
    static struct guarded copy; /* kept: mapping memory is slow */

    guarded_put(&copy, in);
    return json_text_repair(copy.bytes, out, err);
}

static void expect_repaired(struct span in, struct span expected)
{
    struct buf out = BUF_INIT;
    struct err err = ERR_NONE;

    buf_add(&out, SPAN("what was there before"));
    if (repair(in, &out, &err) < 0)
        fail_msg("%.*s: %s", (int)in.len, in.ptr, err.text);
    assert_span_equal(buf_span(&out), expected);
    buf_release(&out);
}

/* What cJSON reads rightly it gets as it stands. */
static void good_text_is_left_alone(void **state)
{
    static const char *const texts[] = {
        "{}",
        " {\t'a' :\r\n[1, -2.5e+3, 0, 0.5, 10E-2, true, false, null]} ",
        "{'a':'\\'\\\\\\/\\b\\f\\n\\r\\t\\u0041\\uABCD\\uabcd'}",
        "{'\\ud83d\\ude00':'\\uD83D\\uDE00'}", /* a whole pair */
        "{'a':'\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 \x7f'}",
        "{'a':'\\\\u0000 \\\\ud800'}", /* backslashes, no escapes */
        "{'a':'" FFFD "\\ufffd\\uffff'}",
        "{'a':'x\ny\x01'}", /* cJSON passes controls in strings */
        "}]:,{",            /* structure is not looked at */
        "",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct buf text = unit_json(texts[i]);

        if (text.len > 0)
            expect_repaired(buf_span(&text), buf_span(&text));
        buf_release(&text);
    }
}

/* Each of these makes cJSON refuse the record or end the string early. */
static void what_cjson_stumbles_over_becomes_a_replacement(void **state)
{
    const struct {
        struct span in, out;
    } texts[] = {
        {SPAN("\"a\\u0000b\""), SPAN("\"a" FFFD "b\"")},
        {SPAN("\"a\0b\""), SPAN("\"a" FFFD "b\"")},
        {SPAN("\"\\ud800\""), SPAN("\"" FFFD "\"")},
        {SPAN("\"\\uDBFFx\""), SPAN("\"" FFFD "x\"")},
        {SPAN("\"\\udc00\""), SPAN("\"" FFFD "\"")},
        {SPAN("\"\\uDFFF\\n\""), SPAN("\"" FFFD "\\n\"")},
        {SPAN("\"\\ude00\\ud83d\""), SPAN("\"" FFFD FFFD "\"")},
        {SPAN("\"\\ud800\\u0041\""), SPAN("\"" FFFD "\\u0041\"")},
        {SPAN("\"\\ud800\\n\""), SPAN("\"" FFFD "\\n\"")},
        {SPAN("\"\\ud800\\\\udc00\""), SPAN("\"" FFFD "\\\\udc00\"")},
        {SPAN("\"\\ud800\\ud83d\\ude00\""), SPAN("\"" FFFD "\\ud83d\\ude00\"")},
        {SPAN("\"\\ud83d\\ude00\\ude00\""), SPAN("\"\\ud83d\\ude00" FFFD "\"")},
        {SPAN("\"\\ud800\\u0000\""), SPAN("\"" FFFD FFFD "\"")},
        /* no UTF-8: a maximal part becomes one replacement */
        {SPAN("\"\xff\xfe\""), SPAN("\"" FFFD FFFD "\"")},
        {SPAN("\"\xc3\""), SPAN("\"" FFFD "\"")},
        {SPAN("\"\xe2\x82\""), SPAN("\"" FFFD "\"")},
        {SPAN("\"\xe2\x82\\n\""), SPAN("\"" FFFD "\\n\"")},
        {SPAN("\"\xc0\x80\""), SPAN("\"" FFFD FFFD "\"")},
        {SPAN("\"\xed\xa0\x80\""), SPAN("\"" FFFD FFFD FFFD "\"")},
        {SPAN("\"\xf4\x90\x80\x80\""), SPAN("\"" FFFD FFFD FFFD FFFD "\"")},
        /* keys are strings, too */
        {SPAN("{\"\\u0000\":\"\\ud800\"}"),
         SPAN("{\"" FFFD "\":\"" FFFD "\"}")},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        expect_repaired(texts[i].in, texts[i].out);
        assert_true(is_json(texts[i].out));
    }
}

/* cJSON leaves the digits behind the 63rd lying, as if another token. */
static void numbers_longer_than_cjson_reads_become_0(void **state)
{
    static const char *const heads[] = {"", "-", "1.", "-0.", "1e", "12E+"};
    (void)state;

    for (size_t i = 0; i < COUNT(heads); i++) {
        for (size_t len = 60; len < 70; len++) {
            char in[80] = "[", out[80];

            (void)strcat(in, heads[i]);
            while (strlen(in) < len + 1)
                (void)strcat(in, "1");
            (void)strcat(in, "]");
            (void)snprintf(out, sizeof(out), "%s", len > 63 ? "[0]" : in);
            expect_repaired(span_str(in), span_str(out));
            assert_true(is_json(span_str(out)));
        }
    }
}

/* cJSON would pass these, each as something else than it says. */
static void tokens_that_are_none_are_refused_with_their_byte(void **state)
{
    const struct {
        struct span in;
        const char *err;
    } texts[] = {
        {SPAN("{\"a\":\"\\x\"}"), "bad escape at byte 6 of the record"},
        {SPAN("\"\\"), "bad escape at byte 1 of the record"},
        {SPAN("\"\\\0\""), "bad escape at byte 1 of the record"},
        {SPAN("\"\\U0041\""), "bad escape at byte 1 of the record"},
        {SPAN("\"\\u004\""), "bad escape at byte 1 of the record"},
        {SPAN("\"\\u00g1\""), "bad escape at byte 1 of the record"},
        {SPAN("\"\\u +41\""), "bad escape at byte 1 of the record"},
        {SPAN("\"\\u00"), "bad escape at byte 1 of the record"},
        {SPAN("\"\\ud800\\u00\""), "bad escape at byte 7 of the record"},
        {SPAN("\"\\\n\""), "bad escape at byte 1 of the record"},
        {SPAN("{\"a"), "unended string at byte 3 of the record"},
        {SPAN("\""), "unended string at byte 1 of the record"},
        {SPAN("\"\\\""), "unended string at byte 3 of the record"},
        {SPAN("\"\xe2\x82"), "unended string at byte 3 of the record"},
        {SPAN("[01]"), "bad number at byte 1 of the record"},
        {SPAN("[-01]"), "bad number at byte 1 of the record"},
        {SPAN("[00]"), "bad number at byte 1 of the record"},
        {SPAN("[-]"), "bad number at byte 1 of the record"},
        {SPAN("[--1]"), "bad number at byte 1 of the record"},
        {SPAN("[1.]"), "bad number at byte 1 of the record"},
        {SPAN("[1.e5]"), "bad number at byte 1 of the record"},
        {SPAN("[1e]"), "bad number at byte 1 of the record"},
        {SPAN("[1e+]"), "bad number at byte 1 of the record"},
        {SPAN("[-"), "bad number at byte 1 of the record"},
        {SPAN("[1."), "bad number at byte 1 of the record"},
        {SPAN("[.5]"), "bad byte at byte 1 of the record"},
        {SPAN("[+1]"), "bad byte at byte 1 of the record"},
        {SPAN("[1.5.5]"), "bad byte at byte 4 of the record"},
        {SPAN("[\x01]"), "bad byte at byte 1 of the record"},
        {SPAN("[\v]"), "bad byte at byte 1 of the record"},
        {SPAN("[\x7f]"), "bad byte at byte 1 of the record"},
        {SPAN("[\xc2\xa0]"), "bad byte at byte 1 of the record"},
        {SPAN("\xef\xbb\xbf{}"), "bad byte at byte 0 of the record"},
        {SPAN("[True]"), "bad byte at byte 1 of the record"},
        {SPAN("['a']"), "bad byte at byte 1 of the record"},
        {SPAN("[/**/]"), "bad byte at byte 1 of the record"},
        {SPAN("[\0]"), "NUL outside a string at byte 1 of the record"},
        {SPAN("{}\0"), "NUL outside a string at byte 2 of the record"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct buf out = BUF_INIT;
        struct err err = ERR_NONE;

        if (repair(texts[i].in, &out, &err) == 0)
            fail_msg("%.*s passes", (int)texts[i].in.len, texts[i].in.ptr);
        assert_string_equal(err.text, texts[i].err);
        assert_int_equal(repair(texts[i].in, &out, NULL), -1);
        buf_release(&out);
    }
}

/* Whatever passes holds nothing that cJSON reads otherwise: it is UTF-8
 * without NUL, and a second pass changes nothing. */
static void what_was_repaired_stays_as_it_is(void **state)
{
    static const char *const pieces[] = {
        "\"",       "\\",       "\\u",  "d83d", "\\ude00", "\\u0000",
        "\xf0\x9f", "\x98\x80", "\xff", "0",    "1.5",     "-",
        "e5",       "{",        "}",    ",",    "\n",      "true",
    };
    uint32_t seed = 31337;
    size_t passed = 0;
    (void)state;

    for (int round = 0; round < 20000; round++) {
        struct buf text = BUF_INIT, once = BUF_INIT, twice = BUF_INIT;
        size_t count = 1 + unit_random(&seed, 12);

        while (count-- > 0)
            buf_add(&text, span_str(pieces[unit_random(&seed, COUNT(pieces))]));
        if (unit_random(&seed, 4) == 0)
            buf_add(&text, span_of("\0", 1));
        if (repair(buf_span(&text), &once, NULL) == 0) {
            passed++;
            assert_int_equal(repair(buf_span(&once), &twice, NULL), 0);
            assert_span_equal(buf_span(&twice), buf_span(&once));
            assert_null(memchr(once.ptr, '\0', once.len));
        }
        buf_release(&text);
        buf_release(&once);
        buf_release(&twice);
    }
    assert_true(passed > 100);
}

/* ---------------------------------------------------------------- compact */

static void expect_compact(struct span in, struct span expected)
{
    static struct guarded copy;
    struct buf out = BUF_INIT;

    buf_add(&out, SPAN("before "));
    guarded_put(&copy, in);
    json_text_compact(copy.bytes, &out);
    assert_false(out.failed);
    assert_memory_equal(out.ptr, "before ", 7);
    assert_span_equal(span_of(out.ptr + 7, out.len - 7), expected);
    assert_true(is_json(expected));
    buf_release(&out);
}

static void expect_compact_json(const char *in, const char *expected)
{
    struct buf text = unit_json(in);
    struct buf compact = unit_json(expected);

    expect_compact(buf_span(&text), buf_span(&compact));
    buf_release(&text);
    buf_release(&compact);
}

/* rule.md 3: key order, numbers and escapes stay as written. */
static void only_white_space_between_tokens_goes(void **state)
{
    static const struct {
        const char *in, *out;
    } texts[] = {
        {"{}", "{}"},
        {" { \t } \r\n", "{}"},
        {"{ 'b' : 1 ,\n'a' : [ true , { } ,\tnull ] , 'b' : ' x ' }",
         "{'b':1,'a':[true,{},null],'b':' x '}"},
        {"{'n': [1.50, -0, 1E+5, 12345678901234567890123456789]}",
         "{'n':[1.50,-0,1E+5,12345678901234567890123456789]}"},
        {"{'\\u0041\\/' : '\\' : \\\\' , 'b':'\\ud83d\\ude00 \\b'}",
         "{'\\u0041\\/':'\\' : \\\\','b':'\\ud83d\\ude00 \\b'}"},
        {"{'a':'\xc3\xa4\xf0\x9f\x98\x80\x7f'}",
         "{'a':'\xc3\xa4\xf0\x9f\x98\x80\x7f'}"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++)
        expect_compact_json(texts[i].in, texts[i].out);
}

/* The extractor takes them, and the output must be JSON. */
static void bytes_that_json_forbids_in_strings_are_replaced(void **state)
{
    (void)state;

    expect_compact(SPAN("{\"a\": \"x\ny\0z\x1f\"}"),
                   SPAN("{\"a\":\"x\\u000ay\\u0000z\\u001f\"}"));
    expect_compact(SPAN("{\"\t\": \"\x1b[31m\"}"),
                   SPAN("{\"\\u0009\":\"\\u001b[31m\"}"));
    expect_compact(SPAN("{\"a\xff\": \"\xe2\x82 \xc0\x80\xc3\"}"),
                   SPAN("{\"a" FFFD "\":\"" FFFD " " FFFD FFFD FFFD "\"}"));
    expect_compact(SPAN("{\"a\": \"\xc3\\n\"}"),
                   SPAN("{\"a\":\"" FFFD "\\n\"}"));
}

/* Half a surrogate pair is an escape like any other: the text as it
 * stood, although cJSON does not read it. */
static void half_a_surrogate_pair_stays_as_written(void **state)
{
    struct buf out = BUF_INIT;
    (void)state;

    json_text_compact(SPAN("{\"a\": \"\\ud800\"}"), &out);
    assert_span_equal(buf_span(&out), SPAN("{\"a\":\"\\ud800\"}"));
    buf_release(&out);
}

static const char *const secrets[] = {
    "secretAccessKey", "sessionToken", "password",     "masterUserPassword",
    "newPassword",     "oldPassword",  "secretString", "secretBinary",
    "privateKey",      "keyMaterial",  "passwordData", "authToken",
};

/* The record of an AssumeRole call holds credentials that still work. */
static void secrets_are_removed_whatever_their_value(void **state)
{
    static const struct {
        const char *value;
        const char *around; /* with the member as %s */
    } cases[] = {
        {"'x'", "{%s}"},
        {" 'x\\'},{' ", "{'a':1,%s,'b':2}"},
        {"null", "{%s,'b':2}"},
        {"-1.5e3", "{'a':1,%s}"},
        {"true", "[{%s},{'b':[{%s}]}]"},
        {"{}", "{'a':{'b':{%s}}}"},
        {"{'a':1,'b':{'password':'x'},'c':[]}", "{'a':[1,{%s}],'c':3}"},
        {"[]", "{%s}"},
        {"[ 1 , { 'x' : '}' , 'y' : [ ] } , ']' ]", "{'a':{%s},'c':3}"},
        {"''", "{%s,'x':{'y':1},%s}"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(secrets); i++) {
        for (size_t j = 0; j < COUNT(cases); j++) {
            char member[100], removed[100], in[300], out[300];

            (void)snprintf(member, sizeof(member), "'%s' : %s", secrets[i],
                           cases[j].value);
            (void)snprintf(removed, sizeof(removed), "'%s':'[removed]'",
                           secrets[i]);
            (void)snprintf(in, sizeof(in), cases[j].around, member, member);
            (void)snprintf(out, sizeof(out), cases[j].around, removed, removed);
            expect_compact_json(in, out);
        }
    }
}

/* A key that JSON reads as a secret's is one, however it is spelt. */
static void secrets_are_known_in_any_spelling(void **state)
{
    static const char *const keys[] = {
        "PASSWORD",
        "pASSWORd",
        "pass\\u0077ord",
        "\\u0050\\u0041\\u0053\\u0053\\u0077\\u006f\\u0072\\u0064",
        "SecretAccessKey",
        "SESSIONTOKEN",
        "session\\u0054oken",
        "MasterUserPassword",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(keys); i++) {
        char in[200], out[200];

        (void)snprintf(in, sizeof(in), "{'a': {'%s': 'x', 'b': 1}}", keys[i]);
        (void)snprintf(out, sizeof(out), "{'a':{'%s':'[removed]','b':1}}",
                       keys[i]);
        expect_compact_json(in, out);
    }
}

/* Evidence must not vanish because a word looks like a secret's name. */
static void what_is_no_secrets_key_stays(void **state)
{
    static const char *const texts[] = {
        "['password','sessionToken',{'a':'password'}]",
        "{'a':['password','x','secretString','y']}",
        "{'a':'password','b':'x'}",
        "{'a':[{'b':1},'password','x']}",
        "{'a':[[],'password','x']}",
        "{'passwords':'x'}",
        "{'xpassword':'x'}",
        "{'password ':'x'}",
        "{' password':'x'}",
        "{'pass word':'x'}",
        "{'pass\\\\u0077ord':'x'}",
        "{'pass\\u0000word':'x'}",
        "{'':'password'}",
        "{'passwor\xc4\x91':'x'}",
        "{'\xc5\xbf"
        "ecretString':'x'}", /* a long s folds only in Unicode */
        "{'password\\'':'x'}",
        "{'a':'\\'password\\':\\'x\\''}",
        "{'passwordpasswordpasswordpasswordpasswordpasswordpasswordpassword"
        "password':'x'}",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++)
        expect_compact_json(texts[i], texts[i]);
}

/* The extractor takes a nesting of 1,000, in which the secret's value may
 * have its part. */
static void the_deepest_record_is_compacted(void **state)
{
    static const struct {
        int levels; /* around the innermost object */
        const char *in, *out;
    } inner[] = {
        {999, "{ \"password\": 1 }", "{\"password\":\"[removed]\"}"},
        {997, "{ \"password\": [{\"b\":1}] }", "{\"password\":\"[removed]\"}"},
        {998, "{ \"a\": [ \"password\" ] }", "{\"a\":[\"password\"]}"},
    };
    (void)state;

    for (size_t i = 0; i < 2 * COUNT(inner); i++) {
        struct buf in = BUF_INIT, out = BUF_INIT;
        bool object = i % 2;

        for (int level = 0; level < inner[i / 2].levels; level++) {
            buf_add(&in, span_str(object ? "{\"a\": " : "[ "));
            buf_add(&out, span_str(object ? "{\"a\":" : "["));
        }
        buf_add(&in, span_str(inner[i / 2].in));
        buf_add(&out, span_str(inner[i / 2].out));
        for (int level = 0; level < inner[i / 2].levels; level++) {
            buf_add(&in, span_str(object ? " }" : " ]"));
            buf_add(&out, span_str(object ? "}" : "]"));
        }
        expect_compact(buf_span(&in), buf_span(&out));
        buf_release(&in);
        buf_release(&out);
    }
}

/* A random value written twice: with white space to `in`, and to `out` as
 * it should come out (not at all if `out` is NULL). */
static void write_blanks(uint32_t *seed, struct buf *in)
{
    for (size_t i = unit_random(seed, 4); i-- > 1;)
        buf_add_char(in, " \t\r\n"[unit_random(seed, 4)]);
}

static void write_both(struct span text, uint32_t *seed, struct buf *in,
                       struct buf *out)
{
    write_blanks(seed, in);
    buf_add(in, text);
    write_blanks(seed, in);
    if (out)
        buf_add(out, text);
}

static void write_value(int depth, uint32_t *seed, struct buf *in,
                        struct buf *out)
{
    static const char *const scalars[] = {
        "1",    "-0.5e3",     "true",         "null",
        "\"\"", "\"}\\\"{\"", "\"password\"", "\"\\\\\"",
    };
    static const char *const keys[] = {
        "\"a\"", "\"password\"", "\"authTOKEN\"", "\"privat\\u0065Key\"",
        "\"}\"", "\"passwor\"",  "\"\\\"\"",
    };
    size_t kind = depth > 5 ? 0 : unit_random(seed, 3);
    size_t count = unit_random(seed, 4);

    if (kind == 0) {
        write_both(span_str(scalars[unit_random(seed, COUNT(scalars))]), seed,
                   in, out);
        return;
    }
    write_both(span_str(kind == 1 ? "[" : "{"), seed, in, out);
    for (size_t i = 0; i < count; i++) {
        struct buf *value_out = out;

        if (i > 0)
            write_both(SPAN(","), seed, in, out);
        if (kind == 2) {
            size_t key = unit_random(seed, COUNT(keys));

            write_both(span_str(keys[key]), seed, in, out);
            write_both(SPAN(":"), seed, in, out);
            if (key >= 1 && key <= 3) {
                if (out)
                    buf_add(out, SPAN("\"[removed]\""));
                value_out = NULL;
            }
        }
        write_value(depth + 1, seed, in, value_out);
    }
    write_both(span_str(kind == 1 ? "]" : "}"), seed, in, out);
}

/* Combinations that nobody thought of. */
static void random_records_come_out_as_they_were_made(void **state)
{
    uint32_t seed = 271828;
    (void)state;

    for (int round = 0; round < 5000; round++) {
        struct buf in = BUF_INIT, out = BUF_INIT;

        write_value(0, &seed, &in, &out);
        expect_compact(buf_span(&in), buf_span(&out));
        expect_compact(buf_span(&out), buf_span(&out));
        buf_release(&in);
        buf_release(&out);
    }
}

/* ----------------------------------------------------------------- memory */

/* The caller asks once, at the end. */
static void each_failed_allocation_is_told(void **state)
{
    struct buf text = BUF_INIT;
    size_t failed_repairs = 0, failed_compacts = 0;
    size_t before;
    (void)state;

    buf_add(&text, SPAN("{\"a\":\""));
    for (int i = 0; i < 100; i++)
        buf_add(&text, SPAN("\\u0000\xff\x01\\n"));
    buf_add(&text, SPAN("\"}"));
    before = unit_memory.now;
    for (size_t n = 1; n < 20; n++) {
        struct buf out = BUF_INIT;
        struct err err = ERR_NONE;

        unit_memory.fail_at = unit_memory.calls + n;
        if (json_text_repair(buf_span(&text), &out, &err) < 0) {
            assert_string_equal(err.text, "out of memory");
            assert_true(out.failed);
            failed_repairs++;
        } else {
            assert_false(out.failed);
        }
        buf_release(&out);
        unit_memory.fail_at = unit_memory.calls + n;
        json_text_compact(buf_span(&text), &out);
        failed_compacts += out.failed;
        unit_memory.fail_at = 0;
        buf_release(&out);
        assert_int_equal(unit_memory.now, before);
    }
    assert_in_range(failed_repairs, 2, 18);
    assert_in_range(failed_compacts, 2, 18);
    buf_release(&text);
}

/* JSON embedded in JSON is what the outer escapes spell, and no longer
 * than it was. */
static void an_embedded_text_is_unescaped_once(void **state)
{
    const struct {
        struct span raw, text; /* absent: refused */
    } texts[] = {
        {SPAN(""), SPAN("")},
        {SPAN("a'{}[]"), SPAN("a'{}[]")},
        {SPAN("\\\"\\\\\\/\\b\\f\\n\\r\\t"), SPAN("\"\\/\b\f\n\r\t")},
        {SPAN("\\\\n\\\\u003a"), SPAN("\\n\\u003a")},
        {SPAN("\\u003A\\u00e9\\u20AC"), SPAN(":\xc3\xa9\xe2\x82\xac")},
        {SPAN("\\ud83d\\ude00"), SPAN("\xf0\x9f\x98\x80")},
        {SPAN("\\ud83d"), SPAN("\xef\xbf\xbd")},
        {SPAN("\\ude00x"), SPAN("\xef\xbf\xbdx")},
        {SPAN("\\ud83d\\u003a"), SPAN("\xef\xbf\xbd:")},
        {SPAN("\\u0000"), SPAN("\xef\xbf\xbd")},
        {SPAN("\xff\n\0"), SPAN("\xff\n\0")}, /* raw bytes stay */
        {SPAN("a\\"), SPAN_ABSENT},
        {SPAN("\\x"), SPAN_ABSENT},
        {SPAN("\\\0"), SPAN_ABSENT},
        {SPAN("\\u00"), SPAN_ABSENT},
        {SPAN("\\u00g0"), SPAN_ABSENT},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct guarded raw = guarded_copy(texts[i].raw);
        struct buf out = BUF_INIT;
        int ret;

        buf_add(&out, SPAN("before"));
        ret = json_text_unescape(raw.bytes, &out);
        assert_int_equal(ret, span_present(texts[i].text) ? 0 : -1);
        if (ret == 0) {
            assert_true(out.len - 6 <= raw.bytes.len);
            assert_span_equal(span_of(out.ptr + 6, out.len - 6), texts[i].text);
        }
        buf_release(&out);
        guarded_free(&raw);
    }
}

/* ------------------------------------------------------------------ plainly */

static void expect_no_wrong_yes(struct span text)
{
    struct buf repaired = BUF_INIT;
    struct guarded copy = guarded_copy(text);

    if (json_text_is_plainly_json(copy.bytes)) {
        assert_int_equal(json_text_repair(text, &repaired, NULL), 0);
        assert_true(is_json(buf_span(&repaired)));
    }
    guarded_free(&copy);
    buf_release(&repaired);
}

/* Whatever it says yes to, cJSON must take: at every cut, and with any byte
 * that means something in the place of any other. */
static void what_is_plainly_json_is_json(void **state)
{
    static const char text[] =
        "{\"a\":[1,-20,3.5e+7,true,false,null,\"\",[],{}],"
        "\"b\\u00e9\":{\"c\":\"x\\\"y\\ud800\xc3\xa9\",\"d\":[{\"e\":0}]}}";
    static const char bytes[] = "{}[],:\"\\ntue01.-+ \x01\xff\0x";
    char changed[sizeof(text)];
    (void)state;

    assert_true(json_text_is_plainly_json(span_str(text)));
    assert_false(json_text_is_plainly_json(SPAN("{\"a\": 1}")));
    assert_false(json_text_is_plainly_json(SPAN("[1]")));
    assert_false(json_text_is_plainly_json(SPAN("")));
    for (size_t at = 0; at < sizeof(text) - 1; at++) {
        expect_no_wrong_yes(span_of(text, at));
        for (size_t i = 0; i < sizeof(bytes); i++) {
            memcpy(changed, text, sizeof(text));
            changed[at] = bytes[i];
            expect_no_wrong_yes(span_of(changed, sizeof(text) - 1));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_text_is_left_alone),
        cmocka_unit_test(what_cjson_stumbles_over_becomes_a_replacement),
        cmocka_unit_test(numbers_longer_than_cjson_reads_become_0),
        cmocka_unit_test(tokens_that_are_none_are_refused_with_their_byte),
        cmocka_unit_test(what_was_repaired_stays_as_it_is),
        cmocka_unit_test(only_white_space_between_tokens_goes),
        cmocka_unit_test(bytes_that_json_forbids_in_strings_are_replaced),
        cmocka_unit_test(half_a_surrogate_pair_stays_as_written),
        cmocka_unit_test(secrets_are_removed_whatever_their_value),
        cmocka_unit_test(secrets_are_known_in_any_spelling),
        cmocka_unit_test(what_is_no_secrets_key_stays),
        cmocka_unit_test(the_deepest_record_is_compacted),
        cmocka_unit_test(random_records_come_out_as_they_were_made),
        cmocka_unit_test(each_failed_allocation_is_told),
        cmocka_unit_test(an_embedded_text_is_unescaped_once),
        cmocka_unit_test(what_is_plainly_json_is_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
