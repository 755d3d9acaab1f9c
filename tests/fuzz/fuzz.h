/*
 * fuzz.h - what the fuzz targets share. A target is one function over
 * bytes: libFuzzer calls it with bytes of its own making, replay.c with
 * those of the corpus. What must hold is asked with fuzz_require(), which
 * ends the program in any build.
 */
#ifndef OFFBOX_TESTS_FUZZ_H
#define OFFBOX_TESTS_FUZZ_H

#include "base/span.h"
#include "input/delimit.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define fuzz_require(holds) \
    fuzz_hold((holds), #holds, __FILE__, (unsigned)__LINE__)

static inline void fuzz_hold(bool holds, const char *what, const char *file,
                             unsigned line)
{
    if (holds)
        return;
    (void)fprintf(stderr, "%s:%u: does not hold: %s\n", file, line, what);
    abort();
}

/* The input's first byte, which is taken off it; 0 at its end. */
static inline uint8_t fuzz_byte(struct span *input)
{
    uint8_t byte;

    if (input->len == 0)
        return 0;
    byte = (uint8_t)*input->ptr;
    *input = span_of(input->ptr + 1, input->len - 1);
    return byte;
}

/* Sizes of pieces, from a few of the input's first bytes; used in turn and
 * over again. One has no end: everything at once. */
struct fuzz_sizes {
    size_t size[4];
    unsigned next;
};

static inline struct fuzz_sizes fuzz_sizes(struct span *input)
{
    struct fuzz_sizes sizes = {.next = 0};

    for (unsigned i = 0; i < 4; i++) {
        size_t byte = fuzz_byte(input);

        /* Mostly small, since there the cuts are; never 0. */
        sizes.size[i] = byte < 224 ? 1 + byte % 64 : (byte - 223) * 37;
    }
    return sizes;
}

static inline size_t fuzz_next_size(struct fuzz_sizes *sizes)
{
    return sizes->size[sizes->next++ % 4];
}

/* Use the variant of the delimiter of this number; they are taken in turn. */
static inline void fuzz_choose_delimiter(unsigned number)
{
    const struct delimit_variant *variants = delimit_variants();
    unsigned count = 0;

    while (variants[count].name)
        count++;
    fuzz_require(delimit_choose(variants[number % count].name) == 0);
}

/* A copy that is as long as it is, so that the address sanitizer sees the
 * first byte read behind it. The caller frees. */
static inline char *fuzz_copy(struct span bytes)
{
    char *copy = malloc(bytes.len ? bytes.len : 1);

    fuzz_require(copy != NULL);
    if (bytes.len > 0)
        memcpy(copy, bytes.ptr, bytes.len);
    return copy;
}

#ifdef FUZZ_OWN_READ
/*
 * A target that defines this has base/sys.c in itself, and whatever reads
 * gets the bytes of `fuzz_file`, in pieces; the descriptor does not
 * matter.
 */
#include <unistd.h>

static struct {
    struct span rest;
    struct fuzz_sizes sizes;
    bool whole; /* as many bytes a read as are wanted */
} fuzz_file;

static ssize_t fuzz_read(int fd, void *into, size_t bytes)
{
    size_t size = fuzz_file.whole ? SIZE_MAX : fuzz_next_size(&fuzz_file.sizes);

    (void)fd;
    if (size > bytes)
        size = bytes;
    if (size > fuzz_file.rest.len)
        size = fuzz_file.rest.len;
    if (size > 0)
        memcpy(into, fuzz_file.rest.ptr, size);
    fuzz_file.rest =
        span_of(fuzz_file.rest.ptr + size, fuzz_file.rest.len - size);
    return (ssize_t)size;
}

#define read(fd, into, bytes) fuzz_read((fd), (into), (bytes))
#include "base/sys.c"
#undef read
#endif

#endif
