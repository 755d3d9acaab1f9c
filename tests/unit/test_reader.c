/*
 * The reader joins windows, packing and splitting: whatever an input is
 * packed in and however its bytes arrive, the objects and the account of
 * what broke are the same, and memory is bounded.
 *
 * Most tests share one reader a window size, so each is also a test that
 * nothing of the input before is left in it.
 */
#define UNIT_OWN_SYS
#include "unit.h"

#include "input/reader.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <zlib.h>

#define MARK "\xef\xbb\xbf"

/* The last one is what the program uses. */
static const size_t window_sizes[] = {16,  100,  512,
                                      513, 4096, READER_WINDOW_BYTES};
static struct reader *readers[COUNT(window_sizes)];

static FILE *file;

/* ------------------------------------------------------- making inputs */

static void add_gzip(struct buf *to, struct span text)
{
    size_t room = text.len + text.len / 1000 + 64;
    z_stream z = {0};

    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, 0), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)text.ptr;
    z.avail_in = (uInt)text.len;
    z.next_out = (Bytef *)buf_reserve(to, room);
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    to->len += z.total_out;
    (void)deflateEnd(&z);
}

/* Ways to pack a text; all give the same text. */
enum packing {
    PLAIN,
    GZIP,
    MEMBERS,
    PADDED,
    PACKINGS
};

static struct buf pack(struct span text, enum packing packing)
{
    struct buf packed = BUF_INIT;
    size_t third = text.len / 3;

    switch (packing) {
    case PLAIN:
        buf_add(&packed, text);
        break;
    case GZIP:
        add_gzip(&packed, text);
        break;
    case PADDED:
    case MEMBERS:
        add_gzip(&packed, span_of(text.ptr, third));
        add_gzip(&packed, SPAN(""));
        add_gzip(&packed, span_of(text.ptr + third, text.len - third));
        if (packing == PADDED)
            buf_add(&packed, span_of("\0\0\0\0\0", 5));
        break;
    case PACKINGS:
        break;
    }
    assert_false(packed.failed);
    return packed;
}

