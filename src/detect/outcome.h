/*
 * outcome.h - what became of each `:i-` event: exactly one of these.
 * (rule.md 1.3.) The order is that in which an outcome is looked for.
 */
#ifndef OFFBOX_DETECT_OUTCOME_H
#define OFFBOX_DETECT_OUTCOME_H

#include "base/timestamp.h"

#include <stdint.h>

enum outcome {
    OUTCOME_OUTSIDE_WINDOW,
    OUTCOME_PRIVATE,
    OUTCOME_INTERCONNECT,
    OUTCOME_AWS_INTERNAL,
    OUTCOME_AWS_SERVICE,
    OUTCOME_IPV6,
    OUTCOME_NOT_AN_ADDRESS,
    OUTCOME_ALLOWED,
    OUTCOME_DUPLICATE,
    OUTCOME_KEPT,
    OUTCOME_COUNT,
    OUTCOME_NO_INSTANCE = OUTCOME_COUNT, /* no `:i-` event: not counted */
};

/* The name in the summary: "private", "not_an_address" … Static. */
const char *outcome_name(enum outcome outcome);

/* How many of each, and the span of eventTimes of all of them. */
struct outcome_counts {
    uint64_t count[OUTCOME_COUNT];
    timestamp first_event; /* TIMESTAMP_UNKNOWN while none had a time */
    timestamp last_event;
};

void outcome_counts_init(struct outcome_counts *counts);

/* One event more; a time that is unknown widens nothing. */
void outcome_counts_add(struct outcome_counts *counts, enum outcome outcome,
                        timestamp time);

/* Commutative and associative. */
void outcome_counts_merge(struct outcome_counts *into,
                          const struct outcome_counts *from);

/* The sum over all outcomes. */
uint64_t outcome_counts_total(const struct outcome_counts *counts);

#endif
