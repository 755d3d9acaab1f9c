/* What each shell wants to know of an option: see pages.h. */
#include "pages/pages.h"

#include "report/format.h"

/* What an option's argument is, by the name that the table gives it. */
enum argument {
    ARGUMENT_NONE,
    ARGUMENT_TEXT, /* nothing can be offered */
    ARGUMENT_FILE,
    ARGUMENT_FOLDER,
    ARGUMENT_FORMAT,
    ARGUMENT_OUTPUT, /* [FORMAT:]FILE */
    ARGUMENT_WHEN,
    ARGUMENT_COUNT,
};

#define WHEN_WORDS "auto always never"

static enum argument argument_of(const struct option_entry *entry)
{
    static const struct {
        const char *name;
        enum argument argument;
    } arguments[] = {
        {"FILE", ARGUMENT_FILE},   {"DIR", ARGUMENT_FOLDER},
        {"NAME", ARGUMENT_FORMAT}, {"[FORMAT:]FILE", ARGUMENT_OUTPUT},
        {"WHEN", ARGUMENT_WHEN},
    };

    if (!entry->argument)
        return ARGUMENT_NONE;
    for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++)
        if (strcmp(entry->argument, arguments[i].name) == 0)
            return arguments[i].argument;
    return ARGUMENT_TEXT;
}

static bool is_option(const struct option_entry *entry)
{
    return entry->id > 0;
}

static bool has_letter(const struct option_entry *entry)
{
    return entry->id < 256;
}

/* `text` with each byte of `special` behind `escape`. */
static void add_escaped(struct out *out, const char *text, const char *special,
                        const char *escape)
{
    for (; *text; text++) {
        if (strchr(special, *text))
            out_str(out, escape);
        out_write(out, span_of(text, 1));
    }
}

static void add_formats(struct out *out, const char *suffix)
{
    for (const struct format *f = formats; f->name; f++)
        out_printf(out, "%s%s%s", f == formats ? "" : " ", f->name, suffix);
}

/* ------------------------------------------------------------------ bash */

/* A branch of `case $option` with every option of that argument. */
static void add_bash_branch(struct out *out, enum argument argument)
{
    static const char *const offers[ARGUMENT_COUNT] = {
        [ARGUMENT_TEXT] = "compopt +o default 2>/dev/null",
        [ARGUMENT_FILE] = ": # by default",
        [ARGUMENT_FOLDER] = "compopt -o dirnames +o default 2>/dev/null",
        [ARGUMENT_FORMAT] = "_offbox_words \"$formats\"",
        [ARGUMENT_WHEN] = "_offbox_words '" WHEN_WORDS "'",
        [ARGUMENT_OUTPUT] = "compopt -o nospace 2>/dev/null\n"
                            "        _offbox_words \"${formats// /: }:\"",
    };
    bool any = false;

    for (const struct option_entry *entry = option_entries; entry->help;
         entry++) {
        if (!is_option(entry) || argument_of(entry) != argument)
            continue;
        out_str(out, any ? " | " : "    ");
        if (has_letter(entry))
            out_printf(out, "-%c%s", entry->id, entry->name ? " | " : "");
        if (entry->name)
            out_printf(out, "--%s", entry->name);
        any = true;
    }
    if (any)
        out_printf(out, ")\n        %s\n        return ;;\n", offers[argument]);
}

static void add_bash_options(struct out *out)
{
    const char *blank = "";

    for (const struct option_entry *entry = option_entries; entry->help;
         entry++) {
        if (is_option(entry) && has_letter(entry)) {
            out_printf(out, "%s-%c", blank, entry->id);
            blank = " ";
        }
        if (is_option(entry) && entry->name) {
            out_printf(out, "%s--%s", blank, entry->name);
            blank = " ";
        }
    }
}

void pages_bash(struct out *out)
{
    out_str(out,
            "# bash completion for offbox\n\n"
            "_offbox_words()\n"
            "{\n"
            "    mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$word\")\n"
            "}\n\n"
            "_offbox()\n"
            "{\n"
            "    local at=$COMP_CWORD formats=\"");
    add_formats(out, "");
    out_str(out,
            "\"\n"
            "    local word=${COMP_WORDS[at]} option=${COMP_WORDS[at - 1]}\n"
            "    COMPREPLY=()\n\n"
            "    # --option=value comes as three words, FORMAT:FILE too.\n"
            "    if [[ $word == : || $option == : ]]; then\n"
            "        return # a file, by default\n"
            "    elif [[ $word == = ]]; then\n"
            "        word=\n"
            "    elif [[ $option == = ]]; then\n"
            "        option=${COMP_WORDS[at - 2]}\n"
            "    fi\n"
            "    case $option in\n");
    for (enum argument a = ARGUMENT_TEXT; a < ARGUMENT_COUNT; a++)
        add_bash_branch(out, a);
    out_str(out, "    esac\n"
                 "    if [[ $word == -* ]]; then\n"
                 "        _offbox_words '");
    add_bash_options(out);
    out_str(out, "'\n"
                 "    fi\n"
                 "}\n\n"
                 "complete -o default -F _offbox offbox\n");
}

