/*
 * inflate: what a file holds is given out whole or its damage is told, in
 * whatever pieces the file arrives and is asked for.
 *
 * All tests share one stream, so each of them is also a test that nothing
 * of the input before is left in it.
 */
#include "input/inflate.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h> /* needs setjmp.h, stdarg.h, stddef.h, stdint.h */

#define FLAG_TEXT     0x01U
#define FLAG_HCRC     0x02U
#define FLAG_EXTRA    0x04U
#define FLAG_NAME     0x08U
#define FLAG_COMMENT  0x10U
#define FLAGS_ALL     0x1fU
#define FIXED_BYTES   10
#define TRAILER_BYTES 8

#define WHOLE ((size_t)1 << 16) /* larger than the small files unpacked */

/* More than any buffer between a file and its reader. */
#define LARGE_BYTES ((size_t)3 * 1024 * 1024 + 17)

#define CUT     "the file ends inside a gzip member"
#define RUBBISH "bytes behind the last gzip member are neither gzip nor zero"

#define NAME    SPAN("123456789012_CloudTrail_eu-west-1.json")
#define COMMENT SPAN("a comment")
#define EXTRA   SPAN("AB\x04\0data")

static struct inflate_stream *stream;
static FILE *file;

/* ------------------------------------------------------ making inputs */

/* Repeats itself as log files do, so that it packs into literals and
 * matches with codes of its own. */
static void add_text(struct buf *to, size_t bytes)
{
    size_t end = to->len + bytes;

    for (unsigned i = 0; to->len < end; i++)
        buf_printf(to, "{\"eventID\":\"%08x\",\"awsRegion\":\"eu-west-%u\"}",
                   i * 2654435761U, i % 3);
    to->len = end;
}

static void add_little_endian(struct buf *to, unsigned long number,
                              unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        buf_add_char(to, (char)(number >> 8 * i & 0xff));
}

static void add_header(struct buf *to, unsigned flags, struct span name,
                       struct span extra)
{
    size_t start = to->len;
    uLong crc;

    buf_add(to, SPAN("\x1f\x8b\x08"));
    buf_add_char(to, (char)flags);
    buf_add(to, SPAN("\x01\x02\x03\x04\x02\x03"));
    if (flags & FLAG_EXTRA) {
        add_little_endian(to, extra.len, 2);
        buf_add(to, extra);
    }
    if (flags & FLAG_NAME) {
        buf_add(to, name);
        buf_add_char(to, '\0');
    }
    if (flags & FLAG_COMMENT) {
        buf_add(to, COMMENT);
        buf_add_char(to, '\0');
    }
    if (flags & FLAG_HCRC) {
        crc = crc32(0, (const Bytef *)to->ptr + start, (uInt)(to->len - start));
        add_little_endian(to, crc, 2);
    }
}

static void add_deflated(struct buf *to, struct span text, int flush)
{
    size_t room = text.len + text.len / 1000 + 64;
    z_stream z = {0};
    int code;

    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 9, 0), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)text.ptr;
    z.avail_in = (uInt)text.len;
    z.next_out = (Bytef *)buf_reserve(to, room);
    z.avail_out = (uInt)room;
    assert_non_null(z.next_out);
    code = deflate(&z, flush);
    assert_int_equal(code, flush == Z_FINISH ? Z_STREAM_END : Z_OK);
    to->len += z.total_out;
    (void)deflateEnd(&z);
}

static void add_trailer(struct buf *to, struct span text)
{
    add_little_endian(to, crc32(0, (const Bytef *)text.ptr, (uInt)text.len), 4);
    add_little_endian(to, text.len, 4);
}

static void add_member(struct buf *to, struct span text, unsigned flags)
{
    add_header(to, flags, NAME, EXTRA);
    add_deflated(to, text, Z_FINISH);
    add_trailer(to, text);
}

/* The file that most tests damage: some of its members have all optional
 * header fields, one is empty. */
#define MEMBERS 4
struct sample {
    struct buf packed;
    struct buf text;
    size_t packed_end[MEMBERS]; /* of each member */
    size_t text_end[MEMBERS];
};

static void sample_init(struct sample *sample)
{
    static const struct {
        size_t bytes;
        unsigned flags;
    } members[MEMBERS] = {
        {600, FLAGS_ALL},
        {0, 0},
        {40, FLAGS_ALL & ~FLAG_HCRC},
        {300, FLAG_NAME},
    };

    *sample = (struct sample){.packed = BUF_INIT, .text = BUF_INIT};
    for (int i = 0; i < MEMBERS; i++) {
        size_t start = sample->text.len;

        add_text(&sample->text, members[i].bytes);
        add_member(&sample->packed,
                   span_of(sample->text.ptr + start, members[i].bytes),
                   members[i].flags);
        sample->packed_end[i] = sample->packed.len;
        sample->text_end[i] = sample->text.len;
    }
}

static void sample_release(struct sample *sample)
{
    buf_release(&sample->packed);
    buf_release(&sample->text);
}

/* ------------------------------------------------------ reading inputs */

struct outcome {
    enum inflate_status status;
    uint64_t offset;
    bool is_gzip;
    struct buf text;
    struct err err;
};

#define OUTCOME_INIT ((struct outcome){.text = BUF_INIT})

