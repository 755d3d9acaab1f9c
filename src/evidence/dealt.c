/* Count each group's, sum up, and put each position in its place. */
#include "evidence/dealt.h"

#include "base/fetch.h"
#include "base/sys.h"

/* Rows lie where they arrived; those of a group are fetched ahead. */
#define AHEAD 8

/* The elements of an array, of which each has a group. */
struct elements {
    const void *first;
    size_t count, bytes;
    size_t group_at; /* in an element */
};

static uint32_t group_of(const struct elements *elements, size_t at)
{
    uint32_t group;

    memcpy(&group,
           (const char *)elements->first + at * elements->bytes +
               elements->group_at,
           sizeof(group));
    return group;
}

static int deal_out(struct deal *deal, struct elements elements,
                    size_t group_count)
{
    size_t sum = 0;

    if (elements.count == 0)
        return 0;
    deal->items = sys_malloc(elements.count * sizeof(*deal->items));
    deal->ends = sys_calloc(group_count, sizeof(*deal->ends));
    if (!deal->items || !deal->ends)
        return -1;
    for (size_t i = 0; i < elements.count; i++)
        deal->ends[group_of(&elements, i)]++;
    for (size_t i = 0; i < group_count; i++) {
        size_t count = deal->ends[i];

        deal->ends[i] = sum;
        sum += count;
    }
    for (size_t i = 0; i < elements.count; i++)
        deal->items[deal->ends[group_of(&elements, i)]++] = (uint32_t)i;
    return 0;
}

#define ELEMENTS(first, count, type) \
    ((struct elements){first, count, sizeof(type), offsetof(type, group)})

int dealt_init(struct dealt *dealt, const struct aggregate *agg)
{
    const struct tally *counted = &agg->counted;

    *dealt = (struct dealt){.agg = agg};
    return deal_out(&dealt->rows,
                    ELEMENTS(agg->rows, agg->row_count, struct aggregate_row),
                    agg->group_count) < 0 ||
                   deal_out(&dealt->counted,
                            ELEMENTS(counted->entries, counted->entry_count,
                                     struct tally_entry),
                            agg->group_count) < 0 ||
                   deal_out(&dealt->hours,
                            ELEMENTS(counted->hours, counted->hour_count,
                                     struct tally_hour),
                            agg->group_count) < 0
               ? -1
               : 0;
}

static void deal_release(struct deal *deal)
{
    sys_free(deal->items);
    sys_free(deal->ends);
    *deal = (struct deal){0};
}

void dealt_release(struct dealt *dealt)
{
    deal_release(&dealt->rows);
    deal_release(&dealt->counted);
    deal_release(&dealt->hours);
}

/* A group's part of the positions: [at, end). */
struct part {
    const uint32_t *at, *end;
};

static struct part part_of(const struct deal *deal, uint32_t group)
{
    size_t begin = deal->items && group > 0 ? deal->ends[group - 1] : 0;

    if (!deal->items)
        return (struct part){NULL, NULL};
    return (struct part){deal->items + begin, deal->items + deal->ends[group]};
}

static const struct aggregate_row *next_row(const struct dealt *dealt,
                                            struct part *part)
{
    const struct aggregate_row *rows = dealt->agg->rows;

    if (part->end - part->at > AHEAD)
        fetch(&rows[part->at[AHEAD]]);
    return &rows[*part->at++];
}

void dealt_prefetch(const struct dealt *dealt, uint32_t group)
{
    struct part part = part_of(&dealt->rows, group);

    for (size_t i = 0; i < AHEAD && part.at < part.end; i++)
        fetch(&dealt->agg->rows[*part.at++]);
}

static int add_counted_entries(const struct dealt *dealt, uint32_t group,
                               struct tally *tally)
{
    struct part part = part_of(&dealt->counted, group);

    for (; part.at < part.end; part.at++)
        if (tally_add_entry(tally, &dealt->agg->counted.entries[*part.at]) < 0)
            return -1;
    return 0;
}

static int add_counted_hours(const struct dealt *dealt, uint32_t group,
                             struct tally *tally)
{
    struct part part = part_of(&dealt->hours, group);

    for (; part.at < part.end; part.at++)
        if (tally_add_hour(tally, &dealt->agg->counted.hours[*part.at]) < 0)
            return -1;
    return 0;
}

int dealt_tally(const struct dealt *dealt, uint32_t group, struct tally *tally)
{
    struct part part = part_of(&dealt->rows, group);

    while (part.at < part.end) {
        const struct aggregate_row *row = next_row(dealt, &part);

        if (tally_add(tally, group, row->facets, row->time) < 0)
            return -1;
    }
    return add_counted_entries(dealt, group, tally) < 0
               ? -1
               : add_counted_hours(dealt, group, tally);
}

int dealt_tally_entries(const struct dealt *dealt, uint32_t group,
                        struct tally *tally)
{
    struct part part = part_of(&dealt->rows, group);

    while (part.at < part.end) {
        const struct aggregate_row *row = next_row(dealt, &part);
        const struct tally_entry entry = {group, row->facets, 1, row->time,
                                          row->time};

        if (tally_add_entry(tally, &entry) < 0)
            return -1;
    }
    return add_counted_entries(dealt, group, tally);
}
