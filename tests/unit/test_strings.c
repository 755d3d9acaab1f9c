/*
 * The containers under every table. Tables grow to millions of rows
 * while others hold numbers and spans into them, so what was handed out
 * must stay what it was.
 */
#include "unit.h"

#include "base/buf.h"
#include "base/strings.h"
#include "base/sys.h"

#include <stdio.h>

#define MANY 100000u

static struct span numbered(char text[32], unsigned number)
{
    int len = snprintf(text, 32, "AKIA%u", number);

    return span_of(text, (size_t)len);
}

static void numbers_and_texts_survive_growth(void **state)
{
    struct strings strings;
    struct span early;
    char text[32];
    (void)state;

    strings_init(&strings);
    assert_int_equal(strings_intern(&strings, numbered(text, 0)), 0);
    early = strings_text(&strings, 0);
    for (unsigned i = 0; i < MANY; i++)
        assert_int_equal(strings_intern(&strings, numbered(text, i)), i);
    assert_int_equal(strings.count, MANY);
    assert_span_equal(early, SPAN("AKIA0"));
    for (unsigned i = 0; i < MANY; i++) {
        assert_int_equal(strings_intern(&strings, numbered(text, i)), i);
        assert_int_equal(strings_find(&strings, numbered(text, i)), i);
        assert_span_equal(strings_text(&strings, i), numbered(text, i));
    }
    assert_int_equal(strings.count, MANY);
    strings_release(&strings);
}

static void absent_and_empty_are_two_values(void **state)
{
    struct strings strings;
    (void)state;

    strings_init(&strings);
    assert_int_equal(strings_intern(&strings, SPAN_ABSENT), STRINGS_ABSENT);
    assert_int_equal(strings.count, 0);
    assert_int_equal(strings_find(&strings, SPAN("")), STRINGS_FAILED);
    assert_int_equal(strings_intern(&strings, SPAN("")), 0);
    assert_int_equal(strings_find(&strings, SPAN_ABSENT), STRINGS_ABSENT);
    assert_span_equal(strings_text(&strings, 0), SPAN(""));
    assert_span_equal(strings_text(&strings, STRINGS_ABSENT), SPAN_ABSENT);
    assert_span_equal(strings_text(&strings, STRINGS_FAILED), SPAN_ABSENT);
    strings_release(&strings);
}

static void equality_is_of_all_bytes(void **state)
{
    struct strings strings;
    (void)state;

    strings_init(&strings);
    assert_int_equal(strings_intern(&strings, SPAN("i-0a")), 0);
    assert_int_equal(strings_intern(&strings, SPAN("i-0A")), 1);
    assert_int_equal(strings_intern(&strings, SPAN("i-0a\0")), 2);
    assert_int_equal(strings_intern(&strings, SPAN("i-0a\0x")), 3);
    assert_int_equal(strings_intern(&strings, SPAN("i-0")), 4);
    assert_int_equal(strings_intern(&strings, SPAN("i-0a")), 0);
    strings_release(&strings);
}

static void releasing_twice_or_nothing_is_safe(void **state)
{
    struct strings strings;
    struct strings zeroed = {0};
    struct arena arena = ARENA_INIT;
    struct buf buf = BUF_INIT;
    (void)state;

    strings_init(&strings);
    (void)strings_intern(&strings, SPAN("x"));
    strings_release(&strings);
    strings_release(&strings);
    strings_release(&zeroed);
    strings_release(NULL);
    arena_release(&arena);
    arena_release(NULL);
    buf_release(&buf);
    buf_release(NULL);
    index_release(NULL);
}

/* An index whose hashes all collide still finds: it is only slow. */
static bool number_equal(const void *owner, uint32_t position, const void *key)
{
    return ((const unsigned *)owner)[position] == *(const unsigned *)key;
}

static uint64_t same_hash(const void *owner, uint32_t position)
{
    (void)owner;
    (void)position;
    return UINT64_MAX; /* the last slot, so that probing wraps */
}

static void colliding_entries_are_all_found(void **state)
{
    struct index index = {.equal = number_equal, .hash = same_hash};
    unsigned numbers[1000] = {0};
    unsigned missing = 5000;
    (void)state;

    assert_int_equal(index_find(&index, numbers, 0, &missing), INDEX_NONE);
    for (unsigned i = 0; i < COUNT(numbers); i++) {
        numbers[i] = i * 3;
        assert_int_equal(index_find(&index, numbers, UINT64_MAX, &numbers[i]),
                         INDEX_NONE);
        assert_int_equal(index_add(&index, numbers, UINT64_MAX, i), 0);
    }
    for (unsigned i = 0; i < COUNT(numbers); i++)
        assert_int_equal(index_find(&index, numbers, UINT64_MAX, &numbers[i]),
                         i);
    assert_int_equal(index_find(&index, numbers, UINT64_MAX, &missing),
                     INDEX_NONE);
    assert_true(index.used * 4 <= index.slot_count * 3);
    index_release(&index);
}

