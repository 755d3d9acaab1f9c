/* base/search: the first of equal items, and where one that is missing would
 * stand. */
#include "unit.h"

#include "base/search.h"

static int by_value(const void *item, const void *wanted)
{
    int x = *(const int *)item, y = *(const int *)wanted;

    return (x > y) - (x < y);
}

static void test_places(void **state)
{
    static const int items[] = {2, 4, 4, 4, 7};
    static const size_t none = 5;
    static const struct {
        int wanted;
        size_t first, behind, one;
    } cases[] = {
        {1, 0, 0, none}, {2, 0, 1, 0}, {3, 1, 1, none}, {4, 1, 4, 1},
        {5, 4, 4, none}, {7, 4, 5, 4}, {8, 5, 5, none},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const void *wanted = &cases[i].wanted;
        struct search_range equal =
            search_equal(items, 5, sizeof(int), wanted, by_value);

        assert_int_equal(search_first(items, 5, sizeof(int), wanted, by_value),
                         cases[i].first);
        assert_int_equal(search_behind(items, 5, sizeof(int), wanted, by_value),
                         cases[i].behind);
        assert_int_equal(equal.first, cases[i].first);
        assert_int_equal(equal.count, cases[i].behind - cases[i].first);
        assert_int_equal(search_one(items, 5, sizeof(int), wanted, by_value),
                         cases[i].one);
    }
}

static void test_there_may_be_no_array(void **state)
{
    int wanted = 1;

    (void)state;
    assert_int_equal(search_first(NULL, 0, sizeof(int), &wanted, by_value), 0);
    assert_int_equal(search_behind(NULL, 0, sizeof(int), &wanted, by_value), 0);
    assert_int_equal(
        search_equal(NULL, 0, sizeof(int), &wanted, by_value).count, 0);
    assert_int_equal(search_one(NULL, 0, sizeof(int), &wanted, by_value), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_there_may_be_no_array),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
