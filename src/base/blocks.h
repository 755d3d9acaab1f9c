/*
 * blocks.h - memory for many texts of similar lengths, of which some are
 * replaced by others: carved from large pieces, which are freed all at once.
 *
 * A block that is given back serves the next text of about its length; the
 * allocator would unite it with its neighbours and divide it again, and look
 * at each block once more in the end. The pieces' pages are brought in at
 * once, which costs two thirds of what touching one after another does.
 *
 * One thread at a time.
 */
#ifndef OFFBOX_BASE_BLOCKS_H
#define OFFBOX_BASE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Blocks are multiples of the step. Longer ones are the allocator's. */
#define BLOCKS_STEP      128
#define BLOCKS_MAX_BYTES ((size_t)64 * BLOCKS_STEP)

struct blocks_piece;

struct blocks {
    struct blocks_piece *pieces;                    /* the newest first */
    char *at;                                       /* what is left of it … */
    size_t left;                                    /* … so many bytes */
    char *free[BLOCKS_MAX_BYTES / BLOCKS_STEP + 1]; /* by length in steps; each
                                                     * names the next one */
};

/* Zeroed, it is empty. Free the pieces; blocks over BLOCKS_MAX_BYTES are to be
 * given back before. */
void blocks_release(struct blocks *blocks);

/* A block of at least `bytes` bytes, `*capacity` in truth; NULL when memory is
 * out. */
char *blocks_take(struct blocks *blocks, uint32_t bytes, uint32_t *capacity);

/* Give one back (NULL: nothing); its capacity is needed. */
void blocks_give(struct blocks *blocks, char *block, uint32_t capacity);

/* Are they so few (no more than a first piece) that copies of them take less
 * memory than their piece? */
bool blocks_are_few(const struct blocks *blocks);

/* The pieces of `from` become those of `into`, with all blocks in them; `from`
 * is empty then. */
void blocks_unite(struct blocks *into, struct blocks *from);

#endif
