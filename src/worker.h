/*
 * worker.h - what one thread does: the trip of an input from its bytes to
 * the aggregate.
 *
 * A worker owns its reader, window, table, arena and aggregate; workers share
 * nothing until scan.c unites what they found, so no lock is needed; but for
 * the addresses in use, of which there may be millions, and all workers see the
 * same.
 */
#ifndef OFFBOX_WORKER_H
#define OFFBOX_WORKER_H

#include "detect/aggregate.h"
#include "detect/focus.h"
#include "event/event_table.h"
#include "event/extract.h"
#include "event/unwrap.h"
#include "evidence/facts.h"
#include "evidence/located.h"
#include "evidence/traces.h"
#include "input/opener.h"
#include "input/reader.h"
#include "input/walk.h"
#include "parallel.h"
#include "partials.h"
#include "scan_options.h"

struct worker;

/* What workers hand over of their facts while they read: who uses which
 * address. */
struct common_facts {
    struct parallel_lock *lock; /* over: */
    struct facts *facts;
};

/* A worker hands over when it knows of so many addresses: 1.4 MB. */
#define WORKER_ADDRESSES_MAX ((size_t)8 * 1024)

/* What a second reading of an input looks for; nothing is counted then but
 * in the ledger. Shared by the workers. */
struct second_reading {
    /* Of a record's text: is it worth to be parsed? NULL: if it can name an
     * instance. */
    bool (*wants)(const void *context, const struct unwrapped *record);

    /* Can the input hold any of those? NULL: it can. Asked before the
     * workers begin. */
    bool (*opens)(const void *context, const struct input *input);

    /* One event of those, in the worker's thread. -1 when memory is out. */
    int (*take)(void *context, struct worker *worker,
                const struct event *event);

    /* A worker's own store of what it finds, and its end; NULL where it needs
     * none. begin() gives NULL when memory is out. */
    void *(*begin)(void *context);
    void (*end)(void *store);
    void *context;
};

struct worker {
    const struct scan_options *options;
    struct filter_options filter; /* the options', with … */
    struct policy_use policy;     /* … this worker's own hits */
    struct filter_options keyed;  /* the same, of calls with keys that may be an
                                   * instance's, with … */
    struct policy_use unheard;    /* … hits that count nowhere */
    struct opener opener;
    struct reader *reader;
    const struct extractor_kind *extract;
    struct extractor *extractor;
    uint64_t extracted; /* records, by extract_plain() alone */
    struct event_table table;
    struct aggregate aggregate;
    struct outcome_counts outcomes;
    struct focus focus;
    bool extended;       /* every record is looked at, for … */
    struct facts *facts; /* … these; NULL if it is not; and in part … */
    struct common_facts *common; /* … those of all workers; NULL: it is alone */
    struct located located;      /* empty unless verdicts were asked for */
    bool keeps_keyed;            /* calls of keys that others may have issued */
    bool keeps_traces;           /* of what calls each input holds: … */
    struct traces traces;        /* … these */
    struct ledger ledger;
    struct partial_list partials; /* among the inputs; booked nowhere */
    struct hash128 digest;        /* of the inputs, if a partial is written */
    enum input_status ended;      /* how the last input did */
    struct meter *meter;          /* told of what is read; NULL: nobody asks */
    uint64_t kept_told;           /* the kept events that it knows of */
    bool inflates_ahead;          /* there is a thread to spare for that */
    const struct second_reading *again; /* NULL: it is the first */
    void *store;                        /* of the second reading's */
};

/* `options` and `again` (NULL: the first reading) must outlive the worker. -1
 * and `err` when memory is out; release it all the same. */
int worker_init(struct worker *worker, const struct scan_options *options,
                const struct second_reading *again, struct err *err);

/* Safe for a zeroed worker. */
void worker_release(struct worker *worker);

/*
 * Book one input of the walk in the worker's ledger; if it is pending, open
 * and read it. What is wrong with the input goes into the ledger. -1 and
 * `err` when memory is out.
 */
int worker_take(struct worker *worker, const struct input *input,
                struct err *err);

#endif
