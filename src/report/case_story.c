/* Lists of distinct texts, filled while the records pass by. */
#include "report/case_story.h"

#include "base/utf8.h"
#include "event/json_text.h"
#include "event/member_text.h"
#include "event/members.h"
#include "report/owner_report.h"
#include "report/words.h"

#include <inttypes.h>

/* More of one text from a record helps nobody. */
#define TEXT_BYTES 200

/* Of one call's targets; the records have them all. */
#define TARGETS 8

/* --------------------------------------------------------------- lists */

static void list_init(struct story_list *list)
{
    *list = (struct story_list){.left_out = 0};
    strings_init(&list->texts);
}

/* -1 when memory is out. */
static int note(struct story_list *list, struct span text,
                const struct event *event)
{
    uint32_t number = strings_find(&list->texts, text);
    struct story_line *line;

    if (number == STRINGS_FAILED && list->texts.count == CASE_STORY_LINES) {
        list->left_out++;
        return 0;
    }
    if (number == STRINGS_FAILED) {
        number = strings_intern(&list->texts, text);
        if (number == STRINGS_FAILED)
            return -1;
        list->lines[number] = (struct story_line){.first = event->time};
    }
    line = &list->lines[number];
    line->count++;
    line->failed += !list->is_of_failures &&
                    span_present(event_value(event, EVENT_ERROR_CODE));
    line->last = event->time;
    return 0;
}

static int note_built(struct story_list *list, const struct buf *text,
                      const struct event *event)
{
    return text->failed ? -1 : note(list, buf_span(text), event);
}

void case_story_init(struct case_story *story)
{
    *story = (struct case_story){.first = TIMESTAMP_UNKNOWN,
                                 .last = TIMESTAMP_UNKNOWN};
    list_init(&story->calls);
    list_init(&story->targets);
    list_init(&story->changes);
    list_init(&story->failures);
    story->failures.is_of_failures = true;
    list_init(&story->keys);
    list_init(&story->roles);
    list_init(&story->others);
}

void case_story_release(struct case_story *story)
{
    strings_release(&story->calls.texts);
    strings_release(&story->targets.texts);
    strings_release(&story->changes.texts);
    strings_release(&story->failures.texts);
    strings_release(&story->keys.texts);
    strings_release(&story->roles.texts);
    strings_release(&story->others.texts);
    buf_release(&story->text);
    buf_release(&story->raw);
}

/* ------------------------------------------------------------- records */

/* In a code span: backticks, which end it, become apostrophes. */
static void add_code(struct buf *text, struct span from)
{
    struct buf plain = BUF_INIT;
    size_t len = from.len;

    if (len > TEXT_BYTES)
        for (len = TEXT_BYTES; len > 0 && (from.ptr[len] & 0xc0) == 0x80;)
            len--;
    utf8_add_terminal(&plain, span_of(from.ptr, len));
    for (size_t i = 0; i < plain.len; i++)
        if (plain.ptr[i] == '`')
            plain.ptr[i] = '\'';
    buf_add_char(text, '`');
    buf_add(text, plain.len ? buf_span(&plain) : SPAN(" "));
    buf_add(text, len < from.len ? SPAN("…`") : SPAN("`"));
    text->failed |= plain.failed;
    buf_release(&plain);
}

/* "`CreateUser` of `iam.amazonaws.com` from `203.0.113.1`" */
static void add_call(struct buf *text, const struct event *event)
{
    add_code(text, event->field[EVENT_NAME]);
    buf_add(text, SPAN(" of "));
    add_code(text, event->field[EVENT_SOURCE]);
    buf_add(text, SPAN(" from "));
    add_code(text, event->field[EVENT_SOURCE_IP_ADDRESS]);
}

static bool ends_with(struct span text, const char *end)
{
    return span_ends_with_fold(text, span_str(end));
}

/* Members of requests that say what the call is about. */
static bool names_target(struct span key)
{
    static const char *const endings[] = {
        "name", "id", "ids", "arn", "identifier", "key", "bucket", "target"};

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (ends_with(key, endings[i]))
            return true;
    return false;
}

/* The targets of one call. */
struct targets {
    struct case_story *story;
    struct span texts[TARGETS]; /* raw, in the record */
    size_t count;
};

