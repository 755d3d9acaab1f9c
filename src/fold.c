/*
 * Match the state's sections with the walk, fold what they leave, count all
 * of them, and enter what may alert. Should an alert need a text that no
 * section holds, the sections in question are made anew and all is counted
 * once more; that ends, since what is made anew holds all its texts.
 */
#include "fold.h"

#include "again.h"
#include "base/hash_set.h"
#include "base/quote.h"
#include "base/search.h"
#include "base/sys.h"
#include "gather.h"
#include "meter.h"
#include "state/partial.h"

#include <stdlib.h>

/* Sections of one hour, from files that came one after another. With more
 * of them the hour is folded as a whole, since each costs a little. */
#define SECTIONS_AN_HOUR 4

/* Never changed but with what it is made of. */
static const struct hash_key OPTIONS_KEY = {UINT64_C(0x6f6666626f782073),
                                            UINT64_C(0x746174652d6b6579)};

struct fold {
    const struct scan_options *options;
    const struct walk *walk;
    struct state *state;
    size_t *section_of; /* of each input; SIZE_MAX: none */
    bool *wanted;       /* of each input: scratch for a reading */
    bool *lacking;      /* of each section: see section_enter() */
    size_t *ignore;     /* of each line of the policy: its place in … */
    size_t hit_count;   /* … the hits of a section */
    uint64_t *hits;
};

/* --- what a state is made under --- */

static int ignore_lines(const struct scan_options *options,
                        struct partial_header *header, struct err *err)
{
    *header = PARTIAL_HEADER_INIT;
    return partial_header_set_ignore(header, options->policy) < 0
               ? err_memory(err)
               : 0;
}

int fold_key(const struct scan_options *options, struct state_key *key,
             struct err *err)
{
    struct partial_header header;
    struct buf text = BUF_INIT;
    int ret = ignore_lines(options, &header, err);

    buf_printf(
        &text, "ipv6 %d duplicates %d since %lld until %lld inflate %llu",
        options->filter.ipv6, options->keep_duplicates,
        (long long)options->filter.since, (long long)options->filter.until,
        (unsigned long long)options->max_inflate_bytes);
    for (size_t i = 0; i < header.ignore_count && ret == 0; i++) {
        buf_add_char(&text, '\n');
        buf_add(&text, header.ignore[i]);
    }
    if (text.failed && ret == 0)
        ret = err_memory(err);
    if (ret == 0)
        *key = (struct state_key){hash_128(OPTIONS_KEY, buf_span(&text)),
                                  header.ignore_count};
    buf_release(&text);
    partial_header_release(&header);
    return ret;
}

static void fold_release(struct fold *fold)
{
    sys_free(fold->section_of);
    sys_free(fold->wanted);
    sys_free(fold->lacking);
    sys_free(fold->ignore);
    sys_free(fold->hits);
}

static int number_ignore_lines(struct fold *fold, struct err *err)
{
    const struct policy *policy = fold->options->policy;
    size_t lines = policy ? policy->line_count : 0;
    struct partial_header header;
    int ret = ignore_lines(fold->options, &header, err);

    fold->hit_count = header.ignore_count;
    fold->ignore = sys_calloc(lines, sizeof(*fold->ignore));
    fold->hits = sys_calloc(fold->hit_count, sizeof(*fold->hits));
    if (!fold->ignore || !fold->hits)
        ret = err_memory(err);
    for (size_t i = 0; fold->ignore && i < lines && ret == 0; i++) {
        fold->ignore[i] = SIZE_MAX;
        if (policy->lines[i].verb != POLICY_IGNORE)
            continue;
        fold->ignore[i] = partial_ignore_number(&header, &policy->lines[i]);
        if (fold->ignore[i] == SIZE_MAX)
            ret = err_memory(err);
    }
    partial_header_release(&header);
    return ret;
}

static int fold_init(struct fold *fold, struct err *err)
{
    size_t count = fold->walk->count;

    fold->section_of = sys_calloc(count, sizeof(*fold->section_of));
    fold->wanted = sys_calloc(count, sizeof(*fold->wanted));
    if (!fold->section_of || !fold->wanted)
        return err_memory(err);
    for (size_t i = 0; i < count; i++)
        fold->section_of[i] = SIZE_MAX;
    return number_ignore_lines(fold, err);
}

/* --- which sections count --- */

