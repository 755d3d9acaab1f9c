/* Terminals as the environment and the system describe them. */
#include "cli/screen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A wider line is none that a person reads. */
#define COLUMNS_MAX 10000

bool screen_is_terminal(int fd)
{
    const char *term = getenv("TERM");

    return isatty(fd) && term && *term && strcmp(term, "dumb") != 0;
}

static unsigned columns_of(int fd)
{
    const char *text = getenv("COLUMNS");
    char *end = NULL;
    unsigned long columns = text ? strtoul(text, &end, 10) : 0;
    struct winsize size = {0};

    if (columns > 0 && columns <= COLUMNS_MAX && !*end)
        return (unsigned)columns;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return SCREEN_COLUMNS;
}

struct screen screen_of(int fd, enum when color)
{
    const char *refused = getenv("NO_COLOR");
    bool terminal = screen_is_terminal(fd);

    return (struct screen){
        .colour = color == WHEN_ALWAYS ||
                  (color == WHEN_AUTO && terminal && !(refused && *refused)),
        .columns = terminal ? columns_of(fd) : 0,
    };
}
