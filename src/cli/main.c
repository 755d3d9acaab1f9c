/*
 * The program: options, walk, scan, outputs, status. Everything that is
 * printed is printed here; every other module hands its words up.
 */
#include "base/address_db.h"
#include "base/atomic_file.h"
#include "base/cjson_object.h"
#include "base/quote.h"
#include "base/sys.h"
#include "cases.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/owner_files.h"
#include "cli/policy_file.h"
#include "cli/targets.h"
#include "fold.h"
#include "input/delimit.h"
#include "input/inflate.h"
#include "meter.h"
#include "report/summary.h"
#include "scan.h"
#include "state/history.h"
#include "state/state.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* cli.md: bits, so 5 is alerts, and not everything was read. */
enum exit_status {
    EXIT_ALERTS = 1,
    EXIT_FAILED = 2,
    EXIT_INCOMPLETE = 4,
};

#define PREFIX "offbox: "

/* One line on standard error, without `struct out`: its memory may be what
 * is out. If even that cannot be written, the exit status still tells. */
static void complain(const struct err *err)
{
    char line[sizeof(PREFIX "error: \n") + ERR_MAX_BYTES];
    int len = snprintf(line, sizeof(line), PREFIX "error: %s\n", err->text);

    (void)sys_write(STDERR_FILENO, line, (size_t)len);
}

/* Before the work, since it may take long. */
static void warn(const struct err *why)
{
    char line[sizeof(PREFIX "warning: \n") + ERR_MAX_BYTES];
    int len = snprintf(line, sizeof(line), PREFIX "warning: %s\n", why->text);

    (void)sys_write(STDERR_FILENO, line, (size_t)len);
}

/* With `synced` the bytes are on the disk when it returns. */
static int finish_stdout(struct out *out, bool synced, struct err *err)
{
    int ret = out_flush(out, err);

    if (ret == 0 && synced)
        ret = atomic_file_sync(STDOUT_FILENO, err);
    if (ret < 0)
        err_prefix(err, "cannot write standard output");
    out_release(out);
    return ret;
}

/* Help or version; the exit status. */
static int print_words(void (*print)(struct out *))
{
    struct err err = ERR_NONE;
    struct out out;

    out_init(&out, STDOUT_FILENO);
    print(&out);
    if (finish_stdout(&out, false, &err) == 0)
        return 0;
    complain(&err);
    return EXIT_FAILED;
}

static void write_version(struct out *out)
{
    out_printf(out, "offbox %s\ninflate: %s\nJSON: %s\nMMDB: %s\nSIMD: %s\n",
               OFFBOX_VERSION, inflate_library(), cjson_library(),
               address_db_library(), delimit_chosen());
}

/* Add every path of the command line and of the lists. */
static int collect_inputs(const struct config *config, struct walk *walk,
                          struct err *err)
{
    for (size_t i = 0; i < config->path_count; i++)
        if (walk_add(walk, config->paths[i], false, err) < 0)
            return -1;
    for (size_t i = 0; i < config->list_count; i++) {
        const char *list = config->lists[i];
        bool from_stdin = strcmp(list, "-") == 0;
        int fd = from_stdin ? STDIN_FILENO : sys_open_read(list, 0);
        struct quoted quoted;
        int ret;

        if (fd < 0) {
            err_set_errno(err, "cannot read '%s'",
                          quote(&quoted, span_str(list)));
            return -1;
        }
        ret = walk_add_list(walk, fd, list, config->nul_separated, err);
        if (!from_stdin)
            (void)sys_close(fd);
        if (ret < 0)
            return -1;
    }
    walk_keep_delivered(walk, &config->timeframe);
    walk_finish(walk);
    return 0;
}

/* After the other files of the run were held against all inputs: another
 * shard's must not be written over either. */
static int cut_to_shard(const struct config *config, struct walk *walk,
                        struct err *err)
{
    struct err why = ERR_NONE;
    size_t folders;

    if (shard_keep(&config->shard, walk, &folders, err) < 0)
        return -1;
    if (folders == 0)
        return 0;
    err_set(&why,
            "%zu of the other shards' folders cannot be read here, and files "
            "of this shard may lie in them",
            folders);
    warn(&why);
    return 0;
}

/* Take the history's lock and read it, if there is to be one. */
static int open_history(const struct config *config, struct history *history,
                        struct err *err)
{
    struct history_options options = {
        .path = config->history_path,
        .now = config->now,
        .ttl = config->history_ttl,
        .lock_wait = config->lock_wait,
        .fields = config->dedup,
    };

