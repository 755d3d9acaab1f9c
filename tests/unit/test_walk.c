/*
 * walk: every name below an argument becomes one input, in one order,
 * however the tree is built. What is passed over says why.
 *
 * Each test has a folder of its own and stands in it.
 */
#include "unit.h"

#include "base/buf.h"
#include "base/sys.h"
#include "input/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FILE_NAME "123456789012_CloudTrail_eu-west-1_20240229T2355Z_aB3.json.gz"

/* A sixteenth of the usual limit: far fewer than the trees have levels. */
#define FEW_DESCRIPTORS 64

struct found {
    const char *path;
    enum input_status status;
};

struct place {
    int home; /* where the tests were started */
    int fd;
    char path[4096];
};

/* ------------------------------------------------------ a place to stand */

/* Moves what is in the folder `name` of `top` up into `top`. */
static void lift(int top, const char *name)
{
    static unsigned long serial;
    int fd = openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    DIR *dir = fdopendir(fd);
    struct dirent *entry;

    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        char lifted[32];

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (void)snprintf(lifted, sizeof(lifted), "lifted-%lu", serial++);
        assert_int_equal(renameat(fd, entry->d_name, top, lifted), 0);
    }
    assert_int_equal(closedir(dir), 0);
}

/* Empties `top`, however deep it is: what lies two levels down is lifted
 * until nothing does. */
static void empty_folder(int top)
{
    bool again = true;

    while (again) {
        DIR *dir = fdopendir(openat(top, ".", O_RDONLY | O_DIRECTORY));
        struct dirent *entry;

        assert_non_null(dir);
        again = false;
        while ((entry = readdir(dir))) {
            const char *name = entry->d_name;

            if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
                continue;
            again = true;
            if (unlinkat(top, name, 0) == 0 ||
                unlinkat(top, name, AT_REMOVEDIR) == 0)
                continue;
            lift(top, name);
        }
        assert_int_equal(closedir(dir), 0);
    }
}

/* In memory where there is such a folder: thousands of folders are made,
 * which takes a disk many seconds. */
static bool make_place(struct place *place)
{
    const char *bases[] = {getenv("TMPDIR"), "/dev/shm", "/tmp"};

    for (size_t i = 0; i < COUNT(bases); i++) {
        if (!bases[i] || bases[i][0] == '\0')
            continue;
        (void)snprintf(place->path, sizeof(place->path),
                       "%s/offbox-walk-XXXXXX", bases[i]);
        if (mkdtemp(place->path))
            return true;
    }
    return false;
}

static int set_up(void **state)
{
    static struct place place;

    place.home = open(".", O_RDONLY | O_DIRECTORY);
    if (place.home < 0 || !make_place(&place))
        return -1;
    place.fd = open(place.path, O_RDONLY | O_DIRECTORY);
    *state = &place;
    return place.fd < 0 ? -1 : fchdir(place.fd);
}

static int tear_down(void **state)
{
    struct place *place = *state;

    empty_folder(place->fd);
    if (fchdir(place->home) < 0)
        return -1;
    (void)close(place->fd);
    (void)close(place->home);
    return rmdir(place->path);
}

/* ------------------------------------------------------- building trees */

static void make_folders_above(const char *path)
{
    char folder[4096];

    for (size_t i = 1; path[i] != '\0'; i++) {
        if (path[i] != '/')
            continue;
        memcpy(folder, path, i);
        folder[i] = '\0';
        if (mkdir(folder, 0700) < 0)
            assert_int_equal(errno, EEXIST);
    }
}

static void make_file(const char *path)
{
    int fd;

    make_folders_above(path);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(sys_write(fd, "{}", 2), 0);
    assert_int_equal(close(fd), 0);
}

static void make_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    assert_int_equal(
        bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(close(fd), 0);
}

static struct span repeated(struct buf *buf, char c, size_t count)
{
    buf_clear(buf);
    for (size_t i = 0; i < count; i++)
        buf_add_char(buf, c);
    assert_non_null(buf_str(buf));
    return buf_span(buf);
}

/* --------------------------------------------------------------- asking */

static void add(struct walk *walk, const char *path)
{
    struct err err = ERR_NONE;

    if (walk_add(walk, span_str(path), false, &err) < 0)
        fail_msg("%s", err.text);
}

static void assert_found(struct walk *walk, const struct found *expected,
                         size_t count)
{
    walk_finish(walk);
    for (size_t i = 0; i < walk->count && i < count; i++) {
        const struct input *input = &walk->inputs[i];

        assert_span_equal(input->path, span_str(expected[i].path));
        assert_int_equal(input->path.ptr[input->path.len], '\0');
        if (input->status != expected[i].status)
            fail_msg("%s is %s, not %s", expected[i].path,
                     input_status_name(input->status),
                     input_status_name(expected[i].status));
        assert_int_equal(span_present(input->why),
                         input->status == INPUT_UNREADABLE);
    }
    assert_int_equal(walk->count, count);
    walk_release(walk);
}

/* `shown` is how the message writes the name, `cause` an errno: its words
 * are the system's. */
static void assert_refused(const char *path, const char *shown, int cause)
{
    struct walk walk = WALK_INIT;
    struct err err = ERR_NONE;
    char text[ERR_MAX_BYTES];

    (void)snprintf(text, sizeof(text), "cannot read '%s': %s", shown,
                   strerror(cause));
    assert_int_equal(walk_add(&walk, span_str(path), false, &err), -1);
    assert_string_equal(err.text, text);
    assert_int_equal(walk.count, 0);
    walk_release(&walk);
}

/* The number the next descriptor gets. */
static int next_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY);

    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    return fd;
}

static struct rlimit limit_descriptors(int limit)
{
    struct rlimit old, lowered;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    lowered = old;
    lowered.rlim_cur = (rlim_t)limit;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &lowered), 0);
    return old;
}

/* ------------------------------------------------------- names and kinds */

/* A name rule that passes over one file too many loses events, one too
 * few reads digests as logs: so each rule is tried at its edges. */
