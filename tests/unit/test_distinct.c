/*
 * How many distinct things were seen. Verdicts hang on it, so it may depend
 * neither on order nor on copies, and its error has to be what is said.
 */
#include "unit.h"

#include "base/distinct.h"

/* A hash that is good in all bits (splitmix64), the same in every run. */
static uint64_t hash_of(uint64_t thing)
{
    thing += UINT64_C(0x9e3779b97f4a7c15);
    thing = (thing ^ thing >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    thing = (thing ^ thing >> 27) * UINT64_C(0x94d049bb133111eb);
    return thing ^ thing >> 31;
}

static struct distinct first(uint64_t count)
{
    struct distinct distinct = {0};

    for (uint64_t i = 0; i < count; i++)
        distinct_add(&distinct, hash_of(i));
    return distinct;
}

static void few_are_counted_exactly(void **state)
{
    (void)state;

    for (uint64_t n = 0; n <= DISTINCT_EXACT; n++) {
        struct distinct distinct = first(n);

        assert_int_equal(distinct_count(&distinct), n);
        for (uint64_t i = 0; i < n; i++)
            distinct_add(&distinct, hash_of(i));
        assert_int_equal(distinct_count(&distinct), n);
        assert_true(distinct_is_exact(&distinct));
    }
}

/* Over many sets the mean error is near none, and the standard error near
 * the tenth that is promised. */
static void many_are_counted_within_a_tenth(void **state)
{
    static const uint64_t counts[] = {13, 20, 50, 100, 200, 300, 1000, 100000};
    (void)state;

    for (size_t i = 0; i < COUNT(counts); i++) {
        double n = (double)counts[i];
        double sum = 0, squares = 0;
        unsigned sets = counts[i] > 1000 ? 40 : 400;

        for (unsigned set = 0; set < sets; set++) {
            struct distinct distinct = {0};
            double error;

            for (uint64_t k = 0; k < counts[i]; k++)
                distinct_add(&distinct, hash_of(((uint64_t)set << 32) + k + 1));
            error = ((double)distinct_count(&distinct) - n) / n;
            sum += error;
            squares += error * error;
        }
        assert_true(sum / sets > -0.05 && sum / sets < 0.05);
        assert_true(squares / sets < 0.13 * 0.13);
    }
}

static void more_than_exact_is_never_less(void **state)
{
    struct distinct distinct = first(DISTINCT_EXACT + 1);
    (void)state;

    assert_true(distinct_count(&distinct) > DISTINCT_EXACT);
    assert_false(distinct_is_exact(&distinct));
}

/* Any split of a set, with overlaps, in either order, twice. */
static void a_union_is_what_one_would_have_seen(void **state)
{
    uint32_t seed = 7;
    (void)state;

    for (unsigned round = 0; round < 300; round++) {
        uint64_t n = unit_random(&seed, 40);
        struct distinct whole = first(n);
        struct distinct part[2] = {0};
        struct distinct ab, ba;

        for (uint64_t i = 0; i < n; i++) {
            size_t where = unit_random(&seed, 3);

            if (where != 1)
                distinct_add(&part[0], hash_of(i));
            if (where != 0)
                distinct_add(&part[1], hash_of(i));
        }
        ab = part[0];
        distinct_merge(&ab, &part[1]);
        ba = part[1];
        distinct_merge(&ba, &part[0]);
        assert_memory_equal(&ab, &whole, sizeof(whole));
        assert_memory_equal(&ba, &whole, sizeof(whole));
        distinct_merge(&ab, &ba);
        assert_memory_equal(&ab, &whole, sizeof(whole));
    }
}

/* A hash without a bit set has the greatest rank there is. */
static void the_rarest_hash_fits(void **state)
{
    struct distinct distinct = first(20);
    (void)state;

    distinct_add(&distinct, 0);
    distinct_add(&distinct, UINT64_C(0xffffffff00000000));
    assert_int_equal(distinct.seen.registers[0], 33);
    assert_int_equal(distinct.seen.registers[DISTINCT_REGISTERS - 1], 33);
    assert_true(distinct_count(&distinct) > DISTINCT_EXACT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_are_counted_exactly),
        cmocka_unit_test(many_are_counted_within_a_tenth),
        cmocka_unit_test(more_than_exact_is_never_less),
        cmocka_unit_test(a_union_is_what_one_would_have_seen),
        cmocka_unit_test(the_rarest_hash_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
