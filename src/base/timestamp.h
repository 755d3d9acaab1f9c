/*
 * timestamp.h - points in time as CloudTrail writes them.
 *
 * A timestamp counts 100-nanosecond ticks since 1970-01-01T00:00:00Z in
 * the proleptic Gregorian calendar without leap seconds: the resolution
 * that Sentinel prints, and 64 bits hold the years 0000 to 9999.
 */
#ifndef OFFBOX_BASE_TIMESTAMP_H
#define OFFBOX_BASE_TIMESTAMP_H

#include "base/span.h"

#include <stdint.h>
#include <time.h>

typedef int64_t timestamp;

#define TICKS_PER_SECOND INT64_C(10000000)
#define TICKS_PER_HOUR   (3600 * TICKS_PER_SECOND)

/* No readable time. Sorts after every time, so it is also the latest
 * (spec rule 2, "eventTime absent or unreadable"). */
#define TIMESTAMP_UNKNOWN INT64_MAX

/* 0000-01-01T00:00:00Z, the first that can be printed. */
#define TIMESTAMP_FIRST (INT64_C(-62167219200) * TICKS_PER_SECOND)

/* The last one, 9999-12-31T23:59:59.9999999Z. */
#define TIMESTAMP_LAST (INT64_C(253402300800) * TICKS_PER_SECOND - 1)

/*
 * RFC 3339: `2022-02-22T10:11:12Z`, with an optional fraction (cut, not
 * rounded, to 100 ns) and an offset (turned into UTC); `t`, `z` and a
 * blank for the `T` are allowed.
 *
 * Anything else is TIMESTAMP_UNKNOWN: second 60, hour 24, a missing
 * offset, a day that does not exist, text before or after, and a time
 * whose UTC value leaves the years 0000 to 9999.
 */
timestamp timestamp_parse(struct span text);

/* `YYYY-MM-DD`: that day's midnight in UTC; anything else, and a day that
 * does not exist, is TIMESTAMP_UNKNOWN. */
timestamp timestamp_parse_day(struct span text);

/* The system's clock; TIMESTAMP_UNKNOWN if it has none, or one outside
 * the years 0000 to 9999. */
timestamp timestamp_now(void);

/* A time of the system, such as a file's, with the same answer. */
timestamp timestamp_from_system(struct timespec time);

/* The delivery time in the name of a CloudTrail file:
 * `…_YYYYMMDDTHHmmZ_…`; TIMESTAMP_UNKNOWN if the name holds none. `name`
 * is the last part of the path. */
timestamp timestamp_from_file_name(struct span name);

/* `2022-02-22T10:11:12.0000000Z` and `2022-02-22T10:11:12Z` (the
 * fraction cut off) and `2022-02-22T10Z`, with a NUL. The time is known
 * and within the years 0000 to 9999. */
#define TIMESTAMP_TEXT_BYTES 29
void timestamp_format(timestamp time, char text[TIMESTAMP_TEXT_BYTES]);
void timestamp_format_seconds(timestamp time, char text[TIMESTAMP_TEXT_BYTES]);
void timestamp_format_hour(timestamp time, char text[TIMESTAMP_TEXT_BYTES]);

/* The hours since 1970 in which a known time lies, rounded down. */
int64_t timestamp_hour(timestamp time);

#endif
