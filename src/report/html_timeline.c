/*
 * The timeline: a lane an address, a bar an hour or some hours. Inline SVG
 * that stretches with its lane, so all words stand beside it, in HTML.
 */
#include "report/html_parts.h"
#include "report/words.h"

#include <inttypes.h>

/* More lanes than fit a page are no picture. */
#define LANES_SHOWN 12

/* A bar stays wider than a pixel; a few hours do not make broad bars. Both
 * in fours, since the axis names every quarter. */
#define COLUMNS_MAX 200
#define COLUMNS_MIN 24

#define COLUMN_UNITS 10 /* of the picture; a bar takes eight of them */
#define LANE_UNITS   40
#define BAR_MIN      4 /* a single event must be seen */

#define HOURS_A_DAY 24

/* Which hours the picture shows, and how. */
struct span_of_hours {
    int64_t first; /* since 1970 */
    int64_t bin;   /* hours a column */
    size_t columns;
    uint64_t most; /* events in any column of any lane */
};

static int64_t floor_to(int64_t hour, int64_t step)
{
    int64_t rest = hour % step;

    return hour - (rest < 0 ? rest + step : rest);
}

/* The earliest and the latest hour with an event; false if none has. */
static bool find_hours(const struct alert *alert, int64_t *first, int64_t *last)
{
    bool any = false;

    for (size_t i = 0; i < alert->ip_count; i++) {
        const struct alert_ip *ip = &alert->ips[i];

        if (ip->hour_count == 0)
            continue;
        if (!any || ip->hours[0].hour < *first)
            *first = ip->hours[0].hour;
        if (!any || ip->hours[ip->hour_count - 1].hour > *last)
            *last = ip->hours[ip->hour_count - 1].hour;
        any = true;
    }
    return any;
}

/* So many hours or more that they divide a day, or are days. */
static int64_t round_hours(int64_t hours)
{
    static const int64_t steps[] = {1, 2, 3, 4, 6, 8, 12};

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        if (hours <= steps[i])
            return steps[i];
    return floor_to(hours + HOURS_A_DAY - 1, HOURS_A_DAY);
}

static void lay_out(struct span_of_hours *shown, int64_t first, int64_t last)
{
    int64_t bin = round_hours((last - first) / COLUMNS_MAX + 1);
    int64_t columns;

    first = floor_to(first, bin);
    columns = (last - first) / bin + 1;
    if (columns < COLUMNS_MIN) {
        first -= (COLUMNS_MIN - columns) / 2 * bin;
        columns = COLUMNS_MIN;
    }
    columns = floor_to(columns + 3, 4);
    *shown = (struct span_of_hours){first, bin, (size_t)columns, 0};
}

/* A lane's events in each column, of which there may be four more than
 * COLUMNS_MAX. */
static void fill_columns(const struct span_of_hours *shown,
                         const struct alert_ip *ip,
                         uint64_t columns[COLUMNS_MAX + 4])
{
    memset(columns, 0, (COLUMNS_MAX + 4) * sizeof(*columns));
    for (size_t i = 0; i < ip->hour_count; i++)
        columns[(ip->hours[i].hour - shown->first) / shown->bin] +=
            ip->hours[i].count;
}

/* The events of all addresses that tell no readable time. */
static uint64_t count_unknown(const struct alert *alert)
{
    uint64_t unknown = 0;

    for (size_t i = 0; i < alert->ip_count; i++) {
        unknown += alert->ips[i].count;
        for (size_t h = 0; h < alert->ips[i].hour_count; h++)
            unknown -= alert->ips[i].hours[h].count;
    }
    return unknown;
}

/* The largest number whose square is not over `number`. */
static uint64_t root_of(uint64_t number)
{
    uint64_t root = 0;

    for (uint64_t bit = UINT64_C(1) << 31; bit > 0; bit >>= 1)
        if ((root | bit) <= number / (root | bit))
            root |= bit;
    return root;
}

/* By the root, so that one call shows beside ten thousand. */
static unsigned bar_height(uint64_t count, uint64_t most)
{
    unsigned shift = most < UINT64_C(1) << 40 ? 20 : 0; /* for precision */
    uint64_t height = root_of(count << shift) * (LANE_UNITS - BAR_MIN) /
                      root_of(most << shift);

    return BAR_MIN + (unsigned)height;
}

/* "2024-05-14 09:00", with what is to stand between the two. An hour beyond the
 * calendar's ends, which room around few events may reach, is the end. */
static void hour_text(struct out *out, int64_t hour, const char *between)
{
    static const int64_t last = INT64_C(253402300799) / 3600;
    static const int64_t first = TIMESTAMP_FIRST / TICKS_PER_HOUR;
    char text[TIMESTAMP_TEXT_BYTES];

    hour = hour < first ? first : hour > last ? last : hour;
    timestamp_format_seconds(hour * TICKS_PER_HOUR, text);
    text[10] = text[16] = '\0'; /* behind the day, behind the minutes */
    out_str(out, text);
    out_str(out, between);
    out_str(out, text + 11);
}

