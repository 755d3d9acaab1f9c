/*
 * A list of address ranges of any bytes: read, and then every prefix in it
 * finds an owner, or refused with why.
 */
#include "fuzz.h"

#include "detect/ip_ranges.h"

static void require_owner(const struct ip_ranges *ranges, struct ip address)
{
    struct arena arena = ARENA_INIT;
    struct owner owner = {0};

    fuzz_require(ip_ranges_find(ranges, address, &arena, &owner) == 0);
    fuzz_require(owner.outside_aws == !ip_ranges_hold(ranges, address));
    fuzz_require(owner.outside_aws == (owner.service_count == 0));
    fuzz_require(owner.outside_aws == !span_present(owner.aws_region));
    for (size_t i = 1; i < owner.service_count; i++)
        fuzz_require(span_cmp(owner.services[i - 1], owner.services[i]) < 0 &&
                     !span_eq(owner.services[i], SPAN("AMAZON")));
    fuzz_require(owner.service_count < 2 ||
                 !span_eq(owner.services[0], SPAN("AMAZON")));
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_of((const char *)data, size);
    struct ip any = {.family = IP_V4};
    struct ip_ranges ranges;
    struct err err = ERR_NONE;

    ip_ranges_init(&ranges);
    if (ip_ranges_read(&ranges, input, &err) < 0) {
        fuzz_require(err.text[0] != '\0');
    } else {
        fuzz_require(ranges.count > 0 && ranges.count == ranges.map.count);
        fuzz_require(span_present(ranges.sync_token) &&
                     span_present(ranges.create_date));
        for (size_t i = 0; i < ranges.map.count; i++) {
            fuzz_require(ip_ranges_hold(&ranges, ranges.map.entries[i].net));
            require_owner(&ranges, ranges.map.entries[i].net);
        }
        any.bytes[0] = data[size / 2]; /* any address at all */
        require_owner(&ranges, any);
    }
    ip_ranges_release(&ranges);
    return 0;
}
