/*
 * The records of one input: which are worth to be extracted, and what becomes
 * of those that cannot be read.
 */
#include "records.h"

#include "base/find.h"
#include "detect/location.h"
#include "event/sibling.h"

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
 * none, which a glance tells. `*only_keyed`: none, but its access key may be an
 * instance's. */
static bool may_teach(struct worker *worker, const struct unwrapped *record,
                      bool *only_keyed)
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
    if (facts_may_learn(worker->facts, &glance, kind, record->text))
        return true;
    if (worker->keeps_traces)
        traces_see(&worker->traces, kind, location,
                   glance.field[EVENT_ACCESS_KEY_ID]);
    *only_keyed = worker->keeps_keyed && kind != LOCATION_NONE &&
                  located_is_key(glance.field[EVENT_ACCESS_KEY_ID]);
    return *only_keyed;
}

/* Is the record worth to be parsed? */
static bool is_wanted(struct worker *worker, const struct unwrapped *record,
                      bool *only_keyed)
{
    *only_keyed = false;
    if (worker->again && worker->again->wants)
        return worker->again->wants(worker->again->context, record);
    return unwrapped_may_match(record) ||
           (worker->extended && may_teach(worker, record, only_keyed));
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

/* A record whose events may matter goes into the table. */
static int take_record(void *context, const struct unwrapped *record)
{
    struct taking *taking = context;
    struct worker *worker = taking->worker;
    struct err why;
    struct event *event;
    bool only_keyed;
    int ret;

    why.text[0] = '\0'; /* clearing all of it for every record would show */
    if (record->illegal || record->deep) {
        unreadable_record(taking->progress, taking->offset,
                          record->illegal ? "bytes that JSON allows nowhere"
                                          : "nested over 1,000 deep");
        return 0;
    }
    note_kind(taking->progress, record->text, true);
    if (!is_wanted(worker, record, &only_keyed)) {
        taking->progress->records++;
        return 0;
    }
    event = event_table_next(&worker->table);
    ret = event ? worker->extract->record(worker->extractor, record->text,
                                          &worker->table.arena, event, &why)
                : EXTRACT_NO_MEMORY;
    if (ret == EXTRACT_NO_MEMORY)
        return -1;
    if (ret < 0 && only_keyed) { /* nobody else would have read it */
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

/*
 * Nearly every call by an instance is one of `Records` in which nothing is
 * unusual. What is read of it also tells that it is no notification of S3's,
 * which are no records, so its text need not be searched for that. False if it
 * is to be taken in the other way.
 */
static bool take_plain_call(struct taking *taking, struct event *event,
                            struct span text)
{
    struct progress *progress = taking->progress;

    if (!extract_plain(text, event) ||
        span_eq(event->field[EVENT_SOURCE], SPAN("aws:s3")))
        return false;
    progress->ordinary = progress->ordinary || says_call(event);
    note_kind(progress, text, true);
    progress->records++;
    taking->worker->extracted++;
    event_table_keep(&taking->worker->table);
    return true;
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
        if (take_plain_call(taking, event, object->text))
            return 0;
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
