/*
 * The library's public face over scan.h: copies in, NUL-terminated copies
 * out, so that no inner type reaches the user.
 */
#include "offbox/offbox.h"

#include "base/sys.h"
#include "input/delimit.h"
#include "report/alert_json.h"
#include "report/summary.h"
#include "scan.h"

struct offbox_config {
    struct scan_options options;
    struct span *paths;
    size_t path_count, path_capacity;
    struct arena arena; /* the paths' copies */
};

struct offbox_report {
    struct report inner;
    struct offbox_alert *alerts;
    size_t alert_count;
    const char *summary_json;
    struct arena arena; /* every string that is given out */
};

offbox_config *offbox_config_new(void)
{
    struct offbox_config *config = sys_calloc(1, sizeof(*config));

    if (config)
        config->options = SCAN_OPTIONS_DEFAULT;
    return config;
}

void offbox_config_free(offbox_config *config)
{
    if (!config)
        return;
    sys_free(config->paths);
    arena_release(&config->arena);
    sys_free(config);
}

int offbox_config_add_path(offbox_config *config, const char *path)
{
    struct span copy = arena_copy(&config->arena, span_str(path));
    struct span *moved = sys_grow(config->paths, &config->path_capacity,
                                  config->path_count + 1, sizeof(*moved));

    if (moved)
        config->paths = moved;
    if (!moved || !span_present(copy))
        return -1;
    config->paths[config->path_count++] = copy;
    return 0;
}

void offbox_config_set_min_ips(offbox_config *config, uint64_t min_ips)
{
    config->options.rule.min_ips = min_ips ? min_ips : 1;
}

void offbox_config_set_ipv6(offbox_config *config, int count_ipv6)
{
    config->options.filter.ipv6 = count_ipv6 != 0;
}

void offbox_config_set_keep_duplicates(offbox_config *config, int keep)
{
    config->options.keep_duplicates = keep != 0;
}

void offbox_config_set_max_inflate(offbox_config *config, uint64_t max_bytes)
{
    config->options.max_inflate_bytes =
        max_bytes ? max_bytes : INFLATE_MAX_BYTES;
}

/* `text` with a NUL, owned by the report; NULL when memory is out. */
static const char *keep_string(struct offbox_report *report, struct span text)
{
    char *copy = arena_alloc(&report->arena, text.len + 1);

    if (!copy)
        return NULL;
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return copy;
}

/* What `write` prints, as a string of the report. */
static const char *keep_json(struct offbox_report *report,
                             const struct alert *alert)
{
    struct json_writer json;
    const char *kept = NULL;
    struct out out;

    out_init(&out, -1);
    json_init(&json, &out, false);
    if (alert)
        alert_json(&json, &report->inner, alert);
    else
        summary_json(&json, &report->inner);
    if (out_flush(&out, NULL) == 0)
        kept = keep_string(report, buf_span(&out.pending));
    out_release(&out);
    return kept;
}

static int keep_alert(struct offbox_report *report, const struct alert *from,
                      struct offbox_alert *to)
{
    const struct alert_ip *suspect = &from->ips[from->suspect];
    char address[IP_TEXT_BYTES];
    char time[TIMESTAMP_TEXT_BYTES];

    to->instance_id = keep_string(report, from->instance_id);
    to->source_ip_address =
        keep_string(report, span_str(ip_format(suspect->address, address)));
    to->event_count = suspect->count;
    to->ip_count = from->ip_count;
    to->json = keep_json(report, from);
    if (!to->instance_id || !to->source_ip_address || !to->json)
        return -1;
    if (from->time == TIMESTAMP_UNKNOWN)
        return 0;
    timestamp_format(from->time, time);
    to->time_generated = keep_string(report, span_str(time));
    return to->time_generated ? 0 : -1;
}

static int keep_results(struct offbox_report *report, struct err *err)
{
    const struct alert_list *alerts = &report->inner.alerts;

    report->alerts = sys_calloc(alerts->count, sizeof(*report->alerts));
    if (!report->alerts)
        return err_memory(err);
    for (size_t i = 0; i < alerts->count; i++)
        if (keep_alert(report, &alerts->items[i], &report->alerts[i]) < 0)
            return err_memory(err);
    report->alert_count = alerts->count;
    report->summary_json = keep_json(report, NULL);
    return report->summary_json ? 0 : err_memory(err);
}

int offbox_scan(const offbox_config *config, offbox_report **report,
                char *error)
{
    struct offbox_report *made = sys_calloc(1, sizeof(*made));
    struct walk walk = WALK_INIT;
    struct err err = ERR_NONE;
    int ret = -1;

    *report = NULL;
    (void)delimit_choose(NULL); /* the fastest there is: always one */
    if (!made) {
        (void)err_memory(&err);
        goto done;
    }
    for (size_t i = 0; i < config->path_count; i++)
        if (walk_add(&walk, config->paths[i], false, &err) < 0)
            goto done;
    walk_finish(&walk);
    if (scan_run(&config->options, &walk, &made->inner, &err) < 0 ||
        keep_results(made, &err) < 0)
        goto done;
    *report = made;
    ret = 0;
done:
    walk_release(&walk);
    if (ret < 0) {
        offbox_report_free(made);
        if (error)
            memcpy(error, err.text, OFFBOX_ERROR_BYTES);
    }
    return ret;
}

void offbox_report_free(offbox_report *report)
{
    if (!report)
        return;
    report_release(&report->inner);
    arena_release(&report->arena);
    sys_free(report->alerts);
    sys_free(report);
}

int offbox_report_is_incomplete(const offbox_report *report)
{
    return report_is_incomplete(&report->inner);
}

size_t offbox_report_alert_count(const offbox_report *report)
{
    return report->alert_count;
}

const struct offbox_alert *offbox_report_alert(const offbox_report *report,
                                               size_t at)
{
    return at < report->alert_count ? &report->alerts[at] : NULL;
}

const char *offbox_report_summary_json(const offbox_report *report)
{
    return report->summary_json;
}

const char *offbox_version(void)
{
    return OFFBOX_VERSION;
}

_Static_assert(OFFBOX_ERROR_BYTES == ERR_MAX_BYTES,
               "a message of the library fits what its user was told");
