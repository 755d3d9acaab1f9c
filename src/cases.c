/*
 * What the second reading finds is put aside on the disk, a file a worker;
 * memory holds where each record lies, when it was and which event it is. Of
 * these tables the latest are cut when they grow over their bound.
 */
#include "cases.h"

#include "again.h"
#include "base/atomic_file.h"
#include "base/json_writer.h"
#include "base/quote.h"
#include "base/spool.h"
#include "base/sys.h"
#include "detect/identity.h"
#include "detect/location.h"
#include "event/json_text.h"
#include "event/member_text.h"
#include "evidence/case_scope.h"
#include "input/delimit.h"
#include "report/case_story.h"

#include <errno.h>
#include <stdlib.h>

/* ------------------------------------------------------------- findings */

/* Where a record lies. */
struct finding_place {
    timestamp time;
    struct hash128 identity; /* of the event */
    uint64_t text;           /* hash of its compacted text */
    uint64_t place;
    uint32_t bytes;
    uint32_t spool; /* a worker's */
};

/* The records of one case. */
struct findings {
    struct finding_place *items;
    size_t count, capacity;
    timestamp until; /* later ones are left out … */
    bool left_out;   /* … and some were */
};

static int by_event(const void *a, const void *b)
{
    const struct finding_place *x = a, *y = b;

    if (x->time != y->time)
        return x->time > y->time ? 1 : -1;
    if (x->identity.hi != y->identity.hi)
        return x->identity.hi > y->identity.hi ? 1 : -1;
    if (x->identity.lo != y->identity.lo)
        return x->identity.lo > y->identity.lo ? 1 : -1;
    return (x->text > y->text) - (x->text < y->text);
}

static bool same_event(const struct finding_place *a,
                       const struct finding_place *b)
{
    return a->time == b->time && hash_equal(a->identity, b->identity);
}

/* Sort; of copies leave one, and of events the first CASE_RECORDS. Copies that
 * differ stay, for their texts to decide. */
static void settle(struct findings *findings)
{
    size_t kept = 0, events = 0;

    if (findings->count > 1)
        qsort(findings->items, findings->count, sizeof(*findings->items),
              by_event);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding_place *item = &findings->items[i];
        const struct finding_place *last =
            kept ? &findings->items[kept - 1] : NULL;

        if (last && by_event(last, item) == 0)
            continue;
        if (!last || !same_event(last, item)) {
            if (events == CASE_RECORDS) {
                findings->left_out = true;
                findings->until = last ? last->time : findings->until;
                break;
            }
            events++;
        }
        findings->items[kept++] = *item;
    }
    findings->count = kept;
}

/* What is left after settling is about half of the table, unless very many
 * events have copies that differ: then it grows, so as not to be settled with
 * each of them. */
static int add_finding(struct findings *findings,
                       const struct finding_place *item)
{
    size_t wanted = findings->count + 1;
    struct finding_place *moved;

    if (findings->count == findings->capacity &&
        findings->count >= 2 * (size_t)CASE_RECORDS) {
        settle(findings);
        wanted = findings->count + CASE_RECORDS / 2;
    }
    moved =
        sys_grow(findings->items, &findings->capacity, wanted, sizeof(*moved));
    if (!moved)
        return -1;
    findings->items = moved;
    moved[findings->count++] = *item;
    return 0;
}

/* ----------------------------------------------------- a worker's store */

/* The run of `--case`. */
struct run {
    const char *folder;
    struct case_scope scope;
    struct trace_search search; /* for all of it */
    struct report *report;
    const struct walk *walk;
    struct spool *spools; /* that workers left */
    size_t spool_count;
    size_t spool_capacity;
    struct findings *found; /* of each case */
};

struct store {
    struct run *run;
    struct spool spool;
    struct findings *found; /* of each case */
    struct buf text, scratch;
    struct err err; /* of the disk; nothing more is put aside then */
    bool failed;
};

static void findings_free(struct findings *found, size_t count)
{
    for (size_t i = 0; found && i < count; i++)
        sys_free(found[i].items);
    sys_free(found);
}

static struct findings *findings_new(size_t count)
{
    struct findings *found = sys_calloc(count, sizeof(*found));

    for (size_t i = 0; found && i < count; i++)
        found[i].until = TIMESTAMP_UNKNOWN;
    return found;
}

static void store_free(void *context)
{
    struct store *store = context;

    findings_free(store->found, store->run->scope.count);
    spool_release(&store->spool);
    buf_release(&store->text);
    buf_release(&store->scratch);
    sys_free(store);
}

