/*
 * A policy line read as another than was meant hides a theft, so what is no
 * statement is refused with its place, and what is one is held against
 * trying every line in turn.
 */
#include "events.h"

#include "detect/policy.h"
#include "report/alert_json.h"

static void read_policy(struct policy *policy, const char *text)
{
    struct err err = ERR_NONE;

    policy_init(policy);
    if (policy_read(policy, "p", span_str(text), &err) < 0 ||
        policy_finish(policy, &err) < 0)
        fail_msg("%s: %s", text, err.text);
}

static void refused(struct span text, const char *expected)
{
    struct policy policy;
    struct err err = ERR_NONE;

    policy_init(&policy);
    if (policy_read(&policy, "p", text, &err) == 0)
        fail_msg("read: %.*s", (int)text.len, text.ptr);
    assert_string_equal(err.text, expected);
    policy_release(&policy);
}

static void errors_name_line_and_column(void **state)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"allow ip=203.0.113.1",
         "'p', line 1, column 1: a line begins with ignore, expect or mute, "
         "not with 'allow'"},
        {"Ignore ip=203.0.113.1",
         "'p', line 1, column 1: a line begins with ignore, expect or mute, "
         "not with 'Ignore'"},
        {"# a\n\n  mute# x",
         "'p', line 3, column 3: a line begins with ignore, expect or mute, "
         "not with 'mute#'"},
        {"ignore", "'p', line 1, column 1: ignore needs a condition"},
        {"  mute   # all", "'p', line 1, column 3: mute needs a condition"},
        {"expect", "'p', line 1, column 1: expect needs ip="},
        {"expect instance=i-0a", "'p', line 1, column 1: expect needs ip="},
        {"ignore ip",
         "'p', line 1, column 8: a condition is key=value, not 'ip'"},
        {"ignore ip = 203.0.113.1",
         "'p', line 1, column 8: a condition is key=value, not 'ip'"},
        {"ignore\tip=203.0.113.1,", "'p', line 1, column 23: a value is "
                                    "missing"},
        {"ignore ip=", "'p', line 1, column 11: a value is missing"},
        {"ignore ip=,203.0.113.1", "'p', line 1, column 11: a value is "
                                   "missing"},
        {"ignore role=a,,b", "'p', line 1, column 15: a value is missing"},
        {"ignore role=a, b", "'p', line 1, column 15: a value is missing"},
        {"ignore =a",
         "'p', line 1, column 8: ignore takes ip, instance, account, role, "
         "region, source, event and agent, not ''"},
        {"ignore IP=203.0.113.1",
         "'p', line 1, column 8: ignore takes ip, instance, account, role, "
         "region, source, event and agent, not 'IP'"},
        {"expect ip=203.0.113.1 role=x",
         "'p', line 1, column 23: expect takes ip, instance and account, not "
         "'role'"},
        {"mute region=us-east-1",
         "'p', line 1, column 6: mute takes ip, instance, account and role, "
         "not 'region'"},
        {"ignore ip=203.0.113.1 role=a ip=203.0.113.2",
         "'p', line 1, column 30: 'ip' stands twice; a comma joins "
         "alternatives"},
        {"ignore role=a role=b", "'p', line 1, column 15: 'role' stands "
                                 "twice; a comma joins alternatives"},
        {"ignore ip=203.0.113", "'p', line 1, column 11: '203.0.113' is no "
                                "address and no CIDR prefix"},
        {"ignore ip=203.0.113.1,203.0.113.0/33",
         "'p', line 1, column 23: '203.0.113.0/33' is no address and no CIDR "
         "prefix"},
        {"ignore ip=203.0.113.*", "'p', line 1, column 11: '203.0.113.*' is "
                                  "no address and no CIDR prefix"},
        {"ignore ip=2001:db8::/129", "'p', line 1, column 11: "
                                     "'2001:db8::/129' is no address and no "
                                     "CIDR prefix"},
        {"ignore ip=ec2.amazonaws.com",
         "'p', line 1, column 11: 'ec2.amazonaws.com' is no address and no "
         "CIDR prefix"},
        {"expect ip=203.0.113.1# ours",
         "'p', line 1, column 22: a value with '#' stands in double quotes; a "
         "comment begins behind a blank"},
        {"ignore role=a\"b\"", "'p', line 1, column 14: a value with '\"' "
                               "stands in double quotes"},
        {"ignore role=\"a", "'p', line 1, column 13: the quotes are not "
                            "closed"},
        {"ignore role=\"a\\\"", "'p', line 1, column 13: the quotes are not "
                                "closed"},
        {"ignore role=\"a\\", "'p', line 1, column 15: in quotes a backslash "
                              "stands before \" or \\"},
        {"ignore role=\"a\\n\"", "'p', line 1, column 15: in quotes a "
                                 "backslash stands before \" or \\"},
        {"ignore role=\"a\"b", "'p', line 1, column 16: behind a value in "
                               "quotes stands a blank or a comma"},
        {"ignore role=\"a\"#", "'p', line 1, column 16: behind a value in "
                               "quotes stands a blank or a comma"},
        {"ignore role=a\x01", "'p', line 1, column 14: a control character "
                              "in a value"},
        {"ignore role=\"a\tb\"", "'p', line 1, column 15: a control "
                                 "character in a value"},
        {"ignore role=a\rb", "'p', line 1, column 14: a control character "
                             "in a value"},
        {"ignore role=a\x7f", "'p', line 1, column 14: a control character "
                              "in a value"},
        /* columns count characters */
        {"ignore role=\xc3\xa9\xe2\x82\xac x",
         "'p', line 1, column 16: a condition is key=value, not 'x'"},
        {"ignore role=\xe9x", "'p', line 1, column 13: a value that is no "
                              "UTF-8"},
        {"ignore role=a\nmute role=b\r\nmute x\n",
         "'p', line 3, column 6: a condition is key=value, not 'x'"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++)
        refused(span_str(rows[i].text), rows[i].message);
    refused(SPAN("ignore role=a\0b"),
            "'p', line 1, column 14: a control character in a value");
}

