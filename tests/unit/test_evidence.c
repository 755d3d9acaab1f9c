/*
 * Each reason from a few calls. What facts answer is said by the test, so
 * that a reason is judged by itself: the functions of facts.h are here.
 */
#include "events.h"

#include "detect/filter.h"
#include "detect/location.h"
#include "evidence/evidence.h"
#include "evidence/reasons.h"

#define HOME    "203.0.113.1"
#define AWAY    "198.51.100.9"
#define THIRD   "192.0.2.7"
#define PRIVATE "192.168.10.20"
#define IPV6    "2001:db8:1::"
#define ID      "i-0123456789abcdef0"

/* What the dump says, besides the calls; zero: nothing. */
struct estate {
    const char *people_at, *people_since;
    uint64_t people_calls;
    const char *egress;
    const char *shared;
    unsigned instances;
    enum network_match network;
    const char *owned, *owned_too;
    const char *stopped;
    const char *changed;
    const char *reached_from, *reached_at;
    const char *platform;
    const char *recipient;
    const char *issued_at, *issued; /* from where, and the key */
    const char *aws; /* a prefix that is AWS's; NULL: not known */
};
static struct estate estate;

static timestamp at_time(const char *clock)
{
    char text[] = "2024-05-14T00:00:00Z";

    memcpy(text + 11, clock, strlen(clock));
    return timestamp_parse(span_str(text));
}

static bool is_at(const char *address, struct ip location)
{
    return address && ip_cmp(address_of(address), location) == 0;
}

struct people_calls facts_people_calls(const struct facts *facts,
                                       struct ip location)
{
    (void)facts;
    if (!is_at(estate.people_at, location))
        return (struct people_calls){0, true, TIMESTAMP_UNKNOWN};
    return (struct people_calls){
        .count = estate.people_calls,
        .is_exact = estate.people_calls <= 12,
        .first = at_time(estate.people_since),
    };
}

unsigned facts_instances_at(const struct facts *facts, struct ip location)
{
    (void)facts;
    return is_at(estate.shared, location) ? estate.instances : 1;
}

enum network_match facts_network(const struct facts *facts,
                                 struct span instance_id, struct ip address,
                                 char why[FACTS_WHY_BYTES])
{
    (void)facts, (void)instance_id, (void)address;
    strcpy(why, estate.network == NETWORK_UNKNOWN ? "" : "its VPC");
    return estate.network;
}

bool facts_owns(const struct facts *facts, struct span instance_id,
                struct ip location, timestamp from, timestamp to,
                char why[FACTS_WHY_BYTES])
{
    (void)facts, (void)instance_id, (void)from, (void)to;
    strcpy(why, "its own");
    return is_at(estate.owned, location) || is_at(estate.owned_too, location);
}

bool facts_is_egress(const struct facts *facts, struct ip location)
{
    (void)facts;
    return is_at(estate.egress, location);
}

bool facts_stopped_before(const struct facts *facts, struct span instance_id,
                          timestamp time, timestamp *stopped, bool *terminated)
{
    (void)facts, (void)instance_id;
    if (!estate.stopped || at_time(estate.stopped) >= time)
        return false;
    *stopped = at_time(estate.stopped);
    *terminated = true;
    return true;
}

bool facts_address_change(const struct facts *facts, struct span instance_id,
                          timestamp from, timestamp to, timestamp *when,
                          struct span *event_name)
{
    (void)facts, (void)instance_id;
    if (!estate.changed || at_time(estate.changed) < from ||
        at_time(estate.changed) > to)
        return false;
    *when = at_time(estate.changed);
    *event_name = SPAN("AssociateAddress");
    return true;
}

bool facts_reached(const struct facts *facts, struct span instance_id,
                   struct ip location, timestamp before, timestamp *when,
                   struct span *event_name, struct span *who)
{
    (void)facts, (void)instance_id;
    if (!is_at(estate.reached_from, location) ||
        at_time(estate.reached_at) >= before)
        return false;
    *when = at_time(estate.reached_at);
    *event_name = SPAN("StartSession");
    *who = SPAN("alice");
    return true;
}

struct span facts_platform(const struct facts *facts, struct span instance_id)
{
    (void)facts, (void)instance_id;
    return span_str(estate.platform);
}

bool facts_is_recipient(const struct facts *facts, struct span account)
{
    (void)facts;
    return estate.recipient && span_eq(account, span_str(estate.recipient));
}

struct span facts_key_issuer(const struct facts *facts, struct span access_key)
{
    (void)facts;
    return estate.issued && span_eq(access_key, span_str(estate.issued))
               ? SPAN(ID)
               : SPAN_ABSENT;
}

bool facts_key_issued_at(const struct facts *facts, struct span access_key,
                         struct ip location)
{
    (void)facts, (void)access_key;
    return is_at(estate.issued_at, location);
}

bool facts_key_issue(const struct facts *facts, struct span access_key,
                     size_t position, struct ip *location)
{
    (void)facts;
    *location = address_of(estate.issued_at ? estate.issued_at : "192.0.2.0");
    return position == 0 && estate.issued_at && estate.issued &&
           span_eq(access_key, span_str(estate.issued));
}

