/* The set of facts, and its union. What a text is called meanwhile depends on
 * the order of arrival; settling takes that away. */
#include "evidence/facts_set.h"

#include "base/find.h"
#include "base/search.h"
#include "base/sys.h"
#include "detect/identity.h"
#include "event/member_text.h"

#include <stdlib.h>

_Static_assert(sizeof(struct fact) == 40, "a fact has no padding");

static struct span bytes_of(const struct fact *fact)
{
    return span_of((const char *)fact, sizeof(*fact));
}

static bool fact_equal(const void *owner, uint32_t position, const void *key)
{
    const struct facts *facts = owner;

    return memcmp(&facts->items[position], key, sizeof(struct fact)) == 0;
}

static uint64_t fact_hash(const void *owner, uint32_t position)
{
    const struct facts *facts = owner;

    return hash_64(facts->key, bytes_of(&facts->items[position]));
}

struct facts *facts_new(struct err *err)
{
    struct facts *facts = sys_calloc(1, sizeof(*facts));

    if (!facts) {
        (void)err_memory(err);
        return NULL;
    }
    strings_init(&facts->strings);
    facts->index = (struct index){.equal = fact_equal, .hash = fact_hash};
    facts->key = hash_secret();
    address_uses_init(&facts->uses);
    facts->parts = FACT_PARTS_INIT;
    return facts;
}

void facts_free(struct facts *facts)
{
    if (!facts)
        return;
    strings_release(&facts->strings);
    index_release(&facts->index);
    address_uses_release(&facts->uses);
    fact_parts_release(&facts->parts);
    buf_release(&facts->scratch);
    sys_free(facts->items);
    sys_free(facts->texts);
    sys_free(facts->numbers);
    sys_free(facts->owned);
    sys_free(facts->moments);
    sys_free(facts->opened);
    sys_free(facts->chained);
    sys_free(facts->issues);
    sys_free(facts);
}

static int add_fact(struct facts *facts, const struct fact *fact)
{
    uint64_t hash = hash_64(facts->key, bytes_of(fact));
    struct fact *moved;

    if (index_find(&facts->index, facts, hash, fact) != INDEX_NONE)
        return 0;
    moved = sys_grow(facts->items, &facts->capacity, facts->count + 1,
                     sizeof(*moved));
    if (!moved)
        return -1;
    facts->items = moved;
    facts->items[facts->count] = *fact;
    if (index_add(&facts->index, facts, hash, (uint32_t)facts->count) < 0)
        return -1;
    facts->count++;
    return 0;
}

int facts_add(struct facts *facts, const struct claim *claim)
{
    struct fact fact = {
        .time = claim->time,
        .address = claim->address,
        .prefix = (uint8_t)claim->prefix,
        .kind = (uint8_t)claim->kind,
    };

    if (claim->text[0].len == 0)
        return 0;
    for (size_t i = 0; i < FACT_TEXTS; i++) {
        fact.text[i] = strings_intern(&facts->strings, claim->text[i]);
        if (fact.text[i] == STRINGS_FAILED)
            return -1;
    }
    return add_fact(facts, &fact);
}

/* Does somebody sit behind the call, rather than a program in AWS? */
static bool is_person(const struct event *event)
{
    static const struct span types[] = {{"IAMUser", 7},
                                        {"Root", 4},
                                        {"IdentityCenterUser", 18},
                                        {"FederatedUser", 13},
                                        {"SAMLUser", 8}};
    struct span type = event->field[EVENT_IDENTITY_TYPE];
    struct span role = event->field[EVENT_ROLE_NAME];

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (span_eq(type, types[i]))
            return true;
    return span_starts_with_fold(role, SPAN("AWSReservedSSO_")) ||
           span_eq_fold(event->field[EVENT_FROM_CONSOLE], SPAN("true"));
}

/* A person's event, the same for each of its copies, in every run. Without an
 * eventID its text has to stand for it. */
static int see_person(struct facts *facts, const struct event *event,
                      struct ip location)
{
    struct event whole = *event;
    struct hash128 identity;

    if (!identity_exists(event))
        whole.field[EVENT_ID] = event->record;
    identity = identity_of(&whole, SPAN_ABSENT, location, &facts->scratch);
    if (facts->scratch.failed)
        return -1;
    return address_uses_person(&facts->uses, location, identity.lo,
                               event->time);
}

static int see_instance(struct facts *facts, const struct origin *origin)
{
    uint32_t number;

    if (address_uses_know(&facts->uses, origin->location, origin->instance,
                          &facts->strings))
        return 0;
    number = strings_intern(&facts->strings, origin->instance);
    if (number == STRINGS_FAILED)
        return -1;
    return address_uses_instance(&facts->uses, origin->location, number);
}

