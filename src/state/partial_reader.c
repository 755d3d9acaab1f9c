/*
 * Lines of rows are read by hand, since there is one row an event; what
 * stands once a group or once a partial is cJSON's to read.
 */
#include "state/partial_reader.h"

#include "base/cjson_object.h"
#include "base/sys.h"
#include "base/vlq.h"
#include "event/json_text.h"
#include "input/inflate.h"
#include "state/line_members.h"
#include "state/partial_facts.h"
#include "state/partial_lines.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

/* The first room for lines; it grows for longer ones. */
#define BUFFER_BYTES ((size_t)64 * 1024)

/* A part of a combination, and what an aggregate calls it. */
struct tuple {
    uint32_t value[FACETS_A_PART]; /* numbers of texts; STRINGS_ABSENT */
    uint32_t numbering;            /* whose number … */
    uint32_t number;               /* … this is */
};

struct tuples {
    struct tuple *items;
    size_t count, capacity;
};

enum stage {
    IN_FACTS,
    IN_GROUPS,
    BEHIND_FIGURES,
    AT_END,
    IS_BROKEN,
};

struct partial_reader {
    struct inflate_stream *in;
    struct reader *from; /* whose bytes come instead; NULL: `in`'s do */

    char *bytes;
    size_t capacity, start, end; /* not yet given out: [start, end) */
    struct span line;            /* the last one … */
    bool again;                  /* … to be given out once more */
    uint64_t line_count;
    struct hash128 sum, sum_before; /* with and without the last line */

    enum stage stage;
    uint64_t version;
    struct partial_header header;
    struct partial_figures figures;
    bool figures_open;
    uint64_t groups, rows, located_groups, located_rows;

    struct partial_fact fact; /* of the last line with one, … */
    cJSON *fact_object;       /* … whose texts are in here; NULL: none yet */

    struct arena text_arena; /* the dictionary */
    struct span *texts;
    size_t text_count, text_capacity;
    struct tuples tuples[FACET_PARTS];

    /* The group whose key was read last. */
    bool group_open; /* its lines were not */
    bool located;    /* it is no group of the rule's */
    struct buf instance_id, event_id, before_id, record;
    struct ip address, before_address;
    uint64_t count;
    timestamp time;
};

/* --- lines --- */

static enum partial_status broken(struct partial_reader *reader,
                                  struct err *err, const char *what)
{
    reader->stage = IS_BROKEN;
    err_set(err, "line %" PRIu64 ": %s", reader->line_count, what);
    return PARTIAL_BROKEN;
}

static enum partial_status broken_member(struct partial_reader *reader,
                                         struct err *err, const char *name)
{
    reader->stage = IS_BROKEN;
    err_set(err, "line %" PRIu64 ": its '%.100s' is not as it should be",
            reader->line_count, name);
    return PARTIAL_BROKEN;
}

static enum partial_status failed(struct err *err)
{
    (void)err_memory(err);
    return PARTIAL_FAILED;
}

/* Read once more behind what is there. `*ended` if there is nothing. */
static enum partial_status fill(struct partial_reader *reader, bool *ended,
                                struct err *err)
{
    size_t count = 0;
    struct err cause = ERR_NONE;
    enum inflate_status status;
    char *moved;

    if (reader->start > 0) {
        memmove(reader->bytes, reader->bytes + reader->start,
                reader->end - reader->start);
        reader->end -= reader->start;
        reader->start = 0;
    }
    moved = sys_grow(reader->bytes, &reader->capacity,
                     reader->end + BUFFER_BYTES / 2, 1);
    if (!moved)
        return failed(err);
    reader->bytes = moved;
    status =
        reader->from
            ? reader_read_text(reader->from, moved + reader->end,
                               reader->capacity - reader->end, &count, &cause)
            : inflate_read(reader->in, moved + reader->end,
                           reader->capacity - reader->end, &count, &cause);
    reader->end += count;
    *ended = status == INFLATE_END;
    if (status == INFLATE_OK || status == INFLATE_END)
        return PARTIAL_GROUP;
    reader->line_count++; /* the one that is cut */
    return broken(reader, err, cause.text);
}

/* The next line into `reader->line`. PARTIAL_GROUP, PARTIAL_END when there
 * is none, or what went wrong. */
static enum partial_status next_line(struct partial_reader *reader,
                                     struct err *err)
{
    size_t looked_at = 0;

