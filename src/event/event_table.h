/*
 * event_table.h - the events of one window, as columns.
 *
 * Filled record by record, read by the filter column by column, emptied
 * for the next window: after the first windows nothing is allocated. One
 * thread at a time.
 */
#ifndef OFFBOX_EVENT_EVENT_TABLE_H
#define OFFBOX_EVENT_EVENT_TABLE_H

#include "base/arena.h"
#include "event/event.h"

struct event_table {
    size_t rows;
    size_t capacity;
    struct span *column[EVENT_FIELD_COUNT];
    timestamp *time;
    struct span *record;
    struct arena arena; /* the strings; extractors copy into it */
};

#define EVENT_TABLE_INIT ((struct event_table){.arena = ARENA_INIT})

void event_table_release(struct event_table *table);

/* Forget rows and strings, keep the memory. */
void event_table_clear(struct event_table *table);

/* Add a row; the event's spans must live as long as the row. -1 when
 * memory is out. */
int event_table_add(struct event_table *table, const struct event *event);

/* Row `row` put together again. */
struct event event_table_get(const struct event_table *table, size_t row);

#endif
