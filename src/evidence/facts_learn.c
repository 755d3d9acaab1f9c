/* Which calls teach facts. */
#include "evidence/lesson.h"

enum service {
    EC2,
    SSM,
    STS,
    CONNECT,
    SERVICES
};

#define TEXT(literal)                \
    {                                \
        literal, sizeof(literal) - 1 \
    }

static const struct span sources[SERVICES] = {
    [EC2] = TEXT("ec2.amazonaws.com"),
    [SSM] = TEXT("ssm.amazonaws.com"),
    [STS] = TEXT("sts.amazonaws.com"),
    [CONNECT] = TEXT("ec2-instance-connect.amazonaws.com"),
};

/* The frequent ones first. */
/* clang-format off */
static const struct {
    enum service service;
    struct span name;
    int (*teach)(const struct lesson *lesson);
    bool (*may)(const struct event *event); /* NULL: always */
} calls[] = {
    {STS, TEXT("AssumeRole"), teach_issue_key, teach_follows_key},
    {STS, TEXT("GetFederationToken"), teach_issue_key, teach_follows_key},
    {STS, TEXT("GetSessionToken"), teach_issue_key, teach_follows_key},
    {SSM, TEXT("UpdateInstanceInformation"), teach_update_instance_information, NULL},
    {SSM, TEXT("SendCommand"), teach_send_command, NULL},
    {SSM, TEXT("StartSession"), teach_start_session, NULL},
    {EC2, TEXT("RunInstances"), teach_run_instances, NULL},
    {EC2, TEXT("CreateNetworkInterface"), teach_create_network_interface, NULL},
    {EC2, TEXT("AttachNetworkInterface"), teach_attach_network_interface, NULL},
    {EC2, TEXT("AssignPrivateIpAddresses"), teach_assign_private_ip_addresses, NULL},
    {EC2, TEXT("CreateVpc"), teach_create_vpc, NULL},
    {EC2, TEXT("CreateDefaultVpc"), teach_create_vpc, NULL},
    {EC2, TEXT("AssociateVpcCidrBlock"), teach_associate_vpc_cidr_block, NULL},
    {EC2, TEXT("CreateSubnet"), teach_create_subnet, NULL},
    {EC2, TEXT("CreateDefaultSubnet"), teach_create_subnet, NULL},
    {EC2, TEXT("StartInstances"), teach_start_instances, NULL},
    {EC2, TEXT("StopInstances"), teach_stop_instances, NULL},
    {EC2, TEXT("RebootInstances"), teach_reboot_instances, NULL},
    {EC2, TEXT("TerminateInstances"), teach_terminate_instances, NULL},
    {EC2, TEXT("AllocateAddress"), teach_allocate_address, NULL},
    {EC2, TEXT("ReleaseAddress"), teach_release_address, NULL},
    {EC2, TEXT("AssociateAddress"), teach_associate_address, NULL},
    {EC2, TEXT("DisassociateAddress"), teach_disassociate_address, NULL},
    {EC2, TEXT("CreateNatGateway"), teach_create_nat_gateway, NULL},
    {EC2, TEXT("DeleteNatGateway"), teach_delete_nat_gateway, NULL},
    {EC2, TEXT("AssociateNatGatewayAddress"), teach_associate_nat_gateway_address, NULL},
    {EC2, TEXT("DisassociateNatGatewayAddress"), teach_disassociate_nat_gateway_address, NULL},
    {EC2, TEXT("GetPasswordData"), teach_open_instance, NULL},
    {EC2, TEXT("ModifyInstanceAttribute"), teach_modify_instance_attribute, NULL},
    {CONNECT, TEXT("SendSSHPublicKey"), teach_open_instance, NULL},
    {CONNECT, TEXT("SendSerialConsoleSSHPublicKey"), teach_open_instance, NULL},
};
/* clang-format on */

#define CALL_COUNT (sizeof(calls) / sizeof(calls[0]))

/* Most calls of EC2 are, and teach nothing. */
static bool describes(struct span name)
{
    struct span word = SPAN("Describe");

    return name.len > word.len && memcmp(name.ptr, word.ptr, word.len) == 0;
}

/* The call's place in the table; CALL_COUNT for most. */
static size_t find_call(const struct event *event)
{
    struct span source = event->field[EVENT_SOURCE];
    size_t service = 0;
    size_t i = 0;

    /* Asked of every record: most sources differ in their first letter. */
    if (source.len == 0 || !memchr("es", source.ptr[0], 2))
        return CALL_COUNT;
    while (service < SERVICES && !span_eq(source, sources[service]))
        service++;
    if (service == SERVICES || describes(event->field[EVENT_NAME]))
        return CALL_COUNT;
    while (i < CALL_COUNT &&
           !(calls[i].service == service &&
             span_eq(event->field[EVENT_NAME], calls[i].name)))
        i++;
    return i;
}

bool facts_reads(const struct event *event)
{
    size_t call = find_call(event);

    return call < CALL_COUNT && (!calls[call].may || calls[call].may(event));
}

int facts_learn(struct facts *facts, const struct event *event)
{
    struct lesson lesson = {facts, event, event->time, NULL, NULL};
    size_t call = find_call(event);

    if (call == CALL_COUNT || (calls[call].may && !calls[call].may(event)))
        return 0;
    if (fact_parts_read(&facts->parts, event) < 0)
        return -1;
    lesson.request = facts->parts.request;
    lesson.response = facts->parts.response;
    return calls[call].teach(&lesson);
}
