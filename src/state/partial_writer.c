/*
 * A line is made whole, goes into the checksum, and then to the packer.
 * Facets are written as numbers of a dictionary that grows by what a line
 * needs, right before that line.
 */
#include "state/partial_writer.h"

#include "base/json_writer.h"
#include "base/pack.h"
#include "base/sys.h"
#include "base/vlq.h"
#include "state/partial_facts.h"
#include "state/partial_lines.h"
#include "state/partial_members.h"

#include <stdlib.h>

/* The most that a row and an entry of a tally may take. */
#define ROW_BYTES   (VLQ_HASH_DIGITS + 3 * VLQ_MAX_DIGITS)
#define ENTRY_BYTES (5 * VLQ_MAX_DIGITS)

struct partial_writer {
    struct pack *pack;
    struct partial_packing packing;
    struct out line; /* the next one */
    struct json_writer json;
    struct hash128 sum; /* of the lines so far, see partial_lines.h */
    uint64_t lines;
    struct partial_totals totals;

    struct buf scratch; /* of a fact's line */
    struct facet_table dictionary;
    size_t text_bytes;                     /* in it */
    size_t told, tuples_told[FACET_PARTS]; /* what the reader knows of it */
    bool forget;                           /* tell it to forget all */

    /* The dictionary's number for each of the aggregate's; FACETS_NONE:
     * not looked up yet. */
    uint32_t *numbers[FACET_PARTS];
    size_t number_count[FACET_PARTS], number_capacity[FACET_PARTS];
};

static struct json_writer *begin_line(struct partial_writer *writer)
{
    buf_clear(&writer->line.pending);
    json_init(&writer->json, &writer->line, false);
    return &writer->json;
}

static void end_line(struct partial_writer *writer)
{
    struct buf *line = &writer->line.pending;

    writer->sum = partial_sum(writer->sum, buf_span(line));
    buf_add_char(line, '\n');
    if (line->failed)
        out_fail_memory(&writer->line);
    else
        pack_write(writer->pack, buf_span(line));
    writer->lines++;
}

static int check(struct partial_writer *writer, struct err *err)
{
    if (writer->line.failed_errno)
        return err_memory(err);
    return pack_failed(writer->pack) ? pack_end(writer->pack, err) : 0;
}

struct partial_writer *partial_writer_new(int fd,
                                          struct partial_packing packing,
                                          const struct partial_header *header,
                                          struct err *err)
{
    struct partial_writer *writer = sys_calloc(1, sizeof(*writer));

    if (!writer) {
        (void)err_memory(err);
        return NULL;
    }
    writer->packing = packing;
    writer->sum = PARTIAL_SUM_INIT;
    out_init(&writer->line, -1);
    facet_table_init(&writer->dictionary);
    writer->pack = pack_new(fd, packing.gzip, err);
    if (!writer->pack) {
        partial_writer_free(writer);
        return NULL;
    }
    partial_header_write(begin_line(writer), header);
    end_line(writer);
    return writer;
}

void partial_writer_free(struct partial_writer *writer)
{
    if (!writer)
        return;
    pack_free(writer->pack);
    out_release(&writer->line);
    buf_release(&writer->scratch);
    facet_table_release(&writer->dictionary);
    for (int part = 0; part < FACET_PARTS; part++)
        sys_free(writer->numbers[part]);
    sys_free(writer);
}

/* --- the dictionary --- */

void partial_writer_forget(struct partial_writer *writer)
{
    for (int part = 0; part < FACET_PARTS; part++)
        writer->number_count[part] = 0;
}

/* Before a line that uses it. */
static void trim_dictionary(struct partial_writer *writer)
{
    if (writer->text_bytes <= PARTIAL_TEXT_BYTES)
        return;
    facet_table_clear(&writer->dictionary);
    partial_writer_forget(writer);
    writer->text_bytes = 0;
    writer->told = 0;
    for (int part = 0; part < FACET_PARTS; part++)
        writer->tuples_told[part] = 0;
    writer->forget = true;
}

/* A place for the number of each of the aggregate's combinations. */
static int make_room(struct partial_writer *writer, int part, size_t count)
{
    uint32_t *moved =
        sys_grow(writer->numbers[part], &writer->number_capacity[part],
                 count + 1, sizeof(*moved));

    if (!moved)
        return -1;
    writer->numbers[part] = moved;
    for (size_t i = writer->number_count[part]; i < count; i++)
        moved[i] = FACETS_NONE;
    if (count > writer->number_count[part])
        writer->number_count[part] = count;
    return 0;
}

