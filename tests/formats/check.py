#!/usr/bin/env python3
"""Check an output format against what its readers ask for.

    check.py OFFBOX FORMAT

Runs the program on fixtures, hostile ones among them, reads what it
prints with Python's own parsers, and checks it against the format's rules
and against the same run's `jsonl`. Status 1, and the reason, if it does
not hold.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from mmdb import database  # noqa: E402, beside this folder

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
HOSTILE = sorted((FIXTURES / "hostile").glob("*.jsonl"))
NOW = "2024-05-15T00:00:00Z"
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

Alert = dict[str, Any]


class Wrong(Exception):
    """The format does not hold."""


def expect(holds: bool, *what: object) -> None:
    if not holds:
        raise Wrong(" ".join(map(str, what)))


def run(offbox: str, form: str, *arguments: str | Path) -> str:
    """What the program prints in that format, as text with its line ends."""
    command = [offbox, "-q", "--now", NOW, "-f", form, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    expect(done.returncode in (0, 1) and not done.stderr, command, done.returncode, done.stderr)
    text = done.stdout.decode()  # strictly: all is UTF-8
    control = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", text)
    expect(form == "jsonl" or not control, "a control character:", control)
    if form not in ("jsonl", "csv") and text and shutil.which("jq"):
        jq = subprocess.run(["jq", "-e", "."], input=done.stdout, capture_output=True, check=False)
        expect(jq.returncode == 0, "jq:", jq.stderr)
    secret = re.search(r"SECRET(?!BINARY).{0,80}", text)  # every secret of the fixtures has it
    expect(not secret, "a secret:", secret)
    return text


def json_lines(text: str) -> list[Any]:
    expect(text == "" or text.endswith("\n"), "the last line has no end")
    lines = text.split("\n")[:-1]
    return [json.loads(line, parse_constant=lambda name: expect(False, name)) for line in lines]


# ----------------------------------------------------------------- csv

CSV_COLUMNS = """
    RuleId InstanceId Alert SourceIpAddress TimeGenerated IPCount DedupEntity Address Suspect Tied
    Expected EventCount FirstSeen LastSeen EventNames AccessKeyIds UserAgents EventSources Regions
    ErrorCodes Ec2RoleDelivery VpcEndpointIds Accounts Roles EventsPerHour PolicyLine
    Severity Points SuspectLocation Reasons InAws AwsServices AwsRegion Asn Organization Country
    Truncated
