/* A first event whose text is not there is entered with a stand-in for it,
 * which sorts behind every record. */
#include "base/sys.h"
#include "state/section_layout.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A record begins with a brace; the tilde sorts behind it. */
#define STAND_IN_FORMAT "~%016" PRIx64 "%016" PRIx64 "%08" PRIx32
#define STAND_IN_BYTES  41

uint32_t section_stand_in(const struct aggregate *agg, uint32_t group)
{
    const struct aggregate_group *entered = &agg->groups[group];
    const char *text = entered->first_text;
    char number[9];

    if (!text || entered->first_len != STAND_IN_BYTES ||
        text[entered->first_id_len] != '~')
        return UINT32_MAX;
    memcpy(number, text + entered->first_id_len + 33, 8);
    number[8] = '\0';
    return (uint32_t)strtoul(number, NULL, 16);
}

/* What is entered of a section so far. */
struct entering {
    const struct section *section;
    uint32_t number;
    struct aggregate *agg;
    uint32_t *groups;              /* numbers in `agg` */
    uint32_t *facets[FACET_PARTS]; /* likewise, FACETS_NONE: not yet */
    struct buf text;
};

static uint32_t enter_tuple(struct entering *entering, enum facet_part part,
                            uint32_t number)
{
    const struct packed_tuple *tuples = section_array(
        entering->section, part == FACETS_CALLER ? ARRAY_CALLERS : ARRAY_CALLS);
    uint32_t *entered = &entering->facets[part][number];
    struct span texts[FACETS_A_PART];

    if (*entered != FACETS_NONE)
        return *entered;
    for (int k = 0; k < FACETS_A_PART; k++)
        texts[k] =
            tuples[number].value[k] == STRINGS_ABSENT
                ? SPAN_ABSENT
                : section_string(entering->section, tuples[number].value[k]);
    *entered = facet_table_enter(&entering->agg->facets, part, texts);
    return *entered;
}

static struct facets enter_facets(struct entering *entering,
                                  const uint32_t from[FACET_PARTS])
{
    struct facets facets;

    for (int i = 0; i < FACET_PARTS; i++)
        facets.part[i] = enter_tuple(entering, (enum facet_part)i, from[i]);
    return facets;
}

/* The hash of the text, there or not, of the first event that is entered. */
static struct hash128 entered_hash(struct entering *entering, uint32_t group)
{
    struct hash128 hash = {0, 0};

    buf_clear(&entering->text);
    aggregate_first_record(entering->agg, group, &entering->text);
    if (section_stand_in(entering->agg, group) == UINT32_MAX)
        return hash_128(SECTION_TEXT_KEY, buf_span(&entering->text));
    /* Both halves are there, or memory is out. */
    for (int half = 0; half < 2 && entering->text.len == STAND_IN_BYTES;
         half++) {
        char digits[17] = "";

        memcpy(digits, entering->text.ptr + 1 + 16 * half, 16);
        *(half ? &hash.hi : &hash.lo) = strtoull(digits, NULL, 16);
    }
    return hash;
}

/* Two first events of one time and eventID: are their texts needed, and not
 * there? */
static void look_for_tie(struct entering *entering,
                         const struct section_group *from, uint32_t group,
                         bool has_text, bool *lacking)
{
    struct hash128 hash = entered_hash(entering, group);
    uint32_t other = section_stand_in(entering->agg, group);

    if (hash_equal(hash, from->text_hash))
        return;
    if (!has_text)
        lacking[entering->number] = true;
    if (other != UINT32_MAX)
        lacking[other] = true;
}

static int enter_first(struct entering *entering, size_t at, bool *lacking)
{
    const struct section_group *from = &entering->section->groups[at];
    uint32_t group = entering->groups[at];
    struct span id = section_string(entering->section, from->first_id);
    struct span text = section_record_text(entering->section, (uint32_t)at);
    char stand_in[STAND_IN_BYTES + 1];
    int order = aggregate_first_cmp(entering->agg, group, from->first_time, id);
    struct facets facets;

    if (order > 0)
        return 0;
    if (order == 0)
        look_for_tie(entering, from, group, span_present(text), lacking);
    if (!span_present(text)) {
        (void)snprintf(stand_in, sizeof(stand_in), STAND_IN_FORMAT,
                       from->text_hash.lo, from->text_hash.hi,
                       entering->number);
        text = span_of(stand_in, STAND_IN_BYTES);
    }
    facets = enter_facets(entering, from->facets);
    if (facets_failed(facets) ||
        aggregate_enter_first(entering->agg, group, from->first_time, id, text,
                              facets) < 0)
        return -1;
    return entering->text.failed ? -1 : 0;
}

