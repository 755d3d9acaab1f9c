/* Texts get their numbers while what names them is put, and so stand in arrays
 * of their own until all are known. */
#include "base/sys.h"
#include "state/section_layout.h"

struct packer {
    const struct section_source *source;
    struct buf texts, blob; /* become the arrays of those names */
    struct section_head head;
    struct buf *to;
};

static void put(struct buf *to, const void *bytes, size_t count)
{
    buf_add(to, span_of(bytes, count));
}

static uint32_t put_text(struct packer *packer, struct span text)
{
    struct section_text entry = {packer->blob.len, text.len};

    put(&packer->texts, &entry, sizeof(entry));
    if (text.len > 0)
        buf_add(&packer->blob, text);
    return (uint32_t)(packer->texts.len / sizeof(entry) - 1);
}

/* Ends array `which`, of which the packer has put `count` elements. */
static void end_array(struct packer *packer, enum section_array which,
                      size_t count)
{
    packer->head.counts[which] = count;
    while (packer->to->len % 8 != 0 && !packer->to->failed)
        buf_add_char(packer->to, '\0');
}

static void pack_files(struct packer *packer)
{
    const struct section_source *source = packer->source;
    size_t count = 0;

    for (size_t i = 0; i < source->walk->count; i++) {
        const struct input *input = &source->walk->inputs[i];
        struct section_file file;

        if (!source->taken[i])
            continue;
        file = (struct section_file){input->bytes, input->modified,
                                     put_text(packer, input->path),
                                     (uint32_t)source->ended[i]};
        put(packer->to, &file, sizeof(file));
        count++;
    }
    end_array(packer, ARRAY_FILES, count);
}

static void pack_notes(struct packer *packer)
{
    const struct ledger *ledger = packer->source->ledger;

    for (size_t i = 0; i < ledger->note_count; i++) {
        const struct ledger_note *from = &ledger->notes[i];
        struct packed_note note = {
            .offset = from->offset,
            .records = from->records,
            .path = put_text(packer, from->path),
            .reason = put_text(packer, from->reason),
            .status = (uint32_t)from->status,
        };

        put(packer->to, &note, sizeof(note));
    }
    end_array(packer, ARRAY_NOTES, ledger->note_count);
    put(packer->to, packer->source->hits,
        packer->source->hit_count * sizeof(uint64_t));
    end_array(packer, ARRAY_HITS, packer->source->hit_count);
}

/* The facets' texts have the numbers of the table, from `base` on. */
static void pack_tuples(struct packer *packer, const struct facet_tuples *part,
                        uint32_t base, enum section_array which)
{
    for (size_t i = 0; i < part->count; i++) {
        struct packed_tuple tuple;

        for (int k = 0; k < FACETS_A_PART; k++)
            tuple.value[k] = part->items[i].value[k] == STRINGS_ABSENT
                                 ? STRINGS_ABSENT
                                 : part->items[i].value[k] + base;
        put(packer->to, &tuple, sizeof(tuple));
    }
    end_array(packer, which, part->count);
}

static uint32_t put_all(struct packer *packer, const struct strings *strings)
{
    uint32_t base = (uint32_t)(packer->texts.len / sizeof(struct section_text));

    for (size_t i = 0; i < strings->count; i++)
        (void)put_text(packer, strings->items[i]);
    return base;
}

static void put_facets(uint32_t to[FACET_PARTS], struct facets facets)
{
    for (int i = 0; i < FACET_PARTS; i++)
        to[i] = facets.part[i];
}

/* A group, and its first record apart. */
static void pack_group(struct packer *packer, struct section *section,
                       uint32_t number, uint32_t instances)
{
    const struct aggregate *agg = packer->source->aggregate;
    const struct aggregate_group *from = &agg->groups[number];
    struct section_record record = {.group = number,
                                    .at = section->own_blob.len};
    struct section_group group = {
        .first_time = from->first_time,
        .instance = from->instance + instances,
        .first_id = put_text(packer, aggregate_first_id(agg, number)),
        .address = from->address,
    };

    put_facets(group.facets, from->first_facets);
    aggregate_first_record(agg, number, &section->own_blob);
    record.len = section->own_blob.len - record.at;
    if (record.len > 0)
        group.text_hash =
            hash_128(SECTION_TEXT_KEY,
                     span_of(section->own_blob.ptr + record.at, record.len));
    put(packer->to, &group, sizeof(group));
    put(&section->own_records, &record, sizeof(record));
}

static void pack_rows(struct packer *packer)
{
    const struct aggregate *agg = packer->source->aggregate;

    for (size_t i = 0; i < agg->row_count; i++)
        put(packer->to, &agg->rows[i].identity, sizeof(struct hash128));
    end_array(packer, ARRAY_IDENTITIES, agg->row_count);
    for (size_t i = 0; i < agg->row_count; i++)
        put(packer->to, &agg->rows[i].time, sizeof(timestamp));
    end_array(packer, ARRAY_TIMES, agg->row_count);
    for (size_t i = 0; i < agg->row_count; i++) {
        struct section_row row = {.group = agg->rows[i].group};

        put_facets(row.facets, agg->rows[i].facets);
        put(packer->to, &row, sizeof(row));
    }
    end_array(packer, ARRAY_ROWS, agg->row_count);
}

