/*
 * delimit_block.h - the delimiter over blocks of 64 bytes: what the SIMD
 * variants share. Included once by each of them, behind
 *
 *     struct needles           what bytes are compared with, in registers
 *     needles_load()
 *     block_look(…)            the masks of 64 bytes at any address
 *     block_hints(…)           where marks may begin in 64 of 67 bytes
 *     block_is_plain(…)        no backslash there, and no such hint; it may
 *                              take from the block's look what it can use
 *     prefix_xor(mask)         bit n is the parity of the bits 0 to n
 *
 * In a mask bit n is set where byte n is what the mask is for. It gives
 * block_value(), block_records() and block_marks(), which fulfil the contracts
 * of delimit_value(), delimit_records() and of the search of marks.h. Escapes
 * and strings follow the bit-parallel method of Langdale and Lemire, "Parsing
 * Gigabytes of JSON per Second", 2019.
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
static inline bool block_is_plain(const struct needles *needles,
                                  const char *from, const struct look *look);
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

static inline uint64_t count_bits(uint64_t mask)
{
    return (uint64_t)__builtin_popcountll(mask);
}

/* The position of the bracket that closes the value, or BLOCK_BYTES. */
static inline unsigned closing_bracket(uint64_t depth, uint64_t open,
                                       uint64_t close)
{
    uint64_t closed = 0;

    for (; close; close &= close - 1) {
        uint64_t before = ~close & (close - 1);

        if (depth + count_bits(open & before) == ++closed)
            return (unsigned)__builtin_ctzll(close);
    }
    return BLOCK_BYTES;
}

/* What is known where a block begins. */
struct block_state {
    uint64_t in_string; /* all bits or none */
    uint64_t carry;     /* the first byte is escaped: 1 or 0 */
    uint64_t depth;
    bool illegal, deep, backslash;
};

/* The same as closing_bracket(), with the depth brought up to date, and `deep`
 * set if it passed the limit. */
static inline unsigned closing_bracket_deep(struct block_state *now,
                                            uint64_t open, uint64_t close)
{
    for (uint64_t both = open | close; both; both &= both - 1) {
        unsigned bit = (unsigned)__builtin_ctzll(both);

        if (open >> bit & 1)
            now->deep |= ++now->depth > DELIMIT_DEPTH_LIMIT;
        else if (--now->depth == 0)
            return bit;
    }
    return BLOCK_BYTES;
}

/* In place of a position: a backslash outside strings. It is illegal and
 * escapes nothing, so the masks behind it would be wrong. */
#define BLOCK_STRAY (BLOCK_BYTES + 1)

/* One block of any kind, also a short one: the position of the bracket that
 * closes the value, BLOCK_BYTES, or BLOCK_STRAY with `now` as it was. */
static __attribute__((noinline)) unsigned block_step(struct block_state *now,
                                                     const char *at,
                                                     size_t bytes)
{
    const struct needles needles = needles_load();
    char padded[BLOCK_BYTES];
    struct look look;
    uint64_t carry = now->carry, escaped, string, valid = ~UINT64_C(0);
    unsigned closing;

    if (bytes < BLOCK_BYTES) {
        memset(padded, ' ', sizeof(padded));
        at = memcpy(padded, at, bytes);
    }
    block_look(&needles, at, &look);
    escaped = find_escaped(look.backslash, &carry);
    string = prefix_xor(look.quote & ~escaped) ^ now->in_string;
    if (look.backslash & ~string)
        return BLOCK_STRAY;
    closing =
        closing_bracket_deep(now, look.open & ~string, look.close & ~string);
    if (closing < BLOCK_BYTES)
        valid >>= BLOCK_BYTES - 1 - closing;
    now->illegal |= (look.illegal & ~string & valid) != 0;
    now->backslash |= (look.backslash & valid) != 0;
    now->in_string = (uint64_t)((int64_t)string >> 63);
    /* Of a short block the first blank's, not bit 64's. */
    now->carry = bytes < BLOCK_BYTES ? escaped >> bytes & 1 : carry;
    return closing;
}

