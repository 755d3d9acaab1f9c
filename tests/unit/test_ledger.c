/*
 * ledger: the summary is the user's only proof that nothing was lost, so
 * its sums must hold however the inputs were dealt out to workers.
 */
#include "unit.h"

#include "input/ledger.h"

#define TIME(text) timestamp_parse(SPAN(text))

#define FIRST  TIME("2024-02-28T00:00:00Z")
#define MIDDLE TIME("2024-02-29T12:00:00Z")
#define LAST   TIME("2024-03-01T23:59:00Z")

static void book(struct ledger *ledger, const char *path,
                 enum input_status status, uint64_t offset, const char *reason,
                 timestamp delivery)
{
    struct err err = ERR_NONE;

    assert_int_equal(ledger_book(ledger, span_str(path), status, offset,
                                 span_str(reason), delivery, &err),
                     0);
}

static void assert_note(const struct ledger_note *note, const char *path,
                        enum input_status status, uint64_t offset,
                        const char *reason)
{
    assert_span_equal(note->path, span_str(path));
    assert_int_equal(note->path.ptr[note->path.len], '\0');
    assert_int_equal(note->status, status);
    assert_int_equal(note->offset, offset);
    assert_span_equal(note->reason, span_str(reason));
    assert_int_equal(note->reason.ptr[note->reason.len], '\0');
}

/* Programs read these names: changing one breaks them. */
static void statuses_have_the_names_of_the_summary(void **state)
{
    static const char *const names[] = {
        "pending",
        "read",
        "damaged",
        "unreadable",
        "digest",
        "insight",
        "network_activity",
        "aggregated",
        "foreign",
        "empty",
        "archive",
        "in_transfer",
        "outside_timeframe",
        "not_regular",
        "same_file",
    };

    (void)state;
    assert_int_equal(COUNT(names), INPUT_STATUS_COUNT);
    for (size_t i = 0; i < COUNT(names); i++)
        assert_string_equal(input_status_name((enum input_status)i), names[i]);
}

/* found = read + damaged + unreadable + all skipped: an input that is in no
 * sum is lost in silence. */
static void found_is_the_sum_of_all_outcomes(void **state)
{
    struct ledger ledger;
    uint64_t booked = 0;

    (void)state;
    ledger_init(&ledger, false);
    assert_int_equal(ledger_files_found(&ledger), 0);
    for (int i = INPUT_READ; i < INPUT_STATUS_COUNT; i++) {
        for (int times = 0; times < i; times++, booked++)
            book(&ledger, "x", (enum input_status)i, 0, NULL,
                 TIMESTAMP_UNKNOWN);
        assert_int_equal(ledger.files[i], i);
        assert_int_equal(ledger_files_found(&ledger), booked);
    }
    assert_int_equal(ledger.files[INPUT_PENDING], 0);
    ledger_release(&ledger);
}

/* Exit status bit 4 hangs on this, and a cron job on the exit status. */
static void coverage_is_incomplete_only_where_something_was_lost(void **state)
{
    (void)state;
    for (int i = INPUT_READ; i < INPUT_STATUS_COUNT; i++) {
        struct ledger ledger;
        bool lost =
            i == INPUT_DAMAGED || i == INPUT_UNREADABLE || i == INPUT_ARCHIVE;

        ledger_init(&ledger, false);
        assert_false(ledger_is_incomplete(&ledger));
        book(&ledger, "x", (enum input_status)i, 0, NULL, TIMESTAMP_UNKNOWN);
        assert_int_equal(ledger_is_incomplete(&ledger), lost);
        ledger.records_unreadable = 1;
        assert_true(ledger_is_incomplete(&ledger));
        ledger_release(&ledger);
    }
}

/* A warning a skipped digest would drown the one that matters; --verbose
 * asks for them all. */
static void notes_are_kept_for_losses_and_on_request_for_skips(void **state)
{
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        for (int i = INPUT_READ; i < INPUT_STATUS_COUNT; i++) {
            struct ledger ledger;
            enum input_status status = (enum input_status)i;
            bool noted =
                status == INPUT_DAMAGED || status == INPUT_UNREADABLE ||
                status == INPUT_ARCHIVE || (keep && status >= INPUT_FIRST_SKIP);

            ledger_init(&ledger, keep);
            book(&ledger, "a/b", status, 7, "why", TIMESTAMP_UNKNOWN);
            book(&ledger, "c", status, 0, NULL, TIMESTAMP_UNKNOWN);
            assert_int_equal(ledger.note_count, noted ? 2 : 0);
            if (noted) {
                assert_note(&ledger.notes[0], "a/b", status, 7, "why");
                assert_note(&ledger.notes[1], "c", status, 0,
                            input_status_name(status));
            }
            ledger_release(&ledger);
        }
    }
}

