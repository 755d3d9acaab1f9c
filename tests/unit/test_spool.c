/*
 * What is put aside must come back to the byte, from wherever it lies: a
 * case's records are evidence.
 */
#define UNIT_OWN_SYS
#include "unit.h"

#include "base/spool.h"

#include <dirent.h>

static char folder[] = "/tmp/spool-XXXXXX";

static size_t files_in_folder(void)
{
    DIR *dir = opendir(folder);
    size_t count = 0;

    while (readdir(dir))
        count++;
    (void)closedir(dir);
    return count - 2;
}

static void everything_comes_back_from_its_place(void **state)
{
    static char text[3000];
    struct spool spool = {0};
    struct err err = ERR_NONE;
    struct buf got = BUF_INIT;
    uint64_t places[400];
    (void)state;

    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)('a' + i % 23);
    assert_int_equal(spool_open(&spool, folder, &err), 0);
    assert_int_equal(files_in_folder(), 0); /* it has no name */
    for (size_t i = 0; i < COUNT(places); i++)
        assert_int_equal(
            spool_add(&spool, span_of(text + i, 2000 + i), &places[i], &err),
            0);
    assert_int_equal(spool_end(&spool, &err), 0);
    for (size_t i = COUNT(places); i-- > 0;) {
        assert_int_equal(spool_read(&spool, places[i], 2000 + i, &got, &err),
                         0);
        assert_span_equal(buf_span(&got), span_of(text + i, 2000 + i));
    }
    assert_int_equal(spool_read(&spool, places[399], 9999, &got, &err), -1);
    buf_release(&got);
    spool_release(&spool);
    spool_release(&spool);
}

static void several_stand_side_by_side(void **state)
{
    struct spool spools[3];
    struct err err = ERR_NONE;
    uint64_t place;
    (void)state;

    for (size_t i = 0; i < COUNT(spools); i++) {
        assert_int_equal(spool_open(&spools[i], folder, &err), 0);
        assert_int_equal(
            spool_add(&spools[i], span_of(&"abc"[i], 1), &place, &err), 0);
        assert_int_equal(spool_end(&spools[i], &err), 0);
    }
    for (size_t i = 0; i < COUNT(spools); i++) {
        struct buf got = BUF_INIT;

        assert_int_equal(spool_read(&spools[i], 0, 1, &got, &err), 0);
        assert_int_equal(got.ptr[0], "abc"[i]);
        buf_release(&got);
        spool_release(&spools[i]);
    }
}

/* A run that was killed in the wrong moment hinders none. */
static void a_name_that_is_taken_is_passed_over(void **state)
{
    struct spool spool = {0};
    struct err err = ERR_NONE;
    char path[100];
    FILE *file;
    (void)state;

    (void)snprintf(path, sizeof(path), "%s/spool.%ld-0.tmp", folder,
                   (long)getpid());
    file = fopen(path, "w");
    assert_non_null(file);
    (void)fclose(file);
    assert_int_equal(spool_open(&spool, folder, &err), 0);
    assert_int_equal(files_in_folder(), 1);
    spool_release(&spool);
    (void)unlink(path);
}

static void what_fails_is_told(void **state)
{
    struct spool spool = {0};
    struct err err = ERR_NONE;
    uint64_t place;
    (void)state;

    assert_int_equal(spool_open(&spool, "/nowhere", &err), -1);
    assert_string_equal(
        err.text, "cannot make a temporary file: No such file or directory");
    spool_release(&spool);
    assert_int_equal(spool_open(&spool, folder, &err), 0);
    unit_memory.calls = 0;
    unit_memory.fail_at = 1;
    assert_int_equal(spool_add(&spool, SPAN("x"), &place, &err), -1);
    unit_memory.fail_at = 0;
    spool_release(&spool);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_comes_back_from_its_place),
        cmocka_unit_test(several_stand_side_by_side),
        cmocka_unit_test(a_name_that_is_taken_is_passed_over),
        cmocka_unit_test(what_fails_is_told),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
