/*
 * From events to alerts. The scenarios of the rule's section 6 stand here
 * as a table; then what the Kusto query leaves open: ties, unknown times,
 * orders, and how much of a set is shown.
 */
#include "events.h"

#include "base/buf.h"
#include "detect/filter.h"
#include "detect/rule.h"

static void apply(const struct rule_options *options,
                  const struct aggregate *agg, struct alert_list *list)
{
    struct err err = ERR_NONE;

    *list = ALERT_LIST_INIT;
    assert_int_equal(rule_apply(options, agg, list, &err), 0);
}

static const struct rule_options the_rule = {.min_ips = RULE_MIN_IPS};

/* ----------------------------------------------------------- scenarios */

/* `count` events, a minute apart. */
struct step {
    const char *instance; /* NULL: i-0a */
    const char *address;  /* as a record says it */
    unsigned count;
    const char *from; /* the first one's time of day, "10:05" */
    const char *name; /* NULL: DescribeInstances */
    const char *id;   /* their eventIDs begin so; NULL: like no other's */
    const char *role;
};

#define STEP(address_, count_, from_) \
    .address = (address_), .count = (count_), .from = (from_)

struct scenario {
    const char *name;
    bool ipv6, keep_duplicates;
    struct step steps[5];
    /* The one alert; an absent suspect means that there is none. */
    const char *suspect;
    uint64_t event_count;
    const char *time; /* as TimeGenerated prints */
    const char *event_id;
    const char *observed; /* addresses and their counts */
    const char *tied;
    const char *names;
    uint64_t duplicates;
};

static const struct scenario scenarios[] = {
    {.name = "A1", .steps = {{STEP("3.3.3.3", 3, "10:00")}}},
    {.name = "A2",
     .steps = {{STEP("3.3.3.3", 3, "10:00"), .name = "DescribeInstances"},
               {STEP("4.4.4.4", 1, "10:05"), .name = "GetCallerIdentity"}},
     .suspect = "4.4.4.4",
     .event_count = 1,
     .time = "2022-02-22T10:05:00.0000000Z",
     .observed = "3.3.3.3=3 4.4.4.4=1",
     .tied = "",
     .names = "GetCallerIdentity=1"},
    {.name = "A3",
     .steps = {{STEP("4.4.4.4", 1, "10:05")}, {STEP("3.3.3.3", 1, "10:01")}},
     .suspect = "4.4.4.4",
     .event_count = 1,
     .time = "2022-02-22T10:05:00.0000000Z",
     .observed = "3.3.3.3=1 4.4.4.4=1",
     .tied = "3.3.3.3"},
    {.name = "A4",
     .steps = {{STEP("4.4.4.4", 1, "10:01")}, {STEP("3.3.3.3", 1, "10:01")}},
     .suspect = "3.3.3.3",
     .event_count = 1,
     .time = "2022-02-22T10:01:00.0000000Z",
     .observed = "3.3.3.3=1 4.4.4.4=1",
     .tied = "4.4.4.4"},
    {.name = "A5",
     .steps = {{STEP("3.3.3.3", 2, "10:01")},
               {STEP("2600:1f18::1", 1, "10:00")}}},
    {.name = "A5 --ipv6",
     .ipv6 = true,
     .steps = {{STEP("3.3.3.3", 2, "10:01")},
               {STEP("2600:1f18::1", 1, "10:00")}},
     .suspect = "2600:1f18::1",
     .event_count = 1,
     .time = "2022-02-22T10:00:00.0000000Z",
     .observed = "3.3.3.3=2 2600:1f18::1=1",
     .tied = ""},
    {.name = "A6",
     .steps = {{STEP("3.3.3.3", 1, "10:00")},
               {STEP("ec2.amazonaws.com", 1, "10:01")}}},
    {.name = "A7",
     .steps = {{STEP("3.3.3.3", 1, "10:00")}, {STEP("10.1.2.3", 1, "10:01")}}},
    {.name = "A8",
     .steps = {{STEP("3.3.3.3", 1, "10:00")},
               {STEP("198.19.0.1", 1, "10:01")}}},
    {.name = "A9",
     .steps = {{STEP("3.3.3.3", 2, "10:00")}, {STEP("100.64.0.9", 1, "10:01")}},
     .suspect = "100.64.0.9",
     .event_count = 1,
     .time = "2022-02-22T10:01:00.0000000Z",
     .observed = "3.3.3.3=2 100.64.0.9=1",
     .tied = ""},
    {.name = "A10",
     .steps = {{STEP("3.3.3.3", 2, "10:00")}, {STEP("003.3.3.3", 1, "10:01")}}},
    {.name = "A11",
     .steps = {{STEP("3.3.3.3", 2, "10:00"), .role = "X"},
               {STEP("5.5.5.5", 1, "10:01"), .role = "Y"}},
     .suspect = "5.5.5.5",
     .event_count = 1,
     .time = "2022-02-22T10:01:00.0000000Z",
     .observed = "3.3.3.3=2 5.5.5.5=1",
     .tied = ""},
    {.name = "A12",
     .steps = {{STEP("3.3.3.3", 1, "10:00")},
               {.instance = "i-0A", STEP("4.4.4.4", 1, "10:00")}}},
    {.name = "A13",
     .steps = {{STEP("3.3.3.3", 5, "10:00")},
               {STEP("9.9.9.9", 2, "10:02")},
               {STEP("8.8.8.8", 2, "10:03")}},
     .suspect = "8.8.8.8",
     .event_count = 2,
     .time = "2022-02-22T10:03:00.0000000Z",
     .observed = "3.3.3.3=5 8.8.8.8=2 9.9.9.9=2",
     .tied = "9.9.9.9"},
    {.name = "A14",
     .steps = {{STEP("3.3.3.3", 3, "10:00")},
               {STEP("4.4.4.4", 1, "10:05"), .name = "ListBuckets", .id = "b"},
               {STEP("4.4.4.4", 1, "10:05"), .name = "GetCallerIdentity",
                .id = "a"}},
     .suspect = "4.4.4.4",
     .event_count = 2,
     .time = "2022-02-22T10:05:00.0000000Z",
     .event_id = "a-0",
     .observed = "3.3.3.3=3 4.4.4.4=2",
     .tied = "",
     .names = "GetCallerIdentity=1 ListBuckets=1"},
    {.name = "A15",
     .steps = {{STEP("3.3.3.3", 2, "10:01"), .id = "file 1"},
               {STEP("3.3.3.3", 2, "10:01"), .id = "file 1"},
               {STEP("4.4.4.4", 3, "10:02")}},
     .suspect = "3.3.3.3",
     .event_count = 2,
     .time = "2022-02-22T10:01:00.0000000Z",
     .observed = "3.3.3.3=2 4.4.4.4=3",
     .tied = "",
     .duplicates = 2},
    {.name = "A15 --keep-duplicates",
     .keep_duplicates = true,
     .steps = {{STEP("3.3.3.3", 2, "10:01"), .id = "file 1"},
               {STEP("3.3.3.3", 2, "10:01"), .id = "file 1"},
               {STEP("4.4.4.4", 3, "10:02")}},
     .suspect = "4.4.4.4",
     .event_count = 3,
     .time = "2022-02-22T10:02:00.0000000Z",
     .observed = "3.3.3.3=4 4.4.4.4=3",
     .tied = ""},
};

