/*
 * strings.h - interned strings: each distinct text once, named by a
 * small number.
 *
 * Numbers are given in order of arrival, so they mean nothing outside
 * their own table and never reach an output. One thread at a time.
 */
#ifndef OFFBOX_BASE_STRINGS_H
#define OFFBOX_BASE_STRINGS_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/index.h"

/* The number of the absent span; every table knows it. */
#define STRINGS_ABSENT UINT32_MAX
/* What strings_intern() gives when memory is out. */
#define STRINGS_FAILED (UINT32_MAX - 1)

struct strings {
    struct span *items;
    size_t count;
    size_t capacity;
    struct arena arena;
    struct index index;
    struct hash_key key;
};

void strings_init(struct strings *strings);
void strings_release(struct strings *strings);

/* Forget every text but keep some memory. */
void strings_clear(struct strings *strings);

/* The number of `text`, entered (copied) if new. */
uint32_t strings_intern(struct strings *strings, struct span text);

/* The same for whoever has `hash` already: the low half of hash_text() under
 * hash_secret(). An absent text's is not looked at. */
uint32_t strings_intern_hashed(struct strings *strings, struct span text,
                               uint64_t hash);

/* Have the memory that this looks at first fetched. */
static inline void strings_prefetch(const struct strings *strings,
                                    uint64_t hash)
{
    index_prefetch(&strings->index, hash_64_of(strings->key, hash));
}

/* The number of `text` if it was ever interned, else STRINGS_FAILED. */
uint32_t strings_find(const struct strings *strings, struct span text);

/* The text of a number; valid as long as the table. */
struct span strings_text(const struct strings *strings, uint32_t number);

#endif
