/*
 * sniff decides from an input's first bytes whether it is read at all, so
 * a wrong verdict loses a file; and it must not depend on how much of the
 * input was at hand.
 */
#include "input/sniff.h"

#include "guarded.h"

#define MARK "\xef\xbb\xbf"

/* What the reader does: show `step` bytes more until the verdict stands,
 * and nothing twice that need not be. */
static enum sniff judge(struct span text, size_t step, size_t *before,
                        const char **what)
{
    static struct guarded head; /* kept: mapping memory is slow */
    size_t shown = 0, blank;

    *before = 0;
    for (;;) {
        enum sniff verdict;

        guarded_put(&head, span_of(text.ptr + *before, shown - *before));
        verdict = sniff(head.bytes, *before, shown == text.len, &blank, what);
        assert_true(blank <= head.bytes.len);
        *before += blank;
        if (verdict != SNIFF_MORE)
            return verdict;
        assert_true(shown < text.len);
        assert_true(shown - *before < SNIFF_BYTES);
        shown = step < text.len - shown ? shown + step : text.len;
    }
}

/* The same verdict however much is shown. */
static void expect(struct span text, enum sniff expected, size_t before,
                   const char *what)
{
    static const size_t steps[] = {1, 7, 255, 511, 512, 513, 1000, 1 << 20};

    for (size_t i = 0; i < COUNT(steps); i++) {
        const char *got_what;
        size_t got_before;
        enum sniff got = judge(text, steps[i], &got_before, &got_what);

        if (got != expected || (got == SNIFF_JSON && got_before != before))
            fail_msg("%.*s (%zu bytes, %zu at a time): verdict %d behind %zu",
                     (int)text.len, text.ptr, text.len, steps[i], got,
                     got_before);
        if (what)
            assert_string_equal(got_what, what);
        else
            assert_null(got_what);
    }
}

/* `count` blanks of all kinds, then `tail`. */
static struct buf behind_blanks(size_t count, const char *tail)
{
    struct buf text = BUF_INIT;

    for (size_t i = 0; i < count; i++)
        buf_add_char(&text, " \t\r\n"[i % 4]);
    buf_add(&text, span_str(tail));
    return text;
}

/* What a dump's files begin with (cloudtrail.md 2 and 4). */
static void json_is_known_by_its_first_two_bytes(void **state)
{
    static const struct {
        const char *text;
        size_t before; /* blanks and mark */
    } texts[] = {
        {"{\"Records\":[]}", 0},
        {"{}", 0},
        {"[]", 0},
        {"[{", 0},
        {"[[", 0},
        {"[\"", 0},
        {"{ \t\r\n\"", 0},
        {"{", 0}, /* cut: nothing denies it */
        {"[ ", 0},
        {"\n \t\r{}", 4},
        {MARK "{}", 3},
        {MARK " \n[]", 5},
        {"2024-01-01T00:00:00.000Z {\"a\"", 0},
        {"2024-01-01T00:00:00.000Z {", 0},
        {"2024-01-01T00:00:00+01:00 [{", 0},
        {" 2024-01-01T00:00:00Z { \"", 1},
        {MARK "2024-01-01T00:00:00Z {\"", 3},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++)
        expect(span_str(texts[i].text), SNIFF_JSON, texts[i].before, NULL);
}

/* Users point the program at whole buckets. */
static void what_does_not_begin_as_a_dump_is_foreign(void **state)
{
    static const struct span texts[] = {
        {"x", 1},
        {"{x", 2},
        {"{1", 2},
        {"{ :", 3},
        {"{'a'", 4},
        {"[1", 2},
        {"[ -", 3},
        {"[true]", 6},
        {"}", 1},
        {"]", 1},
        {"\"{\"", 3},
        {"1", 1},
        {"null", 4},
        {"<html>", 6},
        {"{\0\"", 3},
        {"\0", 1},
        {"\x1f\x8b\x08", 3}, /* gzip in gzip */
        {"\xff\xfe{\0", 4},  /* UTF-16 */
        {"\xef\xbb{}", 4},
        {MARK MARK "{}", 8},
        {" " MARK "{}", 6},
        {"version account-id interface-id", 31},
        {"2024-01-01T00:00:00Z", 20},
        {"2024-01-01T00:00:00Z ", 21},
        {"2024-01-01T00:00:00Z\t{\"", 23},
        {"2024-01-01T00:00:00Z  {\"", 24},
        {"2024-01-01T00:00:00Z {x", 23},
        {"2024-02-30T00:00:00Z {\"", 23}, /* no such day */
        {"2024-01-01T00:00:00Z" MARK " {\"", 26},
        {"P", 1},
        {"PK\x03", 3},
        {"BZ", 2},
        {"PAR", 3},
        {"\xfd"
         "7zXZ",
         5},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++)
        expect(texts[i], SNIFF_FOREIGN, 0, NULL);
}

