/* Elastic addresses: of instances, of interfaces, and of NAT gateways. */
#include "evidence/lesson.h"

int teach_allocate_address(const struct lesson *lesson)
{
    struct claim claim = {
        .kind = FACT_ALLOCATED,
        .text = {fact_text_at(lesson->response, "allocationId")},
        .address = lesson_address(lesson->response, "publicIp"),
    };

    return claim.address.family == IP_NONE ? 0
                                           : facts_add(lesson->facts, &claim);
}

/* The end of something that the request names by `key`, by its address, or by
 * both. */
static int teach_end(const struct lesson *lesson, enum fact_kind kind,
                     const char *key)
{
    struct ip address = lesson_address(lesson->request, "publicIp");
    char text[IP_TEXT_BYTES];

    if (lesson_add_moment(lesson, kind, fact_text_at(lesson->request, key)) < 0)
        return -1;
    return address.family == IP_NONE
               ? 0
               : lesson_add_moment(lesson, kind,
                                   span_str(ip_format(address, text)));
}

int teach_release_address(const struct lesson *lesson)
{
    return teach_end(lesson, FACT_RELEASED, "allocationId");
}

int teach_disassociate_address(const struct lesson *lesson)
{
    return teach_end(lesson, FACT_DISASSOCIATED, "associationId");
}

int teach_associate_address(const struct lesson *lesson)
{
    struct span instance = lesson_instance(lesson->request, "instanceId");
    struct span interface = fact_text_at(lesson->request, "networkInterfaceId");
    struct claim claim = {
        .kind = FACT_ASSOCIATED,
        .time = lesson->time,
        .text =
            {
                span_present(instance) ? instance : interface,
                fact_text_at(lesson->response, "associationId"),
                fact_text_at(lesson->request, "allocationId"),
            },
        .address = lesson_address(lesson->request, "publicIp"),
    };

    if (facts_add(lesson->facts, &claim) < 0)
        return -1;
    return lesson_add_pair(lesson, FACT_ASSOCIATION, claim.text[1],
                           claim.text[0]);
}

static int add_nat(const struct lesson *lesson, enum fact_kind kind,
                   struct span nat, struct span association,
                   struct span allocation, struct ip address)
{
    return facts_add(lesson->facts, &(struct claim){
                                        .kind = kind,
                                        .time = lesson->time,
                                        .text = {nat, association, allocation},
                                        .address = address,
                                    });
}

/* The addresses that a NAT gateway got or lost, from a response. `*any` tells
 * whether there was one. */
static int teach_nat(const struct lesson *lesson, enum fact_kind kind,
                     struct span nat, const struct json_value *addresses,
                     bool *any)
{
    struct fact_list list = fact_list(addresses);
    const struct json_value *element;

    *any = false;
    while ((element = fact_list_next(&list))) {
        struct span association = fact_text_at(element, "associationId");
        struct span allocation = fact_text_at(element, "allocationId");
        struct ip address = lesson_address(element, "publicIp");

        if (!association.len && !allocation.len && address.family == IP_NONE)
            continue;
        *any = true;
        if (add_nat(lesson, kind, nat, association, allocation, address) < 0)
            return -1;
    }
    return 0;
}

/* The same from a request, which names less: either associations or
 * allocations, the other key is NULL. */
static int teach_nat_ids(const struct lesson *lesson, enum fact_kind kind,
                         struct span nat, const char *associations,
                         const char *allocations)
{
    const char *key = associations ? associations : allocations;
    struct fact_list list = fact_list(fact_part(lesson->request, key));
    const struct json_value *element;

    while ((element = fact_list_next(&list))) {
        struct span id = fact_text(element);

        if (id.len &&
            add_nat(lesson, kind, nat, associations ? id : SPAN_ABSENT,
                    allocations ? id : SPAN_ABSENT, IP_ABSENT) < 0)
            return -1;
    }
    return 0;
}

int teach_create_nat_gateway(const struct lesson *lesson)
{
    const struct json_value *nat = fact_part(lesson->response, "natGateway");
    struct span id = fact_text_at(nat, "natGatewayId");
    bool any;

    if (lesson_add_place(lesson, FACT_NAT_IN, id, nat) < 0 ||
        teach_nat(lesson, FACT_NAT_AT, id,
                  fact_part(nat, "natGatewayAddressSet"), &any) < 0)
        return -1;
    return any ? 0
               : teach_nat_ids(lesson, FACT_NAT_AT, id, NULL, "allocationId");
}

int teach_delete_nat_gateway(const struct lesson *lesson)
{
    return lesson_add_moment(lesson, FACT_NAT_DELETED,
                             fact_text_at(lesson->request, "natGatewayId"));
}

int teach_associate_nat_gateway_address(const struct lesson *lesson)
{
    struct span nat = fact_text_at(lesson->request, "natGatewayId");
    bool any;

    if (teach_nat(lesson, FACT_NAT_AT, nat,
                  fact_part(lesson->response, "natGatewayAddressSet"),
                  &any) < 0)
        return -1;
    return any ? 0
               : teach_nat_ids(lesson, FACT_NAT_AT, nat, NULL, "allocationId");
}

int teach_disassociate_nat_gateway_address(const struct lesson *lesson)
{
    struct span nat = fact_text_at(lesson->request, "natGatewayId");
    bool any;

    if (teach_nat(lesson, FACT_NAT_LEFT, nat,
                  fact_part(lesson->response, "natGatewayAddressSet"),
                  &any) < 0)
        return -1;
    return any ? 0
               : teach_nat_ids(lesson, FACT_NAT_LEFT, nat, "associationId",
                               NULL);
}
