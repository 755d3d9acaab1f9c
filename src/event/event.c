/* What can be said of an event from its own fields. */
#include "event/event.h"

const char *event_field_path(enum event_field field)
{
    static const char *const paths[EVENT_FIELD_COUNT] = {
#define X(constant, path) [constant] = path,
        EVENT_FIELDS(X)
#undef X
    };

    return paths[field];
}

struct span event_instance_id(struct span principal_id)
{
    const char *at = principal_id.ptr;
    const char *end = at ? at + principal_id.len : NULL;

    while (at && (at = memchr(at, ':', (size_t)(end - at)))) {
        at++;
        if (end - at >= 2 && at[0] == 'i' && at[1] == '-')
            return span_of(at, (size_t)(end - at));
    }
    return SPAN_ABSENT;
}

bool event_category_is_call(struct span event_category)
{
    return !span_eq(event_category, SPAN("Insight")) &&
           !span_eq(event_category, SPAN("NetworkActivity")) &&
           !span_eq(event_category, SPAN("Aggregated"));
}

struct span event_value(const struct event *event, enum event_field field)
{
    return event->field[field].len ? event->field[field] : SPAN_ABSENT;
}
