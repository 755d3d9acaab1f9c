/*
 * A function a reason. Each looks whether its reason holds and, if so, says
 * so with the figures; the points are in the table (reasons.h).
 */
#include "evidence/judge.h"

#include "detect/location.h"

#include <inttypes.h>

/* "after-stop": an instance that goes down still talks for a while. */
#define STOP_GRACE (10 * 60 * TICKS_PER_SECOND)

/* "recon": what a thief asks first. */
#define RECON_FIRST   TICKS_PER_SECOND
#define RECON_WINDOW  (10 * 60 * TICKS_PER_SECOND)
#define RECON_NAMES   3
#define RECON_SOURCES 2

#define BRIEF_TENTH 10 /* a span of at most 1/10 of the other */

#define DENIED_CALLS   3
#define DENIED_PERCENT 30

#define MANY_INSTANCES 3 /* that share an address: it is an egress */

/* Of a text from a record; more helps nobody. */
#define QUOTE_BYTES 100

enum held {
    HELD_NOT,
    HELD_WEAKLY, /* in its weaker form */
    HELD,
};

/* ------------------------------------------------------------- words */

static void add_place(struct buf *text, const struct place *place)
{
    char address[LOCATION_TEXT_BYTES];

    if (!text->failed)
        buf_add(text, span_str(location_format(place->address, address)));
}

static void add_time(struct buf *text, timestamp time)
{
    char formatted[TIMESTAMP_TEXT_BYTES];

    if (text->failed)
        return;
    if (time == TIMESTAMP_UNKNOWN) {
        buf_add(text, SPAN("an unknown time"));
        return;
    }
    timestamp_format_seconds(time, formatted);
    buf_add(text, span_str(formatted));
}

static void add_span(struct buf *text, const struct place *place)
{
    add_place(text, place);
    buf_add(text, SPAN(" from "));
    add_time(text, place->first);
    buf_add(text, SPAN(" to "));
    add_time(text, place->last);
}

/* Texts are valid UTF-8; a cut falls between characters. */
static void add_quoted(struct buf *text, struct span quoted)
{
    size_t len = quoted.len;

    if (len > QUOTE_BYTES)
        for (len = QUOTE_BYTES; len > 0 && (quoted.ptr[len] & 0xc0) == 0x80;)
            len--;
    buf_add_char(text, '\'');
    buf_add(text, span_of(quoted.ptr, len));
    buf_add(text, len < quoted.len ? SPAN("…'") : SPAN("'"));
}

static void add_count(struct buf *text, uint64_t count, const char *noun)
{
    buf_printf(text, "%" PRIu64 " %s%s", count, noun, count == 1 ? "" : "s");
}

/* ------------------------------------------------- reasons of the case */

static enum held multi(const struct scene *scene, size_t at, struct buf *text)
{
    (void)at;
    if (scene->count < 2)
        return HELD_NOT;
    buf_printf(text, "calls come from %zu locations", scene->count);
    return HELD;
}

/* The first place whose span overlaps; SIZE_MAX if none does. */
static size_t find_overlap(const struct scene *scene, size_t at)
{
    const struct place *place = &scene->places[at];

    for (size_t i = 0; i < scene->count && place->timed; i++)
        if (i != at && scene->places[i].timed &&
            place_overlaps(place, &scene->places[i]))
            return i;
    return SIZE_MAX;
}

static enum held concurrent(const struct scene *scene, size_t at,
                            struct buf *text)
{
    size_t other = find_overlap(scene, at);

    if (other == SIZE_MAX)
        return HELD_NOT;
    buf_add(text, SPAN("used at the same time: "));
    add_span(text, &scene->places[at]);
    buf_add(text, SPAN(", "));
    add_span(text, &scene->places[other]);
    return HELD;
}

static bool was_stopped(const struct scene *scene, size_t at,
                        timestamp *stopped, bool *terminated)
{
    const struct place *place = &scene->places[at];

    return place->first != TIMESTAMP_UNKNOWN &&
           facts_stopped_before(scene->facts, scene->instance, place->first,
                                stopped, terminated) &&
           place->first - *stopped > STOP_GRACE;
}

