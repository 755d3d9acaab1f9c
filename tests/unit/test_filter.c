/*
 * Which events count. Every row of the two tables of the rule's section 1
 * stands here: a wrong row is a theft that nobody hears of, or an alert
 * that everybody learns to ignore.
 */
#include "events.h"

#include "detect/filter.h"
#include "event/extract.h"

static const struct filter_options plain = FILTER_OPTIONS_DEFAULT;
static const struct filter_options with_ipv6 = {
    .ipv6 = true, .since = INT64_MIN, .until = TIMESTAMP_UNKNOWN};

/* What becomes of one record, from its text on. The verdict is copied to
 * where it outlives the event. */
struct judged {
    enum outcome outcome;
    struct ip address;
    char instance[64]; /* "" if absent */
};

static struct judged judge(const struct filter_options *options,
                           const char *record)
{
    struct extractor *extractor = extract_dom.create();
    struct arena arena = ARENA_INIT;
    struct event event;
    struct err err = ERR_NONE;
    struct verdict verdict;
    struct judged judged = {.instance = ""};

    assert_non_null(extractor);
    if (extract_dom.record(extractor, span_str(record), &arena, &event, &err) !=
        0)
        fail_msg("%s: %s", record, err.text);
    filter_event(options, &event, &verdict);
    judged.outcome = verdict.outcome;
    judged.address = verdict.address;
    assert_true(verdict.instance.len < sizeof(judged.instance));
    if (verdict.instance.len)
        memcpy(judged.instance, verdict.instance.ptr, verdict.instance.len);
    arena_release(&arena);
    extract_dom.destroy(extractor);
    return judged;
}

