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
     * Fill `event` from the JSON object `record`, nested at most 1,000
     * deep. The first of duplicate keys counts. Strings are copied to
     * `arena`; `event->record` is `record` itself.
     *
     * Returns 0; -1 and `err` with the reason if the text is no JSON
     * object of that depth; EXTRACT_NO_MEMORY if memory is out.
     */
    int (*record)(struct extractor *extractor, struct span record,
                  struct arena *arena, struct event *event, struct err *err);
};

#define EXTRACT_NO_MEMORY (-2)

/* The reference: cJSON behind a lexical pass. Always right, slow. */
extern const struct extractor_kind extract_dom;

/*
 * Can the record name an instance at all? False only if its text holds
 * neither `:i-` nor a \u escape that spells a part of it. Only records
 * that can are ever extracted: most cannot, and this is cheaper.
 */
bool extract_may_match(struct span record);

#endif