/* Read all there is and hold each call to the contract. */
static void read_all(int fd, size_t max_bytes, struct outcome *out)
{
    static const char canary = 0x55;
    struct err again = ERR_NONE;
    size_t count;

    buf_clear(&out->text);
    out->err = ERR_NONE;
    inflate_start(stream, fd);
    do {
        char *into = buf_reserve(&out->text, max_bytes + 1);

        assert_non_null(into);
        into[max_bytes] = canary;
        count = SIZE_MAX;
        out->status = inflate_read(stream, into, max_bytes, &count, &out->err);
        assert_int_equal(into[max_bytes], canary);
        if (out->status == INFLATE_OK)
            assert_in_range(count, 1, max_bytes);
        else
            assert_int_equal(count, 0);
        out->text.len += count;
    } while (out->status == INFLATE_OK);

    out->offset = inflate_offset(stream);
    out->is_gzip = inflate_is_gzip(stream);
    assert_int_equal(out->status != INFLATE_END, out->err.text[0] != '\0');

    assert_int_equal(inflate_read(stream, &(char){0}, 1, &count, &again),
                     out->status);
    assert_int_equal(count, 0);
    assert_string_equal(again.text, out->err.text);
    assert_int_equal(inflate_offset(stream), out->offset);
}

/* `bytes` as a file, at its start. */
static int as_file(struct span bytes)
{
    int fd = fileno(file);

    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    for (size_t done = 0; done < bytes.len;) {
        ssize_t put = write(fd, bytes.ptr + done, bytes.len - done);

        assert_true(put > 0);
        done += (size_t)put;
    }
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void decode(struct span bytes, size_t max_bytes, struct outcome *out)
{
    read_all(as_file(bytes), max_bytes, out);
}

/* In a process of its own: write `piece` bytes, wait until they have been
 * read, and so on. So each read gets one piece and no more. */
static void feed(int fd, struct span bytes, size_t piece)
{
    alarm(60); /* for when nobody reads any more */
    while (bytes.len > 0) {
        size_t count = bytes.len < piece ? bytes.len : piece;
        int left;

        if (write(fd, bytes.ptr, count) != (ssize_t)count)
            _exit(1);
        bytes = span_of(bytes.ptr + count, bytes.len - count);
        while (ioctl(fd, FIONREAD, &left) == 0 && left > 0)
            (void)sched_yield();
    }
    _exit(0);
}

static void decode_pipe(struct span bytes, size_t piece, size_t max_bytes,
                        struct outcome *out)
{
    int ends[2];
    pid_t feeder;

    assert_int_equal(pipe(ends), 0);
    feeder = fork();
    assert_true(feeder >= 0);
    if (feeder == 0) {
        (void)close(ends[0]);
        feed(ends[1], bytes, piece);
    }
    (void)close(ends[1]);
    read_all(ends[0], max_bytes, out);
    (void)close(ends[0]);
    (void)kill(feeder, SIGKILL); /* damage ends the reading early */
    (void)waitpid(feeder, NULL, 0);
}

static void expect_text(const char *what, size_t number,
                        const struct outcome *out, struct span text)
{
    if (out->text.len != text.len ||
        (text.len > 0 && memcmp(out->text.ptr, text.ptr, text.len) != 0))
        fail_msg("%s %zu: %zu bytes came, wanted are %zu, or they differ", what,
                 number, out->text.len, text.len);
}

static void expect_end(const char *what, size_t number,
                       const struct outcome *out, struct span text,
                       size_t packed_bytes)
{
    if (out->status != INFLATE_END)
        fail_msg("%s %zu: status %d at %llu: %s", what, number,
                 (int)out->status, (unsigned long long)out->offset,
                 out->err.text);
    if (out->offset != packed_bytes)
        fail_msg("%s %zu: offset %llu, wanted %zu", what, number,
                 (unsigned long long)out->offset, packed_bytes);
    expect_text(what, number, out, text);
}

static void expect_damage(const char *what, size_t number,
                          const struct outcome *out, const char *reason,
                          size_t offset)
{
    if (out->status != INFLATE_DAMAGED || strcmp(out->err.text, reason) != 0)
        fail_msg("%s %zu: status %d, \"%s\"", what, number, (int)out->status,
                 out->err.text);
    if (out->offset != offset)
        fail_msg("%s %zu: offset %llu, wanted %zu", what, number,
                 (unsigned long long)out->offset, offset);
}

static void expect_same(const char *what, size_t number,
                        const struct outcome *a, const struct outcome *b)
{
    if (a->status != b->status || a->offset != b->offset ||
        a->is_gzip != b->is_gzip || strcmp(a->err.text, b->err.text) != 0)
        fail_msg("%s %zu: status %d at %llu (%s), then %d at %llu (%s)", what,
                 number, (int)a->status, (unsigned long long)a->offset,
                 a->err.text, (int)b->status, (unsigned long long)b->offset,
                 b->err.text);
    expect_text(what, number, a, buf_span(&b->text));
}

/* The result is the file's alone: pipes give what they have, and callers
 * ask for what they have room for. */
static void expect_same_in_pieces(const char *what, size_t number,
                                  struct span bytes)
{
    static const struct {
        size_t piece; /* 0: read from a file */
        size_t max_bytes;
    } ways[] = {{0, 1}, {0, 259}, {1, 1}, {1, WHOLE}, {3, 2}};
    struct outcome whole = OUTCOME_INIT;
    struct outcome out = OUTCOME_INIT;

    decode(bytes, WHOLE, &whole);
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        if (ways[i].piece)
            decode_pipe(bytes, ways[i].piece, ways[i].max_bytes, &out);
        else
            decode(bytes, ways[i].max_bytes, &out);
        expect_same(what, number, &out, &whole);
    }
    buf_release(&whole.text);
    buf_release(&out.text);
}