static int enter_groups(struct entering *entering, const bool *wanted,
                        bool *lacking)
{
    const struct section *section = entering->section;

    for (size_t i = 0; i < section->group_count; i++) {
        const struct section_group *from = &section->groups[i];

        if (!wanted[i])
            continue;
        entering->groups[i] = aggregate_enter_group(
            entering->agg, section_string(section, from->instance),
            from->address);
        if (entering->groups[i] == INDEX_NONE ||
            enter_first(entering, i, lacking) < 0)
            return -1;
    }
    return 0;
}

static int enter_rows(struct entering *entering, const bool *with_rows)
{
    const struct section *section = entering->section;

    for (size_t i = 0; i < section->row_count; i++) {
        const struct section_row *from = &section->rows[i];
        struct aggregate_row row = {.identity = section->identities[i],
                                    .time = section->times[i]};

        if (!with_rows[from->group])
            continue;
        row.group = entering->groups[from->group];
        row.facets = enter_facets(entering, from->facets);
        if (facets_failed(row.facets) ||
            aggregate_enter_row(entering->agg, &row) == OUTCOME_COUNT)
            return -1;
    }
    return 0;
}

static int enter_counted(struct entering *entering, const bool *with_rows)
{
    const struct section *section = entering->section;
    const struct packed_counted *entries =
        section_array(section, ARRAY_COUNTED);
    const struct packed_hour *hours = section_array(section, ARRAY_HOURS);

    for (size_t i = 0; i < section->head->counts[ARRAY_COUNTED]; i++) {
        struct tally_entry entry = {.count = entries[i].count,
                                    .first = entries[i].first,
                                    .last = entries[i].last};

        if (!with_rows[entries[i].group])
            continue;
        entry.group = entering->groups[entries[i].group];
        entry.facets = enter_facets(entering, entries[i].facets);
        if (facets_failed(entry.facets) ||
            aggregate_enter_counted(entering->agg, &entry) < 0)
            return -1;
    }
    for (size_t i = 0; i < section->head->counts[ARRAY_HOURS]; i++) {
        struct tally_hour hour = {.hour = hours[i].hour,
                                  .count = hours[i].count};

        if (!with_rows[hours[i].group])
            continue;
        hour.group = entering->groups[hours[i].group];
        if (aggregate_enter_hour(entering->agg, &hour) < 0)
            return -1;
    }
    return 0;
}

static uint32_t *no_numbers(size_t count)
{
    uint32_t *numbers = sys_malloc(count * sizeof(*numbers));

    for (size_t i = 0; numbers && i < count; i++)
        numbers[i] = FACETS_NONE;
    return numbers;
}

int section_enter(const struct section *section, uint32_t number,
                  const bool *wanted, const bool *with_rows,
                  struct aggregate *agg, bool *lacking)
{
    struct entering entering = {
        .section = section,
        .number = number,
        .agg = agg,
        .groups = no_numbers(section->group_count),
        .facets = {[FACETS_CALLER] =
                       no_numbers(section->head->counts[ARRAY_CALLERS]),
                   [FACETS_CALL] =
                       no_numbers(section->head->counts[ARRAY_CALLS])},
    };
    int ret = -1;

    if (entering.groups && entering.facets[FACETS_CALLER] &&
        entering.facets[FACETS_CALL] &&
        enter_groups(&entering, wanted, lacking) == 0 &&
        enter_rows(&entering, with_rows) == 0 &&
        enter_counted(&entering, with_rows) == 0)
        ret = 0;
    sys_free(entering.groups);
    sys_free(entering.facets[FACETS_CALLER]);
    sys_free(entering.facets[FACETS_CALL]);
    buf_release(&entering.text);
    return ret;
}
