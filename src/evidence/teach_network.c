/* Instances: where they are, and when they run. */
#include "evidence/lesson.h"

static int attach(const struct lesson *lesson, struct span interface,
                  struct span instance)
{
    if (lesson_add_pair(lesson, FACT_INTERFACE_OF, interface, instance) < 0)
        return -1;
    return lesson_add_pair(lesson, FACT_INSTANCE_HAS, instance, interface);
}

static int teach_interface(const struct lesson *lesson,
                           const struct json_value *interface)
{
    struct span id = fact_text_at(interface, "networkInterfaceId");

    if (lesson_add_place(lesson, FACT_INTERFACE_IN, id, interface) < 0 ||
        lesson_add_prefix(lesson, FACT_INTERFACE_AT, id, SPAN_ABSENT,
                          fact_text_at(interface, "privateIpAddress")) < 0 ||
        lesson_add_prefixes(lesson, FACT_INTERFACE_AT, id,
                            fact_part(interface, "privateIpAddressesSet"),
                            "privateIpAddress") < 0)
        return -1;
    return lesson_add_prefixes(lesson, FACT_INTERFACE_AT, id,
                               fact_part(interface, "ipv4PrefixSet"),
                               "ipv4Prefix");
}

/* "windows" or nothing, says EC2: what runs on no Mac is then Linux. */
static struct span platform_of(const struct json_value *instance)
{
    struct span type = fact_text_at(instance, "instanceType");

    if (span_eq_fold(fact_text_at(instance, "platform"), SPAN("windows")))
        return SPAN("windows");
    if (!span_present(type) || fact_part(instance, "platform"))
        return SPAN_ABSENT;
    return span_starts_with_fold(type, SPAN("mac")) ? SPAN("macos")
                                                    : SPAN("linux");
}

static int teach_launched(const struct lesson *lesson,
                          const struct json_value *instance)
{
    struct span id = lesson_instance(instance, "instanceId");
    struct fact_list list =
        fact_list(fact_part(instance, "networkInterfaceSet"));
    const struct json_value *interface;

    if (!span_present(id))
        return 0;
    if (lesson_add_moment(lesson, FACT_LAUNCHED, id) < 0 ||
        lesson_add_place(lesson, FACT_INSTANCE_IN, id, instance) < 0 ||
        lesson_add_prefix(lesson, FACT_INSTANCE_AT, id, SPAN_ABSENT,
                          fact_text_at(instance, "privateIpAddress")) < 0 ||
        lesson_add_pair(lesson, FACT_INSTANCE_PLATFORM, id,
                        platform_of(instance)) < 0)
        return -1;
    while ((interface = fact_list_next(&list)))
        if (teach_interface(lesson, interface) < 0 ||
            attach(lesson, fact_text_at(interface, "networkInterfaceId"), id) <
                0)
            return -1;
    return lesson_add_pair(
        lesson, FACT_INSTANCE_TOKENS, id,
        fact_text_at(fact_part(instance, "metadataOptions"), "httpTokens"));
}

int teach_run_instances(const struct lesson *lesson)
{
    struct fact_list list =
        fact_list(fact_part(lesson->response, "instancesSet"));
    const struct json_value *instance;

    while ((instance = fact_list_next(&list)))
        if (teach_launched(lesson, instance) < 0)
            return -1;
    return 0;
}

int teach_create_network_interface(const struct lesson *lesson)
{
    return teach_interface(lesson,
                           fact_part(lesson->response, "networkInterface"));
}

int teach_attach_network_interface(const struct lesson *lesson)
{
    return attach(lesson, fact_text_at(lesson->request, "networkInterfaceId"),
                  lesson_instance(lesson->request, "instanceId"));
}

int teach_assign_private_ip_addresses(const struct lesson *lesson)
{
    struct span id = fact_text_at(lesson->request, "networkInterfaceId");

    if (lesson_add_prefixes(lesson, FACT_INTERFACE_AT, id,
                            fact_part(lesson->request, "privateIpAddressesSet"),
                            "privateIpAddress") < 0 ||
        lesson_add_prefixes(
            lesson, FACT_INTERFACE_AT, id,
            fact_part(lesson->response, "assignedPrivateIpAddressesSet"),
            "privateIpAddress") < 0)
        return -1;
    return lesson_add_prefixes(
        lesson, FACT_INTERFACE_AT, id,
        fact_part(lesson->response, "assignedIpv4PrefixSet"), "ipv4Prefix");
}

int teach_create_vpc(const struct lesson *lesson)
{
    const struct json_value *vpc = fact_part(lesson->response, "vpc");
    struct span id = fact_text_at(vpc, "vpcId");

    if (lesson_add_prefix(lesson, FACT_VPC_CIDR, id, SPAN_ABSENT,
                          fact_text_at(vpc, "cidrBlock")) < 0 ||
        lesson_add_prefixes(lesson, FACT_VPC_CIDR, id,
                            fact_part(vpc, "cidrBlockAssociationSet"),
                            "cidrBlock") < 0)
        return -1;
    return lesson_add_prefixes(lesson, FACT_VPC_CIDR, id,
                               fact_part(vpc, "ipv6CidrBlockAssociationSet"),
                               "ipv6CidrBlock");
}

/* A further block of a VPC, from which pods often get their addresses. */
int teach_associate_vpc_cidr_block(const struct lesson *lesson)
{
    struct span id = fact_text_at(lesson->response, "vpcId");
    const struct json_value *v4 =
        fact_part(lesson->response, "cidrBlockAssociation");
    const struct json_value *v6 =
        fact_part(lesson->response, "ipv6CidrBlockAssociation");

    if (lesson_add_prefix(lesson, FACT_VPC_CIDR, id, SPAN_ABSENT,
                          fact_text_at(v4, "cidrBlock")) < 0)
        return -1;
    return lesson_add_prefix(lesson, FACT_VPC_CIDR, id, SPAN_ABSENT,
                             fact_text_at(v6, "ipv6CidrBlock"));
}

int teach_create_subnet(const struct lesson *lesson)
{
    const struct json_value *subnet = fact_part(lesson->response, "subnet");
    struct span id = fact_text_at(subnet, "subnetId");
    struct span vpc = fact_text_at(subnet, "vpcId");

    if (lesson_add_pair(lesson, FACT_SUBNET_VPC, id, vpc) < 0)
        return -1;
    return lesson_add_prefix(lesson, FACT_VPC_SUBNET, vpc, id,
                             fact_text_at(subnet, "cidrBlock"));
}

/* The instances that a call names, `kind` for each. */
static int teach_instances(const struct lesson *lesson, enum fact_kind kind)
{
    struct fact_list list =
        fact_list(fact_part(lesson->request, "instancesSet"));
    const struct json_value *instance;

    while ((instance = fact_list_next(&list)))
        if (lesson_add_moment(lesson, kind,
                              lesson_instance(instance, "instanceId")) < 0)
            return -1;
    return 0;
}

int teach_start_instances(const struct lesson *lesson)
{
    return teach_instances(lesson, FACT_STARTED);
}

int teach_stop_instances(const struct lesson *lesson)
{
    return teach_instances(lesson, FACT_STOPPED);
}

int teach_reboot_instances(const struct lesson *lesson)
{
    return teach_instances(lesson, FACT_REBOOTED);
}

int teach_terminate_instances(const struct lesson *lesson)
{
    return teach_instances(lesson, FACT_TERMINATED);
}
