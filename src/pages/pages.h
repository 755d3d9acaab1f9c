/*
 * pages.h - the manual and the shells' completions, from the tables of
 * options and formats: a new line there is in all of them.
 *
 * Each writer writes a whole file; errors stick in `out`.
 */
#ifndef OFFBOX_PAGES_PAGES_H
#define OFFBOX_PAGES_PAGES_H

#include "base/out.h"
#include "cli/options.h"

/*
 * The manual, from `source`: man(7) text in which a line
 *   @title          is the header of the page,
 *   @options        the options in their groups,
 *   @formats        the formats,
 *   @more NAME      begins what the option NAME says beyond its help; it
 *                   ends with the next such line or the source's end.
 * `version` and `date` (YYYY-MM-DD) stand in the header. -1 and `err` if the
 * source has another such line, or more of an option that there is not.
 */
int pages_man(struct span source, const char *version, const char *date,
              struct out *out, struct err *err);

void pages_bash(struct out *out);
void pages_zsh(struct out *out);
void pages_fish(struct out *out);

#endif
