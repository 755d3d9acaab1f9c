/*
 * sibling tells by content what users have moved out of CloudTrail's
 * sibling folders: what it takes for an Insight is not counted as read.
 */
#include "event/sibling.h"

#include "guarded.h"

#define INSIGHT "'eventCategory':'Insight'"

static void an_object_tells_its_folder(void **state)
{
    static const struct {
        const char *object;
        enum input_status sibling;
    } objects[] = {
        /* as AWS documents them */
        {"{'eventVersion':'1.07','eventTime':'2024-05-14T09:20:00Z','awsRegion'"
         ":'us-east-1','eventID':'x','eventType':'AwsCloudTrailInsight',"
         "'recipientAccountId':'111122223333','sharedEventID':'y',"
         "'insightDetails':{'state':'Start','eventSource':'s3.amazonaws.com',"
         "'insightType':'ApiCallRateInsight'}," INSIGHT "}",
         INPUT_INSIGHT},
        {"{'eventVersion':'1.09','userIdentity':{'type':'AWSAccount'},"
         "'eventTime':'x','eventSource':'ec2.amazonaws.com','eventType':"
         "'AwsVpceEvent','eventCategory':'NetworkActivity'}",
         INPUT_NETWORK_ACTIVITY},
        {"{'eventVersion':'1.0','accountId':'111122223333','eventId':'x',"
         "'eventCategory':'Aggregated','eventType':'AwsAggregatedEvent',"
         "'awsRegion':'us-east-1','eventSource':'s3.amazonaws.com',"
         "'timeWindow':{'windowStart':'x'},'summary':{}}",
         INPUT_AGGREGATED},
        {"{'awsAccountId':'111122223333','digestS3Bucket':'x',"
         "'digestS3Object':'y','logFiles':[]}",
         INPUT_DIGEST},
        {"{'logFiles':[{'s3Object':'x'}],'digestS3Object':null}", INPUT_DIGEST},
        {"{'detail-type':'AWS Insight via CloudTrail','detail':{" INSIGHT "}}",
         INPUT_INSIGHT},
        /* the category decides, wherever it stands */
        {"{'detail-type':'AWS Insight via CloudTrail','eventCategory':'Data'}",
         INPUT_PENDING},
        {"{'logFiles':[],'digestS3Object':'y','eventCategory':'Insight'}",
         INPUT_INSIGHT},
        /* a call, or something else */
        {"{'eventCategory':'Management'}", INPUT_PENDING},
        {"{'eventCategory':'Data'}", INPUT_PENDING},
        {"{'eventCategory':null}", INPUT_PENDING},
        {"{'eventCategory':['Insight']}", INPUT_PENDING},
        {"{'eventVersion':'1.08','eventSource':'x'}", INPUT_PENDING},
        {"{}", INPUT_PENDING},
        {"{'digestS3Object':'x'}", INPUT_PENDING},
        {"{'logFiles':[]}", INPUT_PENDING},
        {"{'detail-type':'AWS API Call via CloudTrail'}", INPUT_PENDING},
        /* the value as a whole, in its case */
        {"{'eventCategory':'insight'}", INPUT_PENDING},
        {"{'eventCategory':'Insights'}", INPUT_PENDING},
        {"{'eventCategory':''}", INPUT_PENDING},
        /* escapes are what they spell, in keys and in values */
        {"{'event\\u0043ategory':'In\\u0073ight'}", INPUT_INSIGHT},
        {"{'eventCategory':'Insight\\u0000'}", INPUT_PENDING},
        /* the first of duplicates counts, as the extractors do it */
        {"{" INSIGHT ",'eventCategory':'Management'}", INPUT_INSIGHT},
        {"{'eventCategory':'Management'," INSIGHT "}", INPUT_PENDING},
        /* only the object's own level */
        {"{'requestParameters':{" INSIGHT "},'userAgent':'" INSIGHT "'}",
         INPUT_PENDING},
        {"{'x':{'digestS3Object':'x','logFiles':[]}}", INPUT_PENDING},
        /* what stands before the break counts */
        {"{" INSIGHT ",,}", INPUT_INSIGHT},
        {"{,," INSIGHT "}", INPUT_PENDING},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(objects); i++) {
        struct buf json = unit_json(objects[i].object);
        struct guarded copy = guarded_copy(buf_span(&json));

        if (sibling_of(copy.bytes) != objects[i].sibling)
            fail_msg("%s is %s", objects[i].object,
                     input_status_name(sibling_of(copy.bytes)));
        guarded_free(&copy);
        buf_release(&json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_tells_its_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
