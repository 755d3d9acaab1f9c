/* cJSON answers bad text and too little memory alike; see cjson_object.h. */
#include "base/cjson_object.h"

#include "base/sys.h"

#include <cjson/cJSON.h>
#include <stdio.h>

/* cJSON's hooks know no context. */
static _Thread_local bool allocation_failed;

static void *allocate(size_t bytes)
{
    void *block = sys_malloc(bytes);

    if (!block)
        allocation_failed = true;
    return block;
}

/* cJSON reads one value and leaves what follows. */
static bool is_blank(const char *at, const char *end)
{
    while (at < end && memchr(" \t\r\n", *at, 4))
        at++;
    return at == end;
}

void cjson_object_prepare(void)
{
    static bool hooked;
    cJSON_Hooks hooks = {allocate, sys_free};

    if (hooked)
        return;
    cJSON_InitHooks(&hooks);
    hooked = true;
}

struct cJSON *cjson_object(struct span text, bool *memory_is_out)
{
    const char *stopped = NULL;
    cJSON *root;

    allocation_failed = false;
    root = cJSON_ParseWithLengthOpts(text.ptr, text.len, &stopped, 0);
    *memory_is_out = !root && allocation_failed;
    if (cJSON_IsObject(root) && is_blank(stopped, text.ptr + text.len))
        return root;
    cJSON_Delete(root);
    return NULL;
}

const char *cjson_library(void)
{
    static char text[32];

    (void)snprintf(text, sizeof(text), "cJSON %s", cJSON_Version());
    return text;
}
