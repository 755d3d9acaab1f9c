/*
 * search.h - places in an array that is in ascending order. Unlike bsearch()
 * these tell the first item from others that are equal, and where one that is
 * not there would stand; and there may be no array where there are no items.
 *
 * `cmp(item, wanted)` is <0, 0, >0 like qsort()'s; `wanted` may be of another
 * type than the items. Any thread.
 */
#ifndef OFFBOX_BASE_SEARCH_H
#define OFFBOX_BASE_SEARCH_H

#include <assert.h>
#include <stddef.h>

/* How many items come before all for which `cmp` is at least `least`. Inline,
 * so that the comparison is. */
static inline size_t search_least(
    const void *items, size_t count, size_t item_bytes, const void *wanted,
    int (*cmp)(const void *item, const void *wanted), int least)
{
    size_t low = 0, high = count;

    assert(items || count == 0);
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (cmp((const char *)items + middle * item_bytes, wanted) < least)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* How many items come before `wanted`. */
static inline size_t search_first(const void *items, size_t count,
                                  size_t item_bytes, const void *wanted,
                                  int (*cmp)(const void *item,
                                             const void *wanted))
{
    return search_least(items, count, item_bytes, wanted, cmp, 0);
}

/* How many come before it or are equal to it. */
static inline size_t search_behind(const void *items, size_t count,
                                   size_t item_bytes, const void *wanted,
                                   int (*cmp)(const void *item,
                                              const void *wanted))
{
    return search_least(items, count, item_bytes, wanted, cmp, 1);
}

/* All that are equal to it: they lie together. */
struct search_range {
    size_t first, count;
};

static inline struct search_range search_equal(
    const void *items, size_t count, size_t item_bytes, const void *wanted,
    int (*cmp)(const void *item, const void *wanted))
{
    size_t first = search_first(items, count, item_bytes, wanted, cmp);

    return (struct search_range){
        first, search_behind(items, count, item_bytes, wanted, cmp) - first};
}

/* The place of the first that is equal; `count` if none is. */
static inline size_t search_one(const void *items, size_t count,
                                size_t item_bytes, const void *wanted,
                                int (*cmp)(const void *item,
                                           const void *wanted))
{
    size_t at = search_first(items, count, item_bytes, wanted, cmp);

    return at < count && cmp((const char *)items + at * item_bytes, wanted) == 0
               ? at
               : count;
}

#endif
