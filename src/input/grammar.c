/* A pushdown automaton; its stack is a bit a level. */
#include "input/grammar.h"

enum expect {
    VALUE, /* must be 0: before a value */
    VALUE_OR_END,
    KEY,
    KEY_OR_END,
    COLON,
    SEPARATOR, /* behind a value: a comma or the end */
    TOKEN,     /* in a number or a literal, or behind it */
};

static bool in_object(const struct grammar *g)
{
    return g->depth > 0 && g->kinds[g->depth / 8] >> g->depth % 8 & 1;
}

static bool expects_value(const struct grammar *g)
{
    return g->expect == VALUE || g->expect == VALUE_OR_END;
}

static bool behind_value(const struct grammar *g)
{
    return g->expect == SEPARATOR || g->expect == TOKEN;
}

static bool open_bracket(struct grammar *g, bool object)
{
    unsigned char bit;

    if (!expects_value(g))
        return false;
    g->expect = object ? KEY_OR_END : VALUE_OR_END;
    if (++g->depth > DELIMIT_DEPTH_LIMIT)
        return true;
    bit = (unsigned char)(1u << g->depth % 8);
    if (object)
        g->kinds[g->depth / 8] |= bit;
    else
        g->kinds[g->depth / 8] &= (unsigned char)~bit;
    return true;
}

static bool close_bracket(struct grammar *g, bool object)
{
    uint8_t empty = object ? KEY_OR_END : VALUE_OR_END;

    if (g->depth == 0 || in_object(g) != object ||
        (g->expect != empty && !behind_value(g)))
        return false;
    g->depth--;
    g->expect = SEPARATOR;
    return true;
}

static bool take_string(struct grammar *g)
{
    if (g->expect == KEY || g->expect == KEY_OR_END)
        g->expect = COLON;
    else if (expects_value(g))
        g->expect = SEPARATOR;
    else
        return false;
    return true;
}

/* Levels whose kind has no bit: only counted. */
static bool take_deep(struct grammar *g, char c)
{
    if (c == '{' || c == '[')
        g->depth++;
    else if ((c == '}' || c == ']') && --g->depth == DELIMIT_DEPTH_LIMIT)
        g->expect = SEPARATOR;
    return true;
}

void grammar_behind_member(struct grammar *g)
{
    *g = (struct grammar){.depth = 1, .expect = SEPARATOR};
    g->kinds[0] = 1u << 1;
}

bool grammar_take(struct grammar *g, char c)
{
    if (g->depth > DELIMIT_DEPTH_LIMIT)
        return take_deep(g, c);
    switch (c) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        if (g->expect == TOKEN)
            g->expect = SEPARATOR;
        return true;
    case '{':
    case '[':
        return open_bracket(g, c == '{');
    case '}':
    case ']':
        return close_bracket(g, c == '}');
    case '"':
        return take_string(g);
    case ',':
        if (!behind_value(g) || g->depth == 0)
            return false;
        g->expect = in_object(g) ? KEY : VALUE;
        return true;
    case ':':
        if (g->expect != COLON)
            return false;
        g->expect = VALUE;
        return true;
    default:
        if (!delimit_is_legal(c) || (!expects_value(g) && g->expect != TOKEN))
            return false;
        g->expect = TOKEN;
        return true;
    }
}
