/*
 * ip.h - IPv4 and IPv6 addresses as values.
 *
 * IPv4 text follows Kusto (spec rule 1), which neither inet_aton() (octal,
 * short forms) nor inet_pton() (no leading zeros) reads; IPv6 text is
 * exactly what inet_pton() takes.
 */
#ifndef OFFBOX_BASE_IP_H
#define OFFBOX_BASE_IP_H

#include "base/span.h"

#include <stdint.h>

enum ip_family {
    IP_NONE = 0,
    IP_V4 = 4,
    IP_V6 = 6,
};

/* Padding-free and compared as bytes: unused bytes of an IPv4 address are
 * zero. `family` comes first, so byte order is value order with IPv4
 * before IPv6. */
struct ip {
    uint8_t family;    /* enum ip_family */
    uint8_t bytes[16]; /* network order; IPv4 in the first four */
};

#define IP_ABSENT ((struct ip){IP_NONE, {0}})

/* The IPv4 address that a number stands for. Its bytes are stored at once:
 * addresses are copied as soon as they are read, and a load as wide waits until
 * all narrower stores beneath it have reached the cache. */
static inline struct ip ip_of_v4(uint32_t bits)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t head = IP_V4 | (uint64_t)__builtin_bswap32(bits) << 8;
#else
    uint64_t head = (uint64_t)IP_V4 << 56 | (uint64_t)bits << 24;
#endif
    const uint64_t words __attribute__((vector_size(16))) = {head, 0};
    struct ip ip;

    memcpy(&ip, &words, sizeof(words));
    ip.bytes[15] = 0;
    return ip;
}

/* An IPv4 address as a number. */
static inline uint32_t ip_v4_bits(struct ip ip)
{
    return (uint32_t)ip.bytes[0] << 24 | (uint32_t)ip.bytes[1] << 16 |
           (uint32_t)ip.bytes[2] << 8 | ip.bytes[3];
}

/*
 * Four groups of one to three decimal digits, each 0..255 and leading
 * zeros read as decimal, with an optional suffix `/0`..`/32` of one or two
 * digits. `*prefix` is the suffix, 32 without one. False for all else.
 */
bool ip_parse_v4(struct span text, struct ip *ip, unsigned *prefix);

/* What inet_pton(AF_INET6) takes: no zone, no prefix. An address in
 * ::ffff:0:0/96 stays IPv6 here; see ip_unmap(). */
bool ip_parse_v6(struct span text, struct ip *ip);

/*
 * An address, or a prefix in CIDR notation, for configurations: IPv4 as
 * ip_parse_v4(), IPv6 as ip_parse_v6() with an optional suffix `/0`..`/128`
 * of one to three digits. A prefix within ::ffff:0:0/96 becomes the IPv4
 * prefix it holds, as ip_unmap(). Bits behind the prefix may be set. False
 * for all else.
 */
bool ip_parse_prefix(struct span text, struct ip *net, unsigned *prefix);

/* `::ffff:a.b.c.d` as the IPv4 address it holds; all else as it is. */
struct ip ip_unmap(struct ip ip);

/* Do the first `prefix` bits of two addresses of one family agree? */
bool ip_in_prefix(struct ip ip, struct ip net, unsigned prefix);

/* ::/128, ::1, fe80::/10, fc00::/7 and ff00::/8: not public IPv6. */
bool ip_v6_is_public(struct ip ip);

/* By value, IPv4 before IPv6: <0, 0, >0. */
int ip_cmp(struct ip a, struct ip b);

/* Dotted decimal or RFC 5952, with a NUL. The result is `text`. */
#define IP_TEXT_BYTES 46 /* INET6_ADDRSTRLEN */
const char *ip_format(struct ip ip, char text[IP_TEXT_BYTES]);

#endif
