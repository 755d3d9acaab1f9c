/*
 * fact_parts.h - what a call asked for and what it was answered, for the few
 * calls that teach facts.
 *
 * CloudTrail writes these parts in several ways: lists as `items`, `item` or
 * a single object in their place, EC2's newer calls inside NAMERequest and
 * NAMEResponse with capitals and with texts as {"tag": 1, "content": "x"}.
 * Reading takes them all and is never surprised: what is not there, or is of
 * another type, is absent. Keys fold ASCII case, the first of equals counts.
 */
#ifndef OFFBOX_EVENT_FACT_PARTS_H
#define OFFBOX_EVENT_FACT_PARTS_H

#include "event/event.h"
#include "event/json_tree.h"

struct fact_parts {
    /* Borrowed from `tree` and the record. NULL is absent, everywhere. */
    const struct json_value *request;  /* requestParameters, without
                                        * NAMERequest */
    const struct json_value *response; /* responseElements, without
                                        * NAMEResponse */
    struct json_tree tree;
};

#define FACT_PARTS_INIT ((struct fact_parts){NULL, NULL, JSON_TREE_INIT})

void fact_parts_release(struct fact_parts *parts);

/*
 * Read the parts of the event's record, in the place of those read before; they
 * borrow from it. A part that is no JSON object is absent. -1 when memory is
 * out.
 */
int fact_parts_read(struct fact_parts *parts, const struct event *event);

/* The member of an object. `key` is NUL-terminated. */
const struct json_value *fact_part(const struct json_value *object,
                                   const char *key);

/* What a value says, if it is a text: lives as long as the part and its record.
 */
struct span fact_text(const struct json_value *value);

/* The text of an object's member. */
struct span fact_text_at(const struct json_value *object, const char *key);

/*
 * The elements of a list in any of its writings; a value that is no list is
 * the only element of one.
 *
 *     struct fact_list list = fact_list(fact_part(request, "instancesSet"));
 *     while ((instance = fact_list_next(&list)))
 */
struct fact_list {
    const struct json_value *next;
    bool is_single;
};

struct fact_list fact_list(const struct json_value *value);
const struct json_value *fact_list_next(struct fact_list *list);

#endif
