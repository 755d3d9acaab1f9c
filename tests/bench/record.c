/*
 * Every choice comes from a generator that is seeded with the record's
 * number, or from a hash of the thing it is about: an instance has the
 * same role, address and key wherever it is met.
 */
#include "record.h"

#include "calls.h"
#include "random.h"

#include <string.h>

#define COPY_PERMILLE  10
#define ERROR_PERMILLE 50
#define LATE_PERMILLE  30 /* delivered hours after the event */

/* Programs call in bursts: neighbours often share caller and call. */
#define BURST_RECORDS 8

#define KEY_LIFE_S (6 * 3600) /* an instance gets new credentials then */

/* What a hash is for; two purposes never share a value. */
enum purpose {
    FOR_COPY = 256, /* below: the letters of the notation */
    FOR_RECORD,
    FOR_BURST,
    FOR_ROLE,
    FOR_ROLE_ID,
    FOR_KEY,
    FOR_ENDPOINT,
    FOR_PRIVATE_ADDRESS,
    FOR_PERSON,
};

/* What one record is about. */
struct scene {
    const struct corpus *corpus;
    const struct place *place;
    const struct call *call;
    enum caller caller;
    struct rng choices; /* may be a burst's */
    struct rng rng;     /* the record's own: ids, errors */
    uint64_t pick;      /* the same name for the whole record, see pooled() */
    uint64_t here;      /* hash of the place */
    int64_t time;
    uint64_t instance; /* the caller, or what the call is about */

    /* The identity: a session of a role, or a user. */
    const char *role_word;
    const char *user;
    char session[96];
    int64_t session_start;
    uint64_t key;           /* what the access key is made of */
    const char *invoked_by; /* AWS service on the caller's behalf, or NULL */
    bool through_console;

    bool through_endpoint;
};

static const char *const words[] = {
    "frontend", "checkout",   "billing", "search",   "ingest",  "etl",
    "runner",   "monitoring", "gateway", "identity", "catalog", "reports",
    "bastion",  "k8s-node",   "cache",   "mailer"};

static const char *const people[] = {"jane.doe",  "john.roe",   "m.rossi",
                                     "a.schmidt", "li.wei",     "p.dupont",
                                     "deploy",    "backup-user"};

static const char *const services[] = {
    "ec2.amazonaws.com",       "lambda.amazonaws.com",
    "ecs-tasks.amazonaws.com", "autoscaling.amazonaws.com",
    "config.amazonaws.com",    "delivery.logs.amazonaws.com",
    "s3.amazonaws.com",        "cloudtrail.amazonaws.com"};

static const char *const between[] = {
    "cloudformation.amazonaws.com", "athena.amazonaws.com", "ssm.amazonaws.com",
    "autoscaling.amazonaws.com"};

/* Pieces of text that are not plain ASCII; with escapes as some services
 * write them, and without. */
static const char *const foreign_pieces[] = {
    "f\\u00fcr",         "d\\u00e9j\\u00e0", "R\\u0026D",
    "\\u003ctmp\\u003e", "\\u4e2d\\u6587",

    "\xc3\xa9t\xc3\xa9"};

