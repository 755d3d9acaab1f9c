/*
 * The fast extractor may be wrong about nothing: whatever a record looks
 * like, its verdict and its event are the reference's. And it must be the
 * one that works: an ordinary record that it hands on costs ten times as
 * much.
 *
 * test_extract.c compares both on each of its own rows, too.
 */
#include "guarded.h"

#include "event/extract.h"
#include "input/delimit.h"
#include "same_event.h"

#include <stdio.h>

static struct extractor *dom, *scan;

/* ------------------------------------------------------------- comparing */

/* What was compared, so that a test can tell that it tried something. */
static struct {
    uint64_t good, refused, glances, fronts;
} compared;

static uint64_t handed_on(void)
{
    uint64_t taken = 0, handed = 0;

    extract_scan.count(scan, &taken, &handed);
    return handed;
}

/* What a glance at `record` tells must be what stands in it. */
static void expect_true_glance(struct span record, const struct event *whole)
{
    struct event glance;

    memset(&glance, 0xc3, sizeof(glance));
    if (!extract_glance(record, &glance))
        return;
    if (glance_difference(&glance, whole))
        fail_msg("a glance sees another %s in %.*s",
                 glance_difference(&glance, whole), (int)record.len,
                 record.ptr);
    compared.glances++;
}

/* A record is the same with whatever stands behind it, and nobody need know
 * where it ends: if it is plain, and JSON in its other members, too, as far as
 * the delimiter sees. */
static void expect_same_in_front(struct span record)
{
    static const char *const tails[] = {
        "", ",{\"eventVersion\":\"1.08\"}]}", "]}", "}", "\"", "\\"};
    static struct guarded copy;
    struct delimit delimit = {0};
    struct event whole;
    bool whole_told =
        delimit_value(&delimit, record.ptr, record.ptr + record.len) &&
        !delimit.illegal && !delimit.deep && extract_plain(record, &whole);

    for (size_t i = 0; i < COUNT(tails); i++) {
        struct buf text = BUF_INIT;
        const char *difference;
        bool tells;

        buf_add(&text, record);
        buf_add(&text, span_str(tails[i]));
        guarded_put(&copy, buf_span(&text));
        difference = front_difference(copy.bytes, &tells);
        if (difference || tells != whole_told)
            fail_msg("in front, %s differs of %.*s",
                     difference ? difference : "whether it is told",
                     (int)text.len, text.ptr);
        buf_release(&text);
    }
    compared.fronts += whole_told;
}

/* Both extractors on `record`, which ends at a dead page. */
static void expect_agreement(struct span record)
{
    static struct guarded copy;
    static struct arena dom_arena, scan_arena;
    struct event by_dom, by_scan;
    struct err err = ERR_NONE;
    int dom_ret, scan_ret;

    guarded_put(&copy, record);
    memset(&by_dom, 0xa5, sizeof(by_dom));
    memset(&by_scan, 0x5a, sizeof(by_scan));
    dom_ret = extract_dom.record(dom, copy.bytes, &dom_arena, &by_dom, &err);
    scan_ret =
        extract_scan.record(scan, copy.bytes, &scan_arena, &by_scan, &err);
    if (dom_ret != scan_ret)
        fail_msg("dom %d, scan %d: %.*s", dom_ret, scan_ret, (int)record.len,
                 record.ptr);
    if (dom_ret == 0 && event_difference(&by_dom, &by_scan))
        fail_msg("they differ in %s of %.*s",
                 event_difference(&by_dom, &by_scan), (int)record.len,
                 record.ptr);
    if (dom_ret == 0)
        expect_true_glance(copy.bytes, &by_dom);
    expect_same_in_front(record);
    compared.good += dom_ret == 0;
    compared.refused += dom_ret != 0;
    arena_clear(&dom_arena);
    arena_clear(&scan_arena);
}

/* The same, if `text` is what an extractor is ever given: one whole
 * object, not too deep. */
static bool compare_if_object(struct span text)
{
    struct delimit delimit = {0};

    if (text.len == 0 || text.ptr[0] != '{' ||
        delimit_value(&delimit, text.ptr, text.ptr + text.len) !=
            text.ptr + text.len ||
        delimit.deep)
        return false;
    expect_agreement(text);
    return true;
}

/* ------------------------------------------------------ ordinary records */

/* As AWS writes them: compact, keys in its order. Addresses and accounts
 * are those kept for documents. */
