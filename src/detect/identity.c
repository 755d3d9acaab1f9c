/* The five fields, each with its length, so that no two lists of fields give
 * the same. */
#include "detect/identity.h"

static const struct hash_key published_key = {
    0x6f6666626f780001u, /* "offbox", version 1 of the identity */
    0x3078464630323430u, /* "0xFF0240" */
};

static char *put_number(char *at, uint64_t number)
{
    for (int i = 0; i < 8; i++) /* low byte first on every machine */
        *at++ = (char)(number >> (8 * i) & 0xff);
    return at;
}

static char *put_field(char *at, struct span field)
{
    at = put_number(at, span_present(field) ? field.len : UINT64_MAX);
    if (field.len)
        memcpy(at, field.ptr, field.len);
    return at + field.len;
}

bool identity_exists(const struct event *event)
{
    return event->field[EVENT_ID].len > 0;
}

struct hash128 identity_of(const struct event *event, struct span instance_id,
                           struct ip address, struct buf *scratch)
{
    struct span ip = span_of((const char *)&address, sizeof(address));
    struct span id = event->field[EVENT_ID];
    struct span name = event->field[EVENT_NAME];
    size_t bytes = 5 * 8 + id.len + instance_id.len + ip.len + name.len;
    char *at;

    buf_clear(scratch);
    at = buf_reserve(scratch, bytes);
    if (!at)
        return (struct hash128){0, 0};
    at = put_field(at, id);
    at = put_field(at, instance_id);
    at = put_field(at, ip);
    at = put_number(at, (uint64_t)event->time);
    (void)put_field(at, name);
    return hash_128(published_key, span_of(scratch->ptr, bytes));
}

/* The group's hash comes first, in place of its two texts' own. */
struct hash128 identity_here(const struct event *event, struct hash128 group,
                             struct hash_key secret)
{
    struct hash128 hash = group;

    hash_add(&hash, secret, event->field[EVENT_ID]);
    hash_add(&hash, secret,
             span_of((const char *)&event->time, sizeof(event->time)));
    hash_add(&hash, secret, event->field[EVENT_NAME]);
    return hash_end(hash, secret);
}
