/*
 * steps: a scan that stops after one of its steps, to tell what each of them
 * costs. The trip is worker.c's for plain trail files, one thread, without
 * what a scan does about odd ones.
 *
 *   steps STEP PATH...    STEP: read, match, extract, filter, keep
 *
 * `read` inflates and delimits; `match` asks of each record whether it can name
 * an instance, most of them while they are delimited; `extract` reads the
 * fields of those that can; `filter` judges them; `keep` adds them to the
 * aggregate, without window.c's queue. Prints how many records came so far.
 */
#include "detect/aggregate.h"
#include "detect/filter.h"
#include "event/event_table.h"
#include "event/extract.h"
#include "input/delimit.h"
#include "input/marks.h"
#include "input/opener.h"
#include "input/reader.h"
#include "input/walk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum step {
    STEP_READ,
    STEP_MATCH,
    STEP_EXTRACT,
    STEP_FILTER,
    STEP_KEEP,
    STEP_COUNT,
};

static const char *const step_names[STEP_COUNT] = {"read", "match", "extract",
                                                   "filter", "keep"};

struct run {
    enum step last;
    uint64_t reached[STEP_COUNT];
    struct reader *reader;
    struct extractor *extractor;
    struct event_table table;
    struct aggregate aggregate;
    struct filter_options filter;
};

static _Noreturn void die(const char *what, const struct err *err)
{
    (void)fprintf(stderr, "steps: %s: %s\n", what, err->text);
    exit(2);
}

static bool goes_on(struct run *run, enum step step)
{
    run->reached[step]++;
    return run->last > step;
}

static void take(struct run *run, const struct reader_item *item)
{
    struct err err = ERR_NONE;
    struct event *event;

    if (!goes_on(run, STEP_READ) ||
        !(marks_in(item->text, MARK_INSTANCE) & MARK_INSTANCE ||
          (item->backslash && extract_may_match(item->text))))
        return;
    if (!goes_on(run, STEP_MATCH))
        return;
    event = event_table_next(&run->table);
    if (!event || extract_scan.record(run->extractor, item->text,
                                      &run->table.arena, event, &err) < 0)
        die("a record", &err);
    if (goes_on(run, STEP_EXTRACT))
        event_table_keep(&run->table);
}

/* Records that name no instance. */
static bool pass_records(struct run *run, struct span text)
{
    const char *record = text.ptr, *seen;
    struct delimit delimit;
    size_t passed =
        delimit_records(&record, text.ptr + text.len, &delimit, &seen);

    if (passed == 0)
        return false;
    reader_pass(run->reader, record - 1);
    run->reached[STEP_READ] += passed;
    return true;
}

/* A call by an instance, where it stands in the window. */
static bool extract_call(struct run *run, struct span text)
{
    struct event *event = event_table_next(&run->table);

    if (!event)
        die("a record", &(struct err){"memory is out"});
    if (!extract_front(text, event))
        return false;
    reader_pass(run->reader, event->record.ptr + event->record.len);
    run->reached[STEP_READ]++;
    run->reached[STEP_MATCH]++;
    if (goes_on(run, STEP_EXTRACT))
        event_table_keep(&run->table);
    return true;
}

/* What need not become an item, where it stands in the window. */
static bool take_front(struct run *run)
{
    struct span text;

    if (run->last < STEP_MATCH || !reader_at_record(run->reader, &text))
        return false;
    return run->last >= STEP_EXTRACT && extract_front_is_instances(text)
               ? extract_call(run, text)
               : pass_records(run, text);
}

static void drain(struct run *run)
{
    for (size_t i = 0; i < run->table.count; i++) {
        const struct event *event = &run->table.rows[i];
        struct aggregate_key key;
        struct verdict verdict;

        filter_event(&run->filter, event, &verdict);
        if (!goes_on(run, STEP_FILTER) || verdict.outcome != OUTCOME_KEPT)
            continue;
        if (aggregate_prepare(&run->aggregate, event, verdict.instance,
                              verdict.address, &key) < 0 ||
            aggregate_add(&run->aggregate, &key, event, verdict.instance,
                          verdict.address) == OUTCOME_COUNT)
            die("the aggregate", &(struct err){"memory is out"});
        run->reached[STEP_KEEP]++;
    }
    event_table_clear(&run->table);
}

static void read_file(struct run *run, int fd)
{
    struct err err = ERR_NONE;
    struct reader_item item;

    reader_start(run->reader, fd);
    for (;;) {
        if (take_front(run))
            continue;
        switch (reader_next(run->reader, &item, &err)) {
        case READER_ITEM:
            take(run, &item);
            break;
        case READER_WINDOW:
            drain(run);
            break;
        case READER_END:
            drain(run);
            return;
        case READER_FAILED:
            die("the reader", &err);
        }
    }
}

static void read_all(struct run *run, const struct walk *walk)
{
    struct opener opener = {0};

    for (size_t i = 0; i < walk->count; i++) {
        const struct input *input = &walk->inputs[i];
        int fd;

        if (input->status != INPUT_PENDING)
            continue;
        fd = opener_open(&opener, input->path);
        if (fd < 0)
            die(input->path.ptr, &(struct err){"cannot be opened"});
        read_file(run, fd);
        (void)close(fd);
    }
    opener_release(&opener);
}

static enum step step_named(const char *name)
{
    int step = 0;

    while (step < STEP_COUNT && strcmp(step_names[step], name) != 0)
        step++;
    return (enum step)step;
}

int main(int argc, char **argv)
{
    struct err err = ERR_NONE;
    struct walk walk = WALK_INIT;
    struct run run = {
        .last = argc > 2 ? step_named(argv[1]) : STEP_COUNT,
        .extractor = extract_scan.create(),
        .table = EVENT_TABLE_INIT,
        .filter = FILTER_OPTIONS_DEFAULT,
    };

    run.reader = reader_new(READER_WINDOW_BYTES, &err);
    if (run.last == STEP_COUNT || !run.reader || !run.extractor) {
        (void)fprintf(stderr, "usage: steps STEP PATH...\n");
        return 2;
    }
    for (int i = 2; i < argc; i++)
        if (walk_add(&walk, span_str(argv[i]), false, &err) < 0)
            die(argv[i], &err);
    walk_finish(&walk);
    (void)delimit_choose(NULL); /* the fastest there is: always one */
    aggregate_init(&run.aggregate, false);
    run.aggregate.reach = IDENTITY_HERE; /* as a scan of logs alone */
    read_all(&run, &walk);
    for (int step = 0; step <= (int)run.last; step++)
        printf("%s %" PRIu64 "\n", step_names[step], run.reached[step]);
    aggregate_release(&run.aggregate);
    event_table_release(&run.table);
    extract_scan.destroy(run.extractor);
    reader_free(run.reader);
    walk_release(&walk);
    return 0;
}
