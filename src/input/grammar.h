/*
 * grammar.h - where the structure of a JSON value breaks.
 *
 * delimit.h counts brackets and is fast; this knows which kind is open and
 * what may come next, byte by byte. It is only used where damage is known.
 * Strings and numbers are units: what is in them is not looked at.
 */
#ifndef OFFBOX_INPUT_GRAMMAR_H
#define OFFBOX_INPUT_GRAMMAR_H

#include "input/delimit.h"

/* All zero before a value. */
struct grammar {
    uint64_t depth;                             /* open brackets */
    uint8_t expect;                             /* enum expect in grammar.c */
    uint8_t kinds[DELIMIT_DEPTH_LIMIT / 8 + 1]; /* a bit a level: an object */
};

/* Behind the value of a member of an outermost object. */
void grammar_behind_member(struct grammar *grammar);

/*
 * Take the next byte outside strings, white space too; a whole string is
 * its first quote. False if it cannot stand here; then the state is of no
 * more use. Nested over DELIMIT_DEPTH_LIMIT deep anything may stand.
 */
bool grammar_take(struct grammar *grammar, char c);

#endif