/* The step's events, as far as the filter keeps them. The number of
 * duplicates among them. */
static uint64_t take_step(struct aggregate *agg, struct arena *arena,
                          const struct scenario *scenario, size_t at)
{
    const struct filter_options options = {
        .ipv6 = scenario->ipv6, .since = INT64_MIN, .until = TIMESTAMP_UNKNOWN};
    const struct step *step = &scenario->steps[at];
    const char *instance = step->instance ? step->instance : "i-0a";
    uint64_t duplicates = 0;

    for (unsigned i = 0; i < step->count; i++) {
        const char *name = step->name ? step->name : "DescribeInstances";
        const char *id = step->id ? text_in(arena, "%s-%u", step->id, i)
                                  : text_in(arena, "step %zu-%u", at, i);
        struct event event =
            EVENT(.id = id, .name = name, .role = step->role,
                  .record = text_in(arena, "{\"eventID\":\"%s\"}", id));
        struct ip address;

        event.time = timestamp_parse(span_str(
                         text_in(arena, "2022-02-22T%s:00Z", step->from))) +
                     (timestamp)i * 60 * TICKS_PER_SECOND;
        if (filter_address(&options, span_str(step->address), &address) ==
            OUTCOME_KEPT)
            duplicates += add_event(agg, &event, span_str(instance), address) ==
                          OUTCOME_DUPLICATE;
    }
    return duplicates;
}

/* "3.3.3.3=3 4.4.4.4=1" */
static const char *observed(const struct alert *alert, struct arena *arena)
{
    const char *all = "";
    char text[IP_TEXT_BYTES];

    for (size_t i = 0; i < alert->ip_count; i++)
        all = text_in(arena, "%s%s%s=%ju", all, i ? " " : "",
                      ip_format(alert->ips[i].address, text),
                      (uintmax_t)alert->ips[i].count);
    return all;
}

static const char *tied(const struct alert *alert, struct arena *arena)
{
    const char *all = "";
    char text[IP_TEXT_BYTES];

    for (size_t i = 0; i < alert->tied_count; i++)
        all = text_in(arena, "%s%s%s", all, i ? " " : "",
                      ip_format(alert->ips[alert->tied[i]].address, text));
    return all;
}

