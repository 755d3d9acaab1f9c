/*
 * delimit.h - where a JSON value ends: quotes, escapes and brackets,
 * nothing else.
 *
 * This is the loop that sees every byte of every input, and the seam for
 * faster variants: delimit.c is the portable one, and any other must give
 * the same answers on every input.
 */
#ifndef OFFBOX_INPUT_DELIMIT_H
#define OFFBOX_INPUT_DELIMIT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The state between two windows. All zero before the first byte of an
 * object, an array or a string.
 */
struct delimit {
    uint64_t depth; /* open brackets; which kind closes is not looked at,
                     * that is the parser's affair */
    bool in_string;
    bool escaped; /* the next byte stands behind an odd run of '\' */

    /* A byte stood outside a string that JSON allows nowhere outside
     * strings: not white space, not one of {}[]:," and in no number or
     * literal (0-9 + - . e E, the letters of true, false, null). So a
     * record that nobody parses is not taken for good unread. */
    bool illegal;
};

/*
 * Advance over the bytes [at, end) of one value. Returns the byte after
 * the value's last one, or NULL if it goes on beyond `end` (then feed the
 * next bytes with the same state). `at < end`.
 */
const char *delimit_value(struct delimit *state, const char *at,
                          const char *end);

/* May `c` stand outside strings in JSON text (see `illegal`)? */
bool delimit_is_legal(char c);

#endif
