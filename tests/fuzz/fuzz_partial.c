/*
 * A partial of any bytes is read or refused with a line that is in it; what is
 * read whole is written again as it was. Its checksum is made to agree, or
 * nothing behind it would ever be reached.
 */
#define FUZZ_OWN_READ
#include "fuzz.h"

#include "state/partial_lines.h"
#include "state/partial_reader.h"
#include "state/partial_writer.h"

#include <unistd.h>

/* What stands before the last line, and a last line that fits. */
static struct buf with_checksum(struct span input)
{
    struct hash128 sum = PARTIAL_SUM_INIT;
    struct buf text = BUF_INIT;
    char digits[PARTIAL_SUM_BYTES], line[PARTIAL_END_BYTES];
    uint64_t lines = 0;
    const char *at = input.ptr, *end = input.ptr + input.len;
    const char *newline;

    while (at < end && (newline = memchr(at, '\n', (size_t)(end - at)))) {
        sum = partial_sum(sum, span_of(at, (size_t)(newline - at)));
        lines++;
        at = newline + 1;
    }
    buf_add(&text, span_of(input.ptr, (size_t)(at - input.ptr)));
    (void)partial_sum_text(sum, digits);
    buf_add(&text, partial_end_text(lines, digits, line));
    buf_add_char(&text, '\n');
    return text;
}

/* How reading ends; with `into` what was read is added. */
static enum partial_status read_all(struct partial_reader *reader,
                                    struct span text, struct aggregate *into)
{
    struct partial_group group;
    struct err err = ERR_NONE;
    enum partial_status status;

    fuzz_file.rest = text;
    status = partial_reader_start(reader, 0, NULL, &err);
    while (status == PARTIAL_GROUP) {
        status = partial_reader_next(reader, &group, &err);
        if (status == PARTIAL_GROUP && into)
            status = partial_reader_add(reader, into, 1, &err);
    }
    fuzz_require(status != PARTIAL_FAILED);
    fuzz_require((status == PARTIAL_END) == (err.text[0] == '\0'));
    fuzz_require(status == PARTIAL_END || strncmp(err.text, "line ", 5) == 0);
    return status;
}

static void write_again(struct partial_reader *reader, struct aggregate *agg)
{
    struct aggregate_order order = {0};
    struct err err = ERR_NONE;
    const struct partial_packing packing = {0};
    struct partial_writer *writer =
        partial_writer_new(-1, packing, partial_reader_header(reader), &err);

    fuzz_require(writer != NULL);
    fuzz_require(aggregate_order_fill(&order, agg) == 0);
    (void)partial_writer_add(writer, agg, &order, &err); /* no descriptor */
    partial_writer_free(writer);
    aggregate_order_release(&order);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_of((const char *)data, size);
    struct partial_reader *reader = partial_reader_new(NULL);
    struct aggregate agg;
    struct buf text;
    enum partial_status status;

    fuzz_require(reader != NULL);
    fuzz_file.sizes = fuzz_sizes(&input);
    aggregate_init(&agg, false);
    text = with_checksum(input);
    fuzz_require(!text.failed);
    status = read_all(reader, buf_span(&text), &agg);
    if (status == PARTIAL_END)
        write_again(reader, &agg);
    fuzz_require(read_all(reader, buf_span(&text), NULL) == status ||
                 status == PARTIAL_BROKEN);
    buf_release(&text);
    aggregate_release(&agg);
    partial_reader_free(reader);
    return 0;
}