/* "GetCallerIdentity=1 ListBuckets=1" */
static const char *values(const struct alert_ip *ip, enum facet facet,
                          struct arena *arena)
{
    const char *all = "";

    for (size_t i = 0; i < ip->facet[facet].count; i++) {
        const struct alert_value *value = &ip->facet[facet].items[i];

        all = text_in(arena, "%s%s%.*s=%ju", all, i ? " " : "",
                      (int)value->text.len, value->text.ptr,
                      (uintmax_t)value->count);
    }
    return all;
}

static const struct alert_ip *suspect(const struct alert *alert)
{
    return &alert->ips[alert->suspect];
}

static void check_alert(const struct scenario *scenario,
                        const struct alert *alert, struct arena *arena)
{
    char address[IP_TEXT_BYTES], time[TIMESTAMP_TEXT_BYTES];

    assert_span_equal(alert->instance_id, SPAN("i-0a"));
    assert_true(alert->triggered);
    assert_string_equal(ip_format(suspect(alert)->address, address),
                        scenario->suspect);
    assert_int_equal(suspect(alert)->count, scenario->event_count);
    timestamp_format(alert->time, time);
    assert_string_equal(time, scenario->time);
    assert_string_equal(observed(alert, arena), scenario->observed);
    assert_string_equal(tied(alert, arena), scenario->tied);
    if (scenario->names)
        assert_string_equal(values(suspect(alert), FACET_EVENT_NAME, arena),
                            scenario->names);
    if (scenario->event_id)
        assert_span_equal(alert->record,
                          span_str(text_in(arena, "{\"eventID\":\"%s\"}",
                                           scenario->event_id)));
}

/* What the specification promises, to the letter; and that it does not
 * hang on the order of the files. */
static void every_scenario_gives_its_alert(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(scenarios); i++)
        for (int backwards = 0; backwards < 2; backwards++) {
            const struct scenario *scenario = &scenarios[i];
            size_t steps = COUNT(scenario->steps);
            struct arena arena = ARENA_INIT;
            struct aggregate agg;
            struct alert_list list;
            uint64_t duplicates = 0;

            print_message("%s%s\n", scenario->name,
                          backwards ? ", last step first" : "");
            aggregate_init(&agg, scenario->keep_duplicates);
            for (size_t k = 0; k < steps; k++)
                duplicates += take_step(&agg, &arena, scenario,
                                        backwards ? steps - 1 - k : k);
            assert_int_equal(duplicates, scenario->duplicates);
            apply(&the_rule, &agg, &list);
            assert_int_equal(list.count, scenario->suspect ? 1 : 0);
            assert_int_equal(list.triggered, list.count);
            if (scenario->suspect)
                check_alert(scenario, &list.items[0], &arena);
            alert_list_release(&list);
            aggregate_release(&agg);
            arena_release(&arena);
        }
}

/* --------------------------------------------------------------- ties */

static void add(struct aggregate *agg, struct literal literal,
                const char *instance, const char *address)
{
    struct event event = event_from(literal);

    assert_true(add_event(agg, &event, span_str(instance),
                          address_of(address)) == OUTCOME_KEPT);
}

/* The later first event, then the smaller address by value; an unknown
 * time is the latest. One event each, so all are tied. */
