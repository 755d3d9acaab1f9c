/*
 * The sources stand in a heap by the key of their next group. What an
 * instance has is added to one small aggregate, which is cleared for the
 * next; its facets stay, since most instances show what others do.
 */
#include "state/partial_merge.h"

#include "base/quote.h"
#include "base/sys.h"
#include "state/partial_facts.h"

/* Texts of facets that the small aggregate may hold before it forgets. */
#define FACETS_KEPT 65536

/* An aggregate that is given out group by group. */
struct memory {
    struct aggregate *aggregate;
    enum partial_kind kind; /* of its first group */
    bool opened;            /* its order is known */
    struct aggregate_order order;
    size_t at;                       /* in the order */
    struct facet_renumbering facets; /* as the small aggregate's … */
    uint32_t numbering;              /* … were numbered then */
};

struct source {
    struct partial_reader *reader; /* NULL: it is … */
    struct memory *memory;
    struct span name;
    struct partial_group next; /* its key */
};

struct partial_merge {
    struct source *sources;
    size_t count, capacity;
    struct source **heap; /* those that have a group */
    size_t heap_count;
    bool begun;
    struct aggregate united;
    uint32_t numbering;
    struct buf instance_id;
};

struct partial_merge *partial_merge_new(bool keep_duplicates, struct err *err)
{
    struct partial_merge *merge = sys_calloc(1, sizeof(*merge));

    if (!merge) {
        (void)err_memory(err);
        return NULL;
    }
    aggregate_init(&merge->united, keep_duplicates);
    merge->numbering = 1;
    return merge;
}

static void free_memory(struct memory *memory)
{
    if (!memory)
        return;
    aggregate_order_release(&memory->order);
    facet_renumbering_release(&memory->facets);
    sys_free(memory);
}

void partial_merge_free(struct partial_merge *merge)
{
    if (!merge)
        return;
    for (size_t i = 0; i < merge->count; i++)
        free_memory(merge->sources[i].memory);
    sys_free(merge->sources);
    sys_free(merge->heap);
    aggregate_release(&merge->united);
    buf_release(&merge->instance_id);
    sys_free(merge);
}

static struct source *add_source(struct partial_merge *merge)
{
    struct source *moved = sys_grow(merge->sources, &merge->capacity,
                                    merge->count + 1, sizeof(*moved));

    if (!moved)
        return NULL;
    merge->sources = moved;
    moved[merge->count] = (struct source){.reader = NULL};
    return &moved[merge->count++];
}

int partial_merge_add_reader(struct partial_merge *merge,
                             struct partial_reader *reader, struct span name,
                             struct err *err)
{
    struct source *source = add_source(merge);

    if (!source)
        return err_memory(err);
    source->reader = reader;
    source->name = name;
    return 0;
}

int partial_merge_add_memory(struct partial_merge *merge,
                             struct aggregate *aggregate,
                             enum partial_kind kind, struct err *err)
{
    struct source *source = add_source(merge);
    struct memory *memory = sys_calloc(1, sizeof(*memory));

    if (source)
        source->memory = memory;
    if (!source || !memory) {
        if (!source)
            sys_free(memory);
        else
            merge->count--;
        return err_memory(err);
    }
    memory->aggregate = aggregate;
    memory->kind = kind;
    return 0;
}

/* --- aggregates in memory --- */

static enum partial_status memory_next(struct memory *memory,
                                       struct partial_group *next)
{
    uint32_t group;
    struct span of;

    if (memory->at == memory->order.group_count)
        return PARTIAL_END;
    group = memory->order.groups[memory->at];
    of = aggregate_instance_id(memory->aggregate, group);
    *next = (struct partial_group){
        partial_kind_of(memory->kind != PARTIAL_RULED, of),
        of,
        memory->aggregate->groups[group].address,
    };
    return PARTIAL_GROUP;
}

/* See to it that facets become those of `into` as they are numbered now. -1
 * when memory is out. */
static int begin_numbering(struct memory *memory, struct aggregate *into,
                           uint32_t numbering)
{
    if (memory->numbering == numbering)
        return 0;
    memory->numbering = numbering;
    facet_renumbering_release(&memory->facets);
    return facet_renumbering_init(&memory->facets, &into->facets,
                                  &memory->aggregate->facets);
}

