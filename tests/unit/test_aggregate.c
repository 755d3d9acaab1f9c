/*
 * Threads, files, runs and machines each fill an aggregate of their own,
 * and the report must not show how the events were spread over them. So
 * besides single cases random spreads are tried, and compared by the
 * alerts that come out.
 */
#include "events.h"

#include "base/sys.h"
#include "detect/aggregate.h"
#include "detect/rule.h"

/* ------------------------------------------------- everything, as text */

static void dump_values(struct buf *out, const char *member,
                        const struct alert_values *values)
{
    if (values->count == 0)
        return;
    buf_printf(out, "    %s:", member);
    for (size_t i = 0; i < values->count; i++) {
        const struct alert_value *value = &values->items[i];

        buf_add(out, SPAN(" '"));
        buf_add(out, value->text);
        buf_printf(out, "' x%ju %jd..%jd", (uintmax_t)value->count,
                   (intmax_t)value->first, (intmax_t)value->last);
    }
    buf_printf(out, " left out %zu\n", values->left_out);
}

static void dump_ip(struct buf *out, const struct alert_ip *ip)
{
    char text[IP_TEXT_BYTES];

    buf_printf(out, "  %s x%ju %jd..%jd\n", ip_format(ip->address, text),
               (uintmax_t)ip->count, (intmax_t)ip->first_seen,
               (intmax_t)ip->last_seen);
    for (int f = 0; f < FACET_COUNT; f++)
        dump_values(out, facet_member((enum facet)f), &ip->facet[f]);
    buf_add(out, SPAN("    hours:"));
    for (size_t i = 0; i < ip->hour_count; i++)
        buf_printf(out, " %jd x%ju", (intmax_t)ip->hours[i].hour,
                   (uintmax_t)ip->hours[i].count);
    buf_add_char(out, '\n');
}

static void dump_alert(struct buf *out, const struct alert *alert)
{
    buf_add(out, alert->instance_id);
    buf_printf(out, " suspect %zu at %jd tied", alert->suspect,
               (intmax_t)alert->time);
    for (size_t i = 0; i < alert->tied_count; i++)
        buf_printf(out, " %zu", alert->tied[i]);
    buf_add(out, SPAN("\n  "));
    buf_add(out, alert->record);
    buf_add(out, SPAN("\n  first"));
    for (int f = 0; f < FACET_COUNT; f++) {
        buf_add(out, span_present(alert->first[f]) ? SPAN(" ") : SPAN(" -"));
        buf_add(out, alert->first[f]);
    }
    buf_add_char(out, '\n');
    for (size_t i = 0; i < alert->ip_count; i++)
        dump_ip(out, &alert->ips[i]);
}

/* All that can be known of an aggregate: every instance, as an alert. The
 * caller releases `out`. */
static const char *dump(const struct aggregate *agg, struct buf *out)
{
    static const struct rule_options every_instance = {.min_ips = 1};
    struct alert_list list = ALERT_LIST_INIT;
    struct err err = ERR_NONE;
    const char *text;

    *out = BUF_INIT;
    assert_int_equal(rule_apply(&every_instance, agg, &list, &err), 0);
    for (size_t i = 0; i < list.count; i++)
        dump_alert(out, &list.items[i]);
    alert_list_release(&list);
    text = buf_str(out);
    assert_non_null(text);
    return text;
}

static bool dumps_as(const struct aggregate *agg, const char *expected)
{
    struct buf text;
    bool equal = strcmp(dump(agg, &text), expected) == 0;

    buf_release(&text);
    return equal;
}

static void assert_same(const struct aggregate *got,
                        const struct aggregate *expected)
{
    struct buf a, b;

    assert_string_equal(dump(got, &a), dump(expected, &b));
    buf_release(&a);
    buf_release(&b);
}

static bool same(const struct aggregate *got, const struct aggregate *expected)
{
    struct buf text;
    bool equal = dumps_as(got, dump(expected, &text));

    buf_release(&text);
    return equal;
}

/* ------------------------------------------------------ adding, merging */

static enum outcome add(struct aggregate *agg, struct event event)
{
    return add_event(agg, &event, SPAN("i-0a"), address_of("4.4.4.4"));
}

static uint64_t merge(struct aggregate *into, struct aggregate *from)
{
    struct err err = ERR_NONE;
    uint64_t duplicates = 0;

    assert_int_equal(aggregate_merge(into, from, &duplicates, &err), 0);
    return duplicates;
}

/* `events` added one by one, in order or from the last to the first. */
static void fill(struct aggregate *agg, bool keep_duplicates,
                 const struct event *events, size_t count, bool backwards)
{
    aggregate_init(agg, keep_duplicates);
    for (size_t i = 0; i < count; i++)
        (void)add(agg, events[backwards ? count - 1 - i : i]);
}

/* The four ways in which two events can meet: in one aggregate in both
 * orders, and in two that are merged in both. `agg[0..3]` are released by
 * the caller. */
