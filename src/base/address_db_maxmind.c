/*
 * libmaxminddb finds an address's record; the table below says under which
 * keys the makers put what is wanted of it.
 */
#include "base/address_db.h"

#include "base/sys.h"

#include <errno.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdio.h>

struct address_db {
    MMDB_s mmdb;
};

enum fact {
    FACT_ASN,
    FACT_ORGANIZATION,
    FACT_COUNTRY,
};

/* In the order in which they are asked. MaxMind and DB-IP's lite downloads;
 * MaxMind's Enterprise and DB-IP's ISP; IPinfo; IPinfo's ASN. */
static const struct layout {
    enum fact fact;
    const char *keys[3]; /* one inside the other, ended by NULL */
} layouts[] = {
    {FACT_ASN, {"autonomous_system_number", NULL}},
    {FACT_ASN, {"traits", "autonomous_system_number", NULL}},
    {FACT_ASN, {"asn", NULL}},
    {FACT_ORGANIZATION, {"autonomous_system_organization", NULL}},
    {FACT_ORGANIZATION, {"traits", "autonomous_system_organization", NULL}},
    {FACT_ORGANIZATION, {"as_name", NULL}},
    {FACT_ORGANIZATION, {"name", NULL}},
    {FACT_COUNTRY, {"country", "iso_code", NULL}},
    {FACT_COUNTRY, {"country_code", NULL}},
    {FACT_COUNTRY, {"country", NULL}},
};

static enum address_db_status say(int status, struct err *err)
{
    if (status == MMDB_OUT_OF_MEMORY_ERROR) {
        (void)err_memory(err);
        return ADDRESS_DB_NO_MEMORY;
    }
    if (status == MMDB_FILE_OPEN_ERROR || status == MMDB_IO_ERROR)
        err_set_errno(err, "read failed");
    else if (status == MMDB_INVALID_METADATA_ERROR)
        err_set(err, "it is no MaxMind DB, or is cut");
    else if (status == MMDB_UNKNOWN_DATABASE_FORMAT_ERROR)
        err_set(err, "it is in a version of the format that is not known");
    else
        err_set(err, "it is damaged: %s", MMDB_strerror(status));
    return ADDRESS_DB_DAMAGED;
}

/* The library would wait for a FIFO, and say little of the others. */
static int check_kind(const char *path, struct err *err)
{
    struct stat st;

    if (sys_stat(path, &st) < 0) {
        err_set_errno(err, "open failed");
        return -1;
    }
    if (!S_ISREG(st.st_mode)) {
        err_set(err, "it is no regular file");
        return -1;
    }
    if (st.st_size == 0) {
        err_set(err, "it is empty");
        return -1;
    }
    return 0;
}

struct address_db *address_db_open(const char *path, struct err *err)
{
    struct address_db *db;
    int status;

    if (check_kind(path, err) < 0)
        return NULL;
    db = sys_calloc(1, sizeof(*db));
    if (!db) {
        (void)err_memory(err);
        return NULL;
    }
    status = MMDB_open(path, MMDB_MODE_MMAP, &db->mmdb);
    if (status == MMDB_SUCCESS)
        return db;
    (void)say(status, err);
    sys_free(db);
    return NULL;
}

void address_db_free(struct address_db *db)
{
    if (!db)
        return;
    MMDB_close(&db->mmdb);
    sys_free(db);
}

struct span address_db_type(const struct address_db *db)
{
    return span_str(db->mmdb.metadata.database_type);
}

uint64_t address_db_epoch(const struct address_db *db)
{
    return db->mmdb.metadata.build_epoch;
}

/* "AS64496" or "64496"; 0 if it is none. */
static uint32_t asn_of_text(struct span text)
{
    uint64_t number = 0;
    size_t at = span_starts_with_fold(text, SPAN("AS")) ? 2 : 0;

    if (at == text.len)
        return 0;
    for (; at < text.len; at++) {
        if (text.ptr[at] < '0' || text.ptr[at] > '9')
            return 0;
        number = number * 10 + (uint64_t)(text.ptr[at] - '0');
        if (number > UINT32_MAX)
            return 0;
    }
    return (uint32_t)number;
}

