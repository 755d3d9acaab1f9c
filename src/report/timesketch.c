/*
 * `timesketch`: moments for a timeline, one a line, as Timesketch imports
 * them: of each address the first and the last event, and the first use of
 * each access key.
 */
#include "base/json_writer.h"
#include "detect/rule.h"
#include "report/alert_json.h"
#include "report/format.h"
#include "report/owner_report.h"

#include <stdio.h>

#define TICKS_PER_US (TICKS_PER_SECOND / 1000000)

struct moment {
    const struct alert *alert;
    const struct alert_ip *ip;
    const char *what; /* timestamp_desc */
    timestamp time;
    const struct alert_value *key; /* the one in question, else NULL */
};

static bool is_suspect(const struct moment *moment)
{
    return moment->ip == &moment->alert->ips[moment->alert->suspect];
}

/* `2022-02-22T10:11:12.000000+00:00`: Timesketch takes no line without a
 * time, so an unknown one is 1970, with which plaso, too, says "not a
 * time". The words in timestamp_desc tell the two apart. */
static void time_json(struct json_writer *json, const struct moment *moment)
{
    bool known = moment->time != TIMESTAMP_UNKNOWN;
    timestamp time = known ? moment->time : 0;
    int64_t us = time / TICKS_PER_US - (time % TICKS_PER_US < 0);
    char text[TIMESTAMP_TEXT_BYTES + 8];
    char what[64];

    timestamp_format(time, text);
    memcpy(text + strlen("2022-02-22T10:11:12.000000"), "+00:00",
           sizeof("+00:00"));
    (void)snprintf(what, sizeof(what), "%s%s", moment->what,
                   known ? "" : " (time unknown)");
    json_member_string(json, "datetime", span_str(text));
    json_member_int(json, "timestamp", us);
    json_member_string(json, "timestamp_desc", span_str(what));
}

static void message_json(struct json_writer *json, const struct moment *moment)
{
    struct buf text = BUF_INIT;
    char address[IP_TEXT_BYTES];

    buf_printf(&text, "%s%s of ", is_suspect(moment) ? "SUSPECT " : "",
               moment->what);
    buf_add(&text, moment->alert->instance_id);
    buf_printf(&text, " at %s", ip_format(moment->ip->address, address));
    if (moment->key) {
        buf_add(&text, SPAN(": "));
        buf_add(&text, moment->key->text);
    }
    if (text.failed)
        out_fail_memory(json->out);
    json_member_string(json, "message", buf_span(&text));
    buf_release(&text);
}

static void values_json(struct json_writer *json, const char *name,
                        const struct alert_values *values)
{
    json_member_array(json, name);
    for (size_t i = 0; i < values->count; i++)
        json_string(json, values->items[i].text);
    json_array_end(json);
}

static void place_json(struct json_writer *json, const struct moment *moment)
{
    const struct alert *alert = moment->alert;
    const struct alert_ip *ip = moment->ip;

    json_member_string(json, "data_type", SPAN("offbox:alert"));
    json_member_string(json, "rule_id", alert_rule_id(alert));
    json_member_string(json, "rule_name", alert_rule_name(alert));
    if (alert->verdict)
        json_member_string(json, "severity",
                           span_str(severity_name(alert_severity(alert))));
    json_member_string(json, "attack_technique", SPAN(RULE_TECHNIQUE));
    json_member_string(json, "instance_id", alert->instance_id);
    json_member_bool(json, "alert", alert->triggered);
    json_member_ip(json, "source_ip", ip->address);
    json_member_bool(json, "suspect", is_suspect(moment));
    json_member_bool(json, "expected", ip->expected);
    owner_aws_json(json, &ip->owner);
    if (ip->owner.facts.asn)
        json_member_uint(json, "asn", ip->owner.facts.asn);
    json_member_known(json, "organization", ip->owner.facts.organization);
    json_member_known(json, "country", ip->owner.facts.country);
}

/* Of a key only itself: an address may have as many keys as events. */
static void key_json(struct json_writer *json, const struct alert_value *key)
{
    json_member_uint(json, "event_count", key->count);
    json_member_string(json, "access_key_id", key->text);
}

static void address_json(struct json_writer *json, const struct alert_ip *ip)
{
    json_member_uint(json, "event_count", ip->count);
    values_json(json, "access_key_ids", &ip->facet[FACET_ACCESS_KEY_ID]);
    values_json(json, "event_names", &ip->facet[FACET_EVENT_NAME]);
    values_json(json, "user_agents", &ip->facet[FACET_USER_AGENT]);
    values_json(json, "event_sources", &ip->facet[FACET_EVENT_SOURCE]);
    values_json(json, "regions", &ip->facet[FACET_REGION]);
    values_json(json, "error_codes", &ip->facet[FACET_ERROR_CODE]);
    values_json(json, "accounts", &ip->facet[FACET_ACCOUNT]);
    values_json(json, "roles", &ip->facet[FACET_ROLE]);
    alert_truncated_json(json, "truncated", ip);
}

static void moment_line(struct out *out, const struct moment *moment,
                        bool with_record)
{
    struct json_writer json;

    json_init(&json, out, false);
    json_object(&json);
    message_json(&json, moment);
    time_json(&json, moment);
    place_json(&json, moment);
    if (moment->key)
        key_json(&json, moment->key);
    else
        address_json(&json, moment->ip);
    if (with_record)
        json_member_string(&json, "record", moment->alert->record);
    json_object_end(&json);
    out_str(out, "\n");
}

static void address_lines(struct out *out, const struct alert *alert,
                          const struct alert_ip *ip)
{
    const struct alert_values *keys = &ip->facet[FACET_ACCESS_KEY_ID];
    struct moment moment = {
        .alert = alert,
        .ip = ip,
        .what = "First event",
        .time = ip->first_seen,
    };

    moment_line(out, &moment, is_suspect(&moment));
    for (size_t i = 0; i < keys->count; i++) {
        moment.what = "Access key first seen";
        moment.time = keys->items[i].first;
        moment.key = &keys->items[i];
        moment_line(out, &moment, false);
    }
    moment.what = "Last event";
    moment.time = ip->last_seen;
    moment.key = NULL;
    moment_line(out, &moment, false);
}

void report_timesketch(const struct report *report, struct out *out)
{
    const struct alert_list *alerts = &report->alerts;

    for (size_t i = 0; i < alerts->count; i++)
        for (size_t ip = 0; ip < alerts->items[i].ip_count; ip++)
            address_lines(out, &alerts->items[i], &alerts->items[i].ips[ip]);
}