static void names_have_their_verdict(void **state)
{
    static const struct {
        const char *below;
        enum input_status verdict;
    } cases[] = {
        {"", INPUT_PENDING},
        {"a.json.gz", INPUT_PENDING},
        {"AWSLogs/1/CloudTrail/eu-west-1/2024/02/29/" FILE_NAME, INPUT_PENDING},

        {"AWSLogs/1/CloudTrail-Digest/eu-west-1/a.json.gz", INPUT_DIGEST},
        {"AWSLogs/1/CloudTrail-Insight/a.json.gz", INPUT_INSIGHT},
        {"CloudTrail-NetworkActivity/a", INPUT_NETWORK_ACTIVITY},
        {"x/CloudTrail-Aggregated/y/z", INPUT_AGGREGATED},
        {"x//CloudTrail-Digest//y", INPUT_DIGEST},
        {"CloudTrail-Insight/CloudTrail-Digest/a", INPUT_INSIGHT},

        /* Only a whole folder's name counts, as S3 writes it. */
        {"CloudTrail-Digest", INPUT_PENDING},
        {"x/CloudTrail-Digest", INPUT_PENDING},
        {"CloudTrail-Digest.json/a", INPUT_PENDING},
        {"my-CloudTrail-Digest/a", INPUT_PENDING},
        {"CloudTrail-Digest2/a", INPUT_PENDING},
        {"cloudtrail-digest/a", INPUT_PENDING},
        {"CloudTrail-Else/a", INPUT_PENDING},

        {"123456789012_CloudTrail-Digest_eu-west-1_t.json.gz", INPUT_DIGEST},
        {"x/123456789012_CloudTrail-Insight_a.json.gz", INPUT_INSIGHT},
        {"123456789012_CloudTrail-NetworkActivity_", INPUT_NETWORK_ACTIVITY},
        {"123456789012_CloudTrail-Aggregated_a", INPUT_AGGREGATED},
        {"123456789012_CloudTrail-Digest", INPUT_PENDING},
        {"123456789012_CloudTrail-Digests_a", INPUT_PENDING},
        {"123456789012CloudTrail-Digest_a", INPUT_PENDING},
        {"12345678901_CloudTrail-Digest_a", INPUT_PENDING},
        {"1234567890123_CloudTrail-Digest_a", INPUT_PENDING},
        {"12345678901x_CloudTrail-Digest_a", INPUT_PENDING},
        {"123456789012_CloudTrail-Digest_a/b", INPUT_PENDING},
        {"123456789012", INPUT_PENDING},
        {"123456789012_", INPUT_PENDING},

        {"a.json.gz.0a1B2c3D", INPUT_IN_TRANSFER},
        {"x/a.json.AAAAAAAA", INPUT_IN_TRANSFER},
        {"a.jsonl.ffffffff", INPUT_IN_TRANSFER},
        {"a.log.00000000", INPUT_IN_TRANSFER},
        {".gz.00000000", INPUT_IN_TRANSFER},
        {"gz.00000000", INPUT_PENDING},
        {"a.GZ.00000000", INPUT_PENDING},
        {"agz.00000000", INPUT_PENDING},
        {"a.tar.00000000", INPUT_PENDING},
        {"a.gz.0000000", INPUT_PENDING},
        {"a.gz.000000000", INPUT_PENDING},
        {"a.gz.0000000g", INPUT_PENDING},
        {"a.gz-00000000", INPUT_PENDING},
        {"a.gz.00000000.gz", INPUT_PENDING},
        {"a.gz.00000000/b", INPUT_PENDING},
        {".00000000", INPUT_PENDING},
        {"00000000", INPUT_PENDING},
        {"CloudTrail-Digest/a.gz.00000000", INPUT_DIGEST},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum input_status got = walk_name_verdict(span_str(cases[i].below));

        if (got != cases[i].verdict)
            fail_msg("'%s' is %s", cases[i].below, input_status_name(got));
    }
    assert_int_equal(walk_name_verdict(SPAN_ABSENT), INPUT_PENDING);
}

/* Who points at a sibling folder wants it read; who points above it does
 * not. */
static void sibling_folders_count_only_below_the_argument(void **state)
{
    static const struct found whole[] = {
        {"t/CloudTrail-Digest/CloudTrail-Insight/b.json", INPUT_DIGEST},
        {"t/CloudTrail-Digest/CloudTrail/a.json", INPUT_DIGEST},
        {"t/CloudTrail/1/2/3/CloudTrail-Insight/4/c.json", INPUT_INSIGHT},
        {"t/CloudTrail/d.json", INPUT_PENDING},
    };
    static const struct found inside[] = {
        {"t/CloudTrail-Digest/CloudTrail-Insight/b.json", INPUT_INSIGHT},
        {"t/CloudTrail-Digest/CloudTrail/a.json", INPUT_PENDING},
    };
    static const struct found slashed[] = {
        {"t/CloudTrail-Digest//CloudTrail-Insight/b.json", INPUT_INSIGHT},
        {"t/CloudTrail-Digest//CloudTrail/a.json", INPUT_PENDING},
    };
    struct walk walk = WALK_INIT;

    (void)state;
    for (size_t i = 0; i < COUNT(whole); i++)
        make_file(whole[i].path);
    add(&walk, "t");
    assert_found(&walk, whole, COUNT(whole));
    add(&walk, "t/CloudTrail-Digest");
    assert_found(&walk, inside, COUNT(inside));
    /* A path is the argument as it was given. */
    add(&walk, "t/CloudTrail-Digest//");
    assert_found(&walk, slashed, COUNT(slashed));
}

/* A named file is read whatever its name; the same in a tree is not. */
static void name_rules_hold_only_for_what_a_walk_finds(void **state)
{
    static const struct found walked[] = {
        {"t/123456789012_CloudTrail-Digest_a.json", INPUT_DIGEST},
        {"t/a.json.gz", INPUT_PENDING},
        {"t/a.json.gz.6b3D09aF", INPUT_IN_TRANSFER},
    };
    struct walk walk = WALK_INIT;

    (void)state;
    for (size_t i = 0; i < COUNT(walked); i++)
        make_file(walked[i].path);
    add(&walk, "t");
    assert_found(&walk, walked, COUNT(walked));
    for (size_t i = 0; i < COUNT(walked); i++) {
        struct found named = {walked[i].path, INPUT_PENDING};

        add(&walk, named.path);
        assert_found(&walk, &named, 1);
    }
}

