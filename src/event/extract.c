/* The test that spares most records the parser. */
#include "event/extract.h"

#include "base/find.h"
#include "input/marks.h"

/* \u003a, \u0069, \u002d: the escapes of ':', 'i' and '-'. `at` is behind
 * the zeros. */
static bool spells_part(const char *at, const char *end)
{
    char last;

    if (end - at < 2)
        return false;
    last = ascii_lower(at[1]);
    return (*at == '3' && last == 'a') || (*at == '6' && last == '9') ||
           (*at == '2' && last == 'd');
}

bool extract_may_match(struct span record)
{
    const char *at = record.ptr;
    const char *end = record.ptr + record.len;

    if (marks_in(record, MARK_INSTANCE) & MARK_INSTANCE)
        return true;
    while ((at = find_word(span_of(at, (size_t)(end - at)), SPAN("\\u00")))) {
        at += 4;
        if (spells_part(at, end))
            return true;
    }
    return false;
}

/* \u0030 to \u007f hold all of them, and not the <, > and & that programs
 * like to escape. */
bool extract_may_spell(struct span record)
{
    const char *at = record.ptr;
    const char *end = record.ptr + record.len;

    while ((at = find_word(span_of(at, (size_t)(end - at)), SPAN("\\u00")))) {
        at += 4;
        if (at == end || (*at >= '4' && *at <= '7') ||
            (*at == '3' && (at + 1 == end || at[1] <= '9')))
            return true;
    }
    return false;
}
