/*
 * What a dump says of the estate. The verdict rests on it: a fact that is
 * missed makes a case of an address change, and one that is invented hides a
 * theft. The records here have CloudTrail's own shapes.
 */
#define UNIT_OWN_SYS
#include "events.h"
#include "guarded.h"

#include "base/sys.h"
#include "detect/location.h"
#include "event/extract.h"
#include "evidence/facts_set.h"
#include "evidence/facts_told.h"
#include "input/reader.h"

#include <dirent.h>
#include <fcntl.h>

#define WEB   "i-0123456789abcdef0"
#define BATCH "i-0123456789abcdef1"
#define OLD   "i-0123abcd"

#define ALICE                                           \
    "'type':'IAMUser','principalId':'AIDAALICE','arn':" \
    "'arn:aws:iam::111122223333:user/alice','accessKeyId':'AKIAALICE'"
#define INSTANCE(id, key)                                                     \
    "'type':'AssumedRole','principalId':'AROAWEB:" id "','accessKeyId':'" key \
    "'"

/* A call as a test writes it: what is NULL has a default, "" leaves out. */
struct call {
    const char *time; /* "10:00:00", that day */
    const char *name, *request, *response;
    const char *source;  /* "ec2" */
    const char *who;     /* ALICE */
    const char *address; /* 198.51.100.7 */
    const char *more;    /* further members, "'errorCode':'x'" */
};

static const char *text_or(const char *text, const char *otherwise)
{
    return text ? text : otherwise;
}

static struct buf record_of(const struct call *call)
{
    struct buf raw = BUF_INIT;
    struct buf json;

    buf_printf(&raw,
               "{'userIdentity':{%s},'eventTime':'2022-02-22T%sZ',"
               "'eventSource':'%s.amazonaws.com','eventName':'%s',"
               "'sourceIPAddress':'%s','requestParameters':%s,"
               "'responseElements':%s,'recipientAccountId':'111122223333'%s%s}",
               text_or(call->who, ALICE), text_or(call->time, "10:00:00"),
               text_or(call->source, "ec2"),
               text_or(call->name, "DescribeInstances"),
               text_or(call->address, "198.51.100.7"),
               text_or(call->request, "null"), text_or(call->response, "null"),
               call->more ? "," : "", text_or(call->more, ""));
    json = unit_json(buf_str(&raw));
    buf_release(&raw);
    return json;
}

static int see_text(struct facts *facts, struct span text)
{
    static struct extractor *extractor;
    struct arena arena = ARENA_INIT;
    struct err err = ERR_NONE;
    struct event event;
    size_t fail_at = unit_memory.fail_at;
    size_t calls = unit_memory.calls;
    int ret;

    unit_memory.fail_at = 0; /* only the facts are under test */
    if (!extractor)
        extractor = extract_dom.create();
    if (extract_dom.record(extractor, text, &arena, &event, &err) < 0)
        fail_msg("%s: %.*s", err.text, (int)text.len, text.ptr);
    unit_memory.fail_at = fail_at;
    unit_memory.calls = calls;
    ret = facts_see(facts, &event);
    arena_release(&arena);
    return ret;
}

static void see(struct facts *facts, const struct call *call)
{
    struct buf text = record_of(call);

    assert_int_equal(see_text(facts, buf_span(&text)), 0);
    buf_release(&text);
}

static struct facts *new_facts(void)
{
    struct facts *facts = facts_new(NULL);

    assert_non_null(facts);
    return facts;
}

static struct facts *learn(const struct call *calls, size_t count)
{
    struct facts *facts = new_facts();

    for (size_t i = 0; i < count; i++)
        see(facts, &calls[i]);
    assert_int_equal(facts_settle(facts, NULL), 0);
    return facts;
}

#define LEARN(...)                            \
    learn((const struct call[]){__VA_ARGS__}, \
          COUNT(((const struct call[]){__VA_ARGS__})))

static timestamp at(const char *time)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "2022-02-22T%sZ", time);
    return timestamp_parse(span_str(text));
}

/* ------------------------------------------------------ who uses an address */

