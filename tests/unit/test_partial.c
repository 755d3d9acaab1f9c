/*
 * What is written down of an aggregate must come back whole, or not at all:
 * a partial stands for logs that nobody reads again.
 */
#include "events.h"
#include "guarded.h"

#include "base/sys.h"
#include "evidence/facts_told.h"
#include "state/partial_lines.h"
#include "state/partial_merge.h"
#include "state/partial_reader.h"
#include "state/partial_writer.h"

#include <stdlib.h>
#include <unistd.h>

/* A file without a name that holds `text`, at its start. */
static int file_of(struct span text)
{
    char name[] = "/tmp/test_partial.XXXXXX";
    int fd = mkstemp(name);

    assert_true(fd >= 0);
    assert_int_equal(unlink(name), 0);
    assert_int_equal(write(fd, text.ptr, text.len), text.len);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static struct buf text_of(int fd)
{
    struct buf text = BUF_INIT;
    ssize_t got;

    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    do {
        char *into = buf_reserve(&text, 65536);

        assert_non_null(into);
        got = read(fd, into, 65536);
        assert_true(got >= 0);
        text.len += (size_t)got;
    } while (got > 0);
    return text;
}

/* ---------------------------------------------------------- something */

/* What a run knows that a partial is made of. */
struct found {
    struct aggregate aggregate;
    struct partial_header header;
    struct partial_figures figures;
    struct facts *facts; /* NULL unless the header says `extended` */
    struct located located;
};

static void add(struct found *found, const char *instance, const char *address,
                struct literal literal)
{
    struct event event = event_from(literal);
    struct ip ip = address_of(address);

    assert_true(add_event(&found->aggregate, &event, span_str(instance), ip) !=
                OUTCOME_COUNT);
}

static void open_found(struct found *found)
{
    *found = (struct found){.header = PARTIAL_HEADER_INIT};
    aggregate_init(&found->aggregate, false);
}

static void open_figures(struct found *found)
{
    assert_int_equal(
        partial_figures_init(&found->figures, &found->header, NULL), 0);
}

static void open_extended(struct found *found)
{
    open_found(found);
    found->header.extended = true;
    found->facts = facts_new(NULL);
    assert_non_null(found->facts);
    located_init(&found->located, false);
}

static void close_found(struct found *found)
{
    facts_free(found->facts);
    located_release(&found->located);
    aggregate_release(&found->aggregate);
    partial_figures_release(&found->figures);
    partial_header_release(&found->header);
}

static const char policy_text[] = "ignore role=a,b* ip=192.0.2.0/24\n"
                                  "mute instance=i-1\n"
                                  "ignore event=\"x y\"\n";

static void hear(struct found *found, unsigned kind, const char *const *texts,
                 timestamp time, struct ip address, unsigned prefix)
{
    const struct fact_told told = {
        kind,
        {span_str(texts[0]), span_str(texts[1]), span_str(texts[2])},
        time,
        address,
        prefix};

    assert_int_equal(facts_hear(found->facts, &told), 0);
}

#define WEB   "i-0a1b2c3d4e5f60718"
#define BATCH "i-0a1b2c3d"

static void hear_use(struct found *found, const char *address,
                     unsigned instances, unsigned people)
{
    struct distinct distinct = {0};
    struct use_told told = {
        .address = address_of(address),
        .instances = {SPAN(BATCH), SPAN(WEB)},
        .instance_count = instances,
        .people = people > 0 ? &distinct : NULL,
        .first_person = people % 2 ? TIMESTAMP_UNKNOWN : 7,
    };

    for (unsigned i = 0; i < people; i++)
        distinct_add(&distinct, UINT64_C(0x9e3779b97f4a7c15) * (i + 1));
    assert_int_equal(facts_hear_use(found->facts, &told), 0);
}

static void locate(struct found *found, const char *of, const char *location,
                   struct literal literal, const char *account)
{
    struct event event = event_from(literal);
    struct aggregate_key key;
    struct ip ip = address_of(location);

    event.field[EVENT_VPC_ENDPOINT_ACCOUNT_ID] = span_str(account);
    if (!account)
        event.field[EVENT_ISSUER_TYPE] = SPAN("AWS::EC2::Instance");
    assert_int_equal(aggregate_prepare(&found->located.aggregate, &event,
                                       span_str(of), ip, &key),
                     0);
    assert_int_equal(
        located_add(&found->located, &key, &event, span_str(of), ip), 0);
}

/* One of everything that --extended adds. */
static void fill_located(struct found *found)
{
    const char *const texts[] = {"i-\"\n\xc3\xa4", NULL, "c"};
    const char *const one[] = {"a", NULL, NULL};
    const char *const three[] = {"a", "", "c"};

    for (unsigned kind = 0; facts_kind_name(kind); kind++)
        hear(found, kind, texts, kind, IP_ABSENT, 0);
    hear(found, 0, one, TIMESTAMP_UNKNOWN, address_of("203.0.113.9"), 32);
    hear(found, 0, one, TIMESTAMP_FIRST, address_of("10.0.0.0"), 0);
    hear(found, 0, three, 1, address_of("2001:db8::"), 56);
    hear_use(found, "203.0.113.9", 0, 1);
    hear_use(found, "203.0.113.10", 1, 0);
    hear_use(found, "10.0.0.4", 2, 12);
    hear_use(found, "2001:db8::", 3, 0);
    hear_use(found, "2001:db8:0:1::", 3, 1000);
    locate(found, WEB, "10.0.0.4", (struct literal){.id = "e1", .name = "A"},
           "444455556666");
    locate(found, WEB, "10.0.0.4", (struct literal){.name = "B"}, "");
    locate(found, WEB, "203.0.113.9", (struct literal){.id = "e2"}, NULL);
    locate(found, BATCH, "10.0.0.4", (struct literal){.id = "e3"},
           "444455556666");
    locate(found, "ASIA1", "2001:db8::",
           (struct literal){
               .id = "e4", .key = "ASIA1", .time = "2022-02-22T10:05:00Z"},
           NULL);
    locate(found, "ASIA1", "10.0.0.4", (struct literal){.id = "e5"},
           "444455556666");
}

/* One of everything that a partial can hold. */
static void fill(struct found *found, bool extended)
{
    static const struct span instances[] = {{"i-2", 3}, {"i-none", 6}};
    struct hash128 leaf = {0x123456789abcdef0, 0xfedcba9876543210};
    struct ledger_note note = {SPAN("a\xff'b.json"), INPUT_DAMAGED, 77, 0,
                               SPAN("it \"broke\"")};
    struct policy policy;

    if (extended) {
        open_extended(found);
        fill_located(found);
        assert_int_equal(facts_settle(found->facts, NULL), 0);
    } else {
        open_found(found);
    }
    add(found, "i-1", "203.0.113.9",
        (struct literal){.id = "e1",
                         .time = "2022-02-22T10:05:00Z",
                         .name = "A",
                         .key = "K",
                         .agent = "x\"y\\\n",
                         .record = "{\"a\": \"\xc3\xa4\\u0001\\\"\"}"});
    add(found, "i-1", "203.0.113.9",
        (struct literal){.id = "e2",
                         .time = "2022-02-22T10:05:00.1234567Z",
                         .name = "B",
                         .error = "",
                         .role = "r"});
    add(found, "i-1", "203.0.113.9", (struct literal){.id = "e3", .name = "B"});
    add(found, "i-1", "203.0.113.9",
        (struct literal){.time = "2022-02-22T12:00:00Z", .name = "C"});
    add(found, "i-1", "203.0.113.9", (struct literal){.name = "C"});
    add(found, "i-1", "2001:db8::1", (struct literal){.name = "only"});
    add(found, "i-2", "198.51.100.7",
        (struct literal){.id = "e4",
                         .time = "0000-01-01T00:00:00Z",
                         .name = "A",
                         .key = "K"});
    add(found, "i-2", "198.51.100.7",
        (struct literal){.id = "e5",
                         .time = "9999-12-31T23:59:59.9999999Z",
                         .name = "A",
                         .key = "K"});
    policy_init(&policy);
    assert_int_equal(policy_read(&policy, "p", span_str(policy_text), NULL), 0);
    assert_int_equal(policy_finish(&policy, NULL), 0);
    assert_int_equal(partial_header_set_ignore(&found->header, &policy), 0);
    policy_release(&policy);
    assert_int_equal(partial_header_set_instances(&found->header, instances, 2),
                     0);
    assert_int_equal(partial_header_add_leaves(&found->header, &leaf, 1), 0);
    found->header.since = timestamp_parse(SPAN("2022-02-22T00:00:00Z"));
    open_figures(found);
    assert_int_equal(ledger_add_note(&found->figures.ledger, note, NULL), 0);
    found->figures.ledger.files[INPUT_DAMAGED] = 1;
    found->figures.ledger.records_read = 9;
    found->figures.outcomes.count[OUTCOME_KEPT] = 8;
    found->figures.outcomes.first_event = TIMESTAMP_FIRST;
    found->figures.outcomes.last_event = TIMESTAMP_LAST;
    found->figures.ignore_hits[0] = 3;
    found->figures.focus.outcomes[0].count[OUTCOME_PRIVATE] = 2;
    assert_int_equal(focus_add_drop(&found->figures.focus, 0, SPAN("10.0.0.1"),
                                    OUTCOME_PRIVATE, 2),
                     0);
    assert_int_equal(focus_add_drop(&found->figures.focus, 0, SPAN_ABSENT,
                                    OUTCOME_NOT_AN_ADDRESS, 1),
                     0);
    focus_sort(&found->figures.focus);
    found->figures.extracted = 5;
    found->figures.timeframe = true;
}

static void write_groups(struct partial_writer *writer, bool located,
                         struct aggregate *agg)
{
    struct aggregate_order order = {0};

    partial_writer_forget(writer);
    assert_int_equal(aggregate_order_fill(&order, agg), 0);
    assert_int_equal(partial_writer_add(writer, located, agg, &order, NULL), 0);
    aggregate_order_release(&order);
}

/* The partial as text, which the caller releases. */
static struct buf written(struct found *found, struct partial_packing packing)
{
    struct err err = ERR_NONE;
    int fd = file_of(SPAN(""));
    struct partial_writer *writer =
        partial_writer_new(fd, packing, &found->header, &err);
    struct buf text;

    assert_non_null(writer);
    if (found->facts)
        assert_int_equal(
            partial_writer_facts(writer, found->facts, &found->located, &err),
            0);
    write_groups(writer, false, &found->aggregate);
    if (found->facts)
        write_groups(writer, true, &found->located.aggregate);
    assert_int_equal(
        partial_writer_end(writer, &found->header, &found->figures, &err), 0);
    partial_writer_free(writer);
    text = text_of(fd);
    assert_int_equal(close(fd), 0);
    return text;
}

/* How reading the text ends. With `found`, which is then filled, everything
 * is kept. */
static enum partial_status read_all(struct span text, struct found *found,
                                    struct err *err)
{
    struct partial_reader *reader = partial_reader_new(err);
    int fd = file_of(text);
    struct partial_group group;
    enum partial_status status;

    assert_non_null(reader);
    status = partial_reader_start(reader, fd, NULL, err);
    if (status == PARTIAL_GROUP && found && found->facts)
        status =
            partial_reader_learn(reader, found->facts, &found->located, err);
    while (status == PARTIAL_GROUP) {
        status = partial_reader_next(reader, &group, err);
        if (status == PARTIAL_GROUP && found)
            status = group.kind == PARTIAL_RULED
                         ? partial_reader_add(reader, &found->aggregate, 1, err)
                         : partial_reader_add(reader, &found->located.aggregate,
                                              2, err);
    }
    if (status == PARTIAL_END && found) {
        const struct partial_header *header = partial_reader_header(reader);

        assert_int_equal(partial_header_set_instances(&found->header,
                                                      header->instances,
                                                      header->instance_count),
                         0);
        assert_int_equal(partial_header_add_leaves(&found->header,
                                                   header->leaves,
                                                   header->leaf_count),
                         0);
        found->header.ignore =
            arena_alloc(&found->header.arena,
                        (header->ignore_count + 1) * sizeof(struct span));
        for (size_t i = 0; i < header->ignore_count; i++)
            found->header.ignore[i] =
                arena_copy(&found->header.arena, header->ignore[i]);
        found->header.ignore_count = header->ignore_count;
        found->header.since = header->since;
        found->header.until = header->until;
        open_figures(found);
        assert_int_equal(partial_figures_merge(&found->figures, &found->header,
                                               partial_reader_figures(reader),
                                               header, err),
                         0);
        focus_sort(&found->figures.focus);
    }
    partial_reader_free(reader);
    assert_int_equal(close(fd), 0);
    return status;
}

static const struct partial_packing plain = {0};

/* ---------------------------------------------------------------- tests */

static void what_was_read_is_written_as_it_was(void **state)
{
    static const struct partial_packing packings[] = {
        {.gzip = false}, {.gzip = true}, {.tallies = true}};
    (void)state;

    for (size_t i = 0; i < 2 * COUNT(packings); i++) {
        struct found found, again;
        struct err err = ERR_NONE;
        struct buf text, second;
        bool extended = i >= COUNT(packings);

        fill(&found, extended);
        text = written(&found, packings[i % COUNT(packings)]);
        if (extended)
            open_extended(&again);
        else
            open_found(&again);
        if (read_all(buf_span(&text), &again, &err) != PARTIAL_END)
            fail_msg("%s", err.text);
        if (extended)
            assert_int_equal(facts_settle(again.facts, NULL), 0);
        second = written(&again, packings[i % COUNT(packings)]);
        assert_span_equal(buf_span(&second), buf_span(&text));
        buf_release(&text);
        buf_release(&second);
        close_found(&found);
        close_found(&again);
    }
}

/* More rows than a line holds, more texts than the dictionary, in any order
 * of arrival. */
static void many_rows_come_back_in_any_order_of_arrival(void **state)
{
    struct arena arena = ARENA_INIT;
    struct buf texts[2];
    (void)state;

    for (int backwards = 0; backwards < 2; backwards++) {
        struct found found, again;
        struct err err = ERR_NONE;
        struct buf second;

        open_found(&found);
        for (int k = 0; k < 20000; k++) {
            int i = backwards ? 19999 - k : k;

            add(&found, i % 3 ? "i-1" : text_in(&arena, "i-%d", i % 50),
                i % 2 ? "203.0.113.9" : "203.0.113.10",
                (struct literal){
                    .id = i % 10 ? text_in(&arena, "event-%d", i) : NULL,
                    .time = text_in(&arena, "2022-02-22T10:%02d:%02dZ",
                                    i / 60 % 60, i % 60),
                    .name = "A",
                    .agent =
                        text_in(&arena, "an agent with a long name %d", i / 3),
                    .record = text_in(&arena, "{\"n\": %d}", i)});
        }
        open_figures(&found);
        texts[backwards] = written(&found, plain);
        open_found(&again);
        if (read_all(buf_span(&texts[backwards]), &again, &err) != PARTIAL_END)
            fail_msg("%s", err.text);
        second = written(&again, plain);
        assert_span_equal(buf_span(&second), buf_span(&texts[backwards]));
        buf_release(&second);
        close_found(&found);
        close_found(&again);
    }
    assert_span_equal(buf_span(&texts[1]), buf_span(&texts[0]));
    buf_release(&texts[0]);
    buf_release(&texts[1]);
    arena_release(&arena);
}

/* Cut anywhere it is refused, and never just fewer events. */
static void a_partial_that_is_cut_anywhere_is_refused(void **state)
{
    (void)state;

    for (int extended = 0; extended < 2; extended++) {
        struct found found;
        struct buf text;

        fill(&found, extended);
        text = written(&found, plain);
        for (size_t n = 0; n < text.len; n++) {
            struct err err = ERR_NONE;

            assert_int_equal(read_all(span_of(text.ptr, n), NULL, &err),
                             PARTIAL_BROKEN);
            assert_non_null(strstr(err.text, "line "));
        }
        buf_release(&text);
        close_found(&found);
    }
}

static void a_partial_with_any_byte_altered_is_refused(void **state)
{
    (void)state;

    for (int extended = 0; extended < 2; extended++) {
        struct found found;
        struct buf text;

        fill(&found, extended);
        text = written(&found, plain);
        for (size_t n = 0; n < text.len; n++)
            for (int bit = 0; bit < 8; bit++) {
                struct err err = ERR_NONE;

                text.ptr[n] = (char)(text.ptr[n] ^ 1 << bit);
                assert_int_equal(read_all(buf_span(&text), NULL, &err),
                                 PARTIAL_BROKEN);
                text.ptr[n] = (char)(text.ptr[n] ^ 1 << bit);
            }
        buf_release(&text);
        close_found(&found);
    }
}

static void what_stands_behind_the_end_is_refused(void **state)
{
    struct found found;
    struct buf text;
    struct err err = ERR_NONE;
    (void)state;

    fill(&found, false);
    text = written(&found, plain);
    buf_add_char(&text, '\n');
    assert_int_equal(read_all(buf_span(&text), NULL, &err), PARTIAL_BROKEN);
    buf_release(&text);
    close_found(&found);
}

/* The text up to its last line, and a last line that fits. */
static struct buf with_checksum(struct span text)
{
    struct hash128 sum = PARTIAL_SUM_INIT;
    struct buf whole = BUF_INIT;
    char digits[PARTIAL_SUM_BYTES], end[PARTIAL_END_BYTES];
    uint64_t lines = 0;

    for (size_t at = 0; at < text.len;) {
        const char *line = text.ptr + at;
        size_t len =
            (size_t)((const char *)memchr(line, '\n', text.len - at) - line);

        if (strncmp(line, "{\"lines\":", 9) == 0)
            break;
        sum = partial_sum(sum, span_of(line, len));
        lines++;
        buf_add(&whole, span_of(line, len + 1));
        at += len + 1;
    }
    (void)partial_sum_text(sum, digits);
    buf_add(&whole, partial_end_text(lines, digits, end));
    buf_add_char(&whole, '\n');
    return whole;
}

/* In the place of the first line that begins so. */
static struct buf with_line(const char *text, const char *begins,
                            const char *instead)
{
    const char *line = strstr(text, begins);
    struct buf all = BUF_INIT;
    struct buf whole;
    const char *end;

    assert_non_null(line);
    assert_int_equal(line[-1], '\n');
    end = strchr(line, '\n');
    buf_add(&all, span_of(text, (size_t)(line - text)));
    buf_add(&all, span_str(instead));
    buf_add(&all, span_str(end));
    whole = with_checksum(buf_span(&all));
    buf_release(&all);
    return whole;
}

/* Whoever makes the checksum fit has not made a partial. */
static void a_line_that_does_not_fit_is_refused(void **state)
{
    static const struct {
        const char *begins, *instead;
    } lines[] = {
        {"{\"fact\":", "{\"fact\":\"recipients\",\"texts\":[\"A\"]}"},
        {"{\"fact\":", "{\"fact\":\"recipient\",\"texts\":[]}"},
        {"{\"fact\":", "{\"fact\":\"recipient\",\"texts\":[\"\"]}"},
        {"{\"fact\":", "{\"fact\":\"recipient\",\"texts\":[null]}"},
        {"{\"fact\":", "{\"fact\":\"recipient\",\"texts\":[\"A\",null]}"},
        {"{\"fact\":",
         "{\"fact\":\"recipient\",\"texts\":[\"A\",\"b\",\"c\",\"d\"]}"},
        {"{\"fact\":", "{\"fact\":\"recipient\",\"texts\":[\"A\",1]}"},
        {"{\"fact\":", "{\"fact\":\"recipient\",\"texts\":[\"A\"],\"time\":"
                       "\"1970-01-01T00:00:00.0000000Z\"}"},
        {"{\"fact\":",
         "{\"fact\":\"recipient\",\"texts\":[\"A\"],\"address\":\"x\"}"},
        {"{\"fact\":",
         "{\"fact\":\"recipient\",\"texts\":[\"A\"],\"prefix\":8}"},
        {"{\"fact\":", "{\"fact\":\"recipient\",\"texts\":[\"A\"],"
                       "\"address\":\"10.0.0.0\",\"prefix\":0}"},
        {"{\"fact\":", "{\"fact\":\"recipient\",\"texts\":[\"A\"],\"x\":1}"},
        {"{\"fact\":", "{\"fact\":\"recipient\",\"texts\":[\"z\"]}"},
        {"{\"fact\":", "{\"use\":\"10.0.0.1\",\"instances\":\"many\"}"},
        {"{\"use\":", "{\"use\":\"10.0.0.1\",\"instances\":\"few\"}"},
        {"{\"use\":", "{\"use\":\"10.0.0.1\",\"instances\":[]}"},
        {"{\"use\":", "{\"use\":\"10.0.0.1\",\"instances\":[\"x\"]}"},
        {"{\"use\":",
         "{\"use\":\"10.0.0.1\",\"instances\":[\"" WEB "\",\"" WEB "\"]}"},
        {"{\"use\":", "{\"use\":\"198.18.0.1\",\"instances\":\"many\"}"},
        {"{\"use\":", "{\"use\":\"2001:db8::1\",\"instances\":\"many\"}"},
        {"{\"use\":", "{\"use\":\"10.0.0.1\",\"instances\":[],\"people\":"
                      "\"\",\"first\":null}"},
        {"{\"use\":", "{\"use\":\"10.0.0.1\",\"instances\":[],\"people\":"
                      "\"CB\",\"first\":null}"},
        {"{\"use\":", "{\"use\":\"10.0.0.1\",\"instances\":[],\"people\":"
                      "\"ABCDEFGHIJKLM\",\"first\":null}"},
        {"{\"use\":", "{\"use\":\"10.0.0.1\",\"instances\":[],\"sketch\":"
                      "\"ABC\",\"first\":null}"},
        {"{\"use\":",
         "{\"use\":\"10.0.0.1\",\"instances\":[],\"people\":\"A\"}"},
        {"{\"endpoint\":", "{\"endpoint\":\"1\",\"of\":\"AKIA1\",\"location\":"
                           "\"10.0.0.1\"}"},
        {"{\"endpoint\":", "{\"endpoint\":\"1\",\"of\":\"ASIA1\",\"location\":"
                           "\"198.18.0.1\"}"},
        {"{\"in_scope\":", "{\"in_scope\":\"i-1\"}"},
        {"{\"in_scope\":", "{\"in_scope\":\"\"}"},
        {"{\"in_scope\":", "{\"fact\":\"recipient\",\"texts\":[\"A\"]}"},
        {"{\"located\":", "{\"located\":\"i-1\",\"location\":\"10.0.0.1\","
                          "\"count\":1,\"time\":null}"},
        {"{\"located\":", "{\"located\":\"ASIA1\",\"location\":"
                          "\"2001:db8::1\",\"count\":1,\"time\":null}"},
        {"{\"located\":", "{\"instance\":\"i-9\",\"address\":\"10.0.0.4\","
                          "\"count\":1,\"time\":null,\"id\":\"e5\"}"},
        {"{\"instance\":", "{\"located\":\"ASIA0\",\"location\":\"10.0.0.4\","
                           "\"count\":1,\"time\":null,\"id\":\"e5\"}"},
        {"{\"instance\":", "{\"in_scope\":\"" WEB "\"}"},
    };
    struct found found;
    struct buf text, same;
    struct err err = ERR_NONE;
    (void)state;

    fill(&found, true);
    text = written(&found, plain);
    same = with_checksum(buf_span(&text));
    assert_span_equal(buf_span(&same), buf_span(&text));
    buf_release(&same);
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct buf altered =
            with_line(buf_str(&text), lines[i].begins, lines[i].instead);

        if (read_all(buf_span(&altered), NULL, &err) != PARTIAL_BROKEN)
            fail_msg("%s", lines[i].instead);
        buf_release(&altered);
    }
    buf_release(&text);
    close_found(&found);
}

