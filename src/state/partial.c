/* Headers and figures: built, compared, united. */
#include "state/partial.h"

#include "base/buf.h"
#include "base/quote.h"
#include "base/sys.h"

#include <stdlib.h>

void partial_header_release(struct partial_header *header)
{
    if (!header)
        return;
    arena_release(&header->arena);
    *header = PARTIAL_HEADER_INIT;
}

static int by_bytes(const void *a, const void *b)
{
    return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

/* Sort, and leave each text once. */
static size_t sort_texts(struct span *texts, size_t count)
{
    size_t kept = 0;

    if (count > 1)
        qsort(texts, count, sizeof(*texts), by_bytes);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !span_eq(texts[kept - 1], texts[i]))
            texts[kept++] = texts[i];
    return kept;
}

static int net_cmp(const void *a, const void *b)
{
    const struct policy_net *x = a, *y = b;
    int order = ip_cmp(x->net, y->net);

    return order ? order : (x->prefix > y->prefix) - (x->prefix < y->prefix);
}

static int add_nets(struct buf *text, const struct policy_line *line)
{
    struct policy_net *nets = sys_calloc(line->net_count, sizeof(*nets));
    char address[IP_TEXT_BYTES];

    if (!nets)
        return -1;
    for (size_t i = 0; i < line->net_count; i++)
        nets[i] = line->nets[i];
    if (line->net_count > 1)
        qsort(nets, line->net_count, sizeof(*nets), net_cmp);
    for (size_t i = 0; i < line->net_count; i++)
        buf_printf(text, "%s%s/%u",
                   i ? "," : " ip=", ip_format(nets[i].net, address),
                   nets[i].prefix);
    sys_free(nets);
    return 0;
}

static void add_pattern(struct buf *text, struct span pattern)
{
    buf_add_char(text, '"');
    for (size_t i = 0; i < pattern.len; i++) {
        if (memchr("\"\\", pattern.ptr[i], 2))
            buf_add_char(text, '\\');
        buf_add_char(text, pattern.ptr[i]);
    }
    buf_add_char(text, '"');
}

/* The line in the one spelling that all lines of its meaning share: values
 * sorted (the parser did that) and quoted, keys in the language's order. */
static int spell_line(const struct policy_line *line, struct buf *text)
{
    static const char *const names[POLICY_KEY_COUNT] = {
#define X(constant, name) [constant] = (name),
        POLICY_KEYS(X)
#undef X
    };

    buf_clear(text);
    buf_add(text, span_str(policy_verb_name(line->verb)));
    if (line->net_count > 0 && add_nets(text, line) < 0)
        return -1;
    for (int key = 0; key < POLICY_KEY_COUNT; key++)
        for (size_t i = 0; i < line->condition[key].count; i++) {
            if (i == 0)
                buf_printf(text, " %s=", names[key]);
            else
                buf_add_char(text, ',');
            add_pattern(text, line->condition[key].patterns[i].text);
        }
    return text->failed ? -1 : 0;
}

int partial_header_set_ignore(struct partial_header *header,
                              const struct policy *policy)
{
    size_t lines = policy ? policy->line_count : 0, count = 0;
    struct span *texts =
        arena_alloc(&header->arena, (lines + 1) * sizeof(*texts));
    struct buf text = BUF_INIT;
    int ret = texts ? 0 : -1;

    for (size_t i = 0; i < lines && ret == 0; i++) {
        if (policy->lines[i].verb != POLICY_IGNORE)
            continue;
        ret = spell_line(&policy->lines[i], &text);
        texts[count] = arena_copy(&header->arena, buf_span(&text));
        if (!span_present(texts[count++]))
            ret = -1;
    }
    buf_release(&text);
    header->ignore = texts;
    header->ignore_count = ret == 0 ? sort_texts(texts, count) : 0;
    return ret;
}

int partial_header_set_instances(struct partial_header *header,
                                 const struct span *instances, size_t count)
{
    struct span *texts =
        arena_alloc(&header->arena, (count + 1) * sizeof(*texts));

    if (!texts)
        return -1;
    for (size_t i = 0; i < count; i++) {
        texts[i] = arena_copy(&header->arena, instances[i]);
        if (!span_present(texts[i]))
            return -1;
    }
    header->instances = texts;
    header->instance_count = sort_texts(texts, count);
    return 0;
}

static int leaf_cmp(const void *a, const void *b)
{
    const struct hash128 *x = a, *y = b;

    if (x->hi != y->hi)
        return x->hi < y->hi ? -1 : 1;
    return (x->lo > y->lo) - (x->lo < y->lo);
}

int partial_header_add_leaves(struct partial_header *header,
                              const struct hash128 *leaves, size_t count)
{
    size_t all = header->leaf_count + count, kept = 0;
    struct hash128 *united =
        arena_alloc(&header->arena, (all + 1) * sizeof(*united));

    if (!united)
        return -1;
    for (size_t i = 0; i < all; i++)
        united[i] = i < header->leaf_count ? header->leaves[i]
                                           : leaves[i - header->leaf_count];
    if (all > 1)
        qsort(united, all, sizeof(*united), leaf_cmp);
    for (size_t i = 0; i < all; i++)
        if (kept == 0 || leaf_cmp(&united[kept - 1], &united[i]) != 0)
            united[kept++] = united[i];
    header->leaves = united;
    header->leaf_count = kept;
    return 0;
}

size_t partial_header_common(const struct partial_header *header,
                             const struct partial_header *other)
{
    size_t common = 0;

    for (size_t i = 0; i < header->leaf_count; i++)
        common += other->leaf_count > 0 &&
                  bsearch(&header->leaves[i], other->leaves, other->leaf_count,
                          sizeof(*other->leaves), leaf_cmp) != NULL;
    return common;
}

