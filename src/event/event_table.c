/* Columns in separate arrays, grown together. */
#include "event/event_table.h"

#include "base/sys.h"

void event_table_release(struct event_table *table)
{
    if (!table)
        return;
    for (int i = 0; i < EVENT_FIELD_COUNT; i++)
        sys_free(table->column[i]);
    sys_free(table->time);
    sys_free(table->record);
    arena_release(&table->arena);
    *table = EVENT_TABLE_INIT;
}

void event_table_clear(struct event_table *table)
{
    table->rows = 0;
    arena_clear(&table->arena);
}

/* One column grown to `capacity`; `*column` stays good on failure. */
static int grow_column(void **column, size_t capacity, size_t bytes)
{
    void *moved = sys_realloc(*column, capacity * bytes);

    if (!moved)
        return -1;
    *column = moved;
    return 0;
}

static int grow(struct event_table *table)
{
    size_t capacity = table->capacity ? table->capacity * 2 : 64;
    void *column;

    for (int i = 0; i < EVENT_FIELD_COUNT; i++) {
        column = table->column[i];
        if (grow_column(&column, capacity, sizeof(struct span)) < 0)
            return -1;
        table->column[i] = column;
    }
    column = table->time;
    if (grow_column(&column, capacity, sizeof(timestamp)) < 0)
        return -1;
    table->time = column;
    column = table->record;
    if (grow_column(&column, capacity, sizeof(struct span)) < 0)
        return -1;
    table->record = column;
    table->capacity = capacity;
    return 0;
}

int event_table_add(struct event_table *table, const struct event *event)
{
    if (table->rows == table->capacity && grow(table) < 0)
        return -1;
    for (int i = 0; i < EVENT_FIELD_COUNT; i++)
        table->column[i][table->rows] = event->field[i];
    table->time[table->rows] = event->time;
    table->record[table->rows] = event->record;
    table->rows++;
    return 0;
}

struct event event_table_get(const struct event_table *table, size_t row)
{
    struct event event;

    for (int i = 0; i < EVENT_FIELD_COUNT; i++)
        event.field[i] = table->column[i][row];
    event.time = table->time[row];
    event.record = table->record[row];
    return event;
}
