/*
 * A record that a case should hold, or a call with an issued key, is found by
 * its text before anything is parsed: what this misses is lost.
 */
#include "guarded.h"
#include "unit.h"

#include "event/member_text.h"

static bool is_wanted(const void *context, struct span value)
{
    return span_eq(value, *(const struct span *)context);
}

static bool finds(const char *record, const char *value)
{
    struct buf json = unit_json(record);
    struct guarded copy = guarded_copy(buf_span(&json));
    struct span wanted = span_str(value);
    bool found =
        member_text_any(copy.bytes, SPAN("\"key\""), is_wanted, &wanted);

    guarded_free(&copy);
    buf_release(&json);
    return found;
}

static void a_member_is_found_wherever_it_stands(void **state)
{
    static const struct {
        const char *record;
        bool found;
    } cases[] = {
        {"{'key':'a'}", true},
        {"{'x':{'y':[{'key' :\t\r\n 'a'}]}}", true},
        {"{'key':'b','key':'a'}", true},
        {"{'key':1,'x':{'key':null},'z':{'key':'a'}}", true},
        {"{'key':'\\u0061'}", true}, /* an escape may spell anything */
        {"{'key':'\xff'}", true},    /* read as U+FFFD */
        {"{'key':'\x01'}", true},
        {"{'key':'b'}", false},
        {"{'key':'aa'}", false},
        {"{'key':''}", false},
        {"{'akey':'a','keya':'a'}", false},
        {"{'x':'key','y':'a'}", false},
        {"{'x':'\\'key\\':\\'a\\''}", false}, /* a text in a text */
        {"{'key'", false},
        {"{'key':", false},
        {"{'key':'a", false},
        {"'key'", false},
        {"", false},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++)
        if (finds(cases[i].record, "a") != cases[i].found)
            fail_msg("%s", cases[i].record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_found_wherever_it_stands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
