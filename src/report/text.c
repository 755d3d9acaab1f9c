/*
 * The report for a person: a verdict first, then the addresses side by
 * side, then the event to look at. Nothing from a record is printed but
 * through out_terminal().
 */
#include "base/utf8.h"
#include "report/alert_json.h"
#include "report/format.h"

#include <inttypes.h>

#define LABEL "  %-12s "

static void label(struct out *out, const char *name)
{
    out_printf(out, LABEL, name);
}

static void span_line(struct out *out, const char *name, struct span text)
{
    if (!span_present(text))
        return;
    label(out, name);
    out_terminal(out, text);
    out_str(out, "\n");
}

static void time_cell(struct out *out, timestamp time)
{
    char text[TIMESTAMP_TEXT_BYTES] = "time unknown";

    if (time != TIMESTAMP_UNKNOWN)
        timestamp_format_seconds(time, text);
    out_printf(out, "  %-20s", text);
}

/* The first value and how many more there are; "-" for none. */
static void values_cell(struct out *out, const struct alert_values *values,
                        int width)
{
    struct buf cell = BUF_INIT;

    if (values->count > 0)
        utf8_add_terminal(&cell, values->items[0].text);
    else
        buf_add_char(&cell, '-');
    if (values->count + values->left_out > 1)
        buf_printf(&cell, " (+%zu)", values->count + values->left_out - 1);
    if (cell.failed)
        out_fail_memory(out);
    out_str(out, "  ");
    out_write(out, buf_span(&cell));
    for (size_t i = cell.len; i < (size_t)width; i++)
        out_str(out, " ");
    buf_release(&cell);
}

/* Behind an address that the policy expects. */
#define EXPECTED " (expected)"

static int address_width(const struct alert *alert)
{
    int width = (int)strlen("ADDRESS");

    for (size_t i = 0; i < alert->ip_count; i++) {
        char text[IP_TEXT_BYTES];
        int len = (int)strlen(ip_format(alert->ips[i].address, text)) +
                  (alert->ips[i].expected ? (int)strlen(EXPECTED) : 0);

        width = len > width ? len : width;
    }
    return width;
}

/* An access key id has 20 characters, and " (+9)" may follow it. */
#define KEY_WIDTH 25

static void ip_table(struct out *out, const struct alert *alert)
{
    int width = address_width(alert);

    out_printf(out, "    %-*s  %8s  %-20s  %-20s  %-*s  %s\n", width, "ADDRESS",
               "EVENTS", "FIRST SEEN", "LAST SEEN", KEY_WIDTH, "ACCESS KEY",
               "USER AGENT");
    for (size_t i = 0; i < alert->ip_count; i++) {
        const struct alert_ip *ip = &alert->ips[i];
        bool marked = i == alert->suspect && !ip->expected;
        char text[IP_TEXT_BYTES + sizeof(EXPECTED)];

        (void)ip_format(ip->address, text);
        if (ip->expected)
            memcpy(text + strlen(text), EXPECTED, sizeof(EXPECTED));
        out_printf(out, "  %c %-*s  %8" PRIu64, marked ? '>' : ' ', width, text,
                   ip->count);
        time_cell(out, ip->first_seen);
        time_cell(out, ip->last_seen);
        values_cell(out, &ip->facet[FACET_ACCESS_KEY_ID], KEY_WIDTH);
        values_cell(out, &ip->facet[FACET_USER_AGENT], 0);
        out_str(out, "\n");
    }
}

/* Why the suspect and not one of those that tie with it: among all of them
 * the latest first event decides, and the smallest address if that ties. */
static void tie_text(struct out *out, const struct alert *alert)
{
    const struct alert_ip *suspect = &alert->ips[alert->suspect];
    bool latest_alone = true;

    out_printf(out, "%" PRIu64 " event%s, as ", suspect->count,
               suspect->count == 1 ? "" : "s");
    for (size_t i = 0; i < alert->tied_count; i++) {
        const struct alert_ip *tied = &alert->ips[alert->tied[i]];
        char text[IP_TEXT_BYTES];

        out_printf(out, "%s%s", i ? ", " : "", ip_format(tied->address, text));
        latest_alone = latest_alone && tied->first_seen != suspect->first_seen;
    }
    out_str(out, latest_alone
                     ? "; of these it was first seen the latest"
                     : "; of those first seen the latest it is the smallest");
}

static size_t count_expected(const struct alert *alert)
{
    size_t count = 0;

    for (size_t i = 0; i < alert->ip_count; i++)
        count += alert->ips[i].expected;
    return count;
}

