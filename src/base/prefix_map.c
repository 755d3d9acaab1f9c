/* A sorted array with a way outward from each entry: see prefix_map.h. */
#include "base/prefix_map.h"

#include "base/search.h"
#include "base/sys.h"

#include <stdlib.h>

void prefix_map_release(struct prefix_map *map)
{
    if (!map)
        return;
    sys_free(map->entries);
    *map = (struct prefix_map){0};
}

/* `ip` with the bits behind `prefix` cleared. */
static struct ip masked(struct ip ip, unsigned prefix)
{
    for (size_t i = 0; i < sizeof(ip.bytes); i++) {
        unsigned left = prefix > 8 * i ? prefix - (unsigned)(8 * i) : 0;

        if (left < 8)
            ip.bytes[i] &= (uint8_t)(0xff00U >> left);
    }
    return ip;
}

int prefix_map_add(struct prefix_map *map, struct ip net, unsigned prefix,
                   uint32_t value)
{
    struct prefix_entry *moved =
        sys_grow(map->entries, &map->capacity, map->count + 1, sizeof(*moved));

    if (!moved || map->count >= PREFIX_NONE)
        return -1;
    map->entries = moved;
    map->entries[map->count++] = (struct prefix_entry){
        masked(net, prefix), (uint8_t)prefix, value, PREFIX_NONE};
    return 0;
}

static int entries_in_order(const void *left, const void *right)
{
    const struct prefix_entry *a = left, *b = right;
    int order = ip_cmp(a->net, b->net);

    if (!order)
        order = (a->prefix > b->prefix) - (a->prefix < b->prefix);
    return order ? order : (a->value > b->value) - (a->value < b->value);
}

static bool same_prefix(const struct prefix_entry *a,
                        const struct prefix_entry *b)
{
    return a->prefix == b->prefix && ip_cmp(a->net, b->net) == 0;
}

static bool holds(const struct prefix_entry *entry, struct ip ip)
{
    return ip_in_prefix(ip, entry->net, entry->prefix);
}

void prefix_map_finish(struct prefix_map *map)
{
    struct prefix_entry *entries = map->entries;

    if (map->count > 1)
        qsort(entries, map->count, sizeof(*entries), entries_in_order);
    for (size_t i = 1; i < map->count; i++) {
        uint32_t outer = (uint32_t)i - 1;

        if (same_prefix(&entries[i], &entries[outer])) {
            entries[i].outer = entries[outer].outer;
            continue;
        }
        while (outer != PREFIX_NONE && !holds(&entries[outer], entries[i].net))
            outer = entries[outer].outer;
        entries[i].outer = outer;
    }
}

static int by_net(const void *entry, const void *ip)
{
    return ip_cmp(((const struct prefix_entry *)entry)->net,
                  *(const struct ip *)ip);
}

uint32_t prefix_map_first(const struct prefix_map *map, struct ip ip)
{
    size_t behind = search_behind(map->entries, map->count,
                                  sizeof(*map->entries), &ip, by_net);
    uint32_t at = behind > 0 ? (uint32_t)behind - 1 : PREFIX_NONE;

    while (at != PREFIX_NONE && !holds(&map->entries[at], ip))
        at = map->entries[at].outer;
    return at;
}

uint32_t prefix_map_next(const struct prefix_map *map, uint32_t at)
{
    const struct prefix_entry *entry = &map->entries[at];

    return at > 0 && same_prefix(entry, entry - 1) ? at - 1 : entry->outer;
}
