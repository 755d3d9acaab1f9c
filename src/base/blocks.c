/* A bump allocator with a list of free blocks for each length. */
#include "base/blocks.h"

#include "base/sys.h"

#include <string.h>

/* The first piece is small and left as it is, since some aggregates are small;
 * each is twice as large as the one before, up to the last size. */
#define FIRST_PIECE_BYTES ((size_t)16 * 1024)
#define LAST_PIECE_BYTES  ((size_t)256 * 1024)

struct blocks_piece {
    struct blocks_piece *older;
    size_t bytes;
};

/* What is handed out begins behind this. */
#define PIECE_HEAD ((size_t)BLOCKS_STEP)

_Static_assert(sizeof(struct blocks_piece) <= BLOCKS_STEP,
               "a piece's head takes one step");

static void free_pieces(struct blocks_piece *piece)
{
    while (piece) {
        struct blocks_piece *older = piece->older;

        sys_free(piece);
        piece = older;
    }
}

void blocks_release(struct blocks *blocks)
{
    free_pieces(blocks->pieces);
    *blocks = (struct blocks){0};
}

/* What is left of the piece before is lost: less than a block. */
static int add_piece(struct blocks *blocks)
{
    size_t bytes =
        blocks->pieces ? blocks->pieces->bytes * 2 : FIRST_PIECE_BYTES;
    struct blocks_piece *piece;

    if (bytes > LAST_PIECE_BYTES)
        bytes = LAST_PIECE_BYTES;
    piece = sys_malloc(bytes);
    if (!piece)
        return -1;
    if (blocks->pieces)
        sys_populate(piece, bytes);
    piece->older = blocks->pieces;
    piece->bytes = bytes;
    blocks->pieces = piece;
    blocks->at = (char *)piece + PIECE_HEAD;
    blocks->left = bytes - PIECE_HEAD;
    return 0;
}

static size_t steps_of(size_t bytes)
{
    return bytes ? (bytes + BLOCKS_STEP - 1) / BLOCKS_STEP : 1;
}

static char *pop(char **list)
{
    char *block = *list;

    if (block)
        memcpy(list, block, sizeof(*list));
    return block;
}

char *blocks_take(struct blocks *blocks, uint32_t bytes, uint32_t *capacity)
{
    size_t whole = steps_of(bytes) * BLOCKS_STEP;
    char *block;

    if (bytes > BLOCKS_MAX_BYTES) {
        *capacity = bytes;
        return sys_malloc(bytes);
    }
    *capacity = (uint32_t)whole;
    block = pop(&blocks->free[whole / BLOCKS_STEP]);
    if (block)
        return block;
    if (blocks->left < whole && add_piece(blocks) < 0)
        return NULL;
    block = blocks->at;
    blocks->at += whole;
    blocks->left -= whole;
    return block;
}

void blocks_give(struct blocks *blocks, char *block, uint32_t capacity)
{
    char **list;

    if (!block)
        return;
    if (capacity > BLOCKS_MAX_BYTES) {
        sys_free(block);
        return;
    }
    list = &blocks->free[capacity / BLOCKS_STEP];
    memcpy(block, list, sizeof(*list));
    *list = block;
}

bool blocks_are_few(const struct blocks *blocks)
{
    return !blocks->pieces || !blocks->pieces->older;
}

void blocks_unite(struct blocks *into, struct blocks *from)
{
    struct blocks_piece **oldest = &from->pieces;

    while (*oldest)
        oldest = &(*oldest)->older;
    *oldest = into->pieces;
    into->pieces = from->pieces;
    *from = (struct blocks){0};
}
