/* Names and bounds of the severities (evidence.md, "Evidence and points"). */
#include "detect/severity.h"

static const struct {
    const char *name;
    int points; /* from which on */
} severities[SEVERITY_COUNT] = {
    [SEVERITY_INFORMATIONAL] = {"informational", 0},
    [SEVERITY_LOW] = {"low", 1},
    [SEVERITY_MEDIUM] = {"medium", 3},
    [SEVERITY_HIGH] = {"high", 5},
    [SEVERITY_CRITICAL] = {"critical", 8},
};

const char *severity_name(enum severity severity)
{
    return severities[severity].name;
}

bool severity_parse(struct span name, enum severity *severity)
{
    for (int i = 0; i < SEVERITY_COUNT; i++)
        if (span_eq(name, span_str(severities[i].name))) {
            *severity = (enum severity)i;
            return true;
        }
    return false;
}

enum severity severity_of_points(int points)
{
    int severity = SEVERITY_CRITICAL;

    while (severity > 0 && points < severities[severity].points)
        severity--;
    return (enum severity)severity;
}
