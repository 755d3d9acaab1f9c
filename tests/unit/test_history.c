/*
 * The history decides which alerts are never seen again: an entry that is
 * wrongly found loses a theft, one that is lost only gives it twice. So
 * every doubt must end in an alert or in a refusal.
 */
#define UNIT_OWN_SYS
#include "unit.h"

#include "state/history.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define PATH    "history.jsonl"
#define ALERTED "2022-02-22T12:00:00.0000000Z"

static char folder[] = "/tmp/offbox-test-XXXXXX";

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(PATH ".lock");
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static int remove_history(void **state)
{
    (void)state;
    (void)unlink(PATH);
    return 0;
}

static void make_history(struct span text)
{
    int fd = sys_open_write(PATH, O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(sys_write(fd, text.ptr, text.len), 0);
    (void)sys_close(fd);
}

static void assert_history_is(struct span text)
{
    static char got[64 * 1024];
    int fd = sys_open_read(PATH, 0);
    size_t len = 0;
    ssize_t more;

    assert_true(fd >= 0);
    while ((more = sys_read(fd, got + len, sizeof(got) - len)) > 0)
        len += (size_t)more;
    (void)sys_close(fd);
    assert_span_equal(span_of(got, len), text);
}

static timestamp at(const char *text)
{
    timestamp time = timestamp_parse(span_str(text));

    assert_true(time != TIMESTAMP_UNKNOWN);
    return time;
}

static struct history_options options_at(const char *now)
{
    return (struct history_options){
        .path = PATH,
        .now = at(now),
        .ttl = HISTORY_TTL,
        .fields = DEDUP_FIELDS_DEFAULT,
    };
}

static struct history open_at(const char *now)
{
    struct history_options options = options_at(now);
    struct history history = HISTORY_INIT;
    struct err err = ERR_NONE;

    if (history_open(&history, &options, &err) < 0)
        fail_msg("%s", err.text);
    return history;
}

/* Alerts of one address, 203.0.113.4. */
static struct alert make_alert(struct span instance_id)
{
    static struct alert_ip ip = {.count = 1};
    unsigned prefix;

    assert_true(ip_parse_v4(SPAN("203.0.113.4"), &ip.address, &prefix));
    return (struct alert){
        .instance_id = instance_id,
        .triggered = true,
        .ips = &ip,
        .ip_count = 1,
        .time = at("2022-02-22T10:05:00Z"),
    };
}

static bool knows(const struct history *history, struct span instance_id)
{
    struct alert alert = make_alert(instance_id);
    struct err err = ERR_NONE;
    int known = history_knows(history, &alert, &err);

    assert_true(known >= 0);
    return known > 0;
}

static void add(struct history *history, struct span instance_id)
{
    struct alert alert = make_alert(instance_id);
    struct err err = ERR_NONE;

    assert_int_equal(history_add(history, &alert, &err), 0);
}

static void commit(struct history *history)
{
    struct err err = ERR_NONE;

    if (history_commit(history, &err) < 0)
        fail_msg("%s", err.text);
    history_release(history);
}

/* An entry of i-0a as this program writes it. */
#define ENTRY_AT(time, rest)                           \
    "{\"AlertedAt\":\"" time "\",\"RuleId\":\"0240\"," \
    "\"DedupFields\":\"SourceIpAddress|InstanceId\"," rest "}"
#define ENTITY_0A "\"DedupEntity\":\"203.0.113.4|i-0a\""

static void what_was_committed_is_known_to_the_next_run(void **state)
{
    struct history history = open_at("2022-02-22T12:00:00Z");
    (void)state;

    assert_false(knows(&history, SPAN("i-0a")));
    add(&history, SPAN("i-0a"));
    commit(&history);
    assert_history_is(SPAN(ENTRY_AT(
        ALERTED, ENTITY_0A ",\"InstanceId\":\"i-0a\",\"SourceIpAddress\":"
                           "\"203.0.113.4\",\"TimeGenerated\":"
                           "\"2022-02-22T10:05:00.0000000Z\"") "\n"));

    history = open_at("2022-02-22T13:00:00Z");
    assert_true(knows(&history, SPAN("i-0a")));
    assert_false(knows(&history, SPAN("i-0A")));
    assert_false(knows(&history, SPAN("i-0a ")));
    history_release(&history);
}

static void what_was_not_committed_is_not_known(void **state)
{
    struct history history = open_at("2022-02-22T12:00:00Z");
    (void)state;

    add(&history, SPAN("i-0a"));
    history_release(&history);
    assert_int_equal(access(PATH, F_OK), -1);
}

/* Whoever names an instance must not be able to hide another one, nor to
 * make the file unreadable. */
static void names_of_any_text_come_back_as_they_were(void **state)
{
    static const char *const names[] = {
        "",
        "\n",
        "\r\n{\"DedupEntity\":\"203.0.113.4|i-0a\"}",
        "\"",
        "\\",
        "\\u0000",
        "|",
        "i-0a|i-0b",
        "i-0a\x01\x1f\x7f",
        "\xef\xbf\xbd", /* U+FFFD, what stands for NUL */
        "i-0a\xef\xbf\xbd"
        "b",
        "\xc2\x9b"
        "31m",          /* a C1 control */
        "\xe2\x80\xa8", /* a line separator */
        "\xe2\x80\xae"
        "a0-i", /* right to left */
        "\xf0\x9f\x92\xa9",
        " i-0a ",
    };
    struct history history = open_at("2022-02-22T12:00:00Z");
    (void)state;

    for (size_t i = 0; i < COUNT(names); i++)
        add(&history, span_str(names[i]));
    commit(&history);
    history = open_at("2022-02-22T12:00:00Z");
    for (size_t i = 0; i < COUNT(names); i++)
        assert_true(knows(&history, span_str(names[i])));
    assert_false(knows(&history, SPAN("i-0a")));
    assert_int_equal(history.entities.count, COUNT(names));
    history_release(&history);
}

static void age_decides_by_the_tick(void **state)
{
    static const struct {
        const char *alerted;
        bool known;
        size_t expired, ahead;
    } rows[] = {
        {"2022-02-22T12:00:00Z", true, 0, 0},
        {"2022-02-20T12:00:00Z", true, 0, 0}, /* just two days old */
        {"2022-02-20T11:59:59.9999999Z", false, 1, 0},
        {"1999-01-01T00:00:00Z", false, 1, 0},
        {"2022-02-22T12:00:05Z", true, 0, 0}, /* clocks differ a little */
        {"2022-02-24T12:00:00Z", true, 0, 0},
        {"2022-02-24T12:00:00.0000001Z", false, 0, 1},
        {"9999-12-31T23:59:59Z", false, 0, 1},
        {"2022-02-22T14:00:00+02:00", true, 0, 0},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct history history;
        char line[512];

        (void)snprintf(line, sizeof(line), ENTRY_AT("%s", ENTITY_0A) "\n",
                       rows[i].alerted);
        make_history(span_str(line));
        history = open_at("2022-02-22T12:00:00Z");
        assert_int_equal(knows(&history, SPAN("i-0a")), rows[i].known);
        assert_int_equal(history.expired, rows[i].expired);
        assert_int_equal(history.ahead, rows[i].ahead);
        commit(&history);
        assert_history_is(rows[i].expired ? SPAN("") : span_str(line));
    }
}

/* To be seen again does not renew an entry, and what is in the file stays
 * as it stands, members of others and odd spelling included. */
static void lines_that_stay_are_not_rewritten(void **state)
{
    static const char old[] = ENTRY_AT("2022-02-21T12:00:00Z", ENTITY_0A);
    static const char odd[] =
        "  { \"DedupEntity\" : \"203.0.113.4|i-\\u0030b\", \"Ticket\":[1, 2],"
        "\"DedupFields\":\"SourceIpAddress|InstanceId\",\"RuleId\":\"0240\","
        "\"AlertedAt\":\"2022-02-22 11:00:00z\"} \r";
    static const char expired[] = ENTRY_AT("2022-02-19T12:00:00Z", ENTITY_0A);
    struct history history;
    struct buf text = BUF_INIT;
    (void)state;

    buf_printf(&text, "%s\n\n%s\n%s\n \t\r\n", old, odd, expired);
    make_history(buf_span(&text));
    history = open_at("2022-02-22T12:00:00Z");
    assert_true(knows(&history, SPAN("i-0a")));
    assert_true(knows(&history, SPAN("i-0b")));
    commit(&history);
    buf_clear(&text);
    buf_printf(&text, "%s\n%s\n", old, odd);
    assert_history_is(buf_span(&text));
    buf_release(&text);
}

/* The last line may lack its end: an editor's doing, not a cut. */
static void a_last_line_without_an_end_counts(void **state)
{
    struct history history;
    (void)state;

    make_history(SPAN(ENTRY_AT(ALERTED, ENTITY_0A)));
    history = open_at("2022-02-22T12:00:00Z");
    assert_true(knows(&history, SPAN("i-0a")));
    add(&history, SPAN("i-0b"));
    commit(&history);
    history = open_at("2022-02-22T12:00:00Z");
    assert_true(knows(&history, SPAN("i-0a")));
    assert_true(knows(&history, SPAN("i-0b")));
    history_release(&history);
}

static void entries_of_other_rules_and_fields_do_not_count_and_stay(
    void **state)
{
    static const char others[] =
        "{\"AlertedAt\":\"" ALERTED "\",\"RuleId\":\"0241\",\"DedupFields\":"
        "\"SourceIpAddress|InstanceId\"," ENTITY_0A "}\n"
        "{\"AlertedAt\":\"" ALERTED "\",\"RuleId\":\"0240\",\"DedupFields\":"
        "\"RuleName|InstanceId\"," ENTITY_0A "}\n";
    struct history history;
    (void)state;

    make_history(span_str(others));
    history = open_at("2022-02-22T12:00:00Z");
    assert_false(knows(&history, SPAN("i-0a")));
    commit(&history);
    assert_history_is(span_str(others));
}

static void a_damaged_line_is_refused_by_its_number(void **state)
{
    static const struct {
        const char *line, *why;
    } rows[] = {
        {"garbage", "it is no JSON object"},
        {"[]", "it is no JSON object"},
        {"{}", "it has no text AlertedAt"},
        {"{} {}", "it is no JSON object"},
        {"{\"AlertedAt\":\"" ALERTED "\"", "it is no JSON object"},
        {"{\"AlertedAt\":5}", "it has no text AlertedAt"},
        {"{\"AlertedAt\":\"" ALERTED "\"}", "it has no text RuleId"},
        {"{\"alertedat\":\"" ALERTED "\"}", "it has no text AlertedAt"},
        {ENTRY_AT("yesterday", ENTITY_0A), "its AlertedAt is no time"},
        {ENTRY_AT("2022-02-22T12:00:60Z", ENTITY_0A),
         "its AlertedAt is no time"},
        {ENTRY_AT(ALERTED, "\"DedupEntity\":null"),
         "it has no text DedupEntity"},
        {ENTRY_AT(ALERTED, "\"DedupEntity\":\"\\x\""), NULL},
        {ENTRY_AT(ALERTED, "\"DedupEntity\":\"open"), NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct history_options options = options_at("2022-02-22T12:00:00Z");
        struct history history = HISTORY_INIT;
        struct err err = ERR_NONE;
        struct buf text = BUF_INIT;
        char expected[256];

        buf_printf(&text, "%s\n\n%s\n%s\n", ENTRY_AT(ALERTED, ENTITY_0A),
                   rows[i].line, ENTRY_AT(ALERTED, ENTITY_0A));
        make_history(buf_span(&text));
        assert_int_equal(history_open(&history, &options, &err), -1);
        (void)snprintf(expected, sizeof(expected),
                       "cannot use the history '" PATH "': line 3: %s",
                       rows[i].why ? rows[i].why : "");
        if (rows[i].why)
            assert_string_equal(err.text, expected);
        assert_memory_equal(err.text, expected, strlen(expected));
        history_release(&history);
        assert_history_is(buf_span(&text));
        buf_release(&text);
    }
}

/* A NUL in the file reads as it does in a record: no text is cut there,
 * which would make another entity of it. */
static void a_nul_cuts_no_entity(void **state)
{
    static const char escaped[] =
        "\"DedupEntity\":\"203.0.113.4|i-0a\\u0000b\"";
    static const char raw[] =
        ENTRY_AT(ALERTED, "\"DedupEntity\":\"203.0.113.4|i-0b\0c\"");
    struct history history;
    struct buf text = BUF_INIT;
    (void)state;

    buf_printf(&text, ENTRY_AT(ALERTED, "%s") "\n", escaped);
    buf_add(&text, span_of(raw, sizeof(raw) - 1));
    make_history(buf_span(&text));
    buf_release(&text);
    history = open_at("2022-02-22T12:00:00Z");
    assert_false(knows(&history, SPAN("i-0a")));
    assert_false(knows(&history, SPAN("i-0b")));
    assert_true(knows(&history, SPAN("i-0a\xef\xbf\xbd"
                                     "b")));
    assert_true(knows(&history, SPAN("i-0b\xef\xbf\xbd"
                                     "c")));
    history_release(&history);
}

static void sifting_drops_the_known_and_notes_the_new(void **state)
{
    struct alert items[4];
    struct alert_list alerts = {.items = items, .count = 4, .triggered = 3};
    struct history history;
    struct err err = ERR_NONE;
    (void)state;

    make_history(SPAN(ENTRY_AT(ALERTED, ENTITY_0A) "\n"));
    history = open_at("2022-02-22T12:00:00Z");
    items[0] = make_alert(SPAN("i-0a"));
    items[1] = make_alert(SPAN("i-0b"));
    items[2] = make_alert(SPAN("i-0c")); /* only asked for */
    items[2].triggered = false;
    items[3] = make_alert(SPAN("i-0b")); /* again in the same run */
    assert_int_equal(history_sift(&history, &alerts, false, &err), 0);
    assert_int_equal(alerts.known, 1);
    assert_int_equal(alerts.count, 3);
    assert_int_equal(alerts.triggered, 2);
    assert_span_equal(items[0].instance_id, SPAN("i-0b"));
    assert_span_equal(items[1].instance_id, SPAN("i-0c"));
    assert_span_equal(items[2].instance_id, SPAN("i-0b"));
    commit(&history);

    history = open_at("2022-02-22T12:00:00Z");
    assert_true(knows(&history, SPAN("i-0a")));
    assert_true(knows(&history, SPAN("i-0b")));
    assert_false(knows(&history, SPAN("i-0c")));
    history_release(&history);
}

/* With --instance a known alert is shown, but as none. */
static void sifting_can_keep_what_is_shown(void **state)
{
    struct alert items[1] = {make_alert(SPAN("i-0a"))};
    struct alert_list alerts = {.items = items, .count = 1, .triggered = 1};
    struct history history;
    struct err err = ERR_NONE;
    (void)state;

    make_history(SPAN(ENTRY_AT(ALERTED, ENTITY_0A) "\n"));
    history = open_at("2022-02-22T12:00:00Z");
    assert_int_equal(history_sift(&history, &alerts, true, &err), 0);
    assert_int_equal(alerts.known, 1);
    assert_int_equal(alerts.count, 1);
    assert_int_equal(alerts.triggered, 0);
    assert_false(items[0].triggered);
    history_release(&history);
}

static void nothing_new_leaves_the_file_alone(void **state)
{
    struct stat before, after;
    struct history history;
    (void)state;

    make_history(SPAN(ENTRY_AT(ALERTED, ENTITY_0A) "\n"));
    assert_int_equal(stat(PATH, &before), 0);
    history = open_at("2022-02-22T12:00:00Z");
    commit(&history);
    assert_int_equal(stat(PATH, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
}

static void the_target_of_a_link_is_replaced(void **state)
{
    struct history_options options = options_at("2022-02-22T12:00:00Z");
    struct history history = HISTORY_INIT, second = HISTORY_INIT;
    struct err err = ERR_NONE;
    struct stat st;
    (void)state;

    assert_int_equal(symlink(PATH, "link"), 0);
    options.path = "link";
    assert_int_equal(history_open(&history, &options, &err), 0);
    /* the lock is the target's, by whatever name it is used */
    options.path = PATH;
    assert_int_equal(history_open(&second, &options, &err), -1);
    assert_string_equal(err.text,
                        "cannot use the history '" PATH "': another run holds "
                        "'" PATH ".lock'; --lock-wait waits for it");
    history_release(&second);
    add(&history, SPAN("i-0a"));
    commit(&history);
    assert_int_equal(lstat("link", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(lstat(PATH, &st), 0);
    assert_true(S_ISREG(st.st_mode));
    (void)unlink("link");
}

static void what_is_no_regular_file_is_refused(void **state)
{
    struct history_options options = options_at("2022-02-22T12:00:00Z");
    struct history history = HISTORY_INIT;
    struct err err = ERR_NONE;
    (void)state;

    assert_int_equal(mkfifo(PATH, 0600), 0);
    assert_int_equal(history_open(&history, &options, &err), -1);
    assert_string_equal(err.text, "cannot use the history '" PATH
                                  "': it is no regular file");
    history_release(&history);
    (void)unlink(PATH);
    assert_int_equal(mkdir(PATH, 0700), 0);
    assert_int_equal(history_open(&history, &options, &err), -1);
    assert_string_equal(err.text, "cannot use the history '" PATH
                                  "': it is no regular file");
    history_release(&history);
    assert_int_equal(rmdir(PATH), 0);
}

static void a_commit_without_its_folder_says_so(void **state)
{
    struct history_options options = options_at("2022-02-22T12:00:00Z");
    struct history history = HISTORY_INIT;
    struct err err = ERR_NONE;
    (void)state;

    assert_int_equal(mkdir("here", 0700), 0);
    options.path = "here/h";
    assert_int_equal(history_open(&history, &options, &err), 0);
    add(&history, SPAN("i-0a"));
    assert_int_equal(rename("here", "gone"), 0);
    assert_int_equal(history_commit(&history, &err), -1);
    assert_string_equal(
        err.text,
        "cannot write the history 'here/h': No such file or directory");
    history_release(&history);
    (void)unlink("gone/h.lock");
    assert_int_equal(rmdir("gone"), 0);
}

/* A run with too little memory fails; it takes no alert for known and
 * writes no history. */
static void too_little_memory_is_no_answer(void **state)
{
    static const char text[] = ENTRY_AT(ALERTED, ENTITY_0A) "\n";
    bool done = false;
    (void)state;

    for (size_t n = 1; !done; n++) {
        struct history_options options = options_at("2022-02-22T12:00:00Z");
        struct alert items[2] = {make_alert(SPAN("i-0a")),
                                 make_alert(SPAN("i-0b"))};
        struct alert_list alerts = {.items = items, .count = 2, .triggered = 2};
        struct history history = HISTORY_INIT;
        struct err err = ERR_NONE;

        make_history(span_str(text));
        unit_memory.fail_at = unit_memory.calls + n;
        if (history_open(&history, &options, &err) == 0 &&
            history_sift(&history, &alerts, false, &err) == 0 &&
            history_commit(&history, &err) == 0)
            done = unit_memory.calls < unit_memory.fail_at;
        unit_memory.fail_at = 0;
        history_release(&history);
        if (err.text[0]) {
            assert_non_null(strstr(err.text, "emory"));
            assert_history_is(span_str(text));
        }
        assert_true(n < 1000);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, remove_history)
    const struct CMUnitTest tests[] = {
        TEST(what_was_committed_is_known_to_the_next_run),
        TEST(what_was_not_committed_is_not_known),
        TEST(names_of_any_text_come_back_as_they_were),
        TEST(age_decides_by_the_tick),
        TEST(lines_that_stay_are_not_rewritten),
        TEST(a_last_line_without_an_end_counts),
        TEST(entries_of_other_rules_and_fields_do_not_count_and_stay),
        TEST(a_damaged_line_is_refused_by_its_number),
        TEST(a_nul_cuts_no_entity),
        TEST(sifting_drops_the_known_and_notes_the_new),
        TEST(sifting_can_keep_what_is_shown),
        TEST(nothing_new_leaves_the_file_alone),
        TEST(the_target_of_a_link_is_replaced),
        TEST(what_is_no_regular_file_is_refused),
        TEST(a_commit_without_its_folder_says_so),
        TEST(too_little_memory_is_no_answer),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
