/*
 * whole_file.h - a small file at once: a configuration, a table. Inputs,
 * which may be larger than memory, go through src/input/.
 */
#ifndef OFFBOX_BASE_WHOLE_FILE_H
#define OFFBOX_BASE_WHOLE_FILE_H

#include "base/buf.h"
#include "base/err.h"

/* What any such file stays far below: a larger one is the wrong file. */
#define WHOLE_FILE_MAX_BYTES ((size_t)64 * 1024 * 1024)

/*
 * Append the bytes of `path` to `text`, which is empty. -1 and `err` if it
 * cannot be read, is over WHOLE_FILE_MAX_BYTES or memory is out; `what`
 * says in the message what it should have been: "policy".
 */
int whole_file_read(const char *path, const char *what, struct buf *text,
                    struct err *err);

#endif
