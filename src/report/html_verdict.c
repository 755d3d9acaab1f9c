/* What the evidence says, as rows that add up. */
#include "report/html_parts.h"
#include "report/owner_report.h"

#include <stdio.h>

static void row(struct out *out, const char *points, struct span name,
                struct span text)
{
    out_printf(out,
               "<tr><td data-name=\"Points\">%s</td>"
               "<th scope=\"row\">",
               points);
    out_html(out, name);
    out_str(out, "</th><td data-name=\"Why\">");
    out_html(out, text);
    out_str(out, "</td></tr>\n");
}

static void reason_row(struct out *out, const struct alert_reason *reason)
{
    char points[16];

    (void)snprintf(points, sizeof(points), "%+d", reason->points);
    row(out, points, reason->id, reason->text);
}

static void remark_rows(struct out *out, const char *what,
                        const struct alert_remark *remarks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        row(out, what, remarks[i].subject, remarks[i].why);
}

static void owner(struct out *out, const struct owner *owner)
{
    owner_say(out, " (", owner, ")", out_html);
}

void html_verdict(struct out *out, const struct alert *alert)
{
    const struct alert_verdict *verdict = alert->verdict;

    if (!verdict)
        return;
    out_printf(out, "<h3>Evidence</h3>\n<p>Severity %s, %d points; suspect ",
               severity_name(verdict->severity), verdict->points);
    out_str(out, "<code>");
    out_html(out,
             span_present(verdict->suspect) ? verdict->suspect : SPAN("none"));
    out_str(out, "</code>");
    owner(out, &alert->suspect_owner);
    out_str(out, ".</p>\n<table class=\"contents\">\n<thead><tr><th "
                 "scope=\"col\">Points</th><th scope=\"col\">Reason</th><th "
                 "scope=\"col\">Why</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < verdict->reason_count; i++)
        reason_row(out, &verdict->reasons[i]);
    remark_rows(out, "its own", verdict->expected, verdict->expected_count);
    remark_rows(out, "not judged", verdict->not_judged,
                verdict->not_judged_count);
    out_str(out, "</tbody>\n</table>\n");
}
