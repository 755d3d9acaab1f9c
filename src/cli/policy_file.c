/* From a file's bytes to policy lines. */
#include "cli/policy_file.h"

#include "base/buf.h"
#include "base/quote.h"
#include "base/sys.h"

#define READ_BYTES ((size_t)64 * 1024)

/* A hundred thousand lines are a tenth of it; what is larger is the wrong
 * file. */
#define POLICY_MAX_BYTES ((size_t)64 * 1024 * 1024)

static int read_whole(int fd, struct buf *text, struct err *err)
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
        if (text->len > POLICY_MAX_BYTES) {
            err_set(err, "it is over 64 MB");
            return -1;
        }
    }
}

static int read_file(struct policy *policy, const char *path, struct err *err)
{
    struct buf text = BUF_INIT;
    struct quoted quoted;
    int fd = sys_open_read(path, 0);
    int ret = -1;

    if (fd < 0) {
        err_set_errno(err, "cannot read policy '%s'",
                      quote(&quoted, span_str(path)));
        return -1;
    }
    if (read_whole(fd, &text, err) < 0)
        err_prefix(err, "cannot read policy '%s'",
                   quote(&quoted, span_str(path)));
    else
        ret = policy_read(policy, path, buf_span(&text), err);
    (void)sys_close(fd); /* only read from */
    buf_release(&text);
    return ret;
}

int policy_files_read(struct policy *policy, const char *const *paths,
                      size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++)
        if (read_file(policy, paths[i], err) < 0)
            return -1;
    return policy_finish(policy, err);
}