static bool all_timed(const struct scene *scene)
{
    for (size_t i = 0; i < scene->count; i++)
        if (!scene->places[i].timed)
            return false;
    return true;
}

static enum held handover(const struct scene *scene, size_t at,
                          struct buf *text)
{
    timestamp stopped;
    bool terminated;

    if (scene->count < 2 || !all_timed(scene) ||
        find_overlap(scene, at) != SIZE_MAX ||
        was_stopped(scene, at, &stopped, &terminated))
        return HELD_NOT;
    add_span(text, &scene->places[at]);
    buf_add(text, SPAN(", when no other location is used"));
    return HELD;
}

static enum held same_key(const struct scene *scene, size_t at,
                          struct buf *text)
{
    for (size_t i = 0; i < scene->keys.count; i++) {
        const struct sighting *key = &scene->keys.items[i];
        size_t other;

        if (key->place != at ||
            !sightings_elsewhere(&scene->keys, key->text, at, &other))
            continue;
        buf_add(text, SPAN("key "));
        add_quoted(text, key->text);
        buf_add(text, SPAN(" is used at "));
        add_place(text, &scene->places[at]);
        buf_add(text, SPAN(" and at "));
        add_place(text, &scene->places[other]);
        return HELD;
    }
    return HELD_NOT;
}

/* How many distinct agents the places but `at` show. */
static size_t count_other_agents(const struct scene *scene, size_t at)
{
    const struct sighting *last = NULL;
    size_t count = 0;

    for (size_t i = 0; i < scene->agents.count; i++) {
        const struct sighting *agent = &scene->agents.items[i];

        if (agent->place == at)
            continue;
        count += !last || !span_eq(last->text, agent->text);
        last = agent;
    }
    return count;
}

static enum held same_agents(const struct scene *scene, size_t at,
                             struct buf *text)
{
    size_t own = scene->places[at].agent_count;
    size_t shared = scene->places[at].shared_agents;
    size_t others = count_other_agents(scene, at);

    if (shared == 0 || (shared < own && shared < others))
        return HELD_NOT;
    buf_printf(text, "of the %zu agents at ", own);
    add_place(text, &scene->places[at]);
    buf_printf(text, " and the %zu elsewhere, %zu are the same", others,
               shared);
    return HELD;
}

static enum held dual_stack(const struct scene *scene, size_t at,
                            struct buf *text)
{
    (void)at;
    if (scene->count != 2 ||
        scene->places[0].address.family == scene->places[1].address.family)
        return HELD_NOT;
    buf_add(text, SPAN("one IPv4 and one IPv6 location are all there is: "));
    add_place(text, &scene->places[0]);
    buf_add(text, SPAN(" and "));
    add_place(text, &scene->places[1]);
    return HELD;
}

/* --------------------------------------------- reasons of a location */

static enum held imds_mixed(const struct scene *scene, size_t at,
                            struct buf *text)
{
    const struct place *place = &scene->places[at];

    if (place->imds_v1 == 0 || place->imds_v2 > 0 ||
        scene->imds_v1 > place->imds_v1 || scene->imds_v2 == 0)
        return HELD_NOT;
    buf_add(text, SPAN("only credentials read through IMDSv1 at "));
    add_place(text, place);
    buf_add(text, SPAN(" ("));
    add_count(text, place->imds_v1, "call");
    buf_add(text, SPAN("), only through IMDSv2 elsewhere ("));
    add_count(text, scene->imds_v2, "call");
    buf_add_char(text, ')');
    return HELD;
}

static enum held human(const struct scene *scene, size_t at, struct buf *text)
{
    const struct place *place = &scene->places[at];
    struct people_calls people =
        facts_people_calls(scene->facts, place->address);

    if (people.count == 0 || facts_is_egress(scene->facts, place->address))
        return HELD_NOT;
    buf_add(text, SPAN("people made "));
    if (!people.is_exact)
        buf_add(text, SPAN("about "));
    add_count(text, people.count, "call");
    buf_add(text, SPAN(" from "));
    add_place(text, place);
    buf_add(text, SPAN(", the first at "));
    add_time(text, people.first);
    buf_add(text, SPAN("; the instance "));
    add_count(text, place->calls, "call");
    buf_add(text, SPAN(", the first at "));
    add_time(text, place->first);
    return people.count > place->calls && people.first < place->first &&
                   !(place->signs & CALL_SSM_AGENT)
               ? HELD
               : HELD_WEAKLY;
}

