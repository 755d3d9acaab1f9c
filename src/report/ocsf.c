/*
 * `ocsf`: a Detection Finding of the Open Cybersecurity Schema Framework
 * 1.6.0 a line, with its cloud profile. docs/formats.md has the mapping.
 */
#include "base/json_writer.h"
#include "detect/rule.h"
#include "report/alert_json.h"
#include "report/finding.h"
#include "report/format.h"

/* Captions stand beside their numbers, as the schema has them. */
enum {
    CATEGORY_FINDINGS = 2,
    CLASS_DETECTION_FINDING = 2004,
    ACTIVITY_CREATE = 1,
    STATUS_NEW = 1,
    CONFIDENCE_UNKNOWN = 0,
    ANALYTIC_RULE = 1,
    ACCOUNT_AWS = 10,
    USER_OTHER = 99,
    ROLE_AFFECTED = 3,
    ROLE_RELATED = 4,
    OBSERVABLE_IP = 2,
    OBSERVABLE_RESOURCE = 10,
    OBSERVABLE_USER_AGENT = 16,
    OBSERVABLE_CREDENTIAL = 19,
};

static void member_id(struct json_writer *json, const char *id_name, int id,
                      const char *name, const char *caption)
{
    json_member_int(json, id_name, id);
    json_member_string(json, name, span_str(caption));
}

/* OCSF's timestamp_t: milliseconds since 1970. */
static void member_ms(struct json_writer *json, const char *name,
                      timestamp time)
{
    int64_t ticks_per_ms = TICKS_PER_SECOND / 1000;

    if (time != TIMESTAMP_UNKNOWN)
        json_member_int(json, name,
                        time / ticks_per_ms - (time % ticks_per_ms < 0));
}

static void severity_json(struct json_writer *json, enum severity severity)
{
    static const char *const captions[SEVERITY_COUNT] = {
        "Informational", "Low", "Medium", "High", "Critical"};

    /* Its numbers are ours, counted from 1. */
    member_id(json, "severity_id", (int)severity + 1, "severity",
              captions[severity]);
}

static void class_json(struct json_writer *json, const struct finding *finding)
{
    member_id(json, "activity_id", ACTIVITY_CREATE, "activity_name", "Create");
    member_id(json, "category_uid", CATEGORY_FINDINGS, "category_name",
              "Findings");
    member_id(json, "class_uid", CLASS_DETECTION_FINDING, "class_name",
              "Detection Finding");
    member_id(json, "type_uid", CLASS_DETECTION_FINDING * 100 + ACTIVITY_CREATE,
              "type_name", "Detection Finding: Create");
    member_ms(json, "time", finding->time);
    member_ms(json, "start_time", finding->suspect->first_seen);
    member_ms(json, "end_time", finding->suspect->last_seen);
    severity_json(json, alert_severity(finding->alert));
    member_id(json, "status_id", STATUS_NEW, "status", "New");
    member_id(json, "confidence_id", CONFIDENCE_UNKNOWN, "confidence",
              "Unknown");
    json_member_bool(json, "is_alert", true);
    json_member_string(json, "message", finding->description);
}

static void metadata_json(struct json_writer *json,
                          const struct finding *finding)
{
    json_member_object(json, "metadata");
    json_member_string(json, "version", SPAN("1.6.0"));
    json_member_array(json, "profiles");
    json_string(json, SPAN("cloud"));
    json_array_end(json);
    json_member_object(json, "product");
    json_member_string(json, "name", SPAN("offbox"));
    json_member_string(json, "vendor_name", SPAN("offbox"));
    json_member_string(json, "version", SPAN(OFFBOX_VERSION));
    json_object_end(json);
    json_member_string(json, "log_name", SPAN("CloudTrail"));
    json_member_string(json, "log_provider", SPAN("AWS"));
    json_member_known(json, "original_time", finding->event.field[EVENT_TIME]);
    member_ms(json, "processed_time", finding->report->now);
    json_object_end(json);
}

static void account_json(struct json_writer *json, struct span account)
{
    if (!span_present(account))
        return;
    json_member_object(json, "account");
    json_member_string(json, "uid", account);
    member_id(json, "type_id", ACCOUNT_AWS, "type", "AWS Account");
    json_object_end(json);
}

static void cloud_json(struct json_writer *json, const struct finding *finding)
{
    json_member_object(json, "cloud");
    json_member_string(json, "provider", SPAN("AWS"));
    json_member_known(json, "region", finding->region);
    if (span_present(finding->region))
        json_member_string(json, "cloud_partition", finding->partition);
    account_json(json, finding->account);
    json_object_end(json);
}

