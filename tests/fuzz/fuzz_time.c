/*
 * Times and durations of any bytes: what is read is printed and read back as
 * itself, and a time minus a duration never overflows.
 */
#include "fuzz.h"

#include "base/duration.h"

static void require_round_trip(timestamp time)
{
    char text[TIMESTAMP_TEXT_BYTES];

    if (time == TIMESTAMP_UNKNOWN)
        return;
    fuzz_require(time >= TIMESTAMP_FIRST);
    timestamp_format(time, text);
    fuzz_require(timestamp_parse(span_str(text)) == time);
    fuzz_require(time - DURATION_MAX < time && time + DURATION_MAX > time);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = fuzz_copy(span_of((const char *)data, size));
    struct span text = span_of(copy, size);
    timestamp day = timestamp_parse_day(text);
    int64_t ticks = -1;

    require_round_trip(timestamp_parse(text));
    require_round_trip(timestamp_from_file_name(text));
    require_round_trip(day);
    if (day != TIMESTAMP_UNKNOWN)
        fuzz_require(day % (24 * TICKS_PER_HOUR) == 0 && size == 10);
    if (duration_parse(text, &ticks))
        fuzz_require(ticks >= 0 && ticks <= DURATION_MAX &&
                     ticks % TICKS_PER_SECOND == 0);
    else
        fuzz_require(ticks == -1);
    free(copy);
    return 0;
}
