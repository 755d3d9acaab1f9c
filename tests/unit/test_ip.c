/*
 * Which text is an address decides which events count, so each spelling
 * that the rule names stands here. Neither of the C library's readers
 * agrees with it: inet_aton() reads octal, inet_pton() no leading zeros.
 */
#include "unit.h"

#include "base/ip.h"

#include <arpa/inet.h>
#include <stdlib.h>

static struct ip v6(const char *text)
{
    struct ip ip;

    if (!ip_parse_v6(span_str(text), &ip))
        fail_msg("no IPv6: %s", text);
    return ip;
}

static struct ip v4(const char *text)
{
    struct ip ip;
    unsigned prefix;

    if (!ip_parse_v4(span_str(text), &ip, &prefix))
        fail_msg("no IPv4: %s", text);
    return ip;
}

static void v4_text_is_read_as_the_rule_says(void **state)
{
    static const struct {
        const char *text;
        const char *canonical;
        unsigned prefix;
    } good[] = {
        {"3.225.16.109", "3.225.16.109", 32},
        {"0.0.0.0", "0.0.0.0", 32},
        {"255.255.255.255", "255.255.255.255", 32},
        /* leading zeros are decimal, also where octal would differ */
        {"010.0.0.1", "10.0.0.1", 32},
        {"010.000.000.001", "10.0.0.1", 32},
        {"035.249.253.232", "35.249.253.232", 32},
        {"08.1.250.216", "8.1.250.216", 32},
        {"000.000.000.000", "0.0.0.0", 32},
        /* a prefix of one or two digits */
        {"3.225.16.109/32", "3.225.16.109", 32},
        {"3.225.16.109/24", "3.225.16.109", 24},
        {"10.0.0.1/8", "10.0.0.1", 8},
        {"10.0.0.1/08", "10.0.0.1", 8},
        {"0.0.0.0/0", "0.0.0.0", 0},
        {"0.0.0.0/00", "0.0.0.0", 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(good); i++) {
        char text[IP_TEXT_BYTES];
        unsigned prefix = 99;
        struct ip ip;

        if (!ip_parse_v4(span_str(good[i].text), &ip, &prefix))
            fail_msg("refused: %s", good[i].text);
        assert_string_equal(ip_format(ip, text), good[i].canonical);
        if (prefix != good[i].prefix)
            fail_msg("%s has prefix %u", good[i].text, prefix);
    }
}

static void v4_refuses_everything_else(void **state)
{
    static const char *const bad[] = {
        "",
        "-",
        ".",
        "...",
        "3",
        "3.225.16",
        "3.225.16.",
        ".3.225.16.109",
        "3..16.109",
        "3.225.16.109.",
        "3.225.16.109.1",
        "256.1.1.1",
        "1.1.1.256",
        "999.1.1.1",
        "0000.1.2.3",
        "1.2.3.0004",
        "0x3.1.1.1",
        "1.2.3.4a",
        "+1.2.3.4",
        "-1.2.3.4",
        "1.2.3.-4",
        " 3.225.16.109",
        "3.225.16.109 ",
        "3. 225.16.109",
        "3.225.16.109\n",
        "3.225.16.109:443",
        "3.225.16.109/",
        "3.225.16.109/33",
        "3.225.16.109/99",
        "3.225.16.109/032",
        "3.225.16.109/-1",
        "3.225.16.109/ 8",
        "3.225.16.109/8 ",
        "3.225.16.109/8/8",
        "3.225.16.109/255.0.0.0",
        "3,225,16,109",
        "2600:1f18:1234::1",
        "::1",
        "::ffff:3.225.16.109",
        "ec2.amazonaws.com",
        "AWS Internal",
        /* digits, but not ASCII's */
        "\xd9\xa3.1.1.1",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(bad); i++) {
        struct ip ip;
        unsigned prefix;

        if (ip_parse_v4(span_str(bad[i]), &ip, &prefix))
            fail_msg("taken for IPv4: '%s'", bad[i]);
    }
}

/* The text is part of a longer one; nothing may look behind its end. */
static void v4_reads_no_further_than_the_span(void **state)
{
    static const char text[] = "1.2.3.45/241";
    struct ip ip;
    unsigned prefix;
    (void)state;

    assert_true(ip_parse_v4(span_of(text, 7), &ip, &prefix)); /* 1.2.3.4 */
    assert_int_equal(ip.bytes[3], 4);
    assert_true(ip_parse_v4(span_of(text, 8), &ip, &prefix)); /* 1.2.3.45 */
    assert_int_equal(ip.bytes[3], 45);
    assert_false(ip_parse_v4(span_of(text, 9), &ip, &prefix));
    assert_true(ip_parse_v4(span_of(text, 10), &ip, &prefix));
    assert_int_equal(prefix, 2);
    assert_true(ip_parse_v4(span_of(text, 11), &ip, &prefix));
    assert_int_equal(prefix, 24);
    assert_false(ip_parse_v4(span_of(text, 12), &ip, &prefix));
}

static void an_absent_or_nul_bearing_text_is_no_address(void **state)
{
    struct ip ip;
    unsigned prefix;
    (void)state;

    assert_false(ip_parse_v4(SPAN_ABSENT, &ip, &prefix));
    assert_false(ip_parse_v6(SPAN_ABSENT, &ip));
    assert_false(ip_parse_v4(SPAN("1.2.3.4\0"), &ip, &prefix));
    assert_false(ip_parse_v6(SPAN("::1\0"), &ip));
    assert_false(ip_parse_v6(SPAN("::1\0x"), &ip));
    assert_false(ip_parse_v6(SPAN("\0::1"), &ip));
}

/* RFC 5952, section 4: lower case, no leading zeros, the longest run of
 * two or more zero groups becomes "::", the first of equal ones. */
static void v6_prints_in_canonical_form(void **state)
{
    static const struct {
        const char *text;
        const char *canonical;
    } good[] = {
        {"::", "::"},
        {"::1", "::1"},
        {"0:0:0:0:0:0:0:1", "::1"},
        {"1::", "1::"},
        {"2001:0db8::0001", "2001:db8::1"},
        {"2001:DB8::ABCD", "2001:db8::abcd"},
        {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"0:0:1:0:0:0:0:0", "0:0:1::"},
        {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
        {"0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"},
        {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"2600:1f18:1234::1", "2600:1f18:1234::1"},
        {"fe80::1", "fe80::1"},
        {"64:ff9b::1.2.3.4", "64:ff9b::102:304"},
        /* the withdrawn "IPv4-compatible" block holds plain addresses */
        {"::1.2.3.4", "::102:304"},
        {"::1:0", "::1:0"},
        {"::ffff", "::ffff"},
        {"::1:2:3", "::1:2:3"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(good); i++) {
        char text[IP_TEXT_BYTES];

        assert_string_equal(ip_format(v6(good[i].text), text),
                            good[i].canonical);
    }
}

static void v6_refuses_everything_else(void **state)
{
    static const char *const bad[] = {
        "",
        ":",
        ":::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1::2::3",
        "::12345",
        "::g",
        "::1/128",
        "::1%lo",
        "fe80::1%eth0",
        "[::1]",
        " ::1",
        "::1 ",
        "::ffff:1.2.3",
        "::ffff:1.2.3.256",
        "3.225.16.109",
        "amazonaws.com",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(bad); i++) {
        struct ip ip;

        if (ip_parse_v6(span_str(bad[i]), &ip))
            fail_msg("taken for IPv6: '%s'", bad[i]);
    }
}

/* Two spellings of one address must be one group. */
static void printed_addresses_read_back_as_themselves(void **state)
{
    unsigned seed = 1;
    (void)state;

    for (int i = 0; i < 20000; i++) {
        struct ip ip = {IP_V6, {0}};
        struct ip again;
        unsigned char bytes[16];
        char text[IP_TEXT_BYTES];

        for (size_t b = 0; b < 16; b++) {
            seed = seed * 1103515245u + 12345u;
            /* every second group zero, so that runs of zeros occur */
            ip.bytes[b] = seed >> (16 + b / 2) & 1 ? (uint8_t)(seed >> 24) : 0;
        }
        (void)ip_format(ip, text);
        assert_true(ip_parse_v6(span_str(text), &again));
        assert_int_equal(ip_cmp(ip, again), 0);
        assert_int_equal(inet_pton(AF_INET6, text, bytes), 1);
        assert_memory_equal(bytes, ip.bytes, 16);
    }
}

static void mapped_addresses_are_the_ipv4_they_hold(void **state)
{
    char text[IP_TEXT_BYTES];
    (void)state;

    assert_int_equal(
        ip_cmp(ip_unmap(v6("::ffff:3.225.16.109")), v4("3.225.16.109")), 0);
    assert_string_equal(ip_format(ip_unmap(v6("::ffff:a00:1")), text),
                        "10.0.0.1");
    /* neighbours of the block, and what is IPv4 already */
    assert_int_equal(ip_unmap(v6("::fffe:1.2.3.4")).family, IP_V6);
    assert_int_equal(ip_unmap(v6("::1:ffff:1.2.3.4")).family, IP_V6);
    assert_int_equal(ip_unmap(v6("::1.2.3.4")).family, IP_V6);
    assert_int_equal(ip_cmp(ip_unmap(v4("1.2.3.4")), v4("1.2.3.4")), 0);
}

static void order_is_by_value_with_ipv4_first(void **state)
{
    const struct ip ascending[] = {
        IP_ABSENT,          v4("0.0.0.0"),         v4("3.3.3.3"),
        v4("4.4.4.4"),      v4("10.0.0.1"),        v4("100.0.0.0"),
        v4("192.168.0.1"),  v4("255.255.255.255"), v6("::"),
        v6("::1"),          v6("::ffff:1.2.3.4"),  v6("2001:db8::9"),
        v6("2001:db8::10"), v6("2600:1f18::1"),    v6("fe80::"),
    };
    (void)state;

    for (size_t i = 0; i < COUNT(ascending); i++)
        for (size_t j = 0; j < COUNT(ascending); j++) {
            int order = ip_cmp(ascending[i], ascending[j]);

            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
}

static void prefixes_agree_to_the_bit(void **state)
{
    static const struct {
        const char *ip;
        const char *net;
        unsigned prefix;
        bool inside;
    } rows[] = {
        {"10.0.0.0", "10.0.0.0", 8, true},
        {"10.255.255.255", "10.0.0.0", 8, true},
        {"11.0.0.0", "10.0.0.0", 8, false},
        {"9.255.255.255", "10.0.0.0", 8, false},
        {"172.16.0.0", "172.16.0.0", 12, true},
        {"172.31.255.255", "172.16.0.0", 12, true},
        {"172.15.255.255", "172.16.0.0", 12, false},
        {"172.32.0.0", "172.16.0.0", 12, false},
        {"192.168.255.255", "192.168.0.0", 16, true},
        {"192.169.0.1", "192.168.0.0", 16, false},
        {"198.18.0.0", "198.18.0.0", 15, true},
        {"198.19.255.255", "198.18.0.0", 15, true},
        {"198.17.255.255", "198.18.0.0", 15, false},
        {"198.20.0.0", "198.18.0.0", 15, false},
        /* the smaller of two prefixes, as the rule compares */
        {"11.0.0.1", "10.0.0.0", 4, true},
        {"198.99.1.1", "198.18.0.0", 8, true},
        {"0.0.0.0", "198.18.0.0", 0, true},
        {"1.2.3.4", "1.2.3.4", 32, true},
        {"1.2.3.5", "1.2.3.4", 32, false},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++)
        if (ip_in_prefix(v4(rows[i].ip), v4(rows[i].net), rows[i].prefix) !=
            rows[i].inside)
            fail_msg("%s in %s/%u", rows[i].ip, rows[i].net, rows[i].prefix);

    assert_true(ip_in_prefix(v6("::1"), v6("::1"), 128));
    assert_false(ip_in_prefix(v6("::2"), v6("::1"), 128));
    assert_true(ip_in_prefix(v6("::2"), v6("ff::"), 0));
    assert_false(ip_in_prefix(v4("0.0.0.0"), v6("::"), 0)); /* two families */
}

static void public_ipv6_is_all_but_five_blocks(void **state)
{
    static const struct {
        const char *ip;
        bool is_public;
    } rows[] = {
        {"::", false},
        {"::1", false},
        {"::2", true},
        {"fe7f:ffff::", true},
        {"fe80::", false},
        {"febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
        {"fec0::", true},
        {"fbff:ffff::", true},
        {"fc00::", false},
        {"fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
        {"fe00::", true},
        {"feff:ffff::", true},
        {"ff00::", false},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
        {"2001:db8::", true},
        {"2600:1f18:1234::1", true},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++)
        if (ip_v6_is_public(v6(rows[i].ip)) != rows[i].is_public)
            fail_msg("%s", rows[i].ip);
    assert_false(ip_v6_is_public(v4("3.3.3.3")));
}

/* What stands in a policy; a prefix read wider than it was written would
 * hide a thief. */
static void prefixes_are_read_as_they_are_written(void **state)
{
    static const struct {
        const char *text;
        const char *net; /* NULL: refused */
        unsigned prefix;
    } rows[] = {
        {"203.0.113.7", "203.0.113.7", 32},
        {"203.0.113.7/24", "203.0.113.7", 24},
        {"203.000.113.07/0", "203.0.113.7", 0},
        {"2001:db8::1", "2001:db8::1", 128},
        {"2001:db8::/32", "2001:db8::", 32},
        {"2001:db8::/032", "2001:db8::", 32},
        {"::/0", "::", 0},
        {"::ffff:203.0.113.7", "203.0.113.7", 32},
        {"::ffff:203.0.113.0/120", "203.0.113.0", 24},
        {"::ffff:0:0/96", "0.0.0.0", 0},
        {"::ffff:0:0/95", "::ffff:0.0.0.0", 95},
        {"203.0.113.7/33", NULL, 0},
        {"203.0.113.7/", NULL, 0},
        {"203.0.113.7/24/24", NULL, 0},
        {"203.0.113.7/-1", NULL, 0},
        {"203.0.113", NULL, 0},
        {"2001:db8::/129", NULL, 0},
        {"2001:db8::/0128", NULL, 0},
        {"2001:db8::/", NULL, 0},
        {"2001:db8::/3x", NULL, 0},
        {"2001:db8::%eth0/64", NULL, 0},
        {"/24", NULL, 0},
        {"/", NULL, 0},
        {"", NULL, 0},
        {"example", NULL, 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[IP_TEXT_BYTES];
        struct ip net;
        unsigned prefix;
        bool read = ip_parse_prefix(span_str(rows[i].text), &net, &prefix);

        if (read != (rows[i].net != NULL))
            fail_msg("%s", rows[i].text);
        if (!read)
            continue;
        assert_string_equal(ip_format(net, text), rows[i].net);
        assert_int_equal(prefix, rows[i].prefix);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(v4_text_is_read_as_the_rule_says),
        cmocka_unit_test(v4_refuses_everything_else),
        cmocka_unit_test(v4_reads_no_further_than_the_span),
        cmocka_unit_test(an_absent_or_nul_bearing_text_is_no_address),
        cmocka_unit_test(v6_prints_in_canonical_form),
        cmocka_unit_test(v6_refuses_everything_else),
        cmocka_unit_test(printed_addresses_read_back_as_themselves),
        cmocka_unit_test(mapped_addresses_are_the_ipv4_they_hold),
        cmocka_unit_test(order_is_by_value_with_ipv4_first),
        cmocka_unit_test(prefixes_agree_to_the_bit),
        cmocka_unit_test(public_ipv6_is_all_but_five_blocks),
        cmocka_unit_test(prefixes_are_read_as_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