static void meet(struct aggregate agg[4], struct event a, struct event b)
{
    const struct event both[] = {a, b};
    struct aggregate other[2];

    fill(&agg[0], false, both, 2, false);
    fill(&agg[1], false, both, 2, true);
    fill(&agg[2], false, &a, 1, false);
    fill(&agg[3], false, &b, 1, false);
    fill(&other[0], false, &b, 1, false);
    fill(&other[1], false, &a, 1, false);
    (void)merge(&agg[2], &other[0]);
    (void)merge(&agg[3], &other[1]);
    aggregate_release(&other[0]);
    aggregate_release(&other[1]);
}

static void release_all(struct aggregate *agg, size_t count)
{
    for (size_t i = 0; i < count; i++)
        aggregate_release(&agg[i]);
}

/* The text is appended: what stands in the buffer stays. */
static void assert_first_record(const struct aggregate *agg,
                                struct span expected)
{
    struct buf text = BUF_INIT;

    buf_add(&text, SPAN("[1,"));
    aggregate_first_record(agg, 0, &text);
    assert_false(text.failed);
    assert_true(text.len > 3 && memcmp(text.ptr, "[1,", 3) == 0);
    assert_span_equal(span_of(text.ptr + 3, text.len - 3), expected);
    buf_release(&text);
}

/* --------------------------------------------------------------- cases */

/* A dump copied twice must not make an address look busier. */
static void a_copy_counts_once(void **state)
{
    struct event event =
        EVENT(.id = "e1", .time = "2022-02-22T10:05:00Z", .name = "Get");
    struct event later =
        EVENT(.id = "e1", .time = "2022-02-22T10:05:01Z", .name = "Get");
    struct event renamed =
        EVENT(.id = "e1", .time = "2022-02-22T10:05:00Z", .name = "Put");
    struct event other =
        EVENT(.id = "e2", .time = "2022-02-22T10:05:00Z", .name = "Get");
    struct ip ip = address_of("4.4.4.4");
    struct aggregate agg;
    (void)state;

    aggregate_init(&agg, false);
    assert_int_equal(add(&agg, event), OUTCOME_KEPT);
    assert_int_equal(add(&agg, event), OUTCOME_DUPLICATE);
    assert_int_equal(add(&agg, later), OUTCOME_KEPT);
    assert_int_equal(add(&agg, renamed), OUTCOME_KEPT);
    assert_int_equal(add(&agg, other), OUTCOME_KEPT);
    assert_int_equal(add(&agg, event), OUTCOME_DUPLICATE);
    assert_int_equal(add_event(&agg, &event, SPAN("i-0b"), ip), OUTCOME_KEPT);
    assert_int_equal(
        add_event(&agg, &event, SPAN("i-0a"), address_of("5.5.5.5")),
        OUTCOME_KEPT);
    assert_int_equal(agg.group_count, 3);
    assert_int_equal(agg.groups[0].count, 4);
    assert_int_equal(agg.groups[1].count, 1);
    assert_int_equal(agg.groups[2].count, 1);
    aggregate_release(&agg);
}

/* `--keep-duplicates` counts like Kusto: whatever was delivered. */
static void with_keep_duplicates_every_delivery_counts(void **state)
{
    struct event event =
        EVENT(.id = "e1", .time = "2022-02-22T10:05:00Z", .name = "Get");
    struct aggregate a, b;
    (void)state;

    fill(&a, true, (const struct event[]){event, event, event}, 3, false);
    fill(&b, true, (const struct event[]){event, event}, 2, false);
    assert_int_equal(a.groups[0].count, 3);
    assert_int_equal(merge(&a, &b), 0);
    assert_int_equal(a.group_count, 1);
    assert_int_equal(a.groups[0].count, 5);
    aggregate_release(&a);
    aggregate_release(&b);
}

/* Absent and empty eventIDs are alike here: nothing says that two such
 * events are one, so none may vanish. */
static void events_without_an_id_are_never_duplicates(void **state)
{
    static const char *const ids[] = {NULL, ""};
    (void)state;

    for (size_t i = 0; i < COUNT(ids); i++) {
        struct event event =
            EVENT(.id = ids[i], .time = "2022-02-22T10:05:00Z", .name = "Get");
        struct aggregate a, b;

        aggregate_init(&a, false);
        assert_int_equal(add(&a, event), OUTCOME_KEPT);
        assert_int_equal(add(&a, event), OUTCOME_KEPT);
        fill(&b, false, &event, 1, false);
        assert_int_equal(merge(&a, &b), 0);
        assert_int_equal(a.groups[0].count, 3);
        aggregate_release(&a);
        aggregate_release(&b);
    }
}

struct copies {
    struct literal stands, falls;
};

static struct event copy_from(struct literal literal)
{
    literal.id = "e1";
    literal.time = "2022-02-22T10:05:00Z";
    literal.name = "Get";
    return event_from(literal);
}

