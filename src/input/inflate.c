/*
 * What is around deflate: is it gzip at all, the members' headers, what
 * stands between and behind the members. Read by own code because a
 * library's header reader may fail when a read cuts a header, and cannot
 * tell rubbish behind the last member from a member that is cut.
 */
#include "input/inflate.h"

#include "base/sys.h"
#include "input/decoder.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>

/* Most log files in one read. From 64 KiB to 1 MiB no size was measurably
 * faster; this one stays in the second-level cache beside the caller's
 * window. */
#define READ_BYTES ((size_t)256 * 1024)

/* RFC 1952, section 2.3. */
#define MAGIC_1       0x1f
#define MAGIC_2       0x8b
#define METHOD_OFFSET 2
#define FLAGS_OFFSET  3
#define FIXED_BYTES   10 /* magic, method, flags, time, extra flags, system */
#define DEFLATE       8

#define FLAG_HCRC     0x02
#define FLAG_EXTRA    0x04
#define FLAG_NAME     0x08
#define FLAG_COMMENT  0x10
#define FLAG_RESERVED 0xe0

enum phase {
    AT_START,
    IN_PLAIN,
    IN_HEADER, /* at the magic bytes, which were seen */
    IN_BODY,
    BEHIND_MEMBER,
    AT_END,
    BROKEN, /* `why` */
    OVER_LIMIT,
    UNREADABLE /* `cause` */
};

struct inflate_stream {
    struct decoder *decoder;
    int fd;
    enum phase phase;
    const char *why; /* static text */
    int cause;       /* an errno */
    bool is_gzip;
    bool no_more_reads;  /* a terminal would go on after its end */
    uint64_t bytes_read; /* consumed or still in `ready` */
    struct span ready;   /* in `buffer`: read, not consumed */
    uint64_t max_unpacked;
    uint64_t unpacked; /* of all members */
    uint64_t member_at;
    uint32_t header_crc;
    char buffer[READ_BYTES];
};

struct inflate_stream *inflate_new(struct err *err)
{
    struct inflate_stream *in = sys_malloc(sizeof(*in));

    if (!in) {
        (void)err_memory(err);
        return NULL;
    }
    in->decoder = decoder_new();
    if (!in->decoder) {
        (void)err_memory(err);
        inflate_free(in);
        return NULL;
    }
    inflate_limit(in, INFLATE_MAX_BYTES);
    inflate_start(in, -1);
    return in;
}

void inflate_free(struct inflate_stream *in)
{
    if (!in)
        return;
    decoder_free(in->decoder);
    sys_free(in);
}

void inflate_limit(struct inflate_stream *in, uint64_t max_bytes)
{
    in->max_unpacked = max_bytes;
}

void inflate_start(struct inflate_stream *in, int fd)
{
    in->fd = fd;
    in->phase = AT_START;
    in->why = NULL;
    in->cause = 0;
    in->is_gzip = false;
    in->no_more_reads = false;
    in->bytes_read = 0;
    in->unpacked = 0;
    in->ready = span_of(in->buffer, 0);
}

/* A read error stays the cause: that the bytes then end looks like damage
 * but is none. */
static void break_off(struct inflate_stream *in, const char *why)
{
    if (in->phase == UNREADABLE)
        return;
    in->phase = BROKEN;
    in->why = why;
}

/* 0 at the end and after a read error, which also changes the phase. */
static size_t read_some(struct inflate_stream *in, char *into, size_t bytes)
{
    ssize_t got = in->no_more_reads ? 0 : sys_read(in->fd, into, bytes);

    if (got <= 0)
        in->no_more_reads = true;
    if (got < 0) {
        in->phase = UNREADABLE;
        in->cause = errno;
        return 0;
    }
    in->bytes_read += (uint64_t)got;
    return (size_t)got;
}

/* Have `wanted` bytes (a header's few) ready; false if they do not come. */
static bool have(struct inflate_stream *in, size_t wanted)
{
    while (in->ready.len < wanted) {
        size_t len = in->ready.len;
        size_t got;

        memmove(in->buffer, in->ready.ptr, len);
        in->ready.ptr = in->buffer;
        got = read_some(in, in->buffer + len, READ_BYTES - len);
        if (got == 0)
            return false;
        in->ready.len += got;
    }
    return true;
}