/* A link can lead out of the tree, in a circle or nowhere: on the way
 * none is followed, and the walk ends. */
static void links_met_on_the_way_are_not_followed(void **state)
{
    static const struct found expected[] = {
        {"t/a.json", INPUT_PENDING},
        {"t/dangling", INPUT_NOT_REGULAR},
        {"t/file", INPUT_NOT_REGULAR},
        {"t/folder", INPUT_NOT_REGULAR},
        {"t/itself", INPUT_NOT_REGULAR},
        {"t/sub/b.json", INPUT_PENDING},
        {"t/sub/parent", INPUT_NOT_REGULAR},
        {"t/x.gz.00000000", INPUT_IN_TRANSFER},
    };
    struct walk walk = WALK_INIT;

    (void)state;
    make_file("t/a.json");
    make_file("t/sub/b.json");
    make_file("outside/c.json");
    assert_int_equal(symlink("nowhere", "t/dangling"), 0);
    assert_int_equal(symlink("a.json", "t/file"), 0);
    assert_int_equal(symlink("../outside", "t/folder"), 0);
    assert_int_equal(symlink("itself", "t/itself"), 0);
    assert_int_equal(symlink("..", "t/sub/parent"), 0);
    assert_int_equal(symlink("a.json", "t/x.gz.00000000"), 0);
    add(&walk, "t");
    assert_found(&walk, expected, COUNT(expected));
}

/* `offbox current` with a link `current` is how people name a dump. */
static void a_link_given_as_argument_is_followed(void **state)
{
    static const struct found folder[] = {{"folder/a.json", INPUT_PENDING}};
    static const struct found file[] = {{"file", INPUT_PENDING}};
    struct walk walk = WALK_INIT;

    (void)state;
    make_file("t/a.json");
    assert_int_equal(symlink("t", "folder"), 0);
    assert_int_equal(symlink("t/a.json", "file"), 0);
    assert_int_equal(symlink("nowhere", "dangling"), 0);
    assert_int_equal(symlink("itself", "itself"), 0);
    add(&walk, "folder");
    assert_found(&walk, folder, COUNT(folder));
    add(&walk, "file");
    assert_int_equal(walk.inputs[0].bytes, 2);
    assert_found(&walk, file, COUNT(file));
    assert_refused("dangling", "dangling", ENOENT);
    assert_refused("itself", "itself", ELOOP);
}

/* Opening a FIFO would wait for a writer forever, opening a device may
 * act on it. In a tree they are passed over; process substitution names
 * them, so named they are to be read. */
static void fifos_sockets_and_devices_are_never_opened(void **state)
{
    static const struct found walked[] = {
        {"t/a.json", INPUT_PENDING},
        {"t/device", INPUT_NOT_REGULAR},
        {"t/fifo", INPUT_NOT_REGULAR},
        {"t/socket", INPUT_NOT_REGULAR},
    };
    static const struct found named[] = {
        {"/dev/null", INPUT_PENDING},
        {"t/fifo", INPUT_PENDING},
        {"t/socket", INPUT_PENDING},
    };
    struct walk walk = WALK_INIT;
    struct stat null;

    (void)state;
    make_file("t/a.json");
    assert_int_equal(mkfifo("t/fifo", 0600), 0);
    make_socket("t/socket");
    /* Making a device takes rights; a second FIFO stands in for it. */
    assert_int_equal(stat("/dev/null", &null), 0);
    if (mknod("t/device", S_IFCHR | 0600, null.st_rdev) < 0)
        assert_int_equal(mkfifo("t/device", 0600), 0);

    (void)alarm(60); /* a walk that opens a FIFO hangs */
    add(&walk, "t");
    assert_found(&walk, walked, COUNT(walked));
    for (size_t i = 0; i < COUNT(named); i++)
        add(&walk, named[i].path);
    for (size_t i = 0; i < walk.count; i++)
        assert_int_equal(walk.inputs[i].bytes, 0);
    assert_found(&walk, named, COUNT(named));
    (void)alarm(0);
}

/* Later stages go by these: the time frame by the delivery, the hand-out
 * to workers by the size. */
static void an_input_knows_its_size_and_delivery(void **state)
{
    struct walk walk = WALK_INIT;
    struct stat st;

    (void)state;
    /* A folder's name tells no delivery. */
    make_file("t/x_20200101T0000Z_/" FILE_NAME);
    make_file("t/x_20200101T0000Z_/plain.json");
    assert_int_equal(stat("t/x_20200101T0000Z_/" FILE_NAME, &st), 0);
    add(&walk, "t");
    walk_finish(&walk);
    assert_int_equal(walk.count, 2);
    assert_int_equal(walk.inputs[0].bytes, 2);
    assert_true(walk.inputs[0].device == st.st_dev);
    assert_true(walk.inputs[0].inode == st.st_ino);
    assert_true(walk.inputs[0].delivery ==
                timestamp_parse(SPAN("2024-02-29T23:55:00Z")));
    assert_true(walk.inputs[1].delivery == TIMESTAMP_UNKNOWN);
    walk_release(&walk);
}

/* --------------------------------------------------------- time frames */

static void set_modified(const char *path, const char *time)
{
    timestamp ticks = timestamp_parse(span_str(time));
    struct timespec both[2] = {{.tv_sec = (time_t)(ticks / TICKS_PER_SECOND)}};

    both[1] = both[0];
    assert_int_equal(utimensat(AT_FDCWD, path, both, 0), 0);
}

static struct timeframe frame_of(const char *from, const char *to)
{
    return (struct timeframe){true, timestamp_parse(span_str(from)),
                              to ? timestamp_parse(span_str(to))
                                 : TIMESTAMP_UNKNOWN};
}

/* A file that is not opened because of a time read wrongly is a theft not
 * seen. FILE_NAME was delivered at 2024-02-29T23:55Z. */