static int settle(struct aggregate *agg, struct event event)
{
    return aggregate_settle(agg, &event, SPAN("i-0a"), address_of("4.4.4.4"));
}

/* Let both copies meet in every way, offer them in a second reading if
 * `reread`, and compare with one copy alone. */
static void assert_stands(const struct copies *copies, bool reread)
{
    struct event small = copy_from(copies->stands);
    struct event large = copy_from(copies->falls);
    struct aggregate agg[4], alone;

    fill(&alone, false, &small, 1, false);
    meet(agg, small, large);
    for (size_t k = 0; k < COUNT(agg); k++) {
        assert_int_equal(agg[k].dispute_count, 1);
        if (reread) {
            assert_int_equal(settle(&agg[k], k % 2 ? small : large), 0);
            assert_int_equal(settle(&agg[k], k % 2 ? large : small), 0);
        }
        assert_same(&agg[k], &alone);
    }
    release_all(agg, COUNT(agg));
    aggregate_release(&alone);
}

/* Of two copies that differ, one stands, whichever came first: else the
 * user agents in a report depend on the scheduler. */
static void of_two_copies_one_stands_in_any_order(void **state)
{
    static const struct copies cases[] = {
        {{.agent = "aws-cli", .record = "{\"userAgent\":\"aws-cli\"}"},
         {.agent = "curl", .record = "{\"userAgent\":\"curl\"}"}},
        {{.agent = "aws", .record = "{\"userAgent\":\"aws\"}"},
         {.agent = "aws-cli", .record = "{\"userAgent\":\"aws-cli\"}"}},
        /* the earlier key decides */
        {{.region = "eu",
          .agent = "z",
          .record = "{\"awsRegion\":\"eu\",\"userAgent\":\"z\"}"},
         {.region = "us",
          .agent = "a",
          .record = "{\"awsRegion\":\"us\",\"userAgent\":\"a\"}"}},
        {{.error = "AccessDenied",
          .record = "{\"errorCode\":\"AccessDenied\"}"},
         {.record = "{\"requestParameters\":null}"}},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_stands(&cases[i], false);
}

/* Rows hold no text, so which copy has the smaller one only a second
 * reading can tell: here it is never the one that stood before. */
static void in_a_second_reading_the_smaller_text_stands(void **state)
{
    static const struct copies cases[] = {
        /* a quote sorts behind a blank */
        {{.agent = "aws cli", .record = "{\"userAgent\":\"aws cli\"}"},
         {.agent = "aws", .record = "{\"userAgent\":\"aws\"}"}},
        /* keys in another order */
        {{.region = "us",
          .agent = "a",
          .record = "{ \"userAgent\":\"a\",\"awsRegion\":\"us\"}"},
         {.region = "eu",
          .agent = "b",
          .record = "{\"userAgent\":\"b\",\"awsRegion\":\"eu\"}"}},
        /* something that no facet shows comes first */
        {{.agent = "z", .record = "{\"a\":1,\"userAgent\":\"z\"}"},
         {.agent = "a", .record = "{\"b\":1,\"userAgent\":\"a\"}"}},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_stands(&cases[i], true);
}

/* A second reading would cost as much as the first: it is for copies that
 * show different things, not for copies. */
static void equal_copies_are_no_dispute(void **state)
{
    struct event event = copy_from((struct literal){.agent = "aws-cli"});
    struct aggregate agg[4];
    (void)state;

    meet(agg, event, event);
    for (size_t k = 0; k < COUNT(agg); k++) {
        assert_int_equal(agg[k].dispute_count, 0);
        assert_int_equal(settle(&agg[k], event), 0); /* and does no harm */
    }
    release_all(agg, COUNT(agg));
}

/* The least active address's first event is the evidence; two candidates
 * must give the same one however they meet. */
static void the_first_event_is_the_smallest_by_time_id_and_text(void **state)
{
    static const struct {
        struct literal first, second;
    } cases[] = {
        /* time comes before everything else */
        {{.time = "2022-02-22T10:01:00Z", .id = "z", .record = "{\"z\":1}"},
         {.time = "2022-02-22T10:02:00Z", .id = "a", .record = "{\"a\":1}"}},
        {{.time = "2022-02-22T10:01:00.0000001Z", .id = "z"},
         {.time = "2022-02-22T10:01:00.0000002Z", .id = "a"}},
        {{.time = "2022-02-22T11:01:00+02:00", .id = "z"},
         {.time = "2022-02-22T10:01:00Z", .id = "a"}},
        /* an unknown time is the latest */
        {{.time = "9999-12-31T23:59:59Z", .id = "z"}, {.id = "a"}},
        {{.time = "2022-02-22T10:01:00Z", .id = "z"},
         {.time = "2022-02-22T10:01:60Z", .id = "a"}},
        /* then the eventID, by bytes */
        {{.time = "2022-02-22T10:01:00Z", .id = "10", .record = "{\"z\":1}"},
         {.time = "2022-02-22T10:01:00Z", .id = "9", .record = "{\"a\":1}"}},
        {{.time = "2022-02-22T10:01:00Z", .id = "B"},
         {.time = "2022-02-22T10:01:00Z", .id = "a"}},
        {{.time = "2022-02-22T10:01:00Z", .id = "a"},
         {.time = "2022-02-22T10:01:00Z", .id = "aa"}},
        {{.time = "2022-02-22T10:01:00Z", .record = "{\"z\":1}"},
         {.time = "2022-02-22T10:01:00Z", .id = "a", .record = "{\"a\":1}"}},
        {{.id = "a", .record = "{\"z\":1}"},
         {.id = "b", .record = "{\"a\":1}"}},
        /* then the text, compacted; names tell the two events apart */
        {{.id = "a", .name = "Put", .record = "{ \"a\" : 1 }"},
         {.id = "a", .name = "Get", .record = "{\"b\":1}"}},
        {{.id = "a", .name = "Put", .record = "{\n\t\"a\":[1,\r\n2]}"},
         {.id = "a", .name = "Get", .record = "{\"a\":[1,3]}"}},
        {{.record = "{\"a\":1}"}, {.record = "{\"a\":2}"}},
        {{.id = "", .record = "{\"a\":1}"}, {.id = "", .record = "{\"a\":2}"}},
        /* an eventID that is absent and one that is empty are both none */
        {{.id = "", .record = "{\"a\":1}"}, {.record = "{\"a\":2}"}},
        {{.record = "{\"a\":1}"}, {.id = "", .record = "{\"a\":2}"}},
        /* the eventID's bytes are not taken for the text's */
        {{.id = "a", .record = "{\"z\":1}"}, {.id = "a{", .record = "{}"}},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct event first = event_from(cases[i].first);
        struct event second = event_from(cases[i].second);
        struct aggregate agg[4], alone;
        struct buf expected = BUF_INIT;

        fill(&alone, false, &first, 1, false);
        aggregate_first_record(&alone, 0, &expected);
        meet(agg, first, second);
        for (size_t k = 0; k < COUNT(agg); k++) {
            assert_first_record(&agg[k], buf_span(&expected));
            assert_int_equal(agg[k].groups[0].first_time, first.time);
            assert_int_equal(agg[k].groups[0].count, 2);
            assert_same(&agg[k], &agg[0]);
        }
        release_all(agg, COUNT(agg));
        aggregate_release(&alone);
        buf_release(&expected);
    }
}

/* A copy does not count, but its text can still be the smaller one. */
static void a_copy_can_bring_the_first_text(void **state)
{
    struct event large = EVENT(.id = "e1", .name = "Get",
                               .record = "{\"n\": 2, \"eventID\": \"e1\"}");
    struct event small = EVENT(.id = "e1", .name = "Get",
                               .record = "{\"n\": 1, \"eventID\": \"e1\"}");
    struct aggregate agg[4];
    (void)state;

    meet(agg, large, small);
    for (size_t k = 0; k < COUNT(agg); k++) {
        assert_first_record(&agg[k], SPAN("{\"n\":1,\"eventID\":\"e1\"}"));
        assert_int_equal(agg[k].groups[0].count, 1);
    }
    release_all(agg, COUNT(agg));
}

/* The first event is printed whole, and AssumeRole returns a session. */
static void secrets_do_not_reach_the_first_record(void **state)
{
    struct event event =
        EVENT(.id = "e1", .name = "AssumeRole",
              .record =
                  "{\"eventName\": \"AssumeRole\", \"responseElements\": "
                  "{\"credentials\": {\"accessKeyId\": \"ASIA1\", "
                  "\"SessionToken\": \"hush\", \"secretAccessKey\": "
                  "[\"hush\", {\"hush\": 1}], \"n\": 1}}, \"pass\\u0077ord\": "
                  "\"hush\", \"eventID\": \"e1\"}");
    struct span expected = SPAN(
        "{\"eventName\":\"AssumeRole\",\"responseElements\":{\"credentials\":"
        "{\"accessKeyId\":\"ASIA1\",\"SessionToken\":\"[removed]\","
        "\"secretAccessKey\":\"[removed]\",\"n\":1}},\"pass\\u0077ord\":"
        "\"[removed]\",\"eventID\":\"e1\"}");
    struct aggregate agg, other;
    (void)state;

    fill(&agg, false, &event, 1, false);
    assert_first_record(&agg, expected);
    aggregate_init(&other, false);
    (void)merge(&other, &agg);
    assert_first_record(&other, expected);
    aggregate_release(&agg);
    aggregate_release(&other);
}

/* Windows are overwritten, and a worker's aggregate is released as soon
 * as it is merged: nothing may point into either. */
static void everything_needed_is_copied(void **state)
{
    struct arena window = ARENA_INIT;
    struct aggregate agg, worker, whole;
    (void)state;

    aggregate_init(&agg, false);
    aggregate_init(&worker, false);
    aggregate_init(&whole, false);
    for (int round = 0; round < 20; round++) {
        const char *id = text_in(&window, "e%d", round);
        struct event event =
            EVENT(.id = id, .time = text_in(&window, "2022-02-22T10:05:00Z"),
                  .name = text_in(&window, "Get%d", round % 3),
                  .agent = text_in(&window, "agent%d", round % 7),
                  .record = text_in(&window, "{\"eventID\":\"%s\"}", id));
        struct span instance = span_str(text_in(&window, "i-0%d", round % 2));
        struct ip ip = address_of("4.4.4.4");

        (void)add_event(&whole, &event, instance, ip);
        (void)add_event(round % 4 < 2 ? &agg : &worker, &event, instance, ip);
        /* Freed, so that a pointer into it would be found out. */
        arena_release(&window);
    }
    (void)merge(&agg, &worker);
    aggregate_release(&worker);
    assert_same(&agg, &whole);
    aggregate_release(&agg);
    aggregate_release(&whole);
}

/* The texts of first events are most of the memory: merging moves them, also
 * into an aggregate that numbers everything differently, and leaves none
 * behind. What is merged again afterwards changes nothing. */
static void merging_moves_the_first_texts(void **state)
{
    struct event a = EVENT(.id = "e1", .name = "Get", .agent = "x");
    struct event b = EVENT(.id = "e2", .name = "Put", .agent = "y");
    struct event c = EVENT(.id = "e3", .time = "2022-02-22T10:05:00Z");
    struct aggregate from, into, whole;
    (void)state;

    fill(&whole, false, (const struct event[]){a, b, c}, 3, false);
    fill(&from, false, (const struct event[]){a, b, c}, 3, false);
    fill(&into, false, (const struct event[]){c, b}, 2, false);
    assert_int_equal(merge(&into, &from), 2);
    assert_same(&into, &whole);
    for (size_t i = 0; i < from.group_count; i++)
        assert_null(from.groups[i].first_text);
    assert_int_equal(merge(&into, &from), 3);
    assert_same(&into, &whole);
    aggregate_release(&from);
    aggregate_release(&into);
    aggregate_release(&whole);
}

/* What is fetched ahead is remembered in the key, and numbers differ between
 * aggregates, which one key may be for. */
static void what_another_aggregate_holds_where_does_not_matter(void **state)
{
    const struct event events[] = {
        EVENT(.id = "e1", .name = "Get", .agent = "x"),
        EVENT(.id = "e2", .name = "Put", .agent = "y"),
        EVENT(.id = "e3", .name = "Put", .agent = "x"),
    };
    static const char *const addresses[] = {"4.4.4.4", "5.5.5.5"};
    struct aggregate agg, other, whole;
    (void)state;

    aggregate_init(&agg, false);
    aggregate_init(&other, false);
    aggregate_init(&whole, false);
    for (size_t i = 2 * COUNT(events); i-- > 0;)
        (void)add_event(&other, &events[i / 2], SPAN("i-0a"),
                        address_of(addresses[i % 2]));
    for (size_t i = 0; i < 2 * COUNT(events); i++) {
        const struct event *event = &events[i / 2];
        struct ip address = address_of(addresses[i % 2]);
        struct aggregate_key key;

        assert_int_equal(
            aggregate_prepare(&agg, event, SPAN("i-0a"), address, &key), 0);
        aggregate_prefetch(&other, &key);
        assert_int_equal(
            aggregate_add(&agg, &key, event, SPAN("i-0a"), address),
            OUTCOME_KEPT);
        (void)add_event(&whole, event, SPAN("i-0a"), address);
    }
    assert_same(&agg, &whole);
    aggregate_release(&agg);
    aggregate_release(&other);
    aggregate_release(&whole);
}

/* A worker that found nothing, and the first that reports. */
static void an_empty_aggregate_is_neutral(void **state)
{
    struct event event = EVENT(.id = "e1", .name = "Get");
    struct aggregate agg, alone, empty, into;
    (void)state;

    fill(&agg, false, &event, 1, false);
    fill(&alone, false, &event, 1, false);
    aggregate_init(&empty, false);
    aggregate_init(&into, false);
    assert_int_equal(merge(&agg, &empty), 0);
    assert_same(&agg, &alone);
    assert_int_equal(merge(&empty, &into), 0);
    assert_same(&empty, &into);
    assert_int_equal(merge(&into, &agg), 0);
    assert_same(&into, &alone);
    aggregate_release(&agg);
    aggregate_release(&alone);
    aggregate_release(&empty);
    aggregate_release(&into);
}

/* The one order that does not depend on arrival: InstanceIds by bytes,
 * then addresses by value. */
static void groups_sort_by_instance_and_address(void **state)
{
    static const struct {
        const char *instance, *address;
    } sorted[] = {
        {"i-", "4.4.4.4"},          {"i-0A", "4.4.4.4"},  {"i-0a", "9.9.9.9"},
        {"i-0a", "10.0.0.100"},     {"i-0a", "::1"},      {"i-0a", "2600::1"},
        {"i-0a ", "4.4.4.4"},       {"i-0aa", "1.1.1.1"}, {"i-0b", "1.1.1.1"},
        {"i-0\xc3\xa9", "1.1.1.1"},
    };
    struct event event = EVENT(.id = "e1", .name = "Get");
    bool wanted[COUNT(sorted)];
    struct aggregate agg;
    uint32_t *numbers;
    size_t count = 0;
    (void)state;

    aggregate_init(&agg, false);
    for (size_t i = 0; i < COUNT(sorted); i++) {
        size_t at = (i * 7 + 3) % COUNT(sorted); /* 7 and 10: each once */

        (void)add_event(&agg, &event, span_str(sorted[at].instance),
                        address_of(sorted[at].address));
    }
    numbers = aggregate_sorted_groups(&agg, NULL, &count);
    assert_non_null(numbers);
    assert_int_equal(count, COUNT(sorted));
    for (size_t i = 0; i < count; i++) {
        assert_span_equal(aggregate_instance_id(&agg, numbers[i]),
                          span_str(sorted[i].instance));
        assert_int_equal(ip_cmp(agg.groups[numbers[i]].address,
                                address_of(sorted[i].address)),
                         0);
    }
    sys_free(numbers);

    /* of some: these, in the same order */
    for (size_t i = 0; i < COUNT(sorted); i++)
        wanted[i] = (i * 7 + 3) % COUNT(sorted) % 2 == 0;
    numbers = aggregate_sorted_groups(&agg, wanted, &count);
    assert_non_null(numbers);
    assert_int_equal(count, COUNT(sorted) / 2);
    for (size_t i = 0; i < count; i++)
        assert_span_equal(aggregate_instance_id(&agg, numbers[i]),
                          span_str(sorted[2 * i].instance));
    sys_free(numbers);
    assert_int_equal(aggregate_count_instances(&agg), 7);
    aggregate_release(&agg);
}

/* A run without an instance event still writes its summary. */
static void an_empty_aggregate_has_no_groups(void **state)
{
    struct aggregate agg;
    uint32_t *numbers;
    size_t count = 9;
    (void)state;

    aggregate_init(&agg, false);
    numbers = aggregate_sorted_groups(&agg, NULL, &count);
    assert_non_null(numbers);
    assert_int_equal(count, 0);
    sys_free(numbers);
    assert_int_equal(aggregate_count_instances(&agg), 0);
    aggregate_release(&agg);
}

/* Error paths release what was never filled, and some twice. */
static void releasing_nothing_is_safe(void **state)
{
    struct event event = EVENT(.id = "e1");
    struct aggregate agg = {0};
    (void)state;

    aggregate_release(NULL);
    aggregate_release(&agg);
    fill(&agg, false, &event, 1, false);
    aggregate_release(&agg);
    aggregate_release(&agg);
}

/* Every table grows many times; no row, group or text may be lost. */
static void nothing_is_lost_in_200000_rows(void **state)
{
    enum {
        ROWS = 200000,
        GROUPS = 500
    };
    struct ip ip = address_of("4.4.4.4");
    struct aggregate agg, into;
    struct buf expected;
    char id[32], instance[32], agent[32];
    (void)state;

    aggregate_init(&agg, false);
    for (int round = 0; round < 2; round++)
        for (unsigned i = 0; i < ROWS; i++) {
            struct event event;

            (void)snprintf(id, sizeof(id), "e%06u", i);
            (void)snprintf(instance, sizeof(instance), "i-%03u", i % GROUPS);
            (void)snprintf(agent, sizeof(agent), "agent%u", i / GROUPS % 100);
            event = EVENT(.id = id, .name = "Get", .agent = agent);
            event.time = (timestamp)i * TICKS_PER_SECOND;
            assert_int_equal(add_event(&agg, &event, span_str(instance), ip),
                             round == 0 ? OUTCOME_KEPT : OUTCOME_DUPLICATE);
        }
    assert_int_equal(agg.row_count, ROWS);
    assert_int_equal(agg.group_count, GROUPS);
    for (unsigned i = 0; i < GROUPS; i++) {
        assert_int_equal(agg.groups[i].count, ROWS / GROUPS);
        assert_int_equal(agg.groups[i].first_time,
                         (timestamp)i * TICKS_PER_SECOND);
    }
    aggregate_init(&into, false);
    (void)dump(&agg, &expected);
    assert_int_equal(merge(&into, &agg), 0);
    assert_int_equal(merge(&into, &agg), ROWS);
    assert_int_equal(into.row_count, ROWS);
    assert_true(dumps_as(&into, buf_str(&expected)));
    buf_release(&expected);
    aggregate_release(&into);
    aggregate_release(&agg);
}

/* ------------------------------------------------------- random spreads */

#define SEEDS       60
#define EVENT_COUNT 600
#define MAX_PARTS   8

/* splitmix64: a failing seed must fail again everywhere. */
static uint64_t draw(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static unsigned below(uint64_t *seed, unsigned limit)
{
    return (unsigned)(draw(seed) % limit);
}

/* Small numbers more often, so that one group is the largest. */
static unsigned few(uint64_t *seed, unsigned limit)
{
    unsigned a = below(seed, limit), b = below(seed, limit);

    return a < b ? a : b;
}

struct sample {
    struct event event;
    struct span instance;
    struct ip address;
};

/* NULL, or one of `variety` texts. */
static const char *any_text(uint64_t *seed, struct arena *arena,
                            const char *name, unsigned variety)
{
    unsigned pick = below(seed, variety + 1);

    return pick == variety ? NULL : text_in(arena, "%s%u", name, pick);
}

/* A record that shows what the literal says, and `n`: as in real ones the
 * text of two events is not the same if they differ in anything. */
static const char *record_of(struct arena *arena, const struct literal *literal,
                             unsigned n)
{
    const struct {
        const char *key, *value;
    } members[] = {
        {"accountId", literal->account}, {"accessKeyId", literal->key},
        {"arn", literal->role},          {"ec2RoleDelivery", literal->delivery},
        {"eventTime", literal->time},    {"eventSource", literal->source},
        {"eventName", literal->name},    {"awsRegion", literal->region},
        {"userAgent", literal->agent},   {"errorCode", literal->error},
        {"eventID", literal->id},        {"vpcEndpointId", literal->endpoint},
    };
    struct buf text = BUF_INIT;
    const char *record;

    buf_add_char(&text, '{');
    for (size_t i = 0; i < COUNT(members); i++)
        if (members[i].value)
            buf_printf(&text, " \"%s\": \"%s\",", members[i].key,
                       members[i].value);
    buf_printf(&text, " \"n\": %u }", n);
    record = text_in(arena, "%s", buf_str(&text));
    buf_release(&text);
    return record;
}

/* Few values, so that copies, copies that differ, ties and equal times all
 * happen; more user agents than a report shows. */
static struct sample any_sample(uint64_t *seed, struct arena *arena,
                                bool always_id)
{
    static const char *const instances[] = {"i-0a", "i-0b", "i-0A"};
    static const char *const addresses[] = {"3.3.3.3", "4.4.4.4", "2600::1"};
    static const char *const times[] = {
        "2022-02-22T10:01:00Z",
        "2022-02-22T10:01:00.5Z",
        "2022-02-22T11:59:59Z",
        "2022-02-22T12:00:00Z",
        "yesterday",
        NULL,
    };
    struct literal literal = {
        .id = text_in(arena, "e%u", below(seed, 30)),
        .time = times[below(seed, COUNT(times))],
        .name = any_text(seed, arena, "Name", 2),
        .key = any_text(seed, arena, "ASIA", 2),
        .agent = any_text(seed, arena, "agent", 100),
        .source = any_text(seed, arena, "source", 2),
        .region = any_text(seed, arena, "region", 2),
        .error = any_text(seed, arena, "error", 2),
        .delivery = any_text(seed, arena, "", 2),
        .endpoint = any_text(seed, arena, "vpce", 1),
        .account = any_text(seed, arena, "account", 2),
        .role = any_text(seed, arena, "role", 2),
    };
    struct sample sample;

    if (!always_id && below(seed, 6) == 0)
        literal.id = below(seed, 2) ? "" : NULL;
    literal.record = record_of(arena, &literal, below(seed, 3));
    sample.event = event_from(literal);
    sample.instance = span_str(instances[few(seed, COUNT(instances))]);
    sample.address = address_of(addresses[few(seed, COUNT(addresses))]);
    return sample;
}

/* Duplicates found are added to `*duplicates`. */
static void add_sample(struct aggregate *agg, const struct sample *sample,
                       uint64_t *duplicates)
{
    enum outcome outcome =
        add_event(agg, &sample->event, sample->instance, sample->address);

    assert_true(outcome == OUTCOME_KEPT || outcome == OUTCOME_DUPLICATE);
    *duplicates += outcome == OUTCOME_DUPLICATE;
}

static void shuffle(uint64_t *seed, struct sample *samples, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t k = below(seed, (unsigned)i);
        struct sample moved = samples[i - 1];

        samples[i - 1] = samples[k];
        samples[k] = moved;
    }
}

/* Merge any two of the parts until one is left, which is parts[0]. */
static void merge_as_it_comes(uint64_t *seed, struct aggregate *parts,
                              size_t count, uint64_t *duplicates)
{
    while (count > 1) {
        size_t from = below(seed, (unsigned)count);
        size_t into = (from + 1 + below(seed, (unsigned)count - 1)) % count;

        *duplicates += merge(&parts[into], &parts[from]);
        aggregate_release(&parts[from]);
        parts[from] = parts[--count];
    }
}

/* One aggregate with all events against several with parts of them: also
 * the numbers of kept and duplicate events must agree. */
static void check_spread(uint64_t number, bool keep_duplicates,
                         enum identity_reach reach)
{
    uint64_t seed = number;
    struct arena arena = ARENA_INIT;
    struct sample samples[EVENT_COUNT];
    struct aggregate whole, parts[MAX_PARTS];
    uint64_t expected = 0, duplicates = 0;
    size_t count;

    aggregate_init(&whole, keep_duplicates);
    whole.reach = reach;
    for (size_t i = 0; i < COUNT(samples); i++) {
        samples[i] = any_sample(&seed, &arena, false);
        add_sample(&whole, &samples[i], &expected);
    }
    shuffle(&seed, samples, COUNT(samples));
    count = 1 + below(&seed, MAX_PARTS);
    for (size_t i = 0; i < count; i++) {
        aggregate_init(&parts[i], keep_duplicates);
        parts[i].reach = reach;
    }
    for (size_t i = 0; i < COUNT(samples); i++)
        add_sample(&parts[below(&seed, (unsigned)count)], &samples[i],
                   &duplicates);
    merge_as_it_comes(&seed, parts, count, &duplicates);
    if (!same(&parts[0], &whole))
        fail_msg("seed %ju", (uintmax_t)number);
    assert_int_equal(duplicates, expected);
    assert_int_equal(expected == 0, keep_duplicates);
    aggregate_release(&parts[0]);
    aggregate_release(&whole);
    arena_release(&arena);
}

/* The number of threads, the order of files and which worker is done
 * first: none of it may show. */
static void any_spread_over_aggregates_gives_the_same_alerts(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        check_spread(seed, false, IDENTITY_ANYWHERE);
        check_spread(seed, false, IDENTITY_HERE);
        check_spread(seed, true, IDENTITY_ANYWHERE);
    }
}

/* Each event in one to three of the parts, and parts merged into several
 * others on the way. Every event has an eventID. */
static void check_overlap(uint64_t number)
{
    uint64_t seed = number;
    struct arena arena = ARENA_INIT;
    struct aggregate whole, parts[MAX_PARTS];
    struct buf expected;
    uint64_t duplicates = 0;

    aggregate_init(&whole, false);
    for (size_t i = 0; i < COUNT(parts); i++)
        aggregate_init(&parts[i], false);
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        struct sample sample = any_sample(&seed, &arena, true);

        add_sample(&whole, &sample, &duplicates);
        for (unsigned copies = 1 + below(&seed, 3); copies > 0; copies--)
            add_sample(&parts[below(&seed, MAX_PARTS)], &sample, &duplicates);
    }
    for (int i = 0; i < MAX_PARTS; i++) {
        unsigned from = below(&seed, MAX_PARTS);
        unsigned into = (from + 1 + below(&seed, MAX_PARTS - 1)) % MAX_PARTS;

        (void)merge(&parts[into], &parts[from]);
    }
    merge_as_it_comes(&seed, parts, COUNT(parts), &duplicates);
    (void)dump(&whole, &expected);
    if (!dumps_as(&parts[0], buf_str(&expected)))
        fail_msg("seed %ju", (uintmax_t)number);
    assert_int_equal(merge(&parts[0], &whole), whole.row_count);
    if (!dumps_as(&parts[0], buf_str(&expected)))
        fail_msg("seed %ju", (uintmax_t)number);
    buf_release(&expected);
    aggregate_release(&parts[0]);
    aggregate_release(&whole);
    arena_release(&arena);
}

