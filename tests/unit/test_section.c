/*
 * section: what is packed counts as if it were read again, and what was
 * changed since is noticed.
 */
#include "unit.h"

#include "events.h"

#include "base/sys.h"
#include "state/section.h"

#include <stdlib.h>

/* What a run found in two files of an hour. */
struct found {
    struct input inputs[2];
    struct walk walk;
    bool taken[2];
    enum input_status ended[2];
    struct aggregate agg;
    struct ledger ledger;
    struct outcome_counts outcomes;
    uint64_t hits[2];
};

static void add(struct found *found, struct event event, const char *instance,
                const char *address)
{
    enum outcome outcome =
        add_event(&found->agg, &event, span_str(instance), address_of(address));

    outcome_counts_add(&found->outcomes, outcome, event.time);
}

static void find(struct found *found, bool keep_duplicates)
{
    *found = (struct found){
        .inputs = {{.path = SPAN("logs/a"), .bytes = 7, .modified = 11},
                   {.path = SPAN("logs/b"), .bytes = 8, .modified = 12}},
        .taken = {true, true},
        .ended = {INPUT_READ, INPUT_DAMAGED},
        .hits = {3, 4},
    };
    found->walk = (struct walk){found->inputs, 2, 2, ARENA_INIT};
    aggregate_init(&found->agg, keep_duplicates);
    outcome_counts_init(&found->outcomes);
    ledger_init(&found->ledger, true);
    assert_int_equal(ledger_book(&found->ledger, SPAN("logs/a"), INPUT_READ, 0,
                                 SPAN_ABSENT, 5, NULL),
                     0);
    assert_int_equal(ledger_book(&found->ledger, SPAN("logs/b"), INPUT_DAMAGED,
                                 99, SPAN("it is cut"), 6, NULL),
                     0);
    assert_int_equal(ledger_book(&found->ledger, SPAN("logs/c"), INPUT_FOREIGN,
                                 0, SPAN_ABSENT, TIMESTAMP_UNKNOWN, NULL),
                     0);
    add(found,
        EVENT(.id = "1", .time = "2022-02-22T10:05:00Z", .name = "A",
              .agent = "x", .record = "{\"n\": 1, \"password\": \"p\"}"),
        "i-1", "203.0.113.1");
    add(found,
        EVENT(.id = "2", .time = "2022-02-22T10:04:00Z", .name = "B",
              .record = "{\"n\":2}"),
        "i-1", "2001:db8::1");
    add(found, EVENT(.name = "C", .record = "{\"n\":3}"), "i-2", "203.0.113.1");
    add(found,
        EVENT(.id = "2", .time = "2022-02-22T10:04:00Z", .name = "B",
              .record = "{\"n\":2}"),
        "i-1", "2001:db8::1");
}

static void lose(struct found *found)
{
    aggregate_release(&found->agg);
    ledger_release(&found->ledger);
}

static void pack(struct found *found, struct section *section)
{
    const struct section_source source = {
        .hour = 42,
        .walk = &found->walk,
        .taken = found->taken,
        .ended = found->ended,
        .aggregate = &found->agg,
        .ledger = &found->ledger,
        .outcomes = &found->outcomes,
        .hits = found->hits,
        .hit_count = 2,
        .extracted = 20,
        .handed_on = 1,
    };

    assert_int_equal(section_pack(section, &source, NULL), 0);
    section->listed = sys_calloc(section->group_count, sizeof(bool));
    assert_non_null(section->listed);
}

/* The bytes of a section, with the records of its groups or without. */
static struct buf write_section(bool keep_duplicates, bool with_records)
{
    struct buf bytes = BUF_INIT;
    struct section section;
    struct found found;

    find(&found, keep_duplicates);
    pack(&found, &section);
    for (size_t i = 0; i < section.group_count; i++)
        section.listed[i] = with_records;
    assert_int_equal(section_write(&section, &bytes), 0);
    section_release(&section);
    lose(&found);
    return bytes;
}

static void enter_all(const struct section *section, uint32_t number,
                      struct aggregate *agg, bool *lacking)
{
    bool all[8];

    assert_true(section->group_count <= COUNT(all));
    for (size_t i = 0; i < COUNT(all); i++)
        all[i] = true;
    assert_int_equal(section_enter(section, number, all, all, agg, lacking), 0);
}

static uint32_t group_of(struct aggregate *agg, const char *instance,
                         const char *address)
{
    return aggregate_enter_group(agg, span_str(instance), address_of(address));
}

