/* Whatever is looked for, the inputs that can be read twice are, and those
 * that fail this time are told. */
#include "again.h"

#include "base/sys.h"
#include "crew.h"
#include "detect/location.h"
#include "event/member_text.h"
#include "input/delimit.h"

/* A second reading under way. */
struct rereading {
    const struct walk *walk;
    const enum input_status *first; /* how each input did … */
    enum input_status *ended;       /* … and does now; PENDING where … */
    bool *wanted;                   /* … it is not read again */
    bool failed;                    /* one that was read could not be again */
    struct report *report;

    int (*collect)(void *context, struct worker *worker, struct err *err);
    void *context;
};

static void rereading_release(struct rereading *run)
{
    sys_free(run->ended);
    sys_free(run->wanted);
}

/* Can the input be opened again, and give the same bytes? Not standard
 * input, and not a FIFO, which has no size. */
static bool is_rereadable(const struct input *input, enum input_status ended)
{
    return (ended == INPUT_READ || ended == INPUT_DAMAGED) &&
           !input->is_stdin && input->bytes > 0;
}

static int rereading_init(struct rereading *run, const struct walk *walk,
                          struct report *report,
                          const struct second_reading *again, struct err *err)
{
    *run = (struct rereading){
        .walk = walk,
        .first = report->ended,
        .ended = sys_calloc(walk->count, sizeof(*run->ended)),
        .wanted = sys_calloc(walk->count, sizeof(*run->wanted)),
        .report = report,
    };
    if (!run->ended || !run->wanted)
        return err_memory(err);
    for (size_t i = 0; i < walk->count; i++)
        run->wanted[i] =
            is_rereadable(&walk->inputs[i], report->ended[i]) &&
            (!again->opens || again->opens(again->context, &walk->inputs[i]));
    return 0;
}

/* An input that was read, and `again` could not be: its events are counted,
 * but what the second reading was for may have stood in it. `said` is what
 * the worker said of it, if it said anything. */
static int book_failure(struct rereading *run, size_t at,
                        const struct ledger_note *said, struct err *err)
{
    struct ledger_note note = {.path = run->walk->inputs[at].path,
                               .status = run->ended[at]};
    struct err why = ERR_NONE;

    if (said) {
        note.offset = said->offset;
        err_set(&why, "%s", said->reason.ptr);
    } else { /* replaced, or emptied */
        note.status = INPUT_UNREADABLE;
        err_set(&why, "it has changed");
    }
    err_prefix(&why, "when read again");
    note.reason = span_str(why.text);
    run->failed = true;
    run->report->ended[at] = note.status; /* told once */
    return ledger_rebook(&run->report->ledger, INPUT_READ, note, err);
}

static bool has_failed(const struct rereading *run, size_t at)
{
    return run->wanted[at] && run->first[at] == INPUT_READ &&
           run->ended[at] != INPUT_READ;
}

static const struct ledger_note *note_of(const struct worker *worker,
                                         struct span path,
                                         enum input_status status)
{
    for (size_t i = 0; i < worker->ledger.note_count; i++)
        if (worker->ledger.notes[i].status == status &&
            span_eq(worker->ledger.notes[i].path, path))
            return &worker->ledger.notes[i];
    return NULL;
}

/* Of a worker's ledger only what the first reading does not know is kept.
 * Without a worker: what none of them had a word for. */
static int book_failures(struct rereading *run, const struct worker *worker,
                         struct err *err)
{
    for (size_t i = 0; i < run->walk->count; i++) {
        const struct ledger_note *said = NULL;

        if (!has_failed(run, i))
            continue;
        if (worker)
            said = note_of(worker, run->walk->inputs[i].path, run->ended[i]);
        if ((said || !worker) && book_failure(run, i, said, err) < 0)
            return -1;
    }
    return 0;
}

static int collect_worker(void *context, struct worker *worker, struct err *err)
{
    struct rereading *run = context;

    return book_failures(run, worker, err) < 0
               ? -1
               : run->collect(run->context, worker, err);
}

