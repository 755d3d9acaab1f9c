/*
 * Calls a fuzz target with every file of the corpora, without libFuzzer:
 *
 *   replay_TARGET FOLDER...
 */
#include "fuzz.h"

#include "base/buf.h"

#include <dirent.h>
#include <errno.h>

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct buf bytes = BUF_INIT;
    char block[4096];
    char *copy;
    size_t got;

    if (!file) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    while ((got = fread(block, 1, sizeof(block), file)) > 0)
        buf_add(&bytes, span_of(block, got));
    (void)fclose(file);
    copy = fuzz_copy(buf_span(&bytes));
    (void)LLVMFuzzerTestOneInput((const uint8_t *)copy, bytes.len);
    free(copy);
    buf_release(&bytes);
    return 0;
}

/* How many files there were; -1 if one could not be read. */
static int replay_folder(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    int count = 0;

    if (!folder) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    while (count >= 0 && (entry = readdir(folder))) {
        struct buf name = BUF_INIT;

        if (entry->d_name[0] == '.')
            continue;
        buf_printf(&name, "%s/%s", path, entry->d_name);
        count = replay_file(buf_str(&name)) < 0 ? -1 : count + 1;
        buf_release(&name);
    }
    (void)closedir(folder);
    return count;
}

int main(int argc, char **argv)
{
    int all = 0;

    for (int i = 1; i < argc; i++) {
        int count = replay_folder(argv[i]);

        if (count < 0)
            return 1;
        all += count;
    }
    (void)printf("%d files\n", all);
    return all > 0 ? 0 : 1; /* nothing replayed is nothing tested */
}