/* ------------------------------------------------------------------- zsh */

static void add_zsh_argument(struct out *out, const struct option_entry *entry)
{
    enum argument argument = argument_of(entry);

    if (argument == ARGUMENT_NONE)
        return;
    out_str(out, ":");
    add_escaped(out, entry->argument, ":\\", "\\");
    out_str(out, ":");
    if (argument == ARGUMENT_FILE)
        out_str(out, "_files");
    else if (argument == ARGUMENT_FOLDER)
        out_str(out, "_files -/");
    else if (argument == ARGUMENT_WHEN)
        out_str(out, "(" WHEN_WORDS ")");
    else if (argument == ARGUMENT_OUTPUT)
        out_str(out, "_offbox_output");
    else if (argument == ARGUMENT_FORMAT) {
        out_str(out, "(");
        add_formats(out, "");
        out_str(out, ")");
    } else {
        out_str(out, " "); /* nothing, and no complaint */
    }
}

/* One argument of _arguments: '(-f --format)'{-f,--format=}'[help]:…' */
static void add_zsh_option(struct out *out, const struct option_entry *entry)
{
    bool repeatable = strstr(entry->help, "; repeatable") != NULL;
    bool both = has_letter(entry) && entry->name;

    out_str(out, "        ");
    if (repeatable)
        out_str(out, "'*'");
    else if (both)
        out_printf(out, "'(-%c --%s)'", entry->id, entry->name);
    if (both)
        out_str(out, "{");
    if (has_letter(entry))
        out_printf(out, "-%c%s", entry->id, entry->argument ? "+" : "");
    if (both)
        out_str(out, ",");
    if (entry->name)
        out_printf(out, "--%s%s", entry->name, entry->argument ? "=" : "");
    out_str(out, both ? "}'[" : "'[");
    for (const char *c = entry->help; *c; c++)
        if (*c == '\'')
            out_str(out, "'\\''");
        else
            out_printf(out, "%s%c", strchr("[]\\", *c) ? "\\" : "", *c);
    out_str(out, "]");
    add_zsh_argument(out, entry);
    out_str(out, "' \\\n");
}

void pages_zsh(struct out *out)
{
    out_str(out, "#compdef offbox\n\n"
                 "_offbox_output()\n"
                 "{\n"
                 "    local -a formats=(");
    add_formats(out, "");
    out_str(out,
            ")\n"
            "    if compset -P '*:'; then\n"
            "        _files\n"
            "    else\n"
            "        _alternative 'formats:format:compadd -S : -a formats' "
            "'files:file:_files'\n"
            "    fi\n"
            "}\n\n"
            "_offbox()\n"
            "{\n"
            "    _arguments -s -S \\\n");
    for (const struct option_entry *entry = option_entries; entry->help;
         entry++)
        if (is_option(entry))
            add_zsh_option(out, entry);
    out_str(out, "        '*:PATH:_files'\n"
                 "}\n\n"
                 "_offbox \"$@\"\n");
}

/* ------------------------------------------------------------------ fish */

static void add_fish_option(struct out *out, const struct option_entry *entry)
{
    if (has_letter(entry))
        out_printf(out, " -s %c", entry->id);
    if (entry->name)
        out_printf(out, " -l %s", entry->name);
}

static void add_fish_help(struct out *out, const char *help)
{
    out_str(out, " -d '");
    add_escaped(out, help, "'\\", "\\");
    out_str(out, "'\n");
}

/* Words with their own explanations; fish splits them as its own code. */
static void add_fish_formats(struct out *out, const char *suffix)
{
    out_str(out, " -a '");
    for (const struct format *f = formats; f->name; f++) {
        out_printf(out, "%s%s%s\\t\"", f == formats ? "" : " ", f->name,
                   suffix);
        add_escaped(out, f->what, "'\\", "\\");
        out_str(out, "\"");
    }
    out_str(out, "'");
}

void pages_fish(struct out *out)
{
    static const char *const how[ARGUMENT_COUNT] = {
        [ARGUMENT_NONE] = "",
        [ARGUMENT_TEXT] = " -x",
        [ARGUMENT_FILE] = " -r -F",
        [ARGUMENT_FOLDER] = " -x -a '("
                            "__fish_complete_directories)'",
        [ARGUMENT_FORMAT] = " -x",
        [ARGUMENT_OUTPUT] = " -r -F",
        [ARGUMENT_WHEN] = " -x -a '" WHEN_WORDS "'",
    };

    out_str(out, "# fish completion for offbox\n\n");
    for (const struct option_entry *entry = option_entries; entry->help;
         entry++) {
        if (!is_option(entry))
            continue;
        out_str(out, "complete -c offbox");
        add_fish_option(out, entry);
        out_str(out, how[argument_of(entry)]);
        if (argument_of(entry) == ARGUMENT_FORMAT)
            add_fish_formats(out, "");
        if (argument_of(entry) == ARGUMENT_OUTPUT)
            add_fish_formats(out, ":");
        add_fish_help(out, entry->help);
    }
}
