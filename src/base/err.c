/*
 * Error texts in a fixed array: reporting a failure must not itself be
 * able to fail, least of all for want of memory.
 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A text that vsnprintf() cut ends in dots, so the cut shows. */
static void mark_cut(struct err *err, int wanted)
{
    if (wanted >= ERR_MAX_BYTES)
        memcpy(err->text + ERR_MAX_BYTES - 4, "...", 4);
}

void err_set(struct err *err, const char *format, ...)
{
    va_list args;

    if (!err)
        return;
    va_start(args, format);
    mark_cut(err, vsnprintf(err->text, sizeof(err->text), format, args));
    va_end(args);
}

void err_set_errno(struct err *err, const char *format, ...)
{
    int cause = errno;
    char text[ERR_MAX_BYTES];
    va_list args;

    if (!err)
        return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    err_set(err, "%s: %s", text, strerror(cause));
}

void err_prefix(struct err *err, const char *format, ...)
{
    char cause[ERR_MAX_BYTES];
    char text[ERR_MAX_BYTES];
    va_list args;

    if (!err)
        return;
    memcpy(cause, err->text, sizeof(cause));
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    err_set(err, "%s: %s", text, cause);
}

int err_memory(struct err *err)
{
    err_set(err, "out of memory");
    return -1;
}
