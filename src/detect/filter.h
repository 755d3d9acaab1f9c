/*
 * filter.h - which events count: the principal and the address.
 *
 * The address rules are Kusto's, to the byte (rule.md 1.2): `not(null)` is
 * null and drops, so only what Kusto reads as an IPv4 address is kept.
 */
#ifndef OFFBOX_DETECT_FILTER_H
#define OFFBOX_DETECT_FILTER_H

#include "base/ip.h"
#include "detect/outcome.h"
#include "detect/policy.h"
#include "event/event.h"

struct filter_options {
    bool ipv6; /* count public IPv6 addresses, too */

    /* The window of eventTime: `since` belongs to it, `until` does not. An
     * event without a readable time is never outside. */
    timestamp since, until;

    /* Whose `ignore` lines drop events, with their hits; NULL: none. */
    struct policy_use *policy;
};

/* The rule as it is, at any time. */
#define FILTER_OPTIONS_DEFAULT                                        \
    {                                                                 \
        .ipv6 = false, .since = INT64_MIN, .until = TIMESTAMP_UNKNOWN \
    }

/* What the filter found out about one event. */
struct verdict {
    enum outcome outcome; /* OUTCOME_KEPT; or why not; NO_INSTANCE if the
                           * event is no `:i-` call at all */
    struct span instance; /* InstanceId, borrowed from the event; absent for
                           * NO_INSTANCE */
    struct ip address;    /* IP_ABSENT unless kept */
};

/*
 * The outcome of one sourceIPAddress: OUTCOME_KEPT and the address to
 * group by, or one of the address reasons. The documentation nets,
 * 100.64/10, 127/8, 169.254/16, 0/8 and multicast are kept: Kusto calls
 * only RFC 1918 private.
 */
enum outcome filter_address(const struct filter_options *options,
                            struct span source_ip_address, struct ip *address);

/* Does the policy ignore the event of `instance`, which has an address? For an
 * event that filter_event() drops for it; each line that holds gets a hit. */
bool filter_ignores(const struct filter_options *options,
                    const struct event *event, struct span instance);

/* Does an event of that time lie outside the window? */
bool filter_is_outside(const struct filter_options *options, timestamp time);

/* Judge an event. Each of several copies of an event is judged
 * by itself, so the order in which they come never shows. */
void filter_event(const struct filter_options *options,
                  const struct event *event, struct verdict *verdict);

#endif
