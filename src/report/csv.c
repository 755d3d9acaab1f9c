/*
 * `csv`: one row an (alert, address), for spreadsheets and for programs.
 * Attackers choose much of the text and spreadsheets run cells, so all text
 * from a record goes through add_text(), and every cell behind a guard.
 */
#include "base/utf8.h"
#include "detect/rule.h"
#include "report/alert_json.h"
#include "report/format.h"

#include <inttypes.h>

/* What Excel holds in one cell, in characters. It goes on in other cells
 * with what is longer, and before those no guard stands. */
#define CELL_MAX_BYTES (32767 - 1) /* the guard is one */

#define CUT SPAN("\xe2\x80\xa6") /* … */

/* A row and its cell at hand, which is text that is not quoted yet. */
struct row {
    struct out *out;
    const struct report *report;
    const struct alert *alert;
    const struct alert_ip *ip;
    struct buf cell;
    struct buf cut; /* the columns whose values were cut */
};

/* Escaped as for a terminal: a row is a line, and safe to look at. */
static void add_text(struct row *row, struct span text)
{
    utf8_add_terminal(&row->cell, text);
}

static void bool_cell(struct row *row, bool truth)
{
    buf_add(&row->cell, truth ? SPAN("true") : SPAN("false"));
}

static void count_cell(struct row *row, uint64_t count)
{
    buf_printf(&row->cell, "%" PRIu64, count);
}

static void time_cell(struct row *row, timestamp time)
{
    char text[TIMESTAMP_TEXT_BYTES];

    if (time == TIMESTAMP_UNKNOWN)
        return;
    timestamp_format(time, text);
    buf_add(&row->cell, span_str(text));
}

static void ip_cell(struct row *row, struct ip ip)
{
    char text[IP_TEXT_BYTES];

    buf_add(&row->cell, span_str(ip_format(ip, text)));
}

/* One of a cell's values: bars part them, so a bar within one has a
 * backslash before it. */
static void add_value(struct row *row, struct span text, bool is_first)
{
    if (!is_first)
        buf_add_char(&row->cell, '|');
    for (;;) {
        const char *bar = text.len ? memchr(text.ptr, '|', text.len) : NULL;
        size_t before = bar ? (size_t)(bar - text.ptr) : text.len;

        add_text(row, span_of(text.ptr, before));
        if (!bar)
            return;
        buf_add(&row->cell, SPAN("\\|"));
        text = span_of(bar + 1, text.len - before - 1);
    }
}

static void facet_cell(struct row *row, enum facet facet)
{
    const struct alert_values *values = &row->ip->facet[facet];
    bool counted = facet == FACET_EVENT_NAME || facet == FACET_ACCESS_KEY_ID ||
                   facet == FACET_ERROR_CODE;

    for (size_t i = 0; i < values->count; i++) {
        add_value(row, values->items[i].text, i == 0);
        if (counted)
            buf_printf(&row->cell, "=%" PRIu64, values->items[i].count);
    }
}

static void rule_id(struct row *row)
{
    add_text(row, alert_rule_id(row->alert));
}

static void instance_id(struct row *row)
{
    add_text(row, row->alert->instance_id);
}

static void is_alert(struct row *row)
{
    bool_cell(row, row->alert->triggered);
}

static void suspect_address(struct row *row)
{
    ip_cell(row, row->alert->ips[row->alert->suspect].address);
}

static void time_generated(struct row *row)
{
    time_cell(row, row->alert->time);
}

static void ip_count(struct row *row)
{
    count_cell(row, row->alert->ip_count);
}

static void dedup(struct row *row)
{
    struct buf text = BUF_INIT;

    dedup_entity(&text, row->report->dedup, row->alert);
    row->cell.failed = row->cell.failed || text.failed;
    add_text(row, buf_span(&text));
    buf_release(&text);
}

static void address(struct row *row)
{
    ip_cell(row, row->ip->address);
}

static void is_suspect(struct row *row)
{
    bool_cell(row, row->ip == &row->alert->ips[row->alert->suspect]);
}

static void is_tied(struct row *row)
{
    bool tied = false;

    for (size_t i = 0; i < row->alert->tied_count; i++)
        tied = tied || row->ip == &row->alert->ips[row->alert->tied[i]];
    bool_cell(row, tied);
}

static void is_expected(struct row *row)
{
    bool_cell(row, row->ip->expected);
}

