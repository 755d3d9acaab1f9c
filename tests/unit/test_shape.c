/*
 * shape says whether an object is a CloudTrail record at all: what it
 * takes for something else is never looked at again.
 */
#include "event/shape.h"

#include "guarded.h"

static const char *const names[] = {
    [SHAPE_RECORD] = "record", [SHAPE_DETAIL] = "detail",
    [SHAPE_TEXT] = "text",     [SHAPE_SOURCE] = "source",
    [SHAPE_LOGS] = "logs",     [SHAPE_FOREIGN] = "foreign",
    [SHAPE_BROKEN] = "broken",
};

/* An object with ' for ", and what it is inside and outside `Records`. */
static const struct {
    const char *object;
    enum shape in_records;
    enum shape elsewhere;
} objects[] = {
    /* the usual record, in any order of its keys */
    {"{'eventVersion':'1.08','eventSource':'s3.amazonaws.com'}", SHAPE_RECORD,
     SHAPE_RECORD},
    {"{'eventSource':'ec2.amazonaws.com','eventTime':'x'}", SHAPE_RECORD,
     SHAPE_RECORD},
    {"{ 'a' : { 'eventSource' : 1 } , 'eventTime' : 1 , 'b' : [ ] , "
     "'eventSource' : 'x' , 'c' : '}' }",
     SHAPE_RECORD, SHAPE_RECORD},
    /* keys may be escaped, and values of any type */
    {"{'event\\u0053ource':'x','\\u0065ventTime':'x'}", SHAPE_RECORD,
     SHAPE_RECORD},
    {"{'eventSource':null,'eventVersion':null}", SHAPE_RECORD, SHAPE_RECORD},
    /* a key that is missing matters only elsewhere */
    {"{'eventSource':'x'}", SHAPE_RECORD, SHAPE_FOREIGN},
    {"{'eventTime':'x','eventVersion':'1'}", SHAPE_RECORD, SHAPE_FOREIGN},
    {"{}", SHAPE_RECORD, SHAPE_FOREIGN},
    {"{'a':1}", SHAPE_RECORD, SHAPE_FOREIGN},
    /* only the object's own level counts, and only the exact key */
    {"{'detail':{'eventSource':'x','eventTime':'x'}}", SHAPE_RECORD,
     SHAPE_FOREIGN},
    {"{'eventsource':'x','eventTime':'x'}", SHAPE_RECORD, SHAPE_FOREIGN},
    {"{'eventSources':'x','eventTime':'x'}", SHAPE_RECORD, SHAPE_FOREIGN},
    {"{'eventSource':'x','eventtime':'x','EventVersion':'1'}", SHAPE_RECORD,
     SHAPE_FOREIGN},
    {"{'a':'eventSource','b':'eventTime'}", SHAPE_RECORD, SHAPE_FOREIGN},
    /* S3's notifications, also inside `Records` */
    {"{'eventVersion':'2.1','eventSource':'aws:s3','eventTime':'x'}",
     SHAPE_FOREIGN, SHAPE_FOREIGN},
    {"{'eventSource':'aws:s3','eventTime':'x'}", SHAPE_FOREIGN, SHAPE_FOREIGN},
    {"{'a':1,'eventSource':'aws\\u003as3'}", SHAPE_FOREIGN, SHAPE_FOREIGN},
    {"{'eventSource':'aws:s3x','eventTime':'x'}", SHAPE_RECORD, SHAPE_RECORD},
    {"{'eventSource':['aws:s3'],'eventTime':'x'}", SHAPE_RECORD, SHAPE_RECORD},
    {"{'eventSource':{'a':'aws:s3'},'eventTime':'x'}", SHAPE_RECORD,
     SHAPE_RECORD},
    /* the first of two counts, as everywhere */
    {"{'eventSource':'x','eventSource':'aws:s3','eventTime':'x'}", SHAPE_RECORD,
     SHAPE_RECORD},
    {"{'eventSource':'aws:s3','eventSource':'x','eventTime':'x'}",
     SHAPE_FOREIGN, SHAPE_FOREIGN},
    /* other things that lie in dumps */
    {"{'digestEndTime':'x','digestS3Object':'x','logFiles':[]}", SHAPE_RECORD,
     SHAPE_FOREIGN},
    {"{'version':'1.3','configurationItems':[]}", SHAPE_RECORD, SHAPE_FOREIGN},
    /* no object: inside `Records` it is a record all the same, which the
     * extractor then cannot read */
    {"{'a':1,}", SHAPE_RECORD, SHAPE_BROKEN},
    {"{'a' 1}", SHAPE_RECORD, SHAPE_BROKEN},
    {"{'eventTime':'x' 'eventSource':'x'}", SHAPE_RECORD, SHAPE_BROKEN},
    {"{@}", SHAPE_RECORD, SHAPE_BROKEN},
    {"{]", SHAPE_RECORD, SHAPE_BROKEN},
};