static int look_up(struct partial_writer *writer,
                   const struct facet_table *facets, int part, uint32_t number)
{
    struct facet_table *dictionary = &writer->dictionary;
    size_t before = dictionary->strings.count;
    struct span texts[FACETS_A_PART];
    uint32_t found;

    facet_table_part(facets, (enum facet_part)part, number, texts);
    found = facet_table_enter(dictionary, (enum facet_part)part, texts);
    if (found == FACETS_NONE)
        return -1;
    for (size_t i = before; i < dictionary->strings.count; i++)
        writer->text_bytes += dictionary->strings.items[i].len;
    writer->text_bytes += sizeof(struct facet_tuple);
    writer->numbers[part][number] = found;
    return 0;
}

/* See to it that the dictionary has them. */
static int need(struct partial_writer *writer, const struct facet_table *facets,
                struct facets wanted)
{
    for (int part = 0; part < FACET_PARTS; part++) {
        uint32_t number = wanted.part[part];

        if (number >= writer->number_count[part] &&
            make_room(writer, part, facets->part[part].count) < 0)
            return -1;
        if (writer->numbers[part][number] == FACETS_NONE &&
            look_up(writer, facets, part, number) < 0)
            return -1;
    }
    return 0;
}

static char *put_facets(const struct partial_writer *writer, char *at,
                        struct facets facets)
{
    for (int part = 0; part < FACET_PARTS; part++)
        at = vlq_put(at, writer->numbers[part][facets.part[part]]);
    return at;
}

static void tuples_member(struct partial_writer *writer, const char *name,
                          int part)
{
    const struct facet_tuples *tuples = &writer->dictionary.part[part];
    size_t first = writer->tuples_told[part];
    size_t most = (tuples->count - first) * FACETS_A_PART * VLQ_MAX_DIGITS;
    struct buf *line = &writer->line.pending;
    char *at, *start;

    json_key(&writer->json, span_str(name));
    buf_add_char(line, '"');
    start = at = buf_reserve(line, most);
    for (size_t i = first; i < tuples->count && at; i++)
        for (int k = 0; k < FACETS_A_PART; k++) {
            uint32_t value = tuples->items[i].value[k];

            at = vlq_put(at, value == STRINGS_ABSENT ? 0 : (uint64_t)value + 1);
        }
    if (at)
        line->len += (size_t)(at - start);
    json_raw(&writer->json, SPAN("\""));
    writer->tuples_told[part] = tuples->count;
}

/* Tell the reader what is new in the dictionary. */
static void dictionary_line(struct partial_writer *writer)
{
    const struct strings *strings = &writer->dictionary.strings;
    struct json_writer *json;
    bool nothing = strings->count == writer->told && !writer->forget;

    for (int part = 0; part < FACET_PARTS; part++)
        nothing &=
            writer->dictionary.part[part].count == writer->tuples_told[part];
    if (nothing)
        return;
    json = begin_line(writer);
    json_object(json);
    if (writer->forget)
        json_member_bool(json, "forget", true);
    json_member_array(json, "texts");
    for (size_t i = writer->told; i < strings->count; i++)
        json_string(json, strings->items[i]);
    json_array_end(json);
    writer->told = strings->count;
    writer->forget = false;
    tuples_member(writer, "callers", FACETS_CALLER);
    tuples_member(writer, "calls", FACETS_CALL);
    json_object_end(json);
    end_line(writer);
}

/* --- facts --- */

static int fact_line(void *context, const struct partial_fact *fact)
{
    struct partial_writer *writer = context;

    partial_fact_write(begin_line(writer), fact, &writer->scratch);
    end_line(writer);
    return writer->scratch.failed || writer->line.failed_errno ? -1 : 0;
}

int partial_writer_facts(struct partial_writer *writer,
                         const struct facts *facts,
                         const struct located *located, struct err *err)
{
    return partial_facts_each(facts, located, fact_line, writer) < 0
               ? err_memory(err)
               : check(writer, err);
}

/* --- groups --- */

/* A packed line: `{"NAME":"…"}`. */
static char *begin_packed(struct partial_writer *writer, const char *name,
                          size_t most)
{
    (void)begin_line(writer);
    out_printf(&writer->line, "{\"%s\":\"", name);
    return buf_reserve(&writer->line.pending, most);
}

static void end_packed(struct partial_writer *writer, const char *start,
                       const char *end)
{
    writer->line.pending.len += (size_t)(end - start);
    out_str(&writer->line, "\"}");
    end_line(writer);
}

/* 0: unknown; else how much later than `base`, in seconds if they are
 * whole. */
static char *put_time(char *at, timestamp time, timestamp base)
{
    uint64_t later = (uint64_t)time - (uint64_t)base;

    if (time == TIMESTAMP_UNKNOWN)
        return vlq_put(at, 0);
    if (later % TICKS_PER_SECOND == 0)
        return vlq_put(at, 1 + 2 * (later / TICKS_PER_SECOND));
    return vlq_put(at, 2 + 2 * later);
}

