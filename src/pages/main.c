/*
 * offbox_pages, which the build runs: the manual and the completions into
 * FOLDER, under the names that man and the shells look for.
 *
 *   offbox_pages SOURCE VERSION DATE FOLDER
 */
#include "base/atomic_file.h"
#include "base/sys.h"
#include "pages/pages.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* The manual's source is a few pages; a path may be long. */
#define SOURCE_MAX_BYTES ((size_t)256 * 1024)
#define PATH_MAX_BYTES   4096

/* What is printed of the manual needs more than the tables. */
struct manual {
    struct span source;
    const char *version, *date;
};

static int read_source(const char *path, struct buf *text, struct err *err)
{
    int fd = sys_open_read(path, 0);
    ssize_t got = -1;

    if (fd < 0) {
        err_set_errno(err, "cannot read '%s'", path);
        return -1;
    }
    while (text->len < SOURCE_MAX_BYTES) {
        char *into = buf_reserve(text, SOURCE_MAX_BYTES);

        got = into ? sys_read(fd, into, SOURCE_MAX_BYTES) : -1;
        if (got <= 0)
            break;
        text->len += (size_t)got;
    }
    if (got != 0)
        err_set(err, "cannot read '%s' whole", path);
    (void)sys_close(fd);
    return got == 0 ? 0 : -1;
}

/* With `manual`, or with what needs none. */
static int write_page(const char *folder, const char *name,
                      const struct manual *manual, void (*print)(struct out *),
                      struct err *err)
{
    struct atomic_file file = ATOMIC_FILE_INIT;
    char path[PATH_MAX_BYTES];
    struct out out;
    int ret = 0;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (atomic_file_open(&file, path, err) < 0)
        return -1;
    out_init(&out, file.fd);
    if (manual)
        ret =
            pages_man(manual->source, manual->version, manual->date, &out, err);
    else
        print(&out);
    if (ret == 0)
        ret = out_flush(&out, err);
    out_release(&out);
    if (ret == 0)
        ret = atomic_file_commit(&file, err);
    if (ret < 0)
        err_prefix(err, "cannot write '%s'", path);
    atomic_file_release(&file);
    return ret;
}

int main(int argc, char **argv)
{
    struct buf source = BUF_INIT;
    struct err err = ERR_NONE;
    struct manual manual = {0};
    int ret = -1;

    if (argc != 5) {
        err_set(&err, "usage: offbox_pages SOURCE VERSION DATE FOLDER");
        goto done;
    }
    if (read_source(argv[1], &source, &err) < 0)
        goto done;
    manual = (struct manual){buf_span(&source), argv[2], argv[3]};
    if (write_page(argv[4], "offbox.1", &manual, NULL, &err) == 0 &&
        write_page(argv[4], "offbox.bash", NULL, pages_bash, &err) == 0 &&
        write_page(argv[4], "_offbox", NULL, pages_zsh, &err) == 0 &&
        write_page(argv[4], "offbox.fish", NULL, pages_fish, &err) == 0)
        ret = 0;
done:
    buf_release(&source);
    if (ret < 0) {
        struct out out;

        out_init(&out, STDERR_FILENO);
        out_printf(&out, "offbox_pages: %s\n", err.text);
        (void)out_flush(&out, NULL); /* nobody is left to tell */
        out_release(&out);
    }
    return ret < 0;
}
