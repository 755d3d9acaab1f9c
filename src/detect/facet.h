/*
 * facet.h - what an event shows besides who made it, from where and when.
 */
#ifndef OFFBOX_DETECT_FACET_H
#define OFFBOX_DETECT_FACET_H

#include "event/event.h"

/* In the order of an alert's members (rule.md 3, `Ips`), named as there. */
#define FACETS(X)                                 \
    X(FACET_EVENT_NAME, "EventNames")             \
    X(FACET_ACCESS_KEY_ID, "AccessKeyIds")        \
    X(FACET_USER_AGENT, "UserAgents")             \
    X(FACET_EVENT_SOURCE, "EventSources")         \
    X(FACET_REGION, "Regions")                    \
    X(FACET_ERROR_CODE, "ErrorCodes")             \
    X(FACET_EC2_ROLE_DELIVERY, "Ec2RoleDelivery") \
    X(FACET_VPC_ENDPOINT_ID, "VpcEndpointIds")    \
    X(FACET_ACCOUNT, "Accounts")                  \
    X(FACET_ROLE, "Roles")

enum facet {
#define X(constant, member) constant,
    FACETS(X)
#undef X
    FACET_COUNT
};

/* The member's name in an alert, "EventNames". Static. */
const char *facet_member(enum facet facet);

/* What `event` shows, borrowed from it; absent if it does not. */
struct span facet_of(const struct event *event, enum facet facet);

/*
 * Free text that anyone may choose without end: reports show the 64
 * smallest by bytes and say that there are more (rule.md 2, "set caps").
 */
#define FACET_CAP 64
bool facet_is_capped(enum facet facet);

#endif
