/* An owner, for programs and for people. */
#include "report/owner_report.h"

void owner_services_json(struct json_writer *json, const char *name,
                         const struct owner *owner)
{
    if (owner->service_count == 0)
        return;
    json_member_array(json, name);
    for (size_t i = 0; i < owner->service_count; i++)
        json_string(json, owner->services[i]);
    json_array_end(json);
}

void owner_json(struct json_writer *json, const struct owner *owner)
{
    owner_services_json(json, "AwsServices", owner);
    json_member_known(json, "AwsRegion", owner->aws_region);
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

void owner_words(struct buf *text, const struct owner *owner)
{
    add_aws(text, owner);
}
