/*
 * The base name decides, since it is all of a path that stays the same on
 * every machine: the same tree is /mnt/a here and ./logs there, and a list
 * holds whole paths.
 */
#include "input/shard.h"

#include "base/hash.h"
#include "base/quote.h"

/* Never changed: shards of two versions would overlap and leave gaps. */
static const struct hash_key SHARD_KEY = {UINT64_C(0x6f6666626f782073),
                                          UINT64_C(0x686172642d6b6579)};

/* Moves `*text` behind its digits. */
static bool take_number(struct span *text, uint32_t *number)
{
    uint64_t value = 0;
    size_t digits = 0;

    for (; digits < text->len; digits++) {
        char c = text->ptr[digits];

        if (c < '0' || c > '9')
            break;
        value = value * 10 + (uint64_t)(c - '0');
        if (value > UINT32_MAX)
            return false;
    }
    text->ptr += digits;
    text->len -= digits;
    *number = (uint32_t)value;
    return digits > 0;
}

bool shard_parse(struct span text, struct shard *shard)
{
    struct shard read;

    if (!take_number(&text, &read.number) || text.len == 0 || *text.ptr != '/')
        return false;
    text.ptr++;
    text.len--;
    if (!take_number(&text, &read.count) || text.len > 0 || read.number < 1 ||
        read.number > read.count)
        return false;
    *shard = read;
    return true;
}

static struct span base_name(struct span path)
{
    size_t at;

    /* "logs/" is "logs": a folder that cannot be read. */
    while (path.len > 1 && path.ptr[path.len - 1] == '/')
        path.len--;
    for (at = path.len; at > 0 && path.ptr[at - 1] != '/'; at--)
        continue;
    return span_of(path.ptr + at, path.len - at);
}

uint32_t shard_of_path(struct span path, uint32_t count)
{
    return (uint32_t)(hash_128(SHARD_KEY, base_name(path)).lo % count) + 1;
}

static bool is_stream(const struct input *input)
{
    return input->is_stdin || (input->status == INPUT_PENDING &&
                               input->arrival == TIMESTAMP_UNKNOWN);
}

int shard_keep(const struct shard *shard, struct walk *walk, size_t *folders,
               struct err *err)
{
    size_t kept = 0;

    *folders = 0;
    for (size_t i = 0; i < walk->count && shard->count > 0; i++) {
        const struct input *input = &walk->inputs[i];
        struct quoted quoted;

        if (is_stream(input)) {
            err_set(err,
                    "--shard cannot tell whose '%s' is: a stream has no name "
                    "that all machines know",
                    quote(&quoted, input->path));
            return -1;
        }
        if (shard_of_path(input->path, shard->count) == shard->number)
            walk->inputs[kept++] = *input;
        else if (input->status == INPUT_UNREADABLE && input->is_folder)
            (*folders)++;
    }
    if (shard->count > 0)
        walk->count = kept;
    return 0;
}
