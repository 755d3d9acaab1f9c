/*
 * A limit that is read wrong is no limit: what is not understood whole is
 * refused.
 */
#include "unit.h"

#include "base/byte_size.h"

#include <inttypes.h>

static void sizes_are_digits_and_a_power_of_1024(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } cases[] = {
        {"0", 0},
        {"1", 1},
        {"1024", 1024},
        {"007", 7},
        {"64K", 65536},
        {"64k", 65536},
        {"64KiB", 65536},
        {"500M", 524288000},
        {"4G", UINT64_C(4294967296)},
        {"4giB", UINT64_C(4294967296)},
        {"2T", UINT64_C(2199023255552)},
        {"18446744073709551615", UINT64_MAX},
        {"18014398509481983K", UINT64_MAX - 1023},
        {"16777215T", UINT64_MAX - (UINT64_C(1) << 40) + 1},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t bytes = 1;

        if (byte_size_parse(span_str(cases[i].text), &bytes) < 0 ||
            bytes != cases[i].bytes)
            fail_msg("%s: %" PRIu64, cases[i].text, bytes);
    }
}

static void anything_else_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "K",
        "iB",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1 K",
        "1.5G",
        "1e3",
        "0x10",
        "1KB",
        "1B",
        "1Ki",
        "1KiBs",
        "1iB",
        "1KK",
        "1P",
        "1,0",
        "1kib",
        "12M3",
        "four",
        "1\n",
        "18446744073709551616",
        "18014398509481984K",
        "16777216T",
        "99999999999999999999999999",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t bytes = 42;

        if (byte_size_parse(span_str(cases[i]), &bytes) == 0 || bytes != 42)
            fail_msg("\"%s\" was taken", cases[i]);
    }
}

/* The bytes are a span's: what lies behind them is not looked at. */
static void only_the_span_counts(void **state)
{
    uint64_t bytes;
    (void)state;

    assert_int_equal(byte_size_parse(span_of("12K", 2), &bytes), 0);
    assert_int_equal(bytes, 12);
    assert_int_equal(byte_size_parse(span_of("12KiB", 3), &bytes), 0);
    assert_int_equal(bytes, 12288);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_digits_and_a_power_of_1024),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(only_the_span_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
