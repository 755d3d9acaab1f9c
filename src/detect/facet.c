/* Facets of events, and their order. */
#include "detect/facet.h"

const char *facet_member(enum facet facet)
{
    static const char *const members[FACET_COUNT] = {
#define X(constant, member) [constant] = member,
        FACETS(X)
#undef X
    };

    return members[facet];
}

struct span facet_of(const struct event *event, enum facet facet)
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

bool facet_is_capped(enum facet facet)
{
    return facet == FACET_USER_AGENT || facet == FACET_EVENT_SOURCE ||
           facet == FACET_REGION || facet == FACET_ERROR_CODE ||
           facet == FACET_VPC_ENDPOINT_ID;
}
