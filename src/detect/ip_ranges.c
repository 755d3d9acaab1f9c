/*
 * cJSON's tree of 10,000 prefixes is made once and thrown away; what stays
 * is a map of prefixes and each name once.
 */
#include "detect/ip_ranges.h"

#include "base/cjson_object.h"
#include "base/quote.h"
#include "base/sys.h"
#include "event/json_text.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

/* Every prefix is listed under this, too. */
#define SERVICE_ALL SPAN("AMAZON")

/* AWS's longest name has 31 characters. */
#define NAME_MAX_BYTES 64

/* One of the two lists. */
struct list {
    const char *name;   /* "ipv6_prefixes" */
    const char *prefix; /* the member that holds it */
    enum ip_family family;
    const char *example;
};

static const struct list lists[] = {
    {"prefixes", "ip_prefix", IP_V4, "3.5.140.0/22"},
    {"ipv6_prefixes", "ipv6_prefix", IP_V6, "2600:1f14::/35"},
};

void ip_ranges_init(struct ip_ranges *ranges)
{
    *ranges = (struct ip_ranges){
        .sync_token = SPAN_ABSENT,
        .create_date = SPAN_ABSENT,
    };
    strings_init(&ranges->names);
}

void ip_ranges_release(struct ip_ranges *ranges)
{
    if (!ranges)
        return;
    prefix_map_release(&ranges->map);
    sys_free(ranges->ranges);
    strings_release(&ranges->names);
    *ranges = (struct ip_ranges){0};
}

static bool is_of(struct span text, const char *characters)
{
    for (size_t i = 0; i < text.len; i++)
        if (!strchr(characters, text.ptr[i]) || !text.ptr[i])
            return false;
    return text.len > 0 && text.len <= NAME_MAX_BYTES;
}

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* The string `name` of `object`, made of `characters` alone; interned. */
static int read_name(struct ip_ranges *ranges, const cJSON *object,
                     const char *name, const char *characters, uint32_t *number,
                     struct err *err)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    struct quoted quoted;
    struct span text;

    if (!cJSON_IsString(item)) {
        err_set(err, item ? "%s is no string" : "there is no %s", name);
        return -1;
    }
    text = span_str(item->valuestring);
    if (!is_of(text, characters)) {
        err_set(err, "%s is '%s', which AWS does not write", name,
                quote(&quoted, text));
        return -1;
    }
    *number = strings_intern(&ranges->names, text);
    return *number == STRINGS_FAILED ? err_memory(err) : 0;
}

static int read_prefix(const struct list *list, const cJSON *object,
                       struct ip *net, unsigned *prefix, struct err *err)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, list->prefix);
    struct quoted quoted;
    struct span text;

    if (!cJSON_IsString(item)) {
        err_set(err, item ? "%s is no string" : "there is no %s", list->prefix);
        return -1;
    }
    text = span_str(item->valuestring);
    if (memchr(text.ptr, '/', text.len) && ip_parse_prefix(text, net, prefix) &&
        net->family == list->family)
        return 0;
    err_set(err, "%s is '%s', which is no prefix such as %s", list->prefix,
            quote(&quoted, text), list->example);
    return -1;
}

static int add_range(struct ip_ranges *ranges, struct ip net, unsigned prefix,
                     struct ip_range range, struct err *err)
{
    struct ip_range *moved = sys_grow(ranges->ranges, &ranges->capacity,
                                      ranges->count + 1, sizeof(*moved));

    if (!moved)
        return err_memory(err);
    ranges->ranges = moved;
    if (prefix_map_add(&ranges->map, net, prefix, (uint32_t)ranges->count) < 0)
        return err_memory(err);
    ranges->ranges[ranges->count++] = range;
    return 0;
}

static int read_range(struct ip_ranges *ranges, const struct list *list,
                      const cJSON *object, struct err *err)
{
    struct ip_range range;
    unsigned prefix;
    struct ip net;

    if (!cJSON_IsObject(object)) {
        err_set(err, "it is no object");
        return -1;
    }
    if (read_prefix(list, object, &net, &prefix, err) < 0 ||
        read_name(ranges, object, "service", LETTERS DIGITS "_-",
                  &range.service, err) < 0 ||
        read_name(ranges, object, "region", LETTERS DIGITS "_-", &range.region,
                  err) < 0)
        return -1;
    return add_range(ranges, net, prefix, range, err);
}

static int read_list(struct ip_ranges *ranges, const struct list *list,
                     const cJSON *root, struct err *err)
{
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(root, list->name);
    const cJSON *item;
    size_t at = 0;

    if (!cJSON_IsArray(array)) {
        err_set(err, array ? "%s is no array" : "there is no %s", list->name);
        return -1;
    }
    cJSON_ArrayForEach(item, array)
    {
        if (read_range(ranges, list, item, err) < 0) {
            err_prefix(err, "%s[%zu]", list->name, at);
            return -1;
        }
        at++;
    }
    return 0;
}

