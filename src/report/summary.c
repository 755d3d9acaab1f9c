/* The ledger, as an object and as sentences. */
#include "report/summary.h"

#include "report/words.h"

#include <inttypes.h>

/* Without --verbose no more warnings than fit beside the summary. */
#define WARNINGS_SHOWN 10

/* The same for lines of a policy, those that held and those that did not. */
#define POLICY_LINES_SHOWN 10

static void files_json(struct json_writer *json, const struct ledger *ledger)
{
    json_member_object(json, "files");
    json_member_uint(json, "found", ledger_files_found(ledger));
    json_member_uint(json, "read", ledger->files[INPUT_READ]);
    json_member_uint(json, "damaged", ledger->files[INPUT_DAMAGED]);
    json_member_uint(json, "unreadable", ledger->files[INPUT_UNREADABLE]);
    json_member_object(json, "skipped");
    for (int i = INPUT_FIRST_SKIP; i < INPUT_STATUS_COUNT; i++)
        json_member_uint(json, input_status_name((enum input_status)i),
                         ledger->files[i]);
    json_object_end(json);
    json_object_end(json);
}

static void damaged_files_json(struct json_writer *json,
                               const struct ledger *ledger)
{
    json_member_array(json, "damaged_files");
    for (size_t i = 0; i < ledger->note_count; i++) {
        const struct ledger_note *note = &ledger->notes[i];

        if (note->status != INPUT_DAMAGED)
            continue;
        json_object(json);
        json_member_string(json, "path", note->path);
        json_member_uint(json, "offset", note->offset);
        json_member_string(json, "reason", note->reason);
        json_object_end(json);
    }
    json_array_end(json);
}

static void counts_json(struct json_writer *json, const struct report *report)
{
    const struct ledger *ledger = &report->ledger;

    json_member_object(json, "bytes");
    json_member_uint(json, "packed", ledger->bytes_packed);
    json_member_uint(json, "unpacked", ledger->bytes_unpacked);
    json_object_end(json);
    json_member_object(json, "records");
    json_member_uint(json, "read", ledger->records_read);
    json_member_uint(json, "unreadable", ledger->records_unreadable);
    json_object_end(json);
    json_member_object(json, "instance_events");
    json_member_uint(json, "total", outcome_counts_total(&report->outcomes));
    json_member_uint(json, "kept", report->outcomes.count[OUTCOME_KEPT]);
    json_member_uint(json, "duplicate",
                     report->outcomes.count[OUTCOME_DUPLICATE]);
    for (int i = OUTCOME_PRIVATE; i <= OUTCOME_ALLOWED; i++)
        json_member_uint(json, outcome_name((enum outcome)i),
                         report->outcomes.count[i]);
    json_member_uint(json, outcome_name(OUTCOME_OUTSIDE_WINDOW),
                     report->outcomes.count[OUTCOME_OUTSIDE_WINDOW]);
    json_object_end(json);
}

/* Only with a policy: every line, and how often it held. */
static void policy_json(struct json_writer *json, const struct policy_use *use)
{
    if (!use->policy)
        return;
    json_member_array(json, "policy");
    for (size_t i = 0; i < use->policy->line_count; i++) {
        const struct policy_line *line = &use->policy->lines[i];

        json_object(json);
        json_member_string(json, "file", span_str(line->file));
        json_member_uint(json, "line", line->number);
        json_member_string(json, "statement", line->text);
        json_member_uint(json, "hits", use->hits[i]);
        json_object_end(json);
    }
    json_array_end(json);
}

/* Seconds since 1970; one that no timestamp holds is unknown. */
static timestamp time_of_epoch(uint64_t epoch)
{
    return epoch < (uint64_t)(TIMESTAMP_LAST / TICKS_PER_SECOND)
               ? (timestamp)epoch * TICKS_PER_SECOND
               : TIMESTAMP_UNKNOWN;
}

static void dbs_json(struct json_writer *json, const struct owners *owners)
{
    json_member_array(json, "mmdb");
    for (size_t i = 0; i < owners->db_count; i++) {
        const struct owners_db *db = &owners->dbs[i];

        json_object(json);
        json_member_string(json, "file", span_str(db->path));
        json_member_string(json, "database_type", address_db_type(db->db));
        json_member_time(json, "built",
                         time_of_epoch(address_db_epoch(db->db)));
        json_member_uint(json, "failed", db->failed);
        json_object_end(json);
    }
    json_array_end(json);
}