    if (!config->history_path)
        return 0;
    if (targets_check_history(config, err) < 0)
        return -1;
    return history_open(history, &options, err);
}

/* Drop the alerts that an earlier run gave. */
static int sift(const struct config *config, struct history *history,
                struct report *report, struct err *err)
{
    if (!config->history_path)
        return 0;
    return history_sift(history, &report->alerts, config->instance_count > 0,
                        err);
}

/* Short runs need none, unless it was asked for. */
#define PROGRESS_DELAY_NS INT64_C(300000000)

/* The progress line's meter, set up; NULL where there is to be none. */
static struct meter *choose_meter(const struct config *config,
                                  struct meter *meter)
{
    bool terminal = screen_is_terminal(STDERR_FILENO);
    unsigned columns = screen_of(STDERR_FILENO, WHEN_NEVER).columns;

    if (config->quiet || config->progress == WHEN_NEVER ||
        (config->progress == WHEN_AUTO && !terminal))
        return NULL;
    meter->fd = STDERR_FILENO;
    meter->columns = columns ? columns : SCREEN_COLUMNS;
    meter->delay_ns = config->progress == WHEN_ALWAYS ? 0 : PROGRESS_DELAY_NS;
    return meter;
}

/* Cases are outputs: if they cannot be written, the others still are. */
static void write_cases(const struct config *config,
                        const struct scan_options *options,
                        const struct walk *walk, struct report *report,
                        int *status)
{
    struct err err = ERR_NONE;

    if (!config->case_path ||
        cases_write(options, walk, report, config->case_path, &err) == 0)
        return;
    complain(&err);
    *status |= EXIT_FAILED;
}

/* Take the state's lock and read it, if there is to be one. What cannot be
 * used of it costs time, not alerts. */
static int open_state(const struct config *config,
                      const struct scan_options *options, struct state *state,
                      struct err *err)
{
    struct state_key key;
    struct quoted quoted;
    struct err why;

    if (!options->state)
        return 0;
    if (targets_check_state(config, err) < 0 ||
        fold_key(options, &key, err) < 0 ||
        state_open(state, config->state_path, key, config->lock_wait, err) < 0)
        return -1;
    if (!state->warning.text[0])
        return 0;
    why = state->warning;
    err_prefix(&why, "cannot use the state '%s', so all files are read",
               quote(&quoted, span_str(config->state_path)));
    warn(&why);
    return 0;
}

/* `*status` gets what is wrong besides. */
static int scan(const struct config *config, const struct policy *policy,
                struct owners *owners, struct history *history,
                struct state *state, const struct partial_target *partial,
                struct report *report, int *status, struct err *err)
{
    struct scan_options options = SCAN_OPTIONS_DEFAULT;
    struct walk walk = WALK_INIT;
    struct meter meter = {0};
    int ret = -1;

    options.partial = partial;
    options.now = config->now;
    options.timeframe = config->timeframe;
    options.sharded = config->shard.count > 0;
    options.filter.ipv6 = config->ipv6;
    options.filter.since = config->since;
    options.filter.until = config->until;
    options.rule.min_ips = config->min_ips;
    options.rule.instances = config->instances;
    options.rule.instance_count = config->instance_count;
    options.policy = config->policy_count > 0 ? policy : NULL;
    options.owners = owners;
    options.extended = config->extended;
    options.min_severity = config->min_severity;
    options.keep_duplicates = config->keep_duplicates;
    options.dedup = config->dedup;
    options.cases = config->case_path != NULL;
    options.keep_skips = config->verbose;
    options.max_inflate_bytes = config->max_inflate_bytes;
    options.threads = config->threads;
    options.meter = choose_meter(config, &meter);
    options.state = config->state_path ? state : NULL;
    if (open_state(config, &options, state, err) == 0 &&
        collect_inputs(config, &walk, err) == 0 &&
        targets_check_inputs(config, &walk, err) == 0 &&
        cut_to_shard(config, &walk, err) == 0 &&
        (!config->case_path ||
         cases_prepare(config->case_path, &walk, err) == 0) &&
        scan_run(&options, &walk, report, err) == 0)
        ret = sift(config, history, report, err);
    if (ret == 0)
        write_cases(config, &options, &walk, report, status);
    walk_release(&walk);
    return ret;
}

