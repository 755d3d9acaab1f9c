/* Each line has one spelling, so what is read here is what is written here, in
 * the same order. */
#include "state/partial_members.h"

#include "base/sys.h"
#include "base/utf8.h"
#include "state/partial_lines.h"

#include <cjson/cJSON.h>
#include <string.h>

static const char digits[] = "0123456789abcdef";

/* The value of a hexadecimal digit; below 0 if it is none. */
static int digit_value(char c)
{
    const char *digit = memchr(digits, c, sizeof(digits) - 1);

    return digit ? (int)(digit - digits) : -1;
}

/* ------------------------------------------------------------- the header */

static void write_texts(struct json_writer *json, const char *name,
                        const struct span *texts, size_t count)
{
    json_member_array(json, name);
    for (size_t i = 0; i < count; i++)
        json_string(json, texts[i]);
    json_array_end(json);
}

void partial_header_write(struct json_writer *json,
                          const struct partial_header *header)
{
    json_object(json);
    json_member_string(json, "offbox", SPAN("partial"));
    json_member_uint(json, "version", PARTIAL_VERSION);
    json_member_bool(json, "ipv6", header->ipv6);
    json_member_bool(json, "keep_duplicates", header->keep_duplicates);
    json_member_bool(json, "extended", header->extended);
    json_member_bool(json, "identities", header->identities);
    json_member_time(json, "since",
                     header->since == INT64_MIN ? TIMESTAMP_UNKNOWN
                                                : header->since);
    json_member_time(json, "until", header->until);
    write_texts(json, "ignore", header->ignore, header->ignore_count);
    write_texts(json, "instances", header->instances, header->instance_count);
    json_member_array(json, "leaves");
    for (size_t i = 0; i < header->leaf_count; i++) {
        char text[PARTIAL_SUM_BYTES];

        json_string(json, partial_sum_text(header->leaves[i], text));
    }
    json_array_end(json);
    json_object_end(json);
}

static struct span *take_texts(struct line_members *members, const char *name,
                               struct arena *arena, size_t *count)
{
    const cJSON *array = line_array(members, name);
    const cJSON *item;
    struct span *texts;

    *count = 0;
    if (!array)
        return NULL;
    texts = arena_alloc(arena, ((size_t)cJSON_GetArraySize(array) + 1) *
                                   sizeof(*texts));
    cJSON_ArrayForEach(item, array)
    {
        if (!texts)
            break;
        if (!cJSON_IsString(item)) {
            line_wrong(members, name);
            break;
        }
        texts[*count] = arena_copy(arena, span_str(item->valuestring));
        if (!span_present(texts[*count]))
            members->memory_is_out = true;
        if (*count > 0 && span_cmp(texts[*count - 1], texts[*count]) >= 0)
            line_wrong(members, name);
        ++*count;
    }
    if (!texts)
        members->memory_is_out = true;
    return texts;
}

static bool hash_from_text(const char *text, struct hash128 *hash)
{
    uint64_t word[2] = {0, 0};

    if (strlen(text) != PARTIAL_SUM_BYTES - 1)
        return false;
    for (int i = 0; i < PARTIAL_SUM_BYTES - 1; i++) {
        int value = digit_value(text[i]);

        if (value < 0)
            return false;
        word[i / 16] = word[i / 16] << 4 | (uint64_t)value;
    }
    *hash = (struct hash128){.hi = word[0], .lo = word[1]};
    return true;
}

static void take_leaves(struct partial_header *header,
                        struct line_members *members)
{
    const cJSON *array = line_array(members, "leaves");
    const cJSON *item;
    struct hash128 *leaves;
    size_t count = 0;

    if (!array)
        return;
    leaves =
        arena_alloc(&header->arena,
                    ((size_t)cJSON_GetArraySize(array) + 1) * sizeof(*leaves));
    cJSON_ArrayForEach(item, array)
    {
        if (!leaves)
            break;
        if (!cJSON_IsString(item) ||
            !hash_from_text(item->valuestring, &leaves[count++])) {
            line_wrong(members, "leaves");
            return;
        }
    }
    if (!leaves || partial_header_add_leaves(header, leaves, count) < 0)
        members->memory_is_out = true;
    else if (header->leaf_count != count)
        line_wrong(members, "leaves");
}

