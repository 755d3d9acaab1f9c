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

static inline void unit_span_equal(struct span got, struct span expected,
                                   const char *file, int line)
{
    if (span_eq(got, expected))
        return;
    print_error("got      %s%.*s\nexpected %s%.*s\n", got.ptr ? "" : "(absent)",
                (int)got.len, got.ptr ? got.ptr : "",
                expected.ptr ? "" : "(absent)", (int)expected.len,
                expected.ptr ? expected.ptr : "");
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

#endif
