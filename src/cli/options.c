/*
 * One table describes every option: getopt_long(), --help, the manual and
 * the shells' completions all come from it.
 */
#include "cli/options.h"

#include "base/byte_size.h"
#include "base/duration.h"
#include "base/quote.h"
#include "base/spelling.h"
#include "base/sys.h"
#include "detect/rule.h"
#include "input/inflate.h"
#include "state/history.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

/* Long options without a letter; above every character. */
enum option_id {
    OPT_FILES_FROM = 256,
    OPT_MAX_INFLATE,
    OPT_INSTANCE,
    OPT_MIN_IPS,
    OPT_IPV6,
    OPT_EXTENDED,
    OPT_MIN_SEVERITY,
    OPT_FAIL_ON,
    OPT_CASE,
    OPT_IP_RANGES,
    OPT_MMDB,
    OPT_KEEP_DUPLICATES,
    OPT_HISTORY,
    OPT_HISTORY_TTL,
    OPT_LOCK_WAIT,
    OPT_DEDUP_FIELDS,
    OPT_SUMMARY,
    OPT_COLOR,
    OPT_PROGRESS,
    OPT_TIMEFRAME,
    OPT_SHARD,
    OPT_PARTIAL,
    OPT_NO_IDENTITIES,
    OPT_STATE,
    OPT_POLICY,
    OPT_NOW,
    OPT_SINCE,
    OPT_UNTIL,
};

const struct option_entry option_entries[] = {
    {0, NULL, NULL, "Input"},
    {OPT_FILES_FROM, "files-from", "FILE",
     "more paths, one a line; '-' is standard input"},
    {'0', NULL, NULL, "the paths in FILE end with NUL bytes"},
    {OPT_TIMEFRAME, "timeframe", "DUR",
     "only files delivered within DUR before now"},
    {OPT_STATE, "state", "FILE",
     "with --timeframe: read only what FILE does not hold"},
    {OPT_SHARD, "shard", "K/N", "only the files whose names hash to K of N"},
    {OPT_MAX_INFLATE, "max-inflate", "SIZE",
     "what one gzip file may unpack to (default 4G)"},

    {0, NULL, NULL, "What counts"},
    {OPT_SINCE, "since", "TIME", "only events from TIME on"},
    {OPT_UNTIL, "until", "TIME", "only events before TIME"},
    {OPT_INSTANCE, "instance", "ID",
     "only this instance, alert or not; repeatable"},
    {OPT_MIN_IPS, "min-ips", "N", "addresses that make an alert (default 2)"},
    {OPT_IPV6, "ipv6", NULL, "count public IPv6 addresses, too"},
    {OPT_KEEP_DUPLICATES, "keep-duplicates", NULL,
     "count an event that was delivered twice twice"},
    {OPT_POLICY, "policy", "FILE",
     "what to ignore, expect and mute; repeatable"},

    {0, NULL, NULL, "Evidence"},
    {OPT_EXTENDED, "extended", NULL,
     "judge alerts by all records, find more cases"},
    {OPT_CASE, "case", "DIR", "a folder for each case: its records"},
    {OPT_MIN_SEVERITY, "min-severity", "S", "cases from S up (default medium)"},
    {OPT_FAIL_ON, "fail-on", "S", "only alerts from S up set the exit status"},
    {OPT_IP_RANGES, "ip-ranges", "FILE",
     "AWS's ip-ranges.json: service and region"},
    {OPT_MMDB, "mmdb", "FILE", "ASN and country of an address; repeatable"},

    {0, NULL, NULL, "Alerts once"},
    {OPT_HISTORY, "history", "FILE",
     "give no alert that FILE holds, add those given"},
    {OPT_HISTORY_TTL, "history-ttl", "DUR",
     "hold them so long (default 2d, or --timeframe)"},
    {OPT_LOCK_WAIT, "lock-wait", "DUR",
     "wait for another run with FILE (default 0s)"},
    {OPT_DEDUP_FIELDS, "dedup-fields", "LIST",
     "the fields that make two alerts one"},

    {0, NULL, NULL, "Output"},
    {'f', "format", "NAME", "what standard output gets (default text)"},
    {'o', "output", "[FORMAT:]FILE",
     "write FILE, too; format by its ending; repeatable"},
    {OPT_PARTIAL, "partial", "FILE",
     "what was counted, to be merged; no alerts"},
    {OPT_NO_IDENTITIES, "no-identities", NULL,
     "in it no events, only their counts"},
    {OPT_SUMMARY, "summary", "FILE",
     "write what was read, and what not, as JSON"},
    {OPT_COLOR, "color", "WHEN", "colours: auto (default), always or never"},
    {OPT_PROGRESS, "progress", "WHEN",
     "the progress line: auto, always or never"},
    {'q', "quiet", NULL, "no summary on standard error"},
    {'v', "verbose", NULL, "name every skipped and damaged file"},

    {0, NULL, NULL, "Other"},
    {OPT_NOW, "now", "TIME", "the clock, for repeatable runs"},
    {'j', "threads", "N", "threads (default: the CPUs at hand)"},
    {'h', "help", NULL, "this help"},
    {'V', "version", NULL, "version and what it was built with"},
    {0, NULL, NULL, NULL},
};

