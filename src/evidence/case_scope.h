/*
 * case_scope.h - which records belong to the cases of a run: those by a
 * suspect's location, by the keys that were used there, and by the keys that
 * were issued with these (evidence.md, "The case").
 */
#ifndef OFFBOX_EVIDENCE_CASE_SCOPE_H
#define OFFBOX_EVIDENCE_CASE_SCOPE_H

#include "detect/alert.h"
#include "evidence/facts.h"
#include "evidence/located.h"
#include "evidence/traces.h"

/* A location or a key, and a case that it belongs to. */
struct case_place {
    struct ip location;
    uint32_t of;
};
struct case_key {
    uint32_t key; /* in `keys` */
    uint32_t of;
};

struct case_scope {
    const struct facts *facts;
    const struct alert **cases; /* in the list's order */
    size_t count;

    struct case_place *places; /* by location, then case */
    size_t place_count;
    struct strings locations; /* of the places, by their bytes */
    struct strings keys;
    struct case_key *key_cases; /* by key, then case */
    size_t key_count, key_capacity;
    uint32_t *entered; /* of each key, the last case it was entered for */
    size_t entered_capacity, known_keys;
};

/*
 * The cases of `alerts`: those that are given, from medium up, of which there
 * is a suspect. `located` and `facts` are settled; all must outlive the scope.
 * Release it whatever comes back. -1 and `err` when memory is out.
 */
int case_scope_init(struct case_scope *scope, const struct alert_list *alerts,
                    const struct located *located, const struct facts *facts,
                    struct err *err);
void case_scope_release(struct case_scope *scope);

/* Does the address or the key belong to any case? Any thread, as the rest. */
bool case_scope_has_location(const struct case_scope *scope,
                             struct ip location);
bool case_scope_has_key(const struct case_scope *scope, struct span key);

/* Look for all locations and keys of the cases. -1 when memory is out. */
int case_scope_search(const struct case_scope *scope,
                      struct trace_search *search);

/* The next case at `from` or above that the event belongs to; `count` if there
 * is none. */
size_t case_scope_next(const struct case_scope *scope,
                       const struct event *event, size_t from);

/* Of an event of case `of`: was it made by the instance's session, or with a
 * key of the case? Others merely share the location. */
bool case_scope_is_own(const struct case_scope *scope,
                       const struct event *event, size_t of);

#endif
