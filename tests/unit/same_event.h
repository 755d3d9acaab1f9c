/*
 * same_event.h - do two extractors give the same event? Without cmocka, so
 * that the fuzz targets can use it, too.
 */
#ifndef OFFBOX_TESTS_SAME_EVENT_H
#define OFFBOX_TESTS_SAME_EVENT_H

#include "event/extract.h"
#include "input/delimit.h"

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

/* In which of the fields that extract_glance() gives do they differ? */
static inline const char *glance_difference(const struct event *glance,
                                            const struct event *whole)
{
    for (int i = 0; i < EVENT_FIELD_COUNT; i++) {
        const char *path = event_field_path((enum event_field)i);
        bool is_given = i == EVENT_SOURCE || i == EVENT_NAME ||
                        i == EVENT_SOURCE_IP_ADDRESS ||
                        strncmp(path, "userIdentity.", 13) == 0;

        if (is_given && !span_eq(glance->field[i], whole->field[i]))
            return path;
    }
    return NULL;
}

/* What extract_front() tells wrongly of `text`, which begins with a brace; NULL
 * if nothing. `*tells`: whether it tells anything. */
static inline const char *front_difference(struct span text, bool *tells)
{
    const char *end = text.ptr + text.len;
    struct delimit delimit = {0};
    struct event front, whole;

    memset(&front, 0xc3, sizeof(front));
    *tells = extract_front(text, &front);
    if (!*tells)
        return NULL;
    if (delimit_value(&delimit, text.ptr, end) !=
        front.record.ptr + front.record.len)
        return "its end";
    if (delimit.illegal || delimit.deep)
        return "what the delimiter finds";
    if (!extract_plain(front.record, &whole))
        return "being plain";
    return event_difference(&front, &whole);
}

#endif
