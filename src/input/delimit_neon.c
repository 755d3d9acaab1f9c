/* The delimiter with NEON, which every AArch64 has: 64 bytes in four
 * registers. */
#include "input/delimit_variants.h"

#ifdef DELIMIT_HAVE_NEON

#include <arm_neon.h>

struct block {
    uint8x16_t part[4];
};

static inline struct block block_load(const char *at)
{
    struct block block;

    for (int i = 0; i < 4; i++)
        block.part[i] = vld1q_u8((const uint8_t *)at + 16 * i);
    return block;
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

static inline uint64_t block_equal(const struct block *block, char c)
{
    uint8x16_t wanted = vdupq_n_u8((uint8_t)c);

    return mask_of(
        vceqq_u8(block->part[0], wanted), vceqq_u8(block->part[1], wanted),
        vceqq_u8(block->part[2], wanted), vceqq_u8(block->part[3], wanted));
}

static inline uint64_t block_equal_folded(const struct block *block, char c)
{
    uint8x16_t bit = vdupq_n_u8(0x20);
    struct block folded;

    for (int i = 0; i < 4; i++)
        folded.part[i] = vorrq_u8(block->part[i], bit);
    return block_equal(&folded, c);
}

static inline uint64_t block_legal(const struct block *block);

static inline uint64_t prefix_xor(uint64_t mask)
{
    for (int shift = 1; shift < 64; shift *= 2)
        mask ^= mask << shift;
    return mask;
}

#include "input/delimit_block.h"

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

static inline uint64_t block_legal(const struct block *block)
{
    return mask_of(legal_bytes(block->part[0]), legal_bytes(block->part[1]),
                   legal_bytes(block->part[2]), legal_bytes(block->part[3]));
}

const char *delimit_value_neon(struct delimit *state, const char *at,
                               const char *end)
{
    /* A string by itself has no bracket to end at. */
    if (state->depth == 0 && (state->in_string || *at == '"'))
        return delimit_value_scalar(state, at, end);
    return block_value(state, at, end);
}

#else
typedef int delimit_neon_is_not_for_this_machine;
#endif