/* A failed sync leaves empty files. */
static void white_space_is_empty(void **state)
{
    static const char *const texts[] = {"",          " ",  "\n",
                                        " \t\r\n\n", MARK, MARK "\n"};
    static const size_t counts[] = {511, 512, 513, 5000};
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++)
        expect(span_str(texts[i]), SNIFF_EMPTY, 0, NULL);
    for (size_t i = 0; i < COUNT(counts); i++) {
        struct buf text = behind_blanks(counts[i], "");

        expect(buf_span(&text), SNIFF_EMPTY, 0, NULL);
        buf_release(&text);
    }
}

/* A user who passes an archive expects it to be read: it is named. */
static void archives_are_known_by_their_signatures(void **state)
{
    static const struct {
        const char *what;
        size_t offset;
        struct span signature;
    } archives[] = {
        {"zip", 0, {"PK\x03\x04", 4}},
        {"zip", 0, {"PK\x05\x06", 4}},
        {"zip", 0, {"PK\x07\x08", 4}},
        {"zstd", 0, {"\x28\xb5\x2f\xfd", 4}},
        {"bzip2", 0, {"BZh", 3}},
        {"xz",
         0,
         {"\xfd"
          "7zXZ\0",
          6}},
        {"Parquet", 0, {"PAR1", 4}},
        {"tar", 257, {"ustar\00000", 8}},
        {"tar", 257, {"ustar  \0", 8}},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(archives); i++) {
        /* a whole small one, and the beginnings of larger ones */
        for (size_t tail = 0; tail <= 2048; tail += 1024) {
            struct buf text = BUF_INIT;
            char *at = buf_reserve(&text, 4096);

            memset(at, '\0', 4096);
            /* as a tar begins: with a member's name */
            memcpy(at, "  {", archives[i].offset ? 3 : 0);
            memcpy(at + archives[i].offset, archives[i].signature.ptr,
                   archives[i].signature.len);
            text.len = archives[i].offset + archives[i].signature.len + tail;
            expect(buf_span(&text), SNIFF_ARCHIVE, 0, archives[i].what);
            buf_release(&text);
        }
    }
}

/* A role session's name or a user agent can stand at a tar's byte 257: who
 * chooses it must not choose that the file is not read. */
static void a_record_that_says_ustar_is_no_tar(void **state)
{
    static const char *const words[] = {"ustar", "ustar  ", "ustar\\u0000"};
    (void)state;

    for (size_t i = 0; i < COUNT(words); i++) {
        struct buf text = BUF_INIT;

        buf_add(&text, SPAN("{\"Records\":[{\"userAgent\":\""));
        while (text.len < 257)
            buf_add_char(&text, 'x');
        buf_add(&text, span_str(words[i]));
        buf_add(&text, SPAN("\"}]}"));
        expect(buf_span(&text), SNIFF_JSON, 0, NULL);
        buf_release(&text);
    }
}

/* Leading blanks are dropped as they come; what follows must not be taken
 * for the input's beginning, nor be judged by fewer bytes than elsewhere. */
static void blanks_before_the_text_change_nothing(void **state)
{
    static const struct {
        const char *tail;
        enum sniff expected;
    } texts[] = {
        {"{\"a\":1}", SNIFF_JSON},
        {"{", SNIFF_JSON},
        {"{x", SNIFF_FOREIGN},
        {"x", SNIFF_FOREIGN},
        {"2024-01-01T00:00:00.000Z {\"", SNIFF_JSON},
        {"2024-01-01T00:00:00.000Z {x", SNIFF_FOREIGN},
        {MARK "{}", SNIFF_FOREIGN},
        {"PK\x03\x04", SNIFF_FOREIGN},
        {"BZh", SNIFF_FOREIGN},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        for (size_t count = 480; count < 545; count++) {
            struct buf text = behind_blanks(count, texts[i].tail);

            expect(buf_span(&text), texts[i].expected, count, NULL);
            buf_release(&text);
        }
    }
}

/* How far sniff looks is a rule of its own: a long run of blanks behind
 * the bracket denies nothing, whatever follows it. */
static void only_the_first_bytes_behind_the_blanks_count(void **state)
{
    (void)state;

    for (size_t count = 500; count < 525; count++) {
        struct buf text = BUF_INIT;
        struct buf blanks = behind_blanks(count, "x");

        buf_add(&text, SPAN("  {"));
        buf_add(&text, buf_span(&blanks));
        expect(buf_span(&text),
               count + 1 < SNIFF_BYTES ? SNIFF_FOREIGN : SNIFF_JSON, 2, NULL);
        buf_release(&blanks);
        buf_release(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_known_by_its_first_two_bytes),
        cmocka_unit_test(what_does_not_begin_as_a_dump_is_foreign),
        cmocka_unit_test(white_space_is_empty),
        cmocka_unit_test(archives_are_known_by_their_signatures),
        cmocka_unit_test(a_record_that_says_ustar_is_no_tar),
        cmocka_unit_test(blanks_before_the_text_change_nothing),
        cmocka_unit_test(only_the_first_bytes_behind_the_blanks_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