static void ties_go_to_the_latest_then_the_smallest(void **state)
{
    static const struct {
        struct {
            const char *address, *time;
        } events[3];
        const char *suspect, *tied;
        bool time_known;
    } cases[] = {
        {{{"7.7.7.7", "2022-02-22T10:01:00Z"},
          {"8.8.8.8", "2022-02-22T10:03:00Z"},
          {"9.9.9.9", "2022-02-22T10:02:00Z"}},
         "8.8.8.8",
         "7.7.7.7 9.9.9.9",
         true},
        {{{"7.7.7.7", "2022-02-22T10:01:00Z"},
          {"8.8.8.8", "2022-02-22T10:03:00Z"},
          {"9.9.9.9", "2022-02-22T10:03:00Z"}},
         "8.8.8.8",
         "7.7.7.7 9.9.9.9",
         true},
        {{{"7.7.7.7", "2022-02-22T10:03:00Z"},
          {"8.8.8.8", "2022-02-22T12:03:00+02:00"},
          {"9.9.9.9", "2022-02-22T10:03:00.0000001Z"}},
         "9.9.9.9",
         "7.7.7.7 8.8.8.8",
         true},
        /* unknown times */
        {{{"7.7.7.7", "2022-02-22T10:01:00Z"},
          {"8.8.8.8", "2022-02-22T10:03:00Z"},
          {"9.9.9.9", NULL}},
         "9.9.9.9",
         "7.7.7.7 8.8.8.8",
         false},
        {{{"7.7.7.7", "9999-12-31T23:59:59.9999999Z"},
          {"8.8.8.8", "1645524180"},
          {"9.9.9.9", NULL}},
         "8.8.8.8",
         "7.7.7.7 9.9.9.9",
         false},
        {{{"7.7.7.7", NULL}, {"8.8.8.8", ""}, {"9.9.9.9", "x"}},
         "7.7.7.7",
         "8.8.8.8 9.9.9.9",
         false},
        /* by value, not as text, and IPv4 before IPv6 */
        {{{"100.0.0.1", NULL}, {"9.0.0.1", NULL}, {"20.0.0.1", NULL}},
         "9.0.0.1",
         "20.0.0.1 100.0.0.1",
         false},
        {{{"2600::10", NULL}, {"2600::9", NULL}, {"255.0.0.1", NULL}},
         "255.0.0.1",
         "2600::9 2600::10",
         false},
        {{{"2600::10", NULL},
          {"2600::9", NULL},
          {"255.0.0.1", "2022-02-22T10:01:00Z"}},
         "2600::9",
         "255.0.0.1 2600::10",
         false},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t turn = 0; turn < 3; turn++) {
            struct arena arena = ARENA_INIT;
            struct aggregate agg;
            struct alert_list list;
            const struct alert *alert = NULL;
            char text[IP_TEXT_BYTES];

            aggregate_init(&agg, false);
            for (size_t k = 0; k < 3; k++)
                add(&agg,
                    (struct literal){.time =
                                         cases[i].events[(k + turn) % 3].time},
                    "i-0a", cases[i].events[(k + turn) % 3].address);
            apply(&the_rule, &agg, &list);
            assert_int_equal(list.count, 1);
            alert = &list.items[0];
            assert_string_equal(ip_format(suspect(alert)->address, text),
                                cases[i].suspect);
            assert_string_equal(tied(alert, &arena), cases[i].tied);
            assert_int_equal(alert->time != TIMESTAMP_UNKNOWN,
                             cases[i].time_known);
            alert_list_release(&list);
            aggregate_release(&agg);
            arena_release(&arena);
        }
}

/* Fewest events comes before everything else: the quiet address is the
 * suspect even if it was seen first, and it alone is tied with nobody. */
static void the_quietest_address_is_the_suspect(void **state)
{
    struct arena arena = ARENA_INIT;
    struct aggregate agg;
    struct alert_list list;
    (void)state;

    aggregate_init(&agg, false);
    add(&agg, (struct literal){.time = "2022-02-22T10:00:00Z"}, "i-0a",
        "9.9.9.9");
    for (int i = 0; i < 2; i++) {
        add(&agg, (struct literal){.time = "2022-02-22T10:05:00Z"}, "i-0a",
            "3.3.3.3");
        add(&agg, (struct literal){.time = NULL}, "i-0a", "4.4.4.4");
    }
    apply(&the_rule, &agg, &list);
    assert_int_equal(list.count, 1);
    assert_string_equal(observed(&list.items[0], &arena),
                        "3.3.3.3=2 4.4.4.4=2 9.9.9.9=1");
    assert_int_equal(list.items[0].suspect, 2);
    assert_int_equal(list.items[0].tied_count, 0);
    alert_list_release(&list);
    aggregate_release(&agg);
    arena_release(&arena);
}

/* ----------------------------------------------- which alerts, in order */

/* InstanceIds of a list, in its order: "i-0a* i-0b", a star for those that
 * alert. */
static const char *listed(const struct alert_list *list, struct arena *arena)
{
    const char *all = "";
    size_t triggered = 0;

    for (size_t i = 0; i < list->count; i++) {
        const struct alert *alert = &list->items[i];

        all = text_in(arena, "%s%s%.*s%s", all, i ? " " : "",
                      (int)alert->instance_id.len, alert->instance_id.ptr,
                      alert->triggered ? "*" : "");
        triggered += alert->triggered;
    }
    assert_int_equal(list->triggered, triggered);
    return all;
}

/* Alerts are compared from run to run; bytes sort the same everywhere. */
static void alerts_come_by_instance_id_bytes(void **state)
{
    static const char *const arrival[] = {
        "i-0b", "i-\xc3\xa9", "i-0a/x", "i-0A", "i-0a", "i-", "i-1", "i-00",
    };
    struct arena arena = ARENA_INIT;
    struct aggregate agg;
    struct alert_list list;
    (void)state;

    aggregate_init(&agg, false);
    for (size_t i = 0; i < COUNT(arrival); i++)
        add(&agg, (struct literal){.id = NULL}, arrival[i], "3.3.3.3");
    for (size_t i = COUNT(arrival); i > 0; i--)
        add(&agg, (struct literal){.id = NULL}, arrival[i - 1], "4.4.4.4");
    apply(&the_rule, &agg, &list);
    assert_string_equal(listed(&list, &arena),
                        "i-* i-00* i-0A* i-0a* i-0a/x* i-0b* i-1* i-\xc3\xa9*");
    alert_list_release(&list);
    aggregate_release(&agg);
    arena_release(&arena);
}