/* Only what was given: how old AWS's ranges and the databases are. */
static void owners_json(struct json_writer *json, const struct owners *owners)
{
    const struct ip_ranges *ranges = owners ? owners_ranges(owners) : NULL;

    if (ranges) {
        json_member_object(json, "ip_ranges");
        json_member_string(json, "syncToken", ranges->sync_token);
        json_member_string(json, "createDate", ranges->create_date);
        json_object_end(json);
    }
    if (owners && owners->db_count > 0)
        dbs_json(json, owners);
}

void summary_json(struct json_writer *json, const struct report *report)
{
    json_object(json);
    files_json(json, &report->ledger);
    damaged_files_json(json, &report->ledger);
    counts_json(json, report);
    json_member_uint(json, "instances", report->instances);
    json_member_uint(json, "pairs", report->pairs);
    json_member_object(json, "alerts");
    json_member_uint(json, "found",
                     report->alerts.triggered + report->alerts.muted +
                         report->alerts.known);
    json_member_uint(json, "muted", report->alerts.muted);
    json_member_uint(json, "known", report->alerts.known);
    json_member_uint(json, "written", report->alerts.triggered);
    json_object_end(json);
    json_member_time(json, "first_event", report->outcomes.first_event);
    json_member_time(json, "last_event", report->outcomes.last_event);
    json_member_time(json, "first_delivery", report->ledger.first_delivery);
    json_member_time(json, "last_delivery", report->ledger.last_delivery);
    policy_json(json, &report->policy);
    owners_json(json, report->owners);
    /* Only then, so that a report from partials is the same as one from
     * logs. */
    if (report->partials.upper_bounds)
        json_member_bool(json, "upper_bounds", true);
    json_object_end(json);
}

void summary_document(const struct report *report, struct out *out)
{
    struct json_writer json;

    json_init(&json, out, true);
    summary_json(&json, report);
    out_str(out, "\n");
}

/* `, N name` for each count that is not zero, the first behind `lead`. */
struct list {
    struct out *out;
    const char *lead;
    const char *tail;
    bool any;
};

static void list_item(struct list *list, uint64_t count, const char *name)
{
    if (count == 0)
        return;
    out_str(list->out, list->any ? ", " : list->lead);
    out_printf(list->out, "%" PRIu64 " ", count);
    words_name(list->out, name);
    list->any = true;
}

static void list_done(struct list *list)
{
    if (list->any)
        out_str(list->out, list->tail);
}

static void files_text(struct out *out, const struct ledger *ledger)
{
    struct list skipped = {out, "  skipped: ", "\n", false};

    out_str(out, "read ");
    words_count(out, ledger->files[INPUT_READ], "file");
    out_printf(out, " of %" PRIu64 " (", ledger_files_found(ledger));
    words_bytes(out, ledger->bytes_packed);
    out_str(out, ", ");
    words_bytes(out, ledger->bytes_unpacked);
    out_str(out, " unpacked), ");
    words_count(out, ledger->records_read, "record");
    out_str(out, "\n");
    for (int i = INPUT_FIRST_SKIP; i < INPUT_STATUS_COUNT; i++)
        if (i != INPUT_ARCHIVE) /* no skip by design: told as not read */
            list_item(&skipped, ledger->files[i],
                      input_status_name((enum input_status)i));
    list_done(&skipped);
}

/* Which deliveries were wanted, and which were read. */
static void timeframe_text(struct out *out, const struct report *report)
{
    const struct timeframe *frame = &report->timeframe;
    const struct ledger *ledger = &report->ledger;

    if (!frame->given)
        return;
    out_str(out, "  time frame from ");
    words_time(out, frame->from);
    if (frame->to != TIMESTAMP_UNKNOWN) {
        out_str(out, " to ");
        words_time(out, frame->to);
    }
    if (ledger->first_delivery != TIMESTAMP_UNKNOWN) {
        out_str(out, ", deliveries read from ");
        words_time(out, ledger->first_delivery);
        out_str(out, " to ");
        words_time(out, ledger->last_delivery);
    }
    out_str(out, "\n");
}

static void incomplete_text(struct out *out, const struct report *report)
{
    if (!ledger_is_incomplete(&report->ledger))
        return;
    out_str(out, "  NOT READ: ");
    words_not_read(out, &report->ledger);
    out_str(out, "\n");
}

