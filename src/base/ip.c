/* Addresses as values: see ip.h for which text is one. */
#include "base/ip.h"

#include <arpa/inet.h>
#include <stdio.h>

/* One to `max_digits` decimal digits off the front; -1 if there is none
 * or the number is over `max`. */
static int take_decimal(struct span *text, size_t max_digits, int max)
{
    int number = 0;
    size_t digits = 0;

    while (digits < text->len && text->ptr[digits] >= '0' &&
           text->ptr[digits] <= '9') {
        if (digits == max_digits)
            return -1;
        number = number * 10 + (text->ptr[digits] - '0');
        digits++;
    }
    if (digits == 0 || number > max)
        return -1;
    text->ptr += digits;
    text->len -= digits;
    return number;
}

static bool take(struct span *text, char c)
{
    if (text->len == 0 || text->ptr[0] != c)
        return false;
    text->ptr++;
    text->len--;
    return true;
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* One to three digits, as the next eight bits. NULL if there is none, or they
 * are over 255. */
static inline const char *take_group(const char *at, const char *end,
                                     uint32_t *bits)
{
    unsigned number;

    if (at == end || !is_digit(*at))
        return NULL;
    number = (unsigned)(*at++ - '0');
    if (at < end && is_digit(*at))
        number = number * 10 + (unsigned)(*at++ - '0');
    if (at < end && is_digit(*at))
        number = number * 10 + (unsigned)(*at++ - '0');
    *bits = *bits << 8 | (number & 255);
    return number <= 255 ? at : NULL;
}

/* Of every record that can match the address is read here. */
bool ip_parse_v4(struct span text, struct ip *ip, unsigned *prefix)
{
    uint32_t address = 0;
    const char *at = text.ptr;
    const char *end = text.len ? at + text.len : at;
    int bits = 32;

    for (int group = 0; group < 4; group++) {
        if (group > 0 && (at == end || *at++ != '.'))
            return false;
        at = take_group(at, end, &address);
        if (!at)
            return false;
    }
    if (at < end) {
        struct span suffix = span_of(at, (size_t)(end - at));

        if (!take(&suffix, '/'))
            return false;
        bits = take_decimal(&suffix, 2, 32);
        if (bits < 0 || suffix.len > 0)
            return false;
    }
    *ip = ip_of_v4(address);
    *prefix = (unsigned)bits;
    return true;
}

bool ip_parse_v6(struct span text, struct ip *ip)
{
    struct ip parsed = {IP_V6, {0}};
    char copy[IP_TEXT_BYTES];

    /* A NUL inside would make inet_pton() see a shorter text. */
    if (text.len == 0 || text.len >= sizeof(copy) ||
        memchr(text.ptr, '\0', text.len))
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET6, copy, parsed.bytes) != 1)
        return false;
    *ip = parsed;
    return true;
}

#define MAPPED_PREFIX 96 /* ::ffff:0:0/96, RFC 4291 section 2.5.5.2 */

bool ip_parse_prefix(struct span text, struct ip *net, unsigned *prefix)
{
    const char *slash;
    struct ip parsed, unmapped;
    int bits = 128;

    if (ip_parse_v4(text, net, prefix))
        return true;
    slash = text.len ? memchr(text.ptr, '/', text.len) : NULL;
    if (slash) {
        struct span suffix =
            span_of(slash + 1, (size_t)(text.ptr + text.len - slash - 1));

        bits = take_decimal(&suffix, 3, 128);
        if (bits < 0 || suffix.len > 0)
            return false;
        text.len = (size_t)(slash - text.ptr);
    }
    if (!ip_parse_v6(text, &parsed))
        return false;
    unmapped = bits >= MAPPED_PREFIX ? ip_unmap(parsed) : parsed;
    if (unmapped.family == IP_V4)
        bits -= MAPPED_PREFIX;
    *net = unmapped;
    *prefix = (unsigned)bits;
    return true;
}

struct ip ip_unmap(struct ip ip)
{
    static const struct ip mapped = {
        IP_V6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}};
    struct ip v4 = {IP_V4, {0}};

    if (ip.family != IP_V6 || !ip_in_prefix(ip, mapped, MAPPED_PREFIX))
        return ip;
    memcpy(v4.bytes, ip.bytes + 12, 4);
    return v4;
}

bool ip_in_prefix(struct ip ip, struct ip net, unsigned prefix)
{
    size_t whole = prefix / 8;
    unsigned rest = prefix % 8;

    if (ip.family != net.family)
        return false;
    if (ip.family == IP_V4) /* nearly always, so without a call */
        return prefix == 0 ||
               (ip_v4_bits(ip) ^ ip_v4_bits(net)) >> (32 - prefix) == 0;
    if (memcmp(ip.bytes, net.bytes, whole) != 0)
        return false;
    return rest == 0 ||
           ((ip.bytes[whole] ^ net.bytes[whole]) >> (8 - rest)) == 0;
}

bool ip_v6_is_public(struct ip ip)
{
    static const struct {
        struct ip net;
        unsigned prefix;
    } not_public[] = {
        {{IP_V6, {0}}, 128},         /* :: */
        {{IP_V6, {[15] = 1}}, 128},  /* ::1 */
        {{IP_V6, {0xfe, 0x80}}, 10}, /* link-local */
        {{IP_V6, {0xfc}}, 7},        /* unique local */
        {{IP_V6, {0xff}}, 8},        /* multicast */
    };

    for (size_t i = 0; i < sizeof(not_public) / sizeof(not_public[0]); i++)
        if (ip_in_prefix(ip, not_public[i].net, not_public[i].prefix))
            return false;
    return ip.family == IP_V6;
}

int ip_cmp(struct ip a, struct ip b)
{
    return memcmp(&a, &b, sizeof(a));
}

const char *ip_format(struct ip ip, char text[IP_TEXT_BYTES])
{
    static const struct ip compatible = {IP_V6, {0}};

    text[0] = '\0';
    if (ip.family == IP_V4) {
        (void)inet_ntop(AF_INET, ip.bytes, text, IP_TEXT_BYTES);
    } else if (ip.family == IP_V6 && ip_in_prefix(ip, compatible, 96) &&
               (ip.bytes[12] || ip.bytes[13])) {
        /* glibc prints the long-withdrawn ::a.b.c.d form here, which
         * RFC 5952 section 5 keeps for well-known prefixes only. */
        (void)snprintf(text, IP_TEXT_BYTES, "::%x:%x",
                       (unsigned)(ip.bytes[12] << 8 | ip.bytes[13]),
                       (unsigned)(ip.bytes[14] << 8 | ip.bytes[15]));
    } else if (ip.family == IP_V6) {
        (void)inet_ntop(AF_INET6, ip.bytes, text, IP_TEXT_BYTES);
    }
    return text;
}