/* --------------------------------------------------------- good inputs */

/* A log file may be several gzip files one after the other: all count. */
static void reads_one_to_five_members(void **state)
{
    struct outcome out = OUTCOME_INIT;
    struct buf packed = BUF_INIT;
    struct buf text = BUF_INIT;

    (void)state;
    for (size_t members = 1; members <= 5; members++) {
        size_t start = text.len;

        add_text(&text, members * 100);
        add_member(&packed, span_of(text.ptr + start, members * 100), 0);
        decode(buf_span(&packed), WHOLE, &out);
        expect_end("members", members, &out, buf_span(&text), packed.len);
        assert_true(out.is_gzip);
    }
    buf_release(&packed);
    buf_release(&text);
    buf_release(&out.text);
}

/* A member without text is no end: what stands behind it counts, and a
 * million of them must not need a million calls of depth. */
static void reads_past_empty_members(void **state)
{
    static const size_t empty_before[] = {0, 1, 2, 10000};
    struct outcome out = OUTCOME_INIT;
    struct buf packed = BUF_INIT;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        buf_clear(&packed);
        for (size_t n = 0; n < empty_before[i]; n++)
            add_member(&packed, SPAN(""), 0);
        add_member(&packed, SPAN("text"), 0);
        add_member(&packed, SPAN(""), 0);
        decode(buf_span(&packed), WHOLE, &out);
        expect_end("empty members", i, &out, SPAN("text"), packed.len);
    }
    buf_clear(&packed);
    add_member(&packed, SPAN(""), 0);
    decode(buf_span(&packed), WHOLE, &out);
    expect_end("nothing but an empty member", 1, &out, SPAN(""), packed.len);
    assert_true(out.is_gzip);
    buf_release(&packed);
    buf_release(&out.text);
}

/* Writers differ in the header fields they fill in. */
static void reads_every_combination_of_header_fields(void **state)
{
    struct outcome out = OUTCOME_INIT;
    struct buf packed = BUF_INIT;

    (void)state;
    for (unsigned flags = 0; flags <= FLAGS_ALL; flags++) {
        buf_clear(&packed);
        add_member(&packed, SPAN("first, "), flags);
        add_member(&packed, SPAN("second"), FLAGS_ALL & ~flags);
        decode(buf_span(&packed), WHOLE, &out);
        expect_end("flags", flags, &out, SPAN("first, second"), packed.len);
        decode(buf_span(&packed), 1, &out);
        expect_end("flags, by bytes", flags, &out, SPAN("first, second"),
                   packed.len);
    }
    buf_release(&packed);
    buf_release(&out.text);
}

/* A name has no limit and may lie across any number of reads. */
static void header_fields_may_be_long_or_empty(void **state)
{
    static const size_t lengths[] = {0,     1,      255,    256,
                                     65535, 262130, 262144, 600000};
    static const unsigned flags[] = {FLAG_EXTRA, FLAG_NAME, FLAGS_ALL};
    struct outcome out = OUTCOME_INIT;
    struct buf packed = BUF_INIT;
    struct buf field = BUF_INIT;

    (void)state;
    add_text(&field, 600000);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        size_t extra = lengths[i] < 65535 ? lengths[i] : 65535;

        for (size_t f = 0; f < 3; f++) {
            buf_clear(&packed);
            add_header(&packed, flags[f], span_of(field.ptr, lengths[i]),
                       span_of(field.ptr, extra));
            add_deflated(&packed, SPAN("text"), Z_FINISH);
            add_trailer(&packed, SPAN("text"));
            decode(buf_span(&packed), WHOLE, &out);
            expect_end("length", lengths[i], &out, SPAN("text"), packed.len);
        }
    }
    buf_release(&field);
    buf_release(&packed);
    buf_release(&out.text);
}

/* Tapes and block devices fill up with zeros. What stands behind them is
 * a member like any other: not reading it would lose events. */
static void zero_bytes_are_padding(void **state)
{
    static const size_t lengths[] = {1, 2, 511, 300000};
    struct outcome out = OUTCOME_INIT;
    struct buf packed = BUF_INIT;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        buf_clear(&packed);
        add_member(&packed, SPAN("one"), 0);
        for (size_t n = 0; n < lengths[i]; n++)
            buf_add_char(&packed, '\0');
        decode(buf_span(&packed), WHOLE, &out);
        expect_end("zeros behind", lengths[i], &out, SPAN("one"), packed.len);
        add_member(&packed, SPAN(", two"), 0);
        decode(buf_span(&packed), WHOLE, &out);
        expect_end("zeros between", lengths[i], &out, SPAN("one, two"),
                   packed.len);
    }
    buf_release(&packed);
    buf_release(&out.text);
}