/* What is written of one group. */
struct group_parts {
    bool located;
    const struct aggregate_group *group;
    const struct facet_table *facets;
    const struct aggregate *agg;
    uint32_t number;
    const uint32_t *rows; /* none: they are in the tally */
    size_t row_count;
    const struct tally_entry *entries; /* sorted */
    size_t entry_count;
    const struct tally_hour *hours;
    size_t hour_count;
};

static void key_line(struct partial_writer *writer,
                     const struct group_parts *parts)
{
    struct json_writer *json = begin_line(writer);
    struct span id = aggregate_first_id(parts->agg, parts->number);

    json_object(json);
    json_member_string(json, parts->located ? "located" : "instance",
                       aggregate_instance_id(parts->agg, parts->number));
    json_member_ip(json, parts->located ? "location" : "address",
                   parts->group->address);
    json_member_uint(json, "count", parts->group->count);
    json_member_time(json, "time", parts->group->first_time);
    if (id.len > 0)
        json_member_string(json, "id", id);
    json_object_end(json);
    end_line(writer);
}

static void first_line(struct partial_writer *writer,
                       const struct group_parts *parts)
{
    char facets[FACET_PARTS * VLQ_MAX_DIGITS];
    char *end = put_facets(writer, facets, parts->group->first_facets);
    struct json_writer *json = begin_line(writer);
    struct buf record = BUF_INIT;

    aggregate_first_record(parts->agg, parts->number, &record);
    json_object(json);
    json_member_string(json, "first", span_of(facets, (size_t)(end - facets)));
    json_member_string(json, "record",
                       record.len ? buf_span(&record) : SPAN(""));
    json_object_end(json);
    if (record.failed)
        out_fail_memory(&writer->line);
    buf_release(&record);
    end_line(writer);
}

/* The dictionary has what the next `count` rows or entries from `at` on
 * show, and with `first` the first event. */
static int need_of(struct partial_writer *writer,
                   const struct group_parts *parts, size_t at, size_t count,
                   bool first)
{
    int ret = 0;

    trim_dictionary(writer);
    if (first)
        ret = need(writer, parts->facets, parts->group->first_facets);
    for (size_t i = at; i < at + count && ret == 0; i++)
        ret = need(writer, parts->facets,
                   parts->row_count > i
                       ? parts->agg->rows[parts->rows[i]].facets
                       : parts->entries[i - parts->row_count].facets);
    dictionary_line(writer);
    return ret;
}

static void rows_line(struct partial_writer *writer,
                      const struct group_parts *parts, size_t from,
                      size_t count)
{
    char *start = begin_packed(writer, "rows", count * ROW_BYTES);
    timestamp before = parts->group->first_time;
    char *at = start;

    for (size_t i = from; i < from + count && at; i++) {
        const struct aggregate_row *row = &parts->agg->rows[parts->rows[i]];

        at = vlq_put_hash(at, row->identity);
        at = put_time(at, row->time, before);
        at = put_facets(writer, at, row->facets);
        before = row->time;
    }
    end_packed(writer, start, at);
    *(parts->located ? &writer->totals.located_rows : &writer->totals.rows) +=
        count;
}

static void counted_line(struct partial_writer *writer,
                         const struct group_parts *parts, size_t from,
                         size_t count)
{
    char *start = begin_packed(writer, "counted", count * ENTRY_BYTES);
    char *at = start;

    for (size_t i = from; i < from + count && at; i++) {
        const struct tally_entry *entry = &parts->entries[i];

        at = put_facets(writer, at, entry->facets);
        at = vlq_put(at, entry->count);
        at = put_time(at, entry->first, parts->group->first_time);
        at = put_time(at, entry->last, entry->first);
    }
    end_packed(writer, start, at);
}

/* Hours since the one before; at first since that of the first event. */
static void hours_line(struct partial_writer *writer,
                       const struct group_parts *parts, size_t from,
                       size_t count)
{
    char *start = begin_packed(writer, "hours", count * 2 * VLQ_MAX_DIGITS);
    int64_t before = timestamp_hour(parts->group->first_time);
    char *at = start;

    for (size_t i = from; i < from + count && at; i++) {
        at = vlq_put(at, (uint64_t)(parts->hours[i].hour - before));
        at = vlq_put(at, parts->hours[i].count);
        before = parts->hours[i].hour;
    }
    end_packed(writer, start, at);
}

static size_t a_line(size_t left)
{
    return left < PARTIAL_ROWS_A_LINE ? left : PARTIAL_ROWS_A_LINE;
}

