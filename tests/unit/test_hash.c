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

/* A table's hash reads its text in pieces of several sizes: each byte, and
 * the length, must count at every one. No collision is expected among so
 * few: a pair would have to meet in 64 bits. */
static void each_byte_and_the_length_count_in_a_tables_hash(void **state)
{
    /* Unlike the bytes: what is multiplied by zero is lost, which is why
     * a table's key is secret. */
    const struct hash_key key = {0x9e3779b97f4a7c15u, 0xbf58476d1ce4e5b9u};
    char bytes[80];
    (void)state;

    fill_counting(bytes, sizeof(bytes));
    for (size_t len = 0; len <= sizeof(bytes); len++) {
        uint64_t whole = hash_64(key, span_of(bytes, len));
        struct hash_key other = key;

        assert_true(whole ==
                    hash_64_of(key, hash_text(key, span_of(bytes, len)).lo));
        if (len > 0)
            assert_true(whole != hash_64(key, span_of(bytes, len - 1)));
        for (size_t at = 0; at < len; at++) {
            bytes[at] ^= 0x10;
            assert_true(whole != hash_64(key, span_of(bytes, len)));
            bytes[at] ^= 0x10;
        }
        other.k0 ^= 1;
        assert_true(whole != hash_64(other, span_of(bytes, len)));
    }
}

static struct hash128 hash_of_texts(const struct span *texts, size_t count)
{
    struct hash128 hash = hash_begin();

    for (size_t i = 0; i < count; i++)
        hash_add(&hash, vector_key, texts[i]);
    return hash_end(hash, vector_key);
}

/* Two tuples of texts are one key only if they agree text by text: a border
 * that moves, an empty text and one that is absent all count. */
static void texts_hashed_together_keep_their_borders(void **state)
{
    const struct span tuples[][3] = {
        {SPAN("ab"), SPAN("c"), SPAN("")},
        {SPAN("a"), SPAN("bc"), SPAN("")},
        {SPAN("abc"), SPAN(""), SPAN("")},
        {SPAN(""), SPAN("abc"), SPAN("")},
        {SPAN(""), SPAN(""), SPAN("abc")},
        {SPAN("abc"), SPAN_ABSENT, SPAN("")},
        {SPAN("abc"), SPAN(""), SPAN_ABSENT},
        {SPAN_ABSENT, SPAN("abc"), SPAN("")},
        {SPAN_ABSENT, SPAN_ABSENT, SPAN_ABSENT},
        {SPAN_ABSENT, SPAN_ABSENT, SPAN("")},
        {SPAN(""), SPAN(""), SPAN("")},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(tuples); i++) {
        struct hash128 hash = hash_of_texts(tuples[i], 3);
        struct hash128 shorter = hash_of_texts(tuples[i], 2);

        assert_true(hash.lo != shorter.lo && hash.hi != shorter.hi);
        for (size_t j = 0; j < COUNT(tuples); j++) {
            struct hash128 other = hash_of_texts(tuples[j], 3);

            assert_true((hash.lo == other.lo) == (i == j));
            assert_true((hash.hi == other.hi) == (i == j));
        }
    }
}

/* Both halves together stand for the bytes: 128 bits only if the halves are
 * independent from the first round on. */
static void the_halves_of_a_tables_hash_are_two(void **state)
{
    static const struct span texts[] = {
        {"", 0},
        {"a", 1},
        {"0123456789abcdef", 16},
        {"0123456789abcdef0123456789abcdef", 32},
        {"i-0a1b2c3d4e5f60718", 19},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct hash128 hash = hash_begin();

        hash_add(&hash, vector_key, texts[i]);
        assert_true(hash.lo != hash.hi);
        hash = hash_end(hash, vector_key);
        assert_true(hash.lo != hash.hi);
    }
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
        cmocka_unit_test(each_byte_and_the_length_count_in_a_tables_hash),
        cmocka_unit_test(texts_hashed_together_keep_their_borders),
        cmocka_unit_test(the_halves_of_a_tables_hash_are_two),
        cmocka_unit_test(secret_is_drawn_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