    if (reader->again) {
        reader->again = false;
        return PARTIAL_GROUP;
    }
    for (;;) {
        char *from = reader->bytes + reader->start;
        size_t held = reader->end - reader->start;
        char *newline = held > looked_at
                            ? memchr(from + looked_at, '\n', held - looked_at)
                            : NULL;
        enum partial_status status;
        bool ended = false;

        if (newline) {
            reader->line = span_of(from, (size_t)(newline - from));
            reader->start += reader->line.len + 1;
            reader->line_count++;
            reader->sum_before = reader->sum;
            reader->sum = partial_sum(reader->sum, reader->line);
            return PARTIAL_GROUP;
        }
        looked_at = held;
        if (held > PARTIAL_LINE_BYTES) {
            reader->line_count++;
            return broken(reader, err, "it is too long");
        }
        status = fill(reader, &ended, err);
        if (status != PARTIAL_GROUP)
            return status;
        if (ended && held == 0)
            return PARTIAL_END;
        if (ended) {
            reader->line_count++;
            return broken(reader, err, "it is cut");
        }
    }
}

/* The same where the text may not end yet. */
static enum partial_status line_of_text(struct partial_reader *reader,
                                        struct err *err)
{
    enum partial_status status = next_line(reader, err);

    if (status != PARTIAL_END)
        return status;
    reader->line_count++;
    return broken(reader, err, "it is missing: the partial is cut");
}

static bool begins(struct span line, struct span with)
{
    return line.len >= with.len && memcmp(line.ptr, with.ptr, with.len) == 0;
}

/* --- lines that are one object --- */

/* Hands the line's members to `take`; PARTIAL_GROUP if it was content. */
static enum partial_status take_object(
    struct partial_reader *reader,
    void (*take)(struct partial_reader *reader, struct line_members *members),
    struct err *err)
{
    bool memory_is_out;
    cJSON *object = cjson_object(reader->line, &memory_is_out);
    enum partial_status status = PARTIAL_GROUP;
    struct line_members members;

    if (!object)
        return memory_is_out ? failed(err)
                             : broken(reader, err, "it is no JSON object");
    members = line_members_of(object);
    take(reader, &members);
    line_no_more(&members);
    if (members.memory_is_out) {
        status = failed(err);
    } else if (members.wrong) {
        status = broken_member(reader, err, members.wrong);
    }
    cJSON_Delete(object);
    return status;
}

/* --- the header --- */

static struct span *texts_member(struct line_members *members, const char *name,
                                 struct arena *arena, size_t *count)
{
    const cJSON *array = line_array(members, name);
    const cJSON *item;
    struct span *texts;

    *count = 0;
    if (!array)
        return NULL;
    texts = arena_alloc(arena, ((size_t)cJSON_GetArraySize(array) + 1) *
                                   sizeof(*texts));
    cJSON_ArrayForEach(item, array)
    {
        if (!texts)
            break;
        if (!cJSON_IsString(item)) {
            line_wrong(members, name);
            break;
        }
        texts[*count] = arena_copy(arena, span_str(item->valuestring));
        if (!span_present(texts[*count]))
            members->memory_is_out = true;
        if (*count > 0 && span_cmp(texts[*count - 1], texts[*count]) >= 0)
            line_wrong(members, name);
        ++*count;
    }
    if (!texts)
        members->memory_is_out = true;
    return texts;
}

static bool hash_from_text(const char *text, struct hash128 *hash)
{
    uint64_t word[2] = {0, 0};

    if (strlen(text) != PARTIAL_SUM_BYTES - 1)
        return false;
    for (int i = 0; i < PARTIAL_SUM_BYTES - 1; i++) {
        static const char digits[] = "0123456789abcdef";
        const char *digit = memchr(digits, text[i], 16);

        if (!digit)
            return false;
        word[i / 16] = word[i / 16] << 4 | (uint64_t)(digit - digits);
    }
    *hash = (struct hash128){.hi = word[0], .lo = word[1]};
    return true;
}

static void take_leaves(struct partial_header *header,
                        struct line_members *members)
{
    const cJSON *array = line_array(members, "leaves");
    const cJSON *item;
    struct hash128 *leaves;
    size_t count = 0;

    if (!array)
        return;
    leaves =
        arena_alloc(&header->arena,
                    ((size_t)cJSON_GetArraySize(array) + 1) * sizeof(*leaves));
    cJSON_ArrayForEach(item, array)
    {
        if (!leaves)
            break;
        if (!cJSON_IsString(item) ||
            !hash_from_text(item->valuestring, &leaves[count++])) {
            line_wrong(members, "leaves");
            return;
        }
    }
    if (!leaves || partial_header_add_leaves(header, leaves, count) < 0)
        members->memory_is_out = true;
    else if (header->leaf_count != count)
        line_wrong(members, "leaves");
}

static void take_header(struct partial_reader *reader,
                        struct line_members *members)
{
    struct partial_header *header = &reader->header;

