/*
 * A key that was used must never be said not to have been: its calls would
 * be lost. Saying that one was used which was not costs a second reading.
 */
#define UNIT_OWN_SYS
#include "unit.h"

#include "base/sieve.h"

static struct hash128 hash_of(uint64_t number)
{
    static const struct hash_key key = {1, 2};

    return hash_128(key, span_of((const char *)&number, sizeof(number)));
}

static void what_was_seen_is_never_denied(void **state)
{
    struct sieve parts[2] = {{NULL}, {NULL}}, all = {NULL};
    (void)state;

    assert_false(sieve_may_hold(&all, hash_of(0)));
    for (uint64_t i = 0; i < 100000; i++)
        assert_int_equal(sieve_add(&parts[i % 2], hash_of(i)), 0);
    for (int again = 0; again < 2; again++)
        for (size_t p = 0; p < 2; p++)
            assert_int_equal(sieve_merge(&all, &parts[p]), 0);
    for (uint64_t i = 0; i < 100000; i++) {
        assert_true(sieve_may_hold(&parts[i % 2], hash_of(i)));
        assert_true(sieve_may_hold(&all, hash_of(i)));
    }
    sieve_release(&parts[0]);
    sieve_release(&parts[1]);
    sieve_release(&all);
}

static void of_a_million_one_in_fifty_others_slips_through(void **state)
{
    struct sieve sieve = {NULL};
    size_t wrong = 0;
    (void)state;

    for (uint64_t i = 0; i < 1000000; i++)
        assert_int_equal(sieve_add(&sieve, hash_of(i)), 0);
    for (uint64_t i = 1000000; i < 1100000; i++)
        wrong += sieve_may_hold(&sieve, hash_of(i));
    assert_true(wrong < 100000 / 40);
    sieve_release(&sieve);
}

static void nothing_costs_nothing(void **state)
{
    struct sieve empty = {NULL}, full = {NULL};
    (void)state;

    assert_int_equal(sieve_merge(&full, &empty), 0);
    assert_null(full.bits);
    unit_memory.calls = 0;
    unit_memory.fail_at = 1;
    assert_int_equal(sieve_add(&full, hash_of(1)), -1);
    assert_false(sieve_may_hold(&full, hash_of(1)));
    unit_memory.fail_at = 0;
    assert_int_equal(sieve_add(&full, hash_of(1)), 0);
    unit_memory.calls = 0;
    unit_memory.fail_at = 1;
    assert_int_equal(sieve_merge(&empty, &full), -1);
    unit_memory.fail_at = 0;
    sieve_release(&full);
    sieve_release(&full);
    sieve_release(&empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_seen_is_never_denied),
        cmocka_unit_test(of_a_million_one_in_fifty_others_slips_through),
        cmocka_unit_test(nothing_costs_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