static const char *const agents[CALLER_COUNT][5] = {
    [BY_INSTANCE] =
        {
            "aws-sdk-go/1.55.5 (go1.22.11; linux; amd64) "
            "amazon-ssm-agent/3.2.2303.0",
            "Boto3/1.34.51 md/Botocore#1.34.51 ua/2.0 "
            "os/linux#6.1.77-99.164.amzn2023.x86_64 lang/python#3.9.16 "
            "md/pyimpl#CPython Botocore/1.34.51",
            "aws-sdk-java/2.20.162 Linux/5.10.210-201.852.amzn2.x86_64 "
            "Java/17.0.10 vendor/Amazon.com_Inc. io/sync",
            "aws-cli/2.15.23 Python/3.11.6 exe/x86_64.amzn.2023 prompt/off",
            "aws-sdk-go-v2/1.25.0 os/linux lang/go#1.21.7",
        },
    [BY_WORKLOAD] =
        {
            "Boto3/1.34.42 md/Botocore#1.34.42 ua/2.0 "
            "os/linux#5.10.210-220.855.amzn2.x86_64 lang/python#3.12.1 "
            "exec-env/AWS_Lambda_python3.12 Botocore/1.34.42",
            "aws-sdk-js/3.521.0 ua/2.1 os/linux#5.10.210 lang/js "
            "md/nodejs#20.11.1 exec-env/AWS_Lambda_nodejs20.x m/E",
            "aws-sdk-go-v2/1.25.0 os/linux lang/go#1.21.7 "
            "exec-env/AWS_ECS_FARGATE",
            "aws-sdk-java/2.20.162 Linux/5.10.209 Java/21.0.2 "
            "exec-env/AWS_ECS_FARGATE io/async http/NettyNio",
            "aws-sdk-go/1.50.20 (go1.21.6; linux; amd64) karpenter.sh-0.34.0",
        },
    [BY_PERSON] =
        {
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) "
            "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 "
            "Safari/537.36",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:123.0) "
            "Gecko/20100101 Firefox/123.0",
            "aws-cli/2.15.24 Python/3.11.8 Darwin/23.3.0 source/arm64",
            "APN/1.0 HashiCorp/1.0 Terraform/1.7.4 "
            "(+https://www.terraform.io) terraform-provider-aws/5.38.0 "
            "(+https://registry.terraform.io/providers/hashicorp/aws) "
            "aws-sdk-go-v2/1.25.0 os/macos lang/go#1.20.14",
            "AWS Internal",
        },
    [BY_ACCOUNT] =
        {
            "aws-sdk-java/1.12.665 Linux/5.10.209 java/11.0.22",
            "aws-sdk-go/1.50.20 (go1.21.6; linux; amd64)",
            "Boto3/1.26.165 Python/3.10.6 Linux/5.15.0-1053-aws "
            "Botocore/1.29.165",
            "aws-sdk-ruby3/3.191.0 ua/2.0 os/linux#5.15 lang/ruby#3.2.3",
            "aws-sdk-js/2.1563.0 linux/v18.19.1 promise",
        },
    [BY_THIEF] =
        {
            "aws-cli/2.15.23 Python/3.11.8 Linux/6.6.9-amd64 "
            "source/x86_64.kali.2024 prompt/off",
            "Boto3/1.34.51 Python/3.11.8 Linux/6.6.9-amd64 Botocore/1.34.51",
            "aws-cli/1.32.50 md/Botocore#1.34.50 ua/2.0 os/windows#10",
            "aws-sdk-go/1.44.157 (go1.19.3; linux; amd64)",
            "python-requests/2.31.0",
        },
};

#define PICK(scene, table)               \
    (table)[rng_below(&(scene)->choices, \
                      (uint32_t)(sizeof(table) / sizeof((table)[0])))]

/* ------------------------------------------------------ pieces of text */

static void add_from(struct text *text, const char *alphabet, size_t size,
                     size_t count, struct rng *rng)
{
    char *to = text_reserve(text, count);
    uint64_t bits = 0;

    for (size_t i = 0; i < count; i++) {
        if (i % 8 == 0)
            bits = rng_next(rng);
        to[i] = alphabet[(bits & 255) * size >> 8];
        bits >>= 8;
    }
    text->len += count;
}

/* AROA..., ASIA...: base 32. */
static void add_aws_id(struct text *text, const char *prefix, size_t digits,
                       uint64_t hash)
{
    struct rng rng = {hash};

    text_str(text, prefix);
    add_from(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32, digits, &rng);
}

static void add_base64(struct text *text, size_t digits, struct rng *rng)
{
    add_from(text,
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
             64, digits, rng);
}

static void add_uuid(struct text *text, uint64_t high, uint64_t low)
{
    text_hex(text, high >> 32, 8);
    text_add(text, "-", 1);
    text_hex(text, high >> 16, 4);
    text_add(text, "-4", 2);
    text_hex(text, high, 3);
    text_add(text, "-", 1);
    text_add(text, &"89ab"[low >> 62], 1);
    text_hex(text, low >> 48, 3);
    text_add(text, "-", 1);
    text_hex(text, low, 12);
}

static void add_random_uuid(struct text *text, struct rng *rng)
{
    uint64_t high = rng_next(rng);

    add_uuid(text, high, rng_next(rng));
}

/* One of `count` things of a kind; the same one all over the record. */
static uint64_t pooled(const struct scene *scene, char letter, uint64_t count)
{
    return mix(scene->pick, (uint64_t)letter) % count;
}

