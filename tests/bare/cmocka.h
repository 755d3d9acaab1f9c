/*
 * cmocka.h - stands in for cmocka where there is none, such as behind a
 * cross compiler: as much of it as the tests use that are built so (see
 * neon_test.sh). The first failure ends the program.
 */
#ifndef OFFBOX_TESTS_BARE_CMOCKA_H
#define OFFBOX_TESTS_BARE_CMOCKA_H

#include <stdio.h>
#include <stdlib.h>

struct CMUnitTest {
    const char *name;
    void (*run)(void **state);
};

static inline _Noreturn void _fail(const char *file, int line)
{
    fprintf(stderr, "%s:%d: failed\n", file, line);
    exit(1);
}

static inline int bare_run(const struct CMUnitTest *tests, size_t count)
{
    void *state = NULL;

    for (size_t i = 0; i < count; i++) {
        tests[i].run(&state);
        printf("ok %s\n", tests[i].name);
    }
    return 0;
}

#define print_error(...)   fprintf(stderr, __VA_ARGS__)
#define print_message(...) printf(__VA_ARGS__)

#define fail_msg(...)                                      \
    do {                                                   \
        fprintf(stderr, __VA_ARGS__), fputc('\n', stderr); \
        _fail(__FILE__, __LINE__);                         \
    } while (0)

#define assert_true(condition) \
    ((condition) ? (void)0 : _fail(__FILE__, __LINE__))
#define assert_false(condition) assert_true(!(condition))
#define assert_int_equal(a, b)  assert_true((a) == (b))

#define cmocka_unit_test(test) \
    {                          \
#test, test            \
    }
#define cmocka_run_group_tests(tests, setup, teardown) \
    bare_run((tests), sizeof(tests) / sizeof((tests)[0]))

#endif
