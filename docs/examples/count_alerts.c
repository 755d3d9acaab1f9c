/*
 * Counts the instances whose credentials were used from more than one
 * address:
 *
 *     count_alerts PATH...
 *
 * prints how many there are and one line for each. Exit status: 0, or 1
 * if something went wrong or could not be read.
 */
#include <offbox/offbox.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* The numbers, and whether all of it could be printed. */
static int print_report(const offbox_report *report)
{
    size_t count = offbox_report_alert_count(report);

    printf("alerts: %zu\n", count);
    for (size_t i = 0; i < count; i++) {
        const struct offbox_alert *alert = offbox_report_alert(report, i);

        printf("%s: %zu addresses, %" PRIu64 " events from %s since %s\n",
               alert->instance_id, alert->ip_count, alert->event_count,
               alert->source_ip_address,
               alert->time_generated ? alert->time_generated : "(no time)");
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : -1;
}

int main(int argc, char **argv)
{
    offbox_config *config = offbox_config_new();
    offbox_report *report = NULL;
    char error[OFFBOX_ERROR_BYTES] = "out of memory";
    int status = EXIT_FAILURE;

    if (!config)
        goto done;
    for (int i = 1; i < argc; i++)
        if (offbox_config_add_path(config, argv[i]) < 0)
            goto done;
    if (offbox_scan(config, &report, error) < 0)
        goto done;
    error[0] = '\0';

    if (print_report(report) < 0)
        (void)snprintf(error, sizeof(error), "cannot write the result");
    else if (offbox_report_is_incomplete(report))
        (void)snprintf(error, sizeof(error), "not everything could be read");
    else
        status = EXIT_SUCCESS;
done:
    if (status != EXIT_SUCCESS)
        fprintf(stderr, "count_alerts: %s\n", error);
    offbox_report_free(report);
    offbox_config_free(config);
    return status;
}
