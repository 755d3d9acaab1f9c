/*
 * identity.h - when two events are one.
 *
 * Two events are one when eventID, InstanceId, address, eventTime and
 * eventName all agree (rule.md 2, "Duplicates"). Their identity is 128
 * bits of a hash over these five. At a billion events the chance that any two
 * share one by accident is below 10^-20; on purpose nobody can, since eventIDs
 * are chosen by AWS.
 *
 * Where identities are written down, or met with some that were, they are
 * made by SipHash under a published key. In most runs nobody else asks for
 * them; then a table's hash does as well in a fifth of the time.
 */
#ifndef OFFBOX_DETECT_IDENTITY_H
#define OFFBOX_DETECT_IDENTITY_H

#include "base/buf.h"
#include "base/hash.h"
#include "base/ip.h"
#include "event/event.h"

/* Where the identities of an aggregate's events mean something. */
enum identity_reach {
    IDENTITY_ANYWHERE, /* in every thread, run and machine: identity_of() */
    IDENTITY_HERE,     /* in this process's threads: identity_here() */
};

/* Events without an eventID (absent or empty) are never duplicates. */
bool identity_exists(const struct event *event);

/* `scratch` is overwritten; after its failure the result means nothing
 * and `scratch->failed` is set. */
struct hash128 identity_of(const struct event *event, struct span instance_id,
                           struct ip address, struct buf *scratch);

/* `secret` is the process's key, hash_secret(), and `group` stands for
 * InstanceId and address: a hash of both under it, as tables have. */
struct hash128 identity_here(const struct event *event, struct hash128 group,
                             struct hash_key secret);

#endif
