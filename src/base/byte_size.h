/*
 * byte_size.h - an amount of bytes as a user writes it.
 */
#ifndef OFFBOX_BASE_BYTE_SIZE_H
#define OFFBOX_BASE_BYTE_SIZE_H

#include "base/span.h"

#include <stdint.h>

/*
 * `text` whole: decimal digits, then nothing or one of K, M, G, T (powers
 * of 1024, either case), then optionally "iB" behind the letter: "1024",
 * "64K", "500M", "4GiB". "MB" is refused, since it means powers of 1000 to
 * some. 0; -1 for anything else and for what does not fit 64 bits.
 */
int byte_size_parse(struct span text, uint64_t *bytes);

#endif
