/*
 * quote.h - a name from outside, fit to stand in a message.
 *
 * A path may hold terminal escapes, line ends and bytes that are no
 * UTF-8, and it may be longer than a whole message: printed raw it could
 * forge a line or push the cause out of err.h's fixed text.
 */
#ifndef OFFBOX_BASE_QUOTE_H
#define OFFBOX_BASE_QUOTE_H

#include "base/span.h"

/* Under half of ERR_MAX_BYTES: the cause and what callers put in front
 * have room beside it. */
#define QUOTE_MAX_BYTES 240

struct quoted {
    char text[QUOTE_MAX_BYTES];
};

/*
 * `name` as utf8_add_terminal() writes it, with a NUL and without quotes
 * around it. Of a long one the middle becomes "...": the beginning says
 * which tree, the end which file. When memory is out only "..." is left.
 *
 * Returns `into->text`. errno stays, so a call can be an argument of
 * err_set_errno().
 */
const char *quote(struct quoted *into, struct span name);

#endif
