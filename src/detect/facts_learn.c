/*
 * What each call teaches: a function a call, and the table of them at the end.
 * Shapes: AWS's API reference for EC2, Systems Manager, STS and EC2 Instance
 * Connect, as CloudTrail writes requests and responses.
 */
#include "detect/facts_set.h"
#include "detect/location.h"

#include <stdio.h>

/* A call under study. Each function returns -1 when memory is out. */
struct lesson {
    struct facts *facts;
    const struct event *event;
    timestamp time;
    const struct cJSON *request, *response;
};

/* An absent or unreadable address teaches nothing. */
static bool read_address(struct span text, struct ip *address, unsigned *prefix)
{
    if (!span_present(text) || !ip_parse_prefix(text, address, prefix))
        return false;
    return address->family != IP_NONE;
}

static struct ip address_at(const struct cJSON *object, const char *key)
{
    struct ip address = IP_ABSENT;
    unsigned prefix;

    return read_address(fact_text_at(object, key), &address, &prefix)
               ? address
               : IP_ABSENT;
}

static struct span instance_at(const struct cJSON *object, const char *key)
{
    struct span id = fact_text_at(object, key);

    return location_is_instance_id(id) ? id : SPAN_ABSENT;
}

/* Two texts of which the second has to be there, too. */
static int add_pair(const struct lesson *lesson, enum fact_kind kind,
                    struct span subject, struct span object)
{
    if (object.len == 0)
        return 0;
    return facts_add(lesson->facts, &(struct claim){
                                        .kind = kind,
                                        .text = {subject, object},
                                    });
}

static int add_moment(const struct lesson *lesson, enum fact_kind kind,
                      struct span subject)
{
    return facts_add(lesson->facts, &(struct claim){
                                        .kind = kind,
                                        .time = lesson->time,
                                        .text = {subject},
                                    });
}

/* An address or a prefix of something; `about` may be absent. */
static int add_prefix(const struct lesson *lesson, enum fact_kind kind,
                      struct span subject, struct span about, struct span text)
{
    struct claim claim = {.kind = kind, .text = {subject, about}};

    if (!read_address(text, &claim.address, &claim.prefix))
        return 0;
    return facts_add(lesson->facts, &claim);
}

/* Every element's text at `key`, as an address or a prefix of `subject`. */
static int add_prefixes(const struct lesson *lesson, enum fact_kind kind,
                        struct span subject, const struct cJSON *value,
                        const char *key)
{
    struct fact_list list = fact_list(value);
    const struct cJSON *element;

    while ((element = fact_list_next(&list)))
        if (add_prefix(lesson, kind, subject, SPAN_ABSENT,
                       fact_text_at(element, key)) < 0)
            return -1;
    return 0;
}

/* Where an instance, an interface or a NAT gateway is. */
static int add_place(const struct lesson *lesson, enum fact_kind kind,
                     struct span subject, const struct cJSON *object)
{
    struct span vpc = fact_text_at(object, "vpcId");
    struct span subnet = fact_text_at(object, "subnetId");

    if (!span_present(vpc) && !span_present(subnet))
        return 0;
    return facts_add(lesson->facts, &(struct claim){
                                        .kind = kind,
                                        .text = {subject, vpc, subnet},
                                    });
}

/* ------------------------------------------------- instances and networks */

static int attach(const struct lesson *lesson, struct span interface,
                  struct span instance)
{
    if (add_pair(lesson, FACT_INTERFACE_OF, interface, instance) < 0)
        return -1;
    return add_pair(lesson, FACT_INSTANCE_HAS, instance, interface);
}

static int teach_interface(const struct lesson *lesson,
                           const struct cJSON *interface)
{
    struct span id = fact_text_at(interface, "networkInterfaceId");

    if (add_place(lesson, FACT_INTERFACE_IN, id, interface) < 0 ||
        add_prefix(lesson, FACT_INTERFACE_AT, id, SPAN_ABSENT,
                   fact_text_at(interface, "privateIpAddress")) < 0 ||
        add_prefixes(lesson, FACT_INTERFACE_AT, id,
                     fact_part(interface, "privateIpAddressesSet"),
                     "privateIpAddress") < 0)
        return -1;
    return add_prefixes(lesson, FACT_INTERFACE_AT, id,
                        fact_part(interface, "ipv4PrefixSet"), "ipv4Prefix");
}

