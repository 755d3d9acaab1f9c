/*
 * facts_told.h - facts as they are written down, and back.
 *
 * The same set of facts is told in the same order and the same words, however
 * it came together; told to another set, they unite with what it holds.
 */
#ifndef OFFBOX_EVIDENCE_FACTS_TOLD_H
#define OFFBOX_EVIDENCE_FACTS_TOLD_H

#include "base/distinct.h"
#include "evidence/facts.h"

#define FACT_TOLD_TEXTS 3

/* A fact. Spans are borrowed. */
struct fact_told {
    unsigned kind;                     /* see facts_kind_name() */
    struct span text[FACT_TOLD_TEXTS]; /* the first is what it is about; the
                                        * others may be absent */
    timestamp time;                    /* 0: none */
    struct ip address;                 /* IP_ABSENT: none */
    unsigned prefix;
};

/* What a kind is called, "instance-in"; NULL behind the last. Static. */
const char *facts_kind_name(unsigned kind);

/* In the order in which they are told: <0, 0, >0. */
int fact_told_cmp(const struct fact_told *a, const struct fact_told *b);

/* After settling: how many there are, and the one at `position`. */
size_t facts_count(const struct facts *facts);
void facts_tell(const struct facts *facts, size_t position,
                struct fact_told *told);

/* Before settling. -1 when memory is out. */
int facts_hear(struct facts *facts, const struct fact_told *told);

/* Who uses an address. Beyond USE_TOLD_INSTANCES it is only told that they are
 * more. */
#define USE_TOLD_INSTANCES 2

struct use_told {
    struct ip address;
    struct span instances[USE_TOLD_INSTANCES]; /* sorted */
    unsigned instance_count;       /* USE_TOLD_INSTANCES + 1: more than that */
    const struct distinct *people; /* NULL: none */
    timestamp first_person;
};

/* The numbers of all uses, by address; `*count` of them. The caller frees them
 * with sys_free(). NULL when memory is out. */
uint32_t *facts_sorted_uses(const struct facts *facts, size_t *count);
void facts_tell_use(const struct facts *facts, uint32_t number,
                    struct use_told *told);

/* Before settling. -1 when memory is out. */
int facts_hear_use(struct facts *facts, const struct use_told *told);

#endif
