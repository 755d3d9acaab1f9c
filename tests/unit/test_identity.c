/*
 * Two events are one when five fields agree. An identity that says so
 * too often loses events, one that says so too seldom counts copies, and
 * one that changes makes saved tables worthless.
 */
#include "events.h"

#include "detect/identity.h"

/* The five fields of one event. */
struct five {
    struct span id, instance;
    const char *address;
    timestamp time;
    struct span name;
};

/* Both ways to make an identity must tell the same events apart. */
static const enum identity_reach reaches[] = {IDENTITY_ANYWHERE, IDENTITY_HERE};

/* As an aggregate does. */
static struct hash128 made_here(const struct event *event, struct span instance,
                                struct ip ip, struct hash_key secret)
{
    struct hash128 group = hash_begin();

    hash_add(&group, secret, instance);
    hash_add(&group, secret, span_of((const char *)&ip, sizeof(ip)));
    return identity_here(event, hash_end(group, secret), secret);
}

static struct hash128 made(enum identity_reach reach, const struct event *event,
                           struct span instance, const char *address)
{
    struct ip ip = address_of(address);
    struct buf scratch = BUF_INIT;
    struct hash128 hash;

    if (reach == IDENTITY_HERE)
        return made_here(event, instance, ip, hash_secret());
    hash = identity_of(event, instance, ip, &scratch);
    assert_false(scratch.failed);
    buf_release(&scratch);
    return hash;
}

static struct hash128 identity(enum identity_reach reach, struct five five)
{
    struct event event = EVENT(.id = NULL);

    event.field[EVENT_ID] = five.id;
    event.field[EVENT_NAME] = five.name;
    event.time = five.time;
    return made(reach, &event, five.instance, five.address);
}

static const struct five usual = {
    {"e1", 2}, {"i-0a", 4}, "4.4.4.4", INT64_C(16455275000000000), {"Get", 3}};

/* Any one of the five makes another event; no two of these are one. */
static void each_of_the_five_fields_tells_events_apart(void **state)
{
    struct five five[14];
    (void)state;

    for (size_t i = 0; i < COUNT(five); i++)
        five[i] = usual;
    five[1].id = SPAN("e2");
    five[2].id = SPAN("E1"); /* case counts everywhere */
    five[3].id = SPAN("e1 ");
    five[4].instance = SPAN("i-0b");
    five[5].instance = SPAN("i-0A");
    five[6].address = "4.4.4.5";
    five[7].address = "::ffff:4.4.4.4"; /* the filter unmaps; not we */
    five[8].address = "404:404::";      /* the same bytes, IPv6 */
    five[9].time++;                     /* 100 ns */
    five[10].time = TIMESTAMP_UNKNOWN;
    five[11].name = SPAN("get");
    five[12].name = SPAN_ABSENT;
    five[13].name = SPAN("");
    for (size_t r = 0; r < COUNT(reaches); r++)
        for (size_t a = 0; a < COUNT(five); a++)
            for (size_t b = 0; b < COUNT(five); b++)
                if (hash_equal(identity(reaches[r], five[a]),
                               identity(reaches[r], five[b])) != (a == b))
                    fail_msg("events %zu and %zu", a, b);
}

/* Copies differ in spelling and in what a trail adds. */
static void no_other_field_tells_events_apart(void **state)
{
    struct event a = EVENT(.id = "e1", .time = "2022-02-22T10:05:00Z",
                           .name = "Get", .agent = "x", .record = "{\"a\":1}");
    struct event b = EVENT(.id = "e1", .time = "2022-02-22T11:05:00.0+01:00",
                           .name = "Get", .agent = "y", .error = "AccessDenied",
                           .account = "1", .record = "{ }");
    (void)state;

    for (size_t r = 0; r < COUNT(reaches); r++)
        assert_true(
            hash_equal(made(reaches[r], &a, SPAN("i-0a"), "4.4.4.4"),
                       made(reaches[r], &b, SPAN("i-0a"), "004.4.4.4/32")));
}

/* Any two unreadable times are the same time, as in every comparison. */
static void unreadable_times_are_one_time(void **state)
{
    struct event a = EVENT(.id = "e1", .time = "yesterday");
    struct event b = EVENT(.id = "e1", .time = NULL);
    (void)state;

    for (size_t r = 0; r < COUNT(reaches); r++)
        assert_true(hash_equal(made(reaches[r], &a, SPAN("i-0a"), "4.4.4.4"),
                               made(reaches[r], &b, SPAN("i-0a"), "4.4.4.4")));
}