static void people_are_told_from_programs(void **state)
{
    static const struct {
        const char *who, *more;
        unsigned people, instances;
    } cases[] = {
        {ALICE, NULL, 1, 0},
        {"'type':'Root','principalId':'111122223333'", NULL, 1, 0},
        {"'type':'FederatedUser','principalId':'111122223333:bob'", NULL, 1, 0},
        {"'type':'SAMLUser','principalId':'x:bob'", NULL, 1, 0},
        {"'type':'IdentityCenterUser'", NULL, 1, 0},
        {"'type':'AssumedRole','principalId':'AROA:bob','sessionContext':{"
         "'sessionIssuer':{'userName':'AWSReservedSSO_Admin_0123456789abcdef'}"
         "}",
         NULL, 1, 0},
        {"'type':'AssumedRole','principalId':'AROA:bob'",
         "'sessionCredentialFromConsole':'true'", 1, 0},
        {"'type':'AssumedRole','principalId':'AROA:bob'",
         "'sessionCredentialFromConsole':'false'", 0, 0},
        {"'type':'AssumedRole','principalId':'AROA:bob'", NULL, 0, 0},
        {"'type':'AWSService','invokedBy':'ec2.amazonaws.com'", NULL, 0, 0},
        {"'type':'AWSAccount','accountId':'444455556666'", NULL, 0, 0},
        {ALICE ",'invokedBy':'cloudformation.amazonaws.com'", NULL, 0, 0},
        {ALICE, "'errorCode':'AccessDenied'", 0, 0},
        {ALICE, "'eventCategory':'Insight'", 0, 0},
        {INSTANCE(WEB, "ASIA1"), NULL, 0, 1},
        {INSTANCE(WEB, "ASIA1"), "'sessionCredentialFromConsole':'true'", 0, 1},
        {INSTANCE(WEB, "ASIA1"), "'errorCode':'AccessDenied'", 0, 0},
        {ALICE ",'invokedBy':''", "'errorCode':''", 1, 0},
        {INSTANCE(WEB, "ASIA1"), "'errorCode':''", 0, 1},
        {"'type':'AssumedRole','principalId':'111122223333:aws:ec2-instance:"
         "i-0123abcd'",
         NULL, 0, 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct facts *facts =
            LEARN({.who = cases[i].who, .more = cases[i].more});
        struct ip location = address_of("198.51.100.7");
        struct people_calls people = facts_people_calls(facts, location);

        assert_int_equal(people.count, cases[i].people);
        assert_int_equal(people.first,
                         cases[i].people ? at("10:00:00") : TIMESTAMP_UNKNOWN);
        assert_int_equal(facts_instances_at(facts, location),
                         cases[i].instances);
        facts_free(facts);
    }
}

static void peoples_calls_count_once_each(void **state)
{
    static const struct call calls[] = {
        {.time = "10:00:05", .more = "'eventID':'e1'"},
        {.time = "10:00:05", .more = "'eventID':'e1'"},
        {.time = "10:00:03", .more = "'eventID':'e2'"},
        {.time = "10:00:09"},
        {.time = "10:00:09"},
        {.time = "10:00:09", .name = "DescribeVpcs"},
        {.time = "09:00:00", .address = "198.51.100.8"},
    };
    struct facts *facts = learn(calls, COUNT(calls));
    struct people_calls people =
        facts_people_calls(facts, address_of("198.51.100.7"));
    struct people_calls nobody =
        facts_people_calls(facts, address_of("203.0.113.1"));
    (void)state;

    assert_int_equal(people.count, 4);
    assert_true(people.is_exact);
    assert_int_equal(people.first, at("10:00:03"));
    assert_int_equal(nobody.count, 0);
    assert_int_equal(nobody.first, TIMESTAMP_UNKNOWN);
    facts_free(facts);
}

static void an_ipv6_network_is_one_location(void **state)
{
    struct facts *facts =
        LEARN({.address = "2001:db8::1", .more = "'eventID':'e1'"},
              {.address = "2001:db8::2", .more = "'eventID':'e2'"});
    (void)state;

    assert_int_equal(facts_people_calls(facts, address_of("2001:db8::")).count,
                     2);
    facts_free(facts);
}

static void instances_are_counted_up_to_three(void **state)
{
    static const char *const who[] = {
        INSTANCE(WEB, "ASIA1"),
        INSTANCE(BATCH, "ASIA2"),
        INSTANCE(OLD, "ASIA3"),
        INSTANCE("i-0123abce", "ASIA4"),
    };
    (void)state;

    for (unsigned n = 0; n <= COUNT(who); n++) {
        struct facts *facts = new_facts();

        for (unsigned i = 0; i < n; i++)
            for (unsigned twice = 0; twice < 2; twice++)
                see(facts, &(struct call){.who = who[i]});
        assert_int_equal(facts_settle(facts, NULL), 0);
        assert_int_equal(facts_instances_at(facts, address_of("198.51.100.7")),
                         n < 3 ? n : 3);
        facts_free(facts);
    }
}

/* ------------------------------------------------- what is never extracted */

#define SERVICE "'type':'AWSService','invokedBy':'ecs.amazonaws.com'"
#define ROLE    "'type':'AssumedRole','principalId':'AROA:bob'"

static bool may_learn(const struct facts *facts, const struct event *glance,
                      struct span record)
{
    struct ip location;

    return facts_may_learn(glance, location_of(glance, &location), record) ||
           facts_may_hear_recipient(facts, glance, record);
}

static struct event glance_at(const struct buf *record)
{
    struct event event;

    assert_true(extract_glance(buf_span(record), &event));
    return event;
}

/* Behind a first event of the same account most records can be told to teach
 * nothing; and what is so told, teaches nothing. */
static void most_records_are_told_to_teach_nothing(void **state)
{
    static const struct {
        struct call call;
        bool may_learn;
    } cases[] = {
        {{.who = SERVICE, .address = "ecs.amazonaws.com"}, false},
        {{.who = SERVICE, .address = "203.0.113.1"}, false},
        {{.who = ROLE}, false},
        {{.who = ROLE ",'invokedBy':'x'",
          .more = "'sessionCredentialFromConsole':'true'"},
         false},
        {{.who = ROLE, .more = "'sessionCredentialFromConsole':'true'"}, true},
        {{.who = ROLE ",'sessionContext':{'sessionIssuer':{'userName':"
                      "'AWSReservedSSO_Admin'}}"},
         true},
        {{.who = ALICE}, true},
        {{.who = ALICE, .address = "signin.amazonaws.com"}, false},
        {{.who = "'type':'Root'"}, true},
        {{.who = ROLE, .name = "StopInstances"}, true},
        {{.who = ROLE, .name = "StopInstances", .source = "rds"}, false},
        {{.who = ROLE, .name = "AssumeRole", .source = "sts"}, false},
        {{.who = ROLE ",'accessKeyId':'k'",
          .name = "AssumeRole",
          .source = "sts"},
         true},
        /* another account, or perhaps another */
        {{.who = ROLE, .request = "{'recipientAccountId':'444455556666'}"},
         true},
        {{.who = ROLE, .request = "{'recipientAccountId':'1111222233334'}"},
         true},
        {{.who = ROLE, .request = "{'recipientAccountId':'111122223333'}"},
         false},
        {{.who = ROLE, .request = "{'recipientAccountId' :'111122223333'}"},
         false},
        {{.who = ROLE, .request = "['recipientAccountId']"}, false},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct facts *facts = new_facts();
        struct buf record = record_of(&cases[i].call);
        struct event glance = glance_at(&record);

        if (may_learn(facts, &glance, buf_span(&record)) != true)
            fail_msg("%s: nothing is known yet", buf_str(&record));
        see(facts, &(struct call){.who = ROLE});
        if (may_learn(facts, &glance, buf_span(&record)) != cases[i].may_learn)
            fail_msg("%s", buf_str(&record));
        assert_int_equal(see_text(facts, buf_span(&record)), 0);
        if (!cases[i].may_learn)
            assert_int_equal(facts->count + facts->uses.count, 1);
        buf_release(&record);
        facts_free(facts);
    }
}

/* … wherever in the record the account and the console stand. */
static void what_stands_before_the_rest_is_not_passed_over(void **state)
{
    static const char *const records[] = {
        "{'recipientAccountId':'444455556666','userIdentity':{'type':'x'},"
        "'eventSource':'s','eventName':'n','sourceIPAddress':'198.51.100.7'}",
        "{'sessionCredentialFromConsole':'true','userIdentity':{'type':'x'},"
        "'eventSource':'s','eventName':'n','sourceIPAddress':'198.51.100.7'}",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(records); i++) {
        struct facts *facts = new_facts();
        struct buf record = unit_json(records[i]);
        struct event glance = glance_at(&record);

        see(facts, &(struct call){.who = ROLE});
        assert_true(may_learn(facts, &glance, buf_span(&record)));
        buf_release(&record);
        facts_free(facts);
    }
}

/* ---------------------------------------------------------------- networks */

#define LAUNCH                                                                 \
    {                                                                          \
        .name = "RunInstances", .time = "09:00:00",                            \
        .response = "{'instancesSet':{'items':[{'instanceId':'" WEB "',"       \
                    "'instanceType':'t3.micro','vpcId':'vpc-0a',"              \
                    "'subnetId':'subnet-0a','privateIpAddress':'10.0.1.10',"   \
                    "'metadataOptions':{'httpTokens':'optional'},"             \
                    "'networkInterfaceSet':{'items':[{'networkInterfaceId':"   \
                    "'eni-0a','subnetId':'subnet-0a','vpcId':'vpc-0a',"        \
                    "'privateIpAddress':'10.0.1.10','privateIpAddressesSet':{" \
                    "'item':[{'privateIpAddress':'10.0.1.11'}]}}]}}]}}"        \
    }
#define VPC                                                            \
    {                                                                  \
        .name = "CreateVpc",                                           \
        .response = "{'vpc':{'vpcId':'vpc-0a','cidrBlock':"            \
                    "'10.0.0.0/20','cidrBlockAssociationSet':{'items'" \
                    ":[{'cidrBlock':'10.0.0.0/20'}]}}}"                \
    }
#define SUBNET                                                            \
    {                                                                     \
        .name = "CreateSubnet",                                           \
        .response = "{'subnet':{'subnetId':'subnet-0a','vpcId':'vpc-0a'," \
                    "'cidrBlock':'10.0.1.0/24'}}"                         \
    }
#define INTERFACE                                                         \
    {                                                                     \
        .name = "CreateNetworkInterface",                                 \
        .response = "{'networkInterface':{'networkInterfaceId':'eni-0b'," \
                    "'subnetId':'subnet-0a','privateIpAddress':"          \
                    "'10.0.1.20','privateIpAddressesSet':{'item':["       \
                    "{'privateIpAddress':'10.0.1.20'}]}}}"                \
    }
#define ATTACH(id)                                                    \
    {                                                                 \
        .name = "AttachNetworkInterface",                             \
        .request = "{'networkInterfaceId':'eni-0b','instanceId':'" id \
                   "','deviceIndex':1}",                              \
        .response = "{'attachmentId':'eni-attach-0a'}"                \
    }

struct expected_network {
    const char *address;
    enum network_match match;
    const char *why;
};

static void expect_network(struct facts *facts, const char *instance,
                           const struct expected_network *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char why[FACTS_WHY_BYTES];

        assert_int_equal(facts_network(facts, span_str(instance),
                                       address_of(cases[i].address), why),
                         cases[i].match);
        assert_string_equal(why, cases[i].why);
    }
    facts_free(facts);
}

#define EXPECT_NETWORK(facts, instance, ...)                       \
    expect_network(facts, instance,                                \
                   (const struct expected_network[]){__VA_ARGS__}, \
                   COUNT(((const struct expected_network[]){__VA_ARGS__})))

/* "10.0.N.N", another for each number. */
static const char *numbered(unsigned number, char text[IP_TEXT_BYTES])
{
    (void)snprintf(text, IP_TEXT_BYTES, "10.0.%u.%u", number / 250,
                   number % 250 + 1);
    return text;
}

static struct facts *launched_with(unsigned addresses)
{
    struct facts *facts = new_facts();

    for (unsigned i = 0; i < addresses; i++) {
        char address[IP_TEXT_BYTES], response[256];

        (void)snprintf(response, sizeof(response),
                       "{'instancesSet':{'items':[{'instanceId':'" WEB
                       "','privateIpAddress':'%s'}]}}",
                       numbered(i, address));
        see(facts,
            &(struct call){.name = "RunInstances", .response = response});
    }
    assert_int_equal(facts_settle(facts, NULL), 0);
    return facts;
}

/* The bound is far above what an instance can have. */
static void of_many_addresses_a_thousand_are_known_for_its_own(void **state)
{
    (void)state;

    for (unsigned addresses = 1000; addresses < 1100; addresses += 50) {
        struct facts *facts = launched_with(addresses);
        unsigned known = 0;

        for (unsigned i = 0; i < addresses; i++) {
            char address[IP_TEXT_BYTES], why[FACTS_WHY_BYTES];

            assert_int_equal(facts_network(facts, SPAN(WEB),
                                           address_of(numbered(i, address)),
                                           why),
                             NETWORK_INSIDE);
            known += strstr(why, "is an address of the instance") != NULL;
        }
        assert_int_equal(known, addresses < 1024 ? addresses : 1024);
        facts_free(facts);
    }
}

static void of_an_unknown_network_nothing_is_said(void **state)
{
    (void)state;

    EXPECT_NETWORK(LEARN(VPC, SUBNET), WEB, {"10.0.1.10", NETWORK_UNKNOWN, ""},
                   {"192.168.10.20", NETWORK_UNKNOWN, ""});
    EXPECT_NETWORK(LEARN({.name = NULL}), WEB,
                   {"10.0.1.10", NETWORK_UNKNOWN, ""});
}

static void a_vpc_bounds_its_instances(void **state)
{
    (void)state;

    EXPECT_NETWORK(LEARN(VPC, LAUNCH), WEB,
                   {"10.0.1.10", NETWORK_INSIDE,
                    "10.0.1.10 is an address of the instance"},
                   {"10.0.1.11", NETWORK_INSIDE,
                    "10.0.1.11 is an address of the instance"},
                   {"10.0.15.255", NETWORK_INSIDE,
                    "10.0.15.255 lies in 10.0.0.0/20 of vpc-0a"},
                   {"10.0.16.0", NETWORK_OUTSIDE,
                    "10.0.16.0 lies outside 10.0.0.0/20 of vpc-0a"},
                   {"192.168.10.20", NETWORK_OUTSIDE,
                    "192.168.10.20 lies outside 10.0.0.0/20 of vpc-0a"},
                   {"fd00::", NETWORK_UNKNOWN, ""});
}

