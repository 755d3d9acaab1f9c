/*
 * Counters by status and the notes beside them. A booking either happens
 * whole or not at all, so that a run that goes on after "out of memory"
 * could not show a count without its note.
 */
#include "input/ledger.h"

#include "base/sys.h"

#include <assert.h>
#include <stdlib.h>

const char *input_status_name(enum input_status status)
{
    static const char *const names[INPUT_STATUS_COUNT] = {
        [INPUT_PENDING] = "pending",
        [INPUT_READ] = "read",
        [INPUT_DAMAGED] = "damaged",
        [INPUT_UNREADABLE] = "unreadable",
        [INPUT_DIGEST] = "digest",
        [INPUT_INSIGHT] = "insight",
        [INPUT_NETWORK_ACTIVITY] = "network_activity",
        [INPUT_AGGREGATED] = "aggregated",
        [INPUT_FOREIGN] = "foreign",
        [INPUT_EMPTY] = "empty",
        [INPUT_ARCHIVE] = "archive",
        [INPUT_IN_TRANSFER] = "in_transfer",
        [INPUT_OUTSIDE_TIMEFRAME] = "outside_timeframe",
        [INPUT_NOT_REGULAR] = "not_regular",
        [INPUT_SAME_FILE] = "same_file",
    };

    assert(status < INPUT_STATUS_COUNT);
    return names[status];
}

void ledger_init(struct ledger *ledger, bool keep_skips)
{
    *ledger = (struct ledger){
        .first_delivery = TIMESTAMP_UNKNOWN,
        .last_delivery = TIMESTAMP_UNKNOWN,
        .keep_skips = keep_skips,
        .arena = ARENA_INIT,
    };
}

void ledger_release(struct ledger *ledger)
{
    if (!ledger)
        return;
    sys_free(ledger->notes);
    arena_release(&ledger->arena);
    ledger_init(ledger, ledger->keep_skips);
}

/* A copy with a NUL behind it; absent when memory is out. */
static struct span copy_text(struct arena *arena, struct span text)
{
    char *copy = arena_alloc(arena, text.len + 1);

    if (!copy)
        return SPAN_ABSENT;
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return span_of(copy, text.len);
}

static int reserve_notes(struct ledger *ledger, size_t extra)
{
    struct ledger_note *grown =
        sys_grow(ledger->notes, &ledger->note_capacity,
                 ledger->note_count + extra, sizeof(*grown));

    if (!grown)
        return -1;
    ledger->notes = grown;
    return 0;
}

/* Fills the note behind the last one; counting it is the caller's part. */
static int put_note(struct ledger *ledger, size_t at, struct ledger_note note)
{
    note.path = copy_text(&ledger->arena, note.path);
    note.reason = copy_text(&ledger->arena, note.reason);
    if (!span_present(note.path) || !span_present(note.reason))
        return -1;
    ledger->notes[at] = note;
    return 0;
}

int ledger_add_note(struct ledger *ledger, struct ledger_note note,
                    struct err *err)
{
    if (reserve_notes(ledger, 1) < 0 ||
        put_note(ledger, ledger->note_count, note) < 0)
        return err_memory(err);
    ledger->note_count++;
    return 0;
}

/* An archive is counted among the skipped, but its user expects it to be
 * read, so it is never passed over in silence. */
static bool deserves_note(const struct ledger *ledger, enum input_status status)
{
    switch (status) {
    case INPUT_DAMAGED:
    case INPUT_UNREADABLE:
    case INPUT_ARCHIVE:
        return true;
    default:
        return ledger->keep_skips && status >= INPUT_FIRST_SKIP;
    }
}

static void widen_deliveries(struct ledger *ledger, timestamp first,
                             timestamp last)
{
    if (first == TIMESTAMP_UNKNOWN)
        return; /* then so is `last` */
    if (first < ledger->first_delivery)
        ledger->first_delivery = first;
    if (ledger->last_delivery == TIMESTAMP_UNKNOWN ||
        last > ledger->last_delivery)
        ledger->last_delivery = last;
}