/* The hour in which a file was delivered, counted from the beginning of the
 * time frame: with a run each hour, what leaves it next leaves it whole. */
static int64_t hour_of(const struct fold *fold, const struct input *input)
{
    timestamp from = fold->options->timeframe.from;

    return timestamp_hour(input->arrival - from % TICKS_PER_HOUR);
}

static int by_path(const void *input, const void *path)
{
    return span_cmp(((const struct input *)input)->path,
                    *(const struct span *)path);
}

/* The walk is sorted by path. SIZE_MAX: not there. */
static size_t find_input(const struct walk *walk, struct span path)
{
    size_t at = search_one(walk->inputs, walk->count, sizeof(*walk->inputs),
                           &path, by_path);

    return at < walk->count ? at : SIZE_MAX;
}

/* The input that a section's file is, still, and that no other section has:
 * SIZE_MAX if none. */
static size_t match_file(const struct fold *fold, const struct section *section,
                         const struct section_file *file)
{
    size_t at = find_input(fold->walk, section_string(section, file->path));
    const struct input *input;

    if (at == SIZE_MAX)
        return SIZE_MAX;
    input = &fold->walk->inputs[at];
    if (input->status != INPUT_PENDING || input->bytes != file->bytes ||
        input->modified != file->modified || fold->section_of[at] != SIZE_MAX)
        return SIZE_MAX;
    return at;
}

static bool match_section(struct fold *fold, size_t number)
{
    const struct section *section = &fold->state->sections[number];

    for (size_t i = 0; i < section->file_count; i++)
        if (match_file(fold, section, &section->files[i]) == SIZE_MAX)
            return false;
    for (size_t i = 0; i < section->file_count; i++) {
        size_t at = match_file(fold, section, &section->files[i]);

        if (at == SIZE_MAX)
            return false; /* it is in there twice */
        fold->section_of[at] = number;
    }
    return true;
}

/* Its files are read again. */
static void drop(struct fold *fold, size_t number)
{
    fold->state->sections[number].dropped = true;
    fold->state->changed = true;
    for (size_t i = 0; i < fold->walk->count; i++)
        if (fold->section_of[i] == number)
            fold->section_of[i] = SIZE_MAX;
}

static size_t count_of_hour(const struct state *state, int64_t hour)
{
    size_t count = 0;

    for (size_t i = 0; i < state->count; i++)
        count += !state->sections[i].dropped && state->sections[i].hour == hour;
    return count;
}

static void match_sections(struct fold *fold)
{
    struct state *state = fold->state;

    for (size_t i = 0; i < state->count; i++)
        if (!match_section(fold, i))
            drop(fold, i);
    for (size_t i = 0; i < state->count; i++) {
        int64_t hour = state->sections[i].hour;

        if (!state->sections[i].dropped &&
            count_of_hour(state, hour) > SECTIONS_AN_HOUR)
            for (size_t k = i; k < state->count; k++)
                if (state->sections[k].hour == hour)
                    drop(fold, k);
    }
}

/* --- folding --- */

static bool is_left(const struct fold *fold, size_t at)
{
    return fold->walk->inputs[at].status == INPUT_PENDING &&
           fold->section_of[at] == SIZE_MAX;
}

/* Is there a file that may be readable the next time, though it looks the
 * same then? */
static bool is_unsure(const struct fold *fold, const struct report *piece)
{
    for (size_t i = 0; i < fold->walk->count; i++)
        if (fold->wanted[i] && piece->ended[i] == INPUT_UNREADABLE)
            return true;
    return false;
}

/* A new section's identities that others have, too. They are few, so that
 * the next runs need to count no others; and the section's own fit the
 * cache, past which all the others stream. */
static int find_shared(struct fold *fold, size_t number)
{
    const struct state *state = fold->state;
    struct section *section = &state->sections[number];
    struct hash_set own = HASH_SET_INIT;
    int ret = 0;

    for (size_t i = 0; i < section->row_count && ret == 0; i++)
        if (hash_set_add(&own, section->identities[i]) == 0)
            ret = -1;
    for (size_t k = 0; k < state->count && ret == 0; k++) {
        const struct section *other = &state->sections[k];

        if (k == number || other->dropped)
            continue;
        for (size_t i = 0; i < other->row_count && ret == 0; i++) {
            struct hash_slot *slot = hash_set_find(&own, other->identities[i]);

            if (slot && slot->met++ == 1)
                ret = section_share(section, other->identities[i]);
        }
    }
    hash_set_release(&own);
    return ret;
}

