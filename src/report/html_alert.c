/* One instance: what was seen, from where, and what to do. */
#include "report/alert_json.h"
#include "report/html_parts.h"
#include "report/owner_report.h"
#include "report/words.h"

#include <inttypes.h>

/* What a page can show; -f json holds all. */
#define ADDRESSES_SHOWN 50
#define VALUES_SHOWN    12
#define DROPS_SHOWN     50

static void fact(struct out *out, const char *name, struct span text)
{
    if (!span_present(text))
        return;
    out_printf(out, "<dt>%s</dt><dd><code>", name);
    out_html(out, text);
    out_str(out, "</code></dd>\n");
}

static void facts(struct out *out, const struct alert *alert)
{
    out_str(out, "<dl class=\"facts\">\n");
    fact(out, "Account", alert->first[FACET_ACCOUNT]);
    fact(out, "Role", alert->first[FACET_ROLE]);
    if (alert->ip_count > 0) {
        out_str(out, "<dt>First event</dt><dd>");
        words_time(out, alert->time);
        out_str(out, "</dd>\n");
        fact(out, "Call", alert->first[FACET_EVENT_NAME]);
        fact(out, "Service", alert->first[FACET_EVENT_SOURCE]);
        fact(out, "Region", alert->first[FACET_REGION]);
        fact(out, "Failed with", alert->first[FACET_ERROR_CODE]);
        fact(out, "Access key", alert->first[FACET_ACCESS_KEY_ID]);
        fact(out, "User agent", alert->first[FACET_USER_AGENT]);
    }
    out_str(out, "</dl>\n");
}

/* A facet's values, with counts where there are several events. */
static void values(struct out *out, const char *name,
                   const struct alert_values *values)
{
    size_t shown = values->count < VALUES_SHOWN ? values->count : VALUES_SHOWN;
    size_t left_out = values->count - shown + values->left_out;

    if (values->count == 0)
        return;
    out_printf(out, "<dt>%s</dt><dd>", name);
    for (size_t i = 0; i < shown; i++) {
        out_str(out, i ? ", <span><code>" : "<span><code>");
        out_html(out, values->items[i].text);
        out_printf(out, "</code>&nbsp;&times;%" PRIu64 "</span>",
                   values->items[i].count);
    }
    if (left_out > 0)
        out_printf(out, " and %zu more", left_out);
    out_str(out, "</dd>\n");
}

static void owner(struct out *out, const struct owner *owner)
{
    owner_say(out, "<dt>Owner</dt><dd>", owner, "</dd>\n", out_html);
}

static void evidence(struct out *out, const struct alert_ip *ip)
{
    static const struct {
        enum facet facet;
        const char *name;
    } parts[] = {
        {FACET_EVENT_NAME, "Calls"},
        {FACET_ERROR_CODE, "Failures"},
        {FACET_ACCESS_KEY_ID, "Access keys"},
        {FACET_USER_AGENT, "User agents"},
        {FACET_EVENT_SOURCE, "Services"},
        {FACET_REGION, "Regions"},
        {FACET_EC2_ROLE_DELIVERY, "Metadata service"},
        {FACET_VPC_ENDPOINT_ID, "VPC endpoints"},
        {FACET_ACCOUNT, "Accounts"},
        {FACET_ROLE, "Roles"},
    };

    out_str(out, "<dl class=\"evidence\">\n");
    owner(out, &ip->owner);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        values(out, parts[i].name, &ip->facet[parts[i].facet]);
    out_str(out, "</dl>");
}

static void badge(struct out *out, const char *look, const char *word)
{
    out_printf(out, " <span class=\"badge %s\">%s</span>", look, word);
}

static void address_row(struct out *out, const struct alert *alert, size_t at,
                        bool tied)
{
    const struct alert_ip *ip = &alert->ips[at];
    bool suspect = at == alert->suspect && !ip->expected;
    char text[IP_TEXT_BYTES];

    out_printf(out, "<tbody%s>\n<tr><th scope=\"rowgroup\"><code>%s</code>",
               suspect ? " class=\"suspect\"" : "",
               ip_format(ip->address, text));
    if (suspect)
        badge(out, "alarm", words_suspect(alert));
    if (tied)
        badge(out, "doubt", "ties with it");
    if (ip->expected)
        badge(out, "good", "expected");
    out_printf(out, "</th><td data-name=\"Events\">%" PRIu64, ip->count);
    out_str(out, "</td><td data-name=\"First seen\">");
    words_time(out, ip->first_seen);
    out_str(out, "</td><td data-name=\"Last seen\">");
    words_time(out, ip->last_seen);
    out_str(out, "</td></tr>\n<tr class=\"more\"><td colspan=\"4\">");
    evidence(out, ip);
    out_str(out, "</td></tr>\n</tbody>\n");
}

static bool is_tied(const struct alert *alert, size_t at)
{
    for (size_t i = 0; i < alert->tied_count && i < ADDRESSES_SHOWN; i++)
        if (alert->tied[i] == at)
            return true;
    return false;
}

static void address_table(struct out *out, const struct alert *alert)
{
    size_t picked[ADDRESSES_SHOWN];
    size_t count = words_pick_addresses(alert, picked, ADDRESSES_SHOWN);

    out_str(out, "<h3>Addresses</h3>\n<table class=\"addresses\">\n<thead><tr>"
                 "<th scope=\"col\">Address</th><th scope=\"col\">Events</th>"
                 "<th scope=\"col\">First seen</th><th scope=\"col\">Last "
                 "seen</th></tr></thead>\n");
    for (size_t i = 0; i < count; i++)
        address_row(out, alert, picked[i], is_tied(alert, picked[i]));
    out_str(out, "</table>\n");
    if (count < alert->ip_count) {
        out_str(out, "<p class=\"note\">");
        words_count(out, alert->ip_count - count, "more address");
        out_str(out, " left out; <code>-f json</code> lists them.</p>\n");
    }
}

