/*
 * events.h - events from a few literals, for the tests of src/detect/
 * and src/evidence/.
 */
#ifndef OFFBOX_TESTS_EVENTS_H
#define OFFBOX_TESTS_EVENTS_H

#include "unit.h"

#include "base/arena.h"
#include "base/ip.h"
#include "detect/aggregate.h"
#include "event/event.h"

#include <stdarg.h>
#include <stdio.h>

/* What a test says of an event; NULL is absent. */
struct literal {
    const char *id, *time, *name;
    const char *key, *agent, *source, *region, *error;
    const char *delivery, *endpoint, *account, *role;
    const char *record; /* the whole text; {} unless given */
};

/* An event that borrows the literal's strings. */
static inline struct event event_from(struct literal literal)
{
    struct event event = {.record = literal.record ? span_str(literal.record)
                                                   : SPAN("{}")};

    event.field[EVENT_ID] = span_str(literal.id);
    event.field[EVENT_TIME] = span_str(literal.time);
    event.field[EVENT_NAME] = span_str(literal.name);
    event.field[EVENT_ACCESS_KEY_ID] = span_str(literal.key);
    event.field[EVENT_USER_AGENT] = span_str(literal.agent);
    event.field[EVENT_SOURCE] = span_str(literal.source);
    event.field[EVENT_AWS_REGION] = span_str(literal.region);
    event.field[EVENT_ERROR_CODE] = span_str(literal.error);
    event.field[EVENT_EC2_ROLE_DELIVERY] = span_str(literal.delivery);
    event.field[EVENT_VPC_ENDPOINT_ID] = span_str(literal.endpoint);
    event.field[EVENT_ACCOUNT_ID] = span_str(literal.account);
    event.field[EVENT_ROLE_ARN] = span_str(literal.role);
    event.time = timestamp_parse(event.field[EVENT_TIME]);
    return event;
}

/* EVENT(.id = "e1", .time = "2022-02-22T10:05:00Z") */
#define EVENT(...) event_from((struct literal){__VA_ARGS__})

/* The address that `text` spells, of either family. */
static inline struct ip address_of(const char *text)
{
    struct ip ip = IP_ABSENT;
    unsigned prefix;

    if (!ip_parse_v4(span_str(text), &ip, &prefix) &&
        !ip_parse_v6(span_str(text), &ip))
        fail_msg("no address: %s", text);
    return ip;
}

/* A string that lives as long as the arena. */
static inline const char *text_in(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline const char *text_in(struct arena *arena, const char *format, ...)
{
    char text[512];
    va_list args;
    int len;
    struct span copy;

    va_start(args, format);
    len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    assert_true(len >= 0 && (size_t)len < sizeof(text));
    copy = arena_copy(arena, span_of(text, (size_t)len + 1));
    assert_non_null(copy.ptr);
    return copy.ptr;
}

/* One kept event, whatever the aggregate does with it. */
static inline enum outcome add_event(struct aggregate *agg,
                                     const struct event *event,
                                     struct span instance_id, struct ip address)
{
    struct aggregate_key key;

    assert_int_equal(aggregate_prepare(agg, event, instance_id, address, &key),
                     0);
    aggregate_prefetch(agg, &key);
    return aggregate_add(agg, &key, event, instance_id, address);
}

#endif
