/* What one address's owner is asked. */
#include "detect/owner.h"

bool owner_is_known(const struct owner *owner)
{
    const struct address_facts *facts = &owner->facts;

    return owner->service_count > 0 || owner->outside_aws || facts->asn ||
           span_present(facts->organization) || span_present(facts->country);
}
