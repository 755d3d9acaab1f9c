/*
 * The splitter decides which bytes become records at all: what it loses
 * nobody finds again. Each text is split whole and in windows of every
 * size, and the answers must be the same to the byte.
 */
#include "input/split.h"

#include "input/resync.h"

#include "guarded.h"

#include <stdlib.h>

#define ROOMY ((size_t)1 << 20) /* no text here is over this limit */

/* A longer token is damage. */
#define TIME_STAMP_MAX_BYTES 64

/* All answers to one text. */
struct answers {
    struct buf items;   /* one a line: `record@12 {…}`, `event@12 {…}`,
                         * `oversize@9`, `damage@5`; with ! if illegal */
    struct buf reasons; /* of the damages, one a line */
    struct buf flags;   /* of the objects: `backslash` and `deep` */
    size_t damages;
};

#define ANSWERS_INIT ((struct answers){BUF_INIT, BUF_INIT, BUF_INIT, 0})

static void answers_release(struct answers *answers)
{
    buf_release(&answers->items);
    buf_release(&answers->reasons);
    buf_release(&answers->flags);
    *answers = ANSWERS_INIT;
}

static void answers_add(struct answers *answers, struct span text,
                        enum split_status status, const struct split_item *item)
{
    static const char *const names[] = {
        [SPLIT_RECORD] = "record", [SPLIT_EVENT] = "event",
        [SPLIT_OBJECT] = "object", [SPLIT_OVERSIZE] = "oversize",
        [SPLIT_DAMAGE] = "damage",
    };

    buf_printf(&answers->items, "%s%s@%llu", names[status],
               item->illegal ? "!" : "", (unsigned long long)item->offset);
    if (status == SPLIT_DAMAGE) {
        answers->damages++;
        buf_printf(&answers->reasons, "%s\n", item->reason);
        assert_false(span_present(item->text));
    } else if (status == SPLIT_OVERSIZE) {
        assert_false(span_present(item->text));
    } else {
        buf_add_char(&answers->items, ' ');
        buf_add(&answers->items, item->text);
        assert_true(item->offset + item->text.len <= text.len);
        assert_memory_equal(item->text.ptr, text.ptr + item->offset,
                            item->text.len);
    }
    buf_add_char(&answers->items, '\n');
    if (status != SPLIT_DAMAGE)
        buf_printf(&answers->flags, "%s%s%s\n",
                   item->backslash ? "backslash " : "",
                   item->doubtful ? "doubtful " : "", item->deep ? "deep" : "");
}

/* How many new bytes each window brings. */
struct cutting {
    size_t bytes;   /* 0: a random number, also none */
    uint32_t *seed; /* for that */
    bool passes;    /* what can be read where it stands is */
};

/* Take the next object of `Records` as a caller does who delimits it where it
 * stands: some are passed, the others given out. */
static bool front_record(struct splitter *sp, struct split_item *item)
{
    struct delimit delimit = {0};
    struct span text;
    const char *after;

    if (!split_at_record(sp, &text))
        return false;
    after = delimit_value(&delimit, text.ptr, text.ptr + text.len);
    if (!after || after[-1] != '}')
        return false;
    if (delimit.illegal || delimit.deep || text.len % 2) {
        split_take(sp, after, &delimit, item);
        return true;
    }
    *item = (struct split_item){
        .text = span_of(text.ptr, (size_t)(after - text.ptr)),
        .offset = sp->base + (uint64_t)(text.ptr - sp->window),
        .backslash = delimit.backslash,
    };
    split_pass(sp, after);
    return true;
}

static enum split_status next_item(struct splitter *sp, bool passes,
                                   struct split_item *item)
{
    return passes && front_record(sp, item) ? SPLIT_RECORD
                                            : split_next(sp, item);
}

/* Split `text`. The windows lie in two places in turn, and what was in
 * the last one is rubbish as soon as the next has been fed. */
static void split(struct span text, size_t max_bytes, struct cutting cutting,
                  struct answers *answers)
{
    static struct guarded windows[2]; /* kept: mapping memory is slow */
    struct splitter sp;
    struct split_item item;
    enum split_status status;
    size_t fed = 0;

    *answers = ANSWERS_INIT;
    split_init(&sp, max_bytes);
    for (size_t turn = 0;; turn++) {
        struct guarded *window = &windows[turn % 2];
        size_t carried = split_unfinished(&sp);
        size_t bytes =
            cutting.bytes ? cutting.bytes : unit_random(cutting.seed, 12);

        assert_true(carried <= fed);
        assert_true(carried <= max_bytes || carried <= RESYNC_BYTES);
        if (bytes > text.len - fed)
            bytes = text.len - fed;
        guarded_put(window, span_of(text.ptr + fed - carried, carried + bytes));
        fed += bytes;
        /* The end is told with the last bytes or, half the time where
         * the cutting is random, with an empty window behind them. */
        split_feed(&sp, window->bytes,
                   fed == text.len &&
                       (cutting.bytes || unit_random(cutting.seed, 2)));
        guarded_put(&windows[(turn + 1) % 2], SPAN(""));
        while ((status = next_item(&sp, cutting.passes, &item)) != SPLIT_MORE &&
               status != SPLIT_END)
            answers_add(answers, text, status, &item);
        if (status == SPLIT_END)
            break;
    }
    assert_true(sp.last);
    assert_int_equal(split_next(&sp, &item), SPLIT_END);
    buf_add(&answers->items, SPAN("")); /* present, also when empty */
    buf_add(&answers->reasons, SPAN(""));
    buf_add(&answers->flags, SPAN(""));
}

static void split_whole(struct span text, size_t max_bytes,
                        struct answers *answers)
{
    split(text, max_bytes, (struct cutting){.bytes = text.len + 1}, answers);
}

static bool answers_equal(const struct answers *a, const struct answers *b)
{
    return span_eq(buf_span(&a->items), buf_span(&b->items)) &&
           span_eq(buf_span(&a->reasons), buf_span(&b->reasons)) &&
           span_eq(buf_span(&a->flags), buf_span(&b->flags));
}

static void expect_cut(struct span text, size_t max_bytes,
                       struct cutting cutting, const struct answers *expected)
{
    struct answers got;

    split(text, max_bytes, cutting, &got);
    if (!answers_equal(&got, expected)) {
        print_error("%.*s\nlimit %zu, in windows of %zu%s:\n", (int)text.len,
                    text.ptr, max_bytes, cutting.bytes,
                    cutting.passes ? ", passing" : "");
        assert_span_equal(buf_span(&got.items), buf_span(&expected->items));
        assert_span_equal(buf_span(&got.reasons), buf_span(&expected->reasons));
        assert_span_equal(buf_span(&got.flags), buf_span(&expected->flags));
    }
    answers_release(&got);
}

/* `text` gives `expected` in windows of 1 to `sizes` bytes and in random
 * ones, and where records are read where they stand. */
static void expect_in_windows(struct span text, size_t max_bytes, size_t sizes,
                              const struct answers *expected)
{
    uint32_t seed = 77;

    for (size_t bytes = 1; bytes <= sizes; bytes++)
        expect_cut(text, max_bytes, (struct cutting){bytes, NULL, false},
                   expected);
    for (size_t round = 0; round <= sizes / 4; round++)
        expect_cut(text, max_bytes, (struct cutting){0, &seed, round % 2},
                   expected);
    for (size_t times = 1; times <= 3; times++)
        expect_cut(text, max_bytes,
                   (struct cutting){text.len / times + 1, NULL, true},
                   expected);
}

