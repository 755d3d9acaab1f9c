/* Stretches of one array of positions, each with a counter that whoever
 * takes moves on. */
#include "shares.h"

#include "base/sys.h"

#include <stdatomic.h>
#include <stdlib.h>

/* What opening a file and starting on it costs, in packed bytes that could
 * be scanned meanwhile: 26,000 files of 1 KB take as long as 200 MB. */
#define FILE_COST_BYTES 8192

/* One that takes a larger part of a share is not left for the end: this is what
 * a worker may then be waited for. */
#define LONG_PART 32

struct sized {
    uint64_t bytes;
    int magnitude; /* of the bytes: the highest bit set; 0: not long */
    uint32_t position;
};

struct share {
    atomic_size_t next; /* in `order`; may pass `end` */
    size_t end;
};

struct shares {
    const struct walk *walk;
    uint32_t *order; /* positions in the walk */
    size_t count;
    struct share share[];
};

/* By the power of two only: files of about one size stay in the order of
 * their paths, in which a folder is opened once (see opener.h). */
static int long_first(const void *a, const void *b)
{
    const struct sized *x = a, *y = b;

    if (x->magnitude != y->magnitude)
        return y->magnitude - x->magnitude;
    return (x->position > y->position) - (x->position < y->position);
}

/* Give share `at` the inputs [begin, end). */
static void fill_share(struct shares *shares, size_t at, struct sized *sized,
                       size_t begin, size_t end)
{
    if (end - begin > 1)
        qsort(sized + begin, end - begin, sizeof(*sized), long_first);
    for (size_t i = begin; i < end; i++)
        shares->order[i] = sized[i].position;
    atomic_init(&shares->share[at].next, begin);
    shares->share[at].end = end;
}

/* A single worker is waited for anyway. */
static void find_long(struct shares *shares, struct sized *sized,
                      uint64_t total)
{
    uint64_t least = total / shares->count / LONG_PART;

    for (size_t i = 0; shares->count > 1 && i < shares->walk->count; i++)
        if (sized[i].bytes > least)
            sized[i].magnitude = 63 - __builtin_clzll(sized[i].bytes);
}

/* Cut the inputs where the bytes so far reach each share's part. */
static void cut(struct shares *shares, struct sized *sized, uint64_t total)
{
    size_t inputs = shares->walk->count;
    uint64_t so_far = 0;
    size_t begin = 0, end = 0;

    for (size_t at = 0; at < shares->count; at++, begin = end) {
        uint64_t part = total / shares->count * (at + 1);

        while (end < inputs && (so_far < part || at + 1 == shares->count))
            so_far += sized[end++].bytes;
        fill_share(shares, at, sized, begin, end);
    }
}

struct shares *shares_new(const struct walk *walk, size_t count)
{
    struct sized *sized = sys_calloc(walk->count, sizeof(*sized));
    struct shares *shares =
        sys_calloc(1, sizeof(*shares) + count * sizeof(shares->share[0]));
    uint64_t total = 0;

    if (shares)
        shares->order = sys_calloc(walk->count, sizeof(*shares->order));
    if (!sized || !shares || !shares->order) {
        sys_free(sized);
        shares_free(shares);
        return NULL;
    }
    shares->walk = walk;
    shares->count = count;
    for (size_t i = 0; i < walk->count; i++) {
        sized[i].bytes = walk->inputs[i].bytes + FILE_COST_BYTES;
        sized[i].position = (uint32_t)i;
        total += sized[i].bytes;
    }
    find_long(shares, sized, total);
    cut(shares, sized, total);
    sys_free(sized);
    return shares;
}

void shares_free(struct shares *shares)
{
    if (!shares)
        return;
    sys_free(shares->order);
    sys_free(shares);
}

const struct input *shares_take(struct shares *shares, size_t worker)
{
    for (size_t i = 0; i < shares->count; i++) {
        struct share *share = &shares->share[(worker + i) % shares->count];
        size_t at;

        if (atomic_load(&share->next) >= share->end)
            continue;
        at = atomic_fetch_add(&share->next, 1);
        if (at < share->end)
            return &shares->walk->inputs[shares->order[at]];
    }
    return NULL;
}