static const char *const ordinary[] = {
    /* an instance's role */
    "{'eventVersion':'1.11','userIdentity':{'type':'AssumedRole',"
    "'principalId':'AROAEXAMPLEROLEID0001:i-0abcdef1234567890',"
    "'arn':'arn:aws:sts::111122223333:assumed-role/web/i-0abcdef1234567890',"
    "'accountId':'111122223333','accessKeyId':'ASIAEXAMPLEKEYID0001',"
    "'sessionContext':{'sessionIssuer':{'type':'Role',"
    "'principalId':'AROAEXAMPLEROLEID0001',"
    "'arn':'arn:aws:iam::111122223333:role/web','accountId':'111122223333',"
    "'userName':'web'},'attributes':{'creationDate':'2024-05-14T09:00:00Z',"
    "'mfaAuthenticated':'false'},'ec2RoleDelivery':'2.0'},"
    "'inScopeOf':{'issuerType':'AWS::EC2::Instance','credentialsIssuedTo':"
    "'arn:aws:ec2:us-east-1:111122223333:instance/i-0abcdef1234567890'}},"
    "'eventTime':'2024-05-14T09:12:31Z','eventSource':'ec2.amazonaws.com',"
    "'eventName':'DescribeInstances','awsRegion':'us-east-1',"
    "'sourceIPAddress':'203.0.113.10',"
    "'userAgent':'aws-cli/2.15.0 Python/3.11.6 Linux/6.1 exe/x86_64',"
    "'requestParameters':{'instancesSet':{},'filterSet':{'items':[{'name':"
    "'tag:Name','valueSet':{'items':[{'value':'a \\\"quoted\\\" one'}]}}]}},"
    "'responseElements':null,'requestID':'3f1d4f10-0000-4000-8000-00000000000a'"
    ",'eventID':'0b2c5d7e-0000-4000-8000-00000000000b','readOnly':true,"
    "'eventType':'AwsApiCall','managementEvent':true,"
    "'recipientAccountId':'111122223333','eventCategory':'Management',"
    "'tlsDetails':{'tlsVersion':'TLSv1.3','cipherSuite':"
    "'TLS_AES_128_GCM_SHA256','clientProvidedHostHeader':"
    "'ec2.us-east-1.amazonaws.com'}}",
    /* refused, through an endpoint, with resources */
    "{'eventVersion':'1.09','userIdentity':{'type':'AssumedRole',"
    "'principalId':'AROAEXAMPLEROLEID0002:i-0123456789abcdef0',"
    "'arn':'arn:aws:sts::444455556666:assumed-role/db/i-0123456789abcdef0',"
    "'accountId':'444455556666','accessKeyId':'ASIAEXAMPLEKEYID0002',"
    "'sessionContext':{'sessionIssuer':{'type':'Role',"
    "'principalId':'AROAEXAMPLEROLEID0002',"
    "'arn':'arn:aws:iam::444455556666:role/db','accountId':'444455556666',"
    "'userName':'db'},'webIdFederationData':{},'attributes':{"
    "'creationDate':'2024-05-14T08:00:00Z','mfaAuthenticated':'false'},"
    "'ec2RoleDelivery':'1.0'}},'eventTime':'2024-05-14T09:13:00Z',"
    "'eventSource':'s3.amazonaws.com','eventName':'GetObject',"
    "'awsRegion':'eu-west-1','sourceIPAddress':'198.51.100.7',"
    "'userAgent':'[Boto3/1.34.0 md/Botocore#1.34.0]',"
    "'errorCode':'AccessDenied','errorMessage':'User: \\\"x\\\" is not "
    "authorized\\nto perform: s3:GetObject','requestParameters':{"
    "'bucketName':'example','key':'a/b','Host':'example.s3.amazonaws.com'},"
    "'responseElements':null,'additionalEventData':{'SignatureVersion':"
    "'SigV4','bytesTransferredIn':0,'bytesTransferredOut':243.0,"
    "'x-amz-id-2':'a+b/c='},'requestID':'ABCDEF0123456789',"
    "'eventID':'1c2d3e4f-0000-4000-8000-00000000000c','readOnly':true,"
    "'resources':[{'type':'AWS::S3::Object','ARN':'arn:aws:s3:::example/a/b'},"
    "{'accountId':'444455556666','type':'AWS::S3::Bucket','ARN':"
    "'arn:aws:s3:::example'}],'eventType':'AwsApiCall',"
    "'managementEvent':false,'recipientAccountId':'444455556666',"
    "'sharedEventID':'2d3e4f50-0000-4000-8000-00000000000d',"
    "'vpcEndpointId':'vpce-0a1b2c3d','vpcEndpointAccountId':'444455556666',"
    "'eventCategory':'Data'}",
    /* a service on a principal's behalf */
    "{'eventVersion':'1.08','userIdentity':{'type':'AWSService',"
    "'invokedBy':'ec2.amazonaws.com'},'eventTime':'2024-05-14T09:00:00Z',"
    "'eventSource':'sts.amazonaws.com','eventName':'AssumeRole',"
    "'awsRegion':'us-east-1','sourceIPAddress':'ec2.amazonaws.com',"
    "'userAgent':'ec2.amazonaws.com','requestParameters':{"
    "'roleArn':'arn:aws:iam::111122223333:role/web','durationSeconds':3600,"
    "'roleSessionName':'i-0abcdef1234567890'},'responseElements':{"
    "'credentials':{'accessKeyId':'ASIAEXAMPLEKEYID0001','sessionToken':"
    "'AAAA','expiration':'May 14, 2024, 3:00:00 PM'}},"
    "'requestID':'4f506172-0000-4000-8000-00000000000e',"
    "'eventID':'5a6b7c8d-0000-4000-8000-00000000000f','readOnly':true,"
    "'eventType':'AwsApiCall','managementEvent':true,"
    "'recipientAccountId':'111122223333','eventCategory':'Management'}",
    /* a user at the console */
    "{'eventVersion':'1.08','userIdentity':{'type':'IAMUser',"
    "'principalId':'AIDAEXAMPLEUSERID0001','arn':"
    "'arn:aws:iam::111122223333:user/alice','accountId':'111122223333',"
    "'userName':'alice'},'eventTime':'2024-05-14T07:00:00Z',"
    "'eventSource':'signin.amazonaws.com','eventName':'ConsoleLogin',"
    "'awsRegion':'us-east-1','sourceIPAddress':'2001:db8::10',"
    "'userAgent':'Mozilla/5.0 (X11; Linux x86_64)','requestParameters':null,"
    "'responseElements':{'ConsoleLogin':'Success'},'additionalEventData':{"
    "'LoginTo':'https://console.aws.amazon.com/','MobileVersion':'No',"
    "'MFAUsed':'Yes'},'eventID':'6b7c8d9e-0000-4000-8000-000000000010',"
    "'readOnly':false,'eventType':'AwsConsoleSignIn','managementEvent':true,"
    "'recipientAccountId':'111122223333','eventCategory':'Management'}",
    /* a user's key; and with a session */
    "{'eventVersion':'1.08','userIdentity':{'type':'IAMUser',"
    "'principalId':'AIDAEXAMPLEUSERID0001','arn':"
    "'arn:aws:iam::111122223333:user/alice','accountId':'111122223333',"
    "'accessKeyId':'AKIAEXAMPLEKEYID0001','userName':'alice'},"
    "'eventTime':'2024-05-14T07:00:00Z','eventSource':'s3.amazonaws.com',"
    "'eventName':'ListBuckets','awsRegion':'us-east-1',"
    "'sourceIPAddress':'192.0.2.34','userAgent':'aws-cli/2.15.0'}",
    "{'eventVersion':'1.08','userIdentity':{'type':'IAMUser',"
    "'principalId':'AIDAEXAMPLEUSERID0001','arn':"
    "'arn:aws:iam::111122223333:user/alice','accountId':'111122223333',"
    "'accessKeyId':'ASIAEXAMPLEKEYID0003','userName':'alice',"
    "'sessionContext':{'attributes':{'creationDate':'2024-05-14T07:00:00Z',"
    "'mfaAuthenticated':'true'}}},'eventTime':'2024-05-14T07:00:00Z',"
    "'eventSource':'s3.amazonaws.com','eventName':'ListBuckets',"
    "'awsRegion':'us-east-1','sourceIPAddress':'192.0.2.34',"
    "'userAgent':'aws-cli/2.15.0','sessionCredentialFromConsole':'true'}",
    /* a role's session that no instance holds, by itself; and a service's */
    "{'eventVersion':'1.08','userIdentity':{'type':'AssumedRole',"
    "'principalId':'AROAEXAMPLEROLEID0003:deploy','arn':"
    "'arn:aws:sts::111122223333:assumed-role/ci/deploy',"
    "'accountId':'111122223333','accessKeyId':'ASIAEXAMPLEKEYID0004',"
    "'sessionContext':{'sessionIssuer':{'type':'Role',"
    "'principalId':'AROAEXAMPLEROLEID0003','arn':"
    "'arn:aws:iam::111122223333:role/ci','accountId':'111122223333',"
    "'userName':'ci'},'webIdFederationData':{},'attributes':{"
    "'creationDate':'2024-05-14T07:00:00Z','mfaAuthenticated':'false'}}},"
    "'eventTime':'2024-05-14T07:00:00Z','eventSource':'s3.amazonaws.com',"
    "'eventName':'PutObject','awsRegion':'us-east-1',"
    "'sourceIPAddress':'192.0.2.35','userAgent':'aws-cli/2.15.0'}",
    "{'eventVersion':'1.08','userIdentity':{'type':'AssumedRole',"
    "'principalId':'AROAEXAMPLEROLEID0004:AutoScaling','arn':"
    "'arn:aws:sts::111122223333:assumed-role/scale/AutoScaling',"
    "'accountId':'111122223333','accessKeyId':'ASIAEXAMPLEKEYID0005',"
    "'sessionContext':{'sessionIssuer':{'type':'Role',"
    "'principalId':'AROAEXAMPLEROLEID0004','arn':"
    "'arn:aws:iam::111122223333:role/scale','accountId':'111122223333',"
    "'userName':'scale'},'attributes':{"
    "'creationDate':'2024-05-14T07:00:00Z','mfaAuthenticated':'false'}},"
    "'invokedBy':'autoscaling.amazonaws.com'},"
    "'eventTime':'2024-05-14T07:00:00Z','eventSource':'ec2.amazonaws.com',"
    "'eventName':'RunInstances','awsRegion':'us-east-1',"
    "'sourceIPAddress':'autoscaling.amazonaws.com',"
    "'userAgent':'autoscaling.amazonaws.com'}",
    /* an identity center's user */
    "{'eventVersion':'1.11','userIdentity':{'type':'IdentityCenterUser',"
    "'accountId':'111122223333','onBehalfOf':{'userId':'90e07d6e-0000',"
    "'identityStoreArn':'arn:aws:identitystore::111122223333:identitystore/d-1'"
    "},'credentialId':'a1b2'},'eventTime':'2024-05-14T07:00:00Z',"
    "'eventSource':'sso.amazonaws.com','eventName':'Federate',"
    "'awsRegion':'us-east-1','sourceIPAddress':'192.0.2.33',"
    "'userAgent':'Mozilla/5.0','requestParameters':null,"
    "'responseElements':null,'eventID':'7c8d9eaf-0000-4000-8000-000000000011',"
    "'readOnly':false,'eventType':'AwsServiceEvent','managementEvent':true,"
    "'recipientAccountId':'111122223333','serviceEventDetails':{"
    "'role_name':'x','account_id':'111122223333'},"
    "'eventCategory':'Management'}",
    /* a shipper that dropped eventTime, its own keys at the end */
    "{'eventVersion':'1.08','userIdentity':{'type':'AssumedRole',"
    "'principalId':'AROAEXAMPLEROLEID0001:i-0abcdef1234567890'},"
    "'eventSource':'ec2.amazonaws.com','eventName':'DescribeVpcs',"
    "'sourceIPAddress':'203.0.113.10','eventID':'e','@version':'1',"
    "'@timestamp':'2024-05-14T09:12:31.000Z','tags':['a','b'],'n':12}",
};

