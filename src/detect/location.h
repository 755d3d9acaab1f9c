/*
 * location.h - where a call comes from, as evidence counts it (evidence.md,
 * "Locations"). Nothing is dropped for being private.
 */
#ifndef OFFBOX_DETECT_LOCATION_H
#define OFFBOX_DETECT_LOCATION_H

#include "base/ip.h"
#include "event/event.h"

enum location_kind {
    /* A service's name, AWS Internal, a call that a service made on the
     * principal's behalf, the 198.18.0.0/15 of AWS's own interconnection, or
     * no address at all. */
    LOCATION_NONE,
    LOCATION_PUBLIC,
    /* RFC 1918; 100.64.0.0/10, which VPCs use for pods and the internet never
     * carries; IPv6 that is not public. */
    LOCATION_PRIVATE,
    LOCATION_IPV6, /* a public IPv6 /64 */
};

/* The kind of an address; an IPv4 address in IPv6 clothes is IPv4. */
enum location_kind location_kind_of(struct ip address);

/* The location that a sourceIPAddress names; IP_ABSENT with LOCATION_NONE. */
enum location_kind location_parse(struct span text, struct ip *location);

/* The event's location: its address, an IPv6 one masked to its /64; IP_ABSENT
 * with LOCATION_NONE. */
enum location_kind location_of(const struct event *event, struct ip *location);

/* The location's text: an address, or "2001:db8::/64". */
#define LOCATION_TEXT_BYTES (IP_TEXT_BYTES + 4)
const char *location_format(struct ip location, char text[LOCATION_TEXT_BYTES]);

/* Is it an instance's name: `i-` and 8 or 17 letters or digits? */
bool location_is_instance_id(struct span text);

/* The InstanceId of an instance's own session, borrowed from the event; absent
 * where it is no instance's name, or the role is named `aws:…` (instance
 * identity, ec2-infrastructure). */
struct span location_instance_of(const struct event *event);

/* Who called, as far as it is an instance, and from where. */
struct origin {
    struct span instance; /* location_instance_of() */
    enum location_kind kind;
    struct ip location; /* of location_of() */
};
struct origin location_origin_of(const struct event *event);

#endif