static void *store_new(void *context)
{
    struct run *run = context;
    struct store *store = sys_calloc(1, sizeof(*store));

    if (!store)
        return NULL;
    store->run = run;
    store->found = findings_new(run->scope.count);
    if (store->found)
        return store;
    sys_free(store);
    return NULL;
}

static bool is_suspects(const void *context, struct span value)
{
    struct ip location;

    return location_parse(value, &location) != LOCATION_NONE &&
           case_scope_has_location(context, location);
}

static bool is_suspects_key(const void *context, struct span value)
{
    return case_scope_has_key(context, value);
}

static bool may_hold(const void *context, const struct input *input)
{
    const struct run *run = context;

    return traces_may_hold(&run->report->traces, input, &run->search);
}

/* Where and with what key a record's call was made stands in its beginning. If
 * it does not, as CloudTrail writes it, the text is searched for both. */
static bool may_belong(const void *context, const struct unwrapped *record)
{
    const struct run *run = context;
    struct event glance;

    if (record->marks & MARK_ESCAPE && extract_may_spell(record->text))
        return true;
    if (extract_glance(record->text, &glance))
        return case_scope_next(&run->scope, &glance, 0) < run->scope.count;
    return member_text_any(record->text, SPAN("\"sourceIPAddress\""),
                           is_suspects, &run->scope) ||
           member_text_any(record->text, SPAN("\"accessKeyId\""),
                           is_suspects_key, &run->scope);
}

/* An event without an eventID is told by its text. */
static int describe(struct store *store, const struct event *event,
                    struct finding_place *item)
{
    struct span text = buf_span(&store->text);
    struct event told = *event;

    if (!identity_exists(event))
        told.field[EVENT_ID] = text;
    item->time = event->time;
    item->identity =
        identity_of(&told, SPAN_ABSENT, IP_ABSENT, &store->scratch);
    item->text = hash_64(hash_secret(), text);
    item->bytes = (uint32_t)text.len; /* a record is at most 16 MB */
    return store->scratch.failed ? -1 : 0;
}

/* Once, whichever cases it is of. -1 when memory is out. */
static int put_aside(struct store *store, const struct event *event,
                     struct finding_place *item)
{
    buf_clear(&store->text);
    json_text_compact(event->record, &store->text);
    if (store->text.failed || describe(store, event, item) < 0)
        return -1;
    store->failed =
        (!store->spool.is_open &&
         spool_open(&store->spool, store->run->folder, &store->err) < 0) ||
        spool_add(&store->spool, buf_span(&store->text), &item->place,
                  &store->err) < 0;
    return 0;
}

static int take_record(void *context, struct worker *worker,
                       const struct event *event)
{
    struct store *store = worker->store;
    const struct case_scope *scope = &store->run->scope;
    struct finding_place item;
    bool is_aside = false;

    (void)context;
    if (!event_category_is_call(event->field[EVENT_CATEGORY]))
        return 0;
    for (size_t of = case_scope_next(scope, event, 0);
         of < scope->count && !store->failed;
         of = case_scope_next(scope, event, of + 1)) {
        if (event->time > store->found[of].until) {
            store->found[of].left_out = true;
            continue;
        }
        if (!is_aside && put_aside(store, event, &item) < 0)
            return -1;
        is_aside = true;
        if (!store->failed && add_finding(&store->found[of], &item) < 0)
            return -1;
    }
    return 0;
}

/* A worker's findings join those of the run. */
static int collect(void *context, struct worker *worker, struct err *err)
{
    struct run *run = context;
    struct store *store = worker->store;
    struct spool *moved;

    if (store->failed) {
        *err = store->err;
        return -1;
    }
    if (!store->spool.is_open)
        return 0;
    if (spool_end(&store->spool, err) < 0)
        return -1;
    moved = sys_grow(run->spools, &run->spool_capacity, run->spool_count + 1,
                     sizeof(*moved));
    if (!moved)
        return err_memory(err);
    run->spools = moved;
    for (size_t of = 0; of < run->scope.count; of++) {
        struct findings *found = &store->found[of];

        run->found[of].left_out |= found->left_out;
        for (size_t i = 0; i < found->count; i++) {
            found->items[i].spool = (uint32_t)run->spool_count;
            if (add_finding(&run->found[of], &found->items[i]) < 0)
                return err_memory(err);
        }
        sys_free(found->items);
        *found = (struct findings){0};
    }
    run->spools[run->spool_count++] = store->spool;
    store->spool = (struct spool){0};
    return 0;
}

/* ------------------------------------------------------------- writing */

/* One case on its way to the disk. */
struct writing {
    struct run *run;
    size_t of;
    struct buf folder, path; /* … and of the file under way */
    struct buf text, other;
    struct arena arena;
    struct extractor *extractor;
    struct case_story story;
};

