/*
 * partial.h - an aggregate written down, so that runs and machines can be
 * united: what its first line says, and what its last lines do.
 *
 * docs/partials.md fixes the format, line by line. partial_writer.h writes
 * it, partial_reader.h reads it, partial_merge.h unites many as streams.
 */
#ifndef OFFBOX_STATE_PARTIAL_H
#define OFFBOX_STATE_PARTIAL_H

#include "base/arena.h"
#include "detect/focus.h"
#include "detect/outcome.h"
#include "detect/policy.h"
#include "input/ledger.h"

#define PARTIAL_VERSION 1

/* The beginning of the first line, by which a partial is told from all
 * else; see sniff.h. */
#define PARTIAL_MAGIC "{\"offbox\":\"partial\","

/* The groups of a partial, in the order in which they are written. Only the
 * first are those of the rule; the others travel with --extended. */
enum partial_kind {
    PARTIAL_RULED, /* (instance, address) */
    PARTIAL_KEYED, /* (access key, location): its calls may be an instance's */
    PARTIAL_LOCATED, /* (instance, location) */
};

/* What came of reading on. */
enum partial_status {
    PARTIAL_GROUP,  /* it went well */
    PARTIAL_END,    /* the checksum agrees, the figures are there */
    PARTIAL_BROKEN, /* `err`: what is wrong, and in which line; final */
    PARTIAL_FAILED, /* memory is out: `err` */
};

/* Rows, or counted events, of one line at most. */
#define PARTIAL_ROWS_A_LINE 4096

/* Texts are named by numbers. When those since the last time hold more than
 * this, all numbers are forgotten and given anew, so that neither side
 * needs memory for all texts of a partial. */
#define PARTIAL_TEXT_BYTES ((size_t)128 * 1024)

/* The longest line: a record of 16 MB of which each byte is escaped. */
#define PARTIAL_LINE_BYTES ((size_t)128 * 1024 * 1024)

/*
 * The options that decide which events count, and what tells partials
 * apart. All arrays are sorted and their elements distinct.
 */
struct partial_header {
    bool ipv6, keep_duplicates, extended;
    bool identities;        /* rows travel; else only tallies of them */
    timestamp since, until; /* INT64_MIN and TIMESTAMP_UNKNOWN: no bound */
    struct span *ignore;    /* the policy's lines, in one spelling */
    size_t ignore_count;
    struct span *instances; /* those that the focus was asked for */
    size_t instance_count;

    /* What it was made of: a number for each set of inputs that was read in
     * one run. A partial of logs has one, a merged one those of its parts. */
    struct hash128 *leaves;
    size_t leaf_count;

    struct arena arena; /* holds all arrays and texts */
};

#define PARTIAL_HEADER_INIT   \
    ((struct partial_header){ \
        .identities = true, .since = INT64_MIN, .until = TIMESTAMP_UNKNOWN})

void partial_header_release(struct partial_header *header);

/* Fill in `ignore` from the policy's lines (NULL: none), `instances`, or
 * one leaf more. -1 when memory is out. */
int partial_header_set_ignore(struct partial_header *header,
                              const struct policy *policy);
int partial_header_set_instances(struct partial_header *header,
                                 const struct span *instances, size_t count);
int partial_header_add_leaves(struct partial_header *header,
                              const struct hash128 *leaves, size_t count);

/* How many of the header's leaves are among `other`'s. */
size_t partial_header_common(const struct partial_header *header,
                             const struct partial_header *other);

/*
 * Can a partial with `theirs` be counted in a run with `ours`? Not if it
 * was made under options that make other events count; and what it does
 * not know of an instance that is asked for, nobody can tell. What a run
 * does not ask for may be there. 0; or -1 and `err` names the difference.
 */
int partial_header_fits(const struct partial_header *ours,
                        const struct partial_header *theirs, struct err *err);

/* What a run found besides its groups. */
struct partial_figures {
    struct ledger ledger; /* notes of skipped inputs do not travel */
    struct outcome_counts outcomes;
    struct focus focus;            /* of the header's instances */
    uint64_t *ignore_hits;         /* of the header's `ignore` */
    uint64_t extracted, handed_on; /* see report.h */
    bool timeframe;                /* one was given: that nothing was read
                                    * may be as it should */
};

/* `header`'s arrays are borrowed by the figures. -1 and `err` when memory
 * is out. */
int partial_figures_init(struct partial_figures *figures,
                         const struct partial_header *header, struct err *err);
void partial_figures_release(struct partial_figures *figures);

/* Add `from` of another header that fits. -1 and `err` when memory is out. */
int partial_figures_merge(struct partial_figures *into,
                          const struct partial_header *into_header,
                          const struct partial_figures *from,
                          const struct partial_header *from_header,
                          struct err *err);

/* The number, in `header->ignore`, of an `ignore` line of the policy it was
 * set from; SIZE_MAX when memory is out. */
size_t partial_ignore_number(const struct partial_header *header,
                             const struct policy_line *line);

#endif