/* What speed is built on. */
static void ordinary_records_are_not_handed_on(void **state)
{
    uint64_t before = handed_on();
    (void)state;

    for (size_t i = 0; i < COUNT(ordinary); i++) {
        struct buf record = unit_json(ordinary[i]);

        expect_agreement(buf_span(&record));
        if (handed_on() != before)
            fail_msg("%s", ordinary[i]);
        buf_release(&record);
    }
}

/* … and a glance tells of them what it can, whatever comes behind. */
static void a_glance_at_an_ordinary_record_tells(void **state)
{
    (void)state;

    for (size_t i = 0; i < COUNT(ordinary); i++) {
        struct buf record = unit_json(ordinary[i]);
        uint64_t before = compared.glances;
        const char *address = strstr(buf_str(&record), "sourceIPAddress");
        struct event event;

        expect_agreement(buf_span(&record));
        if (address && compared.glances != before + 1)
            fail_msg("%s", ordinary[i]);
        for (size_t n = 0; address && n < record.len; n++) {
            struct guarded cut = guarded_copy(span_of(record.ptr, n));
            bool tells = extract_glance(cut.bytes, &event);

            assert_true(!tells || n > (size_t)(address - record.ptr));
            guarded_free(&cut);
        }
        buf_release(&record);
    }
}