static void a_vpc_may_have_further_blocks(void **state)
{
    (void)state;

    EXPECT_NETWORK(
        LEARN(LAUNCH, VPC,
              {.name = "AssociateVpcCidrBlock",
               .response = "{'AssociateVpcCidrBlockResponse':{'vpcId':"
                           "'vpc-0a','cidrBlockAssociation':{'cidrBlock':"
                           "'100.64.0.0/16'}}}"}),
        WEB,
        {"100.64.3.4", NETWORK_INSIDE,
         "100.64.3.4 lies in 100.64.0.0/16 of vpc-0a"},
        {"100.65.3.4", NETWORK_OUTSIDE,
         "100.65.3.4 lies outside 10.0.0.0/20 of vpc-0a and its 1 other "
         "prefixes"});
}

/* The VPC may be older than the dump, and its subnets not. */
static void a_subnet_does_where_the_vpc_is_older(void **state)
{
    (void)state;

    EXPECT_NETWORK(LEARN(SUBNET, LAUNCH), WEB,
                   {"10.0.1.99", NETWORK_INSIDE,
                    "10.0.1.99 lies in 10.0.1.0/24 of vpc-0a"},
                   {"10.0.2.1", NETWORK_OUTSIDE,
                    "10.0.2.1 lies outside 10.0.1.0/24 of vpc-0a"});
}

static void the_neighbourhood_does_where_all_is_older(void **state)
{
    (void)state;

    EXPECT_NETWORK(LEARN(LAUNCH), WEB,
                   {"10.0.200.1", NETWORK_INSIDE,
                    "10.0.200.1 lies in the /16 of the instance's address "
                    "10.0.1.10"},
                   {"10.1.0.1", NETWORK_OUTSIDE,
                    "10.1.0.1 lies outside the /16 of the instance's address "
                    "10.0.1.10"},
                   {"100.64.0.1", NETWORK_UNKNOWN, ""});
}

/* An interface that was attached brings its network along, in any order. */
static void an_attached_interface_is_the_instances(void **state)
{
    (void)state;

    EXPECT_NETWORK(LEARN(ATTACH(OLD), INTERFACE, SUBNET), OLD,
                   {"10.0.1.20", NETWORK_INSIDE,
                    "10.0.1.20 is an address of the instance"},
                   {"10.0.1.99", NETWORK_INSIDE,
                    "10.0.1.99 lies in 10.0.1.0/24 of vpc-0a"},
                   {"10.9.1.99", NETWORK_OUTSIDE,
                    "10.9.1.99 lies outside 10.0.1.0/24 of vpc-0a"});
}

static void assigned_addresses_are_the_instances(void **state)
{
    static const struct call assign = {
        .name = "AssignPrivateIpAddresses",
        .request = "{'networkInterfaceId':'eni-0b',"
                   "'secondaryPrivateIpAddressCount':1}",
        .response =
            "{'networkInterfaceId':'eni-0b','assignedPrivateIpAddressesSet':{"
            "'assignedPrivateIpAddressSetType':[{'privateIpAddress':"
            "'172.16.5.5'}]},'assignedIpv4PrefixSet':{'items':[{'ipv4Prefix':"
            "'172.16.6.16/28'}]}}",
    };
    (void)state;

    EXPECT_NETWORK(LEARN(assign, ATTACH(OLD)), OLD,
                   {"172.16.5.5", NETWORK_INSIDE,
                    "172.16.5.5 is an address of the instance"},
                   {"172.16.6.31", NETWORK_INSIDE,
                    "172.16.6.31 is an address of the instance"},
                   {"172.16.6.32", NETWORK_INSIDE,
                    "172.16.6.32 lies in the /16 of the instance's address "
                    "172.16.5.5"},
                   {"172.17.0.1", NETWORK_OUTSIDE,
                    "172.17.0.1 lies outside the /16 of the instance's "
                    "address 172.16.5.5"});
}

/* ------------------------------------------------------- elastic addresses */

#define ALLOCATE                                                \
    {                                                           \
        .name = "AllocateAddress",                              \
        .response = "{'publicIp':'203.0.113.1','allocationId':" \
                    "'eipalloc-0a'}"                            \
    }
#define ASSOCIATE(when, target)                                 \
    {                                                           \
        .name = "AssociateAddress", .time = when,               \
        .request = "{" target ",'allocationId':'eipalloc-0a'}", \
        .response = "{'_return':true,'associationId':"          \
                    "'eipassoc-" when "'}"                      \
    }
#define RELEASE(when)                               \
    {                                               \
        .name = "ReleaseAddress", .time = when,     \
        .request = "{'allocationId':'eipalloc-0a'}" \
    }
#define NAT                                                                    \
    {                                                                          \
        .name = "CreateNatGateway", .time = "09:00:00",                        \
        .request = "{'CreateNatGatewayRequest':{'AllocationId':'eipalloc-0a'," \
                   "'SubnetId':'subnet-0c','ClientToken':'x'}}",               \
        .response =                                                            \
            "{'CreateNatGatewayResponse':{'natGateway':{'subnetId':"           \
            "'subnet-0c','natGatewayAddressSet':{'item':{'isPrimary':true,"    \
            "'allocationId':'eipalloc-0a','status':'associating'}},'vpcId':"   \
            "'vpc-0a','natGatewayId':'nat-0a'},'requestId':'x'}}"              \
    }

struct expected_owner {
    const char *from, *to;
    bool owns;
    const char *why;
};

static void expect_owner(struct facts *facts, const char *address,
                         const struct expected_owner *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char why[FACTS_WHY_BYTES];

        assert_int_equal(facts_owns(facts, SPAN(WEB), address_of(address),
                                    at(cases[i].from), at(cases[i].to), why),
                         cases[i].owns);
        assert_string_equal(why, text_or(cases[i].why, ""));
    }
    facts_free(facts);
}

#define EXPECT_OWNER(facts, address, ...)                                      \
    expect_owner(facts, address, (const struct expected_owner[]){__VA_ARGS__}, \
                 COUNT(((const struct expected_owner[]){__VA_ARGS__})))

static void an_elastic_address_is_owned_from_when_to_when(void **state)
{
    const char *why =
        "elastic address of the instance from 2022-02-22T10:00:00Z on";
    (void)state;

    EXPECT_OWNER(
        LEARN(ALLOCATE, ASSOCIATE("10:00:00", "'instanceId':'" WEB "'")),
        "203.0.113.1", {"10:00:00", "23:00:00", true, why},
        {"09:59:59", "23:00:00", false, NULL});
    EXPECT_OWNER(LEARN(ALLOCATE, RELEASE("12:00:00"),
                       ASSOCIATE("10:00:00", "'instanceId':'" WEB "'")),
                 "203.0.113.1", {"10:00:00", "12:00:00", true, why},
                 {"10:00:00", "12:00:59", true, why},
                 {"10:00:00", "12:01:00", false, NULL});
    EXPECT_OWNER(LEARN(ALLOCATE,
                       ASSOCIATE("10:00:00", "'instanceId':'" WEB "'"),
                       {.name = "DisassociateAddress",
                        .time = "11:00:00",
                        .request = "{'associationId':'eipassoc-10:00:00'}"}),
                 "203.0.113.1", {"10:00:00", "10:30:00", true, why},
                 {"10:00:00", "12:00:00", false, NULL});
    EXPECT_OWNER(LEARN({.name = "AssociateAddress",
                        .request = "{'instanceId':'" WEB "','publicIp':"
                                   "'203.0.113.1'}"},
                       {.name = "DisassociateAddress",
                        .time = "11:00:00",
                        .request = "{'publicIp':'203.0.113.1'}"}),
                 "203.0.113.1", {"10:00:00", "11:00:00", true, why},
                 {"10:00:00", "12:00:00", false, NULL});
    EXPECT_OWNER(
        LEARN(ALLOCATE, ASSOCIATE("10:00:00", "'instanceId':'" WEB "'"),
              {.name = "TerminateInstances",
               .time = "11:00:00",
               .request =
                   "{'instancesSet':{'items':[{'instanceId':'" WEB "'}]}}"}),
        "203.0.113.1", {"10:00:00", "11:00:40", true, why},
        {"10:00:00", "12:00:00", false, NULL});
}

/* Another one's association ends the first; one's own does not. */
static void whoever_takes_an_address_owns_it(void **state)
{
    (void)state;

    EXPECT_OWNER(
        LEARN(ALLOCATE, ASSOCIATE("10:00:00", "'instanceId':'" WEB "'"),
              ASSOCIATE("10:30:00", "'instanceId':'" WEB "'"),
              ASSOCIATE("11:00:00", "'instanceId':'" BATCH "'")),
        "203.0.113.1",
        {"10:00:00", "10:45:00", true,
         "elastic address of the instance from 2022-02-22T10:00:00Z on"},
        {"10:00:00", "11:30:00", false, NULL},
        {"11:10:00", "11:30:00", false, NULL});
}