static void statements_are_read_as_they_stand(void **state)
{
    static const struct {
        const char *text;
        size_t lines;
    } rows[] = {
        {"", 0},
        {"\n\r\n  \t\n# a comment\n   # another", 0},
        {"\xef\xbb\xbfmute instance=i-0a", 1},
        {"mute instance=i-0a\r\nmute instance=i-0b\r\n", 2},
        {"\tmute\t \tinstance=i-0a\trole=x # and why\n", 1},
        {"ignore role=\"\"", 1},
        {"ignore role=a\\b=c", 1},
        {"# \xff\x01 anything\nmute role=\"#,\\\"\\\\\",b #", 1},
        {"expect ip=203.0.113.0/24,\"2001:db8::/32\" instance=i-* account=1",
         1},
        {"ignore ip=203.0.113.1 instance=a account=b role=c region=d source=e "
         "event=f agent=g",
         1},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct policy policy;

        read_policy(&policy, rows[i].text);
        assert_int_equal(policy.line_count, rows[i].lines);
        policy_release(&policy);
    }
}

static void a_line_knows_where_it_stands(void **state)
{
    struct policy policy;
    (void)state;

    read_policy(&policy, "# site\n  ignore  role=\"a # b\"  region=x   # why\n"
                         "\nmute role=b");
    assert_int_equal(policy.lines[0].number, 2);
    assert_span_equal(policy.lines[0].text,
                      SPAN("ignore  role=\"a # b\"  region=x"));
    assert_int_equal(policy.lines[1].number, 4);
    assert_span_equal(policy.lines[1].text, SPAN("mute role=b"));
    policy_release(&policy);
}

/* --- which lines hold --- */

/* Everything a line can ask for. */
static struct policy_subject subject_of(const char *address,
                                        const char *instance)
{
    struct policy_subject subject = {
        .address = address ? address_of(address) : IP_ABSENT,
        .value =
            {
                [POLICY_INSTANCE] = span_str(instance),
                [POLICY_ACCOUNT] = SPAN("111122223333"),
                [POLICY_REGION] = SPAN("eu-west-1"),
                [POLICY_SOURCE] = SPAN("s3.amazonaws.com"),
                [POLICY_EVENT] = SPAN("ListBuckets"),
                [POLICY_AGENT] = SPAN("aws-cli/2.0 [x, y] # \"z\""),
            },
    };

    policy_subject_role(&subject,
                        SPAN("arn:aws:iam::111122223333:role/p/scanner-1"),
                        SPAN("scanner-1"));
    return subject;
}

static bool holds(const char *text, enum policy_verb verb,
                  const struct policy_subject *subject)
{
    struct policy policy;
    struct policy_use use;
    bool found;

    read_policy(&policy, text);
    assert_int_equal(policy_use_init(&use, &policy), 0);
    found = policy_holds(&use, verb, subject);
    for (size_t i = 0; i < policy.line_count; i++)
        if (use.hits[i] > 1 || (use.hits[i] == 1 && !found))
            fail_msg("%s has %d hits", text, (int)use.hits[i]);
    policy_use_release(&use);
    policy_release(&policy);
    return found;
}

