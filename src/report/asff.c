/*
 * `asff`: findings of AWS Security Hub, ready for BatchImportFindings: a
 * line is one call's array. Security Hub refuses a whole finding for one
 * text that is too long or blank, so each goes through member_text().
 *
 * Bounds and required members: AWS, "AWS Security Finding Format (ASFF)",
 * and BatchImportFindings in the Security Hub API reference.
 */
#include "base/json_writer.h"
#include "base/sys.h"
#include "base/utf8.h"
#include "detect/rule.h"
#include "report/finding.h"
#include "report/format.h"
#include "report/owner_report.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define CALL_MAX_FINDINGS 100
#define CALL_MAX_BYTES    240000 /* "240 Kb", read in the narrow way */

/* Of texts, in characters; bytes of UTF-8 are never fewer. */
#define ID_MAX          512
#define TITLE_MAX       256
#define DESCRIPTION_MAX 1024
#define API_MAX         128
#define KEY_MAX         128
#define VALUE_MAX       2048

/* ProductFields holds 50 pairs, of which fields_json() has 6 more. A few
 * less, so that a finding keeps within a call even if every byte of its
 * texts is one that JSON writes as two. */
#define FIELDS_ADDRESSES_MAX 36

/* 32 resources: the instance, its role, and keys. */
#define RESOURCES_KEYS_MAX 30

/* What stands for what no record says; Security Hub names the finding that
 * it refuses for it. */
#define NO_ACCOUNT SPAN("000000000000")
#define NO_REGION  SPAN("us-east-1")

#define CUT SPAN("\xe2\x80\xa6") /* … */

/* Cut to `max` bytes, its last character whole. */
static void cut_text(struct buf *text, size_t max)
{
    if (text->failed || text->len <= max)
        return;
    text->len = max - CUT.len;
    while (((unsigned char)text->ptr[text->len] & 0xc0) == 0x80)
        text->len--;
    buf_add(text, CUT);
}

static bool is_blank(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != ' ')
            return false;
    return true;
}

/* A text that is ours or escaped already. */
static void member_buf(struct json_writer *json, const char *name,
                       struct buf *text, size_t max)
{
    cut_text(text, max);
    if (text->failed)
        out_fail_memory(json->out);
    if (!is_blank(buf_span(text)))
        json_member_string(json, name, buf_span(text));
}

/* Nothing if absent or blank, else escaped as for a terminal, since
 * Security Hub's patterns stop at a line's end, and cut. */
static void member_text(struct json_writer *json, const char *name,
                        struct span text, size_t max)
{
    struct buf escaped = BUF_INIT;

    utf8_add_terminal(&escaped, text);
    member_buf(json, name, &escaped, max);
    buf_release(&escaped);
}

static void member_seconds(struct json_writer *json, const char *name,
                           timestamp time)
{
    char text[TIMESTAMP_TEXT_BYTES];

    if (time == TIMESTAMP_UNKNOWN)
        return;
    timestamp_format_seconds(time, text);
    json_member_string(json, name, span_str(text));
}

static struct span account_of(const struct finding *finding)
{
    return span_present(finding->account) ? finding->account : NO_ACCOUNT;
}

static struct span region_of(const struct finding *finding)
{
    return span_present(finding->region) ? finding->region : NO_REGION;
}

static void add_product_arn(struct buf *arn, const struct finding *finding)
{
    buf_add(arn, SPAN("arn:"));
    buf_add(arn, finding->partition);
    buf_add(arn, SPAN(":securityhub:"));
    buf_add(arn, region_of(finding));
    buf_add_char(arn, ':');
    buf_add(arn, account_of(finding));
    buf_add(arn, SPAN(":product/"));
    buf_add(arn, account_of(finding));
    buf_add(arn, SPAN("/default"));
}

/* As a finding provider's own and at the top, where older ones look. */
static void rating_json(struct json_writer *json, const struct finding *finding)
{
    static const char *const labels[SEVERITY_COUNT] = {
        "INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"};
    enum severity severity = alert_severity(finding->alert);

    json_member_object(json, "Severity");
    json_member_string(json, "Label", span_str(labels[severity]));
    json_member_string(json, "Original", span_str(severity_name(severity)));
    json_object_end(json);
    json_member_array(json, "Types");
    json_string(json, SPAN("TTPs/" ATTACK_TACTIC "/" RULE_TECHNIQUE));
    json_array_end(json);
}

