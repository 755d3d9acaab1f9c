/*
 * An attacker can give an instance as many locations as he has addresses. What
 * reasons ask of each of them beside all others is worked out for all at once;
 * it must be what asking each would give.
 */
#include "events.h"

#include "base/sys.h"
#include "evidence/scene.h"

#define ID    "i-0123456789abcdef0"
#define MANY  2000
#define CALLS 3 /* at each, by random */

static unsigned number_below(unsigned most)
{
    static unsigned random = 3;

    random = random * 1103515245 + 12345;
    return (random >> 16) % most;
}

static void locate(struct located *located, struct arena *arena, unsigned place)
{
    struct ip address = {IP_V4,
                         {203, 0, (uint8_t)(place >> 8), (uint8_t)place}};

    for (unsigned i = 0; i < CALLS; i++) {
        struct event event =
            EVENT(.id = text_in(arena, "%u-%u", place, i), .name = "GetObject",
                  .agent = text_in(arena, "agent %u", number_below(MANY)),
                  .account = text_in(arena, "%u", number_below(9)));
        struct aggregate_key key;

        event.time = (timestamp)number_below(MANY) * TICKS_PER_SECOND;
        if (place % 50 == 0)
            event.time = TIMESTAMP_UNKNOWN;
        assert_int_equal(aggregate_prepare(&located->aggregate, &event,
                                           SPAN(ID), address, &key),
                         0);
        assert_int_equal(located_add(located, &key, &event, SPAN(ID), address),
                         0);
    }
}

/* The longest span that holds the place's; of equal ones the first. */
static size_t longest_around(const struct scene *scene, size_t at)
{
    const struct place *of = &scene->places[at];
    size_t best = at;

    for (size_t i = 0; i < scene->count; i++) {
        const struct place *place = &scene->places[i];
        const struct place *so_far = &scene->places[best];
        timestamp more =
            place->last - place->first - (so_far->last - so_far->first);

        if (place->timed && place->first <= of->first &&
            place->last >= of->last && (more > 0 || (more == 0 && i < best)))
            best = i;
    }
    return best;
}

/* The earliest end of another timed place. */
static timestamp first_end_elsewhere(const struct scene *scene, size_t at)
{
    timestamp end = TIMESTAMP_UNKNOWN;

    for (size_t i = 0; i < scene->count; i++)
        if (i != at && scene->places[i].timed && scene->places[i].last < end)
            end = scene->places[i].last;
    return end;
}

static void expect_place(const struct scene *scene, size_t at)
{
    const struct place *place = &scene->places[at];
    size_t agents = 0, shared = 0;

    for (size_t i = 0; i < scene->agents.count; i++) {
        size_t other;

        if (scene->agents.items[i].place != at)
            continue;
        agents++;
        shared += sightings_elsewhere(&scene->agents,
                                      scene->agents.items[i].text, at, &other);
    }
    assert_int_equal(place->agent_count, agents);
    assert_int_equal(place->shared_agents, shared);
    if (place->timed)
        assert_int_equal(place->around, longest_around(scene, at));
    assert_true(scene->ends[place->timed && place->last == scene->ends[0]] ==
                first_end_elsewhere(scene, at));
}

static void many_locations_are_compared_as_a_few_would_be(void **state)
{
    struct located located;
    struct facts *facts = facts_new(NULL);
    struct arena arena = ARENA_INIT;
    struct call_signs signs;
    struct tally tally;
    struct scene scene;
    bool wanted[MANY];
    size_t count;
    uint32_t *groups;
    (void)state;

    assert_non_null(facts);
    located_init(&located, false);
    tally_init(&tally);
    memset(wanted, true, sizeof(wanted));
    for (unsigned place = 0; place < MANY; place++)
        locate(&located, &arena, place);
    assert_int_equal(aggregate_tally(&located.aggregate, wanted, &tally), 0);
    tally_sort(&tally);
    assert_int_equal(facts_settle(facts, NULL), 0);
    groups = aggregate_sorted_groups(&located.aggregate, NULL, &count);
    assert_int_equal(call_signs_init(&signs, &located.aggregate.facets), 0);
    assert_int_equal(count, MANY);
    assert_int_equal(scene_init(&scene, &located, facts, &tally, &signs, groups,
                                count, &arena),
                     0);
    for (size_t at = 0; at < count; at++)
        expect_place(&scene, at);
    assert_true(sightings_hold(&scene.accounts, SPAN("8")));
    assert_false(sightings_hold(&scene.accounts, SPAN("9")));
    assert_false(sightings_hold(&scene.accounts, SPAN("")));
    sys_free(groups);
    call_signs_release(&signs);
    tally_release(&tally);
    arena_release(&arena);
    facts_free(facts);
    located_release(&located);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_locations_are_compared_as_a_few_would_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
