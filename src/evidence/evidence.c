/*
 * Instance by instance: its scene, the points of its locations, the suspect,
 * the verdict; then to the alert that waits for it, or into a case.
 */
#include "evidence/evidence.h"

#include "base/search.h"
#include "base/sys.h"
#include "detect/alert_fill.h"
#include "detect/expected.h"
#include "detect/location.h"
#include "evidence/dealt.h"
#include "evidence/judge.h"
#include "evidence/scene.h"

#include <stdlib.h>

#define NO_SUSPECT SIZE_MAX

/* While an instance is judged, the rows of so many groups behind its own are
 * fetched: those of the next one, or two. */
#define FETCHED 2

/* What a run of judging has at hand. */
struct court {
    const struct evidence_options *options;
    const struct located *located;
    const struct facts *facts;
    struct alert_list *list;
    size_t rule_count; /* the list's first ones are the rule's, by InstanceId */

    uint32_t *groups; /* all, by instance and location */
    size_t group_count;
    struct dealt dealt;
    struct call_signs signs;
    struct policy_use policy; /* asked of locations; the hits are its own */

    struct arena arena; /* of one scene */
    struct tally tally; /* of its instance */
    struct tally shown; /* the same with hours, for an alert */
    struct buf text;
};

/* ----------------------------------------------------------- verdicts */

/* A copy that lives as long as the list. */
static int keep_text(struct court *court, struct span *kept)
{
    struct span text = buf_span(&court->text);

    if (court->text.failed)
        return -1;
    *kept =
        span_present(text) ? arena_copy(&court->list->arena, text) : SPAN("");
    return span_present(*kept) ? 0 : -1;
}

/* Who is expected, by the policy or by a fact. */
static int find_expected(struct court *court, struct scene *scene)
{
    for (size_t i = 0; i < scene->count; i++) {
        struct place *place = &scene->places[i];
        int expected =
            court->policy.policy
                ? expected_group(&court->policy, &court->located->aggregate,
                                 place->group, &court->tally)
                : 0;

        if (expected < 0)
            return -1;
        if (expected) {
            place->expected = true;
            memcpy(place->why, "a policy line", sizeof("a policy line"));
        } else if (place->first != TIMESTAMP_UNKNOWN) {
            place->expected = facts_owns(
                scene->facts, scene->instance, place->address, place->first,
                place->timed ? place->last : place->first, place->why);
        }
    }
    return 0;
}

/* By all reasons of one kind. */
static int points_of(const struct scene *scene, size_t at, enum reason_of of)
{
    int points = 0;

    for (int r = 0; r < REASON_COUNT; r++)
        if (reason_facts((enum reason)r)->of == of)
            points += judge_points((enum reason)r, scene, at);
    return points;
}

/* Of two places with the same points: as rule.md 2 says of addresses. */
static bool less_active(const struct place *a, const struct place *b)
{
    if (a->calls != b->calls)
        return a->calls < b->calls;
    if (a->first != b->first)
        return a->first > b->first;
    return ip_cmp(a->address, b->address) < 0;
}

/* `*most` are its points. */
static size_t find_suspect(const struct scene *scene, int *most)
{
    size_t suspect = NO_SUSPECT;

    *most = 0;

    for (size_t i = 0; i < scene->count; i++) {
        int points;

        if (scene->places[i].expected)
            continue;
        points = points_of(scene, i, REASON_OF_LOCATION);
        if (suspect != NO_SUSPECT &&
            (points < *most ||
             (points == *most &&
              !less_active(&scene->places[i], &scene->places[suspect]))))
            continue;
        suspect = i;
        *most = points;
    }
    return suspect;
}

/* Without a suspect only the number of locations speaks. */
static bool applies(enum reason reason, size_t suspect)
{
    return suspect != NO_SUSPECT || reason == REASON_MULTI;
}

static int list_reasons(struct court *court, const struct scene *scene,
                        size_t suspect, struct alert_verdict *verdict)
{
    verdict->reasons = arena_alloc(&court->list->arena,
                                   REASON_COUNT * sizeof(*verdict->reasons));
    if (!verdict->reasons)
        return -1;
    for (int r = 0; r < REASON_COUNT; r++) {
        enum reason reason = (enum reason)r;
        struct alert_reason *item = &verdict->reasons[verdict->reason_count];

        buf_clear(&court->text);
        if (!applies(reason, suspect))
            continue;
        item->points = judge_reason(reason, scene, suspect, &court->text);
        if (item->points == 0)
            continue;
        item->id = span_str(reason_facts(reason)->id);
        if (keep_text(court, &item->text) < 0)
            return -1;
        verdict->points += item->points;
        verdict->reason_count++;
    }
    return 0;
}

