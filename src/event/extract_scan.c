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
static const struct key *const identity_key = &record_keys[1];
static const struct key *const behind_usual_fields =
    &record_keys[7]; /* userAgent */

/* userIdentity is five levels deep at most; what is deeper is unusual. */
#define WALK_DEPTH 16

/* A walk over one record. Every step takes the place that it begins at and
 * gives the one behind it, NULL for what is unusual. */
struct walk_state {
    const char *end; /* of the record, or of what it begins */
    struct event *event;
    struct span timestamp; /* of "@timestamp" */
    uint32_t seen;         /* fields whose key was met: bit n is field n */
    uint32_t until;        /* behind this field the walk … */
    bool has_stopped;      /* … stops as if it were unusual */
    bool has_identity;     /* userIdentity was walked through */
    bool is_first;         /* nobody has been through the record before */
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

/* Do the bytes at `at` begin with the literal? Compilers leave a long memcmp()
 * to the C library, but unroll this. */
static inline bool are_literal(const char *at, struct span literal)
{
    const size_t last = literal.len - sizeof(uint64_t);
    uint64_t differ = 0;

    if (literal.len < sizeof(uint64_t))
        return memcmp(at, literal.ptr, literal.len) == 0;
    for (size_t i = 0; i < last; i += sizeof(uint64_t))
        differ |= load_8(at + i) ^ load_8(literal.ptr + i);
    return (differ | (load_8(at + last) ^ load_8(literal.ptr + last))) == 0;
}

/* The same, with something behind it. */
static inline bool is_literal(const char *at, const char *end,
                              struct span literal)
{
    return (size_t)(end - at) > literal.len && are_literal(at, literal);
}

/* Behind `null`, `true` or `false`; NULL if it is none, or among the last
 * bytes. Which of them it is cannot be foretold, so no branch asks. */
static inline const char *step_over_word(const char *at, const char *end)
{
    uint64_t bytes, four;
    bool is_null, is_true, is_false;

    if ((size_t)(end - at) < sizeof(bytes))
        return NULL;
    bytes = load_8(at);
    four = bytes & load_8("\xff\xff\xff\xff\0\0\0");
    is_null = four == load_8("null\0\0\0");
    is_true = four == load_8("true\0\0\0");
    is_false =
        (bytes & load_8("\xff\xff\xff\xff\xff\0\0")) == load_8("false\0\0");
    return (is_null | is_true | is_false) ? at + 4 + is_false : NULL;
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

/* Is the record too deep for what this container of it holds? */
static bool makes_too_deep(const char *at, const char *after)
{
    struct delimit record = {.depth = 1};

    if (after - at < 2 * DELIMIT_DEPTH_LIMIT)
        return false; /* it has no room for so many brackets */
    (void)delimit_value(&record, at, after);
    return record.deep;
}

/* An object or array in which there is no field, by its brackets. Not in line:
 * its branches are told better where all objects share them. */
static __attribute__((noinline)) const char *step_over_container(
    const struct walk_state *walk, const char *at)
{
    struct delimit delimit = {0};
    const char *after = delimit_value(&delimit, at, walk->end);

    if (after && walk->is_first &&
        (delimit.illegal || makes_too_deep(at, after)))
        return NULL;
    return after;
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

/* What take_sized() could not tell. */
static __attribute__((noinline)) const char *take_unsized(
    const struct walk_state *walk, const char *at, struct span literal,
    struct span *text)
{
    return take_usual(walk, at, literal, text);
}

/* The same for a text that nearly always is `len` bytes long. */
static inline const char *take_sized(const struct walk_state *walk,
                                     const char *at, struct span literal,
                                     size_t len, struct span *text)
{
    const char *start = at + literal.len;

    if ((size_t)(walk->end - at) < literal.len + PLAIN_RUN_ROOM(len))
        return take_unsized(walk, at, literal, text);
    if (!are_literal(at, literal))
        return NULL;
    if (start[len] != '"' || !plain_run_holds(start, len))
        return take_unsized(walk, at, literal, text);
    *text = span_of(start, len);
    return start + len;
}

/* clang-format off */
#define TAKE(literal, text)                                     \
    if (!(at = take_usual(walk, at, SPAN(literal), &(text))))   \
        return NULL;
#define TAKE_SIZED(literal, len, text)                              \
    if (!(at = take_sized(walk, at, SPAN(literal), len, &(text))))  \
        return NULL;

/* What userIdentity says behind its type, as CloudTrail has written it since
 * 2022 for nearly all calls: of services, of users, who may have a session, and
 * of roles' sessions. From the type's closing quote to behind the last brace. */
static const char *walk_service(const struct walk_state *walk, const char *at)
{
    struct span *field = walk->event->field;

    TAKE("\",\"invokedBy\":\"", field[EVENT_INVOKED_BY])
    return is_literal(at, walk->end, SPAN("\"}")) ? at + 2 : NULL;
}

static const char *walk_user(const struct walk_state *walk, const char *at)
{
    struct span *field = walk->event->field;
    struct span other;

    TAKE_SIZED("\",\"principalId\":\"", 21, field[EVENT_PRINCIPAL_ID])
    TAKE("\",\"arn\":\"", field[EVENT_IDENTITY_ARN])
    TAKE_SIZED("\",\"accountId\":\"", 12, field[EVENT_ACCOUNT_ID])
    TAKE_SIZED("\",\"accessKeyId\":\"", 20, field[EVENT_ACCESS_KEY_ID])
    TAKE("\",\"userName\":\"", other)
    if (is_literal(at, walk->end, SPAN("\"}")))
        return at + 2;
    TAKE_SIZED("\",\"sessionContext\":{\"attributes\":{\"creationDate\":\"", 20, field[EVENT_SESSION_CREATION_DATE])
    TAKE_SIZED("\",\"mfaAuthenticated\":\"", 5, other)
    return is_literal(at, walk->end, SPAN("\"}}}")) ? at + 4 : NULL;
}

/* What may follow behind sessionContext. */
static const char *walk_behind_session(const struct walk_state *walk,
                                       const char *at)
{
    struct span *field = walk->event->field;

    if (is_literal(at, walk->end, SPAN(",\"invokedBy\":\""))) {
        TAKE(",\"invokedBy\":\"", field[EVENT_INVOKED_BY])
        at++;
    }
    if (is_literal(at, walk->end, SPAN(",\"inScopeOf\":{"))) {
        TAKE_SIZED(",\"inScopeOf\":{\"issuerType\":\"", 18, field[EVENT_ISSUER_TYPE])
        TAKE("\",\"credentialsIssuedTo\":\"", field[EVENT_CREDENTIALS_ISSUED_TO])
        if (!is_literal(at, walk->end, SPAN("\"}")))
            return NULL;
        at += 2;
    }
    return at < walk->end && *at == '}' ? at + 1 : NULL;
}

static const char *walk_session(const struct walk_state *walk, const char *at)
{
    struct span *field = walk->event->field;
    struct span other;

    TAKE_SIZED("\",\"principalId\":\"", 41, field[EVENT_PRINCIPAL_ID])
    TAKE("\",\"arn\":\"", field[EVENT_IDENTITY_ARN])
    TAKE_SIZED("\",\"accountId\":\"", 12, field[EVENT_ACCOUNT_ID])
    TAKE_SIZED("\",\"accessKeyId\":\"", 20, field[EVENT_ACCESS_KEY_ID])
    TAKE_SIZED("\",\"sessionContext\":{\"sessionIssuer\":{\"type\":\"", 4, other)
    TAKE_SIZED("\",\"principalId\":\"", 21, other)
    TAKE("\",\"arn\":\"", field[EVENT_ROLE_ARN])
    TAKE_SIZED("\",\"accountId\":\"", 12, other)
    TAKE("\",\"userName\":\"", field[EVENT_ROLE_NAME])
    at++;
    if (is_literal(at, walk->end, SPAN("},\"webIdFederationData\":{}")))
        at += sizeof("},\"webIdFederationData\":{") - 1;
    TAKE_SIZED("},\"attributes\":{\"creationDate\":\"", 20, field[EVENT_SESSION_CREATION_DATE])
    TAKE_SIZED("\",\"mfaAuthenticated\":\"", 5, other)
    if (is_literal(at, walk->end, SPAN("\"},\"ec2RoleDelivery\":\""))) {
        TAKE_SIZED("\"},\"ec2RoleDelivery\":\"", 3, field[EVENT_EC2_ROLE_DELIVERY])
    } else if (is_literal(at, walk->end, SPAN("\"}}"))) {
        at++; /* now, too, one byte before sessionContext's brace */
    }
    return is_literal(at + 1, walk->end, SPAN("}"))
               ? walk_behind_session(walk, at + 2)
               : NULL;
}

/* Where it ends early, the fields that it has set are in the record just so:
 * walk_object() sets them again. */
static const char *walk_usual_identity(const struct walk_state *walk,
                                       const char *at)
{
    struct span type;

    TAKE("{\"type\":\"", type)
    walk->event->field[EVENT_IDENTITY_TYPE] = type;
    if (span_eq(type, SPAN("AssumedRole")))
        return walk_session(walk, at);
    return is_literal(at, walk->end, SPAN("\",\"invokedBy\":\""))
               ? walk_service(walk, at)
               : walk_user(walk, at);
}

/* The fields between userIdentity and userAgent, which every record has. */
static const char *walk_usual_fields(const struct walk_state *walk,
                                     const char *at)
{
    struct span *field = walk->event->field;

    TAKE_SIZED(",\"eventTime\":\"", 20, field[EVENT_TIME])
    TAKE("\",\"eventSource\":\"", field[EVENT_SOURCE])
    TAKE("\",\"eventName\":\"", field[EVENT_NAME])
    TAKE_SIZED("\",\"awsRegion\":\"", 9, field[EVENT_AWS_REGION])
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
            return step_over_container(walk, at);
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

/* Is the member that begins with the literal there? Which it is mostly shows in
 * its first bytes. */
static inline bool is_member(const struct walk_state *walk, const char *at,
                             struct span literal)
{
    return (size_t)(walk->end - at) > literal.len &&
           load_8(at) == load_8(literal.ptr) && are_literal(at, literal);
}

/* A field as CloudTrail writes it, mostly `len` bytes long (0: of any length).
 * Gives the place behind it, or `at` if it is not there or not as usual. */
static inline const char *pass_field(struct walk_state *walk, const char *at,
                                     struct span literal, size_t len, int field)
{
    const char *quote;
    struct span text;

    if (!is_member(walk, at, literal))
        return at;
    quote = len ? take_sized(walk, at, literal, len, &text)
                : take_usual(walk, at, literal, &text);
    if (!quote)
        return at;
    walk->seen |= BIT(field);
    walk->event->field[field] = text;
    return quote + 1;
}

/* The same for text that nobody reads. */
static inline const char *pass_text(const struct walk_state *walk,
                                    const char *at, struct span literal,
                                    size_t len)
{
    const char *after;
    struct span text;

    if (!is_member(walk, at, literal))
        return at;
    after = len ? take_sized(walk, at, literal, len, &text)
                : take_usual(walk, at, literal, &text);
    if (after)
        return after + 1;
    after = step_over_text(at + literal.len, walk->end);
    return after ? after : at;
}

/* The same for null, a truth or an object. */
static inline const char *pass_other(struct walk_state *walk, const char *at,
                                     struct span literal)
{
    const char *value = at + literal.len;
    const char *after;

    if (!is_member(walk, at, literal))
        return at;
    after = step_over_word(value, walk->end);
    if (!after && (*value == '{' || *value == '['))
        after = step_over_container(walk, value);
    else if (!after)
        after = step_over_scalar(value, walk->end);
    return after ? after : at;
}

/* clang-format off */
#define PASS_FIELD(name, len, field) \
    at = pass_field(walk, at, SPAN(",\"" name "\":\""), len, field);
#define PASS_TEXT(name, len) \
    at = pass_text(walk, at, SPAN(",\"" name "\":\""), len);
#define PASS_OTHER(name) at = pass_other(walk, at, SPAN(",\"" name "\":"));

/* What a record says behind sourceIPAddress, from a comma to where it is no
 * more as usual, at best the record's last brace. */
static const char *pass_usual_rest(struct walk_state *walk, const char *at)
{
    PASS_FIELD("userAgent", 0, EVENT_USER_AGENT)
    PASS_FIELD("errorCode", 0, EVENT_ERROR_CODE)
    PASS_TEXT("errorMessage", 0)
    PASS_OTHER("requestParameters")
    PASS_OTHER("responseElements")
    PASS_OTHER("additionalEventData")
    PASS_TEXT("requestID", 36)
    PASS_FIELD("eventID", 36, EVENT_ID)
    PASS_OTHER("readOnly")
    PASS_OTHER("resources")
    PASS_TEXT("eventType", 10)
    PASS_TEXT("apiVersion", 10)
    PASS_OTHER("managementEvent")
    PASS_FIELD("recipientAccountId", 12, EVENT_RECIPIENT_ACCOUNT_ID)
    PASS_TEXT("sharedEventID", 36)
    PASS_FIELD("vpcEndpointId", 22, EVENT_VPC_ENDPOINT_ID)
    PASS_FIELD("vpcEndpointAccountId", 12, EVENT_VPC_ENDPOINT_ACCOUNT_ID)
    PASS_FIELD("eventCategory", 10, EVENT_CATEGORY)
    PASS_OTHER("tlsDetails")
    return at;
}
/* clang-format on */

static inline const char *walk_identity(struct walk_state *walk, const char *at,
                                        unsigned depth)
{
    const char *after = walk_usual_identity(walk, at);

    if (!after)
        after = walk_object(walk, at, &identity_level, depth);
    walk->has_identity = after != NULL;
    return after;
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
        return walk_identity(walk, at, place->depth + 1);
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

/* The rest of an object, from behind a member of it. */
static const char *walk_on(struct walk_state *walk, const char *at,
                           struct place *place)
{
    while (at && (at = to_token(walk, at)) && *at == ',')
        at = walk_member(walk, at, place);
    return at && *at == '}' ? at + 1 : NULL;
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
    return walk_on(walk, walk_member(walk, at, &place), &place);
}

/* NOLINTEND(misc-no-recursion) */

/* userIdentity's brace, if the record begins as usual; else NULL. */
static const char *usual_identity(const struct walk_state *walk, const char *at)
{
    struct span other;

    at = take_sized(walk, at, SPAN("{\"eventVersion\":\""), 4, &other);
    if (!at || !is_literal(at, walk->end, SPAN("\",\"userIdentity\":{")))
        return NULL;
    return at + sizeof("\",\"userIdentity\":") - 1;
}

/* The members from userIdentity on, up to where they are no more as usual. */
static const char *walk_usual_members(struct walk_state *walk, const char *at,
                                      struct place *place)
{
    const char *after;

    at = walk_identity(walk, at, place->depth + 1);
    after = at ? walk_usual_fields(walk, at) : NULL;
    if (!after)
        return at;
    walk->seen |= USUAL_FIELDS;
    walk->has_stopped = walk->until != 0;
    if (walk->has_stopped)
        return NULL;
    place->next = behind_usual_fields;
    return pass_usual_rest(walk, after);
}

static const char *walk_record(struct walk_state *walk, const char *at)
{
    struct place place = {
        .level = &record_level,
        .next = identity_key + 1,
        .entered = BIT(identity_key - record_keys),
        .depth = 1,
    };
    const char *identity = usual_identity(walk, at);

    if (!identity)
        return walk_object(walk, at, &record_level, 1);
    return walk_on(walk, walk_usual_members(walk, identity, &place), &place);
}

/* At the record's brace, with all fields absent. */
static struct walk_state begin_walk(struct span record, struct event *event)
{
#pragma GCC unroll 32 /* else 50 single stores in a loop */
    for (int i = 0; i < EVENT_FIELD_COUNT; i++)
        event->field[i] = SPAN_ABSENT;
    return (struct walk_state){
        .end = record.ptr + record.len,
        .event = event,
        .timestamp = SPAN_ABSENT,
    };
}

/* Fill the event from the record at `text`, up to whose end `text` reaches at
 * least. The byte behind the record, or NULL. */
static const char *extract_here(struct span text, bool is_first,
                                struct event *event)
{
    struct walk_state walk = begin_walk(text, event);
    const char *after;

    walk.is_first = is_first;
    after = walk_record(&walk, text.ptr);
    if (!after)
        return NULL;
    /* A shipper's own key stands in for a time that it dropped. */
    if (!(walk.seen >> EVENT_TIME & 1))
        event->field[EVENT_TIME] = walk.timestamp;
    event->time = timestamp_parse(event->field[EVENT_TIME]);
    event->record = span_of(text.ptr, (size_t)(after - text.ptr));
    return after;
}

bool extract_plain(struct span record, struct event *event)
{
    return extract_here(record, false, event) == record.ptr + record.len;
}

bool extract_front(struct span text, struct event *event)
{
    return extract_here(text, true, event) != NULL;
}

bool extract_front_is_instances(struct span text)
{
    /* Lengths are what matters here. */
    const size_t colon =
        SPAN("{\"eventVersion\":\"1.08\",\"userIdentity\":{\"type\":"
             "\"AssumedRole\",\"principalId\":\"AROAEXAMPLEEXAMPLE123")
            .len;

    return text.len > colon + 3 && memcmp(text.ptr + colon, ":i-", 3) == 0;
}

bool extract_glance(struct span record, struct event *event)
{
    const uint32_t wanted = UINT32_C(1) << EVENT_SOURCE |
                            UINT32_C(1) << EVENT_NAME |
                            UINT32_C(1) << EVENT_SOURCE_IP_ADDRESS;
    struct walk_state walk = begin_walk(record, event);

    walk.until = UINT32_C(1) << EVENT_SOURCE_IP_ADDRESS;
    (void)walk_record(&walk, record.ptr);
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
