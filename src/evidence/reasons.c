/* The table that reasons.h lists. */
#include "evidence/reasons.h"

static const struct reason_facts table[REASON_COUNT] = {
#define X(constant, id, of, points, weaker) \
    [constant] = {id, REASON_OF_##of, points, weaker},
    REASONS(X)
#undef X
};

const struct reason_facts *reason_facts(enum reason reason)
{
    return &table[reason];
}
