/*
 * Bytes, status, reason and offset of an input do not depend on how much
 * is read or asked for at once (the input's bytes 1 to 8). By byte 0 there
 * is a limit to what the file may unpack to, and the rest is the file as it
 * stands, or a recipe for one: a fuzzer cannot guess a CRC, so members are
 * packed here, and one byte is changed.
 */
#define FUZZ_OWN_READ
#include "fuzz.h"

#include "base/buf.h"
#include "input/inflate.h"

#include <zlib.h>

static void add_member(struct buf *to, struct span text, int level)
{
    size_t room = text.len + text.len / 1000 + 64;
    z_stream z = {0};

    fuzz_require(deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, 0) == Z_OK);
    z.next_in = (Bytef *)(uintptr_t)text.ptr;
    z.avail_in = (uInt)text.len;
    z.next_out = (Bytef *)buf_reserve(to, room);
    z.avail_out = (uInt)room;
    fuzz_require(deflate(&z, Z_FINISH) == Z_STREAM_END);
    to->len += z.total_out;
    (void)deflateEnd(&z);
}

/*
 * Members one behind the other. Each begins with a byte that says what
 * follows: a text to pack, with its length in the next byte, so often over;
 * bytes as they stand; or padding.
 */
static void cook(struct span recipe, struct buf *out)
{
    static struct buf text;
    uint8_t change = fuzz_byte(&recipe);
    size_t where = fuzz_byte(&recipe);

    while (recipe.len > 0) {
        uint8_t what = fuzz_byte(&recipe);
        size_t len = fuzz_byte(&recipe);
        struct span piece;

        if (len > recipe.len)
            len = recipe.len;
        piece = span_of(recipe.ptr, len);
        recipe = span_of(recipe.ptr + len, recipe.len - len);
        if (what % 8 == 7) {
            for (size_t i = 0; i < len; i++)
                buf_add_char(out, '\0');
        } else if (what % 8 == 6) {
            buf_add(out, piece);
        } else {
            buf_clear(&text);
            /* Some are longer than any window of the decoder. */
            for (size_t i = 0; i < (what >= 248 ? 600u : 1u + what / 64); i++)
                buf_add(&text, piece);
            add_member(out, buf_span(&text), what % 8);
        }
    }
    if (change >= 128 && out->len > 0)
        out->ptr[out->len * where / 256] ^= (char)(change & 0x7f);
}

static void unpack(struct inflate_stream *in, struct span file,
                   struct fuzz_sizes reads, struct fuzz_sizes wants, bool whole,
                   struct buf *out)
{
    static char room[1 << 16];
    struct err err = ERR_NONE;
    enum inflate_status status;
    size_t count;

    fuzz_file.rest = file;
    fuzz_file.sizes = reads;
    fuzz_file.whole = whole;
    inflate_start(in, 0);
    do {
        size_t wanted = whole ? sizeof(room) : fuzz_next_size(&wants);
        char *into = whole ? room : malloc(wanted);

        fuzz_require(into != NULL);
        count = SIZE_MAX;
        status = inflate_read(in, into, wanted, &count, &err);
        fuzz_require(count <= wanted);
        fuzz_require((status == INFLATE_OK) == (count > 0));
        buf_add(out, span_of(into, count));
        if (!whole)
            free(into);
    } while (status == INFLATE_OK);
    fuzz_require(status != INFLATE_UNREADABLE);
    fuzz_require(inflate_offset(in) <= file.len);
    fuzz_require(status != INFLATE_END || inflate_offset(in) == file.len);
    fuzz_require(inflate_read(in, room, 1, &count, NULL) == status);
    buf_printf(out, "\nstatus %d at %llu, gzip %d: %s", (int)status,
               (unsigned long long)inflate_offset(in), inflate_is_gzip(in),
               err.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct inflate_stream *in;
    static struct buf got, expected, file;
    struct span input = span_of((const char *)data, size);
    uint8_t kind = fuzz_byte(&input);
    struct fuzz_sizes reads = fuzz_sizes(&input);
    struct fuzz_sizes wants = fuzz_sizes(&input);

    if (!in)
        in = inflate_new(NULL);
    fuzz_require(in != NULL);
    inflate_limit(in, kind < 128 ? UINT64_MAX : (kind - 127u) * 40);
    buf_clear(&file);
    buf_clear(&got);
    buf_clear(&expected);
    buf_add(&file, SPAN(""));
    if (kind % 2)
        cook(input, &file);
    else
        buf_add(&file, input);
    fuzz_require(!file.failed);
    /* What bombs do is not looked for here. */
    if (file.len > 4096 && kind % 2 == 0)
        return 0;
    unpack(in, buf_span(&file), reads, wants, true, &expected);
    unpack(in, buf_span(&file), reads, wants, false, &got);
    fuzz_require(!got.failed && !expected.failed);
    if (!span_eq(buf_span(&got), buf_span(&expected)))
        (void)fprintf(stderr, "whole:%.400s\npieces:%.400s\n",
                      strrchr(buf_str(&expected), '\n'),
                      strrchr(buf_str(&got), '\n'));
    fuzz_require(span_eq(buf_span(&got), buf_span(&expected)));
    return 0;
}
