/*
 * A second reading passes over what holds nothing that it looks for, so a no
 * must be certain: also where much was seen, memory ran out, or several
 * threads saw their inputs in any order.
 */
#define UNIT_OWN_SYS
#include "unit.h"

#include "evidence/traces.h"

#include <stdio.h>

static const char inputs[8]; /* told apart by their addresses */

static struct ip address(unsigned number)
{
    char text[32];
    struct ip ip;

    (void)snprintf(text, sizeof(text), "203.%u.%u.%u", number >> 16 & 255,
                   number >> 8 & 255, number & 255);
    assert_int_equal(location_parse(span_str(text), &ip), LOCATION_PUBLIC);
    return ip;
}

/* One input with `count` addresses from `first` on, each twice, and a key. */
static void see_input(struct traces *traces, const char *input, unsigned first,
                      unsigned count, const char *key)
{
    traces_begin(traces);
    for (unsigned i = 0; i < 2 * count; i++)
        traces_see(traces, LOCATION_PUBLIC, address(first + i / 2),
                   span_str(key));
    traces_see(traces, LOCATION_NONE, IP_ABSENT, SPAN_ABSENT);
    traces_end(traces, input);
}

static bool may_hold(struct traces *traces, const char *input,
                     struct span bytes)
{
    struct trace_search search = {0};
    bool may;

    assert_int_equal(trace_search_add(&search, SPAN("what nobody has")), 0);
    assert_int_equal(trace_search_add(&search, bytes), 0);
    traces_settle(traces, &search);
    may = traces_may_hold(traces, input, &search);
    trace_search_release(&search);
    return may;
}

static bool may_hold_address(struct traces *traces, const char *input,
                             unsigned number)
{
    struct ip ip = address(number);

    return may_hold(traces, input, span_of((const char *)&ip, sizeof(ip)));
}

static void an_input_holds_what_was_seen_in_it(void **state)
{
    struct traces traces = {0};
    (void)state;

    see_input(&traces, &inputs[1], 100, 50, "ASIAONE");
    see_input(&traces, &inputs[0], 140, 10, "ASIATWO");
    see_input(&traces, &inputs[2], 0, 0, NULL);
    for (unsigned i = 90; i < 160; i++) {
        assert_int_equal(may_hold_address(&traces, &inputs[1], i),
                         i >= 100 && i < 150);
        assert_int_equal(may_hold_address(&traces, &inputs[0], i),
                         i >= 140 && i < 150);
        assert_false(may_hold_address(&traces, &inputs[2], i));
        assert_true(may_hold_address(&traces, &inputs[3], i)); /* unknown */
    }
    assert_true(may_hold(&traces, &inputs[1], SPAN("ASIAONE")));
    assert_false(may_hold(&traces, &inputs[1], SPAN("ASIATWO")));
    assert_true(may_hold(&traces, &inputs[0], SPAN("ASIATWO")));
    traces_release(&traces);
}

static void united_traces_say_what_each_said(void **state)
{
    struct traces all = {0}, one = {0}, two = {0}, none = {0};
    (void)state;

    see_input(&one, &inputs[3], 10, 5, "ASIAONE");
    see_input(&two, &inputs[1], 20, 5, "ASIATWO");
    see_input(&two, &inputs[2], 30, 5, "ASIATWO");
    traces_merge(&all, &two);
    traces_merge(&all, &none);
    traces_merge(&all, &one);
    assert_int_equal(two.count, 0);
    for (unsigned i = 0; i < 50; i++) {
        assert_int_equal(may_hold_address(&all, &inputs[3], i),
                         i >= 10 && i < 15);
        assert_int_equal(may_hold_address(&all, &inputs[1], i),
                         i >= 20 && i < 25);
        assert_int_equal(may_hold_address(&all, &inputs[2], i),
                         i >= 30 && i < 35);
    }
    traces_release(&all);
}

/* Of one input, and of all. */
static void what_is_kept_has_a_bound(void **state)
{
    struct traces traces = {0};
    unsigned count = 0;
    (void)state;

    see_input(&traces, &inputs[0], 0, 20000, "ASIAONE");
    assert_int_equal(traces.count, 0);
    assert_true(may_hold_address(&traces, &inputs[0], 30000));
    for (; traces.count == count; count++) {
        assert_true(count < 100);
        see_input(&traces, &inputs[1], 20000 * count, 16000, "ASIAONE");
    }
    assert_true(traces.hash_count <= (size_t)1 << 20);
    assert_true(count > 60);
    see_input(&traces, &inputs[2], 0, 1, "ASIAONE"); /* there is room yet */
    assert_false(may_hold_address(&traces, &inputs[2], 5));
    traces_release(&traces);
}

/* What there is no memory for is read again. */
static void a_lack_of_memory_is_never_a_no(void **state)
{
    size_t before = unit_memory.now;
    bool failed = true;
    (void)state;

    for (size_t n = 1; failed; n++) {
        struct traces all = {0}, one = {0}, two = {0};

        assert_true(n < 100);
        unit_memory.calls = 0;
        unit_memory.fail_at = n;
        see_input(&one, &inputs[0], 0, 40, "ASIAONE");
        see_input(&two, &inputs[1], 100, 40, "ASIATWO");
        traces_merge(&all, &one);
        traces_merge(&all, &two);
        failed = unit_memory.calls >= n;
        unit_memory.fail_at = 0;
        for (unsigned i = 0; i < 40; i++) {
            assert_true(may_hold_address(&all, &inputs[0], i));
            assert_true(may_hold_address(&all, &inputs[1], 100 + i));
        }
        if (!failed)
            assert_false(may_hold_address(&all, &inputs[0], 100));
        traces_release(&all);
        assert_int_equal(unit_memory.now, before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_input_holds_what_was_seen_in_it),
        cmocka_unit_test(united_traces_say_what_each_said),
        cmocka_unit_test(what_is_kept_has_a_bound),
        cmocka_unit_test(a_lack_of_memory_is_never_a_no),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
