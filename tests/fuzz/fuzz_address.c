/*
 * Addresses of any bytes: IPv4 against a reading by sscanf(), IPv6 against
 * inet_pton(); what is read prints as text that reads as itself; and a
 * prefix is the address it was written with and its number.
 */
#include "fuzz.h"

#include "base/ip.h"

#include <arpa/inet.h>

/* The rule's IPv4 text, read the long way: no byte but digits and dots, up
 * to three digits a group. */
static bool plain_v4(const char *text, size_t size, unsigned groups[4])
{
    int end = 0;

    if (strlen(text) != size || strspn(text, "0123456789.") != size)
        return false;
    return sscanf(text, "%3u.%3u.%3u.%3u%n", &groups[0], &groups[1], &groups[2],
                  &groups[3], &end) == 4 &&
           (size_t)end == size && groups[0] < 256 && groups[1] < 256 &&
           groups[2] < 256 && groups[3] < 256;
}

static void require_round_trip(struct ip ip)
{
    char text[IP_TEXT_BYTES];
    struct ip again;
    unsigned prefix;

    (void)ip_format(ip, text);
    fuzz_require(ip.family == IP_V4
                     ? ip_parse_v4(span_str(text), &again, &prefix)
                     : ip_parse_v6(span_str(text), &again));
    fuzz_require(ip_cmp(ip, again) == 0);
}

static void check_prefix(struct span text)
{
    struct ip net;
    unsigned prefix;

    if (!ip_parse_prefix(text, &net, &prefix))
        return;
    fuzz_require(prefix <= (net.family == IP_V4 ? 32U : 128U));
    fuzz_require(ip_in_prefix(net, net, prefix));
    require_round_trip(net);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = fuzz_copy(span_of((const char *)data, size));
    struct span text = span_of(copy, size);
    char terminated[256] = "";
    unsigned char bytes[16];
    unsigned groups[4], prefix = 99;
    struct ip ip;
    bool plain;

    if (size < sizeof(terminated) && size > 0)
        memcpy(terminated, data, size);
    plain = plain_v4(terminated, size, groups);
    if (ip_parse_v4(text, &ip, &prefix)) {
        fuzz_require(plain || memchr(copy, '/', size));
        for (int i = 0; plain && i < 4; i++)
            fuzz_require(ip.bytes[i] == groups[i] && prefix == 32);
        require_round_trip(ip);
    } else {
        fuzz_require(!plain);
    }
    plain = size < sizeof(terminated) && strlen(terminated) == size &&
            inet_pton(AF_INET6, terminated, bytes) == 1;
    fuzz_require(ip_parse_v6(text, &ip) == plain);
    if (plain) {
        fuzz_require(memcmp(ip.bytes, bytes, sizeof(bytes)) == 0);
        require_round_trip(ip);
        require_round_trip(ip_unmap(ip));
    }
    check_prefix(text);
    free(copy);
    return 0;
}
