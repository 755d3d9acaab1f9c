/* Sorted tables, of which a few entries are asked for with each record. */
#include "evidence/case_scope.h"

#include "base/search.h"
#include "base/sys.h"
#include "detect/location.h"

#include <stdlib.h>

static bool is_given(const struct alert *alert)
{
    return alert->triggered && alert->verdict &&
           alert->verdict->severity >= SEVERITY_MEDIUM &&
           span_present(alert->verdict->suspect) &&
           location_is_instance_id(alert->instance_id);
}

static int choose_cases(struct case_scope *scope,
                        const struct alert_list *alerts)
{
    scope->cases = sys_malloc(alerts->count * sizeof(struct alert *));
    scope->places = sys_malloc(alerts->count * sizeof(*scope->places));
    if (!scope->cases || !scope->places)
        return -1;
    for (size_t i = 0; i < alerts->count; i++) {
        if (!is_given(&alerts->items[i]))
            continue;
        scope->places[scope->count] = (struct case_place){
            alerts->items[i].verdict->suspect_at, (uint32_t)scope->count};
        scope->cases[scope->count++] = &alerts->items[i];
    }
    scope->place_count = scope->count;
    return 0;
}

/* Is the key new to case `of`? Cases are filled one after another. 1 or 0;
 * -1 when memory is out. */
static int enter(struct case_scope *scope, uint32_t key, size_t of)
{
    uint32_t *moved = sys_grow(scope->entered, &scope->entered_capacity,
                               scope->keys.count, sizeof(*moved));

    if (!moved)
        return -1;
    scope->entered = moved;
    if (key + 1 == scope->keys.count && key >= scope->known_keys) {
        scope->known_keys = scope->keys.count;
        moved[key] = (uint32_t)scope->count; /* none yet */
    }
    if (moved[key] == of)
        return 0;
    moved[key] = (uint32_t)of;
    return 1;
}

static int add_key(struct case_scope *scope, struct span key, size_t of)
{
    uint32_t number = strings_intern(&scope->keys, key);
    int is_new = number == STRINGS_FAILED ? -1 : enter(scope, number, of);
    struct case_key *moved;

    if (is_new <= 0)
        return is_new;
    moved = sys_grow(scope->key_cases, &scope->key_capacity,
                     scope->key_count + 1, sizeof(*moved));
    if (!moved)
        return -1;
    scope->key_cases = moved;
    moved[scope->key_count++] = (struct case_key){number, (uint32_t)of};
    return 0;
}

/* What was used at the suspect's location, … */
static int add_used_keys(struct case_scope *scope,
                         const struct located *located,
                         const struct tally *tally, uint32_t group, size_t of)
{
    size_t count;
    const struct tally_entry *entries = tally_entries_of(tally, group, &count);

    for (size_t i = 0; i < count; i++) {
        struct span key = facet_table_text(
            &located->aggregate.facets, entries[i].facets, FACET_ACCESS_KEY_ID);

        if (key.len > 0 && add_key(scope, key, of) < 0)
            return -1;
    }
    return 0;
}

/* A key that was issued from the suspect's location of a case. */
struct issued {
    struct span key;
    size_t of;
};

struct issued_keys {
    struct issued *items; /* by case */
    size_t count, capacity;
};

static int by_instance(const void *a_case, const void *instance)
{
    return span_cmp((*(const struct alert *const *)a_case)->instance_id,
                    *(const struct span *)instance);
}

/* The instance's case: they are in the order of their InstanceIds. `count` if
 * it has none. */
static size_t case_of(const struct case_scope *scope, struct span instance)
{
    /* An array of pointers is meant. */
    return search_one(scope->cases, scope->count,
                      /* NOLINTNEXTLINE(bugprone-sizeof-expression) */
                      sizeof(*scope->cases), &instance, by_instance);
}

static int by_case(const void *a, const void *b)
{
    const struct issued *x = a, *y = b;

    return x->of != y->of ? (x->of > y->of ? 1 : -1) : span_cmp(x->key, y->key);
}

/* All of them, in one pass over the keys that instances issued. */
static int find_issued(const struct case_scope *scope,
                       struct issued_keys *issued)
{
    struct span key;