""".split()
CSV_CELL_MAX = 32767  # Excel's
CSV_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "|": "|"}


def csv_values(cell: str) -> list[str]:
    """The values of a cell, as docs/formats.md says how to read them."""
    if cell.startswith("'"):
        cell = cell[1:]
    values = [""]
    for escape, code, plain in re.findall(r"\\(u\{[0-9a-f]+\}|x[0-9a-f]{2}|[ntr\\|])|(\|)|([^\\|]+)",
                                          cell):
        if code:
            values.append("")
        elif escape[:1] in ("u", "x"):
            values[-1] += chr(int(escape[1:].strip("{}"), 16))
        else:
            values[-1] += CSV_ESCAPES[escape] if escape else plain
    return values if cell else []


def csv_counts(cell: str) -> dict[str, int]:
    pairs = [value.rpartition("=") for value in csv_values(cell)]
    return {name: int(count) for name, _, count in pairs}


def check_csv(text: str, alerts: list[Alert]) -> None:
    expect(text.count("\n") == text.count("\r\n") == text.count("\r"), "a line ends otherwise than in CR LF")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    expect(rows[0] == CSV_COLUMNS, "columns:", rows[0])
    places = [(alert, ip) for alert in alerts for ip in alert["Ips"]]
    expect(len(rows) == 1 + len(places), len(rows), "rows for", len(places), "addresses")
    for cells, (alert, ip) in zip(rows[1:], places):
        expect(len(cells) == len(CSV_COLUMNS), "cells:", cells)
        row = dict(zip(CSV_COLUMNS, cells))
        for name, cell in row.items():
            if name == "Points":
                expect(re.fullmatch(r"(-?\d+)?", cell), name, cell)
                continue
            expect(not cell.lstrip(" ").startswith(tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")),
                   name, "is run by a spreadsheet:", cell)
            expect(len(cell) <= CSV_CELL_MAX and "\n" not in cell, name, "is too long")
        cut = csv_values(row["Truncated"])
        expect(set(ip["Truncated"]) <= set(cut), "Truncated:", cut)
        for name in ("InstanceId", "SourceIpAddress", "RuleId", "DedupEntity"):
            whole = "|".join(csv_values(row[name]))
            expect(name in cut or whole == alert[name], name, cells)
        for name in ("TimeGenerated", "IPCount"):
            expect(row[name] == str(alert[name] or ""), name, cells)
        for name in ("Address", "EventCount", "FirstSeen", "LastSeen"):
            expect(row[name] == str(ip[name] or ""), name, cells)
        for name in ("EventNames", "ErrorCodes", "EventsPerHour"):
            expect(name in cut or csv_counts(row[name]) == ip[name], name, row[name], ip[name])
        keys = {key["AccessKeyId"]: key["EventCount"] for key in ip["AccessKeyIds"]}
        expect("AccessKeyIds" in cut or csv_counts(row["AccessKeyIds"]) == keys, "keys:", cells)
        for name in ("UserAgents", "EventSources", "Regions", "Ec2RoleDelivery", "VpcEndpointIds",
                     "Accounts", "Roles"):
            values = [] if ip[name] == [""] else ip[name]  # both are an empty cell
            expect(name in cut or csv_values(row[name]) == values, name, row[name], values)
        verdict = alert.get("Verdict", {})
        for column, member in (("Severity", "Severity"), ("Points", "Points"),
                               ("SuspectLocation", "Suspect")):
            value = verdict.get(member)
            expect(row[column] == ("" if value is None else str(value)), column, cells)
        points = {reason["Id"]: reason["Points"] for reason in verdict.get("Reasons", [])}
        expect(csv_counts(row["Reasons"]) == points, "Reasons:", cells)
        expect(csv_values(row["AwsServices"]) == ip.get("AwsServices", []), "AwsServices:", cells)
        expect(row["InAws"] == str(ip.get("InAws", "")).lower(), "InAws:", cells)
        for name in ("AwsRegion", "Asn", "Country"):
            expect(row[name] == str(ip.get(name, "")), name, cells)
        whole = "|".join(csv_values(row["Organization"]))
        expect(whole == ip.get("Organization", ""), "Organization:", cells)
        suspect = ip["Address"] == alert["SourceIpAddress"]
        tied = ip["Address"] in alert["TiedIps"]
        for name, truth in (("Suspect", suspect), ("Tied", tied), ("Expected", ip["Expected"]),
                            ("Alert", alert["IPCount"] >= 2)):
            expect(row[name] == ("true" if truth else "false"), name, cells)


# -------------------------------------------------- what is in a record

def first(alert: Alert, path: str) -> Any:
    """A member of the alert's first event; None where there is no string."""
    value: Any = alert["Event"] if isinstance(alert["Event"], dict) else {}
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if not isinstance(value, str):
        return None
    return re.sub("[\0\ud800-\udfff]", "\ufffd", value)  # as offbox reads it


def suspect_of(alert: Alert) -> Alert:
    return next(ip for ip in alert["Ips"] if ip["Address"] == alert["SourceIpAddress"])


def entity(alert: Alert, kind: str) -> str | None:
    return next((e["Value"] for e in alert["Entities"] if e["Type"] == kind), None)


def account_of(alert: Alert) -> str | None:
    account = entity(alert, "account")
    return account if account and re.fullmatch(r"[0-9]{12}", account) else None


def region_of(alert: Alert) -> str | None:
    """The instance's own if the record says so, else the one that was called."""
    issued_to = (first(alert, "userIdentity.inScopeOf.credentialsIssuedTo") or "").split(":")
    named = issued_to[3] if issued_to[0] == "arn" and len(issued_to) > 3 else ""
    for region in (named, first(alert, "awsRegion") or ""):
        if re.fullmatch(r"[a-z0-9-]{1,16}", region):
            return region
    return None


def partition_of(region: str | None) -> str:
    prefixes = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
    return next((p for prefix, p in prefixes.items() if (region or "").startswith(prefix)), "aws")


