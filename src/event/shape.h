/*
 * shape.h - what an object of a dump is: the table of cloudtrail.md 2.
 */
#ifndef OFFBOX_EVENT_SHAPE_H
#define OFFBOX_EVENT_SHAPE_H

#include "base/span.h"

enum shape {
    SHAPE_RECORD,  /* a CloudTrail record */
    SHAPE_DETAIL,  /* EventBridge: `detail` is the record */
    SHAPE_TEXT,    /* a string holds JSON text: a log shipper's `message`,
                    * `event.original` or `_source`, lookup-events'
                    * `CloudTrailEvent` */
    SHAPE_SOURCE,  /* `_source` is an object of any shape, or an array */
    SHAPE_LOGS,    /* CloudWatch Logs: each of `logEvents` has a `message` */
    SHAPE_FOREIGN, /* an object of another kind: a digest, a flow log, a
                    * tool's own JSON … */
    SHAPE_BROKEN,  /* no JSON object at its own level, as far as that was
                    * looked at: up to the keys that tell */
};

/* Where the object stands. */
enum shape_place {
    SHAPE_ANYWHERE,
    SHAPE_IN_RECORDS, /* an element of `Records` */
    SHAPE_IN_EVENTS,  /* an element of `Events` */
    SHAPE_IN_DOUBT,   /* in one of them, behind damage */
};

/*
 * The shape of `object`, which is a whole object. For DETAIL, TEXT, SOURCE
 * and LOGS `*inner` is the raw value that the table names.
 *
 * In `Records` every object is a record, broken or not, but S3's own
 * notifications, whose eventSource is "aws:s3"; in `Events` only
 * `CloudTrailEvent` counts. In doubt it is a record if it looks like one, or
 * counts by its `CloudTrailEvent`, and no wrapping is followed. Elsewhere the
 * first row of the table that matches wins; a record has an eventSource and one
 * of eventVersion and eventTime.
 */
enum shape shape_of(struct span object, enum shape_place place,
                    struct span *inner);

#endif
