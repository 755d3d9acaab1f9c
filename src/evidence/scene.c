/* Each location's tally is gone through once, and its texts are sorted. */
#include "evidence/scene.h"

#include "base/search.h"

#include "detect/location.h"
#include "evidence/enclosing.h"

#include <assert.h>
#include <stdlib.h>

struct span scene_facet(const struct scene *scene,
                        const struct tally_entry *entry, enum facet facet)
{
    return facet_table_text(&scene->located->aggregate.facets, entry->facets,
                            facet);
}

static void see_entry(struct scene *scene, struct place *place,
                      const struct tally_entry *entry, struct call_signs *signs)
{
    struct span delivery = scene_facet(scene, entry, FACET_EC2_ROLE_DELIVERY);
    unsigned shown = call_signs_of(signs, entry->facets);

    if (entry->first < place->first)
        place->first = entry->first;
    if (entry->last > place->last)
        place->last = entry->last;
    place->signs |= shown;
    if (shown & CALL_REFUSED)
        place->refused += entry->count;
    scene->is_instance |= delivery.len > 0;
    if (span_eq(delivery, SPAN("1.0")))
        place->imds_v1 += entry->count;
    else if (span_eq(delivery, SPAN("2.0")))
        place->imds_v2 += entry->count;
}

static void see_place(struct scene *scene, struct place *place, uint32_t group,
                      const struct tally *tally, struct call_signs *signs)
{
    const struct aggregate_group *of = &scene->located->aggregate.groups[group];

    *place = (struct place){
        .address = of->address,
        .group = group,
        .is_private = location_kind_of(of->address) == LOCATION_PRIVATE,
        .calls = of->count,
        .first = TIMESTAMP_UNKNOWN,
        .last = INT64_MIN,
    };
    place->entries = tally_entries_of(tally, group, &place->entry_count);
    for (size_t i = 0; i < place->entry_count; i++)
        see_entry(scene, place, &place->entries[i], signs);
    place->timed = place->last != TIMESTAMP_UNKNOWN && place->entry_count > 0;
    scene->private_count += place->is_private;
    scene->imds_v1 += place->imds_v1;
    scene->imds_v2 += place->imds_v2;
}

static int by_text_and_place(const void *a, const void *b)
{
    const struct sighting *x = a, *y = b;
    int order = span_cmp(x->text, y->text);

    return order ? order : (x->place > y->place) - (x->place < y->place);
}

/* Most of a place's entries show what one of the few before showed: only what
 * is new is sorted. */
#define LOOK_BACK 8

static bool is_repeated(const struct sighting *items, size_t count,
                        uint32_t number, size_t place)
{
    for (size_t i = count; i > 0 && count - i < LOOK_BACK; i--) {
        if (items[i - 1].place != place)
            return false;
        if (items[i - 1].number == number)
            return true;
    }
    return false;
}

/* Every value of a facet with the places that show it. */
static int find_sightings(const struct scene *scene, enum facet facet,
                          struct arena *arena, struct sightings *sightings)
{
    const struct facet_table *table = &scene->located->aggregate.facets;
    size_t count = 0, kept = 0;

    for (size_t p = 0; p < scene->count; p++)
        count += scene->places[p].entry_count;
    sightings->items = arena_alloc(arena, count * sizeof(*sightings->items));
    if (!sightings->items)
        return -1;
    count = 0;
    for (size_t p = 0; p < scene->count; p++)
        for (size_t i = 0; i < scene->places[p].entry_count; i++) {
            const struct tally_entry *entry = &scene->places[p].entries[i];
            uint32_t number = facet_table_value(table, entry->facets, facet);
            struct span text;

            if (is_repeated(sightings->items, count, number, p))
                continue;
            text = strings_text(&table->strings, number);
            if (text.len > 0)
                sightings->items[count++] = (struct sighting){text, number, p};
        }
    if (count > 1)
        qsort(sightings->items, count, sizeof(*sightings->items),
              by_text_and_place);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || by_text_and_place(&sightings->items[kept - 1],
                                        &sightings->items[i]) != 0)
            sightings->items[kept++] = sightings->items[i];
    sightings->count = kept;
    return 0;
}

/* How many agents each place shows, and how many of them others show, too. */
static void count_agents(struct scene *scene)
{
    const struct sighting *items = scene->agents.items;
    size_t end;

    for (size_t i = 0; i < scene->agents.count; i = end) {
        for (end = i + 1; end < scene->agents.count &&
                          span_eq(items[end].text, items[i].text);)
            end++;
        for (size_t k = i; k < end; k++) {
            scene->places[items[k].place].agent_count++;
            scene->places[items[k].place].shared_agents += end - i > 1;
        }
    }
}