static enum held reached(const struct scene *scene, size_t at, struct buf *text)
{
    const struct place *place = &scene->places[at];
    struct span event_name = SPAN_ABSENT, who = SPAN_ABSENT;
    timestamp when = TIMESTAMP_UNKNOWN;

    if (!facts_reached(scene->facts, scene->instance, place->address,
                       place->first, &when, &event_name, &who))
        return HELD_NOT;
    if (span_present(who))
        add_quoted(text, who);
    else
        buf_add(text, SPAN("somebody"));
    buf_add(text, SPAN(" opened a way into the instance from "));
    add_place(text, place);
    buf_add(text, SPAN(" with "));
    add_quoted(text, event_name);
    buf_add(text, SPAN(" at "));
    add_time(text, when);
    buf_add(text, SPAN(", before its first call from there at "));
    add_time(text, place->first);
    return HELD;
}

static enum held home(const struct scene *scene, size_t at, struct buf *text)
{
    if (scene->count < 2 || !(scene->places[at].signs & CALL_SSM_AGENT))
        return HELD_NOT;
    buf_add(text,
            SPAN("the SSM agent (UpdateInstanceInformation) calls from "));
    add_place(text, &scene->places[at]);
    return HELD;
}

/* If any span holds the place's and is long enough, the longest is. */
static enum held brief(const struct scene *scene, size_t at, struct buf *text)
{
    const struct place *place = &scene->places[at];
    const struct place *around;

    if (!place->timed || place->around == at)
        return HELD_NOT;
    around = &scene->places[place->around];
    if (around->first == around->last ||
        place->last - place->first >
            (around->last - around->first) / BRIEF_TENTH)
        return HELD_NOT;
    add_span(text, place);
    buf_add(text, SPAN(", inside "));
    add_span(text, around);
    buf_add(text, SPAN(" and at most a tenth of it"));
    return HELD;
}

static enum held egress_shared(const struct scene *scene, size_t at,
                               struct buf *text)
{
    const struct place *place = &scene->places[at];
    unsigned instances = facts_instances_at(scene->facts, place->address);
    size_t shared = place->shared_agents;

    if (instances < 2 || (scene->count > 1 && shared == 0))
        return HELD_NOT;
    buf_printf(text, "%s instances use ",
               instances >= MANY_INSTANCES ? "three or more" : "two");
    add_place(text, place);
    if (scene->count > 1) {
        buf_add(text, SPAN(", and this one shows "));
        add_count(text, shared, "agent");
        buf_add(text, SPAN(" there that it shows elsewhere"));
    } else {
        buf_add(text, SPAN(", and this one has no other location"));
    }
    return instances >= MANY_INSTANCES ? HELD : HELD_WEAKLY;
}

static bool has_linux(const struct scene *scene, size_t at)
{
    struct span platform = facts_platform(scene->facts, scene->instance);
    bool here = scene->places[at].signs & AGENT_LINUX; /* mark 0 */

    return span_present(platform) ? span_eq(platform, SPAN("linux"))
                                  : scene->agents_at[0] > here;
}

/* The mark that speaks against the place; 0 if none does. */
static unsigned workstation_mark(const struct scene *scene, size_t at)
{
    struct span platform = facts_platform(scene->facts, scene->instance);

    for (unsigned bit = 0; bit < AGENT_MARKS; bit++) {
        unsigned mark = 1u << bit;

        if (!(scene->places[at].signs & mark) || scene->agents_at[bit] > 1 ||
            mark == AGENT_LINUX ||
            (mark == AGENT_MACOS && span_eq(platform, SPAN("macos"))) ||
            (mark == AGENT_WINDOWS && !has_linux(scene, at)))
            continue;
        return mark;
    }
    return 0;
}

