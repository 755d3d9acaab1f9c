/*
 * section.h - what was found in some files of one hour of delivery, packed
 * so that a run can count it without parsing.
 *
 * Its bytes are arrays of this machine's own numbers, one after another, each
 * at a multiple of 8: read in place, and copied whole into the next state. It
 * is for the machine that made it; partials (partial.h) are what travels.
 *
 * Of each group it holds what tells its first event from others, with the
 * hash of the record's text. The text itself, which is most of the bytes, is
 * only there for groups that may become a suspect; where it is missing, the
 * section is made anew of its files.
 */
#ifndef OFFBOX_STATE_SECTION_H
#define OFFBOX_STATE_SECTION_H

#include "base/buf.h"
#include "detect/aggregate.h"
#include "input/ledger.h"
#include "input/walk.h"

/* A file that was folded, and by what it is known again. */
struct section_file {
    uint64_t bytes;
    timestamp modified;
    uint32_t path;   /* number of its text */
    uint32_t status; /* enum input_status */
};

struct section_text {
    uint64_t at; /* in the blob */
    uint64_t len;
};

/* The text of a group's first record, with secrets removed. */
struct section_record {
    uint32_t group, reserved;
    uint64_t at, len;
};

struct section_group {
    struct hash128 text_hash; /* of the first record as an alert prints it */
    timestamp first_time;
    uint32_t instance; /* number of a text */
    uint32_t facets[FACET_PARTS];
    uint32_t first_id; /* number of a text; of an empty one without */
    struct ip address;
    uint8_t reserved[7];
};

struct section_row {
    uint32_t group;
    uint32_t facets[FACET_PARTS];
};

struct section_head;

struct section {
    /* Borrowed from the state, or from `own`. */
    const struct section_head *head;
    const struct section_file *files;
    const struct section_text *texts;
    const struct section_group *groups;
    const struct hash128 *identities; /* of rows … */
    const timestamp *times;
    const struct section_row *rows;
    const struct hash128 *shared; /* identities that other sections had, too,
                                   * when this one was made */
    const struct section_record *records; /* sorted by group */
    size_t file_count, text_count, group_count, row_count;
    size_t shared_count, record_count;
    const char *blob;

    struct span bytes; /* whole, for the next state; absent while it is in … */
    struct buf own;    /* … pieces, of one that this run made: all but … */
    struct buf own_shared, own_records, own_blob; /* … these */
    int64_t hour;
    bool *listed; /* owned, once it is known: of each group, whether its
                   * instance may alert, so that its record is kept */
    bool unsure;  /* not for the next state: a file of it could not be read */
    bool dropped; /* its files are read again */
};

#define SECTION_INIT ((struct section){.bytes = SPAN_ABSENT})

void section_release(struct section *section);

/* What a section is made of: some inputs of the walk, and what was found in
 * them and nowhere else. `outcomes` counts distinct events. */
struct section_source {
    int64_t hour;
    const struct walk *walk;
    const bool *taken; /* of each input */
    const enum input_status *ended;
    const struct aggregate *aggregate;
    const struct ledger *ledger; /* with the notes of skipped inputs */
    const struct outcome_counts *outcomes;
    const uint64_t *hits; /* of `ignore` lines, in the key's order */
    size_t hit_count;
    uint64_t extracted, handed_on;
};

/* -1 and `err` when memory is out. */
int section_pack(struct section *section, const struct section_source *source,
                 struct err *err);

/* An identity of a packed section's that another section has, too; once each.
 * -1 when memory is out. */
int section_share(struct section *section, struct hash128 identity);

/* Find a section at the beginning of `bytes`, which are aligned as for any
 * type; `section->bytes` says where it ends. -1 and `err` if it is cut or
 * altered. */
int section_load(struct section *section, struct span bytes, struct err *err);

/* Append a packed section's bytes for the next state, with the records of
 * the groups in `listed`. A loaded one is written as it was read. -1 when
 * memory is out. */
int section_write(const struct section *section, struct buf *to);

struct span section_string(const struct section *section, uint32_t number);

/* What a report counts of a section, its groups aside. Notes of skipped
 * inputs only if `ledger->keep_skips`. */
int section_count(const struct section *section, struct ledger *ledger,
                  struct outcome_counts *outcomes, uint64_t *hits,
                  uint64_t *extracted, uint64_t *handed_on, struct err *err);
size_t section_hit_count(const struct section *section);

/*
 * Enter the groups that `wanted` marks, with their first events, and the rows
 * of those that `with_rows` does. A first event whose text is not there bears
 * a stand-in that names section `number`: see section_stand_in(). Where such a
 * text would have to decide between two sections' first events, the section
 * that lacks it is marked in `lacking`, which has a place for each number. -1
 * when memory is out.
 */
int section_enter(const struct section *section, uint32_t number,
                  const bool *wanted, const bool *with_rows,
                  struct aggregate *agg, bool *lacking);

/* Is the record of the group's first event a stand-in? The section's number,
 * UINT32_MAX if not. */
uint32_t section_stand_in(const struct aggregate *agg, uint32_t group);

#endif