static void an_interfaces_address_is_its_instances(void **state)
{
    const char *why = "elastic address of the instance's interface eni-0b "
                      "from 2022-02-22T10:00:00Z on";
    (void)state;

    EXPECT_OWNER(LEARN(ALLOCATE, ATTACH(WEB),
                       ASSOCIATE("10:00:00", "'networkInterfaceId':'eni-0b'")),
                 "203.0.113.1", {"10:00:00", "10:45:00", true, why},
                 {"09:00:00", "10:45:00", false, NULL});
    EXPECT_OWNER(LEARN(ALLOCATE, ATTACH(BATCH),
                       ASSOCIATE("10:00:00", "'networkInterfaceId':'eni-0b'")),
                 "203.0.113.1", {"10:00:00", "10:45:00", false, NULL});
}

static void a_nat_gateway_is_the_egress_of_its_vpc(void **state)
{
    const char *why = "address of NAT gateway nat-0a in vpc-0a from "
                      "2022-02-22T09:00:00Z on";
    (void)state;

    EXPECT_OWNER(LEARN(LAUNCH, ALLOCATE, NAT), "203.0.113.1",
                 {"10:00:00", "23:00:00", true, why},
                 {"08:00:00", "23:00:00", false, NULL});
    EXPECT_OWNER(LEARN(LAUNCH, ALLOCATE, NAT, RELEASE("12:00:00")),
                 "203.0.113.1", {"10:00:00", "12:00:00", true, why},
                 {"10:00:00", "13:00:00", false, NULL});
    EXPECT_OWNER(LEARN(ALLOCATE, NAT), "203.0.113.1",
                 {"10:00:00", "23:00:00", false, NULL});
    EXPECT_OWNER(LEARN(LAUNCH, NAT), "203.0.113.1",
                 {"10:00:00", "23:00:00", false, NULL});
}

/* It drains: deleted is not silent at once. */
static void a_deleted_nat_gateway_drains(void **state)
{
    const char *why = "address of NAT gateway nat-0a in vpc-0a from "
                      "2022-02-22T09:00:00Z on";
    (void)state;

    EXPECT_OWNER(LEARN(LAUNCH, ALLOCATE, NAT,
                       {.name = "DeleteNatGateway",
                        .time = "11:00:00",
                        .request = "{'DeleteNatGatewayRequest':{'NatGatewayId':"
                                   "'nat-0a'}}"}),
                 "203.0.113.1", {"10:00:00", "12:00:00", true, why},
                 {"10:00:00", "13:00:00", false, NULL});
}

static void a_nat_gateway_gets_and_loses_addresses(void **state)
{
    const char *why = "address of NAT gateway nat-0a in vpc-0a from "
                      "2022-02-22T10:00:00Z on";
    static const struct call nat = {
        .name = "CreateNatGateway",
        .time = "09:00:00",
        .response = "{'CreateNatGatewayResponse':{'natGateway':{'vpcId':"
                    "'vpc-0a','natGatewayId':'nat-0a'}}}",
    };
    static const struct call associate = {
        .name = "AssociateNatGatewayAddress",
        .request = "{'AssociateNatGatewayAddressRequest':{'NatGatewayId':"
                   "'nat-0a','AllocationId':{'tag':1,'content':"
                   "'eipalloc-0a'}}}",
        .response = "{'AssociateNatGatewayAddressResponse':{'natGatewayId':"
                    "'nat-0a','natGatewayAddressSet':{'item':[{"
                    "'allocationId':'eipalloc-0a','associationId':"
                    "'eipassoc-0a'}]}}}",
    };
    static const struct call disassociate = {
        .name = "DisassociateNatGatewayAddress",
        .time = "11:00:00",
        .request = "{'DisassociateNatGatewayAddressRequest':{'NatGatewayId':"
                   "'nat-0a','AssociationId':{'tag':1,'content':"
                   "'eipassoc-0a'}}}",
    };
    (void)state;

    EXPECT_OWNER(LEARN(LAUNCH, ALLOCATE, nat, associate), "203.0.113.1",
                 {"10:00:00", "23:00:00", true, why},
                 {"09:30:00", "23:00:00", false, NULL});
    EXPECT_OWNER(LEARN(LAUNCH, ALLOCATE, nat, associate, disassociate),
                 "203.0.113.1", {"10:00:00", "12:00:00", true, why},
                 {"10:00:00", "13:00:00", false, NULL});
}

static void an_egress_is_one_for_everybody(void **state)
{
    struct facts *facts = LEARN(ALLOCATE, NAT, RELEASE("12:00:00"));
    (void)state;

    assert_true(facts_is_egress(facts, address_of("203.0.113.1")));
    assert_false(facts_is_egress(facts, address_of("203.0.113.2")));
    facts_free(facts);
    facts = LEARN(ALLOCATE, ASSOCIATE("10:00:00", "'instanceId':'" WEB "'"));
    assert_false(facts_is_egress(facts, address_of("203.0.113.1")));
    facts_free(facts);
}

/* -------------------------------------------------------- life and contact */

#define LIFE(call, when)                                                    \
    {                                                                       \
        .name = call "Instances", .time = when,                             \
        .request = "{'instancesSet':{'items':[{'instanceId':'" BATCH "'},{" \
                   "'instanceId':'" WEB "'}]}}"                             \
    }

static void expect_stop(struct facts *facts, const char *before,
                        const char *stopped, bool terminated)
{
    timestamp time;
    bool is_end;

    assert_int_equal(
        facts_stopped_before(facts, SPAN(WEB), at(before), &time, &is_end),
        stopped != NULL);
    assert_int_equal(time, stopped ? at(stopped) : TIMESTAMP_UNKNOWN);
    assert_int_equal(is_end, terminated);
    facts_free(facts);
}

static void a_stop_holds_until_a_start(void **state)
{
    (void)state;

    expect_stop(LEARN(LIFE("Stop", "10:00:00")), "10:00:01", "10:00:00", false);
    expect_stop(LEARN(LIFE("Stop", "10:00:00")), "10:00:00", NULL, false);
    expect_stop(LEARN(LIFE("Terminate", "10:00:00")), "11:00:00", "10:00:00",
                true);
    expect_stop(LEARN(LIFE("Stop", "10:00:00"), LIFE("Terminate", "10:30:00")),
                "11:00:00", "10:30:00", true);
    expect_stop(LEARN(LIFE("Start", "10:30:00"), LIFE("Stop", "10:00:00")),
                "11:00:00", NULL, false);
    expect_stop(LEARN(LIFE("Start", "10:30:00"), LIFE("Stop", "10:00:00")),
                "10:30:00", "10:00:00", false);
    expect_stop(LEARN(LIFE("Start", "10:00:00"), LIFE("Stop", "10:00:00")),
                "11:00:00", NULL, false);
    expect_stop(LEARN(LIFE("Reboot", "10:30:00"), LIFE("Stop", "10:00:00")),
                "11:00:00", NULL, false);
    expect_stop(LEARN(LAUNCH, LIFE("Stop", "08:00:00")), "11:00:00", NULL,
                false);
    expect_stop(LEARN(LAUNCH, LIFE("Stop", "10:00:00"), ALLOCATE,
                      ASSOCIATE("10:10:00", "'instanceId':'" WEB "'")),
                "11:00:00", "10:00:00", false);
    expect_stop(LEARN({.name = NULL}), "11:00:00", NULL, false);
}

static void expect_change(struct facts *facts, const char *from, const char *to,
                          const char *when, const char *name)
{
    struct span event_name;
    timestamp time;

    assert_int_equal(facts_address_change(facts, SPAN(WEB), at(from), at(to),
                                          &time, &event_name),
                     when != NULL);
    assert_int_equal(time, when ? at(when) : TIMESTAMP_UNKNOWN);
    assert_span_equal(event_name, span_str(name));
    facts_free(facts);
}

static void an_address_changes_by_a_few_calls(void **state)
{
    (void)state;

    expect_change(LEARN(LAUNCH), "09:00:00", "09:00:00", "09:00:00",
                  "RunInstances");
    expect_change(LEARN(LAUNCH), "09:00:01", "11:00:00", NULL, NULL);
    expect_change(LEARN(LIFE("Start", "10:00:00")), "09:00:00", "11:00:00",
                  "10:00:00", "StartInstances");
    expect_change(LEARN(LIFE("Stop", "10:00:00")), "09:00:00", "11:00:00", NULL,
                  NULL);
    expect_change(LEARN(LIFE("Reboot", "10:00:00")), "09:00:00", "11:00:00",
                  NULL, NULL);
    /* Without the allocation the address is unknown, the change is not. */
    expect_change(LEARN(ASSOCIATE("10:00:00", "'instanceId':'" WEB "'")),
                  "09:00:00", "11:00:00", "10:00:00", "AssociateAddress");
    expect_change(LEARN(ASSOCIATE("10:00:00", "'networkInterfaceId':'eni-0b'"),
                        ATTACH(WEB)),
                  "09:00:00", "11:00:00", "10:00:00", "AssociateAddress");
    expect_change(LEARN(ASSOCIATE("10:00:00", "'networkInterfaceId':'eni-0b'"),
                        ATTACH(WEB),
                        {.name = "DisassociateAddress",
                         .time = "10:30:00",
                         .request = "{'associationId':'eipassoc-10:00:00'}"}),
                  "09:00:00", "11:00:00", "10:30:00", "DisassociateAddress");
    expect_change(LEARN(ASSOCIATE("10:00:00", "'instanceId':'" WEB "'"),
                        ALLOCATE,
                        {.name = "DisassociateAddress",
                         .time = "10:30:00",
                         .request = "{'publicIp':'203.0.113.1'}"}),
                  "09:00:00", "11:00:00", "10:30:00", "DisassociateAddress");
    expect_change(LEARN(ASSOCIATE("10:00:00", "'instanceId':'" BATCH "'")),
                  "09:00:00", "11:00:00", NULL, NULL);
}

