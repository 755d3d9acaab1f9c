/*
 * options.h - argv as one checked configuration. Everything wrong is
 * refused here, before any file is read.
 */
#ifndef OFFBOX_CLI_OPTIONS_H
#define OFFBOX_CLI_OPTIONS_H

#include "base/err.h"
#include "base/span.h"
#include "base/timestamp.h"
#include "cli/screen.h"
#include "detect/severity.h"
#include "input/shard.h"
#include "input/walk.h"
#include "report/format.h"
#include "state/dedup.h"

/* A line of the table of options, or a heading of it: `id` 0. */
struct option_entry {
    int id;               /* the letter, or a number above every letter */
    const char *name;     /* the long form, without dashes; NULL: none */
    const char *argument; /* its name in the help; NULL: takes none */
    const char *help;     /* one clause; a heading's text */
};

/* All options in the order of the help, ended by an entry without help. */
extern const struct option_entry option_entries[];

/* One `-o [FORMAT:]FILE`. */
struct output {
    const struct format *format;
    const char *path;
};

/* Strings are borrowed from argv; the arrays are the config's. */
struct config {
    struct span *paths;
    size_t path_count, path_capacity;
    const char **lists; /* --files-from */
    size_t list_count, list_capacity;
    bool nul_separated; /* -0 */
    struct shard shard; /* count 0: all inputs */

    const char **policies;
    size_t policy_count, policy_capacity;

    const char *ip_ranges; /* AWS's list of its addresses; NULL: none */
    const char **mmdbs;    /* databases of addresses */
    size_t mmdb_count, mmdb_capacity;

    /* The run's clock, the system's unless `--now` was given; and the
     * bounds on eventTime, `since` inclusive and `until` exclusive: the
     * earliest and the latest value there is without the options. The
     * texts are the options' own, for a message. */
    timestamp now, since, until;
    const char *now_text, *since_text, *until_text;

    /* Deliveries later than now are wanted too, since a wrong clock must
     * not lose alerts; but not when the clock was chosen. */
    struct timeframe timeframe;
    int64_t timeframe_length; /* ticks */

    struct span *instances;
    size_t instance_count, instance_capacity;
    uint64_t min_ips;
    bool ipv6;
    bool keep_duplicates;

    bool extended;
    enum severity min_severity; /* of cases */
    bool min_severity_given;
    enum severity fail_on; /* from which on alerts set the exit
                            * status; the lowest without … */
    bool fail_on_given;
    const char *case_path; /* NULL: no cases are written */
    uint64_t max_inflate_bytes;

    const char *state_path;         /* NULL: none */
    const char *history_path;       /* NULL: none */
    int64_t history_ttl, lock_wait; /* ticks */
    bool history_ttl_given;
    struct dedup_fields dedup;

    unsigned threads; /* 0: as many as the CPUs this process may use */

    const struct format *format; /* of standard output */
    struct output *outputs;
    size_t output_count, output_capacity;
    const char *summary_path; /* NULL: none */
    const char *partial_path; /* written instead of alerts, "-" to standard
                               * output; NULL: none */
    bool no_identities;       /* … and without the identities of events */
    bool format_given;        /* for standard output */

    enum when color;    /* of standard output */
    enum when progress; /* on standard error */
    bool quiet;
    bool verbose;
};

enum options_result {
    OPTIONS_RUN,
    OPTIONS_HELP,    /* print the help, end well */
    OPTIONS_VERSION, /* print the version, end well */
    OPTIONS_USAGE,   /* no path: print the usage, end with status 2 */
    OPTIONS_WRONG,   /* `err` says what is wrong */
};

/* `config` is zeroed by the caller and released by it whatever comes
 * back. Options may stand anywhere; `--` ends them. */
enum options_result options_parse(struct config *config, int argc, char **argv,
                                  struct err *err);
void config_release(struct config *config);

#endif
