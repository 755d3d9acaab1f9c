/*
 * dedup.h - which fields say that two alerts are one (rule.md 4).
 *
 * The one place that knows an alert's DedupEntity: what the reports print
 * and what the history compares are the same bytes.
 */
#ifndef OFFBOX_STATE_DEDUP_H
#define OFFBOX_STATE_DEDUP_H

#include "base/buf.h"
#include "base/err.h"
#include "detect/alert.h"

/* The scalar members of an alert's JSON form, by name, descending: the
 * order in which their values are joined. */
enum dedup_field {
    DEDUP_TIME_GENERATED,
    DEDUP_SOURCE_IP_ADDRESS,
    DEDUP_RULE_NAME,
    DEDUP_RULE_ID,
    DEDUP_INSTANCE_ID,
    DEDUP_IP_COUNT,
    DEDUP_EVENT_COUNT,
    DEDUP_FIELD_COUNT,
};

/* A set of fields: bit n stands for the dedup_field n. */
struct dedup_fields {
    unsigned set;
};

/* The query's own list, TimeGenerated, silences a second instance that is
 * hit in the same second, and alerts anew whenever the first event has
 * left the time frame. */
#define DEDUP_FIELDS_DEFAULT                                    \
    {                                                           \
        1u << DEDUP_SOURCE_IP_ADDRESS | 1u << DEDUP_INSTANCE_ID \
    }

/*
 * The names in `list`, separated by commas; their order and repetitions
 * mean nothing. 0; or -1 and `err`, which lists the scalar fields with
 * those first that are spelt most like the wrong one.
 */
int dedup_fields_parse(struct span list, struct dedup_fields *fields,
                       struct err *err);

/* Append the fields' names, joined by '|' in the order of their values. */
void dedup_fields_names(struct buf *joined, struct dedup_fields fields);

/* Append the values of the alert's dedup fields, joined by '|'. What is
 * null in the alert's JSON form is empty text. */
void dedup_entity(struct buf *entity, struct dedup_fields fields,
                  const struct alert *alert);

#endif