static void bars(struct out *out, const struct span_of_hours *shown,
                 const uint64_t *columns)
{
    for (size_t i = 0; i < shown->columns; i++) {
        unsigned height;

        if (columns[i] == 0)
            continue;
        height = bar_height(columns[i], shown->most);
        out_printf(out,
                   "<rect x=\"%zu\" y=\"%u\" width=\"8\" height=\"%u\"><title>",
                   i * COLUMN_UNITS + 1, LANE_UNITS - height, height);
        hour_text(out, shown->first + (int64_t)i * shown->bin, " ");
        out_str(out, ": ");
        words_count(out, columns[i], "event");
        out_str(out, "</title></rect>");
    }
}

static void lane_label(struct out *out, const struct alert *alert, size_t at)
{
    const struct alert_ip *ip = &alert->ips[at];
    char text[IP_TEXT_BYTES];

    out_printf(out, "<div class=\"who\"><code>%s</code> <span>",
               ip_format(ip->address, text));
    words_count(out, ip->count, "event");
    if (ip->expected)
        out_str(out, ", expected");
    else if (at == alert->suspect)
        out_printf(out, ", %s", words_suspect(alert));
    out_str(out, "</span></div>\n");
}

static void lane(struct out *out, const struct span_of_hours *shown,
                 const struct alert *alert, size_t at)
{
    const struct alert_ip *ip = &alert->ips[at];
    size_t width = shown->columns * COLUMN_UNITS;
    uint64_t columns[COLUMNS_MAX + 4];

    fill_columns(shown, ip, columns);
    out_printf(out, "<div class=\"lane%s\">",
               ip->expected           ? " expected"
               : at == alert->suspect ? " suspect"
                                      : "");
    lane_label(out, alert, at);
    out_printf(out,
               "<svg viewBox=\"0 0 %zu %d\" preserveAspectRatio=\"none\" "
               "role=\"img\" aria-label=\"events over time\">"
               "<path class=\"grid\" d=\"M0 %dH%zuM%zu 0V%dM%zu 0V%dM%zu "
               "0V%d\"/>",
               width, LANE_UNITS, LANE_UNITS, width, width / 4, LANE_UNITS,
               width / 2, LANE_UNITS, width / 4 * 3, LANE_UNITS);
    bars(out, shown, columns);
    out_str(out, "</svg></div>\n");
}

static void axis(struct out *out, const struct span_of_hours *shown)
{
    out_str(out, "<ol class=\"axis\">");
    for (size_t at = 0; at <= shown->columns; at += shown->columns / 4) {
        out_str(out, "<li>");
        hour_text(out, shown->first + (int64_t)at * shown->bin, "<br>");
        out_str(out, "</li>");
    }
    out_str(out, "</ol>\n");
}

static void caption(struct out *out, const struct span_of_hours *shown,
                    size_t left_out, uint64_t unknown)
{
    out_str(out, "<figcaption>Times are UTC. A bar is ");
    if (shown->bin % HOURS_A_DAY == 0)
        words_count(out, (uint64_t)(shown->bin / HOURS_A_DAY), "day");
    else
        words_count(out, (uint64_t)shown->bin, "hour");
    out_str(out, ", the highest ");
    words_count(out, shown->most, "event");
    out_str(out, "; height grows with the square root.");
    if (left_out > 0) {
        out_str(out, " Not drawn: ");
        words_count(out, left_out, "more address");
        out_str(out, ".");
    }
    if (unknown > 0) {
        out_str(out, " Not drawn: ");
        words_count(out, unknown, "event");
        out_str(out, " without a readable time.");
    }
    out_str(out, "</figcaption></figure>\n");
}

/* Look at each lane before the first is drawn: they share one scale. */
static void measure(struct span_of_hours *shown, const struct alert *alert,
                    const size_t *picked, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t columns[COLUMNS_MAX + 4];

        fill_columns(shown, &alert->ips[picked[i]], columns);
        for (size_t c = 0; c < shown->columns; c++)
            shown->most = columns[c] > shown->most ? columns[c] : shown->most;
    }
}

void html_timeline(struct out *out, const struct alert *alert)
{
    size_t picked[LANES_SHOWN];
    size_t count = words_pick_addresses(alert, picked, LANES_SHOWN);
    struct span_of_hours shown;
    int64_t first = 0, last = 0;

    if (!find_hours(alert, &first, &last)) {
        out_str(out, "<p>No event tells a readable time.</p>\n");
        return;
    }
    lay_out(&shown, first, last);
    measure(&shown, alert, picked, count);
    out_str(out, "<figure class=\"timeline\">\n");
    lane(out, &shown, alert, alert->suspect);
    for (size_t i = 0; i < count; i++)
        if (picked[i] != alert->suspect)
            lane(out, &shown, alert, picked[i]);
    axis(out, &shown);
    caption(out, &shown, alert->ip_count - count, count_unknown(alert));
}
