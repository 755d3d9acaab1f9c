/*
 * A group's events are at hand without going through those of all others.
 * What is counted of it must be what aggregate_tally() counts.
 */
#include "events.h"

#include "evidence/dealt.h"

#define GROUPS 7
#define EVENTS 200

/* Every third event has no eventID, so it is only counted. The last group has
 * none of these. */
static void add_numbered(struct aggregate *agg, struct arena *arena, unsigned n)
{
    unsigned group = n * 31 % GROUPS;
    bool counted = n % 3 == 0 && group != GROUPS - 1;
    struct ip address = {IP_V4, {203, 0, 113, (uint8_t)group}};
    struct event event = EVENT(.id = counted ? NULL : text_in(arena, "%u", n),
                               .name = text_in(arena, "Name%u", n % 5),
                               .key = text_in(arena, "key%u", n % 2));
    struct aggregate_key key;

    event.time = (timestamp)(n % 11) * TICKS_PER_HOUR;
    assert_int_equal(
        aggregate_prepare(agg, &event, SPAN("i-12345678"), address, &key), 0);
    assert_int_equal(
        aggregate_add(agg, &key, &event, SPAN("i-12345678"), address),
        OUTCOME_KEPT);
}

static void expect_entries(const struct tally *is, const struct tally *wanted,
                           uint32_t group)
{
    size_t count, wanted_count;
    const struct tally_entry *a = tally_entries_of(is, group, &count);
    const struct tally_entry *b =
        tally_entries_of(wanted, group, &wanted_count);

    assert_true(count > 1);
    assert_int_equal(count, wanted_count);
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;

        while (k < count && !facets_equal(a[i].facets, b[k].facets))
            k++;
        assert_true(k < count);
        assert_int_equal(a[i].count, b[k].count);
        assert_int_equal(a[i].first, b[k].first);
        assert_int_equal(a[i].last, b[k].last);
    }
}

static void expect_hours(const struct tally *is, const struct tally *wanted,
                         uint32_t group)
{
    size_t count, wanted_count;
    const struct tally_hour *a = tally_hours_of(is, group, &count);
    const struct tally_hour *b = tally_hours_of(wanted, group, &wanted_count);

    assert_true(count > 1);
    assert_int_equal(count, wanted_count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(a[i].hour, b[i].hour);
        assert_int_equal(a[i].count, b[i].count);
    }
}

static void a_groups_events_are_tallied_as_those_of_all_are(void **state)
{
    struct arena arena = ARENA_INIT;
    struct aggregate agg;
    struct dealt dealt;
    struct tally all, one;
    (void)state;

    aggregate_init(&agg, false);
    tally_init(&all);
    for (unsigned n = 0; n < EVENTS; n++)
        add_numbered(&agg, &arena, n);
    assert_int_equal(agg.group_count, GROUPS);
    assert_int_equal(aggregate_tally(&agg, NULL, &all), 0);
    tally_sort(&all);
    assert_int_equal(dealt_init(&dealt, &agg), 0);
    for (uint32_t group = 0; group < GROUPS; group++) {
        tally_init(&one);
        assert_int_equal(dealt_tally(&dealt, group, &one), 0);
        tally_sort(&one);
        expect_entries(&one, &all, group);
        expect_hours(&one, &all, group);
        tally_clear(&one);
        assert_int_equal(dealt_tally_entries(&dealt, group, &one), 0);
        tally_sort(&one);
        expect_entries(&one, &all, group);
        assert_int_equal(one.hour_count, 0);
        tally_release(&one);
    }
    dealt_release(&dealt);
    tally_release(&all);
    aggregate_release(&agg);
    arena_release(&arena);
}

/* A run may keep nothing. */
static void an_empty_aggregate_is_dealt(void **state)
{
    struct aggregate agg;
    struct dealt dealt;
    (void)state;

    aggregate_init(&agg, false);
    assert_int_equal(dealt_init(&dealt, &agg), 0);
    dealt_release(&dealt);
    aggregate_release(&agg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_groups_events_are_tallied_as_those_of_all_are),
        cmocka_unit_test(an_empty_aggregate_is_dealt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
