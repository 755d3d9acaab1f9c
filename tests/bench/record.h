/*
 * record.h - the text of one record.
 */
#ifndef BENCH_RECORD_H
#define BENCH_RECORD_H

#include "corpus.h"

/*
 * Append the record `record` of the corpus, a JSON object without white
 * space, in CloudTrail's order of keys. One in a hundred is another
 * record's text again: of another file where the place has one.
 *
 * Returns whether an instance-profile principal made the call. Safe in
 * any number of threads.
 */
bool record_write(const struct corpus *corpus, uint64_t record,
                  struct text *text);

#endif
