/*
 * words.h - what the reports for people say in the same words: text,
 * summary and html.
 *
 * Everything that is written here is made of the program's own words,
 * numbers, times and addresses, never of a record's text, and holds no
 * character that HTML gives a meaning: it needs no escaping anywhere.
 */
#ifndef OFFBOX_REPORT_WORDS_H
#define OFFBOX_REPORT_WORDS_H

#include "base/out.h"
#include "report/report.h"

/* "1 file", "2 files", "2 addresses" */
void words_count(struct out *out, uint64_t count, const char *noun);

/* "512 B", "8.8 KB": powers of a thousand. */
void words_bytes(struct out *out, uint64_t bytes);

/* A counter's name, whose blanks are written as underscores. */
void words_name(struct out *out, const char *name);

/* "2022-02-22T10:11:12Z", or "time unknown". */
void words_time(struct out *out, timestamp time);

/* How many alerts, of how many: "1 alert among 2 instances seen, 1 muted". */
void words_verdict(struct out *out, const struct report *report);

/* "coverage is complete", or "coverage is incomplete: 1 damaged file". */
void words_coverage(struct out *out, const struct report *report);

/* "1 damaged file, 2 archives": what was not read; nothing if all was. */
void words_not_read(struct out *out, const struct ledger *ledger);

/* What the suspect is called: the rule's is "least active". Static. */
const char *words_suspect(const struct alert *alert);

/* Of an alert with addresses: what decided that the suspect is the least
 * active one. "with the fewest events (1)" */
void words_why_suspect(struct out *out, const struct alert *alert);

/*
 * Of an alert's many addresses those to show, at most `max` (at least 1):
 * the suspect, what ties with it, then the others in order. Puts positions
 * in `ips`, in their order, into `picked`; returns how many.
 */
size_t words_pick_addresses(const struct alert *alert, size_t *picked,
                            size_t max);

#endif
