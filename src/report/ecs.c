/*
 * `ecs`: an alert document of the Elastic Common Schema a line, with nested
 * objects. docs/formats.md has the mapping.
 *
 * What ECS has no field for stands under `offbox`, in arrays only: a map
 * would make each name that an attacker chooses a field of the index.
 */
#include "base/json_writer.h"
#include "detect/rule.h"
#include "report/alert_json.h"
#include "report/finding.h"
#include "report/format.h"
#include "report/owner_report.h"

/* Elastic's own numbers; it has none below "low". */
static const uint64_t severities[SEVERITY_COUNT] = {
    [SEVERITY_INFORMATIONAL] = 1, [SEVERITY_LOW] = 21,
    [SEVERITY_MEDIUM] = 47,       [SEVERITY_HIGH] = 73,
    [SEVERITY_CRITICAL] = 99,
};

static void one_string(struct json_writer *json, const char *name,
                       const char *value)
{
    json_member_array(json, name);
    json_string(json, span_str(value));
    json_array_end(json);
}

static void event_json(struct json_writer *json, const struct finding *finding)
{
    const struct alert *alert = finding->alert;

    json_member_object(json, "event");
    json_member_string(json, "kind", SPAN("alert"));
    json_member_array(json, "category");
    json_string(json, SPAN("intrusion_detection"));
    json_string(json, SPAN("iam"));
    json_array_end(json);
    one_string(json, "type", "info");
    json_member_known(json, "action", alert->first[FACET_EVENT_NAME]);
    json_member_known(json, "provider", alert->first[FACET_EVENT_SOURCE]);
    json_member_string(json, "outcome",
                       span_present(alert->first[FACET_ERROR_CODE])
                           ? SPAN("failure")
                           : SPAN("success"));
    json_member_string(json, "id", finding->uid);
    json_member_string(json, "code", alert_rule_id(alert));
    json_member_string(json, "module", SPAN("offbox"));
    json_member_string(json, "dataset", SPAN("offbox.alert"));
    json_member_uint(json, "severity", severities[alert_severity(alert)]);
    json_member_known_time(json, "created", finding->report->now);
    json_member_known_time(json, "start", finding->suspect->first_seen);
    json_member_known_time(json, "end", finding->suspect->last_seen);
    json_member_string(json, "original", alert->record);
    json_object_end(json);
}

static void rule_json(struct json_writer *json, const struct alert *alert)
{
    json_member_object(json, "rule");
    json_member_string(json, "id", alert_rule_id(alert));
    json_member_string(json, "name", alert_rule_name(alert));
    if (!alert_is_case(alert)) {
        json_member_string(json, "version", SPAN(RULE_VERSION));
        json_member_string(json, "reference", SPAN(RULE_REFERENCE));
        json_member_string(json, "author", SPAN("FalconForce"));
    }
    json_object_end(json);
}

/* Members are arrays, as ECS has them. */
static void threat_level(struct json_writer *json, const char *level,
                         const char *id, const char *name,
                         const char *reference)
{
    json_member_object(json, level);
    one_string(json, "id", id);
    one_string(json, "name", name);
    one_string(json, "reference", reference);
}

static void threat_json(struct json_writer *json)
{
    json_member_object(json, "threat");
    json_member_string(json, "framework", SPAN("MITRE ATT&CK"));
    threat_level(json, "tactic", RULE_TACTIC, ATTACK_TACTIC,
                 "https://attack.mitre.org/tactics/TA0003/");
    json_object_end(json);
    threat_level(json, "technique", ATTACK_TECHNIQUE_ID, ATTACK_TECHNIQUE,
                 "https://attack.mitre.org/techniques/T1078/");
    threat_level(json, "subtechnique", RULE_TECHNIQUE, ATTACK_SUBTECHNIQUE,
                 "https://attack.mitre.org/techniques/T1078/004/");
    json_object_end(json);
    json_object_end(json);
    json_object_end(json);
}

static void cloud_json(struct json_writer *json, const struct finding *finding)
{
    json_member_object(json, "cloud");
    json_member_string(json, "provider", SPAN("aws"));
    json_member_known(json, "region", finding->region);
    if (span_present(finding->account)) {
        json_member_object(json, "account");
        json_member_string(json, "id", finding->account);
        json_object_end(json);
    }
    json_member_object(json, "instance");
    json_member_string(json, "id", finding->alert->instance_id);
    json_object_end(json);
    json_member_object(json, "service");
    json_member_string(json, "name", SPAN("ec2"));
    json_object_end(json);
    json_object_end(json);
}

/* ECS's objects `as` and `geo`, of the address that the object around them is
 * of. */
static void network_json(struct json_writer *json,
                         const struct address_facts *facts)
{
    if (facts->asn || span_present(facts->organization)) {
        json_member_object(json, "as");
        if (facts->asn)
            json_member_uint(json, "number", facts->asn);
        if (span_present(facts->organization)) {
            json_member_object(json, "organization");
            json_member_string(json, "name", facts->organization);
            json_object_end(json);
        }
        json_object_end(json);
    }
    if (span_present(facts->country)) {
        json_member_object(json, "geo");
        json_member_string(json, "country_iso_code", facts->country);
        json_object_end(json);
    }
}