static void an_objects_keys_tell_a_record(void **state)
{
    (void)state;

    for (size_t i = 0; i < COUNT(objects); i++) {
        struct buf json = unit_json(objects[i].object);
        struct guarded copy = guarded_copy(buf_span(&json));
        struct span inner;
        enum shape in_records = shape_of(copy.bytes, SHAPE_IN_RECORDS, &inner);
        enum shape elsewhere = shape_of(copy.bytes, SHAPE_ANYWHERE, &inner);

        if (in_records != objects[i].in_records ||
            elsewhere != objects[i].elsewhere)
            fail_msg("%s: %s in Records, %s elsewhere", objects[i].object,
                     names[in_records], names[elsewhere]);
        guarded_free(&copy);
        buf_release(&json);
    }
}

/* An object, its shape, and what in it the table names. */
struct wrapping {
    const char *object;
    enum shape shape;
    const char *inner;
};

static void expect_shapes(const struct wrapping *wrappings, size_t count,
                          enum shape_place place)
{
    for (size_t i = 0; i < count; i++) {
        struct buf json = unit_json(wrappings[i].object);
        struct buf expected = unit_json(wrappings[i].inner);
        struct guarded copy = guarded_copy(buf_span(&json));
        struct span inner = SPAN_ABSENT;
        enum shape shape = shape_of(copy.bytes, place, &inner);

        if (shape != wrappings[i].shape)
            fail_msg("%s: %s", wrappings[i].object, names[shape]);
        if (expected.len > 0)
            assert_span_equal(inner, buf_span(&expected));
        guarded_free(&copy);
        buf_release(&json);
        buf_release(&expected);
    }
}

#define RECORD "'eventSource':'x','eventTime':'x'"
#define VIA    "'detail-type':'AWS API Call via CloudTrail'"
#define DATA   "'messageType':'DATA_MESSAGE'"
#define TEXT   "'{\\'a\\':1}'" /* JSON as text */
#define PLAIN  "'started'"

