/*
 * member_text.h - the values of one member in a record's text, at any depth,
 * without parsing it: what a second reading looks at first. It may find too
 * much (a value in a request), never too little.
 */
#ifndef OFFBOX_EVENT_MEMBER_TEXT_H
#define OFFBOX_EVENT_MEMBER_TEXT_H

#include "base/span.h"

/*
 * Is `is` true of any string that stands in `record` as the member `quoted`
 * (its name in its quotes)? Also true where an escape in the value, or a byte
 * beyond ASCII, hides what it says. A name that is itself spelled with escapes
 * is not found: ask for MARK_ESCAPE first.
 */
bool member_text_any(struct span record, struct span quoted,
                     bool (*is)(const void *context, struct span value),
                     const void *context);

#endif
