/*
 * offbox.h - find EC2 instance credentials that are used off the box.
 *
 * Configure, scan, read the report:
 *
 *     offbox_config *config = offbox_config_new();
 *     offbox_report *report = NULL;
 *     char error[OFFBOX_ERROR_BYTES];
 *
 *     if (!config || offbox_config_add_path(config, "AWSLogs") < 0)
 *         ...
 *     if (offbox_scan(config, &report, error) < 0)
 *         ... error says why ...
 *     for (size_t i = 0; i < offbox_report_alert_count(report); i++)
 *         puts(offbox_report_alert(report, i)->instance_id);
 *     offbox_report_free(report);
 *     offbox_config_free(config);
 *
 * The library gives the rule's alerts. What an operator tells a run (policy,
 * history, time frame, who owns an address) and the evidence are the
 * program's: they come with files, options and words of their own, and a
 * caller of the program reads them in its JSON.
 *
 * The library prints nothing, installs no signal handler and keeps no
 * global state but cJSON's allocator and a random key for its tables. A
 * config and a report belong to one thread at a time; several scans may
 * run in several threads once one of them has returned. Every string is
 * UTF-8 (bytes of the input that are not have become U+FFFD) and ends
 * with a NUL. Link with -loffbox -lcjson -lz, or use offbox.pc or the
 * CMake package `offbox`.
 */
#ifndef OFFBOX_OFFBOX_H
#define OFFBOX_OFFBOX_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Room for any message that this library writes, with its NUL. */
#define OFFBOX_ERROR_BYTES 512

typedef struct offbox_config offbox_config;
typedef struct offbox_report offbox_report;

/* A config with the rule's own settings; NULL when memory is out. */
offbox_config *offbox_config_new(void);
void offbox_config_free(offbox_config *config);

/* Add a file, a folder (walked whole) or "-" (standard input). The string
 * is copied. 0, or -1 when memory is out. */
int offbox_config_add_path(offbox_config *config, const char *path);

/* How many addresses make an alert: 2 by default, at least 1 (0 is taken
 * as 1). */
void offbox_config_set_min_ips(offbox_config *config, uint64_t min_ips);

/* Count public IPv6 addresses, which the rule does not (0 or 1). */
void offbox_config_set_ipv6(offbox_config *config, int count_ipv6);

/* Count an event that was delivered twice twice (0 or 1). */
void offbox_config_set_keep_duplicates(offbox_config *config, int keep);

/* What one gzip file may unpack to, in bytes: 4 GiB by default (0 is taken
 * as that). A file that goes over it is damaged; plain files have no
 * limit. */
void offbox_config_set_max_inflate(offbox_config *config, uint64_t max_bytes);

/*
 * Read everything and apply the rule. 0 and a report, which the caller
 * frees; -1 and the reason in `error` (OFFBOX_ERROR_BYTES; may be NULL) if
 * a path does not exist or memory is out, and then `*report` is NULL.
 *
 * Files that are damaged or cannot be read are no failure: what could be
 * read counts, and offbox_report_is_incomplete() says so.
 */
int offbox_scan(const offbox_config *config, offbox_report **report,
                char *error);
void offbox_report_free(offbox_report *report);

/* Was something not read that should have been? 0 or 1. */
int offbox_report_is_incomplete(const offbox_report *report);

/* One alert; its strings live as long as the report. */
struct offbox_alert {
    const char *instance_id;
    const char *source_ip_address; /* the least active address */
    const char *time_generated;    /* of its first event,
                                    * 2022-02-22T10:11:12.0000000Z; NULL if
                                    * that has no readable time */
    uint64_t event_count;          /* events from that address */
    size_t ip_count;               /* addresses of the instance */
    const char *json;              /* the whole alert as one JSON object,
                                    * see docs/output.md */
};

size_t offbox_report_alert_count(const offbox_report *report);

/* Alert `at` (below the count), by InstanceId; NULL beyond the last. */
const struct offbox_alert *offbox_report_alert(const offbox_report *report,
                                               size_t at);

/* What was read and what was not, as the JSON object that the program's
 * --summary writes. Lives as long as the report. */
const char *offbox_report_summary_json(const offbox_report *report);

/* The library's version, "0.1.0". */
const char *offbox_version(void);

#ifdef __cplusplus
}
#endif

#endif