/* `count` calls from `address`, a minute apart, from `clock` on. */
struct calls {
    const char *address;
    const char *clock;
    unsigned count;
    const char *name, *agent, *key, *source, *error, *delivery;
    const char *endpoint_account;
};

#define CALLS(place, from, calls) \
    .address = (place), .clock = (from), .count = (calls)
#define CALLS_MAX 8

struct scenario {
    const char *name;
    struct calls calls[CALLS_MAX];
    struct estate estate;
    const char *verdict; /* "suspect: id+points … = severity" */
    const char *words;   /* what a reason's text has; NULL: any */
};

#define LINUX "aws-cli/2.9 Python/3.9 Linux/5.10"
#define BOTO  "Boto3/1.26 Python/3.9"

static const struct scenario scenarios[] = {
    {.name = "a single location says nothing",
     .calls = {{CALLS(HOME, "10:00", 3)}},
     .verdict = HOME ": = informational"},
    {.name = "two locations at the same time, a new agent",
     .calls = {{CALLS(HOME, "10:00", 9), .agent = LINUX},
               {CALLS(AWAY, "10:05", 2), .agent = BOTO}},
     .verdict = AWAY ": multi+1 concurrent+2 new-agent+1 = medium"},
    {.name = "one after the other",
     .calls = {{CALLS(HOME, "10:00", 3), .agent = LINUX},
               {CALLS(AWAY, "11:00", 2), .agent = LINUX}},
     .verdict = AWAY ": multi+1 handover-2 same-agents-1 = informational"},
    {.name = "the same key",
     .calls = {{CALLS(HOME, "10:00", 3), .key = "ASIA1"},
               {CALLS(HOME, "10:10", 1), .key = "ASIA2"},
               {CALLS(AWAY, "10:01", 3), .key = "ASIA2"}},
     .verdict = AWAY ": multi+1 concurrent+2 same-key+1 = medium"},
    {.name = "one set of agents holds the other",
     .calls = {{CALLS(HOME, "10:00", 3), .agent = LINUX},
               {CALLS(HOME, "10:01", 3), .agent = BOTO},
               {CALLS(AWAY, "11:00", 2), .agent = BOTO}},
     .verdict = AWAY ": multi+1 handover-2 same-agents-1 = informational"},
    {.name = "the suspect's agents hold the others'",
     .calls = {{CALLS(HOME, "10:00", 3), .agent = BOTO},
               {CALLS(AWAY, "11:00", 1), .agent = LINUX},
               {CALLS(AWAY, "11:01", 1), .agent = BOTO}},
     .verdict = AWAY ": multi+1 handover-2 same-agents-1 = informational"},
    {.name = "agents that overlap without holding each other",
     .calls = {{CALLS(HOME, "10:00", 3), .agent = LINUX},
               {CALLS(HOME, "10:00", 3), .agent = BOTO},
               {CALLS(AWAY, "11:00", 2), .agent = BOTO},
               {CALLS(AWAY, "11:00", 2), .agent = "x"}},
     .verdict = AWAY ": multi+1 handover-2 = informational"},
    {.name = "dual-stack",
     .calls = {{CALLS(HOME, "10:00", 9)}, {CALLS(IPV6, "10:02", 3)}},
     .verdict = "2001:db8:1::/64: multi+1 concurrent+2 dual-stack-3 = "
                "informational"},
    {.name = "a third location is no dual-stack",
     .calls = {{CALLS(HOME, "10:00", 9)},
               {CALLS(AWAY, "10:00", 9)},
               {CALLS(IPV6, "10:02", 3)}},
     .verdict = "2001:db8:1::/64: multi+1 concurrent+2 = medium"},
    {.name = "IMDSv1 at one location, IMDSv2 at the others",
     .calls = {{CALLS(HOME, "10:00", 9), .delivery = "2.0"},
               {CALLS(AWAY, "10:02", 3), .delivery = "1.0"}},
     .verdict = AWAY ": multi+1 concurrent+2 imds-mixed+3 = high"},
    {.name = "IMDSv1 at both",
     .calls = {{CALLS(HOME, "10:00", 9), .delivery = "2.0"},
               {CALLS(HOME, "10:00", 1), .delivery = "1.0"},
               {CALLS(AWAY, "10:02", 3), .delivery = "1.0"}},
     .verdict = AWAY ": multi+1 concurrent+2 = medium"},
    {.name = "outside AWS, the others inside",
     .calls = {{CALLS(HOME, "10:00", 3)}, {CALLS(AWAY, "10:00", 9)}},
     .estate = {.aws = "203.0.113.0/24"},
     .verdict = AWAY ": multi+1 concurrent+2 not-aws+2 = high"},
    {.name = "outside AWS, one other inside and one private",
     .calls = {{CALLS(HOME, "10:00", 3)},
               {CALLS(PRIVATE, "10:00", 3)},
               {CALLS(AWAY, "10:00", 9)}},
     .estate = {.aws = "203.0.113.0/24"},
     .verdict = AWAY ": multi+1 concurrent+2 not-aws+2 = high"},
    {.name = "outside AWS, and no other location",
     .calls = {{CALLS(AWAY, "10:00", 9)}},
     .estate = {.aws = "203.0.113.0/24"},
     .verdict = AWAY ": not-aws+2 = low"},
    {.name = "outside AWS, as is another",
     .calls = {{CALLS(HOME, "10:00", 5)},
               {CALLS(THIRD, "10:00", 4)},
               {CALLS(AWAY, "10:00", 3)}},
     .estate = {.aws = "203.0.113.0/24"},
     .verdict = AWAY ": multi+1 concurrent+2 = medium"},
    {.name = "both inside AWS",
     .calls = {{CALLS(HOME, "10:00", 4)}, {CALLS("203.0.113.2", "10:00", 3)}},
     .estate = {.aws = "203.0.113.0/24"},
     .verdict = "203.0.113.2: multi+1 concurrent+2 = medium"},
    {.name = "a private address is not outside AWS",
     .calls = {{CALLS(PRIVATE, "10:00", 3)}},
     .estate = {.aws = "203.0.113.0/24"},
     .verdict = PRIVATE ": = informational"},
    {.name = "an IPv6 network outside AWS",
     .calls = {{CALLS(HOME, "10:00", 3)}, {CALLS(IPV6, "10:00", 9)}},
     .estate = {.aws = "203.0.113.0/24"},
     .verdict = "2001:db8:1::/64: multi+1 concurrent+2 dual-stack-3 not-aws+2 "
                "= low"},
    {.name = "people were there first and call more",
     .calls = {{CALLS(AWAY, "10:02", 3)}},
     .estate = {.people_at = AWAY, .people_since = "09:00", .people_calls = 4},
     .verdict = AWAY ": human+3 = medium",
     .words = "people made 4 calls from " AWAY ", the first at "},
    {.name = "more calls of people than are counted exactly",
     .calls = {{CALLS(AWAY, "10:02", 3)}},
     .estate = {.people_at = AWAY, .people_since = "09:00", .people_calls = 13},
     .verdict = AWAY ": human+3 = medium",
     .words = "people made about 13 calls from " AWAY},
    {.name = "people call less",
     .calls = {{CALLS(AWAY, "10:02", 3)}},
     .estate = {.people_at = AWAY, .people_since = "09:00", .people_calls = 3},
     .verdict = AWAY ": human+1 = low"},
    {.name = "people came later",
     .calls = {{CALLS(AWAY, "10:02", 3)}},
     .estate = {.people_at = AWAY, .people_since = "10:03", .people_calls = 9},
     .verdict = AWAY ": human+1 = low"},
    {.name = "people came at the same time",
     .calls = {{CALLS(AWAY, "10:02", 3)}},
     .estate = {.people_at = AWAY, .people_since = "10:02", .people_calls = 9},
     .verdict = AWAY ": human+1 = low"},
    {.name = "people at an egress",
     .calls = {{CALLS(AWAY, "10:02", 3)}},
     .estate = {.people_at = AWAY,
                .people_since = "09:00",
                .people_calls = 9,
                .egress = AWAY},
     .verdict = AWAY ": = informational"},
    {.name = "people where the SSM agent is",
     .calls = {{CALLS(AWAY, "10:02", 3), .name = "UpdateInstanceInformation",
                .source = "ssm.amazonaws.com"}},
     .estate = {.people_at = AWAY, .people_since = "09:00", .people_calls = 9},
     .verdict = AWAY ": human+1 = low"},
    {.name = "a key that was issued from there is used at a third location",
     .calls = {{CALLS(HOME, "10:00", 60), .key = "ASIA1"},
               {CALLS(AWAY, "10:10", 3), .key = "ASIA1"},
               {CALLS(THIRD, "10:20", 9), .key = "ASIA2"}},
     .estate = {.issued_at = AWAY, .issued = "ASIA2"},
     .verdict = AWAY ": multi+1 concurrent+2 same-key+1 brief+1 chain+1 = "
                     "high"},
    {.name = "a key that was issued is used by nobody",
     .calls = {{CALLS(AWAY, "10:10", 3), .key = "ASIA1"}},
     .estate = {.issued_at = AWAY, .issued = "ASIA2"},
     .verdict = AWAY ": = informational"},
    {.name = "somebody opened a way in from there",
     .calls = {{CALLS(AWAY, "10:02", 3)}},
     .estate = {.reached_from = AWAY, .reached_at = "10:00"},
     .verdict = AWAY ": reached+2 = low"},
    {.name = "the SSM agent's location is home, however few its calls",
     .calls = {{CALLS(HOME, "10:00", 1), .name = "UpdateInstanceInformation",
                .source = "ssm.amazonaws.com"},
               {CALLS(HOME, "10:09", 1)},
               {CALLS(AWAY, "10:01", 3)}},
     .verdict = AWAY ": multi+1 concurrent+2 = medium"},
    {.name = "home, where the other location is expected",
     .calls = {{CALLS(HOME, "10:00", 9)},
               {CALLS(AWAY, "10:01", 3), .name = "UpdateInstanceInformation",
                .source = "ssm.amazonaws.com"}},
     .estate = {.owned = HOME},
     .verdict = AWAY ": multi+1 concurrent+2 home-4 = informational"},
    {.name = "a call of another service by the same name",
     .calls = {{CALLS(HOME, "10:00", 9)},
               {CALLS(AWAY, "10:01", 3), .name = "UpdateInstanceInformation",
                .source = "ec2.amazonaws.com"}},
     .estate = {.owned = HOME},
     .verdict = AWAY ": multi+1 concurrent+2 = medium"},
    {.name = "the SSM agent where there is no other location",
     .calls = {{CALLS(AWAY, "10:01", 3), .name = "UpdateInstanceInformation",
                .source = "ssm.amazonaws.com"}},
     .verdict = AWAY ": = informational"},
    {.name = "brief: exactly a tenth",
     .calls = {{CALLS(HOME, "10:00", 21)}, {CALLS(AWAY, "10:02", 3)}},
     .verdict = AWAY ": multi+1 concurrent+2 brief+1 = medium"},
    {.name = "brief: more than a tenth",
     .calls = {{CALLS(HOME, "10:00", 20)}, {CALLS(AWAY, "10:02", 3)}},
     .verdict = AWAY ": multi+1 concurrent+2 = medium"},
    {.name = "three instances use it, with an agent that is seen elsewhere",
     .calls = {{CALLS(HOME, "10:00", 9), .agent = LINUX},
               {CALLS(AWAY, "10:02", 3), .agent = LINUX}},
     .estate = {.shared = AWAY, .instances = 3},
     .verdict = HOME ": multi+1 concurrent+2 same-agents-1 = low"},
    {.name = "two instances use the only location",
     .calls = {{CALLS(AWAY, "10:02", 3)}},
     .estate = {.shared = AWAY, .instances = 2},
     .verdict = AWAY ": egress-shared-2 = informational"},
    {.name = "two instances use it, with an agent that is seen elsewhere",
     .calls = {{CALLS(HOME, "10:00", 9), .agent = LINUX},
               {CALLS(AWAY, "10:02", 3), .agent = LINUX}},
     .estate = {.shared = AWAY, .instances = 2, .owned = HOME},
     .verdict = AWAY ": multi+1 concurrent+2 same-agents-1 egress-shared-2 = "
                     "informational"},
    {.name = "three instances use the only location",
     .calls = {{CALLS(AWAY, "10:02", 3)}},
     .estate = {.shared = AWAY, .instances = 3},
     .verdict = AWAY ": egress-shared-4 = informational"},
    {.name = "three instances use it, with an agent of its own: no egress",
     .calls = {{CALLS(HOME, "10:00", 9), .agent = LINUX},
               {CALLS(AWAY, "10:02", 3), .agent = BOTO}},
     .estate = {.shared = AWAY, .instances = 3},
     .verdict = AWAY ": multi+1 concurrent+2 new-agent+1 = medium"},
    {.name = "an expected location is never the suspect",
     .calls = {{CALLS(HOME, "10:00", 9)}, {CALLS(AWAY, "10:02", 3)}},
     .estate = {.owned = AWAY},
     .verdict = HOME ": multi+1 concurrent+2 = medium"},
    {.name = "all locations are expected",
     .calls = {{CALLS(HOME, "10:00", 9)}},
     .estate = {.owned = HOME},
     .verdict = "none: = informational"},
    {.name = "all locations are expected, and there are two",
     .calls = {{CALLS(HOME, "10:00", 9)}, {CALLS(AWAY, "10:02", 3)}},
     .estate = {.owned = HOME, .owned_too = AWAY},
     .verdict = "none: multi+1 = low"},
    {.name = "macOS",
     .calls = {{CALLS(AWAY, "10:02", 3), .agent = "aws-cli/2.9 Darwin/22.1"}},
     .verdict = AWAY ": workstation+3 = medium"},
    {.name = "macOS on a Mac",
     .calls = {{CALLS(AWAY, "10:02", 3), .agent = "aws-cli/2.9 Darwin/22.1"}},
     .estate = {.platform = "macos"},
     .verdict = AWAY ": = informational"},
    {.name = "a penetration-testing distribution",
     .calls = {{CALLS(AWAY, "10:02", 3),
                .agent = "Boto3/1.9 Linux/5.10-kali3"}},
     .verdict = AWAY ": workstation+3 = medium"},
    {.name = "Windows, and the instance runs Linux",
     .calls = {{CALLS(AWAY, "10:02", 3), .agent = "aws-cli/2.9 Windows/10"}},
     .estate = {.platform = "linux"},
     .verdict = AWAY ": workstation+3 = medium"},
    {.name = "Windows, and nothing else is known",
     .calls = {{CALLS(AWAY, "10:02", 3), .agent = "aws-cli/2.9 Windows/10"}},
     .verdict = AWAY ": = informational"},
    {.name = "Windows, and another agent names Linux",
     .calls = {{CALLS(HOME, "10:00", 9), .agent = LINUX},
               {CALLS(AWAY, "11:02", 3), .agent = "aws-cli/2.9 Windows/10"}},
     .verdict = AWAY ": multi+1 handover-2 workstation+3 new-agent+1 = medium"},
    {.name = "Windows, Linux, and elsewhere both, too",
     .calls = {{CALLS(HOME, "10:00", 9), .agent = LINUX},
               {CALLS(HOME, "10:09", 1), .agent = "aws-cli/2.8 Windows/10"},
               {CALLS(AWAY, "11:02", 3), .agent = "aws-cli/2.9 Windows/10"}},
     .verdict = AWAY ": multi+1 handover-2 new-agent+1 = informational"},
    {.name = "Windows, and the instance runs it",
     .calls = {{CALLS(AWAY, "10:02", 3), .agent = "aws-cli/2.9 Windows/10"}},
     .estate = {.platform = "windows"},
     .verdict = AWAY ": = informational"},
    {.name = "a browser at both",
     .calls = {{CALLS(HOME, "10:00", 9), .agent = "Mozilla/5.0 a"},
               {CALLS(AWAY, "11:02", 3), .agent = "Mozilla/5.0 b"}},
     .verdict = AWAY ": multi+1 handover-2 new-agent+1 = informational"},
    {.name = "GetCallerIdentity first",
     .calls = {{CALLS(AWAY, "10:02", 3), .name = "GetCallerIdentity"}},
     .verdict = AWAY ": recon+1 = low"},
    {.name = "GetCallerIdentity a minute later",
     .calls = {{CALLS(AWAY, "10:02", 1)},
               {CALLS(AWAY, "10:03", 1), .name = "GetCallerIdentity"}},
     .verdict = AWAY ": = informational"},
    {.name = "GetCallerIdentity in the second of the first call",
     .calls = {{CALLS(AWAY, "10:02", 1)},
               {CALLS(AWAY, "10:02", 1), .name = "GetCallerIdentity"}},
     .verdict = AWAY ": recon+1 = low"},
    {.name = "GetCallerIdentity a second later",
     .calls = {{CALLS(AWAY, "10:02", 1)},
               {CALLS(AWAY, "10:02:01", 1), .name = "GetCallerIdentity"}},
     .verdict = AWAY ": = informational"},
    {.name = "GetCallerIdentity where the SSM agent is",
     .calls = {{CALLS(AWAY, "10:02", 1), .name = "GetCallerIdentity"},
               {CALLS(AWAY, "10:02", 1), .name = "UpdateInstanceInformation",
                .source = "ssm.amazonaws.com"}},
     .verdict = AWAY ": = informational"},
    {.name = "three kinds of looking in two services",
     .calls = {{CALLS(HOME, "09:00", 1), .agent = LINUX},
               {CALLS(AWAY, "10:02", 1), .name = "ListUsers", .agent = BOTO,
                .source = "iam.amazonaws.com"},
               {CALLS(AWAY, "10:03", 1), .name = "ListRoles", .agent = BOTO,
                .source = "iam.amazonaws.com"},
               {CALLS(AWAY, "10:12", 1), .name = "DescribeVpcs", .agent = BOTO,
                .source = "ec2.amazonaws.com"}},
     .verdict = AWAY ": multi+1 handover-2 new-agent+1 recon+1 = low"},
    {.name = "three kinds of looking in one service",
     .calls = {{CALLS(HOME, "09:00", 9), .agent = LINUX},
               {CALLS(AWAY, "10:02", 1), .name = "ListUsers", .agent = BOTO,
                .source = "iam.amazonaws.com"},
               {CALLS(AWAY, "10:03", 1), .name = "ListRoles", .agent = BOTO,
                .source = "iam.amazonaws.com"},
               {CALLS(AWAY, "10:12", 1), .name = "GetUser", .agent = BOTO,
                .source = "iam.amazonaws.com"}},
     .verdict = AWAY ": multi+1 handover-2 new-agent+1 = informational"},
    {.name = "three kinds of looking, the third after ten minutes",
     .calls = {{CALLS(HOME, "09:00", 9), .agent = LINUX},
               {CALLS(AWAY, "10:02", 1), .name = "ListUsers", .agent = BOTO,
                .source = "iam.amazonaws.com"},
               {CALLS(AWAY, "10:03", 1), .name = "ListRoles", .agent = BOTO,
                .source = "iam.amazonaws.com"},
               {CALLS(AWAY, "10:12:01", 1), .name = "DescribeVpcs",
                .agent = BOTO, .source = "ec2.amazonaws.com"}},
     .verdict = AWAY ": multi+1 handover-2 new-agent+1 = informational"},
    {.name = "three kinds of looking, one of them by an agent seen elsewhere",
     .calls = {{CALLS(HOME, "09:00", 9), .agent = LINUX},
               {CALLS(AWAY, "10:02", 1), .name = "ListUsers", .agent = BOTO,
                .source = "iam.amazonaws.com"},
               {CALLS(AWAY, "10:03", 1), .name = "ListRoles", .agent = BOTO,
                .source = "iam.amazonaws.com"},
               {CALLS(AWAY, "10:04", 1), .name = "DescribeVpcs", .agent = LINUX,
                .source = "ec2.amazonaws.com"}},
     .verdict = AWAY ": multi+1 handover-2 same-agents-1 = informational"},
    {.name = "two kinds of looking, and one that changes something",
     .calls = {{CALLS(HOME, "09:00", 9), .agent = LINUX},
               {CALLS(AWAY, "10:02", 1), .name = "ListUsers", .agent = BOTO,
                .source = "iam.amazonaws.com"},
               {CALLS(AWAY, "10:03", 1), .name = "GetUser", .agent = BOTO,
                .source = "iam.amazonaws.com"},
               {CALLS(AWAY, "10:04", 1), .name = "CreateVpc", .agent = BOTO,
                .source = "ec2.amazonaws.com"}},
     .verdict = AWAY ": multi+1 handover-2 new-agent+1 = informational"},
    {.name = "denied: three of ten",
     .calls = {{CALLS(AWAY, "10:00", 7)},
               {CALLS(AWAY, "10:08", 3),
                .error = "Client.UnauthorizedOperation"}},
     .verdict = AWAY ": denied+1 = low"},
    {.name = "denied: three of eleven",
     .calls = {{CALLS(AWAY, "10:00", 8)},
               {CALLS(AWAY, "10:08", 3), .error = "AccessDenied"}},
     .verdict = AWAY ": = informational"},
    {.name = "denied: two of two",
     .calls = {{CALLS(AWAY, "10:08", 2), .error = "AccessDenied"}},
     .verdict = AWAY ": = informational"},
    {.name = "errors that are no refusals",
     .calls = {{CALLS(AWAY, "10:08", 3), .error = "ThrottlingException"}},
     .verdict = AWAY ": = informational"},
    {.name = "a sign-in to the console",
     .calls = {{CALLS(AWAY, "10:08", 1), .name = "ConsoleLogin"}},
     .verdict = AWAY ": console+4 = medium"},
    {.name = "a sign-in token is asked for",
     .calls = {{CALLS(AWAY, "10:08", 1), .name = "GetSigninToken"}},
     .verdict = AWAY ": console+4 = medium"},
    {.name = "an endpoint of a foreign account",
     .calls = {{CALLS(PRIVATE, "10:08", 1),
                .endpoint_account = "444455556666"}},
     .verdict = PRIVATE ": foreign-endpoint+5 = high"},
    {.name = "an endpoint of the own account",
     .calls = {{CALLS(PRIVATE, "10:08", 1),
                .endpoint_account = "111122223333"}},
     .verdict = PRIVATE ": = informational"},
    {.name = "an endpoint of another account of the dump",
     .calls = {{CALLS(PRIVATE, "10:08", 1),
                .endpoint_account = "444455556666"}},
     .estate = {.recipient = "444455556666"},
     .verdict = PRIVATE ": = informational"},
    {.name = "the instance's own endpoint",
     .calls = {{CALLS(HOME, "10:00", 9)}, {CALLS(PRIVATE, "10:02", 3)}},
     .verdict = HOME ": multi+1 concurrent+2 = medium"},
    {.name = "the instance's own endpoint, where the other is expected",
     .calls = {{CALLS(HOME, "10:00", 9)}, {CALLS(PRIVATE, "10:02", 3)}},
     .estate = {.owned = HOME},
     .verdict = PRIVATE ": multi+1 concurrent+2 own-endpoint-4 = "
                        "informational"},
    {.name = "a foreign endpoint is not the instance's own",
     .calls = {{CALLS(HOME, "10:00", 9)},
               {CALLS(PRIVATE, "10:02", 3),
                .endpoint_account = "444455556666"}},
     .verdict = PRIVATE ": multi+1 concurrent+2 foreign-endpoint+5 = "
                        "critical"},
    {.name = "a private address outside the network",
     .calls = {{CALLS(HOME, "10:00", 9)}, {CALLS(PRIVATE, "10:02", 3)}},
     .estate = {.network = NETWORK_OUTSIDE},
     .verdict = PRIVATE ": multi+1 concurrent+2 private-mismatch+3 = high"},
    {.name = "used more than ten minutes after the end",
     .calls = {{CALLS(HOME, "09:00", 3)}, {CALLS(AWAY, "10:11", 3)}},
     .estate = {.stopped = "10:00"},
     .verdict = AWAY ": multi+1 after-stop+4 = high"},
    {.name = "used ten minutes after the end",
     .calls = {{CALLS(HOME, "09:00", 3)}, {CALLS(AWAY, "10:10", 3)}},
     .estate = {.stopped = "10:00"},
     .verdict = AWAY ": multi+1 handover-2 = informational"},
    {.name = "the address changed in between",
     .calls = {{CALLS(HOME, "09:00", 3)}, {CALLS(AWAY, "10:10", 3)}},
     .estate = {.changed = "10:00"},
     .verdict = HOME ": multi+1 handover-2 = informational"},
    {.name = "the address changed in between, and the other is expected",
     .calls = {{CALLS(HOME, "09:00", 3)}, {CALLS(AWAY, "10:10", 3)}},
     .estate = {.changed = "10:00", .owned = HOME},
     .verdict = AWAY ": multi+1 handover-2 address-change-4 = informational"},
    {.name = "the address changed while the other was in use",
     .calls = {{CALLS(HOME, "09:00", 61)}, {CALLS(AWAY, "10:10", 3)}},
     .estate = {.changed = "09:59", .owned = HOME},
     .verdict = AWAY ": multi+1 handover-2 = informational"},
    {.name = "the address changed, but the other is in use for longer",
     .calls = {{CALLS(HOME, "09:00", 90)}, {CALLS(AWAY, "10:10", 3)}},
     .estate = {.changed = "10:05", .owned = HOME},
     .verdict = AWAY ": multi+1 concurrent+2 brief+1 = medium"},
    {.name = "the address changed at a lone call: no other's last call is it",
     .calls = {{CALLS(HOME, "09:00", 90)}, {CALLS(AWAY, "10:10", 1)}},
     .estate = {.changed = "10:10", .owned = HOME},
     .verdict = AWAY ": multi+1 concurrent+2 brief+1 = medium"},
    {.name = "the address changed later",
     .calls = {{CALLS(HOME, "09:00", 3)}, {CALLS(AWAY, "10:10", 3)}},
     .estate = {.changed = "10:20"},
     .verdict = AWAY ": multi+1 handover-2 = informational"},
    {.name = "of equal points the fewer calls",
     .calls = {{CALLS(THIRD, "10:00", 3)},
               {CALLS(HOME, "10:00", 4)},
               {CALLS(AWAY, "10:00", 2)}},
     .verdict = AWAY ": multi+1 concurrent+2 = medium"},
    {.name = "of as many calls the later first one",
     .calls = {{CALLS(HOME, "10:00", 3)},
               {CALLS(AWAY, "10:01", 3)},
               {CALLS(THIRD, "10:00", 3)}},
     .verdict = AWAY ": multi+1 concurrent+2 = medium"},
    {.name = "of those that began at once the smaller address",
     .calls = {{CALLS(HOME, "10:00", 3)},
               {CALLS(AWAY, "10:00", 3)},
               {CALLS(THIRD, "10:00", 3)}},
     .verdict = THIRD ": multi+1 concurrent+2 = medium"},
    {.name = "points before calls",
     .calls = {{CALLS(HOME, "10:00", 1)},
               {CALLS(AWAY, "10:00", 9), .name = "ConsoleLogin"}},
     .verdict = AWAY ": multi+1 concurrent+2 console+4 = high"},
};

