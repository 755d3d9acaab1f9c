/*
 * shares.h - which worker reads which input.
 *
 * Each worker has a share of about as many bytes as the others', a stretch
 * of the inputs sorted by path: an account's or a region's files stay
 * together, so few instances are met by two workers, and little is held
 * twice. Within a share paths are in order, which in a trail is that of time:
 * what was met last is met next, and an instance's first event comes first.
 * Only where a worker may have to be waited for, files of over 1/32 of a share
 * come before all others, the largest sizes first, since files differ in size
 * by a thousand times. A worker that is done takes from the shares of the
 * others.
 */
#ifndef OFFBOX_SHARES_H
#define OFFBOX_SHARES_H

#include "input/walk.h"

struct shares;

/* Shares of the inputs for `count` workers, at least one. NULL when memory
 * is out. `walk` is borrowed. */
struct shares *shares_new(const struct walk *walk, size_t count);
void shares_free(struct shares *shares);

/* The next input for worker `worker` (0 to count - 1), each given out once;
 * NULL if none is left. Any thread. */
const struct input *shares_take(struct shares *shares, size_t worker);

#endif