static void event_count(struct row *row)
{
    count_cell(row, row->ip->count);
}

static void first_seen(struct row *row)
{
    time_cell(row, row->ip->first_seen);
}

static void last_seen(struct row *row)
{
    time_cell(row, row->ip->last_seen);
}

static void events_per_hour(struct row *row)
{
    for (size_t i = 0; i < row->ip->hour_count; i++) {
        char hour[TIMESTAMP_TEXT_BYTES];

        timestamp_format_hour(row->ip->hours[i].hour * TICKS_PER_HOUR, hour);
        buf_printf(&row->cell, "%s%s=%" PRIu64, i ? "|" : "", hour,
                   row->ip->hours[i].count);
    }
}

static void policy_line(struct row *row)
{
    struct buf text = BUF_INIT;

    alert_policy_line(&text, SPAN("expect"), row->alert->instance_id,
                      row->ip->address);
    row->cell.failed = row->cell.failed || text.failed;
    add_text(row, buf_span(&text));
    buf_release(&text);
}

/* The verdict's columns are empty without --extended. */
static void severity(struct row *row)
{
    if (row->alert->verdict)
        buf_add(&row->cell,
                span_str(severity_name(row->alert->verdict->severity)));
}

static void points(struct row *row)
{
    if (row->alert->verdict)
        buf_printf(&row->cell, "%d", row->alert->verdict->points);
}

static void suspect_location(struct row *row)
{
    if (row->alert->verdict)
        add_text(row, row->alert->verdict->suspect);
}

static void reasons(struct row *row)
{
    const struct alert_verdict *verdict = row->alert->verdict;

    for (size_t i = 0; verdict && i < verdict->reason_count; i++) {
        add_value(row, verdict->reasons[i].id, i == 0);
        buf_printf(&row->cell, "=%d", verdict->reasons[i].points);
    }
}

static void in_aws(struct row *row)
{
    const struct owner *owner = &row->ip->owner;

    if (owner->service_count > 0 || owner->outside_aws)
        bool_cell(row, !owner->outside_aws);
}

static void aws_services(struct row *row)
{
    const struct owner *owner = &row->ip->owner;

    for (size_t i = 0; i < owner->service_count; i++)
        add_value(row, owner->services[i], i == 0);
}

static void aws_region(struct row *row)
{
    add_text(row, row->ip->owner.aws_region);
}

static void asn(struct row *row)
{
    if (row->ip->owner.facts.asn)
        count_cell(row, row->ip->owner.facts.asn);
}

static void organization(struct row *row)
{
    add_text(row, row->ip->owner.facts.organization);
}

static void country(struct row *row)
{
    add_text(row, row->ip->owner.facts.country);
}

/* The last column: by then all others were cut that had to be. */
static void truncated(struct row *row)
{
    buf_add(&row->cell, buf_span(&row->cut));
}

/* Their order stands; new ones come before the last. */
static const struct column {
    const char *name;           /* NULL: the facet's */
    void (*fill)(struct row *); /* NULL: facet_cell() */
    enum facet facet;
} columns[] = {
    {"RuleId", rule_id, 0},
    {"InstanceId", instance_id, 0},
    {"Alert", is_alert, 0},
    {"SourceIpAddress", suspect_address, 0},
    {"TimeGenerated", time_generated, 0},
    {"IPCount", ip_count, 0},
    {"DedupEntity", dedup, 0},
    {"Address", address, 0},
    {"Suspect", is_suspect, 0},
    {"Tied", is_tied, 0},
    {"Expected", is_expected, 0},
    {"EventCount", event_count, 0},
    {"FirstSeen", first_seen, 0},
    {"LastSeen", last_seen, 0},
    {NULL, NULL, FACET_EVENT_NAME},
    {NULL, NULL, FACET_ACCESS_KEY_ID},
    {NULL, NULL, FACET_USER_AGENT},
    {NULL, NULL, FACET_EVENT_SOURCE},
    {NULL, NULL, FACET_REGION},
    {NULL, NULL, FACET_ERROR_CODE},
    {NULL, NULL, FACET_EC2_ROLE_DELIVERY},
    {NULL, NULL, FACET_VPC_ENDPOINT_ID},
    {NULL, NULL, FACET_ACCOUNT},
    {NULL, NULL, FACET_ROLE},
    {"EventsPerHour", events_per_hour, 0},
    {"PolicyLine", policy_line, 0},
    {"Severity", severity, 0},
    {"Points", points, 0},
    {"SuspectLocation", suspect_location, 0},
    {"Reasons", reasons, 0},
    {"InAws", in_aws, 0},
    {"AwsServices", aws_services, 0},
    {"AwsRegion", aws_region, 0},
    {"Asn", asn, 0},
    {"Organization", organization, 0},
    {"Country", country, 0},
    {"Truncated", truncated, 0},
};

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

