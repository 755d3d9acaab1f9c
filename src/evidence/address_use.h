/*
 * address_use.h - who calls from a location: people and instances. A set for
 * each, so uniting two tables is commutative, associative and idempotent.
 *
 * One address costs at most 200 bytes, with its share of the tables, and half
 * of that where no people call. One thread at a time.
 */
#ifndef OFFBOX_EVIDENCE_ADDRESS_USE_H
#define OFFBOX_EVIDENCE_ADDRESS_USE_H

#include "base/arena.h"
#include "base/distinct.h"
#include "base/hash.h"
#include "base/index.h"
#include "base/ip.h"
#include "base/strings.h"
#include "base/timestamp.h"

#define ADDRESS_USE_INSTANCES 3 /* which stands for three or more */

struct address_use {
    struct ip address;
    /* Any of those seen, STRINGS_ABSENT where there are fewer: only how many
     * means something. Of a full one some may have no name. */
    uint32_t instances[ADDRESS_USE_INSTANCES];
    timestamp first_person;
    struct distinct *people; /* the events of people; NULL: none */
};

struct address_uses {
    struct address_use **items;
    size_t count, capacity;
    struct index index;
    struct arena arena;
    struct hash_key key;
};

void address_uses_init(struct address_uses *uses);
void address_uses_release(struct address_uses *uses);

/* A person's call: `event` is its hash, which is the same for a copy. -1 when
 * memory is out, as in all of these. */
int address_uses_person(struct address_uses *uses, struct ip address,
                        uint64_t event, timestamp time);

/* An instance's call; the InstanceId by its number in the owner's strings. */
int address_uses_instance(struct address_uses *uses, struct ip address,
                          uint32_t instance);

/* The address is used by ADDRESS_USE_INSTANCES or more, whoever they are. */
int address_uses_crowd(struct address_uses *uses, struct ip address);

/* Calls of people, the first of them at `first`. */
int address_uses_people(struct address_uses *uses, struct ip address,
                        const struct distinct *people, timestamp first);

/* Would an instance's call teach nothing: is the instance, by its text, one of
 * those seen there, or are there ADDRESS_USE_INSTANCES? Most calls. */
bool address_uses_know(const struct address_uses *uses, struct ip address,
                       struct span instance, const struct strings *texts);

/* Unite; `numbers[n]` is the number in `into` of the instance that `from`
 * calls n. Entries move rather than being copied, so `from` is good for nothing
 * but release then. */
int address_uses_merge(struct address_uses *into, struct address_uses *from,
                       const uint32_t *numbers);

/* NULL if neither people nor instances were seen there. */
const struct address_use *address_uses_find(const struct address_uses *uses,
                                            struct ip address);

/* Up to ADDRESS_USE_INSTANCES. */
unsigned address_use_instance_count(const struct address_use *use);

#endif
