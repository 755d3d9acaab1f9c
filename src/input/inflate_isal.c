/*
 * The decoder on top of ISA-L, about twice as fast as zlib, and the only
 * file that includes ISA-L's headers.
 *
 * It runs as raw deflate, with the CRC by ISA-L's own function and the
 * trailer read here: ISA-L's own check does not tell a wrong CRC from a
 * wrong length, and both libraries must give the same words.
 *
 * Where deflate data breaks, ISA-L (2.30) keeps back what it decoded before
 * the break in the same call, and how much depends on how the input was cut.
 * So after a break the current piece of input is decoded again, byte by
 * byte: then everything before the break comes out, and the break is where
 * the data has it.
 */
#include "input/decoder.h"

#include "base/sys.h"
#include "input/trailer.h"

#include <isa-l.h>
#include <stddef.h>
#include <stdio.h>

/* ISA-L counts in 32 bits; more in one run is cut to this. */
#define RUN_MAX_BYTES ((size_t)1 << 30)

/* More than ISA-L ever holds back (its window and one byte's symbols), so
 * that in decoding again it never lacks room: what it keeps for want of
 * room is lost at a break, too. */
#define WAITING_BYTES ((size_t)128 * 1024)

struct decoder {
    struct inflate_state isal; /* 87 KB, reused from member to member */

    /* To decode a piece of input again: where it begins, the state there,
     * and how much has come out since. */
    const char *piece, *piece_at;
    bool piece_is_first; /* of the member: the state is a reset one */
    struct inflate_state at_piece;
    size_t made_of_piece;

    /* Decoding again: the next byte; how much of what comes is to be
     * thrown away; what came and waits for room. */
    const char *again;
    size_t skip;
    char waiting[WAITING_BYTES];
    size_t waiting_at, waiting_end;
    bool broken;

    uint32_t crc;
    uint32_t length; /* modulo 2^32, as in the trailer */
    bool body_done;
    struct trailer trailer;
};

struct decoder *decoder_new(void)
{
    struct decoder *decoder = sys_calloc(1, sizeof(*decoder));

    if (decoder)
        isal_inflate_init(&decoder->isal);
    return decoder;
}

void decoder_free(struct decoder *decoder)
{
    sys_free(decoder);
}

static void reset_state(struct inflate_state *isal)
{
    isal_inflate_reset(isal);
    isal->crc_flag = ISAL_DEFLATE;
}

