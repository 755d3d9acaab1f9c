/*
 * partial_writer.h - writes a partial, group by group.
 *
 * A file descriptor gets it through a buffer, gzip'd if asked for (level 1;
 * no name and no time in the header, so equal partials stay equal). The
 * first failure sticks and is told at the end, as in out.h. One thread.
 */
#ifndef OFFBOX_STATE_PARTIAL_WRITER_H
#define OFFBOX_STATE_PARTIAL_WRITER_H

#include "detect/aggregate.h"
#include "evidence/facts.h"
#include "evidence/located.h"
#include "state/partial.h"

struct partial_writer;

/* How the writer's aggregate is to be written down. */
struct partial_packing {
    bool gzip;
    bool tallies; /* rows become tallies: `--no-identities` */
};

/* Write the header. `fd` stays the caller's to close. NULL and `err` when
 * memory is out. */
struct partial_writer *partial_writer_new(int fd,
                                          struct partial_packing packing,
                                          const struct partial_header *header,
                                          struct err *err);
void partial_writer_free(struct partial_writer *writer);

/* With --extended, before any group: what evidence needs of the whole. `facts`
 * is settled; of `located` only the sets are written. -1 and `err` as below. */
int partial_writer_facts(struct partial_writer *writer,
                         const struct facts *facts,
                         const struct located *located, struct err *err);

/*
 * Write every group of `order` as one of the rule's or, with `located`, by
 * location, whose aggregate's tally of counted events
 * is sorted (tally_sort()) on the way. Groups come in ascending order over
 * all calls. The aggregate may differ from call to call; it, or its facets,
 * may not be released or change numbers between calls unless
 * partial_writer_forget() is called. -1 and `err` when memory is out or
 * writing failed.
 */
int partial_writer_add(struct partial_writer *writer, bool located,
                       struct aggregate *agg,
                       const struct aggregate_order *order, struct err *err);

/* The next aggregate is another: its facets' numbers mean others. */
void partial_writer_forget(struct partial_writer *writer);

/* Write the notes, the figures and the checksum, and hand everything to the
 * system. 0, or -1 and the cause of the first failure. */
int partial_writer_end(struct partial_writer *writer,
                       const struct partial_header *header,
                       const struct partial_figures *figures, struct err *err);

/* Of the rule's, so far. */
uint64_t partial_writer_groups(const struct partial_writer *writer);
uint64_t partial_writer_rows(const struct partial_writer *writer);

#endif
