/*
 * What became of the events of an instance that was asked for. An attacker has
 * as many addresses as he likes, so their number must not square the work.
 */
#include "events.h"

#include "detect/focus.h"

#define ADDRESSES 20000

static struct span address_of_number(unsigned number, char text[32])
{
    (void)snprintf(text, 32, "2001:db8::%x", number);
    return span_str(text);
}

static void see(struct focus *focus, unsigned first, unsigned count)
{
    char text[32];

    for (unsigned i = 0; i < count; i++)
        assert_int_equal(focus_add(focus, SPAN("i-0a"), OUTCOME_IPV6,
                                   TIMESTAMP_UNKNOWN,
                                   address_of_number(first + i, text)),
                         0);
}

static void many_addresses_are_counted_and_sorted(void **state)
{
    static const struct span instance = {"i-0a", 4};
    struct focus one, other;
    uint64_t total = 0;
    (void)state;

    assert_int_equal(focus_init(&one, &instance, 1, NULL), 0);
    assert_int_equal(focus_init(&other, &instance, 1, NULL), 0);
    see(&one, 0, ADDRESSES);
    see(&one, 0, ADDRESSES);
    see(&other, ADDRESSES / 2, ADDRESSES);
    assert_int_equal(focus_merge(&one, &other, NULL), 0);
    assert_int_equal(one.drop_count, ADDRESSES * 3 / 2);
    focus_sort(&one);
    for (size_t i = 0; i < one.drop_count; i++) {
        total += one.drops[i].count;
        if (i > 0)
            assert_true(
                span_cmp(strings_text(&one.strings, one.drops[i - 1].address),
                         strings_text(&one.strings, one.drops[i].address)) < 0);
    }
    assert_int_equal(total, ADDRESSES * 3);
    assert_int_equal(one.outcomes[0].count[OUTCOME_IPV6], ADDRESSES * 3);
    focus_release(&one);
    focus_release(&other);
}

static void one_address_has_a_drop_for_each_outcome(void **state)
{
    static const struct span instances[] = {{"i-0a", 4}, {"i-0b", 4}};
    static const enum outcome outcomes[] = {OUTCOME_ALLOWED, OUTCOME_PRIVATE,
                                            OUTCOME_ALLOWED, OUTCOME_DUPLICATE,
                                            OUTCOME_KEPT};
    struct focus focus;
    (void)state;

    assert_int_equal(focus_init(&focus, instances, 2, NULL), 0);
    for (size_t i = 0; i < COUNT(outcomes); i++)
        assert_int_equal(focus_add(&focus, SPAN("i-0b"), outcomes[i],
                                   TIMESTAMP_UNKNOWN, SPAN_ABSENT),
                         0);
    assert_int_equal(focus_add(&focus, SPAN("i-0c"), OUTCOME_PRIVATE,
                               TIMESTAMP_UNKNOWN, SPAN("10.0.0.1")),
                     0);
    focus_sort(&focus);
    assert_int_equal(focus.drop_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(focus.drops[i].instance, 1);
        assert_int_equal(focus.drops[i].address, STRINGS_ABSENT);
        assert_int_equal(focus.drops[i].count,
                         focus.drops[i].outcome == OUTCOME_ALLOWED ? 2 : 1);
    }
    focus_release(&focus);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_addresses_are_counted_and_sorted),
        cmocka_unit_test(one_address_has_a_drop_for_each_outcome),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
