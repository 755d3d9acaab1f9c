/* Two buffers: what comes in small pieces, and what deflate made of it. */
#include "base/pack.h"

#include "base/sys.h"

#include <errno.h>
#include <string.h>
#define ZLIB_CONST /* it does not write where it reads */
#include <zlib.h>

#define PACK_BYTES ((size_t)64 * 1024)

struct pack {
    int fd;
    bool gzip;
    int failed_errno;
    z_stream stream;
    bool stream_open;
    size_t filled; /* of `in` */
    char in[PACK_BYTES];
    char out[PACK_BYTES];
};

/* zlib's allocator: its failures are to be the tests' to make, too. */
static void *allocate(void *context, uInt count, uInt bytes)
{
    (void)context;
    return sys_calloc(count, bytes);
}

static void release(void *context, void *block)
{
    (void)context;
    sys_free(block);
}

struct pack *pack_new(int fd, bool gzip, struct err *err)
{
    struct pack *pack = sys_malloc(sizeof(*pack));

    if (!pack) {
        (void)err_memory(err);
        return NULL;
    }
    pack->fd = fd;
    pack->gzip = gzip;
    pack->failed_errno = 0;
    pack->filled = 0;
    pack->stream_open = false;
    if (!gzip)
        return pack;
    pack->stream = (z_stream){.zalloc = allocate, .zfree = release};
    /* 15: the whole window; 16: gzip around it; 8: zlib's usual memory. */
    if (deflateInit2(&pack->stream, 1, Z_DEFLATED, 15 + 16, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        pack_free(pack);
        (void)err_memory(err);
        return NULL;
    }
    pack->stream_open = true;
    return pack;
}

void pack_free(struct pack *pack)
{
    if (!pack)
        return;
    if (pack->stream_open)
        (void)deflateEnd(&pack->stream);
    sys_free(pack);
}

static void write_out(struct pack *pack, const char *from, size_t bytes)
{
    if (!pack->failed_errno && sys_write(pack->fd, from, bytes) < 0)
        pack->failed_errno = errno;
}

static void squeeze(struct pack *pack, struct span bytes, int flush)
{
    int ret;

    pack->stream.next_in = (const Bytef *)bytes.ptr;
    pack->stream.avail_in = (uInt)bytes.len;
    do {
        pack->stream.next_out = (Bytef *)pack->out;
        pack->stream.avail_out = (uInt)PACK_BYTES;
        ret = deflate(&pack->stream, flush);
        write_out(pack, pack->out, PACK_BYTES - pack->stream.avail_out);
    } while (pack->stream.avail_out == 0 && ret != Z_STREAM_END);
}

/* At most PACK_BYTES of them. */
static void pass_on(struct pack *pack, struct span bytes)
{
    if (pack->failed_errno || bytes.len == 0)
        return;
    if (pack->gzip)
        squeeze(pack, bytes, Z_NO_FLUSH);
    else
        write_out(pack, bytes.ptr, bytes.len);
}

void pack_write(struct pack *pack, struct span bytes)
{
    while (bytes.len > 0) {
        size_t room = PACK_BYTES - pack->filled;
        size_t taken = bytes.len < room ? bytes.len : room;

        memcpy(pack->in + pack->filled, bytes.ptr, taken);
        pack->filled += taken;
        bytes = span_of(bytes.ptr + taken, bytes.len - taken);
        if (pack->filled == PACK_BYTES) {
            pass_on(pack, span_of(pack->in, pack->filled));
            pack->filled = 0;
        }
    }
}

bool pack_failed(const struct pack *pack)
{
    return pack->failed_errno != 0;
}

int pack_end(struct pack *pack, struct err *err)
{
    if (!pack->failed_errno && pack->gzip)
        squeeze(pack, span_of(pack->in, pack->filled), Z_FINISH);
    else
        pass_on(pack, span_of(pack->in, pack->filled));
    pack->filled = 0;
    if (!pack->failed_errno)
        return 0;
    errno = pack->failed_errno;
    err_set_errno(err, "write failed");
    return -1;
}