/* The step's calls, numbered so that each is an event of its own. */
static void add_calls(struct located *located, struct arena *arena,
                      const struct calls *calls, size_t step)
{
    for (unsigned i = 0; i < calls->count; i++) {
        struct event event =
            EVENT(.id = text_in(arena, "%zu-%u", step, i),
                  .name = calls->name ? calls->name : "PutObject",
                  .agent = calls->agent, .key = calls->key,
                  .source = calls->source, .error = calls->error,
                  .delivery = calls->delivery, .account = "111122223333");
        struct aggregate_key key;
        struct ip location;

        event.field[EVENT_SOURCE_IP_ADDRESS] = span_str(calls->address);
        event.field[EVENT_VPC_ENDPOINT_ACCOUNT_ID] =
            span_str(calls->endpoint_account);
        event.time =
            at_time(calls->clock) + (timestamp)i * 60 * TICKS_PER_SECOND;
        assert_int_not_equal(location_of(&event, &location), LOCATION_NONE);
        assert_int_equal(aggregate_prepare(&located->aggregate, &event,
                                           SPAN(ID), location, &key),
                         0);
        assert_int_equal(located_add(located, &key, &event, SPAN(ID), location),
                         0);
    }
}

static const char *verdict_of(const struct alert_verdict *verdict,
                              struct arena *arena)
{
    const char *all = text_in(
        arena,
        "%.*s:", span_present(verdict->suspect) ? (int)verdict->suspect.len : 4,
        span_present(verdict->suspect) ? verdict->suspect.ptr : "none");
    int points = 0;