    if (!span_eq(line_text(members, "offbox"), SPAN("partial")))
        line_wrong(members, "offbox");
    reader->version = line_number(members, "version");
    if (members->wrong || reader->version != PARTIAL_VERSION) {
        members->at = NULL; /* another version may have other members */
        return;
    }
    header->ipv6 = line_bool(members, "ipv6");
    header->keep_duplicates = line_bool(members, "keep_duplicates");
    header->extended = line_bool(members, "extended");
    header->identities = line_bool(members, "identities");
    header->since = line_time(members, "since", INT64_MIN);
    header->until = line_time(members, "until", TIMESTAMP_UNKNOWN);
    header->ignore =
        texts_member(members, "ignore", &header->arena, &header->ignore_count);
    header->instances = texts_member(members, "instances", &header->arena,
                                     &header->instance_count);
    take_leaves(header, members);
}

struct partial_reader *partial_reader_new(struct err *err)
{
    struct partial_reader *reader = sys_calloc(1, sizeof(*reader));

    if (!reader) {
        (void)err_memory(err);
        return NULL;
    }
    cjson_object_prepare();
    reader->header = PARTIAL_HEADER_INIT;
    reader->text_arena = ARENA_INIT;
    reader->bytes = sys_grow(NULL, &reader->capacity, BUFFER_BYTES, 1);
    reader->in = inflate_new(err);
    if (!reader->bytes || !reader->in) {
        (void)err_memory(err);
        partial_reader_free(reader);
        return NULL;
    }
    /* A partial is no upload of an unknown: whoever may give one may as
     * well give a plain one, which has no limit. */
    inflate_limit(reader->in, UINT64_MAX);
    return reader;
}

static void forget_texts(struct partial_reader *reader)
{
    arena_clear(&reader->text_arena);
    reader->text_count = 0;
    for (int part = 0; part < FACET_PARTS; part++)
        reader->tuples[part].count = 0;
}

static void forget(struct partial_reader *reader)
{
    if (reader->figures_open)
        partial_figures_release(&reader->figures);
    reader->figures_open = false;
    partial_header_release(&reader->header);
    forget_texts(reader);
    buf_clear(&reader->instance_id);
    buf_clear(&reader->before_id);
    reader->before_address = IP_ABSENT;
    reader->start = reader->end = 0;
    reader->line_count = 0;
    reader->groups = reader->rows = 0;
    reader->located_groups = reader->located_rows = 0;
    cJSON_Delete(reader->fact_object);
    reader->fact_object = NULL;
    reader->located = false;
    reader->sum = PARTIAL_SUM_INIT;
    reader->again = false;
    reader->group_open = false;
    reader->stage = IN_FACTS;
}

void partial_reader_free(struct partial_reader *reader)
{
    if (!reader)
        return;
    forget(reader);
    arena_release(&reader->text_arena);
    sys_free(reader->texts);
    for (int part = 0; part < FACET_PARTS; part++)
        sys_free(reader->tuples[part].items);
    buf_release(&reader->instance_id);
    buf_release(&reader->before_id);
    buf_release(&reader->event_id);
    buf_release(&reader->record);
    inflate_free(reader->in);
    sys_free(reader->bytes);
    sys_free(reader);
}

enum partial_status partial_reader_start(struct partial_reader *reader, int fd,
                                         struct reader *from, struct err *err)
{
    enum partial_status status;

    forget(reader);
    reader->from = from;
    if (!from)
        inflate_start(reader->in, fd);
    status = line_of_text(reader, err);
    if (status != PARTIAL_GROUP)
        return status;
    status = take_object(reader, take_header, err);
    if (status != PARTIAL_GROUP)
        return status;
    if (reader->version != PARTIAL_VERSION)
        return broken(reader, err,
                      "it is of another version than this program reads");
    if (partial_figures_init(&reader->figures, &reader->header, err) < 0) {
        partial_figures_release(&reader->figures);
        return PARTIAL_FAILED;
    }
    reader->figures_open = true;
    return PARTIAL_GROUP;
}

const struct partial_header *partial_reader_header(
    const struct partial_reader *reader)
{
    return &reader->header;
}

/* --- the dictionary --- */

static void take_texts(struct partial_reader *reader,
                       struct line_members *members)
{
    const cJSON *array = line_array(members, "texts");
    const cJSON *item;