static void add_target(struct targets *targets, struct span raw)
{
    for (size_t i = 0; i < targets->count; i++)
        if (span_eq(targets->texts[i], raw))
            return;
    if (raw.len > 0 && targets->count < TARGETS)
        targets->texts[targets->count++] = raw;
}

/* For member_text_any(): go on. */
static bool add_found(const void *context, struct span raw)
{
    add_target(*(struct targets *const *)context, raw);
    return false;
}

static void find_in_request(struct targets *targets, struct span request)
{
    struct members members;
    struct member member;

    members_init(&members, request);
    while (members_next(&members, &member) == 1)
        if (member.value.len > 2 && member.value.ptr[0] == '"' &&
            names_target(member.key))
            add_target(targets,
                       span_of(member.value.ptr + 1, member.value.len - 2));
    /* EC2's calls name theirs in lists. */
    (void)member_text_any(request, SPAN("\"instanceId\""), add_found, &targets);
}

/* What came into being, which must go again. */
static void find_in_response(struct targets *targets, struct span response)
{
    (void)member_text_any(response, SPAN("\"instanceId\""), add_found,
                          &targets);
    (void)member_text_any(response, SPAN("\"accessKeyId\""), add_found,
                          &targets);
    (void)member_text_any(response, SPAN("\"groupId\""), add_found, &targets);
}

/* What the record says the call was about: the request's names, what a change
 * made, then the resources' ARNs. Does it change anything? */
static bool find_targets(struct targets *targets, struct span record)
{
    struct span resources = SPAN_ABSENT, response = SPAN_ABSENT;
    bool changes = false;
    struct members members;
    struct member member;

    members_init(&members, record);
    while (members_next(&members, &member) == 1) {
        if (span_eq(member.key, SPAN("requestParameters")))
            find_in_request(targets, member.value);
        else if (span_eq(member.key, SPAN("resources")))
            resources = member.value;
        else if (span_eq(member.key, SPAN("responseElements")))
            response = member.value;
        else if (span_eq(member.key, SPAN("readOnly")))
            changes = span_eq(member.value, SPAN("false")) ||
                      span_eq(member.value, SPAN("\"false\""));
    }
    if (changes && span_present(response))
        find_in_response(targets, response);
    if (span_present(resources))
        (void)member_text_any(resources, SPAN("\"ARN\""), add_found, &targets);
    return changes;
}

static void add_target_text(struct case_story *story, struct span raw)
{
    buf_clear(&story->raw);
    if (json_text_unescape(raw, &story->raw) < 0)
        buf_add(&story->raw, raw);
    add_code(&story->text, story->raw.len ? buf_span(&story->raw) : SPAN(""));
    story->text.failed |= story->raw.failed;
}

static int note_targets(struct case_story *story, const struct targets *targets,
                        const struct event *event)
{
    for (size_t i = 0; i < targets->count; i++) {
        buf_clear(&story->text);
        add_target_text(story, targets->texts[i]);
        if (note_built(&story->targets, &story->text, event) < 0)
            return -1;
    }
    return 0;
}

static int note_change(struct case_story *story, const struct targets *targets,
                       const struct event *event)
{
    buf_clear(&story->text);
    add_call(&story->text, event);
    for (size_t i = 0; i < targets->count; i++) {
        buf_add(&story->text, i ? SPAN(", ") : SPAN(": "));
        add_target_text(story, targets->texts[i]);
    }
    return note_built(&story->changes, &story->text, event);
}

static int note_failure(struct case_story *story, const struct event *event)
{
    buf_clear(&story->text);
    add_call(&story->text, event);
    buf_add(&story->text, SPAN(": "));
    add_code(&story->text, event_value(event, EVENT_ERROR_CODE));
    return note_built(&story->failures, &story->text, event);
}

static int note_code(struct case_story *story, struct story_list *list,
                     struct span text, const struct event *event)
{
    if (!span_present(text))
        return 0;
    buf_clear(&story->text);
    add_code(&story->text, text);
    return note_built(list, &story->text, event);
}

static int note_other(struct case_story *story, const struct event *event)
{
    struct span who = event->field[EVENT_IDENTITY_ARN];

    if (!span_present(who))
        who = event->field[EVENT_PRINCIPAL_ID];
    if (!span_present(who))
        who = event->field[EVENT_IDENTITY_TYPE];
    return note_code(story, &story->others,
                     span_present(who) ? who : SPAN("unknown"), event);
}

