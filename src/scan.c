/*
 * The trip: walk's inputs, each read window by window; a window's records
 * extracted into the event table; its rows judged by the filter and added
 * to the aggregate; at the end the rule makes alerts of it. Should copies
 * of one event differ in what an alert shows, the inputs are read once
 * more to let their texts decide.
 */
#include "scan.h"

#include "base/sys.h"
#include "event/event_table.h"
#include "event/extract.h"
#include "event/shape.h"
#include "input/reader.h"

#include <errno.h>
#include <string.h>

/* What one thread owns; workers share nothing until they are merged. */
struct worker {
    const struct scan_options *options;
    struct reader *reader;
    const struct extractor_kind *extract;
    struct extractor *extractor;
    struct event_table table;
    struct aggregate aggregate;
    struct outcome_counts outcomes;
    struct focus focus;
    struct ledger ledger;
    struct aggregate *settling; /* the second reading: offer events to this
                                 * and count nothing */
};

/* What is known of the input being read. */
struct progress {
    uint64_t records;
    uint64_t unreadable; /* records that could not be read … */
    uint64_t offset;     /* … the first of them, … */
    struct err why;      /* … and what was wrong with it */
    bool broken;         /* the input holds an object that is no JSON … */
    uint64_t broken_at;  /* … here */
};

static int worker_init(struct worker *worker,
                       const struct scan_options *options, struct err *err)
{
    *worker = (struct worker){
        .options = options, .extract = &extract_dom, .table = EVENT_TABLE_INIT};
    ledger_init(&worker->ledger, options->keep_skips);
    aggregate_init(&worker->aggregate, options->keep_duplicates);
    outcome_counts_init(&worker->outcomes);
    if (focus_init(&worker->focus, options->rule.instances,
                   options->rule.instance_count, err) < 0)
        return -1;
    worker->reader = reader_new(READER_WINDOW_BYTES, err);
    if (!worker->reader)
        return -1;
    worker->extractor = worker->extract->create();
    return worker->extractor ? 0 : err_memory(err);
}

static void worker_release(struct worker *worker)
{
    reader_free(worker->reader);
    if (worker->extractor)
        worker->extract->destroy(worker->extractor);
    event_table_release(&worker->table);
    aggregate_release(&worker->aggregate);
    focus_release(&worker->focus);
    ledger_release(&worker->ledger);
}

/* Count one `:i-` event, and keep it if the filter did. */
static int count_event(struct worker *worker, const struct event *event,
                       struct verdict verdict)
{
    if (verdict.outcome == OUTCOME_KEPT)
        verdict.outcome = aggregate_add(&worker->aggregate, event,
                                        verdict.instance, verdict.address);
    if (verdict.outcome == OUTCOME_COUNT)
        return -1;
    outcome_counts_add(&worker->outcomes, verdict.outcome, event->time);
    return focus_add(&worker->focus, verdict.instance, verdict.outcome,
                     event->time, event->field[EVENT_SOURCE_IP_ADDRESS]);
}