static bool ends_in_gz(const char *path)
{
    size_t len = strlen(path);

    return len > 3 && strcmp(path + len - 3, ".gz") == 0;
}

static int fail_partial(const char *path, struct err *err)
{
    struct quoted quoted;

    err_prefix(err, "cannot write '%s'", quote(&quoted, span_str(path)));
    return -1;
}

/* Of a call made with a key that was issued, nobody knows whose it is until all
 * partials are united, and then its record is not there to be held against
 * such a line. */
static int refuse_ignored_instances(const struct config *config,
                                    const struct policy *policy,
                                    struct err *err)
{
    if (!config->extended || config->policy_count == 0 ||
        !policy_asks(policy, POLICY_IGNORE, POLICY_INSTANCE))
        return 0;
    err_set(err, "--partial cannot hold with --extended what an 'ignore' line "
                 "with 'instance=' is about: whose the calls with issued keys "
                 "are is not known yet");
    return -1;
}

/* The partial instead of alerts: it is written while the inputs are united,
 * whole or not at all. */
static int scan_into_partial(const struct config *config,
                             const struct policy *policy,
                             struct history *history, struct report *report,
                             int *status, struct err *err)
{
    const char *path = config->partial_path;
    bool to_stdout = strcmp(path, "-") == 0;
    struct partial_target target = {
        .name = to_stdout ? "standard output" : path,
        .fd = STDOUT_FILENO,
        .gzip = ends_in_gz(path),
        .tallies = config->no_identities,
    };
    struct atomic_file file = ATOMIC_FILE_INIT;
    int ret = -1;

    if (refuse_ignored_instances(config, policy, err) < 0)
        goto done;
    if (!to_stdout && atomic_file_open(&file, path, err) < 0) {
        (void)fail_partial(path, err);
        goto done;
    }
    if (!to_stdout)
        target.fd = file.fd;
    ret =
        scan(config, policy, NULL, history, NULL, &target, report, status, err);
    if (ret == 0 && !to_stdout && atomic_file_commit(&file, err) < 0)
        ret = fail_partial(path, err);
done:
    atomic_file_release(&file);
    return ret;
}

/* Write a file whole, or leave what was there. */
static int write_file(const char *path,
                      void (*print)(const struct report *, struct out *),
                      const struct report *report, struct err *err)
{
    struct atomic_file file = ATOMIC_FILE_INIT;
    struct quoted quoted;
    struct out out;
    int ret = -1;

    if (atomic_file_open(&file, path, err) < 0)
        goto done;
    out_init(&out, file.fd);
    print(report, &out);
    ret = out_flush(&out, err);
    out_release(&out);
    if (ret == 0)
        ret = atomic_file_commit(&file, err);
done:
    atomic_file_release(&file);
    if (ret < 0)
        err_prefix(err, "cannot write '%s'", quote(&quoted, span_str(path)));
    return ret;
}

static int write_stdout(const struct config *config,
                        const struct report *report)
{
    struct err err = ERR_NONE;
    struct out out;

    out_init(&out, STDOUT_FILENO);
    out.screen = screen_of(STDOUT_FILENO, config->color);
    config->format->write(report, &out);
    if (finish_stdout(&out, config->history_path != NULL, &err) == 0)
        return 0;
    complain(&err);
    return -1;
}

/* Every output is tried, so that one full disk does not cost the others;
 * each failure has its line. */
static int write_outputs(const struct config *config,
                         const struct report *report)
{
    struct err err = ERR_NONE;
    int ret = config->partial_path ? 0 : write_stdout(config, report);

    for (size_t i = 0; i < config->output_count; i++)
        if (write_file(config->outputs[i].path,
                       config->outputs[i].format->write, report, &err) < 0) {
            complain(&err);
            ret = -1;
        }
    if (config->summary_path &&
        write_file(config->summary_path, summary_document, report, &err) < 0) {
        complain(&err);
        ret = -1;
    }
    return ret;
}

/* Last of all, so that whatever fails or dies before it only gives the
 * alerts again. */
static int remember(const struct config *config, struct history *history,
                    struct state *state)
{
    struct err err = ERR_NONE;
    int ret = 0;

    if (config->history_path && history_commit(history, &err) < 0) {
        complain(&err);
        ret = -1;
    }
    if (config->state_path && state_commit(state, &err) < 0) {
        complain(&err);
        ret = -1;
    }
    return ret;
}