    cJSON_ArrayForEach(item, array)
    {
        struct span *moved;

        if (!cJSON_IsString(item)) {
            line_wrong(members, "texts");
            return;
        }
        moved = sys_grow(reader->texts, &reader->text_capacity,
                         reader->text_count + 1, sizeof(*moved));
        if (!moved) {
            members->memory_is_out = true;
            return;
        }
        reader->texts = moved;
        moved[reader->text_count] =
            arena_copy(&reader->text_arena, span_str(item->valuestring));
        if (!span_present(moved[reader->text_count])) {
            members->memory_is_out = true;
            return;
        }
        reader->text_count++;
    }
}

static bool read_tuple(const struct partial_reader *reader, const char **at,
                       const char *end, struct tuple *tuple)
{
    tuple->numbering = 0;
    for (int i = 0; i < FACETS_A_PART; i++) {
        uint64_t value;

        if (!vlq_get(at, end, &value) || value > reader->text_count)
            return false;
        tuple->value[i] = value == 0 ? STRINGS_ABSENT : (uint32_t)(value - 1);
    }
    return true;
}

static void take_tuples(struct partial_reader *reader,
                        struct line_members *members, const char *name,
                        struct tuples *tuples)
{
    struct span packed = line_text(members, name);
    const char *at = packed.ptr;

    while (at < packed.ptr + packed.len) {
        struct tuple *moved = sys_grow(tuples->items, &tuples->capacity,
                                       tuples->count + 1, sizeof(*moved));

        if (!moved) {
            members->memory_is_out = true;
            return;
        }
        tuples->items = moved;
        if (!read_tuple(reader, &at, packed.ptr + packed.len,
                        &moved[tuples->count])) {
            line_wrong(members, name);
            return;
        }
        tuples->count++;
    }
}

static void take_dictionary(struct partial_reader *reader,
                            struct line_members *members)
{
    if (line_peek(members, "forget")) {
        if (!line_bool(members, "forget"))
            line_wrong(members, "forget");
        forget_texts(reader);
    }
    take_texts(reader, members);
    take_tuples(reader, members, "callers", &reader->tuples[FACETS_CALLER]);
    take_tuples(reader, members, "calls", &reader->tuples[FACETS_CALL]);
}

/* --- packed lines --- */

/* Where a group's lines go. */
struct adding {
    struct partial_reader *reader;
    struct aggregate *into; /* NULL: they are only checked */
    uint32_t numbering;
    uint32_t group;
    uint64_t events; /* rows and counted ones so far */
    bool first_seen;
    bool memory_is_out;
};

/* The aggregate's number of a tuple of the dictionary. */
static uint32_t enter_tuple(struct adding *adding, int part,
                            struct tuple *tuple)
{
    const struct partial_reader *reader = adding->reader;
    struct span texts[FACETS_A_PART];

    for (int i = 0; i < FACETS_A_PART; i++)
        texts[i] = tuple->value[i] == STRINGS_ABSENT
                       ? SPAN_ABSENT
                       : reader->texts[tuple->value[i]];
    tuple->number =
        facet_table_enter(&adding->into->facets, (enum facet_part)part, texts);
    if (tuple->number == FACETS_NONE)
        adding->memory_is_out = true;
    else
        tuple->numbering = adding->numbering;
    return tuple->number;
}

static inline bool get_facets(struct adding *adding, const char **at,
                              const char *end, struct facets *facets)
{
    for (int part = 0; part < FACET_PARTS; part++) {
        struct tuples *tuples = &adding->reader->tuples[part];
        struct tuple *tuple;
        uint64_t position;

        if (!vlq_get(at, end, &position) || position >= tuples->count)
            return false;
        tuple = &tuples->items[position];
        facets->part[part] = !adding->into ? 0
                             : tuple->numbering == adding->numbering
                                 ? tuple->number
                                 : enter_tuple(adding, part, tuple);
    }
    return !adding->memory_is_out;
}

/* As put_time() of the writer. */
static inline bool get_time(const char **at, const char *end, timestamp base,
                            timestamp *time)
{
    uint64_t code, later;

    if (!vlq_get(at, end, &code))
        return false;
    *time = TIMESTAMP_UNKNOWN;
    if (code == 0)
        return true;
    later = (code - 1) / 2;
    if (code % 2 == 1) {
        if (later > (uint64_t)INT64_MAX / TICKS_PER_SECOND)
            return false;
        later *= TICKS_PER_SECOND;
    }
    if (base == TIMESTAMP_UNKNOWN || later > (uint64_t)(TIMESTAMP_LAST - base))
        return false;
    *time = base + (timestamp)later;
    return true;
}