static void first_event(struct out *out, const struct alert *alert)
{
    char text[IP_TEXT_BYTES];

    if (!span_present(alert->record))
        return;
    out_printf(out,
               "<h3>First event from <code>%s</code></h3>\n"
               "<pre class=\"record\">",
               ip_format(alert->ips[alert->suspect].address, text));
    if (alert->record_is_json)
        html_json(out, alert->record);
    else
        out_html(out, alert->record);
    out_str(out, "</pre>\n");
}

static void policy_line(struct out *out, struct span verb,
                        const struct alert *alert)
{
    struct buf line = BUF_INIT;

    alert_policy_line(&line, verb, alert->instance_id,
                      alert->ips[alert->suspect].address);
    if (line.failed)
        out_fail_memory(out);
    out_str(out, "<pre>");
    out_html(out, buf_span(&line));
    out_str(out, "</pre>\n");
    buf_release(&line);
}

static void policy_lines(struct out *out, const struct alert *alert)
{
    out_str(out, "<h3>If the address is yours</h3>\n<p>This line in a file "
                 "given with <code>--policy</code> says so, and from then on "
                 "the address counts as the instance&#39;s own:</p>\n");
    policy_line(out, SPAN("expect"), alert);
    if (!alert->triggered || alert->muted)
        return;
    out_str(out, "<p>And this one silences the alert, whatever else comes "
                 "from there:</p>\n");
    policy_line(out, SPAN("mute"), alert);
}

/* Of an instance that was asked for: what became of all its events. */
static void focus(struct out *out, const struct focus *focus, size_t at)
{
    const struct outcome_counts *outcomes = &focus->outcomes[at];
    size_t left_out = 0, shown = 0;

    out_str(out, "<h3>All its events</h3>\n<p>");
    words_count(out, outcome_counts_total(outcomes), "event");
    for (int i = OUTCOME_COUNT - 1; i >= 0; i--)
        if (outcomes->count[i]) {
            out_printf(out, ", %" PRIu64 " ", outcomes->count[i]);
            words_name(out, outcome_name((enum outcome)i));
        }
    out_str(out, ".</p>\n<ul>\n");
    for (size_t i = 0; i < focus->drop_count; i++) {
        const struct focus_drop *drop = &focus->drops[i];
        struct span address = strings_text(&focus->strings, drop->address);

        if (drop->instance != at)
            continue;
        if (shown++ >= DROPS_SHOWN) {
            left_out++;
            continue;
        }
        out_printf(out, "<li>%" PRIu64 " from <code>", drop->count);
        out_html(out, span_present(address) ? address : SPAN("no address"));
        out_str(out, "</code>");
        owner_say(out, " (", &drop->owner, ")", out_html);
        out_str(out, ", dropped: ");
        words_name(out, outcome_name(drop->outcome));
        out_str(out, "</li>\n");
    }
    if (left_out > 0)
        out_printf(out, "<li>and %zu more</li>\n", left_out);
    out_str(out, "</ul>\n");
}

static void heading(struct out *out, const struct alert *alert, size_t number)
{
    out_printf(out, "<article id=\"instance-%zu\">\n<h2><code>", number);
    out_html(out, alert->instance_id);
    out_str(out, "</code>");
    if (alert->triggered)
        badge(out, "alarm", "alert");
    if (alert->muted)
        badge(out, "quiet", "muted");
    if (alert->known)
        badge(out, "quiet", "known from the history");
    out_str(out, "</h2>\n");
}

static void lead(struct out *out, const struct alert *alert, bool seen)
{
    char text[IP_TEXT_BYTES];

    out_str(out, "<p class=\"lead\">");
    if (alert->ip_count == 0) {
        out_str(out, seen ? "Seen, but from no address that counts.</p>\n"
                          : "Not seen: no event of it in any input.</p>\n");
        return;
    }
    out_str(out, "Its credentials were used from ");
    words_count(out, alert->ip_count, "address");
    if (alert_is_case(alert)) {
        out_str(out, ".</p>\n");
        return; /* the evidence says who, and why */
    }
    out_printf(out, ". Least active is <code>%s</code>, ",
               ip_format(alert->ips[alert->suspect].address, text));
    words_why_suspect(out, alert);
    out_str(out, ".</p>\n");
}

void html_alert(struct out *out, const struct report *report,
                const struct alert *alert, size_t number)
{
    size_t at = report_focus_of(report, alert);
    bool seen = alert->ip_count > 0 ||
                (at != SIZE_MAX &&
                 outcome_counts_total(&report->focus.outcomes[at]) > 0);
    bool suspicious =
        alert->ip_count > 0 && !alert->ips[alert->suspect].expected;

    heading(out, alert, number);
    lead(out, alert, seen);
    html_verdict(out, alert);
    if (alert->ip_count > 0) {
        out_str(out, "<h3>Timeline</h3>\n");
        html_timeline(out, alert);
        facts(out, alert);
        address_table(out, alert);
    }
    if (at != SIZE_MAX && seen)
        focus(out, &report->focus, at);
    if (alert->triggered && suspicious)
        html_steps(out, alert);
    if (suspicious)
        policy_lines(out, alert);
    if (alert->ip_count > 0)
        first_event(out, alert);
    out_str(out, "</article>\n");
}