def instance_arn(alert: Alert) -> str | None:
    account, region = account_of(alert), region_of(alert)
    if not account or not region:
        return None
    return f"arn:{partition_of(region)}:ec2:{region}:{account}:instance/{alert['InstanceId']}"


def uid_of(alert: Alert) -> str:
    return f"0240|{alert['SourceIpAddress']}|{alert['InstanceId']}"


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.rstrip("Z")[:26] + "+00:00") if text else None


def milliseconds(text: str | None) -> int | None:
    time = moment(text)
    return (time - EPOCH) // timedelta(milliseconds=1) if time else None


def triggered(alerts: list[Alert]) -> list[Alert]:
    return [alert for alert in alerts if alert["IPCount"] >= 2]


def get(document: Any, path: str) -> Any:
    """A member by its path; None where it is absent. null is not allowed."""
    for step in path.split("/"):
        if isinstance(document, list):
            document = document[int(step)] if int(step) < len(document) else None
        else:
            document = document.get(step) if isinstance(document, dict) else None
    return document


def expect_no_nulls(value: Any, path: str = "") -> None:
    """A member that is not known is left out, but in a record."""
    expect(value is not None, path, "is null")
    if isinstance(value, (dict, list)):
        for name, member in value.items() if isinstance(value, dict) else enumerate(value):
            if name != "data":
                expect_no_nulls(member, f"{path}/{name}")


def expect_members(document: Any, expected: dict[str, Any]) -> None:
    for path, value in expected.items():
        got = get(document, path)
        expect(got == value and type(got) is type(value), f"{path} is {got!r}, not {value!r}")


# ---------------------------------------------------------------- ocsf

def check_ocsf(text: str, alerts: list[Alert]) -> None:
    findings = json_lines(text)
    expect(len(findings) == len(triggered(alerts)), len(findings), "findings")
    for finding, alert in zip(findings, triggered(alerts)):
        suspect, region, role = suspect_of(alert), region_of(alert), entity(alert, "role")
        expect_no_nulls(finding)
        expect_members(finding, {
            "activity_id": 1, "category_uid": 2, "class_uid": 2004, "type_uid": 200401,
            "severity_id": 3, "severity": "Medium", "status_id": 1, "is_alert": True,
            "time": milliseconds(alert["TimeGenerated"] or NOW),
            "start_time": milliseconds(suspect["FirstSeen"]),
            "end_time": milliseconds(suspect["LastSeen"]),
            "metadata/version": "1.6.0", "metadata/profiles": ["cloud"],
            "metadata/product/name": "offbox", "metadata/product/vendor_name": "offbox",
            "metadata/processed_time": milliseconds(NOW),
            "cloud/provider": "AWS", "cloud/region": region,
            "cloud/cloud_partition": partition_of(region) if region else None,
            "cloud/account/uid": account_of(alert),
            "cloud/account/type_id": 10 if account_of(alert) else None,
            "finding_info/uid": uid_of(alert),
            "finding_info/first_seen_time": milliseconds(suspect["FirstSeen"]),
            "finding_info/last_seen_time": milliseconds(suspect["LastSeen"]),
            "finding_info/created_time": milliseconds(NOW),
            "finding_info/analytic/type_id": 1, "finding_info/analytic/uid": "0240",
            "finding_info/analytic/name": alert["RuleName"],
            "finding_info/attacks/0/tactic/uid": "TA0003",
            "finding_info/attacks/0/technique/uid": "T1078",
            "finding_info/attacks/0/sub_technique/uid": "T1078.004",
            "evidences/0/src_endpoint/ip": alert["SourceIpAddress"],
            "evidences/0/api/operation": first(alert, "eventName"),
            "evidences/0/actor/user/uid": first(alert, "userIdentity.arn"),
            "evidences/0/actor/user/uid_alt": first(alert, "userIdentity.principalId"),
            "evidences/0/actor/session/credential_uid": first(alert, "userIdentity.accessKeyId"),
            "evidences/0/http_request/user_agent": first(alert, "userAgent"),
            "resources/0/type": "AWS::EC2::Instance",
            "resources/0/name": alert["InstanceId"],
            "resources/0/uid": instance_arn(alert) or alert["InstanceId"],
            "resources/1/uid": role if (role or "").startswith("arn:") else None,
        } if isinstance(alert["Event"], dict) else {"finding_info/uid": uid_of(alert)})
        record = finding["raw_data"]
        expect((json.loads(record) if isinstance(alert["Event"], dict) else record)
               == alert["Event"], "the record differs")
        expect([e["data"] for e in finding["evidences"][1:]] == alert["Ips"], "the addresses differ")
        expect(all(e["src_endpoint"]["ip"] == e["data"]["Address"] for e in finding["evidences"][1:]),
               "an address is another's")
        for evidence in finding["evidences"][1:]:
            expect_members(evidence["src_endpoint"], {
                "svc_name": evidence["data"].get("AwsServices", [None])[0],
                "autonomous_system/number": evidence["data"].get("Asn"),
                "autonomous_system/name": evidence["data"].get("Organization"),
                "location/country": evidence["data"].get("Country")})
        expect(isinstance(finding["finding_info"]["attacks"][0]["version"], str), "ATT&CK's version")
        expect(bool(finding["finding_info"]["title"]) and bool(finding["finding_info"]["desc"]), "title")
        for observable in finding["observables"]:
            expect(set(observable) == {"name", "type_id", "type", "value"}
                   and observable["type_id"] in (2, 10, 16, 19), "observable", observable)
        addresses = [o["value"] for o in finding["observables"] if o["type_id"] == 2]
        expect(addresses == alert["ObservedIps"], "observed:", addresses)


