/*
 * span.h - borrowed bytes.
 *
 * A span points at bytes that somebody else owns and is never
 * NUL-terminated. `ptr == NULL` means "absent"; an empty string has a
 * pointer and length 0. The two are different values to the rule (an
 * absent eventName names nothing, an empty one is a name).
 */
#ifndef OFFBOX_BASE_SPAN_H
#define OFFBOX_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    const char *ptr;
    size_t len;
};

#define SPAN_ABSENT ((struct span){NULL, 0})

/* A string literal as a span; its length is a compile-time constant. */
#define SPAN(literal) ((struct span){"" literal, sizeof(literal) - 1})

static inline struct span span_of(const char *ptr, size_t len)
{
    return (struct span){ptr, len};
}

/* A NUL-terminated string; NULL gives the absent span. */
static inline struct span span_str(const char *str)
{
    return (struct span){str, str ? strlen(str) : 0};
}

static inline bool span_present(struct span s)
{
    return s.ptr != NULL;
}

/* Same bytes. An absent span equals only an absent one. */
static inline bool span_eq(struct span a, struct span b)
{
    if (!a.ptr || !b.ptr)
        return a.ptr == b.ptr;
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Order by bytes, the shorter of two equal beginnings first; an absent
 * span sorts before every present one. <0, 0, >0. */
static inline int span_cmp(struct span a, struct span b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order;

    if (!a.ptr || !b.ptr)
        return (a.ptr != NULL) - (b.ptr != NULL);
    order = common ? memcmp(a.ptr, b.ptr, common) : 0;
    if (order)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

/* ASCII case folded, whatever the locale: A-Z only. */
static inline char ascii_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static inline bool span_eq_fold(struct span a, struct span b)
{
    if (!a.ptr || !b.ptr || a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (ascii_lower(a.ptr[i]) != ascii_lower(b.ptr[i]))
            return false;
    return true;
}

static inline bool span_starts_with_fold(struct span s, struct span prefix)
{
    return s.len >= prefix.len &&
           span_eq_fold(span_of(s.ptr, prefix.len), prefix);
}

static inline bool span_ends_with_fold(struct span s, struct span suffix)
{
    return s.len >= suffix.len &&
           span_eq_fold(span_of(s.ptr + s.len - suffix.len, suffix.len),
                        suffix);
}

#endif
