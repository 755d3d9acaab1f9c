/*
 * The first event's record is read once more: facets hold what is counted,
 * and a finding also tells who called and which instance the credentials
 * were issued to.
 */
#include "report/finding.h"

#include "detect/rule.h"
#include "event/extract.h"

#include <inttypes.h>

#define ACCOUNT_DIGITS   12
#define REGION_MAX_BYTES 16 /* what Security Hub takes; none is longer */

static bool is_account(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len == ACCOUNT_DIGITS;
}

/* `eu-west-1` and the like. Attackers do not choose a record's region, but
 * whoever writes a file does, and it becomes a part of names. */
static bool is_region(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-')
            return false;
    }
    return text.len > 0 && text.len <= REGION_MAX_BYTES;
}

/* AWS, "Amazon Resource Names": the partition follows from the region. */
static struct span partition_of(struct span region)
{
    static const struct {
        struct span prefix, partition;
    } partitions[] = {
        {{"cn-", 3}, {"aws-cn", 6}},
        {{"us-gov-", 7}, {"aws-us-gov", 10}},
        {{"us-iso-", 7}, {"aws-iso", 7}},
        {{"us-isob-", 8}, {"aws-iso-b", 9}},
        {{"eu-isoe-", 8}, {"aws-iso-e", 9}},
        {{"us-isof-", 8}, {"aws-iso-f", 9}},
        {{"eusc-", 5}, {"aws-eusc", 8}},
    };

    for (size_t i = 0; i < sizeof(partitions) / sizeof(partitions[0]); i++)
        if (span_starts_with_fold(region, partitions[i].prefix))
            return partitions[i].partition;
    return SPAN("aws");
}

/* Part `at` of text that colons part, the first being 0; absent beyond the
 * last. */
static struct span colon_part(struct span text, size_t at)
{
    while (text.len > 0) {
        const char *colon = memchr(text.ptr, ':', text.len);
        size_t len = colon ? (size_t)(colon - text.ptr) : text.len;

        if (at == 0)
            return span_of(text.ptr, len);
        if (!colon)
            break;
        at--;
        text = span_of(colon + 1, text.len - len - 1);
    }
    return SPAN_ABSENT;
}

/* The region in `arn:aws:ec2:REGION:ACCOUNT:instance/i-…`. */
static struct span region_of_arn(struct span arn)
{
    if (!span_eq(colon_part(arn, 0), SPAN("arn")) ||
        !span_eq(colon_part(arn, 2), SPAN("ec2")))
        return SPAN_ABSENT;
    return colon_part(arn, 3);
}

static struct span keep(struct finding *finding, struct buf *text)
{
    struct span kept = text->failed
                           ? SPAN_ABSENT
                           : arena_copy(&finding->arena, buf_span(text));

    buf_release(text);
    return kept;
}

static int read_record(struct finding *finding)
{
    struct extractor *extractor = extract_scan.create();
    struct event event = {.time = TIMESTAMP_UNKNOWN};
    int ret;

    if (!extractor)
        return -1;
    ret = extract_scan.record(extractor, finding->alert->record,
                              &finding->arena, &event, NULL);
    extract_scan.destroy(extractor);
    if (ret == EXTRACT_NO_MEMORY)
        return -1;
    if (ret == 0)
        finding->event = event;
    return 0;
}

static void find_place(struct finding *finding)
{
    const struct alert *alert = finding->alert;
    struct span region =
        region_of_arn(finding->event.field[EVENT_CREDENTIALS_ISSUED_TO]);

    if (!is_region(region))
        region = alert->first[FACET_REGION];
    if (is_region(region))
        finding->region = region;
    if (is_account(alert->first[FACET_ACCOUNT]))
        finding->account = alert->first[FACET_ACCOUNT];
    finding->partition = partition_of(finding->region);
}

static int name_instance(struct finding *finding)
{
    struct buf arn = BUF_INIT;

    if (!span_present(finding->account) || !span_present(finding->region))
        return 0;
    buf_add(&arn, SPAN("arn:"));
    buf_add(&arn, finding->partition);
    buf_add(&arn, SPAN(":ec2:"));
    buf_add(&arn, finding->region);
    buf_add_char(&arn, ':');
    buf_add(&arn, finding->account);
    buf_add(&arn, SPAN(":instance/"));
    buf_add(&arn, finding->alert->instance_id);
    finding->instance_arn = keep(finding, &arn);
    return span_present(finding->instance_arn) ? 0 : -1;
}

/* The role's ARN and its name, which is what stands behind its last '/'. */
static void name_role(struct finding *finding)
{
    struct span role = finding->alert->first[FACET_ROLE];
    struct span name = role;

    if (span_present(finding->event.field[EVENT_ROLE_NAME]))
        name = finding->event.field[EVENT_ROLE_NAME];
    if (span_present(role) && span_starts_with_fold(role, SPAN("arn:"))) {
        finding->role_arn = role;
        for (size_t i = role.len; i-- > 0 && span_eq(name, role);)
            if (role.ptr[i] == '/')
                name = span_of(role.ptr + i + 1, role.len - i - 1);
    }
    finding->role_name = name;
}

