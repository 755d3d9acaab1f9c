/*
 * A file that other programs wait for is there whole or not at all, and
 * whatever a killed run left behind must not stop the next one.
 */
#include "unit.h"

#include "base/atomic_file.h"
#include "base/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/offbox-test-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void make_file(const char *path, const char *text)
{
    int fd = sys_open_write(path, O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(sys_write(fd, text, strlen(text)), 0);
    assert_int_equal(sys_close(fd), 0);
}

static void assert_holds(const char *path, const char *text)
{
    char got[64];
    int fd = sys_open_read(path, 0);
    ssize_t len;

    assert_true(fd >= 0);
    len = sys_read(fd, got, sizeof(got));
    (void)sys_close(fd);
    assert_true(len >= 0);
    assert_span_equal(span_of(got, (size_t)len), span_str(text));
}

static void replace_with(const char *path, const char *text)
{
    struct atomic_file file;
    struct err err = ERR_NONE;

    assert_int_equal(atomic_file_open(&file, path, &err), 0);
    assert_int_equal(sys_write(file.fd, text, strlen(text)), 0);
    assert_int_equal(atomic_file_commit(&file, &err), 0);
}

static void what_is_not_committed_leaves_the_old_and_nothing_else(void **state)
{
    struct atomic_file file;
    struct err err = ERR_NONE;
    char temporary[64];
    (void)state;

    make_file("out", "old");
    assert_int_equal(atomic_file_open(&file, "out", &err), 0);
    assert_int_equal(sys_write(file.fd, "new", 3), 0);
    (void)snprintf(temporary, sizeof(temporary), "%s", file.temporary);
    assert_int_equal(access(temporary, F_OK), 0);
    atomic_file_release(&file);
    atomic_file_release(&file);
    assert_int_equal(access(temporary, F_OK), -1);
    assert_holds("out", "old");
    (void)unlink("out");
}

/* In a container each run may have the same process number, and a killed
 * one leaves its temporary file: it once made every later run fail. */
static void a_killed_run_of_the_same_number_hinders_nothing(void **state)
{
    char leftover[2][64];
    (void)state;

    for (int i = 0; i < 2; i++) {
        (void)snprintf(leftover[i], sizeof(leftover[i]), "out.%ld%s.tmp",
                       (long)getpid(), i ? "-1" : "");
        make_file(leftover[i], "half");
    }
    replace_with("out", "new");
    assert_holds("out", "new");
    for (int i = 0; i < 2; i++) {
        assert_holds(leftover[i], "half");
        (void)unlink(leftover[i]);
    }
    (void)unlink("out");
}

/* A signal's handler removes what is open, and nothing that is not. */
static void removing_all_spares_what_was_committed(void **state)
{
    struct atomic_file file;
    struct err err = ERR_NONE;
    (void)state;

    replace_with("first", "whole");
    assert_int_equal(atomic_file_open(&file, "second", &err), 0);
    assert_int_equal(access(file.temporary, F_OK), 0);
    atomic_file_remove_all();
    assert_int_equal(access(file.temporary, F_OK), -1);
    assert_holds("first", "whole");
    atomic_file_release(&file);
    (void)unlink("first");
}

static void links_lead_to_the_target(void **state)
{
    struct err err = ERR_NONE;
    char *target;
    (void)state;

    assert_int_equal(symlink("link", "link-to-link"), 0);
    assert_int_equal(symlink("not-there-yet", "link"), 0);
    target = atomic_file_target("link-to-link", &err);
    assert_non_null(target);
    assert_string_equal(target, "not-there-yet");
    sys_free(target);
    replace_with("link-to-link", "new");
    assert_holds("not-there-yet", "new");

    assert_int_equal(symlink("circle", "circle"), 0);
    assert_null(atomic_file_target("circle", &err));
    assert_string_equal(err.text, "Too many levels of symbolic links");
    (void)unlink("circle");
    (void)unlink("link");
    (void)unlink("link-to-link");
    (void)unlink("not-there-yet");
}

/* Only a regular file can be synced; a pipe must not fail for it. */
static void syncing_passes_over_what_cannot_be_synced(void **state)
{
    struct err err = ERR_NONE;
    int pipe_fds[2];
    (void)state;

    assert_int_equal(pipe(pipe_fds), 0);
    assert_int_equal(atomic_file_sync(pipe_fds[1], &err), 0);
    (void)close(pipe_fds[0]);
    (void)close(pipe_fds[1]);
    assert_int_equal(atomic_file_sync(pipe_fds[1], &err), -1);
    assert_string_equal(err.text, "sync failed: Bad file descriptor");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_committed_leaves_the_old_and_nothing_else),
        cmocka_unit_test(a_killed_run_of_the_same_number_hinders_nothing),
        cmocka_unit_test(removing_all_spares_what_was_committed),
        cmocka_unit_test(links_lead_to_the_target),
        cmocka_unit_test(syncing_passes_over_what_cannot_be_synced),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
