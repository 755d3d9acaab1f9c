/*
 * calls.h - what is called in the generated trails: services, events, and
 * the shapes of their requests and responses.
 */
#ifndef BENCH_CALLS_H
#define BENCH_CALLS_H

#include <stddef.h>

/* Who makes a call. */
enum caller {
    BY_INSTANCE, /* an instance's own software, through its profile */
    BY_WORKLOAD, /* other software, through a role */
    BY_PERSON,
    BY_SERVICE, /* AWS itself */
    BY_ACCOUNT, /* another account */
    BY_THIEF,   /* with an instance's credentials */
    CALLER_COUNT,
};

enum call_flag {
    CALL_READS = 1,    /* readOnly */
    CALL_IS_DATA = 2,  /* a data event, not management */
    CALL_IS_GLOBAL = 4 /* a service without regions */
};

/*
 * The four texts are JSON in a notation that record.c expands:
 *
 *   '   "            ^   \"           ~   \n (the two characters)
 *   %?  something by its letter; the letters are listed in record.c
 *
 * NULL stands for null in `request` and `response`; without `additional`
 * or `resources` the record lacks that key.
 */
struct call {
    const char *service; /* without .amazonaws.com */
    const char *name;
    unsigned flags;
    unsigned weight[CALLER_COUNT]; /* how often, by caller */
    const char *api_version;       /* NULL: the record lacks it */
    const char *request;
    const char *response;
    const char *additional;
    const char *resources;
};

extern const struct call calls[];
extern const size_t call_count;

#endif
