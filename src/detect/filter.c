/* The rule's `where` lines: see rule.md 1, whose tables test them. */
#include "detect/filter.h"

struct net {
    uint32_t bits;
    unsigned prefix;
};

static const struct net interconnect = {UINT32_C(198) << 24 | 18 << 16, 15};

static const struct net private_nets[] = {
    {UINT32_C(10) << 24, 8},
    {UINT32_C(172) << 24 | 16 << 16, 12},
    {UINT32_C(192) << 24 | 168 << 16, 16},
};

/* Kusto compares under the shorter of the two prefixes. */
static inline bool kusto_match(uint32_t bits, unsigned prefix,
                               const struct net *net)
{
    unsigned shorter = prefix < net->prefix ? prefix : net->prefix;

    return (uint64_t)(bits ^ net->bits) >> (32 - shorter) == 0;
}

static enum outcome v4_outcome(struct ip ip, unsigned prefix)
{
    uint32_t bits = ip_v4_bits(ip);

    if (kusto_match(bits, prefix, &interconnect))
        return OUTCOME_INTERCONNECT;
    for (size_t i = 0; i < sizeof(private_nets) / sizeof(private_nets[0]); i++)
        if (kusto_match(bits, prefix, &private_nets[i]))
            return OUTCOME_PRIVATE;
    return OUTCOME_KEPT;
}

static enum outcome v6_outcome(const struct filter_options *options,
                               struct ip *ip)
{
    if (!options->ipv6)
        return OUTCOME_IPV6;
    *ip = ip_unmap(*ip);
    if (ip->family == IP_V4)
        return v4_outcome(*ip, 32);
    return ip_v6_is_public(*ip) ? OUTCOME_KEPT : OUTCOME_PRIVATE;
}

static enum outcome name_outcome(struct span text)
{
    if (span_starts_with_fold(text, SPAN("AWS Internal")))
        return OUTCOME_AWS_INTERNAL;
    if (span_ends_with_fold(text, SPAN(".amazonaws.com")) ||
        span_ends_with_fold(text, SPAN(".amazonaws.com.cn")))
        return OUTCOME_AWS_SERVICE;
    return OUTCOME_NOT_AN_ADDRESS;
}

enum outcome filter_address(const struct filter_options *options,
                            struct span source_ip_address, struct ip *address)
{
    enum outcome outcome = OUTCOME_NOT_AN_ADDRESS;
    unsigned prefix = 32;

    if (ip_parse_v4(source_ip_address, address, &prefix))
        outcome = v4_outcome(*address, prefix);
    else if (ip_parse_v6(source_ip_address, address))
        outcome = v6_outcome(options, address);
    else if (span_present(source_ip_address))
        outcome = name_outcome(source_ip_address);
    if (outcome != OUTCOME_KEPT)
        *address = IP_ABSENT;
    return outcome;
}

/* Does the policy say that the event does not count? */
static bool is_ignored(struct policy_use *policy, const struct event *event,
                       const struct verdict *verdict)
{
    struct policy_subject subject = {
        .address = verdict->address,
        .value =
            {
                [POLICY_INSTANCE] = verdict->instance,
                [POLICY_ACCOUNT] = event_account(event),
                [POLICY_REGION] = event->field[EVENT_AWS_REGION],
                [POLICY_SOURCE] = event->field[EVENT_SOURCE],
                [POLICY_EVENT] = event->field[EVENT_NAME],
                [POLICY_AGENT] = event->field[EVENT_USER_AGENT],
            },
    };

    policy_subject_role(&subject, event->field[EVENT_ROLE_ARN],
                        event->field[EVENT_ROLE_NAME]);
    return policy_holds(policy, POLICY_IGNORE, &subject);
}

bool filter_ignores(const struct filter_options *options,
                    const struct event *event, struct span instance)
{
    struct verdict verdict = {OUTCOME_KEPT, instance, IP_ABSENT};
    struct span text = event->field[EVENT_SOURCE_IP_ADDRESS];
    unsigned prefix;

    if (!options->policy)
        return false;
    if (span_present(text) && (ip_parse_v4(text, &verdict.address, &prefix) ||
                               ip_parse_v6(text, &verdict.address)))
        verdict.address = ip_unmap(verdict.address);
    return is_ignored(options->policy, event, &verdict);
}

bool filter_is_outside(const struct filter_options *options, timestamp time)
{
    return time != TIMESTAMP_UNKNOWN &&
           (time < options->since || time >= options->until);
}

/* The outcome of a call by an instance, and the address. */
static enum outcome call_outcome(const struct filter_options *options,
                                 const struct event *event,
                                 struct verdict *verdict)
{
    enum outcome outcome;

    if (filter_is_outside(options, event->time)) {
        verdict->address = IP_ABSENT;
        return OUTCOME_OUTSIDE_WINDOW;
    }
    outcome = filter_address(options, event->field[EVENT_SOURCE_IP_ADDRESS],
                             &verdict->address);
    if (options->policy && outcome == OUTCOME_KEPT &&
        is_ignored(options->policy, event, verdict)) {
        verdict->address = IP_ABSENT;
        return OUTCOME_ALLOWED;
    }
    return outcome;
}

void filter_event(const struct filter_options *options,
                  const struct event *event, struct verdict *verdict)
{
    verdict->instance = event_instance_id(event->field[EVENT_PRINCIPAL_ID]);
    if (span_present(verdict->instance) &&
        event_category_is_call(event->field[EVENT_CATEGORY])) {
        verdict->outcome = call_outcome(options, event, verdict);
    } else {
        verdict->outcome = OUTCOME_NO_INSTANCE;
        verdict->instance = SPAN_ABSENT;
        verdict->address = IP_ABSENT;
    }
}
