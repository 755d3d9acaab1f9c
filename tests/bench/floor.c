/*
 * floor: the unavoidable work. Inflates files into a window, checks them,
 * throws the text away; one thread, one state for all files.
 *
 *   floor [--list FILE] PATH...    files and trees; FILE: paths, one a line
 *   floor --version                the library
 *
 * Built once for each library: FLOOR_ISAL chooses ISA-L, else it is zlib.
 * The files come in the order in which offbox reads them with one thread,
 * sorted by path.
 */
#define _XOPEN_SOURCE 700 /* nftw() */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef FLOOR_ISAL
#include <isa-l.h>
#else
#include <zlib.h>
#endif

static unsigned char input[256 * 1024];  /* as offbox reads, */
static unsigned char window[256 * 1024]; /* and as it inflates */
static unsigned long long text_bytes;

static char **paths;
static size_t path_count, path_capacity;

static _Noreturn void die(const char *path, const char *why)
{
    (void)fprintf(stderr, "floor: %s: %s\n", path, why);
    exit(2);
}

/* --------------------------------------------------------- the library */

/* start_file(); then inflate_some() with each piece of the file, which
 * returns whether the last member is complete. */

#ifdef FLOOR_ISAL

static struct inflate_state state;

static void start_library(void)
{
    isal_inflate_init(&state);
    state.crc_flag = ISAL_GZIP; /* header and trailer are read and checked */
}

static void start_file(void)
{
    isal_inflate_reset(&state);
}

static int inflate_some(size_t len, const char *path)
{
    int complete;

    state.next_in = input;
    state.avail_in = (uint32_t)len;
    do {
        if (state.block_state == ISAL_BLOCK_FINISH)
            isal_inflate_reset(&state); /* another member */
        state.next_out = window;
        state.avail_out = sizeof(window);
        if (isal_inflate(&state) < 0)
            die(path, "invalid gzip data");
        text_bytes += sizeof(window) - state.avail_out;
        complete = state.block_state == ISAL_BLOCK_FINISH;
    } while (state.avail_in > 0 || (state.avail_out == 0 && !complete));
    return complete;
}

static const char *library(void)
{
#ifdef ISAL_MAJOR_VERSION
    static char text[32];

    (void)snprintf(text, sizeof(text), "ISA-L %d.%d.%d", ISAL_MAJOR_VERSION,
                   ISAL_MINOR_VERSION, ISAL_PATCH_VERSION);
    return text;
#else
    return "ISA-L";
#endif
}

#else

#define GZIP_WINDOW_BITS (15 + 16) /* header and trailer, too */

static z_stream stream;
static int status;

static void start_library(void)
{
    if (inflateInit2(&stream, GZIP_WINDOW_BITS) != Z_OK)
        die("zlib", "cannot start");
}

static void start_file(void)
{
    (void)inflateReset(&stream);
    status = Z_OK;
}

static int inflate_some(size_t len, const char *path)
{
    stream.next_in = input;
    stream.avail_in = (uInt)len;
    do {
        if (status == Z_STREAM_END)
            (void)inflateReset(&stream); /* another member */
        stream.next_out = window;
        stream.avail_out = sizeof(window);
        status = inflate(&stream, Z_NO_FLUSH);
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
            die(path, "invalid gzip data");
        text_bytes += sizeof(window) - stream.avail_out;
    } while (stream.avail_in > 0 ||
             (stream.avail_out == 0 && status != Z_STREAM_END));
    return status == Z_STREAM_END;
}

static const char *library(void)
{
    static char text[32];

    (void)snprintf(text, sizeof(text), "zlib %s", zlibVersion());
    return text;
}

#endif

/* ------------------------------------------------------------ the files */

static void add_path(const char *path)
{
    if (path_count == path_capacity) {
        path_capacity = 2 * path_capacity + 64;
        paths = realloc(paths, path_capacity * sizeof(*paths));
        if (!paths)
            die(path, "out of memory");
    }
    paths[path_count] = strdup(path);
    if (!paths[path_count++])
        die(path, "out of memory");
}

static int add_found(const char *path, const struct stat *st, int type,
                     struct FTW *where)
{
    (void)st;
    (void)where;
    if (type == FTW_F)
        add_path(path);
    return 0;
}

static void add_list(const char *list)
{
    FILE *in = fopen(list, "r");
    char *line = NULL;
    size_t capacity = 0;
    ssize_t len;

    if (!in)
        die(list, strerror(errno));
    while ((len = getline(&line, &capacity, in)) > 0) {
        if (line[len - 1] == '\n')
            line[len - 1] = '\0';
        add_path(line);
    }
    free(line);
    (void)fclose(in);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void inflate_file(const char *path)
{
    int fd = open(path, O_RDONLY);
    int complete = 0;
    ssize_t len;

    if (fd < 0)
        die(path, strerror(errno));
    start_file();
    while ((len = read(fd, input, sizeof(input))) > 0)
        complete = inflate_some((size_t)len, path);
    if (len < 0)
        die(path, strerror(errno));
    if (!complete)
        die(path, "cut short");
    (void)close(fd);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        (void)puts(library());
        return 0;
    }
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--list") == 0 && i + 1 < argc)
            add_list(argv[++i]);
        else if (nftw(argv[i], add_found, 16, FTW_PHYS) < 0)
            die(argv[i], strerror(errno));
    }
    if (path_count > 1)
        qsort(paths, path_count, sizeof(*paths), by_path);
    start_library();
    for (size_t i = 0; i < path_count; i++)
        inflate_file(paths[i]);
    (void)printf("%zu files, %llu bytes\n", path_count, text_bytes);
    for (size_t i = 0; i < path_count; i++)
        free(paths[i]);
    free(paths);
    return 0;
}
