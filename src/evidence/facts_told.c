/* The order is that of settled facts, in which texts are numbered by their
 * bytes. */
#include "evidence/facts_told.h"

#include "base/sys.h"
#include "evidence/facts_set.h"

#include <stdlib.h>

_Static_assert(FACT_TOLD_TEXTS == FACT_TEXTS, "no text is left out");
_Static_assert(USE_TOLD_INSTANCES + 1 == ADDRESS_USE_INSTANCES,
               "more than are told are as many as are counted");

const char *facts_kind_name(unsigned kind)
{
    static const char *const names[] = {
        [FACT_RECIPIENT] = "recipient",
        [FACT_STOPPED] = "stopped",
        [FACT_TERMINATED] = "terminated",
        [FACT_LAUNCHED] = "launched",
        [FACT_STARTED] = "started",
        [FACT_REBOOTED] = "rebooted",
        [FACT_INSTANCE_IN] = "instance-in",
        [FACT_INSTANCE_HAS] = "instance-has",
        [FACT_INSTANCE_AT] = "instance-at",
        [FACT_INTERFACE_OF] = "interface-of",
        [FACT_INTERFACE_IN] = "interface-in",
        [FACT_INTERFACE_AT] = "interface-at",
        [FACT_VPC_CIDR] = "vpc-cidr",
        [FACT_VPC_SUBNET] = "vpc-subnet",
        [FACT_SUBNET_VPC] = "subnet-vpc",
        [FACT_INSTANCE_PLATFORM] = "instance-platform",
        [FACT_INSTANCE_TOKENS] = "instance-tokens",
        [FACT_ALLOCATED] = "allocated",
        [FACT_RELEASED] = "released",
        [FACT_ASSOCIATED] = "associated",
        [FACT_ASSOCIATION] = "association",
        [FACT_DISASSOCIATED] = "disassociated",
        [FACT_NAT_IN] = "nat-in",
        [FACT_NAT_AT] = "nat-at",
        [FACT_NAT_LEFT] = "nat-left",
        [FACT_NAT_DELETED] = "nat-deleted",
        [FACT_OPENED] = "opened",
        [FACT_KEY_FOR] = "key-for",
        [FACT_KEY_BY] = "key-by",
        [FACT_KEY_FROM] = "key-from",
    };

    return kind < sizeof(names) / sizeof(names[0]) ? names[kind] : NULL;
}

/* Absent texts come last. */
static int text_cmp(struct span a, struct span b)
{
    if (!span_present(a) || !span_present(b))
        return span_present(b) - span_present(a);
    return span_cmp(a, b);
}

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

int fact_told_cmp(const struct fact_told *a, const struct fact_told *b)
{
    int order = ORDER(a->kind, b->kind);

    if (!order)
        order = text_cmp(a->text[0], b->text[0]);
    if (!order)
        order = ORDER(a->time, b->time);
    for (size_t i = 1; !order && i < FACT_TOLD_TEXTS; i++)
        order = text_cmp(a->text[i], b->text[i]);
    if (!order)
        order = ip_cmp(a->address, b->address);
    return order ? order : ORDER(a->prefix, b->prefix);
}

size_t facts_count(const struct facts *facts)
{
    return facts->count;
}

void facts_tell(const struct facts *facts, size_t position,
                struct fact_told *told)
{
    const struct fact *fact = &facts->items[position];

    *told = (struct fact_told){
        .kind = fact->kind,
        .time = fact->time,
        .address = fact->address,
        .prefix = fact->prefix,
    };
    for (size_t i = 0; i < FACT_TEXTS; i++)
        told->text[i] = fact->text[i] < facts->text_count
                            ? facts->texts[fact->text[i]]
                            : SPAN_ABSENT;
}

int facts_hear(struct facts *facts, const struct fact_told *told)
{
    struct claim claim = {
        .kind = (enum fact_kind)told->kind,
        .time = told->time,
        .address = told->address,
        .prefix = told->prefix,
    };

    for (size_t i = 0; i < FACT_TEXTS; i++)
        claim.text[i] = told->text[i];
    return facts_add(facts, &claim);
}

/* What is compared travels with the elements. */
struct sortable {
    struct ip address;
    uint32_t number;
};

static int by_address(const void *a, const void *b)
{
    return ip_cmp(((const struct sortable *)a)->address,
                  ((const struct sortable *)b)->address);
}

uint32_t *facts_sorted_uses(const struct facts *facts, size_t *count)
{
    const struct address_uses *uses = &facts->uses;
    struct sortable *sortable = sys_calloc(uses->count, sizeof(*sortable));
    uint32_t *numbers = sys_calloc(uses->count, sizeof(*numbers));

    *count = uses->count;
    for (size_t i = 0; i < uses->count && sortable; i++)
        sortable[i] = (struct sortable){uses->items[i]->address, (uint32_t)i};
    if (uses->count > 1 && sortable)
        qsort(sortable, uses->count, sizeof(*sortable), by_address);
    for (size_t i = 0; i < uses->count && sortable && numbers; i++)
        numbers[i] = sortable[i].number;
    if (!sortable) {
        sys_free(numbers);
        numbers = NULL;
    }
    sys_free(sortable);
    return numbers;
}

void facts_tell_use(const struct facts *facts, uint32_t number,
                    struct use_told *told)
{
    const struct address_use *use = facts->uses.items[number];

    *told = (struct use_told){
        .address = use->address,
        .instance_count = address_use_instance_count(use),
        .people = use->people,
        .first_person = use->first_person,
    };
    for (unsigned i = 0; i < USE_TOLD_INSTANCES; i++)
        told->instances[i] =
            i < told->instance_count &&
                    told->instance_count <= USE_TOLD_INSTANCES
                ? strings_text(&facts->strings, use->instances[i])
                : SPAN_ABSENT;
    if (told->instance_count == 2 &&
        span_cmp(told->instances[0], told->instances[1]) > 0) {
        struct span swap = told->instances[0];

        told->instances[0] = told->instances[1];
        told->instances[1] = swap;
    }
}

size_t facts_address_count(const struct facts *facts)
{
    return facts->uses.count;
}

int facts_hand_over(struct facts *into, struct facts *from)
{
    for (size_t i = 0; i < from->uses.count; i++) {
        struct use_told told;

        facts_tell_use(from, (uint32_t)i, &told);
        if (facts_hear_use(into, &told) < 0)
            return -1;
    }
    address_uses_release(&from->uses);
    address_uses_init(&from->uses);
    return 0;
}

int facts_hear_use(struct facts *facts, const struct use_told *told)
{
    for (unsigned i = 0;
         i < told->instance_count && told->instance_count <= USE_TOLD_INSTANCES;
         i++) {
        uint32_t number = strings_intern(&facts->strings, told->instances[i]);

        if (number == STRINGS_FAILED ||
            address_uses_instance(&facts->uses, told->address, number) < 0)
            return -1;
    }
    if (told->instance_count > USE_TOLD_INSTANCES &&
        address_uses_crowd(&facts->uses, told->address) < 0)
        return -1;
    return told->people ? address_uses_people(&facts->uses, told->address,
                                              told->people, told->first_person)
                        : 0;
}
