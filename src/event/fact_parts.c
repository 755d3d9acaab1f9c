/* Two members of a record as trees; what else is in it is stepped over. */
#include "event/fact_parts.h"

#include "base/find.h"
#include "base/json_string.h"
#include "event/members.h"

#include <stdint.h>

/* What a list is called inside the object that wraps it. */
static const struct span wrappers[] = {
    {"items", 5},
    {"item", 4},
    {"member", 6},
    {"assignedPrivateIpAddressSetType", 31}, /* of AssignPrivateIpAddresses */
};

void fact_parts_release(struct fact_parts *parts)
{
    json_tree_release(&parts->tree);
    *parts = FACT_PARTS_INIT;
}

/* The value that a member begins. What is no object, or is damaged, leaves the
 * part absent. */
static int read_part(struct fact_parts *parts, struct members *members,
                     const struct json_value **root)
{
    struct span rest =
        span_of(members->at, (size_t)(members->end - members->at));
    struct span value;
    bool memory_is_out;
    const char *after =
        json_tree_read(&parts->tree, rest, root, &memory_is_out);

    if (after)
        members->at = after;
    else
        (void)members_step(members, &value);
    return memory_is_out ? -1 : 0;
}

/* {"NAMERequest": {…}}, its only member, is what is in it. */
static const struct json_value *unwrap(const struct json_value *root,
                                       struct span suffix)
{
    const struct json_value *only = root ? root->child : NULL;

    if (!only || only->next || only->kind != JSON_OBJECT ||
        !span_ends_with_fold(only->key, suffix))
        return root;
    return only;
}

/* CloudTrail writes both parts behind sourceIPAddress, so what stands before it
 * need not be stepped through, if no part hides there. */
static void begin(struct members *members, const struct event *event)
{
    struct span record = event->record;
    struct span address = event->field[EVENT_SOURCE_IP_ADDRESS];
    uintptr_t offset = (uintptr_t)address.ptr - (uintptr_t)record.ptr;
    struct span head = span_of(record.ptr, offset);

    if (!span_present(address) || offset >= record.len ||
        memchr(head.ptr, '\\', head.len) ||
        find_word(head, SPAN("\"requestParameters\"")) ||
        find_word(head, SPAN("\"responseElements\"")))
        members_init(members, record);
    else
        members_init_behind(members, record, address.ptr + address.len + 1);
}

int fact_parts_read(struct fact_parts *parts, const struct event *event)
{
    struct members members;
    struct span key, value;
    bool has_request = false;
    bool has_response = false;
    int ret = 0;

    parts->request = parts->response = NULL;
    json_tree_clear(&parts->tree);
    begin(&members, event);
    /* The first of equals counts, so both are all there is to find. */
    while (ret == 0 && !(has_request && has_response) &&
           members_next_key(&members, &key) > 0) {
        if (!has_request &&
            json_string_spells(key, SPAN("requestParameters"))) {
            has_request = true;
            ret = read_part(parts, &members, &parts->request);
        } else if (!has_response &&
                   json_string_spells(key, SPAN("responseElements"))) {
            has_response = true;
            ret = read_part(parts, &members, &parts->response);
        } else {
            (void)members_step(&members, &value);
        }
    }
    parts->request = unwrap(parts->request, SPAN("Request"));
    parts->response = unwrap(parts->response, SPAN("Response"));
    return ret;
}

const struct json_value *fact_part(const struct json_value *object,
                                   const char *key)
{
    return json_tree_member(object, span_str(key));
}

struct span fact_text(const struct json_value *value)
{
    if (value && value->kind == JSON_OBJECT)
        value = json_tree_member(value, SPAN("content"));
    return value ? value->text : SPAN_ABSENT;
}

struct span fact_text_at(const struct json_value *object, const char *key)
{
    return fact_text(fact_part(object, key));
}

struct fact_list fact_list(const struct json_value *value)
{
    for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
        const struct json_value *inner = json_tree_member(value, wrappers[i]);

        if (inner) {
            value = inner;
            break;
        }
    }
    if (value && value->kind == JSON_ARRAY)
        return (struct fact_list){value->child, false};
    return (struct fact_list){value, true};
}

const struct json_value *fact_list_next(struct fact_list *list)
{
    const struct json_value *value = list->next;

    list->next = value && !list->is_single ? value->next : NULL;
    return value;
}
