/*
 * generate: writes a corpus of CloudTrail files, the same for the same
 * seed on every machine.
 *
 *   generate CORPUS OUTDIR [--scale F] [--seed N] [--jobs N]
 *
 * OUTDIR gets AWSLogs/, planted.tsv (what a scan must find: instance,
 * address, events from it) and, when all is written, corpus.json.
 */
#include "corpus.h"
#include "random.h"
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* Text is compressed in pieces of about this size. */
#define PIECE_BYTES ((size_t)256 * 1024)

#define GZIP_WINDOW_BITS (15 + 16) /* with a gzip header */
#define GZIP_LEVEL       6
#define GZIP_MEMORY      8

#define JOBS_MAX 64

/* What became of one file. */
struct written {
    uint64_t bytes, packed;
    uint64_t instance_records;
    uint32_t crc; /* of the text */
};

struct job {
    const struct corpus *corpus;
    const char *outdir;
    const size_t *order;     /* file numbers, the largest first */
    struct written *written; /* by file number */
    atomic_size_t *next;     /* in `order` */
};

/* One thread's tools. */
struct writer {
    const char *outdir;
    z_stream z;
    unsigned char packed[PIECE_BYTES];
    struct text text;
    struct text path;
};

static void make_parents(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0777) < 0 && errno != EEXIST)
            die("cannot make '%s'", path);
        *slash = '/';
    }
    errno = 0;
}

static void write_all(int fd, const unsigned char *bytes, size_t len,
                      const char *path)
{
    while (len > 0) {
        ssize_t done = write(fd, bytes, len);

        if (done < 0)
            die("cannot write '%s'", path);
        bytes += done;
        len -= (size_t)done;
    }
}

/* Compress what text there is, write it, and count it in `out`. */
static void flush_text(struct writer *writer, int fd, int flush,
                       struct written *out)
{
    z_stream *z = &writer->z;

    out->bytes += writer->text.len;
    out->crc = (uint32_t)crc32(out->crc, (const Bytef *)writer->text.ptr,
                               (uInt)writer->text.len);
    z->next_in = (Bytef *)writer->text.ptr;
    z->avail_in = (uInt)writer->text.len;
    do {
        size_t made;

        z->next_out = writer->packed;
        z->avail_out = sizeof(writer->packed);
        (void)deflate(z, flush); /* fails only if it is used wrongly */
        made = sizeof(writer->packed) - z->avail_out;
        write_all(fd, writer->packed, made, writer->path.ptr);
        out->packed += made;
    } while (z->avail_out == 0);
    writer->text.len = 0;
}