/* A glance says nothing of what it cannot be sure of. */
/* A record that ends beyond the text, and what only its other members hold: an
 * illegal byte, a bracket too many. */
static void what_nobody_delimited_is_looked_at_throughout(void **state)
{
    (void)state;

    for (size_t i = 0; i < COUNT(ordinary); i++) {
        struct buf record = unit_json(ordinary[i]);
        bool tells;

        for (size_t n = 1; n < record.len; n++) {
            struct guarded cut = guarded_copy(span_of(record.ptr, n));

            assert_null(front_difference(cut.bytes, &tells));
            assert_false(tells);
            guarded_free(&cut);
        }
        buf_release(&record);
    }
}

static void a_front_too_deep_or_with_illegal_bytes_is_left(void **state)
{
    static const struct {
        const char *part;
        size_t times;
        bool tells;
    } rows[] = {
        {"[", 998, true},         {"[", 999, true},
        {"[", 1000, false},       {"[", 1001, false},
        {"{\"a\":", 999, true},   {"{\"a\":", 1000, false},
        {"[\"]\",", 1000, false},
    };
    static const struct {
        const char *value;
        bool tells;
    } values[] = {
        {"{\"a\":1}", true},
        {"{\"a\":x}", false},
        {"[1,2\001]", false},
        {"[\"x\001\"]", true},
        {"[\\\"\"]", false},
        {"{\"a\":\"\\\"}\"}", true},
        {"[[],{\"a\":[\";\"]}]", true},
        {"[[],{\"a\":[;\"\"]}]", false},
    };
    struct buf record = BUF_INIT;
    bool tells;
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        buf_clear(&record);
        buf_add(&record, SPAN("{\"eventVersion\":\"1.08\",\"resources\":"));
        for (size_t n = 0; n < rows[i].times; n++)
            buf_add(&record, span_str(rows[i].part));
        buf_add(&record, SPAN("0"));
        for (size_t n = rows[i].times; n-- > 0;)
            buf_add(&record, rows[i].part[0] == '[' ? SPAN("]") : SPAN("}"));
        buf_add(&record, SPAN("},{}"));
        assert_null(front_difference(buf_span(&record), &tells));
        if (tells != rows[i].tells)
            fail_msg("%zu times %s", rows[i].times, rows[i].part);
    }
    for (size_t i = 0; i < COUNT(values); i++) {
        buf_clear(&record);
        buf_printf(&record, "{\"eventVersion\":\"1.08\",\"resources\":%s},{}",
                   values[i].value);
        assert_null(front_difference(buf_span(&record), &tells));
        if (tells != values[i].tells)
            fail_msg("%s", values[i].value);
    }
    buf_release(&record);
}

static void the_guess_looks_where_instances_stand(void **state)
{
    static const struct {
        const char *text;
        bool guess;
    } rows[] = {
        {"{'eventVersion':'1.11','userIdentity':{'type':'AssumedRole',"
         "'principalId':'AROAEXAMPLEEXAMPLE123:i-0123456789abcdef0'}}",
         true},
        {"{'eventVersion':'1.11','userIdentity':{'type':'AssumedRole',"
         "'principalId':'AROAEXAMPLEEXAMPLE123:somebody'}}",
         false},
        {"{'eventVersion':'1.11','userIdentity':{'type':'AssumedRole',"
         "'principalId':'AROAEXAMPLEEXAMPLE123:i-",
         false},
        {"{", false},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf text = unit_json(rows[i].text);
        struct guarded copy = guarded_copy(buf_span(&text));

        assert_int_equal(extract_front_is_instances(copy.bytes), rows[i].guess);
        guarded_free(&copy);
        buf_release(&text);
    }
}

static void a_glance_does_not_guess(void **state)
{
    static const char *const others[] = {
        "{}",
        "[]",
        /* no userIdentity, or none yet */
        "{'eventSource':'s','eventName':'n','sourceIPAddress':'a'}",
        "{'eventSource':'s','eventName':'n','sourceIPAddress':'a',"
        "'userIdentity':{'type':'Root'}}",
        "{'userIdentity':null,'eventSource':'s','eventName':'n',"
        "'sourceIPAddress':'a'}",
        /* the address too early, or no text */
        "{'userIdentity':{},'sourceIPAddress':'a','eventSource':'s',"
        "'eventName':'n'}",
        "{'userIdentity':{},'eventSource':'s','eventName':'n',"
        "'sourceIPAddress':null}",
        "{'userIdentity':{},'eventSource':'s','eventName':'n',"
        "'sourceIPAddress':'a\\u0061'}",
        /* twice */
        "{'userIdentity':{},'userIdentity':{},'eventSource':'s',"
        "'eventName':'n','sourceIPAddress':'a'}",
        "{'userIdentity':{},'eventSource':'s','eventSource':'t',"
        "'eventName':'n','sourceIPAddress':'a'}",
        "{'userIdentity':{'type':'a','type':'b'},'eventSource':'s',"
        "'eventName':'n','sourceIPAddress':'a'}",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(others); i++) {
        struct buf record = unit_json(others[i]);
        struct event event;

        if (extract_glance(buf_span(&record), &event))
            fail_msg("%s", others[i]);
        buf_release(&record);
    }
}

/* `text` with white space around each token outside strings. */
static struct buf spaced(struct span text, const char *space)
{
    struct buf out = BUF_INIT;
    bool in_string = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!in_string && memchr("{}[]:,", c, 6)) {
            buf_add(&out, i ? span_str(space) : SPAN(""));
            buf_add_char(&out, c);
            buf_add(&out, i + 1 < text.len ? span_str(space) : SPAN(""));
            continue;
        }
        buf_add_char(&out, c);
        if (in_string && c == '\\')
            buf_add_char(&out, text.ptr[++i]);
        else if (c == '"')
            in_string = !in_string;
    }
    return out;
}