#define WAY(service, call, parameters)                                 \
    {                                                                  \
        .source = service, .name = call, .request = "{" parameters "}" \
    }

static void each_way_into_an_instance_is_known(void **state)
{
    static const struct {
        struct call call;
        bool opens;
    } cases[] = {
        {WAY("ssm", "SendCommand", "'instanceIds':['" BATCH "','" WEB "']"),
         true},
        {WAY("ssm", "SendCommand",
             "'targets':[{'key':'InstanceIds','values':['" WEB "']}]"),
         true},
        {WAY("ssm", "SendCommand",
             "'targets':[{'key':'tag:Name','values':['web']}]"),
         false},
        {{.source = "ssm",
          .name = "SendCommand",
          .request = "{}",
          .response = "{'command':{'instanceIds':['" WEB "']}}"},
         true},
        {WAY("ssm", "StartSession", "'target':'" WEB "'"), true},
        {WAY("ssm", "StartSession", "'target':'mi-0123456789abcdef0'"), false},
        {WAY("ec2-instance-connect", "SendSSHPublicKey",
             "'instanceId':'" WEB "','instanceOSUser':'ec2-user'"),
         true},
        {WAY("ec2-instance-connect", "SendSerialConsoleSSHPublicKey",
             "'instanceId':'" WEB "','serialPort':0"),
         true},
        {WAY("ec2", "GetPasswordData", "'instanceId':'" WEB "'"), true},
        {WAY("ec2", "ModifyInstanceAttribute",
             "'instanceId':'" WEB "','userData':"
             "'<sensitiveDataRemoved>'"),
         true},
        {WAY("ec2", "ModifyInstanceAttribute",
             "'instanceId':'" WEB "','attribute':'userData'"),
         true},
        {WAY("ec2", "ModifyInstanceAttribute",
             "'instanceId':'" WEB "','disableApiTermination':{'value':false}"),
         false},
        {WAY("ssm", "GetPasswordData", "'instanceId':'" WEB "'"), false},
        {{.source = "ssm",
          .name = "StartSession",
          .request = "{'target':'" WEB "'}",
          .more = "'errorCode':'AccessDenied'"},
         false},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct facts *facts = learn(&cases[i].call, 1);
        struct ip from = address_of("198.51.100.7");
        struct span name, who;
        timestamp when;

        assert_int_equal(facts_reached(facts, SPAN(WEB), from, at("10:00:01"),
                                       &when, &name, &who),
                         cases[i].opens);
        if (cases[i].opens) {
            assert_int_equal(when, at("10:00:00"));
            assert_span_equal(name, span_str(cases[i].call.name));
            assert_span_equal(who,
                              SPAN("arn:aws:iam::111122223333:user/alice"));
        }
        assert_false(facts_reached(facts, SPAN(WEB), from, at("10:00:00"),
                                   &when, &name, &who));
        assert_int_equal(when, TIMESTAMP_UNKNOWN);
        assert_false(facts_reached(facts, SPAN(WEB), address_of("203.0.113.9"),
                                   at("10:00:01"), &when, &name, &who));
        facts_free(facts);
    }
}

static void the_last_way_before_is_told(void **state)
{
    struct facts *facts = LEARN({.time = "10:00:00",
                                 .source = "ssm",
                                 .name = "StartSession",
                                 .request = "{'target':'" WEB "'}"},
                                {.time = "10:20:00",
                                 .name = "GetPasswordData",
                                 .request = "{'instanceId':'" WEB "'}"},
                                {.time = "10:40:00",
                                 .name = "GetPasswordData",
                                 .request = "{'instanceId':'" WEB "'}"});
    struct span name, who;
    timestamp when;
    (void)state;

    assert_true(facts_reached(facts, SPAN(WEB), address_of("198.51.100.7"),
                              at("10:30:00"), &when, &name, &who));
    assert_int_equal(when, at("10:20:00"));
    assert_span_equal(name, SPAN("GetPasswordData"));
    facts_free(facts);
}

/* ----------------------------------------------------- what an instance is */

static void expect_platform(struct facts *facts, const char *platform)
{
    assert_span_equal(facts_platform(facts, SPAN(WEB)), span_str(platform));
    facts_free(facts);
}

#define AGENT(platform)                                                \
    {                                                                  \
        .source = "ssm", .name = "UpdateInstanceInformation",          \
        .request = "{'instanceId':'" WEB "','platformType':'" platform \
                   "','agentName':'amazon-ssm-agent'}"                 \
    }
#define LAUNCHED(more)                                                      \
    {                                                                       \
        .name = "RunInstances",                                             \
        .response =                                                         \
            "{'instancesSet':{'items':[{'instanceId':'" WEB "'" more "}]}}" \
    }

static void the_platform_is_the_agents_or_the_launchs(void **state)
{
    (void)state;

    expect_platform(LEARN(AGENT("Linux"), AGENT("Linux")), "linux");
    expect_platform(LEARN(AGENT("Windows")), "windows");
    expect_platform(LEARN(AGENT("MacOS")), "macos");
    expect_platform(LEARN(AGENT("BeOS")), NULL);
    expect_platform(LEARN(LAUNCHED(",'instanceType':'t3.micro'")), "linux");
    expect_platform(LEARN(LAUNCHED(",'instanceType':'mac1.metal'")), "macos");
    expect_platform(
        LEARN(LAUNCHED(",'instanceType':'t3.micro','platform':'windows'")),
        "windows");
    expect_platform(LEARN(LAUNCHED("")), NULL);
    expect_platform(LEARN(AGENT("Linux"), AGENT("Windows")), NULL);
}

static void a_launch_tells_the_metadata_options(void **state)
{
    struct facts *facts = LEARN(LAUNCH);
    (void)state;

    assert_true(facts_knows_launch(facts, SPAN(WEB)));
    assert_false(facts_knows_launch(facts, SPAN(BATCH)));
    assert_span_equal(facts_http_tokens(facts, SPAN(WEB)), SPAN("optional"));
    assert_span_equal(facts_http_tokens(facts, SPAN(BATCH)), SPAN_ABSENT);
    facts_free(facts);
}

/* -------------------------------------------------------------------- keys */

#define ISSUE(call, identity, key)                                \
    {                                                             \
        .source = "sts", .name = call, .who = identity,           \
        .response = "{'credentials':{'accessKeyId':'" key         \
                    "','expiration':'Feb 22, 2022, 4:22:22 PM'}}" \
    }
#define SESSION(key)                                \
    "'type':'AssumedRole','principalId':'AROAB:x'," \
    "'accessKeyId':'" key "'"

static void keys_are_followed_through_chains(void **state)
{
    static const struct call calls[] = {
        ISSUE("AssumeRole", SESSION("ASIA2"), "ASIA3"),
        ISSUE("AssumeRole", INSTANCE(WEB, "ASIA0"), "ASIA1"),
        ISSUE("AssumeRole", SESSION("ASIA1"), "ASIA2"),
        ISSUE("GetSessionToken", INSTANCE(BATCH, "ASIA9"), "ASIA4"),
        ISSUE("GetFederationToken", INSTANCE(BATCH, "ASIA9"), "ASIA5"),
        ISSUE("AssumeRole", ALICE, "ASIA6"),
        ISSUE("AssumeRole", SESSION("ASIA8"), "ASIA7"),
        ISSUE("AssumeRole", SESSION("ASIA7"), "ASIA8"), /* a circle */
    };
    static const struct {
        const char *key, *instance;
    } cases[] = {
        {"ASIA1", WEB},   {"ASIA2", WEB},  {"ASIA3", WEB},  {"ASIA4", BATCH},
        {"ASIA5", BATCH}, {"ASIA0", NULL}, {"ASIA6", NULL}, {"ASIA7", NULL},
        {"ASIA8", NULL},  {"", NULL},      {NULL, NULL},
    };
    struct facts *facts = learn(calls, COUNT(calls));
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_span_equal(facts_key_issuer(facts, span_str(cases[i].key)),
                          span_str(cases[i].instance));
    facts_free(facts);
}

/* A chain of any length is followed, and a fork of it, whatever the order in
 * which the calls are met. */
