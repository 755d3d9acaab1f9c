/*
 * section_layout.h - a section's bytes: arrays behind a head that says how many
 * elements each has. For section.c, section_pack.c and section_enter.c alone.
 */
#ifndef OFFBOX_STATE_SECTION_LAYOUT_H
#define OFFBOX_STATE_SECTION_LAYOUT_H

#include "detect/outcome.h"
#include "state/section.h"

struct packed_note {
    uint64_t offset, records;
    uint32_t path, reason; /* numbers of texts */
    uint32_t status, reserved;
};

struct packed_tuple {
    uint32_t value[FACETS_A_PART]; /* numbers of texts, or STRINGS_ABSENT */
};

struct packed_counted {
    uint32_t group;
    uint32_t facets[FACET_PARTS];
    uint32_t reserved;
    uint64_t count;
    timestamp first, last;
};

struct packed_hour {
    uint32_t group, reserved;
    int64_t hour;
    uint64_t count;
};

/* In the order of a section's bytes. The last three are apart until a section
 * is written, see section_write(). */
#define SECTION_ARRAYS(X)                   \
    X(ARRAY_FILES, struct section_file)     \
    X(ARRAY_NOTES, struct packed_note)      \
    X(ARRAY_HITS, uint64_t)                 \
    X(ARRAY_TEXTS, struct section_text)     \
    X(ARRAY_CALLERS, struct packed_tuple)   \
    X(ARRAY_CALLS, struct packed_tuple)     \
    X(ARRAY_GROUPS, struct section_group)   \
    X(ARRAY_IDENTITIES, struct hash128)     \
    X(ARRAY_TIMES, timestamp)               \
    X(ARRAY_ROWS, struct section_row)       \
    X(ARRAY_COUNTED, struct packed_counted) \
    X(ARRAY_HOURS, struct packed_hour)      \
    X(ARRAY_BLOB, char)                     \
    X(ARRAY_SHARED, struct hash128)         \
    X(ARRAY_RECORDS, struct section_record) \
    X(ARRAY_RECORD_BLOB, char)

enum section_array {
#define X(name, type) name,
    SECTION_ARRAYS(X)
#undef X
    ARRAY_COUNT
};

struct section_head {
    uint64_t bytes;          /* of the whole section */
    struct hash128 checksum; /* of all that follows */
    int64_t hour;
    uint64_t counts[ARRAY_COUNT];
    uint64_t files[INPUT_STATUS_COUNT];
    uint64_t bytes_packed, bytes_unpacked;
    uint64_t records_read, records_unreadable;
    timestamp first_delivery, last_delivery;
    uint64_t outcomes[OUTCOME_COUNT];
    timestamp first_event, last_event;
    uint64_t extracted, handed_on;
};

#define SECTION_CHECKED_FROM offsetof(struct section_head, hour)

/* Published: what a file is held against must be the same in the next run. */
#define SECTION_CHECK_KEY                            \
    ((struct hash_key){UINT64_C(0x6f6666626f782073), \
                       UINT64_C(0x656374696f6e2e31)})

/* Texts decide between events, so theirs is the hash that nobody can
 * outwit. */
#define SECTION_TEXT_KEY                             \
    ((struct hash_key){UINT64_C(0x6f6666626f782074), \
                       UINT64_C(0x6578742d6b65792e)})

/* Where an array is; of a section that this run packed not the last three. */
const void *section_array(const struct section *section,
                          enum section_array which);

/* Set the section's pointers and counts by its head. */
void section_point(struct section *section);

/* The text of the group's first record; absent if it is not there. */
struct span section_record_text(const struct section *section, uint32_t group);

#endif