#define ENTRY_COUNT (sizeof(option_entries) / sizeof(option_entries[0]) - 1)

/* Options in their short and long form and nothing more, from the table.
 * `letters` holds two characters an entry and the leading ':'. */
static void make_getopt(char *letters, struct option *longs)
{
    *letters++ = ':'; /* tell a missing argument from a wrong option */
    for (size_t i = 0; i < ENTRY_COUNT; i++) {
        const struct option_entry *entry = &option_entries[i];

        if (entry->id > 0 && entry->id < 256) {
            *letters++ = (char)entry->id;
            if (entry->argument)
                *letters++ = ':';
        }
        if (entry->name)
            *longs++ = (struct option){
                entry->name, entry->argument ? required_argument : no_argument,
                NULL, entry->id};
    }
    *letters = '\0';
    *longs = (struct option){NULL, 0, NULL, 0};
}

static int add_span(struct span **items, size_t *count, size_t *capacity,
                    const char *text, struct err *err)
{
    struct span *moved =
        sys_grow(*items, capacity, *count + 1, sizeof(**items));

    if (!moved)
        return err_memory(err);
    *items = moved;
    (*items)[(*count)++] = span_str(text);
    return 0;
}

static int add_path(const char ***paths, size_t *count, size_t *capacity,
                    const char *path, struct err *err)
{
    const char **moved = sys_grow(*paths, capacity, *count + 1, sizeof(*moved));

    if (!moved)
        return err_memory(err);
    *paths = moved;
    (*paths)[(*count)++] = path;
    return 0;
}

/* The same instance given twice is one. */
static int add_instance(struct config *config, const char *id, struct err *err)
{
    for (size_t i = 0; i < config->instance_count; i++)
        if (span_eq(config->instances[i], span_str(id)))
            return 0;
    return add_span(&config->instances, &config->instance_count,
                    &config->instance_capacity, id, err);
}

/* Decimal digits alone, `min` to `max`. */
static int parse_number(const char *text, const char *option, uint64_t min,
                        uint64_t max, uint64_t *number, struct err *err)
{
    struct quoted quoted;
    char *end = NULL;
    unsigned long long parsed = 0;
    bool digits = text[0] >= '0' && text[0] <= '9';

    errno = 0;
    if (digits)
        parsed = strtoull(text, &end, 10);
    if (!digits || *end || errno || parsed < min || parsed > max) {
        err_set(err, "--%s wants a number from %llu to %llu, not '%s'", option,
                (unsigned long long)min, (unsigned long long)max,
                quote(&quoted, span_str(text)));
        return -1;
    }
    *number = parsed;
    return 0;
}

static int parse_duration(const char *text, const char *option, int64_t *ticks,
                          struct err *err)
{
    struct quoted quoted;

    if (duration_parse(span_str(text), ticks))
        return 0;
    err_set(err,
            "--%s wants a number and one of s m h d w, such as 36h, not '%s'",
            option, quote(&quoted, span_str(text)));
    return -1;
}

/* The calendar's first moment is long enough ago. */
static timestamp time_ago(timestamp now, int64_t ticks)
{
    timestamp time = now - ticks;

    return time > TIMESTAMP_FIRST ? time : TIMESTAMP_FIRST;
}

