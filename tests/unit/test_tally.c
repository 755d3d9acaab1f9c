/*
 * The numbers that an alert shows. They come from events in any order and
 * from several tallies, and are read group by group.
 */
#include "unit.h"

#include "base/sys.h"
#include "detect/tally.h"

#define AT(hours) ((timestamp)(hours)*TICKS_PER_HOUR)

/* Facets of which both parts matter. */
static struct facets combination(uint32_t number)
{
    return (struct facets){{number / 7, number % 7}};
}

static uint32_t number_of(struct facets facets)
{
    return facets.part[FACETS_CALLER] * 7 + facets.part[FACETS_CALL];
}

static void add(struct tally *tally, uint32_t group, uint32_t facets,
                timestamp time)
{
    assert_int_equal(tally_add(tally, group, combination(facets), time), 0);
}

/* The one entry of (group, facets); NULL if there is none. */
static const struct tally_entry *entry_of(const struct tally *tally,
                                          uint32_t group, uint32_t facets)
{
    size_t count;
    const struct tally_entry *entries = tally_entries_of(tally, group, &count);
    const struct tally_entry *found = NULL;

    for (size_t i = 0; i < count; i++) {
        assert_int_equal(entries[i].group, group);
        if (!facets_equal(entries[i].facets, combination(facets)))
            continue;
        assert_null(found);
        found = &entries[i];
    }
    return found;
}

static void assert_entry(const struct tally *tally, uint32_t group,
                         uint32_t facets, uint64_t count, timestamp first,
                         timestamp last)
{
    const struct tally_entry *entry = entry_of(tally, group, facets);

    assert_non_null(entry);
    assert_int_equal(entry->count, count);
    assert_int_equal(entry->first, first);
    assert_int_equal(entry->last, last);
}

static size_t entries_in(const struct tally *tally, uint32_t group)
{
    size_t count;

    (void)tally_entries_of(tally, group, &count);
    return count;
}

static size_t hours_in(const struct tally *tally, uint32_t group)
{
    size_t count;

    (void)tally_hours_of(tally, group, &count);
    return count;
}

/* Events by the thousand share a tuple; only count and times remain. */
static void events_of_one_tuple_are_one_entry(void **state)
{
    struct tally tally;
    (void)state;

    tally_init(&tally);
    add(&tally, 7, 1, AT(5));
    add(&tally, 7, 2, AT(1));
    add(&tally, 7, 1, AT(3));
    add(&tally, 8, 1, AT(9));
    add(&tally, 7, 1, AT(4));
    tally_sort(&tally);
    assert_int_equal(entries_in(&tally, 7), 2);
    assert_entry(&tally, 7, 1, 3, AT(3), AT(5));
    assert_entry(&tally, 7, 2, 1, AT(1), AT(1));
    assert_int_equal(entries_in(&tally, 8), 1);
    assert_entry(&tally, 8, 1, 1, AT(9), AT(9));
    tally_release(&tally);
}

/* "As a time it sorts last, so it is also the latest." */
static void an_unknown_time_is_the_latest(void **state)
{
    struct tally tally;
    (void)state;

    tally_init(&tally);
    add(&tally, 1, 1, TIMESTAMP_UNKNOWN);
    add(&tally, 1, 1, AT(5));
    add(&tally, 1, 2, AT(6));
    add(&tally, 1, 2, TIMESTAMP_UNKNOWN);
    add(&tally, 1, 3, TIMESTAMP_UNKNOWN);
    tally_sort(&tally);
    assert_entry(&tally, 1, 1, 2, AT(5), TIMESTAMP_UNKNOWN);
    assert_entry(&tally, 1, 2, 2, AT(6), TIMESTAMP_UNKNOWN);
    assert_entry(&tally, 1, 3, 1, TIMESTAMP_UNKNOWN, TIMESTAMP_UNKNOWN);
    tally_release(&tally);
}

/* EventsPerHour: an hour holds its first tick and not that of the next,
 * also before 1970, where division would round the wrong way. */
static void hours_are_counted_from_tick_to_tick(void **state)
{
    static const struct {
        timestamp time;
        int64_t hour;
    } ticks[] = {{AT(5), 5},
                 {AT(6) - 1, 5},
                 {AT(6), 6},
                 {0, 0},
                 {-1, -1},
                 {AT(-1), -1},
                 {AT(-1) - 1, -2},
                 {AT(456789) + 1, 456789},
                 {AT(456789), 456789}};
    static const struct tally_hour expected[] = {
        {3, -2, 1}, {3, -1, 2}, {3, 0, 1}, {3, 5, 2}, {3, 6, 1}, {3, 456789, 2},
    };
    const struct tally_hour *hours;
    struct tally tally;
    size_t count;
    (void)state;

    tally_init(&tally);
    for (size_t i = 0; i < COUNT(ticks); i++) {
        assert_int_equal(timestamp_hour(ticks[i].time), ticks[i].hour);
        add(&tally, 3, (uint32_t)i, ticks[i].time);
    }
    tally_sort(&tally);
    hours = tally_hours_of(&tally, 3, &count);
    assert_int_equal(count, COUNT(expected));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(hours[i].group, expected[i].group);
        assert_int_equal(hours[i].hour, expected[i].hour);
        assert_int_equal(hours[i].count, expected[i].count);
    }
    tally_release(&tally);
}

