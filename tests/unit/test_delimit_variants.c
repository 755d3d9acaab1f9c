/*
 * Which variant runs depends on the machine, the results must not: so each
 * of delimit_variants() is held to the scalar one, byte for byte and field
 * for field, wherever the blocks of 64 bytes and the windows lie. Likewise the
 * search for marks and plain_run() to loops over bytes.
 *
 *     test_delimit_variants [VARIANT...]
 *
 * fails if a VARIANT was not among those compared. It is also built without
 * cmocka, for a foreign machine (neon_test.sh).
 */
#include "base/plain_run.h"
#include "input/delimit.h"
#include "input/marks.h"

#include "guarded.h"

#include <stdio.h>

/* Everything that any variant treats specially, and bytes that are illegal:
 * one of ASCII, one above it, one below. */
static const char interesting[] = "{}[]\":,\\-uE3 @\xc3\x01";

#define INTERESTING (sizeof(interesting) - 1)
#define BLOCK       64 /* bytes that a variant looks at in one go */
#define PADDINGS    71 /* 0 to 70: past each place in a block */
#define CUTS_MAX    64

/* An input, and the places where it is cut into windows, in order. */
struct input {
    char text[4096];
    size_t len;
    size_t cuts[CUTS_MAX];
    size_t cut_count;
};

static const struct delimit_variant *scalar;
static uint32_t seed = 20240229; /* of all that is random here */

static void add(struct input *input, char c, size_t times)
{
    size_t room = sizeof(input->text) - input->len;

    times = times < room ? times : room;
    memset(input->text + input->len, c, times);
    input->len += times;
}

static void add_text(struct input *input, const char *text)
{
    for (; *text; text++)
        add(input, *text, 1);
}

static bool same_state(const struct delimit *a, const struct delimit *b)
{
    return a->depth == b->depth && a->in_string == b->in_string &&
           a->escaped == b->escaped && a->illegal == b->illegal &&
           a->deep == b->deep && a->backslash == b->backslash;
}

static void show(const char *name, const struct delimit *state, size_t ends)
{
    print_error("%s: ends at %zu, depth %llu, in_string %d, escaped %d, "
                "illegal %d, deep %d, backslash %d\n",
                name, ends, (unsigned long long)state->depth, state->in_string,
                state->escaped, state->illegal, state->deep, state->backslash);
}

static void show_input(const struct input *input)
{
    print_error("%zu bytes: ", input->len);
    for (size_t i = 0; i < input->len; i++) {
        unsigned char c = (unsigned char)input->text[i];

        print_error(c > ' ' && c < 0x7f ? "%c" : c == ' ' ? "_" : "<%02x>", c);
    }
    print_error("\ncut at:");
    for (size_t i = 0; i < input->cut_count; i++)
        print_error(" %zu", input->cuts[i]);
    print_error("\n");
}

/* Where the value ends according to `variant`, 0 if it does not; the window
 * [from, to) has a dead page behind it. */
static size_t feed(const struct delimit_variant *variant, struct span window,
                   struct delimit *state)
{
    const char *end = window.ptr + window.len;
    const char *after = variant->value(state, window.ptr, end);

    assert_true(!after || (after > window.ptr && after <= end));
    return after ? (size_t)(after - window.ptr) : 0;
}

/* Every variant gives the scalar one's answer on every window, and the
 * answers do not depend on the windows: `whole` and `whole_ends` are those
 * without any. */
static void compare_windows(const struct input *input,
                            const struct delimit *whole, size_t whole_ends)
{
    static struct guarded window; /* kept: mapping memory is slow */
    struct delimit expected = {0};
    size_t from = 0, ends = 0;

    for (size_t i = 0; i <= input->cut_count && ends == 0; i++) {
        size_t to = i < input->cut_count ? input->cuts[i] : input->len;
        struct delimit before = expected;

        if (from == to)
            continue;
        guarded_put(&window, span_of(input->text + from, to - from));
        ends = feed(scalar, window.bytes, &expected);
        for (const struct delimit_variant *v = delimit_variants(); v < scalar;
             v++) {
            struct delimit got = before;
            size_t got_ends = feed(v, window.bytes, &got);

            if (got_ends == ends && same_state(&got, &expected))
                continue;
            show_input(input);
            show("before", &before, 0);
            show("scalar", &expected, ends);
            show(v->name, &got, got_ends);
            fail_msg("%s is wrong in the window %zu to %zu", v->name, from, to);
        }
        ends = ends ? from + ends : 0;
        from = to;
    }
    if (ends != whole_ends || !same_state(&expected, whole)) {
        show_input(input);
        show("in windows", &expected, ends);
        show("whole", whole, whole_ends);
        fail_msg("the answer depends on the windows");
    }
}

