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

bool facet_is_capped(enum facet facet)
{
    return facet == FACET_USER_AGENT || facet == FACET_EVENT_SOURCE ||
           facet == FACET_REGION || facet == FACET_ERROR_CODE ||
           facet == FACET_VPC_ENDPOINT_ID;
}