# ----------------------------------------------------------------- ecs

def check_ecs(text: str, alerts: list[Alert]) -> None:
    documents = json_lines(text)
    expect(len(documents) == len(triggered(alerts)), len(documents), "documents")
    for document, alert in zip(documents, triggered(alerts)):
        suspect = suspect_of(alert)
        expect_no_nulls(document)
        names_expected(document)
        record = document["event"]["original"]
        if isinstance(alert["Event"], dict):
            record = json.loads(record)
            expect_members(document, {
                "event/action": first(alert, "eventName"),
                "event/provider": first(alert, "eventSource"),
                "event/outcome": "failure" if first(alert, "errorCode") is not None else "success",
                "cloud/region": region_of(alert),
                "user/id": first(alert, "userIdentity.principalId"),
                "user_agent/original": first(alert, "userAgent"),
                "error/code": first(alert, "errorCode"),
            })
        expect(record == alert["Event"], "the record differs")
        expect_members(document, {
            "@timestamp": alert["TimeGenerated"] or NOW.replace("Z", ".0000000Z"),
            "ecs/version": "8.17.0", "event/kind": "alert", "event/id": uid_of(alert),
            "event/category": ["intrusion_detection", "iam"], "event/type": ["info"],
            "event/module": "offbox", "event/dataset": "offbox.alert", "event/severity": 47,
            "event/start": suspect["FirstSeen"], "event/end": suspect["LastSeen"],
            "rule/id": "0240", "rule/name": alert["RuleName"],
            "threat/framework": "MITRE ATT&CK", "threat/tactic/id": ["TA0003"],
            "threat/technique/id": ["T1078"], "threat/technique/subtechnique/id": ["T1078.004"],
            "cloud/provider": "aws", "cloud/account/id": account_of(alert),
            "cloud/instance/id": alert["InstanceId"], "cloud/service/name": "ec2",
            "source/ip": alert["SourceIpAddress"], "related/ip": alert["ObservedIps"],
            "source/as/number": suspect.get("Asn"),
            "source/as/organization/name": suspect.get("Organization"),
            "source/geo/country_iso_code": suspect.get("Country"),
        })
        for got, ip in zip(document["offbox"]["ips"], alert["Ips"], strict=True):
            expect_members(got, {
                "ip": ip["Address"], "event_count": ip["EventCount"], "expected": ip["Expected"],
                "suspect": ip is suspect, "first_seen": ip["FirstSeen"], "last_seen": ip["LastSeen"],
                "user_agents": ip["UserAgents"], "regions": ip["Regions"],
                "event_sources": ip["EventSources"], "roles": ip["Roles"],
                "accounts": ip["Accounts"], "vpc_endpoint_ids": ip["VpcEndpointIds"],
                "ec2_role_delivery": ip["Ec2RoleDelivery"], "truncated": ip["Truncated"],
                "in_aws": ip.get("InAws"), "aws_services": ip.get("AwsServices"), "aws_region": ip.get("AwsRegion"),
                "as/number": ip.get("Asn"), "as/organization/name": ip.get("Organization"),
                "geo/country_iso_code": ip.get("Country"),
            })
            for name, member in (("event_names", "EventNames"), ("error_codes", "ErrorCodes")):
                counts = {one["name"]: one["count"] for one in got[name]}
                expect(counts == ip[member], name, counts)
            expect([key["id"] for key in got["access_keys"]]
                   == [key["AccessKeyId"] for key in ip["AccessKeyIds"]], "keys")
            expect(sum(one["count"] for one in got["events_per_hour"])
                   == sum(ip["EventsPerHour"].values()), "hours")


