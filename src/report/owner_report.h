/*
 * owner_report.h - who owns an address, as the reports tell it.
 */
#ifndef OFFBOX_REPORT_OWNER_REPORT_H
#define OFFBOX_REPORT_OWNER_REPORT_H

#include "base/json_writer.h"
#include "detect/owner.h"

/* Members `InAws`, `AwsServices`, `AwsRegion`, `Asn`, `Organization`,
 * `Country`; each only if it is known. */
void owner_json(struct json_writer *json, const struct owner *owner);

/* Append "AWS EC2 (eu-west-1); AS64496 Example, NL"; nothing if nothing is
 * known. Texts stand as they are: the caller escapes. */
void owner_words(struct buf *text, const struct owner *owner);

/* The first three of them in small letters: `in_aws`. */
void owner_aws_json(struct json_writer *json, const struct owner *owner);

#endif
