/*
 * scene.h - one instance's locations side by side: what was called from
 * each, when and with what, in the form in which reasons ask for it.
 */
#ifndef OFFBOX_EVIDENCE_SCENE_H
#define OFFBOX_EVIDENCE_SCENE_H

#include "base/arena.h"
#include "detect/ip_ranges.h"
#include "evidence/call_signs.h"
#include "evidence/facts.h"
#include "evidence/located.h"

/* One location. */
struct place {
    struct ip address;
    bool is_private;
    bool outside_aws; /* a public address, after scene_use_ranges() */
    uint32_t group;   /* in the located aggregate */
    unsigned signs;   /* of any of its calls: call_sign bits */
    uint64_t calls;
    uint64_t refused;      /* … of these, for want of a permission */
    timestamp first, last; /* its span, if … */
    bool timed;            /* … all of its calls have a time */

    const struct tally_entry *entries; /* borrowed */
    size_t entry_count;

    size_t agent_count;        /* distinct user agents, and … */
    size_t shared_agents;      /* … of these, seen at another place */
    uint64_t imds_v1, imds_v2; /* calls with credentials delivered so */

    size_t around;                 /* the place with the longest span that holds
                                    * this one's, perhaps itself; if timed */
    const struct sighting *issued; /* the first of a key that the session had
                                    * issued from here; NULL: none */

    bool expected;             /* never the suspect, and … */
    char why[FACTS_WHY_BYTES]; /* … why */
};

/* A text that is seen at a place. */
struct sighting {
    struct span text;
    uint32_t number; /* the text's, in the facet table */
    size_t place;
};

struct sightings {
    struct sighting *items; /* by text and place, distinct */
    size_t count;
};

struct scene {
    const struct located *located;
    const struct facts *facts;
    const struct ip_ranges *ranges; /* AWS's addresses; NULL: not known */
    struct span instance;
    bool is_instance;     /* a call shows that EC2 delivered its credentials */
    struct place *places; /* by address */
    size_t count;
    struct sightings agents, keys, accounts;
    size_t agents_at[AGENT_MARKS]; /* how many places show each mark */
    uint64_t imds_v1, imds_v2;     /* of all places */
    timestamp ends[2];    /* the two earliest last calls of timed places, if
                           * there are so many */
    size_t private_count; /* places, and … */
    size_t outside_count; /* … those with outside_aws */
};

/*
 * The scene of one instance: `groups` are its groups in the aggregate of
 * `located`, sorted by address, and `tally` (sorted) holds them all; `signs`
 * are of that aggregate. Arrays come from `arena`; nothing is expected yet. -1
 * when memory is out.
 *
 * An attacker can give an instance as many locations as he has addresses, so
 * what a reason asks of a place beside all others is worked out here for all
 * of them: n log n steps, not n for each.
 */
int scene_init(struct scene *scene, const struct located *located,
               const struct facts *facts, const struct tally *tally,
               struct call_signs *signs, const uint32_t *groups, size_t count,
               struct arena *arena);

/* From here on AWS's ranges are known. NULL: they are not. */
void scene_use_ranges(struct scene *scene, const struct ip_ranges *ranges);

/* A facet of one of a place's entries. */
struct span scene_facet(const struct scene *scene,
                        const struct tally_entry *entry, enum facet facet);

/* The place's own part of the sightings is scattered; this asks for one
 * text: is it seen at a place other than `at`? Then `*other` is the first. */
bool sightings_elsewhere(const struct sightings *sightings, struct span text,
                         size_t at, size_t *other);

/* Is the text seen at any place? */
bool sightings_hold(const struct sightings *sightings, struct span text);

/* Do two places' spans overlap? Both are timed. */
bool place_overlaps(const struct place *a, const struct place *b);

#endif