/* `bytes` as a file, at its start. */
static int as_file(struct span bytes)
{
    int fd = fileno(file);

    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(sys_write(fd, bytes.ptr, bytes.len), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

/* --------------------------------------------------------- what is read */

struct outcome {
    struct buf items; /* `record@12 {…}`, one a line; ! if illegal */
    struct reader_result result;
};

/* Texts are good until the reader says otherwise, and not a call longer:
 * only then are they looked at. */
#define PENDING 100000
static struct reader_item pending[PENDING];
static size_t pending_count;

static void write_pending(struct buf *to)
{
    static const char *const kinds[] = {
        [READER_RECORD] = "record",
        [READER_EVENT] = "event",
        [READER_OBJECT] = "object",
        [READER_OVERSIZE] = "oversize",
    };

    for (size_t i = 0; i < pending_count; i++) {
        const struct reader_item *item = &pending[i];

        buf_printf(to, "%s%s@%llu", kinds[item->kind], item->illegal ? "!" : "",
                   (unsigned long long)item->offset);
        assert_int_equal(span_present(item->text),
                         item->kind != READER_OVERSIZE);
        if (span_present(item->text)) {
            buf_add_char(to, ' ');
            buf_add(to, item->text);
        }
        buf_add_char(to, '\n');
    }
    pending_count = 0;
}

static enum reader_status read_all(struct reader *reader, int fd,
                                   struct outcome *out, struct err *err)
{
    enum reader_status status;

    *out = (struct outcome){.items = BUF_INIT};
    pending_count = 0;
    reader_start(reader, fd);
    do {
        assert_in_range(pending_count, 0, PENDING - 1);
        status = reader_next(reader, &pending[pending_count], err);
        if (status == READER_ITEM)
            pending_count++;
        else if (status != READER_FAILED)
            write_pending(&out->items);
    } while (status == READER_ITEM || status == READER_WINDOW);
    buf_add(&out->items, SPAN("")); /* present, also when empty */
    assert_false(out->items.failed);
    if (status == READER_END) {
        out->result = *reader_result(reader);
        assert_int_equal(reader_next(reader, pending, err), READER_END);
    }
    return status;
}

static void outcome_release(struct outcome *out)
{
    buf_release(&out->items);
}

static void expect_status(const struct outcome *out, enum input_status status,
                          uint64_t offset, const char *reason)
{
    if (out->result.status != status || out->result.offset != offset ||
        strcmp(out->result.reason, reason) != 0)
        fail_msg("%s at %llu: \"%s\"", input_status_name(out->result.status),
                 (unsigned long long)out->result.offset, out->result.reason);
}

/* `bytes` read in every window size; all must agree with `expected`. The
 * account of the bytes is of no meaning where an input is not read. */
static void expect(struct span bytes, const struct outcome *expected)
{
    for (size_t i = 0; i < COUNT(window_sizes); i++) {
        struct outcome out;
        struct err err = ERR_NONE;

        if (read_all(readers[i], as_file(bytes), &out, &err) != READER_END)
            fail_msg("%s", err.text);
        if (!span_eq(buf_span(&out.items), buf_span(&expected->items)))
            print_error("windows of %zu:\n", window_sizes[i]);
        assert_span_equal(buf_span(&out.items), buf_span(&expected->items));
        expect_status(&out, expected->result.status, expected->result.offset,
                      expected->result.reason);
        if (expected->result.status == INPUT_READ ||
            expected->result.status == INPUT_DAMAGED) {
            assert_int_equal(out.result.bytes_packed,
                             expected->result.bytes_packed);
            assert_int_equal(out.result.bytes_unpacked,
                             expected->result.bytes_unpacked);
        }
        outcome_release(&out);
    }
}

/* The same with a text in every packing. `items` has ' for ". */
static void expect_text(struct span text, const char *items,
                        enum input_status status, uint64_t offset,
                        const char *reason)
{
    struct outcome expected = {.items = unit_json(items)};

    buf_add(&expected.items, SPAN(""));
    expected.result.status = status;
    expected.result.offset = offset;
    (void)snprintf(expected.result.reason, sizeof(expected.result.reason), "%s",
                   reason);
    expected.result.bytes_unpacked = text.len;
    for (int packing = 0; packing < PACKINGS; packing++) {
        struct buf packed = pack(text, (enum packing)packing);

        expected.result.bytes_packed = packed.len;
        expect(buf_span(&packed), &expected);
        buf_release(&packed);
    }
    outcome_release(&expected);
}

/* ------------------------------------------------------------ good inputs */

/* The shapes of cloudtrail.md 2 that are told by structure alone. */
static void objects_are_the_same_in_every_packing_and_window(void **state)
{
    static const struct {
        const char *text;
        const char *items;
    } texts[] = {
        {"{'Records':[{'a':1},{'b':'\\'}]'}]}\n",
         "record@12 {'a':1}\nrecord@20 {'b':'\\'}]'}\n"},
        {"{'v':{'w':[]},'Records':[{'a':1},5,{'b':;}],'x':'y'}",
         "record@25 {'a':1}\nrecord!@35 {'b':;}\n"},
        {"{'a':1}\n{'b':2}\r\n{'c':{'d':3}}",
         "object@0 {'a':1}\nobject@8 {'b':2}\nobject@17 {'c':{'d':3}}\n"},
        {"{'a':1}{'Records':[{'b':2}]}",
         "object@0 {'a':1}\nrecord@19 {'b':2}\n"},
        {"[{'a':1},[{'b':2}]]", "object@1 {'a':1}\nobject@10 {'b':2}\n"},
        {MARK "{'Records':[{'a':1}]}", "record@15 {'a':1}\n"},
        {MARK "\r\n {'a':1}", "object@6 {'a':1}\n"},
        {"2024-01-01T00:00:00.000Z {'a':1}\n2024-01-01T00:00:00.000Z {'b':2}\n",
         "object@25 {'a':1}\nobject@58 {'b':2}\n"},
        {"{'Records':[]}", ""},
        {"[]", ""},
        {"{}", "object@0 {}\n"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct buf text = unit_json(texts[i].text);

        expect_text(buf_span(&text), texts[i].items, INPUT_READ, 0, "");
        buf_release(&text);
    }
}

/* Offsets are those of the text, whatever was dropped before it. */
static void blanks_before_the_text_count(void **state)
{
    static const size_t counts[] = {1, 400, 511, 512, 513, 3000, 300000};
    (void)state;

    for (size_t i = 0; i < COUNT(counts); i++) {
        for (size_t marks = 0; marks < 2; marks++) {
            struct buf text = BUF_INIT;
            char items[64];

            buf_add(&text, span_of(MARK, marks * 3));
            for (size_t j = 0; j < counts[i]; j++)
                buf_add_char(&text, " \n"[j % 2]);
            buf_add(&text, SPAN("{\"a\":1}"));
            (void)snprintf(items, sizeof(items), "object@%zu {'a':1}\n",
                           counts[i] + marks * 3);
            expect_text(buf_span(&text), items, INPUT_READ, 0, "");
            buf_release(&text);
        }
    }
}

/* A trail as they are: longer than any window here, some records longer
 * than most windows, with strings full of brackets and quotes. */
static struct buf make_trail(size_t records, struct buf *items)
{
    struct buf text = BUF_INIT;

    buf_add(&text, SPAN("{\"Records\":["));
    for (size_t i = 0; i < records; i++) {
        size_t start;

        if (i > 0)
            buf_add(&text, SPAN(",\n"));
        start = text.len;
        buf_printf(&text, "{\"eventID\":\"%zu\",\"a\":\"", i);
        for (size_t j = 0; j < i * 7919 % 3000; j++)
            buf_add(&text, span_str(j % 5 ? "}" : "\\\""));
        buf_add(&text, SPAN("\",\"b\":[{},[{\"c\":null}]]}"));
        buf_printf(items, "record@%zu ", start);
        buf_add(items, span_of(text.ptr + start, text.len - start));
        buf_add_char(items, '\n');
    }
    buf_add(&text, SPAN("]}\n"));
    return text;
}

/* What a window's end cuts is carried over. */
static void a_long_trail_is_read_whole(void **state)
{
    struct buf items = BUF_INIT;
    struct buf text = make_trail(500, &items);
    (void)state;

    assert_true(text.len > 2 * READER_WINDOW_BYTES);
    buf_add_char(&items, '\0');
    expect_text(buf_span(&text), items.ptr, INPUT_READ, 0, "");
    buf_release(&text);
    buf_release(&items);
}

/* In a process of its own: write `piece` bytes, wait until they have been
 * read, and so on. So each read gets one piece and no more. */
static void feed(int fd, struct span bytes, size_t piece)
{
    while (bytes.len > 0) {
        size_t count = bytes.len < piece ? bytes.len : piece;
        int left;

        if (sys_write(fd, bytes.ptr, count) < 0)
            _exit(1);
        bytes = span_of(bytes.ptr + count, bytes.len - count);
        while (ioctl(fd, FIONREAD, &left) == 0 && left > 0)
            (void)sched_yield();
    }
}

/* The reading end of a pipe whose other end is `*child`'s, in which this
 * returns -1. */
static int open_pipe(pid_t *child, int *writing)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    *writing = ends[1];
    *child = fork();
    assert_true(*child >= 0);
    if (*child == 0) {
        (void)alarm(120); /* for when nobody reads any more */
        (void)close(ends[0]);
        return -1;
    }
    (void)close(ends[1]);
    return ends[0];
}

static void close_pipe(int fd, pid_t child)
{
    (void)close(fd);
    (void)kill(child, SIGKILL); /* some inputs are not read to their end */
    (void)waitpid(child, NULL, 0);
}

/* Standard input gives what it has: a read may end anywhere, also inside
 * the first bytes, by which an input is judged. */
static void bytes_that_arrive_one_by_one_are_read_alike(void **state)
{
    static const char *const texts[] = {
        "{'Records':[{'a':1},{'b':'\\'}]'}]}",
        MARK "\n2024-01-01T00:00:00.000Z {'a':1}\n{'b':2}@{'c':",
        "x",
        "PK\x03\x04",
        "",
    };
    static const size_t pieces[] = {1, 3};
    (void)state;

    for (size_t i = 0; i < COUNT(texts) * COUNT(pieces) * 2; i++) {
        struct buf text = unit_json(texts[i % COUNT(texts)]);
        struct buf packed =
            pack(buf_span(&text), i / COUNT(texts) % 2 ? GZIP : PLAIN);
        struct reader *reader = readers[i % COUNT(readers)];
        struct outcome from_file, from_pipe;
        int fd, writing;
        pid_t child;

        assert_int_equal(
            read_all(reader, as_file(buf_span(&packed)), &from_file, NULL),
            READER_END);
        fd = open_pipe(&child, &writing);
        if (fd < 0) {
            feed(writing, buf_span(&packed), pieces[i / COUNT(texts) / 2]);
            _exit(0);
        }
        assert_int_equal(read_all(reader, fd, &from_pipe, NULL), READER_END);
        close_pipe(fd, child);
        assert_span_equal(buf_span(&from_pipe.items),
                          buf_span(&from_file.items));
        expect_status(&from_pipe, from_file.result.status,
                      from_file.result.offset, from_file.result.reason);
        outcome_release(&from_file);
        outcome_release(&from_pipe);
        buf_release(&packed);
        buf_release(&text);
    }
}

/* --------------------------------------------------- inputs that are none */

/* A failed sync leaves empty files, a recursive copy everything else. */
static void what_is_no_json_is_told_apart(void **state)
{
    static const struct {
        struct span text;
        enum input_status status;
    } texts[] = {
        {{"", 0}, INPUT_EMPTY},
        {{" \r\n\t", 4}, INPUT_EMPTY},
        {{MARK "\n", 4}, INPUT_EMPTY},
        {{"hello", 5}, INPUT_FOREIGN},
        {{"{hello}", 7}, INPUT_FOREIGN},
        {{"\"{}\"", 4}, INPUT_FOREIGN},
        {{"123 {\"a\":1}", 11}, INPUT_FOREIGN},
        {{" " MARK "{}", 6}, INPUT_FOREIGN},
        {{"\0\0\0\0", 4}, INPUT_FOREIGN},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++)
        expect_text(texts[i].text, "", texts[i].status, 0, "");
}

/* Nobody expects an archive to be passed over in silence. */
static void archives_are_named_also_inside_gzip(void **state)
{
    static const struct {
        const char *name;
        size_t offset;
        struct span signature;
    } archives[] = {
        {"zip", 0, {"PK\x03\x04", 4}},
        {"zip", 0, {"PK\x05\x06", 4}},
        {"zip", 0, {"PK\x07\x08", 4}},
        {"zstd", 0, {"\x28\xb5\x2f\xfd", 4}},
        {"bzip2", 0, {"BZh", 3}},
        {"xz",
         0,
         {"\xfd"
          "7zXZ\0",
          6}},
        {"Parquet", 0, {"PAR1", 4}},
        {"tar", 257, {"ustar\00000", 8}},
        {"tar", 257, {"ustar  \0", 8}},
    };
    static char text[1 << 16];
    (void)state;

    for (size_t i = 0; i < COUNT(archives); i++) {
        size_t end = archives[i].offset + archives[i].signature.len;

        memset(text, 'x', sizeof(text));
        text[0] = '{'; /* a tar begins with a file's name */
        memcpy(text + archives[i].offset, archives[i].signature.ptr,
               archives[i].signature.len);
        expect_text(span_of(text, end), "", INPUT_ARCHIVE, 0, archives[i].name);
        expect_text(span_of(text, sizeof(text)), "", INPUT_ARCHIVE, 0,
                    archives[i].name);
    }
}

/* A folder can be opened like a file; only reading it fails. */
static void what_cannot_be_read_is_unreadable(void **state)
{
    int fd = sys_open_read(".", 0);
    (void)state;

    assert_true(fd >= 0);
    for (size_t i = 0; i < COUNT(readers); i++) {
        struct outcome out;

        assert_int_equal(read_all(readers[i], fd, &out, NULL), READER_END);
        expect_status(&out, INPUT_UNREADABLE, 0, "read failed: Is a directory");
        assert_span_equal(buf_span(&out.items), SPAN(""));
        outcome_release(&out);
    }
    (void)sys_close(fd);
}

/* A disk that fails in the middle is not the file's fault, whatever the
 * file looks like up to there; what came before counts. */
static void a_read_that_fails_makes_the_input_unreadable(void **state)
{
    struct buf text = unit_json("{'a':1}@{'b':2}");
    (void)state;

    /* so long that the damage is found before the disk fails */
    for (int i = 0; i < 1500; i++)
        buf_add_char(&text, " \n"[i % 2]);

    for (int packing = 0; packing < PACKINGS; packing++) {
        struct buf packed = pack(buf_span(&text), (enum packing)packing);

        for (size_t readable = 0; readable < packed.len;
             readable += packed.len < 200 ? 1 : 100) {
            for (size_t i = 0; i < COUNT(readers); i++) {
                struct outcome out;

                unit_readable = readable;
                assert_int_equal(read_all(readers[i],
                                          as_file(buf_span(&packed)), &out,
                                          NULL),
                                 READER_END);
                unit_readable = SIZE_MAX;
                assert_int_equal(out.result.status, INPUT_UNREADABLE);
                assert_string_equal(out.result.reason,
                                    "read failed: Input/output error");
                if (packing == PLAIN)
                    assert_int_equal(out.items.len > 0, readable > 0);
                outcome_release(&out);
            }
        }
        buf_release(&packed);
    }
    buf_release(&text);
}

/* ----------------------------------------------------------------- damage */

/* Damage of the text: named by its byte, the first of them; what stands
 * before and behind it is read. */
static void damage_of_the_text_is_named_and_passed_over(void **state)
{
    static const struct {
        const char *text;
        const char *items;
        uint64_t offset;
        const char *reason;
    } texts[] = {
        {"{'a':1}\n@@@\n{'b':2}\n@@@", "object@0 {'a':1}\nobject@12 {'b':2}\n",
         8, "bytes that are no JSON between values"},
        {MARK "{'a':1}\n{'b':\n", "object@3 {'a':1}\n", 17,
         "the text ends inside an object"},
        {"{'a':'x\n{'b':2}\n", "object@8 {'b':2}\n", 7,
         "a line ends inside a string"},
        {"{'a':1\n{'b':2}\n", "object@7 {'b':2}\n", 7,
         "an object begins inside another"},
        {"{'Records':[{'a':1},{'b':", "record@12 {'a':1}\n", 25,
         "the text ends inside an object"},
        {"{'Records':[{'a':1}", "record@12 {'a':1}\n", 19,
         "the text ends inside an array"},
        {"[{'a':1},'b", "object@1 {'a':1}\n", 11,
         "the text ends inside a value"},
        {"{", "", 1, "the text ends inside an object"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct buf text = unit_json(texts[i].text);

        expect_text(buf_span(&text), texts[i].items, INPUT_DAMAGED,
                    texts[i].offset, texts[i].reason);
        buf_release(&text);
    }
}

/* A download that broke off must not pass for a short file, wherever it
 * did; what was unpacked before counts. */
static void a_gzip_file_cut_at_every_byte_is_damaged(void **state)
{
    struct buf items = BUF_INIT;
    struct buf text = make_trail(8, &items);
    (void)state;

    for (int packing = GZIP; packing <= MEMBERS; packing++) {
        struct buf packed = pack(buf_span(&text), (enum packing)packing);

        for (size_t len = 2; len < packed.len; len++) {
            struct span cut = span_of(packed.ptr, len);
            struct outcome out;

            assert_int_equal(read_all(readers[len % COUNT(readers)],
                                      as_file(cut), &out, NULL),
                             READER_END);
            if (packing == GZIP)
                expect_status(&out, INPUT_DAMAGED, len,
                              "the file ends inside a gzip member");
            else /* between two members the text is cut, not the packing */
                assert_int_equal(out.result.status, INPUT_DAMAGED);
            assert_int_equal(out.result.bytes_packed, len);
            assert_in_range(out.items.len, 0, items.len);
            assert_memory_equal(out.items.ptr, items.ptr, out.items.len);
            if (len % 16 == 0)
                expect(cut, &out);
            outcome_release(&out);
        }
        buf_release(&packed);
    }
    buf_release(&text);
    buf_release(&items);
}

/* The damage of the packing is told by the packed byte, after all that
 * could be unpacked was read. */
static void rubbish_behind_gzip_is_damage_behind_all_objects(void **state)
{
    struct buf text = unit_json("{'Records':[{'a':1}]}{'b':2}");
    struct buf packed = pack(buf_span(&text), MEMBERS);
    struct outcome expected = {
        .items = unit_json("record@12 {'a':1}\nobject@21 {'b':2}\n")};
    (void)state;

    expected.result.status = INPUT_DAMAGED;
    expected.result.offset = packed.len;
    expected.result.bytes_packed = packed.len;
    expected.result.bytes_unpacked = text.len;
    (void)snprintf(
        expected.result.reason, sizeof(expected.result.reason), "%s",
        "bytes behind the last gzip member are neither gzip nor zero");
    buf_add(&packed, SPAN("rubbish"));
    expect(buf_span(&packed), &expected);
    buf_release(&packed);
    buf_release(&text);
    outcome_release(&expected);
}

/* An input is let go in the middle when the run ends. */
static void an_input_may_be_left_before_its_end(void **state)
{
    struct buf items = BUF_INIT;
    struct buf text = make_trail(100, &items);
    struct buf packed = pack(buf_span(&text), GZIP);
    (void)state;

    for (size_t i = 0; i < COUNT(readers); i++) {
        for (size_t calls = 0; calls < 20; calls++) {
            struct reader_item item;
            struct outcome out;

            reader_start(readers[i], as_file(buf_span(&packed)));
            for (size_t j = 0; j < calls; j++)
                (void)reader_next(readers[i], &item, NULL);
            assert_int_equal(
                read_all(readers[i], as_file(SPAN("{\"a\":1}")), &out, NULL),
                READER_END);
            assert_span_equal(buf_span(&out.items),
                              SPAN("object@0 {\"a\":1}\n"));
            expect_status(&out, INPUT_READ, 0, "");
            outcome_release(&out);
        }
    }
    buf_release(&packed);
    buf_release(&text);
    buf_release(&items);
}

/* ----------------------------------------------------------------- memory */

/* A text of any size that nobody has to hold. */
struct stream {
    const char *head;
    const char *filler; /* … many times … */
    size_t filler_bytes;
    const char *tail;
};

static void write_stream(int fd, const struct stream *stream)
{
    static char block[60000];
    size_t filler = strlen(stream->filler);

    assert_int_equal(sizeof(block) % filler, 0);
    for (size_t i = 0; i < sizeof(block); i++)
        block[i] = stream->filler[i % filler];
    if (sys_write(fd, stream->head, strlen(stream->head)) < 0)
        _exit(1);
    for (size_t left = stream->filler_bytes; left > 0;) {
        size_t count = left < sizeof(block) ? left : sizeof(block);

        if (sys_write(fd, block, count) < 0)
            _exit(1);
        left -= count;
    }
    if (sys_write(fd, stream->tail, strlen(stream->tail)) < 0)
        _exit(1);
    _exit(0);
}

/* Read it through a pipe. How much memory that took at most; `*kept` is
 * what the reader still had behind it. */
static size_t read_stream(const struct stream *stream, struct outcome *out,
                          size_t *kept)
{
    struct reader *reader = reader_new(READER_WINDOW_BYTES, NULL);
    size_t before = unit_memory.now;
    pid_t child;
    int writing;
    int fd = open_pipe(&child, &writing);

    if (fd < 0)
        write_stream(writing, stream);
    assert_non_null(reader);
    unit_memory.peak = unit_memory.now;
    assert_int_equal(read_all(reader, fd, out, NULL), READER_END);
    close_pipe(fd, child);
    *kept = unit_memory.now - out->items.capacity - before;
    reader_free(reader);
    return unit_memory.peak - before;
}

#define MB ((size_t)1000 * 1000)

/* The records on both sides of an endless one are read, and memory does
 * not depend on the input's size. */
static void memory_is_bounded_whatever_the_input_holds(void **state)
{
    static const struct {
        struct stream stream;
        const char *items;
    } inputs[] = {
        /* just within the limit, and just over it */
        {{"{'Records':[{'a':'", "x", READER_MAX_RECORD_BYTES - 7,
          "'},{'b':2}]}"},
         "oversize@12\nrecord@16777230 {'b':2}\n"},
        {{"{'a':'", "x", 100 * MB, "'}{'b':2}"},
         "oversize@0\nobject@100000008 {'b':2}\n"},
        {{"[{'a':[", "{},", 30 * MB, "{}]},{'b':2}]"},
         "oversize@1\nobject@30000012 {'b':2}\n"},
        {{"{'x':'", "\\'", 30 * MB, "','Records':[{'b':2}]}"},
         "record@30000019 {'b':2}\n"},
        {{"{'Records':[{'a':1},'", "{", 30 * MB, "',{'b':2}]}"},
         "record@12 {'a':1}\nrecord@30000023 {'b':2}\n"},
        {{"", " ", 30 * MB, "{'b':2}"}, "object@30000000 {'b':2}\n"},
        {{"{'a':1}", "\n", 30 * MB, "{'b':2}"},
         "object@0 {'a':1}\nobject@30000007 {'b':2}\n"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(inputs); i++) {
        struct stream stream = inputs[i].stream;
        struct buf head = unit_json(stream.head);
        struct buf filler = unit_json(stream.filler);
        struct buf tail = unit_json(stream.tail);
        struct buf items = unit_json(inputs[i].items);
        struct outcome out;
        size_t bytes, kept;

        stream.head = buf_str(&head);
        stream.filler = buf_str(&filler);
        stream.tail = buf_str(&tail);
        bytes = read_stream(&stream, &out, &kept);
        assert_span_equal(buf_span(&out.items), buf_span(&items));
        expect_status(&out, INPUT_READ, 0, "");
        assert_int_equal(out.result.bytes_unpacked, strlen(stream.head) +
                                                        stream.filler_bytes +
                                                        strlen(stream.tail));
        /* the longest object, in a buffer that doubles */
        assert_in_range(bytes, 0,
                        2 * READER_MAX_RECORD_BYTES + READER_WINDOW_BYTES);
        assert_int_equal(kept, 0); /* … which is given back */
        outcome_release(&out);
        buf_release(&head);
        buf_release(&filler);
        buf_release(&tail);
        buf_release(&items);
    }
}

/* The limit itself is no limit passed. */
static void a_record_of_exactly_the_limit_is_given_out(void **state)
{
    static const struct stream stream = {"{\"Records\":[{\"a\":\"", "x",
                                         READER_MAX_RECORD_BYTES - 8,
                                         "\"},{\"b\":2}]}"};
    struct outcome out;
    size_t kept;
    size_t bytes = read_stream(&stream, &out, &kept);
    (void)state;

    assert_int_equal(out.items.len, strlen("record@12 \n") +
                                        READER_MAX_RECORD_BYTES +
                                        strlen("record@16777229 {\"b\":2}\n"));
    assert_memory_equal(out.items.ptr, "record@12 {\"a\":\"xxx", 19);
    assert_in_range(bytes, READER_MAX_RECORD_BYTES,
                    5 * READER_MAX_RECORD_BYTES); /* with `out` */
    outcome_release(&out);
}

/* Each line opens an object and none closes: this must neither be read
 * again for each line nor be held for ever. That nothing is read more than
 * twice, test_split.c counts. */
static void lines_that_never_close_are_read_in_time(void **state)
{
    static const struct {
        struct stream stream;
        const char *items;
    } inputs[] = {
        {{"", "{\"a\":\n", 200000 * 6, "{\"b\":2}\n"},
         "object@1200000 {\"b\":2}\n"},
        {{"", "{\"ab\":\"\n", 200000 * 8, "{\"b\":2}\n"},
         "object@1600000 {\"b\":2}\n"},
        /* over the limit there is no way back, but one on */
        {{"", "{\"a\":\n", 40 * MB / 6 * 6, "}@\n{\"b\":2}\n"},
         "object@39999999 {\"b\":2}\n"},
        {{"", "{\"a\":[", 40 * MB / 6 * 6, "\"\n{\"b\":2}\n"},
         "object@39999998 {\"b\":2}\n"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(inputs); i++) {
        struct outcome out;
        size_t kept;

        (void)read_stream(&inputs[i].stream, &out, &kept);
        assert_int_equal(out.result.status, INPUT_DAMAGED);
        assert_span_equal(buf_span(&out.items), span_str(inputs[i].items));
        outcome_release(&out);
    }
}

/* Memory may run out at any time; then the run ends, with words. */
static void each_failed_allocation_is_told(void **state)
{
    struct buf items = BUF_INIT;
    struct buf text = make_trail(20, &items);
    struct buf packed = pack(buf_span(&text), GZIP);
    enum reader_status status = READER_FAILED;
    size_t failed = 0;
    (void)state;

    for (size_t n = 1; status != READER_END; n++) {
        struct err err = ERR_NONE;
        struct reader *reader;
        size_t before = unit_memory.now;
        struct reader_item item;

        unit_memory.fail_at = unit_memory.calls + n;
        reader = reader_new(512, &err);
        status = READER_FAILED;
        if (reader) {
            reader_start(reader, as_file(buf_span(&packed)));
            do
                status = reader_next(reader, &item, &err);
            while (status == READER_ITEM || status == READER_WINDOW);
        }
        unit_memory.fail_at = 0;
        assert_string_equal(err.text,
                            status == READER_END ? "" : "out of memory");
        failed += status == READER_FAILED;
        reader_free(reader);
        assert_int_equal(unit_memory.now, before);
    }
    assert_true(failed >= 4); /* reader, stream, window, a longer window */
    buf_release(&packed);
    buf_release(&text);
    buf_release(&items);
}

/* A tree holds hundreds of thousands of small files. */
static void the_second_input_allocates_nothing(void **state)
{
    struct buf text = unit_json("{'Records':[{'a':1},{'b':2}]}");
    struct buf packed = pack(buf_span(&text), GZIP);
    struct reader *reader = readers[COUNT(readers) - 1];
    int fd = as_file(buf_span(&packed));
    size_t calls = unit_memory.calls;
    (void)state;

    for (int i = 0; i < 10; i++) {
        struct reader_item item;
        enum reader_status status;

        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        reader_start(reader, fd);
        do
            status = reader_next(reader, &item, NULL);
        while (status == READER_ITEM || status == READER_WINDOW);
        assert_int_equal(status, READER_END);
    }
    assert_int_equal(unit_memory.calls, calls);
    buf_release(&packed);
    buf_release(&text);
}

static int open_readers(void **state)
{
    (void)state;

    file = tmpfile();
    assert_non_null(file);
    for (size_t i = 0; i < COUNT(readers); i++) {
        readers[i] = reader_new(window_sizes[i], NULL);
        assert_non_null(readers[i]);
    }
    return 0;
}

static int close_readers(void **state)
{
    (void)state;

    for (size_t i = 0; i < COUNT(readers); i++)
        reader_free(readers[i]);
    (void)fclose(file);
    assert_int_equal(unit_memory.now, 0);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_the_same_in_every_packing_and_window),
        cmocka_unit_test(blanks_before_the_text_count),
        cmocka_unit_test(a_long_trail_is_read_whole),
        cmocka_unit_test(bytes_that_arrive_one_by_one_are_read_alike),
        cmocka_unit_test(what_is_no_json_is_told_apart),
        cmocka_unit_test(archives_are_named_also_inside_gzip),
        cmocka_unit_test(what_cannot_be_read_is_unreadable),
        cmocka_unit_test(a_read_that_fails_makes_the_input_unreadable),
        cmocka_unit_test(damage_of_the_text_is_named_and_passed_over),
        cmocka_unit_test(a_gzip_file_cut_at_every_byte_is_damaged),
        cmocka_unit_test(rubbish_behind_gzip_is_damage_behind_all_objects),
        cmocka_unit_test(an_input_may_be_left_before_its_end),
        cmocka_unit_test(memory_is_bounded_whatever_the_input_holds),
        cmocka_unit_test(a_record_of_exactly_the_limit_is_given_out),
        cmocka_unit_test(lines_that_never_close_are_read_in_time),
        cmocka_unit_test(each_failed_allocation_is_told),
        cmocka_unit_test(the_second_input_allocates_nothing),
    };

    return cmocka_run_group_tests(tests, open_readers, close_readers);
}