static const char *column_name(const struct column *column)
{
    return column->name ? column->name : facet_member(column->facet);
}

static void note_cut(struct row *row, const struct column *column)
{
    buf_printf(&row->cut, "%s%s", row->cut.len ? "|" : "", column_name(column));
}

/* Keep the cell within its bound, and its last character whole. */
static bool cut_cell(struct buf *cell)
{
    if (cell->failed || cell->len <= CELL_MAX_BYTES)
        return false;
    cell->len = CELL_MAX_BYTES - CUT.len;
    while (((unsigned char)cell->ptr[cell->len] & 0xc0) == 0x80)
        cell->len--;
    buf_add(cell, CUT);
    return true;
}

/* Spreadsheets run a cell that begins with one of these, also behind blanks
 * and in some languages in their full-width forms; the tab and the line
 * ends are spelt out by now. An apostrophe of the text's own counts, too, so
 * that a reader can take one off. */
static bool needs_guard(struct span cell)
{
    static const char *const starts[] = {
        "=",
        "+",
        "-",
        "@",
        "'",
        "\\t",
        "\\r",
        "\\n",
        "\xef\xbc\x9d",
        "\xef\xbc\x8b",
        "\xef\xbc\x8d",
        "\xef\xbc\xa0",
    };

    while (cell.len > 0 && cell.ptr[0] == ' ')
        cell = span_of(cell.ptr + 1, cell.len - 1);
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        size_t len = strlen(starts[i]);

        if (cell.len >= len && memcmp(cell.ptr, starts[i], len) == 0)
            return true;
    }
    return false;
}

/* RFC 4180, section 2: what holds a comma or a quote stands in quotes, and
 * a quote in it twice. A cell's line ends are escaped before. */
static void write_cell(struct out *out, struct span cell, bool guarded)
{
    bool quoted = cell.len > 0 && (memchr(cell.ptr, ',', cell.len) ||
                                   memchr(cell.ptr, '"', cell.len));

    if (quoted)
        out_str(out, "\"");
    if (guarded) /* which tells them that it is text */
        out_str(out, "'");
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.ptr[i] == '"')
            out_str(out, "\"");
        out_write(out, span_of(cell.ptr + i, 1));
    }
    if (quoted)
        out_str(out, "\"");
}

static void write_column(struct row *row, const struct column *column)
{
    bool cut;

    buf_clear(&row->cell);
    if (column->fill)
        column->fill(row);
    else
        facet_cell(row, column->facet);
    cut = cut_cell(&row->cell);
    if (cut || (!column->fill && row->ip->facet[column->facet].left_out))
        note_cut(row, column);
    if (row->cell.failed || row->cut.failed)
        out_fail_memory(row->out);
    /* A number of ours may be below zero, and runs nothing. */
    write_cell(row->out, buf_span(&row->cell),
               column->fill != points && needs_guard(buf_span(&row->cell)));
}

void report_csv(const struct report *report, struct out *out)
{
    const struct alert_list *alerts = &report->alerts;
    struct row row = {
        .out = out, .report = report, .cell = BUF_INIT, .cut = BUF_INIT};

    for (size_t i = 0; i < COLUMN_COUNT; i++)
        out_printf(out, "%s%s", i ? "," : "", column_name(&columns[i]));
    out_str(out, "\r\n");
    for (size_t i = 0; i < alerts->count; i++) {
        row.alert = &alerts->items[i];
        for (size_t ip = 0; ip < row.alert->ip_count; ip++) {
            row.ip = &row.alert->ips[ip];
            buf_clear(&row.cut);
            for (size_t c = 0; c < COLUMN_COUNT; c++) {
                out_str(out, c ? "," : "");
                write_column(&row, &columns[c]);
            }
            out_str(out, "\r\n");
        }
    }
    buf_release(&row.cell);
    buf_release(&row.cut);
}