/* Wherever the array of texts has grown to. */
static void a_text_that_is_none_is_refused(void **state)
{
    struct found found;
    struct buf text;
    struct err err = ERR_NONE;
    (void)state;

    fill(&found, false);
    text = written(&found, plain);
    for (unsigned before = 0; before < 40; before++) {
        struct buf line = BUF_INIT;
        struct buf altered;

        buf_add(&line, SPAN("{\"texts\":["));
        for (unsigned i = 0; i < before; i++)
            buf_add(&line, SPAN("\"a\","));
        buf_add(&line, SPAN("5],\"callers\":\"\",\"calls\":\"\"}"));
        altered = with_line(buf_str(&text), "{\"texts\":", buf_str(&line));
        assert_int_equal(read_all(buf_span(&altered), NULL, &err),
                         PARTIAL_BROKEN);
        buf_release(&altered);
        buf_release(&line);
    }
    buf_release(&text);
    close_found(&found);
}

/* A plain one holds nothing of what evidence asks for. */
static void facts_belong_to_extended_partials_only(void **state)
{
    struct found found;
    struct buf text, altered;
    struct err err = ERR_NONE;
    (void)state;

    fill(&found, false);
    text = written(&found, plain);
    altered =
        with_line(buf_str(&text), "{\"texts\":", "{\"in_scope\":\"" WEB "\"}");
    assert_int_equal(read_all(buf_span(&altered), NULL, &err), PARTIAL_BROKEN);
    buf_release(&altered);
    buf_release(&text);
    close_found(&found);
}

