/* The questions, over the sorted facts and what facts_join.c made of them. */
#include "detect/location.h"

#include "base/search.h"
#include "evidence/facts_set.h"

#include <stdio.h>

/* An address that was taken away may still be seen for a moment: calls on
 * their way, clocks that differ. */
#define SLACK (60 * TICKS_PER_SECOND)

/* An instance has one VPC, several if interfaces of others were attached (at
 * most 15 at a time). Those beyond are left out. */
#define MAX_VPCS 32

/* So many facts of an instance's network are looked through for one address:
 * more than 15 interfaces with 50 addresses each and their VPCs' blocks.
 * Whoever writes more can also call from many addresses, and must not square
 * the work. */
#define MAX_LOOKED 1024

/* Ids are from records, so they may hold anything: what no id holds becomes a
 * question mark, and what is too long for one is cut. */
#define ID_TEXT_BYTES 41

static const char *id_text(const struct facts *facts, uint32_t number,
                           char text[ID_TEXT_BYTES])
{
    struct span id =
        number < facts->text_count ? facts->texts[number] : SPAN("?");
    size_t len = id.len < ID_TEXT_BYTES - 1 ? id.len : ID_TEXT_BYTES - 1;

    for (size_t i = 0; i < len; i++) {
        char c = ascii_lower(id.ptr[i]);
        bool is_plain =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';

        text[i] = '?';
        if (is_plain)
            text[i] = id.ptr[i];
    }
    text[len] = '\0';
    return text;
}

static struct span text_of(const struct facts *facts, uint32_t number)
{
    return number < facts->text_count ? facts->texts[number] : SPAN_ABSENT;
}

struct people_calls facts_people_calls(const struct facts *facts,
                                       struct ip location)
{
    const struct address_use *use = address_uses_find(&facts->uses, location);

    if (!use || !use->people)
        return (struct people_calls){0, true, TIMESTAMP_UNKNOWN};
    return (struct people_calls){
        .count = distinct_count(use->people),
        .is_exact = distinct_is_exact(use->people),
        .first = use->first_person,
    };
}

unsigned facts_instances_at(const struct facts *facts, struct ip location)
{
    const struct address_use *use = address_uses_find(&facts->uses, location);

    return use ? address_use_instance_count(use) : 0;
}

/* ---------------------------------------------------------------- networks */

struct vpcs {
    uint32_t items[MAX_VPCS];
    size_t count;
    size_t looked; /* at so many facts */
};

static void add_vpc(struct vpcs *vpcs, uint32_t vpc)
{
    for (size_t i = 0; i < vpcs->count; i++)
        if (vpcs->items[i] == vpc)
            return;
    if (vpc != STRINGS_ABSENT && vpcs->count < MAX_VPCS)
        vpcs->items[vpcs->count++] = vpc;
}

/* The VPCs that facts of a place name, or that their subnets are in. */
static void add_places(const struct facts *facts, struct fact_range places,
                       struct vpcs *vpcs)
{
    for (; places.at < places.end && vpcs->looked++ < MAX_LOOKED; places.at++) {
        struct fact_range subnets =
            facts_about(facts, FACT_SUBNET_VPC, places.at->text[2]);

        add_vpc(vpcs, places.at->text[1]);
        for (; subnets.at < subnets.end && vpcs->looked++ < MAX_LOOKED;
             subnets.at++)
            add_vpc(vpcs, subnets.at->text[1]);
    }
}

static void find_vpcs(const struct facts *facts, uint32_t instance,
                      struct vpcs *vpcs)
{
    struct fact_range has = facts_about(facts, FACT_INSTANCE_HAS, instance);

    vpcs->count = vpcs->looked = 0;
    add_places(facts, facts_about(facts, FACT_INSTANCE_IN, instance), vpcs);
    for (; has.at < has.end && vpcs->looked++ < MAX_LOOKED; has.at++)
        add_places(facts,
                   facts_about(facts, FACT_INTERFACE_IN, has.at->text[1]),
                   vpcs);
}

/* A search for an address among prefixes. */
struct search {
    struct ip address;
    const struct fact *inside; /* the first prefix that holds it */
    const struct fact *first;  /* the first of its family */
    size_t count;              /* of its family */
    size_t looked;             /* at so many facts */
};

