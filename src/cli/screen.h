/*
 * screen.h - what a standard stream is looked at on, and so whether it
 * gets colours and how wide it is.
 */
#ifndef OFFBOX_CLI_SCREEN_H
#define OFFBOX_CLI_SCREEN_H

#include "base/out.h"

/* An option's WHEN. */
enum when {
    WHEN_AUTO,
    WHEN_ALWAYS,
    WHEN_NEVER,
};

/* Of a screen that does not say: as wide as the first terminals. */
#define SCREEN_COLUMNS 80

/* Is `fd` a terminal that can move its cursor? Not one whose TERM is
 * `dumb`, empty or unset. */
bool screen_is_terminal(int fd);

/*
 * Colours: on a terminal, unless the environment has a NO_COLOR that is
 * not empty; `color` decides without asking either. Width: COLUMNS, else
 * what the terminal says, else 80; none where there is no terminal, so
 * that what a pipe gets depends on neither.
 */
struct screen screen_of(int fd, enum when color);

#endif