    for (size_t i = 0; span_present(key = facts_chained_key(scope->facts, i));
         i++) {
        size_t of = case_of(scope, facts_key_issuer(scope->facts, key));
        struct issued *moved;

        if (of == scope->count ||
            !facts_key_issued_at(scope->facts, key,
                                 scope->cases[of]->verdict->suspect_at))
            continue;
        moved = sys_grow(issued->items, &issued->capacity, issued->count + 1,
                         sizeof(*moved));
        if (!moved)
            return -1;
        issued->items = moved;
        moved[issued->count++] = (struct issued){key, of};
    }
    if (issued->count > 1)
        qsort(issued->items, issued->count, sizeof(*issued->items), by_case);
    return 0;
}

/* … what was issued from there, by whichever of the instance's keys, … `*at`
 * is where the case's begin, and becomes where the next one's do. */
static int add_issued(struct case_scope *scope,
                      const struct issued_keys *issued, size_t of, size_t *at)
{
    for (; *at < issued->count && issued->items[*at].of == of; ++*at)
        if (add_key(scope, issued->items[*at].key, of) < 0)
            return -1;
    return 0;
}

/* … and what was issued with any of these. */
static int add_chained_keys(struct case_scope *scope, size_t first, size_t of)
{
    for (size_t i = first; i < scope->key_count; i++) {
        struct span by = strings_text(&scope->keys, scope->key_cases[i].key);
        struct span key;

        for (size_t at = 0;
             span_present(key = facts_issued_key(scope->facts, by, at)); at++)
            if (add_key(scope, key, of) < 0)
                return -1;
    }
    return 0;
}

static int by_location(const void *a, const void *b)
{
    const struct case_place *x = a, *y = b;
    int order = ip_cmp(x->location, y->location);

    return order ? order : (x->of > y->of) - (x->of < y->of);
}

static int by_key(const void *a, const void *b)
{
    const struct case_key *x = a, *y = b;
    int order = (x->key > y->key) - (x->key < y->key);

    return order ? order : (x->of > y->of) - (x->of < y->of);
}

static struct span bytes_of(const struct ip *location)
{
    return span_of((const char *)location, sizeof(*location));
}

/* Most records are at none of the locations, which a search would take long to
 * find. -1 when memory is out. */
static int sort_places(struct case_scope *scope)
{
    qsort(scope->places, scope->place_count, sizeof(*scope->places),
          by_location);
    for (size_t i = 0; i < scope->place_count; i++)
        if (strings_intern(&scope->locations,
                           bytes_of(&scope->places[i].location)) ==
            STRINGS_FAILED)
            return -1;
    return 0;
}

/* The case of this instance whose suspect is at the group's address. */
static size_t case_of_group(const struct case_scope *scope,
                            const struct located *located, uint32_t group)
{
    const struct aggregate *agg = &located->aggregate;
    size_t of = case_of(scope, aggregate_instance_id(agg, group));

    return of < scope->count && ip_cmp(scope->cases[of]->verdict->suspect_at,
                                       agg->groups[group].address) == 0
               ? of
               : scope->count;
}

/* The groups of the cases' suspects, and their events. `groups[of]` is that of
 * case `of`; INDEX_NONE where there is none. */
static int tally_suspects(const struct case_scope *scope,
                          const struct located *located, uint32_t *groups,
                          struct tally *tally)
{
    const struct aggregate *agg = &located->aggregate;
    bool *wanted = sys_calloc(agg->group_count, sizeof(*wanted));
    int ret;

    if (!wanted)
        return -1;
    for (size_t i = 0; i < scope->count; i++)
        groups[i] = INDEX_NONE;
    for (size_t i = 0; i < agg->group_count; i++) {
        size_t of;

        if (!case_scope_has_location(scope, agg->groups[i].address))
            continue;
        of = case_of_group(scope, located, (uint32_t)i);
        if (of == scope->count)
            continue;
        wanted[i] = true;
        groups[of] = (uint32_t)i;
    }
    ret = aggregate_tally(agg, wanted, tally);
    tally_sort(tally);
    sys_free(wanted);
    return ret;
}