/* The table of principals, as text that is already decoded. */
static void the_instance_is_what_follows_the_first_colon_i_dash(void **state)
{
    static const struct {
        const char *principal;
        const char *instance;
    } rows[] = {
        {NULL, NULL},
        {"", NULL},
        {"AROAEXAMPLEID:i-0abcdef1234567890", "i-0abcdef1234567890"},
        {"AROAEXAMPLEID:i-1a2b3c4d", "i-1a2b3c4d"},
        {"AROAEXAMPLEID:I-0abcdef1234567890", NULL},
        {"AROAEXAMPLEID:mi-0abcdef1234567890", NULL},
        {"AROAEXAMPLEID:session-i-0abc", NULL},
        {"i-0abcdef1234567890", NULL},
        {"123456789012:aws:ec2-instance:i-0abcdef1234567890",
         "i-0abcdef1234567890"},
        {"AROAEXAMPLEID:i-", "i-"},
        {"AROAEXAMPLEID:i-0abc/extra text", "i-0abc/extra text"},
        {"AROAEXAMPLEID:i-0abc:i-0def", "i-0abc:i-0def"},
        {"AROAEXAMPLEID:i-am-not-an-instance", "i-am-not-an-instance"},
        {"x:i-:i-0abc", "i-:i-0abc"},
        {"AROA:i-0a\xef\xbf\xbd"
         "b",
         "i-0a\xef\xbf\xbd"
         "b"},
        /* beyond the table: next to a match, and nothing is trimmed */
        {":i-", "i-"},
        {":i", NULL},
        {":", NULL},
        {"::i-0a", "i-0a"},
        {":i:i-0a", "i-0a"},
        {":ii-0a", NULL},
        {": i-0a", NULL},
        {"x:i-0a ", "i-0a "},
        {"x:i- 0a", "i- 0a"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++)
        assert_span_equal(event_instance_id(span_str(rows[i].principal)),
                          span_str(rows[i].instance));
}

/* `:i` at the end of the text: the `-` that follows in memory is not the
 * principal's. */
static void the_instance_is_not_sought_behind_the_end(void **state)
{
    (void)state;
    assert_span_equal(event_instance_id(span_of("x:i-0a", 3)), SPAN_ABSENT);
    assert_span_equal(event_instance_id(span_of("x:i-0a", 2)), SPAN_ABSENT);
    assert_span_equal(event_instance_id(span_of("x:i-0a", 4)), SPAN("i-"));
}

/* The same table as JSON, for what only JSON can say: no string, escapes,
 * NUL and half surrogate pairs. Whatever counts must also pass the test
 * that spares records the parser. */
static void principals_are_read_from_json_as_the_rule_says(void **state)
{
    static const struct {
        const char *json; /* the value; NULL: no such key */
        const char *instance;
    } rows[] = {
        {NULL, ""},
        {"null", ""},
        {"\"\"", ""},
        {"7", ""},
        {"true", ""},
        {"[\"AROA:i-0abc\"]", ""},
        {"{\"principalId\":\"AROA:i-0abc\"}", ""},
        {"\"AROAEXAMPLEID:i-0abcdef1234567890\"", "i-0abcdef1234567890"},
        {"\"AROAEXAMPLEID:i-1a2b3c4d\"", "i-1a2b3c4d"},
        {"\"AROAEXAMPLEID:I-0abcdef1234567890\"", ""},
        {"\"AROAEXAMPLEID:mi-0abcdef1234567890\"", ""},
        {"\"AROAEXAMPLEID:session-i-0abc\"", ""},
        {"\"i-0abcdef1234567890\"", ""},
        {"\"123456789012:aws:ec2-instance:i-0abcdef1234567890\"",
         "i-0abcdef1234567890"},
        {"\"AROAEXAMPLEID:i-\"", "i-"},
        {"\"AROAEXAMPLEID:i-0abc/extra text\"", "i-0abc/extra text"},
        {"\"AROAEXAMPLEID:i-0abc\\/extra text\"", "i-0abc/extra text"},
        {"\"AROAEXAMPLEID:i-0abc:i-0def\"", "i-0abc:i-0def"},
        {"\"AROAEXAMPLEID:i-am-not-an-instance\"", "i-am-not-an-instance"},
        {"\"x:i-:i-0abc\"", "i-:i-0abc"},
        {"\"AROA\\u003ai-0abc\"", "i-0abc"},
        {"\"AROA\\u003Ai-0abc\"", "i-0abc"},
        {"\"AROA:\\u0069-0abc\"", "i-0abc"},
        {"\"AROA:i\\u002d0abc\"", "i-0abc"},
        {"\"AROA:i\\u002D0abc\"", "i-0abc"},
        {"\"AROA\\u003a\\u0069\\u002d\\u0030abc\"", "i-0abc"},
        {"\"AROA\\u003aI-0abc\"", ""},
        {"\"AROA:i-0a\\u0000b\"", "i-0a\xef\xbf\xbd"
                                  "b"},
        {"\"AROA:i-0a\\ud800b\"", "i-0a\xef\xbf\xbd"
                                  "b"},
        {"\"AROA:i-0a\\udc00b\"", "i-0a\xef\xbf\xbd"
                                  "b"},
        {"\"AROA\\u0000:i-0a\"", "i-0a"},
        {"\"AROA\\ud83d\\ude00:i-0a\"", "i-0a"},
    };
    struct arena arena = ARENA_INIT;
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *record = text_in(
            &arena,
            "{\"sourceIPAddress\":\"3.225.16.109\",\"userIdentity\":{%s%s}}",
            rows[i].json ? "\"principalId\":" : "",
            rows[i].json ? rows[i].json : "");
        struct judged judged = judge(&plain, record);
        bool counts = rows[i].instance[0] != '\0';

        if (strcmp(judged.instance, rows[i].instance) != 0 ||
            judged.outcome != (counts ? OUTCOME_KEPT : OUTCOME_NO_INSTANCE))
            fail_msg("%s: '%s', outcome %d", record, judged.instance,
                     (int)judged.outcome);
        if (counts && !extract_may_match(span_str(record)))
            fail_msg("never parsed: %s", record);
    }
    arena_release(&arena);
}

/* Only the principal directly in userIdentity counts, and no look-alike of
 * its key. */
