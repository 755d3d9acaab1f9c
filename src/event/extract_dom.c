/*
 * The reference extractor: cJSON, after json_text_repair(). It stays for
 * ever as the judge of any faster one.
 */
#include "event/extract.h"

#include "base/sys.h"
#include "event/json_text.h"

#include <cjson/cJSON.h>

struct extractor {
    struct buf repaired;
};

/* cJSON answers bad text and too little memory alike, and its hooks know
 * no context. */
static _Thread_local bool memory_is_out;

static void *allocate(size_t bytes)
{
    void *block = sys_malloc(bytes);

    if (!block)
        memory_is_out = true;
    return block;
}

static void use_sys_allocator(void)
{
    static bool hooked;
    cJSON_Hooks hooks = {allocate, sys_free};

    if (hooked)
        return;
    cJSON_InitHooks(&hooks);
    hooked = true;
}

static struct extractor *dom_create(void)
{
    use_sys_allocator();
    return sys_calloc(1, sizeof(struct extractor));
}

static void dom_destroy(struct extractor *extractor)
{
    if (!extractor)
        return;
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

/* cJSON reads one value and leaves what follows. */
static bool is_blank(const char *at, const char *end)
{
    while (at < end && memchr(" \t\r\n", *at, 4))
        at++;
    return at == end;
}

static int dom_record(struct extractor *extractor, struct span record,
                      struct arena *arena, struct event *event, struct err *err)
{
    struct buf *text = &extractor->repaired;
    const char *stopped = NULL;
    cJSON *root = NULL;
    int ret = -1;

    if (json_text_repair(record, text, err) < 0) {
        ret = text->failed ? EXTRACT_NO_MEMORY : -1;
        goto done;
    }
    memory_is_out = false;
    root = cJSON_ParseWithLengthOpts(text->ptr, text->len, &stopped, 0);
    if (!root && memory_is_out) {
        (void)err_memory(err);
        ret = EXTRACT_NO_MEMORY;
        goto done;
    }
    if (!cJSON_IsObject(root) || !is_blank(stopped, text->ptr + text->len)) {
        /* cJSON does not tell bad structure from too deep a nesting; the
         * byte it stopped at does not lie. */
        err_set(err, "no JSON object that can be read: stopped at byte %zu",
                stopped ? (size_t)(stopped - text->ptr) : (size_t)0);
        goto done;
    }
    if (fill(root, arena, event) < 0) {
        (void)err_memory(err);
        ret = EXTRACT_NO_MEMORY;
        goto done;
    }
    event->time = timestamp_parse(event->field[EVENT_TIME]);
    event->record = record;
    ret = 0;
done:
    cJSON_Delete(root);
    return ret;
}

const struct extractor_kind extract_dom = {
    .name = "dom",
    .create = dom_create,
    .destroy = dom_destroy,
    .record = dom_record,
};