static bool take_rows(struct adding *adding, struct span packed)
{
    const char *at = packed.ptr, *end = packed.ptr + packed.len;
    struct aggregate_row row = {.group = adding->group,
                                .time = adding->reader->time};

    while (at < end) {
        timestamp before = row.time;

        if (!vlq_get_hash(&at, end, &row.identity) ||
            !get_time(&at, end, before, &row.time) ||
            !get_facets(adding, &at, end, &row.facets))
            return false;
        adding->events++;
        ++*(adding->reader->located ? &adding->reader->located_rows
                                    : &adding->reader->rows);
        if (adding->into &&
            aggregate_enter_row(adding->into, &row) == OUTCOME_COUNT) {
            adding->memory_is_out = true;
            return false;
        }
    }
    return true;
}

static bool take_counted(struct adding *adding, struct span packed)
{
    const char *at = packed.ptr, *end = packed.ptr + packed.len;
    struct tally_entry entry = {.group = adding->group};

    while (at < end) {
        if (!get_facets(adding, &at, end, &entry.facets) ||
            !vlq_get(&at, end, &entry.count) ||
            !get_time(&at, end, adding->reader->time, &entry.first) ||
            !get_time(&at, end, entry.first, &entry.last))
            return false;
        adding->events += entry.count;
        if (adding->into && aggregate_enter_counted(adding->into, &entry) < 0) {
            adding->memory_is_out = true;
            return false;
        }
    }
    return true;
}

static bool take_hours(struct adding *adding, struct span packed)
{
    const char *at = packed.ptr, *end = packed.ptr + packed.len;
    struct tally_hour hour = {.group = adding->group};

    if (adding->reader->time == TIMESTAMP_UNKNOWN)
        return false;
    hour.hour = timestamp_hour(adding->reader->time);
    while (at < end) {
        uint64_t later;

        if (!vlq_get(&at, end, &later) || !vlq_get(&at, end, &hour.count) ||
            later > (uint64_t)(timestamp_hour(TIMESTAMP_LAST) - hour.hour))
            return false;
        hour.hour += (int64_t)later;
        if (adding->into && aggregate_enter_hour(adding->into, &hour) < 0) {
            adding->memory_is_out = true;
            return false;
        }
    }
    return true;
}

/* `FACETS","record":"TEXT` */
static bool take_first(struct adding *adding, struct span packed)
{
    struct partial_reader *reader = adding->reader;
    const struct span middle = SPAN("\",\"record\":\"");
    const char *at = packed.ptr, *end = packed.ptr + packed.len;
    struct span id = buf_span(&reader->event_id);
    struct facets facets;

    if (adding->first_seen || !get_facets(adding, &at, end, &facets) ||
        !begins(span_of(at, (size_t)(end - at)), middle))
        return false;
    adding->first_seen = true;
    if (!adding->into ||
        aggregate_first_cmp(adding->into, adding->group, reader->time, id) > 0)
        return true;
    at += middle.len;
    buf_clear(&reader->record);
    if (json_text_unescape(span_of(at, (size_t)(end - at)), &reader->record) <
        0)
        return false;
    if (reader->record.failed ||
        aggregate_enter_first(adding->into, adding->group, reader->time, id,
                              buf_span(&reader->record), facets) < 0)
        adding->memory_is_out = true;
    return !adding->memory_is_out;
}

/* The lines that belong to a group: how they begin, and who takes what
 * stands between that and the end. */
static const struct {
    const char *lead;
    bool (*take)(struct adding *adding, struct span packed);
    bool is_first;
} packed_lines[] = {
    {"{\"rows\":\"", take_rows, false},
    {"{\"first\":\"", take_first, true},
    {"{\"counted\":\"", take_counted, false},
    {"{\"hours\":\"", take_hours, false},
};

/* If the line is one of these, take it. PARTIAL_END if it is not. */
static enum partial_status take_packed(struct adding *adding, struct err *err)
{
    struct partial_reader *reader = adding->reader;
    struct span line = reader->line;

    for (size_t i = 0; i < sizeof(packed_lines) / sizeof(packed_lines[0]);
         i++) {
        struct span lead = span_str(packed_lines[i].lead);

        if (!begins(line, lead))
            continue;
        if (line.len < lead.len + 2 ||
            memcmp(line.ptr + line.len - 2, "\"}", 2) != 0 ||
            (!adding->first_seen && !packed_lines[i].is_first) ||
            !packed_lines[i].take(
                adding, span_of(line.ptr + lead.len, line.len - lead.len - 2)))
            return adding->memory_is_out
                       ? failed(err)
                       : broken(reader, err, "it is not as it should be");
        return PARTIAL_GROUP;
    }
    return PARTIAL_END;
}

/* All lines of the group whose key was read last. */
static enum partial_status take_group(struct adding *adding, struct err *err)
{
    struct partial_reader *reader = adding->reader;
    enum partial_status status;

