/*
 * A policy of any bytes: read or refused with a place that is in it. What is
 * read, each line printed as it was written is read again, as one line that
 * holds for the same things.
 */
#include "fuzz.h"

#include "detect/policy.h"

/* What lines are held against: pieces of the input itself. */
static struct policy_subject subject_from(struct span input)
{
    struct policy_subject subject = {.address = {IP_V4, {203, 0, 113, 0}}};

    subject.address.bytes[3] = fuzz_byte(&input);
    for (int key = 0; key < POLICY_KEY_COUNT; key++) {
        size_t len = fuzz_byte(&input) % 32;

        len = len < input.len ? len : input.len;
        subject.value[key] = span_of(input.ptr, len);
        input = span_of(input.ptr + len, input.len - len);
    }
    policy_subject_role(&subject, subject.value[POLICY_ROLE], SPAN_ABSENT);
    return subject;
}

static void require_same_again(const struct policy_use *use, size_t at,
                               const struct policy_subject *subject)
{
    const struct policy_line *line = &use->policy->lines[at];
    struct policy again;
    struct policy_use once;
    struct err err = ERR_NONE;

    policy_init(&again);
    fuzz_require(policy_read(&again, "again", line->text, &err) == 0);
    fuzz_require(again.line_count == 1 && again.lines[0].verb == line->verb);
    fuzz_require(policy_finish(&again, &err) == 0);
    fuzz_require(policy_use_init(&once, &again) == 0);
    fuzz_require(policy_holds(&once, line->verb, subject) ==
                 (use->hits[at] == 1));
    policy_use_release(&once);
    policy_release(&again);
}

static void try_lines(const struct policy *policy, struct span input)
{
    struct policy_subject subject = subject_from(input);
    struct policy_use use;

    fuzz_require(policy_use_init(&use, policy) == 0);
    for (int verb = 0; verb < POLICY_VERB_COUNT; verb++)
        (void)policy_holds(&use, (enum policy_verb)verb, &subject);
    for (size_t i = 0; i < policy->line_count && i < 8; i++) {
        fuzz_require(use.hits[i] <= 1);
        require_same_again(&use, i, &subject);
    }
    policy_use_release(&use);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_of((const char *)data, size);
    struct err err = ERR_NONE;
    struct policy policy;

    policy_init(&policy);
    if (policy_read(&policy, "policy", input, &err) < 0) {
        fuzz_require(strncmp(err.text, "'policy', line ", 15) == 0);
    } else {
        fuzz_require(policy_finish(&policy, &err) == 0);
        try_lines(&policy, input);
    }
    policy_release(&policy);
    return 0;
}
