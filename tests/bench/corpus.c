/*
 * Everything that needs the corpus as a whole is decided here, once, in
 * one thread: sizes, places, thefts.
 */
#include "corpus.h"

#include "random.h"

#include <stdlib.h>
#include <string.h>

/* Deliveries begin on 2024-03-04, a Monday, and last for three days. */
#define FIRST_DELIVERY_S  1709510400
#define DELIVERY_PERIOD_S (3 * 86400)

/* 2^10 between the smallest and the largest file. */
#define OCTAVES 10

/* A scaled corpus keeps as many files as show its shape. */
#define FILES_MIN 8

/* A place of fewer records is not worth a thief's while. */
#define THEFT_RECORDS_MIN 64
#define THEFT_PER_RECORDS 150 /* of a scaled corpus, at most one in so many */

#define THIEF_EVENTS_MAX 4
#define HOME_EVENTS      6 /* more than any thief's */

static const struct shape {
    const char *name;
    uint64_t records;
    uint64_t files;
    uint64_t instances;
    uint32_t instance_permille;
    uint32_t burst_permille; /* so that gzip -6 packs about 7:1 */
    uint32_t thefts;
    bool even; /* all files alike; else heavy-tailed */
} shapes[] = {
    {"std", 600000, 400, 3000, 350, 600, 40, false},
    {"small", 26000 * 8, 26000, 2000, 350, 600, 32, true},
    {"heavy", 300000, 200, 20000, 900, 300, 48, false},
    {"huge", 400000, 1, 3000, 350, 600, 40, true},
};
#define SHAPE_COUNT (sizeof(shapes) / sizeof(shapes[0]))

const char *const corpus_names[] = {"std", "small", "heavy", "huge", NULL};

static const char *const accounts[] = {"111122223333", "444455556666",
                                       "777788889999", "123456789012"};
static const char *const regions[] = {"us-east-1", "eu-west-1", "us-west-2"};
#define ACCOUNT_COUNT (sizeof(accounts) / sizeof(accounts[0]))
#define REGION_COUNT  (sizeof(regions) / sizeof(regions[0]))
#define PLACES_MAX    (ACCOUNT_COUNT * REGION_COUNT)

/* The largest first, sizes growing by the same factor from one to the
 * next, `records` in all. */
static void spread_sizes(uint64_t *sizes, size_t count, uint64_t records)
{
    uint64_t total = 0;
    uint64_t given = 0;

    for (size_t i = 0; i < count; i++) {
        uint64_t log2 = (2 * (count - i) - 1) * OCTAVES * 512 / count;

        sizes[i] = (1024 + (log2 & 1023)) << (log2 >> 10); /* nearly 2^log2 */
        total += sizes[i];
    }
    for (size_t i = 0; i < count; i++) {
        /* In two steps, since the product may pass 64 bits. */
        sizes[i] =
            records / total * sizes[i] + records % total * sizes[i] / total;
        given += sizes[i];
    }
    for (size_t i = 0; given < records; i = (i + 1) % count, given++)
        sizes[i]++;
}

static void shuffle(uint64_t *items, size_t count, struct rng *rng)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)rng_wide(rng, i);
        uint64_t kept = items[i - 1];

        items[i - 1] = items[j];
        items[j] = kept;
    }
}

static void plan_files(struct corpus *corpus, bool even, struct rng *rng)
{
    size_t count = corpus->file_count;
    uint64_t *sizes = allocate(count, sizeof(*sizes));
    uint64_t record = 0;

    if (even)
        for (size_t i = 0; i < count; i++)
            sizes[i] = corpus->records / count;
    else
        spread_sizes(sizes, count, corpus->records);
    shuffle(sizes, count, rng);

    for (size_t p = 0; p < corpus->place_count; p++) {
        struct place *place = &corpus->places[p];
        uint64_t end = (p + 1) * count / corpus->place_count;

        place->account = accounts[p % ACCOUNT_COUNT];
        place->region = regions[p / ACCOUNT_COUNT];
        place->first_file = p * count / corpus->place_count;
        place->files = end - place->first_file;
        place->first_record = record;
        for (uint64_t i = 0; i < place->files; i++) {
            struct file *file = &corpus->files[place->first_file + i];
            uint64_t after = (i + 1) * DELIVERY_PERIOD_S / place->files;

            file->place = place;
            file->first_record = record;
            file->records = sizes[place->first_file + i];
            file->delivery = FIRST_DELIVERY_S + (int64_t)(after / 60 * 60);
            record += file->records;
        }
        place->records = record - place->first_record;
    }
    free(sizes);
}

