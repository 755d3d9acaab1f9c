/* A build without libmaxminddb: see address_db.h. */
#include "base/address_db.h"

struct address_db *address_db_open(const char *path, struct err *err)
{
    (void)path;
    err_set(err, "this offbox was built without libmaxminddb");
    return NULL;
}

void address_db_free(struct address_db *db)
{
    (void)db;
}

struct span address_db_type(const struct address_db *db)
{
    (void)db;
    return SPAN_ABSENT;
}

uint64_t address_db_epoch(const struct address_db *db)
{
    (void)db;
    return 0;
}

enum address_db_status address_db_find(const struct address_db *db,
                                       struct ip address, struct arena *arena,
                                       struct address_facts *facts,
                                       struct err *err)
{
    (void)db, (void)address, (void)arena, (void)facts, (void)err;
    return ADDRESS_DB_OK;
}

const char *address_db_library(void)
{
    return "none";
}
