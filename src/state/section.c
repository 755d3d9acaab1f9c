/*
 * Arrays behind a head that says how many elements each has. What is read is
 * checked once, at loading: the checksum, and then every number that names
 * an element of another array.
 */
#include "state/section.h"

#include "base/search.h"
#include "base/sys.h"
#include "detect/outcome.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct packed_note {
    uint64_t offset, records;
    uint32_t path, reason; /* numbers of texts */
    uint32_t status, reserved;
};

struct packed_tuple {
    uint32_t value[FACETS_A_PART]; /* numbers of texts, or STRINGS_ABSENT */
};

struct packed_counted {
    uint32_t group;
    uint32_t facets[FACET_PARTS];
    uint32_t reserved;
    uint64_t count;
    timestamp first, last;
};

struct packed_hour {
    uint32_t group, reserved;
    int64_t hour;
    uint64_t count;
};

/* In the order of a section's bytes. The last three are apart until a section
 * is written, see section_write(). */
#define ARRAYS(X)                           \
    X(ARRAY_FILES, struct section_file)     \
    X(ARRAY_NOTES, struct packed_note)      \
    X(ARRAY_HITS, uint64_t)                 \
    X(ARRAY_TEXTS, struct section_text)     \
    X(ARRAY_CALLERS, struct packed_tuple)   \
    X(ARRAY_CALLS, struct packed_tuple)     \
    X(ARRAY_GROUPS, struct section_group)   \
    X(ARRAY_IDENTITIES, struct hash128)     \
    X(ARRAY_TIMES, timestamp)               \
    X(ARRAY_ROWS, struct section_row)       \
    X(ARRAY_COUNTED, struct packed_counted) \
    X(ARRAY_HOURS, struct packed_hour)      \
    X(ARRAY_BLOB, char)                     \
    X(ARRAY_SHARED, struct hash128)         \
    X(ARRAY_RECORDS, struct section_record) \
    X(ARRAY_RECORD_BLOB, char)

enum array {
#define X(name, type) name,
    ARRAYS(X)
#undef X
    ARRAY_COUNT
};

static const size_t element_bytes[ARRAY_COUNT] = {
#define X(name, type) [name] = sizeof(type),
    ARRAYS(X)
#undef X
};

struct section_head {
    uint64_t bytes;          /* of the whole section */
    struct hash128 checksum; /* of all that follows */
    int64_t hour;
    uint64_t counts[ARRAY_COUNT];
    uint64_t files[INPUT_STATUS_COUNT];
    uint64_t bytes_packed, bytes_unpacked;
    uint64_t records_read, records_unreadable;
    timestamp first_delivery, last_delivery;
    uint64_t outcomes[OUTCOME_COUNT];
    timestamp first_event, last_event;
    uint64_t extracted, handed_on;
};

#define CHECKED_FROM offsetof(struct section_head, hour)

/* Published: what a file is held against must be the same in the next run. */
static const struct hash_key CHECK_KEY = {UINT64_C(0x6f6666626f782073),
                                          UINT64_C(0x656374696f6e2e31)};

/* Texts decide between events, so theirs is the hash that nobody can
 * outwit. */
static const struct hash_key TEXT_KEY = {UINT64_C(0x6f6666626f782074),
                                         UINT64_C(0x6578742d6b65792e)};

/* A record begins with a brace; the tilde sorts behind it. */
#define STAND_IN_FORMAT "~%016" PRIx64 "%016" PRIx64 "%08" PRIx32
#define STAND_IN_BYTES  41

static size_t padded(size_t bytes)
{
    return (bytes + 7) / 8 * 8;
}

void section_release(struct section *section)
{
    if (!section)
        return;
    buf_release(&section->own);
    buf_release(&section->own_shared);
    buf_release(&section->own_records);
    buf_release(&section->own_blob);
    sys_free(section->listed);
    *section = SECTION_INIT;
}

/* --- where things are --- */

static const void *array_of(const struct section *section, enum array which)
{
    size_t at = sizeof(struct section_head);

    for (int i = 0; i < (int)which; i++)
        at += padded(section->head->counts[i] * element_bytes[i]);
    return (const char *)section->head + at;
}