static void write_file(struct writer *writer, const struct corpus *corpus,
                       const struct file *file, struct written *out)
{
    int fd;

    writer->path.len = 0;
    text_str(&writer->path, writer->outdir);
    text_str(&writer->path, "/");
    corpus_add_path(corpus, file, &writer->path);
    text_add(&writer->path, "", 1);
    fd = open(writer->path.ptr, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (fd < 0 && errno == ENOENT) {
        make_parents(writer->path.ptr);
        fd = open(writer->path.ptr, O_WRONLY | O_CREAT | O_EXCL, 0666);
    }
    if (fd < 0)
        die("cannot make '%s'", writer->path.ptr);

    (void)deflateReset(&writer->z);
    text_str(&writer->text, "{\"Records\":[");
    for (uint64_t i = 0; i < file->records; i++) {
        if (i > 0)
            text_add(&writer->text, ",", 1);
        out->instance_records +=
            record_write(corpus, file->first_record + i, &writer->text);
        if (writer->text.len > PIECE_BYTES)
            flush_text(writer, fd, Z_NO_FLUSH, out);
    }
    text_str(&writer->text, "]}");
    flush_text(writer, fd, Z_FINISH, out);
    if (close(fd) < 0)
        die("cannot write '%s'", writer->path.ptr);
}

static void *run_job(void *arg)
{
    const struct job *job = arg;
    struct writer *writer = allocate(1, sizeof(*writer));
    size_t i;

    writer->outdir = job->outdir;
    if (deflateInit2(&writer->z, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW_BITS,
                     GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        die("cannot start zlib");
    while ((i = atomic_fetch_add(job->next, 1)) < job->corpus->file_count)
        write_file(writer, job->corpus, &job->corpus->files[job->order[i]],
                   &job->written[job->order[i]]);
    (void)deflateEnd(&writer->z);
    text_release(&writer->text);
    text_release(&writer->path);
    free(writer);
    return NULL;
}

/* qsort() hands its comparison nothing, so what it compares by is here. */
static const struct file *sorted_files;

static int largest_first(const void *a, const void *b)
{
    size_t x = *(const size_t *)a;
    size_t y = *(const size_t *)b;
    uint64_t x_records = sorted_files[x].records;
    uint64_t y_records = sorted_files[y].records;

    if (x_records != y_records)
        return x_records < y_records ? 1 : -1;
    return (x > y) - (x < y);
}

static void write_files(const struct corpus *corpus, const char *outdir,
                        unsigned jobs, struct written *written)
{
    size_t *order = allocate(corpus->file_count, sizeof(*order));
    atomic_size_t next = 0;
    struct job job = {corpus, outdir, order, written, &next};
    pthread_t threads[JOBS_MAX];
    unsigned started = 0;

    for (size_t i = 0; i < corpus->file_count; i++)
        order[i] = i;
    sorted_files = corpus->files;
    qsort(order, corpus->file_count, sizeof(*order), largest_first);

    for (; started + 1 < jobs; started++)
        if (pthread_create(&threads[started], NULL, run_job, &job) != 0)
            break; /* then with fewer */
    (void)run_job(&job);
    while (started > 0)
        (void)pthread_join(threads[--started], NULL);
    free(order);
}

static FILE *open_beside(const char *outdir, const char *name)
{
    char path[4096];
    FILE *out;

    (void)snprintf(path, sizeof(path), "%s/%s", outdir, name);
    out = fopen(path, "wx");
    if (!out)
        die("cannot make '%s'", path);
    return out;
}

static void close_file(FILE *file, const char *name)
{
    if (ferror(file) || fclose(file) != 0)
        die("cannot write '%s'", name);
}

static void write_planted(const struct corpus *corpus, const char *outdir)
{
    FILE *out = open_beside(outdir, "planted.tsv");
    struct text text = {NULL, 0, 0};

    for (size_t i = 0; i < corpus->theft_count; i++) {
        const struct theft *theft = &corpus->thefts[i];

        text.len = 0;
        corpus_add_instance(corpus, theft->instance, &text);
        text_str(&text, "\t");
        text_ipv4(&text, theft->address);
        (void)fprintf(out, "%.*s\t%u\n", (int)text.len, text.ptr,
                      theft->events);
    }
    text_release(&text);
    close_file(out, "planted.tsv");
}

/* Paths and texts, in order. Not the packed bytes: another zlib packs
 * otherwise. */
static uint64_t checksum_of(const struct corpus *corpus,
                            const struct written *written)
{
    struct text path = {NULL, 0, 0};
    uint64_t sum = 0;

    for (size_t i = 0; i < corpus->file_count; i++) {
        path.len = 0;
        corpus_add_path(corpus, &corpus->files[i], &path);
        sum = mix(sum, crc32(0, (const Bytef *)path.ptr, (uInt)path.len));
        sum = mix(sum, written[i].crc);
        sum = mix(sum, written[i].bytes);
    }
    text_release(&path);
    return sum;
}

static void report(const struct corpus *corpus, const char *outdir,
                   const struct written *written, uint64_t seed, double scale)
{
    struct written all = {0};
    uint64_t checksum = checksum_of(corpus, written);
    FILE *out = open_beside(outdir, "corpus.json");

    for (size_t i = 0; i < corpus->file_count; i++) {
        all.bytes += written[i].bytes;
        all.packed += written[i].packed;
        all.instance_records += written[i].instance_records;
    }
    (void)fprintf(out,
                  "{\"corpus\":\"%s\",\"seed\":%llu,\"scale\":%.9g,"
                  "\"files\":%zu,\"records\":%llu,\"instance_records\":%llu,"
                  "\"instances\":%llu,\"planted\":%zu,\"unpacked\":%llu,"
                  "\"packed\":%llu,\"checksum\":\"%016llx\"}\n",
                  corpus->name, (unsigned long long)seed, scale,
                  corpus->file_count, (unsigned long long)corpus->records,
                  (unsigned long long)all.instance_records,
                  (unsigned long long)corpus->instances, corpus->theft_count,
                  (unsigned long long)all.bytes, (unsigned long long)all.packed,
                  (unsigned long long)checksum);
    close_file(out, "corpus.json");

    (void)printf(
        "%s: %zu files, %llu records of %.0f bytes, %.1f %% by "
        "instances (%llu), %zu thefts, %.1f MB, packed %.2f:1, "
        "checksum %016llx\n",
        corpus->name, corpus->file_count, (unsigned long long)corpus->records,
        (double)all.bytes / (double)corpus->records,
        100 * (double)all.instance_records / (double)corpus->records,
        (unsigned long long)corpus->instances, corpus->theft_count,
        (double)all.bytes / 1e6, (double)all.bytes / (double)all.packed,
        (unsigned long long)checksum);
    close_file(stdout, "standard output");
}

static _Noreturn void usage(void)
{
    (void)fputs("usage: generate CORPUS OUTDIR [--scale F] [--seed N] "
                "[--jobs N]\ncorpora:",
                stderr);
    for (const char *const *name = corpus_names; *name; name++)
        (void)fprintf(stderr, " %s", *name);
    (void)fputc('\n', stderr);
    exit(2);
}

/* A number that is all of `text`, within bounds. */
static double number(const char *text, double min, double max)
{
    char *end;
    double value = strtod(text, &end);

    if (end == text || *end || !(value >= min && value <= max))
        usage();
    return value;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"scale", required_argument, NULL, 's'},
        {"seed", required_argument, NULL, 'n'},
        {"jobs", required_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    struct corpus corpus;
    struct written *written;
    const char *outdir;
    double scale = 1;
    uint64_t seed = 1;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned jobs = cpus < 1 ? 1 : cpus > JOBS_MAX ? JOBS_MAX : (unsigned)cpus;
    int id;

    while ((id = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (id == 's')
            scale = number(optarg, 0, 1000);
        else if (id == 'n')
            seed = (uint64_t)number(optarg, 0, 1e15);
        else if (id == 'j')
            jobs = (unsigned)number(optarg, 1, JOBS_MAX);
        else
            usage();
    }
    if (argc - optind != 2)
        usage();
    if (!corpus_plan(&corpus, argv[optind], seed, scale))
        usage();
    outdir = argv[optind + 1];
    if (mkdir(outdir, 0777) < 0 && errno != EEXIST)
        die("cannot make '%s'", outdir);
    errno = 0;

    written = allocate(corpus.file_count, sizeof(*written));
    write_planted(&corpus, outdir); /* refuses to overwrite a corpus */
    write_files(&corpus, outdir, jobs, written);
    report(&corpus, outdir, written, seed, scale);
    free(written);
    corpus_release(&corpus);
    return 0;
}