/* RFC 3339, a day, or a length of time before the run's clock. */
static int parse_time(const char *text, const char *option, timestamp now,
                      timestamp *time, struct err *err)
{
    struct span span = span_str(text);
    struct quoted quoted;
    int64_t ago;

    *time = timestamp_parse(span);
    if (*time == TIMESTAMP_UNKNOWN)
        *time = timestamp_parse_day(span);
    if (*time == TIMESTAMP_UNKNOWN && duration_parse(span, &ago))
        *time = time_ago(now, ago);
    if (*time != TIMESTAMP_UNKNOWN)
        return 0;
    err_set(err,
            "--%s wants a time such as 2022-02-22T10:11:12Z, 2022-02-22 or 36h "
            "(ago), not '%s'",
            option, quote(&quoted, span));
    return -1;
}

/* Times wait until all options are known, since `--now` may come last. */
static int resolve_times(struct config *config, struct err *err)
{
    config->now = timestamp_now();
    if (config->now == TIMESTAMP_UNKNOWN) {
        err_set(err, "the system's clock gives no time");
        return -1;
    }
    config->since = INT64_MIN;
    config->until = TIMESTAMP_UNKNOWN;
    if (config->now_text &&
        parse_time(config->now_text, "now", config->now, &config->now, err) < 0)
        return -1;
    if (config->since_text && parse_time(config->since_text, "since",
                                         config->now, &config->since, err) < 0)
        return -1;
    if (config->until_text && parse_time(config->until_text, "until",
                                         config->now, &config->until, err) < 0)
        return -1;
    config->timeframe.from = time_ago(config->now, config->timeframe_length);
    config->timeframe.to = config->now_text ? config->now : TIMESTAMP_UNKNOWN;
    /* An alert is not forgotten while its files are still looked at. */
    if (!config->history_ttl_given)
        config->history_ttl = config->timeframe_length > HISTORY_TTL
                                  ? config->timeframe_length
                                  : HISTORY_TTL;
    if (config->since < config->until)
        return 0;
    err_set(err, "--since is not before --until: no event can lie between");
    return -1;
}

static int parse_size(const char *text, const char *option, uint64_t *bytes,
                      struct err *err)
{
    struct quoted quoted;

    if (byte_size_parse(span_str(text), bytes) == 0 && *bytes > 0)
        return 0;
    err_set(err,
            "--%s wants a size such as 500M, 4G or a number of bytes, "
            "not '%s'",
            option, quote(&quoted, span_str(text)));
    return -1;
}

static int parse_shard(const char *text, struct shard *shard, struct err *err)
{
    struct quoted quoted;

    if (shard_parse(span_str(text), shard))
        return 0;
    err_set(err, "--shard wants K/N with K from 1 to N, such as 3/8, not '%s'",
            quote(&quoted, span_str(text)));
    return -1;
}

static int parse_when(const char *text, const char *option, enum when *when,
                      struct err *err)
{
    static const char *const names[] = {"auto", "always", "never"};
    struct quoted quoted;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(text, names[i]) == 0) {
            *when = (enum when)i;
            return 0;
        }
    err_set(err, "--%s wants auto, always or never, not '%s'", option,
            quote(&quoted, span_str(text)));
    return -1;
}

static int parse_format(struct span name, const struct format **format,
                        struct err *err)
{
    struct spelling spelling = SPELLING_OF(name);
    struct quoted quoted;

    *format = format_by_name(name);
    if (*format)
        return 0;
    for (const struct format *f = formats; f->name; f++)
        spelling_try(&spelling, f->name);
    if (spelling.nearest)
        err_set(err, "there is no format '%s'; did you mean '%s'?",
                quote(&quoted, name), spelling.nearest);
    else
        err_set(err, "there is no format '%s'; --help lists them",
                quote(&quoted, name));
    return -1;
}

/* Neither a format nor a known ending; a wrong format is answered with the
 * nearest. */
static int refuse_output(const char *argument, struct err *err)
{
    size_t name = strcspn(argument, ":");
    struct spelling spelling = SPELLING_OF(span_of(argument, name));
    struct quoted quoted;

    if (argument[name])
        for (const struct format *f = formats; f->name; f++)
            spelling_try(&spelling, f->name);
    (void)quote(&quoted, span_str(argument));
    if (spelling.nearest && spelling.distance > 0)
        err_set(err,
                "--output cannot tell the format of '%s'; did you mean "
                "'%s:'?",
                quoted.text, spelling.nearest);
    else
        err_set(err,
                "--output cannot tell the format of '%s': use FORMAT:FILE or "
                "an ending such as .jsonl",
                quoted.text);
    return -1;
}

