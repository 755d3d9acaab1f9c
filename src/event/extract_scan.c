/*
 * The fast extractor: one walk over a record's own members and those of
 * userIdentity, everything else stepped over by its brackets. It knows the
 * order in which CloudTrail writes keys and tries the expected one first.
 */
#include "event/extract.h"

#include "base/json_string.h"
#include "base/plain_run.h"
#include "base/sys.h"
#include "input/delimit.h"

struct extractor {
    struct extractor *reference;
    uint64_t taken;
    uint64_t handed_on;
};

/* What a key leads to. */
struct key {
    char written[32]; /* as CloudTrail writes it: "name": */
    size_t len;
    int field;                 /* an event_field, or one of: */
    const struct level *below; /* an object with fields of its own */
};

#define NO_FIELD        (-1)
#define TIMESTAMP_FIELD EVENT_FIELD_COUNT /* "@timestamp" */
#define FIELD_BITS      (EVENT_FIELD_COUNT + 1)

/* The keys of one object, in CloudTrail's order. Those without a field are
 * there because what is expected is found without a search. */
struct level {
    const struct key *keys;
    size_t count;
};

/* clang-format off */
#define WRITTEN(name)       "\"" name "\":", sizeof("\"" name "\":") - 1
#define FIELD(name, field)  {WRITTEN(name), field, NULL}
#define OBJECT(name, level) {WRITTEN(name), NO_FIELD, level}
#define OTHER(name)         {WRITTEN(name), NO_FIELD, NULL}
#define LEVEL(keys)         {keys, sizeof(keys) / sizeof(keys[0])}
/* clang-format on */

static const struct key issuer_keys[] = {
    OTHER("type"),
    OTHER("principalId"),
    FIELD("arn", EVENT_ROLE_ARN),
    OTHER("accountId"),
    FIELD("userName", EVENT_ROLE_NAME),
};
static const struct level issuer_level = LEVEL(issuer_keys);

static const struct key attribute_keys[] = {
    FIELD("creationDate", EVENT_SESSION_CREATION_DATE),
    OTHER("mfaAuthenticated"),
};
static const struct level attribute_level = LEVEL(attribute_keys);

static const struct key session_keys[] = {
    OBJECT("sessionIssuer", &issuer_level),
    OTHER("webIdFederationData"),
    OBJECT("attributes", &attribute_level),
    FIELD("ec2RoleDelivery", EVENT_EC2_ROLE_DELIVERY),
};
static const struct level session_level = LEVEL(session_keys);

static const struct key scope_keys[] = {
    FIELD("issuerType", EVENT_ISSUER_TYPE),
    FIELD("credentialsIssuedTo", EVENT_CREDENTIALS_ISSUED_TO),
};
static const struct level scope_level = LEVEL(scope_keys);

static const struct key identity_keys[] = {
    FIELD("type", EVENT_IDENTITY_TYPE),
    FIELD("principalId", EVENT_PRINCIPAL_ID),
    FIELD("arn", EVENT_IDENTITY_ARN),
    FIELD("accountId", EVENT_ACCOUNT_ID),
    FIELD("accessKeyId", EVENT_ACCESS_KEY_ID),
    OTHER("userName"),
    OBJECT("sessionContext", &session_level),
    FIELD("invokedBy", EVENT_INVOKED_BY),
    OBJECT("inScopeOf", &scope_level),
};
static const struct level identity_level = LEVEL(identity_keys);

static const struct key record_keys[] = {
    OTHER("eventVersion"),
    OBJECT("userIdentity", &identity_level),
    FIELD("eventTime", EVENT_TIME),
    FIELD("eventSource", EVENT_SOURCE),
    FIELD("eventName", EVENT_NAME),
    FIELD("awsRegion", EVENT_AWS_REGION),
    FIELD("sourceIPAddress", EVENT_SOURCE_IP_ADDRESS),
    FIELD("userAgent", EVENT_USER_AGENT),
    FIELD("errorCode", EVENT_ERROR_CODE),
    OTHER("errorMessage"),
    OTHER("requestParameters"),
    OTHER("responseElements"),
    OTHER("additionalEventData"),
    OTHER("requestID"),
    FIELD("eventID", EVENT_ID),
    OTHER("readOnly"),
    OTHER("resources"),
    OTHER("eventType"),
    OTHER("managementEvent"),
    FIELD("recipientAccountId", EVENT_RECIPIENT_ACCOUNT_ID),
    OTHER("sharedEventID"),
    FIELD("vpcEndpointId", EVENT_VPC_ENDPOINT_ID),
    FIELD("vpcEndpointAccountId", EVENT_VPC_ENDPOINT_ACCOUNT_ID),
    FIELD("eventCategory", EVENT_CATEGORY),
    OTHER("tlsDetails"),
    FIELD("sessionCredentialFromConsole", EVENT_FROM_CONSOLE),
    FIELD("@timestamp", TIMESTAMP_FIELD),
};
static const struct level record_level = LEVEL(record_keys);

