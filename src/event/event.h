/*
 * event.h - one CloudTrail event: the fields that the rule reads, and
 * those that a report shows.
 *
 * Field names and meanings: AWS, "CloudTrail record contents" and
 * "CloudTrail userIdentity element", record version 1.11.
 */
#ifndef OFFBOX_EVENT_EVENT_H
#define OFFBOX_EVENT_EVENT_H

#include "base/span.h"
#include "base/timestamp.h"

/* Each field once: its constant and its path in the record. This list is
 * the only place to add one. */
#define EVENT_FIELDS(X)                                                       \
    X(EVENT_ID, "eventID")                                                    \
    X(EVENT_NAME, "eventName")                                                \
    X(EVENT_TIME, "eventTime")                                                \
    X(EVENT_SOURCE, "eventSource")                                            \
    X(EVENT_CATEGORY, "eventCategory")                                        \
    X(EVENT_AWS_REGION, "awsRegion")                                          \
    X(EVENT_SOURCE_IP_ADDRESS, "sourceIPAddress")                             \
    X(EVENT_USER_AGENT, "userAgent")                                          \
    X(EVENT_ERROR_CODE, "errorCode")                                          \
    X(EVENT_RECIPIENT_ACCOUNT_ID, "recipientAccountId")                       \
    X(EVENT_VPC_ENDPOINT_ID, "vpcEndpointId")                                 \
    X(EVENT_VPC_ENDPOINT_ACCOUNT_ID, "vpcEndpointAccountId")                  \
    X(EVENT_FROM_CONSOLE, "sessionCredentialFromConsole")                     \
    X(EVENT_IDENTITY_TYPE, "userIdentity.type")                               \
    X(EVENT_PRINCIPAL_ID, "userIdentity.principalId")                         \
    X(EVENT_IDENTITY_ARN, "userIdentity.arn")                                 \
    X(EVENT_ACCOUNT_ID, "userIdentity.accountId")                             \
    X(EVENT_ACCESS_KEY_ID, "userIdentity.accessKeyId")                        \
    X(EVENT_INVOKED_BY, "userIdentity.invokedBy")                             \
    X(EVENT_ISSUER_TYPE, "userIdentity.inScopeOf.issuerType")                 \
    X(EVENT_CREDENTIALS_ISSUED_TO,                                            \
      "userIdentity.inScopeOf.credentialsIssuedTo")                           \
    X(EVENT_EC2_ROLE_DELIVERY, "userIdentity.sessionContext.ec2RoleDelivery") \
    X(EVENT_ROLE_ARN, "userIdentity.sessionContext.sessionIssuer.arn")        \
    X(EVENT_ROLE_NAME, "userIdentity.sessionContext.sessionIssuer.userName")  \
    X(EVENT_SESSION_CREATION_DATE,                                            \
      "userIdentity.sessionContext.attributes.creationDate")

enum event_field {
#define X(constant, path) constant,
    EVENT_FIELDS(X)
#undef X
    EVENT_FIELD_COUNT
};

struct event {
    /* The decoded strings, UTF-8 throughout (NUL, half surrogate pairs and
     * invalid bytes are U+FFFD). Absent: no such key, or no string. */
    struct span field[EVENT_FIELD_COUNT];
    timestamp time;     /* of EVENT_TIME */
    struct span record; /* the record's own text, as it stood */
};

/* The field's path, "userIdentity.principalId". Static storage. */
const char *event_field_path(enum event_field field);

/*
 * The part of the principal that names an instance: from the `i-` of the
 * first `:i-` to the end, as `InstanceId` prints. Absent if there is none.
 * Borrowed from `principal_id`. (rule.md 1.1)
 */
struct span event_instance_id(struct span principal_id);

/* Is an event of this eventCategory a call? Insight, network activity and
 * aggregated records are other things in the same clothes (cloudtrail.md
 * 1). */
bool event_category_is_call(struct span event_category);

/* The value, or absent if it is empty: log shippers write "" for a member that
 * a record lacks. For fields whose mere presence says something. */
struct span event_value(const struct event *event, enum event_field field);

/* The account whose credentials made the call, else the one that received
 * it; the role's ARN, else its name. Either may be absent. Inline, since every
 * kept event is asked. */
static inline struct span event_account(const struct event *event)
{
    struct span account = event->field[EVENT_ACCOUNT_ID];

    return span_present(account) ? account
                                 : event->field[EVENT_RECIPIENT_ACCOUNT_ID];
}

static inline struct span event_role(const struct event *event)
{
    struct span arn = event->field[EVENT_ROLE_ARN];

    return span_present(arn) ? arn : event->field[EVENT_ROLE_NAME];
}

#endif
