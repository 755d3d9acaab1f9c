/*
 * partial_reader.h - reads a partial, group by group, in their order.
 *
 * Holds one group's key and one line; groups are added to an aggregate as
 * they are read. Every line is checked as it comes, and the whole at its
 * end: a caller who must not count anything of a cut or altered partial
 * keeps what was read apart until partial_reader_next() says END.
 *
 * Not for concurrent use.
 */
#ifndef OFFBOX_STATE_PARTIAL_READER_H
#define OFFBOX_STATE_PARTIAL_READER_H

#include "detect/aggregate.h"
#include "evidence/facts.h"
#include "evidence/located.h"
#include "input/reader.h"
#include "state/partial.h"

struct partial_reader;

/* What is read next. The text is valid until the next call. */
struct partial_group {
    enum partial_kind kind;
    struct span instance_id;
    struct ip address;
};

/* NULL and `err` when memory is out. */
struct partial_reader *partial_reader_new(struct err *err);
void partial_reader_free(struct partial_reader *reader);

/*
 * Begin with a partial and read its header. `fd` stays the caller's to
 * close; or the bytes come from `from`, which has told INPUT_PARTIAL, and
 * is the caller's to free. PARTIAL_GROUP if all is well: not that there is a
 * group.
 */
enum partial_status partial_reader_start(struct partial_reader *reader, int fd,
                                         struct reader *from, struct err *err);

/* After a start that went well, until the next. */
const struct partial_header *partial_reader_header(
    const struct partial_reader *reader);

/* Behind the start, before the first group: unite what stands there of facts
 * with `facts` and the sets of `located`. Else it is checked and passed over.
 * PARTIAL_GROUP, or what went wrong. */
enum partial_status partial_reader_learn(struct partial_reader *reader,
                                         struct facts *facts,
                                         struct located *located,
                                         struct err *err);

/* The next group's key. What was not added of the one before is checked and
 * passed over. */
enum partial_status partial_reader_next(struct partial_reader *reader,
                                        struct partial_group *group,
                                        struct err *err);

/*
 * Add the group whose key was given out to `into`, once: its rows unite with
 * what is there. `into` may be another each time; if its facets get other
 * numbers or it is another aggregate, tell by another `numbering` than
 * before (any number but 0). PARTIAL_GROUP, or what went wrong.
 */
enum partial_status partial_reader_add(struct partial_reader *reader,
                                       struct aggregate *into,
                                       uint32_t numbering, struct err *err);

/* After PARTIAL_END. */
const struct partial_figures *partial_reader_figures(
    const struct partial_reader *reader);

#endif
