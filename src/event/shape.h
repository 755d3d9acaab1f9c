/*
 * shape.h - what an object of a dump is: the table of cloudtrail.md 2.
 */
#ifndef OFFBOX_EVENT_SHAPE_H
#define OFFBOX_EVENT_SHAPE_H

#include "base/span.h"

enum shape {
    SHAPE_RECORD,  /* a CloudTrail record */
    SHAPE_FOREIGN, /* an object of another kind: a digest, a flow log, a
                    * tool's own JSON … */
    SHAPE_BROKEN,  /* no JSON object at its own level, as far as that was
                    * looked at: up to the keys that tell */
};

/*
 * `object` is a whole object. Inside a `Records` array (`in_records`)
 * every object is a record, broken or not, but S3's own notifications,
 * whose eventSource is "aws:s3"; elsewhere a record has an eventSource and one
 * of eventVersion and eventTime.
 */
enum shape shape_of(struct span object, bool in_records);

#endif