/* A text with ' for ", and the answers to it. */
struct example {
    const char *text;
    const char *items;
};

static void expect_examples(const struct example *examples, size_t count,
                            size_t max_bytes)
{
    for (size_t i = 0; i < count; i++) {
        struct buf text = unit_json(examples[i].text);
        struct buf items = unit_json(examples[i].items);
        struct answers whole;

        buf_add(&items, SPAN(""));
        split_whole(buf_span(&text), max_bytes, &whole);
        if (!span_eq(buf_span(&whole.items), buf_span(&items)))
            print_error("%s\n", examples[i].text);
        assert_span_equal(buf_span(&whole.items), buf_span(&items));
        expect_in_windows(buf_span(&text), max_bytes, text.len, &whole);
        answers_release(&whole);
        buf_release(&text);
        buf_release(&items);
    }
}

/* ------------------------------------------------------------- shapes */

/* The shape of nearly every input. Other keys may stand on either side,
 * and strings may hold anything. */
static void records_are_given_out_one_by_one(void **state)
{
    static const struct example examples[] = {
        {"{'Records':[{'a':1},{'b':2}]}",
         "record@12 {'a':1}\nrecord@20 {'b':2}\n"},
        {"{'Records':[]}", ""},
        {"{\n  'Records' : [ \t{ 'a' : 1 }\r\n , {} ]\n}\n",
         "record@19 { 'a' : 1 }\nrecord@35 {}\n"},
        {"{'v':1,'w':{'x':[{'y':1}]},'Records':[{'a':1}],'z':{'q':[]}}",
         "record@38 {'a':1}\n"},
        {"{'Records':[{'a':{'b':[[{'c':1}],{}]}},{'d':[]}]}",
         "record@12 {'a':{'b':[[{'c':1}],{}]}}\nrecord@39 {'d':[]}\n"},
        {"{'Records':[{'a':']}'},{'b':'[{'}]}",
         "record@12 {'a':']}'}\nrecord@23 {'b':'[{'}\n"},
        {"{'Records':[{'a':'\\'}]'},{'b':'\\\\'},{'c':'\\\\\\'{'}]}",
         "record@12 {'a':'\\'}]'}\nrecord@25 {'b':'\\\\'}\n"
         "record@36 {'c':'\\\\\\'{'}\n"},
        {"{'Records':[{'a':'x\ny'}]}", "record@12 {'a':'x\ny'}\n"},
        {"{'Records':[{'a':1}],'Records':[{'b':1}]}",
         "record@12 {'a':1}\nrecord@32 {'b':1}\n"},
        {"{'Records':[{'Records':[{'a':1}]}]}",
         "record@12 {'Records':[{'a':1}]}\n"},
        {"{'x':'}','Records':[{'a':1}],'y':'{'}", "record@20 {'a':1}\n"},
        {"{'x\\'':'\\\\','Records':[{'a':1}]}", "record@23 {'a':1}\n"},
        {"{'x':'Records','Records':[{'a':1}]}", "record@26 {'a':1}\n"},
        {"{'Records':null,'Records':[{'a':1}]}", "record@27 {'a':1}\n"},
        /* a key is what its escapes spell */
        {"{'\\u0052ecords':[{'a':1}]}", "record@17 {'a':1}\n"},
        {"{'\\u0052\\u0065\\u0063\\u006f\\u0072\\u0064\\u0073':[{'a':1}]}",
         "record@47 {'a':1}\n"},
    };
    (void)state;

    expect_examples(examples, COUNT(examples), ROOMY);
}

/* No record is an array or a scalar. */
static void what_is_no_object_in_records_is_passed_over(void **state)
{
    static const struct example examples[] = {
        {"{'Records':[1,{'a':1},'}{',true,[{'b':1},[]],null,-1.5e3,{'c':1}]}",
         "record@14 {'a':1}\nrecord@57 {'c':1}\n"},
        {"{'Records':['\\']',[],{'a':1}]}", "record@21 {'a':1}\n"},
        {"{'Records':[[']']]}", ""},
    };
    (void)state;

    expect_examples(examples, COUNT(examples), ROOMY);
}

/* `Records` means something only as a key of the outermost object with an
 * array behind it; else its object is given out as it is, and its shape
 * decides. */
static void only_a_records_array_at_the_first_level_is_followed(void **state)
{
    static const struct example examples[] = {
        {"{'a':{'Records':[{'b':1}]}}",
         "object@0 {'a':{'Records':[{'b':1}]}}\n"},
        {"{'a':[{'Records':[{}]}]}", "object@0 {'a':[{'Records':[{}]}]}\n"},
        {"{'Records':{'a':1}}", "object@0 {'Records':{'a':1}}\n"},
        {"{'Records':{'Records':[{'a':1}]}}",
         "object@0 {'Records':{'Records':[{'a':1}]}}\n"},
        {"{'Records':'[{}]'}", "object@0 {'Records':'[{}]'}\n"},
        {"{'Records':null,'a':[{}]}", "object@0 {'Records':null,'a':[{}]}\n"},
        {"{'Records':1,'a':[{}]}", "object@0 {'Records':1,'a':[{}]}\n"},
        {"{'Records':'x','a':[{}]}", "object@0 {'Records':'x','a':[{}]}\n"},
        {"{'a':'Records','b':[{}]}", "object@0 {'a':'Records','b':[{}]}\n"},
        {"{'records':[{}]}", "object@0 {'records':[{}]}\n"},
        {"{'Record':[{}]}", "object@0 {'Record':[{}]}\n"},
        {"{'Recordss':[{}]}", "object@0 {'Recordss':[{}]}\n"},
        {"{'Recordsss':[{}]}", "object@0 {'Recordsss':[{}]}\n"},
        {"{'Records ':[{}]}", "object@0 {'Records ':[{}]}\n"},
        {"{'xRecords':[{}]}", "object@0 {'xRecords':[{}]}\n"},
        {"{'\\'Records':[{}]}", "object@0 {'\\'Records':[{}]}\n"},
        {"{'Records\\'':[{}]}", "object@0 {'Records\\'':[{}]}\n"},
        {"{'Records'[{}]}", "object@0 {'Records'[{}]}\n"},
        {"{'Records\\u0000':[{}]}", "object@0 {'Records\\u0000':[{}]}\n"},
        {"{'\\\\u0052ecords':[{}]}", "object@0 {'\\\\u0052ecords':[{}]}\n"},
        {"{'\\u0052\\u0065\\u0063\\u006f\\u0072\\u0064\\u0073x':[{}]}",
         "object@0 "
         "{'\\u0052\\u0065\\u0063\\u006f\\u0072\\u0064\\u0073x':[{}]}\n"},
        {"{'Records'::[{}]}", "object@0 {'Records'::[{}]}\n"},
        {"{'Records',[{}]}", "object@0 {'Records',[{}]}\n"},
        {"{'Records':{}[{}]}", "object@0 {'Records':{}[{}]}\n"},
        {"{'a':[1,2]'Records':[{}]}", "object@0 {'a':[1,2]'Records':[{}]}\n"},
    };
    (void)state;

    expect_examples(examples, COUNT(examples), ROOMY);
}

/* The rows of the table have an order: `Records` before the record's own
 * keys, `Events` behind them. Of the keys behind an `Events` that was given
 * out already, it can only be said that something is wrong. */