/* The ready byte at `position`, which have() made sure of. */
static unsigned byte_at(const struct inflate_stream *in, size_t position)
{
    return (unsigned char)in->ready.ptr[position];
}

static void use(struct inflate_stream *in, size_t bytes)
{
    in->ready.ptr += bytes;
    in->ready.len -= bytes;
}

/* The input ended where a member goes on: the damage is at its end. */
static const char *cut(struct inflate_stream *in)
{
    use(in, in->ready.len);
    return "the file ends inside a gzip member";
}

/* The second byte is asked for only after the first, so that it cannot be
 * missed where it is not needed. */
static bool at_magic(struct inflate_stream *in)
{
    return have(in, 1) && byte_at(in, 0) == MAGIC_1 && have(in, 2) &&
           byte_at(in, 1) == MAGIC_2;
}

static void find_kind(struct inflate_stream *in)
{
    in->phase = IN_PLAIN;
    in->is_gzip = at_magic(in);
    if (in->is_gzip)
        in->phase = IN_HEADER;
}

static size_t read_plain(struct inflate_stream *in, char *into,
                         size_t max_bytes)
{
    size_t count = in->ready.len < max_bytes ? in->ready.len : max_bytes;

    if (count > 0) {
        memcpy(into, in->ready.ptr, count);
        use(in, count);
        return count;
    }
    count = read_some(in, into, max_bytes);
    if (count == 0 && in->phase != UNREADABLE)
        in->phase = AT_END;
    return count;
}

/* CRC32 bit by bit: headers are short, and so the decoding library need
 * not lend its own. */
static void use_header(struct inflate_stream *in, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        in->header_crc ^= byte_at(in, i);
        for (int bit = 0; bit < 8; bit++)
            in->header_crc =
                in->header_crc >> 1 ^ (in->header_crc & 1 ? 0xedb88320U : 0U);
    }
    use(in, bytes);
}

/* The skip functions: false if the input ends before. */
static bool skip(struct inflate_stream *in, size_t bytes)
{
    while (bytes > 0) {
        size_t count;

        if (!have(in, 1))
            return false;
        count = in->ready.len < bytes ? in->ready.len : bytes;
        use_header(in, count);
        bytes -= count;
    }
    return true;
}

static bool skip_extra(struct inflate_stream *in)
{
    size_t bytes;

    if (!have(in, 2))
        return false;
    bytes = byte_at(in, 0) | byte_at(in, 1) << 8;
    return skip(in, 2 + bytes);
}

static bool skip_string(struct inflate_stream *in)
{
    while (have(in, 1)) {
        const char *end = memchr(in->ready.ptr, '\0', in->ready.len);

        if (end) {
            use_header(in, (size_t)(end - in->ready.ptr) + 1);
            return true;
        }
        use_header(in, in->ready.len);
    }
    return false;
}

static bool skip_fields(struct inflate_stream *in, unsigned flags)
{
    if (!skip(in, FIXED_BYTES))
        return false;
    if (flags & FLAG_EXTRA && !skip_extra(in))
        return false;
    if (flags & FLAG_NAME && !skip_string(in))
        return false;
    if (flags & FLAG_COMMENT && !skip_string(in))
        return false;
    return !(flags & FLAG_HCRC) || have(in, 2);
}

/* Leaves the input at the first byte of the body, or at what broke. */
static const char *read_header(struct inflate_stream *in)
{
    unsigned flags;

    if (!have(in, FLAGS_OFFSET + 1))
        return cut(in);
    if (byte_at(in, METHOD_OFFSET) != DEFLATE) {
        use(in, METHOD_OFFSET);
        return "unknown compression method in a gzip header";
    }
    flags = byte_at(in, FLAGS_OFFSET);
    if (flags & FLAG_RESERVED) {
        use(in, FLAGS_OFFSET);
        return "reserved flags in a gzip header";
    }
    in->header_crc = UINT32_MAX;
    if (!skip_fields(in, flags))
        return cut(in);
    if (flags & FLAG_HCRC) {
        /* The lower half of the header's CRC32. */
        if ((~in->header_crc & 0xffff) !=
            (byte_at(in, 0) | byte_at(in, 1) << 8))
            return "CRC mismatch in a gzip header";
        use(in, 2);
    }
    return NULL;
}