/* Its name of 16 hexadecimal digits, which is the place's own. */
static void add_pooled_hex(struct text *text, const struct scene *scene,
                           const char *prefix, char letter, uint64_t count)
{
    text_str(text, prefix);
    text_hex(
        text,
        mix(scene->here, pooled(scene, letter, count) << 8 | (uint64_t)letter),
        16);
}

static const char *pooled_word(const struct scene *scene, char letter)
{
    return words[pooled(scene, letter, sizeof(words) / sizeof(words[0]))];
}

static uint64_t role_hash(const struct scene *scene, const char *word)
{
    uint64_t hash = mix(scene->here, FOR_ROLE_ID);

    for (; *word; word++)
        hash = mix(hash, (unsigned char)*word);
    return hash;
}

static void add_role_name(struct text *text, const char *word)
{
    text_str(text, word);
    text_str(text, "-role");
}

static void add_role_id(struct text *text, const struct scene *scene,
                        const char *word)
{
    add_aws_id(text, "AROA", 17, role_hash(scene, word));
}

static void add_private_address(struct text *text, const struct scene *scene)
{
    uint64_t hash = mix(scene->instance, FOR_PRIVATE_ADDRESS);

    /* 10.0.0.0 to 10.63.255.255 */
    text_ipv4(text, 0x0a000000U + (uint32_t)(hash & 0x3fffff));
}

static void add_object_key(struct text *text, const struct scene *scene)
{
    struct rng rng = {mix(scene->pick, 'k')};

    switch (rng_below(&rng, 4)) {
    case 0:
        text_str(text, "AWSLogs/");
        text_str(text, scene->place->account);
        text_str(text, "/elasticloadbalancing/");
        text_str(text, scene->place->region);
        text_str(text, "/2024/03/04/app.");
        text_str(text, words[rng_below(&rng, 8)]);
        text_str(text, "_20240304T");
        text_number(text, 1000 + rng_below(&rng, 1000));
        text_str(text, "Z_10.0.3.17_4qv1oq2x.log.gz");
        break;
    case 1:
        text_str(text, "warehouse/");
        text_str(text, words[rng_below(&rng, 8)]);
        text_str(text, "/dt=2024-03-04/part-0");
        text_number(text, 1000 + rng_below(&rng, 1000));
        text_str(text, "-c000.snappy.parquet");
        break;
    case 2:
        text_str(text, "releases/");
        text_str(text, words[rng_below(&rng, 8)]);
        text_str(text, "/build-");
        text_number(text, rng_below(&rng, 5000));
        text_str(text, ".tar.gz");
        break;
    default:
        text_str(text, "uploads/");
        if (rng_permille(&rng, 100)) {
            text_str(text, foreign_pieces[rng_below(&rng, 5)]);
            text_str(text, "/");
        }
        text_hex(text, rng_next(&rng), 12);
        text_str(text, "/original.jpg");
    }
}

/* ------------------------------------------------------- the notation */

