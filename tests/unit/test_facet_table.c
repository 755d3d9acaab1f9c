/*
 * What events show, kept in two parts, and which of two copies is shown: the
 * answer must not depend on which copy came first.
 */
#include "events.h"

#include "detect/facet_table.h"

/* The field of a literal that a facet reads. */
static const char **literal_field(struct literal *literal, enum facet facet)
{
    const char **const fields[FACET_COUNT] = {
        [FACET_EVENT_NAME] = &literal->name,
        [FACET_ACCESS_KEY_ID] = &literal->key,
        [FACET_USER_AGENT] = &literal->agent,
        [FACET_EVENT_SOURCE] = &literal->source,
        [FACET_REGION] = &literal->region,
        [FACET_ERROR_CODE] = &literal->error,
        [FACET_EC2_ROLE_DELIVERY] = &literal->delivery,
        [FACET_VPC_ENDPOINT_ID] = &literal->endpoint,
        [FACET_ACCOUNT] = &literal->account,
        [FACET_ROLE] = &literal->role,
    };

    return fields[facet];
}

/* The facets of an event that shows `text` (absent if NULL) in one place
 * and the same as every other event elsewhere. */
static struct facets facets_with(struct facet_table *table, enum facet facet,
                                 const char *text)
{
    struct literal literal = {0};
    struct event event;
    struct facets_hash hash;
    struct facets facets;

    for (int i = 0; i < FACET_COUNT; i++)
        *literal_field(&literal, (enum facet)i) = "same";
    *literal_field(&literal, facet) = text;
    event = event_from(literal);
    facet_table_hash(table, &event, &hash);
    facet_table_prefetch(table, &hash);
    facets = facet_table_number(table, &hash, &event);
    assert_false(facets_failed(facets));
    return facets;
}

/* Each facet has a place of its own in one of the parts, and comes back
 * from it, absent and empty ones told apart. */
static void what_an_event_shows_comes_back(void **state)
{
    static const char *const texts[] = {NULL, "", "a", "same", "a longer text"};
    struct facet_table table;
    (void)state;

    facet_table_init(&table);
    for (int f = 0; f < FACET_COUNT; f++)
        for (size_t i = 0; i < COUNT(texts); i++) {
            struct facets facets = facets_with(&table, (enum facet)f, texts[i]);

            for (int other = 0; other < FACET_COUNT; other++)
                assert_span_equal(
                    facet_table_text(&table, facets, (enum facet)other),
                    other == f ? span_str(texts[i]) : SPAN("same"));
        }
    facet_table_release(&table);
}

/* The same facets are the same numbers, others are not, before and after
 * the table has grown. */
static void equal_facets_have_equal_numbers(void **state)
{
    enum {
        MANY = 1000
    };
    struct facet_table table;
    struct facets first[FACET_COUNT];
    char text[16];
    (void)state;

    facet_table_init(&table);
    for (int f = 0; f < FACET_COUNT; f++)
        first[f] = facets_with(&table, (enum facet)f, "0");
    for (int i = 0; i < MANY; i++)
        for (int f = 0; f < FACET_COUNT; f++) {
            struct facets facets;

            (void)snprintf(text, sizeof(text), "%d", i);
            facets = facets_with(&table, (enum facet)f, text);
            assert_int_equal(facets_equal(facets, first[f]), i == 0);
        }
    facet_table_release(&table);
}

/* Two workers' tables give their numbers in another order. */
static void merged_facets_keep_their_texts(void **state)
{
    static const char *const texts[] = {"a", "b", NULL, "c", "d"};
    struct facet_table into, from;
    struct facet_renumbering numbers;
    (void)state;

    facet_table_init(&into);
    facet_table_init(&from);
    for (int f = 0; f < FACET_COUNT; f++)
        for (size_t i = 0; i < COUNT(texts); i++) {
            (void)facets_with(&from, (enum facet)f, texts[i]);
            if (i % 2 == 0)
                (void)facets_with(&into, (enum facet)f,
                                  texts[COUNT(texts) - 1 - i]);
        }
    assert_int_equal(facet_renumbering_init(&numbers, &into, &from), 0);
    for (int f = 0; f < FACET_COUNT; f++)
        for (size_t i = 0; i < COUNT(texts); i++) {
            struct facets theirs = facets_with(&from, (enum facet)f, texts[i]);
            struct facets ours = facets_renumbered(&numbers, theirs);

            assert_true(facets_equal(
                ours, facets_with(&into, (enum facet)f, texts[i])));
            assert_span_equal(facet_table_text(&into, ours, (enum facet)f),
                              span_str(texts[i]));
        }
    facet_renumbering_release(&numbers);
    facet_table_release(&from);
    facet_table_release(&into);
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

/* Where two facets differ, the one earlier in a record decides. */
static void the_earlier_key_of_a_record_decides(void **state)
{
    static const enum facet record_order[] = {
        FACET_ACCOUNT,      FACET_ACCESS_KEY_ID,
        FACET_ROLE,         FACET_EC2_ROLE_DELIVERY,
        FACET_EVENT_SOURCE, FACET_EVENT_NAME,
        FACET_REGION,       FACET_USER_AGENT,
        FACET_ERROR_CODE,   FACET_VPC_ENDPOINT_ID,
    };
    struct facet_table table;
    (void)state;

    facet_table_init(&table);
    assert_int_equal(COUNT(record_order), FACET_COUNT);
    for (size_t early = 0; early < FACET_COUNT; early++)
        for (size_t late = early + 1; late < FACET_COUNT; late++) {
            /* "same" stands in the other's place, between the two. */
            struct facets a = facets_with(&table, record_order[early], "t");
            struct facets b = facets_with(&table, record_order[late], "r");

            assert_true(facet_table_cmp(&table, a, b) > 0);
            assert_true(facet_table_cmp(&table, b, a) < 0);
            a = facets_with(&table, record_order[early], "r");
            b = facets_with(&table, record_order[late], "a");
            assert_true(facet_table_cmp(&table, a, b) < 0);
        }
    facet_table_release(&table);
}

/* Or the copy that stands would depend on which two met first. Absent
 * values take part. */
static void the_order_is_total(void **state)
{
    static const char *const texts[] = {NULL, "",   " ",  "!", "a",
                                        "a ", "a!", "aa", "B", "\xc3\xa9"};
    struct facets all[COUNT(texts)];
    struct facet_table table;
    size_t count = 0;
    (void)state;

    facet_table_init(&table);
    for (size_t i = 0; i < COUNT(texts); i++)
        all[count++] = facets_with(&table, FACET_USER_AGENT, texts[i]);
    for (size_t a = 0; a < count; a++)
        for (size_t b = 0; b < count; b++) {
            int ab = sign(facet_table_cmp(&table, all[a], all[b]));

            assert_int_equal(ab == 0, a == b);
            assert_int_equal(ab,
                             -sign(facet_table_cmp(&table, all[b], all[a])));
            for (size_t c = 0; c < count; c++)
                if (ab < 0 && facet_table_cmp(&table, all[b], all[c]) < 0)
                    assert_true(facet_table_cmp(&table, all[a], all[c]) < 0);
        }
    facet_table_release(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_an_event_shows_comes_back),
        cmocka_unit_test(equal_facets_have_equal_numbers),
        cmocka_unit_test(merged_facets_keep_their_texts),
        cmocka_unit_test(the_earlier_key_of_a_record_decides),
        cmocka_unit_test(the_order_is_total),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
