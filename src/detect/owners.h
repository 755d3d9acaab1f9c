/*
 * owners.h - all that tells who owns an address. It was given; nothing is
 * ever fetched.
 */
#ifndef OFFBOX_DETECT_OWNERS_H
#define OFFBOX_DETECT_OWNERS_H

#include "detect/alert.h"
#include "detect/focus.h"
#include "detect/ip_ranges.h"

/* A database, and how it did. */
struct owners_db {
    struct address_db *db; /* owned */
    const char *path;      /* borrowed */
    uint64_t failed; /* addresses of which it could not be asked, and … */
    struct err why;  /* … why it could not of the first */
};

/* All zero: nothing is known. */
struct owners {
    struct ip_ranges ranges;
    bool has_ranges;
    struct owners_db *dbs; /* the first that knows something has the say */
    size_t db_count, db_capacity;
};

void owners_release(struct owners *owners);

/* Read AWS's list of its ranges, in the place of one that was read before.
 * -1 and `err` as ip_ranges_read(). */
int owners_read_ranges(struct owners *owners, struct span json,
                       struct err *err);

/* Add a database: `db` is the owners' from then on, also if it fails; `path`
 * outlives them. -1 and `err` when memory is out. */
int owners_add_db(struct owners *owners, struct address_db *db,
                  const char *path, struct err *err);

/* NULL if there is none. */
const struct ip_ranges *owners_ranges(const struct owners *owners);

/*
 * Fill the owner of every address of every alert and of its verdict's suspect,
 * an IPv6 network by its first address; those that are not public have none.
 * Texts are borrowed from `owners` or belong to the list's arena. What a
 * damaged database cannot tell is counted in it, and is no failure: it costs no
 * alert. -1 and `err` when memory is out.
 */
int owners_fill(struct owners *owners, struct alert_list *list,
                struct err *err);

/* The same for the addresses of dropped events, which reports show beside an
 * instance that was asked for; `arena` is the list's. */
int owners_fill_drops(struct owners *owners, struct focus *focus,
                      struct arena *arena, struct err *err);

/* Could one of the databases not be asked of an address? */
bool owners_failed(const struct owners *owners);

#endif
