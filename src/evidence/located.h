/*
 * located.h - the calls of instances' sessions at locations: what evidence
 * is judged from (evidence.md, "Locations").
 *
 * A second aggregate, whose groups are (instance, location) and which leaves
 * out no private and no IPv6 address, with what its facets do not hold.
 * Uniting is commutative and idempotent. One thread at a time.
 */
#ifndef OFFBOX_EVIDENCE_LOCATED_H
#define OFFBOX_EVIDENCE_LOCATED_H

#include "base/sieve.h"
#include "detect/aggregate.h"
#include "evidence/facts.h"

/* At this location the instance went through an endpoint of this account. */
struct located_endpoint {
    uint32_t instance; /* numbers in `texts` */
    uint32_t account;
    struct ip location;
};

struct located {
    struct aggregate aggregate;
    struct strings marked; /* InstanceIds that inScopeOf proves to be some */
    struct strings texts;
    struct located_endpoint *endpoints; /* distinct */
    size_t endpoint_count, endpoint_capacity;
    struct index endpoint_index;
    uint32_t *users; /* after located_settle(): of each text as an account,
                      * how many instances use its endpoints */

    struct sieve
        session_keys; /* used at a location, by no instance's session */
    bool unfollowed;  /* keys that an instance issued may be used in what could
                       * not be read a second time (again.h) */
};

void located_init(struct located *located, bool keep_duplicates);
/* Safe for a zeroed one. */
void located_release(struct located *located);

/* A call of the instance's own session at a location (location.h), inside
 * the run's window and not ignored. `key` was prepared of the same (see
 * aggregate_prepare()), by this aggregate or another. -1 when memory is out. */
int located_add(struct located *located, const struct aggregate_key *key,
                const struct event *event, struct span instance_id,
                struct ip location);

/* The same for a call made with a key that the instance's session issued. Its
 * identity bears the access key in the instance's place, so that it is the same
 * where nobody knows yet whose the key is: see located_add_keyed(). */
int located_prepare_chained(struct located *located, const struct event *event,
                            struct span instance_id, struct ip location,
                            struct aggregate_key *key);

/* Can these be followed: temporary keys (ASIA…)? */
bool located_is_key(struct span access_key);

/*
 * Instead of located_see_session(), where the inputs are not read a second time
 * by who knows all issued keys (a partial is written): the call is kept as one
 * of its access key, which stands for an instance until
 * located_follow_keys(). -1 when memory is out.
 */
int located_add_keyed(struct located *located, const struct event *event,
                      struct ip location);

/* What was written down of the sets: `of` is an InstanceId or an access key.
 * -1 when memory is out. */
int located_enter_mark(struct located *located, struct span of);
int located_enter_endpoint(struct located *located, struct span of,
                           struct ip location, struct span account);

/* In the sets the access keys that instances issued become these, and the
 * others leave. `facts` is settled, `located` is not. -1 and `err` when memory
 * is out. */
int located_follow_keys(struct located *located, const struct facts *facts,
                        struct err *err);

/* A call at a location by whoever is no instance. If it is made with a
 * temporary key (ASIA…), that may turn out to be one that an instance issued:
 * who issued it may be read later. So the key is remembered. -1 when memory is
 * out. */
int located_see_session(struct located *located, const struct event *event);

/* May such a call have been made with this key? A no is certain. */
bool located_may_use(const struct located *located, struct span access_key);

/* Unite; `from` is good for nothing but release then. -1 and `err` when
 * memory is out. */
int located_merge(struct located *into, struct located *from, struct err *err);

/* After the last merge, before the first question; the aggregate may still
 * change. Once more does nothing. -1 and `err` when memory is out. */
int located_settle(struct located *located, struct err *err);

/* Did a call without ec2RoleDelivery show by inScopeOf that EC2 delivered the
 * session's credentials? A session can bear an instance's name without being
 * one. */
bool located_is_marked(const struct located *located, struct span instance_id);

/* The endpoint accounts of the instance at the location: `*count` of them,
 * sorted by nothing in particular; NULL if there are none. */
const struct located_endpoint *located_endpoints(const struct located *located,
                                                 struct span instance_id,
                                                 struct ip location,
                                                 size_t *count);

/* The account's text, and how many instances use endpoints of it. */
struct span located_account(const struct located *located,
                            const struct located_endpoint *endpoint);
uint32_t located_account_users(const struct located *located,
                               const struct located_endpoint *endpoint);

#endif