static void point(struct section *section)
{
    const struct section_head *head = section->head;

    section->files = array_of(section, ARRAY_FILES);
    section->texts = array_of(section, ARRAY_TEXTS);
    section->groups = array_of(section, ARRAY_GROUPS);
    section->identities = array_of(section, ARRAY_IDENTITIES);
    section->times = array_of(section, ARRAY_TIMES);
    section->rows = array_of(section, ARRAY_ROWS);
    section->blob = array_of(section, ARRAY_BLOB);
    section->file_count = head->counts[ARRAY_FILES];
    section->text_count = head->counts[ARRAY_TEXTS];
    section->group_count = head->counts[ARRAY_GROUPS];
    section->row_count = head->counts[ARRAY_IDENTITIES];
    section->hour = head->hour;
    if (span_present(section->bytes)) {
        section->shared = array_of(section, ARRAY_SHARED);
        section->shared_count = head->counts[ARRAY_SHARED];
        section->records = array_of(section, ARRAY_RECORDS);
        section->record_count = head->counts[ARRAY_RECORDS];
    } else {
        section->records = (const void *)section->own_records.ptr;
        section->record_count =
            section->own_records.len / sizeof(*section->records);
    }
}

struct span section_string(const struct section *section, uint32_t number)
{
    const struct section_text *text = &section->texts[number];

    return span_of(section->blob + text->at, text->len);
}

static int of_group(const void *record, const void *group)
{
    uint32_t x = ((const struct section_record *)record)->group;
    uint32_t y = *(const uint32_t *)group;

    return (x > y) - (x < y);
}

/* Absent if it is not there. */
static struct span record_text(const struct section *section, uint32_t group)
{
    const char *blob = span_present(section->bytes)
                           ? array_of(section, ARRAY_RECORD_BLOB)
                           : section->own_blob.ptr;
    const struct section_record *records = section->records;
    size_t at = search_one(records, section->record_count, sizeof(*records),
                           &group, of_group);

    return at < section->record_count
               ? span_of(blob + records[at].at, records[at].len)
               : SPAN_ABSENT;
}

/* --- packing --- */

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
static void end_array(struct packer *packer, enum array which, size_t count)
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
                        uint32_t base, enum array which)
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
        group.text_hash = hash_128(
            TEXT_KEY, span_of(section->own_blob.ptr + record.at, record.len));
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
    point(section);
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
        struct span text = record_text(section, record.group);

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
        head->checksum =
            hash_table(CHECK_KEY, span_of(to->ptr + begin + CHECKED_FROM,
                                          to->len - begin - CHECKED_FROM));
    }
    to->failed |= blob.failed;
    buf_release(&blob);
    return to->failed ? -1 : 0;
}

/* --- loading --- */

/* Do the arrays fill the section? Counts may be any number, so none is
 * multiplied before it is known to be small. */
static bool arrays_fit(const struct section_head *head)
{
    uint64_t left = head->bytes - sizeof(*head);

    for (int i = 0; i < ARRAY_COUNT; i++) {
        size_t bytes;

        if (head->counts[i] > left / element_bytes[i])
            return false;
        bytes = padded(head->counts[i] * element_bytes[i]);
        if (bytes > left)
            return false;
        left -= bytes;
    }
    return left == 0 &&
           head->counts[ARRAY_TIMES] == head->counts[ARRAY_IDENTITIES] &&
           head->counts[ARRAY_ROWS] == head->counts[ARRAY_IDENTITIES];
}

static bool texts_fit(const struct section *section)
{
    uint64_t bytes = section->head->counts[ARRAY_BLOB];

    for (size_t i = 0; i < section->text_count; i++)
        if (section->texts[i].at > bytes ||
            section->texts[i].len > bytes - section->texts[i].at)
            return false;
    bytes = section->head->counts[ARRAY_RECORD_BLOB];
    for (size_t i = 0; i < section->record_count; i++)
        if (section->records[i].at > bytes ||
            section->records[i].len > bytes - section->records[i].at ||
            section->records[i].group >= section->group_count)
            return false;
    return true;
}

static bool facets_fit(const struct section *section,
                       const uint32_t facets[FACET_PARTS])
{
    return facets[FACETS_CALLER] < section->head->counts[ARRAY_CALLERS] &&
           facets[FACETS_CALL] < section->head->counts[ARRAY_CALLS];
}

static bool tuples_fit(const struct section *section, enum array which)
{
    const struct packed_tuple *tuples = array_of(section, which);

    for (size_t i = 0; i < section->head->counts[which]; i++)
        for (int k = 0; k < FACETS_A_PART; k++)
            if (tuples[i].value[k] >= section->text_count &&
                tuples[i].value[k] != STRINGS_ABSENT)
                return false;
    return true;
}

/* One that can be printed, or none. */
static bool time_fits(timestamp time)
{
    return time == TIMESTAMP_UNKNOWN ||
           (time >= TIMESTAMP_FIRST && time <= TIMESTAMP_LAST);
}