/* "windows" or nothing, says EC2: what runs on no Mac is then Linux. */
static struct span platform_of(const struct cJSON *instance)
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
                          const struct cJSON *instance)
{
    struct span id = instance_at(instance, "instanceId");
    struct fact_list list =
        fact_list(fact_part(instance, "networkInterfaceSet"));
    const struct cJSON *interface;

    if (!span_present(id))
        return 0;
    if (add_moment(lesson, FACT_LAUNCHED, id) < 0 ||
        add_place(lesson, FACT_INSTANCE_IN, id, instance) < 0 ||
        add_prefix(lesson, FACT_INSTANCE_AT, id, SPAN_ABSENT,
                   fact_text_at(instance, "privateIpAddress")) < 0 ||
        add_pair(lesson, FACT_INSTANCE_PLATFORM, id, platform_of(instance)) < 0)
        return -1;
    while ((interface = fact_list_next(&list)))
        if (teach_interface(lesson, interface) < 0 ||
            attach(lesson, fact_text_at(interface, "networkInterfaceId"), id) <
                0)
            return -1;
    return add_pair(
        lesson, FACT_INSTANCE_TOKENS, id,
        fact_text_at(fact_part(instance, "metadataOptions"), "httpTokens"));
}

static int run_instances(const struct lesson *lesson)
{
    struct fact_list list =
        fact_list(fact_part(lesson->response, "instancesSet"));
    const struct cJSON *instance;

    while ((instance = fact_list_next(&list)))
        if (teach_launched(lesson, instance) < 0)
            return -1;
    return 0;
}

static int create_network_interface(const struct lesson *lesson)
{
    return teach_interface(lesson,
                           fact_part(lesson->response, "networkInterface"));
}

static int attach_network_interface(const struct lesson *lesson)
{
    return attach(lesson, fact_text_at(lesson->request, "networkInterfaceId"),
                  instance_at(lesson->request, "instanceId"));
}

static int assign_private_ip_addresses(const struct lesson *lesson)
{
    struct span id = fact_text_at(lesson->request, "networkInterfaceId");

    if (add_prefixes(lesson, FACT_INTERFACE_AT, id,
                     fact_part(lesson->request, "privateIpAddressesSet"),
                     "privateIpAddress") < 0 ||
        add_prefixes(
            lesson, FACT_INTERFACE_AT, id,
            fact_part(lesson->response, "assignedPrivateIpAddressesSet"),
            "privateIpAddress") < 0)
        return -1;
    return add_prefixes(lesson, FACT_INTERFACE_AT, id,
                        fact_part(lesson->response, "assignedIpv4PrefixSet"),
                        "ipv4Prefix");
}

static int create_vpc(const struct lesson *lesson)
{
    const struct cJSON *vpc = fact_part(lesson->response, "vpc");
    struct span id = fact_text_at(vpc, "vpcId");

    if (add_prefix(lesson, FACT_VPC_CIDR, id, SPAN_ABSENT,
                   fact_text_at(vpc, "cidrBlock")) < 0 ||
        add_prefixes(lesson, FACT_VPC_CIDR, id,
                     fact_part(vpc, "cidrBlockAssociationSet"),
                     "cidrBlock") < 0)
        return -1;
    return add_prefixes(lesson, FACT_VPC_CIDR, id,
                        fact_part(vpc, "ipv6CidrBlockAssociationSet"),
                        "ipv6CidrBlock");
}

/* A further block of a VPC, from which pods often get their addresses. */
static int associate_vpc_cidr_block(const struct lesson *lesson)
{
    struct span id = fact_text_at(lesson->response, "vpcId");
    const struct cJSON *v4 =
        fact_part(lesson->response, "cidrBlockAssociation");
    const struct cJSON *v6 =
        fact_part(lesson->response, "ipv6CidrBlockAssociation");

    if (add_prefix(lesson, FACT_VPC_CIDR, id, SPAN_ABSENT,
                   fact_text_at(v4, "cidrBlock")) < 0)
        return -1;
    return add_prefix(lesson, FACT_VPC_CIDR, id, SPAN_ABSENT,
                      fact_text_at(v6, "ipv6CidrBlock"));
}

static int create_subnet(const struct lesson *lesson)
{
    const struct cJSON *subnet = fact_part(lesson->response, "subnet");
    struct span id = fact_text_at(subnet, "subnetId");
    struct span vpc = fact_text_at(subnet, "vpcId");

    if (add_pair(lesson, FACT_SUBNET_VPC, id, vpc) < 0)
        return -1;
    return add_prefix(lesson, FACT_VPC_SUBNET, vpc, id,
                      fact_text_at(subnet, "cidrBlock"));
}

