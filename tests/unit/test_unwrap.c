/*
 * unwrap finds the records in what other tools wrap them in: one that it
 * does not find is an alert that is never given, and no ledger tells.
 */
#include "event/unwrap.h"

#include "input/split.h"

#define UNIT_OWN_SYS
#include "guarded.h"

/* ------------------------------------------------------- what is found */

/* One line a call: `record {…}`, with ! if illegal and ? if deep;
 * `broken` or `broken embedded`. */
struct found {
    struct arena arena;
    struct buf lines;
    struct buf reasons; /* one a line */
    struct buf others;  /* objects, one a line */
    size_t calls;
    size_t stop_at;      /* this call says: stop; 0: none */
    bool stop_at_others; /* those are calls, too */
};

#define STOPPED 7

static int call(struct found *found)
{
    assert_true(found->stop_at == 0 || found->calls < found->stop_at);
    return ++found->calls == found->stop_at ? STOPPED : 0;
}

static int take_record(void *context, const struct unwrapped *record)
{
    struct found *found = context;

    buf_printf(&found->lines, "record%s%s ", record->illegal ? "!" : "",
               record->deep ? "?" : "");
    buf_add(&found->lines, record->text);
    buf_add_char(&found->lines, '\n');
    /* What names an instance must not look as if it could not. */
    if (strstr(buf_str(&found->lines), ":i-"))
        assert_true(record->marks & (MARK_INSTANCE | MARK_ESCAPE));
    return call(found);
}

static int take_broken(void *context, bool embedded, const char *why)
{
    struct found *found = context;

    buf_add(&found->lines,
            embedded ? SPAN("broken embedded\n") : SPAN("broken\n"));
    buf_printf(&found->reasons, "%s\n", why);
    return call(found);
}

static int take_other(void *context, struct span object)
{
    struct found *found = context;

    buf_add(&found->others, object);
    buf_add_char(&found->others, '\n');
    return found->stop_at_others ? call(found) : 0;
}

static struct unwrap_sink sink_of(struct found *found)
{
    return (struct unwrap_sink){found, &found->arena, take_record, take_broken,
                                take_other};
}

static void found_release(struct found *found)
{
    arena_release(&found->arena);
    buf_release(&found->lines);
    buf_release(&found->reasons);
    buf_release(&found->others);
}

/* What unwrap() says of a whole object, whose bytes end at a dead page. */
static int unwrap_text(struct span text, enum shape_place place,
                       struct found *found)
{
    struct guarded copy = guarded_copy(text);
    const struct unwrap_sink sink = sink_of(found);
    struct unwrapped object = {.text = copy.bytes, .marks = MARK_ESCAPE};
    struct delimit delimit = {0};
    int ret;

    assert_ptr_equal(delimit_value(&delimit, copy.bytes.ptr,
                                   copy.bytes.ptr + copy.bytes.len),
                     copy.bytes.ptr + copy.bytes.len);
    object.illegal = delimit.illegal;
    object.deep = delimit.deep;
    ret = unwrap(&sink, &object, place);
    guarded_free(&copy);
    return ret;
}

static void expect_found(struct span object, enum shape_place place,
                         struct span lines)
{
    struct found found = {.arena = ARENA_INIT};

    assert_int_equal(unwrap_text(object, place, &found), 0);
    buf_add(&found.lines, SPAN("")); /* present, also when empty */
    if (!span_eq(buf_span(&found.lines), lines))
        unit_show("", object);
    assert_span_equal(buf_span(&found.lines), lines);
    found_release(&found);
}

/* With ' for ". */
struct example {
    const char *object, *lines;
};

static void expect_examples(const struct example *examples, size_t count,
                            enum shape_place place)
{
    for (size_t i = 0; i < count; i++) {
        struct buf object = unit_json(examples[i].object);
        struct buf lines = unit_json(examples[i].lines);

        buf_add(&lines, SPAN(""));
        expect_found(buf_span(&object), place, buf_span(&lines));
        buf_release(&object);
        buf_release(&lines);
    }
}

