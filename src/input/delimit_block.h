/*
 * delimit_block.h - the delimiter over blocks of 64 bytes: what the SIMD
 * variants share. Included once by each of them, behind
 *
 *     struct block             64 bytes in registers
 *     block_load(at)           from 64 bytes at any address
 *     block_equal(block, c)    a mask: bit n is set where byte n is c
 *     block_equal_folded(…)    likewise of (byte | 0x20)
 *     block_legal(block)       a mask of what may stand outside strings
 *     prefix_xor(mask)         bit n is the parity of the bits 0 to n
 *
 * It gives block_value(), which fulfils delimit_value()'s contract.
 * Escapes and strings follow the bit-parallel method of Langdale and
 * Lemire, "Parsing Gigabytes of JSON per Second", 2019.
 */
#include "input/delimit_variants.h"

#include <string.h>

#define BLOCK_BYTES 64

/* The bytes that stand behind an odd run of backslashes. `*carry` is
 * whether byte 0 is one of them, and then whether the next block's is. */
static inline uint64_t find_escaped(uint64_t backslash, uint64_t *carry)
{
    const uint64_t even = UINT64_C(0x5555555555555555);
    uint64_t follows, odd_starts, runs;
    bool overflow;

    backslash &= ~*carry; /* an escaped backslash escapes nothing */
    follows = backslash << 1 | *carry;
    /* Adding the starts of runs at odd places carries through each run, so
     * the parity of a run's length shows where it ends. */
    odd_starts = backslash & ~even & ~follows;
    overflow = __builtin_add_overflow(odd_starts, backslash, &runs);
    *carry = overflow;
    return (even ^ runs << 1) & follows;
}

/* The position of the bracket that closes the value, or BLOCK_BYTES, with
 * the depth brought up to date, and `*deep` set if it passed the limit. */
static inline unsigned closing_bracket(uint64_t *depth, uint64_t open,
                                       uint64_t close, bool *deep)
{
    uint64_t opens, closes;

#ifndef __POPCNT__
    /* Counting bits is a call where there is no instruction for it. */
    if (!(open | close))
        return BLOCK_BYTES;
#endif
    opens = (uint64_t)__builtin_popcountll(open);
    closes = (uint64_t)__builtin_popcountll(close);

    /* Neither the end nor the limit can be in here: the usual case. */
    if (closes < *depth && *depth + opens <= DELIMIT_DEPTH_LIMIT) {
        *depth += opens - closes;
        return BLOCK_BYTES;
    }
    for (uint64_t both = open | close; both; both &= both - 1) {
        unsigned bit = (unsigned)__builtin_ctzll(both);

        if (open >> bit & 1)
            *deep = ++*depth > DELIMIT_DEPTH_LIMIT || *deep;
        else if (--*depth == 0)
            return bit;
    }
    return BLOCK_BYTES;
}

/* The longest mark, `:s3"`, reaches three bytes beyond its first: a block
 * is looked at together with so many of the next one's. */
#define LOOK_BYTES (BLOCK_BYTES + 3)

/* Bits where each mark begins, of all blocks. */
struct found {
    uint64_t instance, unicode, s3;
};

/* Find the marks that begin in the block at `from`, of which LOOK_BYTES can
 * be read. None of their bytes is a bracket outside a string, so a mark that
 * begins inside the value ends inside it. */
static inline void find_marks(struct found *found, const char *from,
                              const struct block *block, uint64_t backslash,
                              uint64_t valid)
{
    struct block second = block_load(from + 1);
    uint64_t colon = block_equal(block, ':') & valid;

    if (colon) {
        struct block third = block_load(from + 2);
        uint64_t s =
            colon & block_equal(&second, 's') & block_equal(&third, '3');

        found->instance |=
            colon & block_equal(&second, 'i') & block_equal(&third, '-');
        if (s) {
            struct block fourth = block_load(from + 3);

            found->s3 |= s & block_equal(&fourth, '"');
        }
    }
    if (backslash & valid)
        found->unicode |= backslash & valid & block_equal(&second, 'u');
}

/* The marks that began before this window: its first bytes, one by one. */
static inline uint8_t marks_across(uint8_t tail, const char *at,
                                   const char *end)
{
    struct delimit state = {.tail = tail};

    for (; state.tail && at < end; at++)
        delimit_mark(&state, *at);
    return state.marks;
}

/* What the window ends with: the last bytes, as many as a mark has. */
static inline uint8_t tail_of(uint8_t tail, const char *at, const char *end)
{
    struct delimit state = {.tail = tail};

    if (end - at > LOOK_BYTES - BLOCK_BYTES) {
        at = end - (LOOK_BYTES - BLOCK_BYTES);
        state.tail = 0;
    }
    for (; at < end; at++)
        delimit_mark(&state, *at);
    return state.tail;
}

