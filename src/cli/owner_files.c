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

int owner_files_read(const struct config *config, struct owners *owners,
                     struct err *err)
{
    return config->ip_ranges ? read_ranges(config->ip_ranges, owners, err) : 0;
}
