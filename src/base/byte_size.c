/* Digits and a power of 1024: see byte_size.h. */
#include "base/byte_size.h"

/* Which power of 1024 `unit` is; -1 if none. */
static int unit_power(struct span unit)
{
    static const char letters[] = "kmgt";
    const char *at;

    if (unit.len == 0)
        return 0;
    if (unit.len != 1 &&
        !span_eq(span_of(unit.ptr + 1, unit.len - 1), SPAN("iB")))
        return -1;
    at = memchr(letters, ascii_lower(unit.ptr[0]), strlen(letters));
    return at ? (int)(at - letters) + 1 : -1;
}

int byte_size_parse(struct span text, uint64_t *bytes)
{
    uint64_t number = 0;
    size_t digits = 0;
    int power;

    for (; digits < text.len; digits++) {
        unsigned digit = (unsigned)text.ptr[digits] - '0';

        if (digit > 9)
            break;
        if (number > (UINT64_MAX - digit) / 10)
            return -1;
        number = number * 10 + digit;
    }
    power = unit_power(span_of(text.ptr + digits, text.len - digits));
    if (digits == 0 || power < 0 || number > UINT64_MAX >> 10 * power)
        return -1;
    *bytes = number << 10 * power;
    return 0;
}
