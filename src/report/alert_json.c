/* An alert's members, in the order of rule.md 3. */
#include "report/alert_json.h"

#include "detect/rule.h"
#include "report/owner_report.h"
#include "report/verdict.h"

#include <assert.h>

static const struct alert_ip *suspect_of(const struct alert *alert)
{
    assert(alert->ips || alert->ip_count == 0);
    return alert->ip_count ? &alert->ips[alert->suspect] : NULL;
}

static void string_list(struct json_writer *json, const char *name,
                        const struct alert_values *values)
{
    json_member_array(json, name);
    for (size_t i = 0; i < values->count; i++)
        json_string(json, values->items[i].text);
    json_array_end(json);
}

static void count_map(struct json_writer *json, const char *name,
                      const struct alert_values *values)
{
    json_member_object(json, name);
    for (size_t i = 0; i < values->count; i++) {
        json_key(json, values->items[i].text);
        json_uint(json, values->items[i].count);
    }
    json_object_end(json);
}

static void key_list(struct json_writer *json, const char *name,
                     const struct alert_values *values)
{
    json_member_array(json, name);
    for (size_t i = 0; i < values->count; i++) {
        const struct alert_value *key = &values->items[i];

        json_object(json);
        json_member_string(json, "AccessKeyId", key->text);
        json_member_uint(json, "EventCount", key->count);
        json_member_time(json, "FirstSeen", key->first);
        json_member_time(json, "LastSeen", key->last);
        json_object_end(json);
    }
    json_array_end(json);
}

static void facet_json(struct json_writer *json, enum facet facet,
                       const struct alert_values *values)
{
    const char *name = facet_member(facet);

    if (facet == FACET_EVENT_NAME || facet == FACET_ERROR_CODE)
        count_map(json, name, values);
    else if (facet == FACET_ACCESS_KEY_ID)
        key_list(json, name, values);
    else
        string_list(json, name, values);
}

static void hours_json(struct json_writer *json, const struct alert_ip *ip)
{
    json_member_object(json, "EventsPerHour");
    for (size_t i = 0; i < ip->hour_count; i++) {
        char hour[TIMESTAMP_TEXT_BYTES];

        timestamp_format_hour(ip->hours[i].hour * TICKS_PER_HOUR, hour);
        json_member_uint(json, hour, ip->hours[i].count);
    }
    json_object_end(json);
}

void alert_truncated_json(struct json_writer *json, const char *name,
                          const struct alert_ip *ip)
{
    json_member_array(json, name);
    for (int f = 0; f < FACET_COUNT; f++)
        if (ip->facet[f].left_out)
            json_string(json, span_str(facet_member((enum facet)f)));
    json_array_end(json);
}

void alert_ip_json(struct json_writer *json, const struct alert_ip *ip)
{
    json_object(json);
    json_member_ip(json, "Address", ip->address);
    json_member_uint(json, "EventCount", ip->count);
    json_member_time(json, "FirstSeen", ip->first_seen);
    json_member_time(json, "LastSeen", ip->last_seen);
    for (int f = 0; f < FACET_COUNT; f++)
        facet_json(json, (enum facet)f, &ip->facet[f]);
    hours_json(json, ip);
    json_member_bool(json, "Expected", ip->expected);
    owner_json(json, &ip->owner);
    alert_truncated_json(json, "Truncated", ip);
    json_object_end(json);
}

static void by_ip_json(struct json_writer *json, const struct alert *alert)
{
    char text[IP_TEXT_BYTES];

    json_member_array(json, "ObservedIps");
    for (size_t i = 0; i < alert->ip_count; i++)
        json_ip(json, alert->ips[i].address);
    json_array_end(json);
    json_member_object(json, "RequestCountByIp");
    for (size_t i = 0; i < alert->ip_count; i++)
        json_member_uint(json, ip_format(alert->ips[i].address, text),
                         alert->ips[i].count);
    json_object_end(json);
    json_member_object(json, "EventsByIp");
    for (size_t i = 0; i < alert->ip_count; i++)
        string_list(json, ip_format(alert->ips[i].address, text),
                    &alert->ips[i].facet[FACET_EVENT_NAME]);
    json_object_end(json);
}

static void entity_json(struct json_writer *json, const char *type,
                        struct span value)
{
    if (!span_present(value))
        return;
    json_object(json);
    json_member_string(json, "Type", span_str(type));
    json_member_string(json, "Value", value);
    json_object_end(json);
}

static void rule_json(struct json_writer *json, const struct alert *alert)
{
    const struct alert_ip *suspect = suspect_of(alert);
    char text[IP_TEXT_BYTES];

    json_member_string(json, "RuleId", alert_rule_id(alert));
    json_member_string(json, "RuleName", alert_rule_name(alert));
    json_member_array(json, "Tactics");
    json_string(json, SPAN(RULE_TACTIC));
    json_array_end(json);
    json_member_array(json, "Techniques");
    json_string(json, SPAN(RULE_TECHNIQUE));
    json_array_end(json);
    json_member_array(json, "Entities");
    entity_json(json, "instance", alert->instance_id);
    if (suspect)
        entity_json(json, "ip", span_str(ip_format(suspect->address, text)));
    entity_json(json, "account", alert->first[FACET_ACCOUNT]);
    entity_json(json, "role", alert->first[FACET_ROLE]);
    json_array_end(json);
}