static void files_outside_the_time_frame_are_passed_over(void **state)
{
    static const struct {
        const char *from, *to;
        enum input_status by_name, by_time;
    } rows[] = {
        {"2024-02-29T23:55:00Z", NULL, INPUT_PENDING, INPUT_PENDING},
        {"2024-02-29T23:55:00.0000001Z", NULL, INPUT_OUTSIDE_TIMEFRAME,
         INPUT_PENDING},
        {"2024-03-01T12:00:00Z", NULL, INPUT_OUTSIDE_TIMEFRAME, INPUT_PENDING},
        {"2024-03-01T12:00:00.0000001Z", NULL, INPUT_OUTSIDE_TIMEFRAME,
         INPUT_OUTSIDE_TIMEFRAME},
        {"2024-02-29T00:00:00Z", "2024-02-29T23:54:59Z",
         INPUT_OUTSIDE_TIMEFRAME, INPUT_OUTSIDE_TIMEFRAME},
        {"2024-02-29T00:00:00Z", "2024-02-29T23:55:00Z", INPUT_PENDING,
         INPUT_OUTSIDE_TIMEFRAME},
        {"2024-02-29T00:00:00Z", "2024-03-01T12:00:00Z", INPUT_PENDING,
         INPUT_PENDING},
    };

    (void)state;
    make_file("t/" FILE_NAME);
    make_file("t/plain.json");
    make_file("t/CloudTrail-Digest/old.json");
    set_modified("t/" FILE_NAME, "2030-01-01T00:00:00Z"); /* the name says */
    set_modified("t/plain.json", "2024-03-01T12:00:00Z");
    set_modified("t/CloudTrail-Digest/old.json", "2000-01-01T00:00:00Z");
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct timeframe frame = frame_of(rows[i].from, rows[i].to);
        const struct found expected[] = {
            {"t/" FILE_NAME, rows[i].by_name},
            {"t/CloudTrail-Digest/old.json", INPUT_DIGEST},
            {"t/plain.json", rows[i].by_time},
        };
        struct walk walk = WALK_INIT;

        add(&walk, "t");
        walk_keep_delivered(&walk, &frame);
        assert_found(&walk, expected, COUNT(expected));
        /* Named, a file is asked for its time all the same. */
        add(&walk, "t/" FILE_NAME);
        walk_keep_delivered(&walk, &frame);
        assert_found(&walk, expected, 1);
    }
}

static void without_a_time_frame_all_files_are_inside(void **state)
{
    static const struct timeframe none = {0};
    static const struct found expected[] = {{"t/plain.json", INPUT_PENDING}};
    struct walk walk = WALK_INIT;

    (void)state;
    make_file("t/plain.json");
    set_modified("t/plain.json", "1970-01-01T00:00:00Z");
    add(&walk, "t");
    walk_keep_delivered(&walk, &none);
    assert_found(&walk, expected, 1);
}

/* The times of a pipe and a device say nothing of the bytes in them. */
static void streams_are_always_inside(void **state)
{
    struct timeframe frame =
        frame_of("1990-01-01T00:00:00Z", "1990-01-01T00:00:01Z");
    static const struct found expected[] = {
        {"/dev/null", INPUT_PENDING},
        {"t/pipe_20240229T2355Z_x.json", INPUT_PENDING},
    };
    struct walk walk = WALK_INIT;

    (void)state;
    make_folders_above("t/pipe");
    assert_int_equal(mkfifo("t/pipe_20240229T2355Z_x.json", 0600), 0);
    add(&walk, "t/pipe_20240229T2355Z_x.json");
    add(&walk, "/dev/null");
    walk_keep_delivered(&walk, &frame);
    assert_found(&walk, expected, 2);
}

/* Of two names of a file the one inside stays to be read. */
static void a_file_is_inside_if_one_of_its_names_is(void **state)
{
    struct timeframe frame = frame_of("2024-02-29T00:00:00Z", NULL);
    static const struct found expected[] = {
        {"t/0_20230101T0000Z_x.json", INPUT_SAME_FILE},
        {"t/" FILE_NAME, INPUT_PENDING},
    };
    struct walk walk = WALK_INIT;

    (void)state;
    make_file("t/" FILE_NAME);
    assert_int_equal(link("t/" FILE_NAME, "t/0_20230101T0000Z_x.json"), 0);
    add(&walk, "t");
    walk_keep_delivered(&walk, &frame);
    assert_found(&walk, expected, 2);
}

/* ------------------------------------------------------------ same files */

/* A file read twice would count its events twice with --keep-duplicates,
 * and its bytes always. Of the mentions the one to be read must stay. */