static void pack_counted(struct packer *packer)
{
    const struct tally *counted = &packer->source->aggregate->counted;

    for (size_t i = 0; i < counted->entry_count; i++) {
        const struct tally_entry *from = &counted->entries[i];
        struct packed_counted entry = {
            .group = from->group,
            .count = from->count,
            .first = from->first,
            .last = from->last,
        };

        put_facets(entry.facets, from->facets);
        put(packer->to, &entry, sizeof(entry));
    }
    end_array(packer, ARRAY_COUNTED, counted->entry_count);
    for (size_t i = 0; i < counted->hour_count; i++) {
        const struct tally_hour *from = &counted->hours[i];
        struct packed_hour hour = {
            .group = from->group,
            .hour = from->hour,
            .count = from->count,
        };

        put(packer->to, &hour, sizeof(hour));
    }
    end_array(packer, ARRAY_HOURS, counted->hour_count);
}

static void fill_head(struct packer *packer)
{
    const struct section_source *source = packer->source;
    const struct ledger *ledger = source->ledger;
    struct section_head *head = &packer->head;

    head->hour = source->hour;
    for (int i = 0; i < INPUT_STATUS_COUNT; i++)
        head->files[i] = ledger->files[i];
    head->bytes_packed = ledger->bytes_packed;
    head->bytes_unpacked = ledger->bytes_unpacked;
    head->records_read = ledger->records_read;
    head->records_unreadable = ledger->records_unreadable;
    head->first_delivery = ledger->first_delivery;
    head->last_delivery = ledger->last_delivery;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        head->outcomes[i] = source->outcomes->count[i];
    head->first_event = source->outcomes->first_event;
    head->last_event = source->outcomes->last_event;
    head->extracted = source->extracted;
    head->handed_on = source->handed_on;
}

/* The arrays of texts come before those of what names them, so the numbers
 * are given first and the others wait in `rest`. */
static void pack_arrays(struct packer *packer, struct section *section)
{
    const struct aggregate *agg = packer->source->aggregate;
    struct buf rest = BUF_INIT;
    uint32_t instances, facets;

    pack_files(packer);
    pack_notes(packer);
    instances = put_all(packer, &agg->instances);
    facets = put_all(packer, &agg->facets.strings);
    packer->to = &rest;
    pack_tuples(packer, &agg->facets.part[FACETS_CALLER], facets,
                ARRAY_CALLERS);
    pack_tuples(packer, &agg->facets.part[FACETS_CALL], facets, ARRAY_CALLS);
    for (size_t i = 0; i < agg->group_count; i++)
        pack_group(packer, section, (uint32_t)i, instances);
    end_array(packer, ARRAY_GROUPS, agg->group_count);
    pack_rows(packer);
    pack_counted(packer);
    packer->to = &section->own;
    put(packer->to, packer->texts.ptr, packer->texts.len);
    end_array(packer, ARRAY_TEXTS,
              packer->texts.len / sizeof(struct section_text));
    put(packer->to, rest.ptr, rest.len);
    put(packer->to, packer->blob.ptr, packer->blob.len);
    end_array(packer, ARRAY_BLOB, packer->blob.len);
    packer->to->failed |= rest.failed;
    buf_release(&rest);
}

int section_pack(struct section *section, const struct section_source *source,
                 struct err *err)
{
    struct packer packer = {.source = source, .to = &section->own};
    bool failed;

    *section = SECTION_INIT;
    fill_head(&packer);
    put(packer.to, &packer.head, sizeof(packer.head)); /* for its room */
    pack_arrays(&packer, section);
    failed = packer.texts.failed || packer.blob.failed || section->own.failed ||
             section->own_records.failed || section->own_blob.failed;
    buf_release(&packer.texts);
    buf_release(&packer.blob);
    if (failed)
        return err_memory(err);
    memcpy(section->own.ptr, &packer.head, sizeof(packer.head));
    section->head = (const void *)section->own.ptr;
    section_point(section);
    return 0;
}

int section_share(struct section *section, struct hash128 identity)
{
    put(&section->own_shared, &identity, sizeof(identity));
    section->shared = (const void *)section->own_shared.ptr;
    section->shared_count = section->own_shared.len / sizeof(identity);
    return section->own_shared.failed ? -1 : 0;
}

int section_write(const struct section *section, struct buf *to)
{
    size_t begin = to->len, kept = 0;
    struct buf blob = BUF_INIT;
    struct section_head *head;

    buf_add(to, buf_span(&section->own));
    put(to, section->shared, section->shared_count * sizeof(struct hash128));
    for (size_t i = 0; i < section->record_count; i++) {
        struct section_record record = section->records[i];
        struct span text = section_record_text(section, record.group);

        if (!section->listed[record.group])
            continue;
        record.at = blob.len;
        buf_add(&blob, text);
        put(to, &record, sizeof(record));
        kept++;
    }
    put(to, blob.ptr, blob.len);
    while (to->len % 8 != 0 && !to->failed)
        buf_add_char(to, '\0');
    if (!to->failed && !blob.failed) {
        head = (void *)(to->ptr + begin);
        head->counts[ARRAY_SHARED] = section->shared_count;
        head->counts[ARRAY_RECORDS] = kept;
        head->counts[ARRAY_RECORD_BLOB] = blob.len;
        head->bytes = to->len - begin;
        head->checksum = hash_table(
            SECTION_CHECK_KEY, span_of(to->ptr + begin + SECTION_CHECKED_FROM,
                                       to->len - begin - SECTION_CHECKED_FROM));
    }
    to->failed |= blob.failed;
    buf_release(&blob);
    return to->failed ? -1 : 0;
}