static bool address_fits(struct ip address)
{
    return address.family == IP_V4 || address.family == IP_V6;
}

static bool groups_fit(const struct section *section)
{
    for (size_t i = 0; i < section->group_count; i++) {
        const struct section_group *group = &section->groups[i];

        if (group->instance >= section->text_count ||
            group->first_id >= section->text_count ||
            !address_fits(group->address) || !time_fits(group->first_time) ||
            !facets_fit(section, group->facets))
            return false;
    }
    for (size_t i = 0; i < section->row_count; i++)
        if (section->rows[i].group >= section->group_count ||
            !time_fits(section->times[i]) ||
            !facets_fit(section, section->rows[i].facets))
            return false;
    return true;
}

static bool counted_fit(const struct section *section)
{
    const struct packed_counted *entries = array_of(section, ARRAY_COUNTED);
    const struct packed_hour *hours = array_of(section, ARRAY_HOURS);

    for (size_t i = 0; i < section->head->counts[ARRAY_COUNTED]; i++)
        if (entries[i].group >= section->group_count ||
            !time_fits(entries[i].first) || !time_fits(entries[i].last) ||
            !facets_fit(section, entries[i].facets))
            return false;
    for (size_t i = 0; i < section->head->counts[ARRAY_HOURS]; i++)
        if (hours[i].group >= section->group_count ||
            hours[i].hour < timestamp_hour(TIMESTAMP_FIRST) ||
            hours[i].hour > timestamp_hour(TIMESTAMP_LAST))
            return false;
    return true;
}

static bool files_fit(const struct section *section)
{
    const struct packed_note *notes = array_of(section, ARRAY_NOTES);

    for (size_t i = 0; i < section->file_count; i++)
        if (section->files[i].path >= section->text_count ||
            section->files[i].status >= INPUT_STATUS_COUNT)
            return false;
    for (size_t i = 0; i < section->head->counts[ARRAY_NOTES]; i++)
        if (notes[i].path >= section->text_count ||
            notes[i].reason >= section->text_count ||
            notes[i].status >= INPUT_STATUS_COUNT)
            return false;
    return true;
}

int section_load(struct section *section, struct span bytes, struct err *err)
{
    const struct section_head *head = (const void *)bytes.ptr;
    struct hash128 sum;

    *section = SECTION_INIT;
    if (bytes.len < sizeof(*head) || head->bytes < sizeof(*head) ||
        head->bytes > bytes.len || head->bytes % 8 != 0) {
        err_set(err, "it is cut");
        return -1;
    }
    sum = hash_table(CHECK_KEY, span_of(bytes.ptr + CHECKED_FROM,
                                        head->bytes - CHECKED_FROM));
    if (sum.lo != head->checksum.lo || sum.hi != head->checksum.hi) {
        err_set(err, "its checksum is wrong");
        return -1;
    }
    section->head = head;
    section->bytes = span_of(bytes.ptr, head->bytes);
    if (arrays_fit(head)) {
        point(section);
        if (texts_fit(section) && tuples_fit(section, ARRAY_CALLERS) &&
            tuples_fit(section, ARRAY_CALLS) && groups_fit(section) &&
            counted_fit(section) && files_fit(section))
            return 0;
    }
    err_set(err, "it is none of this program's");
    return -1;
}

/* --- counting --- */

size_t section_hit_count(const struct section *section)
{
    return section->head->counts[ARRAY_HITS];
}

static int count_notes(const struct section *section, struct ledger *ledger,
                       struct err *err)
{
    const struct packed_note *notes = array_of(section, ARRAY_NOTES);

    for (size_t i = 0; i < section->head->counts[ARRAY_NOTES]; i++) {
        enum input_status status = (enum input_status)notes[i].status;
        struct ledger_note note = {
            .path = section_string(section, notes[i].path),
            .status = status,
            .offset = notes[i].offset,
            .records = notes[i].records,
            .reason = section_string(section, notes[i].reason),
        };

        if (status >= INPUT_FIRST_SKIP && status != INPUT_ARCHIVE &&
            !ledger->keep_skips)
            continue;
        if (ledger_add_note(ledger, note, err) < 0)
            return -1;
    }
    return 0;
}

