/*
 * First every partial's header is looked at, so that what does not fit is
 * refused before anything is united, and one that was counted already is
 * told; then the rounds, then the union that counts.
 */
#include "partials.h"

#include "base/quote.h"
#include "base/sys.h"
#include "evidence/evidence.h"
#include "state/partial_merge.h"
#include "state/partial_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Each that is open holds about 0.4 MB. With so many a round, a thousand
 * partials are read twice. */
#define OPEN_MAX 128

/* Descriptors that a run needs besides. */
#define OPEN_RESERVED 16

/* A partial to be united, or a temporary one that was. */
struct part {
    struct span name;
    struct reader *from; /* borrowed from the list; NULL: it is opened, … */
    int fd; /* … but for a temporary one, which this is; else -1 */
    struct partial_reader *opened; /* behind its header, if it cannot be
                                    * opened again; owned */
    struct partial_header header;  /* only the leaves */
};

struct uniting {
    const struct scan_options *options;
    struct report *report;
    struct partial_header header; /* this run's */
    struct part *parts;           /* to be united */
    size_t count;
    size_t open_max;
    struct aggregate *located; /* by location, of the run's own inputs */
};

static void release_input(struct partial_input *partial)
{
    partial_reader_free(partial->learnt);
    if (partial->reader && !partial->input->is_stdin)
        (void)sys_close(partial->fd);
    reader_free(partial->reader);
}

void partial_list_release(struct partial_list *list)
{
    if (!list)
        return;
    for (size_t i = 0; i < list->count; i++)
        release_input(&list->items[i]);
    sys_free(list->items);
    *list = (struct partial_list){0};
}

int partial_list_add(struct partial_list *list, struct partial_input partial)
{
    struct partial_input *moved =
        sys_grow(list->items, &list->capacity, list->count + 1, sizeof(*moved));

    if (!moved) {
        release_input(&partial);
        return -1;
    }
    list->items = moved;
    moved[list->count++] = partial;
    return 0;
}

int partial_list_merge(struct partial_list *into, struct partial_list *from)
{
    int ret = 0;

    for (size_t i = 0; i < from->count; i++)
        if (partial_list_add(into, from->items[i]) < 0)
            ret = -1;
    from->count = 0;
    return ret;
}

/* --- opening --- */

static int open_part(const struct part *part, struct err *err)
{
    struct quoted quoted;
    int fd;

    if (part->fd >= 0)
        return part->fd;
    fd = sys_open_read(part->name.ptr, 0);
    if (fd < 0)
        err_set_errno(err, "cannot read '%s'", quote(&quoted, part->name));
    return fd;
}

static void close_part(const struct part *part, int fd)
{
    if (fd >= 0 && fd != part->fd)
        (void)sys_close(fd); /* only read from: nothing can be lost */
}

static int start(const struct uniting *run, const struct part *part,
                 struct partial_reader *reader, int fd, struct err *err)
{
    struct quoted quoted;
    enum partial_status status =
        partial_reader_start(reader, fd, part->from, err);

    if (status == PARTIAL_BROKEN)
        err_prefix(err, "'%s' is no whole partial", quote(&quoted, part->name));
    if (status != PARTIAL_GROUP)
        return -1;
    if (partial_header_fits(&run->header, partial_reader_header(reader), err) ==
        0)
        return 0;
    err_prefix(err, "cannot count the partial '%s'",
               quote(&quoted, part->name));
    return -1;
}

/* A reader behind the part's header, which the caller frees, and what it
 * reads from, for close_part(). NULL and `err`: nothing is left open. */
static struct partial_reader *open_reader(const struct uniting *run,
                                          struct part *part, int *fd,
                                          struct err *err)
{
    struct partial_reader *reader = part->opened;

    *fd = -1;
    part->opened = NULL;
    if (reader)
        return reader;
    if (!part->from) {
        *fd = open_part(part, err);
        if (*fd < 0)
            return NULL;
    }
    reader = partial_reader_new(err);
    if (reader && start(run, part, reader, *fd, err) == 0)
        return reader;
    partial_reader_free(reader);
    close_part(part, *fd);
    return NULL;
}