/* As cut as it is, and whole. */
static void compare(struct input *input)
{
    struct delimit whole = {0};
    size_t cut_count = input->cut_count;
    size_t ends = feed(scalar, span_of(input->text, input->len), &whole);

    if (cut_count > 0)
        compare_windows(input, &whole, ends);
    input->cut_count = 0;
    compare_windows(input, &whole, ends);
    input->cut_count = cut_count;
}

/* Whole, and cut in two at each place from `first` on. */
static void compare_at_every_cut(struct input *input, size_t first)
{
    struct delimit whole = {0};
    size_t ends = feed(scalar, span_of(input->text, input->len), &whole);

    input->cut_count = 0;
    compare_windows(input, &whole, ends);
    input->cut_count = 1;
    for (size_t cut = first; cut < input->len; cut++) {
        input->cuts[0] = cut;
        compare_windows(input, &whole, ends);
    }
    input->cut_count = 0;
}

/* Begin an object with `padding` bytes that mean nothing: blanks, or the
 * beginning of a string. */
static void begin(struct input *input, bool in_string, size_t padding)
{
    input->len = 0;
    input->cut_count = 0;
    add_text(input, in_string ? "{\"" : "{");
    add(input, in_string ? 'a' : ' ', padding);
}

/* Put behind what `input` holds the `number`th text of `len` bytes. */
static void add_numbered(struct input *input, size_t len, size_t number)
{
    for (; len > 0; len--, number /= INTERESTING)
        add(input, interesting[number % INTERESTING], 1);
}

static size_t count_texts(size_t len)
{
    return len > 0 ? INTERESTING * count_texts(len - 1) : 1;
}

/* Nobody thinks of every pair of special bytes and every border. */
static void variants_agree_on_every_short_text_at_every_place(void **state)
{
    static struct input input;
    (void)state;

    for (size_t len = 0; len <= 3; len++)
        for (size_t number = 0; number < count_texts(len); number++)
            for (size_t padding = 0; padding < PADDINGS; padding++)
                for (int in_string = 0; in_string < 2; in_string++) {
                    begin(&input, in_string, padding);
                    add_numbered(&input, len, number);
                    compare_at_every_cut(&input, input.len - len);
                }
}

/* Longer ones are too many for every place: those where a block ends within
 * the text and right before and behind it, and one more. */
static void variants_agree_on_every_text_over_a_border(void **state)
{
    static struct input input;
    const size_t len = 4;
    (void)state;

    for (size_t number = 0; number < count_texts(len); number++)
        for (size_t border = 0; border <= len + 1; border++) {
            bool in_string = unit_random(&seed, 2);

            begin(&input, in_string, 0);
            add(&input, in_string ? 'a' : ' ',
                border <= len ? BLOCK - input.len - border
                              : unit_random(&seed, PADDINGS));
            add_numbered(&input, len, number);
            compare_at_every_cut(&input, input.len - len);
        }
}

/* The longest are cut at one place each. */
static void variants_agree_on_every_text_of_five(void **state)
{
    static struct input input;
    const size_t len = 5;
    (void)state;

    for (size_t number = 0; number < count_texts(len); number++) {
        bool in_string = unit_random(&seed, 2);

        begin(&input, in_string, 0);
        add(&input, in_string ? 'a' : ' ',
            BLOCK - input.len - unit_random(&seed, len + 1));
        add_numbered(&input, len, number);
        input.cuts[0] = input.len - unit_random(&seed, len + 1);
        input.cut_count = 1;
        compare(&input);
    }
}

/* The escapes' carry goes from bit to bit, from block to block and from
 * window to window: all lengths of runs, at all places. */
