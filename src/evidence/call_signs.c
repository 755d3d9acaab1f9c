/* Free texts are searched here, and nowhere else, so it is done once a call. */
#include "evidence/call_signs.h"

#include "base/sys.h"

#define IS_KNOWN 0x8000u

static bool contains_fold(struct span text, struct span word)
{
    for (size_t i = 0; i + word.len <= text.len; i++)
        if (span_eq_fold(span_of(text.ptr + i, word.len), word))
            return true;
    return false;
}

/* Does one of the words below begin with this letter? Few letters do. */
static bool may_begin_word(char c)
{
    switch (ascii_lower(c)) {
    case 'b':
    case 'd':
    case 'k':
    case 'l':
    case 'm':
    case 'p':
    case 'w':
        return true;
    default:
        return false;
    }
}

/* How AWS's SDKs, its command line, browsers and distributions' kernels
 * spell the system in user agents. */
unsigned agent_marks(struct span agent)
{
    static const struct {
        struct span word;
        unsigned mark;
    } words[] = {
        {{"linux", 5}, AGENT_LINUX},     {{"windows", 7}, AGENT_WINDOWS},
        {{"win32", 5}, AGENT_WINDOWS},   {{"win64", 5}, AGENT_WINDOWS},
        {{"darwin", 6}, AGENT_MACOS},    {{"macos", 5}, AGENT_MACOS},
        {{"macintosh", 9}, AGENT_MACOS}, {{"mac os x", 8}, AGENT_MACOS},
        {{"mac_os_x", 8}, AGENT_MACOS},  {{"mozilla/", 8}, AGENT_BROWSER},
        {{"kali", 4}, AGENT_PENTEST},    {{"parrot", 6}, AGENT_PENTEST},
        {{"pentoo", 6}, AGENT_PENTEST},  {{"blackarch", 9}, AGENT_PENTEST},
    };
    unsigned marks = 0;

    for (size_t at = 0; at < agent.len; at++) {
        struct span rest = span_of(agent.ptr + at, agent.len - at);

        if (!may_begin_word(rest.ptr[0]))
            continue;
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            if (span_starts_with_fold(rest, words[i].word))
                marks |= words[i].mark;
    }
    return marks;
}

/* A call that was made but not allowed; throttling, wrong parameters and
 * things that do not exist are none. */
static bool is_refusal(struct span error_code)
{
    static const struct span words[] = {{"accessdenied", 12},
                                        {"unauthorized", 12},
                                        {"notauthorized", 13},
                                        {"forbidden", 9},
                                        {"authorizationerror", 18}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (contains_fold(error_code, words[i]))
            return true;
    return false;
}

static bool gives_keys(struct span event_name)
{
    return span_eq(event_name, SPAN("AssumeRole")) ||
           span_eq(event_name, SPAN("GetFederationToken")) ||
           span_eq(event_name, SPAN("GetSessionToken"));
}

static unsigned look_through(const struct facet_table *table,
                             struct facets facets)
{
    struct span name = facet_table_text(table, facets, FACET_EVENT_NAME);
    struct span error = facet_table_text(table, facets, FACET_ERROR_CODE);
    unsigned signs =
        agent_marks(facet_table_text(table, facets, FACET_USER_AGENT));

    if (is_refusal(error))
        signs |= CALL_REFUSED;
    if (span_eq(name, SPAN("UpdateInstanceInformation")) &&
        span_eq(facet_table_text(table, facets, FACET_EVENT_SOURCE),
                SPAN("ssm.amazonaws.com")))
        signs |= CALL_SSM_AGENT;
    if (gives_keys(name) && error.len == 0)
        signs |= CALL_GIVES_KEYS;
    return signs;
}

int call_signs_init(struct call_signs *signs, const struct facet_table *table)
{
    signs->table = table;
    signs->of = sys_calloc(table->part[FACETS_CALL].count, sizeof(*signs->of));
    return signs->of ? 0 : -1;
}

void call_signs_release(struct call_signs *signs)
{
    sys_free(signs->of);
    signs->of = NULL;
}

unsigned call_signs_of(struct call_signs *signs, struct facets facets)
{
    uint16_t *of = &signs->of[facets.part[FACETS_CALL]];

    if (*of == 0)
        *of = (uint16_t)(IS_KNOWN | look_through(signs->table, facets));
    return *of & ~IS_KNOWN;
}