static void events_text(struct out *out, const struct report *report)
{
    const struct outcome_counts *outcomes = &report->outcomes;
    struct list dropped = {out, "  dropped: ", "\n", false};

    words_count(out, outcome_counts_total(outcomes), "instance event");
    if (outcomes->first_event != TIMESTAMP_UNKNOWN) {
        out_str(out, " from ");
        words_time(out, outcomes->first_event);
        out_str(out, " to ");
        words_time(out, outcomes->last_event);
    }
    out_printf(out, ", %" PRIu64 " kept: ", outcomes->count[OUTCOME_KEPT]);
    words_count(out, report->instances, "instance");
    out_str(out, ", ");
    words_count(out, report->pairs, "address pair");
    out_str(out, "\n");
    for (int i = 0; i < OUTCOME_KEPT; i++)
        list_item(&dropped, outcomes->count[i], outcome_name((enum outcome)i));
    list_done(&dropped);
    if (outcomes->count[OUTCOME_IPV6] > 0 && !report->ipv6_counted)
        out_printf(out,
                   "  the rule does not count IPv6: %" PRIu64
                   " of these events came over it; --ipv6 counts them\n",
                   outcomes->count[OUTCOME_IPV6]);
}

static void extraction_text(struct out *out, const struct report *report)
{
    out_str(out, "parsed ");
    words_count(out, report->extracted + report->handed_on, "record");
    out_printf(out,
               " that can name an instance, %" PRIu64
               " of them by the reference extractor\n",
               report->handed_on);
}

static void policy_line_text(struct out *out, const struct policy_line *line)
{
    out_str(out, "'");
    out_terminal(out, span_str(line->file));
    out_printf(out, "' line %zu: ", line->number);
    out_terminal(out, line->text);
    out_str(out, "\n");
}

/* The lines that held, or those that did not: without `verbose` no more
 * than fit. */
static void policy_lines_text(struct out *out, const struct policy_use *use,
                              bool held, bool verbose)
{
    static const char *const nouns[POLICY_VERB_COUNT] = {
        [POLICY_IGNORE] = "event",
        [POLICY_EXPECT] = "address",
        [POLICY_MUTE] = "alert",
    };
    size_t shown = 0, left_out = 0;

    for (size_t i = 0; i < use->policy->line_count; i++) {
        const struct policy_line *line = &use->policy->lines[i];

        if ((use->hits[i] > 0) != held)
            continue;
        if (shown == POLICY_LINES_SHOWN && !verbose) {
            left_out++;
            continue;
        }
        shown++;
        out_str(out, "  ");
        if (held)
            words_count(out, use->hits[i], nouns[line->verb]);
        else
            out_str(out, "NOTHING");
        out_str(out, ", ");
        policy_line_text(out, line);
    }
    if (left_out > 0)
        out_printf(out, "  and %zu more that %s; --verbose names them all\n",
                   left_out, held ? "held" : "matched nothing");
}

static void policy_text(struct out *out, const struct policy_use *use,
                        bool verbose)
{
    size_t held = 0;

    if (!use->policy)
        return;
    for (size_t i = 0; i < use->policy->line_count; i++)
        held += use->hits[i] > 0;
    out_printf(out, "policy: %zu of ", held);
    words_count(out, use->policy->line_count, "line");
    out_str(out, " held\n");
    policy_lines_text(out, use, true, verbose);
    policy_lines_text(out, use, false, verbose);
}

static void owners_text(struct out *out, const struct owners *owners)
{
    const struct ip_ranges *ranges = owners ? owners_ranges(owners) : NULL;

    if (ranges) {
        out_str(out, "AWS's address ranges: syncToken ");
        out_terminal(out, ranges->sync_token);
        out_str(out, ", created ");
        out_terminal(out, ranges->create_date);
        out_str(out, "\n");
    }
    for (size_t i = 0; owners && i < owners->db_count; i++) {
        const struct owners_db *db = &owners->dbs[i];

        out_str(out, "address database '");
        out_terminal(out, span_str(db->path));
        out_str(out, "': ");
        out_terminal(out, address_db_type(db->db));
        out_str(out, ", built ");
        words_time(out, time_of_epoch(address_db_epoch(db->db)));
        out_str(out, "\n");
    }
}

static void partials_text(struct out *out, const struct report *report)
{
    const struct report_partials *partials = &report->partials;

    if (partials->merged > 0) {
        out_str(out, "  merged ");
        words_count(out, partials->merged, "partial");
        if (partials->again > 0)
            out_printf(out, ", %" PRIu64 " of them counted already",
                       partials->again);
        out_str(out, "\n");
    }
    if (partials->upper_bounds && !partials->written)
        out_str(out, "  counts are upper bounds: a partial without identities "
                     "does not show what was delivered twice\n");
}

/* How the run ends: alerts, or a partial. */
static void result_text(struct out *out, const struct report *report)
{
    if (report->partials.written) {
        out_str(out, "wrote a partial of ");
        words_count(out, report->partials.groups, "address pair");
        out_printf(out, ", %" PRIu64 " events with their identities",
                   report->partials.rows);
        return;
    }
    words_count(out, report->alerts.triggered, "alert");
    if (report->alerts.muted > 0)
        out_printf(out, ", %" PRIu64 " muted", report->alerts.muted);
    if (report->alerts.known > 0)
        out_printf(out, ", %" PRIu64 " known from the history",
                   report->alerts.known);
}