static void expand_letter(struct text *text, struct scene *scene, char letter)
{
    struct rng *rng = &scene->rng;
    const struct place *place = scene->place;

    switch (letter) {
    case '%':
        text_str(text, "%");
        break;

    /* Where and when. */
    case 'A':
        text_str(text, place->account);
        break;
    case 'R':
        text_str(text, place->region);
        break;
    case 'z': /* availability zone */
        text_str(text, place->region);
        text_add(text, &"abc"[pooled(scene, letter, 3)], 1);
        break;
    case 'T': /* now, in milliseconds */
        text_number(text, (uint64_t)scene->time * 1000);
        break;
    case 'w': /* now */
        text_time(text, scene->time);
        break;
    case 'C': /* in an hour */
        text_time(text, scene->time + 3600);
        break;

    /* The same in the whole record. */
    case 'i': /* the instance that calls, or that is talked of */
        corpus_add_instance(scene->corpus, scene->instance, text);
        break;
    case 'a': /* its private address */
        add_private_address(text, scene);
        break;
    case 's':
        add_pooled_hex(text, scene, "subnet-0", letter, 24);
        break;
    case 'v':
        add_pooled_hex(text, scene, "vpc-0", letter, 4);
        break;
    case 'g':
        add_pooled_hex(text, scene, "sg-0", letter, 40);
        break;
    case 'm':
        add_pooled_hex(text, scene, "ami-0", letter, 20);
        break;
    case 'b': /* bucket */
        text_str(text, "example-");
        text_str(text, pooled_word(scene, letter));
        text_str(text, "-data");
        break;
    case 'k': /* key in it */
        add_object_key(text, scene);
        break;
    case 'K': { /* KMS key */
        uint64_t hash = mix(scene->here, pooled(scene, letter, 12));

        add_uuid(text, hash, scramble(hash));
        break;
    }
    case 't': /* table */
        text_str(text, pooled_word(scene, letter));
        text_str(text, "-sessions");
        break;
    case 'f': /* function */
        text_str(text, pooled_word(scene, letter));
        text_str(text, "-event-handler");
        break;
    case 'l': /* log group */
        text_str(text, "/aws/application/");
        text_str(text, pooled_word(scene, letter));
        break;
    case 'L': /* stream in it */
        text_str(text, "2024/03/04/[$LATEST]");
        text_hex(text, mix(scene->pick, 'L'), 16);
        break;
    case 'r': /* role */
        add_role_name(text, pooled_word(scene, 'r'));
        break;
    case 'j': /* its id */
        add_role_id(text, scene, pooled_word(scene, 'r'));
        break;
    case 'p': /* parameter */
        text_str(text, "/production/");
        text_str(text, pooled_word(scene, letter));
        text_str(text, "/database-url");
        break;
    case 'n': /* secret */
        text_str(text, "production/");
        text_str(text, pooled_word(scene, letter));
        text_str(text, "-Xk3vQ9");
        break;
    case 'G': /* scaling group */
        text_str(text, pooled_word(scene, letter));
        text_str(text, "-production-AutoScalingGroup");
        break;
    case 'E': /* image repository */
        text_str(text, "platform/");
        text_str(text, pooled_word(scene, letter));
        break;
    case 'N': /* some name */
        text_str(text, pooled_word(scene, letter));
        break;
    case 'D':
        text_number(text, pooled(scene, letter, 1000));
        break;
    case 'M':
        text_number(text, pooled(scene, letter, 1000000));
        break;

    /* New each time. */
    case 'I': /* an instance */
        corpus_add_instance(
            scene->corpus,
            place->first_instance + rng_wide(rng, place->instances), text);
        break;
    case 'h':
        text_str(text, "0");
        text_hex(text, rng_next(rng), 16);
        break;
    case 'u':
        add_random_uuid(text, rng);
        break;
    case 'X':
        add_from(text, "0123456789ABCDEF", 16, 16, rng);
        break;
    case 'Z': /* access key of a session */
        add_aws_id(text, "ASIA", 16, rng_next(rng));
        break;
    case 'B':
        add_base64(text, 75, rng);
        text_str(text, "=");
        break;
    case 'W':
        add_base64(text, 120, rng);
        break;
    case 'q': /* no plain ASCII */
        text_str(text, PICK(scene, foreign_pieces));
        break;

    /* The identity. */
    case 'O': /* role */
        add_role_name(text, scene->role_word);
        break;
    case 'Q': /* its id */
        add_role_id(text, scene, scene->role_word);
        break;
    case 'S': /* session */
        text_str(text, scene->session);
        break;
    case 'c': /* when it began */
        text_time(text, scene->session_start);
        break;
    case 'Y': /* its access key */
        add_aws_id(text, "ASIA", 16, scene->key);
        break;
    case 'P': /* user */
        text_str(text, scene->user);
        break;
    case 'J': /* id of the user */
        add_aws_id(text, "AIDA", 17, scene->key + 1);
        break;
    case 'y': /* lasting access key */
        add_aws_id(text, "AKIA", 16, scene->key + 2);
        break;
    case 'V': /* AWS service */
        text_str(text, scene->invoked_by);
        break;

    /* The call. */
    case 'e':
        text_str(text, scene->call->service);
        break;
    case 'd':
        text_str(text, scene->call->name);
        break;
    default:
        die("calls.c: there is no letter '%c'", letter);
    }
}

static void expand(struct text *text, struct scene *scene, const char *notation)
{
    while (*notation) {
        size_t plain = strcspn(notation, "'^~%");

        text_add(text, notation, plain);
        notation += plain;
        switch (*notation) {
        case '\0':
            return;
        case '\'':
            text_add(text, "\"", 1);
            break;
        case '^':
            text_add(text, "\\\"", 2);
            break;
        case '~':
            text_add(text, "\\n", 2);
            break;
        default:
            expand_letter(text, scene, *++notation);
        }
        notation++;
    }
}