/* Append `text` as what stands between a string's quotes. */
static void add_escaped(struct buf *to, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            buf_add_char(to, '\\');
        buf_add_char(to, text.ptr[i]);
    }
}

/* One of the table's wrappings. `embeds`: the wrapped is a text. */
struct wrapper {
    const char *head, *tail;
    bool embeds;
};

static const struct wrapper wrappers[] = {
    {"{'message':'", "'}", true},
    {"{'event':{'original':'", "','kind':'event'}}", true},
    {"{'message':'[INFO] text','event.original':'", "'}", true},
    {"{'_index':'x','_source':", "}", false},
    {"{'messageType':'DATA_MESSAGE','logEvents':[{'message':'x'},"
     "{'id':'1','message':'",
     "'}]}", true},
};

/* `inner` in `wrapper`; `inner` is released. */
static struct buf wrap(const struct wrapper *wrapper, struct buf inner)
{
    struct buf outer = unit_json(wrapper->head);
    struct buf tail = unit_json(wrapper->tail);

    if (wrapper->embeds)
        add_escaped(&outer, buf_span(&inner));
    else
        buf_add(&outer, buf_span(&inner));
    buf_add(&outer, buf_span(&tail));
    assert_false(outer.failed);
    buf_release(&tail);
    buf_release(&inner);
    return outer;
}

static struct buf text_of(struct span text)
{
    struct buf buf = BUF_INIT;

    buf_add(&buf, text);
    return buf;
}

/* ------------------------------------------------------------- shapes */

#define REC   "{'eventSource':'s','eventTime':'t','p':'A:i-1'}"
#define REC_2 "{'eventTime':'u','eventSource':'s'}"
#define VIA   "'detail-type':'AWS API Call via CloudTrail'"
#define DATA  "'messageType':'DATA_MESSAGE'"

static void each_shape_gives_its_records(void **state)
{
    static const struct example examples[] = {
        {REC, "record " REC "\n"},
        {"{" VIA ",'detail':{'a':1}}", "record {'a':1}\n"},
        {"{'_source':" REC "}", "record " REC "\n"},
        {"{'_source':{'Records':[{'a':1},{'b':2}]}}",
         "record {'a':1}\nrecord {'b':2}\n"},
        {"{'_source':[1,[" REC "],{}]}", "record " REC "\n"},
        {"{'_source':'[{\\'eventSource\\':1,\\'eventTime\\':2}]'}",
         "record {'eventSource':1,'eventTime':2}\n"},
        {"{'_source':'[INFO]'}", ""},
        {"{'message':'{\\'eventSource\\':1,\\'eventTime\\':2}'}",
         "record {'eventSource':1,'eventTime':2}\n"},
        {"{" DATA ",'logEvents':["
         "{'message':'{\\'eventSource\\':1,\\'eventTime\\':1}'},"
         "{'message':'[INFO] text'},{'id':'3'},4,[],"
         "{'message':'{\\'eventSource\\':2,\\'eventTime\\':2}'}]}",
         "record {'eventSource':1,'eventTime':1}\n"
         "record {'eventSource':2,'eventTime':2}\n"},
        {"{'messageType':'CONTROL_MESSAGE','logEvents':["
         "{'message':'{\\'eventSource\\':1,\\'eventTime\\':1}'}]}",
         ""},
        {"{" DATA ",'logEvents':[]}", ""},
        {"{" DATA ",'logEvents':null}", ""},
        /* another kind of object */
        {"{}", ""},
        {"{'a':" REC "}", ""},
        {"{'message':'[INFO] text'}", ""},
        {"{'message':'{\\'level\\':\\'info\\'}'}", ""},
        {"{'_source':{'a':" REC "}}", ""},
        {"{'_source':{'eventSource':'aws:s3','eventTime':1}}", ""},
        {"{'detail-type':'AWS Insight via CloudTrail','detail':" REC "}", ""},
    };
    static const struct example in_records[] = {
        {"{'a':1}", "record {'a':1}\n"},
        {"{'message':'{}'}", "record {'message':'{}'}\n"},
        {"{@}", "record! {@}\n"},
        {"{'eventSource':'aws:s3'}", ""},
    };
    static const struct example in_events[] = {
        {"{'EventId':'1','CloudTrailEvent':"
         "'{\\'eventSource\\':1,\\'eventTime\\':2}'}",
         "record {'eventSource':1,'eventTime':2}\n"},
        {REC, ""},
        {"{'message':'{\\'eventSource\\':1,\\'eventTime\\':2}'}", ""},
        {"{'CloudTrailEvent':null}", ""},
    };
    (void)state;

    expect_examples(examples, COUNT(examples), SHAPE_ANYWHERE);
    expect_examples(in_records, COUNT(in_records), SHAPE_IN_RECORDS);
    expect_examples(in_events, COUNT(in_events), SHAPE_IN_EVENTS);
}

