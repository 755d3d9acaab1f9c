/*
 * The identity of an event must be the same on every machine, and a
 * keyed hash that is only nearly SipHash has no known strength. So the
 * function is held to numbers that others computed.
 */
#include "unit.h"

#include "base/hash.h"

#include <stdio.h>

/* The key and the inputs of the authors' vectors: 00 01 02 … */
static const struct hash_key vector_key = {0x0706050403020100u,
                                           0x0f0e0d0c0b0a0908u};

static void fill_counting(char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(i & 0xff);
}

/* The result as the authors print it: little-endian bytes. */
static const char *in_hex(struct hash128 hash, char text[33])
{
    for (unsigned i = 0; i < 16; i++) {
        uint64_t half = i < 8 ? hash.lo : hash.hi;

        (void)snprintf(text + 2 * i, 3, "%02x",
                       (unsigned)(half >> (8 * (i % 8)) & 0xff));
    }
    return text;
}

/* From vectors_sip128 of the reference implementation: around every
 * border of the 8-byte words; the last one, longer than the length byte
 * can say, from OpenSSL. */
static void hash_agrees_with_published_vectors(void **state)
{
    static const struct {
        size_t len;
        const char *hex;
    } vectors[] = {
        {0, "a3817f04ba25a8e66df67214c7550293"},
        {1, "da87c1d86b99af44347659119b22fc45"},
        {7, "a1f1ebbed8dbc153c0b84aa61ff08239"},
        {8, "3b62a9ba6258f5610f83e264f31497b4"},
        {9, "264499060ad9baabc47f8b02bb6d71ed"},
        {15, "5493e99933b0a8117e08ec0f97cfc3d9"},
        {16, "6ee2a4ca67b054bbfd3315bf85230577"},
        {31, "2939b0183223fafc1723de4f52c43d35"},
        {63, "5150d1772f50834a503e069a973fbd7c"},
        {300, "ce005a406d14b36d5386b5f7a7e1b311"},
    };
    char bytes[300];
    char text[33];
    (void)state;

    fill_counting(bytes, sizeof(bytes));
    for (size_t i = 0; i < COUNT(vectors); i++)
        assert_string_equal(
            in_hex(hash_128(vector_key, span_of(bytes, vectors[i].len)), text),
            vectors[i].hex);
}

/* Spans point anywhere into a window. */
static void hash_does_not_depend_on_alignment(void **state)
{
    char bytes[8 + 40];
    char text[33];
    (void)state;

    for (size_t shift = 0; shift < 8; shift++) {
        fill_counting(bytes + shift, 31);
        assert_string_equal(
            in_hex(hash_128(vector_key, span_of(bytes + shift, 31)), text),
            "2939b0183223fafc1723de4f52c43d35");
    }
}

static void hash_of_an_absent_span_is_that_of_an_empty_one(void **state)
{
    (void)state;
    assert_true(hash_64(vector_key, SPAN_ABSENT) ==
                hash_64(vector_key, SPAN("")));
}

/* A table's key must not be a constant that an attacker can read here. */
static void secret_is_drawn_once(void **state)
{
    struct hash_key first = hash_secret();
    struct hash_key second = hash_secret();
    (void)state;

    assert_true(first.k0 == second.k0 && first.k1 == second.k1);
    assert_true(first.k0 != 0 || first.k1 != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash_agrees_with_published_vectors),
        cmocka_unit_test(hash_does_not_depend_on_alignment),
        cmocka_unit_test(hash_of_an_absent_span_is_that_of_an_empty_one),
        cmocka_unit_test(secret_is_drawn_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
