/*
 * report.h - what one run found: the formats' only input.
 */
#ifndef OFFBOX_REPORT_REPORT_H
#define OFFBOX_REPORT_REPORT_H

#include "detect/aggregate.h"
#include "detect/alert.h"
#include "detect/focus.h"
#include "detect/outcome.h"
#include "detect/owners.h"
#include "detect/policy.h"
#include "evidence/facts.h"
#include "evidence/located.h"
#include "evidence/traces.h"
#include "input/ledger.h"
#include "input/walk.h"
#include "state/dedup.h"

/* What partials had to do with it. Their own ledgers are in the report's. */
struct report_partials {
    uint64_t merged;      /* among the inputs, and of these … */
    uint64_t again;       /* … counted already in others, … */
    uint64_t overlapping; /* … and in part: figures count some inputs twice */
    bool upper_bounds;    /* some events are only counted: what was delivered
                           * twice counts twice */
    bool timeframe;       /* one was given to any of the runs */
    bool written;         /* one was, instead of alerts, of … */
    uint64_t groups, rows; /* … so many address pairs and identities */
};

struct report {
    struct ledger ledger;
    enum input_status *ended; /* how each input of the walk did */
    struct outcome_counts outcomes;
    uint64_t instances; /* distinct, among kept events */
    uint64_t pairs;     /* distinct (instance, address), likewise */

    /* Records that were parsed: by the fast extractor, and by the reference
     * because something in them was unusual. */
    uint64_t extracted, handed_on;

    struct aggregate aggregate; /* what the alerts borrow from */
    struct focus focus;         /* of the instances that were asked for */
    struct alert_list alerts;

    /* What verdicts were judged from; NULL and empty without evidence. */
    struct facts *facts;
    struct located located;
    struct traces traces; /* of the inputs, for cases; else empty */

    timestamp now;            /* the run's clock */
    struct policy_use policy; /* the lines and how often each held, … */
    struct policy_use located_policy; /* … and for locations that partials
                                       * hold */
    const struct owners
        *owners; /* who told whose an address is; NULL: nobody */
    uint64_t min_ips;
    struct dedup_fields dedup; /* what makes an alert's DedupEntity */
    bool ipv6_counted;

    struct timeframe timeframe;

    struct report_partials partials;
    struct hash128 inputs_digest; /* of the run's own, if one is written */

    /* No input held a CloudTrail record: coverage is incomplete, since a
     * failed sync must not look like a clean account. With a time frame it
     * is an hour in which nothing was delivered. */
    bool nothing_read;
};

/* Releasing a zeroed report is safe. */
void report_release(struct report *report);

/* Did everything that should be read get read? */
bool report_is_incomplete(const struct report *report);

/* How many alerts are of `severity` or above; all that have no verdict are
 * medium. */
size_t report_count_alerts(const struct report *report, enum severity severity);

/* Of one alert's instance in `report->focus`: its position, or SIZE_MAX if
 * it was not asked for. */
size_t report_focus_of(const struct report *report, const struct alert *alert);

#endif
