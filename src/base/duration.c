/* A number and its unit: see duration.h. */
#include "base/duration.h"

/* The ticks of a unit; 0 if there is none of that letter. */
static int64_t unit_ticks(char letter)
{
    switch (letter) {
    case 's':
        return TICKS_PER_SECOND;
    case 'm':
        return 60 * TICKS_PER_SECOND;
    case 'h':
        return TICKS_PER_HOUR;
    case 'd':
        return 24 * TICKS_PER_HOUR;
    case 'w':
        return 7 * 24 * TICKS_PER_HOUR;
    default:
        return 0;
    }
}

bool duration_parse(struct span text, int64_t *ticks)
{
    int64_t number = 0, unit;

    if (text.len < 2)
        return false;
    unit = unit_ticks(text.ptr[text.len - 1]);
    if (unit == 0)
        return false;
    for (size_t i = 0; i < text.len - 1; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        number = number * 10 + (text.ptr[i] - '0');
        if (number > DURATION_MAX / unit)
            return false;
    }
    *ticks = number * unit;
    return true;
}