static int parse_severity(const char *text, const char *option,
                          enum severity *severity, struct err *err)
{
    struct quoted quoted;

    if (severity_parse(span_str(text), severity))
        return 0;
    err_set(err,
            "--%s wants one of informational, low, medium, high, critical, "
            "not '%s'",
            option, quote(&quoted, span_str(text)));
    return -1;
}

/* Without evidence there is no severity to compare with. */
static int refuse_severities(const struct config *config, struct err *err)
{
    const char *option = config->min_severity_given ? "min-severity"
                         : config->fail_on_given    ? "fail-on"
                         : config->case_path        ? "case"
                                                    : NULL;

    if (config->extended || !option)
        return 0;
    err_set(err, "--%s needs --extended, which judges severities", option);
    return -1;
}

/* `[FORMAT:]FILE`. A colon whose left side is no format's name belongs to
 * the file's name; what has neither a format nor a known ending is an
 * error, not a guess. */
static int add_output(struct config *config, const char *argument,
                      struct err *err)
{
    const char *colon = strchr(argument, ':');
    struct output output = {NULL, argument};
    struct output *moved;

    if (colon)
        output.format =
            format_by_name(span_of(argument, (size_t)(colon - argument)));
    if (output.format)
        output.path = colon + 1;
    else
        output.format = format_by_ending(argument);
    if (!output.format || !*output.path)
        return refuse_output(argument, err);
    moved = sys_grow(config->outputs, &config->output_capacity,
                     config->output_count + 1, sizeof(*moved));
    if (!moved)
        return err_memory(err);
    config->outputs = moved;
    config->outputs[config->output_count++] = output;
    return 0;
}

/* More threads than this help nobody. */
#define THREADS_MAX 1024

static int take_option(struct config *config, int id, const char *argument,
                       struct err *err)
{
    uint64_t number;

    switch (id) {
    case OPT_FILES_FROM:
        return add_path(&config->lists, &config->list_count,
                        &config->list_capacity, argument, err);
    case OPT_POLICY:
        return add_path(&config->policies, &config->policy_count,
                        &config->policy_capacity, argument, err);
    case '0':
        config->nul_separated = true;
        return 0;
    case OPT_MAX_INFLATE:
        return parse_size(argument, "max-inflate", &config->max_inflate_bytes,
                          err);
    case OPT_INSTANCE:
        return add_instance(config, argument, err);
    case OPT_MIN_IPS:
        return parse_number(argument, "min-ips", 1, UINT32_MAX,
                            &config->min_ips, err);
    case OPT_IPV6:
        config->ipv6 = true;
        return 0;
    case OPT_EXTENDED:
        config->extended = true;
        return 0;
    case OPT_MIN_SEVERITY:
        config->min_severity_given = true;
        return parse_severity(argument, "min-severity", &config->min_severity,
                              err);
    case OPT_FAIL_ON:
        config->fail_on_given = true;
        return parse_severity(argument, "fail-on", &config->fail_on, err);
    case OPT_IP_RANGES:
        config->ip_ranges = argument;
        return 0;
    case OPT_MMDB:
        return add_path(&config->mmdbs, &config->mmdb_count,
                        &config->mmdb_capacity, argument, err);
    case OPT_CASE:
        if (!*argument) {
            err_set(err, "--case wants the name of a folder");
            return -1;
        }
        config->case_path = argument;
        return 0;
    case OPT_KEEP_DUPLICATES:
        config->keep_duplicates = true;
        return 0;
    case OPT_HISTORY:
        if (!*argument) {
            err_set(err, "--history wants the name of a file");
            return -1;
        }
        config->history_path = argument;
        return 0;
    case OPT_HISTORY_TTL:
        config->history_ttl_given = true;
        return parse_duration(argument, "history-ttl", &config->history_ttl,
                              err);
    case OPT_LOCK_WAIT:
        return parse_duration(argument, "lock-wait", &config->lock_wait, err);
    case OPT_DEDUP_FIELDS:
        if (dedup_fields_parse(span_str(argument), &config->dedup, err) == 0)
            return 0;
        err_prefix(err, "--dedup-fields");
        return -1;
    case OPT_PARTIAL:
        config->partial_path = argument;
        return 0;
    case OPT_NO_IDENTITIES:
        config->no_identities = true;
        return 0;
    case 'f':
        config->format_given = true;
        return parse_format(span_str(argument), &config->format, err);
    case 'o':
        return add_output(config, argument, err);
    case OPT_SUMMARY:
        config->summary_path = argument;
        return 0;
    case OPT_COLOR:
        return parse_when(argument, "color", &config->color, err);
    case OPT_PROGRESS:
        return parse_when(argument, "progress", &config->progress, err);
    case 'q':
        config->quiet = true;
        return 0;
    case 'v':
        config->verbose = true;
        return 0;
    case OPT_TIMEFRAME:
        config->timeframe.given = true;
        return parse_duration(argument, "timeframe", &config->timeframe_length,
                              err);
    case OPT_STATE:
        if (!*argument) {
            err_set(err, "--state wants the name of a file");
            return -1;
        }
        config->state_path = argument;
        return 0;
    case OPT_SHARD:
        return parse_shard(argument, &config->shard, err);
    case OPT_NOW:
        config->now_text = argument;
        return 0;
    case OPT_SINCE:
        config->since_text = argument;
        return 0;
    case OPT_UNTIL:
        config->until_text = argument;
        return 0;
    case 'j':
        if (parse_number(argument, "threads", 1, THREADS_MAX, &number, err) < 0)
            return -1;
        config->threads = (unsigned)number;
        return 0;
    default:
        err_set(err, "option without a meaning"); /* table and switch differ */
        return -1;
    }
}