/* With less depth than this a block cannot pass the limit. */
#define BLOCK_DEPTH (DELIMIT_DEPTH_LIMIT - BLOCK_BYTES)

/*
 * Over whole blocks without a backslash, as nearly all are. True: the value's
 * last byte is the one before `*at`. False: `*at` is at the first block that is
 * other, or at the text's end.
 */
static inline bool pass_blocks(struct block_state *now, const char **at,
                               const char *end)
{
    const struct needles needles = needles_load();
    const char *from = *at;
    uint64_t in_string = now->in_string, depth = now->depth, illegal = 0;

    for (size_t blocks = (size_t)(end - from) / BLOCK_BYTES; blocks > 0;
         blocks--, from += BLOCK_BYTES) {
        struct look look;
        uint64_t string, open, close;

        block_look(&needles, from, &look);
        if (__builtin_expect(look.backslash != 0, 0))
            break;
        string = prefix_xor(look.quote) ^ in_string;
        open = look.open & ~string;
        close = look.close & ~string;
#ifndef __POPCNT__
        /* Counting bits is a call where there is no instruction for it. */
        if (open | close)
#endif
        {
            uint64_t closes = count_bits(close);

            /* It may end in here, or be too deep. */
            if (depth - closes - 1 >= BLOCK_DEPTH) {
                unsigned closing;

                if (depth > BLOCK_DEPTH)
                    break;
                closing = closing_bracket(depth, open, close);
                if (closing < BLOCK_BYTES) {
                    illegal |= look.illegal & ~string &
                               ~UINT64_C(0) >> (BLOCK_BYTES - 1 - closing);
                    now->illegal |= illegal != 0;
                    *at = from + closing + 1;
                    return true;
                }
            }
            depth += count_bits(open) - closes;
        }
        illegal |= look.illegal & ~string;
        in_string = (uint64_t)((int64_t)string >> 63);
    }
    now->in_string = in_string;
    now->depth = depth;
    now->illegal |= illegal != 0;
    *at = from;
    return false;
}

/* What stays in `state` of a value that ended before `after`. */
static inline const char *block_ended(struct delimit *state,
                                      const struct block_state *now,
                                      const char *after)
{
    *state = (struct delimit){
        .illegal = now->illegal,
        .deep = now->deep,
        .backslash = now->backslash,
    };
    return after;
}

/* From a block on that pass_blocks() does not pass. Never a part of
 * block_value(), whose registers a call in its loop would cost. */
static __attribute__((noinline)) const char *block_rest(struct delimit *state,
                                                        struct block_state now,
                                                        const char *at,
                                                        const char *end)
{
    while (at < end) {
        size_t bytes =
            (size_t)(end - at) < BLOCK_BYTES ? (size_t)(end - at) : BLOCK_BYTES;
        unsigned closing = block_step(&now, at, bytes);

        if (closing == BLOCK_STRAY)
            break;
        if (closing < BLOCK_BYTES)
            return block_ended(state, &now, at + closing + 1);
        at += bytes;
        if (now.carry == 0 && pass_blocks(&now, &at, end))
            return block_ended(state, &now, at);
    }
    (void)block_ended(state, &now, NULL);
    state->depth = now.depth;
    state->in_string = now.in_string != 0;
    state->escaped = now.carry != 0;
    return at < end ? delimit_value_scalar(state, at, end) : NULL;
}

