/*
 * opener.h - opens inputs one after the other, cheaply where neighbours lie
 * in one folder.
 *
 * A trail's files lie ten folders deep, and for a small one the kernel
 * spends more on walking there than on reading it. So from the second input
 * of a folder on, the folder is held open and the name alone is looked up.
 *
 * One thread at a time.
 */
#ifndef OFFBOX_INPUT_OPENER_H
#define OFFBOX_INPUT_OPENER_H

#include "base/span.h"

/* Zeroed before the first input. */
struct opener {
    struct span folder; /* of the last input, with its slash; borrowed */
    bool holds_folder;
    int fd; /* that folder, if held */
};

/* Open `path` for reading; it must live until the next call and end in a NUL
 * byte. -1 with errno. */
int opener_open(struct opener *opener, struct span path);

/* Close the folder, if one is held. */
void opener_release(struct opener *opener);

#endif
