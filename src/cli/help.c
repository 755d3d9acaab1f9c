/* The table of options as one screen: see help.h. */
#include "cli/help.h"

#include "cli/options.h"
#include "report/format.h"

#include <stdio.h>

#define SCREEN_COLUMNS 80
#define TEXT_COLUMN    30 /* where an option's explanation begins */

/* Where two options share a line, what it says of them: that of the first,
 * by name, and the entry behind it in the table. */
static const struct {
    const char *name;
    const char *help;
} shared_lines[] = {
    {"files-from", "more paths, one a line, or ended by NULs (-0)"},
    {"since", "only events from TIME on, and before TIME"},
    {"extended", "judge by all records; a folder a case, its records"},
    {"quiet", "without a summary; with all skipped files"},
    {"help", "this help; version and what is built in"},
};

/* A text that breaks between words and goes on in column `indent`. */
struct paragraph {
    struct out *out;
    size_t indent, column;
};

static void add_word(struct paragraph *to, struct span word)
{
    if (to->column > to->indent && to->column + 1 + word.len > SCREEN_COLUMNS) {
        out_printf(to->out, "\n%*s", (int)to->indent, "");
        to->column = to->indent;
    } else if (to->column > to->indent) {
        out_str(to->out, " ");
        to->column++;
    }
    out_write(to->out, word);
    to->column += word.len;
}

static void add_text(struct paragraph *to, const char *text)
{
    for (;;) {
        size_t len = strcspn(text, " ");

        add_word(to, span_of(text, len));
        if (!text[len])
            return;
        text += len + 1;
    }
}

static void add_line(struct out *out, const char *left, const char *help)
{
    struct paragraph text = {out, TEXT_COLUMN, TEXT_COLUMN};
    int pad = TEXT_COLUMN - (int)strlen(left);

    out_printf(out, "%s%*s", left, pad > 2 ? pad : 2, "");
    if (pad < 2)
        text.column += (size_t)(2 - pad);
    add_text(&text, help);
    out_str(out, "\n");
}

/* The help of the line that `entry` shares with the next; NULL if none. */
static const char *shared_help(const struct option_entry *entry)
{
    for (size_t i = 0; i < sizeof(shared_lines) / sizeof(shared_lines[0]); i++)
        if (entry->name && strcmp(entry->name, shared_lines[i].name) == 0)
            return shared_lines[i].help;
    return NULL;
}

static const char *argument_of(const struct option_entry *entry)
{
    return entry->argument ? entry->argument : "";
}

/* Both options' letters, then their names; an argument that both take
 * stands once. */
static void describe(struct buf *left, const struct option_entry *entries,
                     size_t count)
{
    bool same = count == 2 &&
                strcmp(argument_of(&entries[0]), argument_of(&entries[1])) == 0;
    size_t letters = 0;
    const char *comma = "";

    for (size_t i = 0; i < count; i++)
        if (entries[i].id < 256 && entries[i].name) {
            buf_printf(left, "%s-%c", letters++ ? ", " : "  ", entries[i].id);
            comma = ", ";
        }
    if (letters == 0)
        buf_add(left, entries[0].name ? SPAN("      ") : SPAN("  "));
    for (size_t i = 0; i < count; i++) {
        const char *argument = same && i == 0 ? "" : argument_of(&entries[i]);

        buf_printf(left, "%s%s", comma, entries[i].name ? "--" : "-");
        if (entries[i].name)
            buf_add(left, span_str(entries[i].name));
        else
            buf_add_char(left, (char)entries[i].id);
        buf_printf(left, "%s%s", *argument ? " " : "", argument);
        comma = ", ";
    }
}

/* How many entries of the table the line took. */
static size_t write_entry(struct out *out, const struct option_entry *entry)
{
    const char *shared = shared_help(entry);
    size_t count = shared ? 2 : 1;
    struct buf left = BUF_INIT;

    describe(&left, entry, count);
    if (buf_str(&left))
        add_line(out, buf_str(&left), shared ? shared : entry->help);
    else
        out_fail_memory(out);
    buf_release(&left);
    return count;
}

static void write_formats(struct out *out)
{
    static const char label[] = "Formats: ";
    struct paragraph list = {out, sizeof(label) - 1, sizeof(label) - 1};

    out_str(out, label);
    for (const struct format *f = formats; f->name; f++)
        add_text(&list, f->name);
    out_str(out, "\n");
}

void help_write_usage(struct out *out)
{
    out_str(out, "usage: offbox [OPTION]... PATH...\n");
}

void help_write(struct out *out)
{
    help_write_usage(out);
    out_str(out, "Reports EC2 instances whose credentials were used from "
                 "more than one address.\nPATH is a file, a folder or '-' "
                 "(standard input) with CloudTrail logs.\n");
    for (const struct option_entry *entry = option_entries; entry->help;)
        if (entry->id == 0)
            out_printf(out, "%s:\n", entry++->help);
        else
            entry += write_entry(out, entry);
    write_formats(out);
    out_str(out,
            "DUR is a number and one of s m h d w: 36h. TIME is "
            "2022-02-22T10:11:12Z,\n2022-02-22 (midnight UTC) or a DUR ago.\n"
            "Exit status, a sum: 0 no alert, 1 alerts, 2 failed, "
            "4 not everything was read.\n");
}
