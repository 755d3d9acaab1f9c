/*
 * A wrong owner misleads who reads an alert, and not-aws counts on it: of
 * nested prefixes the narrowest speaks, and what is no ip-ranges.json is
 * refused with its place and never half read.
 */
#include "events.h"

#include "detect/ip_ranges.h"

#define PUBLISHED "'syncToken':'1715679667','createDate':'2024-05-14-09-41-07',"

static int read_text(struct ip_ranges *ranges, const char *text,
                     struct err *err)
{
    struct buf json = unit_json(text);
    int ret;

    ip_ranges_init(ranges);
    ret = ip_ranges_read(ranges, buf_span(&json), err);
    buf_release(&json);
    return ret;
}

/* "EC2 S3 @eu-west-1", "outside". */
static const char *found(const struct ip_ranges *ranges, const char *address)
{
    static char text[256];
    struct arena arena = ARENA_INIT;
    struct owner owner = {0};
    size_t len = 0;

    assert_int_equal(
        ip_ranges_find(ranges, address_of(address), &arena, &owner), 0);
    assert_int_equal(ip_ranges_hold(ranges, address_of(address)),
                     !owner.outside_aws);
    for (size_t i = 0; i < owner.service_count; i++)
        len +=
            (size_t)snprintf(text + len, sizeof(text) - len, "%.*s ",
                             (int)owner.services[i].len, owner.services[i].ptr);
    if (owner.outside_aws)
        (void)snprintf(text, sizeof(text), "outside");
    else
        (void)snprintf(text + len, sizeof(text) - len, "@%.*s",
                       (int)owner.aws_region.len, owner.aws_region.ptr);
    arena_release(&arena);
    return text;
}

static void the_narrowest_prefix_and_its_services_speak(void **state)
{
    static const char text[] =
        "{" PUBLISHED "'prefixes':["
        "{'ip_prefix':'203.0.113.0/24','region':'GLOBAL','service':'AMAZON',"
        "'network_border_group':'GLOBAL'},"
        "{'ip_prefix':'203.0.113.64/26','region':'eu-west-1','service':'S3'},"
        "{'ip_prefix':'203.0.113.64/26','region':'eu-west-1',"
        "'service':'AMAZON'},"
        "{'ip_prefix':'203.0.113.64/26','region':'eu-west-1','service':'EC2'},"
        "{'ip_prefix':'203.0.113.64/26','region':'eu-west-1','service':'EC2'},"
        "{'ip_prefix':'203.0.113.65/32','region':'eu-west-1',"
        "'service':'AMAZON'},"
        "{'ip_prefix':'198.51.100.2/31','region':'us-east-1',"
        "'service':'ROUTE53_HEALTHCHECKS','more':[1]}],"
        "'ipv6_prefixes':[{'ipv6_prefix':'2001:db8:1::/48',"
        "'region':'us-east-2','service':'EC2'}],'more':{}}";
    static const struct {
        const char *address, *owner;
    } rows[] = {
        {"203.0.113.0", "AMAZON @GLOBAL"},
        {"203.0.113.63", "AMAZON @GLOBAL"},
        {"203.0.113.64", "EC2 S3 @eu-west-1"},
        {"203.0.113.65", "AMAZON @eu-west-1"},
        {"203.0.113.127", "EC2 S3 @eu-west-1"},
        {"203.0.113.128", "AMAZON @GLOBAL"},
        {"203.0.114.0", "outside"},
        {"198.51.100.1", "outside"},
        {"198.51.100.2", "ROUTE53_HEALTHCHECKS @us-east-1"},
        {"198.51.100.4", "outside"},
        {"::ffff:203.0.113.64", "EC2 S3 @eu-west-1"},
        {"2001:db8:1:ffff::1", "EC2 @us-east-2"},
        {"2001:db8:2::", "outside"},
    };
    struct ip_ranges ranges;
    struct err err = ERR_NONE;
    (void)state;

    assert_int_equal(read_text(&ranges, text, &err), 0);
    assert_span_equal(ranges.sync_token, SPAN("1715679667"));
    assert_span_equal(ranges.create_date, SPAN("2024-05-14-09-41-07"));
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(found(&ranges, rows[i].address), rows[i].owner);
    ip_ranges_release(&ranges);
}

static void the_order_of_the_list_does_not_matter(void **state)
{
    static const char *const orders[] = {
        "{" PUBLISHED "'prefixes':["
        "{'ip_prefix':'203.0.113.0/24','region':'b','service':'EC2'},"
        "{'ip_prefix':'203.0.113.0/24','region':'a','service':'EC2'},"
        "{'ip_prefix':'203.0.113.0/24','region':'c','service':'AMAZON'}],"
        "'ipv6_prefixes':[]}",
        "{'ipv6_prefixes':[],'prefixes':["
        "{'ip_prefix':'203.0.113.0/24','region':'c','service':'AMAZON'},"
        "{'ip_prefix':'203.0.113.0/24','region':'a','service':'EC2'},"
        "{'ip_prefix':'203.0.113.0/24','region':'b','service':'EC2'}],"
        "'createDate':'2024','syncToken':'1'}"};
    (void)state;

    for (size_t i = 0; i < COUNT(orders); i++) {
        struct ip_ranges ranges;
        struct err err = ERR_NONE;

        assert_int_equal(read_text(&ranges, orders[i], &err), 0);
        assert_string_equal(found(&ranges, "203.0.113.7"), "EC2 @a");
        ip_ranges_release(&ranges);
    }
}