static void a_record_may_have_a_list_of_its_own(void **state)
{
    static const struct example examples[] = {
        {"{'eventSource':'s','eventTime':'t','Records':[{'a':1}]}",
         "record@46 {'a':1}\n"},
        {"{'Records':[{'a':1}],'eventVersion':'1','eventSource':'s'}",
         "record@12 {'a':1}\n"},
        {"{'eventSource':'s','eventTime':'t','Events':[{'a':1}],'b':2}",
         "object@0 {'eventSource':'s','eventTime':'t','Events':[{'a':1}],'b':2"
         "}\n"},
        {"{'eventVersion':'1','event\\u0053ource':'s','Events':[{'a':1}]}",
         "object@0 {'eventVersion':'1','event\\u0053ource':'s','Events':[{'a':"
         "1}]}\n"},
        {"{'eventVersion':'1','eventSource':'s','Events':[{}],'Records':[{}]}",
         "record@63 {}\n"},
        /* one of them alone is no record */
        {"{'eventTime':'t','eventVersion':'1','Events':[{'a':1}]}",
         "event@46 {'a':1}\n"},
        {"{'eventSource':'s','Events':[{'a':1}]}", "event@29 {'a':1}\n"},
        {"{'b':{'eventSource':'s','eventTime':'t'},'Events':[{'a':1}]}",
         "event@51 {'a':1}\n"},
        /* too late */
        {"{'Events':[{'a':1}],'eventVersion':'1','eventSource':'s'}",
         "event@11 {'a':1}\ndamage@56\n"},
        {"{'eventSource':'s','Events':[],'eventTime':'t'}{'a':1}",
         "damage@46\nobject@47 {'a':1}\n"},
        {"{'Events':[{'a':1}],'eventSource':'s'}", "event@11 {'a':1}\n"},
        /* and never inside a member */
        {"{'eventSource':'s','eventTime':'t','requestParameters':{'Records':"
         "[{'a':1}],'Events':[{'b':1}]}}",
         "object@0 {'eventSource':'s','eventTime':'t','requestParameters':"
         "{'Records':[{'a':1}],'Events':[{'b':1}]}}\n"},
        {"{'Records':[{'requestParameters':{'Records':[{'a':1}]}}]}",
         "record@12 {'requestParameters':{'Records':[{'a':1}]}}\n"},
    };
    (void)state;

    expect_examples(examples, COUNT(examples), ROOMY);
}

/* What lookup-events prints can be larger than memory, too. */
static void events_are_given_out_one_by_one(void **state)
{
    static const struct example examples[] = {
        {"{'Events':[{'a':1},{'b':2}]}",
         "event@11 {'a':1}\nevent@19 {'b':2}\n"},
        {"{'Events':[]}", ""},
        {"{\n    'Events': [\n        {\n 'a': 1\n},\n {}\n    ]\n}\n",
         "event@26 {\n 'a': 1\n}\nevent@40 {}\n"},
        {"{'NextToken':'x','w':{'y':[{}]},'Events':[{'a':']}'}],'z':[{}]}",
         "event@42 {'a':']}'}\n"},
        {"{'\\u0045\\u0076\\u0065\\u006e\\u0074\\u0073':[{'a':1}]}",
         "event@41 {'a':1}\n"},
        {"[{'Events':[{'a':1}]}]{'Events':[{'b':1}]}",
         "event@12 {'a':1}\nevent@33 {'b':1}\n"},
        {"{'Events':[1,'}{',[{'b':1}],null,{'a':1}]}", "event@33 {'a':1}\n"},
        {"{'Events':[{'Events':[{'a':1}],'Records':[{'b':1}]}]}",
         "event@11 {'Events':[{'a':1}],'Records':[{'b':1}]}\n"},
        /* each element is what its own list says */
        {"{'Events':[{'a':1}],'Records':[{'b':1}],'Events':[{'c':1}]}",
         "event@11 {'a':1}\nrecord@31 {'b':1}\nevent@50 {'c':1}\n"},
        {"{'Events':null,'Records':[{'a':1}]}", "record@26 {'a':1}\n"},
        {"{'Records':null,'Events':[{'a':1}]}", "event@26 {'a':1}\n"},
        {"{'Events':[{'a':1}]}{'Records':[{'b':1}]}{'c':1}",
         "event@11 {'a':1}\nrecord@32 {'b':1}\nobject@41 {'c':1}\n"},
        /* the key at the first level and an array behind it, or an object
         * like any other */
        {"{'a':{'Events':[{'b':1}]}}", "object@0 {'a':{'Events':[{'b':1}]}}\n"},
        {"{'Events':{'a':1}}", "object@0 {'Events':{'a':1}}\n"},
        {"{'Events':'[{}]'}", "object@0 {'Events':'[{}]'}\n"},
        {"{'Events':7,'a':[{}]}", "object@0 {'Events':7,'a':[{}]}\n"},
        {"{'a':'Events','b':[{}]}", "object@0 {'a':'Events','b':[{}]}\n"},
        {"{'events':[{}]}", "object@0 {'events':[{}]}\n"},
        {"{'Event':[{}]}", "object@0 {'Event':[{}]}\n"},
        {"{'Eventss':[{}]}", "object@0 {'Eventss':[{}]}\n"},
        {"{'Events\\u0000':[{}]}", "object@0 {'Events\\u0000':[{}]}\n"},
        /* it breaks as `Records` does */
        {"{'Events':[{'a':1}{'b':1},]}",
         "event@11 {'a':1}\ndamage@18\nevent@18 {'b':1}\ndamage@26\n"},
        {"{'x':@,'Events':[{@},{'a':1}],@}",
         "damage@5\nevent!@17 {@}\nevent@21 {'a':1}\ndamage@30\n"},
    };
    (void)state;

    expect_examples(examples, COUNT(examples), ROOMY);
}

/* JSON Lines, concatenated files, Firehose's values without newline. */
static void a_text_may_hold_many_values(void **state)
{
    static const struct example examples[] = {
        {"", ""},
        {" \t\r\n", ""},
        {"{}", "object@0 {}\n"},
        {"{'a':1}{'b':2}{'c':3}",
         "object@0 {'a':1}\nobject@7 {'b':2}\nobject@14 {'c':3}\n"},
        {"\n{'a':1}\n\n{'b':2}\r\n \t{'c':3}",
         "object@1 {'a':1}\nobject@10 {'b':2}\nobject@21 {'c':3}\n"},
        {"{'Records':[{'a':1}]}{'Records':[{'b':1}]}\n{'c':1}",
         "record@12 {'a':1}\nrecord@33 {'b':1}\nobject@43 {'c':1}\n"},
        {"{'a':'}{'}{'b':'\\'}'}",
         "object@0 {'a':'}{'}\nobject@10 {'b':'\\'}'}\n"},
        {"{\n'a':\n{\n'b':1\n}\n}\n{\n'c':[\n{\n}\n,\n{}]}",
         "object@0 {\n'a':\n{\n'b':1\n}\n}\n"
         "object@19 {\n'c':[\n{\n}\n,\n{}]}\n"},
        {"[]{'a':1}[]", "object@2 {'a':1}\n"},
    };
    (void)state;

    expect_examples(examples, COUNT(examples), ROOMY);
}

