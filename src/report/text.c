/*
 * The report for a person: a verdict first, then the addresses side by
 * side, then the event to look at. Nothing from a record is printed but
 * through out_terminal().
 */
#include "base/utf8.h"
#include "report/alert_json.h"
#include "report/format.h"
#include "report/owner_report.h"
#include "report/verdict.h"
#include "report/words.h"

#include <inttypes.h>

#define LABEL "  %-12s "

/* What fits beside the rest on one screen; -f json has them all. */
#define ADDRESSES_SHOWN 20

static void label(struct out *out, const char *name)
{
    out_style(out, OUT_FAINT);
    out_printf(out, LABEL, name);
    out_style(out, OUT_PLAIN);
}

static void span_line(struct out *out, const char *name, struct span text)
{
    if (!span_present(text))
        return;
    label(out, name);
    out_terminal(out, text);
    out_str(out, "\n");
}

/* How wide `text`, which is UTF-8, is on a screen at most: from the first
 * of the Hangul on, most characters that are wide are found. */
static size_t columns_of(struct span text)
{
    size_t columns = 0;

    while (text.len > 0) {
        uint32_t code;
        size_t bytes = utf8_decode(text, &code);

        columns += code >= 0x1100 ? 2 : 1;
        text.ptr += bytes;
        text.len -= bytes;
    }
    return columns;
}

#define ELLIPSIS SPAN("\xe2\x80\xa6")

/* At most `columns` (at least 1) of `text`; 0: all of it. Returns how many
 * were taken. */
static size_t cut_text(struct out *out, struct span text, size_t columns)
{
    size_t wanted = columns_of(text);
    struct span rest = text;
    size_t taken = 0;

    if (columns == 0 || wanted <= columns) {
        out_write(out, text);
        return wanted;
    }
    while (rest.len > 0) {
        uint32_t code;
        size_t bytes = utf8_decode(rest, &code);
        size_t more = code >= 0x1100 ? 2 : 1;

        if (taken + more > columns - 1)
            break;
        taken += more;
        rest.ptr += bytes;
        rest.len -= bytes;
    }
    out_write(out, span_of(text.ptr, text.len - rest.len));
    out_write(out, ELLIPSIS);
    return taken + 1;
}

/* The first value and how many more there are; "-" for none. */
static void values_text(struct buf *cell, const struct alert_values *values)
{
    if (values->count > 0)
        utf8_add_terminal(cell, values->items[0].text);
    else
        buf_add_char(cell, '-');
    if (values->count + values->left_out > 1)
        buf_printf(cell, " (+%zu)", values->count + values->left_out - 1);
}

/* Filled up to `width`, and cut to `max` columns. */
static void values_cell(struct out *out, const struct alert_values *values,
                        size_t width, size_t max)
{
    struct buf cell = BUF_INIT;
    size_t taken;

    values_text(&cell, values);
    if (cell.failed)
        out_fail_memory(out);
    taken = cut_text(out, buf_span(&cell), max);
    for (size_t i = taken; i < width; i++)
        out_str(out, " ");
    buf_release(&cell);
}

/* Behind an address that the policy expects. */
#define EXPECTED " (expected)"

#define TIME_WIDTH  20
#define COUNT_WIDTH 8
#define KEY_WIDTH   25 /* 20 of an access key id, and " (+9)" behind it */
#define AGENT_MIN   16 /* narrower, it has a line of its own */

/* How the columns of an alert's table lie. */
struct layout {
    size_t picked[ADDRESSES_SHOWN];
    size_t count;
    size_t address; /* width of that column */
    size_t columns; /* of the screen; 0: without end */
    bool below;     /* key and agent stand on a line of their own */
};

static size_t address_width(const struct alert_ip *ip)
{
    char text[IP_TEXT_BYTES];

    return strlen(ip_format(ip->address, text)) +
           (ip->expected ? strlen(EXPECTED) : 0);
}

/* Marker, address, count and times; blanks between included. */
static size_t left_width(const struct layout *layout)
{
    return 4 + layout->address + 2 + COUNT_WIDTH + 2 * (2 + TIME_WIDTH);
}

