/*
 * The trip of one input: read window by window; a window's records
 * extracted into the event table; its rows judged by the filter and added
 * to the aggregate.
 */
#include "worker.h"

#include "base/find.h"
#include "base/sys.h"
#include "detect/location.h"
#include "event/sibling.h"
#include "meter.h"
#include "parallel.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* What is known of the input being read. */
struct progress {
    uint64_t records;
    uint64_t unreadable;       /* records that could not be read … */
    uint64_t offset;           /* … the first of them, … */
    struct err why;            /* … and what was wrong with it */
    bool ordinary;             /* a record that could be a call was seen; until
                                * then … */
    enum input_status sibling; /* … what the first of the others is, or
                                * INPUT_PENDING */
    uint64_t broken;           /* objects that are no JSON … */
    uint64_t broken_at;        /* … the first of them */
    bool begun;                /* an item was seen; the first one's text, if
                                * a partial is to be written, is … */
    struct hash128 first_item; /* … this */
};

/* "offbox", version 1 of what tells inputs apart. */
static const struct hash_key digest_key = {UINT64_C(0x6f6666626f780001),
                                           UINT64_C(0x696e707574730000)};

static int get_reader(struct worker *worker, struct err *err)
{
    worker->reader = reader_new(READER_WINDOW_BYTES, err);
    if (!worker->reader)
        return -1;
    reader_limit(worker->reader, worker->options->max_inflate_bytes);
    return 0;
}

int worker_init(struct worker *worker, const struct scan_options *options,
                const struct second_reading *again, struct err *err)
{
    *worker = (struct worker){.options = options,
                              .filter = options->filter,
                              .extract = &extract_scan,
                              .extended = options->extended && !again,
                              .again = again,
                              .table = EVENT_TABLE_INIT};
    ledger_init(&worker->ledger, options->keep_skips);
    if (again && again->begin) {
        worker->store = again->begin(again->context);
        if (!worker->store)
            return err_memory(err);
    }
    aggregate_init(&worker->aggregate, options->keep_duplicates);
    worker->aggregate.reach = options->identities;
    outcome_counts_init(&worker->outcomes);
    if (policy_use_init(&worker->policy, options->policy) < 0)
        return err_memory(err);
    worker->filter.policy = options->policy ? &worker->policy : NULL;
    worker->keeps_traces = worker->extended && options->cases;
    worker->keyed = worker->filter;
    worker->keeps_keyed = worker->extended && options->partial;
    if (worker->keeps_keyed) {
        if (policy_use_init(&worker->unheard, options->policy) < 0)
            return err_memory(err);
        worker->keyed.policy = options->policy ? &worker->unheard : NULL;
    }
    if (focus_init(&worker->focus, options->rule.instances,
                   options->rule.instance_count, err) < 0)
        return -1;
    if (options->extended) {
        located_init(&worker->located, options->keep_duplicates);
        worker->located.aggregate.reach = options->identities;
    }
    if (worker->extended) {
        worker->facts = facts_new(err);
        if (!worker->facts)
            return -1;
    }
    if (get_reader(worker, err) < 0)
        return -1;
    worker->extractor = worker->extract->create();
    return worker->extractor ? 0 : err_memory(err);
}

void worker_release(struct worker *worker)
{
    if (worker->store)
        worker->again->end(worker->store);
    opener_release(&worker->opener);
    reader_free(worker->reader);
    if (worker->extractor)
        worker->extract->destroy(worker->extractor);
    event_table_release(&worker->table);
    aggregate_release(&worker->aggregate);
    focus_release(&worker->focus);
    facts_free(worker->facts);
    located_release(&worker->located);
    traces_release(&worker->traces);
    partial_list_release(&worker->partials);
    policy_use_release(&worker->policy);
    policy_use_release(&worker->unheard);
    ledger_release(&worker->ledger);
    *worker = (struct worker){0};
}

/* Count one `:i-` event. */
static int count_event(struct worker *worker, const struct event *event,
                       struct verdict verdict)
{
    if (verdict.outcome == OUTCOME_COUNT)
        return -1;
    outcome_counts_add(&worker->outcomes, verdict.outcome, event->time);
    return focus_add(&worker->focus, verdict.instance, verdict.outcome,
                     event->time, event->field[EVENT_SOURCE_IP_ADDRESS]);
}

