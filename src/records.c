/*
 * The records of one input: which are worth to be extracted, and what becomes
 * of those that cannot be read.
 */
#include "records.h"

#include "base/find.h"
#include "detect/location.h"
#include "event/sibling.h"
#include "input/delimit.h"
#include "input/marks.h"

static void unreadable_record(struct progress *progress, uint64_t offset,
                              const char *why)
{
    if (progress->unreadable++ > 0)
        return;
    progress->offset = offset;
    err_set(&progress->why, "%s", why);
}

/* What an item's records are counted for. */
struct taking {
    struct worker *worker;
    struct progress *progress;
    uint64_t offset; /* of the item */
};

/* Can facts be learnt from a record that names no instance? Most teach
 * none, which a glance tells. `*only_beside`: none but what nobody misses of a
 * record that cannot be read: its access key may be an instance's, or it was
 * delivered to another account than the last. */
static bool may_teach(struct worker *worker, const struct unwrapped *record,
                      bool *only_beside)
{
    struct event glance;
    struct ip location;
    enum location_kind kind;

    if ((record->marks & MARK_ESCAPE && extract_may_spell(record->text)) ||
        !extract_glance(record->text, &glance))
        return true;
    kind = location_of(&glance, &location);
    if (kind != LOCATION_NONE && !worker->keeps_keyed &&
        located_see_session(&worker->located, &glance) < 0)
        return true; /* and fail then */
    if (facts_may_learn(&glance, kind, record->text))
        return true;
    if (worker->keeps_traces)
        traces_see(&worker->traces, kind, location,
                   glance.field[EVENT_ACCESS_KEY_ID]);
    *only_beside =
        (worker->keeps_keyed && kind != LOCATION_NONE &&
         located_is_key(glance.field[EVENT_ACCESS_KEY_ID])) ||
        facts_may_hear_recipient(worker->facts, &glance, record->text);
    return *only_beside;
}

/* Does anybody wait for an event that was extracted? Of those that nobody does,
 * what is looked at in passing is kept here. -1 when memory is out. */
static int is_of_use(struct worker *worker, const struct event *event)
{
    struct span key = event->field[EVENT_ACCESS_KEY_ID];
    struct ip location;
    enum location_kind kind;

    if (!worker->extended ||
        span_present(event_instance_id(event->field[EVENT_PRINCIPAL_ID])))
        return 1;
    kind = location_of(event, &location);
    if (facts_would_learn(worker->facts, event, kind) ||
        (worker->keeps_keyed && kind != LOCATION_NONE && located_is_key(key)))
        return 1;
    if (worker->keeps_traces)
        traces_see(&worker->traces, kind, location, key);
    return kind == LOCATION_NONE ? 0
                                 : located_see_session(&worker->located, event);
}

/* The event that was extracted into the table's next row. */
static int keep_extracted(struct taking *taking, const struct event *event)
{
    struct worker *worker = taking->worker;
    int use = is_of_use(worker, event);

    taking->progress->records++;
    if (use > 0) {
        worker->extracted++;
        event_table_keep(&worker->table);
    }
    return use < 0 ? -1 : 0;
}

/* Is the record worth to be parsed? */
static bool is_wanted(struct worker *worker, const struct unwrapped *record,
                      bool *only_beside)
{
    *only_beside = false;
    if (worker->again && worker->again->wants)
        return worker->again->wants(worker->again->context, record);
    return unwrapped_may_match(record) ||
           (worker->extended && may_teach(worker, record, only_beside));
}

static bool says_call(const struct event *event)
{
    return span_eq(event->field[EVENT_CATEGORY], SPAN("Management")) ||
           span_eq(event->field[EVENT_CATEGORY], SPAN("Data"));
}

/* sibling_of() for the first record of nearly every file: the extractor
 * reads its category in a third of the time. */
static bool is_plainly_a_call(struct span record)
{
    struct event event;

    return extract_plain(record, &event) && says_call(&event);
}

/* Once a record that could be a call was met, the file is none of
 * CloudTrail's siblings, and nothing need be looked at. */
static void note_kind(struct progress *progress, struct span object,
                      bool is_record)
{
    enum input_status sibling;

    if (progress->ordinary)
        return;
    sibling = is_record && is_plainly_a_call(object) ? INPUT_PENDING
                                                     : sibling_of(object);
    if (sibling == INPUT_PENDING)
        progress->ordinary = is_record;
    else if (progress->sibling == INPUT_PENDING)
        progress->sibling = sibling;
}