/* A place has instances as it has records, and at least one. */
static void plan_instances(struct corpus *corpus)
{
    uint64_t next = 0;

    for (size_t p = 0; p < corpus->place_count; p++) {
        struct place *place = &corpus->places[p];
        uint64_t end = (place->first_record + place->records) *
                       corpus->instances / corpus->records;

        place->first_instance = next;
        place->instances = end > next ? end - next : 1;
        next += place->instances;
    }
    corpus->instances = next;
}

static bool is_robbed(const struct corpus *corpus, uint64_t instance)
{
    for (size_t i = 0; i < corpus->theft_count; i++)
        if (corpus->thefts[i].instance == instance)
            return true;
    return false;
}

static void plant(struct corpus *corpus, const struct place *place,
                  const struct theft *theft, bool by_thief, struct rng *rng)
{
    uint64_t record;
    size_t i;

    do {
        record = place->first_record + rng_wide(rng, place->records);
        for (i = 0; i < corpus->planted_count; i++)
            if (corpus->planted[i].record == record)
                break;
    } while (i < corpus->planted_count);
    corpus->planted[corpus->planted_count++] =
        (struct planted){record, theft, by_thief};
}

static int by_record(const void *a, const void *b)
{
    uint64_t x = ((const struct planted *)a)->record;
    uint64_t y = ((const struct planted *)b)->record;

    return (x > y) - (x < y);
}

static void plan_thefts(struct corpus *corpus, size_t wanted, struct rng *rng)
{
    corpus->thefts = allocate(wanted, sizeof(*corpus->thefts));
    corpus->planted = allocate(wanted * (THIEF_EVENTS_MAX + HOME_EVENTS),
                               sizeof(*corpus->planted));

    /* A corpus may be too small for all that is wanted. */
    for (size_t tries = 0; corpus->theft_count < wanted && tries < 100 * wanted;
         tries++) {
        uint64_t record = rng_wide(rng, corpus->records);
        const struct place *place = corpus_file_of(corpus, record)->place;
        struct theft *theft = &corpus->thefts[corpus->theft_count];

        theft->instance =
            place->first_instance + rng_wide(rng, place->instances);
        if (place->records < THEFT_RECORDS_MIN ||
            is_robbed(corpus, theft->instance))
            continue;
        /* 198.51.100.1 and on; nobody is at home there. */
        theft->address = 0xc6336401U + (uint32_t)(corpus->theft_count % 254);
        theft->events = 1 + rng_below(rng, THIEF_EVENTS_MAX);
        corpus->theft_count++;
        for (unsigned i = 0; i < theft->events; i++)
            plant(corpus, place, theft, true, rng);
        for (unsigned i = 0; i < HOME_EVENTS; i++)
            plant(corpus, place, theft, false, rng);
    }
    qsort(corpus->planted, corpus->planted_count, sizeof(*corpus->planted),
          by_record);
}

static uint64_t scaled(uint64_t number, double scale, uint64_t min)
{
    uint64_t result = (uint64_t)((double)number * scale + 0.5);

    return result > min ? result : min;
}

