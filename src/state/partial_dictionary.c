/* Combinations are entered into a facet table when the first event shows them,
 * and their numbers kept. */
#include "state/partial_dictionary.h"

#include "base/sys.h"

#include <cjson/cJSON.h>

void partial_dictionary_clear(struct partial_dictionary *dictionary)
{
    arena_clear(&dictionary->arena);
    dictionary->text_count = 0;
    for (int part = 0; part < FACET_PARTS; part++)
        dictionary->part[part].count = 0;
}

void partial_dictionary_release(struct partial_dictionary *dictionary)
{
    arena_release(&dictionary->arena);
    sys_free(dictionary->texts);
    for (int part = 0; part < FACET_PARTS; part++)
        sys_free(dictionary->part[part].items);
    *dictionary = PARTIAL_DICTIONARY_INIT;
}

/* -1 when memory is out. */
static int add_text(struct partial_dictionary *dictionary, struct span text)
{
    struct span *moved = sys_grow(dictionary->texts, &dictionary->text_capacity,
                                  dictionary->text_count + 1, sizeof(*moved));

    if (!moved)
        return -1;
    dictionary->texts = moved;
    text = arena_copy(&dictionary->arena, text);
    if (!span_present(text))
        return -1;
    moved[dictionary->text_count++] = text;
    return 0;
}

static void take_texts(struct partial_dictionary *dictionary,
                       struct line_members *members)
{
    const cJSON *array = line_array(members, "texts");
    const cJSON *item;

    cJSON_ArrayForEach(item, array)
    {
        if (!cJSON_IsString(item)) {
            line_wrong(members, "texts");
            return;
        }
        if (add_text(dictionary, span_str(item->valuestring)) < 0) {
            members->memory_is_out = true;
            return;
        }
    }
}

static bool read_tuple(const struct partial_dictionary *dictionary,
                       const char **at, const char *end,
                       struct partial_tuple *tuple)
{
    tuple->numbering = 0;
    for (int i = 0; i < FACETS_A_PART; i++) {
        uint64_t value;

        if (!vlq_get(at, end, &value) || value > dictionary->text_count)
            return false;
        tuple->value[i] = value == 0 ? STRINGS_ABSENT : (uint32_t)(value - 1);
    }
    return true;
}

static void take_tuples(struct partial_dictionary *dictionary,
                        struct line_members *members, const char *name,
                        enum facet_part part)
{
    struct partial_tuples *tuples = &dictionary->part[part];
    struct span packed = line_text(members, name);
    const char *at = packed.ptr;

    while (at < packed.ptr + packed.len) {
        struct partial_tuple *moved =
            sys_grow(tuples->items, &tuples->capacity, tuples->count + 1,
                     sizeof(*moved));

        if (!moved) {
            members->memory_is_out = true;
            return;
        }
        tuples->items = moved;
        if (!read_tuple(dictionary, &at, packed.ptr + packed.len,
                        &moved[tuples->count])) {
            line_wrong(members, name);
            return;
        }
        tuples->count++;
    }
}

void partial_dictionary_take(struct partial_dictionary *dictionary,
                             struct line_members *members)
{
    if (line_peek(members, "forget")) {
        if (!line_bool(members, "forget"))
            line_wrong(members, "forget");
        partial_dictionary_clear(dictionary);
    }
    take_texts(dictionary, members);
    take_tuples(dictionary, members, "callers", FACETS_CALLER);
    take_tuples(dictionary, members, "calls", FACETS_CALL);
}

uint32_t partial_dictionary_enter(const struct partial_dictionary *dictionary,
                                  enum facet_part part,
                                  struct partial_tuple *tuple,
                                  struct facet_table *facets,
                                  uint32_t numbering)
{
    struct span texts[FACETS_A_PART];

    for (int i = 0; i < FACETS_A_PART; i++)
        texts[i] = tuple->value[i] == STRINGS_ABSENT
                       ? SPAN_ABSENT
                       : dictionary->texts[tuple->value[i]];
    tuple->number = facet_table_enter(facets, part, texts);
    if (tuple->number != FACETS_NONE)
        tuple->numbering = numbering;
    return tuple->number;
}