static void write_notices(const struct config *config,
                          const struct history *history,
                          const struct report *report)
{
    struct out out;

    out_init(&out, STDERR_FILENO);
    if (history->ahead > 0)
        out_printf(&out,
                   PREFIX "warning: %zu of the history's alerts are dated "
                          "ahead of the clock by more than their time to "
                          "live, and do not count\n",
                   history->ahead);
    summary_warnings(report, PREFIX, config->verbose, &out);
    if (!config->quiet)
        summary_text(report, config->verbose, &out);
    (void)out_flush(&out, NULL); /* nobody is left to tell */
    out_release(&out);
}

static int run(const struct config *config)
{
    struct history history = HISTORY_INIT;
    struct state state = STATE_INIT;
    struct report report = {0};
    struct err err = ERR_NONE;
    struct owners owners = {0};
    struct policy policy;
    int status = 0;

    policy_init(&policy);
    if (policy_files_read(&policy, config->policies, config->policy_count,
                          &err) < 0 ||
        owner_files_read(config, &owners, &err) < 0 ||
        targets_check_outputs(config, &err) < 0 ||
        open_history(config, &history, &err) < 0 ||
        (config->partial_path ? scan_into_partial(config, &policy, &history,
                                                  &report, &status, &err)
                              : scan(config, &policy, &owners, &history, &state,
                                     NULL, &report, &status, &err)) < 0) {
        complain(&err);
        status |= EXIT_FAILED;
        goto done;
    }
    /* Both come out of the report that is made of a partial: engines that
     * run mappers take any other status for a failure. */
    if (!config->partial_path &&
        report_count_alerts(&report, config->fail_on) > 0)
        status |= EXIT_ALERTS;
    if (!config->partial_path &&
        (report_is_incomplete(&report) || owners_failed(&owners)))
        status |= EXIT_INCOMPLETE;
    if (write_outputs(config, &report) < 0)
        status |= EXIT_FAILED;
    if (!(status & EXIT_FAILED) && remember(config, &history, &state) < 0)
        status |= EXIT_FAILED;
    write_notices(config, &history, &report);
done:
    state_release(&state);
    history_release(&history);
    report_release(&report);
    owners_release(&owners); /* the report borrows from these */
    policy_release(&policy);
    return status;
}

/* Die of the signal, as its sender expects, but leave no half file. */
static void on_signal(int number)
{
    atomic_file_remove_all();
    meter_erase();
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void set_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    (void)sigemptyset(&action.sa_mask);
    /* A signal that was ignored from outside (nohup) stays so. */
    for (size_t i = 0; i < 3; i++) {
        int number = (int[]){SIGINT, SIGTERM, SIGHUP}[i];
        struct sigaction old;

        if (sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            (void)sigaction(number, &action, NULL);
    }
    /* A closed pipe and a file over `ulimit -f` are write errors with a
     * message, not a death. */
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
}

/* With standard streams closed, the first file opened would take their
 * number and a report would be written into it. */
static void keep_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)sys_open_null(fd);
}

/* The variable forces one variant, so that the tests can run on each. */
static int choose_simd(struct err *err)
{
    const char *name = getenv("OFFBOX_SIMD");
    struct quoted quoted;

    if (delimit_choose(name) == 0)
        return 0;
    err_set(err, "OFFBOX_SIMD: this machine has no variant '%s'",
            quote(&quoted, span_str(name)));
    return -1;
}

int main(int argc, char **argv)
{
    struct config config = {0};
    struct err err = ERR_NONE;
    struct out out;
    int status = 0;

    keep_standard_streams();
    set_signals();
    if (choose_simd(&err) < 0) {
        complain(&err);
        return EXIT_FAILED;
    }
    switch (options_parse(&config, argc, argv, &err)) {
    case OPTIONS_RUN:
        status = run(&config);
        break;
    case OPTIONS_HELP:
        status = print_words(help_write);
        break;
    case OPTIONS_VERSION:
        status = print_words(write_version);
        break;
    case OPTIONS_USAGE:
        out_init(&out, STDERR_FILENO);
        help_write_usage(&out);
        out_str(&out, "       offbox --help explains\n");
        (void)out_flush(&out, NULL);
        out_release(&out);
        status = EXIT_FAILED;
        break;
    case OPTIONS_WRONG:
        complain(&err);
        status = EXIT_FAILED;
        break;
    }
    config_release(&config);
    return status;
}
