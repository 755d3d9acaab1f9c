/*
 * duration.h - lengths of time as options take them.
 */
#ifndef OFFBOX_BASE_DURATION_H
#define OFFBOX_BASE_DURATION_H

#include "base/timestamp.h"

/*
 * No more than 10,000 years of 365.2425 days: what lies between any two
 * timestamps. So a known time plus or minus a duration never overflows
 * (but may leave the years that can be printed).
 */
#define DURATION_MAX (INT64_C(3652425) * 24 * TICKS_PER_HOUR)

/*
 * One number and one of `s m h d w`: `90m`, `36h`, `2d`, `1w`. `*ticks` is
 * the length in timestamp.h's ticks, 0 to DURATION_MAX. False for all
 * else: no number, no unit, a sign, a fraction, a blank, two parts, too
 * long.
 */
bool duration_parse(struct span text, int64_t *ticks);

#endif
