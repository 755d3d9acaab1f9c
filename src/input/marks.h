/*
 * marks.h - bytes that tell in a glance which records need a second look.
 *
 * A record without `:i-`, and without an escape that may spell a part of it,
 * cannot name an instance; one without `:s3"` is no S3 notification. Next to
 * the delimiter this is the only loop over most records' bytes, so it exists
 * in the same variants, and is chosen with them (delimit.h).
 */
#ifndef OFFBOX_INPUT_MARKS_H
#define OFFBOX_INPUT_MARKS_H

#include "base/span.h"

#define MARK_INSTANCE 1 /* ":i-" */
#define MARK_ESCAPE   2 /* "\u", which may spell a part of it */
#define MARK_S3       4 /* `:s3"`, as in an S3 notification */

/*
 * Which of MARK_INSTANCE and MARK_S3 stand in `text`, in or outside strings.
 * Where one of those in `until` was found the search may end, so others may be
 * missing then. Reads nothing outside.
 */
unsigned marks_in(struct span text, unsigned until);

#endif
