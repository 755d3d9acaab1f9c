/* What one address's owner is asked. */
#include "detect/owner.h"

bool owner_is_known(const struct owner *owner)
{
    return owner->service_count > 0 || owner->outside_aws;
}