/* --------------------------------------------------------- who it is */

static void set_session(struct scene *scene, const char *notation)
{
    struct text text = {NULL, 0, 0};

    expand(&text, scene, notation);
    text_add(&text, "", 1);
    if (text.len > sizeof(scene->session))
        die("session name too long: %s", text.ptr);
    memcpy(scene->session, text.ptr, text.len);
    text_release(&text);
}

/* The start of the stretch of `life_s` seconds the event lies in; shifted
 * for each principal, so that not all begin at once. */
static int64_t stretch_start(int64_t time, int64_t life_s, uint64_t principal)
{
    int64_t shift = (int64_t)(principal % (uint64_t)life_s);

    return (time - shift) / life_s * life_s + shift;
}

static void be_instance(struct scene *scene)
{
    uint64_t hash = mix(scene->corpus->seed ^ FOR_ROLE, scene->instance);

    scene->role_word = words[hash % (sizeof(words) / sizeof(words[0]))];
    scene->session_start = stretch_start(scene->time, KEY_LIFE_S, hash >> 8);
    scene->key = mix(hash ^ FOR_KEY, (uint64_t)scene->session_start);
    set_session(scene, "%i");
}

static void be_workload(struct scene *scene)
{
    static const char *const names[] = {"%f",
                                        "%f",
                                        "%f",
                                        "botocore-session-%T",
                                        "GitHubActions",
                                        "AutoScaling",
                                        "aws-go-sdk-%T",
                                        "SLRManagement"};

    scene->role_word = pooled_word(scene, 'O');
    scene->session_start = stretch_start(scene->time, 3600, scene->pick % 64);
    scene->key = mix(role_hash(scene, scene->role_word) ^ FOR_KEY,
                     (uint64_t)scene->session_start);
    set_session(scene, PICK(scene, names));
    if (rng_permille(&scene->choices, 150))
        scene->invoked_by = PICK(scene, between);
}

static void be_person(struct scene *scene)
{
    scene->role_word = "sso-administrator";
    scene->user = PICK(scene, people);
    scene->session_start =
        stretch_start(scene->time, 8 * 3600, (uint64_t)scene->user[0] * 97);
    scene->key = mix(scene->here ^ FOR_PERSON, (uint64_t)scene->user[0]);
    set_session(scene, "%P@example.com");
}

/* True if the record is one of an instance-profile principal. */
static bool choose_caller(struct scene *scene, const struct planted *planted)
{
    const struct place *place = scene->place;
    struct rng *rng = &scene->choices;
    bool by_instance =
        planted || rng_permille(rng, scene->corpus->instance_permille);
    uint32_t dice;

    /* Half of the calls are made by few instances. */
    if (rng_permille(rng, 500)) {
        uint64_t u = rng_next(rng) >> 32;

        u = (u * u >> 32) * u >> 32; /* as a fraction of 2^32, cubed */
        scene->instance = place->instances * u >> 32;
    } else {
        scene->instance = rng_wide(rng, place->instances);
    }
    scene->instance += place->first_instance;

    if (by_instance) {
        scene->caller = BY_INSTANCE;
        if (planted) {
            scene->instance = planted->theft->instance;
            if (planted->by_thief)
                scene->caller = BY_THIEF;
        }
        be_instance(scene);
        return true;
    }
    dice = rng_below(rng, 100);
    if (dice < 18) {
        scene->caller = BY_WORKLOAD;
        be_workload(scene);
    } else if (dice < 55) {
        scene->caller = BY_PERSON;
        be_person(scene);
    } else if (dice < 95) {
        scene->caller = BY_SERVICE;
        scene->invoked_by = PICK(scene, services);
    } else {
        scene->caller = BY_ACCOUNT;
        scene->role_word = pooled_word(scene, 'O');
        set_session(scene, "collector-%D");
    }
    return false;
}

static void choose_call(struct scene *scene)
{
    enum caller caller = scene->caller;
    uint32_t total = 0;
    uint32_t dice;

    for (size_t i = 0; i < call_count; i++)
        total += calls[i].weight[caller];
    dice = rng_below(&scene->choices, total);
    scene->call = calls;
    while (dice >= scene->call->weight[caller])
        dice -= scene->call++->weight[caller];
}

