/*
 * find.h - a word in a long text. memmem() takes as long as inflating the text
 * did; this looks at 16 places at a time where SSE2 is.
 */
#ifndef OFFBOX_BASE_FIND_H
#define OFFBOX_BASE_FIND_H

#include "base/span.h"

/*
 * Where `word` first stands in `text`; NULL if it does not. `word` is not
 * empty. Fast for a name with a capital letter inside, which seldom stands as
 * far behind the first letter as there. Reads nothing outside.
 */
const char *find_word(struct span text, struct span word);

#endif