static void assert_first(const struct aggregate *agg, uint32_t group,
                         const char *record)
{
    struct buf text = BUF_INIT;

    aggregate_first_record(agg, group, &text);
    assert_span_equal(buf_span(&text), span_str(record));
    buf_release(&text);
}

static void what_is_loaded_counts_like_what_was_read(void **state)
{
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        struct buf bytes = write_section(keep, true);
        bool lacking[1] = {false};
        struct section section;
        struct aggregate agg;
        uint32_t group;

        assert_int_equal(section_load(&section, buf_span(&bytes), NULL), 0);
        assert_int_equal(section.hour, 42);
        assert_int_equal(section.bytes.len, bytes.len);
        assert_int_equal(section.file_count, 2);
        assert_span_equal(section_string(&section, section.files[1].path),
                          SPAN("logs/b"));
        assert_int_equal(section.files[1].bytes, 8);
        assert_int_equal(section.files[1].modified, 12);
        assert_int_equal(section.files[1].status, INPUT_DAMAGED);

        aggregate_init(&agg, keep);
        enter_all(&section, 0, &agg, lacking);
        assert_int_equal(agg.group_count, 3);
        assert_int_equal(agg.row_count, keep ? 0 : 2);
        group = group_of(&agg, "i-1", "203.0.113.1");
        assert_int_equal(agg.groups[group].count, 1);
        assert_int_equal(agg.groups[group].first_time,
                         timestamp_parse(SPAN("2022-02-22T10:05:00Z")));
        assert_first(&agg, group, "{\"n\":1,\"password\":\"[removed]\"}");
        assert_span_equal(aggregate_first_id(&agg, group), SPAN("1"));
        assert_span_equal(facet_table_text(&agg.facets,
                                           agg.groups[group].first_facets,
                                           FACET_USER_AGENT),
                          SPAN("x"));
        group = group_of(&agg, "i-1", "2001:db8::1");
        assert_int_equal(agg.groups[group].count, keep ? 2 : 1);
        assert_int_equal(agg.groups[group_of(&agg, "i-2", "203.0.113.1")].count,
                         1);
        assert_false(lacking[0]);
        aggregate_release(&agg);
        buf_release(&bytes);
    }
}

static void figures_are_those_of_the_reading(void **state)
{
    struct buf bytes = write_section(false, false);
    struct outcome_counts outcomes;
    uint64_t hits[2] = {10, 10}, extracted = 1, handed_on = 1;
    struct section section;
    (void)state;

    assert_int_equal(section_load(&section, buf_span(&bytes), NULL), 0);
    assert_int_equal(section_hit_count(&section), 2);
    for (int keep_skips = 0; keep_skips < 2; keep_skips++) {
        struct ledger ledger;

        ledger_init(&ledger, keep_skips);
        outcome_counts_init(&outcomes);
        assert_int_equal(section_count(&section, &ledger, &outcomes, hits,
                                       &extracted, &handed_on, NULL),
                         0);
        assert_int_equal(ledger.files[INPUT_READ], 1);
        assert_int_equal(ledger.files[INPUT_DAMAGED], 1);
        assert_int_equal(ledger.files[INPUT_FOREIGN], 1);
        assert_int_equal(ledger.first_delivery, 5);
        assert_int_equal(ledger.last_delivery, 6);
        /* Skipped inputs are named only where that is asked for. */
        assert_int_equal(ledger.note_count, keep_skips ? 2 : 1);
        assert_span_equal(ledger.notes[0].reason, SPAN("it is cut"));
        assert_int_equal(ledger.notes[0].offset, 99);
        assert_int_equal(outcomes.count[OUTCOME_KEPT], 3);
        assert_int_equal(outcomes.count[OUTCOME_DUPLICATE], 1);
        ledger_release(&ledger);
    }
    assert_int_equal(hits[0], 16);
    assert_int_equal(hits[1], 18);
    assert_int_equal(extracted, 41);
    assert_int_equal(handed_on, 3);
    buf_release(&bytes);
}

