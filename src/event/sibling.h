/*
 * sibling.h - what an object says of the folder beside CloudTrail/ that it
 * was delivered to: users rename and flatten dumps, so names tell little.
 */
#ifndef OFFBOX_EVENT_SIBLING_H
#define OFFBOX_EVENT_SIBLING_H

#include "base/span.h"
#include "input/ledger.h"

/*
 * INPUT_INSIGHT, INPUT_NETWORK_ACTIVITY or INPUT_AGGREGATED by the object's
 * `eventCategory`. Without one: INPUT_INSIGHT by EventBridge's `detail-type`
 * of an Insight, INPUT_DIGEST if it has `digestS3Object` and `logFiles`.
 * INPUT_PENDING if it is none of these. Only the object's own level is
 * looked at; the first of duplicate keys counts.
 */
enum input_status sibling_of(struct span object);

#endif
