/*
 * extract.h - one record's text in, one event out. Names no JSON library,
 * so callers and tests need none.
 */
#ifndef OFFBOX_EVENT_EXTRACT_H
#define OFFBOX_EVENT_EXTRACT_H

#include "base/arena.h"
#include "base/err.h"
#include "event/event.h"

struct extractor;

/* One contract for every implementation; tests/ holds them equal. */
struct extractor_kind {
    const char *name; /* for --verbose and test messages */

    /* The implementation's scratch; NULL when memory is out. */
    struct extractor *(*create)(void);
    void (*destroy)(struct extractor *extractor);

    /*
     * Fill `event` from the JSON object `record`, whose brackets match and
     * nest at most 1,000 deep (reader.h). The first of duplicate keys
     * counts. Strings are borrowed from `record` or copied to `arena`;
     * `event->record` is `record` itself.
     *
     * What must be JSON is the record's own level and the whole of
     * userIdentity. Other members that are objects or arrays are stepped
     * over, bracket to bracket: no field is in them.
     *
     * Returns 0; -1 and `err` with the reason if that is no JSON;
     * EXTRACT_NO_MEMORY if memory is out.
     */
    int (*record)(struct extractor *extractor, struct span record,
                  struct arena *arena, struct event *event, struct err *err);

    /* How many records so far were taken here, and how many handed to the
     * reference because something in them was unusual. */
    void (*count)(const struct extractor *extractor, uint64_t *taken,
                  uint64_t *handed_on);
};

#define EXTRACT_NO_MEMORY (-2)

/* The reference: cJSON behind a lexical pass. Always right, slow. */
extern const struct extractor_kind extract_dom;

/* Walks the text once. What it finds unusual (an escape or a byte beyond
 * ASCII in a field, a duplicate key, anything that is no JSON) it hands to
 * the reference, so it never has to be right about that. */
extern const struct extractor_kind extract_scan;

/* What extract_scan makes of the record by itself: false, with nothing said,
 * if something in it is unusual. Not counted. */
bool extract_plain(struct span record, struct event *event);

/*
 * The same of the record that `text` begins with, its brace first, wherever it
 * ends: what stands behind it may be anything. Nobody need have delimited it:
 * false also if it holds what delimit.h tells of (illegal bytes, brackets too
 * deep), or does not end in `text`. `event->record` says where it ends.
 */
bool extract_front(struct span text, struct event *event);

/* Does `text` seem to begin with the record of a call by an instance? A guess,
 * by the bytes where CloudTrail writes `:i-` since 2022. If it is true, and the
 * record is one, they stand in it. */
bool extract_front_is_instances(struct span text);

/* Does an escape of `record` spell an ASCII letter or digit? Without one, a key
 * that its text does not hold is not there. */
bool extract_may_spell(struct span record);

/*
 * What CloudTrail writes first, of a record of which that may be all there is
 * to learn: `event` gets the fields of userIdentity, eventSource, eventName
 * and sourceIPAddress. They are what a whole extraction would give, if what
 * stands behind sourceIPAddress lets it succeed; that is not looked at. Of
 * other fields those that stand before it are given, too. Strings are borrowed
 * from `record`.
 *
 * False if they do not stand there in the usual way, sourceIPAddress last;
 * `event` means nothing then.
 */
bool extract_glance(struct span record, struct event *event);

/*
 * Is `record` JSON throughout, also where no field is? An extractor does not
 * look there. 1 or 0; EXTRACT_NO_MEMORY if memory is out.
 */
int extract_is_json(struct span record);

/*
 * Can the record name an instance at all? False only if its text holds
 * neither `:i-` nor a \u escape that spells a part of it. Only records
 * that can are ever extracted: most cannot, and this is cheaper.
 */
bool extract_may_match(struct span record);

#endif
