/*
 * alert.h - an alert: one instance, its addresses, and the first event of
 * the least active one. Data for the reports, which know nothing of how
 * it came to be.
 *
 * All spans are borrowed from the aggregate that the alert was made from
 * (the InstanceId of an instance that was never seen, from who asked for
 * it); the arrays and the record's text belong to the list's arena.
 */
#ifndef OFFBOX_DETECT_ALERT_H
#define OFFBOX_DETECT_ALERT_H

#include "base/arena.h"
#include "base/ip.h"
#include "detect/facet.h"
#include "detect/owner.h"
#include "detect/severity.h"

/* One value of a facet, with what was counted of it. */
struct alert_value {
    struct span text;
    uint64_t count;
    timestamp first; /* unknown times are the latest of all */
    timestamp last;
};

/* The values of one facet, sorted by bytes. */
struct alert_values {
    struct alert_value *items;
    size_t count;
    size_t left_out; /* beyond FACET_CAP */
};

struct alert_hour {
    int64_t hour; /* since 1970 */
    uint64_t count;
};

struct alert_ip {
    struct ip address;
    bool expected; /* a policy line says that it is the instance's own */
    uint64_t count;
    timestamp first_seen;
    timestamp last_seen; /* unknown if the time of any event is */
    struct alert_values facet[FACET_COUNT];
    struct alert_hour *hours; /* those with events, sorted */
    size_t hour_count;
    struct owner owner; /* see owners_fill() */
};

/* Of a case, which the rule does not see. */
#define EVIDENCE_RULE_ID   "offbox-evidence"
#define EVIDENCE_RULE_NAME "Instance credentials used off the box, by evidence"

/* A reason of the evidence that held, with the figures that made it hold. */
struct alert_reason {
    struct span id; /* "human" */
    int points;
    struct span text;
};

/* A reason that could not be judged, or a location that is expected, by its
 * text; and why. */
struct alert_remark {
    struct span subject;
    struct span why;
};

/* What the evidence says (evidence.h). The arrays and texts belong to the
 * list's arena. */
struct alert_verdict {
    bool is_case; /* not the rule's own */
    enum severity severity;
    int points;
    struct span suspect;  /* the location, "2001:db8::/64"; absent if there
                           * is none but expected ones … */
    struct ip suspect_at; /* … and as an address */
    struct alert_reason *reasons;
    size_t reason_count;
    struct alert_remark *not_judged;
    size_t not_judged_count;
    struct alert_remark *expected;
    size_t expected_count;
};

struct alert {
    struct span instance_id;
    bool triggered; /* seen from enough addresses, neither muted nor known;
                     * false only for an instance shown because it was
                     * asked for */
    bool muted;     /* it would be an alert, but for the policy */
    bool known;     /* … but for the history */

    struct alert_ip *ips; /* by address; none for an instance asked for of
                           * which no event was kept */
    size_t ip_count;

    /* The least active of those that are not expected, as a position in
     * `ips`; of all, where an instance is shown that has no other. */
    size_t suspect;
    size_t *tied; /* positions of what ties with it, in order */
    size_t tied_count;

    /* The suspect's first event. */
    timestamp time;
    struct span record;             /* its compacted text */
    bool record_is_json;            /* false: a part that holds no field is
                                     * none, so print it as a string */
    struct span first[FACET_COUNT]; /* what it shows */

    const struct alert_verdict *verdict; /* NULL without evidence */
    struct owner
        suspect_owner; /* of the verdict's suspect; see owners_fill() */
};

struct alert_list {
    struct alert *items; /* by InstanceId */
    size_t count;
    size_t capacity;
    size_t triggered; /* how many of them are alerts */
    uint64_t muted;   /* alerts that the policy took off the list, or that
                       * are there as instances asked for */
    uint64_t known;   /* the same for the history */
    struct arena arena;
};

#define ALERT_LIST_INIT ((struct alert_list){.arena = ARENA_INIT})

void alert_list_release(struct alert_list *list);

/* Is it one that the rule does not see? */
bool alert_is_case(const struct alert *alert);

/* Which rule the alert is of. Static. */
struct span alert_rule_id(const struct alert *alert);
struct span alert_rule_name(const struct alert *alert);

/* The verdict's; without one, medium. */
enum severity alert_severity(const struct alert *alert);

#endif
