/*
 * Two runs with one history would each give the other's alerts again, or
 * lose an entry; and a lock that outlives its run would stop all others.
 */
#include "unit.h"

#include "base/timestamp.h"
#include "state/lock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
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
    (void)unlink("h.lock");
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void a_second_run_is_told_at_once(void **state)
{
    struct lock first = LOCK_INIT, second = LOCK_INIT;
    struct err err = ERR_NONE;
    struct stat st;
    (void)state;

    assert_int_equal(lock_take(&first, "h", 0, &err), 0);
    assert_int_equal(lock_take(&second, "h", 0, &err), -1);
    assert_string_equal(err.text,
                        "another run holds 'h.lock'; --lock-wait waits for it");
    assert_int_equal(lock_take(&second, "h", TICKS_PER_SECOND / 20, &err), -1);
    assert_string_equal(err.text,
                        "another run holds 'h.lock' and did not end in time");
    assert_int_equal(second.fd, -1);
    lock_release(&first);
    lock_release(&first);
    assert_int_equal(lock_take(&second, "h", 0, &err), 0);
    lock_release(&second);
    assert_int_equal(stat("h.lock", &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

/* A process that takes the lock, says so, and dies after `naps` of 10 ms
 * without letting go. */
static pid_t hold_and_die(int naps)
{
    int ready[2];
    char said;
    pid_t pid;

    assert_int_equal(pipe(ready), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct timespec nap = {0, 10 * 1000 * 1000};
        struct lock lock;

        if (lock_take(&lock, "h", 0, NULL) < 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        for (int i = 0; i < naps; i++)
            (void)nanosleep(&nap, NULL);
        _exit(0);
    }
    (void)close(ready[1]);
    assert_int_equal(read(ready[0], &said, 1), 1);
    (void)close(ready[0]);
    return pid;
}

static void waiting_ends_when_the_holder_dies(void **state)
{
    struct lock lock = LOCK_INIT;
    struct err err = ERR_NONE;
    pid_t pid = hold_and_die(20);
    int status;
    (void)state;

    assert_int_equal(lock_take(&lock, "h", 60 * TICKS_PER_SECOND, &err), 0);
    lock_release(&lock);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void what_is_no_plain_file_is_refused(void **state)
{
    struct lock lock = LOCK_INIT;
    struct err err = ERR_NONE;
    (void)state;

    assert_int_equal(lock_take(&lock, "missing/h", 0, &err), -1);
    assert_string_equal(
        err.text, "cannot open 'missing/h.lock': No such file or directory");

    assert_int_equal(symlink("elsewhere", "link.lock"), 0);
    assert_int_equal(lock_take(&lock, "link", 0, &err), -1);
    assert_string_equal(
        err.text, "cannot open 'link.lock': Too many levels of symbolic links");
    assert_int_equal(access("elsewhere", F_OK), -1);
    (void)unlink("link.lock");

    assert_int_equal(mkfifo("fifo.lock", 0600), 0);
    assert_int_equal(lock_take(&lock, "fifo", 0, &err), -1);
    assert_string_equal(err.text,
                        "cannot open 'fifo.lock': No such device or address");
    (void)unlink("fifo.lock");
    assert_int_equal(lock.fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_run_is_told_at_once),
        cmocka_unit_test(waiting_ends_when_the_holder_dies),
        cmocka_unit_test(what_is_no_plain_file_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
