/*
 * partial_facts.h - the lines of a partial that evidence needs of the whole,
 * before its groups: facts, who uses an address, and whose endpoints and marks
 * the calls at locations show. A line is one of these; they come in this order,
 * and within each kind in ascending order.
 *
 * docs/partials.md fixes them. Texts are borrowed.
 */
#ifndef OFFBOX_STATE_PARTIAL_FACTS_H
#define OFFBOX_STATE_PARTIAL_FACTS_H

#include "base/json_writer.h"
#include "evidence/facts_told.h"
#include "evidence/located.h"
#include "state/line_members.h"
#include "state/partial.h"

enum partial_fact_kind {
    PARTIAL_FACT,
    PARTIAL_USE,
    PARTIAL_ENDPOINT, /* an endpoint's account, at a location of … */
    PARTIAL_MARK,     /* inScopeOf shows that EC2 delivered the keys of … */
    PARTIAL_FACT_KINDS,
};

struct partial_fact {
    enum partial_fact_kind kind;
    struct fact_told fact;
    struct use_told use;
    struct distinct people; /* what a read `use.people` points to */
    struct span of;         /* … this InstanceId or access key */
    struct span account;
    struct ip location;
};

/* The line's object. `scratch` holds packed text meanwhile. */
void partial_fact_write(struct json_writer *json,
                        const struct partial_fact *fact, struct buf *scratch);

/* Does the line begin as one of these? Then `*kind` is which. */
bool partial_fact_begins(struct span line, enum partial_fact_kind *kind);

/* Take all members. */
void partial_fact_take(struct line_members *members,
                       enum partial_fact_kind kind, struct partial_fact *fact);

/* <0, 0, >0 */
int partial_fact_cmp(const struct partial_fact *a,
                     const struct partial_fact *b);

/* Unite with what is there. -1 when memory is out. */
int partial_fact_enter(const struct partial_fact *fact, struct facts *facts,
                       struct located *located);

/* Give every line's fact to `tell`, in order, until it returns less than 0.
 * `facts` is settled. -1 when memory is out, or what `tell` returned. */
int partial_facts_each(const struct facts *facts, const struct located *located,
                       int (*tell)(void *context,
                                   const struct partial_fact *fact),
                       void *context);

/* Is it a name that a located group may have, and its address a location? */
bool partial_is_owner(struct span of);
bool partial_is_location(struct ip address);

/* The kind of a group of `of`: of the rule's, or by location. */
enum partial_kind partial_kind_of(bool located, struct span of);

#endif