/* An event on its way into an aggregate, as of an instance at an address. */
struct arrival {
    const struct event *event; /* in the table */
    struct span instance;
    struct ip address;
    struct aggregate_key key;
};

/* They wait here for the memory that the aggregate will look at. From 8 to 32
 * no length was measurably better. */
#define WAITING 16

struct waiting {
    struct arrival events[WAITING];
    size_t put, taken; /* counting up */
};

/* Those of one window: for the rule, and for evidence. */
struct window {
    struct waiting kept, located;
};

/* The last one in waits, and one from the middle has its next memory
 * fetched. */
static void let_wait(struct waiting *waiting, const struct aggregate *agg)
{
    waiting->put++;
    if (waiting->put - waiting->taken > WAITING / 2)
        aggregate_prefetch(
            agg,
            &waiting->events[(waiting->put - WAITING / 2 - 1) % WAITING].key);
}

static bool is_full(const struct waiting *waiting)
{
    return waiting->put - waiting->taken == WAITING;
}

static struct arrival *next_in(struct waiting *waiting)
{
    return &waiting->events[waiting->put % WAITING];
}

/* The one that has waited longest. */
static const struct arrival *next_out(struct waiting *waiting)
{
    return &waiting->events[waiting->taken++ % WAITING];
}

static int keep_event(struct worker *worker, struct waiting *waiting)
{
    const struct arrival *kept = next_out(waiting);
    struct verdict verdict = {OUTCOME_COUNT, kept->instance, kept->address};

    verdict.outcome = aggregate_add(&worker->aggregate, &kept->key, kept->event,
                                    kept->instance, kept->address);
    return count_event(worker, kept->event, verdict);
}

static int locate_event(struct worker *worker, struct waiting *waiting)
{
    const struct arrival *located = next_out(waiting);

    return located_add(&worker->located, &located->key, located->event,
                       located->instance, located->address);
}

static void tell_kept(struct worker *worker)
{
    uint64_t kept = worker->outcomes.count[OUTCOME_KEPT];

    if (!worker->meter)
        return;
    meter_add(worker->meter, 0, kept - worker->kept_told);
    worker->kept_told = kept;
}

/* A kept event, to the rule's aggregate. `*kept` stays until the next one. */
static int take_kept(struct worker *worker, struct waiting *waiting,
                     const struct event *event, const struct verdict *verdict,
                     const struct arrival **kept)
{
    struct arrival *arrival = next_in(waiting);

    arrival->event = event;
    arrival->instance = verdict->instance;
    arrival->address = verdict->address;
    *kept = arrival;
    if (aggregate_prepare(&worker->aggregate, event, verdict->instance,
                          verdict->address, &arrival->key) < 0)
        return -1;
    let_wait(waiting, &worker->aggregate);
    return is_full(waiting) ? keep_event(worker, waiting) : 0;
}

/* A call of whoever is no instance, whose access key may turn out to be one
 * that an instance issued. A line of the policy that asks for an instance
 * holds for none of them. */
static int see_session(struct worker *worker, const struct event *event,
                       struct ip location)
{
    if (!worker->keeps_keyed)
        return located_see_session(&worker->located, event);
    if (!located_is_key(event->field[EVENT_ACCESS_KEY_ID]) ||
        filter_is_outside(&worker->keyed, event->time) ||
        filter_ignores(&worker->keyed, event, SPAN_ABSENT, location))
        return 0;
    return located_add_keyed(&worker->located, event, location);
}

/* Of what evidence is judged: the instances' own sessions' calls, within the
 * window and not ignored, by where they come from. Most are kept for the same
 * address; then `kept` has their key. Of other sessions' the access key may
 * turn out to be an instance's. */
static int take_located(struct worker *worker, struct waiting *waiting,
                        const struct event *event, const struct origin *origin,
                        const struct verdict *verdict,
                        const struct arrival *kept)
{
    struct aggregate *agg = &worker->located.aggregate;
    struct arrival *arrival = next_in(waiting);

    if (origin->kind == LOCATION_NONE)
        return 0;
    if (!span_present(origin->instance))
        return see_session(worker, event, origin->location);
    if (verdict->outcome == OUTCOME_OUTSIDE_WINDOW ||
        verdict->outcome == OUTCOME_ALLOWED ||
        (!kept && filter_ignores(&worker->filter, event, origin->instance,
                                 origin->location)))
        return 0;
    arrival->event = event;
    arrival->instance = origin->instance;
    arrival->address = origin->location;
    if (kept && ip_cmp(kept->address, arrival->address) == 0) {
        arrival->key = kept->key;
        aggregate_prefetch_first(agg, &arrival->key);
    } else if (aggregate_prepare(agg, event, arrival->instance,
                                 arrival->address, &arrival->key) < 0) {
        return -1;
    }
    let_wait(waiting, agg);
    return is_full(waiting) ? locate_event(worker, waiting) : 0;
}