/* Without its text a first event keeps its place, and says whose it is. */
static void a_record_that_was_left_out_has_a_stand_in(void **state)
{
    struct buf bare = write_section(false, false);
    struct buf whole = write_section(false, true);
    bool lacking[6] = {false};
    struct section section;
    struct aggregate agg;
    uint32_t group;
    (void)state;

    aggregate_init(&agg, false);
    assert_int_equal(section_load(&section, buf_span(&bare), NULL), 0);
    enter_all(&section, 5, &agg, lacking);
    group = group_of(&agg, "i-1", "203.0.113.1");
    assert_int_equal(section_stand_in(&agg, group), 5);
    assert_span_equal(aggregate_first_id(&agg, group), SPAN("1"));
    /* The same event, from a section that has it. */
    assert_int_equal(section_load(&section, buf_span(&whole), NULL), 0);
    enter_all(&section, 4, &agg, lacking);
    assert_int_equal(section_stand_in(&agg, group), UINT32_MAX);
    assert_first(&agg, group, "{\"n\":1,\"password\":\"[removed]\"}");
    /* And the other way round it stays. */
    assert_int_equal(section_load(&section, buf_span(&bare), NULL), 0);
    enter_all(&section, 5, &agg, lacking);
    assert_int_equal(section_stand_in(&agg, group), UINT32_MAX);
    for (size_t i = 0; i < COUNT(lacking); i++)
        assert_false(lacking[i]);
    aggregate_release(&agg);
    buf_release(&bare);
    buf_release(&whole);
}

/* Two events of one time and eventID: the smaller text is the first. */
static void a_text_that_would_decide_is_asked_for(void **state)
{
    struct buf bare = write_section(false, false);
    bool lacking[3] = {false};
    struct section section;
    struct found other;
    (void)state;

    find(&other, false);
    aggregate_release(&other.agg);
    aggregate_init(&other.agg, false);
    add(&other,
        EVENT(.id = "1", .time = "2022-02-22T10:05:00Z", .name = "Z",
              .record = "{\"n\":0}"),
        "i-1", "203.0.113.1");
    assert_int_equal(section_load(&section, buf_span(&bare), NULL), 0);
    enter_all(&section, 2, &other.agg, lacking);
    assert_true(lacking[2]);
    assert_false(lacking[0] || lacking[1]);
    lose(&other);
    buf_release(&bare);
}

static void a_cut_or_a_flipped_bit_is_noticed(void **state)
{
    struct buf bytes = write_section(false, true);
    struct section section;
    struct err err = ERR_NONE;
    (void)state;

    for (size_t len = 0; len < bytes.len; len++) {
        char *cut = malloc(len + 1);

        assert_non_null(cut);
        memcpy(cut, bytes.ptr, len);
        assert_int_equal(section_load(&section, span_of(cut, len), &err), -1);
        free(cut);
    }
    for (size_t at = 0; at < bytes.len; at++)
        for (int bit = 0; bit < 8; bit++) {
            bytes.ptr[at] = (char)(bytes.ptr[at] ^ 1 << bit);
            assert_int_equal(section_load(&section, buf_span(&bytes), &err),
                             -1);
            bytes.ptr[at] = (char)(bytes.ptr[at] ^ 1 << bit);
        }
    assert_int_equal(section_load(&section, buf_span(&bytes), &err), 0);
    buf_release(&bytes);
}

/* The checksum's key and place, as in section.c. */
static void sign(struct buf *bytes)
{
    const struct hash_key key = {UINT64_C(0x6f6666626f782073),
                                 UINT64_C(0x656374696f6e2e31)};
    struct hash128 sum =
        hash_table(key, span_of(bytes->ptr + 24, bytes->len - 24));

    memcpy(bytes->ptr + 8, &sum, sizeof(sum));
}

/* Whoever can write a state can sign it, too; no byte may make a crash. */
static void a_forged_section_is_refused_or_harmless(void **state)
{
    struct buf bytes = write_section(true, true);
    bool lacking[1] = {false};
    size_t entered = 0;
    (void)state;

    sign(&bytes);
    for (size_t at = 24; at < bytes.len; at++)
        for (int value = 0; value < 4; value++) {
            char was = bytes.ptr[at];
            struct section section;
            struct aggregate agg;

            bytes.ptr[at] = (char)(value == 0   ? 0
                                   : value == 1 ? 0xff
                                   : value == 2 ? was + 1
                                                : was ^ 0x80);
            sign(&bytes);
            if (section_load(&section, buf_span(&bytes), NULL) == 0) {
                aggregate_init(&agg, true);
                enter_all(&section, 0, &agg, lacking);
                aggregate_release(&agg);
                entered++;
            }
            bytes.ptr[at] = was;
        }
    assert_true(entered > 0);
    buf_release(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_loaded_counts_like_what_was_read),
        cmocka_unit_test(figures_are_those_of_the_reading),
        cmocka_unit_test(a_record_that_was_left_out_has_a_stand_in),
        cmocka_unit_test(a_text_that_would_decide_is_asked_for),
        cmocka_unit_test(a_cut_or_a_flipped_bit_is_noticed),
        cmocka_unit_test(a_forged_section_is_refused_or_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