/* A partial is written instead of alerts: what asks for these was meant for
 * the run that reads it. */
static int refuse_beside_partial(const struct config *config, struct err *err)
{
    const char *option = config->format_given   ? "--format"
                         : config->output_count ? "--output"
                         : config->history_path ? "--history"
                                                : NULL;

    if (!config->partial_path) {
        if (config->no_identities)
            err_set(err, "--no-identities says how to write a partial: it "
                         "needs --partial");
        return config->no_identities ? -1 : 0;
    }
    if (config->case_path)
        err_set(err, "--partial writes what was counted, and no records: "
                     "--case needs the logs themselves");
    else if (option)
        err_set(err,
                "--partial writes what was counted, and no alerts: %s belongs "
                "to the run that reads the partial",
                option);
    return config->case_path || option ? -1 : 0;
}

/* What a state holds are the groups of a time frame's files, and nothing of
 * what the other options want to know. */
static int refuse_beside_state(const struct config *config, struct err *err)
{
    const char *option = config->extended         ? "--extended"
                         : config->instance_count ? "--instance"
                         : config->case_path      ? "--case"
                         : config->partial_path   ? "--partial"
                                                  : NULL;

    if (!config->state_path)
        return 0;
    if (!config->timeframe.given)
        err_set(err, "--state needs --timeframe, or it would never forget");
    else if (option)
        err_set(err, "--state does not hold what %s needs: give one of the two",
                option);
    return !config->timeframe.given || option ? -1 : 0;
}

/* Its second reader would find it empty, and that would look like an
 * empty dump. */
static int refuse_stdin_twice(const struct config *config, struct err *err)
{
    bool taken = false;

    for (size_t i = 0; i < config->path_count; i++)
        taken |= span_eq(config->paths[i], SPAN("-"));
    for (size_t i = 0; i < config->list_count; i++) {
        if (strcmp(config->lists[i], "-") != 0)
            continue;
        if (taken) {
            err_set(err, "standard input cannot be read twice: --files-from - "
                         "stands beside another '-'");
            return -1;
        }
        taken = true;
    }
    return 0;
}

static const struct option_entry *entry_of(int id)
{
    for (size_t i = 0; i < ENTRY_COUNT; i++)
        if (id && option_entries[i].id == id)
            return &option_entries[i];
    return NULL;
}

/* The option that `name` was meant to be, in a message. What is no option
 * but a format was meant as one. */
static void guess_option(struct span name, struct err *err, const char *word)
{
    struct spelling spelling = SPELLING_OF(name);

    for (size_t i = 0; i < ENTRY_COUNT; i++)
        if (option_entries[i].name)
            spelling_try(&spelling, option_entries[i].name);
    if (format_by_name(name))
        err_set(err, "there is no option '%s'; did you mean '--format %.*s'?",
                word, (int)name.len, name.ptr);
    else if (spelling.nearest)
        err_set(err, "there is no option '%s'; did you mean '--%s'?", word,
                spelling.nearest);
    else
        err_set(err, "there is no option '%s'; --help lists them", word);
}

/* The options that begin with `name`, if they are several: to take the
 * first would be a guess. */