    reader->group_open = false;
    do {
        status = line_of_text(reader, err);
        if (status != PARTIAL_GROUP)
            return status;
        if (begins(reader->line, SPAN("{\"texts\":")) ||
            begins(reader->line, SPAN("{\"forget\":")))
            status = take_object(reader, take_dictionary, err);
        else
            status = take_packed(adding, err);
    } while (status == PARTIAL_GROUP);
    if (status != PARTIAL_END)
        return status;
    if (!adding->first_seen || adding->events != reader->count)
        return broken(reader, err, "the group before it is not whole");
    reader->again = true;
    return PARTIAL_GROUP;
}

/* --- keys --- */

static void take_key(struct partial_reader *reader,
                     struct line_members *members)
{
    struct span instance =
        line_text(members, reader->located ? "located" : "instance");

    buf_clear(&reader->instance_id);
    buf_add(&reader->instance_id, instance);
    reader->address =
        line_address(members, reader->located ? "location" : "address");
    if (reader->located && !partial_is_owner(instance))
        line_wrong(members, "located");
    if (reader->located && !partial_is_location(reader->address))
        line_wrong(members, "location");
    reader->count = line_number(members, "count");
    reader->time = line_time(members, "time", TIMESTAMP_UNKNOWN);
    buf_clear(&reader->event_id);
    if (line_peek(members, "id"))
        buf_add(&reader->event_id, line_text(members, "id"));
    if (reader->instance_id.failed || reader->event_id.failed)
        members->memory_is_out = true;
}

/* Those by location stand behind those of the rule. */
static enum partial_status next_key(struct partial_reader *reader, bool located,
                                    struct partial_group *group,
                                    struct err *err)
{
    uint64_t *count = located ? &reader->located_groups : &reader->groups;
    struct buf swap = reader->before_id;
    enum partial_status status;
    int order;

    if (located ? !reader->header.extended : reader->located)
        return broken(reader, err, "it is not as it should be");
    reader->located = located;
    reader->before_id = reader->instance_id;
    reader->instance_id = swap;
    reader->before_address = reader->address;
    status = take_object(reader, take_key, err);
    if (status != PARTIAL_GROUP)
        return status;
    order = *count == 0 ? -1
                        : span_cmp(buf_span(&reader->before_id),
                                   buf_span(&reader->instance_id));
    if (order > 0 ||
        (order == 0 && ip_cmp(reader->before_address, reader->address) >= 0))
        return broken(reader, err, "the groups are not in order");
    ++*count;
    reader->group_open = true;
    *group = (struct partial_group){
        partial_kind_of(located, buf_span(&reader->instance_id)),
        buf_span(&reader->instance_id), reader->address};
    return PARTIAL_GROUP;
}

/* --- facts --- */

/* Check a line's fact, and enter it if there is something to enter it into.
 * The object stays until the next one was compared with it. */
static enum partial_status take_fact(struct partial_reader *reader,
                                     enum partial_fact_kind kind,
                                     struct facts *facts,
                                     struct located *located, struct err *err)
{
    bool memory_is_out;
    cJSON *object = cjson_object(reader->line, &memory_is_out);
    struct line_members members;
    struct partial_fact fact;
    bool in_order;

    if (!object)
        return memory_is_out ? failed(err)
                             : broken(reader, err, "it is no JSON object");
    members = line_members_of(object);
    partial_fact_take(&members, kind, &fact);
    line_no_more(&members);
    in_order = !reader->fact_object || members.wrong ||
               partial_fact_cmp(&reader->fact, &fact) < 0;
    cJSON_Delete(reader->fact_object);
    reader->fact_object = object;
    reader->fact = fact;
    reader->fact.use.people = NULL; /* order does not ask for them */
    if (members.wrong)
        return broken_member(reader, err, members.wrong);
    if (!in_order)
        return broken(reader, err, "the facts are not in order");
    return facts && partial_fact_enter(&fact, facts, located) < 0
               ? failed(err)
               : PARTIAL_GROUP;
}

enum partial_status partial_reader_learn(struct partial_reader *reader,
                                         struct facts *facts,
                                         struct located *located,
                                         struct err *err)
{
    enum partial_status status = PARTIAL_GROUP;
    enum partial_fact_kind kind;

    while (status == PARTIAL_GROUP && reader->stage == IN_FACTS) {
        status = line_of_text(reader, err);
        if (status != PARTIAL_GROUP)
            return status;
        if (reader->header.extended &&
            partial_fact_begins(reader->line, &kind)) {
            status = take_fact(reader, kind, facts, located, err);
        } else {
            reader->again = true;
            reader->stage = IN_GROUPS;
        }
    }
    return status;
}

/* --- notes, figures --- */

