/*
 * The fast extractor: one walk over a record's own members and those of
 * userIdentity, everything else stepped over by its brackets. It knows the
 * order in which CloudTrail writes keys and tries the expected one first, and
 * what nearly all calls by instances say between their texts.
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
    char written[40]; /* as CloudTrail writes it behind another member, with
                       * what the value begins with if that is known: ,"name":"
                       */
    unsigned char len;
    unsigned char name_len;
    signed char field;         /* an event_field, or one of: */
    char opens;                /* the value's first byte: '"', '{'; 0: any */
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
#define WRITTEN(name, opens) ",\"" name "\":" opens, \
                             sizeof(",\"" name "\":" opens) - 1, sizeof(name) - 1
#define FIELD(name, field)  {WRITTEN(name, "\""), field, '"', NULL}
#define TEXT(name)          {WRITTEN(name, "\""), NO_FIELD, '"', NULL}
#define OBJECT(name, level) {WRITTEN(name, "{"), NO_FIELD, '{', level}
#define OTHER(name)         {WRITTEN(name, ""), NO_FIELD, '\0', NULL}
#define LEVEL(keys)         {keys, sizeof(keys) / sizeof(keys[0])}
/* clang-format on */

static const struct key issuer_keys[] = {
    TEXT("type"),
    TEXT("principalId"),
    FIELD("arn", EVENT_ROLE_ARN),
    TEXT("accountId"),
    FIELD("userName", EVENT_ROLE_NAME),
};
static const struct level issuer_level = LEVEL(issuer_keys);

static const struct key attribute_keys[] = {
    FIELD("creationDate", EVENT_SESSION_CREATION_DATE),
    TEXT("mfaAuthenticated"),
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
    TEXT("userName"),
    OBJECT("sessionContext", &session_level),
    FIELD("invokedBy", EVENT_INVOKED_BY),
    OBJECT("inScopeOf", &scope_level),
};
static const struct level identity_level = LEVEL(identity_keys);

static const struct key record_keys[] = {
    TEXT("eventVersion"),
    OBJECT("userIdentity", &identity_level),
    FIELD("eventTime", EVENT_TIME),
    FIELD("eventSource", EVENT_SOURCE),
    FIELD("eventName", EVENT_NAME),
    FIELD("awsRegion", EVENT_AWS_REGION),
    FIELD("sourceIPAddress", EVENT_SOURCE_IP_ADDRESS),
    FIELD("userAgent", EVENT_USER_AGENT),
    FIELD("errorCode", EVENT_ERROR_CODE),
    TEXT("errorMessage"),
    OTHER("requestParameters"),
    OTHER("responseElements"),
    OTHER("additionalEventData"),
    TEXT("requestID"),
    FIELD("eventID", EVENT_ID),
    OTHER("readOnly"),
    OTHER("resources"),
    TEXT("eventType"),
    OTHER("managementEvent"),
    FIELD("recipientAccountId", EVENT_RECIPIENT_ACCOUNT_ID),
    TEXT("sharedEventID"),
    FIELD("vpcEndpointId", EVENT_VPC_ENDPOINT_ID),
    FIELD("vpcEndpointAccountId", EVENT_VPC_ENDPOINT_ACCOUNT_ID),
    FIELD("eventCategory", EVENT_CATEGORY),
    OTHER("tlsDetails"),
    FIELD("sessionCredentialFromConsole", EVENT_FROM_CONSOLE),
    FIELD("@timestamp", TIMESTAMP_FIELD),
};
static const struct level record_level = LEVEL(record_keys);
static const struct key *const behind_usual_fields =
    &record_keys[7]; /* userAgent */

/* userIdentity is five levels deep at most; what is deeper is unusual. */
#define WALK_DEPTH 16

/* A walk over one record. Every step takes the place that it begins at and
 * gives the one behind it, NULL for what is unusual. */
struct walk_state {
    const char *end;
    struct event *event;
    struct span timestamp; /* of "@timestamp" */
    uint32_t seen;         /* fields whose key was met: bit n is field n */
    uint32_t until;        /* behind this field the walk … */
    bool has_stopped;      /* … stops as if it were unusual */
    bool has_identity;     /* userIdentity was walked through */
};

_Static_assert(FIELD_BITS <= 32, "a bit for each field");

static inline uint64_t load_8(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return word;
}

static const char *skip_space_slowly(const char *at, const char *end)
{
    while (at < end && memchr(" \t\n\r", *at, 4))
        at++;
    return at;
}