/* A text is read as a file is. */
static void a_text_may_hold_whatever_a_file_does(void **state)
{
    static const struct example texts[] = {
        {REC, "record " REC "\n"},
        {" \n" REC "\r\n" REC_2 "\n", "record " REC "\nrecord " REC_2 "\n"},
        {REC REC_2, "record " REC "\nrecord " REC_2 "\n"},
        {"[" REC ",[" REC_2 "],{'a':1}]", "record " REC "\nrecord " REC_2 "\n"},
        {"{'Records':[{'a':1},{'b':'A:i-1'},{'eventSource':'aws:s3'}]}",
         "record {'a':1}\nrecord {'b':'A:i-1'}\n"},
        {"{'Events':[{'CloudTrailEvent':"
         "'{\\'eventSource\\':1,\\'eventTime\\':\\'A:i-1\\'}'},"
         "{'message':'{}'}," REC "]}",
         "record {'eventSource':1,'eventTime':'A:i-1'}\n"},
        {"{" VIA ",'detail':{'a':'A:i-1'}}", "record {'a':'A:i-1'}\n"},
        {"{'a':1}" REC "null 1 {}", "record " REC "\n"},
        {"{}", ""},
        {"[]", ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        for (size_t j = 0; j < COUNT(wrappers); j++) {
            struct buf text = unit_json(texts[i].object);
            struct buf lines = unit_json(texts[i].lines);

            buf_add(&lines, SPAN(""));
            if (wrappers[j].embeds) {
                text = wrap(&wrappers[j], text);
                expect_found(buf_span(&text), SHAPE_ANYWHERE, buf_span(&lines));
            }
            buf_release(&text);
            buf_release(&lines);
        }
    }
}

/* A shipper behind another behind a subscription. */
static void every_wrapping_may_stand_in_every_other(void **state)
{
    static const char *const inner[] = {
        REC,
        "{" VIA ",'detail':" REC "}",
        "{'Records':[" REC "]}",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(wrappers); i++)
        for (size_t j = 0; j < COUNT(wrappers); j++)
            for (size_t k = 0; k < COUNT(inner); k++) {
                struct buf object = unit_json(inner[k]);
                struct buf lines = unit_json("record " REC "\n");

                object = wrap(&wrappers[i], wrap(&wrappers[j], object));
                expect_found(buf_span(&object), SHAPE_ANYWHERE,
                             buf_span(&lines));
                buf_release(&object);
                buf_release(&lines);
            }
}

/* ------------------------------------------------------------- escapes */

static void a_text_is_what_its_escapes_spell(void **state)
{
    const struct {
        struct span raw, record;
    } texts[] = {
#define HEAD    "{\\\"eventSource\\\":1,\\\"eventTime\\\":"
#define HEAD_IS "{\"eventSource\":1,\"eventTime\":"
        {SPAN(HEAD "\\\"a\\/b\\\"}"), SPAN(HEAD_IS "\"a/b\"}")},
        {SPAN(HEAD "\\\"a\\\\/b\\\"}"), SPAN(HEAD_IS "\"a\\/b\"}")},
        {SPAN(HEAD "\\\"\\\\\\\"\\\\\\\\\\\"}"), SPAN(HEAD_IS "\"\\\"\\\\\"}")},
        {SPAN(HEAD "\\n\\t1\\r\\n}"), SPAN(HEAD_IS "\n\t1\r\n}")},
        {SPAN(HEAD "\\\"\\b\\f\\\"}"), SPAN(HEAD_IS "\"\b\f\"}")},
        /* `:` escaped in the outer text, and in the inner */
        {SPAN(HEAD "\\\"A\\u003ai-1\\\"}"), SPAN(HEAD_IS "\"A:i-1\"}")},
        {SPAN(HEAD "\\\"A\\\\u003ai-1\\\"}"), SPAN(HEAD_IS "\"A\\u003ai-1\"}")},
        /* every quote and brace of it */
        {SPAN("\\u007b\\u0022eventSource\\u0022:1,\\u0022eventTime\\u0022:2"
              "\\u007D"),
         SPAN("{\"eventSource\":1,\"eventTime\":2}")},
        /* characters of two, three and four bytes */
        {SPAN(HEAD "\\\"\\u00e9\\u20ac\\ud83d\\ude00\\\"}"),
         SPAN(HEAD_IS "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"}")},
        {SPAN(HEAD "\\\"\xc3\xa9\xff\\\"}"), SPAN(HEAD_IS "\"\xc3\xa9\xff\"}")},
        /* what is no character */
        {SPAN(HEAD "\\\"a\\u0000b\\\"}"), SPAN(HEAD_IS "\"a\xef\xbf\xbd"
                                                       "b\"}")},
        {SPAN(HEAD "\\\"a\0b\\\"}"), SPAN(HEAD_IS "\"a\0b\"}")},
        {SPAN(HEAD "\\\"\\ud83d\\\"}"), SPAN(HEAD_IS "\"\xef\xbf\xbd\"}")},
        {SPAN(HEAD "\\\"\\ude00\\ud83d\\\"}"),
         SPAN(HEAD_IS "\"\xef\xbf\xbd\xef\xbf\xbd\"}")},
        {SPAN(HEAD "\\\"\\\\ud83d\\\"}"), SPAN(HEAD_IS "\"\\ud83d\"}")},
#undef HEAD
#undef HEAD_IS
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct buf object = text_of(SPAN("{\"message\":\""));
        struct buf lines = text_of(SPAN("record "));

        buf_add(&object, texts[i].raw);
        buf_add(&object, SPAN("\"}"));
        buf_add(&lines, texts[i].record);
        buf_add_char(&lines, '\n');
        expect_found(buf_span(&object), SHAPE_ANYWHERE, buf_span(&lines));
        buf_release(&object);
        buf_release(&lines);
    }
}

/* ------------------------------------------------------------- damage */

/* A text that breaks is told; what stands around the break is read. */
static void a_text_that_breaks_is_told(void **state)
{
    static const struct example texts[] = {
        {"{'a':1", "broken embedded\n"},
        {"{'a' 1}", "broken embedded\n"},
        {"{'a':1,}", "broken embedded\n"},
        {"{'Records':[", "broken embedded\n"},
        {REC "{'a':1", "record " REC "\nbroken embedded\n"},
        {"{'a':'x\n" REC, "broken embedded\nrecord " REC "\n"},
        {REC " text " REC_2,
         "record " REC "\nbroken embedded\nrecord " REC_2 "\n"},
        {"[" REC " " REC_2 "]",
         "record " REC "\nbroken embedded\nrecord " REC_2 "\n"},
        {"{'a':@}", "broken embedded\n"},
        {"{'eventSource':@,'eventTime':1}",
         "record! {'eventSource':@,'eventTime':1}\n"},
        {"{'Records':[{@}]}", "record! {@}\n"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        for (size_t j = 0; j < COUNT(wrappers); j++) {
            struct buf text = unit_json(texts[i].object);
            struct buf lines = unit_json(texts[i].lines);

            if (wrappers[j].embeds) {
                text = wrap(&wrappers[j], text);
                expect_found(buf_span(&text), SHAPE_ANYWHERE, buf_span(&lines));
            }
            buf_release(&text);
            buf_release(&lines);
        }
    }
}

/* Cut anywhere, a record in a text is damage or does not begin as JSON,
 * but never a record. */
static void a_text_cut_anywhere_gives_no_record(void **state)
{
    struct buf record = unit_json(REC);
    (void)state;

    for (size_t len = 0; len < record.len; len++) {
        struct buf object =
            wrap(&wrappers[0], text_of(span_of(record.ptr, len)));

        expect_found(buf_span(&object), SHAPE_ANYWHERE,
                     len < 2 ? SPAN("") : SPAN("broken embedded\n"));
        buf_release(&object);
    }
    buf_release(&record);
}

/* Told apart, since an object of a file that is no JSON may have been
 * anything: there the file itself breaks. */
static void an_object_that_breaks_is_told_apart(void **state)
{
    static const struct example anywhere[] = {
        {"{'a' 1}", "broken\n"},
        {"{'a':1,}", "broken\n"},
        {"{'a':@}", "broken\n"},
        {"{'message':'[INFO] text','a':@}", "broken\n"},
        {"{'eventSource':1,'eventTime':@}",
         "record! {'eventSource':1,'eventTime':@}\n"},
        {"{" VIA ",'detail':{'a':@}}", "record! {'a':@}\n"},
        {"{'_source':{'a' 1}}", "broken embedded\n"},
        {"{'_source':{'a':@}}", "broken embedded\n"},
        {"{'_source':{'eventSource':1,'eventTime':@}}",
         "record! {'eventSource':1,'eventTime':@}\n"},
        {"{" DATA ",'logEvents':[{'a' 1}]}", "broken embedded\n"},
        {"{" DATA ",'logEvents':[@,{'message':"
         "'{\\'eventSource\\':1,\\'eventTime\\':2}'}]}",
         "broken embedded\nrecord {'eventSource':1,'eventTime':2}\n"},
        /* what breaks beside the records does not spoil them, but is told */
        {"{" VIA ",'detail':{'a':1},'b':@}", "record {'a':1}\nbroken\n"},
        {"{'b':@,'_source':" REC "}", "record " REC "\nbroken\n"},
        {"{" DATA ",'logEvents':[],'b':@}", "broken\n"},
        {"{'b':@,'message':'{\\'eventSource\\':1,\\'eventTime\\':2}'}",
         "record {'eventSource':1,'eventTime':2}\nbroken\n"},
        {"{'_source':{'b':@," VIA ",'detail':{'a':1}}}",
         "record {'a':1}\nbroken embedded\n"},
    };
    static const struct example in_events[] = {
        {"{'a' 1}", "broken\n"},
        {"{'a':@}", "broken\n"},
        {"{'CloudTrailEvent':'{\\'a\\' 1}'}", "broken embedded\n"},
        {"{'CloudTrailEvent':'"
         "{\\'eventSource\\':1,\\'eventTime\\':2}','b':@}",
         "record {'eventSource':1,'eventTime':2}\nbroken\n"},
    };
    (void)state;

    expect_examples(anywhere, COUNT(anywhere), SHAPE_ANYWHERE);
    expect_examples(in_events, COUNT(in_events), SHAPE_IN_EVENTS);
}

static void a_bad_escape_in_a_text_is_told(void **state)
{
    static const char *const raw[] = {
        "{\\'a\\':\\x}",      "{\\'a\\u00\\':1}", "{\\'a\\uD83D\\u00g0\\':1}",
        "{\\'a\\U0041\\':1}", "[{},\\ {}]",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(raw); i++) {
        struct found found = {.arena = ARENA_INIT};
        struct buf object = BUF_INIT, json;

        buf_printf(&object, "{'message':'%s'}", raw[i]);
        json = unit_json(buf_str(&object));
        assert_int_equal(unwrap_text(buf_span(&json), SHAPE_ANYWHERE, &found),
                         0);
        assert_string_equal(buf_str(&found.lines), "broken embedded\n");
        assert_string_equal(buf_str(&found.reasons),
                            "a bad escape in a text\n");
        found_release(&found);
        buf_release(&object);
        buf_release(&json);
    }
}

/* ------------------------------------------------------------- limits */

/* UNWRAP_DEPTH wrappings around a record, and one more. */
static void wrappings_are_followed_to_a_depth(void **state)
{
    /* the subscription's are two: the array, and the message in it */
    static const size_t levels[COUNT(wrappers)] = {1, 1, 1, 1, 2};
    (void)state;

    for (size_t i = 0; i < COUNT(wrappers); i++) {
        struct buf object = unit_json(REC);
        struct buf record = unit_json("record " REC "\n");

        for (size_t depth = 0; depth <= UNWRAP_DEPTH + 2; depth += levels[i]) {
            expect_found(buf_span(&object), SHAPE_ANYWHERE,
                         depth <= UNWRAP_DEPTH ? buf_span(&record) : SPAN(""));
            object = wrap(&wrappers[i], object);
        }
        buf_release(&object);
        buf_release(&record);
    }
}

/* The extractor's recursion is bounded by what `deep` says, so no record
 * may lose it on the way; nor gain it by what it is wrapped in. */
static void a_deep_record_is_told_in_every_wrapping(void **state)
{
    static const struct wrapper detail = {"{" VIA ",'detail':", "}", false};
    static const struct wrapper *const all[] = {
        &wrappers[0], &wrappers[1], &wrappers[2],
        &wrappers[3], &wrappers[4], &detail,
    };
    (void)state;

    for (size_t nested = 998; nested <= 1001; nested++) {
        for (size_t i = 0; i < COUNT(all); i++) {
            struct found found = {.arena = ARENA_INIT};
            struct buf object = unit_json("{'eventSource':1,'eventTime':");

            for (size_t j = 0; j < nested; j++)
                buf_add_char(&object, '[');
            for (size_t j = 0; j < nested; j++)
                buf_add_char(&object, ']');
            buf_add_char(&object, '}');
            object = wrap(all[i], object);
            assert_int_equal(
                unwrap_text(buf_span(&object), SHAPE_ANYWHERE, &found), 0);
            assert_int_equal(strncmp(buf_str(&found.lines), "record? ", 8) == 0,
                             nested + 1 > 1000);
            assert_int_equal(found.calls, 1);
            found_release(&found);
            buf_release(&object);
        }
    }
}

/* One that says stop is not called again, whatever is still to come. */
static void the_sink_can_stop(void **state)
{
    static const char *const objects[] = {
        "{'message':'{\\'Records\\':[{},{},{},{}]}{'}",
        "{" DATA ",'logEvents':[{'message':'[]]'},{'message':'{\\'Records\\':"
        "[{},{}]}'},{'a' 1},{'message':'{\\'\\x'}]}",
        "{'_source':{'message':'{}}{\\'a\\':1}}[}]]]{}{'}}",
    };
    (void)state;

    for (size_t i = 0; i < COUNT(objects); i++) {
        struct buf json = unit_json(objects[i]);
        size_t calls = 0;

        for (size_t stop_at = 1; calls == stop_at - 1; stop_at++) {
            struct found found = {.arena = ARENA_INIT,
                                  .stop_at = stop_at,
                                  .stop_at_others = true};
            int ret = unwrap_text(buf_span(&json), SHAPE_ANYWHERE, &found);

            calls = found.calls;
            assert_int_equal(ret, calls == stop_at ? STOPPED : 0);
            found_release(&found);
        }
        assert_true(calls >= 3);
        buf_release(&json);
    }
}

static int count_only(void *context, const struct unwrapped *record)
{
    (void)record;
    return call(context);
}

static int pass_over(void *context, struct span object)
{
    (void)context;
    (void)object;
    return 0;
}

/* Memory that is out is told; nothing is lost or left behind. */
static void a_failed_allocation_is_told(void **state)
{
    size_t failed = 0;
    int ret = UNWRAP_NO_MEMORY;
    struct buf object = unit_json(REC);
    (void)state;

    for (size_t i = 0; i < COUNT(wrappers); i++)
        object = wrap(&wrappers[i], object);
    for (size_t n = 1; ret != 0; n++) {
        struct found found = {.arena = ARENA_INIT};
        struct unwrap_sink sink = sink_of(&found);
        const struct unwrapped whole = {.text = buf_span(&object)};
        size_t before = unit_memory.now;

        sink.record = count_only;
        sink.other = pass_over;
        unit_memory.fail_at = unit_memory.calls + n;
        ret = unwrap(&sink, &whole, SHAPE_ANYWHERE);
        unit_memory.fail_at = 0;
        assert_int_equal(found.calls, ret == 0);
        if (ret != 0) {
            failed++;
            assert_int_equal(ret, UNWRAP_NO_MEMORY);
        }
        found_release(&found);
        assert_int_equal(unit_memory.now, before);
    }
    assert_true(failed >= 4); /* a buffer for each text at the least */
    buf_release(&object);
}

/* A text lives in the arena, so records outlive the object. */
static struct span kept[2];
static size_t kept_count;

static int keep(void *context, const struct unwrapped *record)
{
    (void)context;
    assert_true(kept_count < COUNT(kept));
    kept[kept_count++] = record->text;
    return 0;
}

/* What is no record is told, wherever it stood: it may say what the file
 * is. */
static void what_is_no_record_is_told(void **state)
{
    static const struct example examples[] = {
        {"{'logFiles':[]}", "{'logFiles':[]}\n"},
        {"{'message':'plain'}", "{'message':'plain'}\n"},
        {"{'_source':[{'a':1},{'b':[]}]}", "{'a':1}\n{'b':[]}\n"},
        {"{'_source':{'a':1}}", "{'a':1}\n"},
        {"{'message':'{\\\"a\\\":1}{\\\"b\\\":2}'}", "{'a':1}\n{'b':2}\n"},
        {REC, ""},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(examples); i++) {
        struct found found = {.arena = ARENA_INIT};
        struct buf object = unit_json(examples[i].object);
        struct buf others = unit_json(examples[i].lines);

        assert_int_equal(unwrap_text(buf_span(&object), SHAPE_ANYWHERE, &found),
                         0);
        buf_add(&found.others, SPAN(""));
        buf_add(&others, SPAN(""));
        assert_span_equal(buf_span(&found.others), buf_span(&others));
        found_release(&found);
        buf_release(&object);
        buf_release(&others);
    }
}

static void a_records_text_lives_as_long_as_the_arena(void **state)
{
    struct found found = {.arena = ARENA_INIT};
    struct unwrap_sink sink = sink_of(&found);
    struct buf record = unit_json(REC), record_2 = unit_json(REC_2);
    struct buf object = wrap(&wrappers[0], unit_json(REC REC_2));
    const struct unwrapped whole = {.text = buf_span(&object)};
    (void)state;

    sink.record = keep;
    kept_count = 0;
    assert_int_equal(unwrap(&sink, &whole, SHAPE_ANYWHERE), 0);
    memset(object.ptr, '#', object.len);
    assert_int_equal(kept_count, 2);
    assert_span_equal(kept[0], buf_span(&record));
    assert_span_equal(kept[1], buf_span(&record_2));
    found_release(&found);
    buf_release(&object);
    buf_release(&record);
    buf_release(&record_2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_shape_gives_its_records),
        cmocka_unit_test(what_is_no_record_is_told),
        cmocka_unit_test(a_text_may_hold_whatever_a_file_does),
        cmocka_unit_test(every_wrapping_may_stand_in_every_other),
        cmocka_unit_test(a_text_is_what_its_escapes_spell),
        cmocka_unit_test(a_text_that_breaks_is_told),
        cmocka_unit_test(a_text_cut_anywhere_gives_no_record),
        cmocka_unit_test(an_object_that_breaks_is_told_apart),
        cmocka_unit_test(a_bad_escape_in_a_text_is_told),
        cmocka_unit_test(wrappings_are_followed_to_a_depth),
        cmocka_unit_test(a_deep_record_is_told_in_every_wrapping),
        cmocka_unit_test(the_sink_can_stop),
        cmocka_unit_test(a_failed_allocation_is_told),
        cmocka_unit_test(a_records_text_lives_as_long_as_the_arena),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
