/*
 * The portable delimiter, byte by byte through a table of classes, and the
 * choice between it and the SIMD ones.
 */
#include "input/delimit_variants.h"

#include <stddef.h>
#include <string.h>

enum byte_class {
    ILLEGAL, /* must be 0: whatever the table does not name */
    PLAIN,   /* white space, ':' and ',', numbers and literals */
    QUOTE,
    OPEN,
    CLOSE,
};

static const unsigned char classes[256] = {
    [' '] = PLAIN, ['\t'] = PLAIN, ['\n'] = PLAIN, ['\r'] = PLAIN,
    [':'] = PLAIN, [','] = PLAIN,  ['+'] = PLAIN,  ['-'] = PLAIN,
    ['.'] = PLAIN, ['0'] = PLAIN,  ['1'] = PLAIN,  ['2'] = PLAIN,
    ['3'] = PLAIN, ['4'] = PLAIN,  ['5'] = PLAIN,  ['6'] = PLAIN,
    ['7'] = PLAIN, ['8'] = PLAIN,  ['9'] = PLAIN,  ['E'] = PLAIN,
    ['a'] = PLAIN, ['e'] = PLAIN,  ['f'] = PLAIN,  ['l'] = PLAIN,
    ['n'] = PLAIN, ['r'] = PLAIN,  ['s'] = PLAIN,  ['t'] = PLAIN,
    ['u'] = PLAIN, ['"'] = QUOTE,  ['{'] = OPEN,   ['['] = OPEN,
    ['}'] = CLOSE, [']'] = CLOSE,
};

bool delimit_is_legal(char c)
{
    return classes[(unsigned char)c] != ILLEGAL;
}

/* The byte after the string's closing quote, or NULL. */
static const char *finish_string(struct delimit *state, const char *at,
                                 const char *end)
{
    for (; at < end; at++) {
        if (state->escaped) {
            state->escaped = false;
        } else if (*at == '\\') {
            state->escaped = state->backslash = true;
        } else if (*at == '"') {
            state->in_string = false;
            return at + 1;
        }
    }
    return NULL;
}

const char *delimit_value_scalar(struct delimit *state, const char *at,
                                 const char *end)
{
    while (at < end) {
        if (state->in_string) {
            at = finish_string(state, at, end);
            if (!at)
                return NULL;
            if (state->depth == 0)
                return at;
            continue;
        }
        switch (classes[(unsigned char)*at++]) {
        case QUOTE:
            state->in_string = true;
            break;
        case OPEN:
            if (++state->depth > DELIMIT_DEPTH_LIMIT)
                state->deep = true;
            break;
        case CLOSE:
            if (--state->depth == 0)
                return at;
            break;
        case ILLEGAL:
            state->illegal = true;
            state->backslash |= at[-1] == '\\';
            break;
        default:
            break;
        }
    }
    return NULL;
}

size_t delimit_records_scalar(const char **at, const char *end,
                              struct delimit *state, const char **seen)
{
    (void)end;
    *state = (struct delimit){0};
    *seen = *at;
    return 0;
}

unsigned delimit_marks_scalar(const char *at, const char *end, unsigned until)
{
    const char *const begin = at;
    unsigned marks = 0;

    while (end - at > MARK_REACH && !(marks & until)) {
        at = memchr(at, ':', (size_t)(end - at) - MARK_REACH);
        if (!at)
            break;
        marks |= mark_at(at++);
    }
    return marks | mark_at_end(begin, end);
}

#ifdef DELIMIT_HAVE_AVX2
/* What the AVX variants are compiled with besides. */
static bool has_bit_instructions(void)
{
    return __builtin_cpu_supports("pclmul") &&
           __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi");
}
#endif

const struct delimit_variant *delimit_variants(void)
{
    static struct delimit_variant runnable[6];
    size_t count = 0;

#ifdef DELIMIT_HAVE_AVX512
    if (__builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vbmi") && has_bit_instructions())
        runnable[count++] = (struct delimit_variant){
            "avx512", delimit_value_avx512, delimit_records_avx512,
            delimit_marks_avx512};
#endif
#ifdef DELIMIT_HAVE_AVX2
    if (__builtin_cpu_supports("avx2") && has_bit_instructions())
        runnable[count++] =
            (struct delimit_variant){"avx2", delimit_value_avx2,
                                     delimit_records_avx2, delimit_marks_avx2};
#endif
#ifdef DELIMIT_HAVE_SSE2
    runnable[count++] = (struct delimit_variant){
        "sse2", delimit_value_sse2, delimit_records_sse2, delimit_marks_sse2};
#endif
#ifdef DELIMIT_HAVE_NEON
    runnable[count++] = (struct delimit_variant){
        "neon", delimit_value_neon, delimit_records_neon, delimit_marks_neon};
#endif
    runnable[count++] =
        (struct delimit_variant){"scalar", delimit_value_scalar,
                                 delimit_records_scalar, delimit_marks_scalar};
    return runnable;
}

static struct delimit_variant chosen = {"scalar", delimit_value_scalar,
                                        delimit_records_scalar,
                                        delimit_marks_scalar};

int delimit_choose(const char *name)
{
    for (const struct delimit_variant *v = delimit_variants(); v->name; v++)
        if (!name || strcmp(v->name, name) == 0) {
            chosen = *v;
            return 0;
        }
    return -1;
}

const char *delimit_chosen(void)
{
    return chosen.name;
}

const char *delimit_value(struct delimit *state, const char *at,
                          const char *end)
{
    return chosen.value(state, at, end);
}

size_t delimit_records(const char **at, const char *end, struct delimit *state,
                       const char **seen)
{
    return chosen.records(at, end, state, seen);
}

unsigned marks_in(struct span text, unsigned until)
{
    return chosen.marks(text.ptr, text.ptr + text.len, until);
}