static void variants_agree_on_runs_of_backslashes(void **state)
{
    static struct input input;
    (void)state;

    for (size_t padding = 0; padding < PADDINGS; padding++)
        for (size_t run = 0; run < 2 * BLOCK + 12; run++)
            for (int in_string = 0; in_string < 2; in_string++) {
                size_t run_at;

                begin(&input, in_string, padding);
                run_at = input.len;
                add(&input, '\\', run);
                add_text(&input, "\"}\\\"},\"u}]");
                if (padding % 8 == 7) {
                    compare_at_every_cut(&input, run_at);
                    continue;
                }
                input.cuts[0] = run_at + unit_random(&seed, run + 3);
                input.cut_count = 1;
                compare(&input);
            }
}

/* The marks of `text`, byte by byte. */
static unsigned marks_slow(struct span text)
{
    unsigned marks = 0;

    for (size_t i = 0; i < text.len; i++) {
        size_t left = text.len - i;

        if (left >= 3 && memcmp(text.ptr + i, ":i-", 3) == 0)
            marks |= MARK_INSTANCE;
        if (left >= 4 && memcmp(text.ptr + i, ":s3\"", 4) == 0)
            marks |= MARK_S3;
    }
    return marks;
}

/* All variants find what there is; if they may end at a mark, that one. */
static void expect_marks(struct span text)
{
    static struct guarded copy; /* kept: mapping memory is slow */
    unsigned expected = marks_slow(text);

    guarded_put(&copy, text);
    for (const struct delimit_variant *v = delimit_variants(); v->name; v++) {
        const char *at = copy.bytes.ptr, *end = at + copy.bytes.len;

        if (v->marks(at, end, 0) != expected)
            fail_msg("%s finds %u, not %u, in %zu bytes: %.*s", v->name,
                     v->marks(at, end, 0), expected, text.len, (int)text.len,
                     text.ptr);
        for (unsigned until = 1; until < 8; until++) {
            unsigned got = v->marks(at, end, until);

            assert_int_equal(got & ~expected, 0);
            assert_true(got & until ? (expected & until) != 0
                                    : got == expected);
        }
    }
}

/* A mark that is missed is an event that is missed. */
static void marks_are_found_wherever_they_stand(void **state)
{
    /* And what is nearly one. */
    static const char *const marks[] = {
        ":i-", ":s3\"", ":i_", ":s3'",  ":s-", ":i3\"", "::i-", ":-i",
        ":3",  ":ii-",  "i-",  ":S3\"", ":-",  ":x3\"", ":",    ":s3:i-"};
    static struct input input;
    (void)state;

    for (size_t i = 0; i < COUNT(marks); i++)
        for (size_t before = 0; before < 2 * PADDINGS; before++)
            for (size_t behind = 0; behind < 6; behind++) {
                size_t more = behind < 5 ? behind : unit_random(&seed, 200);

                input.len = 0;
                add(&input, 'a', before);
                add_text(&input, marks[i]);
                add(&input, 'a', more);
                expect_marks(span_of(input.text, input.len));
                /* None of another's behind the end. */
                for (size_t cut = 1; more == 0 && cut < 4 && cut <= input.len;
                     cut++)
                    expect_marks(span_of(input.text, input.len - cut));
            }
}

static void marks_of_random_texts_are_those_of_a_loop_over_bytes(void **state)
{
    static const char bytes[] = ":i-s3\"a";
    static struct input input;
    (void)state;

    for (int round = 0; round < 20000; round++) {
        input.len = 0;
        for (size_t i = unit_random(&seed, 300); i > 0; i--)
            add(&input,
                unit_random(&seed, 8)
                    ? 'a'
                    : bytes[unit_random(&seed, COUNT(bytes) - 1)],
                1);
        for (size_t i = unit_random(&seed, 12); i > 0; i--)
            add(&input, bytes[unit_random(&seed, COUNT(bytes) - 1)], 1);
        expect_marks(span_of(input.text, input.len));
    }
}

/* Each byte is legal or not in all of them, at each place in a register. */
static void variants_agree_on_every_byte(void **state)
{
    static struct input input;
    (void)state;

    for (int c = 0; c < 256; c++)
        for (size_t padding = 0; padding < PADDINGS; padding++)
            for (int in_string = 0; in_string < 2; in_string++) {
                begin(&input, in_string, padding);
                add(&input, (char)c, 1);
                compare(&input);
                add_text(&input, " }\"}");
                compare(&input);
            }
}