/* Nor those that somebody's tool has printed prettily. */
static void white_space_alone_is_no_reason_to_hand_on(void **state)
{
    static const char *const spaces[] = {" ", "\n", "\t", "\r\n", " \n    "};
    uint64_t before = handed_on();
    (void)state;

    for (size_t i = 0; i < COUNT(ordinary) * COUNT(spaces); i++) {
        struct buf record = unit_json(ordinary[i / COUNT(spaces)]);
        struct buf pretty =
            spaced(buf_span(&record), spaces[i % COUNT(spaces)]);

        expect_agreement(buf_span(&pretty));
        if (handed_on() != before)
            fail_msg("%s", buf_str(&pretty));
        buf_release(&pretty);
        buf_release(&record);
    }
}

/* --------------------------------------------------------------- damage */

/* Short, so that every change to each of them can be tried. */
static const char *const bases[] = {
    "{}",
    "{'eventTime':'2024-05-14T09:12:31Z','@timestamp':'2024-05-14T09:00:00Z'}",
    "{'@timestamp':'2024-05-14T09:00:00Z','eventID':'e'}",
    "{ 'eventID' : 'e' ,\n\t'eventName':\r\n'n', 'a' : null , 'b' : 10 }",
    "{'eventVersion':'1','userIdentity':{'type':'AssumedRole',"
    "'principalId':'AROA:i-0a','sessionContext':{'sessionIssuer':"
    "{'arn':'r','userName':'u'},'attributes':{'creationDate':'d'},"
    "'ec2RoleDelivery':'2.0'},'invokedBy':'x'},'eventName':'n'}",
    "{'userIdentity':{'type':'IAMUser','invokedBy':'x','accessKeyId':'k'},"
    "'eventTime':'t','eventSource':'s','eventName':'n','awsRegion':'r',"
    "'sourceIPAddress':'a','errorCode':'e'}",
    "{'userIdentity':{'inScopeOf':{'issuerType':'t','credentialsIssuedTo':"
    "'c'},'x':{'y':{'z':null}},'n':1,'t':true,'f':false},'eventID':'e'}",
    "{'userIdentity':{'x':[1,-2.5e+3,'s',{'a':[]},[]],'principalId':"
    "'AROA:i-0a'}}",
    "{'userIdentity':null,'eventSource':'s','errorCode':null,'a':[1,{'b':2}]}",
    "{'userIdentity':[],'userIdentity':{'arn':'a'},'awsRegion':1}",
    "{'a':-0.5E-7,'b':123456,'c':true,'d':false,'e':[{},[]],'eventID':'e'}",
    "{'a':'\\\\\\\"\\/\\b\\f\\n\\r\\t\\u0041\\ud83d\\ude00','userAgent':"
    "'\\u00e9\\ud800\\u0000','event\\u0049D':'e'}",
    "{'eventID':'a','eventID':'b','userIdentity':{'arn':'a','arn':'b'}}",
    "{'a':'\xc3\xa9\xf0\x9f\x98\x80\xff','eventName':'\xe2\x82\xac\x7f'}",
};

static const char changes[] = "{}[]\"\\,: \n\t\r\v\f0159-+.eEuantrfl/'@\x01\x1f"
                              "\x7f\x80\xc3\xed\xff"; /* and the NUL */

/* `base` without its bytes [from, until), and `put` in their place. */
static void compare_changed(struct span base, size_t from, size_t until,
                            struct span put)
{
    static struct buf text;

    buf_clear(&text);
    buf_add(&text, span_of(base.ptr, from));
    buf_add(&text, put);
    buf_add(&text, span_of(base.ptr + until, base.len - until));
    (void)compare_if_object(buf_span(&text));
}

/* Each byte lost, doubled, replaced, something put before it; each piece
 * cut out, up to whole members. */
static void they_agree_on_every_change_to_a_record(void **state)
{
    (void)state;

    compared.good = compared.refused = 0;
    for (size_t i = 0; i < COUNT(bases); i++) {
        struct buf record = unit_json(bases[i]);
        struct span base = buf_span(&record);

        assert_true(compare_if_object(base));
        for (size_t at = 0; at < base.len; at++) {
            compare_changed(base, at, at, span_of(base.ptr + at, 1));
            for (size_t j = 0; j < sizeof(changes); j++) {
                compare_changed(base, at, at + 1, span_of(changes + j, 1));
                compare_changed(base, at, at, span_of(changes + j, 1));
            }
            for (size_t until = at + 1; until <= base.len; until++)
                compare_changed(base, at, until, SPAN(""));
        }
        for (size_t len = 0; len < base.len; len++)
            (void)compare_if_object(span_of(base.ptr, len));
        buf_release(&record);
    }
    assert_true(compared.good > 1000 && compared.refused > 1000);
}

/* Of what CloudTrail writes the lengths are known, too: texts that are a byte
 * shorter, longer or not plain, and keys that are nearly the expected ones. */
static void they_agree_on_every_byte_of_an_ordinary_record_changed(void **state)
{
    static const char telling[] = "\"\\{},: 0\x1f\x80";
    (void)state;

    compared.good = compared.refused = 0;
    for (size_t i = 0; i < COUNT(ordinary); i++) {
        struct buf record = unit_json(ordinary[i]);
        struct span base = buf_span(&record);

        for (size_t at = 0; at < base.len; at++) {
            compare_changed(base, at, at + 1, SPAN(""));
            compare_changed(base, at, at, span_of(base.ptr + at, 1));
            for (size_t j = 0; j < sizeof(telling) - 1; j++) {
                compare_changed(base, at, at + 1, span_of(telling + j, 1));
                compare_changed(base, at, at, span_of(telling + j, 1));
            }
        }
        for (size_t len = 0; len < base.len; len++)
            (void)compare_if_object(span_of(base.ptr, len));
        buf_release(&record);
    }
    assert_true(compared.good > 1000 && compared.refused > 1000);
}

/* The members of `record`'s own level, with the comma behind each but the
 * last. */