/* Whoever may choose two neighbouring fields must not be able to move a
 * byte from one to the other and hide an event behind another. */
static void a_boundary_between_fields_cannot_be_shifted(void **state)
{
    static const char text[] = "abcd\0efg";
    enum {
        LEN = sizeof(text) - 1
    };
    struct five five[(LEN + 1) * (LEN + 1)];
    size_t count = 0;
    (void)state;

    for (size_t i = 0; i <= LEN; i++)
        for (size_t k = i; k <= LEN; k++) {
            five[count] = usual;
            five[count].id = span_of(text, i);
            five[count].instance = span_of(text + i, k - i);
            five[count++].name = span_of(text + k, LEN - k);
        }
    for (size_t r = 0; r < COUNT(reaches); r++)
        for (size_t a = 0; a < count; a++)
            for (size_t b = 0; b < a; b++)
                assert_false(hash_equal(identity(reaches[r], five[a]),
                                        identity(reaches[r], five[b])));
}

/* Saved tables and other machines hold identities: these numbers were
 * computed by another program from the layout (each field behind its
 * length in eight bytes, little-endian, all ones if absent; the address
 * as family and 16 bytes; the time as eight). If this fails, the version
 * in the published key must change, too. */
static void the_value_is_the_same_for_ever(void **state)
{
    struct five v4 = {SPAN("e1f2a3b4-0000-4000-8000-0123456789ab"),
                      SPAN("i-0abcdef1234567890"), "4.4.4.4",
                      timestamp_parse(SPAN("2022-02-22T10:05:00Z")),
                      SPAN("GetCallerIdentity")};
    struct five v6 = {SPAN("e1"), SPAN("i-0a"), "2600:1f18::1",
                      TIMESTAMP_UNKNOWN, SPAN_ABSENT};
    struct hash128 hash;
    (void)state;

    hash = identity(IDENTITY_ANYWHERE, v4);
    assert_true(hash.lo == 0xd2c91dde339ff5d7u);
    assert_true(hash.hi == 0x394cee0e873dfcb7u);
    hash = identity(IDENTITY_ANYWHERE, v6);
    assert_true(hash.lo == 0xc1d6df08678dd919u);
    assert_true(hash.hi == 0x2a2782617bb95b2eu);
}

/* What identity_here() gives holds under one key: nobody can compute it who
 * knows all texts. */
static void an_identity_for_here_depends_on_the_key(void **state)
{
    struct event event = EVENT(.id = "e1", .name = "Get");
    struct hash_key key = {1, 2}, other = {1, 3};
    struct ip ip = address_of("4.4.4.4");
    (void)state;

    assert_false(hash_equal(made_here(&event, SPAN("i-0a"), ip, key),
                            made_here(&event, SPAN("i-0a"), ip, other)));
}

/* The scratch comes with whatever the last user left in it. */
static void scratch_leaves_no_trace(void **state)
{
    struct event event = EVENT(.id = "e1", .name = "Get");
    struct buf scratch = BUF_INIT;
    struct ip ip = address_of("4.4.4.4");
    struct hash128 first, second;
    (void)state;

    first = identity_of(&event, SPAN("i-0a"), ip, &scratch);
    buf_add(&scratch, SPAN("rubbish"));
    second = identity_of(&event, SPAN("i-0a"), ip, &scratch);
    assert_true(hash_equal(first, second));
    buf_release(&scratch);
}

/* An empty eventID identifies as little as none. */
static void only_an_event_with_an_id_has_an_identity(void **state)
{
    static const struct {
        const char *id;
        bool exists;
    } cases[] = {{NULL, false}, {"", false}, {" ", true}, {"e1", true}};
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct event event = EVENT(.id = cases[i].id, .name = "Get");

        assert_int_equal(identity_exists(&event), cases[i].exists);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_of_the_five_fields_tells_events_apart),
        cmocka_unit_test(no_other_field_tells_events_apart),
        cmocka_unit_test(unreadable_times_are_one_time),
        cmocka_unit_test(a_boundary_between_fields_cannot_be_shifted),
        cmocka_unit_test(the_value_is_the_same_for_ever),
        cmocka_unit_test(an_identity_for_here_depends_on_the_key),
        cmocka_unit_test(scratch_leaves_no_trace),
        cmocka_unit_test(only_an_event_with_an_id_has_an_identity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