def names_expected(value: Any) -> None:
    """Names are ours: an attacker's would each become a field of the index."""
    if isinstance(value, dict):
        for name, member in value.items():
            expect(re.fullmatch(r"@timestamp|[a-z0-9_]+", name) is not None, "member", name)
            names_expected(member)
    elif isinstance(value, list):
        for member in value:
            names_expected(member)


# ---------------------------------------------------------- timesketch

def check_timesketch(text: str, alerts: list[Alert]) -> None:
    expected = []
    for alert in alerts:
        for ip in alert["Ips"]:
            expected.append((alert, ip, "First event", ip["FirstSeen"], None))
            expected += [(alert, ip, "Access key first seen", key["FirstSeen"], key)
                         for key in ip["AccessKeyIds"]]
            expected.append((alert, ip, "Last event", ip["LastSeen"], None))
    lines = json_lines(text)
    expect(len(lines) == len(expected), len(lines), "lines for", len(expected), "moments")
    for line, (alert, ip, what, time, key) in zip(lines, expected):
        expect_no_nulls(line)
        suspect = ip["Address"] == alert["SourceIpAddress"]
        expect(isinstance(line["message"], str) and line["message"] != "", "message")
        expect(re.fullmatch(r"\d{4}(-\d\d){2}T\d\d(:\d\d){2}\.\d{6}\+00:00", line["datetime"])
               is not None, "datetime", line["datetime"])
        expect(datetime.fromisoformat(line["datetime"]) == (moment(time) or EPOCH), "datetime", line)
        expect_members(line, {
            "timestamp": ((moment(time) or EPOCH) - EPOCH) // timedelta(microseconds=1),
            "timestamp_desc": what if time else f"{what} (time unknown)",
            "instance_id": alert["InstanceId"], "source_ip": ip["Address"], "suspect": suspect,
            "alert": alert["IPCount"] >= 2, "expected": ip["Expected"], "rule_id": "0240",
            "in_aws": ip.get("InAws"), "aws_services": ip.get("AwsServices"), "aws_region": ip.get("AwsRegion"),
            "asn": ip.get("Asn"), "organization": ip.get("Organization"),
            "country": ip.get("Country"),
        })
        expect_members(line, {
            "access_key_id": key["AccessKeyId"], "event_count": key["EventCount"],
        } if key else {
            "access_key_ids": [each["AccessKeyId"] for each in ip["AccessKeyIds"]],
            "event_count": ip["EventCount"], "event_names": list(ip["EventNames"]),
            "user_agents": ip["UserAgents"], "regions": ip["Regions"], "roles": ip["Roles"],
            "error_codes": list(ip["ErrorCodes"]), "event_sources": ip["EventSources"],
            "accounts": ip["Accounts"], "truncated": ip["Truncated"],
        })
        expect(("record" in line) == (suspect and what == "First event"), "record")


# ---------------------------------------------------------------- asff

ASFF_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
ASFF_MAX = {  # characters
    "Id": 512, "ProductArn": 2048, "GeneratorId": 512, "AwsAccountId": 12, "Title": 256,
    "Description": 1024, "Action/AwsApiCallAction/Api": 128,
    "Action/AwsApiCallAction/ServiceName": 128,
}
ASFF_REQUIRED = """
    SchemaVersion Id ProductArn GeneratorId AwsAccountId Types CreatedAt UpdatedAt Severity Title
    Description Resources
""".split()