/* -1 when memory is out. */
static int translate(struct memory *memory, struct facets *facets)
{
    *facets = facets_renumbered(&memory->facets, *facets);
    return facets_failed(*facets) ? -1 : 0;
}

static int add_rows(struct memory *memory, struct aggregate *into,
                    uint32_t from, uint32_t group)
{
    size_t count;
    const uint32_t *rows = aggregate_order_rows(&memory->order, from, &count);

    for (size_t i = 0; i < count; i++) {
        struct aggregate_row row = memory->aggregate->rows[rows[i]];

        row.group = group;
        if (translate(memory, &row.facets) < 0 ||
            aggregate_enter_row(into, &row) == OUTCOME_COUNT)
            return -1;
    }
    return 0;
}

static int add_counted(struct memory *memory, struct aggregate *into,
                       uint32_t from, uint32_t group)
{
    const struct tally *counted = &memory->aggregate->counted;
    size_t count;
    const struct tally_entry *entries = tally_entries_of(counted, from, &count);
    const struct tally_hour *hours;

    for (size_t i = 0; i < count; i++) {
        struct tally_entry entry = entries[i];

        entry.group = group;
        if (translate(memory, &entry.facets) < 0 ||
            aggregate_enter_counted(into, &entry) < 0)
            return -1;
    }
    hours = tally_hours_of(counted, from, &count);
    for (size_t i = 0; i < count; i++) {
        struct tally_hour hour = hours[i];

        hour.group = group;
        if (aggregate_enter_hour(into, &hour) < 0)
            return -1;
    }
    return 0;
}

/* Its first event moves over. */
static int add_first(struct memory *memory, struct aggregate *into,
                     uint32_t from, uint32_t group)
{
    struct aggregate_group *theirs = &memory->aggregate->groups[from];
    struct facets facets = theirs->first_facets;
    int ret;

    if (translate(memory, &facets) < 0)
        return -1;
    ret = aggregate_move_first(into, group, memory->aggregate, from, facets);
    return ret < 0 ? -1 : 0;
}

static enum partial_status memory_add(struct memory *memory,
                                      struct aggregate *into,
                                      uint32_t numbering, struct err *err)
{
    uint32_t from = memory->order.groups[memory->at++];
    uint32_t group = aggregate_enter_group(
        into, aggregate_instance_id(memory->aggregate, from),
        memory->aggregate->groups[from].address);

    if (group != INDEX_NONE && begin_numbering(memory, into, numbering) == 0 &&
        add_rows(memory, into, from, group) == 0 &&
        add_counted(memory, into, from, group) == 0 &&
        add_first(memory, into, from, group) == 0)
        return PARTIAL_GROUP;
    (void)err_memory(err);
    return PARTIAL_FAILED;
}

/* --- the heap --- */

static int source_cmp(const struct source *a, const struct source *b)
{
    int order = (a->next.kind > b->next.kind) - (a->next.kind < b->next.kind);

    if (!order)
        order = span_cmp(a->next.instance_id, b->next.instance_id);
    return order ? order : ip_cmp(a->next.address, b->next.address);
}

static void sift_down(struct partial_merge *merge, size_t at)
{
    struct source **heap = merge->heap;

    for (;;) {
        size_t child = 2 * at + 1;
        struct source *swap;

        if (child >= merge->heap_count)
            return;
        if (child + 1 < merge->heap_count &&
            source_cmp(heap[child + 1], heap[child]) < 0)
            child++;
        if (source_cmp(heap[at], heap[child]) <= 0)
            return;
        swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
        at = child;
    }
}

/* The source's next key. */
static enum partial_status advance(struct source *source, struct err *err)
{
    struct quoted quoted;
    enum partial_status status;

    if (!source->reader)
        return memory_next(source->memory, &source->next);
    status = partial_reader_next(source->reader, &source->next, err);
    if (status == PARTIAL_BROKEN)
        err_prefix(err, "'%s' is no whole partial",
                   quote(&quoted, source->name));
    return status;
}

static void make_heap(struct partial_merge *merge)
{
    for (size_t i = merge->heap_count / 2; i-- > 0;)
        sift_down(merge, i);
}

/* Which kind is next: that of the front, or of memory that waits. */
static enum partial_kind kind_due(const struct partial_merge *merge)
{
    enum partial_kind due =
        merge->heap_count > 0 ? merge->heap[0]->next.kind : PARTIAL_LOCATED;

