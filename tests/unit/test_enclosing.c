/*
 * The longest span around each of many: a reason is judged by it, and must not
 * change because it is found in a clever way.
 */
#include "unit.h"

#include "evidence/enclosing.h"

#define MOST 40

static bool holds(const struct enclosing_span *a,
                  const struct enclosing_span *b)
{
    return a->first <= b->first && a->last >= b->last;
}

/* The plain definition. */
static size_t longest_around(const struct enclosing_span *spans, size_t count,
                             const struct enclosing_span *of)
{
    const struct enclosing_span *best = of;

    for (size_t i = 0; i < count; i++) {
        timestamp length = spans[i].last - spans[i].first;
        timestamp so_far = best->last - best->first;

        if (holds(&spans[i], of) &&
            (length > so_far ||
             (length == so_far && spans[i].number < best->number)))
            best = &spans[i];
    }
    return best->number;
}

/* Of few different times, so that ends meet and spans are the same. */
static void the_longest_around_is_that_of_the_definition(void **state)
{
    unsigned random = 7;
    (void)state;

    for (int round = 0; round < 4000; round++) {
        struct enclosing_span spans[MOST];
        size_t scratch[MOST];
        size_t count = (size_t)round % (MOST + 1);
        unsigned times = 2 + (unsigned)round % 23;

        for (size_t i = 0; i < count; i++) {
            timestamp a, b;

            random = random * 1103515245 + 12345;
            a = (timestamp)(random >> 16) % times;
            random = random * 1103515245 + 12345;
            b = (timestamp)(random >> 16) % times;
            spans[i] = (struct enclosing_span){
                .first = a < b ? a : b, .last = a < b ? b : a, .number = i};
        }
        enclosing_find(spans, count, scratch);
        for (size_t i = 0; i < count; i++)
            assert_int_equal(spans[i].longest,
                             longest_around(spans, count, &spans[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_around_is_that_of_the_definition),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
