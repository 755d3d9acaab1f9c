/*
 * partial_dictionary.h - the texts and their combinations that a partial has
 * told so far: its packed lines name them by their positions.
 *
 * Not for concurrent use.
 */
#ifndef OFFBOX_STATE_PARTIAL_DICTIONARY_H
#define OFFBOX_STATE_PARTIAL_DICTIONARY_H

#include "base/vlq.h"
#include "detect/facet_table.h"
#include "state/line_members.h"

/* A part of a combination, and what a facet table calls it. */
struct partial_tuple {
    uint32_t value[FACETS_A_PART]; /* positions of texts; STRINGS_ABSENT */
    uint32_t numbering;            /* whose number, 0 for none, … */
    uint32_t number;               /* … this is */
};

struct partial_tuples {
    struct partial_tuple *items;
    size_t count, capacity;
};

struct partial_dictionary {
    struct arena arena; /* of the texts */
    struct span *texts;
    size_t text_count, text_capacity;
    struct partial_tuples part[FACET_PARTS];
};

#define PARTIAL_DICTIONARY_INIT \
    ((struct partial_dictionary){.arena = ARENA_INIT})

void partial_dictionary_clear(struct partial_dictionary *dictionary);
void partial_dictionary_release(struct partial_dictionary *dictionary);

/* Add what a line tells, or forget everything first if it says so. */
void partial_dictionary_take(struct partial_dictionary *dictionary,
                             struct line_members *members);

/* The tuple's number in `facets`, where it has none by this numbering yet;
 * FACETS_NONE when memory is out. */
uint32_t partial_dictionary_enter(const struct partial_dictionary *dictionary,
                                  enum facet_part part,
                                  struct partial_tuple *tuple,
                                  struct facet_table *facets,
                                  uint32_t numbering);

/*
 * A combination from [*at, end) as numbers of `facets` (NULL: it is only
 * checked). While `facets` and its numbers stay the same, so does `numbering`,
 * which is not 0. False if it is none, or if `*memory_is_out`.
 *
 * Inline, since there is one for each event.
 */
static inline bool partial_dictionary_get(struct partial_dictionary *dictionary,
                                          const char **at, const char *end,
                                          struct facet_table *table,
                                          uint32_t numbering,
                                          struct facets *facets,
                                          bool *memory_is_out)
{
    for (int part = 0; part < FACET_PARTS; part++) {
        struct partial_tuples *tuples = &dictionary->part[part];
        struct partial_tuple *tuple;
        uint64_t position;

        if (!vlq_get(at, end, &position) || position >= tuples->count)
            return false;
        tuple = &tuples->items[position];
        facets->part[part] =
            !table ? 0
            : tuple->numbering == numbering
                ? tuple->number
                : partial_dictionary_enter(dictionary, (enum facet_part)part,
                                           tuple, table, numbering);
        if (facets->part[part] == FACETS_NONE)
            *memory_is_out = true;
    }
    return !*memory_is_out;
}

#endif