/* Security Hub takes a later import for news only if UpdatedAt is later. */
static void head_json(struct json_writer *json, const struct finding *finding)
{
    struct buf arn = BUF_INIT, generator = BUF_INIT;
    timestamp now = finding->report->now;

    add_product_arn(&arn, finding);
    json_member_string(json, "SchemaVersion", SPAN("2018-10-08"));
    member_text(json, "Id", finding->uid, ID_MAX);
    member_buf(json, "ProductArn", &arn, VALUE_MAX);
    buf_release(&arn);
    buf_add(&generator, SPAN("offbox/"));
    buf_add(&generator, alert_rule_id(finding->alert));
    member_buf(json, "GeneratorId", &generator, VALUE_MAX);
    buf_release(&generator);
    json_member_string(json, "AwsAccountId", account_of(finding));
    member_seconds(json, "FirstObservedAt", finding->suspect->first_seen);
    member_seconds(json, "LastObservedAt", finding->suspect->last_seen);
    member_seconds(json, "CreatedAt", finding->time);
    member_seconds(json, "UpdatedAt",
                   finding->time > now ? finding->time : now);
    rating_json(json, finding);
    json_member_object(json, "FindingProviderFields");
    rating_json(json, finding);
    json_object_end(json);
    member_text(json, "Title", finding->title, TITLE_MAX);
    member_text(json, "Description", finding->description, DESCRIPTION_MAX);
}

/* Security Hub's number is of 32 bits with a sign. */
static void network_json(struct json_writer *json,
                         const struct address_facts *facts)
{
    bool has_asn = facts->asn > 0 && facts->asn <= INT32_MAX;

    if (has_asn || !is_blank(facts->organization)) {
        json_member_object(json, "Organization");
        if (has_asn)
            json_member_uint(json, "Asn", facts->asn);
        member_text(json, "AsnOrg", facts->organization, VALUE_MAX);
        json_object_end(json);
    }
    if (span_present(facts->country)) {
        json_member_object(json, "Country");
        json_member_string(json, "CountryCode", facts->country);
        json_object_end(json);
    }
}

static void action_json(struct json_writer *json, const struct finding *finding)
{
    const struct alert *alert = finding->alert;
    struct ip address = finding->suspect->address;

    json_member_object(json, "Network");
    json_member_string(json, "Direction", SPAN("IN"));
    json_member_ip(json, address.family == IP_V4 ? "SourceIpV4" : "SourceIpV6",
                   address);
    json_object_end(json);
    json_member_object(json, "Action");
    json_member_string(json, "ActionType", SPAN("AWS_API_CALL"));
    json_member_object(json, "AwsApiCallAction");
    member_text(json, "Api", alert->first[FACET_EVENT_NAME], API_MAX);
    member_text(json, "ServiceName", alert->first[FACET_EVENT_SOURCE], API_MAX);
    json_member_string(json, "CallerType", SPAN("remoteip"));
    if (address.family == IP_V4) { /* it has no member for IPv6 */
        json_member_object(json, "RemoteIpDetails");
        json_member_ip(json, "IpAddressV4", address);
        network_json(json, &finding->suspect->owner.facts);
        json_object_end(json);
    }
    member_seconds(json, "FirstSeen", finding->suspect->first_seen);
    member_seconds(json, "LastSeen", finding->suspect->last_seen);
    json_object_end(json);
    json_object_end(json);
}

static void add_values(struct buf *text, const char *label,
                       const struct alert_values *values, bool counted)
{
    for (size_t i = 0; i < values->count; i++) {
        buf_add(text, i ? SPAN(", ") : span_str(label));
        utf8_add_terminal(text, values->items[i].text);
        if (counted)
            buf_printf(text, "=%" PRIu64, values->items[i].count);
    }
}

static void add_span_of_time(struct buf *text, const struct alert_ip *ip)
{
    char first[TIMESTAMP_TEXT_BYTES] = "time unknown";
    char last[TIMESTAMP_TEXT_BYTES] = "time unknown";

    if (ip->first_seen != TIMESTAMP_UNKNOWN)
        timestamp_format_seconds(ip->first_seen, first);
    if (ip->last_seen != TIMESTAMP_UNKNOWN)
        timestamp_format_seconds(ip->last_seen, last);
    buf_printf(text, ", %s to %s", first, last);
}

static void add_owner(struct buf *text, const struct owner *owner)
{
    struct buf words = BUF_INIT;

    if (!owner_is_known(owner))
        return;
    owner_words(&words, owner);
    buf_add(text, SPAN("; owner "));
    utf8_add_terminal(text, buf_span(&words));
    text->failed = text->failed || words.failed;
    buf_release(&words);
}