/* Which address is the least active, and what decided. */
static void suspect_line(struct out *out, const struct alert *alert)
{
    const struct alert_ip *suspect = &alert->ips[alert->suspect];
    size_t expected = count_expected(alert);
    char text[IP_TEXT_BYTES];

    label(out, "least active");
    out_printf(out, "%s, ", ip_format(suspect->address, text));
    if (alert->ip_count == 1)
        out_str(out, "the only address");
    else if (alert->ip_count - expected == 1)
        out_printf(
            out, "the only address that is not expected (%" PRIu64 " event%s)",
            suspect->count, suspect->count == 1 ? "" : "s");
    else if (alert->tied_count == 0)
        out_printf(out, "with the fewest events (%" PRIu64 ")", suspect->count);
    else
        tie_text(out, alert);
    if (expected == alert->ip_count)
        out_str(out, "; every address is expected");
    else if (expected > 0 && alert->ip_count - expected > 1)
        out_str(out, "; expected addresses left aside");
    out_str(out, "\n");
}

static void first_event_line(struct out *out, const struct alert *alert)
{
    static const struct {
        enum facet facet;
        const char *before;
    } parts[] = {
        {FACET_EVENT_NAME, " "},
        {FACET_EVENT_SOURCE, " of "},
        {FACET_REGION, " in "},
        {FACET_ACCESS_KEY_ID, ", key "},
        {FACET_ERROR_CODE, ", failed with "},
        {FACET_USER_AGENT, ", agent "},
    };
    char text[TIMESTAMP_TEXT_BYTES] = "at an unknown time";

    if (alert->time != TIMESTAMP_UNKNOWN)
        timestamp_format_seconds(alert->time, text);
    label(out, "first event");
    out_str(out, text);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct span value = alert->first[parts[i].facet];

        if (!span_present(value))
            continue;
        out_str(out, parts[i].before);
        out_terminal(out, value);
    }
    out_str(out, "\n");
    span_line(out, "its record", alert->record);
}

static void policy_line(struct out *out, const struct alert *alert)
{
    struct buf line = BUF_INIT;

    alert_policy_line(&line, alert->instance_id,
                      alert->ips[alert->suspect].address);
    if (line.failed)
        out_fail_memory(out);
    label(out, "if expected");
    out_terminal(out, buf_span(&line));
    out_str(out, "\n");
    buf_release(&line);
}

/* An outcome's name as words: its blanks are written as underscores. */
static void outcome_words(struct out *out, enum outcome outcome)
{
    for (const char *at = outcome_name(outcome); *at; at++)
        out_write(out, *at == '_' ? SPAN(" ") : span_of(at, 1));
}

static void focus_lines(struct out *out, const struct focus *focus, size_t at)
{
    const struct outcome_counts *outcomes = &focus->outcomes[at];

    label(out, "all events");
    out_printf(out, "%" PRIu64, outcome_counts_total(outcomes));
    for (int i = OUTCOME_COUNT - 1; i >= 0; i--)
        if (outcomes->count[i]) {
            out_printf(out, ", %" PRIu64 " ", outcomes->count[i]);
            outcome_words(out, (enum outcome)i);
        }
    out_str(out, "\n");
    for (size_t i = 0; i < focus->drop_count; i++) {
        const struct focus_drop *drop = &focus->drops[i];
        struct span address = strings_text(&focus->strings, drop->address);

        if (drop->instance != at)
            continue;
        label(out, "dropped");
        out_printf(out, "%" PRIu64 " from ", drop->count);
        out_terminal(out, span_present(address) ? address : SPAN("no address"));
        out_str(out, ": ");
        outcome_words(out, drop->outcome);
        out_str(out, "\n");
    }
}

static void headline(struct out *out, const struct alert *alert, bool seen)
{
    out_str(out, alert->triggered ? "ALERT " : "");
    out_terminal(out, alert->instance_id);
    if (alert->muted)
        out_str(out, " (muted)");
    if (alert->known)
        out_str(out, " (known from the history)");
    if (!seen)
        out_str(out, ": not seen, no event of it in any input\n");
    else if (alert->ip_count == 0)
        out_str(out, ": seen, but from no address that counts\n");
    else if (alert->ip_count == 1)
        out_str(out, ": credentials used from 1 address\n");
    else
        out_printf(out, ": credentials used from %zu addresses\n",
                   alert->ip_count);
}

static void instance_text(struct out *out, const struct report *report,
                          const struct alert *alert)
{
    size_t focus = report_focus_of(report, alert);
    bool seen = alert->ip_count > 0 ||
                (focus != SIZE_MAX &&
                 outcome_counts_total(&report->focus.outcomes[focus]) > 0);

    headline(out, alert, seen);
    span_line(out, "account", alert->first[FACET_ACCOUNT]);
    span_line(out, "role", alert->first[FACET_ROLE]);
    if (alert->ip_count > 0) {
        ip_table(out, alert);
        suspect_line(out, alert);
        first_event_line(out, alert);
        if (!alert->ips[alert->suspect].expected)
            policy_line(out, alert);
    }
    if (focus != SIZE_MAX && seen)
        focus_lines(out, &report->focus, focus);
}

void report_text(const struct report *report, struct out *out)
{
    for (size_t i = 0; i < report->alerts.count; i++) {
        if (i > 0)
            out_str(out, "\n");
        instance_text(out, report, &report->alerts.items[i]);
    }
}