/* The text of the events [at, end), copies of one that differ: the smallest. */
static int read_text(struct writing *writing, size_t at, size_t end,
                     struct err *err)
{
    const struct findings *found = &writing->run->found[writing->of];

    buf_clear(&writing->text);
    for (size_t i = at; i < end; i++) {
        const struct finding_place *item = &found->items[i];
        struct buf swapped;

        if (spool_read(&writing->run->spools[item->spool], item->place,
                       item->bytes, &writing->other, err) < 0)
            return -1;
        if (i > at &&
            span_cmp(buf_span(&writing->other), buf_span(&writing->text)) >= 0)
            continue;
        swapped = writing->text;
        writing->text = writing->other;
        writing->other = swapped;
    }
    return 0;
}

/* A line; a record of which a part that holds no field is no JSON is a string,
 * as in an alert. -1 when memory is out. */
static int write_record(struct span text, struct out *out)
{
    int is_json = extract_is_json(text);
    struct json_writer json;

    if (is_json == EXTRACT_NO_MEMORY)
        return -1;
    json_init(&json, out, false);
    if (is_json)
        json_raw(&json, text);
    else
        json_string(&json, text);
    out_str(out, "\n");
    return 0;
}

/* The story of the record in `writing->text`. -1 when memory is out. */
static int tell(struct writing *writing)
{
    struct span text = buf_span(&writing->text);
    const struct case_scope *scope = &writing->run->scope;
    struct err ignored = ERR_NONE;
    struct event event;
    int ret;

    arena_clear(&writing->arena);
    ret = extract_scan.record(writing->extractor, text, &writing->arena, &event,
                              &ignored);
    if (ret == EXTRACT_NO_MEMORY)
        return -1;
    if (ret < 0)
        return 0; /* it was read once; what is written speaks for itself */
    return case_story_add(&writing->story, &event,
                          case_scope_is_own(scope, &event, writing->of));
}

static int write_records(struct writing *writing, struct out *out,
                         struct err *err)
{
    const struct findings *found = &writing->run->found[writing->of];
    size_t end;

    for (size_t at = 0; at < found->count; at = end) {
        for (end = at + 1; end < found->count &&
                           same_event(&found->items[at], &found->items[end]);)
            end++;
        if (read_text(writing, at, end, err) < 0)
            return -1;
        if (write_record(buf_span(&writing->text), out) < 0 ||
            tell(writing) < 0)
            return err_memory(err);
    }
    return 0;
}

static int write_story(struct writing *writing, struct out *out,
                       struct err *err)
{
    const struct run *run = writing->run;

    (void)err;
    case_story_write(&writing->story, run->scope.cases[writing->of],
                     run->found[writing->of].left_out, CASE_RECORDS, out);
    return 0;
}

/* To replace an input would destroy what the case is made of. */
static int refuse_input(const struct walk *walk, const char *path,
                        struct err *err)
{
    struct stat st;

    if (sys_stat(path, &st) < 0) {
        if (errno == ENOENT)
            return 0;
        err_set_errno(err, "cannot look at it");
        return -1;
    }
    for (size_t i = 0; i < walk->count; i++)
        if (walk->inputs[i].inode == st.st_ino &&
            walk->inputs[i].device == st.st_dev && st.st_ino) {
            err_set(err, "it is an input");
            return -1;
        }
    return 0;
}

static int write_file(struct writing *writing, const char *name,
                      int (*fill)(struct writing *writing, struct out *out,
                                  struct err *err),
                      struct err *err)
{
    struct atomic_file file = ATOMIC_FILE_INIT;
    struct out out;
    int ret;

    buf_clear(&writing->path);
    buf_add(&writing->path, buf_span(&writing->folder));
    buf_printf(&writing->path, "/%s", name);
    if (!buf_str(&writing->path))
        return err_memory(err);
    if (refuse_input(writing->run->walk, writing->path.ptr, err) < 0 ||
        atomic_file_open(&file, writing->path.ptr, err) < 0)
        return -1;
    out_init(&out, file.fd);
    ret = fill(writing, &out, err);
    if (ret == 0)
        ret = out_flush(&out, err);
    out_release(&out);
    if (ret == 0)
        ret = atomic_file_commit(&file, err);
    atomic_file_release(&file);
    return ret;
}

/* The folder, 0700, unless it is there. */
static int make_folder(const char *path, struct err *err)
{
    struct stat st;

    if (sys_mkdir(path, 0700) == 0)
        return 0;
    if (errno != EEXIST) {
        err_set_errno(err, "cannot make the folder");
        return -1;
    }
    if (sys_stat(path, &st) < 0) {
        err_set_errno(err, "cannot look at it");
        return -1;
    }
    if (!S_ISDIR(st.st_mode)) {
        err_set(err, "it is no folder");
        return -1;
    }
    return 0;
}

