/* Opening by the folder gives what opening by the path gives. */
#include "unit.h"

#include "input/opener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/offbox-opener-XXXXXX";

static int make_files(void **state)
{
    static const char *const files[] = {"a/1", "a/2", "a/3", "b/1", "top"};
    (void)state;

    if (!mkdtemp(root) || chdir(root) < 0 || mkdir("a", 0700) < 0 ||
        mkdir("b", 0700) < 0)
        return -1;
    for (size_t i = 0; i < COUNT(files); i++) {
        FILE *file = fopen(files[i], "w");

        if (!file || fputs(files[i], file) < 0 || fclose(file) < 0)
            return -1;
    }
    return 0;
}

static int remove_files(void **state)
{
    char command[64];
    (void)state;

    (void)snprintf(command, sizeof(command), "rm -rf '%s'", root);
    return chdir("/") < 0 || system(command) != 0 ? -1 : 0; /* NOLINT */
}

/* What the file that was opened holds; "" with errno if it was not. */
static void read_by(struct opener *opener, const char *path, char text[16])
{
    int fd = opener_open(opener, span_str(path));
    ssize_t len = fd < 0 ? 0 : read(fd, text, 15);

    assert_true(len >= 0);
    text[len] = '\0';
    if (fd >= 0)
        assert_int_equal(close(fd), 0);
}

/* In any order, the folder held or not, relative or absolute, the folder's
 * name a beginning of another's. */
static void the_named_file_is_opened(void **state)
{
    static const char *const paths[] = {
        "a/1", "a/2", "a/3", "b/1", "a/1", "top", "top",   "b/1",
        "b/1", "b/1", "a/2", "top", "a/3", "a/3", "./a/1", "./a/2",
    };
    struct opener opener = {0};
    char text[16];
    (void)state;

    for (size_t i = 0; i < COUNT(paths); i++) {
        const char *expected = paths[i][0] == '.' ? paths[i] + 2 : paths[i];

        read_by(&opener, paths[i], text);
        assert_string_equal(text, expected);
    }
    opener_release(&opener);
    opener_release(&opener);
}

static void a_file_that_is_gone_says_so(void **state)
{
    struct opener opener = {0};
    char text[16];
    (void)state;

    for (int i = 0; i < 3; i++) { /* not held, held, held */
        errno = 0;
        assert_int_equal(opener_open(&opener, SPAN("a/none")), -1);
        assert_int_equal(errno, ENOENT);
    }
    assert_int_equal(opener_open(&opener, SPAN("none/1")), -1);
    assert_int_equal(opener_open(&opener, SPAN("none/1")), -1);
    assert_int_equal(errno, ENOENT);
    read_by(&opener, "a/1", text);
    assert_string_equal(text, "a/1");
    opener_release(&opener);
}

/* One descriptor at most stays open, and none in the end. */
static void no_descriptor_is_left(void **state)
{
    static const char *const paths[] = {"a/1", "a/2", "a/3", "b/1", "b/1",
                                        "a/1", "a/1", "top", "top"};
    struct opener opener = {0};
    char text[16];
    int before = open("/", O_RDONLY), after;
    (void)state;

    assert_int_equal(close(before), 0);
    for (size_t i = 0; i < COUNT(paths); i++)
        read_by(&opener, paths[i], text);
    opener_release(&opener);
    after = open("/", O_RDONLY);
    assert_int_equal(after, before);
    assert_int_equal(close(after), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_named_file_is_opened),
        cmocka_unit_test(a_file_that_is_gone_says_so),
        cmocka_unit_test(no_descriptor_is_left),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
