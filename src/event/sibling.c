/* The keys are those of CloudTrail's record contents for Insights, network
 * activity and aggregated events, and of its digest file structure. */
#include "event/sibling.h"

#include "base/json_string.h"
#include "event/members.h"

#include <stddef.h>

static bool spells(struct span value, struct span text)
{
    return value.len >= 2 && value.ptr[0] == '"' &&
           json_string_spells(span_of(value.ptr + 1, value.len - 2), text);
}

static enum input_status of_category(struct span category)
{
    static const struct {
        struct span category;
        enum input_status sibling;
    } categories[] = {
        {{"Insight", 7}, INPUT_INSIGHT},
        {{"NetworkActivity", 15}, INPUT_NETWORK_ACTIVITY},
        {{"Aggregated", 10}, INPUT_AGGREGATED},
    };

    for (size_t i = 0; i < sizeof(categories) / sizeof(categories[0]); i++)
        if (spells(category, categories[i].category))
            return categories[i].sibling;
    return INPUT_PENDING;
}

enum input_status sibling_of(struct span object)
{
    struct members members;
    struct member member;
    enum input_status sibling = INPUT_PENDING;
    bool digest_object = false, log_files = false;

    members_init(&members, object);
    while (members_next(&members, &member) > 0) {
        if (json_string_spells(member.key, SPAN("eventCategory")))
            return of_category(member.value);
        if (json_string_spells(member.key, SPAN("detail-type")) &&
            spells(member.value, SPAN("AWS Insight via CloudTrail")))
            sibling = INPUT_INSIGHT;
        if (json_string_spells(member.key, SPAN("digestS3Object")))
            digest_object = true;
        else if (json_string_spells(member.key, SPAN("logFiles")))
            log_files = true;
    }
    if (sibling == INPUT_PENDING && digest_object && log_files)
        sibling = INPUT_DIGEST;
    return sibling;
}
