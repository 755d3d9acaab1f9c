/* cJSON over two members of a record; what else is in it is not parsed. */
#include "event/fact_parts.h"

#include "base/cjson_object.h"
#include "base/json_string.h"
#include "event/json_text.h"
#include "event/members.h"

#include <cjson/cJSON.h>

/* What a list is called inside the object that wraps it. */
static const char *const wrappers[] = {
    "items", "item", "member",
    "assignedPrivateIpAddressSetType", /* of AssignPrivateIpAddresses */
};

void fact_parts_init(struct fact_parts *parts)
{
    *parts = (struct fact_parts){.text = BUF_INIT, .narrow = BUF_INIT};
    cjson_object_prepare();
}

void fact_parts_release(struct fact_parts *parts)
{
    for (size_t i = 0; i < 2; i++)
        cJSON_Delete(parts->owned[i]);
    buf_release(&parts->text);
    buf_release(&parts->narrow);
    *parts = (struct fact_parts){0};
}

/* As cJSON finds members: by names that fold case. */
static bool is_any_of(struct span raw_key, const char *const *names)
{
    char text[JSON_KEY_BYTES];
    size_t len = json_string_key(raw_key, text);

    for (; len <= JSON_KEY_BYTES && *names; names++)
        if (span_eq_fold(span_of(text, len), span_str(*names)))
            return true;
    return false;
}

/* `value` with its wanted members alone; as it is, if it has none of them
 * (they may be inside a wrapper), or is no object. */
static struct span narrow(struct buf *out, struct span value,
                          const char *const *wanted)
{
    struct members members;
    struct member member;
    int more;

    buf_clear(out);
    members_init(&members, value);
    while ((more = members_next(&members, &member)) > 0) {
        if (!is_any_of(member.key, wanted))
            continue;
        buf_add(out, out->len ? SPAN(",\"") : SPAN("{\""));
        buf_add(out, member.key);
        buf_add(out, SPAN("\":"));
        buf_add(out, member.value);
    }
    if (more < 0 || out->len == 0)
        return value;
    buf_add(out, SPAN("}"));
    return buf_span(out);
}

/* Parse one part. Damage leaves it absent. */
static int parse(struct fact_parts *parts, struct span value,
                 const char *const *wanted, struct cJSON **root)
{
    bool memory_is_out = false;

    if (!value.ptr || value.len == 0 || value.ptr[0] != '{')
        return 0;
    if (wanted)
        value = narrow(&parts->narrow, value, wanted);
    if (parts->narrow.failed)
        return -1;
    if (json_text_repair(value, &parts->text, NULL) < 0)
        return parts->text.failed ? -1 : 0;
    *root = cjson_object(buf_span(&parts->text), &memory_is_out);
    return memory_is_out ? -1 : 0;
}

/* {"NAMERequest": {…}}, its only member, is what is in it. */
static const struct cJSON *unwrap(const struct cJSON *root, struct span suffix)
{
    const struct cJSON *only = root ? root->child : NULL;

    if (!only || only->next || !cJSON_IsObject(only) ||
        !span_ends_with_fold(span_str(only->string), suffix))
        return root;
    return only;
}

int fact_parts_read(struct fact_parts *parts, struct span record,
                    const char *const *wanted)
{
    struct span found[2] = {SPAN_ABSENT, SPAN_ABSENT};
    struct members members;
    struct member member;

    for (size_t i = 0; i < 2; i++) {
        cJSON_Delete(parts->owned[i]);
        parts->owned[i] = NULL;
    }
    parts->request = parts->response = NULL;
    members_init(&members, record);
    /* The first of equals counts, so both are all there is to find. */
    while (!(found[0].ptr && found[1].ptr) &&
           members_next(&members, &member) > 0) {
        if (!found[0].ptr &&
            json_string_spells(member.key, SPAN("requestParameters")))
            found[0] = member.value;
        else if (!found[1].ptr &&
                 json_string_spells(member.key, SPAN("responseElements")))
            found[1] = member.value;
    }
    for (size_t i = 0; i < 2; i++)
        if (parse(parts, found[i], wanted, &parts->owned[i]) < 0)
            return -1;
    parts->request = unwrap(parts->owned[0], SPAN("Request"));
    parts->response = unwrap(parts->owned[1], SPAN("Response"));
    return 0;
}

const struct cJSON *fact_part(const struct cJSON *object, const char *key)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItem(object, key) : NULL;
}

struct span fact_text(const struct cJSON *value)
{
    if (cJSON_IsObject(value))
        value = cJSON_GetObjectItem(value, "content");
    return cJSON_IsString(value) ? span_str(value->valuestring) : SPAN_ABSENT;
}

struct span fact_text_at(const struct cJSON *object, const char *key)
{
    return fact_text(fact_part(object, key));
}

struct fact_list fact_list(const struct cJSON *value)
{
    for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
        const struct cJSON *inner = fact_part(value, wrappers[i]);

        if (inner) {
            value = inner;
            break;
        }
    }
    if (cJSON_IsArray(value))
        return (struct fact_list){value->child, false};
    return (struct fact_list){value, true};
}

const struct cJSON *fact_list_next(struct fact_list *list)
{
    const struct cJSON *value = list->next;

    list->next = value && !list->is_single ? value->next : NULL;
    return value;
}