static void a_file_mentioned_twice_is_read_once(void **state)
{
    static const struct {
        const char *arguments[4];
        struct found expected[6];
    } cases[] = {
        {{"t/a.json", "t/a.json"},
         {{"t/a.json", INPUT_PENDING}, {"t/a.json", INPUT_SAME_FILE}}},
        {{"t/a.json", "./t/a.json"},
         {{"./t/a.json", INPUT_PENDING}, {"t/a.json", INPUT_SAME_FILE}}},
        {{"t/a.json", "link"},
         {{"link", INPUT_PENDING}, {"t/a.json", INPUT_SAME_FILE}}},
        {{"t", "t/sub", "t/sub/b.json"},
         {{"t/a.json", INPUT_PENDING},
          {"t/sub/b.json", INPUT_PENDING},
          {"t/sub/b.json", INPUT_SAME_FILE},
          {"t/sub/b.json", INPUT_SAME_FILE}}},
        {{"hard"},
         {{"hard/1.json", INPUT_PENDING},
          {"hard/2.json", INPUT_SAME_FILE},
          {"hard/3.json.00000000", INPUT_SAME_FILE}}},
        /* The first by path is passed over: the second must stay. */
        {{"rule"},
         {{"rule/CloudTrail-Digest/c.json", INPUT_SAME_FILE},
          {"rule/c.json", INPUT_PENDING}}},
        /* A path that is walked and named is to be read. */
        {{"skip", "skip/CloudTrail-Digest/d.json"},
         {{"skip/CloudTrail-Digest/d.json", INPUT_PENDING},
          {"skip/CloudTrail-Digest/d.json", INPUT_SAME_FILE}}},
        /* Naming a tree twice doubles no count of what it holds. */
        {{"skip", "skip"},
         {{"skip/CloudTrail-Digest/d.json", INPUT_DIGEST},
          {"skip/CloudTrail-Digest/d.json", INPUT_SAME_FILE}}},
        {{"/dev/null", "/dev/null"},
         {{"/dev/null", INPUT_PENDING}, {"/dev/null", INPUT_SAME_FILE}}},
    };

    (void)state;
    make_file("t/a.json");
    make_file("t/sub/b.json");
    make_file("hard/2.json");
    make_file("rule/CloudTrail-Digest/c.json");
    make_file("skip/CloudTrail-Digest/d.json");
    assert_int_equal(symlink("t/a.json", "link"), 0);
    assert_int_equal(link("hard/2.json", "hard/1.json"), 0);
    assert_int_equal(link("hard/2.json", "hard/3.json.00000000"), 0);
    assert_int_equal(link("rule/CloudTrail-Digest/c.json", "rule/c.json"), 0);

    for (size_t i = 0; i < COUNT(cases); i++) {
        /* In the given order and backwards: the same list. */
        for (int backwards = 0; backwards < 2; backwards++) {
            struct walk walk = WALK_INIT;
            size_t arguments = 0, count = 0;

            while (cases[i].arguments[arguments])
                arguments++;
            while (cases[i].expected[count].path)
                count++;
            for (size_t k = 0; k < arguments; k++)
                add(&walk,
                    cases[i].arguments[backwards ? arguments - 1 - k : k]);
            assert_found(&walk, cases[i].expected, count);
        }
    }
}

static void walk_with_stdin(struct walk *walk, int fd, const char *const *paths,
                            size_t count)
{
    int kept = dup(STDIN_FILENO);

    assert_true(dup2(fd, STDIN_FILENO) == STDIN_FILENO);
    for (size_t i = 0; i < count; i++)
        add(walk, paths[i]);
    if (kept >= 0) {
        assert_true(dup2(kept, STDIN_FILENO) == STDIN_FILENO);
        assert_int_equal(close(kept), 0);
    } else {
        assert_int_equal(close(STDIN_FILENO), 0);
    }
}

/* `offbox f - < f` reads f once, and so does `offbox - -`. */
static void standard_input_is_a_file_like_others(void **state)
{
    static const char *const file_twice[] = {"f.json", "-"};
    static const char *const twice[] = {"-", "-", "f.json"};
    static const struct found same[] = {
        {"-", INPUT_PENDING},
        {"f.json", INPUT_SAME_FILE},
    };
    static const struct found piped[] = {
        {"-", INPUT_PENDING},
        {"-", INPUT_SAME_FILE},
        {"f.json", INPUT_PENDING},
    };
    struct walk walk = WALK_INIT;
    int ends[2];
    int fd;

    (void)state;
    make_file("f.json");
    fd = open("f.json", O_RDONLY);
    assert_true(fd >= 0);
    walk_with_stdin(&walk, fd, file_twice, COUNT(file_twice));
    assert_false(walk.inputs[0].is_stdin);
    assert_true(walk.inputs[1].is_stdin);
    assert_int_equal(walk.inputs[1].bytes, 2);
    assert_found(&walk, same, COUNT(same));
    assert_int_equal(close(fd), 0);

    assert_int_equal(pipe(ends), 0);
    walk_with_stdin(&walk, ends[0], twice, COUNT(twice));
    assert_int_equal(walk.inputs[0].bytes, 0);
    assert_found(&walk, piped, COUNT(piped));
    assert_int_equal(close(ends[0]) | close(ends[1]), 0);
}

/* A file called "-" is reached as "./-", and as one of a tree it is no
 * standard input. */
static void a_file_called_dash_is_a_file(void **state)
{
    static const struct found expected[] = {{"./-", INPUT_PENDING}};
    struct walk walk = WALK_INIT;

    (void)state;
    make_file("./-");
    add(&walk, "./-");
    assert_false(walk.inputs[0].is_stdin);
    assert_found(&walk, expected, COUNT(expected));
    add(&walk, ".");
    assert_false(walk.inputs[0].is_stdin);
    assert_found(&walk, expected, COUNT(expected));
}

/* --------------------------------------------------------- what is refused */

/* A closed folder hides what may have been logs: it is told, and what lies
 * beside it is read all the same. */
static void closed_folders_are_told_and_the_walk_goes_on(void **state)
{
    static const struct found expected[] = {
        {"t/a.json", INPUT_PENDING},
        {"t/closed", INPUT_UNREADABLE},
        {"t/listed/c.json", INPUT_UNREADABLE},
        {"t/open/d.json", INPUT_PENDING},
    };
    struct walk walk = WALK_INIT;

    (void)state;
    if (geteuid() == 0) {
        print_message("the superuser may open every folder: skipped\n");
        skip();
    }
    make_file("t/a.json");
    make_file("t/closed/b.json");
    make_file("t/listed/c.json");
    make_file("t/open/d.json");
    assert_int_equal(chmod("t/closed", 0), 0);
    assert_int_equal(chmod("t/listed", 0400), 0); /* names, but no more */
    add(&walk, "t");
    assert_refused("t/closed/b.json", "t/closed/b.json", EACCES);
    assert_int_equal(chmod("t/closed", 0700) | chmod("t/listed", 0700), 0);
    walk_finish(&walk);
    assert_span_equal(walk.inputs[1].why, span_str(strerror(EACCES)));
    assert_span_equal(walk.inputs[2].why, span_str(strerror(EACCES)));
    assert_found(&walk, expected, COUNT(expected));
}

/* The same without asking who runs the test: the system refuses for want
 * of descriptors. */
