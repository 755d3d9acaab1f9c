/* Who gets into an instance, what it is, and whose keys are whose. */
#include "evidence/lesson.h"

#include "detect/location.h"

#include <stdio.h>

static int opened(const struct lesson *lesson, struct span instance)
{
    const struct span *field = lesson->event->field;
    struct claim claim = {
        .kind = FACT_OPENED,
        .time = lesson->time,
        .text = {instance, field[EVENT_NAME],
                 span_present(field[EVENT_IDENTITY_ARN])
                     ? field[EVENT_IDENTITY_ARN]
                     : field[EVENT_PRINCIPAL_ID]},
    };

    if (!location_is_instance_id(instance) ||
        location_of(lesson->event, &claim.address) == LOCATION_NONE)
        return 0;
    return facts_add(lesson->facts, &claim);
}

static int opened_all(const struct lesson *lesson, const struct json_value *ids)
{
    struct fact_list list = fact_list(ids);
    const struct json_value *id;

    while ((id = fact_list_next(&list)))
        if (opened(lesson, fact_text(id)) < 0)
            return -1;
    return 0;
}

/* The request names instances by their ids or by targets such as tags; the
 * ids may also stand in a target. */
int teach_send_command(const struct lesson *lesson)
{
    struct fact_list list = fact_list(fact_part(lesson->request, "targets"));
    const struct json_value *target;

    if (opened_all(lesson, fact_part(lesson->request, "instanceIds")) < 0 ||
        opened_all(lesson, fact_part(fact_part(lesson->response, "command"),
                                     "instanceIds")) < 0)
        return -1;
    while ((target = fact_list_next(&list)))
        if (opened_all(lesson, fact_part(target, "values")) < 0)
            return -1;
    return 0;
}

int teach_start_session(const struct lesson *lesson)
{
    return opened(lesson, fact_text_at(lesson->request, "target"));
}

int teach_open_instance(const struct lesson *lesson)
{
    return opened(lesson, fact_text_at(lesson->request, "instanceId"));
}

/* Only user data, which runs at the next start, opens a way. */
int teach_modify_instance_attribute(const struct lesson *lesson)
{
    if (!fact_part(lesson->request, "userData") &&
        !span_eq(fact_text_at(lesson->request, "attribute"), SPAN("userData")))
        return 0;
    return teach_open_instance(lesson);
}

int teach_update_instance_information(const struct lesson *lesson)
{
    static const char *const platforms[] = {"linux", "windows", "macos"};
    struct span platform = fact_text_at(lesson->request, "platformType");
    struct span id = lesson_instance(lesson->request, "instanceId");

    for (size_t i = 0; i < sizeof(platforms) / sizeof(platforms[0]); i++)
        if (span_eq_fold(platform, span_str(platforms[i])))
            return lesson_add_pair(lesson, FACT_INSTANCE_PLATFORM, id,
                                   span_str(platforms[i]));
    return 0;
}

/* The numbers in a text, of at most four digits each; how many there are, as
 * far as `max`. */
static size_t read_numbers(struct span text, unsigned *numbers, size_t max)
{
    size_t count = 0;

    for (size_t i = 0, digits = 0; i < text.len; i++) {
        unsigned digit = (unsigned char)text.ptr[i] - (unsigned)'0';

        if (digit > 9) {
            digits = 0;
            continue;
        }
        if (digits++ == 0 && count++ < max)
            numbers[count - 1] = 0;
        if (digits > 4 || count > max)
            return 0;
        numbers[count - 1] = numbers[count - 1] * 10 + digit;
    }
    return count;
}

/* 1 to 12; 0 for what is none. */
static unsigned month_of(struct span text)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr",
                                         "May", "Jun", "Jul", "Aug",
                                         "Sep", "Oct", "Nov", "Dec"};

    for (unsigned i = 0; i < 12; i++)
        if (span_starts_with_fold(text, span_str(months[i])))
            return i + 1;
    return 0;
}

/* "Feb 22, 2022, 4:22:22 PM", with or without the second comma, the last
 * blank perhaps U+202F; or RFC 3339. TIMESTAMP_UNKNOWN if neither. */
static timestamp expiration_of(struct span text)
{
    enum {
        DAY,
        YEAR,
        HOUR,
        MINUTE,
        SECOND,
        PARTS
    };
    unsigned part[PARTS];
    unsigned month = month_of(text);
    bool afternoon = span_ends_with_fold(text, SPAN("PM"));
    char iso[64];

    if (!month)
        return span_present(text) ? timestamp_parse(text) : TIMESTAMP_UNKNOWN;
    if (!afternoon && !span_ends_with_fold(text, SPAN("AM")))
        return TIMESTAMP_UNKNOWN;
    if (read_numbers(text, part, PARTS) != PARTS || part[HOUR] < 1 ||
        part[HOUR] > 12)
        return TIMESTAMP_UNKNOWN;
    (void)snprintf(iso, sizeof(iso), "%04u-%02u-%02uT%02u:%02u:%02uZ",
                   part[YEAR], month, part[DAY],
                   part[HOUR] % 12 + (afternoon ? 12 : 0), part[MINUTE],
                   part[SECOND]);
    return timestamp_parse(span_str(iso));
}

static bool is_by_ec2(const struct event *event)
{
    return span_eq(event->field[EVENT_INVOKED_BY], SPAN("ec2.amazonaws.com"));
}

/* A key was issued: to an instance by EC2, or by a role's session, perhaps an
 * instance's. Those of people are no chains. Most keys are issued to services,
 * and are passed over before their records are read. */
bool teach_follows_key(const struct event *event)
{
    return is_by_ec2(event) || span_present(location_instance_of(event)) ||
           (span_eq(event->field[EVENT_IDENTITY_TYPE], SPAN("AssumedRole")) &&
            span_present(event->field[EVENT_ACCESS_KEY_ID]));
}

int teach_issue_key(const struct lesson *lesson)
{
    const struct json_value *credentials =
        fact_part(lesson->response, "credentials");
    struct span key = fact_text_at(credentials, "accessKeyId");
    struct span by = lesson->event->field[EVENT_ACCESS_KEY_ID];
    struct span instance = location_instance_of(lesson->event);
    struct ip location;

    (void)location_of(lesson->event, &location);
    if (span_present(instance))
        return facts_add(lesson->facts, &(struct claim){
                                            .kind = FACT_KEY_BY,
                                            .text = {key, instance, by},
                                            .address = location,
                                        });
    if (!is_by_ec2(lesson->event))
        return by.len == 0 ? 0
                           : facts_add(lesson->facts,
                                       &(struct claim){
                                           .kind = FACT_KEY_FROM,
                                           .text = {key, by, SPAN_ABSENT},
                                           .address = location,
                                       });
    instance = lesson_instance(lesson->request, "roleSessionName");
    if (!span_present(instance))
        return 0;
    return facts_add(
        lesson->facts,
        &(struct claim){
            .kind = FACT_KEY_FOR,
            .time = expiration_of(fact_text_at(credentials, "expiration")),
            .text = {key, instance},
        });
}