static void a_chain_may_be_long(void **state)
{
    struct facts *facts = new_facts();
    (void)state;

    for (int i = 40; i >= 0; i--) {
        char who[120], response[120];
        struct call call = {.source = "sts",
                            .name = "AssumeRole",
                            .who = who,
                            .response = response};

        (void)snprintf(who, sizeof(who),
                       "'type':'AssumedRole','principalId':'AROA:%s',"
                       "'accessKeyId':'ASIA%d'",
                       i ? "x" : WEB, i);
        (void)snprintf(response, sizeof(response),
                       "{'credentials':{'accessKeyId':'ASIA%d'}}", i + 1);
        see(facts, &call);
        (void)snprintf(response, sizeof(response),
                       "{'credentials':{'accessKeyId':'FORK%d'}}", i + 1);
        see(facts, &call);
    }
    assert_int_equal(facts_settle(facts, NULL), 0);
    assert_span_equal(facts_key_issuer(facts, SPAN("ASIA41")), SPAN(WEB));
    assert_span_equal(facts_key_issuer(facts, SPAN("FORK41")), SPAN(WEB));
    assert_span_equal(facts_key_issuer(facts, SPAN("ASIA0")), SPAN_ABSENT);
    assert_span_equal(facts_chained_key(facts, 0), SPAN("ASIA1"));
    assert_span_equal(facts_chained_key(facts, 81), SPAN("FORK9"));
    assert_span_equal(facts_chained_key(facts, 82), SPAN_ABSENT);
    facts_free(facts);
}

static void it_is_known_where_a_key_was_issued_and_by_which(void **state)
{
    struct call first = ISSUE("AssumeRole", INSTANCE(WEB, "ASIA0"), "ASIA1");
    struct call second = ISSUE("AssumeRole", SESSION("ASIA1"), "ASIA2");
    struct call service = ISSUE("AssumeRole", SESSION("ASIA1"), "ASIA3");
    static const struct {
        const char *key, *at;
    } cases[] = {{"ASIA1", "198.51.100.7"},
                 {"ASIA2", "203.0.113.9"},
                 {"ASIA3", NULL},
                 {"ASIA0", NULL}};
    struct facts *facts = new_facts();
    (void)state;

    second.address = "203.0.113.9";
    service.address = "cloudformation.amazonaws.com";
    see(facts, &second);
    see(facts, &first);
    see(facts, &service);
    assert_int_equal(facts_settle(facts, NULL), 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        static const char *const places[] = {"198.51.100.7", "203.0.113.9"};

        for (size_t p = 0; p < COUNT(places); p++)
            assert_int_equal(facts_key_issued_at(facts, span_str(cases[i].key),
                                                 address_of(places[p])),
                             cases[i].at &&
                                 strcmp(cases[i].at, places[p]) == 0);
    }
    assert_span_equal(facts_issued_key(facts, SPAN("ASIA0"), 0), SPAN("ASIA1"));
    assert_span_equal(facts_issued_key(facts, SPAN("ASIA0"), 1), SPAN_ABSENT);
    assert_span_equal(facts_issued_key(facts, SPAN("ASIA1"), 0), SPAN("ASIA2"));
    assert_span_equal(facts_issued_key(facts, SPAN("ASIA1"), 1), SPAN("ASIA3"));
    assert_span_equal(facts_issued_key(facts, SPAN("ASIA1"), 2), SPAN_ABSENT);
    assert_span_equal(facts_issued_key(facts, SPAN("ASIA2"), 0), SPAN_ABSENT);
    assert_span_equal(facts_issued_key(facts, SPAN(""), 0), SPAN_ABSENT);
    facts_free(facts);
}

static void a_key_issued_to_an_instance_expires(void **state)
{
    static const struct {
        const char *expiration, *time;
    } cases[] = {
        {"Feb 22, 2022, 4:22:22 PM", "16:22:22"},
        {"Feb 22, 2022, 4:22:22\xe2\x80\xafPM", "16:22:22"},
        {"Feb 22, 2022 12:00:01 AM", "00:00:01"},
        {"Feb 22, 2022 12:00:01 PM", "12:00:01"},
        {"2022-02-22T16:22:22Z", "16:22:22"},
        {"Feb 30, 2022, 4:22:22 PM", NULL},
        {"ebM 22, 2022, 4:22:22 PM", NULL},
        {"Feb 22, 2022, 13:22:22 PM", NULL},
        {"Feb 22, 2022", NULL},
        {"", NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        char response[200];
        struct call call = {
            .source = "sts",
            .name = "AssumeRole",
            .who = "'type':'AWSService','invokedBy':'ec2.amazonaws.com'",
            .address = "ec2.amazonaws.com",
            .request = "{'roleSessionName':'" WEB "'}",
            .response = response,
        };
        struct facts *facts;
        timestamp expires;

        (void)snprintf(response, sizeof(response),
                       "{'credentials':{'accessKeyId':'ASIA1',"
                       "'expiration':'%s'}}",
                       cases[i].expiration);
        facts = learn(&call, 1);
        assert_span_equal(facts_key_holder(facts, SPAN("ASIA1"), &expires),
                          SPAN(WEB));
        assert_int_equal(expires,
                         cases[i].time ? at(cases[i].time) : TIMESTAMP_UNKNOWN);
        assert_span_equal(facts_key_holder(facts, SPAN("ASIA2"), &expires),
                          SPAN_ABSENT);
        assert_span_equal(facts_key_issuer(facts, SPAN("ASIA1")), SPAN_ABSENT);
        facts_free(facts);
    }
}

static void recipients_are_the_dumps_accounts(void **state)
{
    struct facts *facts = LEARN({.name = NULL}, {.name = NULL});
    (void)state;

    assert_true(facts_is_recipient(facts, SPAN("111122223333")));
    assert_false(facts_is_recipient(facts, SPAN("444455556666")));
    assert_false(facts_is_recipient(facts, SPAN_ABSENT));
    facts_free(facts);
}

/* ------------------------------------------------------------------- union */

/* An estate in which every kind of fact occurs. */
static const struct call estate[] = {
    LAUNCH,
    VPC,
    SUBNET,
    INTERFACE,
    ATTACH(OLD),
    ALLOCATE,
    NAT,
    RELEASE("23:00:00"),
    ASSOCIATE("10:00:00", "'instanceId':'" WEB "'"),
    ASSOCIATE("10:20:00", "'networkInterfaceId':'eni-0b'"),
    ASSOCIATE("10:20:00", "'instanceId':'" BATCH "'"),
    {.name = "DisassociateAddress",
     .time = "10:30:00",
     .request = "{'publicIp':'203.0.113.1'}"},
    {.name = "DisassociateAddress",
     .time = "10:40:00",
     .request = "{'associationId':'eipassoc-10:20:00'}"},
    {.name = "DeleteNatGateway",
     .time = "11:00:00",
     .request = "{'DeleteNatGatewayRequest':{'NatGatewayId':'nat-0a'}}"},
    LIFE("Stop", "10:00:00"),
    LIFE("Start", "10:00:00"),
    LIFE("Reboot", "10:30:00"),
    LIFE("Terminate", "12:00:00"),
    AGENT("Linux"),
    WAY("ssm", "StartSession", "'target':'" WEB "'"),
    WAY("ec2", "GetPasswordData", "'instanceId':'" OLD "'"),
    ISSUE("AssumeRole", INSTANCE(WEB, "ASIA0"), "ASIA1"),
    ISSUE("AssumeRole", SESSION("ASIA1"), "ASIA2"),
    {.who = INSTANCE(WEB, "ASIA0")},
    {.who = INSTANCE(BATCH, "ASIA0")},
    {.who = INSTANCE(OLD, "ASIA0")},
    {.who = INSTANCE("i-0123abce", "ASIA0")},
    {.address = "2001:db8::1"},
    {.more = "'eventID':'e1'"},
    {.more = "'eventID':'e2'", .time = "07:00:00"},
    {.more = "'eventID':'e3'"},
    {.more = "'eventID':'e4'"},
    {.more = "'eventID':'e5'"},
    {.more = "'eventID':'e6'"},
    {.more = "'eventID':'e7'"},
};

static void expect_same_use(const struct facts *a, const struct facts *b)
{
    assert_int_equal(a->uses.count, b->uses.count);
    for (size_t i = 0; i < a->uses.count; i++) {
        const struct address_use *x = a->uses.items[i];
        const struct address_use *y = address_uses_find(&b->uses, x->address);

        assert_non_null(y);
        assert_int_equal(x->first_person, y->first_person);
        assert_int_equal(address_use_instance_count(x),
                         address_use_instance_count(y));
        assert_int_equal(x->people == NULL, y->people == NULL);
        if (x->people)
            assert_memory_equal(x->people, y->people, sizeof(*x->people));
    }
}

/* Two settled sets say the same, to the byte. */
static void expect_same(const struct facts *a, const struct facts *b)
{
    assert_int_equal(a->text_count, b->text_count);
    for (size_t i = 0; i < a->text_count; i++)
        assert_span_equal(a->texts[i], b->texts[i]);
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->items, b->items, a->count * sizeof(*a->items));
    assert_int_equal(a->owned_count, b->owned_count);
    for (size_t i = 0; i < a->owned_count; i++) {
        assert_int_equal(ip_cmp(a->owned[i].address, b->owned[i].address), 0);
        assert_int_equal(a->owned[i].from, b->owned[i].from);
        assert_int_equal(a->owned[i].until, b->owned[i].until);
        assert_int_equal(a->owned[i].owner, b->owned[i].owner);
        assert_int_equal(a->owned[i].kind, b->owned[i].kind);
    }
    assert_int_equal(a->moment_count, b->moment_count);
    for (size_t i = 0; i < a->moment_count; i++) {
        assert_int_equal(a->moments[i].instance, b->moments[i].instance);
        assert_int_equal(a->moments[i].time, b->moments[i].time);
        assert_int_equal(a->moments[i].kind, b->moments[i].kind);
    }
    expect_same_use(a, b);
}