void partial_header_take(struct line_members *members,
                         struct partial_header *header, uint64_t *version)
{
    if (!span_eq(line_text(members, "offbox"), SPAN("partial")))
        line_wrong(members, "offbox");
    *version = line_number(members, "version");
    if (members->wrong || *version != PARTIAL_VERSION) {
        members->at = NULL; /* another version may have other members */
        return;
    }
    header->ipv6 = line_bool(members, "ipv6");
    header->keep_duplicates = line_bool(members, "keep_duplicates");
    header->extended = line_bool(members, "extended");
    header->identities = line_bool(members, "identities");
    header->since = line_time(members, "since", INT64_MIN);
    header->until = line_time(members, "until", TIMESTAMP_UNKNOWN);
    header->ignore =
        take_texts(members, "ignore", &header->arena, &header->ignore_count);
    header->instances = take_texts(members, "instances", &header->arena,
                                   &header->instance_count);
    take_leaves(header, members);
}

/* ------------------------------------------------------------------ notes */

/* A path may be no UTF-8, and must come back as it was. */
static void write_path(struct json_writer *json, struct span path)
{
    struct buf hex = BUF_INIT;

    if (utf8_is_valid(path)) {
        json_member_string(json, "path", path);
        return;
    }
    for (size_t i = 0; i < path.len; i++) {
        buf_add_char(&hex, digits[(unsigned char)path.ptr[i] >> 4]);
        buf_add_char(&hex, digits[(unsigned char)path.ptr[i] & 15]);
    }
    json_member_string(json, "path_bytes", buf_span(&hex));
    if (hex.failed)
        out_fail_memory(json->out);
    buf_release(&hex);
}

static void take_path(struct line_members *members, struct buf *path)
{
    struct span hex;

    if (line_peek(members, "path")) {
        buf_add(path, line_text(members, "path"));
        return;
    }
    hex = line_text(members, "path_bytes");
    for (size_t i = 0; i + 1 < hex.len; i += 2) {
        int high = digit_value(hex.ptr[i]), low = digit_value(hex.ptr[i + 1]);

        if (high < 0 || low < 0) {
            line_wrong(members, "path_bytes");
            return;
        }
        buf_add_char(path, (char)(high << 4 | low));
    }
}

static bool status_by_name(struct span name, enum input_status *status)
{
    for (int i = INPUT_READ; i < INPUT_STATUS_COUNT; i++)
        if (span_eq(name, span_str(input_status_name((enum input_status)i)))) {
            *status = (enum input_status)i;
            return true;
        }
    return false;
}

bool partial_note_travels(const struct ledger_note *note)
{
    return note->status < INPUT_FIRST_SKIP || note->status == INPUT_ARCHIVE;
}

void partial_note_write(struct json_writer *json,
                        const struct ledger_note *note)
{
    json_object(json);
    json_member_string(json, "note", span_str(input_status_name(note->status)));
    write_path(json, note->path);
    json_member_uint(json, "offset", note->offset);
    json_member_uint(json, "records", note->records);
    json_member_string(json, "reason", note->reason);
    json_object_end(json);
}

void partial_note_take(struct line_members *members, struct ledger *ledger)
{
    struct ledger_note note = {0};
    struct buf path = BUF_INIT;

    if (!status_by_name(line_text(members, "note"), &note.status))
        line_wrong(members, "note");
    take_path(members, &path);
    note.offset = line_number(members, "offset");
    note.records = line_number(members, "records");
    note.reason = line_text(members, "reason");
    note.path = path.len ? buf_span(&path) : SPAN("");
    if (!members->wrong &&
        (path.failed || ledger_add_note(ledger, note, NULL) < 0))
        members->memory_is_out = true;
    buf_release(&path);
}

