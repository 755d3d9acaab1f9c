/* Read line by line, kept as text, replaced whole: see history.h. */
#include "state/history.h"

#include "base/atomic_file.h"
#include "base/cjson_object.h"
#include "base/json_writer.h"
#include "base/quote.h"
#include "base/sys.h"
#include "event/json_text.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define READ_BYTES ((size_t)64 * 1024)

/* What is read of an entry. */
enum member {
    MEMBER_ALERTED_AT,
    MEMBER_RULE_ID,
    MEMBER_DEDUP_FIELDS,
    MEMBER_DEDUP_ENTITY,
    MEMBER_COUNT,
};

static const char *const member_names[MEMBER_COUNT] = {
    [MEMBER_ALERTED_AT] = "AlertedAt",
    [MEMBER_RULE_ID] = "RuleId",
    [MEMBER_DEDUP_FIELDS] = "DedupFields",
    [MEMBER_DEDUP_ENTITY] = "DedupEntity",
};

/* What all lines are read with. */
struct reading {
    struct history *history;
    struct buf repaired; /* the line, as cJSON can read it */
    struct buf fields;   /* the names of this run's dedup fields */
};

/* A directory, a FIFO or a device is no file that can be replaced. */
static int read_file(int fd, struct buf *text, struct err *err)
{
    struct stat st;
    ssize_t got;

    if (sys_fstat(fd, &st) < 0) {
        err_set_errno(err, "cannot read it");
        return -1;
    }
    if (!S_ISREG(st.st_mode)) {
        err_set(err, "it is no regular file");
        return -1;
    }
    do {
        char *into = buf_reserve(text, READ_BYTES);

        if (!into)
            return err_memory(err);
        got = sys_read(fd, into, READ_BYTES);
        if (got < 0) {
            err_set_errno(err, "cannot read it");
            return -1;
        }
        text->len += (size_t)got;
    } while (got > 0);
    return 0;
}

/* Rules do not silence each other: what is known is an entity of a rule. */
static void add_known(struct buf *known, struct span rule_id,
                      struct span entity)
{
    buf_add(known, rule_id);
    buf_add_char(known, '\n');
    buf_add(known, entity);
}

/* An entry that counts; those of rules that are not ours are never found. */
static int enter(struct history *history, struct span rule_id,
                 struct span entity)
{
    struct buf known = BUF_INIT;
    int ret = -1;

    add_known(&known, rule_id, entity);
    if (!known.failed &&
        strings_intern(&history->entities, buf_span(&known)) != STRINGS_FAILED)
        ret = 0;
    buf_release(&known);
    return ret;
}

/* Does an entry with these members count, and does its line stay? */
static int judge(struct reading *reading, struct span line,
                 const struct span member[MEMBER_COUNT], struct err *err)
{
    struct history *history = reading->history;
    const struct history_options *options = &history->options;
    timestamp alerted = timestamp_parse(member[MEMBER_ALERTED_AT]);

    if (alerted == TIMESTAMP_UNKNOWN) {
        err_set(err, "its AlertedAt is no time");
        return -1;
    }
    if (options->now - alerted > options->ttl) {
        history->expired++;
        return 0;
    }
    buf_add(&history->kept, line);
    buf_add_char(&history->kept, '\n');
    if (history->kept.failed)
        return err_memory(err);
    if (alerted - options->now > options->ttl) {
        history->ahead++;
        return 0;
    }
    if (!span_eq(member[MEMBER_DEDUP_FIELDS], buf_span(&reading->fields)))
        return 0;
    return enter(history, member[MEMBER_RULE_ID], member[MEMBER_DEDUP_ENTITY]) <
                   0
               ? err_memory(err)
               : 0;
}

static int take_entry(struct reading *reading, struct span line,
                      const cJSON *entry, struct err *err)
{
    struct span member[MEMBER_COUNT];

    for (int i = 0; i < MEMBER_COUNT; i++) {
        const cJSON *item =
            cJSON_GetObjectItemCaseSensitive(entry, member_names[i]);

        if (!cJSON_IsString(item)) {
            err_set(err, "it has no text %s", member_names[i]);
            return -1;
        }
        member[i] = span_str(item->valuestring);
    }
    return judge(reading, line, member, err);
}

static int take_line(struct reading *reading, struct span line, struct err *err)
{
    bool memory_is_out;
    cJSON *entry;
    int ret;

    if (json_text_repair(line, &reading->repaired, err) < 0)
        return -1;
    entry = cjson_object(buf_span(&reading->repaired), &memory_is_out);
    if (!entry && memory_is_out)
        return err_memory(err);
    if (!entry) {
        err_set(err, "it is no JSON object");
        return -1;
    }
    ret = take_entry(reading, line, entry, err);
    cJSON_Delete(entry);
    return ret;
}

static bool is_blank(struct span line)
{
    for (size_t i = 0; i < line.len; i++)
        if (!memchr(" \t\r", line.ptr[i], 3))
            return false;
    return true;
}

static int take_lines(struct reading *reading, struct err *err)
{
    struct span rest = buf_span(&reading->history->text);

    for (size_t number = 1; rest.len > 0; number++) {
        const char *end = memchr(rest.ptr, '\n', rest.len);
        struct span line =
            span_of(rest.ptr, end ? (size_t)(end - rest.ptr) : rest.len);
        size_t taken = line.len + (end != NULL);

        if (!is_blank(line) && take_line(reading, line, err) < 0) {
            err_prefix(err, "line %zu", number);
            return -1;
        }
        rest = span_of(rest.ptr + taken, rest.len - taken);
    }
    return 0;
}

