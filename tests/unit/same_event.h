/*
 * same_event.h - do two extractors give the same event? Without cmocka, so
 * that the fuzz targets can use it, too.
 */
#ifndef OFFBOX_TESTS_SAME_EVENT_H
#define OFFBOX_TESTS_SAME_EVENT_H

#include "event/event.h"

/* What the two events differ in: a field's path, "time" or "record"; NULL
 * if in nothing. */
static inline const char *event_difference(const struct event *a,
                                           const struct event *b)
{
    for (int i = 0; i < EVENT_FIELD_COUNT; i++)
        if (!span_eq(a->field[i], b->field[i]))
            return event_field_path((enum event_field)i);
    if (a->time != b->time)
        return "time";
    if (a->record.ptr != b->record.ptr || a->record.len != b->record.len)
        return "record";
    return NULL;
}

#endif
