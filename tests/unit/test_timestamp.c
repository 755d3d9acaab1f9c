/*
 * Times decide which event of an address is the first and which of two
 * tied addresses is the suspect; strptime() and friends read something
 * else than the rule on each of these rows.
 */
#include "unit.h"

#include "base/timestamp.h"

#include <stdio.h>

static void rfc_3339_is_read_and_printed_in_utc(void **state)
{
    static const struct {
        const char *text;
        const char *printed;
    } good[] = {
        {"2022-02-22T10:11:12Z", "2022-02-22T10:11:12.0000000Z"},
        {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.0000000Z"},
        {"1969-12-31T23:59:59Z", "1969-12-31T23:59:59.0000000Z"},
        {"2000-02-29T23:59:59Z", "2000-02-29T23:59:59.0000000Z"},
        {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.0000000Z"},
        {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00.0000000Z"},
        {"0000-02-29T00:00:00Z", "0000-02-29T00:00:00.0000000Z"},
        {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59.0000000Z"},
        /* other spellings the standard allows */
        {"2022-02-22t10:11:12z", "2022-02-22T10:11:12.0000000Z"},
        {"2022-02-22 10:11:12Z", "2022-02-22T10:11:12.0000000Z"},
        /* fractions are cut, never rounded */
        {"2022-02-22T10:11:12.0Z", "2022-02-22T10:11:12.0000000Z"},
        {"2022-02-22T10:11:12.5Z", "2022-02-22T10:11:12.5000000Z"},
        {"2022-02-22T10:11:12.123Z", "2022-02-22T10:11:12.1230000Z"},
        {"2022-02-22T10:11:12.1234567Z", "2022-02-22T10:11:12.1234567Z"},
        {"2022-02-22T10:11:12.12345678Z", "2022-02-22T10:11:12.1234567Z"},
        {"2022-02-22T10:11:12.99999999999Z", "2022-02-22T10:11:12.9999999Z"},
        {"2022-02-22T10:11:12.00000009Z", "2022-02-22T10:11:12.0000000Z"},
        {"1969-12-31T23:59:59.9Z", "1969-12-31T23:59:59.9000000Z"},
        {"0000-01-01T00:00:00.0000001Z", "0000-01-01T00:00:00.0000001Z"},
        {"9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"},
        /* offsets */
        {"2022-02-22T10:11:12+00:00", "2022-02-22T10:11:12.0000000Z"},
        {"2022-02-22T10:11:12-00:00", "2022-02-22T10:11:12.0000000Z"},
        {"2022-02-22T10:11:12+02:00", "2022-02-22T08:11:12.0000000Z"},
        {"2022-02-22T10:11:12-05:30", "2022-02-22T15:41:12.0000000Z"},
        {"2022-02-22T10:11:12.25-05:30", "2022-02-22T15:41:12.2500000Z"},
        {"2022-01-01T00:00:00+00:01", "2021-12-31T23:59:00.0000000Z"},
        {"2023-12-31T23:59:00-23:59", "2024-01-01T23:58:00.0000000Z"},
        {"2024-03-01T00:30:00+01:00", "2024-02-29T23:30:00.0000000Z"},
        {"0000-01-01T01:00:00+01:00", "0000-01-01T00:00:00.0000000Z"},
        {"9999-12-31T22:59:59-01:00", "9999-12-31T23:59:59.0000000Z"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(good); i++) {
        timestamp time = timestamp_parse(span_str(good[i].text));
        char text[TIMESTAMP_TEXT_BYTES];

        if (time == TIMESTAMP_UNKNOWN)
            fail_msg("refused: %s", good[i].text);
        timestamp_format(time, text);
        assert_string_equal(text, good[i].printed);
    }
}

static void everything_else_is_unknown(void **state)
{
    static const char *const bad[] = {
        "",
        "Z",
        "2022",
        "2022-02-22",
        "2022-02-22T10:11Z",
        "1645524672",
        "1645524672.5",
        /* a missing or broken offset */
        "2022-02-22T10:11:12",
        "2022-02-22T10:11:12.5",
        "2022-02-22T10:11:12+",
        "2022-02-22T10:11:12+0200",
        "2022-02-22T10:11:12+02",
        "2022-02-22T10:11:12+2:00",
        "2022-02-22T10:11:12+02:0",
        "2022-02-22T10:11:12+02:60",
        "2022-02-22T10:11:12+24:00",
        "2022-02-22T10:11:12 +02:00",
        "2022-02-22T10:11:12Z+02:00",
        "2022-02-22T10:11:12 UTC",
        /* fields out of range */
        "2022-02-22T10:11:60Z",
        "2016-12-31T23:59:60Z",
        "2022-02-22T10:60:12Z",
        "2022-02-22T24:00:00Z",
        "2022-00-22T10:11:12Z",
        "2022-13-22T10:11:12Z",
        "2022-02-00T10:11:12Z",
        "2022-02-32T10:11:12Z",
        "2022-04-31T10:11:12Z",
        "2022-02-29T10:11:12Z",
        "2022-02-30T10:11:12Z",
        "1900-02-29T10:11:12Z",
        "2100-02-29T10:11:12Z",
        "2024-02-30T10:11:12Z",
        /* other layouts */
        "22-02-22T10:11:12Z",
        "02022-02-22T10:11:12Z",
        "+2022-02-22T10:11:12Z",
        "-2022-02-22T10:11:12Z",
        "2022-2-22T10:11:12Z",
        "2022-02-22T1:11:12Z",
        "2022/02/22T10:11:12Z",
        "20220222T101112Z",
        "2022-02-22_10:11:12Z",
        "2022-02-22T10.11.12Z",
        "2022-02-22T10:11:12.Z",
        "2022-02-22T10:11:12,5Z",
        "2022-02-22T10:11:12.-5Z",
        "2022-02-22T+1:11:12Z",
        "2022-02-22T 1:11:12Z",
        "2022-02-22  10:11:12Z",
        /* text before or after */
        " 2022-02-22T10:11:12Z",
        "2022-02-22T10:11:12Z ",
        "2022-02-22T10:11:12ZZ",
        /* a UTC value outside the years 0000 to 9999 */
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(bad); i++)
        if (timestamp_parse(span_str(bad[i])) != TIMESTAMP_UNKNOWN)
            fail_msg("taken for a time: '%s'", bad[i]);
    assert_true(timestamp_parse(SPAN_ABSENT) == TIMESTAMP_UNKNOWN);
    assert_true(timestamp_parse(SPAN("2022-02-22T10:11:12Z\0")) ==
                TIMESTAMP_UNKNOWN);
    assert_true(timestamp_parse(SPAN("2022-02-22T10:11:12\0")) ==
                TIMESTAMP_UNKNOWN);
}

/* Every beginning of a good text is no time. */
static void a_cut_time_is_unknown_at_every_byte(void **state)
{
    static const char text[] = "2022-02-22T10:11:12.5+02:00";
    (void)state;

    for (size_t n = 0; n < sizeof(text) - 1; n++)
        if (timestamp_parse(span_of(text, n)) != TIMESTAMP_UNKNOWN)
            fail_msg("taken for a time: %.*s", (int)n, text);
    assert_true(timestamp_parse(span_of(text, sizeof(text) - 1)) !=
                TIMESTAMP_UNKNOWN);
}

/* The usual form is read in a way of its own, the same with another offset is
 * not: any byte in any place must mean the same to both. */
static void the_usual_form_means_what_other_forms_mean(void **state)
{
    static const char *const times[] = {
        "2022-02-22T10:11:12", "0000-01-01T00:00:00", "2024-02-29T23:59:59",
        "2023-02-29T23:59:59", "1900-02-29T00:00:00", "9999-12-31T20:00:00"};
    char usual[32], other[32];
    (void)state;

    for (size_t i = 0; i < COUNT(times); i++)
        for (size_t at = 0; at < strlen(times[i]); at++)
            for (int byte = 1; byte < 256; byte++) {
                (void)snprintf(usual, sizeof(usual), "%sZ", times[i]);
                (void)snprintf(other, sizeof(other), "%s+00:00", times[i]);
                usual[at] = other[at] = (char)byte;
                if (timestamp_parse(span_str(usual)) !=
                    timestamp_parse(span_str(other)))
                    fail_msg("%s", usual);
            }
}

static void ticks_count_from_1970(void **state)
{
    (void)state;
    assert_true(timestamp_parse(SPAN("1970-01-01T00:00:00Z")) == 0);
    assert_true(timestamp_parse(SPAN("1970-01-01T00:00:00.0000001Z")) == 1);
    assert_true(timestamp_parse(SPAN("1969-12-31T23:59:59.9999999Z")) == -1);
    /* date -u -d 2022-02-22T10:11:12Z +%s */
    assert_true(timestamp_parse(SPAN("2022-02-22T10:11:12Z")) ==
                1645524672 * TICKS_PER_SECOND);
}

static void unknown_sorts_after_every_time(void **state)
{
    (void)state;
    assert_true(timestamp_parse(SPAN("9999-12-31T23:59:59.9999999Z")) <
                TIMESTAMP_UNKNOWN);
}

/* Days of all years in turn: the calendar has no gap and no day twice. */
static void days_follow_each_other_from_0000_to_9999(void **state)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30,
                                  31, 31, 30, 31, 30, 31};
    timestamp expected = timestamp_parse(SPAN("0000-01-01T12:34:56.7Z"));
    (void)state;

    for (int year = 0; year <= 9999; year++)
        for (int month = 1; month <= 12; month++) {
            bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            int length = lengths[month - 1] + (leap && month == 2);

            for (int day = 1; day <= length; day++) {
                char text[64];
                char printed[TIMESTAMP_TEXT_BYTES];

                (void)snprintf(text, sizeof(text),
                               "%04d-%02d-%02dT12:34:56.7000000Z", year, month,
                               day);
                if (timestamp_parse(span_str(text)) != expected)
                    fail_msg("%s", text);
                timestamp_format(expected, printed);
                if (strcmp(text, printed) != 0)
                    fail_msg("%s printed as %s", text, printed);
                expected += 24 * TICKS_PER_HOUR;
            }
        }
}

static void printed_times_read_back_as_themselves(void **state)
{
    timestamp first = timestamp_parse(SPAN("0000-01-01T00:00:00Z"));
    timestamp last = timestamp_parse(SPAN("9999-12-31T23:59:59.9999999Z"));
    uint64_t seed = 1;
    (void)state;

    for (int i = 0; i < 200000; i++) {
        char text[TIMESTAMP_TEXT_BYTES];
        timestamp time;

        seed = seed * 6364136223846793005u + 1442695040888963407u;
        time = first + (timestamp)(seed % ((uint64_t)(last - first) + 1));
        timestamp_format(time, text);
        if (timestamp_parse(span_str(text)) != time)
            fail_msg("%s", text);
    }
}

static void short_forms_cut_and_hours_round_down(void **state)
{
    static const struct {
        const char *text;
        const char *seconds;
        const char *hour;
        int64_t hours;
    } rows[] = {
        {"2022-02-22T10:11:12.9Z", "2022-02-22T10:11:12Z", "2022-02-22T10Z",
         457090},
        {"1970-01-01T00:59:59.9999999Z", "1970-01-01T00:59:59Z",
         "1970-01-01T00Z", 0},
        {"1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59Z",
         "1969-12-31T23Z", -1},
        {"1969-12-31T23:00:00Z", "1969-12-31T23:00:00Z", "1969-12-31T23Z", -1},
        {"1969-12-31T22:59:59Z", "1969-12-31T22:59:59Z", "1969-12-31T22Z", -2},
        {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "0000-01-01T00Z",
         -17268672},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        timestamp time = timestamp_parse(span_str(rows[i].text));
        char text[TIMESTAMP_TEXT_BYTES];

        timestamp_format_seconds(time, text);
        assert_string_equal(text, rows[i].seconds);
        timestamp_format_hour(time, text);
        assert_string_equal(text, rows[i].hour);
        assert_int_equal(timestamp_hour(time), rows[i].hours);
    }
}

static void delivery_time_is_found_in_the_file_name(void **state)
{
    static const struct {
        const char *name;
        const char *time; /* NULL: none */
    } rows[] = {
        {"123456789012_CloudTrail_us-east-1_20220222T1015Z_Ab3dEf.json.gz",
         "2022-02-22T10:15:00Z"},
        {"123456789012_CloudTrail_us-gov-west-1_20240229T2359Z_x.json",
         "2024-02-29T23:59:00Z"},
        {"renamed_20220222T1015Z_", "2022-02-22T10:15:00Z"},
        {"_20220222T1015Z_", "2022-02-22T10:15:00Z"},
        /* one that is no time does not hide one that is */
        {"_20221322T1015Z_20220222T1015Z_x", "2022-02-22T10:15:00Z"},
        {"_20220222T1015Z_20230101T0000Z_x", "2022-02-22T10:15:00Z"},
        {"", NULL},
        {"_", NULL},
        {"trail.json.gz", NULL},
        {"a_20220222T1015Z.json", NULL},
        {"a_20220222T1015_x", NULL},
        {"20220222T1015Z_x", NULL},
        {"a_20220222T2415Z_x", NULL},
        {"a_20220222T1060Z_x", NULL},
        {"a_20220230T1015Z_x", NULL},
        {"a_20220222t1015z_x", NULL},
        {"a_20220222T10:15Z_x", NULL},
        {"a_2022022T1015Z_x", NULL},
        {"a_020220222T1015Z_x", NULL},
        {"a_20220222T101500Z_x", NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        timestamp expected = rows[i].time
                                 ? timestamp_parse(span_str(rows[i].time))
                                 : TIMESTAMP_UNKNOWN;

        if (timestamp_from_file_name(span_str(rows[i].name)) != expected)
            fail_msg("%s", rows[i].name);
    }
}

static void a_day_alone_is_its_midnight(void **state)
{
    static const struct {
        const char *text;
        const char *time; /* NULL: none */
    } rows[] = {
        {"2022-02-22", "2022-02-22T00:00:00Z"},
        {"2024-02-29", "2024-02-29T00:00:00Z"},
        {"2000-02-29", "2000-02-29T00:00:00Z"},
        {"0000-01-01", "0000-01-01T00:00:00Z"},
        {"9999-12-31", "9999-12-31T00:00:00Z"},
        {"2023-02-29", NULL},
        {"1900-02-29", NULL},
        {"2022-00-01", NULL},
        {"2022-13-01", NULL},
        {"2022-04-31", NULL},
        {"2022-02-00", NULL},
        {"2022-2-22", NULL},
        {"22-02-22", NULL},
        {"20220222", NULL},
        {"2022/02/22", NULL},
        {"-2022-02-22", NULL},
        {" 2022-02-22", NULL},
        {"2022-02-22 ", NULL},
        {"2022-02-22Z", NULL},
        {"2022-02-22T00:00:00Z", NULL},
        {"2022-02", NULL},
        {"", NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        timestamp expected = rows[i].time
                                 ? timestamp_parse(span_str(rows[i].time))
                                 : TIMESTAMP_UNKNOWN;

        if (timestamp_parse_day(span_str(rows[i].text)) != expected)
            fail_msg("%s", rows[i].text);
    }
    assert_true(timestamp_parse_day(SPAN_ABSENT) == TIMESTAMP_UNKNOWN);
}

/* A file's time is whatever its file system holds. */
static void a_time_of_the_system_outside_the_calendar_is_unknown(void **state)
{
    const struct timespec known = {-1, 999999999};
    (void)state;

    assert_int_equal(timestamp_from_system(known), -1);
    assert_true(timestamp_from_system((struct timespec){INT64_MAX, 0}) ==
                TIMESTAMP_UNKNOWN);
    assert_true(timestamp_from_system((struct timespec){INT64_MIN, 0}) ==
                TIMESTAMP_UNKNOWN);
    assert_true(timestamp_from_system((struct timespec){253402300800, 0}) ==
                TIMESTAMP_UNKNOWN);
    assert_true(timestamp_from_system((struct timespec){253402300799, 0}) ==
                timestamp_parse(SPAN("9999-12-31T23:59:59Z")));
}

/* The year of this test at least, and no later than the calendar's end. */
static void the_clock_gives_a_time(void **state)
{
    (void)state;

    assert_true(timestamp_now() > timestamp_parse_day(SPAN("2020-01-01")));
    assert_true(timestamp_now() != TIMESTAMP_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_3339_is_read_and_printed_in_utc),
        cmocka_unit_test(everything_else_is_unknown),
        cmocka_unit_test(a_cut_time_is_unknown_at_every_byte),
        cmocka_unit_test(the_usual_form_means_what_other_forms_mean),
        cmocka_unit_test(ticks_count_from_1970),
        cmocka_unit_test(unknown_sorts_after_every_time),
        cmocka_unit_test(days_follow_each_other_from_0000_to_9999),
        cmocka_unit_test(printed_times_read_back_as_themselves),
        cmocka_unit_test(short_forms_cut_and_hours_round_down),
        cmocka_unit_test(delivery_time_is_found_in_the_file_name),
        cmocka_unit_test(a_day_alone_is_its_midnight),
        cmocka_unit_test(a_time_of_the_system_outside_the_calendar_is_unknown),
        cmocka_unit_test(the_clock_gives_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
