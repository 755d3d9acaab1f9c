/*
 * alert_fill.h - from an aggregate's groups to what an alert shows of them.
 * Who is the suspect, and why, is decided elsewhere (rule.h, evidence.h).
 */
#ifndef OFFBOX_DETECT_ALERT_FILL_H
#define OFFBOX_DETECT_ALERT_FILL_H

#include "detect/aggregate.h"
#include "detect/alert.h"

/* A place for one alert more, not initialised; NULL when memory is out.
 * Places given before may move. */
struct alert *alert_list_add(struct alert_list *list);

/*
 * Fill `alert->ips`: what `tally` (sorted, of all these groups) counted of
 * each of `groups`, in their order; none is expected. All texts are borrowed
 * from `agg`. -1 when memory is out.
 */
int alert_fill_ips(struct alert_list *list, const struct aggregate *agg,
                   const uint32_t *groups, size_t count,
                   const struct tally *tally, struct alert *alert);

/* Fill what the alert shows of the first event of `group`, its suspect's. -1
 * when memory is out. */
int alert_fill_first(struct alert_list *list, const struct aggregate *agg,
                     uint32_t group, struct alert *alert);

#endif