/* Two machines read the same bucket, or a saved table is merged again:
 * a set union takes a copy back, a sum could not. */
static void merging_a_copy_again_changes_nothing(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        check_overlap(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_counts_once),
        cmocka_unit_test(with_keep_duplicates_every_delivery_counts),
        cmocka_unit_test(events_without_an_id_are_never_duplicates),
        cmocka_unit_test(of_two_copies_one_stands_in_any_order),
        cmocka_unit_test(in_a_second_reading_the_smaller_text_stands),
        cmocka_unit_test(equal_copies_are_no_dispute),
        cmocka_unit_test(the_first_event_is_the_smallest_by_time_id_and_text),
        cmocka_unit_test(a_copy_can_bring_the_first_text),
        cmocka_unit_test(secrets_do_not_reach_the_first_record),
        cmocka_unit_test(everything_needed_is_copied),
        cmocka_unit_test(merging_moves_the_first_texts),
        cmocka_unit_test(what_another_aggregate_holds_where_does_not_matter),
        cmocka_unit_test(an_empty_aggregate_is_neutral),
        cmocka_unit_test(groups_sort_by_instance_and_address),
        cmocka_unit_test(an_empty_aggregate_has_no_groups),
        cmocka_unit_test(releasing_nothing_is_safe),
        cmocka_unit_test(nothing_is_lost_in_200000_rows),
        cmocka_unit_test(any_spread_over_aggregates_gives_the_same_alerts),
        cmocka_unit_test(merging_a_copy_again_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
