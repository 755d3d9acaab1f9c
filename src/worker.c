/*
 * The trip of one input: read window by window, a window's records extracted
 * into the event table (records.h), its rows judged by the filter and added to
 * the aggregate (window.h).
 */
#include "worker.h"

#include "base/sys.h"
#include "meter.h"
#include "parallel.h"
#include "records.h"
#include "window.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

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
        int taken = records_take_front(worker, progress, err);

        if (taken < 0)
            return -1;
        if (taken)
            continue;
        switch (reader_next(worker->reader, &item, err)) {
        case READER_ITEM:
            if (!progress->begun && worker->options->partial)
                progress->first_item = hash_128(digest_key, item.text);
            progress->begun = true;
            if (records_take(worker, progress, &item, err) < 0)
                return -1;
            break;
        case READER_WINDOW:
            if (window_drain(worker, err) < 0)
                return -1;
            break;
        case READER_END:
            return window_drain(worker, err);
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