static int take_event(struct worker *worker, struct window *window,
                      const struct event *event)
{
    struct verdict verdict = filter_event(&worker->filter, event);
    const struct arrival *kept = NULL;
    struct origin origin = {.kind = LOCATION_NONE};
    int ret = 0;

    if (worker->extended) {
        origin = location_origin_of(event);
        if (worker->keeps_traces)
            traces_see(&worker->traces, origin.kind, origin.location,
                       event->field[EVENT_ACCESS_KEY_ID]);
        if (facts_see_from(worker->facts, event, &origin) < 0)
            return -1;
    }
    if (verdict.outcome == OUTCOME_KEPT)
        ret = take_kept(worker, &window->kept, event, &verdict, &kept);
    else if (verdict.outcome != OUTCOME_NO_INSTANCE)
        ret = count_event(worker, event, verdict);
    if (ret == 0 && worker->extended &&
        event_category_is_call(event->field[EVENT_CATEGORY]))
        ret = take_located(worker, &window->located, event, &origin, &verdict,
                           kept);
    return ret;
}

/* Filter and aggregate the window's events, then forget them. */
static int drain_table(struct worker *worker, struct err *err)
{
    struct window window;
    int ret = 0;

    window.kept.put = window.kept.taken = 0;
    window.located.put = window.located.taken = 0;
    for (size_t i = 0; i < worker->table.count && ret == 0; i++) {
        const struct event *event = &worker->table.rows[i];

        ret = worker->again
                  ? worker->again->take(worker->again->context, worker, event)
                  : take_event(worker, &window, event);
    }
    while (ret == 0 && window.kept.taken < window.kept.put)
        ret = keep_event(worker, &window.kept);
    while (ret == 0 && window.located.taken < window.located.put)
        ret = locate_event(worker, &window.located);
    event_table_clear(&worker->table);
    tell_kept(worker);
    return ret < 0 ? err_memory(err) : 0;
}

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

