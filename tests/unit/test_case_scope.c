/*
 * Which records belong to a case: too few hide what was done, too many bury
 * it. What facts answer is said by the test: the functions of facts.h are here.
 */
#include "events.h"

#include "evidence/case_scope.h"

#define WEB   "i-0123456789abcdef0"
#define BATCH "i-0123456789abcdef1"
#define ODD   "i-../../etc"
#define THIEF "198.51.100.9"
#define HOME  "203.0.113.1"

/* Keys that instances issued, with the key they were issued by. */
static const struct {
    const char *key, *by, *instance, *at;
} chain[] = {
    {"ASIA1", "STOLEN", WEB, THIEF}, {"ASIA2", "ASIA1", WEB, HOME},
    {"ASIA3", "ASIA2", WEB, NULL},   {"ASIA4", NULL, WEB, THIEF},
    {"ASIA5", NULL, BATCH, THIEF},   {"ASIA6", "OTHER", WEB, HOME},
};

struct span facts_chained_key(const struct facts *facts, size_t position)
{
    (void)facts;
    return position < COUNT(chain) ? span_str(chain[position].key)
                                   : SPAN_ABSENT;
}

struct span facts_key_issuer(const struct facts *facts, struct span access_key)
{
    (void)facts;
    for (size_t i = 0; i < COUNT(chain); i++)
        if (span_eq(access_key, span_str(chain[i].key)))
            return span_str(chain[i].instance);
    return SPAN_ABSENT;
}

bool facts_key_issued_at(const struct facts *facts, struct span access_key,
                         struct ip location)
{
    (void)facts;
    for (size_t i = 0; i < COUNT(chain); i++)
        if (span_eq(access_key, span_str(chain[i].key)))
            return chain[i].at &&
                   ip_cmp(address_of(chain[i].at), location) == 0;
    return false;
}

struct span facts_issued_key(const struct facts *facts, struct span by,
                             size_t position)
{
    (void)facts;
    for (size_t i = 0; i < COUNT(chain); i++)
        if (chain[i].by && span_eq(by, span_str(chain[i].by)) &&
            position-- == 0)
            return span_str(chain[i].key);
    return SPAN_ABSENT;
}

static struct event call(const char *address, const char *principal,
                         const char *key)
{
    static int number;
    static char ids[100][16];
    char *id = ids[number++ % 100];
    struct event event;

    (void)snprintf(id, sizeof(ids[0]), "e%d", number);
    event = EVENT(.id = id, .time = "2024-05-14T10:00:00Z", .key = key);
    event.field[EVENT_SOURCE_IP_ADDRESS] = span_str(address);
    event.field[EVENT_PRINCIPAL_ID] = span_str(principal);
    return event;
}

static void locate(struct located *located, const char *instance,
                   const char *address, const char *key)
{
    struct event event = call(address, instance, key);
    struct aggregate_key prepared;

    assert_int_equal(aggregate_prepare(&located->aggregate, &event,
                                       span_str(instance), address_of(address),
                                       &prepared),
                     0);
    assert_int_equal(located_add(located, &prepared, &event, span_str(instance),
                                 address_of(address)),
                     0);
}

/* WEB and BATCH have their suspect at the thief's; the others are no cases. */
static struct alert_verdict verdicts[] = {
    {.severity = SEVERITY_HIGH},     {.severity = SEVERITY_MEDIUM},
    {.severity = SEVERITY_LOW},      {.severity = SEVERITY_CRITICAL},
    {.severity = SEVERITY_CRITICAL},
};
static struct alert alerts[] = {
    {.instance_id = {WEB, 19}, .triggered = true, .verdict = &verdicts[0]},
    {.instance_id = {BATCH, 19}, .triggered = true, .verdict = &verdicts[1]},
    {.instance_id = {"i-mildmild", 10},
     .triggered = true,
     .verdict = &verdicts[2]},
    {.instance_id = {"i-mutemute", 10}, .verdict = &verdicts[3]},
    {.instance_id = {ODD, 11}, .triggered = true, .verdict = &verdicts[4]},
};

