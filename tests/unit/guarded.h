/*
 * guarded.h - a copy of bytes that ends where a dead page begins: reading
 * one byte too far ends the test, with or without a sanitizer.
 */
#ifndef OFFBOX_TESTS_GUARDED_H
#define OFFBOX_TESTS_GUARDED_H

#include "unit.h"

#include <sys/mman.h>
#include <unistd.h>

struct guarded {
    struct span bytes; /* present, also when empty */
    char *map;
    size_t live; /* bytes before the dead page */
};

/* Also one that was never filled. */
static inline void guarded_free(struct guarded *copy)
{
    if (copy->map)
        (void)munmap(copy->map, copy->live + (size_t)sysconf(_SC_PAGESIZE));
    *copy = (struct guarded){0};
}

/* Put `bytes` in the place of what was there, which becomes rubbish. All
 * zero before the first use. */
static inline void guarded_put(struct guarded *copy, struct span bytes)
{
    char *at;

    if (!copy->map || bytes.len > copy->live) {
        size_t page = (size_t)sysconf(_SC_PAGESIZE);
        size_t live = (bytes.len / page + 1) * page;

        guarded_free(copy);
        copy->map = mmap(NULL, live + page, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_true(copy->map != MAP_FAILED);
        assert_int_equal(mprotect(copy->map + live, page, PROT_NONE), 0);
        copy->live = live;
    } else {
        memset(copy->map + copy->live - copy->bytes.len, 0xa5, copy->bytes.len);
    }
    at = copy->map + copy->live - bytes.len;
    if (bytes.len > 0)
        memcpy(at, bytes.ptr, bytes.len);
    copy->bytes = span_of(at, bytes.len);
}

static inline struct guarded guarded_copy(struct span bytes)
{
    struct guarded copy = {0};

    guarded_put(&copy, bytes);
    return copy;
}

#endif