static void search_in(struct search *search, struct fact_range range)
{
    for (; range.at < range.end && search->looked++ < MAX_LOOKED; range.at++) {
        if (range.at->address.family != search->address.family)
            continue;
        search->count++;
        if (!search->first)
            search->first = range.at;
        if (!search->inside &&
            ip_in_prefix(search->address, range.at->address, range.at->prefix))
            search->inside = range.at;
    }
}

/* Among the instance's own private addresses and prefixes. */
static struct search search_own(const struct facts *facts, uint32_t instance,
                                struct ip address)
{
    struct search search = {.address = address};
    struct fact_range has = facts_about(facts, FACT_INSTANCE_HAS, instance);

    search_in(&search, facts_about(facts, FACT_INSTANCE_AT, instance));
    for (; has.at < has.end && search.looked++ < MAX_LOOKED; has.at++)
        search_in(&search,
                  facts_about(facts, FACT_INTERFACE_AT, has.at->text[1]));
    return search;
}

/* Among the CIDRs of its VPCs and of their subnets. */
static struct search search_vpcs(const struct facts *facts, uint32_t instance,
                                 struct ip address)
{
    struct search search = {.address = address};
    struct vpcs vpcs;

    find_vpcs(facts, instance, &vpcs);
    for (size_t i = 0; i < vpcs.count; i++) {
        search_in(&search, facts_about(facts, FACT_VPC_CIDR, vpcs.items[i]));
        search_in(&search, facts_about(facts, FACT_VPC_SUBNET, vpcs.items[i]));
    }
    return search;
}

static enum network_match tell_vpc(const struct facts *facts,
                                   const struct search *search,
                                   const char *address,
                                   char why[FACTS_WHY_BYTES])
{
    const struct fact *net = search->inside ? search->inside : search->first;
    char text[IP_TEXT_BYTES];
    char vpc[ID_TEXT_BYTES];
    int len = snprintf(why, FACTS_WHY_BYTES, "%s lies %s %s/%u of %s", address,
                       search->inside ? "in" : "outside",
                       ip_format(net->address, text), net->prefix,
                       id_text(facts, net->text[0], vpc));

    if (search->inside)
        return NETWORK_INSIDE;
    if (search->count > 1 && len > 0 && len < FACTS_WHY_BYTES)
        (void)snprintf(why + len, FACTS_WHY_BYTES - (size_t)len,
                       " and its %zu other prefixes", search->count - 1);
    return NETWORK_OUTSIDE;
}

/* A VPC is at most a /16, so what is known of a private address is its own.
 * But a VPC may have further blocks of 100.64.0.0/10, as clusters use for
 * their pods: such an address then says nothing. */
static enum network_match tell_neighbour(const struct search *own,
                                         const char *address,
                                         char why[FACTS_WHY_BYTES])
{
    static const struct ip shared = {IP_V4, {100, 64}};
    const struct ip near = own->first->address;
    char text[IP_TEXT_BYTES];
    bool inside = ip_in_prefix(own->address, near, 16);

    if (own->address.family != IP_V4 ||
        (!inside && ip_in_prefix(own->address, shared, 10)))
        return NETWORK_UNKNOWN;
    (void)snprintf(why, FACTS_WHY_BYTES,
                   "%s lies %s the /16 of the instance's address %s", address,
                   inside ? "in" : "outside", ip_format(near, text));
    return inside ? NETWORK_INSIDE : NETWORK_OUTSIDE;
}

enum network_match facts_network(const struct facts *facts,
                                 struct span instance_id, struct ip address,
                                 char why[FACTS_WHY_BYTES])
{
    uint32_t instance = facts_number(facts, instance_id);
    struct search own = search_own(facts, instance, address);
    struct search vpcs = search_vpcs(facts, instance, address);
    char text[IP_TEXT_BYTES];

    why[0] = '\0';
    (void)ip_format(address, text);
    if (own.inside) {
        (void)snprintf(why, FACTS_WHY_BYTES, "%s is an address of the instance",
                       text);
        return NETWORK_INSIDE;
    }
    if (vpcs.first)
        return tell_vpc(facts, &vpcs, text, why);
    return own.first ? tell_neighbour(&own, text, why) : NETWORK_UNKNOWN;
}

/* ------------------------------------------------------- elastic addresses */

static bool covers(const struct ownership *owned, timestamp from, timestamp to)
{
    return owned->from <= from &&
           (owned->until >= to || owned->until > to - SLACK);
}