static size_t members_of(struct span record, struct span *members, size_t max)
{
    struct span member = {record.ptr + 1, 0};
    bool in_string = false;
    size_t count = 0;
    int depth = 0;

    for (const char *at = member.ptr; at < record.ptr + record.len - 1; at++) {
        member.len++;
        if (*at == '"' && at[-1] != '\\')
            in_string = !in_string;
        if (in_string)
            continue;
        depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
        if (*at == ',' && depth == 0 && count < max) {
            members[count++] = member;
            member = span_of(at + 1, 0);
        }
    }
    members[count++] = member;
    return count;
}

/* The first of two counts, wherever the second stands; and without a member
 * the others are found just so. */
static void they_agree_where_a_member_is_moved_doubled_or_missing(void **state)
{
    struct span members[40];
    (void)state;

    compared.good = compared.refused = 0;
    for (size_t i = 0; i < COUNT(ordinary); i++) {
        struct buf record = unit_json(ordinary[i]);
        struct span base = buf_span(&record);
        size_t count = members_of(base, members, COUNT(members) - 1);

        for (size_t j = 0; j + 1 < count; j++) {
            size_t from = (size_t)(members[j].ptr - base.ptr);
            size_t until = from + members[j].len;

            compare_changed(base, from, until, SPAN(""));
            for (size_t k = 0; k < count; k++) {
                size_t to = (size_t)(members[k].ptr - base.ptr);

                compare_changed(base, to, to, members[j]);
                if (k + 1 < count)
                    compare_changed(base, from, until, members[k]);
            }
        }
        buf_release(&record);
    }
    assert_true(compared.good > 1000);
}

/* Two changes at once can hide each other. */
static void they_agree_on_several_changes_at_once(void **state)
{
    uint32_t seed = 20240514;
    (void)state;

    compared.good = compared.refused = 0;
    for (size_t round = 0; round < 60000; round++) {
        struct buf record = unit_json(bases[unit_random(&seed, COUNT(bases))]);
        size_t count = 2 + unit_random(&seed, 3);

        for (size_t i = 0; i < count; i++) {
            size_t at = unit_random(&seed, record.len);

            /* the brackets' balance is worth keeping most of the time */
            if (!memchr("{}[]\"", record.ptr[at], 5))
                record.ptr[at] = changes[unit_random(&seed, sizeof(changes))];
        }
        (void)compare_if_object(buf_span(&record));
        buf_release(&record);
    }
    assert_true(compared.good > 1000 && compared.refused > 1000);
}

/* ------------------------------------------------------ generated records */

struct generator {
    uint32_t seed;
    size_t odd; /* one in so many choices is odd; 0: none */
    int white;  /* how much white space: none, some, and some that is none */
    struct buf out;
};

static size_t below(struct generator *g, size_t limit)
{
    return unit_random(&g->seed, limit);
}

static bool odd(struct generator *g)
{
    return g->odd && below(g, g->odd) == 0;
}

static void put(struct generator *g, struct span text)
{
    buf_add(&g->out, text);
}

static void put_one_of(struct generator *g, const char *const *texts,
                       size_t count)
{
    put(g, span_str(texts[below(g, count)]));
}

static void gap(struct generator *g)
{
    static const char allowed[] = " \t\r\n";
    static const struct span refused[] = {
        {"\v", 1}, {"\f", 1},           {"\0", 1},       {"\xc2\xa0", 2},
        {"#", 1},  {"\xef\xbb\xbf", 3}, {"/**/", 4},     {"\x85", 1},
        {"\b", 1}, {"\x1f", 1},         {"\x20\x7f", 2}, {"a", 1},
    };

    while (g->white > 0 && below(g, 3) == 0)
        put(g, span_of(allowed + below(g, 4), 1));
    if (g->white > 1 && below(g, 200) == 0)
        put(g, refused[below(g, COUNT(refused))]);
}

/* A piece of a string that is not plain. */
static void odd_piece(struct generator *g)
{
    static const struct span pieces[] = {
        {"\\\"", 2},
        {"\\\\", 2},
        {"\\/", 2},
        {"\\b\\f\\n\\r\\t", 10},
        {"\\u0041", 6},
        {"\\u00e9", 6},
        {"\\u00E9", 6},
        {"\\u0000", 6},
        {"\\u001f", 6},
        {"\\u0022", 6},
        {"\\ud83d\\ude00", 12},
        {"\\uD83D", 6},
        {"\\udE00", 6},
        {"\\ude00\\ud83d", 12},
        {"\\ud83d\\u0041", 12},
        {"\\ud83d\\ud83d\\ude00", 18},
        {"\\uffff", 6},
        {"\0", 1},
        {"\x01\x1f\x7f", 3},
        {"\n", 1},
        {"\t\r", 2},
        {"\x80", 1},
        {"\xff\xfe", 2},
        {"\xc0\x80", 2},
        {"\xc3", 1},
        {"\xc3\xa9", 2},
        {"\xed\xa0\x80", 3},
        {"\xe2\x82", 2},
        {"\xe2\x82\xac", 3},
        {"\xf0\x9f\x98\x80", 4},
        {"\xf4\x90\x80\x80", 4},
        {"}],{", 4},
        {"://", 3},
        {"'", 1},
        /* and what no string may hold */
        {"\\x", 2},
        {"\\u00g0", 6},
        {"\\u12", 4},
        {"\\U0041", 6},
        {"\\\n", 2},
        {"\\\0", 2},
        {"\\'", 2},
        {"\"", 1},
        {"\\", 1},
    };

    put(g, pieces[below(g, COUNT(pieces))]);
}

static void string(struct generator *g, const char *text)
{
    put(g, SPAN("\""));
    if (odd(g)) {
        odd_piece(g);
        /* so that oddities stand at every place of a SIMD step */
        for (size_t i = below(g, 40); i > 0; i--)
            put(g, SPAN("x"));
        if (odd(g))
            odd_piece(g);
    }
    put(g, span_str(text));
    if (odd(g))
        odd_piece(g);
    if (!odd(g) || below(g, 10))
        put(g, SPAN("\""));
}

