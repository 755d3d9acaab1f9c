/*
 * traces.h - from which locations and with which access keys the calls of each
 * input were made, so that a second reading that looks for some of them passes
 * over the inputs that hold none (src/cases.c).
 *
 * 32 bits stand for a location or a key. Two that share them make an input be
 * read in vain; none that is wanted is ever passed over. An input that has no
 * trace may hold anything: there is no memory, or more than 16,384 of its own
 * or a million of all (4 MB a thread) would be kept. So nothing here fails.
 *
 * One thread at a time.
 */
#ifndef OFFBOX_EVIDENCE_TRACES_H
#define OFFBOX_EVIDENCE_TRACES_H

#include "base/hash.h"
#include "detect/location.h"

struct trace {
    const void *input;
    size_t first, count; /* in `hashes` */
};

struct traces {
    struct trace *items;
    size_t count, capacity;
    uint32_t *hashes; /* those of an input are distinct, and lie together */
    size_t hash_count, hash_capacity;

    struct trace_slot *slots; /* of the input under way */
    uint32_t generation;      /* tells its slots from those before */
    size_t first;             /* its hashes begin here */
    bool is_cut;              /* it will have no trace */
};

/* Safe for a zeroed one, which is empty. */
void traces_release(struct traces *traces);

/* An input begins. */
void traces_begin(struct traces *traces);

/* A call in it. Absent and of kind LOCATION_NONE leave nothing. */
void traces_see(struct traces *traces, enum location_kind kind,
                struct ip location, struct span access_key);

/* It was read to its end. `input` tells it from others, and is never looked
 * at. */
void traces_end(struct traces *traces, const void *input);

/* Unite; `from` is empty then. */
void traces_merge(struct traces *into, struct traces *from);

/* What is looked for. */
struct trace_search {
    uint32_t *hashes;
    size_t count, capacity;
};

void trace_search_release(struct trace_search *search);

/* Look for this, too: an access key, or the bytes of a struct ip. -1 when
 * memory is out. */
int trace_search_add(struct trace_search *search, struct span bytes);

/* Before the first question: no more is added to either. */
void traces_settle(struct traces *traces, struct trace_search *search);

/* May the input hold a call that is looked for? A no is certain. Any thread. */
bool traces_may_hold(const struct traces *traces, const void *input,
                     const struct trace_search *search);

#endif