int section_count(const struct section *section, struct ledger *ledger,
                  struct outcome_counts *outcomes, uint64_t *hits,
                  uint64_t *extracted, uint64_t *handed_on, struct err *err)
{
    const struct section_head *head = section->head;
    const uint64_t *theirs = array_of(section, ARRAY_HITS);
    struct ledger counted = {
        .bytes_packed = head->bytes_packed,
        .bytes_unpacked = head->bytes_unpacked,
        .records_read = head->records_read,
        .records_unreadable = head->records_unreadable,
        .first_delivery = head->first_delivery,
        .last_delivery = head->last_delivery,
        .keep_skips = ledger->keep_skips,
    };
    struct outcome_counts events = {.first_event = head->first_event,
                                    .last_event = head->last_event};

    for (int i = 0; i < INPUT_STATUS_COUNT; i++)
        counted.files[i] = head->files[i];
    for (int i = 0; i < OUTCOME_COUNT; i++)
        events.count[i] = head->outcomes[i];
    for (size_t i = 0; i < section_hit_count(section); i++)
        hits[i] += theirs[i];
    outcome_counts_merge(outcomes, &events);
    *extracted += head->extracted;
    *handed_on += head->handed_on;
    if (ledger_merge(ledger, &counted, err) < 0)
        return -1;
    return count_notes(section, ledger, err);
}

/* --- entering --- */

uint32_t section_stand_in(const struct aggregate *agg, uint32_t group)
{
    const struct aggregate_group *entered = &agg->groups[group];
    const char *text = entered->first_text;
    char number[9];

    if (!text || entered->first_len != STAND_IN_BYTES ||
        text[entered->first_id_len] != '~')
        return UINT32_MAX;
    memcpy(number, text + entered->first_id_len + 33, 8);
    number[8] = '\0';
    return (uint32_t)strtoul(number, NULL, 16);
}

/* What is entered of a section so far. */
struct entering {
    const struct section *section;
    uint32_t number;
    struct aggregate *agg;
    uint32_t *groups;              /* numbers in `agg` */
    uint32_t *facets[FACET_PARTS]; /* likewise, FACETS_NONE: not yet */
    struct buf text;
};

static uint32_t enter_tuple(struct entering *entering, enum facet_part part,
                            uint32_t number)
{
    const struct packed_tuple *tuples = array_of(
        entering->section, part == FACETS_CALLER ? ARRAY_CALLERS : ARRAY_CALLS);
    uint32_t *entered = &entering->facets[part][number];
    struct span texts[FACETS_A_PART];

    if (*entered != FACETS_NONE)
        return *entered;
    for (int k = 0; k < FACETS_A_PART; k++)
        texts[k] =
            tuples[number].value[k] == STRINGS_ABSENT
                ? SPAN_ABSENT
                : section_string(entering->section, tuples[number].value[k]);
    *entered = facet_table_enter(&entering->agg->facets, part, texts);
    return *entered;
}

static struct facets enter_facets(struct entering *entering,
                                  const uint32_t from[FACET_PARTS])
{
    struct facets facets;

    for (int i = 0; i < FACET_PARTS; i++)
        facets.part[i] = enter_tuple(entering, (enum facet_part)i, from[i]);
    return facets;
}

/* The hash of the text, there or not, of the first event that is entered. */
static struct hash128 entered_hash(struct entering *entering, uint32_t group)
{
    struct hash128 hash = {0, 0};

    buf_clear(&entering->text);
    aggregate_first_record(entering->agg, group, &entering->text);
    if (section_stand_in(entering->agg, group) == UINT32_MAX)
        return hash_128(TEXT_KEY, buf_span(&entering->text));
    /* Both halves are there, or memory is out. */
    for (int half = 0; half < 2 && entering->text.len == STAND_IN_BYTES;
         half++) {
        char digits[17] = "";

        memcpy(digits, entering->text.ptr + 1 + 16 * half, 16);
        *(half ? &hash.hi : &hash.lo) = strtoull(digits, NULL, 16);
    }
    return hash;
}

/* Two first events of one time and eventID: are their texts needed, and not
 * there? */
static void look_for_tie(struct entering *entering,
                         const struct section_group *from, uint32_t group,
                         bool has_text, bool *lacking)
{
    struct hash128 hash = entered_hash(entering, group);
    uint32_t other = section_stand_in(entering->agg, group);

    if (hash.lo == from->text_hash.lo && hash.hi == from->text_hash.hi)
        return;
    if (!has_text)
        lacking[entering->number] = true;
    if (other != UINT32_MAX)
        lacking[other] = true;
}