static void eventbridge_wraps_in_detail(void **state)
{
    static const struct wrapping wrappings[] = {
        {"{" VIA ",'detail':{'a':1}}", SHAPE_DETAIL, "{'a':1}"},
        {"{ 'detail' : { } , 'source' : 'aws.s3' , 'detail-type' : "
         "'AWS Console Sign In via CloudTrail' }",
         SHAPE_DETAIL, "{ }"},
        {"{'detail-type':'AWS Service Event via CloudTrail','detail':{}}",
         SHAPE_DETAIL, "{}"},
        /* keys and the value are what their escapes spell */
        {"{'detail\\u002dtype':'AWS API Call\\u0020via CloudTrail',"
         "'\\u0064etail':{}}",
         SHAPE_DETAIL, "{}"},
        /* the first of two counts */
        {"{" VIA ",'detail-type':'x','detail':{'a':1},'detail':{'b':1}}",
         SHAPE_DETAIL, "{'a':1}"},
        {"{'detail-type':'x'," VIA ",'detail':{}}", SHAPE_FOREIGN, ""},
        {"{" VIA ",'detail':1,'detail':{}}", SHAPE_FOREIGN, ""},
        /* no calls, or not seen by CloudTrail */
        {"{'detail-type':'AWS Insight via CloudTrail','detail':{}}",
         SHAPE_FOREIGN, ""},
        {"{'detail-type':'EC2 Instance State-change Notification',"
         "'detail':{}}",
         SHAPE_FOREIGN, ""},
        {"{'detail-type':'AWS API Call via CloudTrails','detail':{}}",
         SHAPE_FOREIGN, ""},
        {"{'detail-type':'AWS API Call','detail':{}}", SHAPE_FOREIGN, ""},
        {"{'detail-type':'','detail':{}}", SHAPE_FOREIGN, ""},
        /* wrong types, and half of it */
        {"{'detail-type':['AWS API Call via CloudTrail'],'detail':{}}",
         SHAPE_FOREIGN, ""},
        {"{'detail-type':null,'detail':{}}", SHAPE_FOREIGN, ""},
        {"{" VIA ",'detail':[{}]}", SHAPE_FOREIGN, ""},
        {"{" VIA ",'detail':" TEXT "}", SHAPE_FOREIGN, ""},
        {"{" VIA "}", SHAPE_FOREIGN, ""},
        {"{'detail':{}}", SHAPE_FOREIGN, ""},
        {"{'detail_type':'AWS API Call via CloudTrail','detail':{}}",
         SHAPE_FOREIGN, ""},
        {"{'x':{" VIA ",'detail':{}}}", SHAPE_FOREIGN, ""},
    };
    (void)state;

    expect_shapes(wrappings, COUNT(wrappings), SHAPE_ANYWHERE);
}

static void cloudwatch_wraps_in_log_events(void **state)
{
    static const struct wrapping wrappings[] = {
        {"{" DATA ",'owner':'1','logEvents':[{'message':'x'}]}", SHAPE_LOGS,
         "[{'message':'x'}]"},
        {"{'logEvents':[ ]," DATA "}", SHAPE_LOGS, "[ ]"},
        {"{'message\\u0054ype':'DATA\\u005fMESSAGE','log\\u0045vents':[]}",
         SHAPE_LOGS, "[]"},
        {"{" DATA ",'messageType':'x','logEvents':[1],'logEvents':[2]}",
         SHAPE_LOGS, "[1]"},
        {"{'messageType':'CONTROL_MESSAGE','logEvents':[{'message':" TEXT "}]}",
         SHAPE_FOREIGN, ""},
        {"{'messageType':'x'," DATA ",'logEvents':[]}", SHAPE_FOREIGN, ""},
        {"{'messageType':'data_message','logEvents':[]}", SHAPE_FOREIGN, ""},
        {"{'messageType':'DATA_MESSAGES','logEvents':[]}", SHAPE_FOREIGN, ""},
        {"{'messageType':['DATA_MESSAGE'],'logEvents':[]}", SHAPE_FOREIGN, ""},
        {"{'messageType':null,'logEvents':[]}", SHAPE_FOREIGN, ""},
        {"{" DATA "}", SHAPE_FOREIGN, ""},
        {"{'logEvents':[{'message':" TEXT "}]}", SHAPE_FOREIGN, ""},
        {"{'x':{" DATA ",'logEvents':[]}}", SHAPE_FOREIGN, ""},
    };
    (void)state;

    expect_shapes(wrappings, COUNT(wrappings), SHAPE_ANYWHERE);
}