static void a_principal_elsewhere_is_no_principal(void **state)
{
    static const char *const records[] = {
        "{\"principalId\":\"A:i-0a\"}",
        "{\"userIdentity\":\"A:i-0a\"}",
        "{\"userIdentity\":[{\"principalId\":\"A:i-0a\"}]}",
        "{\"userIdentity\":{\"PrincipalId\":\"A:i-0a\"}}",
        "{\"UserIdentity\":{\"principalId\":\"A:i-0a\"}}",
        "{\"userIdentity\":{\"sessionContext\":{\"sessionIssuer\":"
        "{\"principalId\":\"A:i-0a\"}}}}",
        "{\"requestParameters\":{\"userIdentity\":"
        "{\"principalId\":\"A:i-0a\"}}}",
        "{\"userIdentity\":{\"principalId\":\"A\"},"
        "\"userIdentity\":{\"principalId\":\"A:i-0a\"}}",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(records); i++)
        assert_int_equal(judge(&plain, records[i]).outcome,
                         OUTCOME_NO_INSTANCE);
}

struct address_row {
    const char *text;
    enum outcome outcome;
    const char *address; /* as it prints, if kept */
};

static void check_addresses(const struct filter_options *options,
                            const struct address_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[IP_TEXT_BYTES];
        struct ip address = address_of("255.255.255.255");
        enum outcome outcome =
            filter_address(options, span_str(rows[i].text), &address);
        const char *expected = rows[i].address ? rows[i].address : "";

        if (outcome != rows[i].outcome)
            fail_msg("'%s' is %s", rows[i].text ? rows[i].text : "(absent)",
                     outcome_name(outcome));
        if (strcmp(ip_format(address, text), expected) != 0)
            fail_msg("'%s' gives '%s'", rows[i].text, text);
    }
}

