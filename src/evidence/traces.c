/* Lists of hashes, one behind the other; a small table says what is new in the
 * input under way. */
#include "evidence/traces.h"

#include "base/search.h"
#include "base/sys.h"

#include <stdlib.h>

#define INPUT_HASHES ((size_t)1 << 14)
#define ALL_HASHES   ((size_t)1 << 20)
#define SLOTS        (2 * INPUT_HASHES)

struct trace_slot {
    uint32_t hash;
    uint32_t generation; /* another one's: empty */
};

void traces_release(struct traces *traces)
{
    sys_free(traces->items);
    sys_free(traces->hashes);
    sys_free(traces->slots);
    *traces = (struct traces){0};
}

static uint32_t hash_of(struct span bytes)
{
    return (uint32_t)hash_64(hash_secret(), bytes);
}

void traces_begin(struct traces *traces)
{
    if (!traces->slots)
        traces->slots = sys_calloc(SLOTS, sizeof(*traces->slots));
    traces->generation++;
    traces->first = traces->hash_count;
    traces->is_cut = !traces->slots || traces->generation == 0;
}

static bool make_room(struct traces *traces)
{
    uint32_t *moved;

    if (traces->hash_count - traces->first == INPUT_HASHES ||
        traces->hash_count == ALL_HASHES)
        return false;
    moved = sys_grow(traces->hashes, &traces->hash_capacity,
                     traces->hash_count + 1, sizeof(*moved));
    if (moved)
        traces->hashes = moved;
    return moved != NULL;
}

static void see(struct traces *traces, struct span bytes)
{
    uint32_t hash = hash_of(bytes);
    struct trace_slot *slot = &traces->slots[hash % SLOTS];

    while (slot->generation == traces->generation && slot->hash != hash)
        slot = slot + 1 < traces->slots + SLOTS ? slot + 1 : traces->slots;
    if (slot->generation == traces->generation)
        return;
    traces->is_cut = !make_room(traces);
    if (traces->is_cut)
        return;
    *slot = (struct trace_slot){hash, traces->generation};
    traces->hashes[traces->hash_count++] = hash;
}

void traces_see(struct traces *traces, enum location_kind kind,
                struct ip location, struct span access_key)
{
    if (!traces->is_cut && kind != LOCATION_NONE)
        see(traces, span_of((const char *)&location, sizeof(location)));
    if (!traces->is_cut && access_key.len > 0)
        see(traces, access_key);
}

void traces_end(struct traces *traces, const void *input)
{
    struct trace *moved = NULL;

    if (!traces->is_cut)
        moved = sys_grow(traces->items, &traces->capacity, traces->count + 1,
                         sizeof(*moved));
    if (!moved) {
        traces->hash_count = traces->first;
        return;
    }
    traces->items = moved;
    moved[traces->count++] = (struct trace){input, traces->first,
                                            traces->hash_count - traces->first};
}

void traces_merge(struct traces *into, struct traces *from)
{
    struct trace *items = sys_grow(into->items, &into->capacity,
                                   into->count + from->count, sizeof(*items));
    uint32_t *hashes =
        sys_grow(into->hashes, &into->hash_capacity,
                 into->hash_count + from->hash_count, sizeof(*hashes));

    into->items = items ? items : into->items;
    into->hashes = hashes ? hashes : into->hashes;
    for (size_t i = 0; items && hashes && i < from->count; i++) {
        items[into->count] = from->items[i];
        items[into->count++].first += into->hash_count;
    }
    if (items && hashes && from->hash_count > 0) {
        memcpy(hashes + into->hash_count, from->hashes,
               from->hash_count * sizeof(*hashes));
        into->hash_count += from->hash_count;
    }
    traces_release(from);
}

void trace_search_release(struct trace_search *search)
{
    sys_free(search->hashes);
    *search = (struct trace_search){0};
}

int trace_search_add(struct trace_search *search, struct span bytes)
{
    uint32_t *moved = sys_grow(search->hashes, &search->capacity,
                               search->count + 1, sizeof(*moved));

    if (!moved)
        return -1;
    search->hashes = moved;
    moved[search->count++] = hash_of(bytes);
    return 0;
}

static int by_input(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)((const struct trace *)a)->input;
    uintptr_t y = (uintptr_t)((const struct trace *)b)->input;

    return (x > y) - (x < y);
}

static int by_hash(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

void traces_settle(struct traces *traces, struct trace_search *search)
{
    if (traces->count > 1)
        qsort(traces->items, traces->count, sizeof(*traces->items), by_input);
    if (search->count > 1)
        qsort(search->hashes, search->count, sizeof(*search->hashes), by_hash);
}

bool traces_may_hold(const struct traces *traces, const void *input,
                     const struct trace_search *search)
{
    const struct trace wanted = {.input = input};
    size_t at = search_one(traces->items, traces->count, sizeof(wanted),
                           &wanted, by_input);
    const struct trace *trace;

    if (at == traces->count)
        return true;
    trace = &traces->items[at];
    for (size_t i = 0; i < trace->count; i++)
        if (search_one(search->hashes, search->count, sizeof(*search->hashes),
                       &traces->hashes[trace->first + i],
                       by_hash) < search->count)
            return true;
    return false;
}
