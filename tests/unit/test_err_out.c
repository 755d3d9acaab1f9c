/*
 * A full disk or a closed pipe must never look like a good report, and
 * the reason must reach the user in one line.
 */
#include "unit.h"

#include "base/err.h"
#include "base/out.h"
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void causes_stand_last_and_callers_add_in_front(void **state)
{
    struct err err = ERR_NONE;
    (void)state;

    errno = ENOSPC;
    err_set_errno(&err, "write failed");
    assert_string_equal(err.text, "write failed: No space left on device");
    err_prefix(&err, "cannot update '%s'", "history.jsonl");
    assert_string_equal(err.text, "cannot update 'history.jsonl': write "
                                  "failed: No space left on device");
    err_set(&err, "line %d", 7);
    assert_string_equal(err.text, "line 7");
    assert_int_equal(err_memory(&err), -1);
    assert_string_equal(err.text, "out of memory");
}

static void a_caller_may_not_care(void **state)
{
    (void)state;
    err_set(NULL, "x");
    err_set_errno(NULL, "x");
    err_prefix(NULL, "x");
    assert_int_equal(err_memory(NULL), -1);
}

/* Around the exact size, by each of the ways in. */
static void a_text_that_is_too_long_shows_its_cut(void **state)
{
    char text[ERR_MAX_BYTES + 10];
    (void)state;

    for (size_t len = ERR_MAX_BYTES - 5; len < sizeof(text); len++) {
        struct err err = ERR_NONE;

        memset(text, 'x', len);
        text[len < sizeof(text) ? len : sizeof(text) - 1] = '\0';
        err_set(&err, "%s", text);
        if (len < ERR_MAX_BYTES) {
            assert_string_equal(err.text, text);
        } else {
            assert_int_equal(strlen(err.text), ERR_MAX_BYTES - 1);
            assert_string_equal(err.text + ERR_MAX_BYTES - 4, "...");
        }
        err_prefix(&err, "%s", text);
        assert_int_equal(strlen(err.text), ERR_MAX_BYTES - 1);
        assert_string_equal(err.text + ERR_MAX_BYTES - 4, "...");
        err_set_errno(&err, "%s", text);
        assert_int_equal(strlen(err.text), ERR_MAX_BYTES - 1);
        assert_string_equal(err.text + ERR_MAX_BYTES - 4, "...");
    }
}

/* Read everything from a pipe's end into `into`. */
static size_t drain(int fd, char *into, size_t room)
{
    size_t len = 0;
    ssize_t got;

    while (len < room && (got = read(fd, into + len, room - len)) > 0)
        len += (size_t)got;
    return len;
}

static void everything_arrives_in_order(void **state)
{
    char got[256];
    int ends[2];
    struct out out;
    (void)state;

    assert_int_equal(pipe(ends), 0);
    out_init(&out, ends[1]);
    out_write(&out, SPAN("a\0b"));
    out_write(&out, SPAN_ABSENT);
    out_str(&out, "|text|");
    out_printf(&out, "%d|", 42);
    out_terminal(&out, SPAN("x\x1b\n"));
    assert_int_equal(out_flush(&out, NULL), 0);
    assert_int_equal(out_flush(&out, NULL), 0); /* nothing twice */
    out_release(&out);
    (void)close(ends[1]);
    assert_span_equal(span_of(got, drain(ends[0], got, sizeof(got))),
                      SPAN("a\0b|text|42|x\\x1b\\n"));
    (void)close(ends[0]);
}

/* More than the buffer holds, in pieces that do not divide it. */
static void large_output_is_handed_over_on_the_way(void **state)
{
    char path[] = "/tmp/offbox-test-XXXXXX";
    int fd = mkstemp(path);
    struct out out;
    char line[16];
    (void)state;

    assert_true(fd >= 0);
    (void)unlink(path);
    out_init(&out, fd);
    for (unsigned i = 0; i < 100000; i++) {
        out_printf(&out, "%06u\n", i);
        assert_true(out.pending.len < 128 * 1024);
    }
    assert_int_equal(out_flush(&out, NULL), 0);
    out_release(&out);
    for (unsigned i = 0; i < 100000; i += 997) {
        char expected[16];

        (void)snprintf(expected, sizeof(expected), "%06u\n", i);
        assert_int_equal(pread(fd, line, 7, (off_t)i * 7), 7);
        assert_memory_equal(line, expected, 7);
    }
    assert_int_equal(lseek(fd, 0, SEEK_END), 700000);
    (void)close(fd);
}

static void without_a_descriptor_everything_is_collected(void **state)
{
    struct out out;
    (void)state;

    out_init(&out, -1);
    for (unsigned i = 0; i < 100000; i++)
        out_str(&out, "0123456789");
    assert_int_equal(out_flush(&out, NULL), 0);
    assert_int_equal(out.pending.len, 1000000);
    out_release(&out);
}

