/*
 * Threads by sys_thread_create() and pthread_join(): a crew, and a producer
 * ahead of its consumer with a ring of blocks between them.
 */
#include "parallel.h"

#include "base/sys.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

struct thread {
    pthread_t handle;
    void (*work)(void *item);
    void *item;
    bool started;
};

static void *run(void *argument)
{
    struct thread *thread = argument;

    thread->work(thread->item);
    return NULL;
}

void parallel_run(void (*work)(void *item), void **items, size_t count)
{
    struct thread *threads = sys_calloc(count, sizeof(*threads));

    for (size_t i = 1; threads && i < count; i++) {
        threads[i].work = work;
        threads[i].item = items[i];
        threads[i].started =
            sys_thread_create(&threads[i].handle, run, &threads[i]) == 0;
    }
    for (size_t i = 0; i < count; i++)
        if (!threads || !threads[i].started)
            work(items[i]);
    for (size_t i = 1; threads && i < count; i++)
        if (threads[i].started)
            (void)pthread_join(threads[i].handle, NULL);
    sys_free(threads);
}

struct parallel_lock {
    pthread_mutex_t mutex;
};

struct parallel_lock *parallel_lock_new(void)
{
    struct parallel_lock *lock = sys_malloc(sizeof(*lock));

    if (lock)
        (void)pthread_mutex_init(&lock->mutex, NULL); /* cannot fail */
    return lock;
}

void parallel_lock_free(struct parallel_lock *lock)
{
    if (lock)
        (void)pthread_mutex_destroy(&lock->mutex);
    sys_free(lock);
}

void parallel_lock_take(struct parallel_lock *lock)
{
    (void)pthread_mutex_lock(&lock->mutex);
}

void parallel_lock_give(struct parallel_lock *lock)
{
    (void)pthread_mutex_unlock(&lock->mutex);
}

unsigned parallel_cpus(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);

    return online > 0 ? (unsigned)online : 1;
}

/* A block is a window's worth, so that a lock is taken some thousand times
 * a gigabyte; a few even out the two threads' paces. */
#define AHEAD_BLOCKS      4
#define AHEAD_BLOCK_BYTES ((size_t)256 * 1024)

struct ahead_block {
    char bytes[AHEAD_BLOCK_BYTES];
    size_t count, taken;
    int end; /* what the producer said behind these bytes */
};

/* Blocks are made at `made` and taken at `taken`, both counting up; what
 * lies between belongs to the consumer, the rest to the producer. */
struct parallel_ahead {
    int (*produce)(void *context, char *into, size_t max_bytes, size_t *count);
    void *context;
    pthread_t thread;
    pthread_mutex_t lock; /* over the three below */
    pthread_cond_t changed;
    size_t made, taken;
    bool stopped;
    struct ahead_block blocks[AHEAD_BLOCKS];
};

static struct ahead_block *block_at(struct parallel_ahead *ahead, size_t at)
{
    return &ahead->blocks[at % AHEAD_BLOCKS];
}

/* Wait for a free block; NULL if there is no more need. */
static struct ahead_block *free_block(struct parallel_ahead *ahead)
{
    struct ahead_block *block = NULL;

    (void)pthread_mutex_lock(&ahead->lock);
    while (!ahead->stopped && ahead->made - ahead->taken == AHEAD_BLOCKS)
        (void)pthread_cond_wait(&ahead->changed, &ahead->lock);
    if (!ahead->stopped)
        block = block_at(ahead, ahead->made);
    (void)pthread_mutex_unlock(&ahead->lock);
    return block;
}

static void hand_over(struct parallel_ahead *ahead, size_t *position)
{
    (void)pthread_mutex_lock(&ahead->lock);
    ++*position;
    (void)pthread_cond_signal(&ahead->changed);
    (void)pthread_mutex_unlock(&ahead->lock);
}

static void *run_ahead(void *argument)
{
    struct parallel_ahead *ahead = argument;
    struct ahead_block *block;

    while ((block = free_block(ahead))) {
        int end;

        block->count = block->taken = 0;
        end = block->end = ahead->produce(ahead->context, block->bytes,
                                          sizeof(block->bytes), &block->count);
        hand_over(ahead, &ahead->made); /* now it is the consumer's */
        if (end)
            break;
    }
    return NULL;
}

struct parallel_ahead *parallel_ahead_start(
    int (*produce)(void *context, char *into, size_t max_bytes, size_t *count),
    void *context)
{
    struct parallel_ahead *ahead = sys_malloc(sizeof(*ahead));

    if (!ahead)
        return NULL;
    ahead->produce = produce;
    ahead->context = context;
    ahead->made = ahead->taken = 0;
    ahead->stopped = false;
    (void)pthread_mutex_init(&ahead->lock, NULL); /* cannot fail on Linux */
    (void)pthread_cond_init(&ahead->changed, NULL);
    if (sys_thread_create(&ahead->thread, run_ahead, ahead) == 0)
        return ahead;
    (void)pthread_cond_destroy(&ahead->changed);
    (void)pthread_mutex_destroy(&ahead->lock);
    sys_free(ahead);
    return NULL;
}

int parallel_ahead_take(struct parallel_ahead *ahead, char *into,
                        size_t max_bytes, size_t *count)
{
    struct ahead_block *block;
    size_t left;

    *count = 0;
    (void)pthread_mutex_lock(&ahead->lock);
    while (ahead->made == ahead->taken)
        (void)pthread_cond_wait(&ahead->changed, &ahead->lock);
    block = block_at(ahead, ahead->taken);
    (void)pthread_mutex_unlock(&ahead->lock);

    left = block->count - block->taken;
    if (left == 0)
        return block->end; /* the last block stays, and so the answer */
    *count = left < max_bytes ? left : max_bytes;
    memcpy(into, block->bytes + block->taken, *count);
    block->taken += *count;
    if (block->taken == block->count && block->end == 0)
        hand_over(ahead, &ahead->taken);
    return 0;
}

void parallel_ahead_stop(struct parallel_ahead *ahead)
{
    if (!ahead)
        return;
    (void)pthread_mutex_lock(&ahead->lock);
    ahead->stopped = true;
    (void)pthread_cond_signal(&ahead->changed);
    (void)pthread_mutex_unlock(&ahead->lock);
    (void)pthread_join(ahead->thread, NULL);
    (void)pthread_cond_destroy(&ahead->changed);
    (void)pthread_mutex_destroy(&ahead->lock);
    sys_free(ahead);
}
