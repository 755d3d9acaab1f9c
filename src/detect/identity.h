/*
 * identity.h - when two events are one.
 *
 * Two events are one when eventID, InstanceId, address, eventTime and
 * eventName all agree (rule.md 2, "Duplicates"). Their identity is 128
 * bits of SipHash over these five under a published key, so that it is
 * the same in every thread, run and machine. At a billion events the
 * chance that any two share one by accident is below 10^-20; on purpose
 * nobody can, since eventIDs are chosen by AWS.
 */
#ifndef OFFBOX_DETECT_IDENTITY_H
#define OFFBOX_DETECT_IDENTITY_H

#include "base/buf.h"
#include "base/hash.h"
#include "base/ip.h"
#include "event/event.h"

/* Events without an eventID (absent or empty) are never duplicates. */
bool identity_exists(const struct event *event);

/* `scratch` is overwritten; after its failure the result means nothing
 * and `scratch->failed` is set. */
struct hash128 identity_of(const struct event *event, struct span instance_id,
                           struct ip address, struct buf *scratch);

#endif