static const char *mark_words(unsigned mark)
{
    switch (mark) {
    case AGENT_WINDOWS:
        return "Windows, beside Linux";
    case AGENT_MACOS:
        return "macOS";
    case AGENT_BROWSER:
        return "a browser";
    default:
        return "a penetration-testing distribution";
    }
}

/* The first agent of the place that bears `mark`. */
static struct span agent_with(const struct scene *scene, size_t at,
                              unsigned mark)
{
    for (size_t i = 0; i < scene->agents.count; i++)
        if (scene->agents.items[i].place == at &&
            agent_marks(scene->agents.items[i].text) & mark)
            return scene->agents.items[i].text;
    return SPAN_ABSENT;
}

static enum held workstation(const struct scene *scene, size_t at,
                             struct buf *text)
{
    unsigned mark = workstation_mark(scene, at);

    if (mark == 0)
        return HELD_NOT;
    buf_add(text, SPAN("an agent at "));
    add_place(text, &scene->places[at]);
    buf_printf(text, " names %s: ", mark_words(mark));
    add_quoted(text, agent_with(scene, at, mark));
    if (scene->count > 1)
        buf_add(text, SPAN("; none elsewhere does"));
    return HELD;
}

static enum held new_agent(const struct scene *scene, size_t at,
                           struct buf *text)
{
    size_t own = scene->places[at].agent_count;

    if (scene->count < 2 || own == 0 || scene->places[at].shared_agents > 0)
        return HELD_NOT;
    buf_add(text, own == 1 ? SPAN("the agent at ") : SPAN("the agents at "));
    add_place(text, &scene->places[at]);
    buf_printf(text, " (%zu) %s seen at no other location", own,
               own == 1 ? "is" : "are");
    return HELD;
}

static bool asks_identity_first(const struct scene *scene,
                                const struct place *place)
{
    for (size_t i = 0; i < place->entry_count; i++) {
        const struct tally_entry *entry = &place->entries[i];

        if (place->first != TIMESTAMP_UNKNOWN &&
            entry->first - place->first < RECON_FIRST &&
            span_eq(scene_facet(scene, entry, FACET_EVENT_NAME),
                    SPAN("GetCallerIdentity")))
            return true;
    }
    return false;
}

static bool is_reading(struct span event_name)
{
    static const struct span verbs[] = {
        {"List", 4}, {"Describe", 8}, {"Get", 3}};

    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (event_name.len >= verbs[i].len &&
            memcmp(event_name.ptr, verbs[i].ptr, verbs[i].len) == 0)
            return true;
    return false;
}

/* Note `text` among the first `max` distinct ones. */
static void note_distinct(struct span *seen, size_t *count, size_t max,
                          struct span text)
{
    for (size_t i = 0; i < *count; i++)
        if (span_eq(seen[i], text))
            return;
    if (*count < max)
        seen[(*count)++] = text;
}

/* Three kinds of looking around in two services, by agents of its own. */
static bool looks_around(const struct scene *scene, size_t at)
{
    const struct place *place = &scene->places[at];
    struct span names[RECON_NAMES], sources[RECON_SOURCES];
    size_t name_count = 0, source_count = 0;

    for (size_t i = 0; i < place->entry_count && scene->count > 1; i++) {
        const struct tally_entry *entry = &place->entries[i];
        struct span name = scene_facet(scene, entry, FACET_EVENT_NAME);
        struct span source = scene_facet(scene, entry, FACET_EVENT_SOURCE);
        struct span agent = scene_facet(scene, entry, FACET_USER_AGENT);
        size_t other;

        if (place->first == TIMESTAMP_UNKNOWN ||
            entry->first - place->first > RECON_WINDOW || !is_reading(name) ||
            !span_present(source) || !span_present(agent) ||
            sightings_elsewhere(&scene->agents, agent, at, &other))
            continue;
        note_distinct(names, &name_count, RECON_NAMES, name);
        note_distinct(sources, &source_count, RECON_SOURCES, source);
    }
    return name_count == RECON_NAMES && source_count == RECON_SOURCES;
}