void summary_text(const struct report *report, bool verbose, struct out *out)
{
    files_text(out, &report->ledger);
    partials_text(out, report);
    timeframe_text(out, report);
    incomplete_text(out, report);
    if (verbose)
        extraction_text(out, report);
    events_text(out, report);
    policy_text(out, &report->policy, verbose);
    owners_text(out, report->owners);
    result_text(out, report);
    out_str(out,
            report_is_incomplete(report) ? "; coverage is incomplete\n" : "\n");
}

static bool is_skip(enum input_status status)
{
    return status >= INPUT_FIRST_SKIP && status != INPUT_ARCHIVE;
}

/* What happened to the input, behind its name. */
static void warning_text(const struct ledger_note *note, struct out *out)
{
    switch (note->status) {
    case INPUT_DAMAGED:
        out_printf(out, "is damaged at byte %" PRIu64 ": ", note->offset);
        break;
    case INPUT_UNREADABLE:
        out_str(out, "cannot be read: ");
        break;
    case INPUT_ARCHIVE:
        out_str(out, "is an archive and was not read: ");
        break;
    case INPUT_READ:
        out_str(out, "holds ");
        words_count(out, note->records, "unreadable record");
        out_printf(out, ", the first at byte %" PRIu64 ": ", note->offset);
        break;
    default:
        out_str(out, "skipped: ");
        words_name(out, note->reason.ptr);
        return;
    }
    out_terminal(out, note->reason);
}

static void warning(const struct ledger_note *note, const char *prefix,
                    struct out *out)
{
    out_str(out, prefix);
    if (!is_skip(note->status))
        out_str(out, "warning: ");
    out_str(out, "'");
    out_terminal(out, note->path);
    out_str(out, "' ");
    warning_text(note, out);
    out_str(out, "\n");
}

/* The trap of a site's own filters: see policy_line_hides_thieves(). */
static void hidden_thief_warning(const struct policy_use *use,
                                 const char *prefix, struct out *out)
{
    const struct policy_line *first = NULL;
    size_t more = 0;

    for (size_t i = 0; use->policy && i < use->policy->line_count; i++) {
        const struct policy_line *line = &use->policy->lines[i];

        if (!policy_line_hides_thieves(line))
            continue;
        more += first != NULL;
        first = first ? first : line;
    }
    if (!first)
        return;
    out_printf(out, "%swarning: ", prefix);
    out_str(out, "'");
    out_terminal(out, span_str(first->file));
    out_printf(out, "' line %zu ignores by ip alone", first->number);
    if (more > 0)
        out_printf(out, " (and %zu more)", more);
    out_str(out, ": an instance whose own addresses are ignored is left with "
                 "the thief's alone, and one address is no alert; 'expect "
                 "ip=...' counts your addresses as one\n");
}

static void db_warnings(const struct owners *owners, const char *prefix,
                        struct out *out)
{
    for (size_t i = 0; i < owners->db_count; i++) {
        const struct owners_db *db = &owners->dbs[i];

        if (db->failed == 0)
            continue;
        out_printf(out, "%swarning: address database '", prefix);
        out_terminal(out, span_str(db->path));
        out_str(out, "' told nothing of ");
        words_count(out, db->failed, "address");
        out_printf(out, ": %s\n", db->why.text);
    }
}

void summary_warnings(const struct report *report, const char *prefix,
                      bool verbose, struct out *out)
{
    const struct ledger *ledger = &report->ledger;
    size_t shown = 0, left_out = 0;

    for (size_t i = 0; i < ledger->note_count; i++) {
        const struct ledger_note *note = &ledger->notes[i];

        if (is_skip(note->status) && !verbose)
            continue;
        if (shown == WARNINGS_SHOWN && !verbose) {
            left_out++;
            continue;
        }
        shown += 1;
        warning(note, prefix, out);
    }
    if (left_out > 0)
        out_printf(out, "%swarning: %zu more; --verbose names them all\n",
                   prefix, left_out);
    hidden_thief_warning(&report->policy, prefix, out);
    if (report->owners)
        db_warnings(report->owners, prefix, out);
    if (report->partials.overlapping > 0)
        out_printf(out,
                   "%swarning: partials hold some of the same inputs: alerts "
                   "count each event once, but the figures of what was read "
                   "count these inputs twice\n",
                   prefix);
    if (report->nothing_read)
        out_printf(out,
                   "%swarning: no CloudTrail record was found in any input\n",
                   prefix);
}
