/*
 * The line is made whole and written at once, so that nothing comes
 * between; an error is nobody's concern: results and status tell of theirs.
 */
#include "meter.h"

#include "base/out.h"
#include "base/sys.h"
#include "report/words.h"

#include <inttypes.h>

#define NS_PER_SECOND INT64_C(1000000000)
#define REDRAW_NS     (NS_PER_SECOND / 10)

#define ERASE "\r\x1b[K" /* to the first column, and clear to the end */

/* Where a line stands, plus one; 0: there is none. For signal handlers. */
static atomic_int drawn_on;

/* -1: there is no such clock, so nothing is drawn. */
static int64_t now_ns(void)
{
    struct timespec now;

    if (sys_monotonic(&now) < 0)
        return -1;
    return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* "0:07", "1:02:03" */
static void time_left(struct out *out, uint64_t seconds)
{
    if (seconds >= 3600)
        out_printf(out, "%" PRIu64 ":%02u:%02u", seconds / 3600,
                   (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
    else
        out_printf(out, "%u:%02u", (unsigned)(seconds / 60),
                   (unsigned)(seconds % 60));
    out_str(out, " left");
}

static void line_text(struct out *out, const struct meter *meter, int64_t now)
{
    uint64_t bytes = atomic_load(&meter->bytes);
    uint64_t total = meter->bytes_total;
    double seconds = (double)(now - meter->start_ns) / NS_PER_SECOND;
    double rate = seconds > 0 ? (double)bytes / seconds : 0;

    if (meter->again)
        out_str(out, "again ");
    if (total < bytes) /* a stream, or a file that has grown */
        total = 0;
    if (total > 0)
        out_printf(out, "%3u%%  ",
                   (unsigned)((double)bytes * 100 / (double)total));
    words_bytes(out, bytes);
    if (total > 0) {
        out_str(out, " of ");
        words_bytes(out, total);
    }
    out_str(out, ", ");
    words_bytes(out, (uint64_t)rate);
    out_str(out, "/s");
    if (total > 0 && rate > 0) {
        out_str(out, ", ");
        time_left(out, (uint64_t)((double)(total - bytes) / rate));
    }
    if (meter->again)
        return;
    out_str(out, ", ");
    words_count(out, atomic_load(&meter->events), "event");
    out_str(out, " kept");
}

static void draw(const struct meter *meter, int64_t now)
{
    struct out line;
    struct span text;

    out_init(&line, -1);
    line_text(&line, meter, now);
    text = buf_span(&line.pending);
    /* The last column is left free: some terminals wrap behind it. */
    if (text.len >= meter->columns)
        text.len = meter->columns ? meter->columns - 1 : 0;
    if (!line.pending.failed) {
        struct out whole;

        out_init(&whole, meter->fd);
        out_str(&whole, ERASE);
        out_write(&whole, text);
        atomic_store(&drawn_on, meter->fd + 1);
        (void)out_flush(&whole, NULL);
        out_release(&whole);
    }
    out_release(&line);
}

void meter_begin(struct meter *meter, const struct walk *walk,
                 const bool *wanted, bool again)
{
    bool stream = false;

    if (!meter || meter->begun++ > 0)
        return;
    meter->again = again;
    meter->bytes_total = 0;
    for (size_t i = 0; i < walk->count; i++) {
        const struct input *input = &walk->inputs[i];

        if (input->status != INPUT_PENDING || (wanted && !wanted[i]))
            continue;
        stream = stream || input->is_stdin;
        meter->bytes_total += input->bytes;
    }
    if (stream)
        meter->bytes_total = 0;
    atomic_store(&meter->bytes, 0);
    atomic_store(&meter->events, 0);
    atomic_flag_clear(&meter->drawing);
    meter->start_ns = now_ns();
    atomic_store(&meter->next_ns, meter->start_ns + meter->delay_ns);
}

void meter_add(struct meter *meter, uint64_t bytes, uint64_t events)
{
    int64_t now = now_ns();

    (void)atomic_fetch_add_explicit(&meter->bytes, bytes, memory_order_relaxed);
    (void)atomic_fetch_add_explicit(&meter->events, events,
                                    memory_order_relaxed);
    if (now < 0 || meter->start_ns < 0 ||
        now < atomic_load_explicit(&meter->next_ns, memory_order_relaxed) ||
        atomic_flag_test_and_set(&meter->drawing))
        return;
    /* Another may have drawn since the look at its time. */
    if (now >= atomic_load(&meter->next_ns)) {
        draw(meter, now);
        atomic_store(&meter->next_ns, now + REDRAW_NS);
    }
    atomic_flag_clear(&meter->drawing);
}

void meter_end(struct meter *meter)
{
    if (meter && --meter->begun == 0)
        meter_erase();
}

void meter_erase(void)
{
    int drawn = atomic_exchange(&drawn_on, 0);

    if (drawn > 0)
        (void)sys_write(drawn - 1, ERASE, sizeof(ERASE) - 1);
}
