/*
 * A text that is embedded in a string is read by the same splitter as a
 * file, so whatever can be in a file can be in a message.
 */
#include "event/unwrap.h"

#include "event/extract.h"
#include "event/json_text.h"
#include "input/split.h"

/* Wrappings in wrappings call each other, at most UNWRAP_DEPTH deep. */
/* NOLINTBEGIN(misc-no-recursion) */
static int unwrap_object(const struct unwrap_sink *sink,
                         const struct unwrapped *object, enum shape_place place,
                         unsigned depth);

/* The raw string `value` unescaped, in the sink's arena. 1; 0 if it cannot
 * be; UNWRAP_NO_MEMORY. */
static int unescape(const struct unwrap_sink *sink, struct span value,
                    struct span *text)
{
    struct buf unescaped = BUF_INIT;
    int ret =
        json_text_unescape(span_of(value.ptr + 1, value.len - 2), &unescaped);

    if (ret == 0 && !unescaped.failed)
        *text = arena_copy(sink->arena, buf_span(&unescaped));
    if (ret == 0)
        ret = span_present(*text) ? 1 : UNWRAP_NO_MEMORY;
    else
        ret = 0;
    buf_release(&unescaped);
    return ret;
}

static int unwrap_item(const struct unwrap_sink *sink, enum split_status status,
                       const struct split_item *item, unsigned depth)
{
    struct unwrapped object = {
        .text = item->text,
        .illegal = item->illegal,
        .deep = item->deep,
        .marks = MARK_ESCAPE,
    };

    switch (status) {
    case SPLIT_RECORD:
        return unwrap_object(sink, &object,
                             item->doubtful ? SHAPE_IN_DOUBT : SHAPE_IN_RECORDS,
                             depth);
    case SPLIT_EVENT:
        return unwrap_object(sink, &object,
                             item->doubtful ? SHAPE_IN_DOUBT : SHAPE_IN_EVENTS,
                             depth);
    case SPLIT_OBJECT:
        return unwrap_object(sink, &object, SHAPE_ANYWHERE, depth);
    case SPLIT_DAMAGE:
        return sink->broken(sink->context, true, item->reason);
    default:
        return 0;
    }
}

/* Every value of `text`: unescaped, or an array or object as it stands. It
 * is no longer than what it was embedded in, so the splitter needs no limit
 * of its own. */
static int unwrap_text(const struct unwrap_sink *sink, struct span text,
                       unsigned depth)
{
    struct splitter splitter;
    struct split_item item;
    enum split_status status;
    int ret = 0;

    split_init(&splitter, text.len);
    split_feed(&splitter, text, true);
    while (ret == 0 && (status = split_next(&splitter, &item)) != SPLIT_END)
        ret = unwrap_item(sink, status, &item, depth);
    return ret;
}

static int unwrap_string(const struct unwrap_sink *sink, struct span value,
                         unsigned depth)
{
    struct span text = SPAN_ABSENT;
    int ret = unescape(sink, value, &text);

    if (ret < 0)
        return ret;
    if (ret == 0)
        return sink->broken(sink->context, true, "a bad escape in a text");
    return unwrap_text(sink, text, depth);
}

/* The records in `inner`, which an object of this shape names. */
static int unwrap_inner(const struct unwrap_sink *sink, enum shape shape,
                        const struct unwrapped *inner, unsigned depth)
{
    if (shape == SHAPE_DETAIL)
        return sink->record(sink->context, inner);
    if (shape == SHAPE_TEXT)
        return unwrap_string(sink, inner->text, depth + 1);
    return unwrap_text(sink, inner->text, depth + 1);
}

/* What was seen in the whole object may stand beside `inner`. */
static void look_again(struct unwrapped *inner)
{
    struct delimit delimit = {0};

    if (!inner->illegal && !inner->deep)
        return;
    (void)delimit_value(&delimit, inner->text.ptr,
                        inner->text.ptr + inner->text.len);
    inner->illegal = delimit.illegal;
    inner->deep = delimit.deep;
}

static int unwrap_object(const struct unwrap_sink *sink,
                         const struct unwrapped *object, enum shape_place place,
                         unsigned depth)
{
    static const char no_json[] = "an object that is no JSON";
    struct unwrapped inner = *object;
    enum shape shape;
    int ret = 0;

    if (depth > UNWRAP_DEPTH)
        return 0;
    shape = shape_of(object->text, place, &inner.text);
    if (shape == SHAPE_RECORD)
        return sink->record(sink->context, object);
    if (shape == SHAPE_BROKEN)
        return sink->broken(sink->context, depth > 0, no_json);
    if (shape == SHAPE_FOREIGN) {
        inner.illegal = false; /* what it was cannot be told */
    } else {
        look_again(&inner);
        ret = unwrap_inner(sink, shape, &inner, depth);
    }
    if (ret == 0 && object->illegal && !inner.illegal)
        ret = sink->broken(sink->context, depth > 0, no_json);
    else if (shape == SHAPE_FOREIGN)
        ret = sink->other(sink->context, object->text);
    return ret;
}

/* NOLINTEND(misc-no-recursion) */

int unwrap(const struct unwrap_sink *sink, const struct unwrapped *object,
           enum shape_place place)
{
    return unwrap_object(sink, object, place, 0);
}

bool unwrapped_may_match(const struct unwrapped *record)
{
    if (record->marks & MARK_INSTANCE)
        return true;
    return record->marks & MARK_ESCAPE && extract_may_match(record->text);
}
