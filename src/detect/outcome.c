/* Counting outcomes. */
#include "detect/outcome.h"

const char *outcome_name(enum outcome outcome)
{
    static const char *const names[OUTCOME_COUNT] = {
        [OUTCOME_OUTSIDE_WINDOW] = "outside_window",
        [OUTCOME_PRIVATE] = "private",
        [OUTCOME_INTERCONNECT] = "interconnect",
        [OUTCOME_AWS_INTERNAL] = "aws_internal",
        [OUTCOME_AWS_SERVICE] = "aws_service",
        [OUTCOME_IPV6] = "ipv6",
        [OUTCOME_NOT_AN_ADDRESS] = "not_an_address",
        [OUTCOME_ALLOWED] = "allowed",
        [OUTCOME_DUPLICATE] = "duplicate",
        [OUTCOME_KEPT] = "kept",
    };

    return outcome < OUTCOME_COUNT ? names[outcome] : "";
}

void outcome_counts_init(struct outcome_counts *counts)
{
    *counts = (struct outcome_counts){
        .first_event = TIMESTAMP_UNKNOWN,
        .last_event = TIMESTAMP_UNKNOWN,
    };
}

static void widen(struct outcome_counts *counts, timestamp time)
{
    if (time == TIMESTAMP_UNKNOWN)
        return;
    if (counts->first_event == TIMESTAMP_UNKNOWN || time < counts->first_event)
        counts->first_event = time;
    if (counts->last_event == TIMESTAMP_UNKNOWN || time > counts->last_event)
        counts->last_event = time;
}

void outcome_counts_add(struct outcome_counts *counts, enum outcome outcome,
                        timestamp time)
{
    counts->count[outcome]++;
    widen(counts, time);
}

void outcome_counts_merge(struct outcome_counts *into,
                          const struct outcome_counts *from)
{
    for (int i = 0; i < OUTCOME_COUNT; i++)
        into->count[i] += from->count[i];
    widen(into, from->first_event);
    widen(into, from->last_event);
}

uint64_t outcome_counts_total(const struct outcome_counts *counts)
{
    uint64_t total = 0;

    for (int i = 0; i < OUTCOME_COUNT; i++)
        total += counts->count[i];
    return total;
}
