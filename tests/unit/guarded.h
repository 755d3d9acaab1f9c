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
    void *map;
    size_t map_bytes;
};

static inline struct guarded guarded_copy(struct span bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t live = (bytes.len / page + 1) * page;
    struct guarded copy = {.map_bytes = live + page};
    char *at;

    copy.map = mmap(NULL, copy.map_bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(copy.map != MAP_FAILED);
    assert_int_equal(mprotect((char *)copy.map + live, page, PROT_NONE), 0);
    at = (char *)copy.map + live - bytes.len;
    if (bytes.len > 0)
        memcpy(at, bytes.ptr, bytes.len);
    copy.bytes = span_of(at, bytes.len);
    return copy;
}

/* Also one that was never filled. */
static inline void guarded_free(struct guarded *copy)
{
    if (copy->map)
        (void)munmap(copy->map, copy->map_bytes);
    *copy = (struct guarded){0};
}

#endif