    for (size_t i = 0; i < verdict->reason_count; i++) {
        const struct alert_reason *reason = &verdict->reasons[i];

        assert_true(reason->text.len > 0);
        points += reason->points;
        all = text_in(arena, "%s %.*s%+d", all, (int)reason->id.len,
                      reason->id.ptr, reason->points);
    }
    assert_int_equal(points, verdict->points);
    return text_in(arena, "%s = %s", all, severity_name(verdict->severity));
}

static void read_ranges(struct ip_ranges *ranges, const char *prefix)
{
    char text[256];

    (void)snprintf(text, sizeof(text),
                   "{\"syncToken\":\"1\",\"createDate\":\"1\","
                   "\"ipv6_prefixes\":[],\"prefixes\":[{\"ip_prefix\":"
                   "\"%s\",\"service\":\"EC2\",\"region\":\"r\"}]}",
                   prefix);
    assert_int_equal(ip_ranges_read(ranges, span_str(text), NULL), 0);
}

/* What the verdict says in words, a line each. */
static const char *words_of(const struct alert_verdict *verdict,
                            struct arena *arena)
{
    const char *all = "";

    for (size_t i = 0; i < verdict->reason_count; i++)
        all = text_in(arena, "%s%.*s\n", all, (int)verdict->reasons[i].text.len,
                      verdict->reasons[i].text.ptr);
    return all;
}

