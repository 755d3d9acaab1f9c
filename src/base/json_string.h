/*
 * json_string.h - what the escapes of a JSON string spell.
 *
 * A key may be written with escapes ("\u0052ecords" is Records), so no key
 * of an input is ever compared as raw bytes alone.
 */
#ifndef OFFBOX_BASE_JSON_STRING_H
#define OFFBOX_BASE_JSON_STRING_H

#include "base/span.h"

#include <stdint.h>

/* What an escape gives that stands for no character: NUL and half a
 * surrogate pair, which read as U+FFFD. */
#define JSON_STRING_INVALID UINT32_MAX

/*
 * Decode the escape at the start of `text` (its backslash). Returns its
 * length, 12 for a surrogate pair; 0 if it is none of JSON's or is cut.
 * `*code` is the character, or JSON_STRING_INVALID.
 */
size_t json_string_escape(struct span text, uint32_t *code);

/* No key of interest is longer than this when decoded. */
#define JSON_KEY_BYTES 64

/*
 * Decode the raw text between a key's quotes into `text`. Returns its
 * length, JSON_KEY_BYTES + 1 if it is longer. Keys of interest are ASCII:
 * any other character becomes a byte that is in none of them.
 */
size_t json_string_key(struct span raw, char text[JSON_KEY_BYTES]);

/* Does the raw text between a string's quotes spell `text`, which is ASCII
 * and at most JSON_KEY_BYTES long? */
bool json_string_spells(struct span raw, struct span text);

#endif