static int see_use(struct facts *facts, const struct event *event,
                   const struct origin *origin)
{
    if (origin->kind == LOCATION_NONE)
        return 0;
    if (span_present(origin->instance))
        return see_instance(facts, origin);
    return is_person(event) ? see_person(facts, event, origin->location) : 0;
}

/* An account that received the record, other than the last one? */
static bool is_new_recipient(const struct facts *facts, struct span account)
{
    return account.len > 0 && !span_eq(account, facts->recipient);
}

static int see_recipient(struct facts *facts, struct span account)
{
    if (!is_new_recipient(facts, account))
        return 0;
    if (facts_add(facts, &(struct claim){FACT_RECIPIENT, .text = {account}}) <
        0)
        return -1;
    facts->recipient =
        strings_text(&facts->strings, strings_find(&facts->strings, account));
    return 0;
}

int facts_see(struct facts *facts, const struct event *event)
{
    struct origin origin = location_origin_of(event);

    return facts_see_from(facts, event, &origin);
}

/* Whatever else an event of no call, or of one that failed, says: nothing is
 * learnt from it. */
static bool teaches(const struct event *event)
{
    return !span_present(event_value(event, EVENT_ERROR_CODE)) &&
           event_category_is_call(event->field[EVENT_CATEGORY]);
}

int facts_see_from(struct facts *facts, const struct event *event,
                   const struct origin *origin)
{
    if (!teaches(event))
        return 0;
    if (see_recipient(facts, event->field[EVENT_RECIPIENT_ACCOUNT_ID]) < 0 ||
        see_use(facts, event, origin) < 0)
        return -1;
    return facts_learn(facts, event);
}

int facts_see_chained_use(struct facts *facts, struct span instance_id,
                          struct ip location, struct err *err)
{
    uint32_t number = strings_intern(&facts->strings, instance_id);

    return number == STRINGS_FAILED ||
                   address_uses_instance(&facts->uses, location, number) < 0
               ? err_memory(err)
               : 0;
}

/* What stands behind sourceIPAddress, of which no glance tells. */
static struct span behind_glance(const struct event *glance, struct span record)
{
    struct span address = glance->field[EVENT_SOURCE_IP_ADDRESS];
    const char *behind = address.ptr + address.len;

    return span_of(behind, (size_t)(record.ptr + record.len - behind));
}

bool facts_may_learn(const struct event *glance, enum location_kind kind,
                     struct span record)
{
    if (facts_reads(glance) ||
        span_present(glance->field[EVENT_RECIPIENT_ACCOUNT_ID]))
        return true; /* or it stands in the rest, if anywhere */
    return kind != LOCATION_NONE &&
           (is_person(glance) ||
            find_word(behind_glance(glance, record),
                      SPAN("sessionCredentialFromConsole")));
}

static bool is_other_recipient(const void *context, struct span account)
{
    const struct facts *facts = context;

    return !span_eq(account, facts->recipient);
}

bool facts_may_hear_recipient(const struct facts *facts,
                              const struct event *glance, struct span record)
{
    return member_text_any(behind_glance(glance, record),
                           SPAN("\"recipientAccountId\""), is_other_recipient,
                           facts);
}

bool facts_would_learn(const struct facts *facts, const struct event *event,
                       enum location_kind kind)
{
    return teaches(event) &&
           (is_new_recipient(facts, event->field[EVENT_RECIPIENT_ACCOUNT_ID]) ||
            (kind != LOCATION_NONE && is_person(event)) || facts_reads(event));
}

/* The number in `into` of each text of `from`; NULL when memory is out. */
static uint32_t *merge_texts(struct facts *into, const struct facts *from)
{
    uint32_t *numbers = sys_malloc(from->strings.count * sizeof(*numbers));

    for (size_t i = 0; numbers && i < from->strings.count; i++) {
        numbers[i] = strings_intern(&into->strings,
                                    strings_text(&from->strings, (uint32_t)i));
        if (numbers[i] == STRINGS_FAILED) {
            sys_free(numbers);
            return NULL;
        }
    }
    return numbers;
}

/* Call the fact's texts by their numbers elsewhere. */
static void renumber(struct fact *fact, const uint32_t *numbers)
{
    for (size_t i = 0; i < FACT_TEXTS; i++)
        if (fact->text[i] != STRINGS_ABSENT)
            fact->text[i] = numbers[fact->text[i]];
}

int facts_merge(struct facts *into, struct facts *from, struct err *err)
{
    uint32_t *numbers = merge_texts(into, from);
    int ret = -1;

    if (!numbers)
        goto done;
    for (size_t i = 0; i < from->count; i++) {
        struct fact fact = from->items[i];

        renumber(&fact, numbers);
        if (add_fact(into, &fact) < 0)
            goto done;
    }
    ret = address_uses_merge(&into->uses, &from->uses, numbers);
done:
    sys_free(numbers);
    return ret < 0 ? err_memory(err) : 0;
}

