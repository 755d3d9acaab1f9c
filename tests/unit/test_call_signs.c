/*
 * What is told of a call by its texts. They are looked through once a call,
 * whichever event asks first.
 */
#include "events.h"

#include "evidence/call_signs.h"

static void a_calls_texts_are_signs(void **state)
{
    static const struct {
        const char *name, *source, *agent, *error;
        unsigned signs;
    } cases[] = {
        {"GetObject", "s3.amazonaws.com", "aws-cli/2 Linux/6.1", NULL,
         AGENT_LINUX},
        {"GetObject", "s3.amazonaws.com", "aws-cli/2 Windows/10", NULL,
         AGENT_WINDOWS},
        {"GetObject", "s3.amazonaws.com", "aws-cli/2 source/kali.2024 linux",
         NULL, AGENT_PENTEST | AGENT_LINUX},
        {"GetObject", "s3.amazonaws.com",
         "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", NULL,
         AGENT_BROWSER | AGENT_MACOS},
        {"GetObject", "s3.amazonaws.com", "exec-env/x win32 node", NULL,
         AGENT_WINDOWS},
        {"GetObject", "s3.amazonaws.com", "tool (Win64; x64)", NULL,
         AGENT_WINDOWS},
        {"GetObject", "s3.amazonaws.com", "Boto3/1.9 Darwin/22.1", NULL,
         AGENT_MACOS},
        {"GetObject", "s3.amazonaws.com", "aws-sdk-rust os/macos lang/rust",
         NULL, AGENT_MACOS},
        {"GetObject", "s3.amazonaws.com", "tool (Macintosh)", NULL,
         AGENT_MACOS},
        {"GetObject", "s3.amazonaws.com", "aws-sdk-java Mac OS X/10", NULL,
         AGENT_MACOS},
        {"GetObject", "s3.amazonaws.com", "aws-sdk-java Mac_OS_X/10", NULL,
         AGENT_MACOS},
        {"GetObject", "s3.amazonaws.com", "6.1-parrot1", NULL, AGENT_PENTEST},
        {"GetObject", "s3.amazonaws.com", "6.1-pentoo", NULL, AGENT_PENTEST},
        {"GetObject", "s3.amazonaws.com", "BlackArch", NULL, AGENT_PENTEST},
        {"GetObject", "s3.amazonaws.com", "a console, a pen and a park", NULL,
         0},
        {"GetObject", "s3.amazonaws.com", NULL, "AccessDenied", CALL_REFUSED},
        {"GetObject", "s3.amazonaws.com", NULL, "UnauthorizedAccess",
         CALL_REFUSED},
        {"GetObject", "s3.amazonaws.com", NULL, "NotAuthorizedException",
         CALL_REFUSED},
        {"GetObject", "s3.amazonaws.com", NULL, "ForbiddenException",
         CALL_REFUSED},
        {"GetObject", "s3.amazonaws.com", NULL, "AuthorizationErrorException",
         CALL_REFUSED},
        {"GetObject", "s3.amazonaws.com", NULL, "NoSuchKey", 0},
        {"GetObject", "s3.amazonaws.com", NULL, "Client.UnauthorizedOperation",
         CALL_REFUSED},
        {"GetObject", "s3.amazonaws.com", NULL, "ThrottlingException", 0},
        {"UpdateInstanceInformation", "ssm.amazonaws.com", "agent", NULL,
         CALL_SSM_AGENT},
        {"UpdateInstanceInformation", "ec2.amazonaws.com", "agent", NULL, 0},
        {"AssumeRole", "sts.amazonaws.com", NULL, NULL, CALL_GIVES_KEYS},
        {"AssumeRole", "sts.amazonaws.com", NULL, "AccessDenied", CALL_REFUSED},
        {"GetSessionToken", "sts.amazonaws.com", NULL, "", CALL_GIVES_KEYS},
        {NULL, NULL, NULL, NULL, 0},
    };
    enum {
        COUNT = sizeof(cases) / sizeof(cases[0])
    };
    struct facet_table table;
    struct facets facets[COUNT];
    struct call_signs signs;
    (void)state;

    facet_table_init(&table);
    for (size_t i = 0; i < COUNT; i++) {
        struct event event =
            EVENT(.name = cases[i].name, .source = cases[i].source,
                  .agent = cases[i].agent, .error = cases[i].error);
        struct facets_hash hash;

        facet_table_hash(&table, &event, &hash);
        facets[i] = facet_table_number(&table, &hash, &event);
    }
    assert_int_equal(call_signs_init(&signs, &table), 0);
    for (int again = 0; again < 2; again++)
        for (size_t i = 0; i < COUNT; i++)
            assert_int_equal(call_signs_of(&signs, facets[i]), cases[i].signs);
    call_signs_release(&signs);
    facet_table_release(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_calls_texts_are_signs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
