/*
 * What an alert shows of its events, and which of two copies is shown:
 * the answer must not depend on which copy came first.
 */
#include "events.h"

#include "detect/facet.h"

/* The names are members of the JSON alert, in its order. */
static void members_are_named_and_ordered_as_in_an_alert(void **state)
{
    static const char *const members[] = {
        "EventNames", "AccessKeyIds", "UserAgents",      "EventSources",
        "Regions",    "ErrorCodes",   "Ec2RoleDelivery", "VpcEndpointIds",
        "Accounts",   "Roles",
    };
    (void)state;

    assert_int_equal(COUNT(members), FACET_COUNT);
    for (size_t i = 0; i < COUNT(members); i++)
        assert_string_equal(facet_member((enum facet)i), members[i]);
}

/* A facet that reads its neighbour's field would go unnoticed by every
 * test whose events leave most fields absent. */
static void each_facet_is_its_own_field(void **state)
{
    struct event event =
        EVENT(.id = "id", .time = "time", .name = "name", .key = "key",
              .agent = "agent", .source = "source", .region = "region",
              .error = "error", .delivery = "2.0", .endpoint = "vpce",
              .account = "account", .role = "role");
    static const char *const expected[FACET_COUNT] = {
        [FACET_EVENT_NAME] = "name",       [FACET_ACCESS_KEY_ID] = "key",
        [FACET_USER_AGENT] = "agent",      [FACET_EVENT_SOURCE] = "source",
        [FACET_REGION] = "region",         [FACET_ERROR_CODE] = "error",
        [FACET_EC2_ROLE_DELIVERY] = "2.0", [FACET_VPC_ENDPOINT_ID] = "vpce",
        [FACET_ACCOUNT] = "account",       [FACET_ROLE] = "role",
    };
    struct event nothing = EVENT(.id = "id");
    (void)state;

    for (int i = 0; i < FACET_COUNT; i++) {
        assert_span_equal(facet_of(&event, (enum facet)i),
                          span_str(expected[i]));
        assert_span_equal(facet_of(&nothing, (enum facet)i), SPAN_ABSENT);
    }
}

/* The account whose credentials made the call, else the one that received
 * it; the role's ARN, else its name. An empty value is a value. */
static void account_and_role_fall_back_only_if_absent(void **state)
{
    static const struct {
        const char *own, *other, *shown;
    } cases[] = {
        {"own", "other", "own"},  {"own", NULL, "own"}, {"", "other", ""},
        {NULL, "other", "other"}, {NULL, "", ""},       {NULL, NULL, NULL},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct event event =
            EVENT(.account = cases[i].own, .role = cases[i].own);

        event.field[EVENT_RECIPIENT_ACCOUNT_ID] = span_str(cases[i].other);
        event.field[EVENT_ROLE_NAME] = span_str(cases[i].other);
        assert_span_equal(facet_of(&event, FACET_ACCOUNT),
                          span_str(cases[i].shown));
        assert_span_equal(facet_of(&event, FACET_ROLE),
                          span_str(cases[i].shown));
    }
}

/* Cut is what anyone may choose without end; an access key or an event's
 * name must never be cut out of the evidence. */
static void only_free_text_is_capped(void **state)
{
    (void)state;
    assert_int_equal(FACET_CAP, 64);
    for (int i = 0; i < FACET_COUNT; i++) {
        bool free_text = i == FACET_USER_AGENT || i == FACET_EVENT_SOURCE ||
                         i == FACET_REGION || i == FACET_ERROR_CODE ||
                         i == FACET_VPC_ENDPOINT_ID;

        assert_int_equal(facet_is_capped((enum facet)i), free_text);
    }
}

/* The facets of a record that shows `text` (absent if NULL) in one place
 * and the same as every other record elsewhere. */
static struct facets facets_with(struct strings *strings, enum facet facet,
                                 const char *text)
{
    struct facets facets;

    for (int i = 0; i < FACET_COUNT; i++) {
        facets.value[i] = strings_intern(
            strings, i == (int)facet ? span_str(text) : SPAN("same"));
        assert_true(facets.value[i] != STRINGS_FAILED);
    }
    return facets;
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

/* Where two facets differ, the one earlier in a record decides. */
static void the_earlier_key_of_a_record_decides(void **state)
{
    static const enum facet record_order[] = {
        FACET_ACCOUNT,      FACET_ACCESS_KEY_ID,
        FACET_ROLE,         FACET_EC2_ROLE_DELIVERY,
        FACET_EVENT_SOURCE, FACET_EVENT_NAME,
        FACET_REGION,       FACET_USER_AGENT,
        FACET_ERROR_CODE,   FACET_VPC_ENDPOINT_ID,
    };
    struct strings strings;
    (void)state;

    strings_init(&strings);
    assert_int_equal(COUNT(record_order), FACET_COUNT);
    for (size_t early = 0; early < FACET_COUNT; early++)
        for (size_t late = early + 1; late < FACET_COUNT; late++) {
            struct facets a = facets_with(&strings, record_order[early], "1");
            struct facets b = facets_with(&strings, record_order[late], "0");

            assert_true(facets_cmp(&strings, &a, &b) < 0);
            assert_true(facets_cmp(&strings, &b, &a) > 0);
        }
    strings_release(&strings);
}

/* Or the copy that stands would depend on which two met first. Absent
 * values take part. */
static void the_order_is_total(void **state)
{
    static const char *const texts[] = {NULL, "",   " ",  "!", "a",
                                        "a ", "a!", "aa", "B", "\xc3\xa9"};
    struct facets all[COUNT(texts)];
    struct strings strings;
    size_t count = 0;
    (void)state;

    strings_init(&strings);
    for (size_t i = 0; i < COUNT(texts); i++)
        all[count++] = facets_with(&strings, FACET_USER_AGENT, texts[i]);
    for (size_t a = 0; a < count; a++)
        for (size_t b = 0; b < count; b++) {
            int ab = sign(facets_cmp(&strings, &all[a], &all[b]));

            assert_int_equal(ab == 0, a == b);
            assert_int_equal(ab, -sign(facets_cmp(&strings, &all[b], &all[a])));
            for (size_t c = 0; c < count; c++)
                if (ab < 0 && facets_cmp(&strings, &all[b], &all[c]) < 0)
                    assert_true(facets_cmp(&strings, &all[a], &all[c]) < 0);
        }
    strings_release(&strings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_named_and_ordered_as_in_an_alert),
        cmocka_unit_test(each_facet_is_its_own_field),
        cmocka_unit_test(account_and_role_fall_back_only_if_absent),
        cmocka_unit_test(only_free_text_is_capped),
        cmocka_unit_test(the_earlier_key_of_a_record_decides),
        cmocka_unit_test(the_order_is_total),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
