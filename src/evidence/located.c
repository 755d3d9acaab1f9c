/* An aggregate and two sets: nothing in here counts what it cannot take back.
 */
#include "evidence/located.h"

#include "base/search.h"
#include "base/sys.h"

#include <stdlib.h>

static bool endpoints_equal(const void *owner, uint32_t position,
                            const void *key)
{
    const struct located *located = owner;
    const struct located_endpoint *a = &located->endpoints[position], *b = key;

    return a->instance == b->instance && a->account == b->account &&
           ip_cmp(a->location, b->location) == 0;
}

static uint64_t endpoint_key(const struct located *located,
                             const struct located_endpoint *endpoint)
{
    struct hash_key key = located->texts.key;
    uint32_t numbers[] = {endpoint->instance, endpoint->account};
    struct hash128 hash = hash_begin();

    hash_add(&hash, key, span_of((const char *)numbers, sizeof(numbers)));
    hash_add(&hash, key,
             span_of((const char *)&endpoint->location, sizeof(struct ip)));
    return hash_end(hash, key).lo;
}

static uint64_t endpoint_hash(const void *owner, uint32_t position)
{
    const struct located *located = owner;

    return endpoint_key(located, &located->endpoints[position]);
}

void located_init(struct located *located, bool keep_duplicates)
{
    *located = (struct located){
        .endpoint_index = {.equal = endpoints_equal, .hash = endpoint_hash}};
    aggregate_init(&located->aggregate, keep_duplicates);
    strings_init(&located->marked);
    strings_init(&located->texts);
}

void located_release(struct located *located)
{
    aggregate_release(&located->aggregate);
    strings_release(&located->marked);
    strings_release(&located->texts);
    index_release(&located->endpoint_index);
    sieve_release(&located->session_keys);
    sys_free(located->endpoints);
    sys_free(located->users);
    *located = (struct located){0};
}

int located_enter_endpoint(struct located *located, struct span of,
                           struct ip location, struct span account)
{
    struct located_endpoint endpoint = {
        strings_intern(&located->texts, of),
        strings_intern(&located->texts, account),
        location,
    };
    struct located_endpoint *moved;
    uint64_t hash;

    if (endpoint.instance == STRINGS_FAILED ||
        endpoint.account == STRINGS_FAILED)
        return -1;
    hash = endpoint_key(located, &endpoint);
    if (index_find(&located->endpoint_index, located, hash, &endpoint) !=
        INDEX_NONE)
        return 0;
    moved = sys_grow(located->endpoints, &located->endpoint_capacity,
                     located->endpoint_count + 1, sizeof(*moved));
    if (!moved)
        return -1;
    located->endpoints = moved;
    moved[located->endpoint_count] = endpoint;
    if (index_add(&located->endpoint_index, located, hash,
                  (uint32_t)located->endpoint_count) < 0)
        return -1;
    located->endpoint_count++;
    return 0;
}

/* Where there is an ec2RoleDelivery, it tells as much, and is a facet. */
static bool is_mark(const struct event *event)
{
    return !span_present(event_value(event, EVENT_EC2_ROLE_DELIVERY)) &&
           span_eq(event->field[EVENT_ISSUER_TYPE], SPAN("AWS::EC2::Instance"));
}

int located_add(struct located *located, const struct aggregate_key *key,
                const struct event *event, struct span instance_id,
                struct ip location)
{
    struct span account = event_value(event, EVENT_VPC_ENDPOINT_ACCOUNT_ID);

    if (aggregate_add(&located->aggregate, key, event, instance_id, location) ==
        OUTCOME_COUNT)
        return -1;
    if (is_mark(event) &&
        strings_intern(&located->marked, instance_id) == STRINGS_FAILED)
        return -1;
    return span_present(account)
               ? located_enter_endpoint(located, instance_id, location, account)
               : 0;
}

int located_prepare_chained(struct located *located, const struct event *event,
                            struct span instance_id, struct ip location,
                            struct aggregate_key *key)
{
    struct aggregate *agg = &located->aggregate;

    if (aggregate_prepare(agg, event, instance_id, location, key) < 0)
        return -1;
    if (!key->is_counted)
        key->identity = aggregate_identity(
            agg, event, event->field[EVENT_ACCESS_KEY_ID], location);
    return agg->scratch.failed ? -1 : 0;
}

bool located_is_key(struct span access_key)
{
    static const struct span temporary = {"ASIA", 4};

    return access_key.len > temporary.len &&
           memcmp(access_key.ptr, temporary.ptr, temporary.len) == 0;
}

int located_add_keyed(struct located *located, const struct event *event,
                      struct ip location)
{
    struct span access_key = event->field[EVENT_ACCESS_KEY_ID];
    struct aggregate_key key;

    if (!located_is_key(access_key))
        return 0;
    return located_prepare_chained(located, event, access_key, location, &key) <
                   0
               ? -1
               : located_add(located, &key, event, access_key, location);
}

int located_enter_mark(struct located *located, struct span of)
{
    return strings_intern(&located->marked, of) == STRINGS_FAILED ? -1 : 0;
}