/* ------------------------------------------------------ parts of a record */

#define ROLE_SESSION                                                       \
    "{'type':'AssumedRole','principalId':'%Q:%S',"                         \
    "'arn':'arn:aws:sts::%A:assumed-role/%O/%S','accountId':'%A',"         \
    "'accessKeyId':'%Y','sessionContext':{'sessionIssuer':{'type':'Role'," \
    "'principalId':'%Q','arn':'arn:aws:iam::%A:role/%O','accountId':'%A'," \
    "'userName':'%O'},"
#define ATTRIBUTES(mfa) \
    "'attributes':{'creationDate':'%c','mfaAuthenticated':'" mfa "'}"

static void add_identity(struct text *text, struct scene *scene, bool newest)
{
    switch (scene->caller) {
    case BY_INSTANCE:
    case BY_THIEF:
        expand(text, scene, ROLE_SESSION ATTRIBUTES("false"));
        text_str(text, scene->instance % 5 ? ",\"ec2RoleDelivery\":\"2.0\"}"
                                           : ",\"ec2RoleDelivery\":\"1.0\"}");
        if (scene->invoked_by)
            expand(text, scene, ",'invokedBy':'%V'");
        if (newest)
            expand(text, scene,
                   ",'inScopeOf':{'issuerType':'AWS::EC2::Instance',"
                   "'credentialsIssuedTo':'arn:aws:ec2:%R:%A:instance/%i'}");
        break;
    case BY_WORKLOAD:
        expand(text, scene, ROLE_SESSION ATTRIBUTES("false") "}");
        if (scene->invoked_by)
            expand(text, scene, ",'invokedBy':'%V'");
        break;
    case BY_PERSON:
        if (rng_permille(&scene->choices, 700)) {
            expand(text, scene,
                   "{'type':'IAMUser','principalId':'%J','arn':"
                   "'arn:aws:iam::%A:user/%P','accountId':'%A','accessKeyId':"
                   "'%y','userName':'%P'");
            if (scene->through_console)
                expand(text, scene,
                       ",'sessionContext':{" ATTRIBUTES("true") "}");
        } else {
            expand(text, scene, ROLE_SESSION ATTRIBUTES("false") "}");
        }
        break;
    case BY_SERVICE:
        expand(text, scene, "{'type':'AWSService','invokedBy':'%V'");
        break;
    default:
        expand(text, scene,
               "{'type':'AWSAccount','principalId':'%Q:%S',"
               "'accountId':'999988887777'");
    }
    text_str(text, "}");
}

/* Services that the endpoints of the place's networks are for. */
static bool has_endpoint(const struct scene *scene)
{
    static const char *const served[] = {"s3",  "ssm",      "ssmmessages",
                                         "kms", "logs",     "sts",
                                         "ecr", "dynamodb", "secretsmanager"};

    if (mix(scene->instance, FOR_ENDPOINT) % 4)
        return false;
    for (size_t i = 0; i < sizeof(served) / sizeof(served[0]); i++)
        if (strcmp(scene->call->service, served[i]) == 0)
            return true;
    return false;
}

static void add_ipv6(struct text *text, const struct scene *scene)
{
    text_str(text, "2001:db8:1f18:");
    text_hex(text, scene->instance & 0xfff, 3);
    text_str(text, "::5");
}

/* "sourceIPAddress" and "userAgent" */
static void add_source(struct text *text, struct scene *scene,
                       const struct planted *planted)
{
    struct rng *rng = &scene->choices;
    const char *agent = NULL;

    if (scene->caller != BY_SERVICE)
        agent = PICK(scene, agents[scene->caller]);
    /* The agent speaks to its own services and to no others. */
    if (scene->caller == BY_INSTANCE && !scene->invoked_by &&
        strncmp(scene->call->service, "ssm", 3) == 0)
        agent = agents[BY_INSTANCE][0];
    if (scene->invoked_by)
        agent = scene->invoked_by;

    text_str(text, ",\"sourceIPAddress\":\"");
    if (scene->invoked_by)
        text_str(text, scene->invoked_by);
    else if (planted)
        text_ipv4(text, planted->by_thief
                            ? planted->theft->address
                            : corpus_home(scene->corpus, scene->place,
                                          scene->instance));
    else if (scene->caller != BY_INSTANCE) {
        if (scene->caller == BY_PERSON && rng_permille(rng, 30))
            text_str(text, "AWS Internal");
        else /* 203.0.113.128 to .255 */
            text_ipv4(text, 0xcb007180U + rng_below(rng, 128));
    } else if (scene->through_endpoint)
        add_private_address(text, scene);
    else if (rng_permille(rng, 5))
        text_str(text, "AWS Internal");
    else if (rng_permille(rng, 8))
        add_ipv6(text, scene);
    else
        text_ipv4(text,
                  corpus_home(scene->corpus, scene->place, scene->instance));

    text_str(text, "\",\"userAgent\":\"");
    if (strcmp(scene->call->service, "s3") == 0 && !scene->invoked_by) {
        text_str(text, "[");
        text_str(text, agent);
        text_str(text, "]");
    } else {
        text_str(text, agent);
    }
    text_str(text, "\"");
}