static void log_shippers_wrap_in_a_text(void **state)
{
    static const struct wrapping wrappings[] = {
        {"{'message':" TEXT "}", SHAPE_TEXT, TEXT},
        {"{'event':{'kind':'event','original':" TEXT "}}", SHAPE_TEXT, TEXT},
        {"{'event.original':" TEXT "}", SHAPE_TEXT, TEXT},
        {"{'@timestamp':'x','\\u006dessage':" TEXT "}", SHAPE_TEXT, TEXT},
        {"{'\\u0065vent':{'\\u006friginal':" TEXT "}}", SHAPE_TEXT, TEXT},
        {"{'event\\u002eoriginal':" TEXT "}", SHAPE_TEXT, TEXT},
        /* only this level counts */
        {"{'x':{'message':" TEXT "}}", SHAPE_FOREIGN, ""},
        {"{'event':{'x':{'original':" TEXT "}}}", SHAPE_FOREIGN, ""},
        {"{'original':" TEXT "}", SHAPE_FOREIGN, ""},
        {"{'Message':" TEXT "}", SHAPE_FOREIGN, ""},
        {"{'messages':" TEXT "}", SHAPE_FOREIGN, ""},
        /* wrong types */
        {"{'message':{'a':1}}", SHAPE_FOREIGN, ""},
        {"{'message':[" TEXT "]}", SHAPE_FOREIGN, ""},
        {"{'message':null}", SHAPE_FOREIGN, ""},
        {"{'event':" TEXT "}", SHAPE_FOREIGN, ""},
        {"{'event':[{'original':" TEXT "}]}", SHAPE_FOREIGN, ""},
        {"{'event':{'original':{'a':1}}}", SHAPE_FOREIGN, ""},
        {"{'event':{'original' " TEXT "}}", SHAPE_FOREIGN, ""},
        {"{'event':{}}", SHAPE_FOREIGN, ""},
        /* a plain message beside the original, on either side of it */
        {"{'message':" PLAIN ",'event.original':" TEXT "}", SHAPE_TEXT, TEXT},
        {"{'event':{'original':" TEXT "},'message':" PLAIN "}", SHAPE_TEXT,
         TEXT},
        {"{'message':" TEXT ",'event':{'original':" PLAIN "}}", SHAPE_TEXT,
         TEXT},
        {"{'message':" PLAIN ",'event.original':" PLAIN "}", SHAPE_FOREIGN, ""},
        {"{'message':null,'event.original':" TEXT "}", SHAPE_TEXT, TEXT},
        /* both hold JSON: the message, once */
        {"{'event.original':'{}','message':" TEXT "}", SHAPE_TEXT, TEXT},
        /* the first of two counts */
        {"{'message':" TEXT ",'message':'{}'}", SHAPE_TEXT, TEXT},
        {"{'message':" PLAIN ",'message':" TEXT "}", SHAPE_FOREIGN, ""},
        {"{'event':{'original':" TEXT ",'original':" PLAIN "}}", SHAPE_TEXT,
         TEXT},
        {"{'event':{},'event':{'original':" TEXT "}}", SHAPE_FOREIGN, ""},
    };
    (void)state;

    expect_shapes(wrappings, COUNT(wrappings), SHAPE_ANYWHERE);
}

/* Log messages are any text; only one that begins as JSON is looked into,
 * since what then breaks is told to the user. */