/* Sizes around the chunk and its quarter; each piece is filled, so that
 * an overlap shows. */
static void arena_pieces_are_aligned_and_do_not_overlap(void **state)
{
    static const size_t sizes[] = {0,     1,     2,     7,     8,     15,
                                   16,    17,    100,   16383, 16384, 16385,
                                   65535, 65536, 65537, 200000};
    struct {
        unsigned char *ptr;
        size_t size;
    } pieces[4 * COUNT(sizes)];
    struct arena arena = ARENA_INIT;
    (void)state;

    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT(pieces); i++) {
            size_t size = sizes[i * 7 % COUNT(sizes)];

            pieces[i].size = size;
            pieces[i].ptr = arena_alloc(&arena, size);
            assert_non_null(pieces[i].ptr);
            assert_int_equal((uintptr_t)pieces[i].ptr % _Alignof(max_align_t),
                             0);
            memset(pieces[i].ptr, (int)i, size);
            /* unaligned text in between */
            assert_span_equal(arena_copy(&arena, SPAN("abc")), SPAN("abc"));
        }
        for (size_t i = 0; i < COUNT(pieces); i++)
            for (size_t b = 0; b < pieces[i].size; b++)
                if (pieces[i].ptr[b] != i)
                    fail_msg("piece %zu, byte %zu", i, b);
        arena_clear(&arena);
    }
    arena_release(&arena);
}

static void arena_copies_keep_absent_and_empty_apart(void **state)
{
    struct arena arena = ARENA_INIT;
    (void)state;

    assert_span_equal(arena_copy(&arena, SPAN_ABSENT), SPAN_ABSENT);
    assert_null(arena.chunks);
    assert_span_equal(arena_copy(&arena, SPAN("")), SPAN(""));
    arena_release(&arena);
}

/* Whoever takes another's memory over frees it, and both can go on. */
static void an_arena_adopts_what_another_holds(void **state)
{
    (void)state;

    for (int own = 0; own < 2; own++)
        for (int others = 0; others < 3; others++) {
            struct arena arena = ARENA_INIT, from = ARENA_INIT;
            struct span kept = SPAN(""), adopted = SPAN("");

            if (own)
                kept = arena_copy(&arena, SPAN("kept"));
            for (int i = 0; i < others; i++) {
                adopted = arena_copy(&from, SPAN("adopted"));
                assert_non_null(arena_alloc(&from, 65000));
            }
            arena_adopt(&arena, &from);
            assert_null(from.chunks);
            assert_span_equal(arena_copy(&from, SPAN("new")), SPAN("new"));
            arena_release(&from);
            assert_span_equal(arena_copy(&arena, SPAN("more")), SPAN("more"));
            assert_span_equal(kept, own ? SPAN("kept") : SPAN(""));
            assert_span_equal(adopted, others ? SPAN("adopted") : SPAN(""));
            arena_release(&arena);
        }
}

static void an_impossible_allocation_fails_and_leaves_the_arena(void **state)
{
    struct arena arena = ARENA_INIT;
    struct span kept = arena_copy(&arena, SPAN("kept"));
    (void)state;

    assert_null(arena_alloc(&arena, SIZE_MAX));
    assert_null(arena_alloc(&arena, SIZE_MAX - 1));
    assert_span_equal(kept, SPAN("kept"));
    assert_non_null(arena_alloc(&arena, 8));
    arena_release(&arena);
}

static void a_buffer_grows_by_every_kind_of_piece(void **state)
{
    struct buf buf = BUF_INIT;
    char expected[32];
    size_t at = 0;
    (void)state;

    assert_span_equal(buf_span(&buf), SPAN_ABSENT);
    for (unsigned i = 0; i < MANY; i++) {
        buf_add(&buf, SPAN("ab"));
        buf_add_char(&buf, ',');
        buf_add(&buf, SPAN_ABSENT);
        buf_add(&buf, SPAN(""));
        buf_printf(&buf, "%u;", i);
    }
    assert_false(buf.failed);
    assert_int_equal(strlen(buf_str(&buf)), buf.len);
    for (unsigned i = 0; i < MANY; i++) {
        size_t len = (size_t)snprintf(expected, sizeof(expected), "ab,%u;", i);

        assert_true(at + len <= buf.len);
        assert_memory_equal(buf.ptr + at, expected, len);
        at += len;
    }
    assert_int_equal(at, buf.len);
    buf_release(&buf);
    assert_span_equal(buf_span(&buf), SPAN_ABSENT);
}

