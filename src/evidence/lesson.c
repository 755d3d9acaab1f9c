/* What the readers of calls have in common. */
#include "evidence/lesson.h"

#include "detect/location.h"

/* An absent or unreadable address teaches nothing. */
static bool read_address(struct span text, struct ip *address, unsigned *prefix)
{
    if (!span_present(text) || !ip_parse_prefix(text, address, prefix))
        return false;
    return address->family != IP_NONE;
}

struct ip lesson_address(const struct json_value *object, const char *key)
{
    struct ip address = IP_ABSENT;
    unsigned prefix;

    return read_address(fact_text_at(object, key), &address, &prefix)
               ? address
               : IP_ABSENT;
}

struct span lesson_instance(const struct json_value *object, const char *key)
{
    struct span id = fact_text_at(object, key);

    return location_is_instance_id(id) ? id : SPAN_ABSENT;
}

int lesson_add_pair(const struct lesson *lesson, enum fact_kind kind,
                    struct span subject, struct span object)
{
    if (object.len == 0)
        return 0;
    return facts_add(lesson->facts, &(struct claim){
                                        .kind = kind,
                                        .text = {subject, object},
                                    });
}

int lesson_add_moment(const struct lesson *lesson, enum fact_kind kind,
                      struct span subject)
{
    return facts_add(lesson->facts, &(struct claim){
                                        .kind = kind,
                                        .time = lesson->time,
                                        .text = {subject},
                                    });
}

int lesson_add_prefix(const struct lesson *lesson, enum fact_kind kind,
                      struct span subject, struct span about, struct span text)
{
    struct claim claim = {.kind = kind, .text = {subject, about}};

    if (!read_address(text, &claim.address, &claim.prefix))
        return 0;
    return facts_add(lesson->facts, &claim);
}

int lesson_add_prefixes(const struct lesson *lesson, enum fact_kind kind,
                        struct span subject, const struct json_value *value,
                        const char *key)
{
    struct fact_list list = fact_list(value);
    const struct json_value *element;

    while ((element = fact_list_next(&list)))
        if (lesson_add_prefix(lesson, kind, subject, SPAN_ABSENT,
                              fact_text_at(element, key)) < 0)
            return -1;
    return 0;
}

int lesson_add_place(const struct lesson *lesson, enum fact_kind kind,
                     struct span subject, const struct json_value *object)
{
    struct span vpc = fact_text_at(object, "vpcId");
    struct span subnet = fact_text_at(object, "subnetId");

    if (!span_present(vpc) && !span_present(subnet))
        return 0;
    return facts_add(lesson->facts, &(struct claim){
                                        .kind = kind,
                                        .text = {subject, vpc, subnet},
                                    });
}