static void named_json(struct json_writer *json, const char *member,
                       const char *uid, const char *name)
{
    json_member_object(json, member);
    json_member_string(json, "uid", span_str(uid));
    json_member_string(json, "name", span_str(name));
    json_object_end(json);
}

static void info_json(struct json_writer *json, const struct finding *finding)
{
    json_member_object(json, "finding_info");
    json_member_string(json, "uid", finding->uid);
    json_member_string(json, "title", finding->title);
    json_member_string(json, "desc", finding->description);
    member_ms(json, "created_time", finding->report->now);
    member_ms(json, "first_seen_time", finding->suspect->first_seen);
    member_ms(json, "last_seen_time", finding->suspect->last_seen);
    json_member_object(json, "analytic");
    member_id(json, "type_id", ANALYTIC_RULE, "type", "Rule");
    json_member_string(json, "uid", alert_rule_id(finding->alert));
    json_member_string(json, "name", alert_rule_name(finding->alert));
    if (!alert_is_case(finding->alert))
        json_member_string(json, "version", SPAN(RULE_VERSION));
    json_object_end(json);
    json_member_array(json, "attacks");
    json_object(json);
    json_member_string(json, "version", SPAN(ATTACK_VERSION));
    named_json(json, "tactic", RULE_TACTIC, ATTACK_TACTIC);
    named_json(json, "technique", ATTACK_TECHNIQUE_ID, ATTACK_TECHNIQUE);
    named_json(json, "sub_technique", RULE_TECHNIQUE, ATTACK_SUBTECHNIQUE);
    json_object_end(json);
    json_array_end(json);
    json_member_array(json, "data_sources");
    json_string(json, SPAN("AWS CloudTrail"));
    json_array_end(json);
    json_object_end(json);
}

static void endpoint_json(struct json_writer *json, const struct alert_ip *ip)
{
    const struct owner *owner = &ip->owner;

    json_member_object(json, "src_endpoint");
    json_member_ip(json, "ip", ip->address);
    if (owner->service_count > 0)
        json_member_string(json, "svc_name", owner->services[0]);
    if (owner->facts.asn || span_present(owner->facts.organization)) {
        json_member_object(json, "autonomous_system");
        if (owner->facts.asn)
            json_member_uint(json, "number", owner->facts.asn);
        json_member_known(json, "name", owner->facts.organization);
        json_object_end(json);
    }
    if (span_present(owner->facts.country)) {
        json_member_object(json, "location");
        json_member_string(json, "country", owner->facts.country);
        json_object_end(json);
    }
    json_object_end(json);
}

/* Required in it is the operation. */
static void api_json(struct json_writer *json, const struct alert *alert)
{
    struct span service = alert->first[FACET_EVENT_SOURCE];
    struct span error = alert->first[FACET_ERROR_CODE];

    if (!span_present(alert->first[FACET_EVENT_NAME]))
        return;
    json_member_object(json, "api");
    json_member_string(json, "operation", alert->first[FACET_EVENT_NAME]);
    if (span_present(service)) {
        json_member_object(json, "service");
        json_member_string(json, "name", service);
        json_object_end(json);
    }
    if (span_present(error)) {
        json_member_object(json, "response");
        json_member_string(json, "error", error);
        json_object_end(json);
    }
    json_object_end(json);
}

static void actor_json(struct json_writer *json, const struct finding *finding)
{
    const struct event *event = &finding->event;

    json_member_object(json, "actor");
    json_member_object(json, "user");
    json_member_known(json, "uid", event->field[EVENT_IDENTITY_ARN]);
    json_member_known(json, "uid_alt", event->field[EVENT_PRINCIPAL_ID]);
    json_member_string(json, "name", finding->alert->instance_id);
    json_member_int(json, "type_id", USER_OTHER);
    json_member_known(json, "type", event->field[EVENT_IDENTITY_TYPE]);
    account_json(json, finding->account);
    json_object_end(json);
    json_member_object(json, "session");
    json_member_known(json, "credential_uid",
                      finding->alert->first[FACET_ACCESS_KEY_ID]);
    json_member_known(json, "issuer", finding->alert->first[FACET_ROLE]);
    member_ms(json, "created_time",
              timestamp_parse(event->field[EVENT_SESSION_CREATION_DATE]));
    json_object_end(json);
    json_object_end(json);
}

