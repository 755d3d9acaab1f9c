/*
 * partial_merge.h - many partials as one, an instance at a time.
 *
 * All sources give their groups in the same order, so one instance's stand
 * at the fronts of all at once: memory is one instance and one line of each
 * source, however large they are. Uniting is aggregate.h's.
 *
 * One thread.
 */
#ifndef OFFBOX_STATE_PARTIAL_MERGE_H
#define OFFBOX_STATE_PARTIAL_MERGE_H

#include "state/partial_reader.h"

struct partial_merge;

/* NULL and `err` when memory is out. */
struct partial_merge *partial_merge_new(bool keep_duplicates, struct err *err);
void partial_merge_free(struct partial_merge *merge);

/*
 * A source more, before the first partial_merge_next(): a reader that was
 * started, or an aggregate in memory. Both are borrowed; the reader's groups
 * are read until its end, and of the aggregate first events move over, so
 * that it is good for nothing but release. The aggregate's groups are of
 * `kind`, or of this and later ones; until the first of that kind is due, more
 * may be added to it. `name` is for messages and borrowed. -1 and `err` when
 * memory is out.
 */
int partial_merge_add_reader(struct partial_merge *merge,
                             struct partial_reader *reader, struct span name,
                             struct err *err);
int partial_merge_add_memory(struct partial_merge *merge,
                             struct aggregate *aggregate,
                             enum partial_kind kind, struct err *err);

/*
 * The next instance or access key: `*united` holds all its groups of `*kind`
 * and nothing else, and is the merge's until the next call. PARTIAL_GROUP;
 * PARTIAL_END when every reader has ended well; or what went wrong, and `err`
 * names the source.
 */
enum partial_status partial_merge_next(struct partial_merge *merge,
                                       enum partial_kind *kind,
                                       struct aggregate **united,
                                       struct err *err);

/* Another number when the facets of what comes next were numbered anew. */
uint32_t partial_merge_numbering(const struct partial_merge *merge);

#endif