/* Judge what `located` holds; the verdict of its one instance, and `*words`
 * of it. */
static const char *judge(struct located *located, struct arena *arena,
                         const char **words)
{
    const struct rule_options rule = {.min_ips = RULE_MIN_IPS,
                                      .instances = (struct span[]){SPAN(ID)},
                                      .instance_count = 1};
    struct ip_ranges ranges;
    const struct evidence_options options = {SEVERITY_MEDIUM, &rule,
                                             estate.aws ? &ranges : NULL, NULL};
    struct alert_list list = ALERT_LIST_INIT;
    struct aggregate nothing;
    const char *verdict;

    ip_ranges_init(&ranges);
    if (estate.aws)
        read_ranges(&ranges, estate.aws);
    aggregate_init(&nothing, false);
    assert_int_equal(rule_apply(&rule, &nothing, &list, NULL), 0);
    assert_int_equal(located_settle(located, NULL), 0);
    assert_int_equal(evidence_judge(&options, located, NULL, &list, NULL), 0);
    assert_int_equal(list.count, 1);
    assert_non_null(list.items[0].verdict);
    assert_true(list.items[0].verdict->is_case);
    assert_int_equal(list.triggered, list.items[0].triggered);
    assert_int_equal(list.items[0].triggered,
                     list.items[0].verdict->severity >= SEVERITY_MEDIUM);
    verdict = verdict_of(list.items[0].verdict, arena);
    *words = words_of(list.items[0].verdict, arena);
    alert_list_release(&list);
    aggregate_release(&nothing);
    ip_ranges_release(&ranges);
    return verdict;
}