static void number(struct generator *g)
{
    static const char *const good[] = {
        "0",
        "7",
        "42",
        "1234567890123456789012345",
        "-1",
        "-0",
        "0.5",
        "1.25",
        "1e5",
        "1E+5",
        "-1.5e-7",
        "0e0",
        "1e400",
        "1111111111222222222233333333334444444444555555555566666666667777",
    };
    static const char *const bad[] = {
        "01",  "-",   "+1",    ".5",    "1.",  "1e",       "1e+", "--1", "1-2",
        "1 2", "0x1", "1.5.5", "1e5e5", "-01", "Infinity", "NaN", "1a",  "-e1",
    };

    if (odd(g) && below(g, 3) == 0)
        put_one_of(g, bad, COUNT(bad));
    else
        put_one_of(g, good, COUNT(good));
}

static void literal(struct generator *g)
{
    static const char *const good[] = {"null", "true", "false"};
    static const char *const bad[] = {
        "nul",   "nulll", "n",         "tru",   "truee", "fals",
        "False", "NULL",  "truefalse", "null1", "undef", "true\"\"",
        "",      "'a'",   "nullnull",  "t",
    };

    if (odd(g) && below(g, 3) == 0)
        put_one_of(g, bad, COUNT(bad));
    else
        put_one_of(g, good, COUNT(good));
}

static void value(struct generator *g, unsigned depth);

static void comma(struct generator *g)
{
    gap(g);
    if (odd(g) && below(g, 4) == 0)
        put(g, below(g, 2) ? SPAN("") : SPAN(",,"));
    else
        put(g, SPAN(","));
    gap(g);
}

/* A key as it is, or spelt with an escape, or nearly it. */
static void key(struct generator *g, const char *name)
{
    size_t len = strlen(name);
    size_t at = len ? below(g, len) : 0;

    if (!odd(g)) {
        string(g, name);
    } else if (below(g, 2) && len > 0) {
        buf_printf(&g->out, "\"%.*s\\u%04x%s\"", (int)at, name,
                   (unsigned char)name[at], name + at + 1);
    } else {
        switch (below(g, 6)) {
        case 0:
            buf_printf(&g->out, "\"%s%c\"", name, 'x');
            break;
        case 1:
            buf_printf(&g->out, "\"%.*s\"", (int)at, name);
            break;
        case 2:
            buf_printf(&g->out, "\"%c%s\"", 'E', len ? name + 1 : "");
            break;
        case 3:
            buf_printf(&g->out, "\"%s\\u0000\"", name);
            break;
        case 4:
            buf_printf(&g->out, "%s", name);
            break;
        default:
            number(g);
            break;
        }
    }
    gap(g);
    if (!odd(g) || below(g, 4))
        put(g, SPAN(":"));
    gap(g);
}

static void any_array(struct generator *g, unsigned depth)
{
    put(g, SPAN("["));
    gap(g);
    for (size_t i = 0, count = below(g, 4); i < count; i++) {
        if (i > 0)
            comma(g);
        value(g, depth + 1);
    }
    if (odd(g) && below(g, 4) == 0)
        put(g, SPAN(","));
    gap(g);
    put(g, odd(g) && below(g, 4) == 0 ? SPAN("}") : SPAN("]"));
}

static void any_object(struct generator *g, unsigned depth)
{
    static const char *const names[] = {
        "a", "", "principalId", "userIdentity", "eventTime", "arn", "type",
    };

    put(g, SPAN("{"));
    gap(g);
    for (size_t i = 0, count = below(g, 4); i < count; i++) {
        if (i > 0)
            comma(g);
        key(g, names[below(g, COUNT(names))]);
        value(g, depth + 1);
    }
    if (odd(g) && below(g, 4) == 0)
        put(g, SPAN(","));
    gap(g);
    put(g, odd(g) && below(g, 4) == 0 ? SPAN("]") : SPAN("}"));
}

static void value(struct generator *g, unsigned depth)
{
    switch (below(g, depth < 20 ? 6 : 4)) {
    case 0:
        string(g, "some text");
        break;
    case 1:
        string(g, "AROAEXAMPLEROLEID0001:i-0abcdef1234567890");
        break;
    case 2:
        number(g);
        break;
    case 3:
        literal(g);
        break;
    case 4:
        any_array(g, depth);
        break;
    default:
        any_object(g, depth);
        break;
    }
}

/* The keys of an object that has fields, one of which may lead on. */
struct place {
    const char *key;
    const struct place *below; /* ended by one without a key */
};

static const struct place issuer_places[] = {
    {"type", NULL},      {"principalId", NULL}, {"arn", NULL},
    {"accountId", NULL}, {"userName", NULL},    {NULL, NULL}};
static const struct place attribute_places[] = {
    {"creationDate", NULL}, {"mfaAuthenticated", NULL}, {NULL, NULL}};
static const struct place session_places[] = {{"sessionIssuer", issuer_places},
                                              {"webIdFederationData", NULL},
                                              {"attributes", attribute_places},
                                              {"ec2RoleDelivery", NULL},
                                              {NULL, NULL}};
static const struct place scope_places[] = {
    {"issuerType", NULL}, {"credentialsIssuedTo", NULL}, {NULL, NULL}};
static const struct place identity_places[] = {
    {"type", NULL},
    {"principalId", NULL},
    {"arn", NULL},
    {"accountId", NULL},
    {"accessKeyId", NULL},
    {"userName", NULL},
    {"sessionContext", session_places},
    {"invokedBy", NULL},
    {"inScopeOf", scope_places},
    {NULL, NULL}};
static const struct place record_places[] = {{"eventVersion", NULL},
                                             {"userIdentity", identity_places},
                                             {"eventTime", NULL},
                                             {"eventSource", NULL},
                                             {"eventName", NULL},
                                             {"awsRegion", NULL},
                                             {"sourceIPAddress", NULL},
                                             {"userAgent", NULL},
                                             {"errorCode", NULL},
                                             {"errorMessage", NULL},
                                             {"requestParameters", NULL},
                                             {"responseElements", NULL},
                                             {"eventID", NULL},
                                             {"readOnly", NULL},
                                             {"recipientAccountId", NULL},
                                             {"vpcEndpointId", NULL},
                                             {"vpcEndpointAccountId", NULL},
                                             {"eventCategory", NULL},
                                             {"@timestamp", NULL},
                                             {"unknown", NULL},
                                             {NULL, NULL}};

