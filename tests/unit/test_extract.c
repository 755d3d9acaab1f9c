/*
 * The extractor reads what an attacker may have written a part of: one
 * strange byte in a user agent must not hide the record it stands in, and
 * no value may be read from where it does not belong.
 */
#define UNIT_OWN_SYS
#include "guarded.h"

#include "event/extract.h"
#include "same_event.h"

#include <stdio.h>

#define FFFD "\xef\xbf\xbd" /* U+FFFD, the replacement character */

/* Every implementation must pass; the first is the judge of the others. */
static const struct extractor_kind *const kinds[] = {&extract_dom,
                                                     &extract_scan};

/* One extractor of each kind for all tests, so that each record is also a
 * test that nothing of the one before is left. */
static struct extractor *extractors[COUNT(kinds)];

/* An extracted event with what it lives in. */
struct extracted {
    struct event event;
    struct arena arena;
    struct err err;
};

/* The event may borrow from the record's text, which stays until the next
 * call. */
static int extract(size_t kind, struct span record, struct extracted *out)
{
    static struct guarded copy; /* kept: mapping memory is slow */
    int ret;

    *out = (struct extracted){.arena = ARENA_INIT};
    memset(&out->event, 0xa5, sizeof(out->event));
    guarded_put(&copy, record);
    ret = kinds[kind]->record(extractors[kind], copy.bytes, &out->arena,
                              &out->event, &out->err);
    if (ret == 0) {
        assert_ptr_equal(out->event.record.ptr, copy.bytes.ptr);
        assert_int_equal(out->event.record.len, record.len);
        assert_string_equal(out->err.text, "");
    } else {
        assert_true(out->err.text[0] != '\0');
    }
    return ret;
}

static void extracted_release(struct extracted *out)
{
    arena_release(&out->arena);
}

/* The same verdict from every implementation, and the same event. */
static void expect_agreement(struct span record)
{
    static struct guarded copy;
    struct extracted out[COUNT(kinds)];
    int ret[COUNT(kinds)];

    guarded_put(&copy, record);
    for (size_t i = 0; i < COUNT(kinds); i++) {
        out[i] = (struct extracted){.arena = ARENA_INIT};
        ret[i] = kinds[i]->record(extractors[i], copy.bytes, &out[i].arena,
                                  &out[i].event, &out[i].err);
        if (ret[i] != ret[0])
            fail_msg("%s: %d, %s: %d: %.*s", kinds[0]->name, ret[0],
                     kinds[i]->name, ret[i], (int)record.len, record.ptr);
        if (ret[0] == 0 && event_difference(&out[0].event, &out[i].event))
            fail_msg("%s and %s differ in %s of %.*s", kinds[0]->name,
                     kinds[i]->name,
                     event_difference(&out[0].event, &out[i].event),
                     (int)record.len, record.ptr);
    }
    for (size_t i = 0; i < COUNT(kinds); i++)
        extracted_release(&out[i]);
}

/* The field of a record that can be read. */
static void expect_field(struct span record, enum event_field field,
                         struct span expected)
{
    expect_agreement(record);
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct extracted out;

        if (extract(i, record, &out) < 0)
            fail_msg("%s: %.*s: %s", kinds[i]->name, (int)record.len,
                     record.ptr, out.err.text);
        if (!span_eq(out.event.field[field], expected))
            print_error("%s of %.*s:\n", event_field_path(field),
                        (int)record.len, record.ptr);
        assert_span_equal(out.event.field[field], expected);
        extracted_release(&out);
    }
}

/* --------------------------------------------------------------- may match */

