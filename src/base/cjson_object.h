/*
 * cjson_object.h - cJSON's parser as this project calls it: on the
 * allocator of base/sys, and one text is one object.
 *
 * Include <cjson/cJSON.h> for what to do with the result; few files may
 * (tests/check_includes.py).
 */
#ifndef OFFBOX_BASE_CJSON_OBJECT_H
#define OFFBOX_BASE_CJSON_OBJECT_H

#include "base/span.h"

struct cJSON;

/* Set cJSON's allocator, which is global: before the first parse, while no
 * second thread runs. More than once is fine. */
void cjson_object_prepare(void);

/*
 * Parse `text`: an object with nothing but white space behind it. Freed
 * with cJSON_Delete(). NULL if it is none, is nested deeper than 1,000, or
 * memory is out; `*memory_is_out` tells the last from the others. Any
 * thread may call it.
 */
struct cJSON *cjson_object(struct span text, bool *memory_is_out);

/* Its name and version, of the library that runs and not of its header. */
const char *cjson_library(void);

#endif