def check_asff(text: str, alerts: list[Alert]) -> None:
    calls = json_lines(text)
    expect(all(len(line.encode()) <= 240_000 for line in text.split("\n")), "a call is too long")
    places = [{(f["ProductArn"], f["AwsAccountId"]) for f in call} for call in calls]
    expect(all(1 <= len(call) <= 100 for call in calls), "findings of a call")
    expect(all(len(place) == 1 for place in places), "a call of several accounts or regions")
    findings = [finding for call in calls for finding in call]
    by_address = {(alert["InstanceId"], alert["SourceIpAddress"]): alert for alert in triggered(alerts)}
    expect(len(findings) == len(by_address), len(findings), "findings")
    ids = {finding["Id"] for finding in findings}
    expect(len(ids) == len(findings), "an Id occurs twice")
    for finding in findings:
        check_asff_finding(finding)
    arns = {finding["Resources"][0]["Id"] for finding in findings}
    for alert in triggered(alerts):
        if isinstance(alert["Event"], dict) and alert["InstanceId"].isascii() \
                and alert["InstanceId"].isprintable() and "\\" not in alert["InstanceId"]:
            expect(uid_of(alert) in ids, "no finding", uid_of(alert))
            expect((instance_arn(alert) or alert["InstanceId"]) in arns, "no", instance_arn(alert))


def check_asff_finding(finding: Alert) -> None:
    expect_no_nulls(finding)
    for text in all_strings(finding):
        expect(re.fullmatch(r".*\S.*", text) is not None, "a blank text", repr(text))
    for name in ASFF_REQUIRED:
        expect(bool(finding.get(name)), name, "is missing")
    for path, most in ASFF_MAX.items():
        expect(len(get(finding, path) or "") <= most, path, "is too long")
    account, region = finding["AwsAccountId"], finding["Resources"][0]["Region"]
    partition = partition_of(region)
    expect(re.fullmatch(r"[0-9]{12}", account) is not None, "account", account)
    expect(re.fullmatch(r"[a-z0-9-]{1,16}", region) is not None, "region", region)
    expect_members(finding, {
        "SchemaVersion": "2018-10-08", "GeneratorId": "offbox/0240",
        "ProductArn": f"arn:{partition}:securityhub:{region}:{account}:product/{account}/default",
        "Severity/Label": "MEDIUM", "Types": ["TTPs/Persistence/T1078.004"],
        "FindingProviderFields/Severity/Label": "MEDIUM", "RecordState": "ACTIVE",
        "Action/ActionType": "AWS_API_CALL", "Resources/0/Type": "AwsEc2Instance",
        "Resources/0/Partition": partition,
        "UpdatedAt": max(NOW, finding["CreatedAt"]),
    })
    for name in ("CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt"):
        expect(ASFF_TIME.fullmatch(finding.get(name, NOW)) is not None, name)
    expect(len(finding["Resources"]) <= 32, "resources")
    for resource in finding["Resources"]:
        expect(resource["Type"] in ("AwsEc2Instance", "AwsIamRole", "AwsIamAccessKey")
               and 0 < len(resource["Id"]) <= 512, "resource", resource)
    fields = finding["ProductFields"]
    expect(len(fields) <= 50, len(fields), "ProductFields")
    expect(all(len(name) <= 128 and len(text) <= 2048 for name, text in fields.items()), "a field")
    network = finding["Network"]
    address = network.get("SourceIpV4") or network["SourceIpV6"]
    expect(("." in address) == ("SourceIpV4" in network), "address", address)
    expect("suspect" in fields[f"offbox/ip/{address}"], "the suspect's field")


def all_strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for member in value.values() if isinstance(value, dict) else value:
            yield from all_strings(member)


# ----------------------------------------------------------------- main

CHECKS: dict[str, Callable[[str, list[Alert]], None]] = {
    "csv": check_csv,
    "ocsf": check_ocsf,
    "ecs": check_ecs,
    "timesketch": check_timesketch,
    "asff": check_asff,
}


