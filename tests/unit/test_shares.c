/*
 * Every input is read by exactly one worker, whoever is quick; and each
 * worker begins with a stretch of neighbours, in the order of their paths but
 * for those that a worker might be waited for.
 */
#include "unit.h"

#include "shares.h"

#define INPUTS_MAX 100

/* A walk of files of these sizes, in this order. */
static struct walk walk_of(const uint64_t *bytes, size_t count,
                           struct input inputs[INPUTS_MAX])
{
    assert_true(count <= INPUTS_MAX);
    memset(inputs, 0, INPUTS_MAX * sizeof(*inputs));
    for (size_t i = 0; i < count; i++)
        inputs[i].bytes = bytes[i];
    return (struct walk){.inputs = inputs, .count = count};
}

/* Whoever takes how often: a worker that is done helps the others. */
static void each_input_is_given_out_once(void **state)
{
    static const uint64_t bytes[] = {0, 0,  7, 1000000, 3, 3, 3, 500000,
                                     1, 90, 2, 2000000, 0, 4, 4, 4};
    struct input inputs[INPUTS_MAX];
    (void)state;

    for (size_t count = 0; count <= COUNT(bytes); count++)
        for (size_t workers = 1; workers <= 5; workers++)
            for (size_t quick = 0; quick < workers; quick++) {
                struct walk walk = walk_of(bytes, count, inputs);
                struct shares *shares = shares_new(&walk, workers);
                unsigned given[INPUTS_MAX] = {0};
                const struct input *input;
                size_t taken = 0;

                assert_non_null(shares);
                /* `quick` takes three times as often as the others. */
                while ((input = shares_take(
                            shares, taken % 4 ? quick : taken % workers))) {
                    given[input - inputs]++;
                    taken++;
                }
                assert_int_equal(taken, count);
                for (size_t i = 0; i < count; i++)
                    assert_int_equal(given[i], 1);
                for (size_t i = 0; i < workers; i++)
                    assert_null(shares_take(shares, i));
                shares_free(shares);
            }
}

/* Where few files make a share, none may be left for the end. */
static void a_share_is_a_stretch_of_neighbours(void **state)
{
    /* Of one size are 300,000 and 400,000, between the same powers of two. */
    static const uint64_t bytes[] = {100000, 300000, 400000, /* worker 0 */
                                     400000, 100000, 300000 /* worker 1 */};
    static const size_t expected[2][3] = {{1, 2, 0}, {3, 5, 4}};
    struct input inputs[INPUTS_MAX];
    struct walk walk = walk_of(bytes, COUNT(bytes), inputs);
    struct shares *shares = shares_new(&walk, 2);
    (void)state;

    assert_non_null(shares);
    for (size_t turn = 0; turn < 3; turn++)
        for (size_t worker = 0; worker < 2; worker++)
            assert_ptr_equal(shares_take(shares, worker),
                             &inputs[expected[worker][turn]]);
    assert_null(shares_take(shares, 0));
    shares_free(shares);
}

/* Each is less than 1/32 of a share, but for one. */
static void only_a_long_input_leaves_the_order_of_paths(void **state)
{
    enum {
        EACH = 40,
        LONG = 25
    };
    uint64_t bytes[2 * EACH];
    struct input inputs[INPUTS_MAX];
    struct shares *shares;
    struct walk walk;
    (void)state;

    for (size_t i = 0; i < COUNT(bytes); i++)
        bytes[i] = 52000 + i % 2 * 10000; /* of two magnitudes, opened */
    bytes[LONG] = bytes[EACH + LONG] = 150000;
    walk = walk_of(bytes, COUNT(bytes), inputs);
    shares = shares_new(&walk, 2);
    assert_non_null(shares);
    for (size_t turn = 0; turn < EACH; turn++) {
        size_t at = turn == 0 ? LONG : turn <= LONG ? turn - 1 : turn;

        assert_ptr_equal(shares_take(shares, 0), &inputs[at]);
        assert_ptr_equal(shares_take(shares, 1), &inputs[EACH + at]);
    }
    shares_free(shares);
}

/* Nobody else waits for it: what is next in time is met next. */
static void a_single_worker_reads_in_the_order_of_paths(void **state)
{
    static const uint64_t bytes[] = {1, 7000000, 1000, 90000000, 0, 3};
    struct input inputs[INPUTS_MAX];
    struct walk walk = walk_of(bytes, COUNT(bytes), inputs);
    struct shares *shares = shares_new(&walk, 1);
    (void)state;

    assert_non_null(shares);
    for (size_t i = 0; i < COUNT(bytes); i++)
        assert_ptr_equal(shares_take(shares, 0), &inputs[i]);
    shares_free(shares);
}

static void releasing_nothing_is_safe(void **state)
{
    (void)state;
    shares_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_input_is_given_out_once),
        cmocka_unit_test(a_share_is_a_stretch_of_neighbours),
        cmocka_unit_test(only_a_long_input_leaves_the_order_of_paths),
        cmocka_unit_test(a_single_worker_reads_in_the_order_of_paths),
        cmocka_unit_test(releasing_nothing_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