static int write_group(struct partial_writer *writer,
                       const struct group_parts *parts)
{
    size_t count = parts->row_count + parts->entry_count;

    key_line(writer, parts);
    for (size_t at = 0, taken; at < count; at += taken) {
        bool rows = at < parts->row_count;

        taken = a_line(rows ? parts->row_count - at : count - at);
        if (need_of(writer, parts, at, taken, at == 0) < 0)
            return -1;
        if (at == 0)
            first_line(writer, parts);
        if (rows)
            rows_line(writer, parts, at, taken);
        else
            counted_line(writer, parts, at - parts->row_count, taken);
    }
    for (size_t at = 0, taken; at < parts->hour_count; at += taken) {
        taken = a_line(parts->hour_count - at);
        hours_line(writer, parts, at, taken);
    }
    ++*(parts->located ? &writer->totals.located_groups
                       : &writer->totals.groups);
    return 0;
}

struct sortable_entry {
    const struct facet_table *facets;
    struct tally_entry entry;
};

static int by_facets(const void *a, const void *b)
{
    const struct sortable_entry *x = a, *y = b;

    return facet_table_cmp(x->facets, x->entry.facets, y->entry.facets);
}

/* Entries in an order that does not depend on arrival; the caller frees
 * them. NULL when memory is out. */
static struct tally_entry *sorted_entries(const struct facet_table *facets,
                                          const struct tally_entry *entries,
                                          size_t count)
{
    struct sortable_entry *items = sys_calloc(count, sizeof(*items));
    struct tally_entry *sorted = sys_calloc(count, sizeof(*sorted));

    if (items && sorted) {
        for (size_t i = 0; i < count; i++)
            items[i] = (struct sortable_entry){facets, entries[i]};
        if (count > 1)
            qsort(items, count, sizeof(*items), by_facets);
        for (size_t i = 0; i < count; i++)
            sorted[i] = items[i].entry;
        sys_free(items);
        return sorted;
    }
    sys_free(items);
    sys_free(sorted);
    return NULL;
}

static int add_group(struct partial_writer *writer, bool located,
                     const struct aggregate_order *order,
                     const struct tally *tally, uint32_t number)
{
    const struct aggregate *agg = order->agg;
    struct group_parts parts = {
        .located = located,
        .group = &agg->groups[number],
        .facets = &agg->facets,
        .agg = agg,
        .number = number,
    };
    struct tally_entry *sorted;
    int ret;

    if (!writer->packing.tallies)
        parts.rows = aggregate_order_rows(order, number, &parts.row_count);
    parts.entries = tally_entries_of(tally, number, &parts.entry_count);
    parts.hours = tally_hours_of(tally, number, &parts.hour_count);
    sorted = sorted_entries(parts.facets, parts.entries, parts.entry_count);
    if (!sorted)
        return -1;
    parts.entries = sorted;
    ret = write_group(writer, &parts);
    sys_free(sorted);
    return ret;
}

/* All events of all groups, sorted. */
static int tally_all(const struct aggregate *agg, struct tally *tally)
{
    if (aggregate_tally(agg, NULL, tally) < 0)
        return -1;
    tally_sort(tally);
    return 0;
}

int partial_writer_add(struct partial_writer *writer, bool located,
                       struct aggregate *agg,
                       const struct aggregate_order *order, struct err *err)
{
    struct tally all;
    int ret = 0;

    tally_init(&all);
    if (writer->packing.tallies)
        ret = tally_all(agg, &all);
    else
        tally_sort(&agg->counted);
    for (size_t i = 0; i < order->group_count && ret == 0; i++)
        ret = add_group(writer, located, order,
                        writer->packing.tallies ? &all : &agg->counted,
                        order->groups[i]);
    tally_release(&all);
    return ret < 0 ? err_memory(err) : check(writer, err);
}

/* --- the end --- */

static void note_lines(struct partial_writer *writer,
                       const struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->note_count; i++) {
        if (!partial_note_travels(&ledger->notes[i]))
            continue;
        partial_note_write(begin_line(writer), &ledger->notes[i]);
        end_line(writer);
    }
}

static void checksum_line(struct partial_writer *writer)
{
    char sum[PARTIAL_SUM_BYTES], line[PARTIAL_END_BYTES];

    (void)partial_sum_text(writer->sum, sum);
    (void)begin_line(writer);
    out_write(&writer->line, partial_end_text(writer->lines, sum, line));
    end_line(writer);
}

int partial_writer_end(struct partial_writer *writer,
                       const struct partial_header *header,
                       const struct partial_figures *figures, struct err *err)
{
    note_lines(writer, &figures->ledger);
    partial_figures_write(begin_line(writer), header, &writer->totals, figures);
    end_line(writer);
    checksum_line(writer);
    if (writer->line.failed_errno)
        return err_memory(err);
    return pack_end(writer->pack, err);
}

uint64_t partial_writer_groups(const struct partial_writer *writer)
{
    return writer->totals.groups;
}

uint64_t partial_writer_rows(const struct partial_writer *writer)
{
    return writer->totals.rows;
}