/* An array of records, of lists of records, of whole files. */
static void arrays_are_followed_at_any_depth(void **state)
{
    static const struct example examples[] = {
        {"[]", ""},
        {"[{'a':1},{'b':2}]", "object@1 {'a':1}\nobject@9 {'b':2}\n"},
        {"[ [{'a':1}\n], [[ {'b':2} ]], {'c':[{'d':1}]} ]",
         "object@3 {'a':1}\nobject@17 {'b':2}\nobject@29 {'c':[{'d':1}]}\n"},
        {"[{'Records':[{'a':1}]},{'x':2,'Records':[{'b':2}]},{'c':3}]",
         "record@13 {'a':1}\nrecord@41 {'b':2}\nobject@51 {'c':3}\n"},
        {"[1,'[{',null,{'a':1},-2.5e3,[true]]", "object@13 {'a':1}\n"},
        {"[{'a':\n{'b':1}}\n,\n{'c':'x\ny'}]",
         "object@1 {'a':\n{'b':1}}\nobject@18 {'c':'x\ny'}\n"},
    };
    (void)state;

    expect_examples(examples, COUNT(examples), ROOMY);
}

/* CloudWatch's export to S3. */
static void a_time_stamp_may_stand_before_a_value(void **state)
{
    static const struct example examples[] = {
        {"2024-01-01T00:00:00.000Z {'a':1}\n2024-01-01T00:00:01.5Z {'b':2}\n",
         "object@25 {'a':1}\nobject@56 {'b':2}\n"},
        {"2024-01-01T00:00:00+01:00 {'Records':[{'a':1}]}",
         "record@38 {'a':1}\n"},
        {"2024-01-01T00:00:00Z{'a':1}", "object@20 {'a':1}\n"},
        /* a time that does not exist is no time stamp */
        {"2024-02-30T00:00:00Z {'a':1}", "damage@0\nobject@21 {'a':1}\n"},
        /* in an array there is no such line */
        {"[2024-01-01T00:00:00Z,{'a':1}]", "damage@1\nobject@22 {'a':1}\n"},
    };
    (void)state;

    expect_examples(examples, COUNT(examples), ROOMY);
}

/* Scalars are JSON, if no dump's shape. */
static void bare_scalars_are_passed_over(void **state)
{
    static const struct example examples[] = {
        {"1", ""},
        {"-12.5e+3 true false null 'x{' {'a':1} 7", "object@30 {'a':1}\n"},
        {"12{'a':1}null", "object@2 {'a':1}\n"},
        {"'\\'{'{'a':1}'}'", "object@5 {'a':1}\n"},
        {"nul {'a':1}", "damage@0\nobject@4 {'a':1}\n"},
        {"truefalse {'a':1}", "damage@0\nobject@10 {'a':1}\n"},
    };
    (void)state;

    expect_examples(examples, COUNT(examples), ROOMY);
}

