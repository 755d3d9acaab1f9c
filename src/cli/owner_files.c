/* From files' names to owners. */
#include "cli/owner_files.h"

#include "base/quote.h"
#include "base/whole_file.h"

static int read_ranges(const char *path, struct owners *owners, struct err *err)
{
    struct buf text = BUF_INIT;
    struct quoted quoted;
    int ret = whole_file_read(path, "address ranges", &text, err);

    if (ret == 0) {
        ret = owners_read_ranges(owners, buf_span(&text), err);
        if (ret < 0)
            err_prefix(err, "cannot read address ranges '%s'",
                       quote(&quoted, span_str(path)));
    }
    buf_release(&text);
    return ret;
}

static int open_db(const char *path, struct owners *owners, struct err *err)
{
    struct address_db *db = address_db_open(path, err);
    struct quoted quoted;

    if (db)
        return owners_add_db(owners, db, path, err);
    err_prefix(err, "cannot read address database '%s'",
               quote(&quoted, span_str(path)));
    return -1;
}

int owner_files_read(const struct config *config, struct owners *owners,
                     struct err *err)
{
    if (config->ip_ranges && read_ranges(config->ip_ranges, owners, err) < 0)
        return -1;
    for (size_t i = 0; i < config->mmdb_count; i++)
        if (open_db(config->mmdbs[i], owners, err) < 0)
            return -1;
    return 0;
}