/* The InstanceId is letters and digits behind `i-` (case_scope.h), so the
 * folder lies in the one that was named. */
static int write_case(struct writing *writing, struct err *err)
{
    struct span id = writing->run->scope.cases[writing->of]->instance_id;
    struct quoted quoted;
    int ret;

    buf_clear(&writing->folder);
    buf_printf(&writing->folder, "%s/", writing->run->folder);
    buf_add(&writing->folder, id);
    if (!buf_str(&writing->folder))
        return err_memory(err);
    settle(&writing->run->found[writing->of]);
    ret = make_folder(writing->folder.ptr, err);
    if (ret == 0)
        ret = write_file(writing, "records.jsonl", write_records, err);
    if (ret == 0)
        ret = write_file(writing, "case.md", write_story, err);
    if (ret < 0)
        err_prefix(err, "cannot write the case '%s'",
                   quote(&quoted, buf_span(&writing->folder)));
    return ret;
}

static int write_all(struct run *run, struct err *err)
{
    struct writing writing = {
        .run = run, .arena = ARENA_INIT, .extractor = extract_scan.create()};
    int ret = writing.extractor ? 0 : err_memory(err);

    for (size_t of = 0; of < run->scope.count && ret == 0; of++) {
        writing.of = of;
        case_story_init(&writing.story);
        ret = write_case(&writing, err);
        case_story_release(&writing.story);
    }
    if (writing.extractor)
        extract_scan.destroy(writing.extractor);
    arena_release(&writing.arena);
    buf_release(&writing.folder);
    buf_release(&writing.path);
    buf_release(&writing.text);
    buf_release(&writing.other);
    return ret;
}

/* ------------------------------------------------------------- the run */

int cases_write(const struct scan_options *options, const struct walk *walk,
                struct report *report, const char *folder, struct err *err)
{
    struct run run = {.folder = folder, .report = report, .walk = walk};
    const struct second_reading again = {
        .wants = may_belong,
        .opens = may_hold,
        .take = take_record,
        .begin = store_new,
        .end = store_free,
        .context = &run,
    };
    struct quoted quoted;
    int ret = case_scope_init(&run.scope, &report->alerts, &report->located,
                              report->facts, err);

    if (ret == 0 && run.scope.count > 0) {
        run.found = findings_new(run.scope.count);
        if (!run.found || case_scope_search(&run.scope, &run.search) < 0)
            ret = err_memory(err);
        traces_settle(&report->traces, &run.search);
        if (ret == 0)
            ret = again_read(options, walk, report, &again, collect, &run, NULL,
                             err);
        if (ret < 0)
            err_prefix(err, "cannot write cases into '%s'",
                       quote(&quoted, span_str(folder)));
        else
            ret = write_all(&run, err);
    }
    for (size_t i = 0; i < run.spool_count; i++)
        spool_release(&run.spools[i]);
    sys_free(run.spools);
    findings_free(run.found, run.scope.count);
    trace_search_release(&run.search);
    case_scope_release(&run.scope);
    return ret;
}

/* Does the path have no size because nobody can read it twice? */
static bool is_stream(const struct input *input)
{
    struct stat st;

    return input->is_stdin ||
           (input->bytes == 0 && sys_stat(input->path.ptr, &st) == 0 &&
            !S_ISREG(st.st_mode));
}

/* By its path; what else may be the same file is told when it would be
 * replaced. */
static bool lies_in(struct span path, const char *folder)
{
    size_t len = strlen(folder);

    while (len > 1 && folder[len - 1] == '/')
        len--;
    return path.len > len && path.ptr[len] == '/' &&
           memcmp(path.ptr, folder, len) == 0;
}

int cases_prepare(const char *folder, const struct walk *walk, struct err *err)
{
    struct quoted quoted;

    for (size_t i = 0; i < walk->count; i++) {
        const struct input *input = &walk->inputs[i];

        if (input->status != INPUT_PENDING ||
            (!is_stream(input) && !lies_in(input->path, folder)))
            continue;
        if (lies_in(input->path, folder))
            err_set(err, "--case will not write where '%s' is an input",
                    quote(&quoted, input->path));
        else if (input->is_stdin)
            err_set(err, "--case reads the inputs twice, and standard input "
                         "cannot be");
        else
            err_set(err, "--case reads the inputs twice, and '%s' cannot be",
                    quote(&quoted, input->path));
        return -1;
    }
    if (make_folder(folder, err) == 0)
        return 0;
    err_prefix(err, "--case '%s'", quote(&quoted, span_str(folder)));
    return -1;
}