static int enter_first(struct entering *entering, size_t at, bool *lacking)
{
    const struct section_group *from = &entering->section->groups[at];
    uint32_t group = entering->groups[at];
    struct span id = section_string(entering->section, from->first_id);
    struct span text = record_text(entering->section, (uint32_t)at);
    char stand_in[STAND_IN_BYTES + 1];
    int order = aggregate_first_cmp(entering->agg, group, from->first_time, id);
    struct facets facets;

    if (order > 0)
        return 0;
    if (order == 0)
        look_for_tie(entering, from, group, span_present(text), lacking);
    if (!span_present(text)) {
        (void)snprintf(stand_in, sizeof(stand_in), STAND_IN_FORMAT,
                       from->text_hash.lo, from->text_hash.hi,
                       entering->number);
        text = span_of(stand_in, STAND_IN_BYTES);
    }
    facets = enter_facets(entering, from->facets);
    if (facets_failed(facets) ||
        aggregate_enter_first(entering->agg, group, from->first_time, id, text,
                              facets) < 0)
        return -1;
    return entering->text.failed ? -1 : 0;
}

static int enter_groups(struct entering *entering, const bool *wanted,
                        bool *lacking)
{
    const struct section *section = entering->section;

    for (size_t i = 0; i < section->group_count; i++) {
        const struct section_group *from = &section->groups[i];

        if (!wanted[i])
            continue;
        entering->groups[i] = aggregate_enter_group(
            entering->agg, section_string(section, from->instance),
            from->address);
        if (entering->groups[i] == INDEX_NONE ||
            enter_first(entering, i, lacking) < 0)
            return -1;
    }
    return 0;
}

static int enter_rows(struct entering *entering, const bool *with_rows)
{
    const struct section *section = entering->section;

    for (size_t i = 0; i < section->row_count; i++) {
        const struct section_row *from = &section->rows[i];
        struct aggregate_row row = {.identity = section->identities[i],
                                    .time = section->times[i]};

        if (!with_rows[from->group])
            continue;
        row.group = entering->groups[from->group];
        row.facets = enter_facets(entering, from->facets);
        if (facets_failed(row.facets) ||
            aggregate_enter_row(entering->agg, &row) == OUTCOME_COUNT)
            return -1;
    }
    return 0;
}

static int enter_counted(struct entering *entering, const bool *with_rows)
{
    const struct section *section = entering->section;
    const struct packed_counted *entries = array_of(section, ARRAY_COUNTED);
    const struct packed_hour *hours = array_of(section, ARRAY_HOURS);

    for (size_t i = 0; i < section->head->counts[ARRAY_COUNTED]; i++) {
        struct tally_entry entry = {.count = entries[i].count,
                                    .first = entries[i].first,
                                    .last = entries[i].last};

        if (!with_rows[entries[i].group])
            continue;
        entry.group = entering->groups[entries[i].group];
        entry.facets = enter_facets(entering, entries[i].facets);
        if (facets_failed(entry.facets) ||
            aggregate_enter_counted(entering->agg, &entry) < 0)
            return -1;
    }
    for (size_t i = 0; i < section->head->counts[ARRAY_HOURS]; i++) {
        struct tally_hour hour = {.hour = hours[i].hour,
                                  .count = hours[i].count};

        if (!with_rows[hours[i].group])
            continue;
        hour.group = entering->groups[hours[i].group];
        if (aggregate_enter_hour(entering->agg, &hour) < 0)
            return -1;
    }
    return 0;
}

static uint32_t *no_numbers(size_t count)
{
    uint32_t *numbers = sys_malloc(count * sizeof(*numbers));

    for (size_t i = 0; numbers && i < count; i++)
        numbers[i] = FACETS_NONE;
    return numbers;
}

int section_enter(const struct section *section, uint32_t number,
                  const bool *wanted, const bool *with_rows,
                  struct aggregate *agg, bool *lacking)
{
    struct entering entering = {
        .section = section,
        .number = number,
        .agg = agg,
        .groups = no_numbers(section->group_count),
        .facets = {[FACETS_CALLER] =
                       no_numbers(section->head->counts[ARRAY_CALLERS]),
                   [FACETS_CALL] =
                       no_numbers(section->head->counts[ARRAY_CALLS])},
    };
    int ret = -1;

    if (entering.groups && entering.facets[FACETS_CALLER] &&
        entering.facets[FACETS_CALL] &&
        enter_groups(&entering, wanted, lacking) == 0 &&
        enter_rows(&entering, with_rows) == 0 &&
        enter_counted(&entering, with_rows) == 0)
        ret = 0;
    sys_free(entering.groups);
    sys_free(entering.facets[FACETS_CALLER]);
    sys_free(entering.facets[FACETS_CALL]);
    buf_release(&entering.text);
    return ret;
}