/* What is not gzip passes through untouched, whatever it is. */
static void plain_bytes_pass_through(void **state)
{
    static const struct span texts[] = {
        {"", 0},
        {"{", 1},
        {"\x1f", 1}, /* half of the magic bytes */
        {"\x8b", 1},
        {"\0", 1},
        {"\x1f\x1f", 2},
        {"\x1f\x8a\x08", 3},
        {"\0\x1f\x8b\x08", 4},
        {"{\"Records\":[]}", 14},
        {"\x1f{\"Records\":[]}", 15},
    };
    static const size_t max_bytes[] = {1, 2, 3, WHOLE};
    struct outcome out = OUTCOME_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        for (size_t m = 0; m < 4; m++) {
            decode(texts[i], max_bytes[m], &out);
            expect_end("plain", i, &out, texts[i], texts[i].len);
            assert_false(out.is_gzip);
        }
        decode_pipe(texts[i], 1, 2, &out);
        expect_end("plain by bytes", i, &out, texts[i], texts[i].len);
    }
    buf_release(&out.text);
}

/* Neither kind of file depends on fitting into a buffer. */
static void reads_files_larger_than_any_buffer(void **state)
{
    static const size_t max_bytes[] = {4093, WHOLE, 2 * LARGE_BYTES};
    struct outcome out = OUTCOME_INIT;
    struct buf packed = BUF_INIT;
    struct buf text = BUF_INIT;
    size_t half = LARGE_BYTES / 2;

    (void)state;
    add_text(&text, LARGE_BYTES);
    add_member(&packed, span_of(text.ptr, half), FLAG_NAME);
    add_member(&packed, span_of(text.ptr + half, LARGE_BYTES - half), 0);
    assert_true(packed.len > 4 * WHOLE);
    for (size_t m = 0; m < 3; m++) {
        decode(buf_span(&text), max_bytes[m], &out);
        expect_end("large plain", m, &out, buf_span(&text), text.len);
        decode(buf_span(&packed), max_bytes[m], &out);
        expect_end("large gzip", m, &out, buf_span(&text), packed.len);
    }
    decode_pipe(buf_span(&text), 4001, WHOLE, &out);
    expect_end("large plain, pipe", 0, &out, buf_span(&text), text.len);
    decode_pipe(buf_span(&packed), 4001, WHOLE, &out);
    expect_end("large gzip, pipe", 0, &out, buf_span(&text), packed.len);
    buf_release(&packed);
    buf_release(&text);
    buf_release(&out.text);
}

/* A caller may have read the start of a file himself. */
static void starts_at_the_current_position(void **state)
{
    struct outcome out = OUTCOME_INIT;
    struct buf packed = BUF_INIT;
    int fd;

    (void)state;
    buf_add(&packed, SPAN("skip me"));
    add_member(&packed, SPAN("text"), 0);
    fd = as_file(buf_span(&packed));
    assert_int_equal(lseek(fd, 7, SEEK_SET), 7);
    read_all(fd, WHOLE, &out);
    expect_end("behind 7 bytes", 0, &out, SPAN("text"), packed.len - 7);
    buf_release(&packed);
    buf_release(&out.text);
}

/* A terminal, or a file that is being written, gives bytes again after it
 * has ended; what was taken for the end stays the end. */
static void the_end_is_final_even_if_the_file_grows(void **state)
{
    /* The second looks for the rest of the magic bytes and meets the end
     * before it gives out anything. */
    static const char *const texts[] = {"{", "\x1f"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        int fd = as_file(span_str(texts[i]));
        enum inflate_status status;
        size_t count;
        char c;

        inflate_start(stream, fd);
        status = inflate_read(stream, &c, 1, &count, NULL);
        assert_int_equal(status, INFLATE_OK);
        assert_int_equal(c, texts[i][0]);
        if (i == 0) {
            status = inflate_read(stream, &c, 1, &count, NULL);
            assert_int_equal(status, INFLATE_END);
        }
        assert_int_equal(write(fd, "more", 4), 4);
        assert_int_equal(lseek(fd, 1, SEEK_SET), 1);
        status = inflate_read(stream, &c, 1, &count, NULL);
        assert_int_equal(status, INFLATE_END);
        assert_int_equal(inflate_offset(stream), 1);
    }
}

#define BOMB_PART_BYTES ((size_t)16 * 1024 * 1024)
#define BOMB_PARTS      32

/* Half a gigabyte of zeros. Deflated parts that end in a full flush can be
 * put together, so only one has to be made. */
static void add_bomb(struct buf *to)
{
    char *zeros = calloc(1, BOMB_PART_BYTES);
    struct buf part = BUF_INIT;
    uLong part_crc;
    uLong crc = 0;

    assert_non_null(zeros);
    add_deflated(&part, span_of(zeros, BOMB_PART_BYTES), Z_FULL_FLUSH);
    part_crc = crc32(0, (const Bytef *)zeros, (uInt)BOMB_PART_BYTES);
    free(zeros);

    add_header(to, 0, NAME, EXTRA);
    for (int i = 0; i < BOMB_PARTS; i++) {
        buf_add(to, buf_span(&part));
        crc = crc32_combine(crc, part_crc, (z_off_t)BOMB_PART_BYTES);
    }
    add_deflated(to, SPAN(""), Z_FINISH);
    add_little_endian(to, crc, 4);
    add_little_endian(to, BOMB_PARTS * BOMB_PART_BYTES, 4);
    buf_release(&part);
}

/* Half a megabyte can unpack to a thousand times as much: that is given
 * out piece by piece and never held. */