/* A token is held until it ends, so it must not go on for ever. */
static void a_bare_token_longer_than_any_is_damage(void **state)
{
    static const struct {
        const char *head, *tail, *items;
    } places[] = {
        {"", " {\"a\":1}", "object@"},
        {"", "{\"a\":1}", "object@"},
        {"[", ",{\"a\":1}]", "object@"},
        {"{\"Records\":[", ",{\"a\":1}]}", "record@"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(places) * 200; i++) {
        size_t place = i % COUNT(places), digits = 1 + i / COUNT(places);
        struct buf text = BUF_INIT, expected = BUF_INIT;
        struct answers answers;

        buf_add(&text, span_str(places[place].head));
        if (digits > TIME_STAMP_MAX_BYTES)
            buf_printf(&expected, "damage@%zu\n", text.len);
        for (size_t j = 0; j < digits; j++)
            buf_add_char(&text, '1');
        buf_add(&text, span_str(places[place].tail));
        buf_printf(&expected, "%s%zu {\"a\":1}\n", places[place].items,
                   strlen(places[place].head) + digits +
                       strcspn(places[place].tail, "{"));
        split_whole(buf_span(&text), 30, &answers);
        assert_span_equal(buf_span(&answers.items), buf_span(&expected));
        expect_in_windows(buf_span(&text), 30, 2, &answers);
        answers_release(&answers);
        buf_release(&text);
        buf_release(&expected);
    }
}

/* The reader drops the mark that begins a file; a second one, from files
 * put together, is no JSON, but the objects behind it are. */
static void a_byte_order_mark_inside_is_damage(void **state)
{
    static const struct example examples[] = {
        {"{'a':1}\n\xef\xbb\xbf{'b':2}\n",
         "object@0 {'a':1}\ndamage@8\nobject@11 {'b':2}\n"},
        {"{'Records':[{'a':1}]}\xef\xbb\xbf{'Records':[{'b':2}]}",
         "record@12 {'a':1}\ndamage@21\nrecord@36 {'b':2}\n"},
    };
    (void)state;

    expect_examples(examples, COUNT(examples), ROOMY);
}

/* ------------------------------------------------------------- damage */

/* Where the structure breaks it is said, and what follows is read: an
 * attacker must not hide behind one bad byte. */
static void what_follows_damage_is_given_out(void **state)
{
    static const struct example examples[] = {
        {"{'a':1} x y {'b':2}",
         "object@0 {'a':1}\ndamage@8\nobject@12 {'b':2}\n"},
        {"{'a':1},{'b':2}", "object@0 {'a':1}\ndamage@7\nobject@8 {'b':2}\n"},
        {"{'a':1}}{'b':2}", "object@0 {'a':1}\ndamage@7\nobject@8 {'b':2}\n"},
        {"{'a':1}]{'b':2}", "object@0 {'a':1}\ndamage@7\nobject@8 {'b':2}\n"},
        {"'a':{'b':2}", "damage@3\n"}, /* a member's value is none of its own */
        {"@", "damage@0\n"},
        {"{'Records':[{'a':1} {'b':2}]}",
         "record@12 {'a':1}\ndamage@20\nrecord@20 {'b':2}\n"},
        {"{'Records':[{'a':1},,{'b':2}]}",
         "record@12 {'a':1}\ndamage@20\nrecord@21 {'b':2}\n"},
        {"{'Records':[,{'b':2}]}", "damage@12\nrecord@13 {'b':2}\n"},
        {"{'Records':[{'a':1},]}", "record@12 {'a':1}\ndamage@20\n"},
        {"{'Records':[{'a':1}x,{'b':2}]}",
         "record@12 {'a':1}\ndamage@19\nrecord@21 {'b':2}\n"},
        {"{'Records':[{'a':1} 5,{'b':2}]}",
         "record@12 {'a':1}\ndamage@20\nrecord@22 {'b':2}\n"},
        {"{'Records':[{'a':1} 'x',{'b':2}]}",
         "record@12 {'a':1}\ndamage@20\nrecord@24 {'b':2}\n"},
        {"{'Records':[{'a':1}:{'b':2}]}",
         "record@12 {'a':1}\ndamage@19\nrecord@20 {'b':2}\n"},
        {"{'Records':[@]}{'b':2}", "damage@12\nobject@15 {'b':2}\n"},
        {"[{'a':1} {'b':2},]",
         "object@1 {'a':1}\ndamage@9\nobject@9 {'b':2}\ndamage@17\n"},
        {"[{'a':1}}{'b':2}]", "object@1 {'a':1}\ndamage@8\nobject@9 {'b':2}\n"},
        {"{'Records':[{'a':1}],@}{'b':2}",
         "record@12 {'a':1}\ndamage@21\nobject@23 {'b':2}\n"},
    };
    (void)state;

    expect_examples(examples, COUNT(examples), ROOMY);
}

/* What stands before `Records` is given to no parser, so bytes that are
 * no JSON there are the splitter's to tell. */
static void illegal_bytes_before_records_are_damage(void **state)
{
    static const struct example examples[] = {
        {"{'x':@,'Records':[{'a':1}]}", "damage@5\nrecord@18 {'a':1}\n"},
        {"{'x':[{\x01}]@,'Records':[{'a':1}],@}",
         "damage@7\nrecord@23 {'a':1}\ndamage@32\n"},
        {"[{'x':@,'Records':[{'a':1}]}]", "damage@6\nrecord@19 {'a':1}\n"},
    };
    (void)state;

    expect_examples(examples, COUNT(examples), ROOMY);
}

/* A line ends its object in JSON Lines, whole or not. */
static void a_cut_line_does_not_take_the_next_one_along(void **state)
{
    static const struct example examples[] = {
        {"{'a':1\n{'b':2}\n", "damage@7\nobject@7 {'b':2}\n"},
        {"{'a':'x\n{'b':2}\n", "damage@7\nobject@8 {'b':2}\n"},
        {"{'a':'x\\\n{'b':2}\n", "damage@8\nobject@9 {'b':2}\n"},
        {"{'a\n{'b':2}\n", "damage@3\nobject@4 {'b':2}\n"},
        {"{\n{'b':2}\n", "damage@2\nobject@2 {'b':2}\n"},
        {"{'a':{'x':1}\n{'b':2}\n", "damage@13\nobject@13 {'b':2}\n"},
        {"{'a':[1]\n{'b':2}\n", "damage@9\nobject@9 {'b':2}\n"},
        {"{'a':tr\n{'b':2}\n", "damage@8\nobject@8 {'b':2}\n"},
        /* here the next line is swallowed as a value, until the one
         * after it shows that something is wrong */
        {"{'a':\n{'b':2}\n{'c':3}\n",
         "damage@14\nobject@6 {'b':2}\nobject@14 {'c':3}\n"},
        {"{'a':1,\n{'b':2}\n{'c':3}\n",
         "damage@16\nobject@8 {'b':2}\nobject@16 {'c':3}\n"},
        {"{'a':[\n{'b':2}\n{'c':3}\n",
         "damage@15\nobject@7 {'b':2}\nobject@15 {'c':3}\n"},
        {"{'a':\n{'b':2}", "damage@13\nobject@6 {'b':2}\n"},
        {"{'a':\n{'b':\n{'c':\n{'d':4}\n{'e':5}",
         "damage@26\ndamage@11\ndamage@17\nobject@18 {'d':4}\n"
         "object@26 {'e':5}\n"},
        {"{'a':\n{'Records':[{'b':1}]}\n{'c':3}\n",
         "damage@28\nrecord@18 {'b':1}\nobject@28 {'c':3}\n"},
        {"{'Records':[{'a':1}]\n{'b':2}\n",
         "record@12 {'a':1}\ndamage@21\nobject@21 {'b':2}\n"},
        {"2024-01-01T00:00:00Z {'a':'x\n2024-01-01T00:00:01Z {'b':2}\n",
         "damage@28\nobject@50 {'b':2}\n"},
        {"2024-01-01T00:00:00Z {'a':'x\\\n2024-01-01T00:00:01Z {'b':2}\n",
         "damage@29\nobject@51 {'b':2}\n"},
        {"2024-01-01T00:00:00Z {'a':\n2024-01-01T00:00:01Z {'b':2}\n",
         "damage@37\nobject@48 {'b':2}\n"},
    };
    (void)state;

    expect_examples(examples, COUNT(examples), ROOMY);
}

/* Pretty-printed objects have lines of their own. */
static void a_line_that_is_no_cut_ends_nothing(void **state)
{
    static const struct example examples[] = {
        {"{'a':\n{'b':2}\n,'c':[\n{}\n,\n{}\n]}\n{'d':\n{}}",
         "object@0 {'a':\n{'b':2}\n,'c':[\n{}\n,\n{}\n]}\n"
         "object@32 {'d':\n{}}\n"},
        /* in arrays, a line or an object is no new beginning */
        {"[{'a':'x\ny'},{'b':1{'c':2}}]",
         "object@1 {'a':'x\ny'}\nobject@13 {'b':1{'c':2}}\n"},
        {"{'a':\n{'b':2}\n[{'c':\n3}]\n{'d':4}",
         "damage@25\nobject@6 {'b':2}\nobject@15 {'c':\n3}\n"
         "object@25 {'d':4}\n"},
        /* behind the place where damage showed, lines are free again */
        {"{'a':1\n{'b':\n{}}", "damage@7\nobject@7 {'b':\n{}}\n"},
    };
    (void)state;

    expect_examples(examples, COUNT(examples), ROOMY);
}

/* One value, in which every cut is damage. */
static const char *const single_values[] = {
    "{'Records':[{'a':']}'},{'b':1}]}",
    "{'Events':[{'a':'\\'{'},2,{'b':[]}],'NextToken':'x'}",
    "{ 'v' : 1 , 'Records' : [ { 'a' : { 'b' : [ 1 , '\\'' ] } } ] , 'w' : [ ] "
    "}",
    "{\n 'Records': [\n  {\n   'a': '\\\\'\n  },\n  {\n   'b': null\n  }\n "
    "]\n}",
    "[{'a':1},[{'b':'\\\\'}],{'Records':[{'c':1},2,'x',[3]]}]",
    "{'a':{'b':[1,{'c':'}'}],'d':-1.5e3},'e':true}",
    "{\n'a':\n{\n'b':1\n},\n'c':'x'}",
};

/* How long the part of `items` is whose objects end within the text's
 * first `len` bytes. */
static size_t items_within(struct span items, size_t len)
{
    size_t bytes = 0;

    while (bytes < items.len) {
        const char *line = items.ptr + bytes;
        const char *text = memchr(line, ' ', items.len - bytes);
        size_t start = strtoul(strchr(line, '@') + 1, NULL, 10);
        struct delimit delimit = {0};
        const char *end;

        assert_non_null(text);
        end = delimit_value(&delimit, text + 1, items.ptr + items.len);
        if (start + (size_t)(end - text - 1) > len)
            break;
        bytes = (size_t)(end - items.ptr) + 1; /* and its newline */
    }
    return bytes;
}

/* A file cut anywhere is an error, never just fewer records; and the
 * records before the cut count. */
static void a_cut_at_every_byte_is_damage(void **state)
{
    (void)state;

    for (size_t i = 0; i < COUNT(single_values); i++) {
        struct buf text = unit_json(single_values[i]);
        bool followed = single_values[i][0] == '[' ||
                        strstr(single_values[i], "Records") != NULL ||
                        strstr(single_values[i], "Events") != NULL;
        struct answers whole;

        split_whole(buf_span(&text), ROOMY, &whole);
        assert_int_equal(whole.damages, 0);
        for (size_t len = 1; len < text.len; len++) {
            struct answers cut;
            size_t before =
                followed ? items_within(buf_span(&whole.items), len) : 0;

            split_whole(span_of(text.ptr, len), ROOMY, &cut);
            if (cut.damages == 0 || cut.items.len < before ||
                memcmp(cut.items.ptr, whole.items.ptr, before) != 0)
                fail_msg("%s cut at %zu:\n%.*s", single_values[i], len,
                         (int)cut.items.len, cut.items.ptr);
            expect_in_windows(span_of(text.ptr, len), ROOMY, 3, &cut);
            answers_release(&cut);
        }
        answers_release(&whole);
        buf_release(&text);
    }
}

static const char *const lines[] = {
    "{'eventID':'1','a':{'b':[1,{'c':null}],'d':'x{y'},'e':[]}",
    "{'eventID':'2','a':'\\\\\\'}{','b':[{'c':1},{'d':[true,-1.5e3]}]}",
    "{'eventID':'3','Z':[[],[{}]],'Records':{'a':'\\\\'},'z':{}}",
    "{'eventID':'4'}",
};

/* How often the object `text` was given out. */
static size_t given_out(const struct answers *answers, struct span text)
{
    size_t count = 0;

    for (size_t at = 0; at + text.len < answers->items.len; at++)
        count += memcmp(answers->items.ptr + at, text.ptr, text.len) == 0 &&
                 answers->items.ptr[at + text.len] == '\n' &&
                 answers->items.ptr[at - 1] == ' ';
    return count;
}

/* Lines with line `cut_line` cut behind `cut_at` bytes of its object. */
static struct buf cut_lines(size_t cut_line, size_t cut_at, const char *prefix,
                            const char *newline)
{
    struct buf text = BUF_INIT;

    for (size_t i = 0; i < COUNT(lines); i++) {
        struct buf line = unit_json(lines[i]);

        buf_add(&text, span_str(prefix));
        buf_add(&text, span_of(line.ptr, i == cut_line ? cut_at : line.len));
        buf_add(&text, span_str(newline));
        buf_release(&line);
    }
    return text;
}

/* One line cut must cost one line, wherever it is cut. */
static void a_line_cut_at_every_byte_costs_that_line(void **state)
{
    static const char *const prefixes[] = {"", "2024-01-01T00:00:00.000Z "};
    static const char *const newlines[] = {"\n", "\r\n"};
    (void)state;

    for (size_t variant = 0; variant < 4; variant++) {
        for (size_t cut = 0; cut < COUNT(lines); cut++) {
            for (size_t at = 1; at < strlen(lines[cut]); at++) {
                struct buf text = cut_lines(cut, at, prefixes[variant / 2],
                                            newlines[variant % 2]);
                struct answers answers;

                split_whole(buf_span(&text), ROOMY, &answers);
                for (size_t i = 0; i < COUNT(lines); i++) {
                    struct buf line = unit_json(lines[i]);
                    size_t count = given_out(&answers, buf_span(&line));

                    if (count != (i != cut))
                        fail_msg("%.*s\nline %zu came %zu times:\n%.*s",
                                 (int)text.len, text.ptr, i, count,
                                 (int)answers.items.len, answers.items.ptr);
                    buf_release(&line);
                }
                assert_true(answers.damages > 0);
                if (variant == 0)
                    expect_in_windows(buf_span(&text), ROOMY, 1, &answers);
                answers_release(&answers);
                buf_release(&text);
            }
        }
    }
}

/* --------------------------------------------- one byte, everywhere */

/* What a trail's record looks like: escapes, brackets in strings, nested
 * objects, and arrays of objects. */
#define CALL(n)                                                             \
    "{'eventVersion':'1.08','userIdentity':{'type':'AssumedRole',"          \
    "'principalId':'A:i-" n "','sessionContext':{'attributes':{}}},"        \
    "'eventTime':'t','eventSource':'s','userAgent':'[S3Console/0.4, {x}]'," \
    "'requestParameters':{'p':'{\\'a\\':[\\'b\\']}','n':[1,{'k':null}]},"   \
    "'resources':[{'ARN':'a'},{'ARN':'b'}],'eventID':'" n "'}"
#define LOOKED_UP(n)                                                          \
    "{'EventId':'" n "','Resources':[{'ResourceName':'x'}],'CloudTrailEvent'" \
    ":'{\\'eventVersion\\':\\'1\\',\\'eventSource\\':\\'s\\'}'}"
#define WRAPPED(n)                                                         \
    "{'version':'0','detail-type':'AWS API Call via CloudTrail','detail':" \
    "{'eventVersion':'1','n':'" n "'},'resources':[{'a':[]}]}"

/* Records, and what stands before, between and behind them. */
struct dump {
    const char *head, *between, *tail;
    const char *records[5];
};

#define CALLS                                                 \
    {                                                         \
        CALL("1"), CALL("2"), CALL("3"), CALL("4"), CALL("5") \
    }

static const struct dump dumps[] = {
    {"{'Records':[", ",", "]}", CALLS},
    {"{\n  'Records': [\n    ", ",\n    ", "\n  ]\n}\n", CALLS},
    {"{'a':[{'b':1}],'Records':[", ",", "]}", CALLS},
    {"", "\n", "\n", CALLS},
    {"", "", "", CALLS},
    {"[", ",", "]", CALLS},
    {"{'Records':[", "]}{'Records':[", "]}", CALLS},
    {"{'Events':[",
     ",",
     "]}",
     {LOOKED_UP("1"), LOOKED_UP("2"), LOOKED_UP("3"), LOOKED_UP("4"),
      LOOKED_UP("5")}},
    {"",
     "",
     "",
     {WRAPPED("1"), WRAPPED("2"), WRAPPED("3"), WRAPPED("4"), WRAPPED("5")}},
};

#define DUMP_RECORDS COUNT(dumps[0].records)

/* A dump's text, and where its records are in it. */
struct laid_out {
    struct buf text;
    size_t from[DUMP_RECORDS], to[DUMP_RECORDS];
    bool telling;
};

static struct laid_out lay_out(const struct dump *dump)
{
    struct laid_out out = {.text = unit_json(dump->head),
                           .telling = !strstr(dump->records[0], "version")};
    struct buf tail = unit_json(dump->tail);

    for (size_t i = 0; i < DUMP_RECORDS; i++) {
        struct buf record = unit_json(dump->records[i]);
        struct buf between = unit_json(dump->between);

        if (i > 0)
            buf_add(&out.text, buf_span(&between));
        out.from[i] = out.text.len;
        buf_add(&out.text, buf_span(&record));
        out.to[i] = out.text.len;
        buf_release(&record);
        buf_release(&between);
    }
    buf_add(&out.text, buf_span(&tail));
    buf_release(&tail);
    return out;
}

static bool is_sound(struct span text)
{
    struct grammar grammar = {0};
    bool in_string = false, escaped = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (in_string) {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if (!grammar_take(&grammar, c)) {
            return false;
        } else {
            in_string = c == '"';
        }
    }
    return grammar.depth == 0 && !in_string;
}

/* How often each record is given out, in windows of some size. As a worker
 * does, ask again about what is no JSON. False if nothing was wrong. */
static bool count_records(struct span text, const struct laid_out *dump,
                          size_t window_bytes, size_t count[DUMP_RECORDS])
{
    struct splitter sp;
    struct split_item item;
    enum split_status status;
    size_t fed = 0;
    bool wrong = false;

    memset(count, 0, DUMP_RECORDS * sizeof(count[0]));
    split_init(&sp, ROOMY);
    do {
        size_t carried = split_unfinished(&sp);
        size_t bytes =
            text.len - fed < window_bytes ? text.len - fed : window_bytes;

        split_feed(&sp, span_of(text.ptr + fed - carried, carried + bytes),
                   fed + bytes == text.len);
        fed += bytes;
        while ((status = split_next(&sp, &item)) != SPLIT_MORE &&
               status != SPLIT_END) {
            if (status == SPLIT_DAMAGE) {
                wrong = true;
                continue;
            }
            for (size_t i = 0; i < DUMP_RECORDS; i++)
                count[i] +=
                    span_eq(item.text, span_of(dump->text.ptr + dump->from[i],
                                               dump->to[i] - dump->from[i]));
            if (is_sound(item.text))
                continue;
            wrong = true;
            (void)split_again(&sp, &item);
        }
    } while (status != SPLIT_END);
    return wrong;
}

/* Does a change at `at` touch the record, or replace the byte before it,
 * which tells what it is an element of? Where the record's first key tells
 * nothing, bytes may not even be put there. */
static bool is_touched(const struct laid_out *dump, size_t record, size_t at,
                       size_t replaced)
{
    size_t from = dump->from[record];

    if (at >= dump->to[record])
        return false;
    if (at > from || (at == from && (replaced || !dump->telling)))
        return true;
    while (from > 0 && memchr(" \n", dump->text.ptr[from - 1], 2))
        from--;
    return at + 1 >= from && (replaced || !dump->telling);
}

/* The dump with `replaced` bytes at `at` replaced by `by`: every record
 * that is not touched must be there once. */
static size_t expect_others(const struct laid_out *dump, size_t at,
                            size_t replaced, struct span by)
{
    static const size_t windows[] = {ROOMY, 100};
    struct buf text = BUF_INIT;
    size_t lost = 0;

    buf_add(&text, span_of(dump->text.ptr, at));
    buf_add(&text, by);
    buf_add(&text, span_of(dump->text.ptr + at + replaced,
                           dump->text.len - at - replaced));
    for (size_t w = 0; w < COUNT(windows); w++) {
        size_t count[DUMP_RECORDS];

        if (!count_records(buf_span(&text), dump, windows[w], count))
            continue; /* it is JSON still, if not a trail's */
        for (size_t i = 0; i < DUMP_RECORDS; i++) {
            if (!is_touched(dump, i, at, replaced) && count[i] != 1) {
                print_error("record %zu came %zu times: %zu bytes at %zu are "
                            "'%.*s' in %.*s\n",
                            i, count[i], replaced, at, (int)by.len, by.ptr,
                            (int)dump->text.len, dump->text.ptr);
                lost++;
            }
        }
    }
    buf_release(&text);
    return lost;
}

static void a_byte_anywhere_costs_at_most_what_it_touches(void **state)
{
    static const struct span bytes[] = {
        {"{", 1}, {"}", 1}, {"[", 1},  {"]", 1},  {"\"", 1}, {"\\", 1},
        {",", 1}, {":", 1}, {"\n", 1}, {"\0", 1}, {"x", 1},  {"\xff", 1},
    };
    size_t lost = 0;
    (void)state;

    for (size_t i = 0; i < COUNT(dumps); i++) {
        struct laid_out dump = lay_out(&dumps[i]);

        for (size_t at = 0; at < dump.text.len; at++) {
            lost += expect_others(&dump, at, 1, SPAN(""));
            for (size_t j = 0; j < COUNT(bytes); j++) {
                lost += expect_others(&dump, at, 0, bytes[j]);
                lost += expect_others(&dump, at, 1, bytes[j]);
            }
        }
        buf_release(&dump.text);
    }
    assert_int_equal(lost, 0);
}

/* ----------------------------------------------- illegal, deep, oversize */

/* Most records are never parsed, so the splitter says which cannot be
 * taken for good unread. */
static void illegal_bytes_are_told_with_their_object_alone(void **state)
{
    static const struct example examples[] = {
        {"{'Records':[{'a':1},{'b':x},{'c':3},{@},{'d':'@x'}]}",
         "record@12 {'a':1}\nrecord!@20 {'b':x}\nrecord@28 {'c':3}\n"
         "record!@36 {@}\nrecord@40 {'d':'@x'}\n"},
        {"{'a':1}{'b':{'c':;}}{'d':4}",
         "object@0 {'a':1}\nobject!@7 {'b':{'c':;}}\nobject@20 {'d':4}\n"},
        {"[{'a':\x01},{'b':2}]", "object!@1 {'a':\x01}\nobject@9 {'b':2}\n"},
        {"{'a':\x80}{'\x80':2}", "object!@0 {'a':\x80}\nobject@7 {'\x80':2}\n"},
    };
    (void)state;

    expect_examples(examples, COUNT(examples), ROOMY);
}

/* An object of `depth` brackets. */
static void add_nested(struct buf *text, size_t depth)
{
    for (size_t i = 0; i < depth; i++)
        buf_add(text, i % 2 ? SPAN("[") : SPAN("{\"a\":"));
    buf_add_char(text, '1');
    for (size_t i = depth; i > 0; i--)
        buf_add_char(text, i % 2 ? '}' : ']');
}

/* No extractor may see it. Brackets around a record are not its own. */
static void a_nesting_over_1000_is_told_with_its_object_alone(void **state)
{
    static const struct {
        const char *before, *between, *after;
        const char *flags;
    } texts[] = {
        {"{\"Records\":[", ",", "]}", "\ndeep\n\n"},
        {"{\"Events\":[", ",", "]}", "\ndeep\n\n"},
        {"[[{\"Records\":[", ",", "]}]]", "\ndeep\n\n"},
        {"", "\n", "", "backslash \nbackslash deep\nbackslash \n"},
        {"[[[", ",", "]]]", "backslash \nbackslash deep\nbackslash \n"},
    };
    static const size_t depths[] = {1000, 1001, 1000};
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct buf text = BUF_INIT;
        struct answers whole;

        for (size_t j = 0; j < COUNT(depths); j++) {
            buf_add(&text, span_str(j ? texts[i].between : texts[i].before));
            add_nested(&text, depths[j]);
        }
        buf_add(&text, span_str(texts[i].after));
        split_whole(buf_span(&text), ROOMY, &whole);
        assert_span_equal(buf_span(&whole.flags), span_str(texts[i].flags));
        assert_int_equal(whole.damages, 0);
        expect_in_windows(buf_span(&text), ROOMY, 20, &whole);
        answers_release(&whole);
        buf_release(&text);
    }
}