/* Which span lies around which, and which ends first. */
static int compare_spans(struct scene *scene, struct arena *arena)
{
    struct enclosing_span *spans =
        arena_alloc(arena, scene->count * sizeof(*spans));
    size_t *scratch = arena_alloc(arena, scene->count * sizeof(*scratch));
    size_t count = 0;

    if (!spans || !scratch)
        return -1;
    for (size_t p = 0; p < scene->count; p++) {
        const struct place *place = &scene->places[p];

        if (!place->timed)
            continue;
        spans[count++] = (struct enclosing_span){
            .first = place->first, .last = place->last, .number = p};
        if (place->last < scene->ends[0]) {
            scene->ends[1] = scene->ends[0];
            scene->ends[0] = place->last;
        } else if (place->last < scene->ends[1]) {
            scene->ends[1] = place->last;
        }
    }
    enclosing_find(spans, count, scratch);
    for (size_t i = 0; i < count; i++)
        scene->places[spans[i].number].around = spans[i].longest;
    return 0;
}

static int by_address(const void *place, const void *address)
{
    return ip_cmp(((const struct place *)place)->address,
                  *(const struct ip *)address);
}

/* The place of an address; NULL if there is none. */
static struct place *place_at(const struct scene *scene, struct ip address)
{
    size_t at = search_one(scene->places, scene->count, sizeof(*scene->places),
                           &address, by_address);

    assert(scene->places);
    return at < scene->count ? &scene->places[at] : NULL;
}

/* Where the session had keys issued that are used: the first of each place's
 * sightings. */
static void find_issued(struct scene *scene)
{
    for (size_t i = 0; i < scene->keys.count; i++) {
        const struct sighting *key = &scene->keys.items[i];
        struct ip from;

        if (i > 0 && span_eq(key[-1].text, key->text))
            continue;
        if (!span_eq(facts_key_issuer(scene->facts, key->text),
                     scene->instance))
            continue;
        for (size_t n = 0; facts_key_issue(scene->facts, key->text, n, &from);
             n++) {
            struct place *place = place_at(scene, from);

            if (place && !place->issued)
                place->issued = key;
        }
    }
}

static void count_signs(struct scene *scene)
{
    for (size_t p = 0; p < scene->count; p++)
        for (unsigned mark = 0; mark < AGENT_MARKS; mark++)
            scene->agents_at[mark] += scene->places[p].signs >> mark & 1u;
}

int scene_init(struct scene *scene, const struct located *located,
               const struct facts *facts, const struct tally *tally,
               struct call_signs *signs, const uint32_t *groups, size_t count,
               struct arena *arena)
{
    *scene = (struct scene){
        .located = located,
        .facts = facts,
        .instance = aggregate_instance_id(&located->aggregate, groups[0]),
        .is_instance = located_is_marked(
            located, aggregate_instance_id(&located->aggregate, groups[0])),
        .places = arena_alloc(arena, count * sizeof(struct place)),
        .count = count,
        .ends = {TIMESTAMP_UNKNOWN, TIMESTAMP_UNKNOWN},
    };
    if (!scene->places)
        return -1;
    for (size_t i = 0; i < count; i++)
        see_place(scene, &scene->places[i], groups[i], tally, signs);
    if (find_sightings(scene, FACET_USER_AGENT, arena, &scene->agents) < 0 ||
        find_sightings(scene, FACET_ACCESS_KEY_ID, arena, &scene->keys) < 0 ||
        find_sightings(scene, FACET_ACCOUNT, arena, &scene->accounts) < 0 ||
        compare_spans(scene, arena) < 0)
        return -1;
    count_signs(scene);
    count_agents(scene);
    find_issued(scene);
    return 0;
}

void scene_use_ranges(struct scene *scene, const struct ip_ranges *ranges)
{
    scene->ranges = ranges;
    scene->outside_count = 0;
    for (size_t p = 0; p < scene->count; p++) {
        struct place *place = &scene->places[p];

        /* Private addresses are no part of the internet. */
        place->outside_aws = ranges && !place->is_private &&
                             !ip_ranges_hold(ranges, place->address);
        scene->outside_count += place->outside_aws;
    }
}

/* The first sighting of a text, or behind where it would be. */
static size_t first_sighting(const struct sightings *sightings,
                             struct span text)
{
    const struct sighting wanted = {.text = text};

    return search_first(sightings->items, sightings->count,
                        sizeof(*sightings->items), &wanted, by_text_and_place);
}

bool sightings_hold(const struct sightings *sightings, struct span text)
{
    size_t at = first_sighting(sightings, text);

    return at < sightings->count && span_eq(sightings->items[at].text, text);
}

bool sightings_elsewhere(const struct sightings *sightings, struct span text,
                         size_t at, size_t *other)
{
    size_t low = first_sighting(sightings, text);

    for (; low < sightings->count && span_eq(sightings->items[low].text, text);
         low++)
        if (sightings->items[low].place != at) {
            *other = sightings->items[low].place;
            return true;
        }
    return false;
}

bool place_overlaps(const struct place *a, const struct place *b)
{
    return a->first <= b->last && b->first <= a->last;
}
