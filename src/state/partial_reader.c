/*
 * Lines of rows are read by hand, since there is one row an event; what
 * stands once a group or once a partial is cJSON's to read.
 */
#include "state/partial_reader.h"

#include "base/cjson_object.h"
#include "base/sys.h"
#include "base/vlq.h"
#include "event/json_text.h"
#include "state/line_members.h"
#include "state/partial_dictionary.h"
#include "state/partial_facts.h"
#include "state/partial_members.h"
#include "state/partial_source.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

enum stage {
    IN_FACTS,
    IN_GROUPS,
    BEHIND_FIGURES,
    AT_END,
};

struct partial_reader {
    struct partial_source source;
    enum stage stage;
    uint64_t version;
    struct partial_header header;
    struct partial_figures figures;
    bool figures_open;
    struct partial_totals totals; /* so far */

    struct partial_fact fact; /* of the last line with one, … */
    cJSON *fact_object;       /* … whose texts are in here; NULL: none yet */

    struct partial_dictionary dictionary;

    /* The group whose key was read last. */
    bool group_open; /* its lines were not */
    bool located;    /* it is no group of the rule's */
    struct buf instance_id, event_id, before_id, record;
    struct ip address, before_address;
    uint64_t count;
    timestamp time;
};

static enum partial_status broken(struct partial_reader *reader,
                                  struct err *err, const char *what)
{
    return partial_source_broken(&reader->source, err, what);
}

static bool begins(struct span line, struct span with)
{
    return line.len >= with.len && memcmp(line.ptr, with.ptr, with.len) == 0;
}

/* Hands the line's members to `take`; PARTIAL_GROUP if it was content. */
static enum partial_status take_object(
    struct partial_reader *reader,
    void (*take)(struct partial_reader *reader, struct line_members *members),
    struct err *err)
{
    bool memory_is_out;
    cJSON *object = cjson_object(reader->source.line, &memory_is_out);
    enum partial_status status = PARTIAL_GROUP;
    struct line_members members;

    if (!object)
        return memory_is_out ? partial_failed(err)
                             : broken(reader, err, "it is no JSON object");
    members = line_members_of(object);
    take(reader, &members);
    line_no_more(&members);
    if (members.memory_is_out) {
        status = partial_failed(err);
    } else if (members.wrong) {
        status = partial_source_bad_member(&reader->source, err, members.wrong);
    }
    cJSON_Delete(object);
    return status;
}

/* --- the whole --- */

static void take_header(struct partial_reader *reader,
                        struct line_members *members)
{
    partial_header_take(members, &reader->header, &reader->version);
}

static void take_note(struct partial_reader *reader,
                      struct line_members *members)
{
    partial_note_take(members, &reader->figures.ledger);
}

static void take_figures(struct partial_reader *reader,
                         struct line_members *members)
{
    partial_figures_take(members, &reader->header, &reader->totals,
                         &reader->figures);
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
    reader->dictionary = PARTIAL_DICTIONARY_INIT;
    if (partial_source_init(&reader->source, err) < 0) {
        partial_reader_free(reader);
        return NULL;
    }
    return reader;
}

static void forget(struct partial_reader *reader)
{
    if (reader->figures_open)
        partial_figures_release(&reader->figures);
    reader->figures_open = false;
    partial_header_release(&reader->header);
    partial_dictionary_clear(&reader->dictionary);
    buf_clear(&reader->instance_id);
    buf_clear(&reader->before_id);
    reader->before_address = IP_ABSENT;
    reader->totals = (struct partial_totals){0};
    cJSON_Delete(reader->fact_object);
    reader->fact_object = NULL;
    reader->located = false;
    reader->group_open = false;
    reader->stage = IN_FACTS;
}

void partial_reader_free(struct partial_reader *reader)
{
    if (!reader)
        return;
    forget(reader);
    partial_dictionary_release(&reader->dictionary);
    buf_release(&reader->instance_id);
    buf_release(&reader->before_id);
    buf_release(&reader->event_id);
    buf_release(&reader->record);
    partial_source_release(&reader->source);
    sys_free(reader);
}

enum partial_status partial_reader_start(struct partial_reader *reader, int fd,
                                         struct reader *from, struct err *err)
{
    enum partial_status status;

    forget(reader);
    partial_source_start(&reader->source, fd, from);
    status = partial_source_more(&reader->source, err);
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

static void take_dictionary(struct partial_reader *reader,
                            struct line_members *members)
{
    partial_dictionary_take(&reader->dictionary, members);
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

static inline bool get_facets(struct adding *adding, const char **at,
                              const char *end, struct facets *facets)
{
    return partial_dictionary_get(&adding->reader->dictionary, at, end,
                                  adding->into ? &adding->into->facets : NULL,
                                  adding->numbering, facets,
                                  &adding->memory_is_out);
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
        ++*(adding->reader->located ? &adding->reader->totals.located_rows
                                    : &adding->reader->totals.rows);
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
    struct span line = reader->source.line;

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
                       ? partial_failed(err)
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
        status = partial_source_more(&reader->source, err);
        if (status != PARTIAL_GROUP)
            return status;
        if (begins(reader->source.line, SPAN("{\"texts\":")) ||
            begins(reader->source.line, SPAN("{\"forget\":")))
            status = take_object(reader, take_dictionary, err);
        else
            status = take_packed(adding, err);
    } while (status == PARTIAL_GROUP);
    if (status != PARTIAL_END)
        return status;
    if (!adding->first_seen || adding->events != reader->count)
        return broken(reader, err, "the group before it is not whole");
    partial_source_again(&reader->source);
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
    uint64_t *count =
        located ? &reader->totals.located_groups : &reader->totals.groups;
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
    cJSON *object = cjson_object(reader->source.line, &memory_is_out);
    struct line_members members;
    struct partial_fact fact;
    bool in_order;

    if (!object)
        return memory_is_out ? partial_failed(err)
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
        return partial_source_bad_member(&reader->source, err, members.wrong);
    if (!in_order)
        return broken(reader, err, "the facts are not in order");
    return facts && partial_fact_enter(&fact, facts, located) < 0
               ? partial_failed(err)
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
        status = partial_source_more(&reader->source, err);
        if (status != PARTIAL_GROUP)
            return status;
        if (reader->header.extended &&
            partial_fact_begins(reader->source.line, &kind)) {
            status = take_fact(reader, kind, facts, located, err);
        } else {
            partial_source_again(&reader->source);
            reader->stage = IN_GROUPS;
        }
    }
    return status;
}

/* The last line is compared as a whole: it has one spelling, and is in no
 * checksum itself. Nothing stands behind it. */
static enum partial_status finish(struct partial_reader *reader,
                                  struct err *err)
{
    char sum[PARTIAL_SUM_BYTES], line[PARTIAL_END_BYTES];
    enum partial_status status;

    (void)partial_sum_text(reader->source.sum_before, sum);
    if (!span_eq(reader->source.line,
                 partial_end_text(reader->source.line_count - 1, sum, line)))
        return broken(reader, err,
                      "the checksum does not agree with the lines before it");
    status = partial_source_next(&reader->source, err);
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
    struct span line = reader->source.line;

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
        status = partial_source_more(&reader->source, err);
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
            return partial_failed(err);
    }
    return take_group(&adding, err);
}

const struct partial_figures *partial_reader_figures(
    const struct partial_reader *reader)
{
    return &reader->figures;
}