static void begin(struct case_scope *scope, struct located *located)
{
    const struct alert_list list = {.items = alerts, .count = COUNT(alerts)};

    for (size_t i = 0; i < COUNT(verdicts); i++) {
        verdicts[i].suspect = SPAN(THIEF);
        verdicts[i].suspect_at = address_of(THIEF);
    }
    located_init(located, false);
    locate(located, WEB, HOME, "OWN");
    locate(located, WEB, THIEF, "STOLEN");
    locate(located, BATCH, THIEF, "BATCHKEY");
    assert_int_equal(case_scope_init(scope, &list, located, NULL, NULL), 0);
}

/* "01": the cases that the event belongs to, "*" behind those it is of. */
static const char *cases_of(const struct case_scope *scope,
                            const struct event *event)
{
    static char text[16];
    size_t len = 0;

    for (size_t of = case_scope_next(scope, event, 0); of < scope->count;
         of = case_scope_next(scope, event, of + 1)) {
        text[len++] = (char)('0' + of);
        if (case_scope_is_own(scope, event, of))
            text[len++] = '*';
    }
    text[len] = '\0';
    return text;
}

static void a_record_belongs_by_location_key_and_chain(void **state)
{
    static const struct {
        const char *address, *principal, *key, *cases;
    } cases[] = {
        {THIEF, "AROA:" WEB, "STOLEN", "0*1"},
        {THIEF, "AROA:" BATCH, "BATCHKEY", "01*"},
        {THIEF, "AIDAALICE", "AKIAALICE", "01"},
        {THIEF, NULL, NULL, "01"},
        {HOME, "AROA:" WEB, "OWN", ""},
        {HOME, "AROA:" WEB, "STOLEN", "0*"},
        {"192.0.2.1", "AROAB:x", "ASIA1", "0*"}, /* issued with the stolen */
        {"192.0.2.1", "AROAB:x", "ASIA2", "0*"},
        {"ec2.amazonaws.com", "AROAB:x", "ASIA3", "0*"},
        {"192.0.2.1", "AROAB:x", "ASIA4", "0*"}, /* issued from there */
        {"192.0.2.1", "AROAB:x", "ASIA5", "1*"},
        {"192.0.2.1", "AROAB:x", "ASIA6", ""}, /* issued elsewhere */
        {"192.0.2.1", "AROAB:x", "", ""},
        {NULL, NULL, NULL, ""},
    };
    struct case_scope scope;
    struct located located;
    (void)state;

    begin(&scope, &located);
    assert_int_equal(scope.count, 2);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct event event =
            call(cases[i].address, cases[i].principal, cases[i].key);

        if (strcmp(cases_of(&scope, &event), cases[i].cases) != 0)
            fail_msg("case %zu: %s, not %s", i, cases_of(&scope, &event),
                     cases[i].cases);
    }
    assert_true(case_scope_has_location(&scope, address_of(THIEF)));
    assert_false(case_scope_has_location(&scope, address_of(HOME)));
    assert_true(case_scope_has_key(&scope, SPAN("ASIA3")));
    assert_false(case_scope_has_key(&scope, SPAN("OWN")));
    assert_false(case_scope_has_key(&scope, SPAN("")));
    case_scope_release(&scope);
    case_scope_release(&scope);
    located_release(&located);
}

/* The folder is called after the instance: a name that leads elsewhere is no
 * instance's. */
static void an_odd_name_is_no_case(void **state)
{
    struct case_scope scope;
    struct located located;
    (void)state;

    begin(&scope, &located);
    for (size_t i = 0; i < scope.count; i++)
        assert_null(memchr(scope.cases[i]->instance_id.ptr, '/',
                           scope.cases[i]->instance_id.len));
    case_scope_release(&scope);
    located_release(&located);
}

static void without_alerts_there_are_no_cases(void **state)
{
    const struct alert_list none = {.count = 0};
    struct case_scope scope;
    struct located located;
    struct event event = call(THIEF, "AROA:" WEB, "STOLEN");
    (void)state;

    located_init(&located, false);
    assert_int_equal(case_scope_init(&scope, &none, &located, NULL, NULL), 0);
    assert_int_equal(case_scope_next(&scope, &event, 0), 0);
    case_scope_release(&scope);
    located_release(&located);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_belongs_by_location_key_and_chain),
        cmocka_unit_test(an_odd_name_is_no_case),
        cmocka_unit_test(without_alerts_there_are_no_cases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
