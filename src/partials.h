/*
 * partials.h - the partials among a run's inputs, and the one that it may
 * write instead of alerts.
 *
 * Whatever a run read itself is one source more: all are united an instance
 * at a time (state/partial_merge.h), and only what is listed stays. More
 * partials than may be open are united in rounds, through temporary ones
 * that have no name.
 */
#ifndef OFFBOX_PARTIALS_H
#define OFFBOX_PARTIALS_H

#include "input/reader.h"
#include "input/walk.h"
#include "report/report.h"
#include "scan_options.h"

/* One that was met. */
struct partial_input {
    const struct input *input; /* of the walk */
    struct reader *reader;     /* the bytes of one that cannot be opened again,
                                * owned; with `fd`, unless standard input's */
    int fd;
    struct partial_reader *learnt; /* of such a one, behind its facts; owned */
};

struct partial_list {
    struct partial_input *items;
    size_t count, capacity;
};

void partial_list_release(struct partial_list *list);

/* Owns what `partial` holds, also when it fails. -1 when memory is out. */
int partial_list_add(struct partial_list *list, struct partial_input partial);

/* Move everything over. -1 when memory is out. */
int partial_list_merge(struct partial_list *into, struct partial_list *from);

/*
 * With --extended, before the report's facts are settled: what the partials of
 * `list` know of the whole goes into its facts, and into the sets of what is
 * located. -1 and `err` as below.
 */
int partials_learn(const struct scan_options *options,
                   struct partial_list *list, struct report *report,
                   struct err *err);

/*
 * Unite the partials of `list` with what the report holds of a run's own
 * inputs. Then either write a partial, if `options` ask for one; or leave in
 * the report what one run over everything would have found, its aggregate
 * cut down to the instances that are listed.
 *
 * -1 and `err` for a partial that is cut, altered, or made under options by
 * which other events count; when nothing can be written; when memory is out.
 * The report is then good for nothing but release.
 */
int partials_unite(const struct scan_options *options,
                   struct partial_list *list, struct report *report,
                   struct err *err);

#endif