int case_story_add(struct case_story *story, const struct event *event,
                   bool own)
{
    struct targets targets = {.story = story};
    bool failed = span_present(event_value(event, EVENT_ERROR_CODE));
    bool changes;

    story->records++;
    if (!own)
        return note_other(story, event);
    story->own++;
    if (story->own == 1)
        story->first = event->time;
    story->last = event->time;
    changes = find_targets(&targets, event->record);
    buf_clear(&story->text);
    add_call(&story->text, event);
    if (note_built(&story->calls, &story->text, event) < 0 ||
        note_targets(story, &targets, event) < 0 ||
        (changes && !failed && note_change(story, &targets, event) < 0) ||
        (failed && note_failure(story, event) < 0) ||
        note_code(story, &story->roles, event_role(event), event) < 0)
        return -1;
    return note_code(story, &story->keys, event->field[EVENT_ACCESS_KEY_ID],
                     event);
}

/* ---------------------------------------------------------------- page */

static void write_list(struct out *out, const char *title, const char *about,
                       const struct story_list *list)
{
    out_printf(out, "\n## %s\n\n%s\n%s", title,
               list->texts.count ? about : "Nothing that the records show.",
               list->texts.count ? "\n" : "");
    for (size_t i = 0; i < list->texts.count; i++) {
        const struct story_line *line = &list->lines[i];

        out_str(out, "- ");
        out_write(out, strings_text(&list->texts, (uint32_t)i));
        out_printf(out, " — %" PRIu64, line->count);
        if (line->failed)
            out_printf(out, ", %" PRIu64 " failed", line->failed);
        out_str(out, ", ");
        words_time(out, line->first);
        if (line->last != line->first) {
            out_str(out, " to ");
            words_time(out, line->last);
        }
        out_str(out, "\n");
    }
    if (list->left_out)
        out_printf(out,
                   "\nOf %" PRIu64 " more records what they say is not listed; "
                   "see records.jsonl.\n",
                   list->left_out);
}

static void write_code(struct out *out, struct span text)
{
    struct buf code = BUF_INIT;

    add_code(&code, text);
    if (code.failed)
        out_fail_memory(out);
    else
        out_write(out, buf_span(&code));
    buf_release(&code);
}

static void write_remarks(struct out *out, const char *label,
                          const struct alert_remark *remarks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        out_printf(out, "- %s ", label);
        write_code(out, remarks[i].subject);
        out_str(out, ": ");
        write_code(out, remarks[i].why);
        out_str(out, "\n");
    }
}

static void write_why(const struct alert_verdict *verdict, struct out *out)
{
    out_str(out, "\n## Why it is a case\n\n");
    for (size_t i = 0; i < verdict->reason_count; i++) {
        out_printf(out, "- %.*s (%+d): ", (int)verdict->reasons[i].id.len,
                   verdict->reasons[i].id.ptr, verdict->reasons[i].points);
        write_code(out, verdict->reasons[i].text);
        out_str(out, "\n");
    }
    write_remarks(out, "not judged:", verdict->not_judged,
                  verdict->not_judged_count);
    write_remarks(out, "an expected location:", verdict->expected,
                  verdict->expected_count);
}

static void write_owner(struct out *out, const struct owner *owner)
{
    owner_say(out, ", ", owner, "", write_code);
}

static void write_head(const struct case_story *story,
                       const struct alert *alert, bool left_out, uint64_t kept,
                       struct out *out)
{
    const struct alert_verdict *verdict = alert->verdict;

    out_str(out, "# Case ");
    write_code(out, alert->instance_id);
    out_printf(out, "\n\nSeverity: %s (%d points). Suspect: ",
               severity_name(verdict->severity), verdict->points);
    write_code(out, verdict->suspect);
    write_owner(out, &alert->suspect_owner);
    out_str(out, ".\n\n");
    words_count(out, story->records, "record");
    out_str(out, " in records.jsonl: every call from there, by the keys that "
                 "the instance's session used there, and by the keys that were "
                 "issued with these. The instance's own and its keys': ");
    out_printf(out, "%" PRIu64, story->own);
    if (story->own) {
        out_str(out, ", from ");
        words_time(out, story->first);
        out_str(out, " to ");
        words_time(out, story->last);
    }
    out_str(out, ".\n");
    if (left_out)
        out_printf(out,
                   "\n**There are more.** A case holds the first %" PRIu64
                   " events; what came later is left out here and below.\n",
                   kept);
    write_why(verdict, out);
}