int ledger_book(struct ledger *ledger, struct span path,
                enum input_status status, uint64_t offset, struct span reason,
                timestamp delivery, struct err *err)
{
    assert(status > INPUT_PENDING && status < INPUT_STATUS_COUNT);

    if (deserves_note(ledger, status)) {
        struct ledger_note note = {path, status, offset, 0, reason};

        if (!span_present(reason))
            note.reason = span_str(input_status_name(status));
        if (ledger_add_note(ledger, note, err) < 0)
            return -1;
    }
    ledger->files[status]++;
    if (status == INPUT_READ || status == INPUT_DAMAGED)
        widen_deliveries(ledger, delivery, delivery);
    return 0;
}

int ledger_rebook(struct ledger *ledger, enum input_status from,
                  struct ledger_note note, struct err *err)
{
    assert(ledger->files[from] > 0);

    if (ledger_add_note(ledger, note, err) < 0)
        return -1;
    ledger->files[from]--;
    ledger->files[note.status]++;
    return 0;
}

void ledger_unbook(struct ledger *ledger, struct span path,
                   enum input_status status)
{
    assert(ledger->files[status] > 0);

    ledger->files[status]--;
    for (size_t i = 0; i < ledger->note_count; i++)
        if (ledger->notes[i].status == status &&
            span_eq(ledger->notes[i].path, path)) {
            ledger->notes[i] = ledger->notes[--ledger->note_count];
            return;
        }
}

int ledger_note_unreadable_records(struct ledger *ledger, struct span path,
                                   uint64_t records, uint64_t offset,
                                   struct span reason, struct err *err)
{
    struct ledger_note note = {path, INPUT_READ, offset, records, reason};

    if (ledger_add_note(ledger, note, err) < 0)
        return -1;
    ledger->records_unreadable += records;
    return 0;
}

int ledger_merge(struct ledger *into, const struct ledger *from,
                 struct err *err)
{
    if (reserve_notes(into, from->note_count) < 0)
        return err_memory(err);
    for (size_t i = 0; i < from->note_count; i++)
        if (put_note(into, into->note_count + i, from->notes[i]) < 0)
            return err_memory(err);

    into->note_count += from->note_count;
    for (size_t i = 0; i < INPUT_STATUS_COUNT; i++)
        into->files[i] += from->files[i];
    into->bytes_packed += from->bytes_packed;
    into->bytes_unpacked += from->bytes_unpacked;
    into->records_read += from->records_read;
    into->records_unreadable += from->records_unreadable;
    widen_deliveries(into, from->first_delivery, from->last_delivery);
    return 0;
}

/* Total over all that a note holds: notes that compare equal print equal,
 * so the order of workers never shows. */
static int compare_notes(const void *left, const void *right)
{
    const struct ledger_note *a = left;
    const struct ledger_note *b = right;
    int order = span_cmp(a->path, b->path);

    if (!order)
        order = (a->status > b->status) - (a->status < b->status);
    if (!order)
        order = (a->offset > b->offset) - (a->offset < b->offset);
    if (!order)
        order = (a->records > b->records) - (a->records < b->records);
    return order ? order : span_cmp(a->reason, b->reason);
}

void ledger_sort(struct ledger *ledger)
{
    if (ledger->note_count > 1)
        qsort(ledger->notes, ledger->note_count, sizeof(*ledger->notes),
              compare_notes);
}

uint64_t ledger_files_found(const struct ledger *ledger)
{
    uint64_t found = 0;

    for (size_t i = INPUT_READ; i < INPUT_STATUS_COUNT; i++)
        found += ledger->files[i];
    return found;
}

bool ledger_is_incomplete(const struct ledger *ledger)
{
    return ledger->files[INPUT_DAMAGED] > 0 ||
           ledger->files[INPUT_UNREADABLE] > 0 ||
           ledger->files[INPUT_ARCHIVE] > 0 || ledger->records_unreadable > 0;
}