/* Who `of` is: itself, unless it is a key; absent if nobody. */
static struct span owner_of(struct span of, const struct facts *facts)
{
    return located_is_key(of) ? facts_key_issuer(facts, of) : of;
}

/* Those of keys that nobody issued stay: nobody asks for them. */
static int follow_marks(struct located *located, const struct facts *facts)
{
    size_t count = located->marked.count;

    for (size_t i = 0; i < count; i++) {
        struct span owner = owner_of(located->marked.items[i], facts);

        if (span_present(owner) && located_enter_mark(located, owner) < 0)
            return -1;
    }
    return 0;
}

static int follow_endpoints(struct located *located, const struct facts *facts)
{
    struct located_endpoint *before = located->endpoints;
    size_t count = located->endpoint_count;
    int ret = 0;

    located->endpoints = NULL;
    located->endpoint_count = located->endpoint_capacity = 0;
    index_clear(&located->endpoint_index);
    for (size_t i = 0; i < count && ret == 0; i++) {
        struct span owner =
            owner_of(strings_text(&located->texts, before[i].instance), facts);

        if (span_present(owner))
            ret = located_enter_endpoint(
                located, owner, before[i].location,
                strings_text(&located->texts, before[i].account));
    }
    sys_free(before);
    return ret;
}

int located_follow_keys(struct located *located, const struct facts *facts,
                        struct err *err)
{
    return follow_marks(located, facts) < 0 ||
                   follow_endpoints(located, facts) < 0
               ? err_memory(err)
               : 0;
}

static struct hash128 key_hash(const struct located *located,
                               struct span access_key)
{
    return hash_table(located->texts.key, access_key);
}

int located_see_session(struct located *located, const struct event *event)
{
    struct span key = event->field[EVENT_ACCESS_KEY_ID];

    return located_is_key(key)
               ? sieve_add(&located->session_keys, key_hash(located, key))
               : 0;
}

bool located_may_use(const struct located *located, struct span access_key)
{
    return sieve_may_hold(&located->session_keys,
                          key_hash(located, access_key));
}

int located_merge(struct located *into, struct located *from, struct err *err)
{
    uint64_t duplicates = 0;

    if (aggregate_merge(&into->aggregate, &from->aggregate, &duplicates, err) <
        0)
        return -1;
    if (sieve_merge(&into->session_keys, &from->session_keys) < 0)
        return err_memory(err);
    into->unfollowed |= from->unfollowed;
    for (size_t i = 0; i < from->marked.count; i++)
        if (strings_intern(&into->marked, from->marked.items[i]) ==
            STRINGS_FAILED)
            return err_memory(err);
    for (size_t i = 0; i < from->endpoint_count; i++) {
        const struct located_endpoint *endpoint = &from->endpoints[i];

        if (located_enter_endpoint(
                into, strings_text(&from->texts, endpoint->instance),
                endpoint->location,
                strings_text(&from->texts, endpoint->account)) < 0)
            return err_memory(err);
    }
    return 0;
}

static int by_account(const void *a, const void *b)
{
    const struct located_endpoint *x = a, *y = b;

    if (x->account != y->account)
        return x->account > y->account ? 1 : -1;
    return (x->instance > y->instance) - (x->instance < y->instance);
}

static int by_place(const void *a, const void *b)
{
    const struct located_endpoint *x = a, *y = b;

    if (x->instance != y->instance)
        return x->instance > y->instance ? 1 : -1;
    return ip_cmp(x->location, y->location);
}

int located_settle(struct located *located, struct err *err)
{
    struct located_endpoint *endpoints = located->endpoints;
    size_t count = located->endpoint_count;

    if (located->users)
        return 0;
    located->users = sys_calloc(located->texts.count, sizeof(uint32_t));
    if (!located->users)
        return err_memory(err);
    if (count > 1)
        qsort(endpoints, count, sizeof(*endpoints), by_account);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || by_account(&endpoints[i - 1], &endpoints[i]) != 0)
            located->users[endpoints[i].account]++;
    if (count > 1)
        qsort(endpoints, count, sizeof(*endpoints), by_place);
    index_release(&located->endpoint_index); /* the positions have changed */
    return 0;
}

bool located_is_marked(const struct located *located, struct span instance_id)
{
    return strings_find(&located->marked, instance_id) != STRINGS_FAILED;
}

const struct located_endpoint *located_endpoints(const struct located *located,
                                                 struct span instance_id,
                                                 struct ip location,
                                                 size_t *count)
{
    struct located_endpoint wanted = {
        .instance = strings_find(&located->texts, instance_id),
        .location = location};
    const struct located_endpoint *all = located->endpoints;
    struct search_range there = search_equal(all, located->endpoint_count,
                                             sizeof(*all), &wanted, by_place);

    *count = there.count;
    return there.count > 0 ? &all[there.first] : NULL;
}

struct span located_account(const struct located *located,
                            const struct located_endpoint *endpoint)
{
    return strings_text(&located->texts, endpoint->account);
}

uint32_t located_account_users(const struct located *located,
                               const struct located_endpoint *endpoint)
{
    return located->users[endpoint->account];
}
