/*
 * Spans are taken by their ends, the latest first: of those that were taken
 * before, the longest is wanted that begins no later. A binary indexed tree
 * over the order of beginnings keeps the longest of each prefix.
 */
#include "evidence/enclosing.h"

#include <stdlib.h>

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

#define NONE SIZE_MAX

/* Of those that begin together, what holds another comes before it. */
static int by_first(const void *a, const void *b)
{
    const struct enclosing_span *x = a, *y = b;
    int order = ORDER(x->first, y->first);

    if (!order)
        order = ORDER(y->last, x->last);
    return order ? order : ORDER(x->number, y->number);
}

static int by_last_down(const void *a, const void *b)
{
    const struct enclosing_span *x = a, *y = b;
    int order = ORDER(y->last, x->last);

    if (!order)
        order = ORDER(x->first, y->first);
    return order ? order : ORDER(x->number, y->number);
}

/* The position of the longer of two spans, either of which may be NONE. */
static size_t longer(const struct enclosing_span *spans, size_t a, size_t b)
{
    timestamp x, y;

    if (a == NONE || b == NONE)
        return a == NONE ? b : a;
    x = spans[a].last - spans[a].first;
    y = spans[b].last - spans[b].first;
    if (x != y)
        return x > y ? a : b;
    return spans[a].number < spans[b].number ? a : b;
}

void enclosing_find(struct enclosing_span *spans, size_t count, size_t *scratch)
{
    size_t *tree = scratch; /* of places 1 to `count` */

    if (count == 0)
        return;
    qsort(spans, count, sizeof(*spans), by_first);
    for (size_t i = 0; i < count; i++) {
        spans[i].rank = i + 1;
        tree[i] = NONE;
    }
    qsort(spans, count, sizeof(*spans), by_last_down);
    for (size_t i = 0; i < count; i++) {
        size_t longest = NONE;

        for (size_t at = spans[i].rank; at <= count; at += at & -at)
            tree[at - 1] = longer(spans, tree[at - 1], i);
        for (size_t at = spans[i].rank; at > 0; at -= at & -at)
            longest = longer(spans, longest, tree[at - 1]);
        spans[i].longest = spans[longest].number;
    }
}