/* Filter and aggregate the window's events, then forget them. */
static int drain_table(struct worker *worker, struct err *err)
{
    int ret = 0;

    for (size_t row = 0; row < worker->table.rows && ret == 0; row++) {
        struct event event = event_table_get(&worker->table, row);
        struct verdict verdict =
            filter_row(&worker->options->filter, &worker->table, row);

        if (verdict.outcome == OUTCOME_NO_INSTANCE)
            continue;
        if (!worker->settling)
            ret = count_event(worker, &event, verdict);
        else if (verdict.outcome == OUTCOME_KEPT)
            ret = aggregate_settle(worker->settling, &event, verdict.instance,
                                   verdict.address);
    }
    event_table_clear(&worker->table);
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

/* A record whose events may matter goes into the table. */
static int extract_record(struct worker *worker, struct progress *progress,
                          const struct reader_item *item, struct err *err)
{
    struct err why = ERR_NONE;
    struct event event;
    int ret;

    if (item->illegal) {
        unreadable_record(progress, item->offset,
                          "bytes that JSON allows nowhere");
        return 0;
    }
    if (!extract_may_match(item->text)) {
        progress->records++;
        return 0;
    }
    ret = worker->extract->record(worker->extractor, item->text,
                                  &worker->table.arena, &event, &why);
    if (ret == EXTRACT_NO_MEMORY)
        return err_memory(err);
    if (ret < 0) {
        unreadable_record(progress, item->offset, why.text);
        return 0;
    }
    progress->records++;
    return event_table_add(&worker->table, &event) < 0 ? err_memory(err) : 0;
}

static int take_item(struct worker *worker, struct progress *progress,
                     const struct reader_item *item, struct err *err)
{
    if (item->kind == READER_OVERSIZE) {
        unreadable_record(progress, item->offset, "it is over 16 MB");
        return 0;
    }
    switch (shape_of(item->text, item->kind == READER_RECORD)) {
    case SHAPE_RECORD:
        return extract_record(worker, progress, item, err);
    case SHAPE_BROKEN:
        if (item->kind == READER_RECORD) {
            unreadable_record(progress, item->offset, "no JSON object");
            return 0;
        }
        break;
    case SHAPE_FOREIGN:
        if (!item->illegal)
            return 0;
        break;
    }
    /* An object of no known shape that is no JSON either: the file breaks
     * here, and what it was cannot be told. */
    if (!progress->broken) {
        progress->broken = true;
        progress->broken_at = item->offset;
    }
    return 0;
}

/* Everything that the reader gives out of one input. */
static int read_items(struct worker *worker, struct progress *progress,
                      struct err *err)
{
    for (;;) {
        struct reader_item item;

        switch (reader_next(worker->reader, &item, err)) {
        case READER_ITEM:
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

/* The ledger's line for an input that was read to its end. */
static int book_read(struct worker *worker, const struct input *input,
                     const struct progress *progress, struct err *err)
{
    struct ledger *ledger = &worker->ledger;
    const struct reader_result *result = reader_result(worker->reader);
    enum input_status status = result->status;
    struct span reason = span_str(result->reason);
    uint64_t offset = result->offset;

    ledger->bytes_packed += result->bytes_packed;
    ledger->bytes_unpacked += result->bytes_unpacked;
    ledger->records_read += progress->records;
    if (progress->unreadable > 0 &&
        ledger_note_unreadable_records(ledger, input->path,
                                       progress->unreadable, progress->offset,
                                       span_str(progress->why.text), err) < 0)
        return -1;
    if (status == INPUT_READ && progress->broken) {
        status = INPUT_DAMAGED;
        offset = progress->broken_at;
        reason = SPAN("an object that is no JSON");
    }
    if (status == INPUT_READ && progress->records + progress->unreadable == 0)
        status = INPUT_FOREIGN;
    return ledger_book(ledger, input->path, status, offset,
                       reason.len ? reason : SPAN_ABSENT, input->delivery, err);
}

static int scan_input(struct worker *worker, const struct input *input,
                      struct err *err)
{
    struct progress progress = {0};
    int fd = input->is_stdin ? 0 : sys_open_read(input->path.ptr, 0);
    int ret;

    if (fd < 0) {
        struct err why = ERR_NONE;

        err_set(&why, "%s", strerror(errno));
        return ledger_book(&worker->ledger, input->path, INPUT_UNREADABLE, 0,
                           span_str(why.text), input->delivery, err);
    }
    reader_start(worker->reader, fd);
    ret = read_items(worker, &progress, err);
    if (ret == 0)
        ret = book_read(worker, input, &progress, err);
    if (!input->is_stdin)
        (void)sys_close(fd); /* only read from: nothing can be lost */
    return ret;
}

static int scan_inputs(struct worker *worker, const struct walk *walk,
                       struct err *err)
{
    for (size_t i = 0; i < walk->count; i++) {
        const struct input *input = &walk->inputs[i];
        int ret = input->status == INPUT_PENDING
                      ? scan_input(worker, input, err)
                      : ledger_book(&worker->ledger, input->path, input->status,
                                    0, input->why, input->delivery, err);

        if (ret < 0)
            return -1;
    }
    return 0;
}

/* Unite what a worker found with the report. */
static int merge_worker(struct report *report, const struct worker *worker,
                        struct err *err)
{
    uint64_t again = 0;

    if (ledger_merge(&report->ledger, &worker->ledger, err) < 0 ||
        focus_merge(&report->focus, &worker->focus, err) < 0 ||
        aggregate_merge(&report->aggregate, &worker->aggregate, &again, err) <
            0)
        return -1;
    outcome_counts_merge(&report->outcomes, &worker->outcomes);
    report->outcomes.count[OUTCOME_KEPT] -= again;
    report->outcomes.count[OUTCOME_DUPLICATE] += again;
    return 0;
}

/* Can the input be opened again, and give the same bytes? Not standard
 * input, and not a FIFO, which has no size. */
static bool is_rereadable(const struct input *input)
{
    return input->status == INPUT_PENDING && !input->is_stdin &&
           input->bytes > 0;
}

/* The second reading: see aggregate_settle(). Its ledger is thrown away:
 * the first reading's stands. */
static int settle_disputes(const struct scan_options *options,
                           const struct walk *walk, struct report *report,
                           struct err *err)
{
    struct worker worker = {0};
    int ret = worker_init(&worker, options, err);

    worker.settling = &report->aggregate;
    for (size_t i = 0; i < walk->count && ret == 0; i++)
        if (is_rereadable(&walk->inputs[i]))
            ret = scan_input(&worker, &walk->inputs[i], err);
    worker_release(&worker);
    return ret;
}

/* Workers cannot see each other's duplicates, so what is kept of the
 * instances that were asked for is counted when all is united. */
static void settle_focus(struct report *report)
{
    const struct alert_list *alerts = &report->alerts;

    for (size_t i = 0; i < alerts->count; i++) {
        size_t at = report_focus_of(report, &alerts->items[i]);
        uint64_t kept = 0;

        for (size_t ip = 0; ip < alerts->items[i].ip_count; ip++)
            kept += alerts->items[i].ips[ip].count;
        if (at != SIZE_MAX)
            focus_settle(&report->focus, at, kept);
    }
}

static int conclude(const struct scan_options *options, struct report *report,
                    struct err *err)
{
    const struct ledger *ledger = &report->ledger;

    ledger_sort(&report->ledger);
    focus_sort(&report->focus);
    report->pairs = report->aggregate.group_count;
    report->min_ips = options->rule.min_ips;
    report->ipv6_counted = options->filter.ipv6;
    report->nothing_read =
        ledger->records_read + ledger->records_unreadable == 0;
    if (aggregate_count_instances(&report->aggregate, &report->instances) < 0)
        return err_memory(err);
    if (rule_apply(&options->rule, &report->aggregate, &report->alerts, err) <
        0)
        return -1;
    settle_focus(report);
    return 0;
}

int scan_run(const struct scan_options *options, const struct walk *walk,
             struct report *report, struct err *err)
{
    struct worker worker = {0};
    int ret = -1;

    report->alerts = ALERT_LIST_INIT;
    ledger_init(&report->ledger, options->keep_skips);
    aggregate_init(&report->aggregate, options->keep_duplicates);
    outcome_counts_init(&report->outcomes);
    if (focus_init(&report->focus, options->rule.instances,
                   options->rule.instance_count, err) < 0)
        goto done;
    if (worker_init(&worker, options, err) < 0 ||
        scan_inputs(&worker, walk, err) < 0 ||
        merge_worker(report, &worker, err) < 0)
        goto done;
    if (report->aggregate.dispute_count > 0 &&
        settle_disputes(options, walk, report, err) < 0)
        goto done;
    ret = conclude(options, report, err);
done:
    worker_release(&worker);
    return ret;
}