/* Behind the reasons: is it an instance at all? */
#define REMARK_INSTANCE "instance"

static int add_remark(struct court *court, struct alert_remark *remarks,
                      size_t *count, struct span subject)
{
    remarks[*count].subject = subject;
    if (keep_text(court, &remarks[*count].why) < 0)
        return -1;
    ++*count;
    return 0;
}

static int list_not_judged(struct court *court, const struct scene *scene,
                           size_t suspect, struct alert_verdict *verdict)
{
    verdict->not_judged = arena_alloc(
        &court->list->arena, (REASON_COUNT + 1) * sizeof(*verdict->not_judged));
    if (!verdict->not_judged)
        return -1;
    for (int r = 0; r < REASON_COUNT && suspect != NO_SUSPECT; r++) {
        buf_clear(&court->text);
        if (judge_is_blind((enum reason)r, scene, suspect, &court->text) &&
            add_remark(court, verdict->not_judged, &verdict->not_judged_count,
                       span_str(reason_facts((enum reason)r)->id)) < 0)
            return -1;
    }
    if (scene->is_instance)
        return 0;
    buf_clear(&court->text);
    buf_add(&court->text,
            SPAN("perhaps no instance: no call shows that EC2 delivered the "
                 "credentials (ec2RoleDelivery, inScopeOf)"));
    return add_remark(court, verdict->not_judged, &verdict->not_judged_count,
                      SPAN(REMARK_INSTANCE));
}

static int place_text(struct court *court, const struct place *place,
                      struct span *text)
{
    char address[LOCATION_TEXT_BYTES];

    buf_clear(&court->text);
    buf_add(&court->text, span_str(location_format(place->address, address)));
    return keep_text(court, text);
}

static int list_expected(struct court *court, const struct scene *scene,
                         struct alert_verdict *verdict)
{
    verdict->expected = arena_alloc(&court->list->arena,
                                    scene->count * sizeof(*verdict->expected));
    if (!verdict->expected)
        return -1;
    for (size_t i = 0; i < scene->count; i++) {
        struct span subject;

        if (!scene->places[i].expected)
            continue;
        if (place_text(court, &scene->places[i], &subject) < 0)
            return -1;
        buf_clear(&court->text);
        buf_add(&court->text, span_str(scene->places[i].why));
        if (add_remark(court, verdict->expected, &verdict->expected_count,
                       subject) < 0)
            return -1;
    }
    return 0;
}

/* NULL when memory is out. */
static struct alert_verdict *make_verdict(struct court *court,
                                          const struct scene *scene,
                                          size_t suspect)
{
    struct alert_verdict *verdict =
        arena_alloc(&court->list->arena, sizeof(*verdict));

    if (!verdict)
        return NULL;
    *verdict = (struct alert_verdict){.suspect = SPAN_ABSENT};
    if (list_reasons(court, scene, suspect, verdict) < 0 ||
        list_not_judged(court, scene, suspect, verdict) < 0 ||
        list_expected(court, scene, verdict) < 0)
        return NULL;
    if (suspect != NO_SUSPECT) {
        verdict->suspect_at = scene->places[suspect].address;
        if (place_text(court, &scene->places[suspect], &verdict->suspect) < 0)
            return NULL;
    }
    verdict->severity = severity_of_points(verdict->points);
    return verdict;
}

/* Of an alert whose session is no instance's. NULL when memory is out. */
static struct alert_verdict *make_no_verdict(struct court *court)
{
    struct alert_verdict *verdict =
        arena_alloc(&court->list->arena, sizeof(*verdict));
    struct alert_remark *remark =
        arena_alloc(&court->list->arena, sizeof(*remark));

    if (!verdict || !remark)
        return NULL;
    *remark = (struct alert_remark){
        SPAN(REMARK_INSTANCE),
        SPAN("no instance's own session: its name is no instance id, or its "
             "role is AWS's own")};
    *verdict = (struct alert_verdict){.suspect = SPAN_ABSENT,
                                      .severity = SEVERITY_INFORMATIONAL,
                                      .not_judged = remark,
                                      .not_judged_count = 1};
    return verdict;
}

/* --------------------------------------------------------------- cases */

static int tally_shown(struct court *court, const uint32_t *groups,
                       size_t count)
{
    tally_clear(&court->shown);
    for (size_t i = 0; i < count; i++)
        if (dealt_tally(&court->dealt, groups[i], &court->shown) < 0)
            return -1;
    tally_sort(&court->shown);
    return 0;
}

