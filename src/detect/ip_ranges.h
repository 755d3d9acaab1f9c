/*
 * ip_ranges.h - the addresses that are AWS's own: ip-ranges.json as AWS
 * publishes it.
 *
 * The format is AWS's, "AWS IP address ranges" in the VPC user guide: a
 * prefix is listed once for AMAZON and once more for each service that it
 * belongs to, and wider prefixes hold narrower ones.
 *
 * Filled by one thread; once read, any thread may look.
 */
#ifndef OFFBOX_DETECT_IP_RANGES_H
#define OFFBOX_DETECT_IP_RANGES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/prefix_map.h"
#include "base/strings.h"
#include "detect/owner.h"

/* Of one listed prefix, names in `names`. */
struct ip_range {
    uint32_t service, region;
};

struct ip_ranges {
    struct span sync_token;  /* when it was published, seconds since 1970 in
                              * digits */
    struct span create_date; /* the same as 2024-05-14-09-41-07, UTC */

    struct prefix_map map; /* values: positions in `ranges` */
    struct ip_range *ranges;
    size_t count, capacity;
    struct strings names;
};

void ip_ranges_init(struct ip_ranges *ranges);
void ip_ranges_release(struct ip_ranges *ranges);

/*
 * Read the document `json` into `ranges`, which was initialized and nothing
 * more. Members that AWS may add are stepped over; of those that it
 * documents, network_border_group alone is not asked for. -1 and `err` if
 * one is missing or wrong, no prefix is listed, or memory is out.
 */
int ip_ranges_read(struct ip_ranges *ranges, struct span json, struct err *err);

/* Is the address in one of the prefixes? */
bool ip_ranges_hold(const struct ip_ranges *ranges, struct ip address);

/*
 * Put what is known of a public address into `owner`. Its names are borrowed
 * from `ranges`, their array is of the arena. -1 when memory is out.
 */
int ip_ranges_find(const struct ip_ranges *ranges, struct ip address,
                   struct arena *arena, struct owner *owner);

#endif
