/*
 * verdict.h - what the evidence says of an alert, as a member of its JSON
 * form and as lines for a person.
 */
#ifndef OFFBOX_REPORT_VERDICT_H
#define OFFBOX_REPORT_VERDICT_H

#include "base/json_writer.h"
#include "base/out.h"
#include "detect/alert.h"

/* The member `Verdict` (evidence.md); nothing without a verdict. */
void verdict_json(struct json_writer *json, const struct alert *alert);

/* Severity, points and suspect, then a line a reason; nothing without a
 * verdict. `label` prints the name of a line in the alert's own manner. */
void verdict_text(struct out *out, const struct alert *alert,
                  void (*label)(struct out *out, const char *name));

#endif