/* --- sinks --- */

/* Where united instances go. */
struct sink {
    struct partial_writer *writer; /* NULL: into the report */
    const char *name;              /* of what it writes */
    struct aggregate_order order;
    uint32_t numbering;
    bool counts;          /* its instances and pairs are the run's */
    uint64_t kept;        /* events so far … */
    uint64_t *focus_kept; /* … and of each instance of the figures' focus */
};

static void sink_release(struct sink *sink)
{
    partial_writer_free(sink->writer);
    aggregate_order_release(&sink->order);
    sys_free(sink->focus_kept);
}

static int fail_writing(const char *name, struct err *err)
{
    struct quoted quoted;

    err_prefix(err, "cannot write '%s'", quote(&quoted, span_str(name)));
    return -1;
}

/* One instance goes into the report, if it is listed. */
static int keep(const struct uniting *run, struct aggregate *agg,
                struct err *err)
{
    struct report *report = run->report;
    struct rule_options rule = run->options->rule;
    uint64_t duplicates = 0;
    int listed;

    rule.policy = run->options->policy ? &report->policy : NULL;
    listed = rule_lists(&rule, agg);
    if (listed < 0)
        return err_memory(err);
    return listed ? aggregate_merge(&report->aggregate, agg, &duplicates, err)
                  : 0;
}

/* The calls made with one access key: if an instance issued it, they are the
 * instance's. */
static int keep_keyed(const struct uniting *run, struct aggregate *agg,
                      struct err *err)
{
    struct report *report = run->report;
    struct span instance =
        facts_key_issuer(report->facts, aggregate_instance_id(agg, 0));

    if (!span_present(instance))
        return 0;
    for (size_t i = 0; i < agg->group_count; i++)
        if (facts_see_chained_use(report->facts, instance,
                                  agg->groups[i].address, err) < 0)
            return -1;
    return aggregate_merge_as(run->located, agg, instance, err);
}

/* One instance's locations go into the report if they are asked for there. */
static int keep_located(struct uniting *run, struct aggregate *agg,
                        struct err *err)
{
    struct report *report = run->report;
    const struct scan_options *options = run->options;
    struct rule_options rule = options->rule;
    struct located alone = report->located; /* with the sets of all */
    const struct evidence_options evidence = {
        .min_severity = options->min_severity,
        .rule = &rule,
        .ranges = options->owners ? owners_ranges(options->owners) : NULL,
        .expected = options->policy ? &report->located_policy : NULL,
    };
    uint64_t duplicates = 0;
    int listed;

    alone.aggregate = *agg;
    rule.policy = options->policy ? &report->policy : NULL;
    listed = evidence_lists(&evidence, &alone, report->facts,
                            strings_find(&report->aggregate.instances,
                                         aggregate_instance_id(agg, 0)) !=
                                STRINGS_FAILED);
    if (listed < 0)
        return err_memory(err);
    return listed ? aggregate_merge(&report->located.aggregate, agg,
                                    &duplicates, err)
                  : 0;
}

/* Into the report goes what it asks for. */
static int keep_any(struct uniting *run, enum partial_kind kind,
                    struct aggregate *agg, struct err *err)
{
    return kind == PARTIAL_RULED   ? keep(run, agg, err)
           : kind == PARTIAL_KEYED ? keep_keyed(run, agg, err)
                                   : keep_located(run, agg, err);
}

/* Count what the rule has, and pass all on. */
static int pour(struct uniting *run, struct sink *sink,
                const struct focus *focus, enum partial_kind kind,
                struct aggregate *agg, uint32_t numbering, struct err *err)
{
    bool ruled = kind == PARTIAL_RULED;

