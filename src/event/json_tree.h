/*
 * json_tree.h - the values of one JSON object of a record, for whoever asks
 * for a few of many: no allocation for a value, and texts that say what they
 * say stay where they are.
 *
 * What is JSON, and what a text says, is as json_text_repair() and cJSON
 * behind it have it; a test holds the two equal.
 *
 * Own code, because reading these objects was the largest part of what
 * --extended adds to a scan: for the requests and responses of std's calls
 * that teach facts cJSON takes 29 million instructions behind the lexical pass,
 * even with its allocations from an arena (38 without), and this 7 (callgrind,
 * 3,080 objects of 0.9 MB).
 */
#ifndef OFFBOX_EVENT_JSON_TREE_H
#define OFFBOX_EVENT_JSON_TREE_H

#include "base/arena.h"
#include "base/buf.h"

enum json_kind {
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_STRING,
    JSON_SCALAR, /* a number or a literal, which nobody asks for */
};

struct json_value {
    enum json_kind kind;
    struct span key;                        /* absent in an array */
    struct span text;                       /* of a string */
    struct json_value *child, *last, *next; /* in the order of the text */
    struct json_value *around;              /* NULL: it is the whole */
};

struct json_tree {
    struct arena arena;
    struct buf repaired, decoded; /* scratch, for texts with escapes */
};

#define JSON_TREE_INIT ((struct json_tree){ARENA_INIT, BUF_INIT, BUF_INIT})

void json_tree_release(struct json_tree *tree);

/* Forget all values but keep the memory. */
void json_tree_clear(struct json_tree *tree);

/*
 * Read the object at the start of `text`. `*root` lives until the tree is
 * cleared, and borrows from `text`; it is NULL if that is no JSON. Returns
 * what is behind the object, NULL if there is none. `*memory_is_out` tells
 * that from damage.
 */
const char *json_tree_read(struct json_tree *tree, struct span text,
                           const struct json_value **root, bool *memory_is_out);

/* The first member of an object whose key is `key`, ASCII case folded; NULL if
 * there is none, or `value` is no object or NULL. */
const struct json_value *json_tree_member(const struct json_value *value,
                                          struct span key);

#endif
