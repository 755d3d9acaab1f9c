/*
 * An argv of any bytes, its words ended by NUL: taken, or refused with a
 * message; never a crash and nothing leaked.
 */
#include "fuzz.h"

#include "cli/options.c"

#define MOST_WORDS 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config config = {0};
    struct err err = ERR_NONE;
    char program[] = "offbox";
    char *argv[MOST_WORDS + 2] = {program};
    char *words = malloc(size + 1), *at = words;
    int argc = 1;

    fuzz_require(words != NULL);
    if (size > 0)
        memcpy(words, data, size);
    words[size] = '\0';
    while (at < words + size && argc <= MOST_WORDS) {
        argv[argc++] = at;
        at += strlen(at) + 1;
    }
    if (options_parse(&config, argc, argv, &err) == OPTIONS_WRONG)
        fuzz_require(err.text[0] != '\0');
    config_release(&config);
    free(words);
    return 0;
}
