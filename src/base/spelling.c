/* The optimal string alignment distance, a row of its table at a time. */
#include "base/spelling.h"

/* Longer than every name: what is beyond cannot be a misspelling. */
#define WORD_MAX_BYTES ((size_t)32)

enum {
    COST_LEFT_OUT = 1,
    COST_SWAPPED = 2,
    COST_WRONG = 3,
};

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned spelling_distance(struct span word, struct span name)
{
    /* By the number of the word's bytes: for the name's first j bytes, and
     * for one and two fewer. */
    unsigned rows[3][WORD_MAX_BYTES + 1];
    unsigned *row = rows[0], *last = rows[1], *before = rows[2];
    size_t len = word.len < WORD_MAX_BYTES ? word.len : WORD_MAX_BYTES;
    char left = '\0';

    for (unsigned i = 0; i <= len; i++)
        row[i] = i * COST_WRONG;
    for (size_t j = 0; j < name.len; j++) {
        unsigned *reused = before;
        char letter = ascii_lower(name.ptr[j]);

        before = last;
        last = row;
        row = reused;
        row[0] = last[0] + COST_LEFT_OUT;
        for (size_t i = 0; i < len; i++) {
            char given = ascii_lower(word.ptr[i]);

            row[i + 1] = last[i] + (given == letter ? 0 : COST_WRONG);
            row[i + 1] = least(row[i + 1], last[i + 1] + COST_LEFT_OUT);
            row[i + 1] = least(row[i + 1], row[i] + COST_WRONG);
            if (i > 0 && j > 0 && given == left &&
                ascii_lower(word.ptr[i - 1]) == letter)
                row[i + 1] = least(row[i + 1], before[i - 1] + COST_SWAPPED);
        }
        left = letter;
    }
    return row[len];
}

void spelling_try(struct spelling *spelling, const char *name)
{
    unsigned distance = spelling_distance(spelling->word, span_str(name));
    unsigned allowed = (unsigned)strlen(name) / 2;

    if (allowed < COST_WRONG)
        allowed = COST_WRONG;
    if (2 * spelling->word.len < strlen(name) || distance > allowed ||
        (spelling->nearest && distance >= spelling->distance))
        return;
    spelling->nearest = name;
    spelling->distance = distance;
}
