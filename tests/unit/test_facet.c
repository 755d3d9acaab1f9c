/* What an alert shows of its events. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_named_and_ordered_as_in_an_alert),
        cmocka_unit_test(each_facet_is_its_own_field),
        cmocka_unit_test(account_and_role_fall_back_only_if_absent),
        cmocka_unit_test(only_free_text_is_capped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