/* Some places to cut at: a few anywhere, or many at one distance. */
static void cut_at_random(struct input *input)
{
    size_t count = unit_random(&seed, 5);
    size_t step = 1 + unit_random(&seed, 2 * BLOCK + 2);

    input->cut_count = 0;
    if (unit_random(&seed, 4) == 0) {
        for (size_t at = unit_random(&seed, input->len);
             at < input->len && input->cut_count < CUTS_MAX; at += step)
            input->cuts[input->cut_count++] = at;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        size_t at = unit_random(&seed, input->len + 1), place = i;

        for (; place > 0 && input->cuts[place - 1] > at; place--)
            input->cuts[place] = input->cuts[place - 1];
        input->cuts[place] = at;
    }
    input->cut_count = count;
}

/* The limit on the depth is passed anywhere in a block, by one bracket too
 * many, and the way down counts as well as the way up. */
static void variants_agree_around_the_depth_limit(void **state)
{
    static struct input input;
    (void)state;

    for (size_t depth = DELIMIT_DEPTH_LIMIT - 3;
         depth <= DELIMIT_DEPTH_LIMIT + 3; depth++)
        for (size_t padding = 0; padding < PADDINGS; padding++) {
            begin(&input, false, padding);
            add(&input, '[', depth - 1);
            for (int way = 0; way < 6; way++) {
                size_t len = input.len;

                /* Up and down again below the limit and over it; then
                 * closed to the end, past it, or not. */
                if (way % 2)
                    for (int i = 0; i < 80; i++)
                        add(&input, "{}[]]] \""[unit_random(&seed, 8)], 1);
                if (way >= 2)
                    add(&input, ']', depth - (way >= 4));
                for (int i = 0; i < 4; i++) {
                    cut_at_random(&input);
                    compare(&input);
                }
                input.len = len;
            }
        }
}

/* A piece of a long text: runs that cross a border or two, words, single
 * bytes of interest, and any bytes. */
static void add_piece(struct input *input)
{
    static const char *const words[] = {
        ":i-",         ":i",
        ":",           "\\u",
        "\\\"",        "null",
        "{\"a\":[",    "\"arn:aws:iam::1:role/x:i-0\"",
        "\"\\u0022\"", "\"\":\"\\\\\","};

    switch (unit_random(&seed, 12)) {
    case 0:
        add(input, '\\', 1 + unit_random(&seed, 2 * BLOCK + 4));
        break;
    case 1:
        add(input, '\\', 1 + unit_random(&seed, 5));
        break;
    case 2:
        add(input, "[{"[unit_random(&seed, 2)], 1 + unit_random(&seed, 80));
        break;
    case 3:
        add(input, "]}"[unit_random(&seed, 2)], 1 + unit_random(&seed, 6));
        break;
    case 4:
        add(input, 'a', 1 + unit_random(&seed, 2 * BLOCK + 4));
        break;
    case 5:
        add(input, ' ', 1 + unit_random(&seed, BLOCK));
        break;
    case 6:
        add(input, '"', 1);
        break;
    case 7:
        add(input, (char)unit_random(&seed, 256), 1);
        break;
    case 8:
    case 9:
        add_text(input, words[unit_random(&seed, COUNT(words))]);
        break;
    default:
        for (size_t i = unit_random(&seed, 24); i > 0; i--)
            add(input, interesting[unit_random(&seed, INTERESTING)], 1);
    }
}

/* What takes several blocks and windows to go wrong. */
static void variants_agree_on_long_random_texts(void **state)
{
    static struct input input;
    (void)state;

    for (int round = 0; round < 60000; round++) {
        size_t pieces = 1 + unit_random(&seed, 30);

        input.len = 0;
        add(&input, "{[\""[unit_random(&seed, 3)], 1);
        /* Else most of them end within a block. */
        if (input.text[0] != '"' && unit_random(&seed, 4) > 0)
            add(&input, '[', unit_random(&seed, 40));
        if (input.text[0] != '"' && unit_random(&seed, 16) == 0)
            add(&input, '[', DELIMIT_DEPTH_LIMIT - unit_random(&seed, 40));
        while (pieces-- > 0)
            add_piece(&input);
        cut_at_random(&input);
        compare(&input);
    }
}

