/*
 * summary.h - the ledger of a run, for people and for programs.
 */
#ifndef OFFBOX_REPORT_SUMMARY_H
#define OFFBOX_REPORT_SUMMARY_H

#include "base/json_writer.h"
#include "report/report.h"

/* The object of cloudtrail.md 4, every name there, a zero written as 0. */
void summary_json(struct json_writer *json, const struct report *report);

/* The document that `--summary FILE` gets. */
void summary_document(const struct report *report, struct out *out);

/* A few lines for a person: what was read, what was not and why, what was
 * dropped, and what to try; with `verbose` also how records were parsed. */
void summary_text(const struct report *report, bool verbose, struct out *out);

/* A warning line for each damaged, unreadable or archive input, and with
 * `verbose` one for each skipped input, too. Without it only the first
 * few are named, and the rest counted. Each begins with `prefix`. */
void summary_warnings(const struct report *report, const char *prefix,
                      bool verbose, struct out *out);

#endif