static void object_of(struct generator *g, const struct place *places,
                      unsigned depth);

static void member(struct generator *g, const struct place *place,
                   unsigned depth)
{
    static const char *const texts[] = {
        "",
        "2024-05-14T09:12:31Z",
        "2024-05-14T09:12:31.5+02:00",
        "noon",
        "203.0.113.10",
        "AROAEXAMPLEROLEID0001:i-0abcdef1234567890",
    };

    key(g, place->key);
    if (odd(g))
        value(g, depth);
    else if (place->below)
        object_of(g, place->below, depth + 1);
    else
        string(g, texts[below(g, COUNT(texts))]);
}

/* Some of the keys, in CloudTrail's order or in none, some of them twice. */
static void object_of(struct generator *g, const struct place *places,
                      unsigned depth)
{
    size_t order[COUNT(record_places) * 2];
    size_t count = 0;

    for (size_t i = 0; places[i].key; i++) {
        if (below(g, 4) > 0)
            order[count++] = i;
        if (odd(g))
            order[count++] = i;
    }
    if (below(g, 2))
        for (size_t i = count; i > 1; i--) {
            size_t j = below(g, i);
            size_t kept = order[i - 1];

            order[i - 1] = order[j];
            order[j] = kept;
        }
    put(g, SPAN("{"));
    gap(g);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            comma(g);
        member(g, &places[order[i]], depth);
    }
    if (odd(g) && below(g, 4) == 0)
        put(g, SPAN(","));
    gap(g);
    put(g, SPAN("}"));
}

/* Everything that can be strange about a record, at every rate. */
static void they_agree_on_generated_records(void **state)
{
    static const size_t rates[] = {0, 1000, 200, 50, 20, 8};
    struct generator g = {.seed = 3};
    uint64_t before = handed_on();
    uint64_t all;
    (void)state;

    compared.good = compared.refused = 0;
    for (size_t round = 0; round < 30000; round++) {
        g.odd = rates[round % COUNT(rates)];
        g.white = (int)(round / COUNT(rates) % 3);
        buf_clear(&g.out);
        object_of(&g, record_places, 1);
        (void)compare_if_object(buf_span(&g.out));
    }
    buf_release(&g.out);
    /* Enough of each kind, else the generator has gone blind. */
    all = compared.good + compared.refused;
    assert_true(all > 20000);
    assert_true(compared.refused > 3000 && compared.good > 10000);
    assert_true(handed_on() - before > 3000 + compared.refused);
    assert_true(handed_on() - before < all / 4 * 3);
}

/* Any value at all in the place of each field and of all that leads to
 * one. */
static void they_agree_on_any_value_in_any_place(void **state)
{
    static const char *const templates[] = {
        "{'eventID':%}",
        "{'eventTime':%,'@timestamp':'2024-05-14T09:00:00Z'}",
        "{'@timestamp':%}",
        "{'@timestamp':%,'eventTime':%}",
        "{'userIdentity':%}",
        "{'userIdentity':%,'userIdentity':{'arn':'a'}}",
        "{'userIdentity':{'arn':'a'},'userIdentity':%}",
        "{'userIdentity':{'principalId':%,'arn':'a'}}",
        "{'userIdentity':{'x':%,'arn':'a'}}",
        "{'userIdentity':{'sessionContext':%,'arn':'a'}}",
        "{'userIdentity':{'sessionContext':{'sessionIssuer':%}}}",
        "{'userIdentity':{'sessionContext':{'attributes':{'creationDate':%}}}}",
        "{'userIdentity':{'inScopeOf':%,'inScopeOf':{'issuerType':'t'}}}",
        "{'x':%,'eventName':'n'}",
        "{'x':%}",
        "%",
    };
    struct generator g = {.seed = 7, .odd = 12, .white = 1};
    (void)state;

    compared.good = compared.refused = 0;
    for (size_t round = 0; round < 40000; round++) {
        const char *at = templates[round % COUNT(templates)];

        buf_clear(&g.out);
        for (; *at; at++) {
            if (*at == '%')
                value(&g, 1);
            else
                put(&g, *at == '\'' ? SPAN("\"") : span_of(at, 1));
        }
        (void)compare_if_object(buf_span(&g.out));
    }
    buf_release(&g.out);
    assert_true(compared.good > 10000 && compared.refused > 2000 &&
                compared.glances > 500);
}

static int open_extractors(void **state)
{
    (void)state;

    extract_scan.destroy(NULL); /* is safe */
    dom = extract_dom.create();
    scan = extract_scan.create();
    return dom && scan ? 0 : -1;
}

static int close_extractors(void **state)
{
    (void)state;

    extract_dom.destroy(dom);
    extract_scan.destroy(scan);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_records_are_not_handed_on),
        cmocka_unit_test(a_glance_at_an_ordinary_record_tells),
        cmocka_unit_test(what_nobody_delimited_is_looked_at_throughout),
        cmocka_unit_test(a_front_too_deep_or_with_illegal_bytes_is_left),
        cmocka_unit_test(the_guess_looks_where_instances_stand),
        cmocka_unit_test(a_glance_does_not_guess),
        cmocka_unit_test(white_space_alone_is_no_reason_to_hand_on),
        cmocka_unit_test(they_agree_on_every_change_to_a_record),
        cmocka_unit_test(
            they_agree_on_every_byte_of_an_ordinary_record_changed),
        cmocka_unit_test(they_agree_where_a_member_is_moved_doubled_or_missing),
        cmocka_unit_test(they_agree_on_several_changes_at_once),
        cmocka_unit_test(they_agree_on_generated_records),
        cmocka_unit_test(they_agree_on_any_value_in_any_place),
    };

    return cmocka_run_group_tests(tests, open_extractors, close_extractors);
}