static int pack_piece(struct fold *fold, int64_t hour,
                      const struct report *piece, struct err *err)
{
    struct section *section = state_add(fold->state);
    struct section_source source = {
        .hour = hour,
        .walk = fold->walk,
        .taken = fold->wanted,
        .ended = piece->ended,
        .aggregate = &piece->aggregate,
        .ledger = &piece->ledger,
        .outcomes = &piece->outcomes,
        .hits = fold->hits,
        .hit_count = fold->hit_count,
        .extracted = piece->extracted,
        .handed_on = piece->handed_on,
    };
    const struct policy *policy = fold->options->policy;

    for (size_t i = 0; policy && i < policy->line_count; i++)
        if (fold->ignore[i] != SIZE_MAX)
            fold->hits[fold->ignore[i]] = piece->policy.hits[i];
    if (!section)
        return err_memory(err);
    if (section_pack(section, &source, err) < 0)
        return -1;
    section->unsure = is_unsure(fold, piece);
    return find_shared(fold, fold->state->count - 1) < 0 ? err_memory(err) : 0;
}

static int refuse_partials(const struct partial_list *partials, struct err *err)
{
    struct quoted quoted;

    if (partials->count == 0)
        return 0;
    err_set(err, "'%s' is a partial, which --state does not hold",
            quote(&quoted, partials->items[0].input->path));
    return -1;
}

/* Read what is left of an hour into a section. */
static int fold_hour(struct fold *fold, int64_t hour, struct err *err)
{
    struct scan_options options = *fold->options;
    struct report piece = {0};
    struct partial_list partials = {0};
    int ret;

    options.keep_skips = true; /* the next run may ask for them */
    for (size_t i = 0; i < fold->walk->count; i++)
        fold->wanted[i] =
            is_left(fold, i) && hour_of(fold, &fold->walk->inputs[i]) == hour;
    ret = gather_begin(&options, fold->walk, &piece, err);
    if (ret == 0)
        ret = gather_read(&options, fold->walk, fold->wanted, &piece, &partials,
                          err);
    if (ret == 0)
        ret = refuse_partials(&partials, err);
    if (ret == 0)
        ret = pack_piece(fold, hour, &piece, err);
    partial_list_release(&partials);
    report_release(&piece);
    if (ret < 0)
        return -1;
    for (size_t i = 0; i < fold->walk->count; i++)
        if (fold->wanted[i])
            fold->section_of[i] = fold->state->count - 1;
    fold->state->changed = true;
    return 0;
}

static int fold_all(struct fold *fold, struct err *err)
{
    struct meter *meter = fold->options->meter;
    int ret = 0;

    for (size_t i = 0; i < fold->walk->count; i++)
        fold->wanted[i] = is_left(fold, i);
    meter_begin(meter, fold->walk, fold->wanted, false);
    for (size_t i = 0; i < fold->walk->count && ret == 0; i++)
        if (is_left(fold, i))
            ret = fold_hour(fold, hour_of(fold, &fold->walk->inputs[i]), err);
    meter_end(meter);
    return ret;
}

/* --- counting --- */

/* What there is once, of all sections. */
struct distinct_sets {
    struct hash_set pairs;
    struct hash_set instances; /* met once for each of their addresses */
    struct hash_key key;
};

static struct hash128 instance_hash(const struct distinct_sets *sets,
                                    const struct section *section, size_t group)
{
    return hash_table(sets->key,
                      section_string(section, section->groups[group].instance));
}

static int count_pairs(struct distinct_sets *sets,
                       const struct section *section)
{
    for (size_t i = 0; i < section->group_count; i++) {
        const struct ip *address = &section->groups[i].address;
        struct hash128 instance = instance_hash(sets, section, i);
        struct hash128 pair = hash_begin();
        uint64_t met;

        hash_add(&pair, sets->key,
                 span_of((const char *)&instance, sizeof(instance)));
        hash_add(&pair, sets->key,
                 span_of((const char *)address, sizeof(*address)));
        met = hash_set_add(&sets->pairs, hash_end(pair, sets->key));
        if (met == 0 ||
            (met == 1 && hash_set_add(&sets->instances, instance) == 0))
            return -1;
    }
    return 0;
}

