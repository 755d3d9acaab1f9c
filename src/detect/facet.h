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

/* What `event` shows, borrowed from it; absent if it does not. Inline, so that
 * of a facet known in advance nothing is left but a load. */
static inline struct span facet_of(const struct event *event, enum facet facet)
{
    switch (facet) {
    case FACET_EVENT_NAME:
        return event->field[EVENT_NAME];
    case FACET_ACCESS_KEY_ID:
        return event->field[EVENT_ACCESS_KEY_ID];
    case FACET_USER_AGENT:
        return event->field[EVENT_USER_AGENT];
    case FACET_EVENT_SOURCE:
        return event->field[EVENT_SOURCE];
    case FACET_REGION:
        return event->field[EVENT_AWS_REGION];
    case FACET_ERROR_CODE:
        return event->field[EVENT_ERROR_CODE];
    case FACET_EC2_ROLE_DELIVERY:
        return event->field[EVENT_EC2_ROLE_DELIVERY];
    case FACET_VPC_ENDPOINT_ID:
        return event->field[EVENT_VPC_ENDPOINT_ID];
    case FACET_ACCOUNT:
        return event_account(event);
    case FACET_ROLE:
        return event_role(event);
    case FACET_COUNT:
        break;
    }
    return SPAN_ABSENT;
}

/*
 * Free text that anyone may choose without end: reports show the 64
 * smallest by bytes and say that there are more (rule.md 2, "set caps").
 */
#define FACET_CAP 64
bool facet_is_capped(enum facet facet);

#endif
