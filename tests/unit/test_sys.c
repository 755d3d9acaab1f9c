/*
 * The door to the system promises a little more than POSIX does, and
 * the promises matter on the very inputs that tests by hand never have.
 */
#include "unit.h"

#include "base/buf.h"
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEP "a-folder-whose-name-is-of-some-length"

/* A tree deeper than PATH_MAX is made, and taken down, from inside. */
static int make_deep_tree(const char *top, int depth)
{
    int dir = open(top, O_DIRECTORY | O_CLOEXEC);

    for (int i = 0; i < depth; i++) {
        int next;

        assert_int_equal(mkdirat(dir, STEP, 0700), 0);
        next = openat(dir, STEP, O_DIRECTORY | O_CLOEXEC);
        assert_true(next >= 0);
        (void)close(dir);
        dir = next;
    }
    return dir;
}

static void remove_deep_tree(int dir, int depth, const char *top)
{
    (void)unlinkat(dir, "file", 0);
    for (int i = 0; i < depth; i++) {
        int up = openat(dir, "..", O_DIRECTORY | O_CLOEXEC);

        assert_int_equal(unlinkat(up, STEP, AT_REMOVEDIR), 0);
        (void)close(dir);
        dir = up;
    }
    (void)close(dir);
    assert_int_equal(rmdir(top), 0);
}

static void open_reads_a_path_of_any_length(void **state)
{
    enum {
        DEPTH = 3 * PATH_MAX / (int)sizeof(STEP)
    };
    char top[] = "/tmp/offbox-test-XXXXXX";
    struct buf path = BUF_INIT;
    int dir, fd;
    (void)state;

    assert_non_null(mkdtemp(top));
    dir = make_deep_tree(top, DEPTH);
    fd = openat(dir, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(sys_write(fd, "deep", 4), 0);
    (void)close(fd);

    /* "//" where it falls, as a user may write it */
    buf_add(&path, span_str(top));
    for (int i = 0; i < DEPTH; i++)
        buf_printf(&path, i % 3 ? "/%s" : "//%s", STEP);
    buf_add(&path, SPAN("/file"));
    assert_true(path.len > 2 * PATH_MAX);
    fd = sys_open_read(buf_str(&path), 0);
    assert_true(fd >= 0);
    assert_int_equal(sys_read(fd, top, 4), 4);
    assert_memory_equal(top, "deep", 4);
    memcpy(top, "/tmp", 4);
    (void)sys_close(fd);

    /* the folder itself, its name ended by a slash */
    path.len -= strlen("file");
    fd = sys_open_read(buf_str(&path), O_DIRECTORY);
    assert_true(fd >= 0);
    (void)sys_close(fd);

    buf_add(&path, SPAN("missing"));
    assert_int_equal(sys_open_read(buf_str(&path), 0), -1);
    assert_int_equal(errno, ENOENT);

    buf_release(&path);
    remove_deep_tree(dir, DEPTH, top);
}

static void open_tells_why_it_cannot(void **state)
{
    char *name = sys_malloc(2 * PATH_MAX);
    (void)state;

    assert_non_null(name);
    assert_int_equal(sys_open_read("", 0), -1);
    assert_int_equal(errno, ENOENT);

    memset(name, 'x', 2 * PATH_MAX - 1);
    name[2 * PATH_MAX - 1] = '\0';
    assert_int_equal(sys_open_read(name, 0), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    sys_free(name);
}

static void write_writes_everything_or_fails(void **state)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    (void)state;

    if (full < 0)
        skip();
    assert_int_equal(sys_write(full, "", 0), 0);
    assert_int_equal(sys_write(full, "x", 1), -1);
    assert_int_equal(errno, ENOSPC);
    (void)close(full);
}

/* In a process of its own: after a while write, or read, all of it. */
static pid_t other_end(int fd, bool writes, size_t bytes)
{
    static char block[4096];
    pid_t child = fork();

    assert_true(child >= 0);
    if (child > 0)
        return child;
    alarm(60);
    (void)usleep(20000);
    while (bytes > 0) {
        size_t piece = bytes < sizeof(block) ? bytes : sizeof(block);
        ssize_t got = writes ? write(fd, block, piece) : read(fd, block, piece);

        if (got <= 0)
            _exit(1);
        bytes -= (size_t)got;
    }
    _exit(0);
}

/* A pipe whose end `at` (0: reading) is ours and does not block. */
static int non_blocking_pipe(int ends[2], int at)
{
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[at], F_SETFL, O_NONBLOCK), 0);
    return ends[at];
}

/* Another program may have made a shared pipe or terminal non-blocking:
 * that nothing is there yet is no end and no error. */
static void read_waits_where_the_descriptor_does_not(void **state)
{
    int ends[2];
    int fd = non_blocking_pipe(ends, 0);
    pid_t child = other_end(ends[1], true, 1000);
    size_t total = 0;
    char into[128];
    ssize_t got;
    int status;
    (void)state;

    (void)close(ends[1]);
    while ((got = sys_read(fd, into, sizeof(into))) > 0)
        total += (size_t)got;
    assert_int_equal(got, 0);
    assert_int_equal(total, 1000);
    (void)close(fd);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void write_waits_where_the_descriptor_does_not(void **state)
{
    static char much[1024 * 1024]; /* more than a pipe holds */
    int ends[2];
    int fd = non_blocking_pipe(ends, 1);
    pid_t child = other_end(ends[0], false, sizeof(much));
    int status;
    (void)state;

    assert_int_equal(sys_write(fd, much, sizeof(much)), 0);
    (void)close(fd);
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* NULL means failure and nothing else. */
static void an_allocation_of_nothing_is_something(void **state)
{
    void *a = sys_malloc(0);
    void *b = sys_calloc(0, 8);
    void *c = sys_realloc(NULL, 0);
    (void)state;

    assert_non_null(a);
    assert_non_null(b);
    assert_non_null(c);
    c = sys_realloc(c, 0);
    assert_non_null(c);
    sys_free(a);
    sys_free(b);
    sys_free(c);
    sys_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_reads_a_path_of_any_length),
        cmocka_unit_test(open_tells_why_it_cannot),
        cmocka_unit_test(write_writes_everything_or_fails),
        cmocka_unit_test(read_waits_where_the_descriptor_does_not),
        cmocka_unit_test(write_waits_where_the_descriptor_does_not),
        cmocka_unit_test(an_allocation_of_nothing_is_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
