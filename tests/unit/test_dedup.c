/*
 * Two alerts are one if their dedup entities are: a value too few and a
 * theft is silenced, a value too many and each run alerts anew.
 */
#include "unit.h"

#include "detect/rule.h"
#include "state/dedup.h"

/* Addresses by value; the second one is the least active. */
static struct alert_ip ips[2];
static struct alert alert;

static int set_up(void **state)
{
    unsigned prefix;
    (void)state;
    ips[0] = (struct alert_ip){.count = 3};
    ips[1] = (struct alert_ip){.count = 1};
    assert_true(ip_parse_v4(SPAN("198.51.100.7"), &ips[0].address, &prefix));
    assert_true(ip_parse_v4(SPAN("203.0.113.4"), &ips[1].address, &prefix));
    alert = (struct alert){
        .instance_id = SPAN("i-0a"),
        .triggered = true,
        .ips = ips,
        .ip_count = 2,
        .suspect = 1,
        .time = timestamp_parse(SPAN("2022-02-22T10:05:00Z")),
    };
    return 0;
}

static void entities_join_values_by_name_descending(void **state)
{
    static const struct {
        const char *list, *names, *entity;
    } rows[] = {
        {"InstanceId,SourceIpAddress", "SourceIpAddress|InstanceId",
         "203.0.113.4|i-0a"},
        {"SourceIpAddress,InstanceId", "SourceIpAddress|InstanceId",
         "203.0.113.4|i-0a"},
        {"InstanceId,InstanceId", "InstanceId", "i-0a"},
        {"TimeGenerated", "TimeGenerated", "2022-02-22T10:05:00.0000000Z"},
        {"EventCount,IPCount", "IPCount|EventCount", "2|1"},
        {"EventCount,IPCount,InstanceId,RuleId,RuleName,SourceIpAddress,"
         "TimeGenerated",
         "TimeGenerated|SourceIpAddress|RuleName|RuleId|InstanceId|IPCount|"
         "EventCount",
         "2022-02-22T10:05:00.0000000Z|203.0.113.4|" RULE_NAME
         "|0240|i-0a|2|1"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct dedup_fields fields;
        struct buf names = BUF_INIT, entity = BUF_INIT;
        struct err err = ERR_NONE;

        assert_int_equal(
            dedup_fields_parse(span_str(rows[i].list), &fields, &err), 0);
        dedup_fields_names(&names, fields);
        dedup_entity(&entity, fields, &alert);
        assert_span_equal(buf_span(&names), span_str(rows[i].names));
        assert_span_equal(buf_span(&entity), span_str(rows[i].entity));
        buf_release(&names);
        buf_release(&entity);
    }
}

static void the_default_is_instance_and_address(void **state)
{
    const struct dedup_fields fields = DEDUP_FIELDS_DEFAULT;
    struct buf names = BUF_INIT;
    (void)state;

    dedup_fields_names(&names, fields);
    assert_span_equal(buf_span(&names), SPAN("SourceIpAddress|InstanceId"));
    buf_release(&names);
}

/* What is null in the alert's JSON form is empty text. */
static void null_is_empty_text(void **state)
{
    const struct alert unseen = {.instance_id = SPAN("i-0a"),
                                 .time = TIMESTAMP_UNKNOWN};
    struct dedup_fields fields;
    struct buf entity = BUF_INIT;
    struct err err = ERR_NONE;
    (void)state;

    assert_int_equal(
        dedup_fields_parse(
            SPAN("TimeGenerated,SourceIpAddress,InstanceId,EventCount"),
            &fields, &err),
        0);
    dedup_entity(&entity, fields, &unseen);
    assert_span_equal(buf_span(&entity), SPAN("||i-0a|0"));
    buf_release(&entity);
}

static void wrong_names_are_refused_with_the_nearest_first(void **state)
{
    static const struct {
        const char *list, *wrong, *nearest;
    } rows[] = {
        {"InstanceID", "InstanceID", "InstanceId, "},
        {"InstanceId,SourceIp", "SourceIp", "SourceIpAddress, "},
        {"time", "time", "TimeGenerated, "},
        {"EventCounts", "EventCounts", "EventCount, "},
        /* members that are no scalars */
        {"EventNames", "EventNames", "EventCount, "},
        {"DedupEntity", "DedupEntity", ""},
        {"Event", "Event", ""},
        /* nothing is trimmed */
        {"InstanceId, SourceIpAddress", " SourceIpAddress",
         "SourceIpAddress, "},
        {"", "", ""},
        {"InstanceId,", "", ""},
        {",InstanceId", "", ""},
        {"InstanceIdInstanceIdInstanceIdInstanceIdInstanceId",
         "InstanceIdInstanceIdInstanceIdInstanceIdInstanceId", ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct dedup_fields fields = DEDUP_FIELDS_DEFAULT, before = fields;
        struct err err = ERR_NONE;
        struct buf expected = BUF_INIT;

        buf_printf(&expected,
                   "'%s' is no scalar field of an alert; those are, the "
                   "nearest first: %s",
                   rows[i].wrong, rows[i].nearest);
        assert_int_equal(
            dedup_fields_parse(span_str(rows[i].list), &fields, &err), -1);
        assert_int_equal(fields.set, before.set);
        assert_span_equal(span_of(err.text, expected.len), buf_span(&expected));
        assert_non_null(strstr(err.text, "RuleName"));
        buf_release(&expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(entities_join_values_by_name_descending, set_up),
        cmocka_unit_test(the_default_is_instance_and_address),
        cmocka_unit_test(null_is_empty_text),
        cmocka_unit_test(wrong_names_are_refused_with_the_nearest_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