/* userIdentity is five levels deep at most; what is deeper is unusual. */
#define WALK_DEPTH 16

/* A walk over one record. Every step returns false for what is unusual. */
struct walk_state {
    const char *at, *end;
    struct event *event;
    struct span timestamp; /* of "@timestamp" */
    uint32_t seen;         /* fields whose key was met: bit n is field n */
    uint32_t until;        /* behind this field the walk … */
    bool has_stopped;      /* … stops as if it were unusual */
    bool has_identity;     /* userIdentity was walked through */
};

_Static_assert(FIELD_BITS <= 32, "a bit for each field");

/* Same bytes, `len` of them. Keys are short: a call of memcmp() for each
 * would cost more than the comparison. */
static inline bool same_bytes(const char *a, const char *b, size_t len)
{
    uint64_t x, y;

    if (len < sizeof(x)) {
        for (size_t i = 0; i < len; i++)
            if (a[i] != b[i])
                return false;
        return true;
    }
    for (size_t i = 0; i + sizeof(x) <= len; i += sizeof(x)) {
        memcpy(&x, a + i, sizeof(x));
        memcpy(&y, b + i, sizeof(y));
        if (x != y)
            return false;
    }
    memcpy(&x, a + len - sizeof(x), sizeof(x)); /* overlaps, no harm */
    memcpy(&y, b + len - sizeof(y), sizeof(y));
    return x == y;
}

static void skip_space_slowly(struct walk_state *walk)
{
    while (walk->at < walk->end && memchr(" \t\n\r", *walk->at, 4))
        walk->at++;
}

/* CloudTrail writes no white space: look whether there is any before
 * stepping over it. False at the end. */
static inline bool at_token(struct walk_state *walk)
{
    if (walk->at < walk->end && (unsigned char)*walk->at <= ' ')
        skip_space_slowly(walk);
    return walk->at < walk->end;
}

static inline bool take(struct walk_state *walk, char c)
{
    if (!at_token(walk) || *walk->at != c)
        return false;
    walk->at++;
    return true;
}

/* A string of plain characters, `*text` between its quotes. */
static inline bool take_plain_string(struct walk_state *walk, struct span *text)
{
    const char *start = walk->at + 1;
    const char *stop = plain_run(start, walk->end);

    if (stop == walk->end || *stop != '"')
        return false;
    *text = span_of(start, (size_t)(stop - start));
    walk->at = stop + 1;
    return true;
}

/* A string that nobody reads: what its characters are does not matter. */
static bool step_over_string(struct walk_state *walk)
{
    const char *at = walk->at + 1;

    for (;;) {
        size_t bytes = 1;
        uint32_t code;

        at = plain_run(at, walk->end);
        if (at == walk->end)
            return false;
        if (*at == '\\')
            bytes = json_string_escape(span_of(at, (size_t)(walk->end - at)),
                                       &code);
        if (bytes == 0)
            return false;
        at += bytes;
        if (bytes == 1 && at[-1] == '"')
            break;
    }
    walk->at = at;
    return true;
}

static bool take_digits(struct walk_state *walk)
{
    const char *start = walk->at;

    while (walk->at < walk->end && *walk->at >= '0' && *walk->at <= '9')
        walk->at++;
    return walk->at > start;
}

/* The literal at `at`, which begins with its first letter; NULL if it is
 * spelt otherwise. */
static const char *literal_end(const char *at, const char *end)
{
    size_t left = (size_t)(end - at);

    if (*at == 'n')
        return left > 4 && same_bytes(at, "null", 4) ? at + 4 : NULL;
    if (*at == 't')
        return left > 4 && same_bytes(at, "true", 4) ? at + 4 : NULL;
    if (*at == 'f')
        return left > 5 && same_bytes(at, "false", 5) ? at + 5 : NULL;
    return NULL;
}

