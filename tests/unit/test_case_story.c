/*
 * The page of a case is read when something has happened, and commands are
 * copied from it: what the records say must not change what it says.
 */
#include "events.h"

#include "report/case_story.h"

static const struct alert_verdict verdict = {
    .severity = SEVERITY_HIGH,
    .points = 6,
    .suspect = {"198.51.100.9", 12},
};
static const struct alert alert = {
    .instance_id = {"i-0123456789abcdef0", 19},
    .verdict = &verdict,
};

/* The page of the story so far. */
static const char *page_of(const struct case_story *story, bool left_out)
{
    static char page[256 * 1024];
    struct out out;

    out_init(&out, -1);
    case_story_write(story, &alert, left_out, 65536, &out);
    assert_true(out.pending.len < sizeof(page));
    memcpy(page, out.pending.ptr, out.pending.len);
    page[out.pending.len] = '\0';
    out_release(&out);
    return page;
}

static void add(struct case_story *story, struct event event, const char *json,
                bool own)
{
    struct buf record = unit_json(json);

    event.record = buf_span(&record);
    assert_int_equal(case_story_add(story, &event, own), 0);
    buf_release(&record);
}

static bool holds(const char *page, const char *text)
{
    if (strstr(page, text))
        return true;
    print_error("'%s' is not in:\n%s\n", text, page);
    return false;
}

static struct event change(const char *name)
{
    struct event event =
        EVENT(.name = name, .key = "ASIA1", .source = "iam.amazonaws.com",
              .role = "arn:aws:iam::111122223333:role/a/web");

    event.field[EVENT_SOURCE_IP_ADDRESS] = SPAN("198.51.100.9");
    return event;
}

static void changes_are_told_from_readings_and_failures(void **state)
{
    struct case_story story;
    struct event failed = change("DeleteUser");
    const char *page;
    (void)state;

    case_story_init(&story);
    failed.field[EVENT_ERROR_CODE] = SPAN("AccessDenied");
    add(&story, change("CreateUser"),
        "{'readOnly':false,'requestParameters':{'userName':'eve','force':true,"
        "'note':'x'},'responseElements':{'accessKey':{'accessKeyId':'AKIA1'}},"
        "'resources':[{'ARN':'arn:aws:iam::111122223333:user/eve'}]}",
        true);
    add(&story, change("ListUsers"),
        "{'readOnly':true,'requestParameters':{'userName':'adam'}}", true);
    add(&story, failed,
        "{'readOnly':'false','requestParameters':{'userName':'adam'}}", true);
    add(&story, change("ListRoles"), "{}", false);
    page = page_of(&story, false);
    assert_true(holds(page, "- `CreateUser` of `iam.amazonaws.com` from "
                            "`198.51.100.9`: `eve`, `AKIA1`, "
                            "`arn:aws:iam::111122223333:user/eve` — 1, "));
    assert_null(strstr(page, "`ListUsers` of `iam.amazonaws.com` from "
                             "`198.51.100.9`:"));
    assert_true(holds(page, "- `DeleteUser` of `iam.amazonaws.com` from "
                            "`198.51.100.9`: `AccessDenied` — 1, "));
    assert_true(holds(page, "- `adam` — 2, 1 failed, "));
    assert_true(holds(page, "4 records in records.jsonl"));
    assert_true(holds(page, "The instance's own and its keys': 3, from "));
    assert_true(holds(page, "put-role-policy --role-name web --policy-name"));
    assert_null(strstr(page, "ListRoles"));
    assert_null(strstr(page, "There are more"));
    case_story_release(&story);
}

static void a_text_ends_neither_its_span_nor_its_line(void **state)
{
    struct case_story story;
    struct event event = change("`a`\n# b\x1b[31m\xe2\x80\xae");
    const char *page;
    (void)state;

    case_story_init(&story);
    event.field[EVENT_ROLE_ARN] = SPAN("arn:aws:iam::1:role/$(id) `x`");
    add(&story, event,
        "{'readOnly':false,'requestParameters':{'userName':"
        "'\\u0060\\n## c\\u0000'}}",
        true);
    page = page_of(&story, true);
    assert_true(holds(page, "`'a'\\n# b\\x1b[31m\\u{202e}` of "));
    assert_true(holds(page, "`'\\n## c"));
    assert_true(holds(page, "--role-name ROLE_NAME --policy-name"));
    assert_true(
        holds(page, "**There are more.** A case holds the first 65536"));
    assert_null(strstr(page, "\n# b"));
    assert_null(strstr(page, "\n## c"));
    assert_null(strchr(page, '\x1b'));
    case_story_release(&story);
}

/* However much an attacker writes, the page stays a page. */
static void lists_end(void **state)
{
    struct case_story story;
    const char *page;
    size_t lines = 0;
    (void)state;

    case_story_init(&story);
    for (int i = 0; i < 3 * CASE_STORY_LINES; i++) {
        char name[300];

        memset(name, 'n', sizeof(name));
        (void)snprintf(name, sizeof(name), "%03d", i);
        name[3] = 'n';
        name[sizeof(name) - 1] = '\0';
        add(&story, change(name), "{'readOnly':false}", true);
    }
    page = page_of(&story, false);
    for (const char *at = page; (at = strstr(at, "\n- `")); at++)
        lines++;
    assert_true(lines <= 2 * CASE_STORY_LINES + 2);
    assert_true(holds(page, "Of 400 more records what they say is not listed"));
    assert_null(strstr(page,
                       "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
                       "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
                       "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
                       "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
                       "n"));
    case_story_release(&story);
}

static void a_case_without_records_has_its_page(void **state)
{
    struct case_story story;
    const char *page;
    (void)state;

    case_story_init(&story);
    page = page_of(&story, false);
    assert_true(holds(page, "0 records in records.jsonl"));
    assert_true(holds(page, "--role-name ROLE_NAME --policy-name"));
    case_story_release(&story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_are_told_from_readings_and_failures),
        cmocka_unit_test(a_text_ends_neither_its_span_nor_its_line),
        cmocka_unit_test(lists_end),
        cmocka_unit_test(a_case_without_records_has_its_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
