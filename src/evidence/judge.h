/*
 * judge.h - does a reason hold? (evidence.md, "Evidence and points")
 */
#ifndef OFFBOX_EVIDENCE_JUDGE_H
#define OFFBOX_EVIDENCE_JUDGE_H

#include "base/buf.h"
#include "evidence/reasons.h"
#include "evidence/scene.h"

/*
 * The points of `reason` at the place `at` of the scene: for a reason of the
 * case the suspect, else the location that is judged. 0 if it does not hold.
 * If it does, the figures that make it hold are appended to `text` in words.
 */
int judge_reason(enum reason reason, const struct scene *scene, size_t at,
                 struct buf *text);

/* The same points without words. */
int judge_points(enum reason reason, const struct scene *scene, size_t at);

/* Is there not enough in the dump, or in this program, to tell whether the
 * reason holds? Then `text` gets why. `at` is the suspect. */
bool judge_is_blind(enum reason reason, const struct scene *scene, size_t at,
                    struct buf *text);

#endif
