/*
 * Without printf() where a record is written: at a hundred megabytes a
 * second it would be most of the work.
 */
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void die(const char *format, ...)
{
    int cause = errno;
    va_list args;

    (void)fputs("generate: ", stderr);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    if (cause)
        (void)fprintf(stderr, ": %s", strerror(cause));
    (void)fputc('\n', stderr);
    exit(2);
}

void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);

    if (!memory)
        die("cannot allocate %zu times %zu bytes", count, size);
    return memory;
}

void text_release(struct text *text)
{
    free(text->ptr);
    *text = (struct text){NULL, 0, 0};
}

char *text_reserve(struct text *text, size_t bytes)
{
    if (!text->ptr || text->capacity - text->len < bytes) {
        size_t capacity = 2 * text->capacity + bytes + 1; /* never 0 */
        char *moved = realloc(text->ptr, capacity);

        if (!moved)
            die("cannot allocate %zu bytes", capacity);
        text->ptr = moved;
        text->capacity = capacity;
    }
    return text->ptr + text->len;
}

void text_add(struct text *text, const char *bytes, size_t len)
{
    memcpy(text_reserve(text, len), bytes, len);
    text->len += len;
}

void text_str(struct text *text, const char *str)
{
    text_add(text, str, strlen(str));
}

/* `digits` decimal digits, with leading zeros. */
static void add_padded(struct text *text, uint64_t number, unsigned digits)
{
    char *to = text_reserve(text, digits);

    for (unsigned i = digits; i-- > 0; number /= 10)
        to[i] = (char)('0' + number % 10);
    text->len += digits;
}

void text_number(struct text *text, uint64_t number)
{
    unsigned digits = 1;

    for (uint64_t rest = number; rest >= 10; rest /= 10)
        digits++;
    add_padded(text, number, digits);
}

void text_hex(struct text *text, uint64_t number, unsigned digits)
{
    char *to = text_reserve(text, digits);

    for (unsigned i = digits; i-- > 0; number >>= 4)
        to[i] = "0123456789abcdef"[number & 15];
    text->len += digits;
}

/* Days since 1970 to a date: Howard Hinnant's civil_from_days(), for days
 * from 1970 on. gmtime_r() would take a lock for each record. */
static void add_date(struct text *text, uint64_t days)
{
    uint64_t z = days + 719468;
    uint64_t era = z / 146097;
    uint64_t doe = z - era * 146097;
    uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    uint64_t mp = (5 * doy + 2) / 153;
    uint64_t month = mp < 10 ? mp + 3 : mp - 9;

    add_padded(text, yoe + era * 400 + (month <= 2), 4);
    text_add(text, "-", 1);
    add_padded(text, month, 2);
    text_add(text, "-", 1);
    add_padded(text, doy - (153 * mp + 2) / 5 + 1, 2);
}

void text_time(struct text *text, int64_t time)
{
    uint64_t seconds = (uint64_t)time;

    add_date(text, seconds / 86400);
    text_add(text, "T", 1);
    add_padded(text, seconds / 3600 % 24, 2);
    text_add(text, ":", 1);
    add_padded(text, seconds / 60 % 60, 2);
    text_add(text, ":", 1);
    add_padded(text, seconds % 60, 2);
    text_add(text, "Z", 1);
}

void text_ipv4(struct text *text, uint32_t address)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        text_number(text, address >> shift & 255);
        if (shift)
            text_add(text, ".", 1);
    }
}
