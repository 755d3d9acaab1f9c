/*
 * finding.h - an alert as formats for other programs tell it: what its
 * first event's record says beyond the facets, names made of these, and
 * texts for a person.
 *
 * An instance that is listed because it was asked for, but does not alert,
 * is no finding.
 */
#ifndef OFFBOX_REPORT_FINDING_H
#define OFFBOX_REPORT_FINDING_H

#include "base/arena.h"
#include "base/out.h"
#include "event/event.h"
#include "report/report.h"

/* MITRE ATT&CK's names for the rule's tactic and technique; they are the
 * same in every version since 7. */
#define ATTACK_VERSION      "17.1"
#define ATTACK_TACTIC       "Persistence"
#define ATTACK_TECHNIQUE    "Valid Accounts"
#define ATTACK_TECHNIQUE_ID "T1078"
#define ATTACK_SUBTECHNIQUE "Cloud Accounts"

#define RULE_VERSION "1.2"
#define RULE_REFERENCE                                  \
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/" \
    "id_roles_use_switch-role-ec2_instance-profiles.html"

/* Spans are borrowed from the alert, or belong to the arena; absent: not
 * known. */
struct finding {
    const struct report *report;
    const struct alert *alert;
    const struct alert_ip *suspect;

    struct event event; /* the suspect's first; secrets are removed */
    timestamp time;     /* its time; the run's clock if that is unknown */

    /* The same in every run, so that a second import updates the first:
     * `0240|198.51.100.4|i-0a`. */
    struct span uid;

    struct span account; /* 12 digits */
    struct span region;  /* the instance's if the record says so, else the
                          * one that was called */
    struct span partition;
    struct span instance_arn; /* only where account and region are known */
    struct span role_arn;
    struct span role_name;

    struct span title;
    struct span description;

    struct arena arena;
};

/* -1 when memory is out. Release it in any case. */
int finding_init(struct finding *finding, const struct report *report,
                 const struct alert *alert);
void finding_release(struct finding *finding);

/* Call `print` for each finding of the report, in order. A lack of memory
 * sticks in `out`, and ends it. */
void findings_write(const struct report *report, struct out *out,
                    void (*print)(const struct finding *, struct out *));

#endif
