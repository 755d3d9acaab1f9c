/*
 * json_text.h - JSON as text: the lexical pass before the parser, and the
 * compact form in which a record is printed.
 *
 * cJSON is the judge of structure; text is judged here, since an attacker
 * can put into his user agent what cJSON stumbles over (half a surrogate
 * pair makes it refuse the record, NUL ends its strings, digits beyond the
 * 63rd are left lying) or passes where it should not (bad \u digits,
 * control characters as white space, numbers such as 01).
 */
#ifndef OFFBOX_EVENT_JSON_TEXT_H
#define OFFBOX_EVENT_JSON_TEXT_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Rewrite the JSON text `in` into `out` (cleared first) so that cJSON
 * reads what the text says: in strings, NUL (raw or \u0000), half
 * surrogate pairs and bytes that are no UTF-8 become U+FFFD; numbers of
 * more digits than cJSON reads become 0, since no field is a number.
 *
 * Returns 0; -1 and `err`, with the byte in `in`, if a token is none of
 * JSON's (a bad escape or number, an unended string, a control character
 * outside strings) or memory is out. Structure is not looked at.
 */
int json_text_repair(struct span in, struct buf *out, struct err *err);

/*
 * Append the record `in` as an alert prints it (rule.md 3, `Event`): as it
 * stands, without the white space between tokens; bytes that are no UTF-8
 * become U+FFFD, raw control characters \u00XX; and the value of each
 * secret (cloudtrail.md 3: secretAccessKey, sessionToken …), at any depth
 * and the key's ASCII case folded, becomes "[removed]".
 *
 * `in` is valid JSON, nested at most 1,000 deep: the extractor took it.
 * A failure is in `out->failed`.
 */
void json_text_compact(struct span in, struct buf *out);

/*
 * Is `in` an object in JSON for certain? It is without white space between
 * tokens and nests a few levels, as CloudTrail writes and json_text_compact()
 * leaves it. False means only that somebody else (cJSON) has to say.
 */
bool json_text_is_plainly_json(struct span in);

/* Behind the number (RFC 8259, section 6) or the literal that begins at `at`;
 * NULL if none does. */
const char *json_text_scalar_end(const char *at, const char *end);

/*
 * Append what the raw text between a string's quotes spells: JSON embedded
 * in JSON. NUL and half surrogate pairs become U+FFFD, so the result holds
 * no more bytes than `raw`. -1 if an escape is none of JSON's. A lack of
 * memory is in `out->failed`.
 */
int json_text_unescape(struct span raw, struct buf *out);

#endif
