/*
 * focus.h - everything that became of the events of the instances that
 * were asked for (`--instance`), dropped ones included: a thief at a
 * private address is invisible to the rule, but not to its reader.
 *
 * Costs nothing when no instance was asked for. One thread at a time;
 * focus_merge() is commutative.
 */
#ifndef OFFBOX_DETECT_FOCUS_H
#define OFFBOX_DETECT_FOCUS_H

#include "base/err.h"
#include "base/index.h"
#include "base/strings.h"
#include "detect/outcome.h"
#include "detect/owner.h"

/* The dropped events of one sourceIPAddress, as it was written. */
struct focus_drop {
    uint32_t instance; /* position in `instances` */
    uint32_t address;  /* number in `strings`; STRINGS_ABSENT: none given */
    enum outcome outcome;
    uint64_t count;
    struct owner owner; /* see owners_fill_drops() */
};

struct focus {
    const struct span *instances; /* InstanceIds, borrowed, distinct */
    size_t instance_count;
    struct outcome_counts *outcomes; /* one for each instance */
    struct focus_drop *drops;
    size_t drop_count, drop_capacity;
    struct index index; /* over the drops, of which an attacker makes many */
    struct strings strings;
};

/* -1 and `err` when memory is out. */
int focus_init(struct focus *focus, const struct span *instances,
               size_t instance_count, struct err *err);
void focus_release(struct focus *focus);

/* One `:i-` event of `instance`; nothing happens if it was not asked for.
 * -1 when memory is out. */
int focus_add(struct focus *focus, struct span instance, enum outcome outcome,
              timestamp time, struct span source_ip_address);

/* `count` events of instance `at` that were dropped, as focus_add() would
 * have noted them; the outcomes are the caller's to add. */
int focus_add_drop(struct focus *focus, size_t at, struct span address,
                   enum outcome outcome, uint64_t count);

/* Add what `from` knows of the instances of `into`, in whatever order it has
 * them. */
int focus_merge(struct focus *into, const struct focus *from, struct err *err);

/* After merging: of the events of instance `at` that some worker kept,
 * `kept` are distinct; the others were duplicates across workers. */
void focus_settle(struct focus *focus, size_t at, uint64_t kept);

/* The position of an instance; their number if it was not asked for. */
size_t focus_position(const struct focus *focus, struct span instance);

/* Sort the drops by instance, address (bytes), outcome: for reading and for
 * being merged into another. Nothing may be added afterwards. */
void focus_sort(struct focus *focus);

#endif
