/* Interned strings over an arena and a hash index. */
#include "base/strings.h"

#include "base/sys.h"

static bool item_equal(const void *owner, uint32_t position, const void *key)
{
    const struct strings *strings = owner;

    return span_eq(strings->items[position], *(const struct span *)key);
}

static uint64_t item_hash(const void *owner, uint32_t position)
{
    const struct strings *strings = owner;

    return hash_64(strings->key, strings->items[position]);
}

void strings_init(struct strings *strings)
{
    *strings = (struct strings){
        .arena = ARENA_INIT,
        .index = {.equal = item_equal, .hash = item_hash},
        .key = hash_secret(),
    };
}

void strings_release(struct strings *strings)
{
    if (!strings)
        return;
    arena_release(&strings->arena);
    index_release(&strings->index);
    sys_free(strings->items);
    strings->items = NULL;
    strings->count = 0;
    strings->capacity = 0;
}

void strings_clear(struct strings *strings)
{
    arena_clear(&strings->arena);
    index_clear(&strings->index);
    strings->count = 0;
}

uint32_t strings_intern(struct strings *strings, struct span text)
{
    return strings_intern_hashed(strings, text,
                                 hash_text(strings->key, text).lo);
}

uint32_t strings_intern_hashed(struct strings *strings, struct span text,
                               uint64_t hash)
{
    struct span *moved;
    struct span copy;
    uint32_t found;

    if (!span_present(text))
        return STRINGS_ABSENT;
    hash = hash_64_of(strings->key, hash);
    found = index_find(&strings->index, strings, hash, &text);
    if (found != INDEX_NONE)
        return found;

    if (strings->count >= STRINGS_FAILED)
        return STRINGS_FAILED;
    moved = sys_grow(strings->items, &strings->capacity, strings->count + 1,
                     sizeof(*moved));
    if (!moved)
        return STRINGS_FAILED;
    strings->items = moved;
    copy = arena_copy(&strings->arena, text);
    if (!span_present(copy))
        return STRINGS_FAILED;
    strings->items[strings->count] = copy;
    if (index_add(&strings->index, strings, hash, (uint32_t)strings->count) < 0)
        return STRINGS_FAILED;
    return (uint32_t)strings->count++;
}

uint32_t strings_find(const struct strings *strings, struct span text)
{
    uint32_t found;

    if (!span_present(text))
        return STRINGS_ABSENT;
    found = index_find(&strings->index, strings, hash_64(strings->key, text),
                       &text);
    return found == INDEX_NONE ? STRINGS_FAILED : found;
}

struct span strings_text(const struct strings *strings, uint32_t number)
{
    return number < strings->count ? strings->items[number] : SPAN_ABSENT;
}