static void a_text_is_json_if_it_begins_so(void **state)
{
    static const char *const json[] = {
        "{}",
        "[]",
        "{\\'a",
        "{\\u0022a", /* as some writers escape every quote */
        "\\u007b\\u0022a",
        "[\\'a",
        "[{",
        "[[",
        " \\n\\r\\t\\u0020\\u000a{ \\n\\t \\'a",
        "{\n\t\\'a",
        "{ }",
        "{\\'a\\' 1}", /* that it breaks shows later */
    };
    static const char *const plain[] = {
        "",
        " ",
        "{",
        "[",
        "[ ",
        "{\\n",
        "[INFO] text",
        "[1,{}]",
        "[2024-01-01T00:00:00Z] {}",
        "{x}",
        "{0}",
        "(INFO)",
        "\\'a\\'",
        "a {\\'a\\':1}",
        "2024-01-01T00:00:00.000Z {\\'a\\':1}",
        "null",
        "{\\\\",
        "{\\/",
        "\\\\{\\'a",
        "\\u017b\\'a",
        "{\\u0122a",
        "{\\ud83d\\ude00",
        "\\u0000{\\'a",
        "{\\u00",
        "{\\x",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(json) + COUNT(plain); i++) {
        bool is_json = i < COUNT(json);
        const char *text = is_json ? json[i] : plain[i - COUNT(json)];
        struct buf object = BUF_INIT;

        buf_printf(&object, "{'message':'%s'}", text);
        expect_shapes(&(struct wrapping){buf_str(&object),
                                         is_json ? SHAPE_TEXT : SHAPE_FOREIGN,
                                         ""},
                      1, SHAPE_ANYWHERE);
        buf_release(&object);
    }
}

static void a_source_is_any_value_that_can_hold_records(void **state)
{
    static const struct wrapping wrappings[] = {
        {"{'_index':'x','_source':{'a':1}}", SHAPE_SOURCE, "{'a':1}"},
        {"{'\\u005fsource':{}}", SHAPE_SOURCE, "{}"},
        {"{'_source':{'a':1},'_source':{'b':1}}", SHAPE_SOURCE, "{'a':1}"},
        {"{'_source':[{}]}", SHAPE_SOURCE, "[{}]"},
        {"{'_source':" TEXT "}", SHAPE_TEXT, TEXT},
        {"{'_source':" PLAIN "}", SHAPE_FOREIGN, ""},
        {"{'_source':1}", SHAPE_FOREIGN, ""},
        {"{'_source':null,'_source':{}}", SHAPE_FOREIGN, ""},
        {"{'source':{}}", SHAPE_FOREIGN, ""},
        {"{'x':{'_source':{}}}", SHAPE_FOREIGN, ""},
    };
    (void)state;

    expect_shapes(wrappings, COUNT(wrappings), SHAPE_ANYWHERE);
}

/* Whatever the order of the keys. */
static void the_first_row_that_matches_wins(void **state)
{
    static const struct wrapping wrappings[] = {
        {"{" VIA ",'detail':{}," DATA ",'logEvents':[],'message':" TEXT
         ",'_source':{}," RECORD "}",
         SHAPE_RECORD, ""},
        {"{'_source':{},'message':" TEXT ",'logEvents':[]," DATA
         ",'detail':{}," VIA "}",
         SHAPE_DETAIL, "{}"},
        {"{'_source':{},'message':" TEXT ",'logEvents':[]," DATA
         ",'detail':{}}",
         SHAPE_LOGS, "[]"},
        {"{'_source':{},'message':" TEXT ",'logEvents':[],'detail':{}}",
         SHAPE_TEXT, TEXT},
        {"{'_source':{},'event':{'original':" TEXT "}}", SHAPE_TEXT, TEXT},
        {"{'_source':{},'message':" PLAIN "}", SHAPE_SOURCE, "{}"},
        {"{'messageType':'CONTROL_MESSAGE','logEvents':[],'_source':{}}",
         SHAPE_SOURCE, "{}"},
        {"{'eventSource':'aws:s3','message':" TEXT "}", SHAPE_FOREIGN, ""},
        {"{'eventSource':'x','message':" TEXT "}", SHAPE_TEXT, TEXT},
        /* what is behind the keys that tell breaks, too */
        {"{'message':" TEXT ",}", SHAPE_BROKEN, ""},
        {"{" VIA ",'detail':{} 'a':1}", SHAPE_BROKEN, ""},
        {"{'_source':{},'a'}", SHAPE_BROKEN, ""},
    };
    (void)state;

    expect_shapes(wrappings, COUNT(wrappings), SHAPE_ANYWHERE);
}