static int name_finding(struct finding *finding)
{
    char address[IP_TEXT_BYTES];
    struct buf uid = BUF_INIT;
    struct buf title = BUF_INIT;

    (void)ip_format(finding->suspect->address, address);
    buf_add(&uid, alert_rule_id(finding->alert));
    buf_printf(&uid, "|%s|", address);
    buf_add(&uid, finding->alert->instance_id);
    buf_printf(
        &title,
        "Instance credentials used from %s, one of %zu address%s: ", address,
        finding->alert->ip_count, finding->alert->ip_count == 1 ? "" : "es");
    buf_add(&title, finding->alert->instance_id);
    finding->uid = keep(finding, &uid);
    finding->title = keep(finding, &title);
    return span_present(finding->uid) && span_present(finding->title) ? 0 : -1;
}

static void describe_event(const struct finding *finding, struct buf *text)
{
    const struct alert *alert = finding->alert;
    char time[TIMESTAMP_TEXT_BYTES];

    buf_add(text, SPAN(" Its first event was "));
    if (span_present(alert->first[FACET_EVENT_NAME]))
        buf_add(text, alert->first[FACET_EVENT_NAME]);
    else
        buf_add(text, SPAN("a call without a name"));
    if (span_present(alert->first[FACET_EVENT_SOURCE])) {
        buf_add(text, SPAN(" of "));
        buf_add(text, alert->first[FACET_EVENT_SOURCE]);
    }
    if (alert->time == TIMESTAMP_UNKNOWN) {
        buf_add(text, SPAN(", at an unknown time."));
        return;
    }
    timestamp_format_seconds(alert->time, time);
    buf_printf(text, ", at %s.", time);
}

/* " Evidence: high, 6 points (multi, human)." */
static void describe_verdict(const struct alert_verdict *verdict,
                             struct buf *text)
{
    if (!verdict)
        return;
    buf_printf(text, " Evidence: %s, %d point%s",
               severity_name(verdict->severity), verdict->points,
               verdict->points == 1 ? "" : "s");
    for (size_t i = 0; i < verdict->reason_count; i++) {
        buf_add(text, i ? SPAN(", ") : SPAN(" ("));
        buf_add(text, verdict->reasons[i].id);
    }
    buf_add(text, verdict->reason_count ? SPAN(").") : SPAN("."));
}

static int describe(struct finding *finding)
{
    const struct alert *alert = finding->alert;
    char address[IP_TEXT_BYTES];
    struct buf text = BUF_INIT;
    uint64_t events = 0;

    for (size_t i = 0; i < alert->ip_count; i++)
        events += alert->ips[i].count;
    (void)ip_format(finding->suspect->address, address);
    buf_add(&text, SPAN("Credentials of the EC2 instance "));
    buf_add(&text, alert->instance_id);
    if (alert->ip_count == 1)
        buf_printf(&text, " were used from one address, %s.", address);
    else if (alert_is_case(alert))
        buf_printf(&text,
                   " were used from %zu addresses. By the evidence, %s is "
                   "the one to look at.",
                   alert->ip_count, address);
    else
        buf_printf(&text,
                   " were used from %zu addresses. %s is the least active, "
                   "with %" PRIu64 " of %" PRIu64
                   " events, and so the one to look at.",
                   alert->ip_count, address, finding->suspect->count, events);
    describe_event(finding, &text);
    describe_verdict(alert->verdict, &text);
    finding->description = keep(finding, &text);
    return span_present(finding->description) ? 0 : -1;
}

int finding_init(struct finding *finding, const struct report *report,
                 const struct alert *alert)
{
    *finding = (struct finding){
        .report = report,
        .alert = alert,
        .suspect = &alert->ips[alert->suspect],
        .time = alert->time == TIMESTAMP_UNKNOWN ? report->now : alert->time,
        .event = {.time = TIMESTAMP_UNKNOWN},
        .arena = ARENA_INIT,
    };
    if (read_record(finding) < 0)
        return -1;
    find_place(finding);
    name_role(finding);
    return name_instance(finding) < 0 || name_finding(finding) < 0 ||
                   describe(finding) < 0
               ? -1
               : 0;
}

void finding_release(struct finding *finding)
{
    arena_release(&finding->arena);
}

void findings_write(const struct report *report, struct out *out,
                    void (*print)(const struct finding *, struct out *))
{
    const struct alert_list *alerts = &report->alerts;
    int ret = 0;

    for (size_t i = 0; i < alerts->count && ret == 0; i++) {
        struct finding finding;

        if (!alerts->items[i].triggered)
            continue;
        ret = finding_init(&finding, report, &alerts->items[i]);
        if (ret < 0)
            out_fail_memory(out);
        else
            print(&finding, out);
        finding_release(&finding);
    }
}
