/* One function a kind of line, for each of writing, reading and comparing. */
#include "state/partial_facts.h"

#include "base/sys.h"
#include "base/vlq.h"
#include "detect/location.h"

#include <stdlib.h>

/* The most that a register of a sketch counts: one more than 32 zeros. */
#define RANK_MAX 33

/* More than USE_TOLD_INSTANCES. */
#define MANY "many"

bool partial_is_owner(struct span of)
{
    return location_is_instance_id(of) || located_is_key(of);
}

bool partial_is_location(struct ip address)
{
    char text[IP_TEXT_BYTES];
    struct ip location;

    return location_parse(span_str(ip_format(address, text)), &location) !=
               LOCATION_NONE &&
           ip_cmp(location, address) == 0;
}

enum partial_kind partial_kind_of(bool located, struct span of)
{
    return !located             ? PARTIAL_RULED
           : located_is_key(of) ? PARTIAL_KEYED
                                : PARTIAL_LOCATED;
}

/* --- writing --- */

static void write_fact(struct json_writer *json, const struct fact_told *fact)
{
    size_t count = FACT_TOLD_TEXTS;

    json_member_string(json, "fact", span_str(facts_kind_name(fact->kind)));
    while (count > 1 && !span_present(fact->text[count - 1]))
        count--;
    json_member_array(json, "texts");
    for (size_t i = 0; i < count; i++)
        json_string(json, fact->text[i]);
    json_array_end(json);
    if (fact->time != 0)
        json_member_time(json, "time", fact->time);
    if (fact->address.family != IP_NONE)
        json_member_ip(json, "address", fact->address);
    if (fact->prefix > 0)
        json_member_uint(json, "prefix", fact->prefix);
}

static struct span spell_people(const struct distinct *people,
                                struct buf *scratch)
{
    bool exact = people->used <= DISTINCT_EXACT;
    size_t count = exact ? people->used : DISTINCT_REGISTERS;
    char *at, *start;

    buf_clear(scratch);
    start = at = buf_reserve(scratch, count * VLQ_MAX_DIGITS);
    for (size_t i = 0; i < count && at; i++)
        at = vlq_put(at, exact ? people->seen.hashes[i]
                               : people->seen.registers[i]);
    if (at)
        scratch->len += (size_t)(at - start);
    return scratch->len ? buf_span(scratch) : SPAN("");
}

static void write_use(struct json_writer *json, const struct use_told *use,
                      struct buf *scratch)
{
    json_member_ip(json, "use", use->address);
    if (use->instance_count > USE_TOLD_INSTANCES) {
        json_member_string(json, "instances", SPAN(MANY));
    } else {
        json_member_array(json, "instances");
        for (unsigned i = 0; i < use->instance_count; i++)
            json_string(json, use->instances[i]);
        json_array_end(json);
    }
    if (!use->people)
        return;
    json_member_string(
        json, use->people->used <= DISTINCT_EXACT ? "people" : "sketch",
        spell_people(use->people, scratch));
    json_member_time(json, "first", use->first_person);
}

void partial_fact_write(struct json_writer *json,
                        const struct partial_fact *fact, struct buf *scratch)
{
    json_object(json);
    switch (fact->kind) {
    case PARTIAL_FACT:
        write_fact(json, &fact->fact);
        break;
    case PARTIAL_USE:
        write_use(json, &fact->use, scratch);
        break;
    case PARTIAL_ENDPOINT:
        json_member_string(json, "endpoint", fact->account);
        json_member_string(json, "of", fact->of);
        json_member_ip(json, "location", fact->location);
        break;
    default:
        json_member_string(json, "in_scope", fact->of);
    }
    json_object_end(json);
}

/* --- reading --- */

bool partial_fact_begins(struct span line, enum partial_fact_kind *kind)
{
    static const struct span leads[PARTIAL_FACT_KINDS] = {
        [PARTIAL_FACT] = {"{\"fact\":", 8},
        [PARTIAL_USE] = {"{\"use\":", 7},
        [PARTIAL_ENDPOINT] = {"{\"endpoint\":", 12},
        [PARTIAL_MARK] = {"{\"in_scope\":", 12},
    };

    for (int i = 0; i < PARTIAL_FACT_KINDS; i++)
        if (line.len >= leads[i].len &&
            memcmp(line.ptr, leads[i].ptr, leads[i].len) == 0) {
            *kind = (enum partial_fact_kind)i;
            return true;
        }
    return false;
}

