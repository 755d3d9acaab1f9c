/*
 * `html`: one page that can be handed on. Nothing in it runs, and nothing
 * is fetched: no script, no link but to itself, and a policy that holds a
 * browser to that should an escape ever be missing.
 */
#include "detect/rule.h"
#include "report/format.h"
#include "report/html_parts.h"
#include "report/words.h"

#include <inttypes.h>

/* As on standard error, but a page is longer. */
#define NOTES_SHOWN 50

static void head(struct out *out)
{
    out_str(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                 "<meta charset=\"utf-8\">\n"
                 "<meta http-equiv=\"Content-Security-Policy\" "
                 "content=\"default-src 'none'; style-src '");
    out_str(out, html_style_digest);
    out_str(out, "'; base-uri 'none'; form-action 'none'\">\n"
                 "<meta name=\"referrer\" content=\"no-referrer\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width, "
                 "initial-scale=1\">\n"
                 "<meta name=\"color-scheme\" content=\"light dark\">\n"
                 "<title>offbox: instance credentials used off the box"
                 "</title>\n<style>");
    for (const char *const *piece = html_style; *piece; piece++)
        out_str(out, *piece);
    out_str(out, "</style>\n</head>\n<body>\n");
}

static void verdict(struct out *out, const struct report *report)
{
    bool incomplete = report_is_incomplete(report);

    out_printf(out, "<header class=\"%s\">\n<p class=\"brand\">offbox</p>\n",
               report->alerts.triggered > 0 ? "alarm"
               : incomplete                 ? "doubt"
                                            : "good");
    out_str(out, "<h1>");
    words_verdict(out, report);
    out_printf(out, "</h1>\n<p class=\"coverage%s\">",
               incomplete ? " incomplete" : "");
    words_coverage(out, report);
    out_str(out, "</p>\n<p>");
    if (report->alerts.triggered > 0)
        out_str(out,
                "The credentials of an EC2 instance belong on the instance. "
                "For each alert below, AWS saw them used from several "
                "addresses: either the instance has several ways out, or "
                "somebody copied its credentials. The least active address is "
                "marked, since that is likely the intruder&#39;s.");
    else if (incomplete)
        out_str(out, "Nothing was found in what could be read. What could "
                     "not be read is listed below and may hold more.");
    else
        out_str(out, "No instance&#39;s credentials were seen in use from "
                     "more addresses than they should be.");
    out_str(out, "</p>\n</header>\n");
}

static void card(struct out *out, const char *name, uint64_t count)
{
    out_printf(out, "<div><dt>%s</dt><dd>%" PRIu64 "</dd></div>\n", name,
               count);
}

static void cards(struct out *out, const struct report *report)
{
    const struct outcome_counts *outcomes = &report->outcomes;

    out_str(out, "<dl class=\"cards\">\n");
    card(out, "Alerts", report->alerts.triggered);
    card(out, "Instances seen", report->instances);
    card(out, "Their events", outcome_counts_total(outcomes));
    card(out, "Records read", report->ledger.records_read);
    card(out, "Files read", report->ledger.files[INPUT_READ]);
    out_str(out, "</dl>\n");
    if (outcomes->first_event == TIMESTAMP_UNKNOWN)
        return;
    out_str(out, "<p class=\"period\">Events from ");
    words_time(out, outcomes->first_event);
    out_str(out, " to ");
    words_time(out, outcomes->last_event);
    out_str(out, " (UTC)</p>\n");
}

static void contents_row(struct out *out, const struct alert *alert,
                         size_t number)
{
    char text[IP_TEXT_BYTES] = "";

    if (alert->ip_count > 0)
        (void)ip_format(alert->ips[alert->suspect].address, text);
    out_printf(out, "<tr><th scope=\"row\"><a href=\"#instance-%zu\"><code>",
               number);
    out_html(out, alert->instance_id);
    out_str(out, "</code></a></th><td data-name=\"Account\"><code>");
    out_html(out, alert->first[FACET_ACCOUNT]);
    out_printf(out,
               "</code></td><td data-name=\"Addresses\">%zu</td>"
               "<td data-name=\"Least active\"><code>%s</code></td>"
               "<td data-name=\"Its first event\">",
               alert->ip_count, text);
    if (alert->ip_count > 0)
        words_time(out, alert->time);
    out_str(out, "</td></tr>\n");
}

static void contents(struct out *out, const struct alert_list *alerts)
{
    out_str(out, "<nav>\n<table class=\"contents\">\n<thead><tr><th "
                 "scope=\"col\">Instance</th><th scope=\"col\">Account</th>"
                 "<th scope=\"col\">Addresses</th><th scope=\"col\">Least "
                 "active</th><th scope=\"col\">Its first event</th></tr>"
                 "</thead>\n<tbody>\n");
    for (size_t i = 0; i < alerts->count; i++)
        contents_row(out, &alerts->items[i], i + 1);
    out_str(out, "</tbody>\n</table>\n</nav>\n");
}

static void count_row(struct out *out, const char *name, uint64_t count)
{
    out_str(out, "<tr><th scope=\"row\">");
    words_name(out, name);
    out_printf(out, "</th><td>%" PRIu64 "</td></tr>\n", count);
}

