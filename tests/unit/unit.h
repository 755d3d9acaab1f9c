/*
 * unit.h - cmocka with the headers it wants before it, and what every
 * unit test uses.
 */
#ifndef OFFBOX_TESTS_UNIT_H
#define OFFBOX_TESTS_UNIT_H

/* In this order, which cmocka.h needs. */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#include "base/buf.h"
#include "base/span.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Same bytes, and the failure shows both. */
#define assert_span_equal(got, expected) \
    unit_span_equal((got), (expected), __FILE__, __LINE__)

static inline void unit_show(const char *name, struct span text)
{
    size_t shown = text.len < 4000 ? text.len : 4000;

    print_error("%s%s%.*s (%zu bytes)\n", name, text.ptr ? "" : "(absent)",
                (int)shown, text.ptr ? text.ptr : "", text.len);
}

static inline void unit_span_equal(struct span got, struct span expected,
                                   const char *file, int line)
{
    if (span_eq(got, expected))
        return;
    unit_show("got      ", got);
    unit_show("expected ", expected);
    _fail(file, line);
}

/* JSON in a table without a backslash before each quote: `text` with '
 * turned into ". The caller releases it. */
static inline struct buf unit_json(const char *text)
{
    struct buf json = BUF_INIT;

    buf_add(&json, span_str(text));
    for (size_t i = 0; i < json.len; i++)
        if (json.ptr[i] == '\'')
            json.ptr[i] = '"';
    assert_false(json.failed);
    return json;
}

/* Numbers that are the same in every run (Marsaglia's xorshift): below
 * `limit`. `*seed` is not 0. */
static inline size_t unit_random(uint32_t *seed, size_t limit)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed % limit;
}

#ifdef UNIT_OWN_SYS
/*
 * A test that defines this has base/sys.c in itself, with an allocator
 * that counts, and where memory and reading fail when they are told to;
 * the library's own copy is then not linked.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
    size_t now, peak; /* bytes */
    size_t calls;     /* that wanted memory */
    size_t fail_at;   /* this one of them fails; 0: none */
} unit_memory;

union unit_block {
    size_t bytes;
    max_align_t align;
};

static void *unit_realloc(void *old, size_t bytes)
{
    union unit_block *block = old ? (union unit_block *)old - 1 : NULL;
    size_t before = block ? block->bytes : 0;

    if (++unit_memory.calls == unit_memory.fail_at) {
        errno = ENOMEM;
        return NULL;
    }
    block = realloc(block, sizeof(*block) + bytes);
    assert_non_null(block);
    block->bytes = bytes;
    unit_memory.now += bytes - before;
    if (unit_memory.now > unit_memory.peak)
        unit_memory.peak = unit_memory.now;
    return block + 1;
}

static void *unit_calloc(size_t count, size_t bytes)
{
    void *block = unit_realloc(NULL, count * bytes);

    return block ? memset(block, 0, count * bytes) : NULL;
}

static void unit_free(void *old)
{
    union unit_block *block = old;

    if (!block)
        return;
    unit_memory.now -= block[-1].bytes;
    free(block - 1);
}

/* How many more bytes can be read before it fails. */
static size_t unit_readable = SIZE_MAX;

static inline ssize_t unit_read(int fd, void *into, size_t bytes)
{
    ssize_t got;

    if (unit_readable == 0) {
        errno = EIO;
        return -1;
    }
    got = read(fd, into, bytes < unit_readable ? bytes : unit_readable);
    if (got > 0 && unit_readable != SIZE_MAX)
        unit_readable -= (size_t)got;
    return got;
}

#define malloc(bytes)         unit_realloc(NULL, (bytes))
#define calloc(count, bytes)  unit_calloc((count), (bytes))
#define realloc(old, bytes)   unit_realloc((old), (bytes))
#define free(old)             unit_free((old))
#define read(fd, into, bytes) unit_read((fd), (into), (bytes))
#include "base/sys.c"
#undef read
#undef malloc
#undef calloc
#undef realloc
#undef free
#endif

#endif
