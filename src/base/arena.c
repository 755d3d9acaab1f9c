/* Chunked bump allocator: see arena.h. */
#include "base/arena.h"

#include "base/sys.h"

#include <stdint.h>

/* One allocation of this size serves the fields of a window's events in
 * the usual case (1 MiB of JSON holds some 600 events, a third of them
 * instance events with about 1 KB of fields). */
#define CHUNK_BYTES ((size_t)64 * 1024)

struct arena_chunk {
    struct arena_chunk *older;
    size_t used;
    size_t capacity;
    _Alignas(max_align_t) char bytes[];
};

static void free_chunks(struct arena_chunk *chunk)
{
    while (chunk) {
        struct arena_chunk *older = chunk->older;

        sys_free(chunk);
        chunk = older;
    }
}

void arena_release(struct arena *arena)
{
    if (!arena)
        return;
    free_chunks(arena->chunks);
    arena->chunks = NULL;
}

void arena_clear(struct arena *arena)
{
    struct arena_chunk *kept = arena->chunks;

    if (!kept)
        return;
    free_chunks(kept->older);
    kept->older = NULL;
    kept->used = 0;
    if (kept->capacity > CHUNK_BYTES) {
        /* One huge record must not hold its memory for the whole run. */
        arena_release(arena);
    }
}

/* Behind the newest, so that its free space is not wasted. */
void arena_adopt(struct arena *arena, struct arena *from)
{
    struct arena_chunk **end = &arena->chunks;

    while (*end)
        end = &(*end)->older;
    *end = from->chunks;
    from->chunks = NULL;
}

/* A request over a quarter of a chunk gets a chunk of its own behind the
 * newest, so the newest's free space is not wasted. */
static struct arena_chunk *add_chunk(struct arena *arena, size_t bytes)
{
    bool large = bytes > CHUNK_BYTES / 4;
    size_t capacity = large ? bytes : CHUNK_BYTES;
    struct arena_chunk *chunk;

    if (capacity > SIZE_MAX - sizeof(*chunk))
        return NULL;
    chunk = sys_malloc(sizeof(*chunk) + capacity);
    if (!chunk)
        return NULL;
    /* Most arenas stay within their first chunk, or a part of it. */
    if (arena->chunks && !large)
        sys_populate(chunk, sizeof(*chunk) + capacity);
    chunk->used = 0;
    chunk->capacity = capacity;
    if (large && arena->chunks) {
        chunk->older = arena->chunks->older;
        arena->chunks->older = chunk;
    } else {
        chunk->older = arena->chunks;
        arena->chunks = chunk;
    }
    return chunk;
}

static void *bump(struct arena *arena, size_t bytes, size_t alignment)
{
    struct arena_chunk *chunk = arena->chunks;
    size_t start = chunk ? (chunk->used + alignment - 1) & ~(alignment - 1) : 0;

    if (!chunk || start > chunk->capacity || chunk->capacity - start < bytes) {
        chunk = add_chunk(arena, bytes);
        start = 0;
        if (!chunk)
            return NULL;
    }
    chunk->used = start + bytes;
    return chunk->bytes + start;
}

void *arena_alloc(struct arena *arena, size_t bytes)
{
    return bump(arena, bytes, _Alignof(max_align_t));
}

struct span arena_copy(struct arena *arena, struct span bytes)
{
    char *copy;

    if (!span_present(bytes))
        return SPAN_ABSENT;
    copy = bump(arena, bytes.len ? bytes.len : 1, 1);
    if (!copy)
        return SPAN_ABSENT;
    if (bytes.len)
        memcpy(copy, bytes.ptr, bytes.len);
    return span_of(copy, bytes.len);
}
