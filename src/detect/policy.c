/* Filing lines and finding those that hold; policy_parse.c reads them. */
#include "detect/policy.h"

#include "base/sys.h"

void policy_init(struct policy *policy)
{
    *policy = (struct policy){.arena = ARENA_INIT};
    for (int verb = 0; verb < POLICY_VERB_COUNT; verb++)
        for (int key = 0; key < POLICY_KEY_COUNT; key++)
            strings_init(&policy->book[verb].by[key].values);
}

static void release_shelf(struct policy_shelf *shelf)
{
    prefix_map_release(&shelf->by_ip);
    sys_free(shelf->others);
}

static void release_book(struct policy_book *book)
{
    for (int key = 0; key < POLICY_KEY_COUNT; key++) {
        struct policy_shelves *shelves = &book->by[key];

        for (size_t i = 0; i < shelves->values.count; i++)
            release_shelf(&shelves->shelves[i]);
        sys_free(shelves->shelves);
        strings_release(&shelves->values);
    }
    release_shelf(&book->any);
}

void policy_release(struct policy *policy)
{
    if (!policy)
        return;
    for (int verb = 0; verb < POLICY_VERB_COUNT; verb++)
        release_book(&policy->book[verb]);
    sys_free(policy->lines);
    arena_release(&policy->arena);
    *policy = (struct policy){.arena = ARENA_INIT};
}

const char *policy_verb_name(enum policy_verb verb)
{
    static const char *const names[POLICY_VERB_COUNT] = {
        [POLICY_IGNORE] = "ignore",
        [POLICY_EXPECT] = "expect",
        [POLICY_MUTE] = "mute",
    };

    return names[verb];
}

bool policy_line_hides_thieves(const struct policy_line *line)
{
    if (line->verb != POLICY_IGNORE)
        return false;
    for (int key = 0; key < POLICY_KEY_COUNT; key++)
        if (line->condition[key].count > 0)
            return false;
    return true;
}

bool policy_asks(const struct policy *policy, enum policy_verb verb,
                 enum policy_key key)
{
    for (size_t i = 0; i < policy->line_count; i++)
        if (policy->lines[i].verb == verb &&
            policy->lines[i].condition[key].count > 0)
            return true;
    return false;
}

/* --- filing --- */

/* A role's name and its ARN are two texts: only a value with a colon is
 * held against the ARN. */
static bool is_arn(struct span text)
{
    return text.len > 0 && memchr(text.ptr, ':', text.len) != NULL;
}

/* Can the line be found by looking up one text in its alternatives? */
static bool is_exact(const struct policy_condition *condition,
                     enum policy_key key)
{
    for (size_t i = 0; i < condition->count; i++)
        if (!condition->patterns[i].exact ||
            (key == POLICY_ROLE && is_arn(condition->patterns[i].text) !=
                                       is_arn(condition->patterns[0].text)))
            return false;
    return condition->count > 0;
}

/* The key to file the line under: of those with exact values the one that
 * tells most apart. POLICY_KEY_COUNT: none. */
static enum policy_key filing_key(const struct policy_line *line)
{
    static const enum policy_key order[] = {
        POLICY_INSTANCE, POLICY_AGENT,  POLICY_ROLE,    POLICY_EVENT,
        POLICY_SOURCE,   POLICY_REGION, POLICY_ACCOUNT,
    };

    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        if (is_exact(&line->condition[order[i]], order[i]))
            return order[i];
    return POLICY_KEY_COUNT;
}

static int put_on_shelf(struct policy_shelf *shelf,
                        const struct policy_line *line, uint32_t number)
{
    uint32_t *moved;

    for (size_t i = 0; i < line->net_count; i++)
        if (prefix_map_add(&shelf->by_ip, line->nets[i].net,
                           line->nets[i].prefix, number) < 0)
            return -1;
    if (line->net_count > 0)
        return 0;
    moved = sys_grow(shelf->others, &shelf->other_capacity,
                     shelf->other_count + 1, sizeof(*moved));
    if (!moved)
        return -1;
    shelf->others = moved;
    shelf->others[shelf->other_count++] = number;
    return 0;
}

/* The shelf of `value`, built if there is none. */
static struct policy_shelf *shelf_for(struct policy_shelves *shelves,
                                      struct span value)
{
    uint32_t known = strings_find(&shelves->values, value);
    struct policy_shelf *moved;

    if (known != STRINGS_FAILED)
        return &shelves->shelves[known];
    moved = sys_grow(shelves->shelves, &shelves->capacity,
                     shelves->values.count + 1, sizeof(*moved));
    if (!moved)
        return NULL;
    shelves->shelves = moved;
    known = strings_intern(&shelves->values, value);
    if (known == STRINGS_FAILED)
        return NULL;
    shelves->shelves[known] = (struct policy_shelf){0};
    return &shelves->shelves[known];
}

static int file_line(struct policy_book *book, const struct policy_line *line,
                     uint32_t number)
{
    enum policy_key key = filing_key(line);

    book->line_count++;
    if (key == POLICY_KEY_COUNT)
        return put_on_shelf(&book->any, line, number);
    for (size_t i = 0; i < line->condition[key].count; i++) {
        struct policy_shelf *shelf =
            shelf_for(&book->by[key], line->condition[key].patterns[i].text);

        if (!shelf || put_on_shelf(shelf, line, number) < 0)
            return -1;
    }
    return 0;
}