/* CloudTrail writes no white space: look whether there is any before
 * stepping over it. NULL at the end. */
static inline const char *to_token(const struct walk_state *walk,
                                   const char *at)
{
    if (at < walk->end && (unsigned char)*at <= ' ')
        at = skip_space_slowly(at, walk->end);
    return at < walk->end ? at : NULL;
}

/* The rest of a string of plain characters: `*text` is all up to its closing
 * quote. */
static inline const char *take_plain_text(const struct walk_state *walk,
                                          const char *at, struct span *text)
{
    const char *stop = plain_run(at, walk->end);

    if (stop == walk->end || *stop != '"')
        return NULL;
    *text = span_of(at, (size_t)(stop - at));
    return stop + 1;
}

/* The rest of a string that nobody reads: what its characters are does not
 * matter. */
static const char *step_over_text(const char *at, const char *end)
{
    for (;;) {
        size_t bytes = 1;
        uint32_t code;

        at = plain_run(at, end);
        if (at == end)
            return NULL;
        if (*at == '\\')
            bytes = json_string_escape(span_of(at, (size_t)(end - at)), &code);
        if (bytes == 0)
            return NULL;
        at += bytes;
        if (bytes == 1 && at[-1] == '"')
            return at;
    }
}

static const char *take_digits(const char *at, const char *end)
{
    const char *start = at;

    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at > start ? at : NULL;
}

/* Does `at` begin with the literal? */
static inline bool is_literal(const char *at, const char *end,
                              struct span literal)
{
    return (size_t)(end - at) > literal.len &&
           memcmp(at, literal.ptr, literal.len) == 0;
}

/* A literal, or an integer without sign; other numbers are rare here. */
static const char *step_over_scalar(const char *at, const char *end)
{
    if (is_literal(at, end, SPAN("null")) || is_literal(at, end, SPAN("true")))
        return at + 4;
    if (is_literal(at, end, SPAN("false")))
        return at + 5;
    if (*at == '0' || !(at = take_digits(at, end)))
        return NULL;
    return at < end && !memchr(".eE", *at, 3) ? at : NULL;
}

/* An object or array in which there is no field, by its brackets. */
static const char *step_over_container(const char *at, const char *end)
{
    struct delimit delimit = {0};

    return delimit_value(&delimit, at, end);
}

static inline struct span name_of(const struct key *key)
{
    return span_of(key->written + 2, key->name_len);
}

/* The first eight bytes at `at`, the first of them, a brace or a comma, as
 * if it were a comma. */
static inline uint64_t head_of(const char *at)
{
    return (load_8(at) & load_8("\0\xff\xff\xff\xff\xff\xff\xff")) |
           load_8(",\0\0\0\0\0\0");
}

/* Does the text at `at` begin with the key? Every key has eight bytes at
 * least, and these tell nearly all keys apart. */
static inline bool is_key(const char *at, uint64_t head, const struct key *key)
{
    size_t last = key->len - sizeof(head);

    if (head != load_8(key->written) ||
        load_8(at + last) != load_8(key->written + last))
        return false;
    for (size_t i = sizeof(head); i < last; i += sizeof(head))
        if (load_8(at + i) != load_8(key->written + i))
            return false;
    return true;
}

/* The key that is expected next, or one behind it, as CloudTrail writes it.
 * `at` is at the brace or comma before it. NULL if it is not there. */
static inline const struct key *expected_key(const struct walk_state *walk,
                                             const char *at,
                                             const struct level *level,
                                             const struct key *next)
{
    const struct key *stop = level->keys + level->count;
    size_t left = (size_t)(walk->end - at);
    uint64_t head;

    if (left < sizeof(head))
        return NULL; /* no key fits: take_key() has the other way */
    head = head_of(at);
    for (; next < stop; next++)
        if (left > next->len && is_key(at, head, next))
            return next;
    return NULL;
}

/* The entry of a key of any writing; NULL: unknown. */
static const struct key *find_key(const struct level *level, struct span name)
{
    for (size_t i = 0; i < level->count; i++)
        if (span_eq(name_of(&level->keys[i]), name))
            return &level->keys[i];
    return NULL;
}

/* Any key, from the brace or comma before it to its value. `*key` is NULL if
 * it is unknown. */