static void take_fact(struct line_members *members, struct fact_told *fact)
{
    struct span name = line_text(members, "fact");
    size_t count;

    while (facts_kind_name(fact->kind) &&
           !span_eq(span_str(facts_kind_name(fact->kind)), name))
        fact->kind++;
    if (!facts_kind_name(fact->kind))
        line_wrong(members, "fact");
    for (size_t i = 0; i < FACT_TOLD_TEXTS; i++)
        fact->text[i] = SPAN_ABSENT;
    count = line_texts(members, "texts", fact->text, FACT_TOLD_TEXTS);
    if (count == 0 || fact->text[0].len == 0 ||
        !span_present(fact->text[count - 1]))
        line_wrong(members, "texts");
    if (line_peek(members, "time")) {
        fact->time = line_time(members, "time", TIMESTAMP_UNKNOWN);
        if (fact->time == 0)
            line_wrong(members, "time");
    }
    if (line_peek(members, "address"))
        fact->address = line_address(members, "address");
    if (line_peek(members, "prefix")) {
        uint64_t prefix = line_number(members, "prefix");

        if (prefix == 0 || prefix > 128 || fact->address.family == IP_NONE)
            line_wrong(members, "prefix");
        fact->prefix = (unsigned)(prefix & 0xff);
    }
}

/* Distinct hashes in ascending order, or all registers of a sketch. */
static bool read_people(struct span text, bool exact, struct distinct *people)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    size_t most = exact ? DISTINCT_EXACT : DISTINCT_REGISTERS, count = 0;
    uint64_t value, before = 0;

    *people = (struct distinct){0};
    for (; at < end; count++) {
        if (count == most || !vlq_get(&at, end, &value) ||
            (exact ? count > 0 && value <= before : value > RANK_MAX))
            return false;
        if (exact)
            people->seen.hashes[count] = value;
        else
            people->seen.registers[count] = (uint8_t)value;
        before = value;
    }
    people->used = (uint8_t)(exact ? count : DISTINCT_EXACT + 1);
    return exact ? count > 0 : count == DISTINCT_REGISTERS;
}

static void take_use(struct line_members *members, struct partial_fact *fact)
{
    struct use_told *use = &fact->use;
    bool exact;

    use->address = line_address(members, "use");
    if (!partial_is_location(use->address))
        line_wrong(members, "use");
    if (line_is_text(members)) {
        if (!span_eq(line_text(members, "instances"), SPAN(MANY)))
            line_wrong(members, "instances");
        use->instance_count = USE_TOLD_INSTANCES + 1;
    } else {
        use->instance_count = (unsigned)line_texts(
            members, "instances", use->instances, USE_TOLD_INSTANCES);
        for (unsigned i = 0; i < use->instance_count; i++)
            if (!location_is_instance_id(use->instances[i]) ||
                (i > 0 &&
                 span_cmp(use->instances[i - 1], use->instances[i]) >= 0))
                line_wrong(members, "instances");
    }
    use->first_person = TIMESTAMP_UNKNOWN;
    exact = line_peek(members, "people") != NULL;
    if (!exact && !line_peek(members, "sketch")) {
        if (use->instance_count == 0)
            line_wrong(members, "instances");
        return;
    }
    if (!read_people(line_text(members, exact ? "people" : "sketch"), exact,
                     &fact->people))
        line_wrong(members, exact ? "people" : "sketch");
    use->people = &fact->people;
    use->first_person = line_time(members, "first", TIMESTAMP_UNKNOWN);
}

static struct span take_owner(struct line_members *members, const char *name)
{
    struct span of = line_text(members, name);

    if (!partial_is_owner(of))
        line_wrong(members, name);
    return of;
}

void partial_fact_take(struct line_members *members,
                       enum partial_fact_kind kind, struct partial_fact *fact)
{
    *fact = (struct partial_fact){.kind = kind};
    switch (kind) {
    case PARTIAL_FACT:
        take_fact(members, &fact->fact);
        break;
    case PARTIAL_USE:
        take_use(members, fact);
        break;
    case PARTIAL_ENDPOINT:
        fact->account = line_text(members, "endpoint");
        fact->of = take_owner(members, "of");
        fact->location = line_address(members, "location");
        if (!partial_is_location(fact->location))
            line_wrong(members, "location");
        break;
    default:
        fact->of = take_owner(members, "in_scope");
    }
}