/* An alert by locations. */
static int fill_case(struct court *court, const struct scene *scene,
                     const uint32_t *groups, size_t suspect,
                     struct alert_verdict *verdict, struct alert *alert)
{
    verdict->is_case = true;
    *alert = (struct alert){
        .instance_id = scene->instance,
        .verdict = verdict,
        .suspect = suspect == NO_SUSPECT ? 0 : suspect,
    };
    if (tally_shown(court, groups, scene->count) < 0 ||
        alert_fill_ips(court->list, &court->located->aggregate, groups,
                       scene->count, &court->shown, alert) < 0 ||
        alert_fill_first(court->list, &court->located->aggregate,
                         groups[alert->suspect], alert) < 0)
        return -1;
    for (size_t i = 0; i < scene->count; i++)
        alert->ips[i].expected = scene->places[i].expected;
    return 0;
}

/* Is the case one to be given as an alert? */
static bool is_given(const struct court *court,
                     const struct alert_verdict *verdict)
{
    return span_present(verdict->suspect) &&
           verdict->severity >= court->options->min_severity;
}

/* Count the case, or mute it: then it stays only if it was asked for. */
static bool settle_case(struct court *court, struct alert *alert)
{
    const struct rule_options *rule = court->options->rule;

    alert->triggered = is_given(court, alert->verdict);
    if (alert->triggered && rule->policy &&
        expected_mutes(rule->policy, alert)) {
        alert->triggered = false;
        alert->muted = true;
        court->list->muted++;
    }
    court->list->triggered += alert->triggered;
    return alert->triggered || rule->instance_count > 0;
}

static int add_case(struct court *court, const struct scene *scene,
                    const uint32_t *groups, size_t suspect,
                    struct alert_verdict *verdict)
{
    struct alert *alert = alert_list_add(court->list);

    if (!alert || fill_case(court, scene, groups, suspect, verdict, alert) < 0)
        return -1;
    if (!settle_case(court, alert))
        court->list->count--;
    return 0;
}

static int of_instance(const void *alert, const void *instance)
{
    return span_cmp(((const struct alert *)alert)->instance_id,
                    *(const struct span *)instance);
}

/* The rule's alert of the instance; NULL if it gave none. */
static struct alert *find_alert(struct court *court, struct span instance)
{
    struct alert *alerts = court->list->items;
    size_t at = search_one(alerts, court->rule_count, sizeof(*alerts),
                           &instance, of_instance);

    return at < court->rule_count ? &alerts[at] : NULL;
}

/* Would the verdict be given, though the rule did not see the instance? Asked
 * of every instance, so before there are words. */
static bool is_case(struct court *court, const struct scene *scene,
                    size_t suspect, int points)
{
    if (suspect == NO_SUSPECT || court->options->rule->instance_count > 0)
        return false;
    points += points_of(scene, suspect, REASON_OF_CASE);
    return severity_of_points(points) >= court->options->min_severity;
}

static int conclude(struct court *court, const struct scene *scene,
                    const uint32_t *groups)
{
    int points;
    size_t suspect = find_suspect(scene, &points);
    struct alert *alert = find_alert(court, scene->instance);
    struct alert_verdict *verdict;

    if (!alert && !is_case(court, scene, suspect, points))
        return 0;
    verdict = make_verdict(court, scene, suspect);
    if (!verdict)
        return -1;
    if (!alert)
        return add_case(court, scene, groups, suspect, verdict);
    if (alert->triggered || alert->muted) {
        alert->verdict = verdict;
        return 0;
    }
    if (fill_case(court, scene, groups, suspect, verdict, alert) < 0)
        return -1;
    (void)settle_case(court, alert);
    return 0;
}

/* -------------------------------------------------------------- the run */

/* Of a court that knows what it is to judge. -1 when memory is out; close it in
 * any case. */
static int court_open(struct court *court)
{
    const struct aggregate *agg = &court->located->aggregate;

    tally_init(&court->tally);
    tally_init(&court->shown);
    court->groups = aggregate_sorted_groups(agg, NULL, &court->group_count);
    return court->groups && dealt_init(&court->dealt, agg) == 0
               ? call_signs_init(&court->signs, &agg->facets)
               : -1;
}

static void court_close(struct court *court)
{
    buf_release(&court->text);
    arena_release(&court->arena);
    tally_release(&court->tally);
    tally_release(&court->shown);
    call_signs_release(&court->signs);
    dealt_release(&court->dealt);
    sys_free(court->groups);
}

