/* The last folder is held open once it was met twice in a row. */
#include "input/opener.h"

#include "base/sys.h"

#include <fcntl.h>

/* The path up to its last slash; empty if it has none. */
static struct span folder_of(struct span path)
{
    size_t len = path.len;

    while (len > 0 && path.ptr[len - 1] != '/')
        len--;
    return span_of(path.ptr, len);
}

/* Hold the folder of `path` open. If it cannot be had the whole path will do
 * as well. */
static void hold_folder(struct opener *opener, struct span path)
{
    char name[1024]; /* enough for a usual trail's; no need to allocate */
    size_t len = opener->folder.len;

    if (len >= sizeof(name))
        return;
    memcpy(name, path.ptr, len);
    name[len] = '\0';
    opener->fd = sys_open_read(name, O_DIRECTORY);
    opener->holds_folder = opener->fd >= 0;
}

int opener_open(struct opener *opener, struct span path)
{
    struct span folder = folder_of(path);
    bool same = folder.len > 0 && span_eq(folder, opener->folder);

    if (!same)
        opener_release(opener);
    opener->folder = folder;
    if (same && !opener->holds_folder)
        hold_folder(opener, path);
    return opener->holds_folder
               ? sys_open_read_at(opener->fd, path.ptr + folder.len, 0)
               : sys_open_read(path.ptr, 0);
}

void opener_release(struct opener *opener)
{
    if (opener->holds_folder)
        (void)sys_close(opener->fd); /* only looked up in */
    *opener = (struct opener){.holds_folder = false};
}
