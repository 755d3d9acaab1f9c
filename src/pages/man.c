/* man(7) from the tables and what a person wrote beside them: see pages.h. */
#include "pages/pages.h"

#include "report/format.h"

/* A line of the source; false at its end. */
static bool next_line(struct span *rest, struct span *line)
{
    const char *end;

    if (rest->len == 0)
        return false;
    end = memchr(rest->ptr, '\n', rest->len);
    line->ptr = rest->ptr;
    line->len = end ? (size_t)(end - rest->ptr) : rest->len;
    rest->ptr += line->len + (end ? 1 : 0);
    rest->len -= line->len + (end ? 1 : 0);
    return true;
}

static bool is_command(struct span line)
{
    return line.len > 0 && line.ptr[0] == '@';
}

/* The NAME of `@more NAME`; absent if the line is something else. */
static struct span more_name(struct span line)
{
    struct span more = SPAN("@more ");

    if (line.len <= more.len || !span_eq(span_of(line.ptr, more.len), more))
        return SPAN_ABSENT;
    return span_of(line.ptr + more.len, line.len - more.len);
}

/* Text that roff prints as it is. */
static void add_text(struct out *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        out_str(out, "\\&");
    for (; *text; text++)
        if (*text == '-')
            out_str(out, "\\-");
        else if (*text == '\\')
            out_str(out, "\\e");
        else
            out_write(out, span_of(text, 1));
}

/* A clause of the tables as a sentence. */
static void add_sentence(struct out *out, const char *clause)
{
    char first[2] = {clause[0], '\0'};

    if (first[0] >= 'a' && first[0] <= 'z')
        first[0] = (char)(first[0] - 'a' + 'A');
    add_text(out, first);
    if (clause[0])
        add_text(out, clause + 1);
    out_str(out, ".\n");
}

/* What stands behind `@more NAME` in the source. */
static void add_more(struct out *out, struct span source, const char *name)
{
    struct span line;
    bool inside = false;

    while (next_line(&source, &line)) {
        if (is_command(line))
            inside = span_eq(more_name(line), span_str(name));
        else if (inside)
            out_printf(out, "%.*s\n", (int)line.len, line.ptr);
    }
}

static void add_option(struct out *out, struct span source,
                       const struct option_entry *entry)
{
    bool letter = entry->id < 256;

    out_str(out, ".TP\n");
    if (letter)
        out_printf(out, "\\fB\\-%c\\fR%s", entry->id, entry->name ? ", " : "");
    if (entry->name) {
        out_str(out, "\\fB\\-\\-");
        add_text(out, entry->name);
        out_str(out, "\\fR");
    }
    if (entry->argument) {
        out_str(out, " \\fI");
        add_text(out, entry->argument);
        out_str(out, "\\fR");
    }
    out_str(out, "\n");
    add_sentence(out, entry->help);
    if (entry->name)
        add_more(out, source, entry->name);
}

static void add_options(struct out *out, struct span source)
{
    for (const struct option_entry *entry = option_entries; entry->help;
         entry++)
        if (entry->id == 0)
            out_printf(out, ".SS %s\n", entry->help);
        else
            add_option(out, source, entry);
}

static void add_formats(struct out *out)
{
    for (const struct format *f = formats; f->name; f++) {
        out_printf(out, ".TP\n\\fB%s\\fR\n", f->name);
        add_sentence(out, f->what);
        if (f->ending)
            out_printf(out, "Its files end in\n.BR \\%s .\n", f->ending);
    }
}

static bool option_exists(struct span name)
{
    for (const struct option_entry *entry = option_entries; entry->help;
         entry++)
        if (entry->name && span_eq(span_str(entry->name), name))
            return true;
    return false;
}

int pages_man(struct span source, const char *version, const char *date,
              struct out *out, struct err *err)
{
    struct span rest = source, line;
    bool in_more = false;

    while (next_line(&rest, &line)) {
        struct span name = more_name(line);

        if (span_present(name)) {
            in_more = true;
            if (option_exists(name))
                continue;
            err_set(err, "there is no option '%.*s'", (int)name.len, name.ptr);
            return -1;
        }
        if (!is_command(line)) {
            if (!in_more)
                out_printf(out, "%.*s\n", (int)line.len, line.ptr);
            continue;
        }
        in_more = false;
        if (span_eq(line, SPAN("@title"))) {
            out_printf(out,
                       ".TH OFFBOX 1 \"%s\" \"offbox %s\" \"User Commands\"\n",
                       date, version);
        } else if (span_eq(line, SPAN("@options"))) {
            add_options(out, source);
        } else if (span_eq(line, SPAN("@formats"))) {
            add_formats(out);
        } else {
            err_set(err, "no such line: %.*s", (int)line.len, line.ptr);
            return -1;
        }
    }
    return 0;
}