/* A record without end must not take all memory, nor the records behind
 * it with it. The limit here is 20 bytes. */
static void what_is_over_the_limit_is_passed_over(void **state)
{
    static const struct example examples[] = {
        /* exactly 20 bytes, and one more */
        {"{'Records':[{'a':'12345678901'},{'b':2},{'a':'123456789012'}]}",
         "record@12 {'a':'12345678901'}\nrecord@32 {'b':2}\n"
         "record@40 {'a':'123456789012'}\n"},
        {"{'Records':[{'a':'1234567890123'},{'b':2}]}",
         "oversize@12\nrecord@34 {'b':2}\n"},
        {"{'a':'1234567890123'}\n{'a':'12345678901234'}\n{'b':2}",
         "oversize@0\noversize@22\nobject@45 {'b':2}\n"},
        {"{'a':'123456789012'}\n{'b':2}",
         "object@0 {'a':'123456789012'}\nobject@21 {'b':2}\n"},
        {"[{'a':'12345678901234'},[{'b':2}]]",
         "oversize@1\nobject@25 {'b':2}\n"},
        {"{'Records':[{'a':[{'b':'12345678901234'}]},{'@':2}]}",
         "oversize@12\nrecord@43 {'@':2}\n"},
        /* what is no JSON within the limit is damage */
        {"{'Records':[{@,'a':'12345678901234'}]}", "damage@13\ndamage@38\n"},
        {"{'Events':[{'a':'12345678901'},{'a':'12345678901234'},{'b':1}]}",
         "event@11 {'a':'12345678901'}\noversize@31\nevent@54 {'b':1}\n"},
        /* keys before `Records` may be of any length */
        {"{'x':'12345678901234567890123456','Records':[{'a':1}]}",
         "record@45 {'a':1}\n"},
        {"{'x':[1234567890,1234567890],'Records':[{'a':1}],"
         "'y':'123456789012345678901234'}{'b':2}",
         "record@40 {'a':1}\nobject@80 {'b':2}\n"},
        /* strings and arrays that are no records */
        {"{'Records':['1234567890123456789012',[1,2,3,4,5,6,7,8,9,10,11],"
         "{'a':1}]}",
         "record@63 {'a':1}\n"},
        /* a time stamp is longer than this limit */
        {"2024-01-01T00:00:00.000Z {'a':1}", "object@25 {'a':1}\n"},
        /* a cut line over the limit is left behind where it breaks */
        {"{'a':'12345678901234567\n{'b':2}\n",
         "damage@23\nobject@24 {'b':2}\n"},
        {"{'a':\n{'b':2}\n      {'c':3}\n",
         "damage@20\nobject@6 {'b':2}\nobject@20 {'c':3}\n"},
        {"{'a':\n{'b':2}\n       {'c':3}\n", "damage@21\nobject@21 {'c':3}\n"},
        {"{'a':\n{'b':2}\n{'c':'1234567890\n{'d':4}\n",
         "damage@14\nobject@6 {'b':2}\ndamage@30\nobject@31 {'d':4}\n"},
    };
    (void)state;

    expect_examples(examples, COUNT(examples), 20);
}

