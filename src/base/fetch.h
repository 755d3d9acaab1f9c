/*
 * fetch.h - have memory fetched that will be looked at soon.
 */
#ifndef OFFBOX_BASE_FETCH_H
#define OFFBOX_BASE_FETCH_H

/* The cache line of `at`, which need not be an address at all. GCC takes a
 * function that does nothing but fetch for one without effect and leaves out
 * its calls; the empty statement is an effect. */
static inline void fetch(const void *at)
{
    __builtin_prefetch(at);
    __asm__ volatile("");
}

#endif
