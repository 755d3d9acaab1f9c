/*
 * ledger.h - every input ends here: nothing is lost in silence.
 *
 * One ledger a worker; ledger_merge() unites them in any order to the
 * same result. The names of the counters are those of the summary's JSON
 * form (docs/output.md). Not for concurrent use.
 */
#ifndef OFFBOX_INPUT_LEDGER_H
#define OFFBOX_INPUT_LEDGER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/timestamp.h"

#include <stdint.h>

/* Each input ends in exactly one of these; INPUT_PENDING is only on the
 * way. The order is that of the summary. */
enum input_status {
    INPUT_PENDING,
    INPUT_READ,
    INPUT_DAMAGED,
    INPUT_UNREADABLE,
    INPUT_DIGEST,
    INPUT_INSIGHT,
    INPUT_NETWORK_ACTIVITY,
    INPUT_AGGREGATED,
    INPUT_FOREIGN,
    INPUT_EMPTY,
    INPUT_ARCHIVE,
    INPUT_IN_TRANSFER,
    INPUT_OUTSIDE_TIMEFRAME,
    INPUT_NOT_REGULAR,
    INPUT_SAME_FILE,
    INPUT_STATUS_COUNT,
    INPUT_PARTIAL = INPUT_STATUS_COUNT, /* no log: what is in it counts, not
                                         * itself; never booked */
};

/* The first skip reason: from here on an input was passed over. */
#define INPUT_FIRST_SKIP INPUT_DIGEST

/* The name in the summary's JSON form, "read", "digest", "same_file" …
 * Static storage. */
const char *input_status_name(enum input_status status);

/* A line a person should see about one input. */
struct ledger_note {
    struct span path;         /* NUL-terminated */
    enum input_status status; /* what it is about */
    uint64_t offset;          /* byte of the damage; 0 elsewhere */
    uint64_t records;         /* unreadable ones, for status INPUT_READ */
    struct span reason;       /* NUL-terminated, no line end */
};

struct ledger {
    uint64_t files[INPUT_STATUS_COUNT];
    uint64_t bytes_packed;   /* read from disk or standard input */
    uint64_t bytes_unpacked; /* the same after inflating */
    uint64_t records_read;
    uint64_t records_unreadable;
    timestamp first_delivery; /* of inputs read or damaged, from names */
    timestamp last_delivery;

    /* In order after ledger_sort(): by path, status, offset, reason. Kept for
     * DAMAGED, UNREADABLE and ARCHIVE inputs and for inputs that hold
     * unreadable records; for skipped ones only if `keep_skips`. */
    struct ledger_note *notes;
    size_t note_count;
    size_t note_capacity;
    bool keep_skips;
    struct arena arena;
};

void ledger_init(struct ledger *ledger, bool keep_skips);
void ledger_release(struct ledger *ledger);

/*
 * Book one input, with any status but INPUT_PENDING. `offset` and `reason`
 * say more of a status that has a note; an absent `reason` becomes the
 * status's name. `delivery` may be unknown. Text is copied. -1 and `err`
 * when memory is out; nothing is booked then.
 */
int ledger_book(struct ledger *ledger, struct span path,
                enum input_status status, uint64_t offset, struct span reason,
                timestamp delivery, struct err *err);

/*
 * An input that is booked as `from` turns out to be what `note` says, which
 * is kept (its text copied): it is counted there instead. What else was
 * counted of it stands. -1 and `err` when memory is out; nothing has changed
 * then.
 */
int ledger_rebook(struct ledger *ledger, enum input_status from,
                  struct ledger_note note, struct err *err);

/*
 * A note, with status INPUT_READ, on an input that is booked elsewhere:
 * `records` of its records were unreadable, the first at `offset` for
 * `reason`. They are counted here. -1 and `err` when memory is out;
 * nothing is counted then.
 */
int ledger_note_unreadable_records(struct ledger *ledger, struct span path,
                                   uint64_t records, uint64_t offset,
                                   struct span reason, struct err *err);

/* What was booked of `path` with a status that is passed over does not count
 * after all: as if it had not been found. */
void ledger_unbook(struct ledger *ledger, struct span path,
                   enum input_status status);

/* A note of what is counted elsewhere; its text is copied. -1 and `err` when
 * memory is out. */
int ledger_add_note(struct ledger *ledger, struct ledger_note note,
                    struct err *err);

/* Add all of `from`, which has the same `keep_skips`. -1 and `err` when
 * memory is out; `into` is then as it was. */
int ledger_merge(struct ledger *into, const struct ledger *from,
                 struct err *err);

void ledger_sort(struct ledger *ledger);

/* found = read + damaged + unreadable + all skipped (cloudtrail.md 4). */
uint64_t ledger_files_found(const struct ledger *ledger);

/* Was something not read that should have been? Damaged, unreadable and
 * archive inputs and unreadable records say yes; what is skipped by
 * design does not. */
bool ledger_is_incomplete(const struct ledger *ledger);

#endif