/* ---------------------------------------------------------- all at once */

/* Texts that nobody thought of, with limits that nobody would choose. */
static void random_texts_do_not_depend_on_windows(void **state)
{
    static const char *const pieces[] = {
        "{",
        "}",
        "[",
        "]",
        "\"",
        "\\",
        ",",
        ":",
        "\n",
        " ",
        "1",
        "x",
        "{\"a\":",
        "\"b\"",
        "{}",
        "@",
        "true",
        "\"Records\":[",
        "\"Events\":[",
        "},{",
        "\"}\\\"",
        "\n{",
        "]}",
        "{\"Records\":[{",
        "2024-01-01T00:00:00Z ",
    };
    uint32_t seed = 4711;
    (void)state;

    for (int round = 0; round < 6000; round++) {
        size_t max_bytes = 1 + unit_random(&seed, 60);
        size_t count = 1 + unit_random(&seed, 24);
        struct buf text = BUF_INIT;
        struct answers whole;

        while (count-- > 0)
            buf_add(&text, span_str(pieces[unit_random(&seed, COUNT(pieces))]));
        split_whole(buf_span(&text), max_bytes, &whole);
        for (size_t bytes = 0; bytes < 4; bytes++) /* 0: random */
            expect_cut(buf_span(&text), max_bytes,
                       (struct cutting){bytes, &seed, bytes == 0}, &whole);
        expect_cut(buf_span(&text), max_bytes,
                   (struct cutting){text.len + 1, NULL, true}, &whole);
        answers_release(&whole);
        buf_release(&text);
    }
}

