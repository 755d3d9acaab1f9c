/*
 * parallel.h - the one place where threads start.
 */
#ifndef OFFBOX_PARALLEL_H
#define OFFBOX_PARALLEL_H

#include <stddef.h>

/*
 * Call `work(items[i])` for each of `count` items at once, each in a thread
 * of its own, the first in the calling one; return when all have returned.
 * Where the system refuses a thread, the rest run one after another in the
 * calling thread: `work` must not wait for another item's to begin.
 */
void parallel_run(void (*work)(void *item), void **items, size_t count);

/* A lock for what threads have in common; NULL when memory is out. */
struct parallel_lock;
struct parallel_lock *parallel_lock_new(void);
void parallel_lock_free(struct parallel_lock *lock);
void parallel_lock_take(struct parallel_lock *lock);
void parallel_lock_give(struct parallel_lock *lock);

/* The CPUs that this process may use; at least 1. */
unsigned parallel_cpus(void);

/*
 * Read ahead: a thread that calls `produce` over and over, some blocks
 * ahead of the one that takes what it made. `produce` fills `into` with up
 * to `max_bytes`, sets `*count`, and returns 0 to be called again; anything
 * else ends it and is handed on behind its bytes.
 */
struct parallel_ahead;

/* NULL when memory is out or the system refuses a thread: then call
 * `produce` yourself. */
struct parallel_ahead *parallel_ahead_start(
    int (*produce)(void *context, char *into, size_t max_bytes, size_t *count),
    void *context);

/* The next bytes, at most `max_bytes`, waiting for them if need be: 0 with
 * `*count` over 0, or what `produce` ended with. Everything that `produce`
 * wrote before it ended is then visible to the caller. */
int parallel_ahead_take(struct parallel_ahead *ahead, char *into,
                        size_t max_bytes, size_t *count);

/* End the thread, whether or not all was taken. NULL is no thread. */
void parallel_ahead_stop(struct parallel_ahead *ahead);

#endif
