/*
 * utf8.h - what is UTF-8 and what is not.
 *
 * Text in a record can be chosen by an attacker, so bytes that are no
 * UTF-8 are replaced before anything else sees them.
 */
#ifndef OFFBOX_BASE_UTF8_H
#define OFFBOX_BASE_UTF8_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* U+FFFD, the replacement character. */
#define UTF8_REPLACEMENT SPAN("\xef\xbf\xbd")

/*
 * Decode one character at the start of `text`, which is not empty.
 *
 * Returns how many bytes it takes and puts its code point into `*code`.
 * For bytes that are no UTF-8 (also overlong forms, surrogates, over
 * U+10FFFF) `*code` is UTF8_INVALID and the length that of the maximal
 * subpart to replace by one U+FFFD (Unicode 15, section 3.9, D93b).
 */
#define UTF8_INVALID UINT32_MAX
size_t utf8_decode(struct span text, uint32_t *code);

bool utf8_is_valid(struct span text);

/* Append `code`, a Unicode scalar value. */
void utf8_add(struct buf *buf, uint32_t code);

/*
 * Append `text` for a terminal: printable characters as they are, and
 * everything that could move the cursor, end a line or reorder the text
 * (C0, DEL, C1, line and paragraph separators, bidirectional controls,
 * invalid UTF-8) as \n, \t, \xNN or \u{NNNN}; a backslash is doubled.
 */
void utf8_add_terminal(struct buf *buf, struct span text);

/*
 * Append `text` for HTML, fit for an element's content: & < > " and ' as
 * entities, and what utf8_add_terminal() escapes in the same spelling
 * between <mark> and </mark>. So a backslash needs no doubling, and what
 * is shown can be copied. Not for attributes, since it holds elements.
 */
void utf8_add_html(struct buf *buf, struct span text);

#endif
