/*
 * walk.h - from arguments to a sorted list of inputs.
 *
 * Decides from the name and the file's kind alone what is not read and
 * why; nothing is opened but directories. The order of the file system
 * never shows: the list is sorted by path, by bytes.
 */
#ifndef OFFBOX_INPUT_WALK_H
#define OFFBOX_INPUT_WALK_H

#include "base/arena.h"
#include "base/err.h"
#include "base/timestamp.h"
#include "input/ledger.h"

#include <stdint.h>
#include <sys/types.h>

struct input {
    struct span path; /* as found: the argument, then the parts below it,
                       * joined by '/'; NUL-terminated. "-" with
                       * `is_stdin` is standard input. */
    bool is_stdin;
    bool is_folder;     /* one that could not be looked into */
    uint64_t bytes;     /* size on disk; 0 where it has none (a FIFO) */
    dev_t device;       /* with `inode`: what makes two paths one file */
    ino_t inode;        /* 0: not known */
    timestamp delivery; /* from a CloudTrail file name, else unknown */
    timestamp modified; /* of a regular file, else unknown */
    timestamp arrival;  /* what a time frame asks for: of a regular file its
                         * delivery, else its modification; unknown for
                         * streams, whose bytes come now */

    /* INPUT_PENDING for what is to be read; else the verdict of the walk:
     * a skip reason, or INPUT_UNREADABLE with `why`. */
    enum input_status status;
    struct span why; /* the cause for INPUT_UNREADABLE, without the path,
                      * NUL-terminated; else absent */
};

/* Which deliveries are wanted (`--timeframe`): `from` to `to`, both
 * inclusive; an unknown `to` has no end. */
struct timeframe {
    bool given; /* false: all of them */
    timestamp from, to;
};

struct walk {
    struct input *inputs;
    size_t count;
    size_t capacity;
    struct arena arena; /* holds the paths and causes */
};

#define WALK_INIT ((struct walk){NULL, 0, 0, ARENA_INIT})

void walk_release(struct walk *walk);

/*
 * Add what `path` names: a file, a directory (walked whole; links met on
 * the way are not followed, `path` itself may be one), or standard input
 * if it is "-". A file named so is read whatever its name, and so is a
 * FIFO or a device, since process substitution passes those; they are not
 * opened here.
 *
 * In a directory, the parts of the path below `path` decide: what lies in
 * a sibling folder of CloudTrail (digest, insight, network activity,
 * aggregated), has an in-transfer name, or is no regular file is added
 * with that status. A directory that cannot be opened or read is added as
 * INPUT_UNREADABLE and the walk goes on, and so is a file that vanishes
 * while its directory is read. Any depth works: no more than a few
 * descriptors are open at once, and memory grows with the paths found.
 *
 * Returns 0; -1 and `err` if `path` does not exist (or cannot be looked
 * at) or memory is out. With `listed` (the path comes from a list) a
 * missing path is no error but an INPUT_UNREADABLE input.
 */
int walk_add(struct walk *walk, struct span path, bool listed, struct err *err);

/*
 * Read paths from `fd`, one a line, or ended by NUL bytes if `nul`; add
 * each as walk_add() with `listed`. The end of the last may be absent,
 * empty lines are passed over, and nothing else is trimmed: a name may
 * end in a blank or a carriage return. A "-" in a list that is standard
 * input itself is unreadable: nothing would be left to read. `name` is for
 * messages. -1 and `err` when reading fails or memory is out.
 */
int walk_add_list(struct walk *walk, int fd, const char *name, bool nul,
                  struct err *err);

/*
 * Files that were to be read and were not delivered within `frame` become
 * INPUT_OUTSIDE_TIMEFRAME. Delivery is the time in the CloudTrail name,
 * else the modification time, which `aws s3 sync` sets to the object's.
 * Standard input, FIFOs and devices have neither and are always inside.
 * Between the last walk_add() and walk_finish().
 */
void walk_keep_delivered(struct walk *walk, const struct timeframe *frame);

/*
 * Sort by path and leave each file (same device and inode) one mention:
 * the first by path among those that are to be read, or, if all are
 * passed over, the first by path. The others become INPUT_SAME_FILE,
 * whatever they were, so that naming a tree twice doubles no other count.
 *
 * Call it once, after the last walk_add(), and after anything else that
 * passes files over by their names (a time frame): otherwise the mention
 * that stays may be one that is not read, and the file is lost.
 */
void walk_finish(struct walk *walk);

/*
 * The verdict of the name rules on `below`, the part of a path below the
 * argument: INPUT_DIGEST, INPUT_INSIGHT, INPUT_NETWORK_ACTIVITY,
 * INPUT_AGGREGATED (a folder of that name on the way, or the
 * `ACCOUNT_CloudTrail-Digest_…` file name of a flattened dump),
 * INPUT_IN_TRANSFER, else INPUT_PENDING. (cloudtrail.md 1.)
 */
enum input_status walk_name_verdict(struct span below);

#endif