static bool has_escape(const char *at, const char *end)
{
    for (; at + 1 < end; at++)
        if (at[0] == '\\' && at[1] == 'u')
            return true;
    return false;
}

/* May delimit_records() pass the record at `at`? Then its last byte's
 * successor, else NULL. */
static const char *passable(const char *at, const char *end)
{
    struct delimit state = {0};
    const char *after = scalar->value(&state, at, end);

    if (!after || end - after < 2 || memcmp(after - 1, "},{", 3) != 0 ||
        state.illegal || state.deep ||
        (state.backslash && has_escape(at, after)) ||
        marks_slow(span_of(at, (size_t)(after - at))) != 0)
        return NULL;
    return after;
}

/* Beyond what a variant looks at in one go nothing hinders it. */
#define PASS_REACH (BLOCK + 4)

/* Only what may be passed is, and all that ends well before `usual_bytes`; and
 * what is told of the next record is true. */
static void expect_passed(const struct input *input, size_t usual_bytes)
{
    static struct guarded text; /* kept: mapping memory is slow */

    guarded_put(&text, span_of(input->text, input->len));
    for (const struct delimit_variant *v = delimit_variants(); v->name; v++) {
        const char *begin = text.bytes.ptr, *end = begin + text.bytes.len;
        const char *record = begin, *at = begin, *seen, *after;
        struct delimit rest, whole = {0};
        size_t passed = v->records(&record, end, &rest, &seen);

        for (size_t i = 0; i < passed; i++) {
            after = passable(at, end);
            if (!after)
                fail_msg("%s passes what begins at %td: %.*s", v->name,
                         at - begin, (int)input->len, input->text);
            at = after + 1;
        }
        assert_true(record == at);
        after = passable(at, end);
        if (v != scalar && after &&
            (size_t)(after - begin) + PASS_REACH < usual_bytes)
            fail_msg("%s does not pass what begins at %td: %.*s", v->name,
                     at - begin, (int)input->len, input->text);
        assert_true(seen >= record && seen < end);
        after = scalar->value(&whole, record, end);
        assert_true(v->value(&rest, seen, end) == after);
        if (!same_state(&rest, &whole))
            fail_msg("%s goes on otherwise at %td: %.*s", v->name, seen - begin,
                     (int)input->len, input->text);
    }
}

static void add_record(struct input *input)
{
    static const char *const members[] = {
        "\"a\":1,",
        "\"b\":{\"c\":[{},{}]},",
        "\"},{\":\"{[}\",",
        "\"userIdentity\":{\"type\":\"AWSService\"},",
        "\"e\":null,\"f\":{},",
        "\"g\":\"\\\"},{\\\\\",",
        "\"h\":\"\\\\\\\"\\n\\\\\\\\\",",
        "\"arn\":\"arn:aws:s3:::bucket/i-1\","};

    add(input, '{', 1);
    for (size_t i = unit_random(&seed, 6); i > 0; i--) {
        add_text(input, members[unit_random(&seed, COUNT(members))]);
        if (unit_random(&seed, 3) == 0) {
            add(input, '"', 1);
            add(input, 'x', unit_random(&seed, 3 * BLOCK));
            add_text(input, "\":2,");
        }
    }
    add_text(input, "\"z\":0}");
}

/* A record that is passed unread must be one that nobody would have read. */
static void only_usual_records_are_passed(void **state)
{
    static const char *const odd[] = {"\\", ":i-", ":s3\"", "@",    "]",
                                      "}",  "{",   "\"",    " ",    "\\u",
                                      "},", ",{",  "}]",    "}},{", "\x80"};
    static struct input input;
    (void)state;

    for (int round = 0; round < 30000; round++) {
        size_t usual;

        input.len = 0;
        add_record(&input);
        for (size_t i = unit_random(&seed, 8); i > 0; i--) {
            add(&input, ',', 1);
            add_record(&input);
        }
        usual = input.len;
        if (unit_random(&seed, 3) > 0) {
            const char *piece = odd[unit_random(&seed, COUNT(odd))];
            size_t len = strlen(piece);

            usual = unit_random(&seed, input.len - 4);
            if (unit_random(&seed, 64) == 0) {
                input.len = usual;
                add(&input, '[', DELIMIT_DEPTH_LIMIT);
                add(&input, ']', DELIMIT_DEPTH_LIMIT);
                add_text(&input, "},{},{}");
            } else if (usual + len <= input.len) {
                memcpy(input.text + usual, piece, len);
            }
        }
        if (input.text[0] == '{')
            expect_passed(&input, usual);
    }
}