int policy_finish(struct policy *policy, struct err *err)
{
    for (size_t i = 0; i < policy->line_count; i++)
        if (file_line(&policy->book[policy->lines[i].verb], &policy->lines[i],
                      (uint32_t)i) < 0)
            return err_memory(err);
    for (int verb = 0; verb < POLICY_VERB_COUNT; verb++) {
        struct policy_book *book = &policy->book[verb];

        prefix_map_finish(&book->any.by_ip);
        for (int key = 0; key < POLICY_KEY_COUNT; key++)
            for (size_t i = 0; i < book->by[key].values.count; i++)
                prefix_map_finish(&book->by[key].shelves[i].by_ip);
    }
    return 0;
}

/* --- matching --- */

/* Does `text` match `pattern`, in which '*' stands for any run? After a
 * mismatch only the last '*' can help, by taking one character more. */
static bool matches(struct span pattern, struct span text)
{
    size_t p = 0, t = 0;
    size_t star = SIZE_MAX, taken = 0; /* the last '*', and where it ends */

    while (t < text.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            taken = t;
        } else if (p < pattern.len && pattern.ptr[p] == text.ptr[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++taken;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

static bool condition_holds(const struct policy_condition *condition,
                            enum policy_key key,
                            const struct policy_subject *subject)
{
    for (size_t i = 0; i < condition->count; i++) {
        struct span pattern = condition->patterns[i].text;
        struct span text = key != POLICY_ROLE ? subject->value[key]
                           : is_arn(pattern)  ? subject->role_arn
                                              : subject->role_name;

        if (span_present(text) && matches(pattern, text))
            return true;
    }
    return condition->count == 0;
}

/* The addresses and the condition `found_by` are known to hold. */
static bool line_holds(struct policy_use *use, uint32_t number,
                       enum policy_key found_by,
                       const struct policy_subject *subject)
{
    const struct policy_line *line = &use->policy->lines[number];

    for (int key = 0; key < POLICY_KEY_COUNT; key++)
        if (key != (int)found_by &&
            !condition_holds(&line->condition[key], (enum policy_key)key,
                             subject))
            return false;
    use->hits[number]++;
    return true;
}

static bool shelf_holds(struct policy_use *use,
                        const struct policy_shelf *shelf,
                        enum policy_key found_by,
                        const struct policy_subject *subject)
{
    const struct prefix_map *map = &shelf->by_ip;
    bool holds = false;

    for (uint32_t at = prefix_map_first(map, subject->address);
         at != PREFIX_NONE; at = prefix_map_next(map, at))
        holds |= line_holds(use, map->entries[at].value, found_by, subject);
    for (size_t i = 0; i < shelf->other_count; i++)
        holds |= line_holds(use, shelf->others[i], found_by, subject);
    return holds;
}

static bool value_holds(struct policy_use *use,
                        const struct policy_shelves *shelves, struct span value,
                        enum policy_key key,
                        const struct policy_subject *subject)
{
    uint32_t known = shelves->values.count > 0 && span_present(value)
                         ? strings_find(&shelves->values, value)
                         : STRINGS_FAILED;

    return known != STRINGS_FAILED &&
           shelf_holds(use, &shelves->shelves[known], key, subject);
}

bool policy_holds(struct policy_use *use, enum policy_verb verb,
                  const struct policy_subject *subject)
{
    const struct policy_book *book = &use->policy->book[verb];
    const struct policy_shelves *roles = &book->by[POLICY_ROLE];
    bool holds;

    if (book->line_count == 0)
        return false;
    holds = shelf_holds(use, &book->any, POLICY_KEY_COUNT, subject);
    for (int key = 0; key < POLICY_KEY_COUNT; key++)
        if (key != POLICY_ROLE)
            holds |= value_holds(use, &book->by[key], subject->value[key],
                                 (enum policy_key)key, subject);
    /* A name with a colon in it is found by no line. */
    if (!is_arn(subject->role_name))
        holds |=
            value_holds(use, roles, subject->role_name, POLICY_ROLE, subject);
    if (is_arn(subject->role_arn))
        holds |=
            value_holds(use, roles, subject->role_arn, POLICY_ROLE, subject);
    return holds;
}

void policy_subject_role(struct policy_subject *subject, struct span arn,
                         struct span name)
{
    subject->role_arn = arn;
    subject->role_name = name;
    if (span_present(name) || !is_arn(arn))
        return;
    for (size_t i = arn.len; i-- > 0;)
        if (arn.ptr[i] == '/') {
            subject->role_name = span_of(arn.ptr + i + 1, arn.len - i - 1);
            return;
        }
}

/* --- use --- */

int policy_use_init(struct policy_use *use, const struct policy *policy)
{
    *use = (struct policy_use){.policy = policy};
    if (!policy)
        return 0;
    use->hits = sys_calloc(policy->line_count, sizeof(*use->hits));
    return use->hits ? 0 : -1;
}

void policy_use_release(struct policy_use *use)
{
    if (!use)
        return;
    sys_free(use->hits);
    *use = (struct policy_use){0};
}

void policy_use_merge(struct policy_use *into, const struct policy_use *from)
{
    for (size_t i = 0; into->policy && i < into->policy->line_count; i++)
        into->hits[i] += from->hits[i];
}