static int read_root(struct ip_ranges *ranges, const cJSON *root,
                     struct err *err)
{
    uint32_t token, date;

    if (read_name(ranges, root, "syncToken", DIGITS, &token, err) < 0 ||
        read_name(ranges, root, "createDate", DIGITS "-", &date, err) < 0)
        return -1;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (read_list(ranges, &lists[i], root, err) < 0)
            return -1;
    if (ranges->count == 0) {
        err_set(err, "no prefix is listed");
        return -1;
    }
    ranges->sync_token = strings_text(&ranges->names, token);
    ranges->create_date = strings_text(&ranges->names, date);
    prefix_map_finish(&ranges->map);
    return 0;
}

int ip_ranges_read(struct ip_ranges *ranges, struct span json, struct err *err)
{
    struct buf repaired = BUF_INIT;
    bool memory_is_out = false;
    cJSON *root = NULL;
    int ret = -1;

    cjson_object_prepare();
    if (json_text_repair(json, &repaired, err) < 0)
        goto done;
    root = cjson_object(buf_span(&repaired), &memory_is_out);
    if (root)
        ret = read_root(ranges, root, err);
    else if (memory_is_out)
        (void)err_memory(err);
    else
        err_set(err, "it is no JSON object, or is cut");
done:
    cJSON_Delete(root);
    buf_release(&repaired);
    return ret;
}

bool ip_ranges_hold(const struct ip_ranges *ranges, struct ip address)
{
    return prefix_map_first(&ranges->map, ip_unmap(address)) != PREFIX_NONE;
}

static struct span service_at(const struct ip_ranges *ranges, uint32_t at)
{
    const struct prefix_entry *entry = &ranges->map.entries[at];

    return strings_text(&ranges->names, ranges->ranges[entry->value].service);
}

/* The next entry of the same prefix; PREFIX_NONE behind the last. */
static uint32_t next_of_prefix(const struct ip_ranges *ranges, uint32_t at)
{
    uint32_t next = prefix_map_next(&ranges->map, at);
    const struct prefix_entry *entries = ranges->map.entries;

    return next != PREFIX_NONE && entries[next].prefix == entries[at].prefix
               ? next
               : PREFIX_NONE;
}

static int by_bytes(const void *a, const void *b)
{
    return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

/* Each once, by bytes, and AMAZON only alone. */
static void settle_services(struct owner *owner)
{
    struct span *services = owner->services;
    size_t count = owner->service_count, kept = 0;
    bool no_other;

    if (count > 1)
        qsort(services, count, sizeof(*services), by_bytes);
    no_other = span_eq(services[0], SERVICE_ALL) &&
               span_eq(services[count - 1], SERVICE_ALL);
    for (size_t i = 0; i < count; i++)
        if ((no_other || !span_eq(services[i], SERVICE_ALL)) &&
            (kept == 0 || !span_eq(services[i], services[kept - 1])))
            services[kept++] = services[i];
    owner->service_count = kept;
}

/* The region that the list gives with the first service; of several the
 * smallest. */
static struct span region_of(const struct ip_ranges *ranges, uint32_t first,
                             struct span service)
{
    struct span region = SPAN_ABSENT;

    for (uint32_t at = first; at != PREFIX_NONE;
         at = next_of_prefix(ranges, at)) {
        uint32_t value = ranges->map.entries[at].value;
        struct span one =
            strings_text(&ranges->names, ranges->ranges[value].region);

        if (span_eq(service_at(ranges, at), service) &&
            (!span_present(region) || span_cmp(one, region) < 0))
            region = one;
    }
    return region;
}

int ip_ranges_find(const struct ip_ranges *ranges, struct ip address,
                   struct arena *arena, struct owner *owner)
{
    uint32_t first = prefix_map_first(&ranges->map, ip_unmap(address));
    size_t count = 0;

    if (first == PREFIX_NONE) {
        owner->outside_aws = true;
        return 0;
    }
    for (uint32_t at = first; at != PREFIX_NONE;
         at = next_of_prefix(ranges, at))
        count++;
    owner->services = arena_alloc(arena, count * sizeof(*owner->services));
    if (!owner->services)
        return -1;
    for (uint32_t at = first; at != PREFIX_NONE;
         at = next_of_prefix(ranges, at))
        owner->services[owner->service_count++] = service_at(ranges, at);
    settle_services(owner);
    owner->aws_region = region_of(ranges, first, owner->services[0]);
    return 0;
}
