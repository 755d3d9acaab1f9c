/* The delimiter with NEON, which every AArch64 has: 64 bytes in four
 * registers. */
#include "input/delimit_variants.h"

#ifdef DELIMIT_HAVE_NEON

#include <arm_neon.h>

struct needles {
    uint8x16_t quote, backslash, open, close, fold;
    uint8x16_t colon, dash, three;
};

#include "input/delimit_block.h"

static inline struct needles needles_load(void)
{
    return (struct needles){
        .quote = vdupq_n_u8('"'),
        .backslash = vdupq_n_u8('\\'),
        .open = vdupq_n_u8('{'),
        .close = vdupq_n_u8('}'),
        .fold = vdupq_n_u8(0x20), /* [ to {, ] to } */
        .colon = vdupq_n_u8(':'),
        .dash = vdupq_n_u8('-'),
        .three = vdupq_n_u8('3'),
    };
}

static inline uint8x16_t load(const char *at)
{
    return vld1q_u8((const uint8_t *)at);
}

/* Four registers of 0x00 and 0xff as 64 bits: keep one bit a byte by its
 * place, then add neighbours three times. */
static inline uint64_t mask_of(uint8x16_t a, uint8x16_t b, uint8x16_t c,
                               uint8x16_t d)
{
    static const uint8_t places[16] = {1, 2, 4, 8, 16, 32, 64, 128,
                                       1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t place = vld1q_u8(places);
    uint8x16_t ab = vpaddq_u8(vandq_u8(a, place), vandq_u8(b, place));
    uint8x16_t cd = vpaddq_u8(vandq_u8(c, place), vandq_u8(d, place));
    uint8x16_t sum = vpaddq_u8(ab, cd);

    sum = vpaddq_u8(sum, sum);
    return vgetq_lane_u64(vreinterpretq_u64_u8(sum), 0);
}

static inline uint64_t equal(const uint8x16_t part[4], uint8x16_t wanted)
{
    return mask_of(vceqq_u8(part[0], wanted), vceqq_u8(part[1], wanted),
                   vceqq_u8(part[2], wanted), vceqq_u8(part[3], wanted));
}

/* 0xff where the byte is legal; a nibble over 15 never looks up. */
static inline uint8x16_t legal_bytes(uint8x16_t bytes)
{
    static const uint8_t high_table[16] = {LEGAL_HIGH_NIBBLES};
    static const uint8_t low_table[16] = {LEGAL_LOW_NIBBLES};
    uint8x16_t high = vqtbl1q_u8(vld1q_u8(high_table), vshrq_n_u8(bytes, 4));
    uint8x16_t low =
        vqtbl1q_u8(vld1q_u8(low_table), vandq_u8(bytes, vdupq_n_u8(0x0f)));

    return vtstq_u8(high, low);
}

static inline void block_look(const struct needles *needles, const char *from,
                              struct look *look)
{
    uint8x16_t bytes[4], folded[4];

    for (int i = 0; i < 4; i++) {
        bytes[i] = load(from + 16 * i);
        folded[i] = vorrq_u8(bytes[i], needles->fold);
    }
    look->quote = equal(bytes, needles->quote);
    look->backslash = equal(bytes, needles->backslash);
    look->open = equal(folded, needles->open);
    look->close = equal(folded, needles->close);
    look->illegal = ~mask_of(legal_bytes(bytes[0]), legal_bytes(bytes[1]),
                             legal_bytes(bytes[2]), legal_bytes(bytes[3]));
}

/* 0xff where a mark may begin in 16 bytes: at `:?-` or `:?3"`. */
static inline uint8x16_t hints(const struct needles *needles, const char *from)
{
    uint8x16_t third = load(from + 2);
    uint8x16_t rest = vandq_u8(vceqq_u8(third, needles->three),
                               vceqq_u8(load(from + 3), needles->quote));

    rest = vorrq_u8(rest, vceqq_u8(third, needles->dash));
    return vandq_u8(rest, vceqq_u8(load(from), needles->colon));
}

static inline uint64_t block_hints(const struct needles *needles,
                                   const char *from)
{
    return mask_of(hints(needles, from), hints(needles, from + 16),
                   hints(needles, from + 32), hints(needles, from + 48));
}

static inline bool block_is_plain(const struct needles *needles,
                                  const char *from, const struct look *look)
{
    uint8x16_t stops = vdupq_n_u8(0);
    (void)look; /* one mask for both questions is less work */

    for (int i = 0; i < 4; i++) {
        const char *at = from + 16 * i;

        stops = vorrq_u8(stops, hints(needles, at));
        stops = vorrq_u8(stops, vceqq_u8(load(at), needles->backslash));
    }
    return vmaxvq_u8(stops) == 0;
}

static inline uint64_t prefix_xor(uint64_t mask)
{
    for (int shift = 1; shift < 64; shift *= 2)
        mask ^= mask << shift;
    return mask;
}

const char *delimit_value_neon(struct delimit *state, const char *at,
                               const char *end)
{
    /* A string by itself has no bracket to end at. */
    if (state->depth == 0 && (state->in_string || *at == '"'))
        return delimit_value_scalar(state, at, end);
    return block_value(state, at, end);
}

size_t delimit_records_neon(const char **at, const char *end,
                            struct delimit *state, const char **seen)
{
    return block_records(at, end, state, seen);
}

unsigned delimit_marks_neon(const char *at, const char *end, unsigned until)
{
    return block_marks(at, end, until);
}

#else
typedef int delimit_neon_is_not_for_this_machine;
#endif