/* ---------------------------------------------------------------- figures */

static void write_ledger(struct json_writer *json, const struct ledger *ledger)
{
    json_member_object(json, "files");
    for (int i = INPUT_READ; i < INPUT_STATUS_COUNT; i++)
        json_member_uint(json, input_status_name((enum input_status)i),
                         ledger->files[i]);
    json_object_end(json);
    json_member_uint(json, "bytes_packed", ledger->bytes_packed);
    json_member_uint(json, "bytes_unpacked", ledger->bytes_unpacked);
    json_member_uint(json, "records_read", ledger->records_read);
    json_member_uint(json, "records_unreadable", ledger->records_unreadable);
    json_member_time(json, "first_delivery", ledger->first_delivery);
    json_member_time(json, "last_delivery", ledger->last_delivery);
}

static void take_ledger(struct line_members *members, struct ledger *ledger)
{
    struct line_members files = line_members_of(line_member(members, "files"));

    for (int i = INPUT_READ; i < INPUT_STATUS_COUNT; i++)
        ledger->files[i] =
            line_number(&files, input_status_name((enum input_status)i));
    line_no_more(&files);
    if (files.wrong)
        line_wrong(members, "files");
    ledger->bytes_packed = line_number(members, "bytes_packed");
    ledger->bytes_unpacked = line_number(members, "bytes_unpacked");
    ledger->records_read = line_number(members, "records_read");
    ledger->records_unreadable = line_number(members, "records_unreadable");
    ledger->first_delivery =
        line_time(members, "first_delivery", TIMESTAMP_UNKNOWN);
    ledger->last_delivery =
        line_time(members, "last_delivery", TIMESTAMP_UNKNOWN);
}

static void write_outcomes(struct json_writer *json,
                           const struct outcome_counts *outcomes)
{
    json_member_object(json, "events");
    for (int i = 0; i < OUTCOME_COUNT; i++)
        json_member_uint(json, outcome_name((enum outcome)i),
                         outcomes->count[i]);
    json_object_end(json);
    json_member_time(json, "first_event", outcomes->first_event);
    json_member_time(json, "last_event", outcomes->last_event);
}

static void take_outcomes(struct line_members *members,
                          struct outcome_counts *outcomes)
{
    struct line_members events =
        line_members_of(line_member(members, "events"));

    for (int i = 0; i < OUTCOME_COUNT; i++)
        outcomes->count[i] =
            line_number(&events, outcome_name((enum outcome)i));
    line_no_more(&events);
    if (events.wrong)
        line_wrong(members, "events");
    outcomes->first_event =
        line_time(members, "first_event", TIMESTAMP_UNKNOWN);
    outcomes->last_event = line_time(members, "last_event", TIMESTAMP_UNKNOWN);
}

/* In the order of the header's instances; `focus` is sorted, and may know
 * them in another. */
static void write_focus(struct json_writer *json, const struct focus *focus,
                        const struct partial_header *header)
{
    json_member_array(json, "focus");
    for (size_t i = 0; i < header->instance_count; i++) {
        size_t at = focus_position(focus, header->instances[i]);

        json_object(json);
        write_outcomes(json, &focus->outcomes[at]);
        json_member_array(json, "dropped");
        for (size_t k = 0; k < focus->drop_count; k++) {
            const struct focus_drop *drop = &focus->drops[k];

            if (drop->instance != at)
                continue;
            json_object(json);
            json_member_string(json, "address",
                               strings_text(&focus->strings, drop->address));
            json_member_string(json, "outcome",
                               span_str(outcome_name(drop->outcome)));
            json_member_uint(json, "count", drop->count);
            json_object_end(json);
        }
        json_array_end(json);
        json_object_end(json);
    }
    json_array_end(json);
}

static bool outcome_by_name(struct span name, enum outcome *outcome)
{
    for (int i = 0; i < OUTCOME_COUNT; i++)
        if (span_eq(name, span_str(outcome_name((enum outcome)i)))) {
            *outcome = (enum outcome)i;
            return true;
        }
    return false;
}