struct numbered {
    struct span text;
    uint32_t number;
};

static int by_text(const void *a, const void *b)
{
    return span_cmp(((const struct numbered *)a)->text,
                    ((const struct numbered *)b)->text);
}

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

static int by_kind_and_text(const struct fact *a, const struct fact *b)
{
    return a->kind != b->kind ? ORDER(a->kind, b->kind)
                              : ORDER(a->text[0], b->text[0]);
}

static int by_kind_text_and_time(const void *a, const void *b)
{
    const struct fact *x = a;
    const struct fact *y = b;
    int order = by_kind_and_text(x, y);

    return order ? order : ORDER(x->time, y->time);
}

static int by_value(const void *a, const void *b)
{
    const struct fact *x = a;
    const struct fact *y = b;
    int order = by_kind_text_and_time(x, y);

    for (size_t i = 1; !order && i < FACT_TEXTS; i++)
        order = ORDER(x->text[i], y->text[i]);
    if (!order)
        order = ip_cmp(x->address, y->address);
    return order ? order : ORDER(x->prefix, y->prefix);
}

/* List the texts that facts name: the others are instances at addresses, and
 * which of those were interned depends on the order of arrival. */
static size_t list_texts(const struct facts *facts, struct numbered *texts,
                         uint32_t *numbers)
{
    size_t count = 0;

    for (size_t i = 0; i < facts->strings.count; i++)
        numbers[i] = STRINGS_FAILED;
    for (size_t i = 0; i < facts->count; i++)
        for (size_t t = 0; t < FACT_TEXTS; t++) {
            uint32_t number = facts->items[i].text[t];

            if (number == STRINGS_ABSENT || numbers[number] != STRINGS_FAILED)
                continue;
            numbers[number] = 0; /* it is listed */
            texts[count++] = (struct numbered){
                strings_text(&facts->strings, number), number};
        }
    return count;
}

/* Number the texts by their order. -1 when memory is out. */
static int sort_texts(struct facts *facts)
{
    size_t count = facts->strings.count;
    struct numbered *sorted = sys_malloc(count * sizeof(*sorted));
    uint32_t *numbers = sys_malloc(count * sizeof(*numbers));
    int ret = -1;

    facts->numbers = numbers;
    facts->number_count = count;
    facts->texts = sys_malloc(count * sizeof(*facts->texts));
    if (!sorted || !numbers || !facts->texts)
        goto done;
    count = list_texts(facts, sorted, numbers);
    if (count)
        qsort(sorted, count, sizeof(*sorted), by_text);
    for (size_t i = 0; i < count; i++) {
        facts->texts[i] = sorted[i].text;
        numbers[sorted[i].number] = (uint32_t)i;
    }
    facts->text_count = count;
    for (size_t i = 0; i < facts->count; i++)
        renumber(&facts->items[i], numbers);
    ret = 0;
done:
    sys_free(sorted);
    return ret;
}

int facts_settle(struct facts *facts, struct err *err)
{
    if (sort_texts(facts) < 0)
        return err_memory(err);
    index_release(&facts->index); /* the facts move */
    if (facts->count)
        qsort(facts->items, facts->count, sizeof(*facts->items), by_value);
    return facts_join(facts) < 0 ? err_memory(err) : 0;
}

uint32_t facts_number(const struct facts *facts, struct span text)
{
    uint32_t found = strings_find(&facts->strings, text);

    /* Those beyond came after settling. */
    return found < facts->number_count ? facts->numbers[found] : STRINGS_FAILED;
}

/* The first fact behind all of (kind, text) up to `time`. */
static const struct fact *upper_bound(const struct facts *facts,
                                      enum fact_kind kind, uint32_t text,
                                      timestamp time)
{
    struct fact key = {.kind = (uint8_t)kind, .text = {text}, .time = time};

    return facts->items + search_behind(facts->items, facts->count,
                                        sizeof(*facts->items), &key,
                                        by_kind_text_and_time);
}

struct fact_range facts_after(const struct facts *facts, enum fact_kind kind,
                              uint32_t text, timestamp time)
{
    if (text >= facts->text_count || !facts->count)
        return (struct fact_range){NULL, NULL};
    return (struct fact_range){
        upper_bound(facts, kind, text, time),
        upper_bound(facts, kind, text, TIMESTAMP_UNKNOWN),
    };
}

struct fact_range facts_about(const struct facts *facts, enum fact_kind kind,
                              uint32_t text)
{
    return facts_after(facts, kind, text, INT64_MIN);
}
