/* The keys are those of CloudTrail's record contents (1.11), and of what
 * lookup-events prints for an event. */
#include "input/resync.h"

#include "base/json_string.h"

static const struct span lists[] = {{"Records", 7}, {"Events", 6}};

static const struct span record_keys[] = {
    {"eventVersion", 12},
    {"userIdentity", 12},
    {"eventTime", 9},
    {"eventSource", 11},
    {"eventName", 9},
    {"awsRegion", 9},
    {"sourceIPAddress", 15},
    {"userAgent", 9},
    {"errorCode", 9},
    {"errorMessage", 12},
    {"requestParameters", 17},
    {"responseElements", 16},
    {"additionalEventData", 19},
    {"requestID", 9},
    {"eventID", 7},
    {"eventType", 9},
    {"apiVersion", 10},
    {"managementEvent", 15},
    {"readOnly", 8},
    {"resources", 9},
    {"recipientAccountId", 18},
    {"serviceEventDetails", 19},
    {"sharedEventID", 13},
    {"vpcEndpointId", 13},
    {"vpcEndpointAccountId", 20},
    {"eventCategory", 13},
    {"addendum", 8},
    {"sessionCredentialFromConsole", 28},
    {"eventContext", 12},
    {"edgeDeviceDetails", 17},
    {"tlsDetails", 10},
    {"@timestamp", 10},
    {"EventId", 7},
    {"EventName", 9},
    {"ReadOnly", 8},
    {"AccessKeyId", 11},
    {"EventTime", 9},
    {"EventSource", 11},
    {"Username", 8},
    {"Resources", 9},
    {"CloudTrailEvent", 15},
};

static bool is_one_of(struct span key, const struct span *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (json_string_spells(key, keys[i]))
            return true;
    return false;
}

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && memchr(" \t\r\n", *at, 4))
        at++;
    return at;
}

/* The first key of the object at `at`. RESYNC_ELEMENT if there is one. */
static enum resync first_key(const char *at, const char *end, struct span *key)
{
    const char *quote;

    at = skip_space(at + 1, end);
    if (at == end)
        return RESYNC_MORE;
    if (*at++ != '"')
        return RESYNC_NO;
    for (quote = at; quote < end && *quote != '"'; quote++)
        if (*quote == '\\' && ++quote == end)
            break;
    *key = span_of(at, (size_t)(quote - at));
    at = quote < end ? skip_space(quote + 1, end) : end;
    if (at == end)
        return RESYNC_MORE;
    return *at == ':' ? RESYNC_ELEMENT : RESYNC_NO;
}

enum resync resync_at(const char *at, const char *end, bool last,
                      const struct resync_place *place)
{
    bool cut = end - at < RESYNC_BYTES && !last;
    bool new_value =
        place->before == '}' || place->before == ']' || place->line_start;
    struct span key = SPAN_ABSENT;
    enum resync found;

    if (place->before == ':')
        return RESYNC_NO;
    if (end - at > RESYNC_BYTES)
        end = at + RESYNC_BYTES;
    found = first_key(at, end, &key);
    if (found != RESYNC_ELEMENT)
        return found == RESYNC_MORE && cut ? RESYNC_MORE : RESYNC_NO;
    if (is_one_of(key, lists, sizeof(lists) / sizeof(lists[0])))
        return RESYNC_VALUE;
    if (is_one_of(key, record_keys,
                  sizeof(record_keys) / sizeof(record_keys[0])))
        return RESYNC_ELEMENT;
    if (new_value)
        return RESYNC_VALUE;
    return place->any_key ? RESYNC_ELEMENT : RESYNC_NO;
}