static void conditions_match_as_the_language_says(void **state)
{
    static const struct {
        const char *conditions;
        bool holds;
    } rows[] = {
        {"instance=i-0a", true},
        {"instance=i-0", false},
        {"instance=i-0A", false},
        {"instance=0a", false},
        {"instance=*", true},
        {"instance=i-*", true},
        {"instance=*a", true},
        {"instance=i*-*0*a", true},
        {"instance=i-0a*", true},
        {"instance=*b", false},
        {"instance=i-0b,i-0a", true},
        {"instance=i-0b,i-*", true},
        {"instance=i-0a,i-0a,*", true},
        {"account=111122223333", true},
        {"account=444455556666", false},
        {"account=1111*", true},
        {"region=eu-west-1 account=111122223333", true},
        {"region=eu-west-1 account=444455556666", false},
        {"region=eu-*,us-east-1", true},
        {"source=s3.amazonaws.com", true},
        {"source=s3", false},
        {"event=ListBuckets", true},
        {"event=listbuckets", false},
        {"event=List*,Describe*", true},
        {"agent=\"aws-cli/2.0 [x, y] # \\\"z\\\"\"", true},
        {"agent=aws-cli*", true},
        {"agent=\"*, y*\"", true},
        {"role=scanner-1", true},
        {"role=scanner-*", true},
        {"role=Scanner-1", false},
        {"role=p/scanner-1", false},
        {"role=arn:aws:iam::111122223333:role/p/scanner-1", true},
        {"role=arn:*:role/p/*", true},
        {"role=arn:aws:iam::111122223333:role/scanner-1", false},
        {"role=*:*", true},
        /* held against the name, which begins otherwise */
        {"role=arn*", false},
        {"role=scanner-1,arn:aws:iam::111122223333:role/p/scanner-1", true},
        {"role=other,arn:aws:iam::111122223333:role/p/scanner-1", true},
        {"ip=203.0.113.7", true},
        {"ip=203.0.113.8", false},
        {"ip=203.0.113.0/24", true},
        {"ip=203.0.113.9/24", true},
        {"ip=203.0.113.8/29", false},
        {"ip=203.000.113.007", true},
        {"ip=0.0.0.0/0", true},
        {"ip=::/0", false},
        {"ip=::ffff:203.0.113.7", true},
        {"ip=::ffff:203.0.113.0/120", true},
        {"ip=::ffff:0:0/96", true},
        {"ip=2001:db8::1,203.0.113.7", true},
        {"ip=203.0.113.0/24,203.0.113.7,203.0.113.7/32,0.0.0.0/0", true},
        {"ip=203.0.113.7 instance=i-0a", true},
        {"ip=203.0.113.7 instance=i-0b", false},
        {"ip=203.0.113.8 instance=i-0a", false},
        {"ip=203.0.113.7 instance=i-* role=scanner-* event=*", true},
        {"ip=203.0.113.7 instance=i-* role=scanner-* event=Put*", false},
    };
    struct policy_subject subject = subject_of("203.0.113.7", "i-0a");
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[256];

        (void)snprintf(text, sizeof(text), "ignore %s\nignore region=no",
                       rows[i].conditions);
        if (holds(text, POLICY_IGNORE, &subject) != rows[i].holds)
            fail_msg("%s", text);
        assert_false(holds(text, POLICY_EXPECT, &subject));
        assert_false(holds(text, POLICY_MUTE, &subject));
    }
}

static void what_is_absent_fulfils_no_condition(void **state)
{
    static const char *const lines[] = {
        "ignore instance=*", "ignore account=*",  "ignore role=*",
        "ignore role=*:*",   "ignore region=*",   "ignore source=*",
        "ignore event=*",    "ignore agent=*",    "ignore ip=0.0.0.0/0",
        "ignore role=\"\"",  "ignore agent=\"\"",
    };
    struct policy_subject nothing = {.address = IP_ABSENT};
    (void)state;

    for (size_t i = 0; i < COUNT(lines); i++)
        if (holds(lines[i], POLICY_IGNORE, &nothing))
            fail_msg("%s", lines[i]);
    /* An empty text is there. */
    nothing.value[POLICY_AGENT] = SPAN("");
    assert_true(holds("ignore agent=\"\"", POLICY_IGNORE, &nothing));
    assert_true(holds("ignore agent=*", POLICY_IGNORE, &nothing));
}