static void address_field(struct json_writer *json,
                          const struct finding *finding,
                          const struct alert_ip *ip)
{
    char address[IP_TEXT_BYTES];
    char name[IP_TEXT_BYTES + 16];
    struct buf text = BUF_INIT;

    (void)snprintf(name, sizeof(name), "offbox/ip/%s",
                   ip_format(ip->address, address));
    buf_printf(&text, "%" PRIu64 " event%s", ip->count,
               ip->count == 1 ? "" : "s");
    add_span_of_time(&text, ip);
    if (ip == finding->suspect)
        buf_add(&text, SPAN("; suspect"));
    if (ip->expected)
        buf_add(&text, SPAN("; expected"));
    add_owner(&text, &ip->owner);
    add_values(&text, "; events ", &ip->facet[FACET_EVENT_NAME], true);
    add_values(&text, "; keys ", &ip->facet[FACET_ACCESS_KEY_ID], true);
    add_values(&text, "; errors ", &ip->facet[FACET_ERROR_CODE], true);
    add_values(&text, "; regions ", &ip->facet[FACET_REGION], false);
    add_values(&text, "; agents ", &ip->facet[FACET_USER_AGENT], false);
    member_buf(json, name, &text, VALUE_MAX);
    buf_release(&text);
}

/* The suspect first, since not all addresses may have room. */
static void fields_json(struct json_writer *json, const struct finding *finding)
{
    const struct alert *alert = finding->alert;
    size_t others = 1;

    json_member_object(json, "ProductFields");
    json_member_string(json, "offbox/RuleId", alert_rule_id(alert));
    json_member_string(json, "offbox/RuleName", alert_rule_name(alert));
    json_member_string(json, "offbox/Techniques", SPAN(RULE_TECHNIQUE));
    member_text(json, "offbox/EventId", finding->event.field[EVENT_ID],
                VALUE_MAX);
    member_text(json, "offbox/UserAgent", alert->first[FACET_USER_AGENT],
                VALUE_MAX);
    address_field(json, finding, finding->suspect);
    for (size_t i = 0; i < alert->ip_count && others < FIELDS_ADDRESSES_MAX;
         i++)
        if (i != alert->suspect) {
            address_field(json, finding, &alert->ips[i]);
            others++;
        }
    if (others < alert->ip_count) {
        struct buf left_out = BUF_INIT;

        buf_printf(&left_out, "%zu", alert->ip_count - others);
        member_buf(json, "offbox/AddressesLeftOut", &left_out, VALUE_MAX);
        buf_release(&left_out);
    }
    json_object_end(json);
}

static void resource(struct json_writer *json, const struct finding *finding,
                     const char *type, struct span id)
{
    json_object(json);
    json_member_string(json, "Type", span_str(type));
    member_text(json, "Id", id, ID_MAX);
    /* Of the others Security Hub has spellings of its own. */
    if (span_eq(finding->partition, SPAN("aws")) ||
        span_eq(finding->partition, SPAN("aws-cn")) ||
        span_eq(finding->partition, SPAN("aws-us-gov")))
        json_member_string(json, "Partition", finding->partition);
    json_member_string(json, "Region", region_of(finding));
}

static void session_json(struct json_writer *json,
                         const struct finding *finding)
{
    const struct event *event = &finding->event;

    json_member_object(json, "SessionContext");
    json_member_object(json, "Attributes");
    member_seconds(json, "CreationDate",
                   timestamp_parse(event->field[EVENT_SESSION_CREATION_DATE]));
    json_object_end(json);
    json_member_object(json, "SessionIssuer");
    json_member_string(json, "Type", SPAN("Role"));
    member_text(json, "Arn", finding->role_arn, ID_MAX);
    member_text(json, "UserName", finding->role_name, ID_MAX);
    json_object_end(json);
    json_object_end(json);
}

static void key_resource(struct json_writer *json,
                         const struct finding *finding, struct span key)
{
    struct span first = finding->alert->first[FACET_ACCESS_KEY_ID];
    struct buf id = BUF_INIT;

    buf_add(&id, SPAN("AWS::IAM::AccessKey:"));
    buf_add(&id, key);
    if (id.failed)
        out_fail_memory(json->out);
    resource(json, finding, "AwsIamAccessKey", buf_span(&id));
    buf_release(&id);
    json_member_object(json, "Details");
    json_member_object(json, "AwsIamAccessKey");
    member_text(json, "AccessKeyId", key, KEY_MAX);
    json_member_string(json, "AccountId", account_of(finding));
    if (span_eq(key, first)) {
        member_text(json, "PrincipalId",
                    finding->event.field[EVENT_PRINCIPAL_ID], ID_MAX);
        member_text(json, "PrincipalType",
                    finding->event.field[EVENT_IDENTITY_TYPE], KEY_MAX);
        member_text(json, "PrincipalName", finding->role_name, ID_MAX);
        session_json(json, finding);
    }
    json_object_end(json);
    json_object_end(json);
    json_object_end(json);
}

