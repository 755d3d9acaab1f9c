/* The set of facts: not yet anything in it. */
#include "detect/facts.h"

#include "base/sys.h"

struct facts {
    bool settled;
};

struct facts *facts_new(struct err *err)
{
    struct facts *facts = sys_calloc(1, sizeof(*facts));

    if (!facts)
        (void)err_memory(err);
    return facts;
}

void facts_free(struct facts *facts)
{
    sys_free(facts);
}

int facts_see(struct facts *facts, const struct event *event)
{
    (void)facts;
    (void)event;
    return 0;
}

int facts_merge(struct facts *into, const struct facts *from, struct err *err)
{
    (void)into;
    (void)from;
    (void)err;
    return 0;
}

int facts_settle(struct facts *facts, struct err *err)
{
    (void)err;
    facts->settled = true;
    return 0;
}