    for (size_t i = 0; i < agg->group_count && ruled; i++) {
        uint64_t count = agg->groups[i].count;
        size_t at = focus->instance_count == 0
                        ? 0
                        : focus_position(
                              focus, aggregate_instance_id(agg, (uint32_t)i));

        sink->kept += count;
        if (at < focus->instance_count)
            sink->focus_kept[at] += count;
    }
    run->report->instances += sink->counts && ruled ? agg->instances.count : 0;
    run->report->pairs += sink->counts && ruled ? agg->group_count : 0;
    if (!sink->writer)
        return keep_any(run, kind, agg, err);
    if (sink->numbering != numbering)
        partial_writer_forget(sink->writer);
    sink->numbering = numbering;
    if (aggregate_order_fill(&sink->order, agg) < 0)
        return err_memory(err);
    if (partial_writer_add(sink->writer, !ruled, agg, &sink->order, err) == 0)
        return 0;
    return fail_writing(sink->name, err);
}

/* --- uniting --- */

/* Sources of one union, all open. */
struct sources {
    struct part *parts;
    size_t count;
    struct partial_reader **readers;
    int *fds;
    struct partial_merge *merge;
};

static void sources_close(struct sources *sources)
{
    partial_merge_free(sources->merge);
    for (size_t i = 0; i < sources->count; i++) {
        if (sources->readers)
            partial_reader_free(sources->readers[i]);
        if (sources->fds)
            close_part(&sources->parts[i], sources->fds[i]);
    }
    sys_free(sources->readers);
    sys_free(sources->fds);
}

/* What the run found itself comes in, too. */
static int add_memory(const struct uniting *run, struct partial_merge *merge,
                      struct aggregate *memory, struct err *err)
{
    /* Calls of issued keys join those of the run's own instances. */
    enum partial_kind kind =
        run->options->partial ? PARTIAL_KEYED : PARTIAL_LOCATED;

    if (partial_merge_add_memory(merge, memory, PARTIAL_RULED, err) < 0)
        return -1;
    return run->options->extended
               ? partial_merge_add_memory(merge, run->located, kind, err)
               : 0;
}

static int sources_open(const struct uniting *run, struct part *parts,
                        size_t count, struct aggregate *memory,
                        struct sources *sources, struct err *err)
{
    *sources = (struct sources){
        .parts = parts,
        .count = count,
        .readers = sys_calloc(count, sizeof(struct partial_reader *)),
        .fds = sys_calloc(count, sizeof(int)),
        .merge = partial_merge_new(run->options->keep_duplicates, err),
    };
    for (size_t i = 0; i < count && sources->fds; i++)
        sources->fds[i] = -1;
    if (!sources->readers || !sources->fds || !sources->merge)
        return err_memory(err);
    if (memory && add_memory(run, sources->merge, memory, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        sources->readers[i] =
            open_reader(run, &parts[i], &sources->fds[i], err);
        if (!sources->readers[i] ||
            partial_merge_add_reader(sources->merge, sources->readers[i],
                                     parts[i].name, err) < 0)
            return -1;
    }
    return 0;
}

/* A duplicate is what was kept here and there, and is one event. */
static void settle(struct partial_figures *figures, const struct sink *sink)
{
    uint64_t *count = figures->outcomes.count;

    count[OUTCOME_DUPLICATE] += count[OUTCOME_KEPT] - sink->kept;
    count[OUTCOME_KEPT] = sink->kept;
    for (size_t i = 0; i < figures->focus.instance_count; i++)
        focus_settle(&figures->focus, i, sink->focus_kept[i]);
    ledger_sort(&figures->ledger);
    focus_sort(&figures->focus);
}

static int pour_all(struct uniting *run, struct sources *sources,
                    struct sink *sink, const struct focus *focus,
                    struct err *err)
{
    for (;;) {
        enum partial_kind kind;
        struct aggregate *united;

        switch (partial_merge_next(sources->merge, &kind, &united, err)) {
        case PARTIAL_GROUP:
            if (pour(run, sink, focus, kind, united,
                     partial_merge_numbering(sources->merge), err) < 0)
                return -1;
            break;
        case PARTIAL_END:
            return 0;
        default:
            return -1;
        }
    }
}

/*
 * What the sources hold goes into the sink, and their figures into
 * `figures`. With `memory` there is one source more, whose figures these are
 * already.
 */
static int unite(struct uniting *run, struct part *parts, size_t count,
                 struct aggregate *memory, struct sink *sink,
                 struct partial_figures *figures, struct err *err)
{
    struct sources sources = {0};
    int ret = -1;