/* The instances that a call names, `kind` for each. */
static int teach_instances(const struct lesson *lesson, enum fact_kind kind)
{
    struct fact_list list =
        fact_list(fact_part(lesson->request, "instancesSet"));
    const struct cJSON *instance;

    while ((instance = fact_list_next(&list)))
        if (add_moment(lesson, kind, instance_at(instance, "instanceId")) < 0)
            return -1;
    return 0;
}

static int start_instances(const struct lesson *lesson)
{
    return teach_instances(lesson, FACT_STARTED);
}

static int stop_instances(const struct lesson *lesson)
{
    return teach_instances(lesson, FACT_STOPPED);
}

static int reboot_instances(const struct lesson *lesson)
{
    return teach_instances(lesson, FACT_REBOOTED);
}

static int terminate_instances(const struct lesson *lesson)
{
    return teach_instances(lesson, FACT_TERMINATED);
}

/* ------------------------------------------------------ elastic addresses */

static int allocate_address(const struct lesson *lesson)
{
    struct claim claim = {
        .kind = FACT_ALLOCATED,
        .text = {fact_text_at(lesson->response, "allocationId")},
        .address = address_at(lesson->response, "publicIp"),
    };

    return claim.address.family == IP_NONE ? 0
                                           : facts_add(lesson->facts, &claim);
}

/* The end of something that the request names by `key`, by its address, or by
 * both. */
static int teach_end(const struct lesson *lesson, enum fact_kind kind,
                     const char *key)
{
    struct ip address = address_at(lesson->request, "publicIp");
    char text[IP_TEXT_BYTES];

    if (add_moment(lesson, kind, fact_text_at(lesson->request, key)) < 0)
        return -1;
    return address.family == IP_NONE
               ? 0
               : add_moment(lesson, kind, span_str(ip_format(address, text)));
}

static int release_address(const struct lesson *lesson)
{
    return teach_end(lesson, FACT_RELEASED, "allocationId");
}

static int disassociate_address(const struct lesson *lesson)
{
    return teach_end(lesson, FACT_DISASSOCIATED, "associationId");
}

static int associate_address(const struct lesson *lesson)
{
    struct span instance = instance_at(lesson->request, "instanceId");
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
        .address = address_at(lesson->request, "publicIp"),
    };

    if (facts_add(lesson->facts, &claim) < 0)
        return -1;
    return add_pair(lesson, FACT_ASSOCIATION, claim.text[1], claim.text[0]);
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
                     struct span nat, const struct cJSON *addresses, bool *any)
{
    struct fact_list list = fact_list(addresses);
    const struct cJSON *element;

