/*
 * scan_options.h - what a run is asked for: what scan.c and its workers
 * both need to know.
 */
#ifndef OFFBOX_SCAN_OPTIONS_H
#define OFFBOX_SCAN_OPTIONS_H

#include "detect/filter.h"
#include "detect/identity.h"
#include "detect/owners.h"
#include "detect/rule.h"
#include "input/inflate.h"
#include "input/walk.h"
#include "state/dedup.h"

struct state;

/* Where a partial is written, instead of alerts. */
struct partial_target {
    const char *name; /* for messages */
    int fd;
    bool gzip;
    bool tallies; /* without the identities of events */
};

struct scan_options {
    struct state *state; /* what is folded already; NULL: nothing is */
    const struct partial_target *partial; /* NULL: alerts are wanted */
    struct filter_options filter;
    struct rule_options rule;
    const struct policy *policy; /* finished; NULL: none */
    struct owners *owners;       /* whose an address is; NULL: nobody knows */
    struct dedup_fields dedup;
    struct timeframe timeframe; /* what the walk was cut to */
    bool sharded;  /* the walk was cut to a shard, which may well be empty */
    timestamp now; /* the run's clock; unknown: nothing asks for it */
    bool keep_duplicates;
    enum identity_reach identities; /* scan_run() chooses, unless there is a
                                     * state */
    bool extended; /* learn facts and judge the evidence; and from which
                    * severity on cases are given */
    enum severity min_severity;
    bool cases;                 /* their records are wanted, too */
    bool keep_skips;            /* note every skipped input, for --verbose */
    uint64_t max_inflate_bytes; /* see inflate_limit() */
    struct meter *meter;        /* drawn while inputs are read; NULL: none */
    unsigned threads; /* 0: as many as the CPUs this process may use. The
                       * result does not depend on it. */
};

#define SCAN_OPTIONS_DEFAULT                                  \
    ((struct scan_options){.filter = FILTER_OPTIONS_DEFAULT,  \
                           .rule = {.min_ips = RULE_MIN_IPS}, \
                           .dedup = DEDUP_FIELDS_DEFAULT,     \
                           .min_severity = SEVERITY_MEDIUM,   \
                           .now = TIMESTAMP_UNKNOWN,          \
                           .max_inflate_bytes = INFLATE_MAX_BYTES})

#endif