int partial_fact_cmp(const struct partial_fact *a, const struct partial_fact *b)
{
    int order = (a->kind > b->kind) - (a->kind < b->kind);

    if (order || a->kind == PARTIAL_FACT)
        return order ? order : fact_told_cmp(&a->fact, &b->fact);
    if (a->kind == PARTIAL_USE)
        return ip_cmp(a->use.address, b->use.address);
    order = span_cmp(a->of, b->of);
    if (order || a->kind == PARTIAL_MARK)
        return order;
    order = ip_cmp(a->location, b->location);
    return order ? order : span_cmp(a->account, b->account);
}

int partial_fact_enter(const struct partial_fact *fact, struct facts *facts,
                       struct located *located)
{
    switch (fact->kind) {
    case PARTIAL_FACT:
        return facts_hear(facts, &fact->fact);
    case PARTIAL_USE:
        return facts_hear_use(facts, &fact->use);
    case PARTIAL_ENDPOINT:
        return located_enter_endpoint(located, fact->of, fact->location,
                                      fact->account);
    default:
        return located_enter_mark(located, fact->of);
    }
}

/* --- all of them --- */

static int each_use(const struct facts *facts,
                    int (*tell)(void *context, const struct partial_fact *fact),
                    void *context)
{
    size_t count;
    uint32_t *numbers = facts_sorted_uses(facts, &count);
    struct partial_fact fact = {.kind = PARTIAL_USE};
    int ret = numbers ? 0 : -1;

    for (size_t i = 0; i < count && ret == 0; i++) {
        facts_tell_use(facts, numbers[i], &fact.use);
        ret = tell(context, &fact);
    }
    sys_free(numbers);
    return ret;
}

/* An element of the sets; without an account it is a mark. */
struct owned {
    struct span of, account;
    struct ip location;
};

static struct partial_fact fact_of(const struct owned *owned)
{
    return (struct partial_fact){
        .kind = span_present(owned->account) ? PARTIAL_ENDPOINT : PARTIAL_MARK,
        .of = owned->of,
        .account = owned->account,
        .location = owned->location,
    };
}

static int in_order(const void *a, const void *b)
{
    const struct partial_fact x = fact_of(a), y = fact_of(b);

    return partial_fact_cmp(&x, &y);
}

static int each_of_sets(const struct located *located,
                        int (*tell)(void *context,
                                    const struct partial_fact *fact),
                        void *context)
{
    size_t endpoints = located->endpoint_count;
    size_t count = endpoints + located->marked.count;
    struct owned *all = sys_calloc(count, sizeof(*all));
    int ret = all ? 0 : -1;

    for (size_t i = 0; i < endpoints && all; i++) {
        const struct located_endpoint *endpoint = &located->endpoints[i];

        all[i] = (struct owned){
            strings_text(&located->texts, endpoint->instance),
            located_account(located, endpoint),
            endpoint->location,
        };
    }
    for (size_t i = endpoints; i < count && all; i++)
        all[i] = (struct owned){located->marked.items[i - endpoints],
                                SPAN_ABSENT, IP_ABSENT};
    if (count > 1 && all)
        qsort(all, count, sizeof(*all), in_order);
    for (size_t i = 0; i < count && ret == 0; i++) {
        const struct partial_fact fact = fact_of(&all[i]);

        ret = tell(context, &fact);
    }
    sys_free(all);
    return ret;
}

int partial_facts_each(const struct facts *facts, const struct located *located,
                       int (*tell)(void *context,
                                   const struct partial_fact *fact),
                       void *context)
{
    struct partial_fact fact = {.kind = PARTIAL_FACT};
    int ret = 0;

    for (size_t i = 0; i < facts_count(facts) && ret == 0; i++) {
        facts_tell(facts, i, &fact.fact);
        ret = tell(context, &fact);
    }
    if (ret == 0)
        ret = each_use(facts, tell, context);
    return ret == 0 ? each_of_sets(located, tell, context) : ret;
}
