/* What was counted of a group becomes an address of an alert. */
#include "detect/alert_fill.h"

#include "base/sys.h"
#include "event/extract.h"

#include <stdlib.h>

static int values_by_text(const void *a, const void *b)
{
    return span_cmp(((const struct alert_value *)a)->text,
                    ((const struct alert_value *)b)->text);
}

/* Unite neighbours with the same text. The new number of values. */
static size_t unite_values(struct alert_value *values, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        struct alert_value *last = kept > 0 ? &values[kept - 1] : NULL;

        if (!last || !span_eq(last->text, values[i].text)) {
            values[kept++] = values[i];
            continue;
        }
        last->count += values[i].count;
        if (values[i].first < last->first)
            last->first = values[i].first;
        if (values[i].last > last->last)
            last->last = values[i].last;
    }
    return kept;
}

/* The values of one facet among a group's tally entries. */
static int list_values(struct alert_list *list, const struct aggregate *agg,
                       const struct tally_entry *entries, size_t entry_count,
                       enum facet facet, struct alert_values *values)
{
    size_t count = 0;

    values->items =
        arena_alloc(&list->arena, entry_count * sizeof(*values->items));
    if (!values->items)
        return -1;
    for (size_t i = 0; i < entry_count; i++) {
        struct span text =
            facet_table_text(&agg->facets, entries[i].facets, facet);

        if (span_present(text))
            values->items[count++] = (struct alert_value){
                text,
                entries[i].count,
                entries[i].first,
                entries[i].last,
            };
    }
    if (count > 1)
        qsort(values->items, count, sizeof(*values->items), values_by_text);
    values->count = unite_values(values->items, count);
    if (facet_is_capped(facet) && values->count > FACET_CAP) {
        values->left_out = values->count - FACET_CAP;
        values->count = FACET_CAP;
    }
    return 0;
}

static void see(struct alert_ip *ip, const struct tally_entry *entry)
{
    if (entry->first < ip->first_seen)
        ip->first_seen = entry->first;
    if (entry->last > ip->last_seen)
        ip->last_seen = entry->last;
}

static int fill_hours(struct alert_list *list, const struct tally *tally,
                      uint32_t group, struct alert_ip *ip)
{
    const struct tally_hour *hours =
        tally_hours_of(tally, group, &ip->hour_count);

    ip->hours = arena_alloc(&list->arena, ip->hour_count * sizeof(*ip->hours));
    if (!ip->hours)
        return -1;
    for (size_t i = 0; i < ip->hour_count; i++)
        ip->hours[i] = (struct alert_hour){hours[i].hour, hours[i].count};
    return 0;
}

static int fill_ip(struct alert_list *list, const struct aggregate *agg,
                   const struct tally *tally, uint32_t group,
                   struct alert_ip *ip)
{
    size_t count;
    const struct tally_entry *entries = tally_entries_of(tally, group, &count);

    *ip = (struct alert_ip){
        .address = agg->groups[group].address,
        .count = agg->groups[group].count,
        .first_seen = TIMESTAMP_UNKNOWN,
        .last_seen = INT64_MIN,
    };
    for (size_t i = 0; i < count; i++)
        see(ip, &entries[i]);
    for (int f = 0; f < FACET_COUNT; f++)
        if (list_values(list, agg, entries, count, (enum facet)f,
                        &ip->facet[f]) < 0)
            return -1;
    return fill_hours(list, tally, group, ip);
}

static int keep_record(struct alert_list *list, const struct aggregate *agg,
                       uint32_t group, struct alert *alert)
{
    struct buf text = BUF_INIT;
    int is_json = 0;

    aggregate_first_record(agg, group, &text);
    if (!text.failed) {
        alert->record = arena_copy(&list->arena, buf_span(&text));
        is_json = extract_is_json(buf_span(&text));
    }
    alert->record_is_json = is_json == 1;
    buf_release(&text);
    return span_present(alert->record) && is_json >= 0 ? 0 : -1;
}

struct alert *alert_list_add(struct alert_list *list)
{
    struct alert *moved =
        sys_grow(list->items, &list->capacity, list->count + 1, sizeof(*moved));

    if (!moved)
        return NULL;
    list->items = moved;
    return &list->items[list->count++];
}

int alert_fill_ips(struct alert_list *list, const struct aggregate *agg,
                   const uint32_t *groups, size_t count,
                   const struct tally *tally, struct alert *alert)
{
    alert->ips = arena_alloc(&list->arena, count * sizeof(*alert->ips));
    if (!alert->ips)
        return -1;
    alert->ip_count = count;
    for (size_t i = 0; i < count; i++)
        if (fill_ip(list, agg, tally, groups[i], &alert->ips[i]) < 0)
            return -1;
    return 0;
}

int alert_fill_first(struct alert_list *list, const struct aggregate *agg,
                     uint32_t group, struct alert *alert)
{
    const struct aggregate_group *suspect = &agg->groups[group];

    alert->time = suspect->first_time;
    for (int f = 0; f < FACET_COUNT; f++)
        alert->first[f] = facet_table_text(&agg->facets, suspect->first_facets,
                                           (enum facet)f);
    return keep_record(list, agg, group, alert);
}
