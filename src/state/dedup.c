/* One table of the fields, read in its order: see dedup.h. */
#include "state/dedup.h"

#include "base/quote.h"
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

/* Longer than every name: what is beyond cannot be a misspelling. */
#define NAME_MAX_BYTES 32

static bool has(struct dedup_fields fields, unsigned field)
{
    return fields.set >> field & 1;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Names are cut short more often than they are spelt otherwise. */
enum {
    COST_MISSING = 1,
    COST_WRONG = 3,
};

/* What it costs to turn `a` into `b` by putting letters in, leaving them
 * out or replacing them (Levenshtein), ASCII case folded. `a` is cut at
 * the maximum. */
static unsigned distance(struct span a, struct span b)
{
    unsigned row[NAME_MAX_BYTES + 1];

    a.len = a.len < NAME_MAX_BYTES ? a.len : NAME_MAX_BYTES;
    for (unsigned i = 0; i <= a.len; i++)
        row[i] = i * COST_WRONG;
    for (size_t j = 0; j < b.len; j++) {
        unsigned diagonal = row[0];

        row[0] += COST_MISSING;
        for (size_t i = 0; i < a.len; i++) {
            bool same = ascii_lower(a.ptr[i]) == ascii_lower(b.ptr[j]);
            unsigned replaced = diagonal + (same ? 0 : COST_WRONG);

            diagonal = row[i + 1];
            row[i + 1] = least(
                replaced, least(diagonal + COST_MISSING, row[i] + COST_WRONG));
        }
    }
    return row[a.len];
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
            unsigned apart = distance(name, span_str(names[i]));

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
        buf_add(entity, SPAN(RULE_NAME));
        return;
    case DEDUP_RULE_ID:
        buf_add(entity, SPAN(RULE_ID));
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