    for (size_t i = 0; i < merge->count; i++) {
        const struct memory *memory = merge->sources[i].memory;

        if (memory && !memory->opened && memory->kind < due)
            due = memory->kind;
    }
    return due;
}

/* Memory whose kind is due comes in. Where it is empty, the next kind is. -1
 * when memory is out. */
static int open_memories(struct partial_merge *merge)
{
    enum partial_kind due = kind_due(merge);
    bool opened = false;

    for (size_t i = 0; i < merge->count; i++) {
        struct memory *memory = merge->sources[i].memory;

        if (!memory || memory->opened || memory->kind > due)
            continue;
        memory->opened = opened = true;
        tally_sort(&memory->aggregate->counted);
        if (aggregate_order_fill(&memory->order, memory->aggregate) < 0)
            return -1;
        if (memory_next(memory, &merge->sources[i].next) == PARTIAL_GROUP)
            merge->heap[merge->heap_count++] = &merge->sources[i];
    }
    if (opened)
        make_heap(merge);
    return opened;
}

static enum partial_status begin(struct partial_merge *merge, struct err *err)
{
    merge->begun = true;
    merge->heap = sys_calloc(merge->count, sizeof(struct source *));
    if (!merge->heap) {
        (void)err_memory(err);
        return PARTIAL_FAILED;
    }
    for (size_t i = 0; i < merge->count; i++) {
        enum partial_status status;

        if (!merge->sources[i].reader)
            continue;
        status = advance(&merge->sources[i], err);
        if (status == PARTIAL_BROKEN || status == PARTIAL_FAILED)
            return status;
        if (status == PARTIAL_GROUP)
            merge->heap[merge->heap_count++] = &merge->sources[i];
    }
    make_heap(merge);
    return PARTIAL_GROUP;
}

/* Add the group at the front, and move its source on. */
static enum partial_status take_front(struct partial_merge *merge,
                                      struct err *err)
{
    struct source *source = merge->heap[0];
    struct quoted quoted;
    enum partial_status status =
        source->reader
            ? partial_reader_add(source->reader, &merge->united,
                                 merge->numbering, err)
            : memory_add(source->memory, &merge->united, merge->numbering, err);

    if (status == PARTIAL_BROKEN)
        err_prefix(err, "'%s' is no whole partial",
                   quote(&quoted, source->name));
    if (status != PARTIAL_GROUP)
        return status;
    status = advance(source, err);
    if (status == PARTIAL_END)
        merge->heap[0] = merge->heap[--merge->heap_count];
    else if (status != PARTIAL_GROUP)
        return status;
    sift_down(merge, 0);
    return PARTIAL_GROUP;
}

/* Forget the instance before. */
static void clear(struct partial_merge *merge)
{
    const struct facet_table *facets = &merge->united.facets;

    aggregate_clear(&merge->united);
    if (facets->strings.count < FACETS_KEPT &&
        facets->part[FACETS_CALLER].count < FACETS_KEPT &&
        facets->part[FACETS_CALL].count < FACETS_KEPT)
        return;
    facet_table_clear(&merge->united.facets);
    merge->numbering++;
}

enum partial_status partial_merge_next(struct partial_merge *merge,
                                       enum partial_kind *kind,
                                       struct aggregate **united,
                                       struct err *err)
{
    enum partial_status status = PARTIAL_GROUP;
    int opened = 1;

    if (!merge->begun)
        status = begin(merge, err);
    if (status != PARTIAL_GROUP)
        return status;
    while (opened > 0)
        opened = open_memories(merge);
    if (opened < 0) {
        (void)err_memory(err);
        return PARTIAL_FAILED;
    }
    if (merge->heap_count == 0)
        return PARTIAL_END;
    *kind = merge->heap[0]->next.kind;
    clear(merge);
    buf_clear(&merge->instance_id);
    buf_add(&merge->instance_id, merge->heap[0]->next.instance_id);
    if (merge->instance_id.failed) {
        (void)err_memory(err);
        return PARTIAL_FAILED;
    }
    do
        status = take_front(merge, err);
    while (status == PARTIAL_GROUP && merge->heap_count > 0 &&
           merge->heap[0]->next.kind == *kind &&
           span_eq(merge->heap[0]->next.instance_id,
                   buf_span(&merge->instance_id)));
    *united = &merge->united;
    return status;
}

uint32_t partial_merge_numbering(const struct partial_merge *merge)
{
    return merge->numbering;
}
