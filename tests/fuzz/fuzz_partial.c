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

/* What was read. */
struct found {
    struct aggregate aggregate;
    struct located located;
    struct facts *facts;
};

static void found_init(struct found *found)
{
    aggregate_init(&found->aggregate, false);
    located_init(&found->located, false);
    found->facts = facts_new(NULL);
    fuzz_require(found->facts != NULL);
}

static void found_release(struct found *found)
{
    aggregate_release(&found->aggregate);
    located_release(&found->located);
    facts_free(found->facts);
}

/* How reading ends; with `into` what was read is added. */
static enum partial_status read_all(struct partial_reader *reader,
                                    struct span text, struct found *into)
{
    struct partial_group group;
    struct err err = ERR_NONE;
    enum partial_status status;

    fuzz_file.rest = text;
    status = partial_reader_start(reader, 0, NULL, &err);
    if (status == PARTIAL_GROUP && into)
        status =
            partial_reader_learn(reader, into->facts, &into->located, &err);
    while (status == PARTIAL_GROUP) {
        status = partial_reader_next(reader, &group, &err);
        if (status == PARTIAL_GROUP && into)
            status = group.kind == PARTIAL_RULED
                         ? partial_reader_add(reader, &into->aggregate, 1, &err)
                         : partial_reader_add(reader, &into->located.aggregate,
                                              2, &err);
    }
    fuzz_require(status != PARTIAL_FAILED);
    fuzz_require((status == PARTIAL_END) == (err.text[0] == '\0'));
    fuzz_require(status == PARTIAL_END || strncmp(err.text, "line ", 5) == 0);
    return status;
}

static void write_groups(struct partial_writer *writer, bool located,
                         struct aggregate *agg)
{
    struct aggregate_order order = {0};
    struct err err = ERR_NONE;

    partial_writer_forget(writer);
    fuzz_require(aggregate_order_fill(&order, agg) == 0);
    (void)partial_writer_add(writer, located, agg, &order,
                             &err); /* no descriptor */
    aggregate_order_release(&order);
}

static void write_again(struct partial_reader *reader, struct found *found)
{
    struct err err = ERR_NONE;
    const struct partial_packing packing = {0};
    struct partial_writer *writer =
        partial_writer_new(-1, packing, partial_reader_header(reader), &err);

    fuzz_require(writer != NULL);
    fuzz_require(facts_settle(found->facts, NULL) == 0);
    (void)partial_writer_facts(writer, found->facts, &found->located, &err);
    write_groups(writer, false, &found->aggregate);
    write_groups(writer, true, &found->located.aggregate);
    partial_writer_free(writer);
    fuzz_require(located_follow_keys(&found->located, found->facts, NULL) == 0);
    fuzz_require(located_settle(&found->located, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span input = span_of((const char *)data, size);
    struct partial_reader *reader = partial_reader_new(NULL);
    struct found found;
    struct buf text;
    enum partial_status status;

    fuzz_require(reader != NULL);
    fuzz_file.sizes = fuzz_sizes(&input);
    found_init(&found);
    text = with_checksum(input);
    fuzz_require(!text.failed);
    status = read_all(reader, buf_span(&text), &found);
    if (status == PARTIAL_END)
        write_again(reader, &found);
    fuzz_require(read_all(reader, buf_span(&text), NULL) == status ||
                 status == PARTIAL_BROKEN);
    buf_release(&text);
    found_release(&found);
    partial_reader_free(reader);
    return 0;
}