static const char *take_key(const struct walk_state *walk, const char *at,
                            const struct level *level, const struct key **key)
{
    struct span name;

    at = to_token(walk, at + 1);
    if (!at || *at != '"' || !(at = take_plain_text(walk, at + 1, &name)))
        return NULL;
    at = to_token(walk, at);
    if (!at || *at != ':')
        return NULL;
    *key = find_key(level, name);
    return to_token(walk, at + 1);
}

/* Text behind a literal that begins where the text before it ends. Gives the
 * text's own closing quote, NULL if it is not as usual. */
static inline const char *take_usual(const struct walk_state *walk,
                                     const char *at, struct span literal,
                                     struct span *text)
{
    const char *after;

    if (!is_literal(at, walk->end, literal))
        return NULL;
    after = take_plain_text(walk, at + literal.len, text);
    return after ? after - 1 : NULL;
}

/* clang-format off */
#define TAKE(literal, text)                                     \
    if (!(at = take_usual(walk, at, SPAN(literal), &(text))))   \
        return NULL;

/* userIdentity as CloudTrail has written it for nearly all calls by instances
 * since 2022. Where it ends early, the fields that it has set are in the
 * record just so: walk_object() sets them again. */
static const char *walk_usual_identity(const struct walk_state *walk,
                                       const char *at)
{
    struct span *field = walk->event->field;
    struct span other;

    TAKE("{\"type\":\"", field[EVENT_IDENTITY_TYPE])
    TAKE("\",\"principalId\":\"", field[EVENT_PRINCIPAL_ID])
    TAKE("\",\"arn\":\"", field[EVENT_IDENTITY_ARN])
    TAKE("\",\"accountId\":\"", field[EVENT_ACCOUNT_ID])
    TAKE("\",\"accessKeyId\":\"", field[EVENT_ACCESS_KEY_ID])
    TAKE("\",\"sessionContext\":{\"sessionIssuer\":{\"type\":\"", other)
    TAKE("\",\"principalId\":\"", other)
    TAKE("\",\"arn\":\"", field[EVENT_ROLE_ARN])
    TAKE("\",\"accountId\":\"", other)
    TAKE("\",\"userName\":\"", field[EVENT_ROLE_NAME])
    at++;
    if (is_literal(at, walk->end, SPAN("},\"webIdFederationData\":{}")))
        at += sizeof("},\"webIdFederationData\":{") - 1;
    TAKE("},\"attributes\":{\"creationDate\":\"", field[EVENT_SESSION_CREATION_DATE])
    TAKE("\",\"mfaAuthenticated\":\"", other)
    TAKE("\"},\"ec2RoleDelivery\":\"", field[EVENT_EC2_ROLE_DELIVERY])
    if (!is_literal(at, walk->end, SPAN("\"}}"))) {
        TAKE("\"},\"inScopeOf\":{\"issuerType\":\"", field[EVENT_ISSUER_TYPE])
        TAKE("\",\"credentialsIssuedTo\":\"", field[EVENT_CREDENTIALS_ISSUED_TO])
    }
    return is_literal(at, walk->end, SPAN("\"}}")) ? at + 3 : NULL;
}

/* The fields between userIdentity and userAgent, which every record has. */
static const char *walk_usual_fields(const struct walk_state *walk,
                                     const char *at)
{
    struct span *field = walk->event->field;

    TAKE(",\"eventTime\":\"", field[EVENT_TIME])
    TAKE("\",\"eventSource\":\"", field[EVENT_SOURCE])
    TAKE("\",\"eventName\":\"", field[EVENT_NAME])
    TAKE("\",\"awsRegion\":\"", field[EVENT_AWS_REGION])
    TAKE("\",\"sourceIPAddress\":\"", field[EVENT_SOURCE_IP_ADDRESS])
    return at + 1;
}
/* clang-format on */

#define BIT(field) (UINT32_C(1) << (field))
#define USUAL_FIELDS                                         \
    (BIT(EVENT_TIME) | BIT(EVENT_SOURCE) | BIT(EVENT_NAME) | \
     BIT(EVENT_AWS_REGION) | BIT(EVENT_SOURCE_IP_ADDRESS))

/* Objects in objects call each other, at most WALK_DEPTH deep. */
/* NOLINTBEGIN(misc-no-recursion) */
static const char *walk_object(struct walk_state *walk, const char *at,
                               const struct level *level, unsigned depth);