/* i-1, i-2 and i-3 have as many addresses as they are called. */
static void fill_one_two_three(struct aggregate *agg)
{
    aggregate_init(agg, false);
    add(agg, (struct literal){.id = NULL}, "i-1", "3.3.3.3");
    for (int i = 0; i < 2; i++)
        add(agg, (struct literal){.id = NULL}, "i-2",
            i ? "4.4.4.4" : "3.3.3.3");
    add(agg, (struct literal){.id = NULL}, "i-3", "3.3.3.3");
    add(agg, (struct literal){.id = NULL}, "i-3", "4.4.4.4");
    add(agg, (struct literal){.id = NULL}, "i-3", "2600::1");
}

/* `--min-ips`: two make the rule, one lists every instance. */
static void min_ips_is_the_number_of_addresses_that_alerts(void **state)
{
    static const struct {
        uint64_t min_ips;
        const char *listed;
    } cases[] = {
        {1, "i-1* i-2* i-3*"}, {2, "i-2* i-3*"}, {3, "i-3*"}, {4, ""},
        {UINT64_MAX, ""},
    };
    struct arena arena = ARENA_INIT;
    struct aggregate agg;
    (void)state;

    fill_one_two_three(&agg);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct rule_options options = {.min_ips = cases[i].min_ips};
        struct alert_list list;

        apply(&options, &agg, &list);
        assert_string_equal(listed(&list, &arena), cases[i].listed);
        alert_list_release(&list);
    }
    aggregate_release(&agg);
    arena_release(&arena);
}

/* An instance with one address is all there is to list of it. */
static void with_min_ips_1_a_single_address_is_the_suspect(void **state)
{
    struct rule_options options = {.min_ips = 1};
    struct aggregate agg;
    struct alert_list list;
    (void)state;

    fill_one_two_three(&agg);
    apply(&options, &agg, &list);
    assert_int_equal(list.items[0].ip_count, 1);
    assert_int_equal(list.items[0].suspect, 0);
    assert_int_equal(list.items[0].tied_count, 0);
    alert_list_release(&list);
    aggregate_release(&agg);
}

/* `--instance`: "it does not alert" and "it was not seen" are answers; all
 * others are left out, and asking twice is asking. */
static void instances_asked_for_are_listed_whatever_they_are(void **state)
{
    static const struct {
        struct span asked[4];
        size_t asked_count;
        uint64_t min_ips;
        const char *listed;
    } cases[] = {
        {{{"i-2", 3}}, 1, 2, "i-2*"},
        {{{"i-1", 3}}, 1, 2, "i-1"},
        {{{"i-9", 3}}, 1, 2, "i-9"},
        {{{"i-9", 3}}, 1, 1, "i-9"},
        {{{"i-1", 3}}, 1, 1, "i-1*"},
        {{{"i-3", 3}, {"i-2", 3}, {"i-1", 3}, {"i-0", 3}},
         4,
         3,
         "i-0 i-1 i-2 i-3*"},
        {{{"i-9", 3}, {"i-2", 3}, {"i-9", 3}, {"i-2", 3}}, 4, 2, "i-2* i-9"},
        {{{"i-", 2}, {"I-2", 3}, {"i-22", 4}, {"2", 1}}, 4, 2, "2 I-2 i- i-22"},
    };
    struct arena arena = ARENA_INIT;
    struct aggregate agg;
    (void)state;

    fill_one_two_three(&agg);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct rule_options options = {
            .min_ips = cases[i].min_ips,
            .instances = cases[i].asked,
            .instance_count = cases[i].asked_count,
        };
        struct alert_list list;

        apply(&options, &agg, &list);
        assert_string_equal(listed(&list, &arena), cases[i].listed);
        alert_list_release(&list);
    }
    aggregate_release(&agg);
    arena_release(&arena);
}

