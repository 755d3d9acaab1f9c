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
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
HOSTILE = sorted((FIXTURES / "hostile").glob("*.jsonl"))
NOW = "2024-05-15T00:00:00Z"

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
    expect(form in ("jsonl", "json") or not control, "a control character:", control)
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
    ErrorCodes Ec2RoleDelivery VpcEndpointIds Accounts Roles EventsPerHour PolicyLine Truncated
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
            expect(name in cut or csv_values(row[name]) == ip[name], name, row[name], ip[name])
        suspect = ip["Address"] == alert["SourceIpAddress"]
        tied = ip["Address"] in alert["TiedIps"]
        for name, truth in (("Suspect", suspect), ("Tied", tied), ("Expected", ip["Expected"]),
                            ("Alert", alert["IPCount"] >= 2)):
            expect(row[name] == ("true" if truth else "false"), name, cells)


# ----------------------------------------------------------------- main

CHECKS: dict[str, Callable[[str, list[Alert]], None]] = {
    "csv": check_csv,
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

    records = [record(n, f"203.0.113.{n % 90}", f"agent {n}|\\" + "\u00e9\"\x1b" * 300, f"Name{n}|=")
               for n in range(2000)]
    records += [record(n, "203.0.113.7", "a", f"L{n}" + "\U0001f600" * 400) for n in range(2000, 2100)]
    records.append(record(2100, "198.51.100.4", "'+first,\r\n\"second\"", "@" + "\u202e" * 9000))
    return "".join(json.dumps(one) + "\n" for one in records)


def check_all(offbox: str, form: str, many: Path) -> None:
    check = CHECKS[form]
    inputs: dict[str, list[str | Path]] = {
        "stolen": [FIXTURES / "stolen"],
        "rule": ["--ipv6", FIXTURES / "rule"],
        "tie": [FIXTURES / "rule" / "A13.jsonl"],
        "many": [many],
        **{path.name: [path] for path in HOSTILE},
        "all": [FIXTURES / "stolen", many, *HOSTILE],
        "nothing": [FIXTURES / "rule" / "A01.jsonl"],
        "one that does not alert": ["--instance", "i-0a", FIXTURES / "rule" / "A01.jsonl"],
        "one never seen": ["--instance", "i-0a", "--instance", "i-0none",
                           FIXTURES / "rule" / "A02.jsonl"],
    }
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
        check_all(offbox, form, many)


if __name__ == "__main__":
    main()
