/*
 * corpus.h - the plan of a corpus: which files there are and how large,
 * whose instances, what is stolen.
 *
 * The plan holds all that records share. A record itself is a pure
 * function of the plan and its number (record.h), so any file can be
 * written by any thread, and a record a second time in another file.
 */
#ifndef BENCH_CORPUS_H
#define BENCH_CORPUS_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One account in one region: the files of a place hold what its instances
 * do. Its files, records and instances are numbered without a gap. */
struct place {
    const char *account;
    const char *region;
    uint64_t first_file, files;
    uint64_t first_record, records;
    uint64_t first_instance, instances;
};

struct file {
    const struct place *place;
    uint64_t first_record, records;
    int64_t delivery; /* seconds since 1970, a whole minute */
};

/* Credentials of `instance` used from `address`, in `events` records, in
 * fewer than its own address makes. */
struct theft {
    uint64_t instance;
    uint32_t address;
    unsigned events;
};

/* A record whose instance and address are given: the thief's, or one that
 * makes sure that the instance shows at home. */
struct planted {
    uint64_t record;
    const struct theft *theft;
    bool by_thief;
};

struct corpus {
    const char *name;
    uint64_t seed; /* of the corpus: two corpora share nothing */
    uint64_t records;
    uint64_t instances;
    uint32_t instance_permille; /* records by instance-profile principals */
    uint32_t burst_permille;    /* records that are part of a burst */
    struct place *places;
    size_t place_count;
    struct file *files;
    size_t file_count;
    struct theft *thefts;
    size_t theft_count;
    struct planted *planted; /* by record */
    size_t planted_count;
};

/* The names of the corpora, one after the other; NULL at the end. */
extern const char *const corpus_names[];

/* `scale` multiplies records, files and instances. False if there is no
 * corpus `name`. */
bool corpus_plan(struct corpus *corpus, const char *name, uint64_t seed,
                 double scale);
void corpus_release(struct corpus *corpus);

const struct file *corpus_file_of(const struct corpus *corpus, uint64_t record);

/* NULL for all but a few hundred records. */
const struct planted *corpus_planted(const struct corpus *corpus,
                                     uint64_t record);

/* "i-0123456789abcdef0" */
void corpus_add_instance(const struct corpus *corpus, uint64_t instance,
                         struct text *text);

/* The public address an instance calls from. */
uint32_t corpus_home(const struct corpus *corpus, const struct place *place,
                     uint64_t instance);

/* AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/NAME.json.gz */
void corpus_add_path(const struct corpus *corpus, const struct file *file,
                     struct text *text);

#endif
