/* Asked once an address that is shown, when all is merged. */
#include "detect/owners.h"

#include "detect/location.h"

void owners_release(struct owners *owners)
{
    if (owners)
        ip_ranges_release(&owners->ranges);
}

int owners_read_ranges(struct owners *owners, struct span json, struct err *err)
{
    ip_ranges_release(&owners->ranges);
    ip_ranges_init(&owners->ranges);
    owners->has_ranges = ip_ranges_read(&owners->ranges, json, err) == 0;
    return owners->has_ranges ? 0 : -1;
}

const struct ip_ranges *owners_ranges(const struct owners *owners)
{
    return owners->has_ranges ? &owners->ranges : NULL;
}

static bool is_public(struct ip address)
{
    enum location_kind kind = location_kind_of(address);

    return kind == LOCATION_PUBLIC || kind == LOCATION_IPV6;
}

static int find_owner(const struct owners *owners, struct arena *arena,
                      struct alert_ip *ip)
{
    if (!is_public(ip->address) || !owners->has_ranges)
        return 0;
    return ip_ranges_find(&owners->ranges, ip->address, arena, &ip->owner);
}

int owners_fill(const struct owners *owners, struct alert_list *list,
                struct err *err)
{
    for (size_t i = 0; i < list->count; i++)
        for (size_t ip = 0; ip < list->items[i].ip_count; ip++)
            if (find_owner(owners, &list->arena, &list->items[i].ips[ip]) < 0)
                return err_memory(err);
    return 0;
}