/* Reports print it like any other: it must be safe to look at. */
static void an_instance_that_was_not_seen_has_nothing(void **state)
{
    const struct span asked[] = {SPAN("i-9"), SPAN("i-1")};
    const struct rule_options options = {
        .min_ips = 2, .instances = asked, .instance_count = 2};
    struct aggregate agg;
    struct alert_list list;
    const struct alert *alert;
    (void)state;

    fill_one_two_three(&agg);
    apply(&options, &agg, &list);
    assert_int_equal(list.count, 2);

    alert = &list.items[0]; /* seen, but from one address */
    assert_span_equal(alert->instance_id, SPAN("i-1"));
    assert_int_equal(alert->ip_count, 1);
    assert_int_equal(suspect(alert)->count, 1);
    assert_span_equal(alert->record, SPAN("{}"));

    alert = &list.items[1];
    assert_span_equal(alert->instance_id, SPAN("i-9"));
    assert_int_equal(alert->ip_count, 0);
    assert_int_equal(alert->tied_count, 0);
    assert_int_equal(alert->time, TIMESTAMP_UNKNOWN);
    assert_span_equal(alert->record, SPAN_ABSENT);
    for (int f = 0; f < FACET_COUNT; f++)
        assert_span_equal(alert->first[f], SPAN_ABSENT);
    alert_list_release(&list);
    aggregate_release(&agg);
}

/* A clean account, or one without instances at all. */
static void no_events_give_no_alerts(void **state)
{
    const struct rule_options all = {.min_ips = 1};
    struct aggregate agg;
    struct alert_list list;
    (void)state;

    aggregate_init(&agg, false);
    apply(&all, &agg, &list);
    assert_int_equal(list.count, 0);
    assert_int_equal(list.triggered, 0);
    alert_list_release(&list);
    alert_list_release(&list);
    alert_list_release(NULL);
    aggregate_release(&agg);
}

/* ---------------------------------------------- what is shown of each ip */

/* A literal that shows `text` in one facet. */
static struct literal showing(enum facet facet, const char *text)
{
    struct literal literal = {.time = "2022-02-22T10:05:00Z"};
    const char **const place[FACET_COUNT] = {
        [FACET_EVENT_NAME] = &literal.name,
        [FACET_ACCESS_KEY_ID] = &literal.key,
        [FACET_USER_AGENT] = &literal.agent,
        [FACET_EVENT_SOURCE] = &literal.source,
        [FACET_REGION] = &literal.region,
        [FACET_ERROR_CODE] = &literal.error,
        [FACET_EC2_ROLE_DELIVERY] = &literal.delivery,
        [FACET_VPC_ENDPOINT_ID] = &literal.endpoint,
        [FACET_ACCOUNT] = &literal.account,
        [FACET_ROLE] = &literal.role,
    };

    *place[facet] = text;
    return literal;
}

/* Free text shows its 64 smallest by bytes and how many more there are;
 * names, keys, accounts and roles are evidence and never cut. Arrival is
 * shuffled, and the fifth value has two events. */
static void sets_of_free_text_are_cut_and_no_others(void **state)
{
    static const unsigned sizes[] = {1, 63, 64, 65, 200};
    const struct rule_options options = {.min_ips = 1};
    struct arena arena = ARENA_INIT;
    (void)state;

    for (size_t s = 0; s < COUNT(sizes); s++)
        for (int f = 0; f < FACET_COUNT; f++) {
            enum facet facet = (enum facet)f;
            size_t shown =
                facet_is_capped(facet) && sizes[s] > 64 ? 64 : sizes[s];
            const struct alert_values *set;
            struct aggregate agg;
            struct alert_list list;

            aggregate_init(&agg, false);
            for (unsigned i = 0; i < sizes[s]; i++) {
                /* 199 is prime: each number once */
                unsigned n = (i * 199 + 17) % sizes[s];
                const char *text = text_in(&arena, "v%03u", n);

                for (int k = 0; k < (n == 4 ? 2 : 1); k++)
                    add(&agg, showing(facet, text), "i-0a", "3.3.3.3");
            }
            apply(&options, &agg, &list);
            set = &list.items[0].ips[0].facet[f];
            assert_int_equal(set->count, shown);
            assert_int_equal(set->left_out, sizes[s] - shown);
            for (unsigned i = 0; i < shown; i++) {
                assert_span_equal(set->items[i].text,
                                  span_str(text_in(&arena, "v%03u", i)));
                assert_int_equal(set->items[i].count, i == 4 ? 2 : 1);
            }
            alert_list_release(&list);
            aggregate_release(&agg);
        }
    arena_release(&arena);
}

/* Bytes, not length and not letters; an empty value is one, an absent one
 * is none. */
static void sets_sort_by_bytes_without_absent_values(void **state)
{
    static const char *const agents[] = {
        "b", "\xc3\xa9", NULL, "a b", "", "B", "ab", "a", "B", NULL,
    };
    const struct rule_options options = {.min_ips = 1};
    struct arena arena = ARENA_INIT;
    struct aggregate agg;
    struct alert_list list;
    (void)state;

    aggregate_init(&agg, false);
    for (size_t i = 0; i < COUNT(agents); i++)
        add(&agg, (struct literal){.agent = agents[i]}, "i-0a", "3.3.3.3");
    apply(&options, &agg, &list);
    assert_string_equal(values(&list.items[0].ips[0], FACET_USER_AGENT, &arena),
                        "=1 B=2 a=1 a b=1 ab=1 b=1 \xc3\xa9=1");
    assert_int_equal(list.items[0].ips[0].count, COUNT(agents));
    alert_list_release(&list);
    aggregate_release(&agg);
    arena_release(&arena);
}

