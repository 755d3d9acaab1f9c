/*
 * delimit_block.h - the delimiter over blocks of 64 bytes: what the SIMD
 * variants share. Included once by each of them, behind
 *
 *     struct needles           what bytes are compared with, in registers
 *     needles_load()
 *     block_look(…)            the masks of 64 bytes at any address
 *     block_hints(…)           where marks may begin in 64 of 67 bytes
 *     prefix_xor(mask)         bit n is the parity of the bits 0 to n
 *
 * In a mask bit n is set where byte n is what the mask is for. It gives
 * block_value() and block_marks(), which fulfil the contracts of
 * delimit_value() and of the search of marks.h. Escapes and strings follow the
 * bit-parallel method of Langdale and Lemire, "Parsing Gigabytes of JSON per
 * Second", 2019.
 */
#include "input/delimit_variants.h"
#include "input/marks.h"

#include <string.h>

#define BLOCK_BYTES 64

/* What stands where in a block. `illegal` is for bytes outside strings. */
struct look {
    uint64_t quote, backslash, open, close, illegal;
};

static inline struct needles needles_load(void);
static inline void block_look(const struct needles *needles, const char *from,
                              struct look *look);
static inline uint64_t block_hints(const struct needles *needles,
                                   const char *from);
static inline uint64_t prefix_xor(uint64_t mask);

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
 * the depth brought up to date, and `*deep` set if it passed the limit: where
 * it may. */
static inline unsigned closing_bracket_deep(uint64_t *depth, uint64_t open,
                                            uint64_t close, bool *deep)
{
    for (uint64_t both = open | close; both; both &= both - 1) {
        unsigned bit = (unsigned)__builtin_ctzll(both);

        if (open >> bit & 1)
            *deep = ++*depth > DELIMIT_DEPTH_LIMIT || *deep;
        else if (--*depth == 0)
            return bit;
    }
    return BLOCK_BYTES;
}

static inline uint64_t count_bits(uint64_t mask)
{
    return (uint64_t)__builtin_popcountll(mask);
}

/* The same anywhere. */
static inline unsigned closing_bracket(uint64_t *depth, uint64_t open,
                                       uint64_t close, bool *deep)
{
    uint64_t opened, closes;

#ifndef __POPCNT__
    /* Counting bits is a call where there is no instruction for it. */
    if (!(open | close))
        return BLOCK_BYTES;
#endif
    opened = *depth + count_bits(open);
    closes = count_bits(close);
    if (__builtin_expect(opened > DELIMIT_DEPTH_LIMIT, 0))
        return closing_bracket_deep(depth, open, close, deep);
    /* Else the end cannot be in here: the usual case. */
    if (closes >= *depth) {
        uint64_t closed = 0;

        for (uint64_t left = close; left; left &= left - 1) {
            uint64_t before = ~left & (left - 1);

            if (*depth + count_bits(open & before) == ++closed)
                return (unsigned)__builtin_ctzll(left);
        }
    }
    *depth = opened - closes;
    return BLOCK_BYTES;
}

static inline const char *block_value(struct delimit *state, const char *at,
                                      const char *end)
{
    const struct needles needles = needles_load();
    uint64_t in_string = state->in_string ? ~UINT64_C(0) : 0;
    uint64_t carry = state->escaped;
    uint64_t depth = state->depth;
    uint64_t illegal = state->illegal, backslash = state->backslash;
    bool deep = state->deep;

    while (at < end) {
        size_t bytes = (size_t)(end - at);
        char padded[BLOCK_BYTES];
        const char *from = at;
        struct look look;
        uint64_t escaped = 0, string;
        unsigned closing;

        if (bytes < BLOCK_BYTES) {
            memset(padded, ' ', sizeof(padded));
            memcpy(padded, at, bytes);
            from = padded;
        }
        block_look(&needles, from, &look);
        if (__builtin_expect((look.backslash | carry) != 0, 0)) {
            uint64_t next_carry = carry;

            escaped = find_escaped(look.backslash, &next_carry);
            string = prefix_xor(look.quote & ~escaped) ^ in_string;
            if (look.backslash & ~string)
                break; /* see below */
            carry = next_carry;
        } else {
            string = prefix_xor(look.quote) ^ in_string;
        }
        look.illegal &= ~string;
        closing = closing_bracket(&depth, look.open & ~string,
                                  look.close & ~string, &deep);
        if (closing < BLOCK_BYTES) {
            uint64_t valid = ~UINT64_C(0) >> (BLOCK_BYTES - 1 - closing);

            *state = (struct delimit){
                .illegal = (illegal | (look.illegal & valid)) != 0,
                .deep = deep,
                .backslash = (backslash | (look.backslash & valid)) != 0,
            };
            return at + closing + 1;
        }
        illegal |= look.illegal;
        backslash |= look.backslash;
        in_string = (uint64_t)((int64_t)string >> 63);
        if (bytes < BLOCK_BYTES) {
            carry = escaped >> bytes & 1; /* the first blank's, not bit 64's */
            at = end;
            break;
        }
        at += BLOCK_BYTES;
    }
    *state = (struct delimit){
        .depth = depth,
        .in_string = in_string != 0,
        .escaped = carry != 0,
        .illegal = illegal != 0,
        .deep = deep,
        .backslash = backslash != 0,
    };
    /* Outside strings a backslash is illegal and escapes nothing: behind
     * one, the masks would be wrong. So rare that the slow way will do. */
    if (at < end)
        return delimit_value_scalar(state, at, end);
    return NULL;
}

/* A block is looked at together with what a mark reaches into the next. */
#define HINT_BYTES (BLOCK_BYTES + MARK_REACH)

/* Those of a block's marks that `hints` points at. */
static inline unsigned marks_at(const char *from, uint64_t hints)
{
    unsigned marks = 0;

    for (; hints; hints &= hints - 1)
        marks |= mark_at(from + __builtin_ctzll(hints));
    return marks;
}

static inline unsigned block_marks(const char *at, const char *end,
                                   unsigned until)
{
    const struct needles needles = needles_load();
    const char *const begin = at;
    unsigned marks = 0;

    for (; end - at >= HINT_BYTES; at += BLOCK_BYTES) {
        uint64_t hints = block_hints(&needles, at);

        if (__builtin_expect(hints != 0, 0)) {
            marks |= marks_at(at, hints);
            if (marks & until)
                return marks;
        }
    }
    if (end - begin >= HINT_BYTES) {
        at = end - HINT_BYTES; /* to see some bytes again does no harm */
        marks |= marks_at(at, block_hints(&needles, at));
    } else {
        char padded[HINT_BYTES];

        memset(padded, ' ', sizeof(padded));
        memcpy(padded, at, (size_t)(end - at));
        marks |= marks_at(padded, block_hints(&needles, padded));
    }
    return marks | mark_at_end(begin, end);
}