static void a_bomb_decodes_in_constant_memory(void **state)
{
    static const long allowed_kib = 4096; /* of 524,288 */
    static char into[65536];
    struct buf packed = BUF_INIT;
    struct rusage before, after;
    enum inflate_status status;
    uint64_t total = 0;
    size_t count;

    (void)state;
    add_bomb(&packed);
    inflate_start(stream, as_file(buf_span(&packed)));
    assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
    do {
        status = inflate_read(stream, into, sizeof(into), &count, NULL);
        total += count;
    } while (status == INFLATE_OK);
    assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);

    assert_int_equal(status, INFLATE_END);
    assert_int_equal(total, BOMB_PARTS * BOMB_PART_BYTES);
    assert_true(after.ru_maxrss - before.ru_maxrss < allowed_kib);
    buf_release(&packed);
}

/* At every limit: as much as it allows comes out, and what is one byte
 * more is damage of the member that holds it, however the bytes arrive. */
static void a_limit_holds_for_all_members_together(void **state)
{
    struct outcome out = OUTCOME_INIT;
    struct sample sample;

    (void)state;
    sample_init(&sample);
    for (size_t limit = 1; limit <= sample.text.len + 1; limit++) {
        struct span text = buf_span(&sample.text);
        char why[128];
        int member = 0;

        inflate_limit(stream, limit);
        if (limit >= text.len) {
            decode(buf_span(&sample.packed), WHOLE, &out);
            expect_end("limit", limit, &out, text, sample.packed.len);
            continue;
        }
        while (sample.text_end[member] <= limit)
            member++;
        (void)snprintf(why, sizeof(why),
                       "the gzip member that begins here brings the file over "
                       "%zu unpacked bytes (--max-inflate)",
                       limit);
        text.len = limit;
        for (size_t max_bytes = WHOLE; max_bytes > 0; max_bytes /= 239) {
            decode(buf_span(&sample.packed), max_bytes, &out);
            expect_damage("limit", limit, &out, why,
                          member ? sample.packed_end[member - 1] : 0);
            expect_text("limit", limit, &out, text);
        }
        if (limit % 50 == 0)
            expect_same_in_pieces("limit", limit, buf_span(&sample.packed));
    }
    inflate_limit(stream, INFLATE_MAX_BYTES);
    sample_release(&sample);
    buf_release(&out.text);
}

static void plain_files_have_no_limit(void **state)
{
    struct outcome out = OUTCOME_INIT;

    (void)state;
    inflate_limit(stream, 3);
    decode(SPAN("plain"), WHOLE, &out);
    expect_end("plain", 0, &out, SPAN("plain"), 5);
    inflate_limit(stream, INFLATE_MAX_BYTES);
    buf_release(&out.text);
}

/* A member that breaks at the limit has broken: nothing went over it. */
static void damage_at_the_limit_is_that_damage(void **state)
{
    struct outcome out = OUTCOME_INIT;
    struct sample sample;

    (void)state;
    sample_init(&sample);
    inflate_limit(stream, sample.text.len);
    decode(span_of(sample.packed.ptr, sample.packed.len - 1), WHOLE, &out);
    expect_damage("cut", 0, &out, CUT, sample.packed.len - 1);
    sample.packed.ptr[sample.packed.len - TRAILER_BYTES] ^= 1;
    decode(buf_span(&sample.packed), WHOLE, &out);
    expect_damage("crc", 0, &out, "CRC mismatch", sample.packed.len);
    inflate_limit(stream, INFLATE_MAX_BYTES);
    sample_release(&sample);
    buf_release(&out.text);
}

/* ------------------------------------------------------ damaged inputs */

/* A file cut anywhere but between two members is an error, never just
 * fewer events, and what stood before the cut is given out. */
static void reports_a_cut_at_every_byte(void **state)
{
    static const size_t max_bytes[] = {1, 7, WHOLE};
    struct outcome out = OUTCOME_INIT;
    struct sample sample;

    (void)state;
    sample_init(&sample);
    for (size_t n = 2; n < sample.packed.len; n++) {
        size_t m = 0; /* the member that is cut */
        size_t whole;

        while (sample.packed_end[m] <= n)
            m++;
        /* Cut in its trailer, a member has given all its text. */
        whole = n + TRAILER_BYTES >= sample.packed_end[m] ? m + 1 : m;
        for (size_t i = 0; i < 3; i++) {
            decode(span_of(sample.packed.ptr, n), max_bytes[i], &out);
            if (m > 0 && n == sample.packed_end[m - 1]) {
                expect_end("cut behind a member", n, &out,
                           span_of(sample.text.ptr, sample.text_end[m - 1]), n);
                continue;
            }
            expect_damage("cut", n, &out, CUT, n);
            assert_in_range(out.text.len,
                            whole ? sample.text_end[whole - 1] : 0,
                            sample.text_end[m]);
            expect_text("cut", n, &out, span_of(sample.text.ptr, out.text.len));
        }
    }
    sample_release(&sample);
    buf_release(&out.text);
}

/* The bytes that are not held by a check and mean nothing to the text:
 * mtime, XFL, OS, the optional fields, and the bits that fill the last
 * byte of the deflate data. */
static bool means_nothing(size_t at, size_t header_bytes, size_t packed_bytes)
{
    return (at >= 4 && at < header_bytes) ||
           at == packed_bytes - TRAILER_BYTES - 1;
}

