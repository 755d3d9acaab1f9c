/* From a file's bytes to policy lines. */
#include "cli/policy_file.h"

#include "base/whole_file.h"

static int read_file(struct policy *policy, const char *path, struct err *err)
{
    struct buf text = BUF_INIT;
    int ret = whole_file_read(path, "policy", &text, err);

    if (ret == 0)
        ret = policy_read(policy, path, buf_span(&text), err);
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
