/*
 * owner.h - who owns an address, as far as the files tell that were given:
 * AWS's list of its ranges (ip_ranges.h) and databases (address_db.h).
 */
#ifndef OFFBOX_DETECT_OWNER_H
#define OFFBOX_DETECT_OWNER_H

#include "base/address_db.h"

/* Zeroed, nothing is known. */
struct owner {
    /* Of the narrowest of AWS's prefixes that holds the address: "EC2", by
     * bytes; AMAZON, which all are, only if there is no other. None: it is in
     * no prefix, or no list was given. */
    struct span *services;
    size_t service_count;
    struct span aws_region; /* "eu-west-1", "GLOBAL"; absent without services */

    bool outside_aws; /* a list was given, the address is public, and it is in
                       * no prefix */

    struct address_facts facts; /* of the databases */
};

/* Is there anything to show? */
bool owner_is_known(const struct owner *owner);

#endif
