/* hash_set: what is counted once must be, however the hashes fall. */
#include "unit.h"

#include "base/hash_set.h"

static void each_hash_counts_once(void **state)
{
    struct hash_set set = HASH_SET_INIT;
    (void)state;

    assert_null(hash_set_find(&set, (struct hash128){0, 0}));
    for (uint64_t round = 1; round <= 3; round++)
        for (uint64_t i = 0; i < 1000; i++) {
            /* Slots alike, in the low bits and all of them. */
            struct hash128 hash = {i % 10 << 40 | i % 7, i};

            assert_int_equal(hash_set_add(&set, hash), round);
            assert_int_equal(hash_set_find(&set, hash)->met, round);
        }
    assert_int_equal(set.count, 1000);
    for (uint64_t i = 0; i < 100; i++)
        assert_null(hash_set_find(&set, (struct hash128){i % 7, 1000 + i}));
    hash_set_release(&set);
    hash_set_release(&set);
}

static void zero_is_a_hash(void **state)
{
    struct hash_set set = HASH_SET_INIT;
    const struct hash128 zero = {0, 0};
    (void)state;

    assert_int_equal(hash_set_add(&set, (struct hash128){0, 1}), 1);
    assert_null(hash_set_find(&set, zero));
    assert_int_equal(hash_set_add(&set, zero), 1);
    assert_int_equal(hash_set_add(&set, zero), 2);
    assert_int_equal(set.count, 2);
    hash_set_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_hash_counts_once),
        cmocka_unit_test(zero_is_a_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