/* The table of addresses, and the borders beyond it. */
static const struct address_row address_table[] = {
    {"3.225.16.109", OUTCOME_KEPT, "3.225.16.109"},
    {"198.17.255.255", OUTCOME_KEPT, "198.17.255.255"},
    {"198.20.0.0", OUTCOME_KEPT, "198.20.0.0"},
    {"198.18.0.0", OUTCOME_INTERCONNECT, NULL},
    {"198.19.255.255", OUTCOME_INTERCONNECT, NULL},
    {"10.0.0.0", OUTCOME_PRIVATE, NULL},
    {"10.255.255.255", OUTCOME_PRIVATE, NULL},
    {"172.16.0.0", OUTCOME_PRIVATE, NULL},
    {"172.31.255.255", OUTCOME_PRIVATE, NULL},
    {"192.168.0.0", OUTCOME_PRIVATE, NULL},
    {"192.168.0.1", OUTCOME_PRIVATE, NULL},
    {"192.168.255.255", OUTCOME_PRIVATE, NULL},
    {"9.255.255.255", OUTCOME_KEPT, "9.255.255.255"},
    {"11.0.0.1", OUTCOME_KEPT, "11.0.0.1"},
    {"172.15.255.255", OUTCOME_KEPT, "172.15.255.255"},
    {"172.32.0.0", OUTCOME_KEPT, "172.32.0.0"},
    {"192.167.255.255", OUTCOME_KEPT, "192.167.255.255"},
    {"192.169.0.1", OUTCOME_KEPT, "192.169.0.1"},
    {"100.64.0.1", OUTCOME_KEPT, "100.64.0.1"},
    {"127.0.0.1", OUTCOME_KEPT, "127.0.0.1"},
    {"169.254.169.254", OUTCOME_KEPT, "169.254.169.254"},
    {"0.0.0.0", OUTCOME_KEPT, "0.0.0.0"},
    {"224.0.0.1", OUTCOME_KEPT, "224.0.0.1"},
    {"203.0.113.7", OUTCOME_KEPT, "203.0.113.7"},
    {"255.255.255.255", OUTCOME_KEPT, "255.255.255.255"},
    {"AWS Internal", OUTCOME_AWS_INTERNAL, NULL},
    {"aws internal", OUTCOME_AWS_INTERNAL, NULL},
    {"AWS Internal/3", OUTCOME_AWS_INTERNAL, NULL},
    {"ec2.amazonaws.com", OUTCOME_AWS_SERVICE, NULL},
    {"2600:1f18:1234::1", OUTCOME_IPV6, NULL},
    {"::1", OUTCOME_IPV6, NULL},
    {"fe80::1", OUTCOME_IPV6, NULL},
    {"::ffff:3.225.16.109", OUTCOME_IPV6, NULL},
    {"", OUTCOME_NOT_AN_ADDRESS, NULL},
    {NULL, OUTCOME_NOT_AN_ADDRESS, NULL},
    {"-", OUTCOME_NOT_AN_ADDRESS, NULL},
    {" 3.225.16.109", OUTCOME_NOT_AN_ADDRESS, NULL},
    {"3.225.16.109 ", OUTCOME_NOT_AN_ADDRESS, NULL},
    {"3.225.16.109:443", OUTCOME_NOT_AN_ADDRESS, NULL},
    {"3.225.16", OUTCOME_NOT_AN_ADDRESS, NULL},
    {"3.225.16.109.1", OUTCOME_NOT_AN_ADDRESS, NULL},
    {"256.1.1.1", OUTCOME_NOT_AN_ADDRESS, NULL},
    {"0x3.1.1.1", OUTCOME_NOT_AN_ADDRESS, NULL},
    {"0000.1.2.3", OUTCOME_NOT_AN_ADDRESS, NULL},
    {"10.0.0.1/8", OUTCOME_PRIVATE, NULL},
    {"192.168.1.1/24", OUTCOME_PRIVATE, NULL},
    {"3.225.16.109/32", OUTCOME_KEPT, "3.225.16.109"},
    {"198.18.5.5/32", OUTCOME_INTERCONNECT, NULL},
    {"198.99.1.1/8", OUTCOME_INTERCONNECT, NULL},
    {"0.0.0.0/0", OUTCOME_INTERCONNECT, NULL},
    {"3.225.16.109/33", OUTCOME_NOT_AN_ADDRESS, NULL},
    {"3.225.16.109/", OUTCOME_NOT_AN_ADDRESS, NULL},
    {"11.0.0.1/4", OUTCOME_PRIVATE, NULL},
    {"3.225.16.109/24", OUTCOME_KEPT, "3.225.16.109"},
    {"fe80::1%eth0", OUTCOME_NOT_AN_ADDRESS, NULL},
    {"amazonaws.com", OUTCOME_NOT_AN_ADDRESS, NULL},
    {"010.000.000.001", OUTCOME_PRIVATE, NULL},
    {"035.249.253.232", OUTCOME_KEPT, "35.249.253.232"},
    {"08.1.250.216", OUTCOME_KEPT, "8.1.250.216"},
    /* a suffix that is just long enough to tell a public address from a
     * net, and one that is not */
    {"172.32.0.1/11", OUTCOME_KEPT, "172.32.0.1"},
    {"172.15.0.1/12", OUTCOME_KEPT, "172.15.0.1"},
    {"172.15.0.1/11", OUTCOME_PRIVATE, NULL},
    {"198.20.0.1/14", OUTCOME_KEPT, "198.20.0.1"},
    {"198.20.0.1/13", OUTCOME_INTERCONNECT, NULL},
    {"192.169.0.1/16", OUTCOME_KEPT, "192.169.0.1"},
    {"192.169.0.1/15", OUTCOME_PRIVATE, NULL},
    {"10.0.0.1/0", OUTCOME_INTERCONNECT, NULL},
};

static void every_address_of_the_rule_has_its_outcome(void **state)
{
    (void)state;
    check_addresses(&plain, address_table, COUNT(address_table));
}

/* The option adds addresses; it must not change what the rule says of
 * those that it knows. */
static void ipv6_changes_nothing_but_ipv6(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(address_table); i++)
        if (address_table[i].outcome != OUTCOME_IPV6)
            check_addresses(&with_ipv6, &address_table[i], 1);
}

