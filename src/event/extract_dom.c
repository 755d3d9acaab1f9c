/*
 * The reference extractor: cJSON, after json_text_repair(). It stays for
 * ever as the judge of any faster one.
 */
#include "event/extract.h"

#include "base/cjson_object.h"
#include "base/json_string.h"
#include "base/sys.h"
#include "event/json_text.h"
#include "event/members.h"

#include <cjson/cJSON.h>

struct extractor {
    struct buf reduced;  /* the record without what holds no field */
    struct buf repaired; /* … as cJSON can read it */
    uint64_t taken;
};

static struct extractor *dom_create(void)
{
    cjson_object_prepare();
    return sys_calloc(1, sizeof(struct extractor));
}

static void dom_destroy(struct extractor *extractor)
{
    if (!extractor)
        return;
    buf_release(&extractor->reduced);
    buf_release(&extractor->repaired);
    sys_free(extractor);
}

/* Follow a dotted path; NULL where it leads nowhere. Case-sensitive, as
 * CloudTrail is (cJSON_GetObjectItem() would fold). */
static const cJSON *at_path(const cJSON *item, const char *path)
{
    while (item && *path) {
        char key[64];
        size_t len = strcspn(path, ".");

        memcpy(key, path, len);
        key[len] = '\0';
        item = cJSON_IsObject(item)
                   ? cJSON_GetObjectItemCaseSensitive(item, key)
                   : NULL;
        path += len + (path[len] == '.');
    }
    return item;
}

static int fill(const cJSON *root, struct arena *arena, struct event *event)
{
    for (int i = 0; i < EVENT_FIELD_COUNT; i++) {
        const cJSON *item =
            at_path(root, event_field_path((enum event_field)i));

        event->field[i] = SPAN_ABSENT;
        /* A shipper's own key stands in for a time that it dropped. */
        if (i == EVENT_TIME && !item)
            item = at_path(root, "@timestamp");
        if (!cJSON_IsString(item))
            continue;
        event->field[i] = arena_copy(arena, span_str(item->valuestring));
        if (!span_present(event->field[i]))
            return -1;
    }
    return 0;
}

static bool is_container(struct span value)
{
    return value.ptr[0] == '{' || value.ptr[0] == '[';
}

/* Copy the record with null in the place of members that hold no field. */
static int reduce(struct span record, struct buf *out, struct err *err)
{
    struct members members;
    struct member member;
    int more;

    buf_clear(out);
    members_init(&members, record);
    while ((more = members_next(&members, &member)) > 0) {
        bool kept = !is_container(member.value) ||
                    json_string_spells(member.key, SPAN("userIdentity"));

        buf_add(out, out->len ? SPAN(",\"") : SPAN("{\""));
        buf_add(out, member.key);
        buf_add(out, SPAN("\":"));
        buf_add(out, kept ? member.value : SPAN("null"));
    }
    buf_add(out, out->len ? SPAN("}") : SPAN("{}"));
    if (out->failed)
        return err_memory(err);
    if (more < 0)
        err_set(err, "no JSON object at its own level");
    return more;
}

/* Parse the repaired text. NULL and `err`, with `*ret` to return. */
static cJSON *parse(const struct buf *text, int *ret, struct err *err)
{
    bool memory_is_out;
    cJSON *root = cjson_object(buf_span(text), &memory_is_out);

    if (root)
        return root;
    *ret = -1;
    if (memory_is_out) {
        (void)err_memory(err);
        *ret = EXTRACT_NO_MEMORY;
    } else {
        /* cJSON does not tell bad structure from too deep a nesting. */
        err_set(err, "no JSON that can be read");
    }
    return NULL;
}

static int dom_record(struct extractor *extractor, struct span record,
                      struct arena *arena, struct event *event, struct err *err)
{
    struct buf *text = &extractor->repaired;
    cJSON *root;
    int ret = -1;

    extractor->taken++;
    if (reduce(record, &extractor->reduced, err) < 0)
        return extractor->reduced.failed ? EXTRACT_NO_MEMORY : -1;
    if (json_text_repair(buf_span(&extractor->reduced), text, err) < 0)
        return text->failed ? EXTRACT_NO_MEMORY : -1;
    root = parse(text, &ret, err);
    if (!root)
        return ret;
    ret = fill(root, arena, event);
    cJSON_Delete(root);
    if (ret < 0) {
        (void)err_memory(err);
        return EXTRACT_NO_MEMORY;
    }
    event->time = timestamp_parse(event->field[EVENT_TIME]);
    event->record = record;
    return ret;
}

int extract_is_json(struct span record)
{
    struct buf text = BUF_INIT;
    int ret = -1;
    cJSON *root = NULL;

    if (json_text_is_plainly_json(record))
        return 1;
    cjson_object_prepare();
    if (json_text_repair(record, &text, NULL) == 0)
        root = parse(&text, &ret, NULL);
    else if (text.failed)
        ret = EXTRACT_NO_MEMORY;
    if (root)
        ret = 1;
    cJSON_Delete(root);
    buf_release(&text);
    return ret == -1 ? 0 : ret;
}

static void dom_count(const struct extractor *extractor, uint64_t *taken,
                      uint64_t *handed_on)
{
    *taken = extractor->taken;
    *handed_on = 0;
}

const struct extractor_kind extract_dom = {
    .name = "dom",
    .create = dom_create,
    .destroy = dom_destroy,
    .record = dom_record,
    .count = dom_count,
};
