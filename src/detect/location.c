/* Addresses as evidence sorts them: filter.c judges for the rule, which
 * drops what a place can still be told by. */
#include "detect/location.h"

#define IPV6_PREFIX_BYTES                               \
    8 /* a /64: one network, whose hosts change at will \
       */

/* Is it 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10? Asked of
 * every call, so of the bytes. */
static bool is_private_v4(struct ip ip)
{
    const uint8_t *at = ip.bytes;

    return at[0] == 10 || (at[0] == 172 && at[1] >> 4 == 16 >> 4) ||
           (at[0] == 192 && at[1] == 168) ||
           (at[0] == 100 && at[1] >> 6 == 64 >> 6);
}

/* 198.18.0.0/15 */
static bool is_interconnect(struct ip ip)
{
    return ip.bytes[0] == 198 && ip.bytes[1] >> 1 == 18 >> 1;
}

enum location_kind location_kind_of(struct ip address)
{
    address = ip_unmap(address);
    if (address.family == IP_V6)
        return ip_v6_is_public(address) ? LOCATION_IPV6 : LOCATION_PRIVATE;
    if (address.family != IP_V4 || is_interconnect(address))
        return LOCATION_NONE;
    return is_private_v4(address) ? LOCATION_PRIVATE : LOCATION_PUBLIC;
}

enum location_kind location_parse(struct span text, struct ip *location)
{
    struct ip ip = IP_ABSENT;
    enum location_kind kind = LOCATION_NONE;
    unsigned prefix;

    if (span_present(text) &&
        (ip_parse_v4(text, &ip, &prefix) || ip_parse_v6(text, &ip)))
        kind = location_kind_of(ip);
    ip = kind == LOCATION_NONE ? IP_ABSENT : ip_unmap(ip);
    if (ip.family == IP_V6)
        memset(ip.bytes + IPV6_PREFIX_BYTES, 0,
               sizeof(ip.bytes) - IPV6_PREFIX_BYTES);
    *location = ip;
    return kind;
}

enum location_kind location_of(const struct event *event, struct ip *location)
{
    return location_parse(span_present(event_value(event, EVENT_INVOKED_BY))
                              ? SPAN_ABSENT
                              : event->field[EVENT_SOURCE_IP_ADDRESS],
                          location);
}

const char *location_format(struct ip location, char text[LOCATION_TEXT_BYTES])
{
    (void)ip_format(location, text);
    if (location.family == IP_V6)
        memcpy(text + strlen(text), "/64", sizeof("/64"));
    return text;
}

static bool is_letter_or_digit(char c)
{
    char lower = ascii_lower(c);

    return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z');
}

bool location_is_instance_id(struct span text)
{
    if ((text.len != 2 + 8 && text.len != 2 + 17) || text.ptr[0] != 'i' ||
        text.ptr[1] != '-')
        return false;
    for (size_t i = 2; i < text.len; i++)
        if (!is_letter_or_digit(text.ptr[i]))
            return false;
    return true;
}

static bool begins(struct span text, struct span with)
{
    return text.len >= with.len && memcmp(text.ptr, with.ptr, with.len) == 0;
}

/* AWS's own roles stand in the principalId as ACCOUNT:aws:NAME:INSTANCE; no
 * role of a customer can hold a colon. */
static bool is_aws_role(const struct event *event)
{
    struct span id = event->field[EVENT_PRINCIPAL_ID];
    const char *colon = id.len ? memchr(id.ptr, ':', id.len) : NULL;
    struct span behind = SPAN_ABSENT;

    if (colon)
        behind = span_of(colon + 1, (size_t)(id.ptr + id.len - colon - 1));
    return begins(behind, SPAN("aws:")) ||
           begins(event->field[EVENT_ROLE_NAME], SPAN("aws:"));
}

struct span location_instance_of(const struct event *event)
{
    struct span instance = event_instance_id(event->field[EVENT_PRINCIPAL_ID]);

    return location_is_instance_id(instance) && !is_aws_role(event)
               ? instance
               : SPAN_ABSENT;
}

struct origin location_origin_of(const struct event *event)
{
    struct origin origin = {.instance = location_instance_of(event)};

    origin.kind = location_of(event, &origin.location);
    return origin;
}