static struct span text_of(const MMDB_entry_data_s *data)
{
    return data->type == MMDB_DATA_TYPE_UTF8_STRING && data->data_size > 0
               ? span_of(data->utf8_string, data->data_size)
               : SPAN_ABSENT;
}

static uint32_t asn_of(const MMDB_entry_data_s *data)
{
    switch (data->type) {
    case MMDB_DATA_TYPE_UINT16:
        return data->uint16;
    case MMDB_DATA_TYPE_UINT32:
        return data->uint32;
    case MMDB_DATA_TYPE_UINT64:
        return data->uint64 <= UINT32_MAX ? (uint32_t)data->uint64 : 0;
    default:
        return asn_of_text(text_of(data));
    }
}

static bool is_country(struct span text)
{
    return text.len == 2 && text.ptr[0] >= 'A' && text.ptr[0] <= 'Z' &&
           text.ptr[1] >= 'A' && text.ptr[1] <= 'Z';
}

/* Cut between characters. */
static struct span cut_name(struct span name)
{
    if (name.len <= ADDRESS_DB_NAME_BYTES)
        return name;
    name.len = ADDRESS_DB_NAME_BYTES;
    while (name.len > 0 && ((unsigned char)name.ptr[name.len] & 0xc0) == 0x80)
        name.len--;
    return name;
}

/* Take what `data` says, if it is of the kind that is wanted; -1 when memory
 * is out. */
static int take(enum fact fact, const MMDB_entry_data_s *data,
                struct arena *arena, struct address_facts *facts)
{
    struct span *into =
        fact == FACT_COUNTRY ? &facts->country : &facts->organization;
    struct span text = text_of(data);

    if (fact == FACT_ASN) {
        if (facts->asn == 0)
            facts->asn = asn_of(data);
        return 0;
    }
    if (span_present(*into) || !span_present(text) ||
        (fact == FACT_COUNTRY && !is_country(text)))
        return 0;
    *into = arena_copy(arena, cut_name(text));
    return span_present(*into) ? 0 : -1;
}

static MMDB_lookup_result_s look_up(const MMDB_s *mmdb, struct ip address,
                                    int *status)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    if (address.family == IP_V4) {
        memcpy(&v4.sin_addr, address.bytes, sizeof(v4.sin_addr));
        return MMDB_lookup_sockaddr(mmdb, (const struct sockaddr *)&v4, status);
    }
    memcpy(&v6.sin6_addr, address.bytes, sizeof(v6.sin6_addr));
    return MMDB_lookup_sockaddr(mmdb, (const struct sockaddr *)&v6, status);
}

enum address_db_status address_db_find(const struct address_db *db,
                                       struct ip address, struct arena *arena,
                                       struct address_facts *facts,
                                       struct err *err)
{
    struct address_facts found = *facts;
    MMDB_lookup_result_s result;
    int status = MMDB_SUCCESS;

    address = ip_unmap(address);
    result = look_up(&db->mmdb, address, &status);
    if (status == MMDB_IPV6_LOOKUP_IN_IPV4_DATABASE_ERROR)
        return ADDRESS_DB_OK;
    if (status != MMDB_SUCCESS)
        return say(status, err);
    for (size_t i = 0;
         result.found_entry && i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        MMDB_entry_data_s data;

        status = MMDB_aget_value(&result.entry, &data, layouts[i].keys);
        if (status == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR ||
            (status == MMDB_SUCCESS && !data.has_data))
            continue;
        if (status != MMDB_SUCCESS)
            return say(status, err);
        if (take(layouts[i].fact, &data, arena, &found) < 0) {
            (void)err_memory(err);
            return ADDRESS_DB_NO_MEMORY;
        }
    }
    *facts = found;
    return ADDRESS_DB_OK;
}

const char *address_db_library(void)
{
    static char text[32];

    (void)snprintf(text, sizeof(text), "libmaxminddb %s", MMDB_lib_version());
    return text;
}
