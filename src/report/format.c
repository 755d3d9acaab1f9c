/* The table of formats: a new format is one line here and one file. */
#include "report/format.h"

const struct format formats[] = {
    {"text", ".txt", "for a person", report_text},
    {"jsonl", ".jsonl", "one alert a line", report_jsonl},
    {"json", ".json", "one document, alerts and summary", report_json},
    {"csv", ".csv", "one row an address of an alert, for spreadsheets",
     report_csv},
    {"ocsf", NULL, "OCSF 1.6.0 Detection Findings, one a line", report_ocsf},
    {"ecs", NULL, "Elastic Common Schema alerts, one a line", report_ecs},
    {"timesketch", NULL, "moments for a Timesketch timeline, one a line",
     report_timesketch},
    {"asff", NULL, "AWS Security Hub findings, one call a line", report_asff},
    {"html", ".html", "a page to hand on", report_html},
    {"none", NULL, "nothing", report_none},
    {NULL, NULL, NULL, NULL},
};

const struct format *format_by_name(struct span name)
{
    for (const struct format *f = formats; f->name; f++)
        if (span_eq(span_str(f->name), name))
            return f;
    return NULL;
}

const struct format *format_by_ending(const char *path)
{
    size_t len = strlen(path);

    for (const struct format *f = formats; f->name; f++) {
        size_t ending = f->ending ? strlen(f->ending) : 0;

        if (ending && len > ending &&
            strcmp(path + len - ending, f->ending) == 0)
            return f;
    }
    return NULL;
}

void report_none(const struct report *report, struct out *out)
{
    (void)report;
    (void)out;
}
