/*
 * arena.h - memory that is freed all at once.
 *
 * For strings whose lives end together: those of one window's events,
 * those of an aggregate. A pointer stays valid until arena_clear() or
 * arena_release(); nothing ever moves. One thread at a time.
 */
#ifndef OFFBOX_BASE_ARENA_H
#define OFFBOX_BASE_ARENA_H

#include "base/span.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; /* the newest first */
};

#define ARENA_INIT ((struct arena){NULL})

void arena_release(struct arena *arena);

/* Forget everything but keep one chunk, so that a window after the first
 * allocates nothing. */
void arena_clear(struct arena *arena);

/* Take over all that `from` holds, which is empty then: its pointers stay
 * valid as long as those of `arena`. */
void arena_adopt(struct arena *arena, struct arena *from);

/* `bytes` bytes aligned for any type; NULL when memory is out. */
void *arena_alloc(struct arena *arena, size_t bytes);

/* A copy of `bytes`. An absent span stays absent. When memory is out the
 * result is absent although `bytes` is present. */
struct span arena_copy(struct arena *arena, struct span bytes);

#endif