/* The same of a record of which the event is known. */
static void note_call(struct progress *progress, struct span record,
                      const struct event *event)
{
    progress->ordinary = progress->ordinary || says_call(event);
    note_kind(progress, record, true);
}

/* A record whose events may matter goes into the table. */
static int take_record(void *context, const struct unwrapped *record)
{
    struct taking *taking = context;
    struct worker *worker = taking->worker;
    struct err why;
    struct event *event;
    bool only_beside;
    int ret;

    why.text[0] = '\0'; /* clearing all of it for every record would show */
    if (record->illegal || record->deep) {
        unreadable_record(taking->progress, taking->offset,
                          record->illegal ? "bytes that JSON allows nowhere"
                                          : "nested over 1,000 deep");
        return 0;
    }
    note_kind(taking->progress, record->text, true);
    if (!is_wanted(worker, record, &only_beside)) {
        taking->progress->records++;
        return 0;
    }
    event = event_table_next(&worker->table);
    if (!event)
        return -1;
    if (extract_plain(record->text, event))
        return keep_extracted(taking, event);
    ret = worker->extract->record(worker->extractor, record->text,
                                  &worker->table.arena, event, &why);
    if (ret == EXTRACT_NO_MEMORY)
        return -1;
    if (ret < 0 && only_beside) { /* nobody else would have read it */
        taking->progress->records++;
        return 0;
    }
    if (ret < 0) {
        unreadable_record(taking->progress, taking->offset, why.text);
        return 0;
    }
    taking->progress->records++;
    event_table_keep(&worker->table);
    return 0;
}

/* An embedded text that breaks is a record that cannot be read. An object
 * that is no JSON may have been anything: there the file breaks. */
static int take_broken(void *context, bool embedded, const char *why)
{
    struct taking *taking = context;
    struct progress *progress = taking->progress;

    if (embedded) {
        unreadable_record(progress, taking->offset, why);
    } else if (progress->broken++ == 0) {
        progress->broken_at = taking->offset;
    }
    return 0;
}

static int take_other(void *context, struct span object)
{
    const struct taking *taking = context;

    note_kind(taking->progress, object, false);
    return 0;
}

static enum shape_place place_of(const struct reader_item *item)
{
    if (item->doubtful)
        return SHAPE_IN_DOUBT;
    return item->kind == READER_RECORD  ? SHAPE_IN_RECORDS
           : item->kind == READER_EVENT ? SHAPE_IN_EVENTS
                                        : SHAPE_ANYWHERE;
}

/* What of `progress` an item can change that does not turn out well. */
struct turnout {
    uint64_t records, unreadable, broken;
};

static struct turnout turnout_of(const struct progress *progress)
{
    return (struct turnout){progress->records, progress->unreadable,
                            progress->broken};
}

/* An item that is no JSON may have swallowed others. If it has, they come
 * next, and the damage is the reader's to tell. */
static void look_again(struct worker *worker, struct progress *progress,
                       struct turnout before)
{
    if (progress->records == before.records &&
        (progress->unreadable > before.unreadable ||
         progress->broken > before.broken) &&
        reader_again(worker->reader)) {
        progress->unreadable = before.unreadable;
        progress->broken = before.broken;
    }
}

/* S3's notifications are no records, and say so. */
static bool is_notification(const struct event *event)
{
    return span_eq(event->field[EVENT_SOURCE], SPAN("aws:s3"));
}

/* An element of `Records`. Only S3's notifications are no records, and they say
 * so in these bytes: without them shape_of() need not look. */
static int take_element(struct taking *taking, const struct unwrap_sink *sink,
                        struct unwrapped *object, bool backslash)
{
    struct worker *worker = taking->worker;
    bool takes_calls = !worker->again || !worker->again->wants;

