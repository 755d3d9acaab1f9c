/* The questions: nothing is known yet. */
#include "detect/facts.h"

uint64_t facts_people_calls(const struct facts *facts, struct ip location,
                            timestamp *first)
{
    (void)facts;
    (void)location;
    *first = TIMESTAMP_UNKNOWN;
    return 0;
}

unsigned facts_instances_at(const struct facts *facts, struct ip location)
{
    (void)facts;
    (void)location;
    return 0;
}

enum network_match facts_network(const struct facts *facts,
                                 struct span instance_id, struct ip address,
                                 char why[FACTS_WHY_BYTES])
{
    (void)facts;
    (void)instance_id;
    (void)address;
    why[0] = '\0';
    return NETWORK_UNKNOWN;
}

bool facts_owns(const struct facts *facts, struct span instance_id,
                struct ip location, timestamp from, timestamp to,
                char why[FACTS_WHY_BYTES])
{
    (void)facts;
    (void)instance_id;
    (void)location;
    (void)from;
    (void)to;
    why[0] = '\0';
    return false;
}

bool facts_is_egress(const struct facts *facts, struct ip location)
{
    (void)facts;
    (void)location;
    return false;
}

bool facts_stopped_before(const struct facts *facts, struct span instance_id,
                          timestamp time, timestamp *stopped, bool *terminated)
{
    (void)facts;
    (void)instance_id;
    (void)time;
    *stopped = TIMESTAMP_UNKNOWN;
    *terminated = false;
    return false;
}

bool facts_address_change(const struct facts *facts, struct span instance_id,
                          timestamp from, timestamp to, timestamp *when,
                          struct span *event_name)
{
    (void)facts;
    (void)instance_id;
    (void)from;
    (void)to;
    *when = TIMESTAMP_UNKNOWN;
    *event_name = SPAN_ABSENT;
    return false;
}

bool facts_reached(const struct facts *facts, struct span instance_id,
                   struct ip location, timestamp before, timestamp *when,
                   struct span *event_name, struct span *who)
{
    (void)facts;
    (void)instance_id;
    (void)location;
    (void)before;
    *when = TIMESTAMP_UNKNOWN;
    *event_name = SPAN_ABSENT;
    *who = SPAN_ABSENT;
    return false;
}

struct span facts_platform(const struct facts *facts, struct span instance_id)
{
    (void)facts;
    (void)instance_id;
    return SPAN_ABSENT;
}

bool facts_knows_launch(const struct facts *facts, struct span instance_id)
{
    (void)facts;
    (void)instance_id;
    return false;
}

struct span facts_key_issuer(const struct facts *facts, struct span access_key)
{
    (void)facts;
    (void)access_key;
    return SPAN_ABSENT;
}

bool facts_is_recipient(const struct facts *facts, struct span account)
{
    (void)facts;
    (void)account;
    return false;
}