bool corpus_plan(struct corpus *corpus, const char *name, uint64_t seed,
                 double scale)
{
    const struct shape *shape = shapes;
    struct rng rng;
    uint64_t thefts;

    while (shape < shapes + SHAPE_COUNT && strcmp(shape->name, name) != 0)
        shape++;
    if (shape == shapes + SHAPE_COUNT)
        return false;

    *corpus = (struct corpus){0};
    corpus->name = shape->name;
    corpus->seed = mix(seed, (uint64_t)(shape - shapes));
    corpus->instance_permille = shape->instance_permille;
    corpus->burst_permille = shape->burst_permille;
    corpus->file_count =
        shape->files == 1 ? 1 : (size_t)scaled(shape->files, scale, FILES_MIN);
    if (shape->even)
        corpus->records =
            shape->files == 1
                ? scaled(shape->records, scale, 1)
                : corpus->file_count * (shape->records / shape->files);
    else
        corpus->records = scaled(shape->records, scale, corpus->file_count);
    corpus->instances = scaled(shape->instances, scale, 1);
    corpus->place_count =
        corpus->file_count < PLACES_MAX ? corpus->file_count : PLACES_MAX;
    corpus->places = allocate(corpus->place_count, sizeof(*corpus->places));
    corpus->files = allocate(corpus->file_count, sizeof(*corpus->files));

    rng.state = corpus->seed;
    plan_files(corpus, shape->even, &rng);
    plan_instances(corpus);
    thefts = corpus->records / THEFT_PER_RECORDS + 1;
    plan_thefts(corpus,
                (size_t)(thefts < shape->thefts ? thefts : shape->thefts),
                &rng);
    return true;
}

void corpus_release(struct corpus *corpus)
{
    free(corpus->places);
    free(corpus->files);
    free(corpus->thefts);
    free(corpus->planted);
    *corpus = (struct corpus){0};
}

const struct file *corpus_file_of(const struct corpus *corpus, uint64_t record)
{
    size_t low = 0;
    size_t high = corpus->file_count;

    /* The last file that begins at or before the record. */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (corpus->files[middle].first_record <= record)
            low = middle;
        else
            high = middle;
    }
    return &corpus->files[low];
}

const struct planted *corpus_planted(const struct corpus *corpus,
                                     uint64_t record)
{
    struct planted wanted = {.record = record};

    return bsearch(&wanted, corpus->planted, corpus->planted_count,
                   sizeof(*corpus->planted), by_record);
}

void corpus_add_instance(const struct corpus *corpus, uint64_t instance,
                         struct text *text)
{
    text_str(text, "i-0");
    text_hex(text, mix(corpus->seed, instance), 16);
}

uint32_t corpus_home(const struct corpus *corpus, const struct place *place,
                     uint64_t instance)
{
    uint64_t hash = mix(corpus->seed ^ 0x686f6d65, instance);

    /* Half of them behind one of the place's NAT gateways, in 203.0.113.0/24
     * and 192.0.2.0/24 ... */
    if (hash & 1) {
        uint32_t net = hash & 2 ? 0xcb007100U : 0xc0000200U;

        return net + 4 * (uint32_t)(place - corpus->places) +
               (uint32_t)(hash >> 8 & 3) + 1;
    }
    /* ... the others each with an address of its own in 100.64.0.0/10: an
     * odd factor maps 22 bits onto 22 bits. */
    return 0x64400000U + (uint32_t)(instance * 2654435761U & 0x3fffff);
}

static void add_unique(struct text *text, uint64_t hash)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    struct rng rng = {hash};

    for (int i = 0; i < 16; i++)
        text_add(text, &digits[rng_below(&rng, sizeof(digits) - 1)], 1);
}

void corpus_add_path(const struct corpus *corpus, const struct file *file,
                     struct text *text)
{
    const struct place *place = file->place;
    struct text time = {NULL, 0, 0};

    text_time(&time, file->delivery); /* YYYY-MM-DDTHH:MM:SSZ */
    text_str(text, "AWSLogs/");
    text_str(text, place->account);
    text_str(text, "/CloudTrail/");
    text_str(text, place->region);
    text_str(text, "/");
    text_add(text, time.ptr, 4);
    text_str(text, "/");
    text_add(text, time.ptr + 5, 2);
    text_str(text, "/");
    text_add(text, time.ptr + 8, 2);
    text_str(text, "/");
    text_str(text, place->account);
    text_str(text, "_CloudTrail_");
    text_str(text, place->region);
    text_str(text, "_");
    text_add(text, time.ptr, 4);
    text_add(text, time.ptr + 5, 2);
    text_add(text, time.ptr + 8, 3);
    text_add(text, time.ptr + 11, 2);
    text_add(text, time.ptr + 14, 2);
    text_str(text, "Z_");
    add_unique(
        text, mix(corpus->seed ^ 0x66696c65, (uint64_t)(file - corpus->files)));
    text_str(text, ".json.gz");
    text_release(&time);
}