/* --- comparing --- */

static int flag_fits(bool ours, bool theirs, const char *option,
                     struct err *err)
{
    if (ours == theirs)
        return 0;
    err_set(err, "it was made with%s --%s, and this run is with%s it",
            theirs ? "" : "out", option, ours ? "" : "out");
    return -1;
}

static void bound_text(timestamp bound, timestamp none,
                       char text[TIMESTAMP_TEXT_BYTES])
{
    if (bound == none)
        memcpy(text, "none", sizeof("none"));
    else
        timestamp_format(bound, text);
}

static int bound_fits(timestamp ours, timestamp theirs, timestamp none,
                      const char *option, struct err *err)
{
    char mine[TIMESTAMP_TEXT_BYTES], its[TIMESTAMP_TEXT_BYTES];

    if (ours == theirs)
        return 0;
    bound_text(ours, none, mine);
    bound_text(theirs, none, its);
    err_set(err, "its --%s is %s, and this run's is %s", option, its, mine);
    return -1;
}

/* The first of `texts` that is not among `others`; absent if all are. */
static struct span first_missing(const struct span *texts, size_t count,
                                 const struct span *others, size_t other_count)
{
    for (size_t i = 0; i < count; i++)
        if (other_count == 0 ||
            !bsearch(&texts[i], others, other_count, sizeof(*others), by_bytes))
            return texts[i];
    return SPAN_ABSENT;
}

static int ignore_fits(const struct partial_header *ours,
                       const struct partial_header *theirs, struct err *err)
{
    struct span more = first_missing(theirs->ignore, theirs->ignore_count,
                                     ours->ignore, ours->ignore_count);
    struct span less = first_missing(ours->ignore, ours->ignore_count,
                                     theirs->ignore, theirs->ignore_count);
    struct quoted quoted;

    if (span_present(more))
        err_set(err, "its policy says '%s', and this run's does not",
                quote(&quoted, more));
    else if (span_present(less))
        err_set(err, "its policy does not say '%s', and this run's does",
                quote(&quoted, less));
    return span_present(more) || span_present(less) ? -1 : 0;
}

int partial_header_fits(const struct partial_header *ours,
                        const struct partial_header *theirs, struct err *err)
{
    struct span missing =
        first_missing(ours->instances, ours->instance_count, theirs->instances,
                      theirs->instance_count);
    struct quoted quoted;

    if (flag_fits(ours->ipv6, theirs->ipv6, "ipv6", err) < 0 ||
        flag_fits(ours->keep_duplicates, theirs->keep_duplicates,
                  "keep-duplicates", err) < 0 ||
        flag_fits(ours->extended, theirs->extended, "extended", err) < 0 ||
        bound_fits(ours->since, theirs->since, INT64_MIN, "since", err) < 0 ||
        bound_fits(ours->until, theirs->until, TIMESTAMP_UNKNOWN, "until",
                   err) < 0 ||
        ignore_fits(ours, theirs, err) < 0)
        return -1;
    if (!span_present(missing))
        return 0;
    err_set(err, "it was made without --instance %s", quote(&quoted, missing));
    return -1;
}

/* --- figures --- */

int partial_figures_init(struct partial_figures *figures,
                         const struct partial_header *header, struct err *err)
{
    *figures = (struct partial_figures){0};
    ledger_init(&figures->ledger, false);
    outcome_counts_init(&figures->outcomes);
    if (focus_init(&figures->focus, header->instances, header->instance_count,
                   err) < 0)
        return -1;
    figures->ignore_hits =
        sys_calloc(header->ignore_count, sizeof(*figures->ignore_hits));
    return figures->ignore_hits ? 0 : err_memory(err);
}

void partial_figures_release(struct partial_figures *figures)
{
    if (!figures)
        return;
    ledger_release(&figures->ledger);
    focus_release(&figures->focus);
    sys_free(figures->ignore_hits);
    *figures = (struct partial_figures){0};
}

int partial_figures_merge(struct partial_figures *into,
                          const struct partial_header *into_header,
                          const struct partial_figures *from,
                          const struct partial_header *from_header,
                          struct err *err)
{
    for (size_t i = 0; i < into_header->ignore_count; i++) {
        const struct span *found =
            from_header->ignore_count == 0
                ? NULL
                : bsearch(&into_header->ignore[i], from_header->ignore,
                          from_header->ignore_count,
                          sizeof(*from_header->ignore), by_bytes);

        if (found)
            into->ignore_hits[i] +=
                from->ignore_hits[found - from_header->ignore];
    }
    outcome_counts_merge(&into->outcomes, &from->outcomes);
    into->extracted += from->extracted;
    into->handed_on += from->handed_on;
    into->timeframe |= from->timeframe;
    if (ledger_merge(&into->ledger, &from->ledger, err) < 0)
        return -1;
    return focus_merge(&into->focus, &from->focus, err);
}

size_t partial_ignore_number(const struct partial_header *header,
                             const struct policy_line *line)
{
    struct buf text = BUF_INIT;
    size_t number = SIZE_MAX;

    if (spell_line(line, &text) == 0 && header->ignore_count > 0) {
        struct span spelled = buf_span(&text);
        const struct span *found =
            bsearch(&spelled, header->ignore, header->ignore_count,
                    sizeof(*header->ignore), by_bytes);

        number = found ? (size_t)(found - header->ignore) : SIZE_MAX;
    }
    buf_release(&text);
    return number;
}
