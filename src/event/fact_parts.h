/*
 * fact_parts.h - what a call asked for and what it was answered, for the few
 * calls that teach facts. Names no JSON library.
 *
 * CloudTrail writes these parts in several ways: lists as `items`, `item` or
 * a single object in their place, EC2's newer calls inside NAMERequest and
 * NAMEResponse with capitals and with texts as {"tag": 1, "content": "x"}.
 * Reading takes them all and is never surprised: what is not there, or is of
 * another type, is absent. Keys fold ASCII case, the first of equals counts.
 */
#ifndef OFFBOX_EVENT_FACT_PARTS_H
#define OFFBOX_EVENT_FACT_PARTS_H

#include "base/buf.h"

/* A value in a part, borrowed from it. NULL is absent, everywhere. */
struct cJSON;

struct fact_parts {
    const struct cJSON *request;  /* requestParameters, without NAMERequest */
    const struct cJSON *response; /* responseElements, without NAMEResponse */
    struct cJSON *owned[2];
    struct buf text, narrow;
};

/* As cjson_object_prepare(): before a second thread runs. */
void fact_parts_init(struct fact_parts *parts);
void fact_parts_release(struct fact_parts *parts);

/*
 * Read the parts of `record`, in the place of those read before. A part that
 * is no JSON object is absent. -1 when memory is out.
 *
 * `wanted` (NULL: all) names the members that will be asked for, ended by
 * NULL: a part that has any of them need not be parsed but for these. What is
 * asked for is then the same, unless the part is damaged elsewhere.
 */
int fact_parts_read(struct fact_parts *parts, struct span record,
                    const char *const *wanted);

/* The member of an object. `key` is NUL-terminated. */
const struct cJSON *fact_part(const struct cJSON *object, const char *key);

/* What a value says, if it is a text: lives as long as the part. */
struct span fact_text(const struct cJSON *value);

/* The text of an object's member. */
struct span fact_text_at(const struct cJSON *object, const char *key);

/*
 * The elements of a list in any of its writings; a value that is no list is
 * the only element of one.
 *
 *     struct fact_list list = fact_list(fact_part(request, "instancesSet"));
 *     while ((instance = fact_list_next(&list)))
 */
struct fact_list {
    const struct cJSON *next;
    bool is_single;
};

struct fact_list fact_list(const struct cJSON *value);
const struct cJSON *fact_list_next(struct fact_list *list);

#endif