static void each_reason_holds_as_the_table_says(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(scenarios); i++) {
        const struct scenario *scenario = &scenarios[i];
        struct arena arena = ARENA_INIT;
        struct located located;
        const char *verdict, *words;

        estate = scenario->estate;
        located_init(&located, false);
        for (size_t k = 0; k < CALLS_MAX && scenario->calls[k].address; k++)
            add_calls(&located, &arena, &scenario->calls[k], k);
        verdict = judge(&located, &arena, &words);
        if (strcmp(verdict, scenario->verdict) != 0) {
            print_error("%s: %s, not %s\n", scenario->name, verdict,
                        scenario->verdict);
            wrong++;
        }
        if (scenario->words && !strstr(words, scenario->words)) {
            print_error("%s: no '%s' in %s", scenario->name, scenario->words,
                        words);
            wrong++;
        }
        located_release(&located);
        arena_release(&arena);
    }
    assert_int_equal(wrong, 0);
}

/* The calls spread over three sets, some in two of them, united in every
 * order. */
static void the_verdict_is_the_same_however_the_calls_are_spread(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(scenarios); i++) {
        const struct scenario *scenario = &scenarios[i];

        for (size_t first = 0; first < 3; first++) {
            struct arena arena = ARENA_INIT;
            struct located part[3];
            const char *words;

            estate = scenario->estate;
            for (size_t p = 0; p < 3; p++)
                located_init(&part[p], false);
            for (size_t k = 0; k < CALLS_MAX && scenario->calls[k].address;
                 k++) {
                add_calls(&part[k % 3], &arena, &scenario->calls[k], k);
                add_calls(&part[(k + 1) % 3], &arena, &scenario->calls[k], k);
            }
            for (size_t p = 1; p < 3; p++)
                assert_int_equal(
                    located_merge(&part[first], &part[(first + p) % 3], NULL),
                    0);
            assert_string_equal(judge(&part[first], &arena, &words),
                                scenario->verdict);
            for (size_t p = 0; p < 3; p++)
                located_release(&part[p]);
            arena_release(&arena);
        }
    }
}

/* A table cannot prove what it forgets: every reason that can hold does so
 * in some scenario. */
static void every_reason_is_tried(void **state)
{
    (void)state;
    for (int r = 0; r < REASON_COUNT; r++) {
        const char *id = reason_facts((enum reason)r)->id;
        bool tried = false;

        for (size_t i = 0; i < COUNT(scenarios); i++)
            tried |= strstr(scenarios[i].verdict, id) != NULL;
        if (!tried)
            fail_msg("no scenario shows '%s'", id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reason_holds_as_the_table_says),
        cmocka_unit_test(the_verdict_is_the_same_however_the_calls_are_spread),
        cmocka_unit_test(every_reason_is_tried),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