static void begin_member(struct inflate_stream *in)
{
    const char *why;

    in->member_at = inflate_offset(in);
    why = read_header(in);
    if (why) {
        break_off(in, why);
        return;
    }
    decoder_reset(in->decoder);
    in->phase = IN_BODY;
}

/* May give nothing and change nothing but `ready`: then it is called
 * again. */
static size_t run_decoder(struct inflate_stream *in, char *into,
                          size_t max_bytes)
{
    const char *why = NULL;
    size_t made;

    switch (
        decoder_run(in->decoder, &in->ready, into, max_bytes, &made, &why)) {
    case DECODER_END:
        in->phase = BEHIND_MEMBER;
        break;
    case DECODER_BROKEN:
        break_off(in, why);
        break;
    case DECODER_MORE:
        if (made == 0 && !have(in, 1))
            break_off(in, cut(in));
        break;
    }
    return made;
}

/* A byte that comes though the limit is reached is one too many; where none
 * comes, the member may still end well. */
static size_t read_body(struct inflate_stream *in, char *into, size_t max_bytes)
{
    uint64_t left = in->max_unpacked - in->unpacked;
    size_t made;
    char beyond;

    if (left == 0) {
        if (run_decoder(in, &beyond, 1) > 0)
            in->phase = OVER_LIMIT;
        return 0;
    }
    made = run_decoder(in, into, max_bytes < left ? max_bytes : (size_t)left);
    in->unpacked += made;
    return made;
}

static void find_next_member(struct inflate_stream *in)
{
    in->phase = AT_END;
    while (have(in, 1) && byte_at(in, 0) == 0)
        use(in, 1);
    if (at_magic(in)) {
        in->phase = IN_HEADER;
    } else if (in->ready.len == 1 && byte_at(in, 0) == MAGIC_1) {
        break_off(in, cut(in)); /* half of the magic bytes */
    } else if (in->ready.len > 0) {
        break_off(in, "bytes behind the last gzip member are neither gzip "
                      "nor zero");
    }
}

enum inflate_status inflate_read(struct inflate_stream *in, char *into,
                                 size_t max_bytes, size_t *count,
                                 struct err *err)
{
    assert(max_bytes > 0);
    *count = 0;
    while (*count == 0) {
        switch (in->phase) {
        case AT_START:
            find_kind(in);
            break;
        case IN_PLAIN:
            *count = read_plain(in, into, max_bytes);
            break;
        case IN_HEADER:
            begin_member(in);
            break;
        case IN_BODY:
            *count = read_body(in, into, max_bytes);
            break;
        case BEHIND_MEMBER:
            find_next_member(in);
            break;
        case AT_END:
            return INFLATE_END;
        case BROKEN:
            err_set(err, "%s", in->why);
            return INFLATE_DAMAGED;
        case OVER_LIMIT:
            err_set(err,
                    "the gzip member that begins here brings the file over "
                    "%" PRIu64 " unpacked bytes (--max-inflate)",
                    in->max_unpacked);
            return INFLATE_DAMAGED;
        case UNREADABLE:
            errno = in->cause;
            err_set_errno(err, "read failed");
            return INFLATE_UNREADABLE;
        }
    }
    return INFLATE_OK;
}

uint64_t inflate_offset(const struct inflate_stream *in)
{
    if (in->phase == OVER_LIMIT)
        return in->member_at;
    return in->bytes_read - in->ready.len;
}

bool inflate_is_gzip(const struct inflate_stream *in)
{
    return in->is_gzip;
}

const char *inflate_library(void)
{
    return decoder_library();
}