/* A damaged byte is told, or it changed nothing that is given out. */
static void reports_every_changed_byte_that_matters(void **state)
{
    static const unsigned char masks[] = {0x01, 0x02, 0x04, 0x08, 0x10,
                                          0x20, 0x40, 0x80, 0xff};
    const unsigned fields = FLAG_EXTRA | FLAG_NAME | FLAG_COMMENT;
    const size_t header_bytes =
        FIXED_BYTES + 2 + EXTRA.len + NAME.len + 1 + COMMENT.len + 1;
    struct outcome out = OUTCOME_INIT;
    struct buf packed = BUF_INIT;
    struct buf text = BUF_INIT;

    (void)state;
    add_text(&text, 600);
    add_member(&packed, buf_span(&text), fields);
    for (size_t at = 0; at < packed.len; at++) {
        for (size_t m = 0; m < sizeof(masks); m++) {
            char good = packed.ptr[at];

            packed.ptr[at] = (char)(good ^ masks[m]);
            decode(buf_span(&packed), WHOLE, &out);
            if (at < 2) { /* no gzip any more */
                expect_end("magic", at, &out, buf_span(&packed), packed.len);
                assert_false(out.is_gzip);
            } else if (out.status == INFLATE_END) {
                expect_end("changed", at, &out, buf_span(&text), packed.len);
                assert_true(means_nothing(at, header_bytes, packed.len) ||
                            (at == 3 && masks[m] == FLAG_TEXT));
            } else {
                assert_int_equal(out.status, INFLATE_DAMAGED);
            }
            packed.ptr[at] = good;
        }
    }
    buf_release(&packed);
    buf_release(&text);
    buf_release(&out.text);
}

/* A header that brings its own CRC is held to it. */
static void reports_every_changed_byte_of_a_header_with_crc(void **state)
{
    const size_t header_bytes =
        FIXED_BYTES + 2 + EXTRA.len + NAME.len + 1 + COMMENT.len + 1 + 2;
    struct outcome out = OUTCOME_INIT;
    struct buf packed = BUF_INIT;

    (void)state;
    add_member(&packed, SPAN("text"), FLAGS_ALL);
    for (size_t at = 2; at < header_bytes; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            packed.ptr[at] = (char)(packed.ptr[at] ^ 1 << bit);
            decode(buf_span(&packed), WHOLE, &out);
            assert_int_equal(out.status, INFLATE_DAMAGED);
            packed.ptr[at] = (char)(packed.ptr[at] ^ 1 << bit);
        }
    }
    packed.ptr[header_bytes - 1] ^= 1;
    decode(buf_span(&packed), WHOLE, &out);
    expect_damage("header CRC", 0, &out, "CRC mismatch in a gzip header",
                  header_bytes - 2);
    buf_release(&packed);
    buf_release(&out.text);
}

/* What RFC 1952 does not define is not guessed at. */
static void refuses_unknown_methods_and_flags(void **state)
{
    struct outcome out = OUTCOME_INIT;
    struct buf packed = BUF_INIT;
    size_t start;

    (void)state;
    add_member(&packed, SPAN("good"), 0);
    start = packed.len;
    add_member(&packed, SPAN("text"), FLAG_NAME);
    for (unsigned method = 0; method < 256; method++) {
        if (method == 8)
            continue;
        packed.ptr[start + 2] = (char)method;
        decode(buf_span(&packed), WHOLE, &out);
        expect_damage("method", method, &out,
                      "unknown compression method in a gzip header", start + 2);
        expect_text("method", method, &out, SPAN("good"));
    }
    packed.ptr[start + 2] = 8;
    for (unsigned flags = 0x20; flags < 256; flags++) {
        packed.ptr[start + 3] = (char)flags;
        decode(buf_span(&packed), WHOLE, &out);
        expect_damage("flags", flags, &out, "reserved flags in a gzip header",
                      start + 3);
        expect_text("flags", flags, &out, SPAN("good"));
    }
    buf_release(&packed);
    buf_release(&out.text);
}

/* The trailer and the deflate data are checked, and what was decoded
 * before it could be checked is given out all the same. */
static void reports_a_body_that_does_not_fit(void **state)
{
    static const struct {
        size_t from_end; /* the byte to change */
        const char *reason;
    } rows[] = {
        {1, "length mismatch"},
        {4, "length mismatch"},
        {5, "CRC mismatch"},
        {8, "CRC mismatch"},
    };
    struct outcome out = OUTCOME_INIT;
    struct buf packed = BUF_INIT;
    struct buf text = BUF_INIT;

    (void)state;
    add_text(&text, 5000);
    add_member(&packed, buf_span(&text), 0);
    for (size_t i = 0; i < 4; i++) {
        char *at = packed.ptr + packed.len - rows[i].from_end;

        *at ^= 0x10;
        decode(buf_span(&packed), 100, &out);
        expect_damage("trailer", i, &out, rows[i].reason, packed.len);
        expect_text("trailer", i, &out, buf_span(&text));
        *at ^= 0x10;
    }

    buf_clear(&packed);
    add_header(&packed, 0, NAME, EXTRA);
    add_deflated(&packed, buf_span(&text), Z_FULL_FLUSH);
    buf_add_char(&packed, 0x07); /* a last block of the reserved type */
    decode(buf_span(&packed), 100, &out);
    expect_damage("block", 0, &out, "invalid deflate data", packed.len);
    expect_text("block", 0, &out, buf_span(&text));
    buf_release(&packed);
    buf_release(&text);
    buf_release(&out.text);
}

/* A file that goes on with something else was not read whole, and a
 * person must find the place. */
