#!/usr/bin/env python3
"""Databases of addresses: each maker's keys, and damage at every byte.

    mmdb_test.py OFFBOX

Whatever is wrong in a database, the program ends by no signal: either it
refuses the database before any input is read (status 2, with its name), or
its alerts are those of a run without it, but for what the database adds, and
what it could not tell is a warning and status bit 4.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from mmdb import database

SKIPPED = 77
OWNER = ("Asn", "Organization", "Country")
THIEF, HOME, OVER_IPV6 = "198.51.100.9", "203.0.113.1", "2001:db8:1::7"

# What a record holds, and what is made of it: ASN, organization, country.
LAYOUTS: list[tuple[str, dict[str, Any], tuple[Any, Any, Any]]] = [
    ("MaxMind, DB-IP lite: ASN",
     {"autonomous_system_number": 64496, "autonomous_system_organization": "Example"},
     (64496, "Example", None)),
    ("MaxMind, DB-IP lite: country",
     {"continent": {"code": "EU"}, "country": {"geoname_id": 1, "iso_code": "NL", "names": {"en": "x"}},
      "registered_country": {"iso_code": "DE"}}, (None, None, "NL")),
    ("MaxMind Enterprise, DB-IP ISP",
     {"country": {"iso_code": "NL"},
      "traits": {"autonomous_system_number": 64496, "autonomous_system_organization": "Example",
                 "isp": "Other", "organization": "Other"}}, (64496, "Example", "NL")),
    ("IPinfo Lite",
     {"asn": "AS64496", "as_name": "Example", "as_domain": "example.com", "country": "Netherlands",
      "country_code": "NL", "continent_code": "EU"}, (64496, "Example", "NL")),
    ("IPinfo country and ASN",
     {"asn": "AS64496", "as_name": "Example", "country": "NL", "country_name": "Netherlands"},
     (64496, "Example", "NL")),
    ("IPinfo ASN", {"asn": "AS64496", "name": "Example", "domain": "example.com"},
     (64496, "Example", None)),
    ("the largest number", {"asn": "as4294967295"}, (4294967295, None, None)),
    ("a number too large", {"asn": "AS4294967296"}, (None, None, None)),
    ("no numbers", {"asn": "AS"}, (None, None, None)),
    ("no numbers, either", {"asn": "AS64496x", "as_name": ""}, (None, None, None)),
    ("other kinds", {"autonomous_system_number": True, "autonomous_system_organization": ["x"],
                     "country": {"iso_code": 7}}, (None, None, None)),
    ("no codes", {"country_code": "nl", "country": "N"}, (None, None, None)),
    ("a long name, cut between characters", {"as_name": "x" + "\u00e9" * 130},
     (None, "x" + "\u00e9" * 127, None)),
    ("a name that is no UTF-8", {"as_name": "a\udcffb"}, (None, "a\ufffdb", None)),
    ("nothing that is wanted", {"is_anonymous": True}, (None, None, None)),
]


def record(number: int, address: str) -> dict[str, Any]:
    return {
        "eventVersion": "1.09", "eventTime": f"2024-05-14T09:{number:02}:00Z",
        "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets", "awsRegion": "us-east-1",
        "sourceIPAddress": address, "userAgent": "aws-cli/2", "eventID": f"id-{number}",
        "recipientAccountId": "111122223333",
        "userIdentity": {"type": "AssumedRole", "principalId": "AROAEXAMPLE:i-0f00000000000000",
                         "accountId": "111122223333", "accessKeyId": "ASIAEXAMPLE"},
    }


class Wrong(Exception):
    pass


def run(offbox: str, logs: Path, db: Path | None) -> tuple[int, list[dict[str, Any]], str]:
    options = ["--mmdb", str(db)] if db else []
    # libmaxminddb forgets some of a database that it refuses.
    sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    done = subprocess.run([offbox, "-q", "-j", "1", "--ipv6", *options, "-f", "jsonl", str(logs)],
                          capture_output=True, timeout=60, check=False,
                          env=os.environ | {"ASAN_OPTIONS": sanitizer})
    if done.returncode < 0:
        raise Wrong(f"died of signal {-done.returncode}: {done.stderr!r}")
    text = done.stdout.decode()  # strictly: all is UTF-8
    return done.returncode, [json.loads(line) for line in text.splitlines()], done.stderr.decode()


def owners(alerts: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    return {ip["Address"]: tuple(ip.get(name) for name in OWNER)
            for alert in alerts for ip in alert["Ips"]}


def check_layouts(offbox: str, logs: Path, folder: Path) -> None:
    nothing = (None, None, None)
    for name, known, expected in LAYOUTS:
        for version in (4, 6):
            networks = {"198.51.100.0/25": known}
            if version == 6:
                networks["2001:db8:1::/48"] = known
            db = folder / "layout.mmdb"
            db.write_bytes(database({"type": "x", "ip_version": version, "networks": networks}))
            status, alerts, stderr = run(offbox, logs, db)
            said = owners(alerts)
            if status != 1 or stderr or said != {
                    THIEF: expected, HOME: nothing, OVER_IPV6: expected if version == 6 else nothing}:
                raise Wrong(f"{name}, IPv{version}: {status} {stderr} {said}")


def stripped(alerts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for alert in alerts:
        for ip in alert["Ips"]:
            for name in OWNER:
                ip.pop(name, None)
    return alerts


def check_damage(offbox: str, logs: Path, folder: Path) -> tuple[int, int, int]:
    """What comes of it: refused, told of, not seen."""
    whole = database({"type": "x", "ip_version": 6, "networks": {
        "198.51.100.0/25": LAYOUTS[0][1], "2001:db8:1::/48": LAYOUTS[2][1]}})
    alerts = stripped(run(offbox, logs, None)[1])
    cases = [(f"cut to {size}", whole[:size]) for size in range(len(whole))]
    for bits in (0xff, 0x20):
        cases += [(f"byte {at} ^ {bits:#x}", whole[:at] + bytes([whole[at] ^ bits]) + whole[at + 1:])
                  for at in range(len(whole))]

    def judge(number: int) -> int:
        what, data = cases[number]
        db = folder / f"{number}.mmdb"
        db.write_bytes(data)
        try:
            status, said, stderr = run(offbox, logs, db)
        except (Wrong, UnicodeDecodeError, subprocess.TimeoutExpired) as wrong:
            raise Wrong(f"{what}: {wrong}") from wrong
        db.unlink()
        named = f"address database '{db}'" in stderr
        if status == 2 and named and not said:
            return 0
        if stripped(said) != alerts or status not in (1, 5) or (status == 5) != named or (
                named and "told nothing of" not in stderr):
            raise Wrong(f"{what}: {status} {stderr} {said}")
        return 1 if named else 2

    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(judge, range(len(cases))))
    return ends.count(0), ends.count(1), ends.count(2)


def main() -> int:
    offbox = sys.argv[1]
    version = subprocess.run([offbox, "--version"], capture_output=True, text=True, check=True)
    if "MMDB: none" in version.stdout:
        print("this offbox was built without libmaxminddb")
        return SKIPPED
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        logs = folder / "logs.jsonl"
        logs.write_text("".join(json.dumps(record(number, address)) + "\n" for number, address
                                in enumerate([HOME, HOME, THIEF, OVER_IPV6])))
        try:
            check_layouts(offbox, logs, folder)
            ends = check_damage(offbox, logs, folder)
        except Wrong as wrong:
            print(wrong)
            return 1
    print("damage: {} refused, {} told of, {} not seen".format(*ends))
    return 0 if all(ends) else 1  # a test that reaches only one end shows nothing


if __name__ == "__main__":
    sys.exit(main())
