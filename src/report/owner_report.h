/*
 * owner_report.h - who owns an address, as the reports tell it.
 */
#ifndef OFFBOX_REPORT_OWNER_REPORT_H
#define OFFBOX_REPORT_OWNER_REPORT_H

#include "base/json_writer.h"
#include "base/out.h"
#include "detect/owner.h"

/* Members `InAws`, `AwsServices`, `AwsRegion`, `Asn`, `Organization`,
 * `Country`; each only if it is known. */
void owner_json(struct json_writer *json, const struct owner *owner);

/* Append "AWS EC2 (eu-west-1); AS64496 Example, NL"; nothing if nothing is
 * known. Texts stand as they are: the caller escapes. */
void owner_words(struct buf *text, const struct owner *owner);

/* Print these words as `say` escapes them, between two texts that stand as
 * they are; nothing at all if nothing is known. */
void owner_say(struct out *out, const char *before, const struct owner *owner,
               const char *after,
               void (*say)(struct out *out, struct span text));

/* The first three of them in small letters: `in_aws`. */
void owner_aws_json(struct json_writer *json, const struct owner *owner);

#endif