/* The value behind a field's key. What is no string leaves it absent. */
static inline const char *walk_field(struct walk_state *walk, const char *at,
                                     int field)
{
    uint32_t bit = UINT32_C(1) << field;
    struct span *text = field == TIMESTAMP_FIELD ? &walk->timestamp
                                                 : &walk->event->field[field];

    if (walk->seen & bit)
        return NULL; /* the first counts: the reference sees to it */
    walk->seen |= bit;
    if (*at == '"') {
        at = take_plain_text(walk, at + 1, text);
        if (!(walk->until & bit))
            return at;
        walk->has_stopped = at != NULL;
        return NULL;
    }
    return *at != '{' && *at != '[' ? step_over_scalar(at, walk->end) : NULL;
}

/* Any other value. `depth` 1 is the record's own level. */
static inline const char *walk_other(struct walk_state *walk, const char *at,
                                     unsigned depth)
{
    if (*at == '"') {
        struct span text;
        const char *after = take_plain_text(walk, at + 1, &text);

        return after ? after : step_over_text(at + 1, walk->end);
    }
    if (*at == '{' || *at == '[') {
        static const struct level unknown = {record_keys, 0};

        if (depth == 1)
            return step_over_container(at, walk->end);
        /* CloudTrail writes no array into userIdentity. */
        return *at == '{' ? walk_object(walk, at, &unknown, depth + 1) : NULL;
    }
    return step_over_scalar(at, walk->end);
}

/* What has been met of an object so far. */
struct place {
    const struct level *level;
    const struct key *next; /* is expected */
    uint32_t entered;       /* bit n: the object behind the level's key n */
    unsigned depth;         /* 1: the record itself */
};

/* userIdentity, and what is always behind it. */
static const char *walk_identity(struct walk_state *walk, const char *at,
                                 struct place *place)
{
    const char *after = walk_usual_identity(walk, at);
    const char *further;

    if (!after)
        after = walk_object(walk, at, &identity_level, place->depth + 1);
    walk->has_identity = after != NULL;
    if (!after || walk->until || walk->seen & USUAL_FIELDS)
        return after;
    further = walk_usual_fields(walk, after);
    if (!further)
        return after;
    walk->seen |= USUAL_FIELDS;
    place->next = behind_usual_fields;
    return further;
}

/* An object met for the first time: a second one would not count. */
static const char *walk_below(struct walk_state *walk, const char *at,
                              const struct key *key, struct place *place)
{
    uint32_t bit = BIT(key - place->level->keys);

    if (place->entered & bit || *at != '{')
        return NULL;
    place->entered |= bit;
    if (key->below == &identity_level)
        return walk_identity(walk, at, place);
    return walk_object(walk, at, key->below, place->depth + 1);
}

/* A member, from the brace or comma before it. */
static inline const char *walk_member(struct walk_state *walk, const char *at,
                                      struct place *place)
{
    const struct level *level = place->level;
    const struct key *key = expected_key(walk, at, level, place->next);

    if (key)
        at += key->len - (key->opens != '\0');
    else if (!(at = take_key(walk, at, level, &key)))
        return NULL;
    if (!key)
        return walk_other(walk, at, place->depth);
    place->next = key + 1;
    if (key->field != NO_FIELD)
        return walk_field(walk, at, key->field);
    if (key->below)
        return walk_below(walk, at, key, place);
    return walk_other(walk, at, place->depth);
}

static const char *walk_object(struct walk_state *walk, const char *at,
                               const struct level *level, unsigned depth)
{
    struct place place = {level, level->keys, 0, depth};
    const char *inside = to_token(walk, at + 1);

    if (depth > WALK_DEPTH || !inside)
        return NULL;
    if (*inside == '}')
        return inside + 1;
    do {
        at = walk_member(walk, at, &place);
        if (!at || !(at = to_token(walk, at)))
            return NULL;
    } while (*at == ',');
    return *at == '}' ? at + 1 : NULL;
}

/* NOLINTEND(misc-no-recursion) */

/* At the record's brace, with all fields absent. */
static struct walk_state begin_walk(struct span record, struct event *event)
{
    for (int i = 0; i < EVENT_FIELD_COUNT; i++)
        event->field[i] = SPAN_ABSENT;
    return (struct walk_state){
        .end = record.ptr + record.len,
        .event = event,
        .timestamp = SPAN_ABSENT,
    };
}

bool extract_plain(struct span record, struct event *event)
{
    struct walk_state walk = begin_walk(record, event);

    if (walk_object(&walk, record.ptr, &record_level, 1) != walk.end)
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
    (void)walk_object(&walk, record.ptr, &record_level, 1);
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