static bool refuse_ambiguous(struct span name, struct err *err)
{
    struct buf list = BUF_INIT;
    size_t count = 0;

    for (size_t i = 0; i < ENTRY_COUNT && name.len > 0; i++) {
        const char *full = option_entries[i].name;

        if (full && strncmp(full, name.ptr, name.len) == 0)
            buf_printf(&list, "%s--%s", count++ ? ", " : "", full);
    }
    if (count > 1)
        err_set(err, "option '--%.*s' may be any of %s", (int)name.len,
                name.ptr, buf_str(&list) ? buf_str(&list) : "several");
    buf_release(&list);
    return count > 1;
}

static void refuse_long(const char *word, struct err *err)
{
    struct span whole = span_of(word, strcspn(word, "="));
    struct span name = span_of(word + 2, whole.len - 2);
    struct quoted quoted;

    if (!refuse_ambiguous(name, err))
        guess_option(name, err, quote(&quoted, whole));
}

/* Of a cluster such as -qx, optind stands behind it only at its end. */
static void refuse_letter(char **argv, struct err *err)
{
    const char *cluster = argv[optind - 1];
    char letter[] = {'-', (char)optopt, '\0'};
    struct quoted quoted;

    if (cluster[0] != '-' || cluster[strlen(cluster) - 1] != optopt)
        cluster = argv[optind];
    /* Other programs' long options have one dash. */
    if (cluster && cluster[1] == optopt && cluster[2])
        guess_option(span_str(cluster + 1), err,
                     quote(&quoted, span_str(cluster)));
    else
        guess_option(SPAN(""), err, quote(&quoted, span_str(letter)));
}

/* getopt_long()'s '?' and ':'. For both, `optopt` is the id of an option
 * that is known, else the letter that is not, else 0. */
static enum options_result refuse(int found, char **argv, struct err *err)
{
    const struct option_entry *entry = entry_of(optopt);

    if (found == ':' && strncmp(argv[optind - 1], "--", 2) == 0)
        err_set(err, "option '--%s' wants an argument", entry->name);
    else if (found == ':')
        err_set(err, "option '-%c' wants an argument", optopt);
    else if (entry)
        err_set(err, "option '--%s' takes no argument", entry->name);
    else if (optopt)
        refuse_letter(argv, err);
    else
        refuse_long(argv[optind - 1], err);
    return OPTIONS_WRONG;
}

enum options_result options_parse(struct config *config, int argc, char **argv,
                                  struct err *err)
{
    char letters[2 * ENTRY_COUNT + 2];
    struct option longs[ENTRY_COUNT + 1];
    int id;

    config->min_ips = RULE_MIN_IPS;
    config->min_severity = SEVERITY_MEDIUM;
    config->fail_on = SEVERITY_INFORMATIONAL;
    config->max_inflate_bytes = INFLATE_MAX_BYTES;
    config->dedup = (struct dedup_fields)DEDUP_FIELDS_DEFAULT;
    config->format = &formats[0];
    make_getopt(letters, longs);
    opterr = 0;
    optind = 0; /* glibc: start anew, so that tests may call this twice */
    while ((id = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        if (id == '?' || id == ':')
            return refuse(id, argv, err);
        if (id == 'h')
            return OPTIONS_HELP;
        if (id == 'V')
            return OPTIONS_VERSION;
        if (take_option(config, id, optarg, err) < 0)
            return OPTIONS_WRONG;
    }
    if (resolve_times(config, err) < 0 || refuse_severities(config, err) < 0 ||
        refuse_beside_partial(config, err) < 0 ||
        refuse_beside_state(config, err) < 0)
        return OPTIONS_WRONG;
    for (int i = optind; i < argc; i++)
        if (add_span(&config->paths, &config->path_count,
                     &config->path_capacity, argv[i], err) < 0)
            return OPTIONS_WRONG;
    if (refuse_stdin_twice(config, err) < 0)
        return OPTIONS_WRONG;
    return config->path_count + config->list_count > 0 ? OPTIONS_RUN
                                                       : OPTIONS_USAGE;
}

void config_release(struct config *config)
{
    if (!config)
        return;
    sys_free(config->paths);
    sys_free(config->lists);
    sys_free(config->policies);
    sys_free(config->mmdbs);
    sys_free(config->instances);
    sys_free(config->outputs);
    *config = (struct config){0};
}
