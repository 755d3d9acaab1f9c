/*
 * shard: every input is in exactly one of N shards, on every machine.
 */
#include "unit.h"

#include "input/shard.h"

#include <stdio.h>

static void only_a_number_of_a_larger_one_is_a_shard(void **state)
{
    static const struct {
        const char *text;
        bool good;
        uint32_t number, count;
    } rows[] = {
        {"1/1", true, 1, 1},
        {"3/8", true, 3, 8},
        {"8/8", true, 8, 8},
        {"007/010", true, 7, 10}, /* what a loop over 001..010 writes */
        {"4294967295/4294967295", true, UINT32_MAX, UINT32_MAX},
        {"", false, 0, 0},
        {"3", false, 0, 0},
        {"/", false, 0, 0},
        {"/8", false, 0, 0},
        {"3/", false, 0, 0},
        {"0/8", false, 0, 0},
        {"0/0", false, 0, 0},
        {"9/8", false, 0, 0},
        {"-1/8", false, 0, 0},
        {"+1/8", false, 0, 0},
        {" 1/8", false, 0, 0},
        {"1/8 ", false, 0, 0},
        {"1 / 8", false, 0, 0},
        {"1/8/2", false, 0, 0},
        {"0x1/8", false, 0, 0},
        {"1/4294967296", false, 0, 0},
        {"4294967297/4294967298", false, 0, 0},
        {"99999999999999999999999/99999999999999999999999", false, 0, 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct shard shard = {0, 0};

        if (shard_parse(span_str(rows[i].text), &shard) != rows[i].good)
            fail_msg("'%s'", rows[i].text);
        assert_int_equal(shard.number, rows[i].number);
        assert_int_equal(shard.count, rows[i].count);
    }
}

/* Where the tree is mounted and how a list names it must not matter. */
static void the_base_name_alone_decides(void **state)
{
    static const char *const paths[] = {
        "a.json.gz",
        "./a.json.gz",
        "/a.json.gz",
        "logs/2024/05/14/a.json.gz",
        "/mnt/bucket/AWSLogs/a.json.gz",
        "a.json.gz/", /* a folder */
        "x/a.json.gz//",
    };
    (void)state;

    for (size_t i = 1; i < COUNT(paths); i++)
        assert_int_equal(shard_of_path(span_str(paths[i]), 1000000007),
                         shard_of_path(span_str(paths[0]), 1000000007));
    assert_int_not_equal(shard_of_path(SPAN("b.json.gz"), 1000000007),
                         shard_of_path(SPAN("a.json.gz"), 1000000007));
    for (uint32_t count = 1; count < 9; count++) {
        assert_in_range(shard_of_path(SPAN("/"), count), 1, count);
        assert_in_range(shard_of_path(SPAN(""), count), 1, count);
    }
}

/* Shards of two versions of the program would overlap and leave gaps. The
 * numbers are SipHash-2-4-128's, worked out apart from this program (the
 * low eight bytes as a number, modulo 1000, and one). */
static void a_name_has_the_same_shard_for_ever(void **state)
{
    (void)state;
    assert_int_equal(shard_of_path(SPAN("a.json.gz"), 1000), 398);
    assert_int_equal(
        shard_of_path(SPAN("111122223333_CloudTrail_us-east-1_"
                           "20240514T0905Z_aB3dE5fG7hJ9kL1m.json.gz"),
                      1000),
        837);
    assert_int_equal(shard_of_path(SPAN(""), 1000), 919);
}

/* A tenth more or less than its part, for names that differ in a digit. */
static void names_alike_are_spread(void **state)
{
    size_t held[16] = {0};
    const size_t names = 16000;
    (void)state;

    for (size_t i = 0; i < names; i++) {
        char name[64];

        (void)snprintf(name, sizeof(name), "logs/part-%05zu.jsonl", i);
        held[shard_of_path(span_str(name), COUNT(held)) - 1]++;
    }
    for (size_t i = 0; i < COUNT(held); i++)
        assert_in_range(held[i], names / COUNT(held) * 9 / 10,
                        names / COUNT(held) * 11 / 10);
}

static const struct {
    const char *path;
    enum input_status status;
    bool is_folder;
} found[] = {
    {"logs/a.json.gz", INPUT_PENDING, false},
    {"logs/b.json.gz", INPUT_PENDING, false},
    {"logs/CloudTrail-Digest/c.json.gz", INPUT_DIGEST, false},
    {"logs/closed", INPUT_UNREADABLE, true},
    {"logs/closed.json", INPUT_UNREADABLE, false},
    {"logs/link", INPUT_NOT_REGULAR, false},
    {"more/a.json.gz", INPUT_SAME_FILE, false},
};

static void fill(struct walk *walk)
{
    *walk = WALK_INIT;
    walk->inputs = test_calloc(COUNT(found), sizeof(*walk->inputs));
    for (size_t i = 0; i < COUNT(found); i++)
        walk->inputs[i] = (struct input){.path = span_str(found[i].path),
                                         .status = found[i].status,
                                         .is_folder = found[i].is_folder};
    walk->count = COUNT(found);
}

/* What is passed over or unreadable counts once, too. */
static void each_input_is_kept_by_one_shard(void **state)
{
    (void)state;
    for (uint32_t count = 1; count <= 7; count++) {
        size_t kept[COUNT(found)] = {0};
        size_t told = 0;

        for (uint32_t number = 1; number <= count; number++) {
            struct shard shard = {number, count};
            struct walk walk;
            size_t folders;

            fill(&walk);
            assert_int_equal(shard_keep(&shard, &walk, &folders, NULL), 0);
            told += folders;
            for (size_t i = 0; i < walk.count; i++)
                for (size_t j = 0; j < COUNT(found); j++)
                    kept[j] += walk.inputs[i].path.ptr == found[j].path;
            test_free(walk.inputs);
        }
        for (size_t j = 0; j < COUNT(found); j++)
            assert_int_equal(kept[j], 1);
        /* The one that keeps it has it in its ledger. */
        assert_int_equal(told, count - 1);
    }
}

static void a_stream_is_nobodys(void **state)
{
    const struct shard shard = {1, 1};
    struct input inputs[2] = {
        {.path = SPAN("a"), .status = INPUT_PENDING, .arrival = 0},
        {.path = SPAN("/dev/fd/63"),
         .status = INPUT_PENDING,
         .arrival = TIMESTAMP_UNKNOWN},
    };
    struct walk walk = {inputs, 2, 2, ARENA_INIT};
    struct err err = ERR_NONE;
    size_t folders;
    (void)state;

    assert_int_equal(shard_keep(&shard, &walk, &folders, &err), -1);
    assert_string_equal(err.text,
                        "--shard cannot tell whose '/dev/fd/63' is: a stream "
                        "has no name that all machines know");
    inputs[1] = (struct input){.path = SPAN("-"), .is_stdin = true};
    assert_int_equal(shard_keep(&shard, &walk, &folders, &err), -1);
}

static void without_a_shard_all_stay(void **state)
{
    const struct shard none = {0, 0};
    struct walk walk;
    size_t folders;
    (void)state;

    fill(&walk);
    assert_int_equal(shard_keep(&none, &walk, &folders, NULL), 0);
    assert_int_equal(walk.count, COUNT(found));
    assert_int_equal(folders, 0);
    test_free(walk.inputs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_number_of_a_larger_one_is_a_shard),
        cmocka_unit_test(the_base_name_alone_decides),
        cmocka_unit_test(a_name_has_the_same_shard_for_ever),
        cmocka_unit_test(names_alike_are_spread),
        cmocka_unit_test(each_input_is_kept_by_one_shard),
        cmocka_unit_test(a_stream_is_nobodys),
        cmocka_unit_test(without_a_shard_all_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