#define LIST(item) "{" PUBLISHED "'prefixes':[" item "],'ipv6_prefixes':[]}"

static void what_is_no_such_list_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "it is no JSON object, or is cut"},
        {"[]", "it is no JSON object, or is cut"},
        {"{} {}", "it is no JSON object, or is cut"},
        {"{'syncToken':", "it is no JSON object, or is cut"},
        {"{'createDate':'1','prefixes':[],'ipv6_prefixes':[]}",
         "there is no syncToken"},
        {"{'syncToken':1}", "syncToken is no string"},
        {"{'syncToken':'12a'}", "syncToken is '12a', which AWS does not write"},
        {"{'syncToken':''}", "syncToken is '', which AWS does not write"},
        {"{'syncToken':'1'}", "there is no createDate"},
        {"{'synctoken':'1'}", "there is no syncToken"},
        {"{" PUBLISHED "'prefixes':{}}", "prefixes is no array"},
        {"{" PUBLISHED "'ipv6_prefixes':[]}", "there is no prefixes"},
        {"{" PUBLISHED "'prefixes':[]}", "there is no ipv6_prefixes"},
        {LIST(""), "no prefix is listed"},
        {LIST("7"), "prefixes[0]: it is no object"},
        {LIST("{'ip_prefix':'203.0.113.0/24','region':'a','service':'EC2'},{}"),
         "prefixes[1]: there is no ip_prefix"},
        {LIST("{'ip_prefix':7}"), "prefixes[0]: ip_prefix is no string"},
        {LIST("{'ip_prefix':'203.0.113.0'}"),
         "prefixes[0]: ip_prefix is '203.0.113.0', which is no prefix such as "
         "3.5.140.0/22"},
        {LIST("{'ip_prefix':'203.0.113/24'}"),
         "prefixes[0]: ip_prefix is '203.0.113/24', which is no prefix such as "
         "3.5.140.0/22"},
        {LIST("{'ip_prefix':'2001:db8::/32'}"),
         "prefixes[0]: ip_prefix is '2001:db8::/32', which is no prefix such "
         "as 3.5.140.0/22"},
        {LIST("{'ip_prefix':'203.0.113.0/33'}"),
         "prefixes[0]: ip_prefix is '203.0.113.0/33', which is no prefix such "
         "as 3.5.140.0/22"},
        {LIST("{'ip_prefix':'203.0.113.0/24'}"),
         "prefixes[0]: there is no service"},
        {LIST("{'ip_prefix':'203.0.113.0/24','service':'E C'}"),
         "prefixes[0]: service is 'E C', which AWS does not write"},
        {LIST("{'ip_prefix':'203.0.113.0/24','service':'EC2'}"),
         "prefixes[0]: there is no region"},
        {LIST("{'ip_prefix':'203.0.113.0/24','service':'EC2',"
              "'region':'\x1b[31m'}"),
         "prefixes[0]: region is '\\x1b[31m', which AWS does not write"},
        {"{" PUBLISHED "'prefixes':[],'ipv6_prefixes':[{'ipv6_prefix':"
         "'203.0.113.0/24'}]}",
         "ipv6_prefixes[0]: ipv6_prefix is '203.0.113.0/24', which is no "
         "prefix such as 2600:1f14::/35"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ip_ranges ranges;
        struct err err = ERR_NONE;

        assert_int_equal(read_text(&ranges, rows[i].text, &err), -1);
        assert_string_equal(err.text, rows[i].why);
        ip_ranges_release(&ranges);
    }
}

/* A download that was cut must not pass for a shorter list. */
static void a_list_cut_anywhere_is_refused(void **state)
{
    struct buf json =
        unit_json(LIST("{'ip_prefix':'203.0.113.0/24','region':'eu-west-1',"
                       "'service':'EC2'}"));
    (void)state;

    for (size_t len = 0; len < json.len; len++) {
        struct ip_ranges ranges;
        struct err err = ERR_NONE;

        ip_ranges_init(&ranges);
        assert_int_equal(ip_ranges_read(&ranges, span_of(json.ptr, len), &err),
                         -1);
        assert_string_not_equal(err.text, "");
        ip_ranges_release(&ranges);
    }
    buf_release(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_narrowest_prefix_and_its_services_speak),
        cmocka_unit_test(the_order_of_the_list_does_not_matter),
        cmocka_unit_test(what_is_no_such_list_is_refused_with_its_place),
        cmocka_unit_test(a_list_cut_anywhere_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
