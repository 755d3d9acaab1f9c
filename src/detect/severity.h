/*
 * severity.h - how bad an alert is, in the steps that all formats know.
 */
#ifndef OFFBOX_DETECT_SEVERITY_H
#define OFFBOX_DETECT_SEVERITY_H

#include "base/span.h"

enum severity {
    SEVERITY_INFORMATIONAL,
    SEVERITY_LOW,
    SEVERITY_MEDIUM,
    SEVERITY_HIGH,
    SEVERITY_CRITICAL,
    SEVERITY_COUNT,
};

/* "informational" … Static. */
const char *severity_name(enum severity severity);

/* The severity of that name; false if there is none. */
bool severity_parse(struct span name, enum severity *severity);

/* By the points of a verdict: 8 or more critical, 5 high, 3 medium, 1 low. */
enum severity severity_of_points(int points);

#endif
