/* One array that doubles. */
#include "event/event_table.h"

#include "base/sys.h"

void event_table_release(struct event_table *table)
{
    if (!table)
        return;
    sys_free(table->rows);
    arena_release(&table->arena);
    *table = EVENT_TABLE_INIT;
}

void event_table_clear(struct event_table *table)
{
    table->count = 0;
    arena_clear(&table->arena);
}

struct event *event_table_next(struct event_table *table)
{
    struct event *moved = sys_grow(table->rows, &table->capacity,
                                   table->count + 1, sizeof(*moved));

    if (!moved)
        return NULL;
    table->rows = moved;
    return &table->rows[table->count];
}

void event_table_keep(struct event_table *table)
{
    table->count++;
}
