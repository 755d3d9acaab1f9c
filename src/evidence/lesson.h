/*
 * lesson.h - what one call teaches; for the files that read calls.
 *
 * A function a call, each of which returns -1 when memory is out. Shapes:
 * AWS's API reference for EC2, Systems Manager, STS and EC2 Instance Connect,
 * as CloudTrail writes requests and responses.
 */
#ifndef OFFBOX_EVIDENCE_LESSON_H
#define OFFBOX_EVIDENCE_LESSON_H

#include "evidence/facts_set.h"

/* A call under study. */
struct lesson {
    struct facts *facts;
    const struct event *event;
    timestamp time;
    const struct json_value *request, *response;
};

/* ------------------------------------------------------ reading and adding */

/* The address at an object's member; IP_ABSENT if there is none. */
struct ip lesson_address(const struct json_value *object, const char *key);

/* The InstanceId at an object's member; absent for what is none. */
struct span lesson_instance(const struct json_value *object, const char *key);

/* A fact of two texts; none if either is missing. */
int lesson_add_pair(const struct lesson *lesson, enum fact_kind kind,
                    struct span subject, struct span object);

/* A fact that happened at the call's time. */
int lesson_add_moment(const struct lesson *lesson, enum fact_kind kind,
                      struct span subject);

/* An address or a prefix of something; `about` may be absent. */
int lesson_add_prefix(const struct lesson *lesson, enum fact_kind kind,
                      struct span subject, struct span about, struct span text);

/* Every element's text at `key`, as an address or a prefix of `subject`. */
int lesson_add_prefixes(const struct lesson *lesson, enum fact_kind kind,
                        struct span subject, const struct json_value *value,
                        const char *key);

/* Where an instance, an interface or a NAT gateway is: its VPC and subnet. */
int lesson_add_place(const struct lesson *lesson, enum fact_kind kind,
                     struct span subject, const struct json_value *object);

/* ------------------------------------------------ instances and networks */

int teach_run_instances(const struct lesson *lesson);
int teach_create_network_interface(const struct lesson *lesson);
int teach_attach_network_interface(const struct lesson *lesson);
int teach_assign_private_ip_addresses(const struct lesson *lesson);
int teach_create_vpc(const struct lesson *lesson);
int teach_associate_vpc_cidr_block(const struct lesson *lesson);
int teach_create_subnet(const struct lesson *lesson);
int teach_start_instances(const struct lesson *lesson);
int teach_stop_instances(const struct lesson *lesson);
int teach_reboot_instances(const struct lesson *lesson);
int teach_terminate_instances(const struct lesson *lesson);

/* ----------------------------------------------------- elastic addresses */

int teach_allocate_address(const struct lesson *lesson);
int teach_release_address(const struct lesson *lesson);
int teach_disassociate_address(const struct lesson *lesson);
int teach_associate_address(const struct lesson *lesson);
int teach_create_nat_gateway(const struct lesson *lesson);
int teach_delete_nat_gateway(const struct lesson *lesson);
int teach_associate_nat_gateway_address(const struct lesson *lesson);
int teach_disassociate_nat_gateway_address(const struct lesson *lesson);

/* --------------------------------- ways into an instance, and what it is */

int teach_send_command(const struct lesson *lesson);
int teach_start_session(const struct lesson *lesson);
int teach_open_instance(const struct lesson *lesson);
int teach_modify_instance_attribute(const struct lesson *lesson);
int teach_update_instance_information(const struct lesson *lesson);

/* ------------------------------------------------------------------ keys */

int teach_issue_key(const struct lesson *lesson);

/* Most keys are issued to services: does this one matter? Asked before the
 * record's parts are read. */
bool teach_follows_key(const struct event *event);

#endif