/* Where only the ARN is known, its last part is the name. */
static void a_role_has_a_name_and_an_arn(void **state)
{
    static const struct {
        const char *arn, *name, *expected_arn, *expected_name;
    } rows[] = {
        {"arn:aws:iam::1:role/a/b", "b", "arn:aws:iam::1:role/a/b", "b"},
        {"arn:aws:iam::1:role/a/b", NULL, "arn:aws:iam::1:role/a/b", "b"},
        {"b", NULL, "b", NULL},
        {NULL, "b", NULL, "b"},
        {NULL, NULL, NULL, NULL},
        {"arn:none", NULL, "arn:none", NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct policy_subject subject = {.address = IP_ABSENT};

        policy_subject_role(&subject, span_str(rows[i].arn),
                            span_str(rows[i].name));
        assert_span_equal(subject.role_arn, span_str(rows[i].expected_arn));
        assert_span_equal(subject.role_name, span_str(rows[i].expected_name));
    }
}

/* --- against trying every line --- */

/* Matching written the other way about: by recursion on the pattern. */
static bool plain_match(const char *pattern, const char *text)
{
    if (*pattern == '*')
        return plain_match(pattern + 1, text) ||
               (*text && plain_match(pattern, text + 1));
    return *pattern == *text &&
           (*pattern == '\0' || plain_match(pattern + 1, text + 1));
}

/* A short text over few letters, with `stars` also of '*'. */
static void random_text(uint32_t *seed, bool stars, char text[8])
{
    size_t len = unit_random(seed, 4);

    for (size_t i = 0; i < len; i++)
        text[i] = "ab:*"[unit_random(seed, stars ? 4 : 3)];
    text[len] = '\0';
}

struct plain_line {
    size_t nets, patterns;
    struct ip net[3];
    unsigned prefix[3];
    enum policy_key key;
    char pattern[3][8];
};

static bool plain_holds(const struct plain_line *line,
                        const struct policy_subject *subject, char text[][8])
{
    bool any = line->nets == 0;

    for (size_t i = 0; i < line->nets; i++)
        any = any ||
              ip_in_prefix(subject->address, line->net[i], line->prefix[i]);
    if (!any)
        return false;
    for (size_t i = 0; i < line->patterns; i++) {
        bool arn = line->key == POLICY_ROLE && strchr(line->pattern[i], ':');

        if (plain_match(line->pattern[i], text[arn ? POLICY_IP : line->key]))
            return true;
    }
    return line->patterns == 0;
}

static void random_line(uint32_t *seed, struct plain_line *line,
                        struct buf *text)
{
    static const char *const names[] = {
#define X(constant, name) [constant] = (name),
        POLICY_KEYS(X)
#undef X
    };
    char address[IP_TEXT_BYTES];

    line->nets = unit_random(seed, 4);
    line->patterns =
        line->nets ? unit_random(seed, 4) : 1 + unit_random(seed, 3);
    line->key = (enum policy_key)(1 + unit_random(seed, POLICY_KEY_COUNT - 1));
    buf_add(text, SPAN("ignore"));
    for (size_t i = 0; i < line->nets; i++) {
        line->net[i] = address_of("203.0.113.0");
        line->net[i].bytes[3] = (uint8_t)unit_random(seed, 16);
        line->prefix[i] = 32 - (unsigned)unit_random(seed, 6);
        buf_printf(text, "%s%s/%u",
                   i ? "," : " ip=", ip_format(line->net[i], address),
                   line->prefix[i]);
    }
    for (size_t i = 0; i < line->patterns; i++) {
        random_text(seed, unit_random(seed, 3) == 0, line->pattern[i]);
        if (i == 0)
            buf_printf(text, " %s=", names[line->key]);
        buf_printf(text, "%s\"%s\"", i ? "," : "", line->pattern[i]);
    }
    buf_add_char(text, '\n');
}

/* `text` holds a value for each key; the address's place has the ARN. */
static struct policy_subject random_subject(uint32_t *seed, char text[][8])
{
    struct policy_subject subject = {.address = address_of("203.0.113.0")};

    subject.address.bytes[3] = (uint8_t)unit_random(seed, 16);
    for (int key = 0; key < POLICY_KEY_COUNT; key++) {
        random_text(seed, false, text[key]);
        subject.value[key] = span_str(text[key]);
    }
    subject.role_name = span_str(text[POLICY_ROLE]);
    subject.role_arn = span_str(text[POLICY_IP]);
    return subject;
}

static void filing_agrees_with_trying_every_line(void **state)
{
    enum {
        LINES = 60
    };
    uint32_t seed = 240;
    (void)state;

    for (size_t round = 0; round < 100; round++) {
        struct plain_line lines[LINES];
        struct buf text = BUF_INIT;
        struct policy policy;
        struct policy_use use;

        for (size_t i = 0; i < LINES; i++)
            random_line(&seed, &lines[i], &text);
        read_policy(&policy, buf_str(&text));
        assert_int_equal(policy.line_count, LINES);
        assert_int_equal(policy_use_init(&use, &policy), 0);
        for (size_t k = 0; k < 100; k++) {
            char texts[POLICY_KEY_COUNT][8];
            struct policy_subject subject = random_subject(&seed, texts);
            bool any = false;

            memset(use.hits, 0, LINES * sizeof(*use.hits));
            for (size_t i = 0; i < LINES; i++)
                any = plain_holds(&lines[i], &subject, texts) || any;
            assert_int_equal(policy_holds(&use, POLICY_IGNORE, &subject), any);
            for (size_t i = 0; i < LINES; i++)
                if (use.hits[i] != plain_holds(&lines[i], &subject, texts))
                    fail_msg("%.*s", (int)policy.lines[i].text.len,
                             policy.lines[i].text.ptr);
        }
        policy_use_release(&use);
        policy_release(&policy);
        buf_release(&text);
    }
}

/* --- the line that an alert prints --- */

/* Whatever an instance is called, the printed line is one that expects this
 * address at this instance. */
static void a_printed_line_expects_what_it_was_printed_for(void **state)
{
    static const char *const pieces[] = {
        "a",        "Z",
        "0",        "-",
        " ",        ",",
        "#",        "\"",
        "\\",       "=",
        "*",        "\t",
        "\n",       "\r",
        "\x01",     "\x7f",
        "\xc2\x85", "\xe2\x80\xae",
        "\xc3\xa9", "\xef\xbf\xbd",
        "'",        "expect ",
        " #",       "\\\"",
    };
    static const char *const addresses[] = {"203.0.113.9", "2001:db8::9"};
    uint32_t seed = 5;
    (void)state;

    for (size_t round = 0; round < 2000; round++) {
        struct buf instance = BUF_INIT, line = BUF_INIT;
        const char *address = addresses[round % 2];
        struct policy_subject subject;

        buf_add(&instance, round < 24 ? SPAN("") : SPAN("i-"));
        for (size_t i = unit_random(&seed, 8) + (round < 24); i > 0; i--)
            buf_add(
                &instance,
                span_str(
                    pieces[round < 24 ? round
                                      : unit_random(&seed, COUNT(pieces))]));
        subject = subject_of(address, buf_str(&instance));
        alert_policy_line(&line, SPAN("expect"), buf_span(&instance),
                          subject.address);
        if (!holds(buf_str(&line), POLICY_EXPECT, &subject))
            fail_msg("%s", buf_str(&line));
        subject.address.bytes[3] ^= 1;
        assert_false(holds(buf_str(&line), POLICY_EXPECT, &subject));
        buf_clear(&line);
        alert_policy_line(&line, SPAN("mute"), buf_span(&instance),
                          subject.address);
        if (!holds(buf_str(&line), POLICY_MUTE, &subject))
            fail_msg("%s", buf_str(&line));
        buf_release(&instance);
        buf_release(&line);
    }
}

static void ignoring_by_ip_alone_hides_thieves(void **state)
{
    static const struct {
        const char *line;
        bool hides;
    } rows[] = {
        {"ignore ip=203.0.113.1", true},
        {"ignore ip=203.0.113.1,2001:db8::/32", true},
        {"ignore ip=203.0.113.1 instance=i-0a", false},
        {"ignore role=x", false},
        {"expect ip=203.0.113.1", false},
        {"mute ip=203.0.113.1", false},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct policy policy;

        read_policy(&policy, rows[i].line);
        assert_int_equal(policy_line_hides_thieves(&policy.lines[0]),
                         rows[i].hides);
        policy_release(&policy);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_name_line_and_column),
        cmocka_unit_test(statements_are_read_as_they_stand),
        cmocka_unit_test(a_line_knows_where_it_stands),
        cmocka_unit_test(conditions_match_as_the_language_says),
        cmocka_unit_test(what_is_absent_fulfils_no_condition),
        cmocka_unit_test(a_role_has_a_name_and_an_arn),
        cmocka_unit_test(filing_agrees_with_trying_every_line),
        cmocka_unit_test(a_printed_line_expects_what_it_was_printed_for),
        cmocka_unit_test(ignoring_by_ip_alone_hides_thieves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