/* A prime that does not divide the count: every call has its turn. */
#define STRIDE 11
_Static_assert(COUNT(estate) % STRIDE != 0, "every call has its turn");

/* Each call goes to one or more of three workers, in any order, who now and
 * then hand over whom they have seen where; they are united in any order, one
 * of them twice. */
static void any_split_of_the_records_says_the_same(void **state)
{
    struct facts *whole = learn(estate, COUNT(estate));
    uint32_t seed = 20220222;
    (void)state;

    for (unsigned round = 0; round < 60; round++) {
        struct facts *part[3] = {new_facts(), new_facts(), new_facts()};
        struct facts *again = new_facts(); /* what a part has learnt */
        struct facts *common = new_facts();
        size_t first = unit_random(&seed, 3);
        size_t begin = unit_random(&seed, COUNT(estate));

        for (size_t i = 0; i < COUNT(estate); i++) {
            const struct call *call =
                &estate[(begin + i * STRIDE) % COUNT(estate)];
            size_t to = unit_random(&seed, 3);

            see(part[to], call);
            if (to == (first + 1) % 3)
                see(again, call);
            if (unit_random(&seed, 3) == 0)
                see(part[unit_random(&seed, 3)], call);
            if (unit_random(&seed, 4) == 0) {
                assert_int_equal(facts_hand_over(common, part[to]), 0);
                assert_int_equal(facts_address_count(part[to]), 0);
            }
        }
        assert_int_equal(facts_merge(part[first], common, NULL), 0);
        for (size_t i = 1; i < 3; i++)
            assert_int_equal(
                facts_merge(part[first], part[(first + i) % 3], NULL), 0);
        assert_int_equal(facts_merge(part[first], again, NULL), 0);
        assert_int_equal(facts_settle(part[first], NULL), 0);
        expect_same(part[first], whole);
        for (size_t i = 0; i < 3; i++)
            facts_free(part[i]);
        facts_free(again);
        facts_free(common);
    }
    facts_free(whole);
}

/* A partial holds what was told: heard by another set, it says the same. */
static void what_is_told_is_heard_as_it_was(void **state)
{
    struct facts *whole = learn(estate, COUNT(estate));
    struct facts *heard = new_facts();
    (void)state;

    for (size_t part = 0; part < 2; part++) {
        struct facts *half = learn(estate + part * (COUNT(estate) / 3),
                                   COUNT(estate) - COUNT(estate) / 3);
        struct fact_told told, before;
        struct use_told use;
        size_t count;
        uint32_t *uses = facts_sorted_uses(half, &count);

        for (size_t i = 0; i < facts_count(half); i++) {
            facts_tell(half, i, &told);
            assert_true(i == 0 || fact_told_cmp(&before, &told) < 0);
            before = told;
            assert_int_equal(facts_hear(heard, &told), 0);
        }
        assert_non_null(uses);
        assert_true(count > 0);
        for (size_t i = 0; i < count; i++) {
            facts_tell_use(half, uses[i], &use);
            assert_int_equal(facts_hear_use(heard, &use), 0);
        }
        sys_free(uses);
        facts_free(half);
    }
    assert_int_equal(facts_settle(heard, NULL), 0);
    expect_same(heard, whole);
    facts_free(heard);
    facts_free(whole);
}

static void nothing_is_known_of_nothing(void **state)
{
    struct facts *facts = new_facts();
    struct facts *empty = new_facts();
    char why[FACTS_WHY_BYTES];
    (void)state;

    assert_int_equal(facts_merge(facts, empty, NULL), 0);
    assert_int_equal(facts_settle(facts, NULL), 0);
    assert_int_equal(
        facts_network(facts, SPAN(WEB), address_of("10.0.0.1"), why),
        NETWORK_UNKNOWN);
    assert_false(
        facts_owns(facts, SPAN(WEB), address_of("203.0.113.1"), 0, 1, why));
    assert_int_equal(facts_instances_at(facts, address_of("203.0.113.1")), 0);
    assert_span_equal(facts_platform(facts, SPAN(WEB)), SPAN_ABSENT);
    assert_span_equal(facts_platform(facts, SPAN_ABSENT), SPAN_ABSENT);
    facts_free(facts);
    facts_free(empty);
    facts_free(NULL);
}

/* ----------------------------------------------------------------- failure */

/* Seeing, uniting and settling, of which the n-th allocation fails: it is
 * said, and everything is freed. */
static int run_with_little_memory(void)
{
    struct facts *facts = facts_new(NULL);
    struct facts *other = facts_new(NULL);
    struct err err = ERR_NONE;
    int ret = facts && other ? 0 : -1;

    for (size_t i = 0; ret == 0 && i < COUNT(estate); i++) {
        size_t fail_at = unit_memory.fail_at;
        struct buf text;

        unit_memory.fail_at = 0;
        text = record_of(&estate[i]);
        unit_memory.fail_at = fail_at;
        ret = see_text(i % 2 ? facts : other, buf_span(&text));
        buf_release(&text);
    }
    if (ret == 0)
        ret = facts_hand_over(facts, other);
    if (ret == 0) {
        ret = facts_merge(facts, other, &err);
        if (ret == 0)
            ret = facts_settle(facts, &err);
        if (ret < 0)
            assert_string_equal(err.text, "out of memory");
    }
    facts_free(facts);
    facts_free(other);
    return ret;
}

static void a_lack_of_memory_is_told_at_each_allocation(void **state)
{
    struct facts *first = learn(estate, 1); /* the extractor's own memory */
    int ret = -1;
    (void)state;

    facts_free(first);
    for (size_t n = 1; ret < 0; n++) {
        size_t before = unit_memory.now;

        assert_true(n < 3000);
        unit_memory.calls = 0;
        unit_memory.fail_at = n;
        ret = run_with_little_memory();
        unit_memory.fail_at = 0;
        assert_int_equal(unit_memory.now, before);
    }
}

/* What a thief or damage may put where an id or an address should be. */
static void what_is_of_another_kind_teaches_nothing(void **state)
{
    static const char *const values[] = {
        "null",
        "1",
        "true",
        "''",
        "'x'",
        "[]",
        "{}",
        "[[{}]]",
        "{'items':[1,null,'x',{'instanceId':'i-','publicIp':'300.1.1.1'}]}",
        "{'items':{'instanceId':{'content':1}}}",
    };
    static const char *const keys[] = {
        "instancesSet", "networkInterface", "vpc",
        "subnet",       "natGateway",       "command",
        "credentials",  "publicIp",         "allocationId",
        "instanceId",   "instanceIds",      "target",
        "targets",      "userData",         "platformType",
        "NatGatewayId", "associationId",    "networkInterfaceId",
    };
    (void)state;

    for (size_t e = 0; e < COUNT(estate); e++)
        for (size_t k = 0; k < COUNT(keys); k++)
            for (size_t v = 0; v < COUNT(values); v++) {
                char part[200];
                struct call call = estate[e];
                struct facts *facts;

                (void)snprintf(part, sizeof(part), "{'%s':%s}", keys[k],
                               values[v]);
                call.request = call.response = part;
                facts = learn(&call, 1);
                assert_span_equal(facts_platform(facts, SPAN(WEB)),
                                  SPAN_ABSENT);
                assert_int_equal(facts->owned_count, 0);
                facts_free(facts);
            }
}

/* Ids are printed in the words of an answer: nothing in them gets there that
 * a terminal or a format would act on, and the longest is cut. */
static void hostile_ids_are_printed_plain(void **state)
{
    static const struct call nat = {
        .name = "CreateNatGateway",
        .time = "09:00:00",
        .response =
            "{'natGateway':{'natGatewayId':'nat-\\u001b[31m<b>\\u00e4"
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',"
            "'vpcId':'vpc-0a','natGatewayAddressSet':{'item':{'publicIp':"
            "'203.0.113.1'}}}}",
    };
    struct facts *facts = LEARN(LAUNCH, nat);
    char why[FACTS_WHY_BYTES];
    (void)state;

    assert_true(facts_owns(facts, SPAN(WEB), address_of("203.0.113.1"),
                           at("10:00:00"), at("10:00:00"), why));
    assert_string_equal(why, "address of NAT gateway nat-??31m?b???"
                             "aaaaaaaaaaaaaaaaaaaaaaaaaa in vpc-0a from "
                             "2022-02-22T09:00:00Z on");
    facts_free(facts);
}

/* A record whose parts end anywhere is read without a byte too many. */
static void a_cut_record_teaches_what_it_can(void **state)
{
    (void)state;

    for (size_t e = 0; e < 8; e++) {
        struct buf text = record_of(&estate[e]);
        struct facts *facts = new_facts();
        struct event event = EVENT(.id = "e1", .name = estate[e].name);

        event.field[EVENT_SOURCE] = SPAN("ec2.amazonaws.com");
        for (size_t n = 0; n < text.len; n++) {
            struct guarded copy = guarded_copy(span_of(text.ptr, n));

            event.record = copy.bytes;
            assert_int_equal(facts_see(facts, &event), 0);
            guarded_free(&copy);
        }
        facts_free(facts);
        buf_release(&text);
    }
}