    *any = false;
    while ((element = fact_list_next(&list))) {
        struct span association = fact_text_at(element, "associationId");
        struct span allocation = fact_text_at(element, "allocationId");
        struct ip address = address_at(element, "publicIp");

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
    const struct cJSON *element;

    while ((element = fact_list_next(&list))) {
        struct span id = fact_text(element);

        if (id.len &&
            add_nat(lesson, kind, nat, associations ? id : SPAN_ABSENT,
                    allocations ? id : SPAN_ABSENT, IP_ABSENT) < 0)
            return -1;
    }
    return 0;
}

static int create_nat_gateway(const struct lesson *lesson)
{
    const struct cJSON *nat = fact_part(lesson->response, "natGateway");
    struct span id = fact_text_at(nat, "natGatewayId");
    bool any;

    if (add_place(lesson, FACT_NAT_IN, id, nat) < 0 ||
        teach_nat(lesson, FACT_NAT_AT, id,
                  fact_part(nat, "natGatewayAddressSet"), &any) < 0)
        return -1;
    return any ? 0
               : teach_nat_ids(lesson, FACT_NAT_AT, id, NULL, "allocationId");
}

static int delete_nat_gateway(const struct lesson *lesson)
{
    return add_moment(lesson, FACT_NAT_DELETED,
                      fact_text_at(lesson->request, "natGatewayId"));
}

static int associate_nat_gateway_address(const struct lesson *lesson)
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

static int disassociate_nat_gateway_address(const struct lesson *lesson)
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

/* ------------------------------------------------- ways into an instance */

static int opened(const struct lesson *lesson, struct span instance)
{
    const struct span *field = lesson->event->field;
    struct claim claim = {
        .kind = FACT_OPENED,
        .time = lesson->time,
        .text = {instance, field[EVENT_NAME],
                 span_present(field[EVENT_IDENTITY_ARN])
                     ? field[EVENT_IDENTITY_ARN]
                     : field[EVENT_PRINCIPAL_ID]},
    };

    if (!location_is_instance_id(instance) ||
        location_of(lesson->event, &claim.address) == LOCATION_NONE)
        return 0;
    return facts_add(lesson->facts, &claim);
}

static int opened_all(const struct lesson *lesson, const struct cJSON *ids)
{
    struct fact_list list = fact_list(ids);
    const struct cJSON *id;

    while ((id = fact_list_next(&list)))
        if (opened(lesson, fact_text(id)) < 0)
            return -1;
    return 0;
}

/* The request names instances by their ids or by targets such as tags; the
 * ids may also stand in a target. */
static int send_command(const struct lesson *lesson)
{
    struct fact_list list = fact_list(fact_part(lesson->request, "targets"));
    const struct cJSON *target;

    if (opened_all(lesson, fact_part(lesson->request, "instanceIds")) < 0 ||
        opened_all(lesson, fact_part(fact_part(lesson->response, "command"),
                                     "instanceIds")) < 0)
        return -1;
    while ((target = fact_list_next(&list)))
        if (opened_all(lesson, fact_part(target, "values")) < 0)
            return -1;
    return 0;
}

static int start_session(const struct lesson *lesson)
{
    return opened(lesson, fact_text_at(lesson->request, "target"));
}

static int open_instance(const struct lesson *lesson)
{
    return opened(lesson, fact_text_at(lesson->request, "instanceId"));
}

/* Only user data, which runs at the next start, opens a way. */
static int modify_instance_attribute(const struct lesson *lesson)
{
    if (!fact_part(lesson->request, "userData") &&
        !span_eq(fact_text_at(lesson->request, "attribute"), SPAN("userData")))
        return 0;
    return open_instance(lesson);
}

static int update_instance_information(const struct lesson *lesson)
{
    static const char *const platforms[] = {"linux", "windows", "macos"};
    struct span platform = fact_text_at(lesson->request, "platformType");
    struct span id = instance_at(lesson->request, "instanceId");

    for (size_t i = 0; i < sizeof(platforms) / sizeof(platforms[0]); i++)
        if (span_eq_fold(platform, span_str(platforms[i])))
            return add_pair(lesson, FACT_INSTANCE_PLATFORM, id,
                            span_str(platforms[i]));
    return 0;
}

/* ------------------------------------------------------------------- keys */

/* The numbers in a text, of at most four digits each; how many there are, as
 * far as `max`. */
static size_t read_numbers(struct span text, unsigned *numbers, size_t max)
{
    size_t count = 0;

    for (size_t i = 0, digits = 0; i < text.len; i++) {
        unsigned digit = (unsigned char)text.ptr[i] - (unsigned)'0';

        if (digit > 9) {
            digits = 0;
            continue;
        }
        if (digits++ == 0 && count++ < max)
            numbers[count - 1] = 0;
        if (digits > 4 || count > max)
            return 0;
        numbers[count - 1] = numbers[count - 1] * 10 + digit;
    }
    return count;
}

/* 1 to 12; 0 for what is none. */
static unsigned month_of(struct span text)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr",
                                         "May", "Jun", "Jul", "Aug",
                                         "Sep", "Oct", "Nov", "Dec"};

    for (unsigned i = 0; i < 12; i++)
        if (span_starts_with_fold(text, span_str(months[i])))
            return i + 1;
    return 0;
}

/* "Feb 22, 2022, 4:22:22 PM", with or without the second comma, the last
 * blank perhaps U+202F; or RFC 3339. TIMESTAMP_UNKNOWN if neither. */
static timestamp expiration_of(struct span text)
{
    enum {
        DAY,
        YEAR,
        HOUR,
        MINUTE,
        SECOND,
        PARTS
    };
    unsigned part[PARTS];
    unsigned month = month_of(text);
    bool afternoon = span_ends_with_fold(text, SPAN("PM"));
    char iso[64];

    if (!month)
        return span_present(text) ? timestamp_parse(text) : TIMESTAMP_UNKNOWN;
    if (!afternoon && !span_ends_with_fold(text, SPAN("AM")))
        return TIMESTAMP_UNKNOWN;
    if (read_numbers(text, part, PARTS) != PARTS || part[HOUR] < 1 ||
        part[HOUR] > 12)
        return TIMESTAMP_UNKNOWN;
    (void)snprintf(iso, sizeof(iso), "%04u-%02u-%02uT%02u:%02u:%02uZ",
                   part[YEAR], month, part[DAY],
                   part[HOUR] % 12 + (afternoon ? 12 : 0), part[MINUTE],
                   part[SECOND]);
    return timestamp_parse(span_str(iso));
}

/* A key was issued: to an instance by EC2, or by a role's session, perhaps an
 * instance's. Those of people are no chains. */