/* "errorCode" and "errorMessage" */
static void add_error(struct text *text, struct scene *scene)
{
    switch (rng_below(&scene->rng, 10)) {
    case 0:
        expand(text, scene,
               ",'errorCode':'ThrottlingException','errorMessage':"
               "'Rate exceeded'");
        break;
    case 1:
        expand(text, scene,
               ",'errorCode':'ResourceNotFoundException','errorMessage':"
               "'Requested resource ^%N-%D^ not found'");
        break;
    case 2:
        expand(text, scene,
               ",'errorCode':'ValidationException','errorMessage':'1 "
               "validation error detected: Value ^%N^ at ^name^ failed to "
               "satisfy constraint: Member must satisfy regular expression "
               "pattern: [\\\\w+=,.@-]+'");
        break;
    case 3:
        expand(text, scene,
               ",'errorCode':'Client.UnauthorizedOperation','errorMessage':"
               "'You are not authorized to perform this operation. Encoded "
               "authorization failure message: %W%W'");
        break;
    default:
        expand(text, scene, ",'errorCode':'AccessDenied','errorMessage':'");
        if (scene->session[0])
            expand(text, scene,
                   "User: arn:aws:sts::%A:assumed-role/%O/%S is not authorized "
                   "to perform: %e:%d because no identity-based policy allows "
                   "the %e:%d action'");
        else
            expand(text, scene, "Access Denied'");
    }
}

static void add_member(struct text *text, struct scene *scene, const char *key,
                       const char *notation)
{
    text_str(text, ",\"");
    text_str(text, key);
    text_str(text, "\":");
    expand(text, scene, notation ? notation : "null");
}

static void add_tail(struct text *text, struct scene *scene)
{
    const struct call *call = scene->call;

    text_str(text, call->flags & CALL_READS ? ",\"readOnly\":true"
                                            : ",\"readOnly\":false");
    if (call->resources)
        add_member(text, scene, "resources", call->resources);
    text_str(text, ",\"eventType\":\"AwsApiCall\"");
    if (call->api_version) {
        text_str(text, ",\"apiVersion\":\"");
        text_str(text, call->api_version);
        text_str(text, "\"");
    }
    text_str(text, call->flags & CALL_IS_DATA ? ",\"managementEvent\":false"
                                              : ",\"managementEvent\":true");
    expand(text, scene, ",'recipientAccountId':'%A'");
    if (scene->caller == BY_SERVICE || scene->caller == BY_ACCOUNT)
        expand(text, scene, ",'sharedEventID':'%u'");
    if (scene->through_endpoint) {
        add_pooled_hex(text, scene, ",\"vpcEndpointId\":\"vpce-0", 'v', 4);
        expand(text, scene, "','vpcEndpointAccountId':'%A'");
    }
    text_str(text, call->flags & CALL_IS_DATA
                       ? ",\"eventCategory\":\"Data\""
                       : ",\"eventCategory\":\"Management\"");
    if (!scene->invoked_by && !scene->through_console && scene->pick % 10 < 3) {
        text_str(text, scene->pick % 2
                           ? ",\"tlsDetails\":{\"tlsVersion\":\"TLSv1.3\","
                             "\"cipherSuite\":\"TLS_AES_128_GCM_SHA256\","
                           : ",\"tlsDetails\":{\"tlsVersion\":\"TLSv1.2\","
                             "\"cipherSuite\":"
                             "\"ECDHE-RSA-AES128-GCM-SHA256\",");
        text_str(text, "\"clientProvidedHostHeader\":\"");
        expand(text, scene,
               call->flags & CALL_IS_GLOBAL ? "%e.amazonaws.com'}"
                                            : "%e.%R.amazonaws.com'}");
    }
    if (scene->through_console)
        text_str(text, ",\"sessionCredentialFromConsole\":\"true\"");
}