/* Beside the times that an identity was called shared. */
#define OCCURS (UINT64_C(1) << 32)

/* How many rows of all sections are another section's, too. */
static int count_again(const struct state *state, uint64_t *again)
{
    struct hash_set shared = HASH_SET_INIT;
    int ret = 0;

    *again = 0;
    for (size_t k = 0; k < state->count && ret == 0; k++)
        for (size_t i = 0; i < state->sections[k].shared_count &&
                           !state->sections[k].dropped && ret == 0;
             i++)
            if (hash_set_add(&shared, state->sections[k].shared[i]) == 0)
                ret = -1;
    for (size_t k = 0; k < state->count && ret == 0 && shared.count > 0; k++)
        for (size_t i = 0;
             i < state->sections[k].row_count && !state->sections[k].dropped;
             i++) {
            struct hash_slot *slot =
                hash_set_find(&shared, state->sections[k].identities[i]);

            if (!slot)
                continue;
            *again += slot->met >= OCCURS;
            slot->met += OCCURS;
        }
    hash_set_release(&shared);
    return ret;
}

/* Mark the groups of the instances that have addresses enough. */
static int list_groups(const struct fold *fold,
                       const struct distinct_sets *sets,
                       struct section *section)
{
    sys_free(section->listed);
    section->listed = sys_calloc(section->group_count, sizeof(bool));
    if (!section->listed)
        return -1;
    for (size_t i = 0; i < section->group_count; i++) {
        const struct hash_slot *slot =
            hash_set_find(&sets->instances, instance_hash(sets, section, i));

        section->listed[i] = slot && slot->met >= fold->options->rule.min_ips;
    }
    return 0;
}

/* --- all of it --- */

/* `expect` lines count the groups that they hold for, of all instances. */
static int enter_section(struct fold *fold, size_t number,
                         struct report *report)
{
    const struct policy *policy = fold->options->policy;
    const struct section *section = &fold->state->sections[number];
    bool expects = policy && policy->book[POLICY_EXPECT].line_count > 0;
    bool by_account =
        expects && policy_asks(policy, POLICY_EXPECT, POLICY_ACCOUNT);
    bool *all = NULL;
    int ret;

    if (expects) {
        all = sys_malloc(section->group_count * sizeof(*all));
        if (!all)
            return -1;
        for (size_t i = 0; i < section->group_count; i++)
            all[i] = true;
    }
    ret = section_enter(
        section, (uint32_t)number, expects ? all : section->listed,
        by_account ? all : section->listed, &report->aggregate, fold->lacking);
    sys_free(all);
    return ret;
}

/* How each input did, and what no section has of it. */
static int book_inputs(const struct fold *fold, struct report *report,
                       struct err *err)
{
    for (size_t k = 0; k < fold->state->count; k++) {
        const struct section *section = &fold->state->sections[k];

        for (size_t i = 0; i < section->file_count && !section->dropped; i++)
            report->ended[find_input(
                fold->walk, section_string(section, section->files[i].path))] =
                (enum input_status)section->files[i].status;
    }
    for (size_t i = 0; i < fold->walk->count; i++) {
        const struct input *input = &fold->walk->inputs[i];

        if (input->status == INPUT_PENDING)
            continue;
        report->ended[i] = input->status;
        if (ledger_book(&report->ledger, input->path, input->status, 0,
                        input->why, input->delivery, err) < 0)
            return -1;
    }
    return 0;
}

static int count_figures(struct fold *fold, struct report *report,
                         struct err *err)
{
    const struct policy *policy = fold->options->policy;

    for (size_t i = 0; i < fold->hit_count; i++)
        fold->hits[i] = 0;
    for (size_t i = 0; i < fold->state->count; i++)
        if (!fold->state->sections[i].dropped &&
            section_count(&fold->state->sections[i], &report->ledger,
                          &report->outcomes, fold->hits, &report->extracted,
                          &report->handed_on, err) < 0)
            return -1;
    for (size_t i = 0; policy && i < policy->line_count; i++)
        if (fold->ignore[i] != SIZE_MAX)
            report->policy.hits[i] = fold->hits[fold->ignore[i]];
    return book_inputs(fold, report, err);
}