static int take_item(struct worker *worker, struct progress *progress,
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

/* Where the reader's bytes come from, if it does not get them itself:
 * inflated in a thread ahead of the scan, or counted for the progress. */
struct source {
    struct inflate_stream *stream;
    struct parallel_ahead *thread; /* NULL: none */
    struct err err;                /* the stream's, behind its last bytes */
    struct meter *meter;           /* NULL: none */
    uint64_t bytes_told;           /* packed, that it knows of */
};

/* Up to the packed byte `offset`, which damage may set back. */
static void tell_bytes(struct source *source, uint64_t offset)
{
    if (!source->meter || offset <= source->bytes_told)
        return;
    meter_add(source->meter, offset - source->bytes_told, 0);
    source->bytes_told = offset;
}

static enum inflate_status read_source(void *context, char *into,
                                       size_t max_bytes, size_t *count,
                                       struct err *err)
{
    struct source *source = context;
    enum inflate_status status =
        inflate_read(source->stream, into, max_bytes, count, err);

    tell_bytes(source, inflate_offset(source->stream));
    return status;
}

static int inflate_block(void *context, char *into, size_t max_bytes,
                         size_t *count)
{
    struct source *source = context;

    return (int)read_source(source, into, max_bytes, count, &source->err);
}

static enum inflate_status read_ahead(void *context, char *into,
                                      size_t max_bytes, size_t *count,
                                      struct err *err)
{
    struct source *source = context;
    enum inflate_status status = (enum inflate_status)parallel_ahead_take(
        source->thread, into, max_bytes, count);

    if (status != INFLATE_OK)
        *err = source->err;
    return status;
}

_Static_assert(INFLATE_OK == 0, "parallel_ahead takes 0 for: go on");

/* Everything that the reader gives out of one input. */
static int read_items(struct worker *worker, struct progress *progress,
                      struct err *err)
{
    for (;;) {
        struct reader_item item;

        switch (reader_next(worker->reader, &item, err)) {
        case READER_ITEM:
            if (!progress->begun && worker->options->partial)
                progress->first_item = hash_128(digest_key, item.text);
            progress->begun = true;
            if (take_item(worker, progress, &item, err) < 0)
                return -1;
            break;
        case READER_WINDOW:
            if (drain_table(worker, err) < 0)
                return -1;
            break;
        case READER_END:
            return drain_table(worker, err);
        case READER_FAILED:
            return -1;
        }
    }
}

/* What an input is that was read to its end without damage. */
static enum input_status judge_read(const struct progress *progress)
{
    if (progress->ordinary || progress->unreadable > 0)
        return INPUT_READ;
    return progress->sibling != INPUT_PENDING ? progress->sibling
                                              : INPUT_FOREIGN;
}

/* Did a file end before the size that the walk saw? Then what it held
 * behind is lost, though what is left may end well. One that has grown is
 * read as far as it goes. */
static bool has_shrunk(const struct worker *worker, const struct input *input)
{
    enum input_status status = reader_result(worker->reader)->status;

    return (status == INPUT_READ || status == INPUT_EMPTY) &&
           !input->is_stdin && reader_offset(worker->reader) < input->bytes;
}

/* Below the last slash. */
static struct span base_name(struct span path)
{
    size_t at = path.len;

    while (at > 0 && path.ptr[at - 1] != '/')
        at--;
    return span_of(path.ptr + at, path.len - at);
}

/*
 * What tells the input from others, for what tells partials apart: how its
 * first item begins, and the figures; of one without any its name alone, so
 * that where it lies does not matter. Another mention of a file counts
 * nowhere.
 */
static void digest(struct worker *worker, const struct input *input,
                   enum input_status status, const struct progress *progress)
{
    struct hash128 text = progress && progress->begun
                              ? progress->first_item
                              : hash_128(digest_key, base_name(input->path));
    const struct reader_result *result = reader_result(worker->reader);
    const uint64_t facts[] = {
        text.lo,
        text.hi,
        (uint64_t)status,
        progress ? result->bytes_packed : 0,
        progress ? result->bytes_unpacked : 0,
        progress ? progress->records : 0,
    };
    char bytes[sizeof(facts)];

    if (status == INPUT_SAME_FILE)
        return;
    for (size_t i = 0; i < sizeof(bytes); i++) /* the same on every machine */
        bytes[i] = (char)(facts[i / 8] >> (8 * (i % 8)) & 0xff);
    worker->digest = hash_sum(
        worker->digest, hash_128(digest_key, span_of(bytes, sizeof(bytes))));
}

/* The input's line in the ledger. `progress` is NULL if it was not opened. */
static int book(struct worker *worker, const struct input *input,
                enum input_status status, uint64_t offset, struct span reason,
                const struct progress *progress, struct err *err)
{
    worker->ended = status;
    if (worker->options->partial)
        digest(worker, input, status, progress);
    return ledger_book(&worker->ledger, input->path, status, offset, reason,
                       input->delivery, err);
}

/* The same for one that was read to its end. */
static int book_read(struct worker *worker, const struct input *input,
                     const struct progress *progress, struct err *err)
{
    struct ledger *ledger = &worker->ledger;
    const struct reader_result *result = reader_result(worker->reader);
    enum input_status status = result->status;
    struct span reason = span_str(result->reason);
    uint64_t offset = result->offset;
    uint64_t damages = result->damages + progress->broken;
    struct err all;

    ledger->bytes_packed += result->bytes_packed;
    ledger->bytes_unpacked += result->bytes_unpacked;
    if (progress->unreadable > 0 &&
        ledger_note_unreadable_records(ledger, input->path,
                                       progress->unreadable, progress->offset,
                                       span_str(progress->why.text), err) < 0)
        return -1;
    if (status == INPUT_READ && progress->broken > 0) {
        status = INPUT_DAMAGED;
        offset = progress->broken_at;
        reason = SPAN("an object that is no JSON");
    }
    if (status == INPUT_DAMAGED && damages > 1) {
        err_set(&all, "%.*s; %" PRIu64 " places in all", (int)reason.len,
                reason.ptr, damages);
        reason = span_str(all.text);
    }
    if (status == INPUT_READ)
        status = judge_read(progress);
    if (status != INPUT_DAMAGED && has_shrunk(worker, input)) {
        status = INPUT_DAMAGED;
        offset = reader_offset(worker->reader);
        reason = SPAN("the file has shrunk since it was found");
    }
    if (status < INPUT_FIRST_SKIP) /* what is skipped counts nowhere else */
        ledger->records_read += progress->records;
    return book(worker, input, status, offset,
                reason.len ? reason : SPAN_ABSENT, progress, err);
}

/* Can the input's bytes be had once only? */
static bool is_stream(const struct input *input)
{
    return input->is_stdin || input->bytes == 0;
}

/* The input is a partial: it is for the run to read. A stream goes along as
 * it is. */
static int keep_partial(struct worker *worker, const struct input *input,
                        int fd, struct err *err)
{
    struct partial_input partial = {.input = input, .fd = fd};

    worker->ended = INPUT_PARTIAL;
    if (is_stream(input)) {
        partial.reader = worker->reader;
        worker->reader = NULL;
    } else {
        (void)sys_close(fd);
    }
    if (partial_list_add(&worker->partials, partial) < 0)
        return err_memory(err);
    return worker->reader ? 0 : get_reader(worker, err);
}

static int scan_input(struct worker *worker, const struct input *input,
                      struct err *err)
{
    struct progress progress = {0};
    struct source source = {.meter = worker->meter};
    int fd = input->is_stdin ? 0 : opener_open(&worker->opener, input->path);
    int ret;

    if (fd < 0) {
        struct err why = ERR_NONE;

        err_set(&why, "%s", strerror(errno));
        return book(worker, input, INPUT_UNREADABLE, 0, span_str(why.text),
                    NULL, err);
    }
    reader_start(worker->reader, fd);
    source.stream = reader_stream(worker->reader);
    /* What a thread ahead has read of a partial would be lost. */
    if (is_stream(input) && reader_judge(worker->reader, err) < 0)
        return -1;
    if (reader_result(worker->reader)->status == INPUT_PARTIAL)
        return keep_partial(worker, input, fd, err);
    if (worker->inflates_ahead)
        source.thread = parallel_ahead_start(inflate_block, &source);
    if (source.thread)
        reader_read_by(worker->reader, read_ahead, &source);
    else if (source.meter)
        reader_read_by(worker->reader, read_source, &source);
    if (worker->keeps_traces)
        traces_begin(&worker->traces);
    ret = read_items(worker, &progress, err);
    if (worker->keeps_traces)
        traces_end(&worker->traces, input);
    parallel_ahead_stop(source.thread);
    tell_bytes(&source, input->bytes); /* what damage left unread, too */
    if (ret == 0 && reader_result(worker->reader)->status == INPUT_PARTIAL)
        return keep_partial(worker, input, fd, err);
    if (ret == 0)
        ret = book_read(worker, input, &progress, err);
    if (!input->is_stdin)
        (void)sys_close(fd); /* only read from: nothing can be lost */
    return ret;
}

/* A partial is always inside a time frame, but until now only the walk has
 * seen the file, from outside. One with a delivery in its name is a log. 1 if
 * it was one and is kept, 0 if not; -1 when memory is out. */
static int look_for_partial(struct worker *worker, const struct input *input,
                            struct err *err)
{
    int fd;

    if (input->status != INPUT_OUTSIDE_TIMEFRAME ||
        input->delivery != TIMESTAMP_UNKNOWN)
        return 0;
    fd = opener_open(&worker->opener, input->path);
    if (fd < 0)
        return 0;
    reader_start(worker->reader, fd);
    if (reader_judge(worker->reader, err) < 0) {
        (void)sys_close(fd);
        return -1;
    }
    if (reader_result(worker->reader)->status == INPUT_PARTIAL)
        return keep_partial(worker, input, fd, err) < 0 ? -1 : 1;
    (void)sys_close(fd);
    return 0;
}

int worker_take(struct worker *worker, const struct input *input,
                struct err *err)
{
    int kept;

    if (input->status == INPUT_PENDING)
        return scan_input(worker, input, err);
    kept = look_for_partial(worker, input, err);
    if (kept)
        return kept < 0 ? -1 : 0;
    return book(worker, input, input->status, 0, input->why, NULL, err);
}
