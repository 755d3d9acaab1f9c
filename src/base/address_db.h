/*
 * address_db.h - databases that tell of addresses, in the MaxMind DB format
 * ("MaxMind DB File Format Specification", version 2.0), which several makers
 * write with keys of their own.
 *
 * address_db_maxmind.c is libmaxminddb; address_db_none.c stands in its place
 * in a build without it, and opens nothing. The library opens and maps the
 * file by itself.
 *
 * One thread at a time.
 */
#ifndef OFFBOX_BASE_ADDRESS_DB_H
#define OFFBOX_BASE_ADDRESS_DB_H

#include "base/arena.h"
#include "base/err.h"
#include "base/ip.h"

struct address_db;

/* What a database knows of an address; what it does not is 0 or absent. */
struct address_facts {
    uint32_t asn; /* the number of its autonomous system */
    struct span organization;
    struct span country; /* ISO 3166-1 alpha-2: "NL" */
};

/* Longer names are cut: nobody has one. */
#define ADDRESS_DB_NAME_BYTES 256

enum address_db_status {
    ADDRESS_DB_OK, /* also where nothing is known of the address */
    ADDRESS_DB_DAMAGED,
    ADDRESS_DB_NO_MEMORY,
};

/* NULL and `err` if it is no such database, or there is no libmaxminddb. */
struct address_db *address_db_open(const char *path, struct err *err);
void address_db_free(struct address_db *db);

/* What it calls itself, "GeoLite2-ASN": the maker's text, borrowed. */
struct span address_db_type(const struct address_db *db);

/* When it was made, in seconds since 1970. */
uint64_t address_db_epoch(const struct address_db *db);

/*
 * Add what the database knows of `address` to `facts`: what is known there
 * already stays. Texts are copied into the arena; a name may hold any bytes.
 * Damaged, nothing is added and `err` says why.
 */
enum address_db_status address_db_find(const struct address_db *db,
                                       struct ip address, struct arena *arena,
                                       struct address_facts *facts,
                                       struct err *err);

/* "libmaxminddb 1.7.1", of the library that runs; "none" without one. */
const char *address_db_library(void);

#endif