/* Who made the first event, from where, and with what. */
static void origin_json(struct json_writer *json, const struct finding *finding)
{
    const struct alert *alert = finding->alert;

    json_member_object(json, "source");
    json_member_ip(json, "ip", finding->suspect->address);
    json_member_ip(json, "address", finding->suspect->address);
    network_json(json, &finding->suspect->owner.facts);
    json_object_end(json);
    json_member_object(json, "user");
    json_member_known(json, "id", finding->event.field[EVENT_PRINCIPAL_ID]);
    json_member_known(json, "name", finding->role_name);
    json_object_end(json);
    if (span_present(alert->first[FACET_USER_AGENT])) {
        json_member_object(json, "user_agent");
        json_member_string(json, "original", alert->first[FACET_USER_AGENT]);
        json_object_end(json);
    }
    if (span_present(alert->first[FACET_ERROR_CODE])) {
        json_member_object(json, "error");
        json_member_string(json, "code", alert->first[FACET_ERROR_CODE]);
        json_object_end(json);
    }
}

static void related_json(struct json_writer *json,
                         const struct finding *finding)
{
    const struct alert *alert = finding->alert;

    json_member_object(json, "related");
    json_member_array(json, "ip");
    for (size_t i = 0; i < alert->ip_count; i++)
        json_ip(json, alert->ips[i].address);
    json_array_end(json);
    json_member_array(json, "user");
    if (span_present(finding->event.field[EVENT_PRINCIPAL_ID]))
        json_string(json, finding->event.field[EVENT_PRINCIPAL_ID]);
    if (span_present(finding->role_name))
        json_string(json, finding->role_name);
    json_array_end(json);
    json_member_array(json, "hosts");
    json_string(json, alert->instance_id);
    json_array_end(json);
    json_object_end(json);
}

static void facet_json(struct json_writer *json, const char *name,
                       const struct alert_values *values)
{
    json_member_array(json, name);
    for (size_t i = 0; i < values->count; i++)
        json_string(json, values->items[i].text);
    json_array_end(json);
}

static void counted_json(struct json_writer *json, const char *name,
                         const struct alert_values *values)
{
    json_member_array(json, name);
    for (size_t i = 0; i < values->count; i++) {
        json_object(json);
        json_member_string(json, "name", values->items[i].text);
        json_member_uint(json, "count", values->items[i].count);
        json_object_end(json);
    }
    json_array_end(json);
}

static void keys_json(struct json_writer *json,
                      const struct alert_values *values)
{
    json_member_array(json, "access_keys");
    for (size_t i = 0; i < values->count; i++) {
        json_object(json);
        json_member_string(json, "id", values->items[i].text);
        json_member_uint(json, "count", values->items[i].count);
        json_member_known_time(json, "first_seen", values->items[i].first);
        json_member_known_time(json, "last_seen", values->items[i].last);
        json_object_end(json);
    }
    json_array_end(json);
}

static void hours_json(struct json_writer *json, const struct alert_ip *ip)
{
    json_member_array(json, "events_per_hour");
    for (size_t i = 0; i < ip->hour_count; i++) {
        json_object(json);
        json_member_time(json, "hour", ip->hours[i].hour * TICKS_PER_HOUR);
        json_member_uint(json, "count", ip->hours[i].count);
        json_object_end(json);
    }
    json_array_end(json);
}

static void ip_json(struct json_writer *json, const struct alert_ip *ip,
                    bool is_suspect)
{
    json_object(json);
    json_member_ip(json, "ip", ip->address);
    json_member_bool(json, "suspect", is_suspect);
    json_member_bool(json, "expected", ip->expected);
    owner_aws_json(json, &ip->owner);
    network_json(json, &ip->owner.facts);
    json_member_uint(json, "event_count", ip->count);
    json_member_known_time(json, "first_seen", ip->first_seen);
    json_member_known_time(json, "last_seen", ip->last_seen);
    counted_json(json, "event_names", &ip->facet[FACET_EVENT_NAME]);
    keys_json(json, &ip->facet[FACET_ACCESS_KEY_ID]);
    facet_json(json, "user_agents", &ip->facet[FACET_USER_AGENT]);
    facet_json(json, "event_sources", &ip->facet[FACET_EVENT_SOURCE]);
    facet_json(json, "regions", &ip->facet[FACET_REGION]);
    counted_json(json, "error_codes", &ip->facet[FACET_ERROR_CODE]);
    facet_json(json, "ec2_role_delivery", &ip->facet[FACET_EC2_ROLE_DELIVERY]);
    facet_json(json, "vpc_endpoint_ids", &ip->facet[FACET_VPC_ENDPOINT_ID]);
    facet_json(json, "accounts", &ip->facet[FACET_ACCOUNT]);
    facet_json(json, "roles", &ip->facet[FACET_ROLE]);
    hours_json(json, ip);
    alert_truncated_json(json, "truncated", ip);
    json_object_end(json);
}

static void own_json(struct json_writer *json, const struct finding *finding)
{
    const struct alert *alert = finding->alert;

    json_member_object(json, "offbox");
    json_member_uint(json, "ip_count", alert->ip_count);
    json_member_array(json, "ips");
    for (size_t i = 0; i < alert->ip_count; i++)
        ip_json(json, &alert->ips[i], i == alert->suspect);
    json_array_end(json);
    json_object_end(json);
}

static void finding_ecs(const struct finding *finding, struct out *out)
{
    struct json_writer json;

    json_init(&json, out, false);
    json_object(&json);
    json_member_time(&json, "@timestamp", finding->time);
    json_member_object(&json, "ecs");
    json_member_string(&json, "version", SPAN("8.17.0"));
    json_object_end(&json);
    json_member_string(&json, "message", finding->description);
    event_json(&json, finding);
    rule_json(&json, finding->alert);
    threat_json(&json);
    cloud_json(&json, finding);
    origin_json(&json, finding);
    related_json(&json, finding);
    own_json(&json, finding);
    json_object_end(&json);
    out_str(out, "\n");
}

void report_ecs(const struct report *report, struct out *out)
{
    findings_write(report, out, finding_ecs);
}