static void take_drop(struct line_members *drop, struct focus *focus, size_t at,
                      bool *memory_is_out)
{
    const cJSON *address = line_member(drop, "address");
    enum outcome outcome = OUTCOME_COUNT;
    uint64_t count;

    if (!cJSON_IsString(address) && !cJSON_IsNull(address))
        line_wrong(drop, "address");
    if (!outcome_by_name(line_text(drop, "outcome"), &outcome))
        line_wrong(drop, "outcome");
    count = line_number(drop, "count");
    line_no_more(drop);
    if (!drop->wrong &&
        focus_add_drop(focus, at,
                       cJSON_IsString(address) ? span_str(address->valuestring)
                                               : SPAN_ABSENT,
                       outcome, count) < 0)
        *memory_is_out = true;
}

static void take_focus(struct line_members *members, struct focus *focus)
{
    const cJSON *array = line_array(members, "focus");
    const cJSON *item;
    size_t at = 0;

    cJSON_ArrayForEach(item, array)
    {
        struct line_members one = line_members_of(item);
        const cJSON *dropped, *drop;

        if (at == focus->instance_count)
            break;
        take_outcomes(&one, &focus->outcomes[at]);
        dropped = line_array(&one, "dropped");
        cJSON_ArrayForEach(drop, dropped)
        {
            struct line_members its = line_members_of(drop);

            take_drop(&its, focus, at, &members->memory_is_out);
            if (its.wrong)
                line_wrong(&one, its.wrong);
        }
        line_no_more(&one);
        if (one.wrong)
            line_wrong(members, "focus");
        at++;
    }
    if (item || at != focus->instance_count)
        line_wrong(members, "focus");
}

void partial_figures_write(struct json_writer *json,
                           const struct partial_header *header,
                           const struct partial_totals *totals,
                           const struct partial_figures *figures)
{
    json_object(json);
    json_member_uint(json, "groups", totals->groups);
    json_member_uint(json, "rows", totals->rows);
    if (header->extended) {
        json_member_uint(json, "located", totals->located_groups);
        json_member_uint(json, "located_rows", totals->located_rows);
    }
    write_ledger(json, &figures->ledger);
    write_outcomes(json, &figures->outcomes);
    json_member_array(json, "ignored");
    for (size_t i = 0; i < header->ignore_count; i++)
        json_uint(json, figures->ignore_hits[i]);
    json_array_end(json);
    write_focus(json, &figures->focus, header);
    json_member_uint(json, "extracted", figures->extracted);
    json_member_uint(json, "handed_on", figures->handed_on);
    json_member_bool(json, "timeframe", figures->timeframe);
    json_object_end(json);
}

void partial_figures_take(struct line_members *members,
                          const struct partial_header *header,
                          const struct partial_totals *totals,
                          struct partial_figures *figures)
{
    const cJSON *ignored, *item;
    size_t at = 0;

    if (line_number(members, "groups") != totals->groups)
        line_wrong(members, "groups");
    if (line_number(members, "rows") != totals->rows)
        line_wrong(members, "rows");
    if (header->extended) {
        if (line_number(members, "located") != totals->located_groups)
            line_wrong(members, "located");
        if (line_number(members, "located_rows") != totals->located_rows)
            line_wrong(members, "located_rows");
    }
    take_ledger(members, &figures->ledger);
    take_outcomes(members, &figures->outcomes);
    ignored = line_array(members, "ignored");
    cJSON_ArrayForEach(item, ignored)
    {
        if (at == header->ignore_count)
            break;
        figures->ignore_hits[at++] = line_number_of(members, item, "ignored");
    }
    if (item || at != header->ignore_count)
        line_wrong(members, "ignored");
    take_focus(members, &figures->focus);
    figures->extracted = line_number(members, "extracted");
    figures->handed_on = line_number(members, "handed_on");
    figures->timeframe = line_bool(members, "timeframe");
}
