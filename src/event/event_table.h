/*
 * event_table.h - the events of one window, row by row.
 *
 * Filled record by record, emptied for the next window: after the first
 * windows nothing is allocated. Rows, not columns: whoever looks at an event
 * looks at most of its fields, and each column would cost a cache line.
 * One thread at a time.
 */
#ifndef OFFBOX_EVENT_EVENT_TABLE_H
#define OFFBOX_EVENT_EVENT_TABLE_H

#include "base/arena.h"
#include "event/event.h"

struct event_table {
    struct event *rows;
    size_t count;
    size_t capacity;
    struct arena arena; /* the strings; extractors copy into it */
};

#define EVENT_TABLE_INIT ((struct event_table){.arena = ARENA_INIT})

void event_table_release(struct event_table *table);

/* Forget rows and strings, keep the memory. */
void event_table_clear(struct event_table *table);

/*
 * Where the next row will be, for an extractor to fill; its spans must live
 * as long as the row. It counts once event_table_keep() was called. NULL
 * when memory is out. Rows may move.
 */
struct event *event_table_next(struct event_table *table);
void event_table_keep(struct event_table *table);

#endif