void decoder_reset(struct decoder *decoder)
{
    reset_state(&decoder->isal);
    decoder->piece = NULL;
    decoder->again = NULL;
    decoder->crc = 0;
    decoder->length = 0;
    decoder->body_done = false;
    decoder->trailer = (struct trailer){.len = 0};
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void count_output(struct decoder *decoder, const char *out, size_t made)
{
    decoder->crc =
        crc32_gzip_refl(decoder->crc, (const unsigned char *)out, made);
    decoder->length += (uint32_t)made;
}

/* ISA-L reads ahead: whole bytes behind the body are in its bit buffer,
 * and they are the trailer's first. (At most eight, and those may be of an
 * earlier piece of input, so the pointer cannot just be set back.) */
static void take_read_ahead(struct decoder *decoder)
{
    struct inflate_state *isal = &decoder->isal;
    int bits = isal->read_in_length;
    uint64_t ahead = isal->read_in >> (bits % 8);

    for (int bytes = bits / 8; bytes > 0; bytes--, ahead >>= 8)
        decoder->trailer.bytes[decoder->trailer.len++] =
            (unsigned char)(ahead & 0xff);
}

/* ISA-L's own code. */
static int run_isal(struct inflate_state *isal, struct span *in, char *out,
                    size_t room, size_t *made)
{
    uint32_t given = (uint32_t)smaller(in->len, RUN_MAX_BYTES);
    uint32_t free_bytes = (uint32_t)smaller(room, RUN_MAX_BYTES);
    int code;

    isal->next_in = (uint8_t *)in->ptr; /* only read from */
    isal->avail_in = given;
    isal->next_out = (uint8_t *)out;
    isal->avail_out = free_bytes;
    code = isal_inflate(isal);
    *made = free_bytes - isal->avail_out;
    in->ptr += given - isal->avail_in;
    in->len -= given - isal->avail_in;
    return code;
}

static bool is_broken(int code)
{
    return code != ISAL_DECOMP_OK && code != ISAL_END_INPUT;
}

/* Of a state's 87 KB the last 65 are a buffer, of which half is in use. */
static void copy_state(struct inflate_state *to,
                       const struct inflate_state *from)
{
    memcpy(to, from,
           offsetof(struct inflate_state, tmp_out_buffer) +
               (size_t)from->tmp_out_valid);
}

/* Note where a piece of input begins; runs over one piece go on where the
 * last one stopped. Copying 55 KB for every 256 KB of input costs little, and
 * the first piece of a member nothing. */
static void note_piece(struct decoder *decoder, struct span in)
{
    if (decoder->piece && in.ptr == decoder->piece_at)
        return;
    decoder->piece_is_first = !decoder->piece;
    if (!decoder->piece_is_first)
        copy_state(&decoder->at_piece, &decoder->isal);
    decoder->piece = in.ptr;
    decoder->made_of_piece = 0;
}

static void begin_again(struct decoder *decoder)
{
    if (decoder->piece_is_first)
        reset_state(&decoder->isal);
    else
        copy_state(&decoder->isal, &decoder->at_piece);
    decoder->again = decoder->piece;
    decoder->skip = decoder->made_of_piece;
    decoder->waiting_at = decoder->waiting_end = 0;
    decoder->broken = false;
}

/* One byte more, into `waiting`; past `end` none, so that it breaks. */
static void decode_byte(struct decoder *decoder, const char *end)
{
    struct span byte = span_of(decoder->again, decoder->again < end ? 1 : 0);
    size_t came;
    int code =
        run_isal(&decoder->isal, &byte, decoder->waiting, WAITING_BYTES, &came);
    size_t skipped = smaller(came, decoder->skip);

    decoder->broken =
        is_broken(code) || (came == 0 && byte.ptr == decoder->again);
    decoder->again = byte.ptr;
    decoder->skip -= skipped;
    decoder->waiting_at = skipped;
    decoder->waiting_end = came;
}

/* Towards the break, byte by byte. `*in` stays where it was until the break
 * is reached, so the caller keeps the piece. */
static enum decoder_status run_again(struct decoder *decoder, struct span *in,
                                     char *out, size_t room, size_t *made,
                                     const char **why)
{
    const char *end = in->ptr + in->len;

    while (*made < room) {
        size_t count =
            smaller(decoder->waiting_end - decoder->waiting_at, room - *made);

        memcpy(out + *made, decoder->waiting + decoder->waiting_at, count);
        decoder->waiting_at += count;
        *made += count;
        if (decoder->waiting_at < decoder->waiting_end)
            break;
        if (!decoder->broken) {
            decode_byte(decoder, end);
            continue;
        }
        if (decoder->again > in->ptr)
            *in = span_of(decoder->again, (size_t)(end - decoder->again));
        *why = "invalid deflate data";
        return DECODER_BROKEN;
    }
    return DECODER_MORE;
}

static enum decoder_status run_body(struct decoder *decoder, struct span *in,
                                    char *out, size_t room, size_t *made,
                                    const char **why)
{
    struct span before = *in;

    if (!decoder->again) {
        note_piece(decoder, *in);
        if (!is_broken(run_isal(&decoder->isal, in, out, room, made))) {
            decoder->piece_at = in->ptr;
            decoder->made_of_piece += *made;
            return decoder->isal.block_state == ISAL_BLOCK_FINISH
                       ? DECODER_END
                       : DECODER_MORE;
        }
        begin_again(decoder);
        *in = before;
        *made = 0;
    }
    return run_again(decoder, in, out, room, made, why);
}

enum decoder_status decoder_run(struct decoder *decoder, struct span *in,
                                char *out, size_t room, size_t *made,
                                const char **why)
{
    *made = 0;
    if (!decoder->body_done) {
        enum decoder_status status =
            run_body(decoder, in, out, room, made, why);

        count_output(decoder, out, *made);
        if (status != DECODER_END)
            return status;
        decoder->body_done = true;
        take_read_ahead(decoder);
    }
    return trailer_read(&decoder->trailer, in, decoder->crc, decoder->length,
                        why);
}

const char *decoder_library(void)
{
    static char text[32];

    (void)snprintf(text, sizeof(text), "ISA-L %d.%d.%d", ISAL_MAJOR_VERSION,
                   ISAL_MINOR_VERSION, ISAL_PATCH_VERSION);
    return text;
}
