/*
 * history.h - what was alerted before, so that it is alerted once.
 *
 * A file of JSON Lines, one object an alert, for people to read and, with
 * care, to edit:
 *
 *     {"AlertedAt":"2024-05-14T10:05:00.0000000Z","RuleId":"0240",
 *      "DedupFields":"SourceIpAddress|InstanceId",
 *      "DedupEntity":"198.51.100.77|i-0a1b","InstanceId":"i-0a1b",
 *      "SourceIpAddress":"198.51.100.77","TimeGenerated":"2024-…"}
 *
 * (on one line). The first four are read, and all others are for the
 * reader; what a line holds beside them is kept as it stands.
 *
 * The order of work makes it safe to die anywhere: history_open() takes
 * the lock and reads; alerts are found, written and synced; only then
 * history_commit() replaces the file. Who dies before that gives its
 * alerts again; none is ever lost.
 */
#ifndef OFFBOX_STATE_HISTORY_H
#define OFFBOX_STATE_HISTORY_H

#include "base/strings.h"
#include "base/timestamp.h"
#include "state/dedup.h"
#include "state/lock.h"

/* The default of --history-ttl, unless the time frame is longer. */
#define HISTORY_TTL (2 * 24 * TICKS_PER_HOUR)

struct history_options {
    const char *path;  /* may be a link: what it leads to is replaced */
    timestamp now;     /* the run's clock: an entry's age is counted by it,
                        * and new entries are dated with it */
    int64_t ttl;       /* ticks; an entry older than that has expired */
    int64_t lock_wait; /* ticks, see lock_take() */
    struct dedup_fields fields;
};

struct history {
    struct history_options options;
    char *target; /* owned; the path behind links */
    struct lock lock;

    struct buf text;         /* the file, as it was read */
    struct buf kept;         /* its lines that have not expired */
    struct strings entities; /* those that count, by hash */
    struct buf added;        /* lines of this run's alerts */
    size_t added_count;
    size_t expired; /* entries that will leave */
    size_t ahead;   /* entries that wait, see history_open() */
};

#define HISTORY_INIT ((struct history){.lock = LOCK_INIT})

/*
 * Take the lock and read. A file that is not there is an empty history.
 *
 * An entry counts while it is not older than `ttl`, and if it has the rule
 * and the dedup fields of this run. One that is dated more than `ttl`
 * *ahead* of the clock does not count and stays: a clock that once ran
 * ahead, or a run with an earlier `now`, must neither silence alerts for
 * years nor cost the history.
 *
 * `history` is HISTORY_INIT and released by the caller whatever
 * comes back; `options->path` must outlive it. 0; or -1 and `err`: another run
 * holds the lock, the file cannot be read, or a line of it is no entry,
 * with its number. The file stays as it is.
 */
int history_open(struct history *history, const struct history_options *options,
                 struct err *err);

/* Is there an entry that counts for the alert? 1 or 0; -1 and `err` when
 * memory is out. */
int history_knows(const struct history *history, const struct alert *alert,
                  struct err *err);

/* Note the alert for the commit; this run does not yet know it (alerts of
 * one run never silence each other). -1 and `err` when memory is out. */
int history_add(struct history *history, const struct alert *alert,
                struct err *err);

/*
 * Take out of `alerts` those that are known, count them there, and note
 * the others. With `keep_shown` (instances were asked for) a
 * known alert stays in the list as an instance that does not alert. What
 * does not alert is passed over. -1 and `err` when memory is out.
 */
int history_sift(struct history *history, struct alert_list *alerts,
                 bool keep_shown, struct err *err);

/* Replace the file, whole or not at all, if there is something to add or
 * to leave out. 0, or -1 and `err` with the file as it was. */
int history_commit(struct history *history, struct err *err);

/* Let go of the lock, too. Releasing what was never opened is safe. */
void history_release(struct history *history);

#endif
