/* The five fields, each behind its length, so that no two lists of fields
 * give the same bytes. */
#include "detect/identity.h"

static const struct hash_key published_key = {
    0x6f6666626f780001u, /* "offbox", version 1 of the identity */
    0x3078464630323430u, /* "0xFF0240" */
};

static void add_number(struct buf *out, uint64_t number)
{
    for (int i = 0; i < 8; i++)
        buf_add_char(out, (char)(number >> (8 * i) & 0xff));
}

static void add_field(struct buf *out, struct span field)
{
    add_number(out, span_present(field) ? field.len : UINT64_MAX);
    buf_add(out, field);
}

bool identity_exists(const struct event *event)
{
    return event->field[EVENT_ID].len > 0;
}

struct hash128 identity_of(const struct event *event, struct span instance_id,
                           struct ip address, struct buf *scratch)
{
    buf_clear(scratch);
    add_field(scratch, event->field[EVENT_ID]);
    add_field(scratch, instance_id);
    add_field(scratch, span_of((const char *)&address, sizeof(address)));
    add_number(scratch, (uint64_t)event->time);
    add_field(scratch, event->field[EVENT_NAME]);
    if (scratch->failed)
        return (struct hash128){0, 0};
    return hash_128(published_key, buf_span(scratch));
}