/* Most records are never looked at again: a wrong no loses an event. */
static void no_spelling_of_an_instance_is_passed_over(void **state)
{
    static const char *const spellings[3][5] = {
        {":", "\\u003a", "\\u003A"},
        {"i", "\\u0069"},
        {"-", "\\u002d", "\\u002D"},
    };
    (void)state;

    for (int i = 0; i < 125; i++) {
        const char *colon = spellings[0][i % 5];
        const char *letter = spellings[1][i / 5 % 5];
        const char *dash = spellings[2][i / 25];
        char text[64];
        struct guarded record;

        if (!colon || !letter || !dash)
            continue;
        /* at the very end, too */
        (void)snprintf(text, sizeof(text), "{\"a\":\"x%s%s%s", colon, letter,
                       dash);
        record = guarded_copy(span_str(text));
        if (!extract_may_match(record.bytes))
            fail_msg("%s", text);
        guarded_free(&record);
    }
    assert_true(extract_may_match(SPAN(":i-")));
    assert_true(extract_may_match(SPAN("::i-")));
    assert_true(extract_may_match(SPAN(":i:i-")));
    assert_true(extract_may_match(SPAN("\\\\u003a")));
}

/* What it is for: to spare the parser, byte by byte up to the end. */
static void what_cannot_name_an_instance_is_passed_over(void **state)
{
    static const char *const texts[] = {
        "",        ":",       ":i",       "i-",      ":I-",           "mi-0a",
        ": i-",    ":-i",     "\\",       "\\u",     "\\u0",          "\\u00",
        "\\u003",  "\\u006",  "\\u003b",  "\\u0049", "\\u002c",       "\\u103a",
        "\\u013a", "\\U003a", "\\u00 3a", "u003a",   "\\n:i",         "\\u0039",
        "\\u006a", "\\u0029", "\\u002-",  "\\\\",    "{\"a\":\"i\"}",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct guarded text = guarded_copy(span_str(texts[i]));

        if (extract_may_match(text.bytes))
            fail_msg("%s", texts[i]);
        guarded_free(&text);
    }
}

/* ---------------------------------------------------------------- principal */

/* A principalId as it stands in the record, and the instance it names. */
static const struct {
    const char *principal; /* NULL: no such key */
    const char *instance;  /* NULL: none */
} principals[] = {
    /* the table of rule.md 1 */
    {NULL, NULL},
    {"null", NULL},
    {"\"\"", NULL},
    {"12", NULL},
    {"true", NULL},
    {"[\":i-0a\"]", NULL},
    {"{\"principalId\":\":i-0a\"}", NULL},
    {"\"AROAEXAMPLEID:i-0abcdef1234567890\"", "i-0abcdef1234567890"},
    {"\"AROAEXAMPLEID:i-1a2b3c4d\"", "i-1a2b3c4d"},
    {"\"AROAEXAMPLEID:I-0abcdef1234567890\"", NULL},
    {"\"AROAEXAMPLEID:mi-0abcdef1234567890\"", NULL},
    {"\"AROAEXAMPLEID:session-i-0abc\"", NULL},
    {"\"i-0abcdef1234567890\"", NULL},
    {"\"123456789012:aws:ec2-instance:i-0abcdef1234567890\"",
     "i-0abcdef1234567890"},
    {"\"AROAEXAMPLEID:i-\"", "i-"},
    {"\"AROAEXAMPLEID:i-0abc/extra text\"", "i-0abc/extra text"},
    {"\"AROAEXAMPLEID:i-0abc:i-0def\"", "i-0abc:i-0def"},
    {"\"AROAEXAMPLEID:i-am-not-an-instance\"", "i-am-not-an-instance"},
    {"\"x:i-:i-0abc\"", "i-:i-0abc"},
    {"\"AROA\\u003ai-0abc\"", "i-0abc"},
    {"\"AROA:i-0a\\u0000b\"", "i-0a" FFFD "b"},
    {"\"AROA:i-0a\\ud800b\"", "i-0a" FFFD "b"},
    /* and what else can stand there */
    {"\"AROA\\u003A\\u0069\\u002D0abc\"", "i-0abc"},
    {"\":i-\\ud83d\\ude00\"", "i-\xf0\x9f\x98\x80"},
    {"\":i-\xff\xc3\xa4\"", "i-" FFFD "\xc3\xa4"},
    {"\":i-a\\n\\\"\\\\\\/b\"", "i-a\n\"\\/b"},
    {"\":i:i-0a\"", "i-0a"},
    {"\"::i-0a \"", "i-0a "},
    {"\":\"", NULL},
    {"\":i\"", NULL},
    {"\"\\u0000:i-0a\"", "i-0a"},
};

