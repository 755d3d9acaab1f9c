/*
 * reasons.h - the reasons of evidence.md as data: their names, what they
 * are of, and their points. When each holds is in judge.h.
 */
#ifndef OFFBOX_EVIDENCE_REASONS_H
#define OFFBOX_EVIDENCE_REASONS_H

enum reason_of {
    /* Of an instance's locations together: added once, with an eye on the
     * suspect, and never choosing it. */
    REASON_OF_CASE,
    REASON_OF_LOCATION,
};

/* Constant, id, what it is of, points, and the points where it holds only
 * in its weaker form (0: it has none). Reports list them in this order. */
#define REASONS(X)                                                  \
    X(REASON_MULTI, "multi", CASE, +1, 0)                           \
    X(REASON_CONCURRENT, "concurrent", CASE, +2, 0)                 \
    X(REASON_HANDOVER, "handover", CASE, -2, 0)                     \
    X(REASON_SAME_KEY, "same-key", CASE, +1, 0)                     \
    X(REASON_SAME_AGENTS, "same-agents", CASE, -1, 0)               \
    X(REASON_DUAL_STACK, "dual-stack", CASE, -3, 0)                 \
    X(REASON_IMDS_MIXED, "imds-mixed", LOCATION, +3, 0)             \
    X(REASON_HUMAN, "human", LOCATION, +3, +1)                      \
    X(REASON_REACHED, "reached", LOCATION, +2, 0)                   \
    X(REASON_HOME, "home", LOCATION, -4, 0)                         \
    X(REASON_BRIEF, "brief", LOCATION, +1, 0)                       \
    X(REASON_EGRESS_SHARED, "egress-shared", LOCATION, -4, -2)      \
    X(REASON_WORKSTATION, "workstation", LOCATION, +3, 0)           \
    X(REASON_NEW_AGENT, "new-agent", LOCATION, +1, 0)               \
    X(REASON_RECON, "recon", LOCATION, +1, 0)                       \
    X(REASON_DENIED, "denied", LOCATION, +1, 0)                     \
    X(REASON_CONSOLE, "console", LOCATION, +4, 0)                   \
    X(REASON_FOREIGN_ENDPOINT, "foreign-endpoint", LOCATION, +5, 0) \
    X(REASON_OWN_ENDPOINT, "own-endpoint", LOCATION, -4, 0)         \
    X(REASON_PRIVATE_MISMATCH, "private-mismatch", LOCATION, +3, 0) \
    X(REASON_AFTER_STOP, "after-stop", LOCATION, +4, 0)             \
    X(REASON_ADDRESS_CHANGE, "address-change", LOCATION, -4, 0)     \
    X(REASON_NOT_AWS, "not-aws", LOCATION, +2, 0)                   \
    X(REASON_CHAIN, "chain", LOCATION, +1, 0)

enum reason {
#define X(constant, id, of, points, weaker) constant,
    REASONS(X)
#undef X
    REASON_COUNT
};

struct reason_facts {
    const char *id;
    enum reason_of of;
    int points;
    int weaker;
};

/* Static. */
const struct reason_facts *reason_facts(enum reason reason);

#endif
