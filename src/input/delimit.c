/* The portable delimiter, byte by byte through a table of classes. */
#include "input/delimit.h"

#include <stddef.h>

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
            state->escaped = true;
        } else if (*at == '"') {
            state->in_string = false;
            return at + 1;
        }
    }
    return NULL;
}

const char *delimit_value(struct delimit *state, const char *at,
                          const char *end)
{
    while (at < end) {
        if (state->in_string) {
            at = finish_string(state, at, end);
            if (!at || state->depth == 0)
                return at;
            continue;
        }
        switch (classes[(unsigned char)*at++]) {
        case QUOTE:
            state->in_string = true;
            break;
        case OPEN:
            state->depth++;
            break;
        case CLOSE:
            if (--state->depth == 0)
                return at;
            break;
        case ILLEGAL:
            state->illegal = true;
            break;
        default:
            break;
        }
    }
    return NULL;
}