static void refused_folders_are_told_and_the_walk_goes_on(void **state)
{
    static const struct found all[] = {{"t", INPUT_UNREADABLE}};
    static const struct found inner[] = {
        {"t/a", INPUT_UNREADABLE},
        {"t/b", INPUT_UNREADABLE},
        {"t/c.json", INPUT_PENDING},
    };
    struct walk walk = WALK_INIT;
    struct rlimit old;
    int next = next_descriptor();

    (void)state;
    make_file("t/a/x/1.json");
    make_file("t/b/2.json");
    make_file("t/c.json");

    old = limit_descriptors(next);
    add(&walk, "t");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_span_equal(walk.inputs[0].why, span_str(strerror(EMFILE)));
    assert_found(&walk, all, COUNT(all));

    old = limit_descriptors(next + 1);
    add(&walk, "t");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_found(&walk, inner, COUNT(inner));
}

/* An unreadable folder is one gap, however often it is named. */
static void a_refused_folder_named_twice_is_told_once(void **state)
{
    static const struct found expected[] = {
        {"./t", INPUT_UNREADABLE},
        {"t", INPUT_SAME_FILE},
    };
    struct walk walk = WALK_INIT;
    struct rlimit old;

    (void)state;
    make_file("t/a.json");
    old = limit_descriptors(next_descriptor());
    add(&walk, "t");
    add(&walk, "./t");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_found(&walk, expected, COUNT(expected));
}

/* A wrong argument ends the run before any work, so its message is all
 * the user sees; and a name must not write to his terminal. */
static void a_missing_argument_is_an_error_that_names_it(void **state)
{
    struct walk walk = WALK_INIT;
    struct err err = ERR_NONE;

    (void)state;
    make_file("f");
    assert_refused("x", "x", ENOENT);
    assert_refused("", "", ENOENT);
    assert_refused("f/x", "f/x", ENOTDIR);
    assert_refused("a\nb\x1b[2J", "a\\nb\\x1b[2J", ENOENT);
    assert_refused("\xff", "\\xff", ENOENT);
    assert_int_equal(walk_add(&walk, SPAN("f\0g"), false, &err), -1);
    assert_string_equal(err.text,
                        "cannot read 'f\\x00g': the name holds a NUL byte");
    walk_release(&walk);
}

/* The cause comes last, so a long name must not push it out. */
static void a_long_name_leaves_room_for_the_cause(void **state)
{
    static const int causes[] = {ENOENT, ENAMETOOLONG};
    struct buf path = BUF_INIT;

    (void)state;
    for (size_t i = 0; i < COUNT(causes); i++) {
        struct walk walk = WALK_INIT;
        struct err err = ERR_NONE;
        char end[128];

        /* Parts of a hundred bytes; or one that no file system takes. */
        repeated(&path, 'n', 20000);
        for (size_t at = 99; i == 0 && at < path.len - 1; at += 100)
            path.ptr[at] = '/';
        assert_int_equal(walk_add(&walk, buf_span(&path), false, &err), -1);
        (void)snprintf(end, sizeof(end), "nnn': %s", strerror(causes[i]));
        assert_true(strlen(err.text) > strlen(end));
        assert_string_equal(err.text + strlen(err.text) - strlen(end), end);
        walk_release(&walk);
    }
    buf_release(&path);
}

/* ------------------------------------------------------------- any names */

/* Whoever can write into the bucket chooses names. None ends early, none
 * is dropped, and all are kept as they are. */
static void names_may_hold_any_byte(void **state)
{
    static const struct found expected[] = {
        {"t/\x01", INPUT_PENDING},       {"t/\n", INPUT_PENDING},
        {"t/\x1b[31m", INPUT_PENDING},   {"t/ ", INPUT_PENDING},
        {"t/'", INPUT_PENDING},          {"t/-", INPUT_PENDING},
        {"t/--help", INPUT_PENDING},     {"t/...", INPUT_PENDING},
        {"t/..a/..b", INPUT_PENDING},    {"t/.hidden", INPUT_PENDING},
        {"t/\\n", INPUT_PENDING},        {"t/a\n/b\r", INPUT_PENDING},
        {"t/\xc0\x80", INPUT_PENDING},   {"t/\xc3\xa4", INPUT_PENDING},
        {"t/\xff\xfe/x", INPUT_PENDING},
    };
    struct walk walk = WALK_INIT;

    (void)state;
    for (size_t i = 0; i < COUNT(expected); i++)
        make_file(expected[i].path);
    add(&walk, "t");
    assert_found(&walk, expected, COUNT(expected));
}

/* The order that the file system gives names in differs from machine to
 * machine; the report must not. By bytes, so that '-' and '.' come before
 * the '/' of a folder, and no locale has a say. */
static void order_is_by_bytes_of_the_path(void **state)
{
    static const char *const names[] = {
        "B", "a", "a!", "a-/z", "a.json", "a0", "ab/c", "b", "\xc3\xa4",
    };
    struct walk walk = WALK_INIT;
    char path[64];

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        (void)snprintf(path, sizeof(path), "up/%s", names[i]);
        make_file(path);
        (void)snprintf(path, sizeof(path), "down/%s",
                       names[COUNT(names) - 1 - i]);
        make_file(path);
        (void)snprintf(path, sizeof(path), "mixed/%s",
                       names[i * 4 % COUNT(names)]);
        make_file(path);
    }
    add(&walk, "up");
    add(&walk, "mixed");
    add(&walk, "down");
    walk_finish(&walk);
    assert_int_equal(walk.count, 3 * COUNT(names));
    for (size_t i = 0; i < walk.count; i++) {
        static const char *const folders[] = {"down", "mixed", "up"};

        (void)snprintf(path, sizeof(path), "%s/%s", folders[i / COUNT(names)],
                       names[i % COUNT(names)]);
        assert_span_equal(walk.inputs[i].path, span_str(path));
    }
    walk_release(&walk);
}

/* ------------------------------------------------------------- any depth */

/* Makes `levels` folders called `name` one in another below the current
 * one, a file `f` in each `every`-th and in the last; `path` gets what
 * leads to the last file. */
static void make_deep(size_t levels, const char *name, size_t every,
                      struct buf *path)
{
    int fd = open(".", O_RDONLY | O_DIRECTORY);