static inline uint8_t marks_of(uint8_t before, const struct found *found)
{
    return (uint8_t)(before | (found->instance ? DELIMIT_MARK_INSTANCE : 0) |
                     (found->unicode ? DELIMIT_MARK_ESCAPE : 0) |
                     (found->s3 ? DELIMIT_MARK_S3 : 0));
}

static inline const char *block_value(struct delimit *state, const char *at,
                                      const char *end)
{
    uint64_t in_string = state->in_string ? ~UINT64_C(0) : 0;
    uint64_t carry = state->escaped;
    uint64_t depth = state->depth;
    uint64_t illegal = 0;
    struct found found = {0, 0, 0};
    bool deep = state->deep;
    const char *begin = at;

    while (at < end) {
        size_t bytes = (size_t)(end - at);
        char padded[LOOK_BYTES];
        const char *from = at;
        struct block block;
        uint64_t backslash, escaped = 0, string, valid = ~UINT64_C(0);
        uint64_t next_carry = carry;
        unsigned closing;

        if (bytes < LOOK_BYTES) {
            memset(padded, ' ', sizeof(padded));
            memcpy(padded, at, bytes);
            from = padded;
        }
        block = block_load(from);
        backslash = block_equal(&block, '\\');
        if (backslash | carry)
            escaped = find_escaped(backslash, &next_carry);
        string = prefix_xor(block_equal(&block, '"') & ~escaped) ^ in_string;
        if (backslash & ~string)
            break; /* see below */
        closing =
            closing_bracket(&depth, block_equal_folded(&block, '{') & ~string,
                            block_equal_folded(&block, '}') & ~string, &deep);
        if (closing < BLOCK_BYTES)
            valid >>= BLOCK_BYTES - 1 - closing;
        illegal |= ~(block_legal(&block) | string) & valid;
        find_marks(&found, from, &block, backslash, valid);
        if (closing < BLOCK_BYTES) {
            at += closing + 1;
            *state = (struct delimit){
                .illegal = state->illegal || illegal,
                .deep = deep,
                .marks = marks_of(state->marks, &found) |
                         marks_across(state->tail, begin, at),
            };
            return at;
        }
        /* At the end of the window the first blank's, not bit 64's. */
        carry = bytes < BLOCK_BYTES ? escaped >> bytes & 1 : next_carry;
        in_string = (uint64_t)((int64_t)string >> 63);
        at += bytes < BLOCK_BYTES ? bytes : BLOCK_BYTES;
    }
    *state = (struct delimit){
        .depth = depth,
        .in_string = in_string != 0,
        .escaped = carry != 0,
        .illegal = state->illegal || illegal,
        .deep = deep,
        .marks = marks_of(state->marks, &found) |
                 marks_across(state->tail, begin, at),
        .tail = tail_of(state->tail, begin, at),
    };
    /* Outside strings a backslash is illegal and escapes nothing: behind
     * one, the masks would be wrong. So rare that the slow way will do. */
    if (at < end)
        return delimit_value_scalar(state, at, end);
    return NULL;
}

/* The nibbles of the bytes that may stand outside strings: such a byte's
 * high nibble and its low nibble name a common bit. One bit a high nibble
 * that occurs: 0x0_ (tab, line feed, carriage return) to 0x7_. */
#define LEGAL_HIGH_NIBBLES 1, 0, 2, 4, 8, 16, 32, 64, 0, 0, 0, 0, 0, 0, 0, 0
/* clang-format off */
#define LEGAL_LOW_NIBBLES                                                      \
    2 | 4,               /* blank, 0 */                                        \
    4 | 32,              /* 1, a */                                            \
    2 | 4 | 64,          /* ", 2, r */                                         \
    4 | 64,              /* 3, s */                                            \
    4 | 64,              /* 4, t */                                            \
    4 | 8 | 32 | 64,     /* 5, E, e, u */                                      \
    4 | 32,              /* 6, f */                                            \
    4,                   /* 7 */                                               \
    4,                   /* 8 */                                               \
    1 | 4,               /* tab, 9 */                                          \
    1 | 4,               /* line feed, : */                                    \
    2 | 16 | 64,         /* +, [, { */                                         \
    2 | 32,              /* comma, l */                                        \
    1 | 2 | 16 | 64,     /* carriage return, -, ], } */                        \
    2 | 32,              /* ., n */                                            \
    0
/* clang-format on */