/* The caller's text lies in a buffer that the next input overwrites. */
static void notes_keep_copies_of_their_text(void **state)
{
    char path[] = "path-and-more", reason[] = "reason-and-more";
    struct ledger ledger;

    (void)state;
    ledger_init(&ledger, false);
    assert_int_equal(ledger_book(&ledger, span_of(path, 4), INPUT_DAMAGED, 1,
                                 span_of(reason, 6), TIMESTAMP_UNKNOWN, NULL),
                     0);
    memset(path, 'x', sizeof(path));
    memset(reason, 'x', sizeof(reason));
    assert_note(&ledger.notes[0], "path", INPUT_DAMAGED, 1, "reason");
    ledger_release(&ledger);
}

/* An input can be read and hold records that could not be: it is counted
 * once, and told. */
static void unreadable_records_are_noted_without_a_second_count(void **state)
{
    struct ledger ledger;
    struct err err = ERR_NONE;

    (void)state;
    ledger_init(&ledger, false);
    book(&ledger, "x", INPUT_READ, 0, NULL, MIDDLE);
    assert_int_equal(ledger_note_unreadable_records(&ledger, SPAN("x"), 2, 9,
                                                    SPAN("too deep"), &err),
                     0);
    assert_int_equal(ledger_files_found(&ledger), 1);
    assert_int_equal(ledger.note_count, 1);
    assert_note(&ledger.notes[0], "x", INPUT_READ, 9, "too deep");
    ledger_release(&ledger);
}

/* What was read once and then no more moves in the count, so that the sum
 * still holds; what was counted of it stands. */
static void an_input_that_fails_later_is_counted_as_that(void **state)
{
    struct ledger_note note = {SPAN("a"), INPUT_UNREADABLE, 7, 0,
                               SPAN("when read again: gone")};
    struct ledger ledger;
    struct err err = ERR_NONE;

    (void)state;
    ledger_init(&ledger, false);
    book(&ledger, "a", INPUT_READ, 0, NULL, FIRST);
    book(&ledger, "b", INPUT_READ, 0, NULL, LAST);
    assert_int_equal(ledger_rebook(&ledger, INPUT_READ, note, &err), 0);
    assert_int_equal(ledger_files_found(&ledger), 2);
    assert_int_equal(ledger.files[INPUT_READ], 1);
    assert_int_equal(ledger.files[INPUT_UNREADABLE], 1);
    assert_true(ledger_is_incomplete(&ledger));
    assert_int_equal(ledger.note_count, 1);
    assert_note(&ledger.notes[0], "a", INPUT_UNREADABLE, 7,
                "when read again: gone");
    assert_true(ledger.first_delivery == FIRST);
    ledger_release(&ledger);
}

/* They say which span of time was read: what was passed over says nothing
 * about it. */
static void deliveries_are_those_of_inputs_that_were_read(void **state)
{
    (void)state;
    for (int i = INPUT_READ; i < INPUT_STATUS_COUNT; i++) {
        struct ledger ledger;
        enum input_status status = (enum input_status)i;
        bool counts = status == INPUT_READ || status == INPUT_DAMAGED;

        ledger_init(&ledger, false);
        assert_true(ledger.first_delivery == TIMESTAMP_UNKNOWN);
        assert_true(ledger.last_delivery == TIMESTAMP_UNKNOWN);
        book(&ledger, "x", status, 0, NULL, TIMESTAMP_UNKNOWN);
        assert_true(ledger.last_delivery == TIMESTAMP_UNKNOWN);
        book(&ledger, "x", status, 0, NULL, MIDDLE);
        book(&ledger, "x", status, 0, NULL, LAST);
        book(&ledger, "x", status, 0, NULL, FIRST);
        book(&ledger, "x", status, 0, NULL, TIMESTAMP_UNKNOWN);
        assert_true(ledger.first_delivery ==
                    (counts ? FIRST : TIMESTAMP_UNKNOWN));
        assert_true(ledger.last_delivery ==
                    (counts ? LAST : TIMESTAMP_UNKNOWN));
        ledger_release(&ledger);
    }
}

/* The order of workers never shows: whatever a note differs in, it has its
 * place. */
static void notes_are_sorted_by_all_they_hold(void **state)
{
    static const struct {
        const char *path;
        enum input_status status;
        uint64_t offset;
        const char *reason;
    } sorted[] = {
        {"A", INPUT_UNREADABLE, 0, "z"}, {"a", INPUT_DAMAGED, 1, "b"},
        {"a", INPUT_DAMAGED, 1, "c"},    {"a", INPUT_DAMAGED, UINT64_MAX, "a"},
        {"a", INPUT_UNREADABLE, 0, "a"}, {"a/b", INPUT_ARCHIVE, 0, "zip"},
        {"b", INPUT_DAMAGED, 0, "a"},    {"\xff", INPUT_DAMAGED, 0, "a"},
    };

    (void)state;
    for (size_t start = 0; start < COUNT(sorted); start++) {
        struct ledger ledger;

        ledger_init(&ledger, false);
        for (size_t i = 0; i < COUNT(sorted); i++) {
            size_t at = (start + 5 * i) % COUNT(sorted); /* 5 and 8: all */

            book(&ledger, sorted[at].path, sorted[at].status, sorted[at].offset,
                 sorted[at].reason, TIMESTAMP_UNKNOWN);
        }
        ledger_sort(&ledger);
        assert_int_equal(ledger.note_count, COUNT(sorted));
        for (size_t i = 0; i < COUNT(sorted); i++)
            assert_note(&ledger.notes[i], sorted[i].path, sorted[i].status,
                        sorted[i].offset, sorted[i].reason);
        ledger_release(&ledger);
    }
}