/* The five blocks that are not public, just inside and just outside. */
static void ipv6_keeps_all_but_five_blocks(void **state)
{
    static const struct address_row rows[] = {
        {"2600:1f18:1234::1", OUTCOME_KEPT, "2600:1f18:1234::1"},
        {"2600:1F18:0:0:0:0:0:1", OUTCOME_KEPT, "2600:1f18::1"},
        {"2001:db8::1", OUTCOME_KEPT, "2001:db8::1"},
        {"::", OUTCOME_PRIVATE, NULL},
        {"::1", OUTCOME_PRIVATE, NULL},
        {"0:0:0:0:0:0:0:1", OUTCOME_PRIVATE, NULL},
        {"::2", OUTCOME_KEPT, "::2"},
        {"1::", OUTCOME_KEPT, "1::"},
        {"fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", OUTCOME_KEPT,
         "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"fe80::", OUTCOME_PRIVATE, NULL},
        {"fe80::1", OUTCOME_PRIVATE, NULL},
        {"febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", OUTCOME_PRIVATE, NULL},
        {"fec0::", OUTCOME_KEPT, "fec0::"},
        {"fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", OUTCOME_KEPT,
         "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"fc00::", OUTCOME_PRIVATE, NULL},
        {"fd00:ec2::254", OUTCOME_PRIVATE, NULL},
        {"fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", OUTCOME_PRIVATE, NULL},
        {"fe00::", OUTCOME_KEPT, "fe00::"},
        {"feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", OUTCOME_KEPT,
         "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"ff00::", OUTCOME_PRIVATE, NULL},
        {"ff02::1", OUTCOME_PRIVATE, NULL},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", OUTCOME_PRIVATE, NULL},
        /* no IPv6 text at all */
        {"fe80::1%eth0", OUTCOME_NOT_AN_ADDRESS, NULL},
        {"2600:1f18::1/64", OUTCOME_NOT_AN_ADDRESS, NULL},
        {"[2600:1f18::1]", OUTCOME_NOT_AN_ADDRESS, NULL},
        {"2600:1f18::1::2", OUTCOME_NOT_AN_ADDRESS, NULL},
        {" 2600:1f18::1", OUTCOME_NOT_AN_ADDRESS, NULL},
        {"2600:1f18::1 ", OUTCOME_NOT_AN_ADDRESS, NULL},
        {":", OUTCOME_NOT_AN_ADDRESS, NULL},
    };
    (void)state;

    check_addresses(&with_ipv6, rows, COUNT(rows));
}

/* `::ffff:a.b.c.d` is the IPv4 address and obeys the IPv4 rule, however it
 * is written; its neighbours are IPv6. */
static void mapped_addresses_obey_the_ipv4_rule(void **state)
{
    static const struct address_row rows[] = {
        {"::ffff:3.225.16.109", OUTCOME_KEPT, "3.225.16.109"},
        {"::FFFF:3.225.16.109", OUTCOME_KEPT, "3.225.16.109"},
        {"::ffff:3e1:106d", OUTCOME_KEPT, "3.225.16.109"},
        {"0:0:0:0:0:ffff:3.225.16.109", OUTCOME_KEPT, "3.225.16.109"},
        {"::ffff:10.0.0.1", OUTCOME_PRIVATE, NULL},
        {"::ffff:a00:1", OUTCOME_PRIVATE, NULL},
        {"::ffff:172.16.0.0", OUTCOME_PRIVATE, NULL},
        {"::ffff:172.31.255.255", OUTCOME_PRIVATE, NULL},
        {"::ffff:172.32.0.0", OUTCOME_KEPT, "172.32.0.0"},
        {"::ffff:192.168.0.1", OUTCOME_PRIVATE, NULL},
        {"::ffff:198.18.0.1", OUTCOME_INTERCONNECT, NULL},
        {"::ffff:198.19.255.255", OUTCOME_INTERCONNECT, NULL},
        {"::ffff:198.20.0.0", OUTCOME_KEPT, "198.20.0.0"},
        {"::ffff:100.64.0.1", OUTCOME_KEPT, "100.64.0.1"},
        {"::ffff:127.0.0.1", OUTCOME_KEPT, "127.0.0.1"},
        {"::ffff:0.0.0.0", OUTCOME_KEPT, "0.0.0.0"},
        {"::ffff:224.0.0.1", OUTCOME_KEPT, "224.0.0.1"},
        {"::ffff:3.225.16.109/32", OUTCOME_NOT_AN_ADDRESS, NULL},
        {"::fffe:10.0.0.1", OUTCOME_KEPT, "::fffe:a00:1"},
        {"::1:ffff:10.0.0.1", OUTCOME_KEPT, "::1:ffff:a00:1"},
        {"64:ff9b::10.0.0.1", OUTCOME_KEPT, "64:ff9b::a00:1"},
        {"::10.0.0.1", OUTCOME_KEPT, "::a00:1"},
    };
    (void)state;

    check_addresses(&with_ipv6, rows, COUNT(rows));
}

/* Every address that the option would look at is named as such without
 * it: the summary's number is what makes a user think of the option. */
static void without_the_option_every_ipv6_address_is_ipv6(void **state)
{
    static const struct address_row rows[] = {
        {"::", OUTCOME_IPV6, NULL},
        {"fe80::1", OUTCOME_IPV6, NULL},
        {"fd00:ec2::254", OUTCOME_IPV6, NULL},
        {"ff02::1", OUTCOME_IPV6, NULL},
        {"2600:1F18:0:0:0:0:0:1", OUTCOME_IPV6, NULL},
        {"::ffff:10.0.0.1", OUTCOME_IPV6, NULL},
        {"::ffff:198.18.0.1", OUTCOME_IPV6, NULL},
        {"2600:1f18::1/64", OUTCOME_NOT_AN_ADDRESS, NULL},
    };
    (void)state;

    check_addresses(&plain, rows, COUNT(rows));
}

/* Names compare with ASCII case folded, whatever the locale; and only
 * where the rule looks: the beginning for one, the end for the others. */
static void names_compare_with_ascii_case_folded(void **state)
{
    static const struct address_row rows[] = {
        {"AWS INTERNAL", OUTCOME_AWS_INTERNAL, NULL},
        {"aWs iNtErNaL/12", OUTCOME_AWS_INTERNAL, NULL},
        {"AWS Internals", OUTCOME_AWS_INTERNAL, NULL},
        {"AWS Internal ", OUTCOME_AWS_INTERNAL, NULL},
        {"AWS Internal.amazonaws.com", OUTCOME_AWS_INTERNAL, NULL},
        {"AWS Interna", OUTCOME_NOT_AN_ADDRESS, NULL},
        {"AWSInternal", OUTCOME_NOT_AN_ADDRESS, NULL},
        {" AWS Internal", OUTCOME_NOT_AN_ADDRESS, NULL},
        {"AWS  Internal", OUTCOME_NOT_AN_ADDRESS, NULL},
        {"AWS \xc4\xb0nternal", OUTCOME_NOT_AN_ADDRESS, NULL}, /* dotted I */
        {"EC2.AMAZONAWS.COM", OUTCOME_AWS_SERVICE, NULL},
        {"cloudformation.AmazonAWS.com", OUTCOME_AWS_SERVICE, NULL},
        {"ec2.amazonaws.com.cn", OUTCOME_AWS_SERVICE, NULL},
        {"EC2.amazonaws.COM.CN", OUTCOME_AWS_SERVICE, NULL},
        {".amazonaws.com", OUTCOME_AWS_SERVICE, NULL},
        {"ama\xc5\xbf.ama\xc5\xbfonaws.com", OUTCOME_NOT_AN_ADDRESS, NULL},
        {"xamazonaws.com", OUTCOME_NOT_AN_ADDRESS, NULL},
        {"amazonaws.com.cn", OUTCOME_NOT_AN_ADDRESS, NULL},
        {"ec2.amazonaws.com.", OUTCOME_NOT_AN_ADDRESS, NULL},
        {"ec2.amazonaws.com ", OUTCOME_NOT_AN_ADDRESS, NULL},
        {"ec2.amazonaws.com.evil.example", OUTCOME_NOT_AN_ADDRESS, NULL},
        {"ec2.amazonaws.com.cn.", OUTCOME_NOT_AN_ADDRESS, NULL},
        {"ec2.amazonaws.co", OUTCOME_NOT_AN_ADDRESS, NULL},
    };
    (void)state;

    check_addresses(&plain, rows, COUNT(rows));
    check_addresses(&with_ipv6, rows, COUNT(rows));
}

/* Two spellings of one address are one address, or a copy of it would be
 * the second that makes an alert. */
static void spellings_of_one_address_are_equal(void **state)
{
    static const char *const spellings[] = {
        "3.225.16.109",    "003.225.016.109",     "3.225.16.109/32",
        "3.225.16.109/24", "::ffff:3.225.16.109", "::ffff:3e1:106d",
    };
    struct ip first, other;
    (void)state;

    (void)filter_address(&with_ipv6, span_str(spellings[0]), &first);
    for (size_t i = 1; i < COUNT(spellings); i++) {
        assert_int_equal(
            filter_address(&with_ipv6, span_str(spellings[i]), &other),
            OUTCOME_KEPT);
        assert_int_equal(ip_cmp(first, other), 0);
    }
}

/* What only a record can say of an address: that there is none, or one
 * that is no string. A dropped event still names its instance. */
static void addresses_are_read_from_json_as_the_rule_says(void **state)
{
    static const struct {
        const char *json; /* the value; NULL: no such key */
        enum outcome outcome;
    } rows[] = {
        {NULL, OUTCOME_NOT_AN_ADDRESS},
        {"null", OUTCOME_NOT_AN_ADDRESS},
        {"7", OUTCOME_NOT_AN_ADDRESS},
        {"3.225", OUTCOME_NOT_AN_ADDRESS},
        {"false", OUTCOME_NOT_AN_ADDRESS},
        {"[\"3.225.16.109\"]", OUTCOME_NOT_AN_ADDRESS},
        {"{\"sourceIPAddress\":\"3.225.16.109\"}", OUTCOME_NOT_AN_ADDRESS},
        {"\"\"", OUTCOME_NOT_AN_ADDRESS},
        {"\"3.225.16.109\"", OUTCOME_KEPT},
        {"\"3.225\\u002e16.109\"", OUTCOME_KEPT},
        {"\"3.225.16.109\\u0000\"", OUTCOME_NOT_AN_ADDRESS},
        {"\"3.225.16.109\\n\"", OUTCOME_NOT_AN_ADDRESS},
        {"\"10.0.0.1\"", OUTCOME_PRIVATE},
        {"\"10.0.0.1\\/8\"", OUTCOME_PRIVATE},
        {"\"AWS\\u0020Internal\"", OUTCOME_AWS_INTERNAL},
        {"\"2600:1f18::1\"", OUTCOME_IPV6},
    };
    struct arena arena = ARENA_INIT;
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *record = text_in(
            &arena, "{\"userIdentity\":{\"principalId\":\"A:i-0a\"}%s%s}",
            rows[i].json ? ",\"sourceIPAddress\":" : "",
            rows[i].json ? rows[i].json : "");
        struct judged judged = judge(&plain, record);

        if (judged.outcome != rows[i].outcome)
            fail_msg("%s is %s", record, outcome_name(judged.outcome));
        assert_string_equal(judged.instance, "i-0a");
        assert_int_equal(judged.address.family,
                         judged.outcome == OUTCOME_KEPT ? IP_V4 : IP_NONE);
    }
    arena_release(&arena);
}

/* Insight and network activity records name the same principals, and the
 * latter repeat the same calls: they would count everything twice. */
static void only_calls_are_instance_events(void **state)
{
    static const struct {
        const char *category; /* a JSON value; NULL: no such key */
        bool call;
    } rows[] = {
        {NULL, true},
        {"\"Management\"", true},
        {"\"Data\"", true},
        {"\"\"", true},
        {"null", true},
        {"7", true},
        {"\"insight\"", true},
        {"\"Insights\"", true},
        {"\"Insight\"", false},
        {"\"In\\u0073ight\"", false},
        {"\"NetworkActivity\"", false},
        {"\"Aggregated\"", false},
    };
    struct arena arena = ARENA_INIT;
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *record =
            text_in(&arena,
                    "{\"userIdentity\":{\"principalId\":\"A:i-0a\"},"
                    "\"sourceIPAddress\":\"3.225.16.109\"%s%s}",
                    rows[i].category ? ",\"eventCategory\":" : "",
                    rows[i].category ? rows[i].category : "");
        struct judged judged = judge(&plain, record);

        if (judged.outcome !=
            (rows[i].call ? OUTCOME_KEPT : OUTCOME_NO_INSTANCE))
            fail_msg("%s has outcome %d", record, (int)judged.outcome);
        assert_string_equal(judged.instance, rows[i].call ? "i-0a" : "");
    }
    arena_release(&arena);
}

/* A window that is off by one tick loses an event, or counts one in two
 * windows that touch. */
static void the_window_begins_with_since_and_ends_before_until(void **state)
{
    static const struct filter_options leap_day = {
        .since = INT64_C(17091648000000000), /* 2024-02-29T00:00:00Z */
        .until = INT64_C(17092512000000000), /* 2024-03-01T00:00:00Z */
    };
    static const struct {
        const char *time;
        const char *address;
        enum outcome outcome;
    } rows[] = {
        {"2024-02-28T23:59:59Z", "3.225.16.109", OUTCOME_OUTSIDE_WINDOW},
        {"2024-02-28T23:59:59.9999999Z", "3.225.16.109",
         OUTCOME_OUTSIDE_WINDOW},
        {"2024-02-29T00:00:00Z", "3.225.16.109", OUTCOME_KEPT},
        {"2024-02-29T23:59:59.9999999Z", "3.225.16.109", OUTCOME_KEPT},
        /* cut to ticks, not rounded up to the bound */
        {"2024-02-29T23:59:59.99999999Z", "3.225.16.109", OUTCOME_KEPT},
        {"2024-03-01T00:00:00Z", "3.225.16.109", OUTCOME_OUTSIDE_WINDOW},
        {"2024-03-01T00:00:00.0000001Z", "3.225.16.109",
         OUTCOME_OUTSIDE_WINDOW},
        /* the bound is one of UTC */
        {"2024-03-01T00:59:59+01:00", "3.225.16.109", OUTCOME_KEPT},
        {"2024-02-29T00:59:59+01:00", "3.225.16.109", OUTCOME_OUTSIDE_WINDOW},
        {"2024-02-28T19:00:00-05:00", "3.225.16.109", OUTCOME_KEPT},
        /* no readable time: never outside */
        {"2024-02-30T00:00:00Z", "3.225.16.109", OUTCOME_KEPT},
        {"", "3.225.16.109", OUTCOME_KEPT},
        /* the window comes before the address reasons */
        {"2024-03-01T00:00:00Z", "10.0.0.1", OUTCOME_OUTSIDE_WINDOW},
        {"2024-02-29T00:00:00Z", "10.0.0.1", OUTCOME_PRIVATE},
        {"yesterday", "AWS Internal", OUTCOME_AWS_INTERNAL},
    };
    struct arena arena = ARENA_INIT;
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *record =
            text_in(&arena,
                    "{\"userIdentity\":{\"principalId\":\"A:i-0a\"},"
                    "\"eventTime\":\"%s\",\"sourceIPAddress\":\"%s\"}",
                    rows[i].time, rows[i].address);
        struct judged judged = judge(&leap_day, record);

        if (judged.outcome != rows[i].outcome)
            fail_msg("%s has outcome %d", record, (int)judged.outcome);
        assert_string_equal(judged.instance, "i-0a");
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_instance_is_what_follows_the_first_colon_i_dash),
        cmocka_unit_test(the_instance_is_not_sought_behind_the_end),
        cmocka_unit_test(principals_are_read_from_json_as_the_rule_says),
        cmocka_unit_test(a_principal_elsewhere_is_no_principal),
        cmocka_unit_test(every_address_of_the_rule_has_its_outcome),
        cmocka_unit_test(ipv6_changes_nothing_but_ipv6),
        cmocka_unit_test(ipv6_keeps_all_but_five_blocks),
        cmocka_unit_test(mapped_addresses_obey_the_ipv4_rule),
        cmocka_unit_test(without_the_option_every_ipv6_address_is_ipv6),
        cmocka_unit_test(names_compare_with_ascii_case_folded),
        cmocka_unit_test(spellings_of_one_address_are_equal),
        cmocka_unit_test(addresses_are_read_from_json_as_the_rule_says),
        cmocka_unit_test(only_calls_are_instance_events),
        cmocka_unit_test(the_window_begins_with_since_and_ends_before_until),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
