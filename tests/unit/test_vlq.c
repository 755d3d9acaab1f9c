/*
 * Rows are packed with these: a number must come back, from its one
 * spelling only, and nothing behind the end may be read.
 */
#include "guarded.h"

#include "base/vlq.h"

static void a_number_comes_back_from_its_digits(void **state)
{
    static const struct {
        uint64_t number;
        const char *digits;
    } rows[] = {
        {0, "A"},
        {1, "B"},
        {31, "f"},
        {32, "gB"},
        {1023, "/f"},
        {1024, "ggB"},
        {1u << 31, "ggggggC"},
        {UINT64_MAX, "////////////P"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[VLQ_MAX_DIGITS];
        char *end = vlq_put(text, rows[i].number);
        const char *at = text;
        uint64_t number;

        assert_span_equal(span_of(text, (size_t)(end - text)),
                          span_str(rows[i].digits));
        assert_true(vlq_get(&at, end, &number));
        assert_true(number == rows[i].number);
        assert_ptr_equal(at, end);
    }
}

static void other_spellings_are_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "g",
        "gA",
        "!",
        "g!",
        "/////////////",
        "////////////Q",
        "ggggggggggggg",
        "ggggggggggggA",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct guarded copy = guarded_copy(span_str(texts[i]));
        const char *at = copy.bytes.ptr;
        uint64_t number;

        assert_false(vlq_get(&at, copy.bytes.ptr + copy.bytes.len, &number));
        guarded_free(&copy);
    }
}

static void a_hash_comes_back_whole_or_not_at_all(void **state)
{
    struct hash128 hash = {0x0123456789abcdef, 0xfedcba9876543210};
    char text[VLQ_HASH_DIGITS];
    (void)state;

    assert_ptr_equal(vlq_put_hash(text, hash), text + sizeof(text));
    for (size_t n = 0; n <= sizeof(text); n++) {
        struct guarded copy = guarded_copy(span_of(text, n));
        const char *at = copy.bytes.ptr, *end = at + n;
        struct hash128 back = {0, 0};

        assert_int_equal(vlq_get_hash(&at, end, &back), n == sizeof(text));
        if (n == sizeof(text))
            assert_true(hash_equal(back, hash) && at == end);
        guarded_free(&copy);
    }
    for (size_t n = 0; n < sizeof(text); n++) {
        char kept = text[n];
        const char *at = text;
        struct hash128 back;

        text[n] = '!';
        assert_false(vlq_get_hash(&at, text + sizeof(text), &back));
        text[n] = kept;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_comes_back_from_its_digits),
        cmocka_unit_test(other_spellings_are_refused),
        cmocka_unit_test(a_hash_comes_back_whole_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