/* Is it the instance, or an interface of it? */
static bool is_or_belongs_to(const struct facts *facts, uint32_t owner,
                             uint32_t instance)
{
    struct fact_range range = facts_about(facts, FACT_INTERFACE_OF, owner);

    for (; range.at < range.end; range.at++)
        if (range.at->text[1] == instance)
            return true;
    return owner == instance;
}

static bool tell_own(const struct facts *facts, const struct ownership *owned,
                     uint32_t instance, char why[FACTS_WHY_BYTES])
{
    char id[ID_TEXT_BYTES];
    char since[TIMESTAMP_TEXT_BYTES];

    if (!is_or_belongs_to(facts, owned->owner, instance))
        return false;
    timestamp_format_seconds(owned->from, since);
    (void)snprintf(
        why, FACTS_WHY_BYTES, "elastic address of the instance%s%s from %s on",
        owned->owner == instance ? "" : "'s interface ",
        owned->owner == instance ? "" : id_text(facts, owned->owner, id),
        since);
    return true;
}

static bool tell_nat(const struct facts *facts, const struct ownership *owned,
                     const struct vpcs *vpcs, char why[FACTS_WHY_BYTES])
{
    struct vpcs places = {.count = 0};
    char nat[ID_TEXT_BYTES];
    char vpc[ID_TEXT_BYTES];
    char since[TIMESTAMP_TEXT_BYTES];

    add_places(facts, facts_about(facts, FACT_NAT_IN, owned->owner), &places);
    timestamp_format_seconds(owned->from, since);
    for (size_t i = 0; i < places.count; i++)
        for (size_t j = 0; j < vpcs->count; j++)
            if (places.items[i] == vpcs->items[j]) {
                (void)snprintf(why, FACTS_WHY_BYTES,
                               "address of NAT gateway %s in %s from %s on",
                               id_text(facts, owned->owner, nat),
                               id_text(facts, places.items[i], vpc), since);
                return true;
            }
    return false;
}

bool facts_owns(const struct facts *facts, struct span instance_id,
                struct ip location, timestamp from, timestamp to,
                char why[FACTS_WHY_BYTES])
{
    struct ownership_range range = facts_owners(facts, location);
    uint32_t instance = facts_number(facts, instance_id);
    struct vpcs vpcs;

    why[0] = '\0';
    if (range.at == range.end || instance == STRINGS_FAILED)
        return false;
    find_vpcs(facts, instance, &vpcs);
    for (; range.at < range.end; range.at++) {
        if (!covers(range.at, from, to))
            continue;
        if (range.at->kind == FACT_NAT_AT
                ? tell_nat(facts, range.at, &vpcs, why)
                : tell_own(facts, range.at, instance, why))
            return true;
    }
    return false;
}

bool facts_is_egress(const struct facts *facts, struct ip location)
{
    struct ownership_range range = facts_owners(facts, location);

    for (; range.at < range.end; range.at++)
        if (range.at->kind == FACT_NAT_AT)
            return true;
    return false;
}

/* -------------------------------------------------------- life and contact */

static int by_instance(const void *moment, const void *instance)
{
    uint32_t x = ((const struct moment *)moment)->instance;
    uint32_t y = *(const uint32_t *)instance;

    return (x > y) - (x < y);
}

/* The instance's moments; `*count` of them. */
static const struct moment *moments_of(const struct facts *facts,
                                       struct span instance_id, size_t *count)
{
    const struct moment *all = facts->moments;
    uint32_t instance = facts_number(facts, instance_id);
    struct search_range its;

    *count = 0;
    if (instance == STRINGS_FAILED || !all)
        return NULL;
    its = search_equal(all, facts->moment_count, sizeof(*all), &instance,
                       by_instance);
    *count = its.count;
    return all + its.first;
}

