/*
 * json_writer.h - JSON text to an `out`, one token at a time.
 *
 * Streaming and own: cJSON prints only from a tree, and a report may be
 * larger than memory should be asked to hold twice. The writer places
 * commas and escapes strings; that brackets match is the caller's affair
 * (asserted in debug builds). Errors stick in the `out`.
 *
 * In a compact writer nothing stands between tokens; in a pretty one the
 * members stand a line each, indented by two.
 */
#ifndef OFFBOX_BASE_JSON_WRITER_H
#define OFFBOX_BASE_JSON_WRITER_H

#include "base/ip.h"
#include "base/out.h"
#include "base/timestamp.h"

struct json_writer {
    struct out *out; /* borrowed */
    bool pretty;
    bool need_comma;
    bool after_key;
    unsigned depth;
};

void json_init(struct json_writer *json, struct out *out, bool pretty);

void json_object(struct json_writer *json);
void json_object_end(struct json_writer *json);
void json_array(struct json_writer *json);
void json_array_end(struct json_writer *json);

/* A member's name; its value comes next. */
void json_key(struct json_writer *json, struct span name);

/* A string; an absent span is null. Bytes that are no UTF-8 become
 * U+FFFD, control characters \u00XX (also DEL and the C1 block, which
 * JSON allows raw but a terminal acts on). */
void json_string(struct json_writer *json, struct span text);
void json_uint(struct json_writer *json, uint64_t number);
void json_int(struct json_writer *json, int64_t number);
void json_bool(struct json_writer *json, bool truth);
void json_null(struct json_writer *json);
/* `2022-02-22T10:11:12.0000000Z`; an unknown time is null. */
void json_time(struct json_writer *json, timestamp time);
void json_ip(struct json_writer *json, struct ip ip);
/* JSON text that is known to be valid, as it is; absent is null. */
void json_raw(struct json_writer *json, struct span text);

/* Key and value at once: the usual case. */
void json_member_string(struct json_writer *json, const char *name,
                        struct span text);
void json_member_uint(struct json_writer *json, const char *name,
                      uint64_t number);
void json_member_int(struct json_writer *json, const char *name,
                     int64_t number);
void json_member_bool(struct json_writer *json, const char *name, bool truth);
void json_member_time(struct json_writer *json, const char *name,
                      timestamp time);
void json_member_ip(struct json_writer *json, const char *name, struct ip ip);
void json_member_array(struct json_writer *json, const char *name);
void json_member_object(struct json_writer *json, const char *name);

/* Nothing at all where the string is absent, or the time unknown. */
void json_member_known(struct json_writer *json, const char *name,
                       struct span text);
void json_member_known_time(struct json_writer *json, const char *name,
                            timestamp time);

#endif
