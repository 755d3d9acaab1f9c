/*
 * shard.h - `--shard K/N`: which inputs are this machine's.
 *
 * The N shards of one set of inputs hold each of them once, on machines
 * that know nothing of each other: an input's shard follows from its base
 * name alone, so neither the folder's mount point nor the order of a list
 * plays a part. CloudTrail's names are unique; files that all have one
 * name are all of one shard.
 */
#ifndef OFFBOX_INPUT_SHARD_H
#define OFFBOX_INPUT_SHARD_H

#include "input/walk.h"

/* Shard `number` of `count`, from 1 up; `count` 0: all inputs. */
struct shard {
    uint32_t number, count;
};

/* "3/8". False unless 1 <= K <= N <= UINT32_MAX, in digits alone. */
bool shard_parse(struct span text, struct shard *shard);

/* The shard, 1 to `count`, of the input with this path: its last part
 * under SipHash with a published key, so that every machine and every
 * version agrees. */
uint32_t shard_of_path(struct span path, uint32_t count);

/*
 * Leave only the inputs of `shard` in the walk (finished), whatever their
 * status: an input that is passed over or unreadable is one shard's, too.
 *
 * `*folders` becomes the number of folders of other shards that could not
 * be read here: files of this shard may lie in them, which nobody misses if
 * the other machine can read them. A stream has no name that other machines
 * know it by: -1 and `err`.
 */
int shard_keep(const struct shard *shard, struct walk *walk, size_t *folders,
               struct err *err);

#endif