static void resources_json(struct json_writer *json,
                           const struct finding *finding)
{
    const struct alert_values *keys =
        &finding->suspect->facet[FACET_ACCESS_KEY_ID];

    json_member_array(json, "Resources");
    resource(json, finding, "AwsEc2Instance",
             span_present(finding->instance_arn) ? finding->instance_arn
                                                 : finding->alert->instance_id);
    json_object_end(json);
    if (!is_blank(finding->role_name)) {
        resource(json, finding, "AwsIamRole",
                 span_present(finding->role_arn) ? finding->role_arn
                                                 : finding->role_name);
        json_member_object(json, "Details");
        json_member_object(json, "AwsIamRole");
        member_text(json, "RoleName", finding->role_name, ID_MAX);
        json_object_end(json);
        json_object_end(json);
        json_object_end(json);
    }
    for (size_t i = 0; i < keys->count && i < RESOURCES_KEYS_MAX; i++)
        key_resource(json, finding, keys->items[i].text);
    json_array_end(json);
}

static void finding_json(const struct finding *finding, struct out *out)
{
    struct json_writer json;

    json_init(&json, out, false);
    json_object(&json);
    head_json(&json, finding);
    action_json(&json, finding);
    fields_json(&json, finding);
    resources_json(&json, finding);
    json_member_string(&json, "RecordState", SPAN("ACTIVE"));
    json_object_end(&json);
}

/* An alert and what a call may hold only one of: Security Hub takes for a
 * finding's account and region those that make the call. */
struct place {
    struct span account, region; /* in the arena */
    size_t alert;
};

struct places {
    struct place *items;
    size_t count;
    struct arena arena;
};

static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int order = span_cmp(x->account, y->account);

    if (!order)
        order = span_cmp(x->region, y->region);
    return order ? order : (x->alert > y->alert) - (x->alert < y->alert);
}

static bool same_place(const struct place *a, const struct place *b)
{
    return span_eq(a->account, b->account) && span_eq(a->region, b->region);
}

static int add_place(struct places *places, const struct report *report,
                     size_t at)
{
    struct finding finding;
    struct place place = {.alert = at};
    int ret = finding_init(&finding, report, &report->alerts.items[at]);

    if (ret == 0) {
        place.account = arena_copy(&places->arena, account_of(&finding));
        place.region = arena_copy(&places->arena, region_of(&finding));
    }
    finding_release(&finding);
    if (!span_present(place.account) || !span_present(place.region))
        return -1;
    places->items[places->count++] = place;
    return 0;
}

/* The findings, those of one account and region side by side. */
static int find_places(struct places *places, const struct report *report)
{
    const struct alert_list *alerts = &report->alerts;

    places->items = sys_calloc(alerts->count, sizeof(*places->items));
    if (!places->items)
        return -1;
    for (size_t i = 0; i < alerts->count; i++)
        if (alerts->items[i].triggered && add_place(places, report, i) < 0)
            return -1;
    if (places->count > 1)
        qsort(places->items, places->count, sizeof(*places->items), by_place);
    return 0;
}

/* One finding as text, in `text` (cleared first). */
static int render(const struct report *report, size_t at, struct out *text)
{
    struct finding finding;
    int ret = finding_init(&finding, report, &report->alerts.items[at]);

    buf_clear(&text->pending);
    if (ret == 0) {
        finding_json(&finding, text);
        assert(text->pending.len + strlen("[]") <= CALL_MAX_BYTES);
    }
    finding_release(&finding);
    return ret < 0 || text->failed_errno || text->pending.failed ? -1 : 0;
}

static int write_calls(const struct places *places, const struct report *report,
                       struct out *out)
{
    struct out text;
    size_t findings = 0, bytes = 0; /* of the line at hand */
    int ret = 0;

    out_init(&text, -1);
    for (size_t i = 0; i < places->count && ret == 0; i++) {
        size_t len;

        ret = render(report, places->items[i].alert, &text);
        if (ret < 0)
            break;
        len = text.pending.len;
        if (findings > 0 &&
            (findings == CALL_MAX_FINDINGS ||
             bytes + strlen(",") + len + strlen("]") > CALL_MAX_BYTES ||
             !same_place(&places->items[i - 1], &places->items[i]))) {
            out_str(out, "]\n");
            findings = 0;
            bytes = 0;
        }
        out_str(out, findings ? "," : "[");
        out_write(out, buf_span(&text.pending));
        findings++;
        bytes += 1 + len;
    }
    if (findings > 0)
        out_str(out, "]\n");
    out_release(&text);
    return ret;
}

void report_asff(const struct report *report, struct out *out)
{
    struct places places = {.arena = ARENA_INIT};

    if (find_places(&places, report) < 0 ||
        write_calls(&places, report, out) < 0)
        out_fail_memory(out);
    sys_free(places.items);
    arena_release(&places.arena);
}
