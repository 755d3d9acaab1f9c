/* One table of the fields, read in its order: see dedup.h. */
#include "state/dedup.h"

#include "base/quote.h"
#include "base/spelling.h"
#include "detect/rule.h"

#include <inttypes.h>

static const char *const names[DEDUP_FIELD_COUNT] = {
    [DEDUP_TIME_GENERATED] = "TimeGenerated",
    [DEDUP_SOURCE_IP_ADDRESS] = "SourceIpAddress",
    [DEDUP_RULE_NAME] = "RuleName",
    [DEDUP_RULE_ID] = "RuleId",
    [DEDUP_INSTANCE_ID] = "InstanceId",
    [DEDUP_IP_COUNT] = "IPCount",
    [DEDUP_EVENT_COUNT] = "EventCount",
};

static bool has(struct dedup_fields fields, unsigned field)
{
    return fields.set >> field & 1;
}

/* Refuse `name` and list the fields, the nearest first. */
static int refuse(struct span name, struct err *err)
{
    struct dedup_fields listed = {0};
    struct buf list = BUF_INIT;
    struct quoted quoted;

    for (unsigned n = 0; n < DEDUP_FIELD_COUNT; n++) {
        unsigned nearest = 0, nearest_distance = UINT32_MAX;

        for (unsigned i = 0; i < DEDUP_FIELD_COUNT; i++) {
            unsigned apart = spelling_distance(name, span_str(names[i]));

            if (!has(listed, i) && apart < nearest_distance) {
                nearest = i;
                nearest_distance = apart;
            }
        }
        listed.set |= 1u << nearest;
        buf_printf(&list, "%s%s", n ? ", " : "", names[nearest]);
    }
    err_set(err,
            "'%s' is no scalar field of an alert; those are, the nearest "
            "first: %s",
            quote(&quoted, name), buf_str(&list) ? buf_str(&list) : "?");
    buf_release(&list);
    return -1;
}

int dedup_fields_parse(struct span list, struct dedup_fields *fields,
                       struct err *err)
{
    struct dedup_fields parsed = {0};

    for (size_t at = 0; at <= list.len;) {
        const char *comma = memchr(list.ptr + at, ',', list.len - at);
        size_t end = comma ? (size_t)(comma - list.ptr) : list.len;
        struct span name = span_of(list.ptr + at, end - at);
        unsigned field = 0;

        while (field < DEDUP_FIELD_COUNT &&
               !span_eq(name, span_str(names[field])))
            field++;
        if (field == DEDUP_FIELD_COUNT)
            return refuse(name, err);
        parsed.set |= 1u << field;
        at = end + 1;
    }
    *fields = parsed;
    return 0;
}

void dedup_fields_names(struct buf *joined, struct dedup_fields fields)
{
    bool any = false;

    for (unsigned i = 0; i < DEDUP_FIELD_COUNT; i++) {
        if (!has(fields, i))
            continue;
        if (any)
            buf_add_char(joined, '|');
        buf_add(joined, span_str(names[i]));
        any = true;
    }
}

static void add_value(struct buf *entity, enum dedup_field field,
                      const struct alert *alert)
{
    const struct alert_ip *suspect =
        alert->ip_count ? &alert->ips[alert->suspect] : NULL;
    char text[TIMESTAMP_TEXT_BYTES];
    char address[IP_TEXT_BYTES];

    switch (field) {
    case DEDUP_TIME_GENERATED:
        if (alert->time == TIMESTAMP_UNKNOWN)
            return;
        timestamp_format(alert->time, text);
        buf_add(entity, span_str(text));
        return;
    case DEDUP_SOURCE_IP_ADDRESS:
        if (suspect)
            buf_add(entity, span_str(ip_format(suspect->address, address)));
        return;
    case DEDUP_RULE_NAME:
        buf_add(entity, alert_rule_name(alert));
        return;
    case DEDUP_RULE_ID:
        buf_add(entity, alert_rule_id(alert));
        return;
    case DEDUP_INSTANCE_ID:
        buf_add(entity, alert->instance_id);
        return;
    case DEDUP_IP_COUNT:
        buf_printf(entity, "%zu", alert->ip_count);
        return;
    case DEDUP_EVENT_COUNT:
        buf_printf(entity, "%" PRIu64, suspect ? suspect->count : 0);
        return;
    case DEDUP_FIELD_COUNT:
        return;
    }
}

void dedup_entity(struct buf *entity, struct dedup_fields fields,
                  const struct alert *alert)
{
    bool any = false;

    for (unsigned i = 0; i < DEDUP_FIELD_COUNT; i++) {
        if (!has(fields, i))
            continue;
        if (any)
            buf_add_char(entity, '|');
        add_value(entity, (enum dedup_field)i, alert);
        any = true;
    }
}