static void first_event_json(struct json_writer *json,
                             const struct finding *finding)
{
    const struct alert *alert = finding->alert;

    json_object(json);
    json_member_string(json, "name", SPAN("first event"));
    json_member_known(json, "uid", finding->event.field[EVENT_ID]);
    endpoint_json(json, finding->suspect);
    api_json(json, alert);
    actor_json(json, finding);
    if (span_present(alert->first[FACET_USER_AGENT])) {
        json_member_object(json, "http_request");
        json_member_string(json, "user_agent", alert->first[FACET_USER_AGENT]);
        json_object_end(json);
    }
    json_object_end(json);
}

static void evidences_json(struct json_writer *json,
                           const struct finding *finding)
{
    const struct alert *alert = finding->alert;

    json_member_array(json, "evidences");
    first_event_json(json, finding);
    for (size_t i = 0; i < alert->ip_count; i++) {
        json_object(json);
        json_member_string(json, "name", SPAN("address"));
        endpoint_json(json, &alert->ips[i]);
        json_key(json, SPAN("data"));
        alert_ip_json(json, &alert->ips[i]);
        json_object_end(json);
    }
    json_array_end(json);
}

static void resources_json(struct json_writer *json,
                           const struct finding *finding)
{
    json_member_array(json, "resources");
    json_object(json);
    json_member_string(json, "type", SPAN("AWS::EC2::Instance"));
    json_member_string(json, "name", finding->alert->instance_id);
    json_member_string(json, "uid",
                       span_present(finding->instance_arn)
                           ? finding->instance_arn
                           : finding->alert->instance_id);
    json_member_known(json, "region", finding->region);
    member_id(json, "role_id", ROLE_AFFECTED, "role", "Affected");
    json_object_end(json);
    if (span_present(finding->role_name)) {
        json_object(json);
        json_member_string(json, "type", SPAN("AWS::IAM::Role"));
        json_member_string(json, "name", finding->role_name);
        json_member_known(json, "uid", finding->role_arn);
        member_id(json, "role_id", ROLE_RELATED, "role", "Related");
        json_object_end(json);
    }
    json_array_end(json);
}

static void observable_json(struct json_writer *json, const char *name, int id,
                            const char *type, struct span value)
{
    if (!span_present(value))
        return;
    json_object(json);
    json_member_string(json, "name", span_str(name));
    member_id(json, "type_id", id, "type", type);
    json_member_string(json, "value", value);
    json_object_end(json);
}

static void observables_json(struct json_writer *json,
                             const struct finding *finding)
{
    const struct alert *alert = finding->alert;
    char address[IP_TEXT_BYTES];

    json_member_array(json, "observables");
    for (size_t i = 0; i < alert->ip_count; i++)
        observable_json(json, "evidences[].src_endpoint.ip", OBSERVABLE_IP,
                        "IP Address",
                        span_str(ip_format(alert->ips[i].address, address)));
    observable_json(json, "resources[0].uid", OBSERVABLE_RESOURCE,
                    "Resource UID",
                    span_present(finding->instance_arn) ? finding->instance_arn
                                                        : alert->instance_id);
    observable_json(json, "resources[1].uid", OBSERVABLE_RESOURCE,
                    "Resource UID", finding->role_arn);
    observable_json(json, "evidences[0].actor.session.credential_uid",
                    OBSERVABLE_CREDENTIAL, "User Credential ID",
                    alert->first[FACET_ACCESS_KEY_ID]);
    observable_json(json, "evidences[0].http_request.user_agent",
                    OBSERVABLE_USER_AGENT, "HTTP User-Agent",
                    alert->first[FACET_USER_AGENT]);
    json_array_end(json);
}

static void finding_ocsf(const struct finding *finding, struct out *out)
{
    struct json_writer json;

    json_init(&json, out, false);
    json_object(&json);
    class_json(&json, finding);
    metadata_json(&json, finding);
    cloud_json(&json, finding);
    info_json(&json, finding);
    evidences_json(&json, finding);
    resources_json(&json, finding);
    observables_json(&json, finding);
    /* A string: as JSON it could hold half a surrogate pair, which some
     * parsers refuse, and names without end. */
    json_member_string(&json, "raw_data", finding->alert->record);
    json_object_end(&json);
    out_str(out, "\n");
}

void report_ocsf(const struct report *report, struct out *out)
{
    findings_write(report, out, finding_ocsf);
}
