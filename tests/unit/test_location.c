/*
 * Where a call comes from. Every reason of the evidence is about locations,
 * so an address in the wrong drawer makes a case of nothing or hides one.
 */
#include "events.h"

#include "detect/location.h"

static struct event from(const char *address)
{
    struct event event = EVENT(.id = "e1");

    event.field[EVENT_SOURCE_IP_ADDRESS] = span_str(address);
    return event;
}

static void an_address_has_a_kind_and_a_text(void **state)
{
    static const struct {
        const char *address;
        enum location_kind kind;
        const char *text;
    } cases[] = {
        {"203.0.113.9", LOCATION_PUBLIC, "203.0.113.9"},
        {"203.0.113.009", LOCATION_PUBLIC, "203.0.113.9"},
        {"10.0.0.1", LOCATION_PRIVATE, "10.0.0.1"},
        {"172.16.0.1", LOCATION_PRIVATE, "172.16.0.1"},
        {"172.32.0.1", LOCATION_PUBLIC, "172.32.0.1"},
        {"192.168.10.20", LOCATION_PRIVATE, "192.168.10.20"},
        {"100.64.0.1", LOCATION_PRIVATE, "100.64.0.1"},
        {"100.127.255.255", LOCATION_PRIVATE, "100.127.255.255"},
        {"100.128.0.0", LOCATION_PUBLIC, "100.128.0.0"},
        {"198.18.0.1", LOCATION_NONE, NULL},
        {"198.20.0.1", LOCATION_PUBLIC, "198.20.0.1"},
        {"2001:db8:1:2:3:4:5:6", LOCATION_IPV6, "2001:db8:1:2::/64"},
        {"2001:DB8:1:2::", LOCATION_IPV6, "2001:db8:1:2::/64"},
        {"fd00::1:2:3:4", LOCATION_PRIVATE, "fd00::/64"},
        {"fe80::1", LOCATION_PRIVATE, "fe80::/64"},
        {"::ffff:203.0.113.9", LOCATION_PUBLIC, "203.0.113.9"},
        {"::ffff:10.0.0.1", LOCATION_PRIVATE, "10.0.0.1"},
        {"::ffff:198.18.0.1", LOCATION_NONE, NULL},
        {"AWS Internal", LOCATION_NONE, NULL},
        {"ec2.amazonaws.com", LOCATION_NONE, NULL},
        {"203.0.113.9 ", LOCATION_NONE, NULL},
        {"", LOCATION_NONE, NULL},
        {NULL, LOCATION_NONE, NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct event event = from(cases[i].address);
        char text[LOCATION_TEXT_BYTES];
        struct ip location;

        assert_int_equal(location_of(&event, &location), cases[i].kind);
        if (cases[i].text)
            assert_string_equal(location_format(location, text), cases[i].text);
        else
            assert_int_equal(location.family, IP_NONE);
    }
}

static void the_longest_text_fits(void **state)
{
    char text[LOCATION_TEXT_BYTES];
    (void)state;

    assert_string_equal(
        location_format(address_of("1111:2222:3333:4444:5555:6666:7777:8888"),
                        text),
        "1111:2222:3333:4444:5555:6666:7777:8888/64");
}

static void a_call_on_ones_behalf_has_no_location(void **state)
{
    struct event event = from("203.0.113.9");
    struct ip location;
    (void)state;

    event.field[EVENT_INVOKED_BY] = SPAN("cloudformation.amazonaws.com");
    assert_int_equal(location_of(&event, &location), LOCATION_NONE);
    assert_int_equal(location.family, IP_NONE);
    event.field[EVENT_INVOKED_BY] = SPAN("");
    assert_int_equal(location_of(&event, &location), LOCATION_PUBLIC);
}

static void an_instance_is_told_by_its_name_and_its_role(void **state)
{
    static const struct {
        const char *principal, *role, *instance;
    } cases[] = {
        {"AROA:i-0123456789abcdef0", "web", "i-0123456789abcdef0"},
        {"AROA:i-0123abcd", NULL, "i-0123abcd"},
        {"AROA:i-0123ABCD", NULL, "i-0123ABCD"},
        {"AROA:i-0123456789abcdef", "web", NULL},
        {"AROA:i-0123456789abcdef01", "web", NULL},
        {"AROA:i-0123abc", "web", NULL},
        {"AROA:i-0123_bcd", "web", NULL},
        {"AROA:i-", "web", NULL},
        {"AROA:alice", "web", NULL},
        {"i-0123abcd", "web", NULL},
        {"", NULL, NULL},
        {NULL, NULL, NULL},
        {"111122223333:aws:ec2-instance:i-0123abcd", NULL, NULL},
        {"111122223333:aws:ec2-infrastructure:i-0123abcd",
         "aws:ec2-infrastructure", NULL},
        {"AROA:i-0123abcd", "aws:ec2-instance", NULL},
        {"AROA:i-0123abcd", "aws", "i-0123abcd"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct event event = EVENT(.id = "e1");

        event.field[EVENT_PRINCIPAL_ID] = span_str(cases[i].principal);
        event.field[EVENT_ROLE_NAME] = span_str(cases[i].role);
        assert_span_equal(location_instance_of(&event),
                          span_str(cases[i].instance));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_a_kind_and_a_text),
        cmocka_unit_test(the_longest_text_fits),
        cmocka_unit_test(a_call_on_ones_behalf_has_no_location),
        cmocka_unit_test(an_instance_is_told_by_its_name_and_its_role),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
