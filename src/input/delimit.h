/*
 * delimit.h - where a JSON value ends: quotes, escapes and brackets,
 * nothing else.
 *
 * This is the loop that sees every byte of every input, so it exists in
 * several variants with the same answers on every input: portable C, SSE2,
 * AVX2, AVX-512, NEON, each in a file of its own.
 */
#ifndef OFFBOX_INPUT_DELIMIT_H
#define OFFBOX_INPUT_DELIMIT_H

#include <stdbool.h>
#include <stddef.h>
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

    /* More than DELIMIT_DEPTH_LIMIT brackets were open at once. */
    bool deep;

    bool backslash; /* one stood in the value, in or outside strings */
};

#define DELIMIT_DEPTH_LIMIT 1000 /* cloudtrail.md 4, and cJSON's own */

/*
 * Advance over the bytes [at, end) of one value. Returns the byte after
 * the value's last one, or NULL if it goes on beyond `end` (then feed the
 * next bytes with the same state). `at < end`. Reads nothing outside.
 */
const char *delimit_value(struct delimit *state, const char *at,
                          const char *end);

/*
 * Pass records as CloudTrail writes them into `Records`: `{…},{…},{…`, each
 * without a byte that is illegal outside strings, a `\u`, or a mark (see
 * marks.h), none deep, and each with another behind it. `*at` is the brace of
 * one; it is left at that of the first that was not passed. Returns how many
 * were: fewer than there are where the text ends or anything is unusual, and
 * none in portable C. What was not passed may be usual, too, so it is looked at
 * with delimit_value(), which goes on with `*state` at `*seen`. Reads nothing
 * outside.
 */
size_t delimit_records(const char **at, const char *end, struct delimit *state,
                       const char **seen);

/* May `c` stand outside strings in JSON text (see `illegal`)? */
bool delimit_is_legal(char c);

/* One implementation of them. */
struct delimit_variant {
    const char *name;
    const char *(*value)(struct delimit *state, const char *at,
                         const char *end);
    size_t (*records)(const char **at, const char *end, struct delimit *state,
                      const char **seen);
    unsigned (*marks)(const char *at, const char *end,
                      unsigned until); /* see marks.h */
};

/* The variants that this machine can run, the fastest first, ended by one
 * without a name; the last is "scalar". */
const struct delimit_variant *delimit_variants(void);

/*
 * Choose the variant of delimit_value(): the one called `name`, or the
 * fastest if `name` is NULL. -1 if this machine has none of that name.
 * Call before threads start; without a call it is the scalar one.
 */
int delimit_choose(const char *name);

/* The chosen variant's name. */
const char *delimit_chosen(void);

#endif