/* The owner of a buffer asks once, at the end. */
static void a_buffer_that_failed_stays_so_until_cleared(void **state)
{
    static const size_t impossible[] = {SIZE_MAX, SIZE_MAX - 1,
                                        SIZE_MAX / 2 + 2};
    (void)state;

    for (size_t i = 0; i < COUNT(impossible); i++) {
        struct buf buf = BUF_INIT;

        buf_add(&buf, SPAN("before"));
        assert_null(buf_reserve(&buf, impossible[i]));
        assert_true(buf.failed);
        buf_add(&buf, SPAN("after"));
        buf_printf(&buf, "%d", 1);
        assert_span_equal(buf_span(&buf), SPAN("before"));
        assert_null(buf_str(&buf));
        buf_clear(&buf);
        buf_add(&buf, SPAN("again"));
        assert_string_equal(buf_str(&buf), "again");
        buf_release(&buf);
    }
}

static void an_array_that_cannot_grow_is_left_as_it_was(void **state)
{
    size_t capacity = 0;
    int *array = sys_grow(NULL, &capacity, 1, sizeof(*array));
    size_t before = capacity;
    (void)state;

    assert_non_null(array);
    assert_null(sys_grow(array, &capacity, SIZE_MAX / 4 + 1, sizeof(*array)));
    assert_null(sys_grow(array, &capacity, SIZE_MAX, sizeof(*array)));
    assert_int_equal(capacity, before);
    array[before - 1] = 1;
    sys_free(array);
}

static void spans_compare_by_bytes(void **state)
{
    const struct span ascending[] = {
        SPAN_ABSENT, SPAN(""),     SPAN("\0"),   SPAN("A"),
        SPAN("B"),   SPAN("a"),    SPAN("a\0b"), SPAN("aa"),
        SPAN("b"),   SPAN("\x7f"), SPAN("\x80"), SPAN("\xff"),
    };
    (void)state;

    for (size_t i = 0; i < COUNT(ascending); i++)
        for (size_t j = 0; j < COUNT(ascending); j++) {
            int order = span_cmp(ascending[i], ascending[j]);

            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
            assert_int_equal(span_eq(ascending[i], ascending[j]), i == j);
        }
}

static void folding_knows_ascii_only(void **state)
{
    (void)state;
    assert_true(span_eq_fold(SPAN("AWS Internal"), SPAN("aws iNTERNAL")));
    assert_true(
        span_starts_with_fold(SPAN("AWS Internal/3"), SPAN("aws internal")));
    assert_true(
        span_ends_with_fold(SPAN("EC2.AmazonAWS.com"), SPAN(".amazonaws.com")));
    assert_false(span_starts_with_fold(SPAN("AWS"), SPAN("aws internal")));
    assert_false(span_ends_with_fold(SPAN("com"), SPAN(".com")));
    assert_false(span_eq_fold(SPAN("["), SPAN("{"))); /* 0x20 apart */
    assert_false(span_eq_fold(SPAN("\xc3\x84"), SPAN("\xc3\xa4")));
    assert_false(span_eq_fold(SPAN_ABSENT, SPAN("")));
    assert_false(span_starts_with_fold(SPAN_ABSENT, SPAN("a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_texts_survive_growth),
        cmocka_unit_test(absent_and_empty_are_two_values),
        cmocka_unit_test(equality_is_of_all_bytes),
        cmocka_unit_test(releasing_twice_or_nothing_is_safe),
        cmocka_unit_test(colliding_entries_are_all_found),
        cmocka_unit_test(arena_pieces_are_aligned_and_do_not_overlap),
        cmocka_unit_test(arena_copies_keep_absent_and_empty_apart),
        cmocka_unit_test(an_arena_adopts_what_another_holds),
        cmocka_unit_test(an_impossible_allocation_fails_and_leaves_the_arena),
        cmocka_unit_test(a_buffer_grows_by_every_kind_of_piece),
        cmocka_unit_test(a_buffer_that_failed_stays_so_until_cleared),
        cmocka_unit_test(an_array_that_cannot_grow_is_left_as_it_was),
        cmocka_unit_test(spans_compare_by_bytes),
        cmocka_unit_test(folding_knows_ascii_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