static enum held recon(const struct scene *scene, size_t at, struct buf *text)
{
    const struct place *place = &scene->places[at];

    if (place->signs & CALL_SSM_AGENT)
        return HELD_NOT;
    if (asks_identity_first(scene, place)) {
        buf_add(text, SPAN("GetCallerIdentity within a second of the first "
                           "call from "));
        add_place(text, place);
        return HELD;
    }
    if (!looks_around(scene, at))
        return HELD_NOT;
    buf_add(text, SPAN("three or more kinds of List, Describe and Get in two "
                       "or more services within ten minutes of the first "
                       "call from "));
    add_place(text, place);
    buf_add(text, SPAN(", by agents not seen elsewhere"));
    return HELD;
}

static enum held denied(const struct scene *scene, size_t at, struct buf *text)
{
    const struct place *place = &scene->places[at];

    if (place->refused < DENIED_CALLS ||
        place->refused * 100 < place->calls * DENIED_PERCENT)
        return HELD_NOT;
    buf_printf(text, "%" PRIu64 " of ", place->refused);
    add_count(text, place->calls, "call");
    buf_add(text, SPAN(" from "));
    add_place(text, place);
    buf_add(text, SPAN(" were refused"));
    return HELD;
}

static enum held console(const struct scene *scene, size_t at, struct buf *text)
{
    const struct place *place = &scene->places[at];
    struct span found = SPAN_ABSENT;

    /* The smallest name, since entries stand in order of arrival. */
    for (size_t i = 0; i < place->entry_count; i++) {
        struct span name =
            scene_facet(scene, &place->entries[i], FACET_EVENT_NAME);

        if ((span_eq(name, SPAN("ConsoleLogin")) ||
             span_eq(name, SPAN("GetSigninToken"))) &&
            (!span_present(found) || span_cmp(name, found) < 0))
            found = name;
    }
    if (!span_present(found))
        return HELD_NOT;
    buf_add(text, SPAN("the session signs in to the console from "));
    add_place(text, place);
    buf_add(text, SPAN(" ("));
    buf_add(text, found);
    buf_add_char(text, ')');
    return HELD;
}

/* The foreign account whose endpoint the place's calls came through; absent
 * if there is none. */
static struct span foreign_account(const struct scene *scene, size_t at,
                                   uint32_t *users)
{
    struct span found = SPAN_ABSENT;
    size_t count;
    const struct located_endpoint *endpoints = located_endpoints(
        scene->located, scene->instance, scene->places[at].address, &count);

    for (size_t i = 0; i < count; i++) {
        struct span account = located_account(scene->located, &endpoints[i]);

        if (facts_is_recipient(scene->facts, account) ||
            located_account_users(scene->located, &endpoints[i]) >=
                MANY_INSTANCES ||
            sightings_hold(&scene->accounts, account))
            continue;
        if (!span_present(found) || span_cmp(account, found) < 0) {
            found = account;
            *users = located_account_users(scene->located, &endpoints[i]);
        }
    }
    return found;
}

static enum held foreign_endpoint(const struct scene *scene, size_t at,
                                  struct buf *text)
{
    uint32_t users = 0;
    struct span account = foreign_account(scene, at, &users);

    if (!span_present(account))
        return HELD_NOT;
    buf_add(text, SPAN("calls from "));
    add_place(text, &scene->places[at]);
    buf_add(text, SPAN(" come through a VPC endpoint of account "));
    add_quoted(text, account);
    buf_add(text, SPAN(", of which the dump holds nothing else; "));
    add_count(text, users, "instance");
    buf_add(text, users == 1 ? SPAN(" uses it") : SPAN(" use it"));
    return HELD;
}

static enum network_match network_of(const struct scene *scene, size_t at,
                                     char why[FACTS_WHY_BYTES])
{
    why[0] = '\0';
    return scene->places[at].is_private
               ? facts_network(scene->facts, scene->instance,
                               scene->places[at].address, why)
               : NETWORK_UNKNOWN;
}

static enum held own_endpoint(const struct scene *scene, size_t at,
                              struct buf *text)
{
    char why[FACTS_WHY_BYTES];
    uint32_t users;