/* At most 200 bytes an address, whoever calls from it (address_use.h). */
static void an_address_costs_at_most_200_bytes(void **state)
{
    struct address_uses uses;
    size_t before = unit_memory.now;
    (void)state;

    address_uses_init(&uses);
    for (uint32_t i = 0; i < 200000; i++) {
        struct ip address = {
            IP_V4, {203, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}};

        assert_int_equal(address_uses_person(&uses, address, i, 0), 0);
        assert_int_equal(address_uses_instance(&uses, address, i), 0);
        if (i > 10000)
            assert_true(unit_memory.now - before < 200 * (size_t)(i + 1));
    }
    address_uses_release(&uses);
}

/* Nor do the workers' tables need more while they are united, whose addresses
 * may well be different ones. */
static void uniting_needs_no_second_entry_for_an_address(void **state)
{
    enum {
        EACH = 150000
    };
    static const uint32_t numbers[] = {0};
    struct address_uses uses[2];
    size_t before = unit_memory.now;
    (void)state;

    for (uint32_t i = 0; i < 2 * EACH; i++) {
        struct ip address = {
            IP_V4, {203, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}};
        struct address_uses *its = &uses[i / EACH];

        if (i % EACH == 0)
            address_uses_init(its);
        assert_int_equal(address_uses_person(its, address, i, i), 0);
        assert_int_equal(address_uses_instance(its, address, 0), 0);
    }
    unit_memory.peak = unit_memory.now;
    assert_int_equal(address_uses_merge(&uses[0], &uses[1], numbers), 0);
    assert_true(unit_memory.peak - before < 200 * (size_t)(2 * EACH));
    address_uses_release(&uses[1]);
    for (uint32_t i = 0; i < 2 * EACH; i++) {
        struct ip address = {
            IP_V4, {203, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}};
        const struct address_use *use = address_uses_find(&uses[0], address);

        assert_non_null(use);
        assert_int_equal(address_use_instance_count(use), 1);
        assert_int_equal(distinct_count(use->people), 1);
        assert_int_equal(use->first_person, i);
    }
    address_uses_release(&uses[0]);
}

/* --------------------------------------------------------- a real account */

static void see_file(struct facts *facts, struct reader *reader,
                     const char *path)
{
    struct err err = ERR_NONE;
    struct reader_item item;
    enum reader_status status;
    int fd = open(path, O_RDONLY);

    assert_true(fd >= 0);
    reader_start(reader, fd);
    while ((status = reader_next(reader, &item, &err)) == READER_ITEM ||
           status == READER_WINDOW)
        if (status == READER_ITEM && item.kind == READER_RECORD)
            assert_int_equal(see_text(facts, item.text), 0);
    assert_int_equal(status, READER_END);
    (void)close(fd);
}

static timestamp that_day(const char *time)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "2023-07-10T%sZ", time);
    return timestamp_parse(span_str(text));
}

/* Everything in a folder of unpacked files; NULL where there is none. */
static struct facts *learn_folder(const char *path)
{
    DIR *folder = opendir(path);
    struct reader *reader = reader_new(READER_WINDOW_BYTES, NULL);
    struct facts *facts = folder ? new_facts() : NULL;
    struct dirent *entry;

    assert_non_null(reader);
    while (folder && (entry = readdir(folder))) {
        struct buf file = BUF_INIT;

        if (entry->d_name[0] == '.')
            continue;
        buf_printf(&file, "%s/%s", path, entry->d_name);
        see_file(facts, reader, buf_str(&file));
        buf_release(&file);
    }
    reader_free(reader);
    if (folder)
        (void)closedir(folder);
    if (facts)
        assert_int_equal(facts_settle(facts, NULL), 0);
    return facts;
}

/* A red-team exercise in a real account, its people's address replaced by a
 * private one: what its own calls tell of the estate. */
static void a_real_trail_tells_its_estate(void **state)
{
    const struct span thiefs = SPAN("i-0dbc91f429e48eeed");
    const struct span other = SPAN("i-05c30218156bcc246");
    const struct ip egress = address_of("3.225.16.109");
    const struct ip people = address_of("192.168.10.20");
    char path[1024], why[FACTS_WHY_BYTES];
    struct facts *facts;
    struct span name, who;
    timestamp time;
    bool terminated;
    (void)state;

    (void)snprintf(path, sizeof(path),
                   "%s/../../shared/data/aws_dataset/CloudTrail",
                   text_or(getenv("FIXTURES"), "."));
    facts = learn_folder(path);
    if (!facts)
        skip();

    assert_true(facts_is_egress(facts, egress));
    assert_true(facts_owns(facts, thiefs, egress, that_day("11:57:16"),
                           that_day("12:12:06"), why));
    assert_string_equal(why, "address of NAT gateway nat-03575abbac42080d9 in "
                             "vpc-06fe1a64761a0f720 from 2023-07-10T11:55:14Z "
                             "on");
    assert_false(facts_owns(facts, thiefs, egress, that_day("11:57:16"),
                            that_day("12:13:07"), why));
    assert_false(facts_owns(facts, other, egress, that_day("11:57:16"),
                            that_day("12:00:00"), why));
    assert_true(facts_owns(facts, other, address_of("52.45.102.28"),
                           that_day("12:05:15"), that_day("12:07:06"), why));
    assert_int_equal(facts_instances_at(facts, egress), 1);
    assert_int_equal(facts_people_calls(facts, egress).count, 0);

    assert_int_equal(facts_network(facts, thiefs, people, why),
                     NETWORK_OUTSIDE);
    assert_int_equal(strncmp(why, "192.168.10.20 lies outside 10.0.0.0/16", 38),
                     0);
    assert_true(facts_people_calls(facts, people).count > 100);
    assert_true(facts_people_calls(facts, people).first < that_day("11:57:16"));
    assert_true(facts_reached(facts, thiefs, people, that_day("11:57:22"),
                              &time, &name, &who));
    assert_int_equal(time, that_day("11:57:16"));
    assert_span_equal(name, SPAN("SendCommand"));

    assert_span_equal(facts_platform(facts, thiefs), SPAN("linux"));
    assert_span_equal(facts_http_tokens(facts, thiefs), SPAN("optional"));
    assert_true(facts_stopped_before(facts, thiefs, that_day("12:30:00"), &time,
                                     &terminated));
    assert_int_equal(time, that_day("12:08:06"));
    assert_true(terminated);
    facts_free(facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_are_told_from_programs),
        cmocka_unit_test(peoples_calls_count_once_each),
        cmocka_unit_test(an_ipv6_network_is_one_location),
        cmocka_unit_test(instances_are_counted_up_to_three),
        cmocka_unit_test(most_records_are_told_to_teach_nothing),
        cmocka_unit_test(what_stands_before_the_rest_is_not_passed_over),
        cmocka_unit_test(of_many_addresses_a_thousand_are_known_for_its_own),
        cmocka_unit_test(of_an_unknown_network_nothing_is_said),
        cmocka_unit_test(a_vpc_bounds_its_instances),
        cmocka_unit_test(a_vpc_may_have_further_blocks),
        cmocka_unit_test(a_subnet_does_where_the_vpc_is_older),
        cmocka_unit_test(the_neighbourhood_does_where_all_is_older),
        cmocka_unit_test(an_attached_interface_is_the_instances),
        cmocka_unit_test(assigned_addresses_are_the_instances),
        cmocka_unit_test(an_elastic_address_is_owned_from_when_to_when),
        cmocka_unit_test(whoever_takes_an_address_owns_it),
        cmocka_unit_test(an_interfaces_address_is_its_instances),
        cmocka_unit_test(a_nat_gateway_is_the_egress_of_its_vpc),
        cmocka_unit_test(a_deleted_nat_gateway_drains),
        cmocka_unit_test(a_nat_gateway_gets_and_loses_addresses),
        cmocka_unit_test(an_egress_is_one_for_everybody),
        cmocka_unit_test(a_stop_holds_until_a_start),
        cmocka_unit_test(an_address_changes_by_a_few_calls),
        cmocka_unit_test(each_way_into_an_instance_is_known),
        cmocka_unit_test(the_last_way_before_is_told),
        cmocka_unit_test(the_platform_is_the_agents_or_the_launchs),
        cmocka_unit_test(a_launch_tells_the_metadata_options),
        cmocka_unit_test(keys_are_followed_through_chains),
        cmocka_unit_test(a_chain_may_be_long),
        cmocka_unit_test(it_is_known_where_a_key_was_issued_and_by_which),
        cmocka_unit_test(a_key_issued_to_an_instance_expires),
        cmocka_unit_test(recipients_are_the_dumps_accounts),
        cmocka_unit_test(any_split_of_the_records_says_the_same),
        cmocka_unit_test(what_is_told_is_heard_as_it_was),
        cmocka_unit_test(nothing_is_known_of_nothing),
        cmocka_unit_test(a_lack_of_memory_is_told_at_each_allocation),
        cmocka_unit_test(what_is_of_another_kind_teaches_nothing),
        cmocka_unit_test(hostile_ids_are_printed_plain),
        cmocka_unit_test(a_cut_record_teaches_what_it_can),
        cmocka_unit_test(an_address_costs_at_most_200_bytes),
        cmocka_unit_test(uniting_needs_no_second_entry_for_an_address),
        cmocka_unit_test(a_real_trail_tells_its_estate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
