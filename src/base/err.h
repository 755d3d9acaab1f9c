/*
 * err.h - why something failed, in words for the user.
 *
 * The lowest function that knows the cause writes it; each caller adds
 * in front only what it alone knows. Modules never print: the text
 * travels up to src/cli/, which does.
 */
#ifndef OFFBOX_BASE_ERR_H
#define OFFBOX_BASE_ERR_H

/* Long enough for a path with its cause; what is longer is cut, and the
 * cut shows as "...". */
#define ERR_MAX_BYTES 512

struct err {
    char text[ERR_MAX_BYTES];
};

#define ERR_NONE ((struct err){{0}})

#if defined(__GNUC__)
#define ERR_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define ERR_PRINTF(f, a)
#endif

/* Each accepts a NULL `err` and then does nothing, so a caller that does
 * not care need not invent a variable. None allocates, so each works
 * when memory is out. */
void err_set(struct err *err, const char *format, ...) ERR_PRINTF(2, 3);

/* As err_set(), then ": " and the text of the current errno. */
void err_set_errno(struct err *err, const char *format, ...) ERR_PRINTF(2, 3);

/* Put text and ": " in front of what is already there. */
void err_prefix(struct err *err, const char *format, ...) ERR_PRINTF(2, 3);

/* "out of memory", the one text for every failed allocation. Returns -1
 * so that a caller can `return err_memory(err);`. */
int err_memory(struct err *err);

#endif