static int find_keys(struct case_scope *scope, const struct located *located)
{
    uint32_t *groups = sys_malloc(scope->count * sizeof(*groups));
    struct issued_keys issued = {.count = 0};
    struct tally tally;
    size_t at = 0;
    int ret = -1;

    tally_init(&tally);
    if (groups && tally_suspects(scope, located, groups, &tally) == 0)
        ret = find_issued(scope, &issued);
    for (size_t of = 0; of < scope->count && ret == 0; of++) {
        size_t first = scope->key_count;

        if (groups[of] != INDEX_NONE)
            ret = add_used_keys(scope, located, &tally, groups[of], of);
        if (ret == 0)
            ret = add_issued(scope, &issued, of, &at);
        if (ret == 0)
            ret = add_chained_keys(scope, first, of);
    }
    sys_free(issued.items);
    tally_release(&tally);
    sys_free(groups);
    return ret;
}

int case_scope_init(struct case_scope *scope, const struct alert_list *alerts,
                    const struct located *located, const struct facts *facts,
                    struct err *err)
{
    *scope = (struct case_scope){.facts = facts};
    strings_init(&scope->locations);
    strings_init(&scope->keys);
    if (choose_cases(scope, alerts) < 0)
        return err_memory(err);
    if (scope->count == 0)
        return 0;
    if (sort_places(scope) < 0 || find_keys(scope, located) < 0)
        return err_memory(err);
    if (scope->key_count > 1)
        qsort(scope->key_cases, scope->key_count, sizeof(*scope->key_cases),
              by_key);
    return 0;
}

void case_scope_release(struct case_scope *scope)
{
    sys_free(scope->cases);
    sys_free(scope->places);
    strings_release(&scope->locations);
    sys_free(scope->key_cases);
    sys_free(scope->entered);
    strings_release(&scope->keys);
    *scope = (struct case_scope){0};
}

/* The first place at or behind (location, of). */
static size_t find_place(const struct case_scope *scope, struct ip location,
                         size_t of)
{
    struct case_place wanted = {location, (uint32_t)of};

    return search_first(scope->places, scope->place_count,
                        sizeof(*scope->places), &wanted, by_location);
}

/* The first case at `from` or above that has the location; `count` if none. */
static size_t next_at(const struct case_scope *scope, struct ip location,
                      size_t from)
{
    size_t at;

    if (strings_find(&scope->locations, bytes_of(&location)) == STRINGS_FAILED)
        return scope->count;
    at = find_place(scope, location, from);
    return at < scope->place_count &&
                   ip_cmp(scope->places[at].location, location) == 0
               ? scope->places[at].of
               : scope->count;
}

/* The same of a key. */
static size_t next_with(const struct case_scope *scope, struct span key,
                        size_t from)
{
    struct case_key wanted = {strings_find(&scope->keys, key), (uint32_t)from};
    size_t at;

    if (wanted.key == STRINGS_FAILED || key.len == 0)
        return scope->count;
    at = search_first(scope->key_cases, scope->key_count,
                      sizeof(*scope->key_cases), &wanted, by_key);
    return at < scope->key_count && scope->key_cases[at].key == wanted.key
               ? scope->key_cases[at].of
               : scope->count;
}

bool case_scope_has_location(const struct case_scope *scope, struct ip location)
{
    return next_at(scope, location, 0) < scope->count;
}

bool case_scope_has_key(const struct case_scope *scope, struct span key)
{
    return next_with(scope, key, 0) < scope->count;
}

static int search_all(const struct strings *texts, struct trace_search *search)
{
    for (size_t i = 0; i < texts->count; i++)
        if (trace_search_add(search, strings_text(texts, (uint32_t)i)) < 0)
            return -1;
    return 0;
}

int case_scope_search(const struct case_scope *scope,
                      struct trace_search *search)
{
    return search_all(&scope->locations, search) < 0
               ? -1
               : search_all(&scope->keys, search);
}

size_t case_scope_next(const struct case_scope *scope,
                       const struct event *event, size_t from)
{
    size_t with = next_with(scope, event->field[EVENT_ACCESS_KEY_ID], from);
    struct ip location;
    size_t at = scope->count;

    if (location_of(event, &location) != LOCATION_NONE)
        at = next_at(scope, location, from);
    return at < with ? at : with;
}

bool case_scope_is_own(const struct case_scope *scope,
                       const struct event *event, size_t of)
{
    return next_with(scope, event->field[EVENT_ACCESS_KEY_ID], of) == of ||
           span_eq(location_instance_of(event), scope->cases[of]->instance_id);
}