static void count_table(struct out *out, const char *title)
{
    out_printf(out,
               "<table class=\"counts\">\n<thead><tr><th scope=\"col\">%s</th>"
               "<th scope=\"col\">Count</th></tr></thead>\n<tbody>\n",
               title);
}

static void ledger_tables(struct out *out, const struct report *report)
{
    const struct ledger *ledger = &report->ledger;
    const struct outcome_counts *outcomes = &report->outcomes;

    out_str(out, "<div class=\"side\">\n");
    count_table(out, "Files");
    count_row(out, "found", ledger_files_found(ledger));
    for (int i = INPUT_READ; i < INPUT_STATUS_COUNT; i++)
        if (ledger->files[i] > 0 || i < INPUT_FIRST_SKIP)
            count_row(out, input_status_name((enum input_status)i),
                      ledger->files[i]);
    out_str(out, "</tbody>\n</table>\n");
    count_table(out, "Records");
    count_row(out, "read", ledger->records_read);
    count_row(out, "unreadable", ledger->records_unreadable);
    out_str(out, "</tbody>\n</table>\n");
    count_table(out, "Events of instances");
    count_row(out, "all", outcome_counts_total(outcomes));
    for (int i = OUTCOME_COUNT - 1; i >= 0; i--)
        if (outcomes->count[i] > 0 || i == OUTCOME_KEPT)
            count_row(out, outcome_name((enum outcome)i), outcomes->count[i]);
    out_str(out, "</tbody>\n</table>\n</div>\n");
}

static void note(struct out *out, const struct ledger_note *note)
{
    out_str(out, "<li><code>");
    out_html(out, note->path);
    out_str(out, "</code> ");
    if (note->status == INPUT_READ)
        words_count(out, note->records, "unreadable record");
    else
        words_name(out, input_status_name(note->status));
    if (note->status == INPUT_READ || note->status == INPUT_DAMAGED)
        out_printf(out, " at byte %" PRIu64, note->offset);
    out_str(out, ": ");
    out_html(out, note->reason);
    out_str(out, "</li>\n");
}

/* What makes the coverage incomplete, by name. */
static void notes(struct out *out, const struct ledger *ledger)
{
    size_t shown = 0, left_out = 0;

    for (size_t i = 0; i < ledger->note_count; i++) {
        const struct ledger_note *one = &ledger->notes[i];

        if (one->status >= INPUT_FIRST_SKIP && one->status != INPUT_ARCHIVE)
            continue;
        if (shown == NOTES_SHOWN) {
            left_out++;
            continue;
        }
        if (shown++ == 0)
            out_str(out, "<h3>Not read</h3>\n<ul class=\"notes\">\n");
        note(out, one);
    }
    if (left_out > 0)
        out_printf(out, "<li>and %zu more</li>\n", left_out);
    if (shown > 0)
        out_str(out, "</ul>\n");
}

static void coverage(struct out *out, const struct report *report)
{
    uint64_t ipv6 = report->outcomes.count[OUTCOME_IPV6];

    out_str(out, "<section>\n<h2>What was read</h2>\n<p>");
    words_bytes(out, report->ledger.bytes_packed);
    out_str(out, ", ");
    words_bytes(out, report->ledger.bytes_unpacked);
    out_str(out, " unpacked; ");
    words_coverage(out, report);
    out_str(out, ".</p>\n");
    ledger_tables(out, report);
    notes(out, &report->ledger);
    out_str(out, "<h3>What this cannot see</h3>\n<p>The rule compares public "
                 "addresses. It is blind to an intruder behind the "
                 "instance&#39;s own address, at a private address");
    out_str(out, report->ipv6_counted ? "." : ", and on IPv6.");
    if (report->facts) /* --extended */
        out_str(
            out,
            " The evidence sees private addresses and IPv6, and nothing of a "
            "thief behind the same address but agents and calls.");
    if (ipv6 > 0 && !report->ipv6_counted) {
        out_str(out, " Over IPv6 came ");
        words_count(out, ipv6, "event");
        out_str(out, " here; <code>--ipv6</code> counts them.");
    }
    out_str(out, "</p>\n</section>\n");
}

static void foot(struct out *out, const struct report *report)
{
    out_str(out, "<footer>Rule 0xFF-" RULE_ID ", " RULE_NAME " (" RULE_TACTIC
                 ", " RULE_TECHNIQUE "). offbox " OFFBOX_VERSION);
    if (report->now != TIMESTAMP_UNKNOWN) {
        out_str(out, ", ");
        words_time(out, report->now);
    }
    out_str(out, "</footer>\n</body>\n</html>\n");
}

void report_html(const struct report *report, struct out *out)
{
    const struct alert_list *alerts = &report->alerts;

    head(out);
    verdict(out, report);
    out_str(out, "<main>\n");
    cards(out, report);
    if (alerts->count > 1)
        contents(out, alerts);
    for (size_t i = 0; i < alerts->count; i++)
        html_alert(out, report, &alerts->items[i], i + 1);
    coverage(out, report);
    out_str(out, "</main>\n");
    foot(out, report);
}