static void lay_out(struct layout *layout, const struct alert *alert,
                    unsigned columns)
{
    layout->columns = columns;
    layout->count =
        words_pick_addresses(alert, layout->picked, ADDRESSES_SHOWN);
    layout->address = strlen("ADDRESS");
    for (size_t i = 0; i < layout->count; i++) {
        size_t width = address_width(&alert->ips[layout->picked[i]]);

        layout->address = width > layout->address ? width : layout->address;
    }
    layout->below =
        columns > 0 &&
        left_width(layout) + 2 + KEY_WIDTH + 2 + AGENT_MIN > columns;
}

/* What is left of the line; 0 where lines have no end. */
static size_t room_behind(const struct layout *layout, size_t used)
{
    if (layout->columns == 0)
        return 0;
    return used + 1 < layout->columns ? layout->columns - used : 1;
}

static void table_head(struct out *out, const struct layout *layout)
{
    out_style(out, OUT_FAINT);
    out_printf(out, "    %-*s  %*s  %-*s  %-*s", (int)layout->address,
               "ADDRESS", COUNT_WIDTH, "EVENTS", TIME_WIDTH, "FIRST SEEN",
               TIME_WIDTH, "LAST SEEN");
    if (!layout->below)
        out_printf(out, "  %-*s  %s", KEY_WIDTH, "ACCESS KEY", "USER AGENT");
    out_style(out, OUT_PLAIN);
    out_str(out, "\n");
}

static void time_cell(struct out *out, timestamp time)
{
    char text[TIMESTAMP_TEXT_BYTES] = "time unknown";

    if (time != TIMESTAMP_UNKNOWN)
        timestamp_format_seconds(time, text);
    out_printf(out, "  %-*s", TIME_WIDTH, text);
}

/* Key and agent behind the rest of the row, or below it. */
static void key_and_agent(struct out *out, const struct layout *layout,
                          const struct alert_ip *ip)
{
    static const char below_key[] = "      key ",
                      below_agent[] = "      agent ";
    const struct alert_values *key = &ip->facet[FACET_ACCESS_KEY_ID];
    const struct alert_values *agent = &ip->facet[FACET_USER_AGENT];

    if (layout->below) {
        out_printf(out, "\n%s", below_key);
        values_cell(out, key, 0, room_behind(layout, strlen(below_key)));
        out_printf(out, "\n%s", below_agent);
        values_cell(out, agent, 0, room_behind(layout, strlen(below_agent)));
        return;
    }
    out_str(out, "  ");
    values_cell(out, key, KEY_WIDTH, layout->columns ? KEY_WIDTH : 0);
    out_str(out, "  ");
    values_cell(out, agent, 0,
                room_behind(layout, left_width(layout) + 2 + KEY_WIDTH + 2));
}

/* Below the rest of the row: it is as long as names are. */
static void owner_line(struct out *out, const struct layout *layout,
                       const struct owner *owner)
{
    static const char below[] = "      owner ";
    struct buf words = BUF_INIT, cell = BUF_INIT;

    if (!owner_is_known(owner))
        return;
    owner_words(&words, owner);
    utf8_add_terminal(&cell, buf_span(&words));
    if (words.failed || cell.failed)
        out_fail_memory(out);
    out_str(out, below);
    (void)cut_text(out, buf_span(&cell), room_behind(layout, strlen(below)));
    out_str(out, "\n");
    buf_release(&words);
    buf_release(&cell);
}

static void table_row(struct out *out, const struct layout *layout,
                      const struct alert_ip *ip, bool marked)
{
    char text[IP_TEXT_BYTES + sizeof(EXPECTED)];

    (void)ip_format(ip->address, text);
    if (ip->expected)
        memcpy(text + strlen(text), EXPECTED, sizeof(EXPECTED));
    out_style(out, marked ? OUT_ALARM : ip->expected ? OUT_GOOD : OUT_PLAIN);
    out_printf(out, "  %c %-*s  %*" PRIu64, marked ? '>' : ' ',
               (int)layout->address, text, COUNT_WIDTH, ip->count);
    time_cell(out, ip->first_seen);
    time_cell(out, ip->last_seen);
    out_style(out, OUT_PLAIN);
    key_and_agent(out, layout, ip);
    out_str(out, "\n");
    owner_line(out, layout, &ip->owner);
}