static void write_scene(struct text *text, struct scene *scene,
                        const struct planted *planted)
{
    static const char *const versions[] = {"1.08", "1.08", "1.09", "1.09",
                                           "1.09", "1.10", "1.11"};
    const struct call *call = scene->call;
    size_t version = (size_t)(call - calls) % 7; /* a call's own */
    bool failed =
        rng_permille(&scene->rng, scene->caller == BY_THIEF ? 6 * ERROR_PERMILLE
                                                            : ERROR_PERMILLE);

    text_str(text, "{\"eventVersion\":\"");
    text_str(text, versions[version]);
    text_str(text, "\",\"userIdentity\":");
    add_identity(text, scene, version == 6);
    expand(text, scene,
           ",'eventTime':'%w','eventSource':'%e.amazonaws.com','eventName':"
           "'%d','awsRegion':'");
    expand(text, scene, call->flags & CALL_IS_GLOBAL ? "us-east-1'" : "%R'");
    add_source(text, scene, planted);
    if (failed)
        add_error(text, scene);
    add_member(text, scene, "requestParameters", call->request);
    add_member(text, scene, "responseElements", failed ? NULL : call->response);
    if (call->additional)
        add_member(text, scene, "additionalEventData", call->additional);
    add_member(text, scene, "requestID",
               strcmp(call->service, "s3") == 0 ? "'%X'" : "'%u'");
    add_member(text, scene, "eventID", "'%u'");
    add_tail(text, scene);
    text_str(text, "}");
}

/* ---------------------------------------------------------- the record */

static bool is_copy(const struct corpus *corpus, uint64_t record)
{
    return mix(corpus->seed ^ FOR_COPY, record) % 1000 < COPY_PERMILLE &&
           !corpus_planted(corpus, record);
}

/* The record whose text `record` has: mostly its own. */
static uint64_t original(const struct corpus *corpus, uint64_t record)
{
    const struct file *file;
    const struct place *place;
    struct rng rng = {mix(corpus->seed ^ FOR_COPY, record)};

    if (!is_copy(corpus, record))
        return record;
    file = corpus_file_of(corpus, record);
    place = file->place;
    for (int tries = 0; tries < 16; tries++) {
        uint64_t other = place->first_record + rng_wide(&rng, place->records);

        if (is_copy(corpus, other))
            continue;
        if (place->files == 1 || other - file->first_record >= file->records)
            return other;
    }
    return record; /* nearly all of the place lies in this file */
}

bool record_write(const struct corpus *corpus, uint64_t record,
                  struct text *text)
{
    const struct planted *planted;
    const struct file *file;
    struct scene scene = {.corpus = corpus};
    bool by_instance;

    record = original(corpus, record);
    planted = corpus_planted(corpus, record);
    file = corpus_file_of(corpus, record);

    scene.place = file->place;
    scene.rng.state = mix(corpus->seed ^ FOR_RECORD, record);
    scene.choices.state = rng_next(&scene.rng);
    if (!planted && rng_permille(&scene.rng, corpus->burst_permille))
        scene.choices.state =
            mix(corpus->seed ^ FOR_BURST, record / BURST_RECORDS);

    scene.pick = rng_next(&scene.choices);
    scene.here = mix(corpus->seed, (uint64_t)(file->place - corpus->places));
    scene.time = file->delivery - 60 - rng_below(&scene.choices, 800) -
                 rng_below(&scene.rng, 40);
    if (rng_permille(&scene.choices, LATE_PERMILLE))
        scene.time -= rng_below(&scene.choices, 36 * 3600);

    by_instance = choose_caller(&scene, planted);
    choose_call(&scene);
    if (scene.caller == BY_INSTANCE && !planted) {
        scene.through_endpoint = has_endpoint(&scene);
        if (!scene.through_endpoint && rng_permille(&scene.choices, 20))
            scene.invoked_by = PICK(&scene, between);
    }
    scene.through_console =
        scene.caller == BY_PERSON && rng_permille(&scene.choices, 400);
    write_scene(text, &scene, planted);
    return by_instance;
}
