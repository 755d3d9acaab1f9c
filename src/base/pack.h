/*
 * pack.h - bytes to a file descriptor, gzip'd or as they are.
 *
 * Level 1, since what is packed here is read again soon, and no name and
 * no time in gzip's header, so equal bytes pack to equal bytes (with one
 * version of zlib). The first failure sticks, as in out.h. One thread.
 */
#ifndef OFFBOX_BASE_PACK_H
#define OFFBOX_BASE_PACK_H

#include "base/err.h"
#include "base/span.h"

#include <stdbool.h>

struct pack;

/* `fd` stays the caller's to close. NULL and `err` when memory is out. */
struct pack *pack_new(int fd, bool gzip, struct err *err);
void pack_free(struct pack *pack);

void pack_write(struct pack *pack, struct span bytes);

/* End the gzip member and hand everything to the system. 0, or -1 and the
 * cause of the first failure; nothing may be written afterwards. */
int pack_end(struct pack *pack, struct err *err);

/* Did a write fail? */
bool pack_failed(const struct pack *pack);

#endif