static void ip_table(struct out *out, const struct alert *alert)
{
    struct layout layout;
    uint64_t left_out = 0;
    size_t at = 0;

    lay_out(&layout, alert, out->screen.columns);
    table_head(out, &layout);
    for (size_t i = 0; i < alert->ip_count; i++) {
        const struct alert_ip *ip = &alert->ips[i];

        if (at < layout.count && layout.picked[at] == i) {
            at++;
            table_row(out, &layout, ip, i == alert->suspect && !ip->expected);
        } else {
            left_out += ip->count;
        }
    }
    if (layout.count == alert->ip_count)
        return;
    out_printf(out, "    and %zu more with ", alert->ip_count - layout.count);
    words_count(out, left_out, "event");
    out_str(out, "; -f json lists them\n");
}

/* Which address is the least active, and what decided. */
static void suspect_line(struct out *out, const struct alert *alert)
{
    char text[IP_TEXT_BYTES];

    label(out, "least active");
    out_style(out, OUT_STRONG);
    out_str(out, ip_format(alert->ips[alert->suspect].address, text));
    out_style(out, OUT_PLAIN);
    out_str(out, ", ");
    words_why_suspect(out, alert);
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

    label(out, "first event");
    if (alert->time == TIMESTAMP_UNKNOWN)
        out_str(out, "at an unknown time");
    else
        words_time(out, alert->time);
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

static void policy_line(struct out *out, const char *name, struct span verb,
                        const struct alert *alert)
{
    struct buf line = BUF_INIT;

    alert_policy_line(&line, verb, alert->instance_id,
                      alert->ips[alert->suspect].address);
    if (line.failed)
        out_fail_memory(out);
    label(out, name);
    out_terminal(out, buf_span(&line));
    out_str(out, "\n");
    buf_release(&line);
}

static void focus_lines(struct out *out, const struct focus *focus, size_t at)
{
    const struct outcome_counts *outcomes = &focus->outcomes[at];

    label(out, "all events");
    out_printf(out, "%" PRIu64, outcome_counts_total(outcomes));
    for (int i = OUTCOME_COUNT - 1; i >= 0; i--)
        if (outcomes->count[i]) {
            out_printf(out, ", %" PRIu64 " ", outcomes->count[i]);
            words_name(out, outcome_name((enum outcome)i));
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
        owner_say(out, " (", &drop->owner, ")", out_terminal);
        out_str(out, ": ");
        words_name(out, outcome_name(drop->outcome));
        out_str(out, "\n");
    }
}

static void headline(struct out *out, const struct alert *alert, bool seen)
{
    out_style(out, alert->triggered ? OUT_ALARM : OUT_STRONG);
    out_str(out, alert->triggered ? "ALERT " : "");
    out_terminal(out, alert->instance_id);
    out_style(out, OUT_PLAIN);
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
        if (!alert_is_case(alert))
            suspect_line(out, alert);
        first_event_line(out, alert);
        if (!alert->ips[alert->suspect].expected)
            policy_line(out, "if expected", SPAN("expect"), alert);
        if (alert->triggered && !alert->muted)
            policy_line(out, "to silence", SPAN("mute"), alert);
    }
    verdict_text(out, alert, label);
    if (focus != SIZE_MAX && seen)
        focus_lines(out, &report->focus, focus);
}

/* What the reader wants to know first, in one line. */
static void verdict_line(struct out *out, const struct report *report)
{
    bool incomplete = report_is_incomplete(report);

    out_style(out, report->alerts.triggered ? OUT_ALARM
                   : incomplete             ? OUT_DOUBT
                                            : OUT_GOOD);
    words_verdict(out, report);
    out_style(out, OUT_PLAIN);
    out_str(out, "; ");
    out_style(out, incomplete ? OUT_DOUBT : OUT_PLAIN);
    words_coverage(out, report);
    out_style(out, OUT_PLAIN);
    out_str(out, "\n");
}

void report_text(const struct report *report, struct out *out)
{
    verdict_line(out, report);
    for (size_t i = 0; i < report->alerts.count; i++) {
        out_str(out, "\n");
        instance_text(out, report, &report->alerts.items[i]);
    }
}