    if (scene->count < 2 || !scene->places[at].is_private ||
        network_of(scene, at, why) == NETWORK_OUTSIDE ||
        span_present(foreign_account(scene, at, &users)))
        return HELD_NOT;
    add_place(text, &scene->places[at]);
    buf_add(text, SPAN(" is a private address"));
    if (why[0])
        buf_printf(text, " (%s)", why);
    buf_add(text, SPAN(" and nothing speaks against it"));
    return HELD;
}

static enum held private_mismatch(const struct scene *scene, size_t at,
                                  struct buf *text)
{
    char why[FACTS_WHY_BYTES];

    if (network_of(scene, at, why) != NETWORK_OUTSIDE)
        return HELD_NOT;
    add_place(text, &scene->places[at]);
    buf_printf(text, " is private and outside the instance's network: %s", why);
    return HELD;
}

static enum held after_stop(const struct scene *scene, size_t at,
                            struct buf *text)
{
    timestamp stopped = TIMESTAMP_UNKNOWN;
    bool terminated = false;

    if (!was_stopped(scene, at, &stopped, &terminated))
        return HELD_NOT;
    buf_add(text, SPAN("the first call from "));
    add_place(text, &scene->places[at]);
    buf_add(text, SPAN(" comes at "));
    add_time(text, scene->places[at].first);
    buf_printf(text, ", and the instance was %s at ",
               terminated ? "terminated" : "stopped");
    add_time(text, stopped);
    return HELD;
}

/* The widest gap holds every other: it begins at the earliest end of another
 * location, if that was over before this one began. */
static enum held address_change(const struct scene *scene, size_t at,
                                struct buf *text)
{
    const struct place *place = &scene->places[at];
    timestamp when = TIMESTAMP_UNKNOWN;
    struct span event_name = SPAN_ABSENT;
    timestamp from = scene->ends[place->timed && place->last == scene->ends[0]];
    if (from == TIMESTAMP_UNKNOWN || place->first == TIMESTAMP_UNKNOWN ||
        from > place->first ||
        !facts_address_change(scene->facts, scene->instance, from, place->first,
                              &when, &event_name))
        return HELD_NOT;
    buf_add(text, event_name);
    buf_add(text, SPAN(" of the instance at "));
    add_time(text, when);
    buf_add(text, SPAN(", between another location's last call and the first "
                       "from "));
    add_place(text, place);
    return HELD;
}

/* The role that a key is used under at a place; of several, which no key of
 * AWS's has, the smallest, since the calls stand in no order. */
static struct span role_of(const struct scene *scene,
                           const struct sighting *key)
{
    const struct place *place = &scene->places[key->place];
    struct span smallest = SPAN_ABSENT;

    for (size_t i = 0; i < place->entry_count; i++) {
        const struct tally_entry *entry = &place->entries[i];
        struct span role = scene_facet(scene, entry, FACET_ROLE);

        if (span_eq(scene_facet(scene, entry, FACET_ACCESS_KEY_ID),
                    key->text) &&
            span_present(role) &&
            (!span_present(smallest) || span_cmp(role, smallest) < 0))
            smallest = role;
    }
    return smallest;
}

static enum held chain(const struct scene *scene, size_t at, struct buf *text)
{
    const struct sighting *key = scene->places[at].issued;
    struct span role;

    if (!key)
        return HELD_NOT;
    role = role_of(scene, key);
    buf_add(text, SPAN("key "));
    add_quoted(text, key->text);
    if (span_present(role)) {
        buf_add(text, SPAN(" of "));
        add_quoted(text, role);
    }
    buf_add(text, SPAN(", which the session had issued from "));
    add_place(text, &scene->places[at]);
    buf_add(text, SPAN(", is used at "));
    add_place(text, &scene->places[key->place]);
    return HELD;
}