/* Which events count begins here. */
static void the_instance_is_what_the_table_says(void **state)
{
    (void)state;

    for (size_t i = 0; i < COUNT(principals); i++) {
        struct buf record = BUF_INIT;

        buf_add(&record, SPAN("{\"userIdentity\":{\"type\":\"AssumedRole\""));
        if (principals[i].principal)
            buf_printf(&record, ",\"principalId\":%s", principals[i].principal);
        buf_add(&record, SPAN("}}"));
        expect_agreement(buf_span(&record));
        for (size_t j = 0; j < COUNT(kinds); j++) {
            struct extracted out;
            struct span instance;

            assert_int_equal(extract(j, buf_span(&record), &out), 0);
            instance = event_instance_id(out.event.field[EVENT_PRINCIPAL_ID]);
            if (!span_eq(instance, span_str(principals[i].instance)))
                print_error("%s\n", principals[i].principal);
            assert_span_equal(instance, span_str(principals[i].instance));
            extracted_release(&out);
        }
        /* A record with an instance is never passed over. */
        assert_true(!principals[i].instance ||
                    extract_may_match(buf_span(&record)));
        buf_release(&record);
    }
}

/* The same principal elsewhere in the record is somebody else. */
static void only_the_principal_directly_in_the_identity_counts(void **state)
{
    static const char *const records[] = {
        "{'principalId':':i-0a'}",
        "{'userIdentity':{'x':{'principalId':':i-0a'}}}",
        "{'a':{'userIdentity':{'principalId':':i-0a'}}}",
        "{'requestParameters':{'userIdentity':{'principalId':':i-0a'}}}",
        "{'useridentity':{'principalId':':i-0a'}}",
        "{'userIdentity':{'principalid':':i-0a','PrincipalId':':i-0a'}}",
        "{'userIdentity.principalId':':i-0a'}",
        "{'userIdentity':[{'principalId':':i-0a'}]}",
        "{'userIdentity':':i-0a'}",
        "{'userIdentity':null}",
        "{'userIdentity':{'principalId\\u0000':':i-0a'}}",
        "{'userIdentity':{'\\ufeffprincipalId':':i-0a'}}",
        "{'':{'principalId':':i-0a'},'userIdentity':{'':':i-0a'}}",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(records); i++) {
        struct buf record = unit_json(records[i]);

        expect_field(buf_span(&record), EVENT_PRINCIPAL_ID, SPAN_ABSENT);
        buf_release(&record);
    }
}

