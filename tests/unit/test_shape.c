/*
 * shape says whether an object is a CloudTrail record at all: what it
 * takes for something else is never looked at again.
 */
#include "event/shape.h"

#include "guarded.h"

static const char *const names[] = {"record", "foreign", "broken"};

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

/* The first row of the table in cloudtrail.md 2 that matches wins. */
static void an_objects_keys_tell_what_it_is(void **state)
{
    (void)state;

    for (size_t i = 0; i < COUNT(objects); i++) {
        struct buf json = unit_json(objects[i].object);
        struct guarded copy = guarded_copy(buf_span(&json));
        enum shape in_records = shape_of(copy.bytes, true);
        enum shape elsewhere = shape_of(copy.bytes, false);

        if (in_records != objects[i].in_records ||
            elsewhere != objects[i].elsewhere)
            fail_msg("%s: %s in Records, %s elsewhere", objects[i].object,
                     names[in_records], names[elsewhere]);
        guarded_free(&copy);
        buf_release(&json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_objects_keys_tell_what_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
