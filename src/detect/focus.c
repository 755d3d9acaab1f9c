/* A handful of instances and their addresses: plain searches do. */
#include "detect/focus.h"

#include "base/sys.h"

int focus_init(struct focus *focus, const struct span *instances,
               size_t instance_count, struct err *err)
{
    *focus = (struct focus){.instances = instances,
                            .instance_count = instance_count};
    strings_init(&focus->strings);
    focus->outcomes = sys_calloc(instance_count, sizeof(*focus->outcomes));
    if (!focus->outcomes)
        return err_memory(err);
    for (size_t i = 0; i < instance_count; i++)
        outcome_counts_init(&focus->outcomes[i]);
    return 0;
}

void focus_release(struct focus *focus)
{
    if (!focus)
        return;
    sys_free(focus->outcomes);
    sys_free(focus->drops);
    strings_release(&focus->strings);
    *focus = (struct focus){0};
}

static struct focus_drop *find_drop(struct focus *focus, uint32_t instance,
                                    uint32_t address, enum outcome outcome)
{
    struct focus_drop *moved;

    for (size_t i = 0; i < focus->drop_count; i++) {
        struct focus_drop *drop = &focus->drops[i];

        if (drop->instance == instance && drop->address == address &&
            drop->outcome == outcome)
            return drop;
    }
    moved = sys_grow(focus->drops, &focus->drop_capacity, focus->drop_count + 1,
                     sizeof(*moved));
    if (!moved)
        return NULL;
    focus->drops = moved;
    moved = &focus->drops[focus->drop_count++];
    *moved = (struct focus_drop){instance, address, outcome, 0};
    return moved;
}

/* Duplicates are no drops of an address: the other copy was kept. */
static bool is_drop(enum outcome outcome)
{
    return outcome != OUTCOME_KEPT && outcome != OUTCOME_DUPLICATE;
}

static int add_drop(struct focus *focus, uint32_t instance, struct span address,
                    enum outcome outcome, uint64_t count)
{
    uint32_t number = strings_intern(&focus->strings, address);
    struct focus_drop *drop;

    if (number == STRINGS_FAILED)
        return -1;
    drop = find_drop(focus, instance, number, outcome);
    if (!drop)
        return -1;
    drop->count += count;
    return 0;
}

int focus_add(struct focus *focus, struct span instance, enum outcome outcome,
              timestamp time, struct span source_ip_address)
{
    for (size_t i = 0; i < focus->instance_count; i++) {
        if (!span_eq(focus->instances[i], instance))
            continue;
        outcome_counts_add(&focus->outcomes[i], outcome, time);
        return is_drop(outcome)
                   ? add_drop(focus, (uint32_t)i, source_ip_address, outcome, 1)
                   : 0;
    }
    return 0;
}

int focus_add_drop(struct focus *focus, size_t at, struct span address,
                   enum outcome outcome, uint64_t count)
{
    return add_drop(focus, (uint32_t)at, address, outcome, count);
}

size_t focus_position(const struct focus *focus, struct span instance)
{
    size_t at = 0;

    while (at < focus->instance_count &&
           !span_eq(focus->instances[at], instance))
        at++;
    return at;
}

int focus_merge(struct focus *into, const struct focus *from, struct err *err)
{
    for (size_t i = 0; i < from->instance_count; i++) {
        size_t at = focus_position(into, from->instances[i]);

        if (at < into->instance_count)
            outcome_counts_merge(&into->outcomes[at], &from->outcomes[i]);
    }
    for (size_t i = 0; i < from->drop_count; i++) {
        const struct focus_drop *drop = &from->drops[i];
        size_t at = focus_position(into, from->instances[drop->instance]);

        if (at < into->instance_count &&
            add_drop(into, (uint32_t)at,
                     strings_text(&from->strings, drop->address), drop->outcome,
                     drop->count) < 0)
            return err_memory(err);
    }
    return 0;
}

void focus_settle(struct focus *focus, size_t at, uint64_t kept)
{
    uint64_t *count = focus->outcomes[at].count;

    count[OUTCOME_DUPLICATE] += count[OUTCOME_KEPT] - kept;
    count[OUTCOME_KEPT] = kept;
}

static int drop_cmp(const struct focus *focus, const struct focus_drop *a,
                    const struct focus_drop *b)
{
    int order;

    if (a->instance != b->instance)
        return a->instance < b->instance ? -1 : 1;
    order = span_cmp(strings_text(&focus->strings, a->address),
                     strings_text(&focus->strings, b->address));
    return order ? order : (int)a->outcome - (int)b->outcome;
}

/* Insertion: qsort() could not reach the texts, and there are few. */
void focus_sort(struct focus *focus)
{
    for (size_t i = 1; i < focus->drop_count; i++) {
        struct focus_drop moving = focus->drops[i];
        size_t at = i;

        for (; at > 0 && drop_cmp(focus, &moving, &focus->drops[at - 1]) < 0;
             at--)
            focus->drops[at] = focus->drops[at - 1];
        focus->drops[at] = moving;
    }
}
