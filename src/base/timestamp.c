/*
 * Own reading of RFC 3339: strptime() knows no fraction and no offset
 * with a colon on every system, accepts blanks where the standard has
 * none, and follows the locale.
 */
#include "base/timestamp.h"

#include "base/sys.h"

#define SECONDS_PER_DAY INT64_C(86400)

/* "2022-02-22T10:11:12Z" */
#define USUAL_BYTES 20

struct civil {
    int year, month, day, hour, minute, second;
};

/* Days since 1970-01-01 of a year from 0 to 9999, by the count of days before
 * a 1 March based year: leap days then come last and need no case of their
 * own. Begun 400 years earlier, whose days are known, no year is negative. */
static int64_t days_from_civil(int year, int month, int day)
{
    uint32_t y = (uint32_t)(year + 400 - (month <= 2));
    uint32_t m = (uint32_t)(month > 2 ? month - 3 : month + 9);
    uint32_t day_of_year = (153 * m + 2) / 5 + (uint32_t)day - 1;

    return (int64_t)(y * 365 + y / 4 - y / 100 + y / 400 + day_of_year) -
           (146097 + 719468);
}

static struct civil civil_from_seconds(int64_t seconds)
{
    int64_t days = seconds / SECONDS_PER_DAY;
    int64_t rest = seconds % SECONDS_PER_DAY;
    int64_t era, day_of_era, year_of_era, day_of_year, month;
    struct civil civil;

    if (rest < 0) {
        rest += SECONDS_PER_DAY;
        days--;
    }
    days += 719468;
    era = (days >= 0 ? days : days - 146096) / 146097;
    day_of_era = days - era * 146097;
    year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
                   day_of_era / 146096) /
                  365;
    day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    month = (5 * day_of_year + 2) / 153;

    civil.day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    civil.month = (int)(month < 10 ? month + 3 : month - 9);
    civil.year = (int)(year_of_era + era * 400 + (civil.month <= 2));
    civil.hour = (int)(rest / 3600);
    civil.minute = (int)(rest / 60 % 60);
    civil.second = (int)(rest % 60);
    return civil;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Exactly `digits` digits off the front of `*text`; -1 if they are not
 * there. */
static int take_number(struct span *text, size_t digits)
{
    int number = 0;

    if (text->len < digits)
        return -1;
    for (size_t i = 0; i < digits; i++) {
        if (!is_digit(text->ptr[i]))
            return -1;
        number = number * 10 + (text->ptr[i] - '0');
    }
    text->ptr += digits;
    text->len -= digits;
    return number;
}

static bool take_char(struct span *text, const char *any_of)
{
    if (text->len == 0 || text->ptr[0] == '\0' || !strchr(any_of, text->ptr[0]))
        return false;
    text->ptr++;
    text->len--;
    return true;
}

static bool day_exists(const struct civil *c)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;

    return c->month >= 1 && c->month <= 12 && c->day >= 1 &&
           c->day <= days[c->month - 1] + (leap && c->month == 2);
}

static bool clock_exists(int hour, int minute, int second)
{
    return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 &&
           second >= 0 && second <= 59;
}

static int64_t civil_seconds(const struct civil *c)
{
    return days_from_civil(c->year, c->month, c->day) * SECONDS_PER_DAY +
           c->hour * 3600 + c->minute * 60 + c->second;
}

static bool within_four_digit_years(int64_t seconds)
{
    return seconds >= TIMESTAMP_FIRST / TICKS_PER_SECOND &&
           seconds < days_from_civil(10000, 1, 1) * SECONDS_PER_DAY;
}

/* The digits after the point, cut to ticks. False if there is none. */
static bool take_fraction(struct span *text, int64_t *ticks)
{
    int64_t place = TICKS_PER_SECOND;

    if (text->len == 0 || !is_digit(text->ptr[0]))
        return false;
    while (text->len > 0 && is_digit(text->ptr[0])) {
        place /= 10; /* 0 from the eighth digit on */
        *ticks += place * (text->ptr[0] - '0');
        text->ptr++;
        text->len--;
    }
    return true;
}