static int tally_instance(struct court *court, const uint32_t *groups,
                          size_t count)
{
    tally_clear(&court->tally);
    for (size_t i = 0; i < count; i++)
        if (dealt_tally_entries(&court->dealt, groups[i], &court->tally) < 0)
            return -1;
    tally_sort(&court->tally);
    return 0;
}

/* The scene of the instance whose groups these are. */
static int set_scene(struct court *court, struct scene *scene,
                     const uint32_t *groups, size_t count)
{
    arena_clear(&court->arena);
    if (tally_instance(court, groups, count) < 0 ||
        scene_init(scene, court->located, court->facts, &court->tally,
                   &court->signs, groups, count, &court->arena) < 0)
        return -1;
    scene_use_ranges(scene, court->options->ranges);
    return find_expected(court, scene);
}

static int judge_all(struct court *court)
{
    const struct aggregate *agg = &court->located->aggregate;
    size_t end;

    for (size_t at = 0; at < court->group_count; at = end) {
        const uint32_t *groups = court->groups + at;
        struct scene scene;

        for (end = at + 1; end < court->group_count &&
                           agg->groups[court->groups[end]].instance ==
                               agg->groups[groups[0]].instance;)
            end++;
        for (size_t i = end; i < court->group_count && i < end + FETCHED; i++)
            dealt_prefetch(&court->dealt, court->groups[i]);
        if (set_scene(court, &scene, groups, end - at) < 0 ||
            conclude(court, &scene, groups) < 0)
            return -1;
    }
    return 0;
}

/* Alerts that are left without a verdict get one that says so, and those
 * that the policy mutes leave. */
static int sweep(struct court *court)
{
    struct alert_list *list = court->list;
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++) {
        struct alert *alert = &list->items[i];

        if (alert->muted && court->options->rule->instance_count == 0)
            continue;
        if (!alert->verdict && (alert->triggered || alert->muted)) {
            alert->verdict = make_no_verdict(court);
            if (!alert->verdict)
                return -1;
        }
        list->items[kept++] = *alert;
    }
    list->count = kept;
    return 0;
}

static int by_instance(const void *a, const void *b)
{
    return span_cmp(((const struct alert *)a)->instance_id,
                    ((const struct alert *)b)->instance_id);
}

/* A location that the rule saw too has its hit already; one that only
 * evidence knows must not leave its line without any. */
static void settle_hits(const struct court *court)
{
    struct policy_use *rule = court->options->rule->policy;
    const struct policy_use *own =
        court->options->expected ? court->options->expected : &court->policy;

    for (size_t i = 0; rule && i < rule->policy->line_count; i++)
        if (own->hits[i] > rule->hits[i])
            rule->hits[i] = own->hits[i];
}

static bool asked_for(const struct rule_options *rule, struct span instance)
{
    for (size_t i = 0; i < rule->instance_count; i++)
        if (span_eq(rule->instances[i], instance))
            return true;
    return false;
}

int evidence_lists(const struct evidence_options *options,
                   const struct located *located, const struct facts *facts,
                   bool by_rule)
{
    struct court court = {
        .options = options,
        .located = located,
        .facts = facts,
        .arena = ARENA_INIT,
        .text = BUF_INIT,
    };
    struct scene scene;
    size_t suspect;
    int points;
    int ret = -1;

    if (options->expected)
        court.policy = *options->expected; /* whose hits these become */
    if (court_open(&court) == 0 &&
        set_scene(&court, &scene, court.groups, court.group_count) == 0) {
        ret = by_rule || asked_for(options->rule, scene.instance);
        if (!ret) {
            suspect = find_suspect(&scene, &points);
            ret = is_case(&court, &scene, suspect, points);
        }
    }
    court_close(&court);
    return ret;
}

int evidence_judge(const struct evidence_options *options,
                   const struct located *located, const struct facts *facts,
                   struct alert_list *list, struct err *err)
{
    const struct policy_use *policy = options->rule->policy;
    struct court court = {
        .options = options,
        .located = located,
        .facts = facts,
        .list = list,
        .rule_count = list->count,
        .arena = ARENA_INIT,
        .text = BUF_INIT,
    };
    int ret = -1;

    if (court_open(&court) == 0 &&
        policy_use_init(&court.policy, policy ? policy->policy : NULL) == 0 &&
        judge_all(&court) == 0 && sweep(&court) == 0) {
        settle_hits(&court);
        if (list->count > 1)
            qsort(list->items, list->count, sizeof(*list->items), by_instance);
        ret = 0;
    }
    policy_use_release(&court.policy);
    court_close(&court);
    return ret < 0 ? err_memory(err) : 0;
}
