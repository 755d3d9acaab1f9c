/* What is read is checked once, at loading: the checksum, and then every number
 * that names an element of another array. */
#include "state/section.h"

#include "base/search.h"
#include "base/sys.h"
#include "state/section_layout.h"

static const size_t element_bytes[ARRAY_COUNT] = {
#define X(name, type) [name] = sizeof(type),
    SECTION_ARRAYS(X)
#undef X
};

/* An array's bytes with what fills them up. */
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

const void *section_array(const struct section *section,
                          enum section_array which)
{
    size_t at = sizeof(struct section_head);

    for (int i = 0; i < (int)which; i++)
        at += padded(section->head->counts[i] * element_bytes[i]);
    return (const char *)section->head + at;
}

void section_point(struct section *section)
{
    const struct section_head *head = section->head;

    section->files = section_array(section, ARRAY_FILES);
    section->texts = section_array(section, ARRAY_TEXTS);
    section->groups = section_array(section, ARRAY_GROUPS);
    section->identities = section_array(section, ARRAY_IDENTITIES);
    section->times = section_array(section, ARRAY_TIMES);
    section->rows = section_array(section, ARRAY_ROWS);
    section->blob = section_array(section, ARRAY_BLOB);
    section->file_count = head->counts[ARRAY_FILES];
    section->text_count = head->counts[ARRAY_TEXTS];
    section->group_count = head->counts[ARRAY_GROUPS];
    section->row_count = head->counts[ARRAY_IDENTITIES];
    section->hour = head->hour;
    if (span_present(section->bytes)) {
        section->shared = section_array(section, ARRAY_SHARED);
        section->shared_count = head->counts[ARRAY_SHARED];
        section->records = section_array(section, ARRAY_RECORDS);
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

struct span section_record_text(const struct section *section, uint32_t group)
{
    const char *blob = span_present(section->bytes)
                           ? section_array(section, ARRAY_RECORD_BLOB)
                           : section->own_blob.ptr;
    const struct section_record *records = section->records;
    size_t at = search_one(records, section->record_count, sizeof(*records),
                           &group, of_group);

    return at < section->record_count
               ? span_of(blob + records[at].at, records[at].len)
               : SPAN_ABSENT;
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

static bool tuples_fit(const struct section *section, enum section_array which)
{
    const struct packed_tuple *tuples = section_array(section, which);

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
    const struct packed_counted *entries =
        section_array(section, ARRAY_COUNTED);
    const struct packed_hour *hours = section_array(section, ARRAY_HOURS);

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
    const struct packed_note *notes = section_array(section, ARRAY_NOTES);

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
    sum = hash_table(SECTION_CHECK_KEY,
                     span_of(bytes.ptr + SECTION_CHECKED_FROM,
                             head->bytes - SECTION_CHECKED_FROM));
    if (sum.lo != head->checksum.lo || sum.hi != head->checksum.hi) {
        err_set(err, "its checksum is wrong");
        return -1;
    }
    section->head = head;
    section->bytes = span_of(bytes.ptr, head->bytes);
    if (arrays_fit(head)) {
        section_point(section);
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
    const struct packed_note *notes = section_array(section, ARRAY_NOTES);

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
    const uint64_t *theirs = section_array(section, ARRAY_HITS);
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
