/*
 * A wrong name is answered with the one that was meant, or with none: a
 * far-fetched guess is worse than the list.
 */
#include "unit.h"

#include "base/spelling.h"
#include "guarded.h"

static const char *const names[] = {
    "text", "json",   "jsonl",     "csv",     "none",    "timesketch",
    "html", "format", "timeframe", "summary", "min-ips", "keep-duplicates",
};

static void each_change_has_its_cost(void **state)
{
    static const struct {
        const char *word;
        const char *name;
        unsigned distance;
    } cases[] = {
        {"", "", 0},
        {"format", "format", 0},
        {"FORMAT", "format", 0},
        {"", "csv", 3},
        {"csv", "", 9},
        {"frmat", "format", 1},
        {"fmt", "format", 3},
        {"fromat", "format", 2},
        {"formaat", "format", 3},
        {"formad", "format", 3},
        {"ofmrta", "format", 6},
        {"ba", "ab", 2},
        {"ba", "acb", 5}, /* a letter between them: no swap */
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned got =
            spelling_distance(span_str(cases[i].word), span_str(cases[i].name));

        if (got != cases[i].distance)
            fail_msg("%s, %s: %u", cases[i].word, cases[i].name, got);
    }
}

static void the_name_that_was_meant_is_found(void **state)
{
    static const struct {
        const char *word;
        const char *nearest;
    } cases[] = {
        {"fromat", "format"},
        {"fmt", "format"},
        {"Format", "format"},
        {"jsno", "json"},
        {"josnl", "jsonl"},
        {"jsonk", "json"}, /* as near as jsonl: the first */
        {"txt", "text"},
        {"cvs", "csv"},
        {"tiemframe", "timeframe"},
        {"time-frame", "timeframe"},
        {"minips", "min-ips"},
        {"min_ips", "min-ips"},
        {"keep-dups", "keep-duplicates"},
        {"sumary", "summary"},

        {"", NULL},
        {"x", NULL},
        {"xml", NULL},
        {"yaml", NULL},
        {"markdown", NULL},
        {"frobnicate", NULL},
        {"\xff\xfe", NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct spelling spelling = SPELLING_OF(span_str(cases[i].word));
        const char *want = cases[i].nearest;

        for (size_t n = 0; n < COUNT(names); n++)
            spelling_try(&spelling, names[n]);
        if (!want != !spelling.nearest ||
            (want && strcmp(want, spelling.nearest) != 0))
            fail_msg("%s: %s", cases[i].word,
                     spelling.nearest ? spelling.nearest : "none");
    }
}

/* Words come from argv, as long as they like, and formats without a NUL. */
static void a_word_of_any_length_is_read_within_its_bounds(void **state)
{
    static const char word[] = "formatformatformatformatformatformatformat";
    (void)state;

    for (size_t len = 0; len < sizeof(word); len++) {
        struct guarded copy = guarded_copy(span_of(word, len));
        struct spelling spelling = SPELLING_OF(copy.bytes);

        for (size_t n = 0; n < COUNT(names); n++)
            spelling_try(&spelling, names[n]);
        if (len > 12)
            assert_null(spelling.nearest);
        guarded_free(&copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_change_has_its_cost),
        cmocka_unit_test(the_name_that_was_meant_is_found),
        cmocka_unit_test(a_word_of_any_length_is_read_within_its_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
