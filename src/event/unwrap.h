/*
 * unwrap.h - the records in an object of any shape: the object itself, or
 * what log shippers, EventBridge, CloudWatch Logs and `aws cloudtrail
 * lookup-events` wrap records in (cloudtrail.md 2).
 */
#ifndef OFFBOX_EVENT_UNWRAP_H
#define OFFBOX_EVENT_UNWRAP_H

#include "base/arena.h"
#include "event/shape.h"
#include "input/marks.h"

#include <stdint.h>

/* An object as the splitter gave it out; see split.h for the members. */
struct unwrapped {
    struct span text;
    bool illegal;
    bool deep;
    uint8_t marks; /* MARK_*, those that are not ruled out; MARK_ESCAPE does
                    * not rule out MARK_INSTANCE */
};

/* Who is told. Each function returns 0 to go on, anything else to stop. */
struct unwrap_sink {
    void *context;
    struct arena *arena; /* embedded texts are unescaped into it, so a
                          * record's text lives as long */

    /* A record. */
    int (*record)(void *context, const struct unwrapped *record);

    /* Something that should hold a record and is no JSON: the object itself,
     * or (`embedded`) a text in it. `why` is static. */
    int (*broken)(void *context, bool embedded, const char *why);

    /* An object that is no record and wraps none. */
    int (*other)(void *context, struct span object);
};

/*
 * Find the records in `object`, which stands at `place`, in their order. An
 * embedded text may itself be of any shape, or several values; what is
 * wrapped more than UNWRAP_DEPTH times over is not looked into.
 *
 * 0; UNWRAP_NO_MEMORY; or what stopped the sink.
 */
int unwrap(const struct unwrap_sink *sink, const struct unwrapped *object,
           enum shape_place place);

/* Can the record name an instance (extract.h)? Its marks tell most that
 * cannot, and these are never parsed. */
bool unwrapped_may_match(const struct unwrapped *record);

#define UNWRAP_DEPTH     8
#define UNWRAP_NO_MEMORY (-2)

#endif
