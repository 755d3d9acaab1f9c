/*
 * A time frame read as another than was meant looks at the wrong files:
 * whatever is not exactly one number and one unit is refused.
 */
#include "unit.h"

#include "base/duration.h"
#include "guarded.h"

static bool parse(const char *text, int64_t *ticks)
{
    /* At its end a dead page: nothing behind the text is looked at. */
    struct guarded copy = {0};
    bool ok;

    guarded_put(&copy, span_str(text));
    ok = duration_parse(copy.bytes, ticks);

    guarded_free(&copy);
    return ok;
}

static void a_number_and_a_unit_are_a_duration(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } good[] = {
        {"0s", 0},
        {"1s", 1},
        {"90m", 90 * 60},
        {"36h", 36 * 3600},
        {"2d", 2 * 86400},
        {"1w", 7 * 86400},
        {"007d", 7 * 86400},
        {"000000000000000000000000000000001m", 60},
        /* the longest there is, in each unit */
        {"315569520000s", INT64_C(315569520000)},
        {"5259492000m", INT64_C(315569520000)},
        {"87658200h", INT64_C(315569520000)},
        {"3652425d", INT64_C(315569520000)},
        {"521775w", INT64_C(521775) * 7 * 86400},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(good); i++) {
        int64_t ticks = -1;

        if (!parse(good[i].text, &ticks))
            fail_msg("refused: %s", good[i].text);
        assert_int_equal(ticks, good[i].seconds * TICKS_PER_SECOND);
    }
}

static void all_else_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "s",
        "5",
        "-5s",
        "+5s",
        "1.5h",
        "1,5h",
        "1e3s",
        "0x10s",
        " 5s",
        "5s ",
        "5 s",
        "5S",
        "5D",
        "5M",
        "5y",
        "5ms",
        "5min",
        "1h30m",
        "s5",
        "d",
        "dd",
        "\xd9\xa3s" /* an Arabic three */,
        "315569520001s",
        "5259492001m",
        "87658201h",
        "3652426d",
        "521776w",
        "9223372036854775807s",
        "9223372036854775808s",
        "18446744073709551617s",
        "99999999999999999999999999999999w",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t ticks = 42;

        if (parse(bad[i], &ticks))
            fail_msg("read: %s", bad[i]);
        assert_int_equal(ticks, 42);
    }
    assert_false(duration_parse(SPAN("5\0s"), &(int64_t){0}));
    assert_false(duration_parse(SPAN("5s\0"), &(int64_t){0}));
    assert_false(duration_parse(SPAN_ABSENT, &(int64_t){0}));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_and_a_unit_are_a_duration),
        cmocka_unit_test(all_else_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