/* What decides which events count, one difference at a time. */
static void a_difference_of_options_is_named(void **state)
{
    static const struct span instance = {"i-9", 3};
    struct partial_header ours = PARTIAL_HEADER_INIT;
    struct partial_header theirs = PARTIAL_HEADER_INIT;
    struct err err = ERR_NONE;
    (void)state;

    assert_int_equal(partial_header_fits(&ours, &theirs, &err), 0);
    theirs.ipv6 = true;
    assert_int_equal(partial_header_fits(&ours, &theirs, &err), -1);
    assert_string_equal(err.text,
                        "it was made with --ipv6, and this run is without it");
    assert_int_equal(partial_header_fits(&theirs, &ours, &err), -1);
    assert_string_equal(err.text,
                        "it was made without --ipv6, and this run is with it");
    theirs.ipv6 = false;
    theirs.until = timestamp_parse(SPAN("2022-02-22T00:00:00Z"));
    assert_int_equal(partial_header_fits(&ours, &theirs, &err), -1);
    assert_string_equal(err.text, "its --until is 2022-02-22T00:00:00.0000000Z"
                                  ", and this run's is none");
    theirs.until = TIMESTAMP_UNKNOWN;
    assert_int_equal(partial_header_set_instances(&theirs, &instance, 1), 0);
    assert_int_equal(partial_header_fits(&ours, &theirs, &err), 0);
    assert_int_equal(partial_header_fits(&theirs, &ours, &err), -1);
    assert_string_equal(err.text, "it was made without --instance i-9");
    partial_header_release(&theirs);
    partial_header_release(&ours);
}

