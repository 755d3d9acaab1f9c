/*
 * owners.h - all that tells who owns an address. It was given; nothing is
 * ever fetched.
 */
#ifndef OFFBOX_DETECT_OWNERS_H
#define OFFBOX_DETECT_OWNERS_H

#include "detect/alert.h"
#include "detect/ip_ranges.h"

/* All zero: nothing is known. */
struct owners {
    struct ip_ranges ranges;
    bool has_ranges;
};

void owners_release(struct owners *owners);

/* Read AWS's list of its ranges, in the place of one that was read before.
 * -1 and `err` as ip_ranges_read(). */
int owners_read_ranges(struct owners *owners, struct span json,
                       struct err *err);

/* NULL if there is none. */
const struct ip_ranges *owners_ranges(const struct owners *owners);

/*
 * Fill the owner of every address of every alert; those that are not public
 * have none. Texts are borrowed from `owners` or belong to the list's arena.
 * -1 and `err` when memory is out.
 */
int owners_fill(const struct owners *owners, struct alert_list *list,
                struct err *err);

#endif
