/*
 * call_signs.h - what a call shows by its name, its agent and its error.
 *
 * Many events show the same call (facet_table.h), so its texts are looked
 * through once, when it is first asked for. One thread at a time.
 */
#ifndef OFFBOX_EVIDENCE_CALL_SIGNS_H
#define OFFBOX_EVIDENCE_CALL_SIGNS_H

#include "detect/facet_table.h"

enum call_sign {
    /* What user agents name. */
    AGENT_LINUX = 1,
    AGENT_WINDOWS = 2,
    AGENT_MACOS = 4,
    AGENT_BROWSER = 8,
    AGENT_PENTEST = 16, /* a penetration-testing distribution */

    CALL_REFUSED = 32,    /* for want of a permission */
    CALL_SSM_AGENT = 64,  /* the SSM agent says that it is there */
    CALL_GIVES_KEYS = 128 /* and was answered */
};
#define AGENT_MARKS 5 /* the first ones */

/* The agent's call_sign bits, of one user agent. */
unsigned agent_marks(struct span agent);

struct call_signs {
    const struct facet_table *table;
    uint16_t *of; /* by the call's number; 0: not asked for yet */
};

/* `table` is borrowed and may not grow. -1 when memory is out; release it in
 * any case. */
int call_signs_init(struct call_signs *signs, const struct facet_table *table);
void call_signs_release(struct call_signs *signs);

/* The call_sign bits of the call that `facets` name. */
unsigned call_signs_of(struct call_signs *signs, struct facets facets);

#endif