    object->marks =
        (uint8_t)marks_in(object->text, takes_calls ? MARK_INSTANCE : 0);
    if (object->marks & MARK_INSTANCE && takes_calls) {
        struct event *event = event_table_next(&worker->table);

        if (!event)
            return -1;
        if (extract_plain(object->text, event) && !is_notification(event)) {
            note_call(taking->progress, object->text, event);
            return keep_extracted(taking, event);
        }
        object->marks |= MARK_S3; /* not ruled out */
    }
    if (backslash && find_word(object->text, SPAN("\\u")))
        object->marks |= MARK_ESCAPE;
    return object->marks & (MARK_S3 | MARK_ESCAPE)
               ? unwrap(sink, object, SHAPE_IN_RECORDS)
               : take_record(taking, object);
}

int records_take(struct worker *worker, struct progress *progress,
                 const struct reader_item *item, struct err *err)
{
    struct taking taking = {worker, progress, item->offset};
    const struct unwrap_sink sink = {
        .context = &taking,
        .arena = &worker->table.arena,
        .record = take_record,
        .broken = take_broken,
        .other = take_other,
    };
    struct unwrapped object = {item->text, item->illegal, item->deep,
                               MARK_ESCAPE};
    struct turnout before = turnout_of(progress);
    int ret;

    if (item->kind == READER_OVERSIZE) {
        unreadable_record(progress, item->offset, "it is over 16 MB");
        return 0;
    }
    ret = item->kind == READER_RECORD && !item->doubtful && !item->illegal &&
                  !item->deep
              ? take_element(&taking, &sink, &object, item->backslash)
              : unwrap(&sink, &object, place_of(item));
    look_again(worker, progress, before);
    return ret < 0 ? err_memory(err) : 0;
}

/* The record that `text` begins with, if the walk that reads its fields finds
 * its end. As records_take_front(). */
static int walk_record(struct worker *worker, struct progress *progress,
                       struct span text, struct err *err)
{
    struct taking taking = {worker, progress, 0};
    struct event *event = event_table_next(&worker->table);

    if (!event)
        return err_memory(err);
    if (!extract_front(text, event) || is_notification(event))
        return 0;
    reader_pass(worker->reader, event->record.ptr + event->record.len);
    return keep_extracted(&taking, event) < 0 ? err_memory(err) : 1;
}

/* Where delimit_records() stops at a mark it is in these bytes. */
#define STOPPED_BYTES 128

/* Did it stop at one of an instance's? Or at something else shortly before one:
 * then the walk is a detour at worst. */
static bool is_marked(const char *seen, const char *end)
{
    size_t left = (size_t)(end - seen);
    struct span near =
        span_of(seen, left < STOPPED_BYTES ? left : STOPPED_BYTES);

    return marks_in(near, MARK_INSTANCE) & MARK_INSTANCE;
}

/* The record at `text` does not seem to be a call by an instance. It and those
 * behind it are counted, as far as they are of no use; the first to which there
 * may be something is taken. As records_take_front(). */
static int pass_records(struct worker *worker, struct progress *progress,
                        struct span text, struct err *err)
{
    const char *end = text.ptr + text.len, *record = text.ptr, *seen, *after;
    struct delimit delimit;
    struct reader_item item;
    size_t passed = delimit_records(&record, end, &delimit, &seen);

    progress->records += passed;
    text = span_of(record, (size_t)(end - record));
    if (passed > 0)
        reader_pass(worker->reader, record - 1); /* at the comma */
    if (extract_front_is_instances(text) || is_marked(seen, end))
        return walk_record(worker, progress, text, err);
    after = delimit_value(&delimit, seen, end);
    if (!after || after[-1] != '}')
        return 0;
    if (!delimit.illegal && !delimit.deep && !delimit.backslash &&
        !marks_in(span_of(record, (size_t)(after - record)),
                  MARK_INSTANCE | MARK_S3)) {
        progress->records++;
        reader_pass(worker->reader, after);
        return 1;
    }
    reader_take(worker->reader, after, &delimit, &item);
    return records_take(worker, progress, &item, err) < 0 ? -1 : 1;
}

int records_take_front(struct worker *worker, struct progress *progress,
                       struct err *err)
{
    struct span text;

    if (!progress->ordinary || (worker->again && worker->again->wants) ||
        !reader_at_record(worker->reader, &text))
        return 0;
    /* Only where all records are looked at is it worth to walk through one
     * that seems to be no call by an instance. */
    return worker->extended || extract_front_is_instances(text)
               ? walk_record(worker, progress, text, err)
               : pass_records(worker, progress, text, err);
}