/* The role's name in a command: one with a character that a shell could see is
 * left for the reader to fill in. `code` is its ARN or name in a code span. */
static struct span plain_name(struct span code)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstu"
                               "vwxyz0123456789_.@+-";
    size_t end = code.len > 1 ? code.len - 1 : 0;
    size_t at = end;

    while (at > 1 && code.ptr[at - 1] != '/')
        at--;
    if (at == end || end - at > 64 || code.ptr[at] == '-')
        return SPAN("ROLE_NAME");
    for (size_t i = at; i < end; i++)
        if (!memchr(safe, code.ptr[i], sizeof(safe) - 1))
            return SPAN("ROLE_NAME");
    return span_of(code.ptr + at, end - at);
}

static void write_revocation(struct out *out, struct span role)
{
    out_printf(out,
               "       aws iam put-role-policy --role-name %.*s "
               "--policy-name AWSRevokeOlderSessions --policy-document "
               "file://revoke.json\n",
               (int)role.len, role.ptr);
}

static void write_revoke(const struct case_story *story, struct out *out)
{
    const struct strings *roles = &story->roles.texts;

    out_str(out,
            "1. **Revoke the sessions of each role** that was used, in its "
            "account: in the IAM console, Roles, the role, Revoke sessions, "
            "Revoke active sessions. Or attach the inline policy that this "
            "makes, with the time of now:\n\n");
    for (size_t i = 0; i < roles->count; i++)
        write_revocation(out, plain_name(strings_text(roles, (uint32_t)i)));
    if (roles->count == 0)
        write_revocation(out, SPAN("ROLE_NAME"));
    out_str(out,
            "\n   where revoke.json is\n\n"
            "       {\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": "
            "\"Deny\", \"Action\": [\"*\"], \"Resource\": [\"*\"],\n"
            "        \"Condition\": {\"DateLessThan\": "
            "{\"aws:TokenIssueTime\": \"YYYY-MM-DDTHH:MM:SSZ\"}}}]}\n\n"
            "   Every session issued before then is denied everything, also "
            "those of the role's other instances, until each gets new "
            "credentials.\n");
}

static void write_steps(const struct case_story *story,
                        const struct alert *alert, struct out *out)
{
    out_str(out, "\n## What to do next\n\n");
    write_revoke(story, out);
    out_printf(out,
               "2. **Isolate the instance**, or whoever reached its metadata "
               "takes the new credentials, too: a security group without "
               "rules, IMDSv2. Do not stop it: its memory would be lost.\n\n"
               "       aws ec2 modify-instance-attribute --instance-id %.*s "
               "--groups SECURITY_GROUP_ID\n"
               "       aws ec2 modify-instance-metadata-options --instance-id "
               "%.*s --http-tokens required --http-put-response-hop-limit 1\n"
               "\n",
               (int)alert->instance_id.len, alert->instance_id.ptr,
               (int)alert->instance_id.len, alert->instance_id.ptr);
    out_str(out,
            "3. **Remove or restore what was changed**: every line under "
            "\"What was changed\". Users, access keys, login profiles, "
            "policies, trust policies, functions and instances outlive the "
            "sessions.\n"
            "4. **Change what could be read** with the roles: secrets, "
            "parameters, keys in buckets. CloudTrail shows reads of data only "
            "where data events are switched on.\n"
            "5. **Ask whose location it is.** The others that use it may know, "
            "or be in the same hands.\n");
}

void case_story_write(const struct case_story *story, const struct alert *alert,
                      bool left_out, uint64_t kept, struct out *out)
{
    write_head(story, alert, left_out, kept, out);
    write_list(out, "What was done", "Calls, in the order of their first.",
               &story->calls);
    write_list(out, "To what",
               "What the requests name, and the records' resources.",
               &story->targets);
    write_list(out, "What was changed",
               "Calls that are not read-only and did not fail.",
               &story->changes);
    write_list(out, "What failed", "Calls and their error codes.",
               &story->failures);
    write_list(out, "Keys", "Access keys that were used.", &story->keys);
    write_list(out, "Roles", "Roles that they were issued for.", &story->roles);
    write_list(out, "Who else is there",
               "Other principals that call from the location.", &story->others);
    write_steps(story, alert, out);
}
