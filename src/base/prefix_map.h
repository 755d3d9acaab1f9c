/*
 * prefix_map.h - numbers filed under address prefixes, found by address.
 *
 * Prefixes lie side by side or one within the other, never across. So
 * sorted by their first address, the wider first, they stand as a forest
 * does when it is walked from its roots: the last one that begins at or
 * before an address is the innermost that holds it, or lies within that.
 * One binary search and at most 129 steps outward find them all, and memory
 * grows with their number only, however they are nested.
 *
 * Filled by one thread; once finished, any thread may look.
 */
#ifndef OFFBOX_BASE_PREFIX_MAP_H
#define OFFBOX_BASE_PREFIX_MAP_H

#include "base/ip.h"

struct prefix_entry {
    struct ip net; /* the bits behind `prefix` are zero */
    uint8_t prefix;
    uint32_t value;
    uint32_t outer; /* the last entry of the next wider prefix around it */
};

struct prefix_map {
    struct prefix_entry *entries;
    size_t count;
    size_t capacity;
};

#define PREFIX_NONE UINT32_MAX

void prefix_map_release(struct prefix_map *map);

/* File `value` under the first `prefix` bits of `net`; a prefix may have
 * several values. -1 when memory is out. */
int prefix_map_add(struct prefix_map *map, struct ip net, unsigned prefix,
                   uint32_t value);

/* After the last prefix_map_add(), before the first look. */
void prefix_map_finish(struct prefix_map *map);

/*
 * The entries whose prefix holds `ip`, from the narrowest to the widest, as
 * positions in `entries`, ended by PREFIX_NONE:
 *
 *     for (at = prefix_map_first(map, ip); at != PREFIX_NONE;
 *          at = prefix_map_next(map, at))
 *
 * Of an absent address there are none.
 */
uint32_t prefix_map_first(const struct prefix_map *map, struct ip ip);
uint32_t prefix_map_next(const struct prefix_map *map, uint32_t at);

#endif