static int unite(struct fold *fold, struct report *report, struct err *err)
{
    struct state *state = fold->state;
    struct distinct_sets sets = {.key = hash_secret()};
    uint64_t again = 0;
    int ret = count_again(state, &again);

    for (size_t i = 0; i < state->count && ret == 0; i++)
        if (!state->sections[i].dropped)
            ret = count_pairs(&sets, &state->sections[i]);
    for (size_t i = 0; i < state->count && ret == 0; i++)
        if (!state->sections[i].dropped)
            ret = list_groups(fold, &sets, &state->sections[i]);
    for (size_t i = 0; i < state->count && ret == 0; i++)
        if (!state->sections[i].dropped)
            ret = enter_section(fold, i, report);
    report->pairs = sets.pairs.count;
    report->instances = sets.instances.count;
    hash_set_release(&sets.pairs);
    hash_set_release(&sets.instances);
    if (ret < 0)
        return err_memory(err);
    if (count_figures(fold, report, err) < 0)
        return -1;
    report->outcomes.count[OUTCOME_KEPT] -= again;
    report->outcomes.count[OUTCOME_DUPLICATE] += again;
    return 0;
}

/* --- texts that no section holds --- */

/* Mark the sections that should have held an alert's record. The hits of the
 * policy's lines are counted later. */
static int find_lacking(struct fold *fold, struct report *report,
                        struct err *err)
{
    struct rule_options rule = fold->options->rule;
    struct alert_list alerts = ALERT_LIST_INIT;
    struct policy_use policy = {0};
    int ret = policy_use_init(&policy, fold->options->policy) < 0
                  ? err_memory(err)
                  : 0;

    rule.policy = fold->options->policy ? &policy : NULL;
    if (ret == 0)
        ret = rule_apply(&rule, &report->aggregate, &alerts, err);
    for (size_t i = 0; i < alerts.count && ret == 0; i++) {
        const struct alert *alert = &alerts.items[i];
        uint32_t group =
            aggregate_enter_group(&report->aggregate, alert->instance_id,
                                  alert->ips[alert->suspect].address);
        uint32_t section = section_stand_in(&report->aggregate, group);

        if (section != UINT32_MAX)
            fold->lacking[section] = true;
    }
    alert_list_release(&alerts);
    policy_use_release(&policy);
    return ret;
}

static bool drop_lacking(struct fold *fold)
{
    bool any = false;

    for (size_t i = 0; i < fold->state->count; i++)
        if (fold->lacking[i]) {
            drop(fold, i);
            any = true;
        }
    return any;
}

/* What one try gives: 1 if a text is missing, 0, or -1. */
static int try_all(struct fold *fold, struct report *report, struct err *err)
{
    if (fold_all(fold, err) < 0)
        return -1;
    sys_free(fold->lacking);
    fold->lacking = sys_calloc(fold->state->count, sizeof(*fold->lacking));
    if (!fold->lacking)
        return err_memory(err);
    if (unite(fold, report, err) < 0)
        return -1;
    if (drop_lacking(fold))
        return 1;
    if (again_settle(fold->options, fold->walk, report, err) < 0)
        return -1;
    if (find_lacking(fold, report, err) < 0)
        return -1;
    return drop_lacking(fold);
}

/* A stream is not there the next time, and is not the same one then. */
static int refuse_streams(const struct walk *walk, struct err *err)
{
    for (size_t i = 0; i < walk->count; i++) {
        const struct input *input = &walk->inputs[i];
        struct quoted quoted;

        if (input->status != INPUT_PENDING ||
            (!input->is_stdin && input->modified != TIMESTAMP_UNKNOWN))
            continue;
        err_set(err,
                "--state holds what files held, and '%s' is a stream: it "
                "cannot be read twice",
                quote(&quoted, input->path));
        return -1;
    }
    return 0;
}

int fold_read(const struct scan_options *options, const struct walk *walk,
              struct report *report, struct err *err)
{
    struct fold fold = {
        .options = options, .walk = walk, .state = options->state};
    int ret = -1;

    if (refuse_streams(walk, err) < 0 || fold_init(&fold, err) < 0)
        goto done;
    match_sections(&fold);
    do {
        report_release(report);
        ret = gather_begin(options, walk, report, err);
        if (ret == 0)
            ret = try_all(&fold, report, err);
    } while (ret > 0);
done:
    fold_release(&fold);
    return ret;
}