/* `Z` or `±hh:mm`, as seconds to subtract. */
static bool take_offset(struct span *text, int64_t *seconds)
{
    int sign, hours, minutes;

    if (take_char(text, "Zz")) {
        *seconds = 0;
        return true;
    }
    if (text->len == 0)
        return false;
    sign = text->ptr[0] == '-' ? -1 : 1;
    if (!take_char(text, "+-"))
        return false;
    hours = take_number(text, 2);
    if (!take_char(text, ":"))
        return false;
    minutes = take_number(text, 2);
    if (!clock_exists(hours, minutes, 0))
        return false;
    *seconds = sign * (hours * 3600 + minutes * 60);
    return true;
}

/* `YYYY-MM-DD`, a day that exists. */
static bool take_day(struct span *text, struct civil *c)
{
    c->year = take_number(text, 4);
    if (c->year < 0 || !take_char(text, "-"))
        return false;
    c->month = take_number(text, 2);
    if (c->month < 0 || !take_char(text, "-"))
        return false;
    c->day = take_number(text, 2);
    return day_exists(c);
}

/* Eight bytes, the first the lowest, on every machine. */
static inline uint64_t load_8(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* Digits where `form` has a 0, and its own bytes elsewhere: byte n of `*pairs`
 * is the number of the digits n and n + 1. False for anything else. */
static inline bool take_form(uint64_t text, uint64_t form, uint64_t *pairs)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t digits = text ^ form;
    /* Bit 4 tells a 0, 0x30, from `-`, `:`, `T` and `Z`. */
    uint64_t is_digit = (form >> 4 & ~(form >> 3) & ~(form >> 6)) & ones;
    /* What is added makes 10 the least that reaches a byte's highest bit where
     * a digit is, and 1 where there is none. */
    uint64_t over = digits + (0x7f * ones - 9 * is_digit);

    *pairs = digits * 10 + (digits >> 8);
    return ((over | digits) & 0x80 * ones) == 0;
}

/* `YYYY-MM-DDThh:mm:ssZ`, which CloudTrail writes: nearly all times are read
 * here, and one is read of every record. Unknown for any other form. */
static timestamp parse_usual(const char *at)
{
    uint64_t month, minute, second;
    struct civil c;

    if (!take_form(load_8(at), load_8("0000-00-"), &month) ||
        !take_form(load_8(at + 8), load_8("00T00:00"), &minute) ||
        !take_form(load_8(at + 12), load_8("0:00:00Z"), &second))
        return TIMESTAMP_UNKNOWN;
    c = (struct civil){
        .year = (int)(month & 0xff) * 100 + (int)(month >> 16 & 0xff),
        .month = (int)(month >> 40 & 0xff),
        .day = (int)(minute & 0xff),
        .hour = (int)(minute >> 24 & 0xff),
        .minute = (int)(minute >> 48 & 0xff),
        .second = (int)(second >> 40 & 0xff),
    };
    if (!clock_exists(c.hour, c.minute, c.second) || !day_exists(&c))
        return TIMESTAMP_UNKNOWN;
    return civil_seconds(&c) * TICKS_PER_SECOND;
}

/* Any form that timestamp_parse() takes. Not in line, for the usual one's sake:
 * what this needs is saved on every call otherwise. */
static __attribute__((noinline)) timestamp parse_any(struct span text)
{
    struct civil c;
    int64_t ticks = 0, offset = 0, seconds;

    if (!take_day(&text, &c) || !take_char(&text, "Tt "))
        return TIMESTAMP_UNKNOWN;
    c.hour = take_number(&text, 2);
    if (!take_char(&text, ":"))
        return TIMESTAMP_UNKNOWN;
    c.minute = take_number(&text, 2);
    if (!take_char(&text, ":"))
        return TIMESTAMP_UNKNOWN;
    c.second = take_number(&text, 2);
    if (!clock_exists(c.hour, c.minute, c.second))
        return TIMESTAMP_UNKNOWN;
    if (take_char(&text, ".") && !take_fraction(&text, &ticks))
        return TIMESTAMP_UNKNOWN;
    if (!take_offset(&text, &offset) || text.len > 0)
        return TIMESTAMP_UNKNOWN;

    seconds = civil_seconds(&c) - offset;
    if (!within_four_digit_years(seconds))
        return TIMESTAMP_UNKNOWN;
    return seconds * TICKS_PER_SECOND + ticks;
}