static void reports_rubbish_behind_the_last_member(void **state)
{
    static const struct {
        struct span tail;
        size_t damage_at; /* in the tail */
        const char *reason;
    } rows[] = {
        {{"{", 1}, 0, RUBBISH},
        {{"\n", 1}, 0, RUBBISH},
        {{"\x1f{", 2}, 0, RUBBISH},
        {{"\x1f\0", 2}, 0, RUBBISH},
        {{"\x8b\x1f", 2}, 0, RUBBISH},
        {{"{\"Records\":[]}\0\0", 16}, 0, RUBBISH},
        {{"\0\0\0x", 4}, 3, RUBBISH},
        {{"\0\0\0\x1f\x8a", 5}, 3, RUBBISH},
        {{"\x1f", 1}, 1, CUT},
        {{"\0\x1f", 2}, 2, CUT},
        {{"\x1f\x8b", 2}, 2, CUT},
        {{"\x1f\x8b\x08\0\0", 5}, 5, CUT},
    };
    struct outcome out = OUTCOME_INIT;
    struct buf packed = BUF_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        size_t start;

        buf_clear(&packed);
        add_member(&packed, SPAN("text"), 0);
        start = packed.len;
        buf_add(&packed, rows[i].tail);
        decode(buf_span(&packed), WHOLE, &out);
        expect_damage("tail", i, &out, rows[i].reason,
                      start + rows[i].damage_at);
        expect_text("tail", i, &out, SPAN("text"));
    }
    buf_release(&packed);
    buf_release(&out.text);
}

/* ------------------------------------------- independence of the pieces */

/* Good, padded, followed by rubbish, plain: each end is the same. */
static void good_files_read_the_same_in_pieces(void **state)
{
    struct sample sample;

    (void)state;
    sample_init(&sample);
    expect_same_in_pieces("sample", 0, buf_span(&sample.packed));
    buf_add(&sample.packed, SPAN("\0\0\0"));
    expect_same_in_pieces("padded", 0, buf_span(&sample.packed));
    buf_add(&sample.packed, SPAN("rubbish"));
    expect_same_in_pieces("rubbish", 0, buf_span(&sample.packed));
    expect_same_in_pieces("plain", 0, buf_span(&sample.text));
    sample_release(&sample);
}

/* Where a read ends must not decide how much of a cut file is used. */
static void cut_files_read_the_same_in_pieces(void **state)
{
    struct sample sample;

    (void)state;
    sample_init(&sample);
    for (size_t n = 0; n < sample.packed.len; n += 2)
        expect_same_in_pieces("cut", n, span_of(sample.packed.ptr, n));
    sample_release(&sample);
}

/* Nor how much of a damaged one, nor where and why it breaks. */
static void changed_files_read_the_same_in_pieces(void **state)
{
    struct sample sample;

    (void)state;
    sample_init(&sample);
    for (size_t at = 0; at < sample.packed.len; at += 2) {
        sample.packed.ptr[at] = (char)~sample.packed.ptr[at];
        expect_same_in_pieces("changed", at, buf_span(&sample.packed));
        sample.packed.ptr[at] = (char)~sample.packed.ptr[at];
    }
    sample_release(&sample);
}

/* Text that packs badly, and refers back nearly as far as deflate can. */
static void add_far_references(struct buf *to, size_t bytes)
{
    uint32_t seed = 20240131;

    while (to->len < bytes) {
        char copy[24];

        seed = seed * 1664525 + 1013904223;
        buf_printf(to, "%08x", seed);
        if (to->len < 32000)
            continue;
        memcpy(copy, to->ptr + to->len - 32000 + seed % 2000, sizeof(copy));
        buf_add(to, span_of(copy, sizeof(copy)));
    }
}

/* What was read before the piece in which it breaks is needed again. */
static void a_body_that_breaks_far_behind_gives_all_before_that(void **state)
{
    struct outcome whole = OUTCOME_INIT, out = OUTCOME_INIT;
    struct buf packed = BUF_INIT, text = BUF_INIT;
    (void)state;

    add_far_references(&text, 3000000);
    add_header(&packed, 0, SPAN_ABSENT, SPAN_ABSENT);
    add_deflated(&packed, buf_span(&text), Z_SYNC_FLUSH);
    buf_add_char(&packed, 7); /* a block of no type */
    assert_true(packed.len > 600000);
    decode(buf_span(&packed), WHOLE, &whole);
    expect_damage("far", 0, &whole, "invalid deflate data", packed.len);
    expect_text("far", 0, &whole, buf_span(&text));
    decode(buf_span(&packed), 4093, &out);
    expect_same("far", 1, &out, &whole);
    decode_pipe(buf_span(&packed), 4001, WHOLE, &out);
    expect_same("far, pipe", 2, &out, &whole);
    buf_release(&packed);
    buf_release(&text);
    buf_release(&out.text);
    buf_release(&whole.text);
}

/* ------------------------------------------------------ reuse and errors */

/* One stream serves thousands of files; a bad one must not spoil the
 * next, however it ended. */
