/*
 * text.h - a growing text, and the way out when something fails: the
 * tools here have nothing to save, so they say why and stop.
 */
#ifndef BENCH_TEXT_H
#define BENCH_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Print "generate: ..." and the cause in errno, if any; exit with 2. */
_Noreturn void die(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* calloc() that does not fail. */
void *allocate(size_t count, size_t size);

struct text {
    char *ptr;
    size_t len;
    size_t capacity;
};

void text_release(struct text *text);

/* Room for `bytes` more; the place where they go. `len` is the caller's
 * to raise. */
char *text_reserve(struct text *text, size_t bytes);

void text_add(struct text *text, const char *bytes, size_t len);
void text_str(struct text *text, const char *str);
void text_number(struct text *text, uint64_t number);

/* The low `digits` hexadecimal digits, lower case. */
void text_hex(struct text *text, uint64_t number, unsigned digits);

/* 2022-02-22T10:11:12Z, from seconds since 1970. */
void text_time(struct text *text, int64_t time);

void text_ipv4(struct text *text, uint32_t address);

#endif