static enum held not_aws(const struct scene *scene, size_t at, struct buf *text)
{
    if (!scene->places[at].outside_aws || scene->outside_count > 1)
        return HELD_NOT;
    add_place(text, &scene->places[at]);
    buf_add(text, SPAN(" is outside AWS's address ranges, "));
    if (scene->count == 1)
        buf_add(text, SPAN("and there is no other location"));
    else if (scene->private_count == 0)
        buf_add(text, SPAN("the other locations are inside"));
    else if (scene->private_count == scene->count - 1)
        buf_add(text, SPAN("the other locations are private"));
    else
        buf_add(text, SPAN("the other locations are inside, or private"));
    return HELD;
}

/* In reasons.h's order. NULL: never held, see judge_is_blind(). */
static enum held (*const judges[REASON_COUNT])(const struct scene *, size_t,
                                               struct buf *) = {
    [REASON_MULTI] = multi,
    [REASON_CONCURRENT] = concurrent,
    [REASON_HANDOVER] = handover,
    [REASON_SAME_KEY] = same_key,
    [REASON_SAME_AGENTS] = same_agents,
    [REASON_DUAL_STACK] = dual_stack,
    [REASON_IMDS_MIXED] = imds_mixed,
    [REASON_HUMAN] = human,
    [REASON_REACHED] = reached,
    [REASON_HOME] = home,
    [REASON_BRIEF] = brief,
    [REASON_EGRESS_SHARED] = egress_shared,
    [REASON_WORKSTATION] = workstation,
    [REASON_NEW_AGENT] = new_agent,
    [REASON_RECON] = recon,
    [REASON_DENIED] = denied,
    [REASON_CONSOLE] = console,
    [REASON_FOREIGN_ENDPOINT] = foreign_endpoint,
    [REASON_OWN_ENDPOINT] = own_endpoint,
    [REASON_PRIVATE_MISMATCH] = private_mismatch,
    [REASON_AFTER_STOP] = after_stop,
    [REASON_ADDRESS_CHANGE] = address_change,
    [REASON_NOT_AWS] = not_aws,
    [REASON_CHAIN] = chain,
};

int judge_reason(enum reason reason, const struct scene *scene, size_t at,
                 struct buf *text)
{
    const struct reason_facts *facts = reason_facts(reason);

    if (!judges[reason])
        return 0;
    switch (judges[reason](scene, at, text)) {
    case HELD:
        return facts->points;
    case HELD_WEAKLY:
        return facts->weaker;
    case HELD_NOT:
        break;
    }
    return 0;
}

int judge_points(enum reason reason, const struct scene *scene, size_t at)
{
    struct buf deaf = {.failed = true};

    return judge_reason(reason, scene, at, &deaf);
}

static bool any_issues_keys(const struct scene *scene)
{
    for (size_t i = 0; i < scene->count; i++)
        if (scene->places[i].signs & CALL_GIVES_KEYS)
            return true;
    return false;
}

bool judge_is_blind(enum reason reason, const struct scene *scene, size_t at,
                    struct buf *text)
{
    const struct place *place = &scene->places[at];
    char why[FACTS_WHY_BYTES];

    switch (reason) {
    case REASON_CONCURRENT:
        if (scene->count < 2 || all_timed(scene))
            return false;
        buf_add(text, SPAN("calls without a readable time"));
        return true;
    case REASON_IMDS_MIXED:
        if (scene->imds_v1 + scene->imds_v2 > 0)
            return false;
        buf_add(text, SPAN("no call says how its credentials were delivered "
                           "(ec2RoleDelivery)"));
        return true;
    case REASON_PRIVATE_MISMATCH:
        if (!place->is_private || network_of(scene, at, why) != NETWORK_UNKNOWN)
            return false;
        buf_add(text, SPAN("the dump does not say in which network the "
                           "instance is (no RunInstances of it)"));
        return true;
    case REASON_NOT_AWS:
        if (scene->ranges || place->is_private)
            return false;
        buf_add(text, SPAN("AWS's address ranges are not known: --ip-ranges "
                           "reads them"));
        return true;
    case REASON_CHAIN:
        if (!scene->located->unfollowed || place->issued ||
            !any_issues_keys(scene))
            return false;
        buf_add(text, SPAN("the session had keys issued (AssumeRole and the "
                           "like); their use in what cannot be read twice "
                           "(standard input, FIFOs) is not known"));
        return true;
    default:
        return false;
    }
}
