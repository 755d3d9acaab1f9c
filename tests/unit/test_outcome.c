/*
 * "Nothing drops in silence": the counts and their names are what a user
 * is told about events that no alert shows.
 */
#include "unit.h"

#include "detect/outcome.h"

#define AT(hours) ((timestamp)(hours)*TICKS_PER_HOUR)

/* The names are part of the JSON summary, and their order is the order in
 * which an outcome is looked for. */
static void every_outcome_has_the_name_of_the_summary(void **state)
{
    static const char *const names[] = {
        "outside_window", "private", "interconnect",   "aws_internal",
        "aws_service",    "ipv6",    "not_an_address", "allowed",
        "duplicate",      "kept",
    };
    (void)state;

    assert_int_equal(COUNT(names), OUTCOME_COUNT);
    for (size_t i = 0; i < COUNT(names); i++)
        assert_string_equal(outcome_name((enum outcome)i), names[i]);
}

/* A message about an event that was never counted must not crash. */
static void no_instance_has_an_empty_name(void **state)
{
    (void)state;
    assert_string_equal(outcome_name(OUTCOME_NO_INSTANCE), "");
}

/* total = the sum of all outcomes, or the ledger does not add up. */
static void each_event_is_counted_once(void **state)
{
    struct outcome_counts counts;
    (void)state;

    outcome_counts_init(&counts);
    assert_int_equal(outcome_counts_total(&counts), 0);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        for (int n = 0; n <= i; n++)
            outcome_counts_add(&counts, (enum outcome)i, AT(1));
    for (int i = 0; i < OUTCOME_COUNT; i++)
        assert_int_equal(counts.count[i], i + 1);
    assert_int_equal(outcome_counts_total(&counts),
                     OUTCOME_COUNT * (OUTCOME_COUNT + 1) / 2);
}

/* An unknown time is the largest number: taken for one it would stand as
 * last_event in the year 31197. */
static void first_and_last_event_are_of_known_times_only(void **state)
{
    static const struct {
        timestamp times[4];
        timestamp first, last;
    } cases[] = {
        {{TIMESTAMP_UNKNOWN, TIMESTAMP_UNKNOWN, TIMESTAMP_UNKNOWN,
          TIMESTAMP_UNKNOWN},
         TIMESTAMP_UNKNOWN,
         TIMESTAMP_UNKNOWN},
        {{AT(5), AT(5), AT(5), AT(5)}, AT(5), AT(5)},
        {{AT(5), AT(2), AT(9), AT(7)}, AT(2), AT(9)},
        {{TIMESTAMP_UNKNOWN, AT(5), TIMESTAMP_UNKNOWN, AT(3)}, AT(3), AT(5)},
        {{AT(5), TIMESTAMP_UNKNOWN, AT(9), TIMESTAMP_UNKNOWN}, AT(5), AT(9)},
        /* before 1970, and its first moment, which is the number 0 */
        {{AT(0), AT(-3), AT(0), TIMESTAMP_UNKNOWN}, AT(-3), AT(0)},
        {{AT(0), AT(4), AT(0), AT(4)}, AT(0), AT(4)},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct outcome_counts counts;

        outcome_counts_init(&counts);
        for (size_t n = 0; n < COUNT(cases[i].times); n++)
            outcome_counts_add(&counts, OUTCOME_PRIVATE, cases[i].times[n]);
        assert_int_equal(counts.first_event, cases[i].first);
        assert_int_equal(counts.last_event, cases[i].last);
        assert_int_equal(outcome_counts_total(&counts), 4);
    }
}

static struct outcome_counts merged(struct outcome_counts a,
                                    const struct outcome_counts *b)
{
    outcome_counts_merge(&a, b);
    return a;
}

static void assert_same(struct outcome_counts a, struct outcome_counts b)
{
    for (int i = 0; i < OUTCOME_COUNT; i++)
        assert_int_equal(a.count[i], b.count[i]);
    assert_int_equal(a.first_event, b.first_event);
    assert_int_equal(a.last_event, b.last_event);
}

/* Workers finish in any order, and some have seen nothing. */
static void counts_merge_in_any_order(void **state)
{
    struct outcome_counts parts[4];
    (void)state;

    for (size_t i = 0; i < COUNT(parts); i++)
        outcome_counts_init(&parts[i]);
    outcome_counts_add(&parts[0], OUTCOME_KEPT, AT(3));
    outcome_counts_add(&parts[0], OUTCOME_IPV6, AT(8));
    outcome_counts_add(&parts[1], OUTCOME_KEPT, TIMESTAMP_UNKNOWN);
    outcome_counts_add(&parts[2], OUTCOME_DUPLICATE, AT(-1));
    outcome_counts_add(&parts[2], OUTCOME_DUPLICATE, AT(4));
    /* parts[3] stays empty */

    for (size_t a = 0; a < COUNT(parts); a++)
        for (size_t b = 0; b < COUNT(parts); b++) {
            struct outcome_counts both = merged(parts[a], &parts[b]);

            assert_same(both, merged(parts[b], &parts[a]));
            for (size_t c = 0; c < COUNT(parts); c++) {
                struct outcome_counts tail = merged(parts[b], &parts[c]);

                assert_same(merged(both, &parts[c]), merged(parts[a], &tail));
            }
        }
    for (size_t a = 0; a < COUNT(parts); a++)
        assert_same(merged(parts[a], &parts[3]), parts[a]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_outcome_has_the_name_of_the_summary),
        cmocka_unit_test(no_instance_has_an_empty_name),
        cmocka_unit_test(each_event_is_counted_once),
        cmocka_unit_test(first_and_last_event_are_of_known_times_only),
        cmocka_unit_test(counts_merge_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