static void a_full_disk_fails_at_the_flush_and_stays_so(void **state)
{
    struct err err = ERR_NONE;
    struct out out;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    (void)state;

    if (fd < 0)
        skip(); /* not every system has one */
    out_init(&out, fd);
    out_str(&out, "one alert\n");
    assert_int_equal(out_flush(&out, &err), -1);
    assert_string_equal(err.text, "write failed: No space left on device");

    /* the disk has room again; what was lost stays lost */
    out.fd = -1;
    out_str(&out, "another\n");
    out_terminal(&out, SPAN("x"));
    out_printf(&out, "%d", 1);
    err = ERR_NONE;
    assert_int_equal(out_flush(&out, &err), -1);
    assert_string_equal(err.text, "write failed: No space left on device");
    assert_int_equal(out.pending.len, 0);
    out_release(&out);
    (void)close(fd);
}

/* The write that fails may be one on the way, not the last. */
static void a_failure_on_the_way_is_told_at_the_end(void **state)
{
    struct err err = ERR_NONE;
    struct out out;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    (void)state;

    if (fd < 0)
        skip();
    out_init(&out, fd);
    for (int i = 0; i < 100000; i++)
        out_str(&out, "0123456789");
    assert_true(out.pending.len < 128 * 1024);
    assert_int_equal(out_flush(&out, &err), -1);
    assert_string_equal(err.text, "write failed: No space left on device");
    out_release(&out);
    (void)close(fd);
}

static void a_closed_pipe_is_a_failure(void **state)
{
    struct err err = ERR_NONE;
    struct out out;
    int ends[2];
    (void)state;

    (void)signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    (void)close(ends[0]);
    out_init(&out, ends[1]);
    out_str(&out, "one alert\n");
    assert_int_equal(out_flush(&out, &err), -1);
    assert_string_equal(err.text, "write failed: Broken pipe");
    out_release(&out);
    (void)close(ends[1]);
}

static void memory_that_runs_out_is_a_failure_too(void **state)
{
    struct err err = ERR_NONE;
    struct out out;
    (void)state;

    out_init(&out, -1);
    out_str(&out, "before");
    assert_null(buf_reserve(&out.pending, SIZE_MAX));
    out_str(&out, "after");
    assert_int_equal(out_flush(&out, &err), -1);
    assert_string_equal(err.text, "write failed: Cannot allocate memory");
    out_release(&out);
}

/* out_printf() is for text of known width; a cut one would be a lie. */
static void a_formatted_piece_that_does_not_fit_is_a_failure(void **state)
{
    char text[2000];
    struct out out;
    (void)state;

    memset(text, 'x', sizeof(text));
    out_init(&out, -1);
    out_printf(&out, "%.*s", 1023, text);
    assert_int_equal(out_flush(&out, NULL), 0);
    out_printf(&out, "%.*s", 1024, text);
    assert_int_equal(out_flush(&out, NULL), -1);
    out_release(&out);
}

/* A pipe must not get codes, and a screen none that change nothing. */
static void styles_show_on_screens_that_have_colours(void **state)
{
    static const enum out_style styles[] = {OUT_PLAIN, OUT_ALARM, OUT_ALARM,
                                            OUT_FAINT, OUT_PLAIN};
    static const char *const wanted[] = {"xxxxx",
                                         "x\x1b[0;1;31mxx\x1b[0;2mx\x1b[0mx"};
    (void)state;

    for (int colour = 0; colour < 2; colour++) {
        struct out out;

        out_init(&out, -1);
        out.screen.colour = colour;
        for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {
            out_style(&out, styles[i]);
            out_str(&out, "x");
        }
        assert_string_equal(buf_str(&out.pending), wanted[colour]);
        out_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(causes_stand_last_and_callers_add_in_front),
        cmocka_unit_test(a_caller_may_not_care),
        cmocka_unit_test(a_text_that_is_too_long_shows_its_cut),
        cmocka_unit_test(everything_arrives_in_order),
        cmocka_unit_test(large_output_is_handed_over_on_the_way),
        cmocka_unit_test(without_a_descriptor_everything_is_collected),
        cmocka_unit_test(a_full_disk_fails_at_the_flush_and_stays_so),
        cmocka_unit_test(a_failure_on_the_way_is_told_at_the_end),
        cmocka_unit_test(a_closed_pipe_is_a_failure),
        cmocka_unit_test(memory_that_runs_out_is_a_failure_too),
        cmocka_unit_test(a_formatted_piece_that_does_not_fit_is_a_failure),
        cmocka_unit_test(styles_show_on_screens_that_have_colours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
