/* Sentences that several reports share. */
#include "report/words.h"

#include <inttypes.h>

/* Ties are of interest one by one only while they are few. */
#define TIES_NAMED 8

void words_count(struct out *out, uint64_t count, const char *noun)
{
    size_t len = strlen(noun);
    const char *ending = noun[len - 1] == 's' ? "es" : "s";

    out_printf(out, "%" PRIu64 " %s%s", count, noun, count == 1 ? "" : ending);
}

void words_bytes(struct out *out, uint64_t bytes)
{
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
    double shown = (double)bytes;
    size_t unit = 0;

    while (shown >= 1000 && unit < sizeof(units) / sizeof(units[0]) - 1) {
        shown /= 1000;
        unit++;
    }
    out_printf(out, unit ? "%.1f %s" : "%.0f %s", shown, units[unit]);
}

void words_name(struct out *out, const char *name)
{
    for (; *name; name++)
        out_write(out, *name == '_' ? SPAN(" ") : span_of(name, 1));
}

void words_time(struct out *out, timestamp time)
{
    char text[TIMESTAMP_TEXT_BYTES] = "time unknown";

    if (time != TIMESTAMP_UNKNOWN)
        timestamp_format_seconds(time, text);
    out_str(out, text);
}

void words_verdict(struct out *out, const struct report *report)
{
    size_t asked = report->focus.instance_count;
    uint64_t all = asked ? asked : report->instances;
    uint64_t alerts = report->alerts.triggered;

    if (report->nothing_read) {
        out_str(out, "no alert: no CloudTrail record was found");
    } else {
        if (alerts > 0)
            words_count(out, alerts, "alert");
        else
            out_str(out, "no alert");
        out_str(out, " among ");
        words_count(out, all, "instance");
        out_str(out, asked ? " asked for" : " seen");
    }
    if (report->alerts.muted > 0)
        out_printf(out, ", %" PRIu64 " muted", report->alerts.muted);
    if (report->alerts.known > 0)
        out_printf(out, ", %" PRIu64 " known from the history",
                   report->alerts.known);
}

void words_not_read(struct out *out, const struct ledger *ledger)
{
    const struct {
        uint64_t count;
        const char *noun;
    } parts[] = {
        {ledger->files[INPUT_DAMAGED], "damaged file"},
        {ledger->files[INPUT_UNREADABLE], "unreadable file"},
        {ledger->files[INPUT_ARCHIVE], "archive"},
        {ledger->records_unreadable, "unreadable record"},
    };
    bool any = false;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].count == 0)
            continue;
        out_str(out, any ? ", " : "");
        words_count(out, parts[i].count, parts[i].noun);
        any = true;
    }
}

void words_coverage(struct out *out, const struct report *report)
{
    if (!report_is_incomplete(report)) {
        out_str(out, "coverage is complete");
        return;
    }
    out_str(out, "coverage is incomplete");
    if (ledger_is_incomplete(&report->ledger)) {
        out_str(out, ": ");
        words_not_read(out, &report->ledger);
    }
}

/* Why the suspect and not one of those that tie with it: among all of them
 * the latest first event decides, and the smallest address if that ties. */
static void why_of_ties(struct out *out, const struct alert *alert)
{
    const struct alert_ip *suspect = &alert->ips[alert->suspect];
    bool latest_alone = true;

    words_count(out, suspect->count, "event");
    out_str(out, ", as ");
    for (size_t i = 0; i < alert->tied_count; i++) {
        const struct alert_ip *tied = &alert->ips[alert->tied[i]];
        char text[IP_TEXT_BYTES];

        latest_alone = latest_alone && tied->first_seen != suspect->first_seen;
        if (i < TIES_NAMED)
            out_printf(out, "%s%s", i ? ", " : "",
                       ip_format(tied->address, text));
    }
    if (alert->tied_count > TIES_NAMED)
        out_printf(out, " and %zu more", alert->tied_count - TIES_NAMED);
    out_str(out, latest_alone
                     ? "; of these it was first seen the latest"
                     : "; of those first seen the latest it is the smallest");
}

const char *words_suspect(const struct alert *alert)
{
    return alert_is_case(alert) ? "suspect" : "least active";
}

void words_why_suspect(struct out *out, const struct alert *alert)
{
    const struct alert_ip *suspect = &alert->ips[alert->suspect];
    size_t expected = 0;

    for (size_t i = 0; i < alert->ip_count; i++)
        expected += alert->ips[i].expected;
    if (alert->ip_count == 1)
        out_str(out, "the only address");
    else if (alert->ip_count - expected == 1)
        out_printf(
            out, "the only address that is not expected (%" PRIu64 " event%s)",
            suspect->count, suspect->count == 1 ? "" : "s");
    else if (alert->tied_count == 0)
        out_printf(out, "with the fewest events (%" PRIu64 ")", suspect->count);
    else
        why_of_ties(out, alert);
    if (expected == alert->ip_count)
        out_str(out, "; every address is expected");
    else if (expected > 0 && alert->ip_count - expected > 1)
        out_str(out, "; expected addresses left aside");
}

size_t words_pick_addresses(const struct alert *alert, size_t *picked,
                            size_t max)
{
    size_t ties = alert->tied_count < max ? alert->tied_count : max - 1;
    size_t room = max - 1 - ties; /* for the others */
    size_t count = 0, tied = 0;

    for (size_t i = 0; i < alert->ip_count && count < max; i++) {
        bool is_tied = tied < alert->tied_count && alert->tied[tied] == i;
        bool first = i == alert->suspect || (is_tied && tied < ties);

        if (first || (!is_tied && room > 0)) {
            room -= !first;
            picked[count++] = i;
        }
        tied += is_tied;
    }
    return count;
}
