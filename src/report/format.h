/*
 * format.h - the output formats, one table.
 *
 * Each format is one file with one function. A format prints results only;
 * every text from a record goes through an escaping function.
 */
#ifndef OFFBOX_REPORT_FORMAT_H
#define OFFBOX_REPORT_FORMAT_H

#include "base/out.h"
#include "report/report.h"

struct format {
    const char *name;   /* as on the command line */
    const char *ending; /* of a file's name, with its dot; NULL if none */
    const char *what;   /* for --help */
    /* Write the whole report; errors stick in `out`. */
    void (*write)(const struct report *report, struct out *out);
};

/* All of them, ended by one without a name. */
extern const struct format formats[];

/* NULL if there is none of that name. */
const struct format *format_by_name(struct span name);

/* The format whose ending `path` has; NULL if none. */
const struct format *format_by_ending(const char *path);

void report_text(const struct report *report, struct out *out);
void report_jsonl(const struct report *report, struct out *out);
void report_json(const struct report *report, struct out *out);
void report_csv(const struct report *report, struct out *out);
void report_ocsf(const struct report *report, struct out *out);
void report_ecs(const struct report *report, struct out *out);
void report_timesketch(const struct report *report, struct out *out);
void report_asff(const struct report *report, struct out *out);
void report_html(const struct report *report, struct out *out);
void report_none(const struct report *report, struct out *out);

#endif