timestamp timestamp_parse(struct span text)
{
    timestamp usual = TIMESTAMP_UNKNOWN;

    if (!span_present(text))
        return TIMESTAMP_UNKNOWN;
    if (text.len == USUAL_BYTES)
        usual = parse_usual(text.ptr);
    return usual != TIMESTAMP_UNKNOWN ? usual : parse_any(text);
}

timestamp timestamp_parse_day(struct span text)
{
    struct civil c = {0};

    if (!take_day(&text, &c) || text.len > 0)
        return TIMESTAMP_UNKNOWN;
    return civil_seconds(&c) * TICKS_PER_SECOND;
}

timestamp timestamp_from_system(struct timespec time)
{
    int64_t seconds = time.tv_sec;

    if (!within_four_digit_years(seconds))
        return TIMESTAMP_UNKNOWN;
    return seconds * TICKS_PER_SECOND + time.tv_nsec / 100;
}

timestamp timestamp_now(void)
{
    struct timespec now;

    return sys_clock(&now) < 0 ? TIMESTAMP_UNKNOWN : timestamp_from_system(now);
}

/* `_YYYYMMDDTHHmmZ_` at the start of `text`. */
static timestamp delivery_at(struct span text)
{
    struct civil c = {0};

    if (!take_char(&text, "_"))
        return TIMESTAMP_UNKNOWN;
    c.year = take_number(&text, 4);
    c.month = c.year < 0 ? -1 : take_number(&text, 2);
    c.day = c.month < 0 ? -1 : take_number(&text, 2);
    if (c.day < 0 || !day_exists(&c) || !take_char(&text, "T"))
        return TIMESTAMP_UNKNOWN;
    c.hour = take_number(&text, 2);
    c.minute = c.hour < 0 ? -1 : take_number(&text, 2);
    if (!clock_exists(c.hour, c.minute, 0) || !take_char(&text, "Z") ||
        !take_char(&text, "_"))
        return TIMESTAMP_UNKNOWN;
    return civil_seconds(&c) * TICKS_PER_SECOND;
}

timestamp timestamp_from_file_name(struct span name)
{
    while (name.len > 0) {
        timestamp time = delivery_at(name);

        if (time != TIMESTAMP_UNKNOWN)
            return time;
        name.ptr++;
        name.len--;
    }
    return TIMESTAMP_UNKNOWN;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Not snprintf(): compilers cannot see that a month has two digits and
 * warn of a text cut short. */
static char *put_number(char *at, int64_t number, int digits)
{
    for (int i = digits; i-- > 0; number /= 10)
        at[i] = (char)('0' + number % 10);
    return at + digits;
}

void timestamp_format(timestamp time, char text[TIMESTAMP_TEXT_BYTES])
{
    int64_t seconds = floor_div(time, TICKS_PER_SECOND);
    struct civil c = civil_from_seconds(seconds);
    char *at = put_number(text, c.year, 4);

    *at++ = '-';
    at = put_number(at, c.month, 2);
    *at++ = '-';
    at = put_number(at, c.day, 2);
    *at++ = 'T';
    at = put_number(at, c.hour, 2);
    *at++ = ':';
    at = put_number(at, c.minute, 2);
    *at++ = ':';
    at = put_number(at, c.second, 2);
    *at++ = '.';
    at = put_number(at, time - seconds * TICKS_PER_SECOND, 7);
    memcpy(at, "Z", 2);
}

void timestamp_format_seconds(timestamp time, char text[TIMESTAMP_TEXT_BYTES])
{
    timestamp_format(time, text);
    memcpy(text + strlen("2022-02-22T10:11:12"), "Z", 2);
}

void timestamp_format_hour(timestamp time, char text[TIMESTAMP_TEXT_BYTES])
{
    timestamp_format(time, text);
    memcpy(text + strlen("2022-02-22T10"), "Z", 2);
}

int64_t timestamp_hour(timestamp time)
{
    return floor_div(time, TICKS_PER_HOUR);
}