static bool is_control(char c)
{
    return (unsigned char)c < ' ' || c == 0x7f;
}

/* A value with blanks, commas or '#' stands in double quotes (cli.md). A
 * control character, which no policy line can hold and which could end the
 * line and begin another, becomes '*', which matches it. */
static void policy_value(struct buf *line, struct span value)
{
    bool quoted = value.len == 0;

    for (size_t i = 0; i < value.len && !quoted; i++)
        quoted = value.ptr[i] == ' ' || memchr(",#\"\\", value.ptr[i], 4);
    if (quoted)
        buf_add_char(line, '"');
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];

        if (c == '"' || c == '\\')
            buf_add_char(line, '\\');
        buf_add_char(line, is_control(c) ? '*' : c);
    }
    if (quoted)
        buf_add_char(line, '"');
}

void alert_policy_line(struct buf *line, struct span verb,
                       struct span instance_id, struct ip address)
{
    char text[IP_TEXT_BYTES];

    buf_add(line, verb);
    buf_add(line, SPAN(" instance="));
    policy_value(line, instance_id);
    buf_add(line, SPAN(" ip="));
    buf_add(line, span_str(ip_format(address, text)));
}

/* A string that is built, not borrowed. Lost memory sticks in the out. */
static void built_string(struct json_writer *json, const char *name,
                         const struct buf *text)
{
    if (text->failed)
        out_fail_memory(json->out);
    json_member_string(json, name,
                       span_of(text->ptr ? text->ptr : "", text->len));
}

static void policy_line_json(struct json_writer *json,
                             const struct alert *alert)
{
    const struct alert_ip *suspect = suspect_of(alert);
    struct buf text = BUF_INIT;

    if (suspect && !suspect->expected) {
        alert_policy_line(&text, SPAN("expect"), alert->instance_id,
                          suspect->address);
        built_string(json, "PolicyLine", &text);
    }
    buf_release(&text);
}

/* Only for an instance that was asked for: what became of all its events,
 * and the addresses whose events were dropped. */
static void focus_json(struct json_writer *json, const struct focus *focus,
                       size_t at)
{
    const struct outcome_counts *outcomes = &focus->outcomes[at];

    json_member_object(json, "InstanceEvents");
    json_member_uint(json, "total", outcome_counts_total(outcomes));
    for (int i = OUTCOME_COUNT - 1; i >= 0; i--)
        json_member_uint(json, outcome_name((enum outcome)i),
                         outcomes->count[i]);
    json_object_end(json);
    json_member_array(json, "DroppedAddresses");
    for (size_t i = 0; i < focus->drop_count; i++) {
        const struct focus_drop *drop = &focus->drops[i];

        if (drop->instance != at)
            continue;
        json_object(json);
        json_member_string(json, "SourceIpAddress",
                           strings_text(&focus->strings, drop->address));
        json_member_string(json, "Outcome",
                           span_str(outcome_name(drop->outcome)));
        json_member_uint(json, "EventCount", drop->count);
        owner_json(json, &drop->owner);
        json_object_end(json);
    }
    json_array_end(json);
}

void alert_json(struct json_writer *json, const struct report *report,
                const struct alert *alert)
{
    static const struct alert_values none = {0};
    const struct alert_ip *suspect = suspect_of(alert);
    size_t focus = report_focus_of(report, alert);
    struct buf entity = BUF_INIT;

    json_object(json);
    json_member_string(json, "InstanceId", alert->instance_id);
    json_member_ip(json, "SourceIpAddress",
                   suspect ? suspect->address : IP_ABSENT);
    json_member_time(json, "TimeGenerated", alert->time);
    json_member_uint(json, "EventCount", suspect ? suspect->count : 0);
    string_list(json, "EventNames",
                suspect ? &suspect->facet[FACET_EVENT_NAME] : &none);
    json_member_uint(json, "IPCount", alert->ip_count);
    by_ip_json(json, alert);
    dedup_entity(&entity, report->dedup, alert);
    built_string(json, "DedupEntity", &entity);
    buf_release(&entity);
    json_key(json, SPAN("Event"));
    if (alert->record_is_json)
        json_raw(json, alert->record);
    else
        json_string(json, alert->record);
    rule_json(json, alert);
    json_member_array(json, "TiedIps");
    for (size_t i = 0; i < alert->tied_count; i++)
        json_ip(json, alert->ips[alert->tied[i]].address);
    json_array_end(json);
    json_member_array(json, "Ips");
    for (size_t i = 0; i < alert->ip_count; i++)
        alert_ip_json(json, &alert->ips[i]);
    json_array_end(json);
    policy_line_json(json, alert);
    verdict_json(json, alert);
    if (focus != SIZE_MAX)
        focus_json(json, &report->focus, focus);
    json_object_end(json);
}
