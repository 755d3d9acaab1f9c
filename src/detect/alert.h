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

#endif
