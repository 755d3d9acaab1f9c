/*
 * The decoder on top of zlib, and the only file that includes zlib.h. It
 * uses raw deflate and checks the trailer itself, because inflate.c has
 * read the header before zlib sees a byte.
 */
#include "input/decoder.h"

#include "base/sys.h"
#include "input/trailer.h"

#include <stdint.h>
#include <stdio.h>

#define ZLIB_CONST /* next_in points to const */
#include <zlib.h>

#define RAW_WINDOW_BITS (-15) /* negative: no zlib or gzip wrapping */

/* zlib counts in unsigned int; more in one run is cut to this. */
#define RUN_MAX_BYTES ((size_t)1 << 30)

struct decoder {
    z_stream z;
    uint32_t crc;    /* of what was decoded */
    uint32_t length; /* modulo 2^32, as in the trailer */
    bool body_done;
    struct trailer trailer;
};

static voidpf zlib_alloc(voidpf opaque, uInt items, uInt bytes)
{
    (void)opaque;
    return sys_calloc(items, bytes);
}

static void zlib_free(voidpf opaque, voidpf ptr)
{
    (void)opaque;
    sys_free(ptr);
}

struct decoder *decoder_new(void)
{
    struct decoder *decoder = sys_calloc(1, sizeof(*decoder));

    if (!decoder)
        return NULL;
    decoder->z.zalloc = zlib_alloc;
    decoder->z.zfree = zlib_free;
    /* zlib allocates its window late, when the first bytes come out. A
     * dictionary makes it do so now; decoder_reset() forgets its bytes
     * but keeps the memory. */
    if (inflateInit2(&decoder->z, RAW_WINDOW_BITS) != Z_OK ||
        inflateSetDictionary(&decoder->z, (const Bytef *)"", 1) != Z_OK) {
        decoder_free(decoder);
        return NULL;
    }
    return decoder;
}

void decoder_free(struct decoder *decoder)
{
    if (!decoder)
        return;
    (void)inflateEnd(&decoder->z); /* harmless if it never began */
    sys_free(decoder);
}

void decoder_reset(struct decoder *decoder)
{
    (void)inflateReset(&decoder->z); /* fails only if it never began */
    decoder->crc = 0;
    decoder->length = 0;
    decoder->body_done = false;
    decoder->trailer = (struct trailer){.len = 0};
}

static void use(struct span *in, size_t bytes)
{
    in->ptr += bytes;
    in->len -= bytes;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* zlib's own code; what came out is counted and summed with any code. */
static int run_body(struct decoder *decoder, struct span *in, char *out,
                    size_t room, size_t *made)
{
    z_stream *z = &decoder->z;
    uInt given = (uInt)smaller(in->len, RUN_MAX_BYTES);
    uInt free_bytes = (uInt)smaller(room, RUN_MAX_BYTES);
    uInt came;
    int code;

    z->next_in = (const Bytef *)in->ptr;
    z->avail_in = given;
    z->next_out = (Bytef *)out;
    z->avail_out = free_bytes;
    code = inflate(z, Z_NO_FLUSH);
    came = free_bytes - z->avail_out;

    use(in, given - z->avail_in);
    decoder->crc = (uint32_t)crc32(decoder->crc, (const Bytef *)out, came);
    decoder->length += came;
    *made = came;
    return code;
}

enum decoder_status decoder_run(struct decoder *decoder, struct span *in,
                                char *out, size_t room, size_t *made,
                                const char **why)
{
    *made = 0;
    if (!decoder->body_done) {
        switch (run_body(decoder, in, out, room, made)) {
        case Z_STREAM_END:
            decoder->body_done = true;
            break;
        case Z_OK:
        case Z_BUF_ERROR: /* nothing to do it with: no failure */
            return DECODER_MORE;
        default:
            /* Not zlib's own words: they differ between libraries. */
            *why = "invalid deflate data";
            return DECODER_BROKEN;
        }
    }
    return trailer_read(&decoder->trailer, in, decoder->crc, decoder->length,
                        why);
}

const char *decoder_library(void)
{
    static char text[32];

    (void)snprintf(text, sizeof(text), "zlib %s", zlibVersion());
    return text;
}