static bool is_complete(const struct rereading *run)
{
    if (run->failed)
        return false;
    for (size_t i = 0; i < run->walk->count; i++)
        if ((run->first[i] == INPUT_READ || run->first[i] == INPUT_DAMAGED) &&
            run->ended[i] != run->first[i])
            return false;
    return true;
}

int again_read(const struct scan_options *options, const struct walk *walk,
               struct report *report, const struct second_reading *again,
               int (*collect)(void *context, struct worker *worker,
                              struct err *err),
               void *context, bool *complete, struct err *err)
{
    struct rereading run;
    int ret = rereading_init(&run, walk, report, again, err);
    const struct crew_order order = {
        .wanted = run.wanted,
        .again = again,
        .collect = collect_worker,
        .context = &run,
    };

    run.collect = collect;
    run.context = context;
    if (ret == 0)
        ret = crew_read(options, walk, &order, run.ended, err);
    if (ret == 0)
        ret = book_failures(&run, NULL, err);
    if (ret == 0 && complete)
        *complete = is_complete(&run);
    rereading_release(&run);
    return ret;
}

/* -------------------------------------------------------------- chains */

/* The keys that are followed; shared by the workers, who only read. */
struct chains {
    const struct facts *facts;
    struct strings keys;
};

static bool is_followed(const void *context, struct span value)
{
    const struct chains *chains = context;

    return strings_find(&chains->keys, value) != STRINGS_FAILED;
}

static bool may_be_chained(const void *context, const struct unwrapped *record)
{
    return (record->marks & MARK_ESCAPE && extract_may_spell(record->text)) ||
           member_text_any(record->text, SPAN("\"accessKeyId\""), is_followed,
                           context);
}

/* A call made with such a key, within the window and not ignored, is the
 * instance's. A session that itself bears an instance's name is that one's.
 * Absent if it is none. */
static struct span chained_instance(const struct facts *facts,
                                    struct worker *worker,
                                    const struct event *event,
                                    struct ip *location)
{
    struct span instance =
        facts_key_issuer(facts, event->field[EVENT_ACCESS_KEY_ID]);

    if (!span_present(instance) ||
        !event_category_is_call(event->field[EVENT_CATEGORY]) ||
        span_present(location_instance_of(event)) ||
        location_of(event, location) == LOCATION_NONE ||
        filter_is_outside(&worker->filter, event->time) ||
        filter_ignores(&worker->filter, event, instance))
        return SPAN_ABSENT;
    return instance;
}

static int take_chained(void *context, struct worker *worker,
                        const struct event *event)
{
    const struct chains *chains = context;
    struct located *located = &worker->located;
    struct aggregate_key key;
    struct ip location;
    struct span instance =
        chained_instance(chains->facts, worker, event, &location);

    if (!span_present(instance))
        return 0;
    return located_prepare_chained(located, event, instance, location, &key) < 0
               ? -1
               : located_add(located, &key, event, instance, location);
}

static int collect_chained(void *context, struct worker *worker,
                           struct err *err)
{
    struct report *report = context;
    const struct aggregate *agg = &worker->located.aggregate;

    for (size_t i = 0; i < agg->group_count; i++)
        if (facts_see_chained_use(report->facts,
                                  aggregate_instance_id(agg, (uint32_t)i),
                                  agg->groups[i].address, err) < 0)
            return -1;
    policy_use_merge(&report->policy, &worker->policy);
    return located_merge(&report->located, &worker->located, err);
}

/* Those that were used; most that instances issue are not, or elsewhere. */
static int choose_keys(struct chains *chains, const struct located *located,
                       struct err *err)
{
    struct span key;

    for (size_t i = 0; span_present(key = facts_chained_key(chains->facts, i));
         i++)
        if (located_may_use(located, key) &&
            strings_intern(&chains->keys, key) == STRINGS_FAILED)
            return err_memory(err);
    return 0;
}