/* `Events` is a common word: only what lookup-events writes counts. */
static void an_event_has_a_cloudtrail_event(void **state)
{
    static const struct wrapping wrappings[] = {
        {"{'EventId':'1','CloudTrailEvent':" TEXT "}", SHAPE_TEXT, TEXT},
        {"{'Cloud\\u0054railEvent':" TEXT ",'CloudTrailEvent':'{}'}",
         SHAPE_TEXT, TEXT},
        {"{'CloudTrailEvent':" PLAIN ",'CloudTrailEvent':" TEXT "}",
         SHAPE_FOREIGN, ""},
        {"{'CloudTrailEvent':{'a':1}}", SHAPE_FOREIGN, ""},
        {"{'CloudTrailEvent':null}", SHAPE_FOREIGN, ""},
        {"{'cloudTrailEvent':" TEXT "}", SHAPE_FOREIGN, ""},
        {"{'message':" TEXT "}", SHAPE_FOREIGN, ""},
        {"{'_source':{}}", SHAPE_FOREIGN, ""},
        {"{" VIA ",'detail':{}}", SHAPE_FOREIGN, ""},
        {"{" RECORD "}", SHAPE_FOREIGN, ""},
        {"{'eventSource':'aws:s3','CloudTrailEvent':" TEXT "}", SHAPE_TEXT,
         TEXT},
        {"{}", SHAPE_FOREIGN, ""},
        {"{'CloudTrailEvent':" TEXT ",}", SHAPE_BROKEN, ""},
        {"{@}", SHAPE_BROKEN, ""},
    };
    /* behind damage an element may be anything, so it must look right */
    static const struct wrapping in_doubt[] = {
        {"{" RECORD "}", SHAPE_RECORD, ""},
        {"{'EventId':'1','CloudTrailEvent':" TEXT "}", SHAPE_TEXT, TEXT},
        {"{'eventSource':'x'}", SHAPE_FOREIGN, ""},
        {"{'eventSource':'aws:s3','eventTime':'x'}", SHAPE_FOREIGN, ""},
        {"{'message':" TEXT "}", SHAPE_FOREIGN, ""},
        {"{'_source':{}}", SHAPE_FOREIGN, ""},
        {"{" VIA ",'detail':{}}", SHAPE_FOREIGN, ""},
        {"{}", SHAPE_FOREIGN, ""},
        {"{@}", SHAPE_BROKEN, ""},
    };
    static const struct wrapping elsewhere[] = {
        {"{'CloudTrailEvent':" TEXT "}", SHAPE_FOREIGN, ""},
    };
    static const struct wrapping in_records[] = {
        {"{'CloudTrailEvent':" TEXT "}", SHAPE_RECORD, ""},
        {"{'message':" TEXT "}", SHAPE_RECORD, ""},
        {"{'_source':{'eventSource':'aws:s3'}}", SHAPE_RECORD, ""},
    };
    (void)state;

    expect_shapes(wrappings, COUNT(wrappings), SHAPE_IN_EVENTS);
    expect_shapes(in_doubt, COUNT(in_doubt), SHAPE_IN_DOUBT);
    expect_shapes(elsewhere, COUNT(elsewhere), SHAPE_ANYWHERE);
    expect_shapes(in_records, COUNT(in_records), SHAPE_IN_RECORDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_objects_keys_tell_a_record),
        cmocka_unit_test(eventbridge_wraps_in_detail),
        cmocka_unit_test(cloudwatch_wraps_in_log_events),
        cmocka_unit_test(log_shippers_wrap_in_a_text),
        cmocka_unit_test(a_text_is_json_if_it_begins_so),
        cmocka_unit_test(a_source_is_any_value_that_can_hold_records),
        cmocka_unit_test(the_first_row_that_matches_wins),
        cmocka_unit_test(an_event_has_a_cloudtrail_event),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