/* Two readers of one record must not see two principals. */
static void the_first_of_duplicate_keys_counts(void **state)
{
    static const struct {
        const char *record;
        const char *principal; /* NULL: absent */
    } records[] = {
        {"{'userIdentity':{'principalId':'a','principalId':'b'}}", "a"},
        {"{'userIdentity':{'principalId':'a'},"
         "'userIdentity':{'principalId':'b'}}",
         "a"},
        {"{'userIdentity':{},'userIdentity':{'principalId':'b'}}", NULL},
        {"{'userIdentity':null,'userIdentity':{'principalId':'b'}}", NULL},
        {"{'userIdentity':{'principalId':null,'principalId':'b'}}", NULL},
        {"{'userIdentity':{'principalId':1,'principalId':'b'}}", NULL},
        {"{'userIdentity':{'PrincipalId':'a','principalId':'b'}}", "b"},
        {"{'userIdentity':{'principal\\u0049d':'a','principalId':'b'}}", "a"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(records); i++) {
        struct buf record = unit_json(records[i].record);

        expect_field(buf_span(&record), EVENT_PRINCIPAL_ID,
                     span_str(records[i].principal));
        buf_release(&record);
    }
}

/* ------------------------------------------------------------------- fields */

/* A record in which each field's value is its own path. */
static const char full_record[] =
    "{'eventID':'eventID','eventName':'eventName','eventTime':'eventTime',"
    "'eventSource':'eventSource','eventCategory':'eventCategory',"
    "'awsRegion':'awsRegion','sourceIPAddress':'sourceIPAddress',"
    "'userAgent':'userAgent','errorCode':'errorCode',"
    "'recipientAccountId':'recipientAccountId',"
    "'vpcEndpointId':'vpcEndpointId',"
    "'vpcEndpointAccountId':'vpcEndpointAccountId',"
    "'sessionCredentialFromConsole':'sessionCredentialFromConsole',"
    "'userIdentity':{"
    "'type':'userIdentity.type','principalId':'userIdentity.principalId',"
    "'arn':'userIdentity.arn','accountId':'userIdentity.accountId',"
    "'accessKeyId':'userIdentity.accessKeyId',"
    "'invokedBy':'userIdentity.invokedBy','inScopeOf':{"
    "'issuerType':'userIdentity.inScopeOf.issuerType',"
    "'credentialsIssuedTo':'userIdentity.inScopeOf.credentialsIssuedTo'},"
    "'sessionContext':{"
    "'ec2RoleDelivery':'userIdentity.sessionContext.ec2RoleDelivery',"
    "'sessionIssuer':{'arn':'userIdentity.sessionContext.sessionIssuer.arn',"
    "'userName':'userIdentity.sessionContext.sessionIssuer.userName'},"
    "'attributes':{'creationDate':"
    "'userIdentity.sessionContext.attributes.creationDate'}}}}";

/* A report shows them all. */
static void all_fields_come_from_their_own_paths(void **state)
{
    struct buf record = unit_json(full_record);
    (void)state;

    assert_int_equal(EVENT_FIELD_COUNT, 25);
    for (int field = 0; field < EVENT_FIELD_COUNT; field++) {
        struct span path = span_str(event_field_path((enum event_field)field));
        struct buf other = BUF_INIT;
        char *value, quoted[100];

        expect_field(buf_span(&record), (enum event_field)field, path);

        /* without its value, every other field is as before */
        buf_add(&other, buf_span(&record));
        (void)snprintf(quoted, sizeof(quoted), ":\"%s\"", path.ptr);
        value = strstr(buf_str(&other), quoted);
        assert_non_null(value);
        memset(value + 1, '1', path.len + 2);
        for (int i = 0; i < EVENT_FIELD_COUNT; i++)
            expect_field(buf_span(&other), (enum event_field)i,
                         i == field
                             ? SPAN_ABSENT
                             : span_str(event_field_path((enum event_field)i)));
        buf_release(&other);
    }
    buf_release(&record);
}

/* An empty object has no field; in particular not those of the record that
 * was read before it. */
static void a_field_that_is_not_there_is_absent(void **state)
{
    (void)state;

    for (int field = 0; field < EVENT_FIELD_COUNT; field++)
        expect_field(SPAN("{}"), (enum event_field)field, SPAN_ABSENT);
    expect_field(SPAN("{\"eventID\":\"\"}"), EVENT_ID, SPAN(""));
}

/* Only strings are values; nothing else is turned into one. */
static void a_field_of_another_type_is_absent(void **state)
{
    static const char *const values[] = {
        "null",
        "true",
        "false",
        "0",
        "-1.5e3",
        "[]",
        "['x']",
        "{}",
        "{'x':'y'}",
        "1111111111111111111111111111111111111111111111111111111111111111111",
    };
    static const struct {
        const char *format;
        enum event_field field;
    } places[] = {
        {"{'eventID':%s}", EVENT_ID},
        {"{'a':1,'sourceIPAddress':%s,'b':'x'}", EVENT_SOURCE_IP_ADDRESS},
        {"{'eventTime':%s,'@timestamp':'2024-01-01T00:00:00Z'}", EVENT_TIME},
        {"{'userIdentity':{'arn':%s}}", EVENT_IDENTITY_ARN},
        {"{'userIdentity':%s}", EVENT_IDENTITY_ARN},
        {"{'userIdentity':{'sessionContext':%s}}", EVENT_ROLE_ARN},
        {"{'userIdentity':{'sessionContext':{'sessionIssuer':%s}}}",
         EVENT_ROLE_NAME},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(places); i++) {
        for (size_t j = 0; j < COUNT(values); j++) {
            const char *hole = strchr(places[i].format, '%');
            struct buf text = BUF_INIT, record;

            buf_add(&text, span_of(places[i].format,
                                   (size_t)(hole - places[i].format)));
            buf_add(&text, span_str(values[j]));
            buf_add(&text, span_str(hole + 2));
            record = unit_json(buf_str(&text));
            expect_field(buf_span(&record), places[i].field, SPAN_ABSENT);
            buf_release(&text);
            buf_release(&record);
        }
    }
}

/* What an attacker puts into one field must not hide the others. */
static void strange_text_in_a_field_is_read(void **state)
{
    const struct {
        struct span text, value;
    } strings[] = {
        {SPAN("\\ud800"), SPAN(FFFD)},
        {SPAN("\\udc00\\ud800x"), SPAN(FFFD FFFD "x")},
        {SPAN("a\\u0000b"), SPAN("a" FFFD "b")},
        {SPAN("a\0b"), SPAN("a" FFFD "b")},
        {SPAN("\xff\xc0\x80"), SPAN(FFFD FFFD FFFD)},
        {SPAN("\x1b[31m\n\t\x01"), SPAN("\x1b[31m\n\t\x01")},
        {SPAN("\\ud83d\\ude00\\/\\b\\f"), SPAN("\xf0\x9f\x98\x80/\b\f")},
        {SPAN("}],{\\\"\\\\"), SPAN("}],{\"\\")},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(strings); i++) {
        struct buf record = BUF_INIT;

        buf_add(&record, SPAN("{\"a\":\""));
        buf_add(&record, strings[i].text);
        buf_add(&record, SPAN("\",\""));
        buf_add(&record, strings[i].text);
        buf_add(&record, SPAN("\":[1],\"userAgent\":\""));
        buf_add(&record, strings[i].text);
        buf_add(&record, SPAN("\",\"eventID\":\"e\"}"));
        expect_field(buf_span(&record), EVENT_USER_AGENT, strings[i].value);
        expect_field(buf_span(&record), EVENT_ID, SPAN("e"));
        buf_release(&record);
    }
}

/* Digits that the parser does not read must not become tokens. */
static void a_number_of_any_length_is_passed_over(void **state)
{
    static const size_t lengths[] = {1, 62, 63, 64, 65, 1000, 100000};
    (void)state;

    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct buf record = BUF_INIT;

        buf_add(&record, SPAN("{\"a\":["));
        for (size_t j = 0; j < lengths[i]; j++)
            buf_add_char(&record, '7');
        buf_add(&record, SPAN(",-1.5E-3],\"eventID\":\"e\"}"));
        expect_field(buf_span(&record), EVENT_ID, SPAN("e"));
        buf_release(&record);
    }
}