def overflowing() -> str:
    """One alert whose values are many, long and of the worst kind."""
    def record(number: int, address: str, agent: str, name: str) -> Alert:
        return {
            "eventVersion": "1.11", "eventTime": f"2024-05-14T09:{number % 60:02}:00Z",
            "eventSource": "s3.amazonaws.com", "eventName": name, "awsRegion": "us-gov-west-1",
            "sourceIPAddress": address, "userAgent": agent, "eventID": f"id-{number}",
            "recipientAccountId": "444455556666", "errorCode": f"Error|{number}",
            "userIdentity": {
                "type": "AssumedRole", "principalId": "AROAEXAMPLE:i-0many|=1\\",
                "accessKeyId": f"ASIAEXAMPLE{number:05}", "accountId": "444455556666"},
        }

    def quotes(number: int, address: str, worst: str) -> Alert:
        role = {"arn": f"arn:{worst}", "userName": worst}
        return {
            **record(number, address, f"{number}{worst}", f"{number}{worst}"),
            "eventSource": worst, "eventID": f"{number:05}{worst}", "errorCode": worst,
            "userIdentity": {
                "type": worst, "principalId": "AROAEXAMPLE:i-" + '"\\' * 400, "arn": worst,
                "accountId": "444455556666", "accessKeyId": f"{number:05}{worst}",
                "sessionContext": {"sessionIssuer": role}},
        }

    records = [record(n, f"203.0.113.{n % 90}", f"agent {n}|\\" + "\u00e9\"\x1b" * 300, f"Name{n}|=")
               for n in range(2000)]
    records += [record(n, "203.0.113.7", "a", f"L{n}" + "\U0001f600" * 400) for n in range(2000, 2100)]
    records.append(record(2100, "198.51.100.4", "'+first,\r\n\"second\"", "@" + "\u202e" * 9000))
    # A suspect with 31 keys among 41 addresses, every text of it as long as
    # ASFF takes it and made of what is written as two bytes.
    records += [quotes(n, "198.51.100.4", '"\\' * 800) for n in range(3000, 3031)]
    records += [quotes(n, f"203.0.113.{n % 40}", '"\\' * (1500 if n < 4040 else 1))
                for n in range(4000, 5400)]
    return "".join(json.dumps(one) + "\n" for one in records)


def lacking() -> str:
    """Alerts whose first events lack something, or have it of a wrong kind."""
    full = {
        "eventVersion": "1.11", "eventTime": "2024-05-14T09:00:00.9999999Z",
        "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets", "awsRegion": "cn-north-1",
        "sourceIPAddress": "198.51.100.4", "userAgent": "aws-cli", "eventID": "1",
        "recipientAccountId": "444455556666",
        "userIdentity": {
            "type": "AssumedRole", "arn": "arn:aws-cn:sts::444455556666:assumed-role/r/i",
            "accessKeyId": "ASIAEXAMPLE", "accountId": "444455556666",
            "sessionContext": {"sessionIssuer": {"arn": "arn:aws-cn:iam::444455556666:role/p/r"}}},
    }
    changes: list[Alert] = [
        {}, {"eventTime": None}, {"eventTime": "1969-12-31T23:59:59.9999Z"}, {"eventName": None},
        {"eventName": " "}, {"eventName": ""}, {"eventSource": "\n"}, {"awsRegion": None},
        {"awsRegion": "=cmd|' /C calc'!A0"}, {"awsRegion": "us-east-1\" \"x"}, {"userAgent": None},
        {"userAgent": ""}, {"eventID": None}, {"sourceIPAddress": "2001:db8::4"},
        {"errorCode": "AccessDenied"}, {"errorCode": ""}, {"recipientAccountId": None},
        {"eventTime": "9999-12-31T23:59:59Z"},
    ]
    identities: list[Alert] = [
        {"accountId": "12"}, {"accountId": "44445555666x"}, {"accountId": None}, {"arn": None},
        {"accessKeyId": None}, {"accessKeyId": ""}, {"sessionContext": None}, {"type": 7},
        {"sessionContext": {"sessionIssuer": {"userName": "only-a-name"}}},
        {"sessionContext": {"sessionIssuer": {"userName": " ", "arn": ""}}},
        {"sessionContext": {"attributes": {"creationDate": "2024-05-14T08:00:00Z"}}},
        {"inScopeOf": {"credentialsIssuedTo": "arn:aws:ec2:eu-west-1:444455556666:instance/i-x"}},
        {"inScopeOf": {"credentialsIssuedTo": "arn:aws:ec2:EU!:444455556666:instance/i-x"}},
    ]
    lines = []
    for number, change in enumerate([*changes, *({"userIdentity": i} for i in identities)]):
        record = {**full, **change}
        principal = {"principalId": f"AROAEXAMPLE:i-{number:04}"}
        record["userIdentity"] = {**full["userIdentity"], **change.get("userIdentity", {}), **principal}
        lines.append({name: value for name, value in record.items() if value is not None})
        for other in range(2):
            lines.append({**full, "eventID": f"own-{other}", "sourceIPAddress": "203.0.113.3",
                          "userIdentity": {**full["userIdentity"], **principal}})
    return "".join(json.dumps(one) + "\n" for one in lines)


