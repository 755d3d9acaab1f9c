/*
 * state.h - what earlier runs folded, so that a run reads only what is new
 * (`--state FILE`).
 *
 * A file of sections (section.h), replaced whole under a lock. It is a cache:
 * whatever is wrong with it, the answer comes from the files, and a warning
 * says that all of them are read.
 */
#ifndef OFFBOX_STATE_STATE_H
#define OFFBOX_STATE_STATE_H

#include "base/err.h"
#include "state/lock.h"
#include "state/section.h"

/* The options that decide which events count and what is kept of them. */
struct state_key {
    struct hash128 options;
    size_t hit_count; /* `ignore` lines, distinct */
};

struct state {
    const char *path;
    char *target; /* owned; behind links */
    struct lock lock;
    struct state_key key;
    char *bytes; /* of the file; sections borrow from it */

    struct section *sections; /* those that are not dropped count */
    size_t count, capacity;
    bool changed; /* the file no longer says what the sections do */

    struct err warning; /* why nothing of the file is used; empty if it is */
};

#define STATE_INIT ((struct state){.lock = LOCK_INIT, .warning = ERR_NONE})

/*
 * Take the lock, waiting at most `wait` (ticks), and read the file, if there
 * is one. What is wrong with its contents is in `state->warning`. 0; or -1
 * and `err` if it is locked, cannot be read, is a file of another kind, or
 * memory is out: release it in any case.
 */
int state_open(struct state *state, const char *path, struct state_key key,
               int64_t wait, struct err *err);

/* A new section at the end, for the caller to pack; NULL when memory is
 * out. Sections move. */
struct section *state_add(struct state *state);

/*
 * Replace the file, if it changed, by the sections that are neither dropped
 * nor unsure. 0, or -1 and `err`.
 */
int state_commit(struct state *state, struct err *err);

/* Lets go of the lock. */
void state_release(struct state *state);

#endif
