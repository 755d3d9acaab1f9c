/* cJSON answers; each answer is checked. */
#include "state/line_members.h"

#include <cjson/cJSON.h>
#include <string.h>

/* cJSON's numbers are doubles: beyond this not all are whole. */
#define COUNT_MAX ((double)(INT64_C(1) << 53))

const struct cJSON *line_peek(const struct line_members *members,
                              const char *name)
{
    return members->at && members->at->string &&
                   strcmp(members->at->string, name) == 0
               ? members->at
               : NULL;
}

const struct cJSON *line_member(struct line_members *members, const char *name)
{
    const cJSON *found = line_peek(members, name);

    if (!found) {
        members->wrong = members->wrong ? members->wrong : name;
        return NULL;
    }
    members->at = found->next;
    return found;
}

void line_wrong(struct line_members *members, const char *name)
{
    members->wrong = members->wrong ? members->wrong : name;
}

uint64_t line_number_of(struct line_members *members, const cJSON *item,
                        const char *name)
{
    if (cJSON_IsNumber(item) && item->valuedouble >= 0 &&
        item->valuedouble <= COUNT_MAX &&
        item->valuedouble == (double)(uint64_t)item->valuedouble)
        return (uint64_t)item->valuedouble;
    line_wrong(members, name);
    return 0;
}

uint64_t line_number(struct line_members *members, const char *name)
{
    return line_number_of(members, line_member(members, name), name);
}

bool line_bool(struct line_members *members, const char *name)
{
    const cJSON *item = line_member(members, name);

    if (!cJSON_IsBool(item))
        line_wrong(members, name);
    return cJSON_IsTrue(item);
}

struct span line_text(struct line_members *members, const char *name)
{
    const cJSON *item = line_member(members, name);

    if (cJSON_IsString(item))
        return span_str(item->valuestring);
    line_wrong(members, name);
    return SPAN("");
}

timestamp line_time(struct line_members *members, const char *name,
                    timestamp none)
{
    const cJSON *item = line_member(members, name);
    timestamp time = TIMESTAMP_UNKNOWN;

    if (cJSON_IsNull(item))
        return none;
    if (cJSON_IsString(item))
        time = timestamp_parse(span_str(item->valuestring));
    if (time == TIMESTAMP_UNKNOWN)
        line_wrong(members, name);
    return time;
}

const struct cJSON *line_array(struct line_members *members, const char *name)
{
    const cJSON *item = line_member(members, name);

    if (!cJSON_IsArray(item))
        line_wrong(members, name);
    return cJSON_IsArray(item) ? item : NULL;
}

struct line_members line_members_of(const cJSON *object)
{
    return (struct line_members){cJSON_IsObject(object) ? object->child : NULL,
                                 cJSON_IsObject(object) ? NULL : "it", false};
}

void line_no_more(struct line_members *members)
{
    if (members->at)
        line_wrong(members, members->at->string);
}

bool line_is_text(const struct line_members *members)
{
    return cJSON_IsString(members->at);
}

struct ip line_address(struct line_members *members, const char *name)
{
    struct span text = line_text(members, name);
    struct ip address = IP_ABSENT;
    char spelled[IP_TEXT_BYTES];
    unsigned prefix;

    if ((ip_parse_v4(text, &address, &prefix) || ip_parse_v6(text, &address)) &&
        span_eq(span_str(ip_format(address, spelled)), text))
        return address;
    line_wrong(members, name);
    return IP_ABSENT;
}

size_t line_texts(struct line_members *members, const char *name,
                  struct span *texts, size_t max)
{
    const cJSON *array = line_array(members, name);
    const cJSON *item;
    size_t count = 0;

    cJSON_ArrayForEach(item, array)
    {
        if (count == max || (!cJSON_IsString(item) && !cJSON_IsNull(item))) {
            line_wrong(members, name);
            break;
        }
        texts[count++] =
            cJSON_IsString(item) ? span_str(item->valuestring) : SPAN_ABSENT;
    }
    return count;
}
