/*
 * alert_json.h - one alert as a JSON object: the form that `jsonl` and
 * `json` share. Members and their order: docs/output.md, after rule.md 3.
 */
#ifndef OFFBOX_REPORT_ALERT_JSON_H
#define OFFBOX_REPORT_ALERT_JSON_H

#include "base/json_writer.h"
#include "report/report.h"

void alert_json(struct json_writer *json, const struct report *report,
                const struct alert *alert);

/* One of its `Ips`. */
void alert_ip_json(struct json_writer *json, const struct alert_ip *ip);

/* The names of its members that were cut, as a member. */
void alert_truncated_json(struct json_writer *json, const char *name,
                          const struct alert_ip *ip);

/* Append the policy line that would expect `address` at the instance, or
 * mute an alert on it, by `verb`: `expect instance=i-0a ip=4.4.4.4`. */
void alert_policy_line(struct buf *line, struct span verb,
                       struct span instance_id, struct ip address);

#endif