/* Some log shippers drop eventTime and put their own beside the keys. */
static void a_shippers_time_stands_in_for_a_dropped_one(void **state)
{
    static const struct {
        const char *record;
        const char *text; /* NULL: absent */
        const char *time; /* NULL: unknown */
    } records[] = {
        {"{'eventTime':'2024-01-01T00:00:00Z'}", "2024-01-01T00:00:00Z",
         "2024-01-01T00:00:00.0000000Z"},
        {"{'@timestamp':'2024-01-01T00:00:00.5Z'}", "2024-01-01T00:00:00.5Z",
         "2024-01-01T00:00:00.5000000Z"},
        {"{'@timestamp':'2024-01-01T00:00:00Z',"
         "'eventTime':'2024-02-02T01:00:00+01:00'}",
         "2024-02-02T01:00:00+01:00", "2024-02-02T00:00:00.0000000Z"},
        /* one that is there but cannot be read stands */
        {"{'@timestamp':'2024-01-01T00:00:00Z','eventTime':'noon'}", "noon",
         NULL},
        {"{'@timestamp':'2024-01-01T00:00:00Z','eventTime':null}", NULL, NULL},
        {"{'@timestamp':'noon'}", "noon", NULL},
        {"{'@timestamp':1704067200}", NULL, NULL},
        {"{'a':{'@timestamp':'2024-01-01T00:00:00Z'}}", NULL, NULL},
        {"{'eventTime':'2024-01-01T00:00:60Z'}", "2024-01-01T00:00:60Z", NULL},
        {"{}", NULL, NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(records); i++) {
        struct buf record = unit_json(records[i].record);

        expect_field(buf_span(&record), EVENT_TIME, span_str(records[i].text));
        for (size_t j = 0; j < COUNT(kinds); j++) {
            struct extracted out;
            char text[TIMESTAMP_TEXT_BYTES];

            assert_int_equal(extract(j, buf_span(&record), &out), 0);
            if (records[i].time) {
                assert_true(out.event.time != TIMESTAMP_UNKNOWN);
                timestamp_format(out.event.time, text);
                assert_string_equal(text, records[i].time);
            } else {
                assert_true(out.event.time == TIMESTAMP_UNKNOWN);
            }
            extracted_release(&out);
        }
        buf_release(&record);
    }
}

/* --------------------------------------------------------------- unreadable */

/* A record that is refused is counted; one that is misread is not. */
static void what_is_no_json_object_is_refused(void **state)
{
    static const struct span records[] = {
        {"", 0},
        {" ", 1},
        {"{", 1},
        {"{]", 2},
        {"[]", 2},
        {"[{}]", 4},
        {"\"{}\"", 4},
        {"null", 4},
        {"1", 1},
        {"{\"a\":1", 6},
        {"{\"a\":1]", 7},
        {"{\"a\":[1}", 8},
        {"{\"a\":[1}]", 9},
        {"{\"a\":[1]]", 9},
        {"{\"a\" 1}", 7},
        {"{\"a\"}", 5},
        {"{\"a\":}", 6},
        {"{\"a\":1,}", 8},
        {"{,\"a\":1}", 8},
        {"{\"a\":1 \"b\":2}", 13},
        {"{\"a\":[]1}", 9},
        {"{\"a\":1[]}", 9},
        {"{\"a\":1{}}", 9},
        {"{\"a\":1:2}", 9},
        {"{\"a\":1\"b\":2}", 12},
        {"{a:1}", 5},
        {"{1:1}", 5},
        /* the quotes pair otherwise for who takes the x for one */
        {"{xa\":\"\\\"\"}", 10},
        {"{'a':1}", 7},
        {"{\"a\":tru}", 9},
        {"{\"a\":True}", 10},
        {"{\"a\":nul}", 9},
        {"{\"a\":truefalse}", 15},
        {"{\"a\":NaN}", 9},
        {"{\"a\":nan}", 9},
        {"{\"a\":01}", 8},
        {"{\"a\":-}", 7},
        {"{\"a\":+1}", 8},
        {"{\"a\":.5}", 8},
        {"{\"a\":1.}", 8},
        {"{\"a\":1e}", 8},
        {"{\"a\":1-2}", 9},
        {"{\"a\":0x1}", 9},
        {"{\"a\":\"\\x\"}", 10},
        {"{\"a\":\"\\u00g0\"}", 14},
        {"{\"a\":\"\\u00\"}", 12},
        {"{\"a\":\"\\\"}", 9},
        {"{\"a\":\"x}", 8},
        {"{\"a\":\x01"
         "1}",
         8},
        {"{\"a\":\0"
         "1}",
         8},
        {"\xef\xbb\xbf{}", 5},
        {"{\"a\":1}/**/", 11},
        /* more than one object is not one */
        {"{} {}", 5},
        {"{}{", 3},
        {"{}}", 3},
        {"{}]", 3},
        {"{},", 3},
        {"{}1", 3},
        {"{\"a\":1} x", 9},
        {"{}\0", 3},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(records); i++) {
        for (size_t j = 0; j < COUNT(kinds); j++) {
            struct extracted out;
            int ret = extract(j, records[i], &out);

            if (ret != -1)
                fail_msg("%.*s: %d", (int)records[i].len, records[i].ptr, ret);
            extracted_release(&out);
        }
    }
}

/* What is wrong inside a member that holds no field is passed over: most
 * records are never looked into at all, and one that is must not be judged
 * by more. */
static void an_object_without_a_field_is_only_stepped_over(void **state)
{
    static const char *const values[] = {
        "[1 2]",     "[1,]",      "{'x'}",     "{'x':}", "{1:2}",
        "[tru]",     "[01,-,1.]", "['\\x']",   "{]",     "[}",
        "{'x':[1}]", "[,]",       "['\\u00']", "[:]",    "{'a':'\\ud800'}",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(values); i++) {
        struct buf text = BUF_INIT, record;

        buf_printf(&text, "{'a':%s,'eventID':'e','eventName':%s}", values[i],
                   values[i]);
        record = unit_json(buf_str(&text));
        expect_field(buf_span(&record), EVENT_ID, SPAN("e"));
        expect_field(buf_span(&record), EVENT_NAME, SPAN_ABSENT);
        buf_release(&record);
        buf_release(&text);
    }
}

/* The principal stands in there, so all of it must be JSON. */
static void the_identity_is_refused_if_anything_in_it_is_no_json(void **state)
{
    static const char *const identities[] = {
        "{'x':[1 2]}",
        "{'x':[1,]}",
        "{'x':{'y'}}",
        "{'x':{'y':}}",
        "{'x':{1:2}}",
        "{'x':[tru]}",
        "{'x':[01]}",
        "{'x':[1.]}",
        "{'x':['\\x']}",
        "{'x':{]}",
        "{'x':[}}",
        "{'x':[1}]",
        "{'x':[,]}",
        "{'sessionContext':{'sessionIssuer':{'arn':'a',}}}",
        "{'sessionContext':{'attributes':{'a':1 'b':2}}}",
        "{'principalId':'AROA:i-0a' 'arn':'a'}",
        "{'principalId' 'AROA:i-0a'}",
        "{'inScopeOf':{'issuerType':'\\u12'}}",
        "{'invokedBy':nul}",
        "[1 2]",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(identities); i++) {
        struct buf text = BUF_INIT, record;

        buf_printf(&text, "{'eventID':'e','userIdentity':%s}", identities[i]);
        record = unit_json(buf_str(&text));
        for (size_t j = 0; j < COUNT(kinds); j++) {
            struct extracted out;

            if (extract(j, buf_span(&record), &out) != -1)
                fail_msg("%s: %s", kinds[j]->name, buf_str(&record));
            extracted_release(&out);
        }
        buf_release(&record);
        buf_release(&text);
    }
}

/* White space around the object is none of its business. */
static void white_space_around_the_object_is_allowed(void **state)
{
    (void)state;

    expect_field(SPAN(" \t\r\n{ \"eventID\" :\n\"e\" }\r\n\t "), EVENT_ID,
                 SPAN("e"));
}

/* `depth` objects or arrays in each other, the first of them the record,
 * the second the value of `key`. */
static struct buf nested(size_t depth, const char *key, char open)
{
    struct buf record = BUF_INIT;

    buf_printf(&record, "{\"eventID\":\"e\",\"%s\":", key);
    for (size_t i = 1; i < depth; i++)
        buf_add(&record, open == '[' ? SPAN("[") : SPAN("{\"a\":"));
    buf_add_char(&record, '1');
    for (size_t i = 1; i < depth; i++)
        buf_add_char(&record, open == '[' ? ']' : '}');
    buf_add_char(&record, '}');
    return record;
}

/* The limit is the delimiter's; up to it nothing may be refused, wherever
 * the brackets stand. */
static void a_nesting_of_1000_is_read(void **state)
{
    static const size_t depths[] = {1, 2, 15, 16, 17, 18, 999, 1000};
    static const char *const keys[] = {"a", "userIdentity"};
    (void)state;

    for (size_t i = 0; i < COUNT(depths) * 4; i++) {
        struct buf record =
            nested(depths[i / 4], keys[i / 2 % 2], i % 2 ? '[' : '{');

        expect_field(buf_span(&record), EVENT_ID, SPAN("e"));
        buf_release(&record);
    }
}

/* Any byte of a good record may be lost or changed on the way: it is then
 * read or refused, and nothing else happens. */
static void a_record_cut_or_changed_at_every_byte_is_survived(void **state)
{
    static const char bytes[] = "{}[]\",:\\ 0-u\x01\xff";
    struct buf record = unit_json(full_record);
    (void)state;

    for (size_t at = 0; at < record.len; at++) {
        char byte = record.ptr[at];

        for (size_t j = 0; j < COUNT(kinds); j++) {
            struct extracted out;

            assert_int_equal(extract(j, span_of(record.ptr, at), &out), -1);
            extracted_release(&out);
            for (size_t i = 0; i < sizeof(bytes); i++) {
                int ret;

                record.ptr[at] = bytes[i];
                ret = extract(j, buf_span(&record), &out);
                assert_true(ret == 0 || ret == -1);
                extracted_release(&out);
            }
        }
        record.ptr[at] = byte;
    }
    buf_release(&record);
}

/* ------------------------------------------------------------------- memory */

/* Memory that is out is not the record's fault: else the record would be
 * counted as unreadable and the run go on without it. */
static void each_failed_allocation_is_told(void **state)
{
    struct buf full = unit_json(full_record);
    struct buf record = BUF_INIT;
    (void)state;

    /* With an escape in a key, so that every implementation hands the
     * record on to the reference. */
    buf_add(&record, SPAN("{\"\\u0061\":1,"));
    buf_add(&record, span_of(full.ptr + 1, full.len - 1));
    for (size_t i = 0; i < COUNT(kinds); i++) {
        size_t before = unit_memory.now;
        size_t failed = 0;
        int ret = EXTRACT_NO_MEMORY;

        for (size_t n = 1; ret != 0; n++) {
            struct arena arena = ARENA_INIT;
            struct event event;
            struct err err = ERR_NONE;
            struct extractor *extractor;

            unit_memory.fail_at = unit_memory.calls + n;
            extractor = kinds[i]->create();
            ret = EXTRACT_NO_MEMORY;
            if (extractor) {
                ret = kinds[i]->record(extractor, buf_span(&record), &arena,
                                       &event, &err);
                assert_string_equal(err.text, ret ? "out of memory" : "");
            }
            unit_memory.fail_at = 0;
            if (ret != 0)
                assert_int_equal(ret, EXTRACT_NO_MEMORY);
            failed += ret != 0;
            kinds[i]->destroy(extractor);
            arena_release(&arena);
            assert_int_equal(unit_memory.now, before);
        }
        assert_true(failed > 3); /* extractor, text, tree, arena */
    }
    buf_release(&record);
    buf_release(&full);
}

static int open_extractors(void **state)
{
    (void)state;

    for (size_t i = 0; i < COUNT(kinds); i++) {
        extractors[i] = kinds[i]->create();
        assert_non_null(extractors[i]);
        kinds[i]->destroy(NULL); /* is safe */
    }
    return 0;
}

static int close_extractors(void **state)
{
    (void)state;

    for (size_t i = 0; i < COUNT(kinds); i++)
        kinds[i]->destroy(extractors[i]);
    assert_int_equal(unit_memory.now, 0);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_spelling_of_an_instance_is_passed_over),
        cmocka_unit_test(what_cannot_name_an_instance_is_passed_over),
        cmocka_unit_test(the_instance_is_what_the_table_says),
        cmocka_unit_test(only_the_principal_directly_in_the_identity_counts),
        cmocka_unit_test(the_first_of_duplicate_keys_counts),
        cmocka_unit_test(all_fields_come_from_their_own_paths),
        cmocka_unit_test(a_field_that_is_not_there_is_absent),
        cmocka_unit_test(a_field_of_another_type_is_absent),
        cmocka_unit_test(strange_text_in_a_field_is_read),
        cmocka_unit_test(a_number_of_any_length_is_passed_over),
        cmocka_unit_test(a_shippers_time_stands_in_for_a_dropped_one),
        cmocka_unit_test(what_is_no_json_object_is_refused),
        cmocka_unit_test(an_object_without_a_field_is_only_stepped_over),
        cmocka_unit_test(the_identity_is_refused_if_anything_in_it_is_no_json),
        cmocka_unit_test(white_space_around_the_object_is_allowed),
        cmocka_unit_test(a_nesting_of_1000_is_read),
        cmocka_unit_test(a_record_cut_or_changed_at_every_byte_is_survived),
        cmocka_unit_test(each_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, open_extractors, close_extractors);
}
