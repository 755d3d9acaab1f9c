/* An owner, for programs and for people. */
#include "report/owner_report.h"

#include <inttypes.h>

static void aws_json(struct json_writer *json, const struct owner *owner,
                     const char *in_aws, const char *services,
                     const char *region)
{
    if (owner->service_count == 0 && !owner->outside_aws)
        return;
    json_member_bool(json, in_aws, !owner->outside_aws);
    if (owner->outside_aws)
        return;
    json_member_array(json, services);
    for (size_t i = 0; i < owner->service_count; i++)
        json_string(json, owner->services[i]);
    json_array_end(json);
    json_member_string(json, region, owner->aws_region);
}

void owner_aws_json(struct json_writer *json, const struct owner *owner)
{
    aws_json(json, owner, "in_aws", "aws_services", "aws_region");
}

void owner_json(struct json_writer *json, const struct owner *owner)
{
    aws_json(json, owner, "InAws", "AwsServices", "AwsRegion");
    if (owner->facts.asn)
        json_member_uint(json, "Asn", owner->facts.asn);
    json_member_known(json, "Organization", owner->facts.organization);
    json_member_known(json, "Country", owner->facts.country);
}

static void add_aws(struct buf *text, const struct owner *owner)
{
    for (size_t i = 0; i < owner->service_count; i++) {
        buf_add(text, i ? SPAN(", ") : SPAN("AWS "));
        buf_add(text, owner->services[i]);
    }
    if (span_present(owner->aws_region)) {
        buf_add(text, SPAN(" ("));
        buf_add(text, owner->aws_region);
        buf_add_char(text, ')');
    }
    if (owner->outside_aws)
        buf_add(text, SPAN("not AWS"));
}

static void add_part(struct buf *text, size_t start, const char *between,
                     struct span part)
{
    if (!span_present(part))
        return;
    if (text->len > start)
        buf_add(text, span_str(between));
    buf_add(text, part);
}

void owner_words(struct buf *text, const struct owner *owner)
{
    const struct address_facts *facts = &owner->facts;
    size_t start = text->len;

    add_aws(text, owner);
    if (text->len > start && (facts->asn || span_present(facts->organization) ||
                              span_present(facts->country)))
        buf_add(text, SPAN("; "));
    start = text->len;
    if (facts->asn)
        buf_printf(text, "AS%" PRIu32, facts->asn);
    add_part(text, start, " ", facts->organization);
    add_part(text, start, ", ", facts->country);
}

void owner_say(struct out *out, const char *before, const struct owner *owner,
               const char *after,
               void (*say)(struct out *out, struct span text))
{
    struct buf words = BUF_INIT;

    if (!owner_is_known(owner))
        return;
    owner_words(&words, owner);
    if (words.failed)
        out_fail_memory(out);
    out_str(out, before);
    say(out, buf_span(&words));
    out_str(out, after);
    buf_release(&words);
}