    sink->focus_kept =
        sys_calloc(figures->focus.instance_count, sizeof(*sink->focus_kept));
    if (!sink->focus_kept)
        return err_memory(err);
    if (count == 0 && memory && sink->writer) { /* no union is needed */
        ret = pour(run, sink, &figures->focus, PARTIAL_RULED, memory, 1, err);
        if (ret == 0 && run->options->extended)
            ret = pour(run, sink, &figures->focus, PARTIAL_KEYED, run->located,
                       2, err);
    } else if (sources_open(run, parts, count, memory, &sources, err) == 0) {
        ret = pour_all(run, &sources, sink, &figures->focus, err);
    }
    for (size_t i = 0; i < count && ret == 0; i++)
        ret = partial_figures_merge(
            figures, &run->header, partial_reader_figures(sources.readers[i]),
            partial_reader_header(sources.readers[i]), err);
    if (ret == 0)
        settle(figures, sink);
    sources_close(&sources);
    return ret;
}

/* --- headers --- */

static int fill_header(const struct scan_options *options,
                       struct partial_header *header, struct err *err)
{
    header->ipv6 = options->filter.ipv6;
    header->keep_duplicates = options->keep_duplicates;
    header->extended = options->extended;
    header->since = options->filter.since;
    header->until = options->filter.until;
    if (partial_header_set_ignore(header, options->policy) < 0 ||
        partial_header_set_instances(header, options->rule.instances,
                                     options->rule.instance_count) < 0)
        return err_memory(err);
    return 0;
}

/* Look at one partial's header. */
static int look(struct uniting *run, struct part *part, struct err *err)
{
    const struct partial_header *header;
    struct partial_reader *reader;
    int ret;
    int fd;

    part->header = PARTIAL_HEADER_INIT;
    reader = open_reader(run, part, &fd, err);
    if (!reader)
        return -1;
    header = partial_reader_header(reader);
    run->header.identities &= header->identities;
    ret = partial_header_add_leaves(&part->header, header->leaves,
                                    header->leaf_count);
    if (part->from)
        part->opened = reader;
    else
        partial_reader_free(reader);
    close_part(part, fd);
    return ret < 0 ? err_memory(err) : 0;
}

/* Read one to its end. */
static int check_whole(struct uniting *run, struct part *part, struct err *err)
{
    int fd;
    struct partial_reader *reader = open_reader(run, part, &fd, err);
    struct partial_group group;
    struct quoted quoted;
    enum partial_status status;

    if (!reader)
        return -1;
    do
        status = partial_reader_next(reader, &group, err);
    while (status == PARTIAL_GROUP);
    if (status == PARTIAL_BROKEN)
        err_prefix(err, "'%s' is no whole partial", quote(&quoted, part->name));
    partial_reader_free(reader);
    close_part(part, fd);
    return status == PARTIAL_END ? 0 : -1;
}

/* The one made of most comes first: then one that is made of parts of it has
 * nothing to add. */
static int largest_first(const void *a, const void *b)
{
    const struct part *x = a, *y = b;

    if (x->header.leaf_count != y->header.leaf_count)
        return x->header.leaf_count > y->header.leaf_count ? -1 : 1;
    return span_cmp(x->name, y->name);
}

/* Take out those that were counted already, and note what overlaps. */
static int choose(struct uniting *run, struct err *err)
{
    struct report_partials *told = &run->report->partials;
    size_t kept = 0;

    if (run->count > 1)
        qsort(run->parts, run->count, sizeof(*run->parts), largest_first);
    for (size_t i = 0; i < run->count; i++) {
        struct part *part = &run->parts[i];
        size_t common = partial_header_common(&part->header, &run->header);

        if (common > 0 && common == part->header.leaf_count) {
            told->again++;
            if (check_whole(run, part, err) < 0)
                return -1;
            partial_header_release(&part->header);
            continue;
        }
        told->overlapping += common > 0;
        if (partial_header_add_leaves(&run->header, part->header.leaves,
                                      part->header.leaf_count) < 0)
            return err_memory(err);
        partial_header_release(&part->header);
        run->parts[kept++] = *part;
    }
    run->count = kept;
    return 0;
}

/* --- rounds --- */

static const char *temporary_folder(void)
{
    const char *folder = getenv("TMPDIR");

    return folder && *folder ? folder : "/tmp";
}

static void close_temporary(struct part *part)
{
    if (part->fd >= 0)
        (void)sys_close(part->fd);
    part->fd = -1;
}

static void part_release(struct part *part)
{
    close_temporary(part);
    partial_reader_free(part->opened);
    part->opened = NULL;
    partial_header_release(&part->header);
}

/* How many partials may be open at once. */
static size_t open_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
        limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur > OPEN_MAX + OPEN_RESERVED)
        return OPEN_MAX;
    /* Two in, and one out: fewer would lead nowhere. */
    return limit.rlim_cur < OPEN_RESERVED + 4
               ? 4
               : (size_t)limit.rlim_cur - OPEN_RESERVED;
}