static int load(struct history *history, struct err *err)
{
    struct reading reading = {.history = history};
    int fd = sys_open_read(history->target, O_NONBLOCK);
    int ret;

    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0) {
        err_set_errno(err, "cannot read it");
        return -1;
    }
    ret = read_file(fd, &history->text, err);
    (void)sys_close(fd);
    if (ret < 0)
        return -1;
    cjson_object_prepare();
    dedup_fields_names(&reading.fields, history->options.fields);
    ret = reading.fields.failed ? err_memory(err) : take_lines(&reading, err);
    buf_release(&reading.repaired);
    buf_release(&reading.fields);
    buf_release(&history->text); /* what stays is in `kept` */
    return ret;
}

int history_open(struct history *history, const struct history_options *options,
                 struct err *err)
{
    struct quoted quoted;
    int ret = -1;

    *history = HISTORY_INIT;
    history->options = *options;
    strings_init(&history->entities);
    history->target = atomic_file_target(options->path, err);
    if (history->target && lock_take(&history->lock, history->target,
                                     options->lock_wait, err) == 0)
        ret = load(history, err);
    if (ret < 0)
        err_prefix(err, "cannot use the history '%s'",
                   quote(&quoted, span_str(options->path)));
    return ret;
}

int history_knows(const struct history *history, const struct alert *alert,
                  struct err *err)
{
    struct buf entity = BUF_INIT, key = BUF_INIT;
    int known;

    dedup_entity(&entity, history->options.fields, alert);
    add_known(&key, alert_rule_id(alert), buf_span(&entity));
    known = strings_find(&history->entities, buf_span(&key)) != STRINGS_FAILED;
    if (entity.failed || key.failed)
        known = err_memory(err);
    buf_release(&key);
    buf_release(&entity);
    return known;
}

int history_add(struct history *history, const struct alert *alert,
                struct err *err)
{
    const struct history_options *options = &history->options;
    struct buf fields = BUF_INIT, entity = BUF_INIT;
    struct json_writer json;
    struct out out;

    dedup_fields_names(&fields, options->fields);
    dedup_entity(&entity, options->fields, alert);
    out_init(&out, -1);
    json_init(&json, &out, false);
    json_object(&json);
    json_member_time(&json, member_names[MEMBER_ALERTED_AT], options->now);
    json_member_string(&json, member_names[MEMBER_RULE_ID],
                       alert_rule_id(alert));
    json_member_string(&json, member_names[MEMBER_DEDUP_FIELDS],
                       buf_span(&fields));
    json_member_string(&json, member_names[MEMBER_DEDUP_ENTITY],
                       span_of(entity.ptr ? entity.ptr : "", entity.len));
    json_member_string(&json, "InstanceId", alert->instance_id);
    json_member_ip(&json, "SourceIpAddress",
                   alert->ip_count ? alert->ips[alert->suspect].address
                                   : IP_ABSENT);
    json_member_time(&json, "TimeGenerated", alert->time);
    json_object_end(&json);
    out_str(&out, "\n");
    buf_add(&history->added, buf_span(&out.pending));
    if (fields.failed || entity.failed || out_flush(&out, NULL) < 0)
        history->added.failed = true;
    out_release(&out);
    buf_release(&entity);
    buf_release(&fields);
    if (history->added.failed)
        return err_memory(err);
    history->added_count++;
    return 0;
}

int history_sift(struct history *history, struct alert_list *alerts,
                 bool keep_shown, struct err *err)
{
    size_t kept = 0;

    for (size_t i = 0; i < alerts->count; i++) {
        struct alert alert = alerts->items[i];
        int knows = alert.triggered ? history_knows(history, &alert, err) : 0;

        if (knows < 0)
            return -1;
        if (knows) {
            alert.triggered = false;
            alert.known = true;
            alerts->triggered--;
            alerts->known++;
            if (!keep_shown)
                continue;
        }
        if (alert.triggered && history_add(history, &alert, err) < 0)
            return -1;
        alerts->items[kept++] = alert;
    }
    alerts->count = kept;
    return 0;
}

int history_commit(struct history *history, struct err *err)
{
    struct atomic_file file = ATOMIC_FILE_INIT;
    struct quoted quoted;
    int ret = -1;

    if (history->added_count == 0 && history->expired == 0)
        return 0;
    if (atomic_file_open(&file, history->target, err) < 0)
        goto done;
    if (sys_write(file.fd, history->kept.ptr, history->kept.len) < 0 ||
        sys_write(file.fd, history->added.ptr, history->added.len) < 0)
        err_set_errno(err, "write failed");
    else
        ret = atomic_file_commit(&file, err);
done:
    atomic_file_release(&file);
    if (ret < 0)
        err_prefix(err, "cannot write the history '%s'",
                   quote(&quoted, span_str(history->options.path)));
    return ret;
}

void history_release(struct history *history)
{
    if (!history)
        return;
    lock_release(&history->lock);
    strings_release(&history->entities);
    buf_release(&history->text);
    buf_release(&history->kept);
    buf_release(&history->added);
    sys_free(history->target);
    *history = HISTORY_INIT;
}