/* Lines of one meaning are one, however they are written and ordered. */
static void ignore_lines_compare_by_their_meaning(void **state)
{
    static const char *const same[] = {
        "ignore role=b,a ip=192.0.2.0/24,198.51.100.1\nignore event=x\n",
        "mute instance=i-1\nignore event=\"x\" # why\nignore "
        "ip=198.51.100.1/32,192.0.2.0/24   role=\"a\",b,a\nignore event=x\n",
    };
    static const char other[] = "ignore event=x\n";
    struct partial_header headers[3];
    struct err err = ERR_NONE;
    (void)state;

    for (size_t i = 0; i < 3; i++) {
        struct policy policy;

        policy_init(&policy);
        assert_int_equal(
            policy_read(&policy, "p", span_str(i < 2 ? same[i] : other), NULL),
            0);
        assert_int_equal(policy_finish(&policy, NULL), 0);
        headers[i] = PARTIAL_HEADER_INIT;
        assert_int_equal(partial_header_set_ignore(&headers[i], &policy), 0);
        policy_release(&policy);
    }
    assert_int_equal(headers[0].ignore_count, 2);
    assert_int_equal(partial_header_fits(&headers[0], &headers[1], &err), 0);
    assert_int_equal(partial_header_fits(&headers[2], &headers[1], &err), -1);
    assert_non_null(
        strstr(err.text, "its policy says 'ignore ip=192.0.2.0/24"));
    assert_int_equal(partial_header_fits(&headers[1], &headers[2], &err), -1);
    assert_non_null(strstr(err.text, "its policy does not say"));
    for (size_t i = 0; i < 3; i++)
        partial_header_release(&headers[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_read_is_written_as_it_was),
        cmocka_unit_test(many_rows_come_back_in_any_order_of_arrival),
        cmocka_unit_test(a_partial_that_is_cut_anywhere_is_refused),
        cmocka_unit_test(a_partial_with_any_byte_altered_is_refused),
        cmocka_unit_test(what_stands_behind_the_end_is_refused),
        cmocka_unit_test(a_line_that_does_not_fit_is_refused),
        cmocka_unit_test(a_text_that_is_none_is_refused),
        cmocka_unit_test(facts_belong_to_extended_partials_only),
        cmocka_unit_test(a_difference_of_options_is_named),
        cmocka_unit_test(ignore_lines_compare_by_their_meaning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
