/* Signatures as their formats' specifications give them. */
#include "input/sniff.h"

#include "base/timestamp.h"

static const struct {
    const char *what;
    size_t offset;
    struct span signature;
} archives[] = {
    {"zip", 0, {"PK\x03\x04", 4}},
    {"zip", 0, {"PK\x05\x06", 4}}, /* without members */
    {"zip", 0, {"PK\x07\x08", 4}}, /* the first of several volumes */
    {"zstd", 0, {"\x28\xb5\x2f\xfd", 4}},
    {"bzip2", 0, {"BZh", 3}},
    {"xz",
     0,
     {"\xfd"
      "7zXZ\0",
      6}},
    {"Parquet", 0, {"PAR1", 4}},
    /* With the NUL: text that anybody can put into a record at this very
     * byte must not pass for a tar. */
    {"tar", 257, {"ustar\0", 6}},
    {"tar", 257, {"ustar  \0", 8}}, /* GNU's */
};

static const char *archive_name(struct span head)
{
    for (size_t i = 0; i < sizeof(archives) / sizeof(archives[0]); i++) {
        struct span sig = archives[i].signature;

        if (head.len >= archives[i].offset + sig.len &&
            memcmp(head.ptr + archives[i].offset, sig.ptr, sig.len) == 0)
            return archives[i].what;
    }
    return NULL;
}

static size_t spaces(struct span text)
{
    size_t count = 0;

    while (count < text.len && memchr(" \t\r\n", text.ptr[count], 4))
        count++;
    return count;
}

static struct span drop(struct span text, size_t bytes)
{
    return span_of(text.ptr + bytes, text.len - bytes);
}

/* The length of a time stamp and the blank behind it; 0 if there is none. */
static size_t time_stamp(struct span text)
{
    const char *blank = text.len ? memchr(text.ptr, ' ', text.len) : NULL;

    if (!blank ||
        timestamp_parse(span_of(text.ptr, (size_t)(blank - text.ptr))) ==
            TIMESTAMP_UNKNOWN)
        return 0;
    return (size_t)(blank - text.ptr) + 1;
}

/* How a partial begins (state/partial.h). */
static const struct span partial_magic = {"{\"offbox\":\"partial\",", 20};

/* Altered in a few bytes it is one still: it must be refused, and not pass
 * for foreign. No other JSON agrees with half of them. Cut, all that is left
 * must agree, and be more than any JSON begins with. */
static bool is_partial(struct span text)
{
    size_t len = text.len < partial_magic.len ? text.len : partial_magic.len;
    size_t same = 0;

    for (size_t i = 0; i < len; i++)
        same += text.ptr[i] == partial_magic.ptr[i];
    return len == partial_magic.len ? same * 3 >= len * 2
                                    : len > 2 && same == len;
}

enum sniff sniff(struct span head, uint64_t offset, bool whole, size_t *blank,
                 const char **what)
{
    struct span text = head;

    *blank = 0;
    *what = offset == 0 ? archive_name(head) : NULL;
    if (*what)
        return SNIFF_ARCHIVE;
    if (head.len < SNIFF_BYTES && !whole)
        return SNIFF_MORE;
    if (offset == 0 && is_partial(head))
        return SNIFF_PARTIAL;

    if (offset == 0 && head.len >= 3 &&
        memcmp(head.ptr, "\xef\xbb\xbf", 3) == 0)
        text = drop(text, 3);
    text = drop(text, spaces(text));
    *blank = head.len - text.len;
    if (text.len == 0 && whole)
        return SNIFF_EMPTY;
    if (text.len < SNIFF_BYTES && !whole)
        return SNIFF_MORE;
    if (text.len > SNIFF_BYTES)
        text.len = SNIFF_BYTES;
    text = drop(text, time_stamp(text));
    if (text.len == 0 || !memchr("{[", text.ptr[0], 2))
        return SNIFF_FOREIGN;
    text = drop(text, 1);
    text = drop(text, spaces(text));
    if (text.len == 0) /* cut, or a screenful of blanks: nothing denies it */
        return SNIFF_JSON;
    return memchr("\"{[]}", text.ptr[0], 5) ? SNIFF_JSON : SNIFF_FOREIGN;
}