int again_follow_chains(const struct scan_options *options,
                        const struct walk *walk, struct report *report,
                        struct err *err)
{
    struct chains chains = {.facts = report->facts};
    const struct second_reading again = {
        .wants = may_be_chained,
        .take = take_chained,
        .context = &chains,
    };
    bool complete = true;
    int ret;

    strings_init(&chains.keys);
    ret = choose_keys(&chains, &report->located, err);
    if (ret == 0 && chains.keys.count > 0)
        ret = again_read(options, walk, report, &again, collect_chained, report,
                         &complete, err);
    report->located.unfollowed = !complete;
    strings_release(&chains.keys);
    return ret;
}

/* ------------------------------------------------------------ disputes */

/* Whose texts decide. */
struct settling {
    struct report *report;
    struct chains chains; /* no keys: no chained call is disputed */
};

static bool may_be_disputed(const void *context, const struct unwrapped *record)
{
    const struct settling *settling = context;

    return unwrapped_may_match(record) ||
           (settling->chains.keys.count > 0 &&
            may_be_chained(&settling->chains, record));
}

/* Whose call evidence counts the event as, and where; absent if nobody's. As
 * in the first reading (window.c), and in that of the chains, where its
 * identity bears the key. */
static struct span located_as(const struct settling *settling,
                              struct worker *worker, const struct event *event,
                              const struct verdict *verdict,
                              struct ip *location)
{
    struct span instance = location_instance_of(event);

    if (!span_present(instance))
        return span_present(chained_instance(settling->chains.facts, worker,
                                             event, location))
                   ? event->field[EVENT_ACCESS_KEY_ID]
                   : SPAN_ABSENT;
    if (verdict->outcome == OUTCOME_NO_INSTANCE ||
        verdict->outcome == OUTCOME_OUTSIDE_WINDOW ||
        verdict->outcome == OUTCOME_ALLOWED ||
        location_of(event, location) == LOCATION_NONE ||
        (verdict->outcome != OUTCOME_KEPT &&
         filter_ignores(&worker->filter, event, instance)))
        return SPAN_ABSENT;
    return instance;
}

static int settle_event(void *context, struct worker *worker,
                        const struct event *event)
{
    const struct settling *settling = context;
    struct report *report = settling->report;
    struct verdict verdict;
    struct span as;
    struct ip location;

    filter_event(&worker->filter, event, &verdict);
    if (verdict.outcome == OUTCOME_KEPT &&
        aggregate_settle(&report->aggregate, event, verdict.instance,
                         verdict.address) < 0)
        return -1;
    if (report->located.aggregate.dispute_count == 0)
        return 0;
    as = located_as(settling, worker, event, &verdict, &location);
    return span_present(as) ? aggregate_settle(&report->located.aggregate,
                                               event, as, location)
                            : 0;
}

static int collect_nothing(void *context, struct worker *worker,
                           struct err *err)
{
    (void)context, (void)worker, (void)err;
    return 0;
}

int again_settle(const struct scan_options *options, const struct walk *walk,
                 struct report *report, struct err *err)
{
    struct settling settling = {report, {.facts = report->facts}};
    const struct second_reading again = {
        .wants = may_be_disputed,
        .take = settle_event,
        .context = &settling,
    };
    struct scan_options alone = *options; /* all share the aggregates */
    int ret = 0;

    if (report->aggregate.dispute_count == 0 &&
        report->located.aggregate.dispute_count == 0)
        return 0;
    alone.threads = 1;
    strings_init(&settling.chains.keys);
    if (report->located.aggregate.dispute_count > 0)
        ret = choose_keys(&settling.chains, &report->located, err);
    if (ret == 0)
        ret = again_read(&alone, walk, report, &again, collect_nothing, NULL,
                         NULL, err);
    strings_release(&settling.chains.keys);
    return ret;
}
