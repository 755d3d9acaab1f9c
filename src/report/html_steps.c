/*
 * What to do about an alert, in the order in which it should be done.
 *
 * The commands are made to be pasted into a shell, and the names in them
 * come from records that an attacker may have written: a name with any
 * character that a shell could see is left for the reader to fill in.
 */
#include "report/html_parts.h"

static bool is_plain(struct span name)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstu"
                               "vwxyz0123456789_.:@+-";

    if (name.len == 0 || name.len > 128 || name.ptr[0] == '-')
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!memchr(safe, name.ptr[i], sizeof(safe) - 1))
            return false;
    return true;
}

/* The name, or what it is to be replaced by. */
static void name_or(struct out *out, struct span name, const char *instead)
{
    if (is_plain(name))
        out_html(out, name);
    else
        out_printf(out, "<em>%s</em>", instead);
}

/* `arn:aws:iam::111122223333:role/app/web` is about `web`. */
static struct span role_name(struct span role)
{
    for (size_t i = role.len; i > 0; i--)
        if (role.ptr[i - 1] == '/')
            return span_of(role.ptr + i, role.len - i);
    return role;
}

static void step_is_it_yours(struct out *out, const struct alert *alert)
{
    struct ip address = alert->ips[alert->suspect].address;
    char text[IP_TEXT_BYTES];

    (void)ip_format(address, text);
    out_printf(out,
               "<li><b>Ask whose address it is.</b> A NAT gateway, a proxy or "
               "a VPN of yours explains <code>%s</code>. This finds it among "
               "the account&#39;s own:\n<pre>aws ec2 "
               "describe-network-interfaces --region <em>REGION</em> \\\n"
               "    --filters Name=%s,Values=%s</pre></li>\n",
               text,
               address.family == IP_V4 ? "association.public-ip"
                                       : "ipv6-addresses.ipv6-address",
               text);
}

static void step_preserve(struct out *out, const struct alert *alert)
{
    out_str(out,
            "<li><b>Preserve evidence.</b> Do not stop or terminate the "
            "instance: its memory would be lost. Copy its volumes, and keep "
            "the log files that were read here as they are:\n"
            "<pre>aws ec2 create-snapshots --region <em>REGION</em> \\\n"
            "    --instance-specification InstanceId=");
    name_or(out, alert->instance_id, "INSTANCE_ID");
    out_str(out, " \\\n    --description &#39;incident evidence&#39;</pre>"
                 "</li>\n");
}

static void step_revoke(struct out *out, struct span role)
{
    out_str(out, "<li><b>Revoke the role&#39;s sessions.</b> In the IAM "
                 "console: Roles, <code>");
    name_or(out, role, "ROLE_NAME");
    out_str(out,
            "</code>, Revoke sessions, Revoke active sessions. Or, with the "
            "time of now:\n<pre>aws iam put-role-policy --role-name ");
    name_or(out, role, "ROLE_NAME");
    out_str(out, " --policy-name AWSRevokeOlderSessions \\\n"
                 "    --policy-document &#39;{&quot;Version&quot;: "
                 "&quot;2012-10-17&quot;, &quot;Statement&quot;: [{\n"
                 "        &quot;Effect&quot;: &quot;Deny&quot;, "
                 "&quot;Action&quot;: &quot;*&quot;, &quot;Resource&quot;: "
                 "&quot;*&quot;, &quot;Condition&quot;: {\n"
                 "            &quot;DateLessThan&quot;: "
                 "{&quot;aws:TokenIssueTime&quot;: "
                 "&quot;<em>2024-05-14T10:00:00Z</em>&quot;}}}]}&#39;</pre>\n"
                 "Every session issued before then is denied everything, also "
                 "those of the role&#39;s other instances, until each gets new "
                 "credentials.</li>\n");
}

static void step_isolate(struct out *out, const struct alert *alert)
{
    out_str(out, "<li><b>Isolate the instance.</b> Whoever can still reach its "
                 "metadata takes the new credentials, too. Give it a security "
                 "group without rules, and ask for IMDSv2:\n"
                 "<pre>aws ec2 modify-instance-attribute --region "
                 "<em>REGION</em> \\\n    --instance-id ");
    name_or(out, alert->instance_id, "INSTANCE_ID");
    out_str(out, " --groups <em>SECURITY_GROUP_ID</em>\n"
                 "aws ec2 modify-instance-metadata-options --region "
                 "<em>REGION</em> \\\n    --instance-id ");
    name_or(out, alert->instance_id, "INSTANCE_ID");
    out_str(out, " --http-tokens required --http-put-response-hop-limit 1"
                 "</pre></li>\n");
}

static void step_look(struct out *out, const struct alert *alert)
{
    out_str(out,
            "<li><b>Look at what the key did</b>, in every region; "
            "this covers management events of the last 90 days:\n"
            "<pre>aws cloudtrail lookup-events --region <em>REGION</em> \\\n"
            "    --lookup-attributes AttributeKey=AccessKeyId,"
            "AttributeValue=");
    name_or(out, alert->first[FACET_ACCESS_KEY_ID], "ACCESS_KEY_ID");
    out_str(out,
            "</pre>\nWhat outlives the session matters most: CreateUser, "
            "CreateAccessKey, CreateLoginProfile, AttachRolePolicy, "
            "PutRolePolicy, UpdateAssumeRolePolicy, RunInstances; and "
            "AssumeRole, whose sessions need revoking by themselves.</li>\n");
}

void html_steps(struct out *out, const struct alert *alert)
{
    out_str(out, "<h3>What to do next</h3>\n<ol class=\"steps\">\n");
    step_is_it_yours(out, alert);
    step_preserve(out, alert);
    step_revoke(out, role_name(alert->first[FACET_ROLE]));
    step_isolate(out, alert);
    step_look(out, alert);
    out_str(out,
            "<li><b>Change what the role could read</b> (secrets, parameters, "
            "keys in buckets), and close the way the credentials left, "
            "before the instance serves again.</li>\n</ol>\n"
            "<p class=\"note\"><em>Capitals</em> in a command are for you to "
            "fill in; REGION is where the instance runs.</p>\n");
}