static bool status_by_name(struct span name, enum input_status *status)
{
    for (int i = INPUT_READ; i < INPUT_STATUS_COUNT; i++)
        if (span_eq(name, span_str(input_status_name((enum input_status)i)))) {
            *status = (enum input_status)i;
            return true;
        }
    return false;
}

/* A path that is no UTF-8 stands as hexadecimal digits. */
static void take_path(struct line_members *members, struct buf *path)
{
    static const char digits[] = "0123456789abcdef";
    struct span hex;

    if (line_peek(members, "path")) {
        buf_add(path, line_text(members, "path"));
        return;
    }
    hex = line_text(members, "path_bytes");
    for (size_t i = 0; i + 1 < hex.len; i += 2) {
        const char *high = memchr(digits, hex.ptr[i], 16);
        const char *low = memchr(digits, hex.ptr[i + 1], 16);

        if (!high || !low) {
            line_wrong(members, "path_bytes");
            return;
        }
        buf_add_char(path, (char)((high - digits) << 4 | (low - digits)));
    }
}

static void take_note(struct partial_reader *reader,
                      struct line_members *members)
{
    struct ledger_note note = {0};
    struct buf path = BUF_INIT;

    if (!status_by_name(line_text(members, "note"), &note.status))
        line_wrong(members, "note");
    take_path(members, &path);
    note.offset = line_number(members, "offset");
    note.records = line_number(members, "records");
    note.reason = line_text(members, "reason");
    note.path = path.len ? buf_span(&path) : SPAN("");
    if (!members->wrong &&
        (path.failed ||
         ledger_add_note(&reader->figures.ledger, note, NULL) < 0))
        members->memory_is_out = true;
    buf_release(&path);
}

static void take_ledger(struct line_members *members, struct ledger *ledger)
{
    struct line_members files = line_members_of(line_member(members, "files"));

    for (int i = INPUT_READ; i < INPUT_STATUS_COUNT; i++)
        ledger->files[i] =
            line_number(&files, input_status_name((enum input_status)i));
    line_no_more(&files);
    if (files.wrong)
        line_wrong(members, "files");
    ledger->bytes_packed = line_number(members, "bytes_packed");
    ledger->bytes_unpacked = line_number(members, "bytes_unpacked");
    ledger->records_read = line_number(members, "records_read");
    ledger->records_unreadable = line_number(members, "records_unreadable");
    ledger->first_delivery =
        line_time(members, "first_delivery", TIMESTAMP_UNKNOWN);
    ledger->last_delivery =
        line_time(members, "last_delivery", TIMESTAMP_UNKNOWN);
}

static void take_outcomes(struct line_members *members,
                          struct outcome_counts *outcomes)
{
    struct line_members events =
        line_members_of(line_member(members, "events"));

    for (int i = 0; i < OUTCOME_COUNT; i++)
        outcomes->count[i] =
            line_number(&events, outcome_name((enum outcome)i));
    line_no_more(&events);
    if (events.wrong)
        line_wrong(members, "events");
    outcomes->first_event =
        line_time(members, "first_event", TIMESTAMP_UNKNOWN);
    outcomes->last_event = line_time(members, "last_event", TIMESTAMP_UNKNOWN);
}

static bool outcome_by_name(struct span name, enum outcome *outcome)
{
    for (int i = 0; i < OUTCOME_COUNT; i++)
        if (span_eq(name, span_str(outcome_name((enum outcome)i)))) {
            *outcome = (enum outcome)i;
            return true;
        }
    return false;
}

static void take_drop(struct line_members *drop, struct focus *focus, size_t at,
                      bool *memory_is_out)
{
    const cJSON *address = line_member(drop, "address");
    enum outcome outcome = OUTCOME_COUNT;
    uint64_t count;

    if (!cJSON_IsString(address) && !cJSON_IsNull(address))
        line_wrong(drop, "address");
    if (!outcome_by_name(line_text(drop, "outcome"), &outcome))
        line_wrong(drop, "outcome");
    count = line_number(drop, "count");
    line_no_more(drop);
    if (!drop->wrong &&
        focus_add_drop(focus, at,
                       cJSON_IsString(address) ? span_str(address->valuestring)
                                               : SPAN_ABSENT,
                       outcome, count) < 0)
        *memory_is_out = true;
}

static void take_focus(struct partial_reader *reader,
                       struct line_members *members)
{
    struct focus *focus = &reader->figures.focus;
    const cJSON *array = line_array(members, "focus");
    const cJSON *item;
    size_t at = 0;

