/* `jsonl`, one alert a line, and `json`, one document with the ledger. */
#include "base/json_writer.h"
#include "report/alert_json.h"
#include "report/format.h"
#include "report/summary.h"

void report_jsonl(const struct report *report, struct out *out)
{
    for (size_t i = 0; i < report->alerts.count; i++) {
        struct json_writer json;

        json_init(&json, out, false);
        alert_json(&json, report, &report->alerts.items[i]);
        out_str(out, "\n");
    }
}

void report_json(const struct report *report, struct out *out)
{
    struct json_writer json;

    json_init(&json, out, true);
    json_object(&json);
    json_member_array(&json, "alerts");
    for (size_t i = 0; i < report->alerts.count; i++)
        alert_json(&json, report, &report->alerts.items[i]);
    json_array_end(&json);
    json_key(&json, SPAN("summary"));
    summary_json(&json, report);
    json_object_end(&json);
    out_str(out, "\n");
}
