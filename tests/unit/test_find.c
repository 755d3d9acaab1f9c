/*
 * What is searched for decides whether a record is read at all, so it must be
 * found wherever it stands, and nothing outside the text may be read.
 */
#include "guarded.h"
#include "unit.h"

#include "base/find.h"

/* The plain definition. */
static const char *find_plainly(struct span text, struct span word)
{
    for (size_t i = 0; i + word.len <= text.len; i++)
        if (memcmp(text.ptr + i, word.ptr, word.len) == 0)
            return text.ptr + i;
    return NULL;
}

/* Texts of two letters hold many near misses and overlaps. */
static void a_word_is_found_where_it_first_stands(void **state)
{
    const struct span words[] = {SPAN("a"),    SPAN("ab"),    SPAN("aab"),
                                 SPAN("abab"), SPAN("bbbbb"), SPAN("bAb")};
    unsigned random = 1;
    (void)state;

    for (int round = 0; round < 20000; round++) {
        char text[80];
        size_t len = (size_t)round % sizeof(text);
        size_t w = (size_t)round / 7 % COUNT(words);
        struct guarded copy;
        const char *found;

        for (size_t i = 0; i < len; i++) {
            random = random * 1103515245 + 12345;
            text[i] = "abAbbb"[(random >> 16) % (w == 3 ? 2 : 6)];
        }
        copy = guarded_copy(span_of(text, len));
        found = find_word(copy.bytes, words[w]);
        assert_ptr_equal(found, find_plainly(copy.bytes, words[w]));
        guarded_free(&copy);
    }
}

static void it_is_found_at_every_place(void **state)
{
    (void)state;

    for (size_t len = 5; len < 70; len++)
        for (size_t at = 0; at + 5 <= len; at++) {
            char text[70];
            struct guarded copy;

            memset(text, 'w', sizeof(text));
            memcpy(text + at, "words", 5);
            copy = guarded_copy(span_of(text, len));
            assert_ptr_equal(find_word(copy.bytes, SPAN("words")),
                             copy.bytes.ptr + at);
            guarded_free(&copy);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_is_found_where_it_first_stands),
        cmocka_unit_test(it_is_found_at_every_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