/* The same lines many times; how many bytes the splitter goes over. */
static uint64_t bytes_read(const char *line, size_t count, size_t max_bytes,
                           uint64_t *text_bytes)
{
    struct buf one = unit_json(line);
    struct buf text = BUF_INIT;
    struct splitter sp;
    struct split_item item;
    enum split_status status;
    uint64_t at = 0, total = 0;

    for (size_t i = 0; i < count; i++)
        buf_add(&text, buf_span(&one));
    assert_false(text.failed);
    split_init(&sp, max_bytes);
    split_feed(&sp, buf_span(&text), true);
    do {
        uint64_t now;

        status = split_next(&sp, &item);
        now = (uint64_t)(sp.at - text.ptr);
        /* Damage may lead back: up to it, it was read. */
        if (status == SPLIT_DAMAGE && item.offset > now)
            total += item.offset - at;
        else
            total += now - at;
        at = now;
        assert_true(total <= 4 * text.len); /* do not wait for the end */
    } while (status != SPLIT_END);
    *text_bytes = text.len;
    buf_release(&text);
    buf_release(&one);
    return total;
}

/* Going back to a line after damage must not happen again and again: a
 * file of a few megabytes would keep the program busy for days. */
static void no_text_is_read_more_than_twice(void **state)
{
    static const char *const hostile[] = {
        "{'a':\n",
        "{'a':[\n",
        "{'a':{'b':\n",
        "{'a':\n{'b':'x'\n",
        "{'a':\n{'b':1}\n{'c':2}\n",
        "{'a':\n{'a':\n{'a':\n{'a':\n{'a':\n}\n}\n}\n}\n}{",
        "{'a':\n{'a':\n{'a':\n{'a':\n'",
        "{'a':'x\\\n",
        "{\n",
        "[\n",
        "[{'a':\n",
        "{'Records':[\n",
        "{'Records':[{'a':1}]\n",
        "{'Records':[{'a':1}],\n",
        "2024-01-01T00:00:00Z {'a':\n",
        "}\n",
        "'\n",
        "@{",
        "{'a':\n\n\n\n\n\n\n",
        "{'a',\n{'b':\n{'c':}\n",
    };
    static const size_t limits[] = {64, 4096, ROOMY, (size_t)1 << 30};
    (void)state;

    for (size_t i = 0; i < COUNT(hostile); i++) {
        for (size_t j = 0; j < COUNT(limits); j++) {
            uint64_t bytes;
            uint64_t total = bytes_read(hostile[i], 200000, limits[j], &bytes);

            if (total > 2 * bytes)
                fail_msg("%s: %llu bytes of %llu, limit %zu", hostile[i],
                         (unsigned long long)total, (unsigned long long)bytes,
                         limits[j]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_given_out_one_by_one),
        cmocka_unit_test(what_is_no_object_in_records_is_passed_over),
        cmocka_unit_test(only_a_records_array_at_the_first_level_is_followed),
        cmocka_unit_test(a_record_may_have_a_list_of_its_own),
        cmocka_unit_test(events_are_given_out_one_by_one),
        cmocka_unit_test(a_text_may_hold_many_values),
        cmocka_unit_test(arrays_are_followed_at_any_depth),
        cmocka_unit_test(a_time_stamp_may_stand_before_a_value),
        cmocka_unit_test(bare_scalars_are_passed_over),
        cmocka_unit_test(a_bare_token_longer_than_any_is_damage),
        cmocka_unit_test(a_byte_order_mark_inside_is_damage),
        cmocka_unit_test(what_follows_damage_is_given_out),
        cmocka_unit_test(illegal_bytes_before_records_are_damage),
        cmocka_unit_test(a_cut_line_does_not_take_the_next_one_along),
        cmocka_unit_test(a_line_that_is_no_cut_ends_nothing),
        cmocka_unit_test(a_cut_at_every_byte_is_damage),
        cmocka_unit_test(a_line_cut_at_every_byte_costs_that_line),
        cmocka_unit_test(a_byte_anywhere_costs_at_most_what_it_touches),
        cmocka_unit_test(illegal_bytes_are_told_with_their_object_alone),
        cmocka_unit_test(a_nesting_over_1000_is_told_with_its_object_alone),
        cmocka_unit_test(what_is_over_the_limit_is_passed_over),
        cmocka_unit_test(random_texts_do_not_depend_on_windows),
        cmocka_unit_test(no_text_is_read_more_than_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