    buf_clear(path);
    for (size_t level = 1; level <= levels; level++) {
        int next, file;

        assert_int_equal(mkdirat(fd, name, 0700), 0);
        next = openat(fd, name, O_RDONLY | O_DIRECTORY);
        assert_true(next >= 0);
        assert_int_equal(close(fd), 0);
        fd = next;
        buf_printf(path, "%s/", name);
        if (level % every != 0 && level != levels)
            continue;
        file = openat(fd, "f", O_WRONLY | O_CREAT, 0600);
        assert_true(file >= 0);
        assert_int_equal(sys_write(file, "deep", 4), 0);
        assert_int_equal(close(file), 0);
    }
    buf_add_char(path, 'f');
    assert_non_null(buf_str(path));
    assert_int_equal(close(fd), 0);
}

/* PATH_MAX is a limit of one call, not of a tree: rsync and tar make what
 * is deeper, and a log hidden there is still a log. */
static void trees_of_any_depth_are_walked(void **state)
{
    static const size_t depths[] = {1000, 3000};

    (void)state;
    for (size_t i = 0; i < COUNT(depths); i++) {
        struct walk walk = WALK_INIT;
        struct buf name = BUF_INIT, path = BUF_INIT;
        struct rlimit old = limit_descriptors(FEW_DESCRIPTORS);
        int next = next_descriptor();
        char text[8];
        int fd;

        repeated(&name, (char)('a' + i), 200);
        make_deep(depths[i], name.ptr, depths[i] / 2, &path);
        add(&walk, name.ptr);
        assert_int_equal(next_descriptor(), next);
        assert_int_equal(walk.count, 2);
        add(&walk, path.ptr); /* as an argument it is as long */
        walk_finish(&walk);
        assert_int_equal(walk.count, 3);
        assert_int_equal(walk.inputs[0].path.len, path.len);
        assert_span_equal(walk.inputs[0].path, buf_span(&path));
        assert_int_equal(walk.inputs[0].status, INPUT_PENDING);
        assert_int_equal(walk.inputs[1].status, INPUT_SAME_FILE);
        assert_int_equal(walk.inputs[2].path.len, (path.len - 1) / 2 + 1);

        fd = sys_open_read(walk.inputs[0].path.ptr, 0);
        assert_true(fd >= 0);
        assert_int_equal(sys_read(fd, text, sizeof(text)), 4);
        assert_int_equal(close(fd), 0);

        /* A folder in the depth as the argument, ending in slashes. */
        walk_release(&walk);
        path.ptr[path.len - 1] = '/';
        add(&walk, path.ptr);
        assert_int_equal(walk.count, 1);
        assert_int_equal(walk.inputs[0].status, INPUT_PENDING);
        assert_int_equal(walk.inputs[0].path.len, path.len + 1);

        assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
        walk_release(&walk);
        buf_release(&name);
        buf_release(&path);
    }
}

/* Folders beside the way down are visited when their parents are long
 * closed, from the end of the list or from its start. */
static void a_deep_tree_with_branches_is_walked_whole(void **state)
{
    enum {
        LEVELS = 300
    };
    static const char *const branches[] = {"b1", "z1"};
    int fd = open(".", O_RDONLY | O_DIRECTORY);
    struct rlimit old = limit_descriptors(FEW_DESCRIPTORS);
    struct walk walk = WALK_INIT;

    (void)state;
    for (size_t level = 0; level < LEVELS; level++) {
        int next;

        for (size_t i = 0; i < COUNT(branches); i++) {
            int branch, file;

            assert_int_equal(mkdirat(fd, branches[i], 0700), 0);
            branch = openat(fd, branches[i], O_RDONLY | O_DIRECTORY);
            file = openat(branch, "f", O_WRONLY | O_CREAT, 0600);
            assert_int_equal(close(branch) | close(file), 0);
        }
        assert_int_equal(mkdirat(fd, "the-way-down-the-tree", 0700), 0);
        next = openat(fd, "the-way-down-the-tree", O_RDONLY | O_DIRECTORY);
        assert_true(next >= 0);
        assert_int_equal(close(fd), 0);
        fd = next;
    }
    assert_int_equal(close(fd), 0);

    add(&walk, ".");
    walk_finish(&walk);
    assert_int_equal(walk.count, LEVELS * COUNT(branches));
    for (size_t i = 0; i < walk.count; i++)
        assert_int_equal(walk.inputs[i].status, INPUT_PENDING);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    walk_release(&walk);
}

/* ------------------------------------------------------------------ lists */

