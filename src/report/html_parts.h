/*
 * html_parts.h - the pieces that the HTML report is put together from.
 *
 * Each writes whole elements. Everything that is not the program's own
 * passes through out_html(), and never stands in an attribute.
 */
#ifndef OFFBOX_REPORT_HTML_PARTS_H
#define OFFBOX_REPORT_HTML_PARTS_H

#include "base/out.h"
#include "report/report.h"

/* The style sheet, in pieces, ended by NULL; and the digest of the whole,
 * as a Content-Security-Policy names it. */
extern const char *const html_style[];
extern const char html_style_digest[];

/* An instance: heading, timeline, addresses, first event, next steps.
 * `number` makes its id, `instance-1`. */
void html_alert(struct out *out, const struct report *report,
                const struct alert *alert, size_t number);

/* The events an hour of an alert's addresses, as a lane of bars each. */
void html_timeline(struct out *out, const struct alert *alert);

/* Severity, points, suspect and reasons; nothing without a verdict. */
void html_verdict(struct out *out, const struct alert *alert);

/* What to do about an alert: commands with its own names where those are
 * safe to paste into a shell. */
void html_steps(struct out *out, const struct alert *alert);

/* A record's compacted text with a member a line. Any depth is shown, but
 * not every depth is indented. */
void html_json(struct out *out, struct span json);

#endif