/* --------------------------------------------------------------- merging */

/* One of three workers' ledgers, each with something of its own. */
static void fill(struct ledger *ledger, int worker)
{
    struct err err = ERR_NONE;

    ledger_init(ledger, true);
    switch (worker) {
    case 0:
        book(ledger, "m", INPUT_READ, 0, NULL, MIDDLE);
        book(ledger, "z", INPUT_DAMAGED, 3, "cut", LAST);
        ledger->bytes_packed = 10;
        ledger->bytes_unpacked = 70;
        ledger->records_read = 5;
        assert_int_equal(ledger_note_unreadable_records(ledger, SPAN("m"), 2, 4,
                                                        SPAN("deep"), &err),
                         0);
        break;
    case 1:
        book(ledger, "a", INPUT_READ, 0, NULL, FIRST);
        book(ledger, "d", INPUT_DIGEST, 0, NULL, TIMESTAMP_UNKNOWN);
        book(ledger, "z", INPUT_DAMAGED, 3, "another", MIDDLE);
        ledger->bytes_packed = 100;
        ledger->bytes_unpacked = 700;
        ledger->records_read = 50;
        break;
    default:
        break; /* a worker that got nothing */
    }
}

/* Inputs are dealt out by size, and the fastest worker ends first: any
 * order of merging must print the same summary. */
static void merging_gives_the_same_in_any_order(void **state)
{
    static const int orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                    {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    struct err err = ERR_NONE;

    (void)state;
    for (size_t i = 0; i < COUNT(orders); i++) {
        struct ledger sum;

        fill(&sum, orders[i][0]);
        for (size_t k = 1; k < 3; k++) {
            struct ledger part;

            fill(&part, orders[i][k]);
            assert_int_equal(ledger_merge(&sum, &part, &err), 0);
            ledger_release(&part); /* the sum borrows nothing from it */
        }
        ledger_sort(&sum);
        assert_int_equal(ledger_files_found(&sum), 5);
        assert_int_equal(sum.files[INPUT_READ], 2);
        assert_int_equal(sum.files[INPUT_DAMAGED], 2);
        assert_int_equal(sum.files[INPUT_DIGEST], 1);
        assert_int_equal(sum.bytes_packed, 110);
        assert_int_equal(sum.bytes_unpacked, 770);
        assert_int_equal(sum.records_read, 55);
        assert_int_equal(sum.records_unreadable, 2);
        assert_true(sum.first_delivery == FIRST);
        assert_true(sum.last_delivery == LAST);
        assert_int_equal(sum.note_count, 4);
        assert_note(&sum.notes[0], "d", INPUT_DIGEST, 0, "digest");
        assert_note(&sum.notes[1], "m", INPUT_READ, 4, "deep");
        assert_note(&sum.notes[2], "z", INPUT_DAMAGED, 3, "another");
        assert_note(&sum.notes[3], "z", INPUT_DAMAGED, 3, "cut");
        ledger_release(&sum);
    }
}

/* A ledger that was released can be filled again, and released again. */
static void releasing_twice_is_safe(void **state)
{
    struct ledger ledger;

    (void)state;
    fill(&ledger, 0);
    ledger_release(&ledger);
    ledger_release(&ledger);
    assert_int_equal(ledger_files_found(&ledger), 0);
    assert_int_equal(ledger.note_count, 0);
    book(&ledger, "x", INPUT_DAMAGED, 0, NULL, TIMESTAMP_UNKNOWN);
    assert_int_equal(ledger.note_count, 1);
    ledger_release(&ledger);
    ledger_release(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_have_the_names_of_the_summary),
        cmocka_unit_test(found_is_the_sum_of_all_outcomes),
        cmocka_unit_test(coverage_is_incomplete_only_where_something_was_lost),
        cmocka_unit_test(notes_are_kept_for_losses_and_on_request_for_skips),
        cmocka_unit_test(notes_keep_copies_of_their_text),
        cmocka_unit_test(unreadable_records_are_noted_without_a_second_count),
        cmocka_unit_test(an_input_that_fails_later_is_counted_as_that),
        cmocka_unit_test(deliveries_are_those_of_inputs_that_were_read),
        cmocka_unit_test(notes_are_sorted_by_all_they_hold),
        cmocka_unit_test(merging_gives_the_same_in_any_order),
        cmocka_unit_test(releasing_twice_is_safe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