/* Unite parts[0 .. count) into a temporary one, which takes the place of the
 * first. */
static int unite_into_temporary(struct uniting *run, struct part *parts,
                                size_t count, struct err *err)
{
    struct part united = {.name = SPAN("a temporary partial"), .fd = -1};
    const struct partial_packing packing = {.gzip = true};
    struct partial_figures figures;
    struct sink sink = {.name = temporary_folder()};
    int ret = partial_figures_init(&figures, &run->header, err);

    if (ret < 0)
        goto done;
    ret = -1;
    united.fd = sys_open_nameless(temporary_folder());
    if (united.fd < 0) {
        err_set_errno(err, "cannot write a temporary file in '%s'",
                      temporary_folder());
        goto done;
    }
    sink.writer = partial_writer_new(united.fd, packing, &run->header, err);
    if (!sink.writer ||
        unite(run, parts, count, NULL, &sink, &figures, err) < 0)
        goto done;
    if (partial_writer_end(sink.writer, &run->header, &figures, err) < 0 ||
        lseek(united.fd, 0, SEEK_SET) < 0) {
        (void)fail_writing(sink.name, err);
        goto done;
    }
    ret = 0;
done:
    sink_release(&sink);
    partial_figures_release(&figures);
    if (ret < 0 && united.fd >= 0)
        (void)sys_close(united.fd);
    if (ret < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        close_temporary(&parts[i]);
    parts[0] = united;
    return 0;
}

/* Until all that is left can be open at once. Temporary ones stay open, so
 * each takes a place from the next round. */
static int unite_in_rounds(struct uniting *run, struct err *err)
{
    size_t done = 0; /* parts[0 .. done) are temporary */

    while (run->count > run->open_max) {
        size_t room = run->open_max - done;
        size_t first = done;

        if (room < run->open_max / 2) { /* unite the temporary ones */
            first = 0;
            room = done;
            done = 0;
        }
        if (room > run->count - first)
            room = run->count - first;
        if (unite_into_temporary(run, run->parts + first, room, err) < 0)
            return -1;
        memmove(run->parts + first + 1, run->parts + first + room,
                (run->count - first - room) * sizeof(*run->parts));
        run->count -= room - 1;
        done++;
    }
    return 0;
}

/* --- the whole --- */

/* Begin with what the report knows of the run's own inputs. */
static int take_figures(struct uniting *run, struct partial_figures *figures,
                        struct err *err)
{
    struct report *report = run->report;
    const struct policy *policy = run->options->policy;

    if (partial_figures_init(figures, &run->header, err) < 0 ||
        focus_merge(&figures->focus, &report->focus, err) < 0)
        return -1;
    for (size_t i = 0; policy && i < policy->line_count; i++)
        if (policy->lines[i].verb == POLICY_IGNORE) {
            size_t at = partial_ignore_number(&run->header, &policy->lines[i]);

            if (at == SIZE_MAX)
                return err_memory(err);
            figures->ignore_hits[at] = report->policy.hits[i];
        }
    figures->ledger = report->ledger;
    ledger_init(&report->ledger, run->options->keep_skips);
    figures->outcomes = report->outcomes;
    figures->extracted = report->extracted;
    figures->handed_on = report->handed_on;
    figures->timeframe = run->options->timeframe.given;
    return 0;
}

static int give_figures_back(struct uniting *run,
                             struct partial_figures *figures, struct err *err)
{
    struct report *report = run->report;
    const struct policy *policy = run->options->policy;

    for (size_t i = 0; policy && i < policy->line_count; i++)
        if (policy->lines[i].verb == POLICY_IGNORE) {
            size_t at = partial_ignore_number(&run->header, &policy->lines[i]);

            if (at == SIZE_MAX)
                return err_memory(err);
            report->policy.hits[i] = figures->ignore_hits[at];
        }
    report->ledger = figures->ledger;
    ledger_init(&figures->ledger, run->options->keep_skips);
    report->outcomes = figures->outcomes;
    report->extracted = figures->extracted;
    report->handed_on = figures->handed_on;
    report->partials.timeframe = figures->timeframe;
    focus_release(&report->focus);
    return focus_init(&report->focus, run->options->rule.instances,
                      run->options->rule.instance_count, err) < 0 ||
                   focus_merge(&report->focus, &figures->focus, err) < 0
               ? -1
               : 0;
}

/* What this run read itself is a leaf of its own, if it read anything. */
static int add_own_leaf(struct uniting *run, struct err *err)
{
    struct report *report = run->report;
    const struct aggregate *agg = &report->aggregate;
    struct hash128 leaf = report->inputs_digest;
    struct partial_header own = PARTIAL_HEADER_INIT;

    if (ledger_files_found(&report->ledger) == 0)
        return 0;
    for (size_t i = 0; i < agg->row_count; i++)
        leaf = hash_sum(leaf, agg->rows[i].identity);
    own.leaves = &leaf;
    own.leaf_count = 1;
    if (run->options->partial) /* else it was not made of the inputs */
        report->partials.overlapping +=
            partial_header_common(&own, &run->header);
    return partial_header_add_leaves(&run->header, &leaf, 1) < 0
               ? err_memory(err)
               : 0;
}

static int list_parts(struct uniting *run, struct partial_list *list,
                      struct err *err)
{
    run->parts = sys_calloc(list->count, sizeof(*run->parts));
    if (!run->parts)
        return err_memory(err);
    for (; run->count < list->count; run->count++) {
        const struct partial_input *partial = &list->items[run->count];

        run->parts[run->count] = (struct part){
            .name = partial->input->path,
            .from = partial->reader,
            .fd = -1,
            .opened = list->items[run->count].learnt,
        };
        list->items[run->count].learnt = NULL;
    }
    for (size_t i = 0; i < run->count; i++)
        if (look(run, &run->parts[i], err) < 0)
            return -1;
    return choose(run, err);
}

/* What evidence needs of the whole: into the partial, or to be asked of. */
static int begin_evidence(struct uniting *run, struct sink *sink,
                          struct err *err)
{
    struct report *report = run->report;

    if (!run->options->extended)
        return 0;
    if (!sink->writer)
        return located_follow_keys(&report->located, report->facts, err) < 0
                   ? -1
                   : located_settle(&report->located, err);
    return partial_writer_facts(sink->writer, report->facts, &report->located,
                                err) < 0
               ? fail_writing(sink->name, err)
               : 0;
}

/* All that there is, into the sink. */
static int unite_all(struct uniting *run, struct sink *sink, struct err *err)
{
    const struct partial_target *target = run->options->partial;
    struct report *report = run->report;
    struct aggregate own = report->aggregate;
    struct aggregate located = report->located.aggregate;
    struct partial_figures figures = {0};
    int ret = -1;

    run->located = &located;
    aggregate_init(&report->aggregate, run->options->keep_duplicates);
    aggregate_init(&report->located.aggregate, run->options->keep_duplicates);
    report->instances = report->pairs = 0;
    sink->counts = true;
    if (begin_evidence(run, sink, err) < 0 ||
        take_figures(run, &figures, err) < 0 ||
        unite(run, run->parts, run->count, &own, sink, &figures, err) < 0)
        goto done;
    if (target &&
        partial_writer_end(sink->writer, &run->header, &figures, err) < 0) {
        (void)fail_writing(target->name, err);
        goto done;
    }
    ret = give_figures_back(run, &figures, err);
done:
    partial_figures_release(&figures);
    aggregate_release(&own);
    aggregate_release(&located);
    run->located = NULL;
    return ret;
}

/* Read one's facts. One that cannot be opened again stays open behind them. */
static int learn(struct uniting *run, struct partial_input *partial,
                 struct err *err)
{
    struct part part = {
        .name = partial->input->path, .from = partial->reader, .fd = -1};
    struct quoted quoted;
    enum partial_status status;
    int fd;
    struct partial_reader *reader = open_reader(run, &part, &fd, err);

    if (!reader)
        return -1;
    status = partial_reader_learn(reader, run->report->facts,
                                  &run->report->located, err);
    if (status == PARTIAL_BROKEN)
        err_prefix(err, "'%s' is no whole partial", quote(&quoted, part.name));
    if (partial->reader)
        partial->learnt = reader;
    else
        partial_reader_free(reader);
    close_part(&part, fd);
    return status == PARTIAL_GROUP ? 0 : -1;
}

/* A case is made of records. */
static int refuse_cases(struct span path, struct err *err)
{
    struct quoted quoted;

    err_set(err,
            "'%s' is a partial, which holds no records: --case needs the logs "
            "themselves",
            quote(&quoted, path));
    return -1;
}

int partials_learn(const struct scan_options *options,
                   struct partial_list *list, struct report *report,
                   struct err *err)
{
    struct uniting run = {
        .options = options, .report = report, .header = PARTIAL_HEADER_INIT};
    int ret;

    if (list->count > 0 && options->cases)
        return refuse_cases(list->items[0].input->path, err);
    ret = fill_header(options, &run.header, err);
    for (size_t i = 0; i < list->count && ret == 0; i++)
        ret = learn(&run, &list->items[i], err);
    partial_header_release(&run.header);
    return ret;
}

int partials_unite(const struct scan_options *options,
                   struct partial_list *list, struct report *report,
                   struct err *err)
{
    struct uniting run = {
        .options = options,
        .report = report,
        .header = PARTIAL_HEADER_INIT,
        .open_max = open_limit(),
    };
    const struct partial_target *target = options->partial;
    struct sink sink = {.writer = NULL};
    int ret = -1;

    if (policy_use_init(&report->located_policy, options->policy) < 0)
        return err_memory(err);
    if (fill_header(options, &run.header, err) < 0 ||
        list_parts(&run, list, err) < 0 || add_own_leaf(&run, err) < 0 ||
        unite_in_rounds(&run, err) < 0)
        goto done;
    run.header.identities &= !(target && target->tallies);
    report->partials.merged = list->count;
    report->partials.upper_bounds = !run.header.identities;
    if (target) {
        const struct partial_packing packing = {target->gzip, target->tallies};

        sink.writer = partial_writer_new(target->fd, packing, &run.header, err);
        if (!sink.writer)
            goto done;
    }
    ret = unite_all(&run, &sink, err);
    if (target) {
        report->partials.written = true;
        report->partials.groups = partial_writer_groups(sink.writer);
        report->partials.rows = partial_writer_rows(sink.writer);
    }
done:
    sink_release(&sink);
    for (size_t i = 0; i < run.count; i++)
        part_release(&run.parts[i]);
    sys_free(run.parts);
    partial_header_release(&run.header);
    return ret;
}