static void a_stream_is_as_new_after_damage(void **state)
{
    struct outcome out = OUTCOME_INIT;
    struct sample sample;

    (void)state;
    sample_init(&sample);
    for (size_t at = 0; at < sample.packed.len; at++) {
        size_t count;
        char c;

        sample.packed.ptr[at] = (char)~sample.packed.ptr[at];
        decode(buf_span(&sample.packed), WHOLE, &out);
        sample.packed.ptr[at] = (char)~sample.packed.ptr[at];
        /* Left in the middle, too. */
        inflate_start(stream, as_file(span_of(sample.packed.ptr, at)));
        (void)inflate_read(stream, &c, 1, &count, NULL);

        decode(SPAN("plain"), WHOLE, &out);
        expect_end("plain after", at, &out, SPAN("plain"), 5);
        assert_false(out.is_gzip);
        decode(buf_span(&sample.packed), WHOLE, &out);
        expect_end("gzip after", at, &out, buf_span(&sample.text),
                   sample.packed.len);
    }
    sample_release(&sample);
    buf_release(&out.text);
}

/* A disk that fails is no damaged file: the cause is the system's, and
 * another try may read it. */
static void a_read_error_is_unreadable(void **state)
{
    struct outcome out = OUTCOME_INIT;
    int fd = open("/", O_RDONLY);

    (void)state;
    assert_true(fd >= 0);
    read_all(fd, WHOLE, &out);
    assert_int_equal(out.status, INFLATE_UNREADABLE);
    assert_non_null(strstr(out.err.text, strerror(EISDIR)));
    assert_int_equal(out.text.len, 0);
    (void)close(fd);

    read_all(-1, WHOLE, &out);
    assert_int_equal(out.status, INFLATE_UNREADABLE);
    assert_non_null(strstr(out.err.text, strerror(EBADF)));
    buf_release(&out.text);
}

/* Give `bytes` and then an error. A socket whose other end was closed with
 * bytes unread in it stands for the failing disk. */
static void decode_failing(struct span bytes, struct outcome *out)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(write(ends[0], "", 1), 1);
    assert_int_equal(write(ends[1], bytes.ptr, bytes.len), bytes.len);
    (void)close(ends[1]);
    read_all(ends[0], WHOLE, out);
    (void)close(ends[0]);
    assert_int_equal(out->status, INFLATE_UNREADABLE);
    assert_non_null(strstr(out->err.text, strerror(ECONNRESET)));
}

/* An error in the middle, wherever it hits, is not told as a cut, and what
 * was read before it is given out. */
static void a_read_error_in_the_middle_is_not_taken_for_a_cut(void **state)
{
    struct outcome out = OUTCOME_INIT;
    struct sample sample;
    size_t members = 0;

    (void)state;
    sample_init(&sample);
    for (size_t n = 0; n <= sample.packed.len; n++) {
        if (n == sample.packed_end[members])
            members++;
        decode_failing(span_of(sample.packed.ptr, n), &out);
        assert_in_range(out.text.len,
                        members ? sample.text_end[members - 1] : 0,
                        sample.text.len);
        expect_text("failed at", n, &out,
                    span_of(sample.text.ptr, out.text.len));
    }
    decode_failing(buf_span(&sample.text), &out);
    expect_text("plain", 0, &out, buf_span(&sample.text));
    sample_release(&sample);
    buf_release(&out.text);
}

/* --version and bug reports name the library. */
static void names_the_library(void **state)
{
    const char *name = inflate_library();
    const char *blank = strchr(name, ' ');

    (void)state;
    assert_true(strncmp(name, "zlib ", 5) == 0 ||
                strncmp(name, "ISA-L ", 6) == 0);
    assert_non_null(blank);
    assert_true(blank[1] >= '0' && blank[1] <= '9');
}

static int set_up(void **state)
{
    (void)state;
    stream = inflate_new(NULL);
    file = tmpfile();
    return stream && file ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    inflate_free(NULL);
    inflate_free(stream);
    return file ? fclose(file) : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_one_to_five_members),
        cmocka_unit_test(reads_past_empty_members),
        cmocka_unit_test(reads_every_combination_of_header_fields),
        cmocka_unit_test(header_fields_may_be_long_or_empty),
        cmocka_unit_test(zero_bytes_are_padding),
        cmocka_unit_test(plain_bytes_pass_through),
        cmocka_unit_test(reads_files_larger_than_any_buffer),
        cmocka_unit_test(starts_at_the_current_position),
        cmocka_unit_test(the_end_is_final_even_if_the_file_grows),
        cmocka_unit_test(a_bomb_decodes_in_constant_memory),
        cmocka_unit_test(a_limit_holds_for_all_members_together),
        cmocka_unit_test(plain_files_have_no_limit),
        cmocka_unit_test(damage_at_the_limit_is_that_damage),
        cmocka_unit_test(reports_a_cut_at_every_byte),
        cmocka_unit_test(reports_every_changed_byte_that_matters),
        cmocka_unit_test(reports_every_changed_byte_of_a_header_with_crc),
        cmocka_unit_test(refuses_unknown_methods_and_flags),
        cmocka_unit_test(reports_a_body_that_does_not_fit),
        cmocka_unit_test(reports_rubbish_behind_the_last_member),
        cmocka_unit_test(good_files_read_the_same_in_pieces),
        cmocka_unit_test(cut_files_read_the_same_in_pieces),
        cmocka_unit_test(changed_files_read_the_same_in_pieces),
        cmocka_unit_test(a_body_that_breaks_far_behind_gives_all_before_that),
        cmocka_unit_test(a_stream_is_as_new_after_damage),
        cmocka_unit_test(a_read_error_is_unreadable),
        cmocka_unit_test(a_read_error_in_the_middle_is_not_taken_for_a_cut),
        cmocka_unit_test(names_the_library),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
