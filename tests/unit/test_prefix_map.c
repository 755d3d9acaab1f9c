/*
 * A look-up that misses a prefix would alert on the site's own network, one
 * that finds too many would hide a thief: it is held against trying every
 * prefix in turn.
 */
#include "events.h"

#include "base/prefix_map.h"

static void put(struct prefix_map *map, const char *net, unsigned prefix,
                uint32_t value)
{
    assert_int_equal(prefix_map_add(map, address_of(net), prefix, value), 0);
}

/* The values found, narrowest first, as "3 1 2 ". */
static const char *found(const struct prefix_map *map, const char *address)
{
    static char text[256];
    size_t len = 0;

    text[0] = '\0';
    for (uint32_t at = prefix_map_first(map, address_of(address));
         at != PREFIX_NONE; at = prefix_map_next(map, at))
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%u ",
                                map->entries[at].value);
    return text;
}

static void prefixes_are_found_from_the_narrowest_outward(void **state)
{
    static const struct {
        const char *address, *values;
    } rows[] = {
        {"203.0.113.7", "6 5 4 2 1 0 "},
        {"203.0.113.8", "2 1 0 "},
        {"203.0.113.127", "2 1 0 "},
        {"203.0.113.128", "3 1 0 "},
        {"203.0.113.255", "3 1 0 "},
        {"203.0.112.255", "0 "},
        {"203.0.114.0", "0 "},
        {"0.0.0.0", "0 "},
        {"255.255.255.255", "0 "},
        {"2001:db8::1", "9 8 7 "},
        {"2001:db8::2", "8 7 "},
        {"2001:db9::", "7 "},
        {"::", "7 "},
    };
    struct prefix_map map = {0};
    (void)state;

    put(&map, "203.0.113.7", 32, 5);
    put(&map, "203.0.113.77", 24, 1); /* bits behind the prefix */
    put(&map, "2001:db8::1", 128, 9);
    put(&map, "203.0.113.0", 25, 2);
    put(&map, "203.0.113.7", 32, 6);
    put(&map, "0.0.0.0", 0, 0);
    put(&map, "203.0.113.128", 25, 3);
    put(&map, "::", 0, 7);
    put(&map, "203.0.113.7", 32, 4);
    put(&map, "2001:db8::", 32, 8);
    prefix_map_finish(&map);
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(found(&map, rows[i].address), rows[i].values);
    assert_true(prefix_map_first(&map, IP_ABSENT) == PREFIX_NONE);
    prefix_map_release(&map);
}

static void an_empty_map_holds_nothing(void **state)
{
    struct prefix_map map = {0};
    (void)state;

    prefix_map_finish(&map);
    assert_string_equal(found(&map, "203.0.113.7"), "");
    prefix_map_release(&map);
    prefix_map_release(&map);
    prefix_map_release(NULL);
}

/* Few bits vary, so that prefixes nest, repeat and touch. */
static struct ip random_ip(uint32_t *seed)
{
    struct ip ip = {unit_random(seed, 4) ? IP_V4 : IP_V6, {0}};
    size_t last = ip.family == IP_V4 ? 3 : 15;

    ip.bytes[0] = unit_random(seed, 8) ? 0xcb : 0xff;
    ip.bytes[last - 1] = (uint8_t)unit_random(seed, 4);
    ip.bytes[last] = (uint8_t)unit_random(seed, 256);
    return ip;
}

static void the_map_agrees_with_trying_every_prefix(void **state)
{
    enum {
        MOST = 200
    };
    uint32_t seed = 20220222;
    (void)state;

    for (size_t round = 0; round < 200; round++) {
        struct prefix_map map = {0};
        struct ip nets[MOST];
        unsigned prefixes[MOST];
        size_t count = unit_random(&seed, MOST);

        for (size_t i = 0; i < count; i++) {
            nets[i] = random_ip(&seed);
            prefixes[i] = nets[i].family == IP_V4 ? 32 : 128;
            prefixes[i] -= (unsigned)unit_random(
                &seed, unit_random(&seed, 8) ? 12 : prefixes[i] + 1);
            assert_int_equal(
                prefix_map_add(&map, nets[i], prefixes[i], (uint32_t)i), 0);
        }
        prefix_map_finish(&map);
        for (size_t k = 0; k < 200; k++) {
            struct ip ip = random_ip(&seed);
            bool seen[MOST] = {false};

            for (uint32_t at = prefix_map_first(&map, ip); at != PREFIX_NONE;
                 at = prefix_map_next(&map, at)) {
                assert_false(seen[map.entries[at].value]);
                seen[map.entries[at].value] = true;
            }
            for (size_t i = 0; i < count; i++)
                assert_int_equal(seen[i],
                                 ip_in_prefix(ip, nets[i], prefixes[i]));
        }
        prefix_map_release(&map);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefixes_are_found_from_the_narrowest_outward),
        cmocka_unit_test(an_empty_map_holds_nothing),
        cmocka_unit_test(the_map_agrees_with_trying_every_prefix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
