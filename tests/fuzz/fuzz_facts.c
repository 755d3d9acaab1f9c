/*
 * What a dump says of the estate: whatever the requests and responses hold,
 * records that two sets share among them, some in both, say when united what
 * one set says that saw them all; what is passed over unread would have taught
 * nothing; and every question has an answer that can
 * be printed. The first byte tells which set sees a record.
 */
#include "fuzz.h"

#include "event/extract.h"
#include "evidence/facts_set.h"

static struct extractor *dom;

static void require_same(const struct facts *a, const struct facts *b)
{
    fuzz_require(a->count == b->count && a->text_count == b->text_count);
    for (size_t i = 0; i < a->text_count; i++)
        fuzz_require(span_eq(a->texts[i], b->texts[i]));
    fuzz_require(!a->count ||
                 memcmp(a->items, b->items, a->count * sizeof(*a->items)) == 0);
    fuzz_require(a->owned_count == b->owned_count);
    fuzz_require(a->moment_count == b->moment_count);
    fuzz_require(a->uses.count == b->uses.count);
}

static void require_plain(const char why[FACTS_WHY_BYTES])
{
    for (; *why; why++)
        fuzz_require(*why >= ' ' && *why <= '~');
}

/* Of everything that has a name, as if it were an instance or a key. */
static void ask(const struct facts *facts, struct span id, struct ip address)
{
    char why[FACTS_WHY_BYTES];
    struct span name, who;
    timestamp time;
    bool terminated;

    (void)facts_network(facts, id, address, why);
    require_plain(why);
    (void)facts_owns(facts, id, address, 0, TIMESTAMP_UNKNOWN, why);
    require_plain(why);
    (void)facts_stopped_before(facts, id, TIMESTAMP_UNKNOWN, &time,
                               &terminated);
    (void)facts_address_change(facts, id, 0, TIMESTAMP_UNKNOWN, &time, &name);
    (void)facts_reached(facts, id, address, TIMESTAMP_UNKNOWN, &time, &name,
                        &who);
    (void)facts_platform(facts, id);
    (void)facts_key_issuer(facts, id);
    (void)facts_key_holder(facts, id, &time);
}

/* As a worker asks, of a record that it would rather not extract. */
static bool can_teach(const struct facts *facts, struct span record)
{
    struct event glance;
    struct ip location;

    return extract_may_match(record) || extract_may_spell(record) ||
           !extract_glance(record, &glance) ||
           facts_may_learn(&glance, location_of(&glance, &location), record) ||
           facts_may_hear_recipient(facts, &glance, record);
}

/* Grows when something is learnt. */
static uint64_t amount_of(const struct facts *facts)
{
    uint64_t amount = facts->count + facts->uses.count;

    for (size_t i = 0; i < facts->uses.count; i++) {
        const struct address_use *use = facts->uses.items[i];

        amount += address_use_instance_count(use);
        amount += use->people ? distinct_count(use->people) : 0;
    }
    return amount;
}

static void see(struct span record, unsigned who, struct facts *sets[3])
{
    struct arena arena = ARENA_INIT;
    struct event event;
    struct err err = ERR_NONE;

    if (extract_dom.record(dom, record, &arena, &event, &err) == 0) {
        bool may_learn = can_teach(sets[0], record);
        uint64_t before = amount_of(sets[0]);

        fuzz_require(facts_see(sets[0], &event) == 0);
        fuzz_require(may_learn || amount_of(sets[0]) == before);
        if (who != 1)
            fuzz_require(facts_see(sets[1], &event) == 0);
        if (who != 0)
            fuzz_require(facts_see(sets[2], &event) == 0);
    }
    arena_release(&arena);
}

/* Every object of the text is a record. */
static void see_all(struct span text, unsigned choice, struct facts *sets[3])
{
    const char *at = text.ptr;
    const char *end = text.ptr + text.len;

    for (unsigned n = 0; at && (at = memchr(at, '{', (size_t)(end - at)));
         n++) {
        struct delimit delimit = {0};
        const char *after = delimit_value(&delimit, at, end);

        if (!after)
            break;
        if (!delimit.deep && !delimit.illegal) {
            size_t len = (size_t)(after - at);
            char *copy = fuzz_copy(span_of(at, len));

            see(span_of(copy, len), (choice >> n % 8 & 1) + (n % 3 == 0), sets);
            free(copy);
        }
        at = after;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_of((const char *)data, size);
    unsigned choice = fuzz_byte(&text);
    struct facts *sets[3];

    if (!dom) {
        dom = extract_dom.create();
        fuzz_require(dom && delimit_choose(NULL) == 0);
    }
    for (size_t i = 0; i < 3; i++)
        fuzz_require((sets[i] = facts_new(NULL)) != NULL);
    if (text.len > 0)
        see_all(text, choice, sets);
    fuzz_require(facts_merge(sets[1], sets[2], NULL) == 0);
    fuzz_require(facts_settle(sets[0], NULL) == 0);
    fuzz_require(facts_settle(sets[1], NULL) == 0);
    require_same(sets[0], sets[1]);
    for (size_t i = 0; i < sets[0]->text_count && i < 64; i++)
        for (size_t k = 0; k < sets[0]->count && k < 64; k++)
            ask(sets[0], sets[0]->texts[i], sets[0]->items[k].address);
    for (size_t i = 0; i < 3; i++)
        facts_free(sets[i]);
    return 0;
}
