/*
 * The event table holds a window's events: each must come back as it was put
 * in, wherever the table's growth moves it.
 */
#define UNIT_OWN_SYS
#include "unit.h"

#include "event/event_table.h"

#include <stdio.h>

/* Event `number`, with strings in the table's arena. Every seventh field
 * is absent, every fifth empty. */
static struct event make_event(struct event_table *table, size_t number)
{
    struct event event = {.time = (timestamp)number * TICKS_PER_SECOND};
    char text[64];

    for (size_t field = 0; field < EVENT_FIELD_COUNT; field++) {
        int len = snprintf(text, sizeof(text), "%zu in %zu", field, number);

        if ((number + field) % 7 == 0)
            event.field[field] = SPAN_ABSENT;
        else
            event.field[field] = arena_copy(
                &table->arena,
                span_of(text, (number + field) % 5 ? (size_t)len : 0));
    }
    (void)snprintf(text, sizeof(text), "record %zu", number);
    event.record = arena_copy(&table->arena, span_str(text));
    return event;
}

static void expect_event(const struct event_table *table, size_t row,
                         size_t number)
{
    struct event_table other = EVENT_TABLE_INIT;
    struct event expected = make_event(&other, number);
    const struct event *got = &table->rows[row];

    for (int field = 0; field < EVENT_FIELD_COUNT; field++)
        assert_span_equal(got->field[field], expected.field[field]);
    assert_span_equal(got->record, expected.record);
    assert_true(got->time == expected.time);
    event_table_release(&other);
}

/* -1 when memory is out. */
static int add(struct event_table *table, struct event event)
{
    struct event *row = event_table_next(table);

    if (!row)
        return -1;
    *row = event;
    event_table_keep(table);
    return 0;
}

static void fill(struct event_table *table, size_t first, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(add(table, make_event(table, first + i)), 0);
}

/* Rows survive the growth of the table, at each doubling. */
static void rows_come_back_as_they_were_added(void **state)
{
    static const size_t counts[] = {0, 1, 63, 64, 65, 128, 129, 1000};
    (void)state;

    for (size_t i = 0; i < COUNT(counts); i++) {
        struct event_table table = EVENT_TABLE_INIT;

        fill(&table, 0, counts[i]);
        assert_int_equal(table.count, counts[i]);
        for (size_t row = 0; row < counts[i]; row++)
            expect_event(&table, row, row);
        event_table_release(&table);
    }
}

/* A table serves every window of a run: nothing of one is in the next, and
 * nothing is allocated again. */
static void a_cleared_table_is_empty_and_keeps_its_memory(void **state)
{
    struct event_table table = EVENT_TABLE_INIT;
    size_t calls;
    (void)state;

    event_table_clear(&table); /* also before the first row */
    for (size_t window = 0; window < 5; window++) {
        fill(&table, window * 1000, 40);
        assert_int_equal(table.count, 40);
        for (size_t row = 0; row < 40; row++)
            expect_event(&table, row, window * 1000 + row);
        event_table_clear(&table);
        assert_int_equal(table.count, 0);
    }
    calls = unit_memory.calls;
    for (size_t window = 0; window < 100; window++) {
        fill(&table, window, 40);
        event_table_clear(&table);
    }
    assert_int_equal(unit_memory.calls, calls);
    event_table_release(&table);
}

/* A worker that never read a file releases its table, too. */
static void releasing_twice_or_nothing_is_safe(void **state)
{
    struct event_table table = EVENT_TABLE_INIT;
    size_t before = unit_memory.now;
    (void)state;

    event_table_release(NULL);
    event_table_release(&table);
    fill(&table, 0, 100);
    event_table_release(&table);
    assert_int_equal(table.count, 0);
    assert_int_equal(unit_memory.now, before);
    event_table_release(&table);
    fill(&table, 7, 3); /* and it can be used again */
    expect_event(&table, 2, 9);
    event_table_release(&table);
}

/* A row that is not kept, as that of a record that could not be read, is
 * the next one's. */
static void a_row_counts_once_it_is_kept(void **state)
{
    struct event_table table = EVENT_TABLE_INIT;
    (void)state;

    fill(&table, 0, 5);
    assert_non_null(event_table_next(&table));
    *event_table_next(&table) = make_event(&table, 77);
    assert_int_equal(table.count, 5);
    fill(&table, 5, 3);
    assert_int_equal(table.count, 8);
    for (size_t row = 0; row < 8; row++)
        expect_event(&table, row, row);
    event_table_release(&table);
}

static void a_failed_growth_leaves_the_rows_as_they_were(void **state)
{
    struct event_table table = EVENT_TABLE_INIT;
    size_t before = unit_memory.now;
    struct event event;
    (void)state;

    fill(&table, 0, 1);
    fill(&table, 1, table.capacity - 1);
    event = make_event(&table, table.count);
    unit_memory.fail_at = unit_memory.calls + 1;
    assert_int_equal(add(&table, event), -1);
    unit_memory.fail_at = 0;
    assert_int_equal(add(&table, event), 0);
    for (size_t row = 0; row < table.count; row++)
        expect_event(&table, row, row);
    event_table_release(&table);
    assert_int_equal(unit_memory.now, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back_as_they_were_added),
        cmocka_unit_test(a_cleared_table_is_empty_and_keeps_its_memory),
        cmocka_unit_test(releasing_twice_or_nothing_is_safe),
        cmocka_unit_test(a_row_counts_once_it_is_kept),
        cmocka_unit_test(a_failed_growth_leaves_the_rows_as_they_were),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
