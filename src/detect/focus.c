/* There are a handful of instances, and as many addresses as an attacker has.
 */
#include "detect/focus.h"

#include "base/sys.h"

static bool drop_equal(const void *owner, uint32_t position, const void *key)
{
    const struct focus *focus = owner;
    const struct focus_drop *drop = &focus->drops[position];
    const struct focus_drop *wanted = key;

    return drop->instance == wanted->instance &&
           drop->address == wanted->address && drop->outcome == wanted->outcome;
}

static uint64_t hash_of(const struct focus *focus,
                        const struct focus_drop *drop)
{
    const uint32_t key[] = {drop->instance, drop->address,
                            (uint32_t)drop->outcome};

    return hash_64(focus->strings.key, span_of((const char *)key, sizeof(key)));
}

static uint64_t drop_hash(const void *owner, uint32_t position)
{
    const struct focus *focus = owner;

    return hash_of(focus, &focus->drops[position]);
}

int focus_init(struct focus *focus, const struct span *instances,
               size_t instance_count, struct err *err)
{
    *focus = (struct focus){.instances = instances,
                            .instance_count = instance_count};
    focus->index = (struct index){.equal = drop_equal, .hash = drop_hash};
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
    index_release(&focus->index);
    strings_release(&focus->strings);
    *focus = (struct focus){0};
}

static struct focus_drop *find_drop(struct focus *focus, uint32_t instance,
                                    uint32_t address, enum outcome outcome)
{
    const struct focus_drop drop = {
        .instance = instance, .address = address, .outcome = outcome};
    uint64_t hash = hash_of(focus, &drop);
    uint32_t at = index_find(&focus->index, focus, hash, &drop);
    struct focus_drop *moved;

    if (at != INDEX_NONE)
        return &focus->drops[at];
    moved = sys_grow(focus->drops, &focus->drop_capacity, focus->drop_count + 1,
                     sizeof(*moved));
    if (!moved)
        return NULL;
    focus->drops = moved;
    focus->drops[focus->drop_count] = drop;
    if (index_add(&focus->index, focus, hash, (uint32_t)focus->drop_count) < 0)
        return NULL;
    return &focus->drops[focus->drop_count++];
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

/* Let the drop at `at` sink in the heap of the first `count`. */
static void sink(struct focus *focus, size_t at, size_t count)
{
    struct focus_drop *drops = focus->drops;
    struct focus_drop moving = drops[at];

    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count &&
            drop_cmp(focus, &drops[child], &drops[child + 1]) < 0)
            child++;
        if (drop_cmp(focus, &moving, &drops[child]) >= 0)
            break;
        drops[at] = drops[child];
    }
    drops[at] = moving;
}

/* By a heap: qsort() could not reach the texts. */
void focus_sort(struct focus *focus)
{
    size_t count = focus->drop_count;

    index_release(&focus->index); /* its positions are no more */
    for (size_t at = count / 2; at > 0; at--)
        sink(focus, at - 1, count);
    for (; count > 1; count--) {
        struct focus_drop last = focus->drops[count - 1];

        focus->drops[count - 1] = focus->drops[0];
        focus->drops[0] = last;
        sink(focus, 0, count - 1);
    }
}
