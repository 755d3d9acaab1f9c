/*
 * facts_set.h - how facts are held; for the files of facts.h only.
 *
 * A fact is 40 bytes: a kind, a time, up to three texts and an address. The
 * texts of the set are interned while it grows. facts_settle() numbers them by
 * their order instead and sorts the facts, after which the same facts are the
 * same bytes, however they came together.
 */
#ifndef OFFBOX_EVIDENCE_FACTS_SET_H
#define OFFBOX_EVIDENCE_FACTS_SET_H

#include "base/strings.h"
#include "event/fact_parts.h"
#include "evidence/address_use.h"
#include "evidence/facts.h"

/* Each with its texts; the first is what it is about. A time stands where one
 * is named, an address in brackets. */
enum fact_kind {
    FACT_RECIPIENT, /* account */

    /* The life of an instance, in an order that breaks ties: whoever starts
     * what was stopped in the same second did so after the stop. */
    FACT_STOPPED,    /* instance; time */
    FACT_TERMINATED, /* instance; time */
    FACT_LAUNCHED,   /* instance; time */
    FACT_STARTED,    /* instance; time */
    FACT_REBOOTED,   /* instance; time. It was running, so it was started */

    FACT_INSTANCE_IN,       /* instance, VPC, subnet */
    FACT_INSTANCE_HAS,      /* instance, interface */
    FACT_INSTANCE_AT,       /* instance [private address] */
    FACT_INTERFACE_OF,      /* interface, instance */
    FACT_INTERFACE_IN,      /* interface, VPC, subnet */
    FACT_INTERFACE_AT,      /* interface [private prefix] */
    FACT_VPC_CIDR,          /* VPC [prefix] */
    FACT_VPC_SUBNET,        /* VPC, subnet [prefix] */
    FACT_SUBNET_VPC,        /* subnet, VPC */
    FACT_INSTANCE_PLATFORM, /* instance, platform */
    FACT_INSTANCE_TOKENS,   /* instance, httpTokens */

    /* Elastic addresses. An allocation, an association or the address itself
     * as a text, whichever the call named. */
    FACT_ALLOCATED,     /* allocation [address] */
    FACT_RELEASED,      /* allocation or address; time */
    FACT_ASSOCIATED,    /* instance or interface, association, allocation
                         * [address]; time */
    FACT_ASSOCIATION,   /* association, instance or interface */
    FACT_DISASSOCIATED, /* association or address; time */
    FACT_NAT_IN,        /* NAT gateway, VPC, subnet */
    FACT_NAT_AT,        /* NAT gateway, association, allocation [address];
                         * time */
    FACT_NAT_LEFT,      /* NAT gateway, association, allocation [address];
                         * time */
    FACT_NAT_DELETED,   /* NAT gateway; time */

    FACT_OPENED, /* instance, eventName, who [location]; time */

    FACT_KEY_FOR,  /* access key, instance; time of expiry */
    FACT_KEY_BY,   /* access key, instance whose session issued it, that
                    * session's access key [location] */
    FACT_KEY_FROM, /* access key, access key of the role that issued it
                    * [location] */
};

#define FACT_TEXTS 3

/* Padding-free: equal facts are equal bytes. */
struct fact {
    timestamp time;            /* 0 where the kind has none */
    uint32_t text[FACT_TEXTS]; /* STRINGS_ABSENT: none */
    struct ip address;         /* IP_ABSENT: none */
    uint8_t prefix;
    uint8_t kind; /* enum fact_kind */
    uint8_t unused;
};

/* A fact on its way into the set. */
struct claim {
    enum fact_kind kind;
    timestamp time;
    struct span text[FACT_TEXTS];
    struct ip address;
    unsigned prefix;
};

/* An elastic address at an instance, an interface or a NAT gateway. */
struct ownership {
    struct ip address;
    timestamp from, until; /* TIMESTAMP_UNKNOWN: for good */
    uint32_t owner;
    uint32_t allocation;
    uint8_t kind; /* FACT_ASSOCIATED or FACT_NAT_AT */
};

/* What happened to an instance: its life, and its elastic addresses
 * (FACT_ASSOCIATED, FACT_DISASSOCIATED). */
struct moment {
    uint32_t instance;
    timestamp time;
    uint8_t kind;
};

/* A key that an instance's session issued, itself or through roles. */
struct chained_key {
    uint32_t key, instance;
};

/* A key and one that its session issued. */
struct key_issue {
    uint32_t by, key;
};

struct facts {
    struct strings strings;
    struct fact *items;
    size_t count, capacity;
    struct index index;
    struct hash_key key;
    struct address_uses uses;
    struct span recipient; /* of the last event; most are the same */
    struct fact_parts parts;
    struct buf scratch;

    /* From facts_settle() on: what a fact's texts are numbers of, … */
    struct span *texts;
    size_t text_count;
    uint32_t *numbers; /* … by the number in `strings`, STRINGS_FAILED for … */
    size_t number_count; /* … what no fact names, … */
    /* … and what the questions need of several facts at once. */
    struct ownership *owned; /* by address, then time */
    size_t owned_count, owned_capacity;
    struct moment *moments; /* by instance, then time */
    size_t moment_count, moment_capacity;
    const struct fact **opened; /* FACT_OPENED, by facts_opened_cmp() */
    size_t opened_count;
    struct chained_key *chained; /* by key, each once */
    size_t chained_count;
    struct key_issue *issues; /* by issuer; none if `chained` is empty */
    size_t issue_count;
};

/* Enter a fact if it is new; one without its first text is none. -1 when
 * memory is out. */
int facts_add(struct facts *facts, const struct claim *claim);

/* What the parts of a call teach, which has no errorCode. -1 when memory is
 * out. (facts_learn.c) */
int facts_learn(struct facts *facts, const struct event *event);

/* Does the call belong to those that facts_learn() reads the parts of? Needs
 * eventSource, eventName and userIdentity only. (facts_learn.c) */
bool facts_reads(const struct event *event);

/* Fill `owned` and `moments` from the sorted facts. -1 when memory is out.
 * (facts_join.c) */
int facts_join(struct facts *facts);

/* By instance, location and time. */
int facts_opened_cmp(const struct fact *a, const struct fact *b);

/* Fill `chained`. -1 when memory is out. (facts_chain.c) */
int facts_join_chains(struct facts *facts);

/* After settling: the number of a text, STRINGS_FAILED if no fact has it. */
uint32_t facts_number(const struct facts *facts, struct span text);

/* After settling: the facts of a kind about a text, in time order. */
struct fact_range {
    const struct fact *at, *end;
};
struct fact_range facts_about(const struct facts *facts, enum fact_kind kind,
                              uint32_t text);
/* … and only those later than `time`. */
struct fact_range facts_after(const struct facts *facts, enum fact_kind kind,
                              uint32_t text, timestamp time);

/* After settling: who had an elastic address, in time order. */
struct ownership_range {
    const struct ownership *at, *end;
};
struct ownership_range facts_owners(const struct facts *facts,
                                    struct ip address);

#endif