/* plain_run(), byte by byte. */
static const char *plain_run_slow(const char *at, const char *end)
{
    while (at < end && plain_run_is_plain(*at))
        at++;
    return at;
}

/* An odd byte that is overlooked ends up in a key or a name. */
static void plain_run_agrees_with_a_loop_over_bytes(void **state)
{
    struct guarded text = {0};
    char bytes[80];
    (void)state;

    memset(bytes, 'a', sizeof(bytes));
    for (size_t len = 0; len <= sizeof(bytes); len++) {
        const char *at;

        guarded_put(&text, span_of(bytes, len));
        at = text.bytes.ptr;
        assert_true(plain_run(at, at + len) == at + len);
        for (size_t place = 0; place < len; place++)
            for (int c = 0; c < 256; c++) {
                bool plain = c >= 0x20 && c <= 0x7f && c != '"' && c != '\\';
                char *odd = text.map + text.live - len + place;
                const char *got;

                *odd = (char)c;
                if (len > place + 1) /* one more, that comes too late */
                    odd[1 + unit_random(&seed, len - place - 1)] = '"';
                got = plain_run(at, at + len);
                if (got != plain_run_slow(at, at + len) || (got > odd) != plain)
                    fail_msg("byte %02x at %zu of %zu: run of %td", (unsigned)c,
                             place, len, got - at);
                memset(odd, 'a', len - place);
            }
    }
    guarded_free(&text);
}

/* Nor is it overlooked where the run's length is known, and only those bytes
 * are read that there must be. */
static void plain_run_holds_no_odd_byte(void **state)
{
    struct guarded text = {0};
    char bytes[80];
    (void)state;

    memset(bytes, 'a', sizeof(bytes));
    for (size_t len = 0; len < sizeof(bytes) - PLAIN_RUN_STEP; len++) {
        size_t room = PLAIN_RUN_ROOM(len);
        char *at;

        assert_true(room > len);
        guarded_put(&text, span_of(bytes, room));
        at = text.map + text.live - room;
        for (size_t place = 0; place < room; place++)
            for (int c = 0; c < 256; c++) {
                at[place] = (char)c;
                if (plain_run_holds(at, len) !=
                    (place >= len || plain_run_is_plain((char)c)))
                    fail_msg("byte %02x at %zu of %zu", (unsigned)c, place,
                             len);
                at[place] = 'a';
            }
    }
    guarded_free(&text);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variants_agree_on_every_byte),
        cmocka_unit_test(variants_agree_on_every_short_text_at_every_place),
        cmocka_unit_test(variants_agree_on_every_text_over_a_border),
        cmocka_unit_test(variants_agree_on_every_text_of_five),
        cmocka_unit_test(variants_agree_on_runs_of_backslashes),
        cmocka_unit_test(marks_are_found_wherever_they_stand),
        cmocka_unit_test(marks_of_random_texts_are_those_of_a_loop_over_bytes),
        cmocka_unit_test(variants_agree_around_the_depth_limit),
        cmocka_unit_test(variants_agree_on_long_random_texts),
        cmocka_unit_test(only_usual_records_are_passed),
        cmocka_unit_test(plain_run_agrees_with_a_loop_over_bytes),
        cmocka_unit_test(plain_run_holds_no_odd_byte),
    };
    int missing = 0;

    printf("compared with scalar:");
    for (scalar = delimit_variants(); strcmp(scalar->name, "scalar") != 0;
         scalar++)
        printf(" %s", scalar->name);
    printf("\n");
    for (int i = 1; i < argc; i++) {
        const struct delimit_variant *v = delimit_variants();

        while (v < scalar && strcmp(v->name, argv[i]) != 0)
            v++;
        if (v == scalar) {
            fprintf(stderr, "%s is not among them\n", argv[i]);
            missing++;
        }
    }
    return cmocka_run_group_tests(tests, NULL, NULL) + missing;
}