static inline const char *block_value(struct delimit *state, const char *at,
                                      const char *end)
{
    struct block_state now = {
        .in_string = state->in_string ? ~UINT64_C(0) : 0,
        .carry = state->escaped,
        .depth = state->depth,
        .illegal = state->illegal,
        .deep = state->deep,
        .backslash = state->backslash,
    };

    if (now.depth == 0 && (*at | 0x20) == '{') {
        now.depth = 1; /* no block may end the value at depth 0 */
        at++;
    }
    if (now.carry == 0 && pass_blocks(&now, &at, end))
        return block_ended(state, &now, at);
    return block_rest(state, now, at, end);
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

/* How far block_records() is: up to `from`. */
struct passing {
    const char *record; /* the first byte of the one that is not passed yet */
    size_t passed;
    const char *from;
    const char *escape; /* behind the last backslash */
    uint64_t in_string; /* all bits or none */
    uint64_t depth, illegal;
};

/* Over the records that end in a block. False if not all are followed by
 * another. */
static inline bool pass_ends(struct passing *now, uint64_t open, uint64_t close)
{
    uint64_t closed = 0;

    for (; close; close &= close - 1) {
        const char *last = now->from + __builtin_ctzll(close);
        uint64_t before = ~close & (close - 1);

        if (now->depth + count_bits(open & before) != ++closed)
            continue;
        if (memcmp(last, "},{", 3) != 0)
            return false;
        now->record = last + 2;
        now->passed++;
    }
    return true;
}

/* Over a block of which the quotes are none that are escaped. False if
 * anything stops it: then it has not been gone over, but for the records that
 * end in it. */
static inline bool pass_block(struct passing *now, const struct look *look,
                              uint64_t quote)
{
    uint64_t string = prefix_xor(quote) ^ now->in_string;
    uint64_t open = look->open & ~string, close = look->close & ~string;
    uint64_t illegal = look->illegal & ~string, closes = count_bits(close);

    /* One may end in here, or be too deep. */
    if (now->depth - closes - 1 >= BLOCK_DEPTH &&
        (now->depth > BLOCK_DEPTH || now->illegal || illegal ||
         !pass_ends(now, open, close)))
        return false;
    now->depth += count_bits(open) - closes;
    now->illegal |= illegal;
    now->in_string = (uint64_t)((int64_t)string >> 63);
    now->from += BLOCK_BYTES;
    return true;
}

/* Over blocks up to one with a backslash or a mark, or one that stops it. Is it
 * one with a backslash and no mark? */
static inline bool pass_plain_blocks(struct passing *passing, const char *end)
{
    const struct needles needles = needles_load();
    struct passing now = *passing; /* in registers */
    bool escapes = false;

    while (end - now.from >= HINT_BYTES) {
        struct look look;

        block_look(&needles, now.from, &look);
        if (__builtin_expect(!block_is_plain(&needles, now.from, &look), 0)) {
            escapes = block_hints(&needles, now.from) == 0;
            break;
        }
        if (!pass_block(&now, &look, look.quote))
            break;
    }
    *passing = now;
    return escapes;
}

/* Over a block with backslashes and no mark. False if there is more to be seen
 * to: a `\u`, a backslash outside strings, or what stops pass_block(). One that
 * escapes what comes behind the block is left for the next, which begins with
 * it. */
static __attribute__((noinline)) bool pass_escapes(struct passing *now)
{
    const struct needles needles = needles_load();
    uint64_t carry = 0, quote;
    struct look look;

    block_look(&needles, now->from, &look);
    quote = look.quote & ~find_escaped(look.backslash, &carry);
    if (look.backslash & ~(prefix_xor(quote) ^ now->in_string))
        return false;
    for (uint64_t rest = look.backslash; rest; rest &= rest - 1)
        if (now->from[__builtin_ctzll(rest) + 1] == 'u')
            return false;
    if (!pass_block(now, &look, quote))
        return false;
    now->escape = now->from - __builtin_clzll(look.backslash);
    now->from -= carry;
    return true;
}

/* The depth is counted on from record to record, so that nothing begins anew
 * between them. */
static inline size_t block_records(const char **at, const char *end,
                                   struct delimit *state, const char **seen)
{
    struct passing now = {.record = *at, .from = *at, .escape = *at};

    while (pass_plain_blocks(&now, end) && pass_escapes(&now))
        ;
    *at = *seen = now.record;
    *state = (struct delimit){0};
    if (now.from > now.record) {
        *seen = now.from;
        state->depth = now.depth;
        state->in_string = now.in_string != 0;
        state->illegal = now.illegal != 0;
        state->backslash = now.escape > now.record;
    }
    return now.passed;
}