    cJSON_ArrayForEach(item, array)
    {
        struct line_members one = line_members_of(item);
        const cJSON *dropped, *drop;

        if (at == focus->instance_count)
            break;
        take_outcomes(&one, &focus->outcomes[at]);
        dropped = line_array(&one, "dropped");
        cJSON_ArrayForEach(drop, dropped)
        {
            struct line_members its = line_members_of(drop);

            take_drop(&its, focus, at, &members->memory_is_out);
            if (its.wrong)
                line_wrong(&one, its.wrong);
        }
        line_no_more(&one);
        if (one.wrong)
            line_wrong(members, "focus");
        at++;
    }
    if (item || at != focus->instance_count)
        line_wrong(members, "focus");
}

static void take_figures(struct partial_reader *reader,
                         struct line_members *members)
{
    struct partial_figures *figures = &reader->figures;
    const cJSON *ignored, *item;
    size_t at = 0;

    if (line_number(members, "groups") != reader->groups)
        line_wrong(members, "groups");
    if (line_number(members, "rows") != reader->rows)
        line_wrong(members, "rows");
    if (reader->header.extended) {
        if (line_number(members, "located") != reader->located_groups)
            line_wrong(members, "located");
        if (line_number(members, "located_rows") != reader->located_rows)
            line_wrong(members, "located_rows");
    }
    take_ledger(members, &figures->ledger);
    take_outcomes(members, &figures->outcomes);
    ignored = line_array(members, "ignored");
    cJSON_ArrayForEach(item, ignored)
    {
        if (at == reader->header.ignore_count)
            break;
        figures->ignore_hits[at++] = line_number_of(members, item, "ignored");
    }
    if (item || at != reader->header.ignore_count)
        line_wrong(members, "ignored");
    take_focus(reader, members);
    figures->extracted = line_number(members, "extracted");
    figures->handed_on = line_number(members, "handed_on");
    figures->timeframe = line_bool(members, "timeframe");
}

/* The last line is compared as a whole: it has one spelling, and is in no
 * checksum itself. Nothing stands behind it. */
static enum partial_status finish(struct partial_reader *reader,
                                  struct err *err)
{
    char sum[PARTIAL_SUM_BYTES], line[PARTIAL_END_BYTES];
    enum partial_status status;

    (void)partial_sum_text(reader->sum_before, sum);
    if (!span_eq(reader->line,
                 partial_end_text(reader->line_count - 1, sum, line)))
        return broken(reader, err,
                      "the checksum does not agree with the lines before it");
    status = next_line(reader, err);
    if (status == PARTIAL_GROUP)
        return broken(reader, err, "it stands behind the end");
    if (status == PARTIAL_END)
        reader->stage = AT_END;
    return status;
}

static enum partial_status take_line(struct partial_reader *reader,
                                     struct partial_group *group,
                                     bool *is_group, struct err *err)
{
    struct span line = reader->line;

    bool located = begins(line, SPAN("{\"located\":"));

    *is_group = reader->stage == IN_GROUPS &&
                (located || begins(line, SPAN("{\"instance\":")));
    if (*is_group)
        return next_key(reader, located, group, err);
    if (reader->stage == IN_GROUPS && begins(line, SPAN("{\"note\":")))
        return take_object(reader, take_note, err);
    if (reader->stage == IN_GROUPS && begins(line, SPAN("{\"groups\":"))) {
        reader->stage = BEHIND_FIGURES;
        return take_object(reader, take_figures, err);
    }
    if (reader->stage == BEHIND_FIGURES && begins(line, SPAN("{\"lines\":")))
        return finish(reader, err);
    return broken(reader, err, "it is not as it should be");
}

enum partial_status partial_reader_next(struct partial_reader *reader,
                                        struct partial_group *group,
                                        struct err *err)
{
    enum partial_status status = partial_reader_learn(reader, NULL, NULL, err);
    bool is_group = false;

    if (status == PARTIAL_GROUP && reader->group_open)
        status = partial_reader_add(reader, NULL, 0, err);
    while (status == PARTIAL_GROUP && !is_group) {
        status = line_of_text(reader, err);
        if (status == PARTIAL_GROUP)
            status = take_line(reader, group, &is_group, err);
    }
    return status;
}

enum partial_status partial_reader_add(struct partial_reader *reader,
                                       struct aggregate *into,
                                       uint32_t numbering, struct err *err)
{
    struct adding adding = {
        .reader = reader, .into = into, .numbering = numbering};

    if (into) {
        adding.group = aggregate_enter_group(
            into, buf_span(&reader->instance_id), reader->address);
        if (adding.group == INDEX_NONE)
            return failed(err);
    }
    return take_group(&adding, err);
}

const struct partial_figures *partial_reader_figures(
    const struct partial_reader *reader)
{
    return &reader->figures;
}