def check_all(offbox: str, form: str, many: Path, lacks: Path, policy: Path,
              owners: list[str | Path]) -> None:
    check = CHECKS[form]
    inputs: dict[str, list[str | Path]] = {
        "stolen": [FIXTURES / "stolen"],
        "rule": ["--ipv6", FIXTURES / "rule"],
        "tie": [FIXTURES / "rule" / "A13.jsonl"],
        "lacking": ["--ipv6", lacks],
        "many": [many],
        **{path.name: [path] for path in HOSTILE},
        "all": [FIXTURES / "stolen", many, lacks, *HOSTILE],
        "expected": ["--policy", policy, FIXTURES / "rule" / "A13.jsonl"],
        "muted": ["--policy", policy, FIXTURES / "stolen"],
        "owned": [*owners, FIXTURES / "stolen"],
        "many, owned": [*owners, many],
        "nothing": [FIXTURES / "rule" / "A01.jsonl"],
        "one that does not alert": ["--instance", "i-0a", FIXTURES / "rule" / "A01.jsonl"],
        "one never seen": ["--instance", "i-0a", "--instance", "i-0none",
                           FIXTURES / "rule" / "A02.jsonl"],
    }
    if form == "csv":  # what the others make of a severity is checked elsewhere
        inputs["extended"] = ["--extended", "--min-severity", "informational",
                              FIXTURES / "stolen", FIXTURES / "rule"]
    for name, arguments in inputs.items():
        alerts = json_lines(run(offbox, "jsonl", *arguments))
        try:
            check(run(offbox, form, *arguments), alerts)
        except (Wrong, ValueError, KeyError, TypeError, csv.Error) as wrong:
            sys.exit(f"{form}: {name}: {type(wrong).__name__}: {str(wrong)[:4000]}")


def main() -> None:
    offbox, form = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        many = Path(folder) / "many.jsonl"
        many.write_text(overflowing())
        lacks = Path(folder) / "lacking.jsonl"
        lacks.write_text(lacking())
        policy = Path(folder) / "policy"
        policy.write_text("expect ip=203.0.113.3 instance=i-0a\nmute instance=i-0a1b2c3d4e5f60718\n")
        ranges = Path(folder) / "ranges.json"
        ranges.write_text(json.dumps({
            "syncToken": "1715679667", "createDate": "2024-05-14-09-41-07", "ipv6_prefixes": [],
            "prefixes": [{"ip_prefix": "203.0.113.0/24", "region": "us-east-1", "service": name}
                         for name in ("AMAZON", "S3", "EC2")]}))
        owners: list[str | Path] = ["--ip-ranges", ranges]
        version = subprocess.run([offbox, "--version"], capture_output=True, text=True, check=True)
        if "MMDB: none" not in version.stdout:
            known = {"asn": "AS64496", "as_name": '"\\' * 120, "country_code": "NL"}
            owners += ["--mmdb", Path(folder) / "owners.mmdb"]
            owners[-1].write_bytes(database({"type": "x", "ip_version": 4, "networks": {
                "198.51.100.0/24": known, "203.0.113.0/25": {"country_code": "IE"}}}))
        check_all(offbox, form, many, lacks, policy, owners)


if __name__ == "__main__":
    main()
