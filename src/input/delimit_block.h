/*
 * delimit_block.h - the delimiter over blocks of 64 bytes: what the SIMD
 * variants share. Included once by each of them, behind
 *
 *     struct needles           what bytes are compared with, in registers
 *     needles_load()
 *     block_look(…)            the masks of 64 bytes at any address
 *     struct seen              which marks began in whole blocks so far
 *     block_see(…)             add the marks that begin in 64 of 67 bytes
 *     seen_marks(…)            what was added, as DELIMIT_MARK_*
 *     block_marks(…)           the same of some of 64 bytes alone
 *     block_escapes(…)         where `u` stands behind one of 64 bytes
 *     prefix_xor(mask)         bit n is the parity of the bits 0 to n
 *
 * In a mask bit n is set where byte n is what the mask is for. It gives
 * block_value(), which fulfils delimit_value()'s contract. Escapes and
 * strings follow the bit-parallel method of Langdale and Lemire, "Parsing
 * Gigabytes of JSON per Second", 2019.
 */
#include "input/delimit_variants.h"

#include <string.h>

#define BLOCK_BYTES 64

/* What stands where in a block. `illegal` is for bytes outside strings. */
struct look {
    uint64_t quote, backslash, open, close, illegal;
};

static inline struct needles needles_load(void);
static inline void block_look(const struct needles *needles, const char *from,
                              struct look *look);
static inline void block_see(const struct needles *needles, const char *from,
                             struct seen *seen);
static inline unsigned seen_marks(const struct seen *seen);
static inline unsigned block_marks(const struct needles *needles,
                                   const char *from, uint64_t valid);
static inline uint64_t block_escapes(const struct needles *needles,
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

/* The longest mark, `:s3"`, reaches three bytes beyond its first: a block is
 * looked at together with so many of the next one's. */
#define LOOK_BYTES (BLOCK_BYTES + 3)

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

static inline unsigned escape_mark(uint64_t escapes)
{
    return escapes ? DELIMIT_MARK_ESCAPE : 0;
}

/* What the value ends with is no longer needed. */
static inline void value_ends(struct delimit *state, bool illegal, bool deep,
                              unsigned marks)
{
    *state = (struct delimit){
        .illegal = state->illegal || illegal,
        .deep = deep,
        .marks = (uint8_t)(state->marks | marks),
    };
}

/* None of a mark's bytes is a bracket outside a string, so one that begins
 * inside the value ends inside it. */
static inline const char *block_value(struct delimit *state, const char *at,
                                      const char *end)
{
    const struct needles needles = needles_load();
    uint64_t in_string = state->in_string ? ~UINT64_C(0) : 0;
    uint64_t carry = state->escaped;
    uint64_t depth = state->depth;
    uint64_t illegal = 0, escapes = 0;
    struct seen seen = SEEN_NOTHING;
    bool deep = state->deep;
    const char *begin = at;

    while (at < end) {
        size_t bytes = (size_t)(end - at);
        char padded[LOOK_BYTES];
        const char *from = at;
        struct look look;
        uint64_t next_carry = carry;
        uint64_t escaped = 0, string, valid = ~UINT64_C(0);
        unsigned closing;

        if (bytes < LOOK_BYTES) {
            memset(padded, ' ', sizeof(padded));
            memcpy(padded, at, bytes);
            from = padded;
        }
        block_look(&needles, from, &look);
        if (look.backslash | carry)
            escaped = find_escaped(look.backslash, &next_carry);
        string = prefix_xor(look.quote & ~escaped) ^ in_string;
        if (look.backslash & ~string)
            break; /* see below */
        closing = closing_bracket(&depth, look.open & ~string,
                                  look.close & ~string, &deep);
        if (closing < BLOCK_BYTES)
            valid >>= BLOCK_BYTES - 1 - closing;
        illegal |= look.illegal & ~string & valid;
        if (look.backslash & valid)
            escapes |= look.backslash & valid & block_escapes(&needles, from);
        if (closing < BLOCK_BYTES) {
            at += closing + 1;
            value_ends(state, illegal, deep,
                       seen_marks(&seen) | block_marks(&needles, from, valid) |
                           escape_mark(escapes) |
                           marks_across(state->tail, begin, at));
            return at;
        }
        block_see(&needles, from, &seen);
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
        .marks =
            (uint8_t)(state->marks | seen_marks(&seen) | escape_mark(escapes) |
                      marks_across(state->tail, begin, at)),
        .tail = tail_of(state->tail, begin, at),
    };
    /* Outside strings a backslash is illegal and escapes nothing: behind
     * one, the masks would be wrong. So rare that the slow way will do. */
    if (at < end)
        return delimit_value_scalar(state, at, end);
    return NULL;
}
