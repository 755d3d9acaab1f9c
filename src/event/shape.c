/* Told by the keys of the object's own level. */
#include "event/shape.h"

#include "base/json_string.h"
#include "event/members.h"

/* Does the raw JSON value `value` spell the string `text`? */
static bool value_is(struct span value, struct span text)
{
    return value.len >= 2 && value.ptr[0] == '"' &&
           json_string_spells(span_of(value.ptr + 1, value.len - 2), text);
}

enum shape shape_of(struct span object, bool in_records)
{
    struct members members;
    struct member member;
    bool source = false, version_or_time = false;
    int more;

    members_init(&members, object);
    while ((more = members_next(&members, &member)) > 0) {
        if (json_string_spells(member.key, SPAN("eventSource")) && !source) {
            if (value_is(member.value, SPAN("aws:s3")))
                return SHAPE_FOREIGN;
            source = true;
        } else if (json_string_spells(member.key, SPAN("eventVersion")) ||
                   json_string_spells(member.key, SPAN("eventTime"))) {
            version_or_time = true;
        }
        if (in_records && source)
            return SHAPE_RECORD;
        if (source && version_or_time)
            return SHAPE_RECORD;
    }
    if (in_records)
        return SHAPE_RECORD;
    return more < 0 ? SHAPE_BROKEN : SHAPE_FOREIGN;
}