static void add_list(struct walk *walk, struct span text, bool nul)
{
    struct err err = ERR_NONE;
    int fd = open("list", O_RDWR | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(sys_write(fd, text.ptr, text.len), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    if (walk_add_list(walk, fd, "list", nul, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(close(fd), 0);
}

/* A list is what `find` printed some time ago: folders and files, some of
 * them gone. */
static void lists_name_paths_one_a_line(void **state)
{
    static const struct {
        struct span text;
        bool nul;
        struct found expected[4];
    } cases[] = {
        {{"", 0}, false, {{NULL, INPUT_PENDING}}},
        {{"\n\n", 2}, false, {{NULL, INPUT_PENDING}}},
        {{"a\nt\n", 4},
         false,
         {{"a", INPUT_PENDING},
          {"t/b.json", INPUT_PENDING},
          {"t/b.json.00000000", INPUT_IN_TRANSFER}}},
        {{"a", 1}, false, {{"a", INPUT_PENDING}}},
        {{"\n\na\n\n", 5}, false, {{"a", INPUT_PENDING}}},
        {{"t/b.json.00000000", 17},
         false,
         {{"t/b.json.00000000", INPUT_PENDING}}},
        {{"a\ngone\n", 7},
         false,
         {{"a", INPUT_PENDING}, {"gone", INPUT_UNREADABLE}}},
        /* A name may end so: nothing is trimmed. */
        {{"a\r\n", 3}, false, {{"a\r", INPUT_UNREADABLE}}},
        {{" a \n", 4}, false, {{" a ", INPUT_UNREADABLE}}},
        {{"a\0n\nl\0", 6},
         true,
         {{"a", INPUT_PENDING}, {"n\nl", INPUT_PENDING}}},
        {{"\0\0a", 3}, true, {{"a", INPUT_PENDING}}},
        {{"a\n\0", 3}, true, {{"a\n", INPUT_UNREADABLE}}},
    };

    (void)state;
    make_file("a");
    make_file("n\nl");
    make_file("t/b.json");
    make_file("t/b.json.00000000");
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct walk walk = WALK_INIT;
        size_t count = 0;

        while (cases[i].expected[count].path)
            count++;
        add_list(&walk, cases[i].text, cases[i].nul);
        assert_found(&walk, cases[i].expected, count);
    }
}

/* Without -0 a NUL-separated list is one name with NULs in it. It must not
 * pass as its first part, as C strings would have it. */
static void a_listed_name_with_a_nul_is_unreadable(void **state)
{
    struct walk walk = WALK_INIT;

    (void)state;
    make_file("a");
    make_file("b");
    add_list(&walk, SPAN("a\0b\0"), false);
    assert_int_equal(walk.count, 1);
    assert_int_equal(walk.inputs[0].status, INPUT_UNREADABLE);
    assert_span_equal(walk.inputs[0].path, SPAN("a\0b\0"));
    assert_span_equal(walk.inputs[0].why, SPAN("the name holds a NUL byte"));
    walk_release(&walk);
}

/* Why a listed path is not read is told where the path is. */
static void a_missing_listed_path_has_its_cause(void **state)
{
    struct walk walk = WALK_INIT;

    (void)state;
    add_list(&walk, SPAN("gone_20240229T2355Z_x\n"), false);
    assert_int_equal(walk.count, 1);
    assert_span_equal(walk.inputs[0].why, span_str(strerror(ENOENT)));
    assert_int_equal(walk.inputs[0].inode, 0);
    walk_release(&walk);
}

/* Two paths of which nothing is known are not the same file. */
static void missing_paths_are_not_one_file(void **state)
{
    static const struct found expected[] = {
        {"x", INPUT_UNREADABLE},
        {"y", INPUT_UNREADABLE},
    };
    struct walk walk = WALK_INIT;

    (void)state;
    add_list(&walk, SPAN("x\ny\n"), false);
    assert_found(&walk, expected, COUNT(expected));
}

/* The list is read in pieces, and a pipe gives pieces of its own. */
static void a_list_may_be_cut_anywhere(void **state)
{
    enum {
        LINES = 20000
    };
    struct walk walk = WALK_INIT;
    struct buf text = BUF_INIT;

    (void)state;
    for (int i = 0; i < LINES; i++)
        buf_printf(&text, "missing-%0*d\n", 1 + i % 97, i);
    add_list(&walk, buf_span(&text), false);
    assert_int_equal(walk.count, LINES);
    for (int i = 0; i < LINES; i++) {
        char line[128];

        (void)snprintf(line, sizeof(line), "missing-%0*d", 1 + i % 97, i);
        assert_span_equal(walk.inputs[i].path, span_str(line));
    }
    buf_release(&text);
    walk_release(&walk);
}

static void a_list_that_cannot_be_read_is_an_error(void **state)
{
    struct walk walk = WALK_INIT;
    struct err err = ERR_NONE;
    char text[ERR_MAX_BYTES];
    int fd = open(".", O_RDONLY);

    (void)state;
    (void)snprintf(text, sizeof(text), "cannot read 'li\\nst': %s",
                   strerror(EISDIR));
    assert_int_equal(walk_add_list(&walk, fd, "li\nst", false, &err), -1);
    assert_string_equal(err.text, text);
    assert_int_equal(close(fd), 0);
    walk_release(&walk);
}

/* What was never filled is safe to finish and to release, twice too. */
static void an_empty_walk_is_no_trouble(void **state)
{
    struct walk walk = WALK_INIT;

    (void)state;
    walk_finish(&walk);
    assert_int_equal(walk.count, 0);
    walk_release(&walk);
    walk_release(&walk);
    walk_release(NULL);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_have_their_verdict),
        IN_PLACE(sibling_folders_count_only_below_the_argument),
        IN_PLACE(name_rules_hold_only_for_what_a_walk_finds),
        IN_PLACE(links_met_on_the_way_are_not_followed),
        IN_PLACE(a_link_given_as_argument_is_followed),
        IN_PLACE(fifos_sockets_and_devices_are_never_opened),
        IN_PLACE(an_input_knows_its_size_and_delivery),
        IN_PLACE(files_outside_the_time_frame_are_passed_over),
        IN_PLACE(without_a_time_frame_all_files_are_inside),
        IN_PLACE(streams_are_always_inside),
        IN_PLACE(a_file_is_inside_if_one_of_its_names_is),
        IN_PLACE(a_file_mentioned_twice_is_read_once),
        IN_PLACE(standard_input_is_a_file_like_others),
        IN_PLACE(a_file_called_dash_is_a_file),
        IN_PLACE(closed_folders_are_told_and_the_walk_goes_on),
        IN_PLACE(refused_folders_are_told_and_the_walk_goes_on),
        IN_PLACE(a_refused_folder_named_twice_is_told_once),
        IN_PLACE(a_missing_argument_is_an_error_that_names_it),
        IN_PLACE(a_long_name_leaves_room_for_the_cause),
        IN_PLACE(names_may_hold_any_byte),
        IN_PLACE(order_is_by_bytes_of_the_path),
        IN_PLACE(trees_of_any_depth_are_walked),
        IN_PLACE(a_deep_tree_with_branches_is_walked_whole),
        IN_PLACE(lists_name_paths_one_a_line),
        IN_PLACE(a_listed_name_with_a_nul_is_unreadable),
        IN_PLACE(a_missing_listed_path_has_its_cause),
        IN_PLACE(missing_paths_are_not_one_file),
        IN_PLACE(a_list_may_be_cut_anywhere),
        IN_PLACE(a_list_that_cannot_be_read_is_an_error),
        cmocka_unit_test(an_empty_walk_is_no_trouble),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