/* Events share tuples, tuples share values: each value's count and times
 * are over all of them. Events with and without an eventID add up. */
static void each_value_has_its_own_count_and_times(void **state)
{
    static const struct {
        const char *id, *time, *key, *agent;
    } events[] = {
        {"e1", "2022-02-22T10:05:00Z", "ASIA1", "x"},
        {"e2", "2022-02-22T10:03:00Z", "ASIA1", "y"},
        {NULL, "2022-02-22T10:09:00Z", "ASIA1", "x"},
        {"e3", "2022-02-22T10:01:00Z", "ASIA2", "x"},
        {"e4", NULL, "ASIA2", "x"},
        {NULL, "later", "ASIA3", "y"},
        {"e5", "2022-02-22T10:07:00Z", NULL, NULL},
    };
    static const struct {
        const char *key;
        uint64_t count;
        const char *first, *last;
    } expected[] = {
        {"ASIA1", 3, "2022-02-22T10:03:00Z", "2022-02-22T10:09:00Z"},
        {"ASIA2", 2, "2022-02-22T10:01:00Z", NULL},
        {"ASIA3", 1, NULL, NULL},
    };
    const struct rule_options options = {.min_ips = 1};
    struct arena arena = ARENA_INIT;
    const struct alert_values *keys;
    struct aggregate agg;
    struct alert_list list;
    (void)state;

    aggregate_init(&agg, false);
    for (size_t i = 0; i < COUNT(events); i++)
        add(&agg,
            (struct literal){.id = events[i].id,
                             .time = events[i].time,
                             .key = events[i].key,
                             .agent = events[i].agent},
            "i-0a", "3.3.3.3");
    apply(&options, &agg, &list);
    keys = &list.items[0].ips[0].facet[FACET_ACCESS_KEY_ID];
    assert_int_equal(keys->count, COUNT(expected));
    for (size_t i = 0; i < COUNT(expected); i++) {
        assert_span_equal(keys->items[i].text, span_str(expected[i].key));
        assert_int_equal(keys->items[i].count, expected[i].count);
        assert_int_equal(keys->items[i].first,
                         timestamp_parse(span_str(expected[i].first)));
        assert_int_equal(keys->items[i].last,
                         timestamp_parse(span_str(expected[i].last)));
    }
    assert_string_equal(values(&list.items[0].ips[0], FACET_USER_AGENT, &arena),
                        "x=4 y=2");
    alert_list_release(&list);
    aggregate_release(&agg);
    arena_release(&arena);
}

/* FirstSeen and LastSeen: unknown sorts last, so it is also the latest,
 * and the first only if nothing else is there. */
static void first_and_last_seen_take_unknown_times_as_the_latest(void **state)
{
    static const struct {
        const char *times[3];
        const char *first, *last;
    } cases[] = {
        {{"2022-02-22T10:05:00Z", "2022-02-22T10:01:00Z",
          "2022-02-22T10:03:00Z"},
         "2022-02-22T10:01:00Z",
         "2022-02-22T10:05:00Z"},
        {{"2022-02-22T10:05:00Z", NULL, "2022-02-22T10:03:00Z"},
         "2022-02-22T10:03:00Z",
         NULL},
        {{"never", "2022-02-22T10:05:00Z", NULL}, "2022-02-22T10:05:00Z", NULL},
        {{NULL, "", "never"}, NULL, NULL},
        {{"1969-12-31T23:59:59Z", "0000-01-01T00:00:00Z",
          "1970-01-01T00:00:00Z"},
         "0000-01-01T00:00:00Z",
         "1970-01-01T00:00:00Z"},
    };
    const struct rule_options options = {.min_ips = 1};
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct alert_ip *ip;
        struct aggregate agg;
        struct alert_list list;

        aggregate_init(&agg, false);
        for (size_t k = 0; k < COUNT(cases[i].times); k++)
            add(&agg, (struct literal){.time = cases[i].times[k]}, "i-0a",
                "3.3.3.3");
        apply(&options, &agg, &list);
        ip = &list.items[0].ips[0];
        assert_int_equal(ip->first_seen,
                         timestamp_parse(span_str(cases[i].first)));
        assert_int_equal(ip->last_seen,
                         timestamp_parse(span_str(cases[i].last)));
        assert_int_equal(list.items[0].time, ip->first_seen);
        alert_list_release(&list);
        aggregate_release(&agg);
    }
}