/* Counting it under any hour would invent a time. */
static void an_unknown_time_lies_in_no_hour(void **state)
{
    struct tally tally;
    (void)state;

    tally_init(&tally);
    add(&tally, 1, 1, TIMESTAMP_UNKNOWN);
    tally_sort(&tally);
    assert_int_equal(entries_in(&tally, 1), 1);
    assert_int_equal(hours_in(&tally, 1), 0);
    tally_release(&tally);
}

/* The rule asks for each group it lists, whatever the tally has of it. */
static void a_group_without_events_has_nothing(void **state)
{
    static const uint32_t groups[] = {0, 4, 6, UINT32_MAX};
    struct tally tally;
    (void)state;

    tally_init(&tally);
    tally_sort(&tally);
    for (size_t i = 0; i < COUNT(groups); i++) {
        assert_int_equal(entries_in(&tally, groups[i]), 0);
        assert_int_equal(hours_in(&tally, groups[i]), 0);
    }
    tally_release(&tally);

    tally_init(&tally);
    add(&tally, 3, 1, AT(1));
    add(&tally, 5, 1, AT(1));
    tally_sort(&tally);
    for (size_t i = 0; i < COUNT(groups); i++) {
        assert_int_equal(entries_in(&tally, groups[i]), 0);
        assert_int_equal(hours_in(&tally, groups[i]), 0);
    }
    tally_release(&tally);
}

/* Two workers' tallies added up are the tally of one. */
static void entries_and_hours_of_another_tally_add_up(void **state)
{
    struct tally parts[2], whole;
    (void)state;

    tally_init(&whole);
    for (size_t i = 0; i < 2; i++)
        tally_init(&parts[i]);
    for (unsigned i = 0; i < 100; i++) {
        timestamp time = i % 9 == 8 ? TIMESTAMP_UNKNOWN : AT(i % 7);

        add(&whole, i % 3, i % 5, time);
        add(&parts[i / 2 % 2], i % 3, i % 5, time);
    }
    for (size_t i = 0; i < parts[1].entry_count; i++)
        assert_int_equal(tally_add_entry(&parts[0], &parts[1].entries[i]), 0);
    for (size_t i = 0; i < parts[1].hour_count; i++)
        assert_int_equal(tally_add_hour(&parts[0], &parts[1].hours[i]), 0);
    tally_sort(&whole);
    tally_sort(&parts[0]);

    assert_int_equal(parts[0].entry_count, whole.entry_count);
    for (size_t i = 0; i < whole.entry_count; i++) {
        const struct tally_entry *entry = &whole.entries[i];

        assert_entry(&parts[0], entry->group, number_of(entry->facets),
                     entry->count, entry->first, entry->last);
    }
    assert_int_equal(parts[0].hour_count, whole.hour_count);
    for (size_t i = 0; i < whole.hour_count; i++) {
        assert_int_equal(parts[0].hours[i].group, whole.hours[i].group);
        assert_int_equal(parts[0].hours[i].hour, whole.hours[i].hour);
        assert_int_equal(parts[0].hours[i].count, whole.hours[i].count);
    }
    for (size_t i = 0; i < 2; i++)
        tally_release(&parts[i]);
    tally_release(&whole);
}

/* Both tables grow many times; nothing may get lost on the way. */
static void every_count_survives_growth(void **state)
{
    enum {
        GROUPS = 300,
        TUPLES = 40
    };
    struct tally tally;
    (void)state;

    tally_init(&tally);
    for (int round = 0; round < 2; round++)
        for (uint32_t group = 0; group < GROUPS; group++)
            for (uint32_t facets = 0; facets < TUPLES; facets++)
                add(&tally, group, facets, AT(facets + (uint32_t)round));
    tally_sort(&tally);
    for (uint32_t group = 0; group < GROUPS; group++) {
        size_t hour_count;
        const struct tally_hour *hours =
            tally_hours_of(&tally, group, &hour_count);

        assert_int_equal(entries_in(&tally, group), TUPLES);
        for (uint32_t facets = 0; facets < TUPLES; facets++)
            assert_entry(&tally, group, facets, 2, AT(facets), AT(facets + 1));
        assert_int_equal(hour_count, TUPLES + 1);
        for (size_t i = 0; i < hour_count; i++) {
            assert_int_equal(hours[i].hour, i);
            assert_int_equal(hours[i].count, i == 0 || i == TUPLES ? 1 : 2);
        }
    }
    tally_release(&tally);
}

/* Error paths release what was never filled. */
static void releasing_nothing_is_safe(void **state)
{
    struct tally zeroed = {0};
    (void)state;

    tally_release(NULL);
    tally_release(&zeroed);
    tally_init(&zeroed);
    add(&zeroed, 1, 1, AT(1));
    tally_release(&zeroed);
    tally_release(&zeroed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_of_one_tuple_are_one_entry),
        cmocka_unit_test(an_unknown_time_is_the_latest),
        cmocka_unit_test(hours_are_counted_from_tick_to_tick),
        cmocka_unit_test(an_unknown_time_lies_in_no_hour),
        cmocka_unit_test(a_group_without_events_has_nothing),
        cmocka_unit_test(entries_and_hours_of_another_tally_add_up),
        cmocka_unit_test(every_count_survives_growth),
        cmocka_unit_test(releasing_nothing_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