/* How many of the moments, which are in time order, come before `time`. */
static size_t count_before(const struct moment *moments, size_t count,
                           timestamp time)
{
    size_t low = 0;

    while (low < count) {
        size_t middle = low + (count - low) / 2;

        if (moments[middle].time < time)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

bool facts_stopped_before(const struct facts *facts, struct span instance_id,
                          timestamp time, timestamp *stopped, bool *terminated)
{
    size_t count;
    const struct moment *moments = moments_of(facts, instance_id, &count);
    const struct moment *last;

    *stopped = TIMESTAMP_UNKNOWN;
    *terminated = false;
    count = count_before(moments, count, time);
    while (count > 0 && moments[count - 1].kind > FACT_REBOOTED)
        count--; /* an address: whether it runs does not matter */
    last = count > 0 ? &moments[count - 1] : NULL;
    if (!last || (last->kind != FACT_STOPPED && last->kind != FACT_TERMINATED))
        return false;
    *stopped = last->time;
    *terminated = last->kind == FACT_TERMINATED;
    return true;
}

/* The eventName of what may give an instance another address; absent for
 * other moments. */
static struct span name_of_change(uint8_t kind)
{
    switch (kind) {
    case FACT_LAUNCHED:
        return SPAN("RunInstances");
    case FACT_STARTED:
        return SPAN("StartInstances");
    case FACT_ASSOCIATED:
        return SPAN("AssociateAddress");
    case FACT_DISASSOCIATED:
        return SPAN("DisassociateAddress");
    default:
        return SPAN_ABSENT;
    }
}

bool facts_address_change(const struct facts *facts, struct span instance_id,
                          timestamp from, timestamp to, timestamp *when,
                          struct span *event_name)
{
    size_t count;
    const struct moment *moments = moments_of(facts, instance_id, &count);

    *when = TIMESTAMP_UNKNOWN;
    *event_name = SPAN_ABSENT;
    if (to < TIMESTAMP_UNKNOWN)
        count = count_before(moments, count, to + 1);
    while (count-- > 0 && moments[count].time >= from) {
        struct span name = name_of_change(moments[count].kind);

        if (span_present(name)) {
            *when = moments[count].time;
            *event_name = name;
            return true;
        }
    }
    return false;
}

static int by_opened(const void *opened, const void *wanted)
{
    return facts_opened_cmp(*(const struct fact *const *)opened, wanted);
}

/* An array of pointers is meant. */
/* NOLINTBEGIN(bugprone-sizeof-expression) */
/* How many of `opened` come before the calls about the instance from there at
 * `time`. */
static size_t count_opened(const struct facts *facts, uint32_t instance,
                           struct ip location, timestamp time)
{
    const struct fact wanted = {
        .text = {instance}, .address = location, .time = time};

    return search_first(facts->opened, facts->opened_count,
                        sizeof(*facts->opened), &wanted, by_opened);
}
/* NOLINTEND(bugprone-sizeof-expression) */

bool facts_reached(const struct facts *facts, struct span instance_id,
                   struct ip location, timestamp before, timestamp *when,
                   struct span *event_name, struct span *who)
{
    uint32_t instance = facts_number(facts, instance_id);
    size_t count = count_opened(facts, instance, location, before);
    const struct fact *last = count > 0 ? facts->opened[count - 1] : NULL;

    *when = TIMESTAMP_UNKNOWN;
    *event_name = SPAN_ABSENT;
    *who = SPAN_ABSENT;
    if (!last || last->text[0] != instance ||
        ip_cmp(last->address, location) != 0)
        return false;
    *when = last->time;
    *event_name = text_of(facts, last->text[1]);
    *who = text_of(facts, last->text[2]);
    return true;
}

struct span facts_platform(const struct facts *facts, struct span instance_id)
{
    struct fact_range range = facts_about(facts, FACT_INSTANCE_PLATFORM,
                                          facts_number(facts, instance_id));

    return range.end - range.at == 1 ? text_of(facts, range.at->text[1])
                                     : SPAN_ABSENT;
}

bool facts_knows_launch(const struct facts *facts, struct span instance_id)
{
    struct fact_range range =
        facts_about(facts, FACT_LAUNCHED, facts_number(facts, instance_id));

    return range.at < range.end;
}

struct span facts_http_tokens(const struct facts *facts,
                              struct span instance_id)
{
    struct fact_range range = facts_about(facts, FACT_INSTANCE_TOKENS,
                                          facts_number(facts, instance_id));

    return range.end - range.at == 1 ? text_of(facts, range.at->text[1])
                                     : SPAN_ABSENT;
}

struct span facts_key_holder(const struct facts *facts, struct span access_key,
                             timestamp *expires)
{
    struct fact_range range =
        facts_about(facts, FACT_KEY_FOR, facts_number(facts, access_key));

    *expires = range.at < range.end ? range.at->time : TIMESTAMP_UNKNOWN;
    return range.at < range.end ? text_of(facts, range.at->text[1])
                                : SPAN_ABSENT;
}

bool facts_is_recipient(const struct facts *facts, struct span account)
{
    struct fact_range range =
        facts_about(facts, FACT_RECIPIENT, facts_number(facts, account));

    return range.at < range.end;
}