/* EventsPerHour: hours in order, each with its events and no empty ones;
 * an unknown time lies in none. */
static void hours_are_those_with_events_in_order(void **state)
{
    static const struct {
        const char *id, *time;
    } events[] = {
        {"e1", "2022-02-22T11:00:00Z"},
        {"e2", "2022-02-22T10:59:59.9999999Z"},
        {NULL, "2022-02-22T10:00:00Z"},
        {"e3", "2022-02-23T10:30:00Z"},
        {"e4", "2022-02-22T12:30:00+01:00"},
        {"e5", NULL},
        {NULL, "never"},
        {"e6", "1969-12-31T23:30:00Z"},
    };
    static const struct {
        const char *hour;
        uint64_t count;
    } expected[] = {
        {"1969-12-31T23Z", 1},
        {"2022-02-22T10Z", 2},
        {"2022-02-22T11Z", 2},
        {"2022-02-23T10Z", 1},
    };
    const struct rule_options options = {.min_ips = 1};
    const struct alert_ip *ip;
    struct aggregate agg;
    struct alert_list list;
    (void)state;

    aggregate_init(&agg, false);
    for (size_t i = 0; i < COUNT(events); i++)
        add(&agg, (struct literal){.id = events[i].id, .time = events[i].time},
            "i-0a", "3.3.3.3");
    add(&agg, (struct literal){.id = NULL}, "i-0b", "3.3.3.3");
    apply(&options, &agg, &list);
    ip = &list.items[0].ips[0];
    assert_int_equal(ip->count, COUNT(events));
    assert_int_equal(ip->hour_count, COUNT(expected));
    for (size_t i = 0; i < ip->hour_count; i++) {
        char text[TIMESTAMP_TEXT_BYTES];

        timestamp_format_hour(ip->hours[i].hour * TICKS_PER_HOUR, text);
        assert_string_equal(text, expected[i].hour);
        assert_int_equal(ip->hours[i].count, expected[i].count);
    }
    assert_int_equal(list.items[1].ips[0].hour_count, 0);
    alert_list_release(&list);
    aggregate_release(&agg);
}

/* The alert's account, role and key are those of the one event that it
 * prints, not of whichever the address was seen with. */
static void the_first_event_is_shown_with_its_own_facets(void **state)
{
    struct aggregate agg;
    struct alert_list list;
    const struct alert *alert;
    (void)state;

    aggregate_init(&agg, false);
    for (int i = 0; i < 3; i++)
        add(&agg, (struct literal){.time = NULL, .role = "own"}, "i-0a",
            "3.3.3.3");
    add(&agg,
        (struct literal){.id = "e1",
                         .time = "2022-02-22T10:05:00Z",
                         .account = "1",
                         .role = "a",
                         .name = "A",
                         .record = "{\"a\": 1}"},
        "i-0a", "4.4.4.4");
    add(&agg,
        (struct literal){.id = "e2",
                         .time = "2022-02-22T10:04:00Z",
                         .account = "2",
                         .name = "B",
                         .record = "{\"b\": 1}"},
        "i-0a", "4.4.4.4");
    apply(&the_rule, &agg, &list);
    alert = &list.items[0];
    assert_int_equal(alert->suspect, 1);
    assert_span_equal(alert->record, SPAN("{\"b\":1}"));
    assert_span_equal(alert->first[FACET_ACCOUNT], SPAN("2"));
    assert_span_equal(alert->first[FACET_ROLE], SPAN_ABSENT);
    assert_span_equal(alert->first[FACET_EVENT_NAME], SPAN("B"));
    alert_list_release(&list);
    aggregate_release(&agg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scenario_gives_its_alert),
        cmocka_unit_test(ties_go_to_the_latest_then_the_smallest),
        cmocka_unit_test(the_quietest_address_is_the_suspect),
        cmocka_unit_test(alerts_come_by_instance_id_bytes),
        cmocka_unit_test(min_ips_is_the_number_of_addresses_that_alerts),
        cmocka_unit_test(with_min_ips_1_a_single_address_is_the_suspect),
        cmocka_unit_test(instances_asked_for_are_listed_whatever_they_are),
        cmocka_unit_test(an_instance_that_was_not_seen_has_nothing),
        cmocka_unit_test(no_events_give_no_alerts),
        cmocka_unit_test(sets_of_free_text_are_cut_and_no_others),
        cmocka_unit_test(sets_sort_by_bytes_without_absent_values),
        cmocka_unit_test(each_value_has_its_own_count_and_times),
        cmocka_unit_test(first_and_last_seen_take_unknown_times_as_the_latest),
        cmocka_unit_test(hours_are_those_with_events_in_order),
        cmocka_unit_test(the_first_event_is_shown_with_its_own_facets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