static int issue_key(const struct lesson *lesson)
{
    const struct span *field = lesson->event->field;
    const struct cJSON *credentials =
        fact_part(lesson->response, "credentials");
    struct span key = fact_text_at(credentials, "accessKeyId");
    struct span instance = location_instance_of(lesson->event);

    if (span_present(instance))
        return add_pair(lesson, FACT_KEY_BY, key, instance);
    if (span_eq(field[EVENT_INVOKED_BY], SPAN("ec2.amazonaws.com")))
        instance = instance_at(lesson->request, "roleSessionName");
    if (span_present(instance))
        return facts_add(
            lesson->facts,
            &(struct claim){
                .kind = FACT_KEY_FOR,
                .time = expiration_of(fact_text_at(credentials, "expiration")),
                .text = {key, instance},
            });
    if (!span_eq(field[EVENT_IDENTITY_TYPE], SPAN("AssumedRole")))
        return 0;
    return add_pair(lesson, FACT_KEY_FROM, key, field[EVENT_ACCESS_KEY_ID]);
}

/* ------------------------------------------------------------ which calls */

/* The services that are asked, by eventSource. */
#define TEXT(literal)                \
    {                                \
        literal, sizeof(literal) - 1 \
    }
#define EC2     TEXT("ec2.amazonaws.com")
#define SSM     TEXT("ssm.amazonaws.com")
#define STS     TEXT("sts.amazonaws.com")
#define CONNECT TEXT("ec2-instance-connect.amazonaws.com")

/* clang-format off */
static const struct {
    struct span source, name;
    int (*teach)(const struct lesson *lesson);
} calls[] = {
    {EC2, TEXT("RunInstances"), run_instances},
    {EC2, TEXT("CreateNetworkInterface"), create_network_interface},
    {EC2, TEXT("AttachNetworkInterface"), attach_network_interface},
    {EC2, TEXT("AssignPrivateIpAddresses"), assign_private_ip_addresses},
    {EC2, TEXT("CreateVpc"), create_vpc},
    {EC2, TEXT("CreateDefaultVpc"), create_vpc},
    {EC2, TEXT("AssociateVpcCidrBlock"), associate_vpc_cidr_block},
    {EC2, TEXT("CreateSubnet"), create_subnet},
    {EC2, TEXT("CreateDefaultSubnet"), create_subnet},
    {EC2, TEXT("StartInstances"), start_instances},
    {EC2, TEXT("StopInstances"), stop_instances},
    {EC2, TEXT("RebootInstances"), reboot_instances},
    {EC2, TEXT("TerminateInstances"), terminate_instances},
    {EC2, TEXT("AllocateAddress"), allocate_address},
    {EC2, TEXT("ReleaseAddress"), release_address},
    {EC2, TEXT("AssociateAddress"), associate_address},
    {EC2, TEXT("DisassociateAddress"), disassociate_address},
    {EC2, TEXT("CreateNatGateway"), create_nat_gateway},
    {EC2, TEXT("DeleteNatGateway"), delete_nat_gateway},
    {EC2, TEXT("AssociateNatGatewayAddress"), associate_nat_gateway_address},
    {EC2, TEXT("DisassociateNatGatewayAddress"), disassociate_nat_gateway_address},
    {EC2, TEXT("GetPasswordData"), open_instance},
    {EC2, TEXT("ModifyInstanceAttribute"), modify_instance_attribute},
    {SSM, TEXT("SendCommand"), send_command},
    {SSM, TEXT("StartSession"), start_session},
    {SSM, TEXT("UpdateInstanceInformation"), update_instance_information},
    {CONNECT, TEXT("SendSSHPublicKey"), open_instance},
    {CONNECT, TEXT("SendSerialConsoleSSHPublicKey"), open_instance},
    {STS, TEXT("AssumeRole"), issue_key},
    {STS, TEXT("GetFederationToken"), issue_key},
    {STS, TEXT("GetSessionToken"), issue_key},
};
/* clang-format on */

int facts_learn(struct facts *facts, const struct event *event)
{
    struct span source = event->field[EVENT_SOURCE];
    struct span name = event->field[EVENT_NAME];
    struct lesson lesson = {facts, event, event->time, NULL, NULL};
    size_t i = 0;

    while (i < sizeof(calls) / sizeof(calls[0]) &&
           !(span_eq(source, calls[i].source) && span_eq(name, calls[i].name)))
        i++;
    if (i == sizeof(calls) / sizeof(calls[0]))
        return 0;
    if (fact_parts_read(&facts->parts, event->record) < 0)
        return -1;
    lesson.request = facts->parts.request;
    lesson.response = facts->parts.response;
    return calls[i].teach(&lesson);
}
