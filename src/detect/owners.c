/* Asked once an address that is shown, when all is merged. */
#include "detect/owners.h"

#include "base/sys.h"
#include "detect/location.h"

void owners_release(struct owners *owners)
{
    if (!owners)
        return;
    ip_ranges_release(&owners->ranges);
    for (size_t i = 0; i < owners->db_count; i++)
        address_db_free(owners->dbs[i].db);
    sys_free(owners->dbs);
    *owners = (struct owners){0};
}

int owners_read_ranges(struct owners *owners, struct span json, struct err *err)
{
    ip_ranges_release(&owners->ranges);
    ip_ranges_init(&owners->ranges);
    owners->has_ranges = ip_ranges_read(&owners->ranges, json, err) == 0;
    return owners->has_ranges ? 0 : -1;
}

int owners_add_db(struct owners *owners, struct address_db *db,
                  const char *path, struct err *err)
{
    struct owners_db *moved = sys_grow(owners->dbs, &owners->db_capacity,
                                       owners->db_count + 1, sizeof(*moved));

    if (!moved) {
        address_db_free(db);
        return err_memory(err);
    }
    owners->dbs = moved;
    owners->dbs[owners->db_count++] =
        (struct owners_db){.db = db, .path = path};
    return 0;
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

static int ask_db(struct owners_db *db, struct ip address, struct arena *arena,
                  struct owner *owner)
{
    struct err why = ERR_NONE;
    enum address_db_status status =
        address_db_find(db->db, address, arena, &owner->facts, &why);

    if (status == ADDRESS_DB_DAMAGED && db->failed++ == 0)
        db->why = why;
    return status == ADDRESS_DB_NO_MEMORY ? -1 : 0;
}

static int find_owner(struct owners *owners, struct ip address,
                      struct arena *arena, struct owner *owner)
{
    if (!is_public(address))
        return 0;
    if (owners->has_ranges &&
        ip_ranges_find(&owners->ranges, address, arena, owner) < 0)
        return -1;
    for (size_t i = 0; i < owners->db_count; i++)
        if (ask_db(&owners->dbs[i], address, arena, owner) < 0)
            return -1;
    return 0;
}

/* The suspect's is mostly that of one of the addresses. */
static int fill_suspect(struct owners *owners, struct arena *arena,
                        struct alert *alert)
{
    struct ip suspect = alert->verdict->suspect_at;

    for (size_t i = 0; i < alert->ip_count; i++)
        if (ip_cmp(alert->ips[i].address, suspect) == 0) {
            alert->suspect_owner = alert->ips[i].owner;
            return 0;
        }
    return find_owner(owners, suspect, arena, &alert->suspect_owner);
}

static int fill_alert(struct owners *owners, struct arena *arena,
                      struct alert *alert)
{
    for (size_t i = 0; i < alert->ip_count; i++)
        if (find_owner(owners, alert->ips[i].address, arena,
                       &alert->ips[i].owner) < 0)
            return -1;
    return alert->verdict ? fill_suspect(owners, arena, alert) : 0;
}

int owners_fill(struct owners *owners, struct alert_list *list, struct err *err)
{
    for (size_t i = 0; i < list->count; i++)
        if (fill_alert(owners, &list->arena, &list->items[i]) < 0)
            return err_memory(err);
    return 0;
}

/* IP_ABSENT for what is no address. */
static struct ip address_of(struct span text)
{
    struct ip address = IP_ABSENT;
    unsigned prefix;

    if (span_present(text) && !ip_parse_v4(text, &address, &prefix) &&
        !ip_parse_v6(text, &address))
        address = IP_ABSENT;
    return ip_unmap(address);
}

int owners_fill_drops(struct owners *owners, struct focus *focus,
                      struct arena *arena, struct err *err)
{
    for (size_t i = 0; i < focus->drop_count; i++) {
        struct focus_drop *drop = &focus->drops[i];
        struct span text = strings_text(&focus->strings, drop->address);

        if (find_owner(owners, address_of(text), arena, &drop->owner) < 0)
            return err_memory(err);
    }
    return 0;
}

bool owners_failed(const struct owners *owners)
{
    for (size_t i = 0; i < owners->db_count; i++)
        if (owners->dbs[i].failed > 0)
            return true;
    return false;
}