/* A literal, or an integer without sign; other numbers are rare here. */
static bool step_over_scalar(struct walk_state *walk)
{
    const char *after = literal_end(walk->at, walk->end);

    if (after) {
        walk->at = after;
        return true;
    }
    if (*walk->at == '0' || !take_digits(walk))
        return false;
    return walk->at < walk->end && !memchr(".eE", *walk->at, 3);
}

/* An object or array in which there is no field, by its brackets. */
static bool step_over_container(struct walk_state *walk)
{
    struct delimit delimit = {0};

    walk->at = delimit_value(&delimit, walk->at, walk->end);
    return walk->at != NULL;
}

static inline struct span name_of(const struct key *key)
{
    return span_of(key->written + 1, key->len - 3);
}

static inline size_t after(const struct level *level, size_t at)
{
    return at + 1 == level->count ? 0 : at + 1;
}

static inline uint64_t load_8(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return word;
}

/* Does the text at `at`, whose first eight bytes are `head`, begin with the
 * key? The heads tell nearly all keys apart. */
static inline bool is_key(const char *at, uint64_t head, const struct key *key)
{
    if (key->len >= sizeof(head))
        return head == load_8(key->written) &&
               same_bytes(at + key->len - sizeof(head),
                          key->written + key->len - sizeof(head),
                          sizeof(head)) &&
               (key->len <= 2 * sizeof(head) ||
                same_bytes(at, key->written, key->len));
    return same_bytes(at, key->written, key->len);
}

/* How many keys to try as they are written: of those that may be left out,
 * no more than four stand in a row. */
#define EXPECTED_KEYS 6

/* The key that is expected next, or one soon after it, as CloudTrail writes
 * it: one comparison for quotes, name and colon. NULL if it is not there. */
static inline const struct key *take_expected_key(struct walk_state *walk,
                                                  const struct level *level,
                                                  size_t *next)
{
    size_t left = (size_t)(walk->end - walk->at);
    size_t at = *next;
    uint64_t head;

    if (left < sizeof(head))
        return NULL; /* no key fits: take_key() has the other way */
    head = load_8(walk->at);
    for (size_t tried = 0; tried < EXPECTED_KEYS && tried < level->count;
         tried++) {
        const struct key *key = &level->keys[at];

        at = after(level, at);
        if (left > key->len && is_key(walk->at, head, key)) {
            walk->at += key->len;
            *next = at;
            return key;
        }
    }
    return NULL;
}

/* The entry of a key of any writing; NULL: unknown. */
static const struct key *find_key(const struct level *level, struct span name,
                                  size_t *next)
{
    for (size_t i = 0; i < level->count; i++)
        if (span_eq(name_of(&level->keys[i]), name)) {
            *next = after(level, i);
            return &level->keys[i];
        }
    return NULL;
}

/* Any key and its colon. False for what is unusual. */
static bool take_key(struct walk_state *walk, const struct level *level,
                     size_t *next, const struct key **key)
{
    struct span name;

    *key = take_expected_key(walk, level, next);
    if (*key)
        return true;
    if (!at_token(walk) || *walk->at != '"' ||
        !take_plain_string(walk, &name) || !take(walk, ':'))
        return false;
    *key = find_key(level, name, next);
    return true;
}

/* Objects in objects call each other, at most WALK_DEPTH deep. */
/* NOLINTBEGIN(misc-no-recursion) */
static bool walk_object(struct walk_state *walk, const struct level *level,
                        unsigned depth);

/* The value behind a field's key. What is no string leaves it absent. */
static bool walk_field(struct walk_state *walk, int field)
{
    uint32_t bit = UINT32_C(1) << field;
    struct span *text = field == TIMESTAMP_FIELD ? &walk->timestamp
                                                 : &walk->event->field[field];

    if (walk->seen & bit)
        return false; /* the first counts: the reference sees to it */
    walk->seen |= bit;
    if (*walk->at == '"') {
        if (!take_plain_string(walk, text))
            return false;
        walk->has_stopped = walk->until & bit;
        return !walk->has_stopped;
    }
    return *walk->at != '{' && *walk->at != '[' && step_over_scalar(walk);
}

