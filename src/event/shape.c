/* Told by the keys of the object's own level, and one below `event`. */
#include "event/shape.h"

#include "base/json_string.h"
#include "event/members.h"

/* The keys that tell, and the raw values of those that were met (the first
 * of each counts). */
enum telling {
    EVENT_SOURCE_KEY,
    EVENT_VERSION_KEY,
    EVENT_TIME_KEY,
    CLOUD_TRAIL_EVENT_KEY,
    DETAIL_TYPE_KEY,
    DETAIL_KEY,
    MESSAGE_TYPE_KEY,
    LOG_EVENTS_KEY,
    MESSAGE_KEY,
    EVENT_KEY,
    EVENT_ORIGINAL_KEY,
    SOURCE_KEY,
    TELLING_COUNT,
};

static const struct span telling_keys[TELLING_COUNT] = {
    [EVENT_SOURCE_KEY] = {"eventSource", 11},
    [EVENT_VERSION_KEY] = {"eventVersion", 12},
    [EVENT_TIME_KEY] = {"eventTime", 9},
    [CLOUD_TRAIL_EVENT_KEY] = {"CloudTrailEvent", 15},
    [DETAIL_TYPE_KEY] = {"detail-type", 11},
    [DETAIL_KEY] = {"detail", 6},
    [MESSAGE_TYPE_KEY] = {"messageType", 11},
    [LOG_EVENTS_KEY] = {"logEvents", 9},
    [MESSAGE_KEY] = {"message", 7},
    [EVENT_KEY] = {"event", 5},
    [EVENT_ORIGINAL_KEY] = {"event.original", 14},
    [SOURCE_KEY] = {"_source", 7},
};

static bool is_string(struct span value)
{
    return value.len >= 2 && value.ptr[0] == '"';
}

static bool is_object(struct span value)
{
    return value.len >= 2 && value.ptr[0] == '{';
}

static bool is_array(struct span value)
{
    return value.len >= 2 && value.ptr[0] == '[';
}

static struct span raw_text(struct span value)
{
    return span_of(value.ptr + 1, value.len - 2);
}

/* Take the next character that is no white space off a raw string; 0 if
 * none is left or its escape is none of JSON's. */
static uint32_t take_character(struct span *raw)
{
    while (raw->len > 0) {
        uint32_t code = (unsigned char)raw->ptr[0];
        size_t bytes = code == '\\' ? json_string_escape(*raw, &code) : 1;

        if (bytes == 0)
            break;
        *raw = span_of(raw->ptr + bytes, raw->len - bytes);
        if (code != ' ' && code != '\t' && code != '\n' && code != '\r')
            return code;
    }
    return 0;
}

static bool is_one_of(uint32_t code, const char *characters)
{
    return code > 0 && code < 0x80 && strchr(characters, (int)code);
}

/* Does the string begin as JSON does (cloudtrail.md 4)? A shipper's message
 * may be any text, "[INFO] started" too. */
static bool holds_json(struct span value)
{
    struct span raw;

    if (!is_string(value))
        return false;
    raw = raw_text(value);
    return is_one_of(take_character(&raw), "{[") &&
           is_one_of(take_character(&raw), "\"{[]}");
}

/* Does the raw JSON value `value` spell the string `text`? */
static bool value_is(struct span value, struct span text)
{
    return is_string(value) && json_string_spells(raw_text(value), text);
}

/* "AWS API Call via CloudTrail" and its like; Insights are no calls. */
static bool is_via_cloudtrail(struct span value)
{
    char name[JSON_KEY_BYTES];
    size_t len = is_string(value) ? json_string_key(raw_text(value), name) : 0;
    struct span text = span_of(name, len <= JSON_KEY_BYTES ? len : 0);

    return span_ends_with_fold(text, SPAN(" via CloudTrail")) &&
           !span_starts_with_fold(text, SPAN("AWS Insight"));
}

static void note(struct span *met, const struct member *member)
{
    for (int i = 0; i < TELLING_COUNT; i++)
        if (json_string_spells(member->key, telling_keys[i])) {
            if (!span_present(met[i]))
                met[i] = member->value;
            return;
        }
}

static bool is_record(const struct span *met)
{
    return span_present(met[EVENT_SOURCE_KEY]) &&
           (span_present(met[EVENT_VERSION_KEY]) ||
            span_present(met[EVENT_TIME_KEY]));
}

static bool is_notification(const struct span *met)
{
    return value_is(met[EVENT_SOURCE_KEY], SPAN("aws:s3"));
}

/* `event.original`, written as one key or as two. */
static struct span original_of(const struct span *met)
{
    struct members members;
    struct member member;

    if (span_present(met[EVENT_ORIGINAL_KEY]) || !is_object(met[EVENT_KEY]))
        return met[EVENT_ORIGINAL_KEY];
    members_init(&members, met[EVENT_KEY]);
    while (members_next(&members, &member) > 0)
        if (json_string_spells(member.key, SPAN("original")))
            return member.value;
    return SPAN_ABSENT;
}

/* The rows of the table behind the record's own, in its order. */
static enum shape wrapping(const struct span *met, struct span *inner)
{
    struct span original = original_of(met);

    if (is_via_cloudtrail(met[DETAIL_TYPE_KEY]) && is_object(met[DETAIL_KEY])) {
        *inner = met[DETAIL_KEY];
        return SHAPE_DETAIL;
    }
    if (value_is(met[MESSAGE_TYPE_KEY], SPAN("DATA_MESSAGE")) &&
        span_present(met[LOG_EVENTS_KEY])) {
        *inner = met[LOG_EVENTS_KEY];
        return SHAPE_LOGS;
    }
    *inner = holds_json(met[MESSAGE_KEY]) ? met[MESSAGE_KEY] : original;
    if (!holds_json(*inner))
        *inner = met[SOURCE_KEY];
    if (holds_json(*inner))
        return SHAPE_TEXT;
    return is_object(*inner) || is_array(*inner) ? SHAPE_SOURCE : SHAPE_FOREIGN;
}

enum shape shape_of(struct span object, enum shape_place place,
                    struct span *inner)
{
    struct span met[TELLING_COUNT] = {{NULL, 0}};
    struct members members;
    struct member member;
    int more;

    members_init(&members, object);
    while ((more = members_next(&members, &member)) > 0) {
        note(met, &member);
        if (place == SHAPE_IN_EVENTS)
            continue;
        if (is_notification(met))
            return SHAPE_FOREIGN;
        if (is_record(met) ||
            (place == SHAPE_IN_RECORDS && span_present(met[EVENT_SOURCE_KEY])))
            return SHAPE_RECORD;
    }
    if (place == SHAPE_IN_RECORDS)
        return SHAPE_RECORD;
    if (more < 0)
        return SHAPE_BROKEN;
    if (place == SHAPE_ANYWHERE)
        return wrapping(met, inner);
    *inner = met[CLOUD_TRAIL_EVENT_KEY];
    return holds_json(*inner) ? SHAPE_TEXT : SHAPE_FOREIGN;
}
