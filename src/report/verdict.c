/* A verdict, for programs and for people. */
#include "report/verdict.h"

#include "report/owner_report.h"

static void remarks_json(struct json_writer *json, const char *name,
                         const char *subject, const char *why,
                         const struct alert_remark *remarks, size_t count)
{
    json_member_array(json, name);
    for (size_t i = 0; i < count; i++) {
        json_object(json);
        json_member_string(json, subject, remarks[i].subject);
        json_member_string(json, why, remarks[i].why);
        json_object_end(json);
    }
    json_array_end(json);
}

void verdict_json(struct json_writer *json, const struct alert *alert)
{
    const struct alert_verdict *verdict = alert->verdict;

    if (!verdict)
        return;
    json_member_object(json, "Verdict");
    json_member_string(json, "Kind",
                       verdict->is_case ? SPAN("case") : SPAN("rule"));
    json_member_string(json, "Severity",
                       span_str(severity_name(verdict->severity)));
    json_member_int(json, "Points", verdict->points);
    json_member_string(json, "Suspect", verdict->suspect);
    if (owner_is_known(&alert->suspect_owner)) {
        json_member_object(json, "SuspectOwner");
        owner_json(json, &alert->suspect_owner);
        json_object_end(json);
    }
    json_member_array(json, "Reasons");
    for (size_t i = 0; i < verdict->reason_count; i++) {
        json_object(json);
        json_member_string(json, "Id", verdict->reasons[i].id);
        json_member_int(json, "Points", verdict->reasons[i].points);
        json_member_string(json, "Text", verdict->reasons[i].text);
        json_object_end(json);
    }
    json_array_end(json);
    remarks_json(json, "NotJudged", "Id", "Text", verdict->not_judged,
                 verdict->not_judged_count);
    remarks_json(json, "ExpectedLocations", "Location", "Why",
                 verdict->expected, verdict->expected_count);
    json_object_end(json);
}

/* " (AS64496 Example, NL)" */
static void owner_text(struct out *out, const struct owner *owner)
{
    owner_say(out, " (", owner, ")", out_terminal);
}

static void remark_line(struct out *out, const struct alert_remark *remark)
{
    out_terminal(out, remark->subject);
    out_str(out, ": ");
    out_terminal(out, remark->why);
    out_str(out, "\n");
}

/* Points stand in a column of their own, so that they can be added up. */
static void reason_line(struct out *out, const struct alert_reason *reason)
{
    out_printf(out, "    %+3d  ", reason->points);
    out_terminal(out, reason->id);
    out_str(out, ": ");
    out_terminal(out, reason->text);
    out_str(out, "\n");
}

void verdict_text(struct out *out, const struct alert *alert,
                  void (*label)(struct out *out, const char *name))
{
    const struct alert_verdict *verdict = alert->verdict;

    if (!verdict)
        return;
    label(out, "evidence");
    out_printf(out, "%s, %d point%s, suspect ",
               severity_name(verdict->severity), verdict->points,
               verdict->points == 1 || verdict->points == -1 ? "" : "s");
    out_terminal(out, span_present(verdict->suspect) ? verdict->suspect
                                                     : SPAN("none"));
    owner_text(out, &alert->suspect_owner);
    out_str(out, "\n");
    for (size_t i = 0; i < verdict->reason_count; i++)
        reason_line(out, &verdict->reasons[i]);
    for (size_t i = 0; i < verdict->expected_count; i++) {
        label(out, "its own");
        remark_line(out, &verdict->expected[i]);
    }
    for (size_t i = 0; i < verdict->not_judged_count; i++) {
        label(out, "not judged");
        remark_line(out, &verdict->not_judged[i]);
    }
}
