/*
 * facts.h - what a dump says of the estate: who uses an address, which
 * network an instance is in, what was started, stopped and attached. All
 * events teach, whoever made them; only calls without an errorCode do.
 *
 * Facts are a set: learning one twice, from a copy of the event or in another
 * worker, changes nothing, so uniting two sets is commutative, associative and
 * idempotent. Nothing in here is an opinion; evidence.h forms one.
 *
 * One thread at a time; after facts_settle() any thread may ask.
 */
#ifndef OFFBOX_EVIDENCE_FACTS_H
#define OFFBOX_EVIDENCE_FACTS_H

#include "base/err.h"
#include "base/ip.h"
#include "detect/location.h"
#include "event/event.h"

struct facts; /* opaque */

/* For the words of an answer, with their NUL; what is longer is cut. */
#define FACTS_WHY_BYTES 160

struct facts *facts_new(struct err *err);
void facts_free(struct facts *facts);

/* Learn from one event, whose `record` is its whole text. -1 when memory is
 * out. */
int facts_see(struct facts *facts, const struct event *event);
/* … of which it is known who made it, and from where. */
int facts_see_from(struct facts *facts, const struct event *event,
                   const struct origin *origin);

/*
 * Could an event teach anything new of which so far only `glance` is known
 * (extract.h: a record that names no instance), with its `kind` of location?
 * Asked of most records, so that those are never extracted. `record` is its
 * text, of which extract_may_spell() does not hold.
 */
bool facts_may_learn(const struct event *glance, enum location_kind kind,
                     struct span record);

/* Or only that there is another account that events are delivered to? That
 * depends on which events came before, so nothing that is told may hang on it.
 */
bool facts_may_hear_recipient(const struct facts *facts,
                              const struct event *glance, struct span record);

/* The same of a whole event, exactly: would facts_see() keep anything of it? Of
 * no call by an instance. */
bool facts_would_learn(const struct facts *facts, const struct event *event,
                       enum location_kind kind);

/* Unite. `from` is good for nothing but release then. -1 and `err` when memory
 * is out. */
int facts_merge(struct facts *into, struct facts *from, struct err *err);

/*
 * Hand over who uses an address: `into` has learnt it, and `from` knows of none
 * any more, but goes on learning. What both have seen takes its memory once,
 * unlike in facts_merge(). -1 when memory is out; then both are good for
 * nothing but release.
 */
int facts_hand_over(struct facts *into, struct facts *from);

/* The addresses of which facts_hand_over() would tell. */
size_t facts_address_count(const struct facts *facts);

/* Build what the questions below need. Nothing may be learnt afterwards. */
int facts_settle(struct facts *facts, struct err *err);

/*
 * Questions. `location` is a public IPv4 address, a private one, or an IPv6
 * address masked to its /64 (location.h). Spans are borrowed from the facts.
 */

struct people_calls {
    uint64_t count;  /* of distinct calls; 0: nobody called */
    bool is_exact;   /* else with a standard error of a tenth (distinct.h) */
    timestamp first; /* unknown if nobody called */
};

/* The calls of people from there: of IAM users, root, federated, SAML and
 * Identity Center users, and of sessions of Identity Center or the console,
 * but for an instance's. */
struct people_calls facts_people_calls(const struct facts *facts,
                                       struct ip location);

/* How many instances use it; exact up to 3, which stands for three or more. */
unsigned facts_instances_at(const struct facts *facts, struct ip location);

enum network_match {
    NETWORK_UNKNOWN, /* nothing is known of the instance's network */
    NETWORK_INSIDE,
    NETWORK_OUTSIDE,
};
/* Is the private `address` inside the instance's network (its VPC's or
 * subnet's CIDRs; else the /16 of its private addresses)? `why` gets
 * words with the figures, "" if unknown. */
enum network_match facts_network(const struct facts *facts,
                                 struct span instance_id, struct ip address,
                                 char why[FACTS_WHY_BYTES]);

/* Does a fact prove that `location` is the instance's own elastic address or
 * its VPC's egress during [from, to]? Then `why` says how, "address of NAT
 * gateway nat-0a in vpc-0b from 2022-02-22T10:11:12Z on"; else it is "". */
bool facts_owns(const struct facts *facts, struct span instance_id,
                struct ip location, timestamp from, timestamp to,
                char why[FACTS_WHY_BYTES]);
/* Is `location` an egress (a NAT gateway's address) of any VPC at any time? */
bool facts_is_egress(const struct facts *facts, struct ip location);

/* The last stop or termination of the instance before `time` that no start
 * followed before `time`: true, with its time and whether it was terminated. A
 * reboot shows that it was started. */
bool facts_stopped_before(const struct facts *facts, struct span instance_id,
                          timestamp time, timestamp *stopped, bool *terminated);

/* The last AssociateAddress, DisassociateAddress, StartInstances or
 * RunInstances of this instance in [from, to]: its time and eventName; false
 * if none. */
bool facts_address_change(const struct facts *facts, struct span instance_id,
                          timestamp from, timestamp to, timestamp *when,
                          struct span *event_name);

/* The last call before `before` by which somebody opened a way into the
 * instance from `location`: its time, eventName and who; false if none. */
bool facts_reached(const struct facts *facts, struct span instance_id,
                   struct ip location, timestamp before, timestamp *when,
                   struct span *event_name, struct span *who);

/* "linux", "windows" or "macos"; absent if unknown, or if facts disagree. */
struct span facts_platform(const struct facts *facts, struct span instance_id);

/* Is anything known of the instance's launch (a RunInstances in the dump)? */
bool facts_knows_launch(const struct facts *facts, struct span instance_id);

/* The httpTokens it was launched with, "required" (IMDSv2 only) or
 * "optional"; absent if unknown. */
struct span facts_http_tokens(const struct facts *facts,
                              struct span instance_id);

/* The instance whose session issued `access_key`, itself or through any
 * number of roles in between; absent if none did. */
struct span facts_key_issuer(const struct facts *facts, struct span access_key);

/* All keys that have such an issuer: the one at `position`, absent behind the
 * last. */
struct span facts_chained_key(const struct facts *facts, size_t position);

/* Was `access_key` issued by a call from `location`? */
bool facts_key_issued_at(const struct facts *facts, struct span access_key,
                         struct ip location);

/* From where it was issued: the call at `position`, with IP_ABSENT for what is
 * no location; false behind the last. */
bool facts_key_issue(const struct facts *facts, struct span access_key,
                     size_t position, struct ip *location);

/* The keys that sessions with the key `by` issued, where an instance issued any
 * at all: the one at `position`, absent behind the last. */
struct span facts_issued_key(const struct facts *facts, struct span by,
                             size_t position);

/* Also after settling, before the first question: a key of the instance that
 * is chained was used at `location`, so the instance uses it, too. -1 and `err`
 * when memory is out. */
int facts_see_chained_use(struct facts *facts, struct span instance_id,
                          struct ip location, struct err *err);

/* The instance that EC2 issued `access_key` to, and when the key expires
 * (TIMESTAMP_UNKNOWN if the call does not say); absent if the dump does not
 * hold that call. */
struct span facts_key_holder(const struct facts *facts, struct span access_key,
                             timestamp *expires);

/* The account is one of the dump's recipientAccountIds. */
bool facts_is_recipient(const struct facts *facts, struct span account);

#endif