/* Any other value. `depth` 1 is the record's own level. */
static bool walk_other(struct walk_state *walk, unsigned depth)
{
    if (*walk->at == '"')
        return step_over_string(walk);
    if (*walk->at == '{' || *walk->at == '[') {
        static const struct level unknown = {NULL, 0};

        if (depth == 1)
            return step_over_container(walk);
        /* CloudTrail writes no array into userIdentity. */
        return *walk->at == '{' && walk_object(walk, &unknown, depth + 1);
    }
    return step_over_scalar(walk);
}

/* An object met for the first time: a second one would not count. */
static bool walk_below(struct walk_state *walk, const struct key *key,
                       uint32_t *entered, uint32_t bit, unsigned depth)
{
    if (*entered & bit || *walk->at != '{')
        return false;
    *entered |= bit;
    if (!walk_object(walk, key->below, depth + 1))
        return false;
    walk->has_identity |= depth == 1; /* no other object there has fields */
    return true;
}

static bool walk_member(struct walk_state *walk, const struct level *level,
                        size_t *next, uint32_t *entered, unsigned depth)
{
    const struct key *key;

    if (!take_key(walk, level, next, &key) || !at_token(walk))
        return false;
    if (key && key->below)
        return walk_below(walk, key, entered,
                          UINT32_C(1) << (key - level->keys), depth);
    if (key && key->field != NO_FIELD)
        return walk_field(walk, key->field);
    return walk_other(walk, depth);
}

static bool walk_object(struct walk_state *walk, const struct level *level,
                        unsigned depth)
{
    uint32_t entered = 0;
    size_t next = 0;

    if (depth > WALK_DEPTH || !take(walk, '{'))
        return false;
    if (take(walk, '}'))
        return true;
    do
        if (!walk_member(walk, level, &next, &entered, depth))
            return false;
    while (take(walk, ','));
    return take(walk, '}');
}

/* NOLINTEND(misc-no-recursion) */

/* At the record's brace, with all fields absent. */
static struct walk_state begin_walk(struct span record, struct event *event)
{
    for (int i = 0; i < EVENT_FIELD_COUNT; i++)
        event->field[i] = SPAN_ABSENT;
    return (struct walk_state){
        .at = record.ptr,
        .end = record.ptr + record.len,
        .event = event,
        .timestamp = SPAN_ABSENT,
    };
}

bool extract_plain(struct span record, struct event *event)
{
    struct walk_state walk = begin_walk(record, event);

    if (!walk_object(&walk, &record_level, 1) || walk.at != walk.end)
        return false;
    /* A shipper's own key stands in for a time that it dropped. */
    if (!(walk.seen >> EVENT_TIME & 1))
        event->field[EVENT_TIME] = walk.timestamp;
    event->time = timestamp_parse(event->field[EVENT_TIME]);
    event->record = record;
    return true;
}

bool extract_glance(struct span record, struct event *event)
{
    const uint32_t wanted = UINT32_C(1) << EVENT_SOURCE |
                            UINT32_C(1) << EVENT_NAME |
                            UINT32_C(1) << EVENT_SOURCE_IP_ADDRESS;
    struct walk_state walk = begin_walk(record, event);

    walk.until = UINT32_C(1) << EVENT_SOURCE_IP_ADDRESS;
    (void)walk_object(&walk, &record_level, 1);
    return walk.has_stopped && walk.has_identity &&
           (walk.seen & wanted) == wanted;
}

static void scan_destroy(struct extractor *extractor)
{
    if (!extractor)
        return;
    extract_dom.destroy(extractor->reference);
    sys_free(extractor);
}

static struct extractor *scan_create(void)
{
    struct extractor *extractor = sys_calloc(1, sizeof(*extractor));

    if (!extractor)
        return NULL;
    extractor->reference = extract_dom.create();
    if (!extractor->reference) {
        scan_destroy(extractor);
        return NULL;
    }
    return extractor;
}

static int scan_record(struct extractor *extractor, struct span record,
                       struct arena *arena, struct event *event,
                       struct err *err)
{
    if (extract_plain(record, event)) {
        extractor->taken++;
        return 0;
    }
    extractor->handed_on++;
    return extract_dom.record(extractor->reference, record, arena, event, err);
}

static void scan_count(const struct extractor *extractor, uint64_t *taken,
                       uint64_t *handed_on)
{
    *taken = extractor->taken;
    *handed_on = extractor->handed_on;
}

const struct extractor_kind extract_scan = {
    .name = "scan",
    .create = scan_create,
    .destroy = scan_destroy,
    .record = scan_record,
    .count = scan_count,
};
