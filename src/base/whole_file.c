/* Read until the end and not by the size: a FIFO has none. */
#include "base/whole_file.h"

#include "base/quote.h"
#include "base/sys.h"

#define READ_BYTES ((size_t)64 * 1024)

static int read_all(int fd, struct buf *text, struct err *err)
{
    for (;;) {
        char *into = buf_reserve(text, READ_BYTES);
        ssize_t got = into ? sys_read(fd, into, READ_BYTES) : -1;

        if (!into)
            return err_memory(err);
        if (got < 0) {
            err_set_errno(err, "read failed");
            return -1;
        }
        if (got == 0)
            return 0;
        text->len += (size_t)got;
        if (text->len > WHOLE_FILE_MAX_BYTES) {
            err_set(err, "it is over 64 MB");
            return -1;
        }
    }
}

int whole_file_read(const char *path, const char *what, struct buf *text,
                    struct err *err)
{
    struct quoted quoted;
    int fd = sys_open_read(path, 0);
    int ret;

    (void)quote(&quoted, span_str(path));
    if (fd < 0) {
        err_set_errno(err, "cannot read %s '%s'", what, quoted.text);
        return -1;
    }
    ret = read_all(fd, text, err);
    if (ret < 0)
        err_prefix(err, "cannot read %s '%s'", what, quoted.text);
    (void)sys_close(fd); /* only read from */
    return ret;
}
