#!/usr/bin/env python3
"""Three days of a cron job: each planted theft is alerted exactly once.

    three_days_test.py OFFBOX

A folder grows as `aws s3 sync` lets it grow: most files come within the
hour, some come many hours late (behind newer ones, so that a cursor at the
newest file would have passed them), some come again under another name. Each
hour offbox runs over it with a time frame, a policy and a history, as
docs/cron.md says, with --now for the hour. Each theft ends within a day and
keeps its suspect; it must be alerted by the first run after its file has
come, and by no other.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

START = datetime(2024, 5, 14, tzinfo=timezone.utc)
HOURS = 72
NAT = ["203.0.113.1", "203.0.113.2"]

POLICY = """\
ignore role=scanner-*                     # scans from everywhere
expect ip=203.0.113.0/30                  # our NAT gateways
mute   instance=i-lab                     # given away on purpose
"""


@dataclass(frozen=True)
class Theft:
    instance: str
    thief: str
    first: int  # the hour of the thief's first call
    hours: int  # and for how many he goes on
    late: int = 0  # hours until his files come
    calls: int = 1  # an hour
    again: int = 0  # hours until his files come a second time; 0: never


THEFTS = [
    Theft("i-short", "198.51.100.1", first=3, hours=1),
    Theft("i-day", "198.51.100.2", first=5, hours=24),
    Theft("i-late", "198.51.100.3", first=8, hours=2, late=30),
    Theft("i-later", "198.51.100.4", first=20, hours=6, late=11),
    Theft("i-twice", "198.51.100.5", first=26, hours=3, again=9),
    # As loud as the instance behind both NAT gateways, which count as one.
    Theft("i-nat-loud", "198.51.100.6", first=30, hours=5, calls=40),
    # One thief in two places, at one time.
    Theft("i-two-a", "198.51.100.7", first=40, hours=4),
    Theft("i-two-b", "198.51.100.7", first=40, hours=4),
    Theft("i-last", "198.51.100.8", first=70, hours=1),
]
# What the policy keeps quiet.
QUIET = [
    Theft("i-lab", "198.51.100.9", first=10, hours=10),
    Theft("i-scanner", "198.51.100.10", first=12, hours=50),
]


def record(instance: str, address: str, when: datetime, number: int) -> dict[str, object]:
    role = "scanner-1" if instance == "i-scanner" else "web"
    return {
        "eventVersion": "1.09", "eventSource": "s3.amazonaws.com", "eventName": "ListBuckets",
        "eventTime": when.strftime("%Y-%m-%dT%H:%M:%SZ"), "awsRegion": "us-east-1",
        "eventID": f"{instance}-{address}-{when:%d%H}-{number}", "sourceIPAddress": address,
        "recipientAccountId": "111122223333",
        "userIdentity": {
            "type": "AssumedRole", "principalId": f"AROAEXAMPLE:{instance}",
            "accountId": "111122223333",
            "sessionContext": {"sessionIssuer": {
                "arn": f"arn:aws:iam::111122223333:role/{role}", "userName": role}}}}


def calls(instance: str, address: str, hour: int, count: int) -> list[dict[str, object]]:
    begin = START + timedelta(hours=hour)
    return [record(instance, address, begin + timedelta(seconds=60 * n), n) for n in range(count)]


@dataclass(frozen=True)
class File:
    comes: int  # by the run at this hour
    delivered: datetime  # as its name says
    name: str
    records: list[dict[str, object]]


def make_files() -> list[File]:
    files = []

    def add(hour: int, late: int, name: str, records: list[dict[str, object]]) -> None:
        # CloudTrail delivered it in time; it is the sync that is late.
        files.append(File(hour + 1 + late, START + timedelta(hours=hour, minutes=50), name,
                          records))

    for hour in range(HOURS):
        home = []
        for theft in THEFTS + QUIET:
            if theft.instance.startswith("i-nat"):
                home += [call for nat in NAT for call in calls(theft.instance, nat, hour, 3)]
            else:
                home += calls(theft.instance, f"192.0.2.{len(theft.instance)}", hour, 3)
        for nat in NAT:
            home += calls("i-quiet-behind-nat", nat, hour, 2)
        add(hour, 5 if hour % 7 == 0 else 0, f"home{hour:02}", home)
        if hour % 5 == 0:  # a second trail
            add(hour, 12, f"copy{hour:02}", home)
    for theft in THEFTS + QUIET:
        for hour in range(theft.first, min(theft.first + theft.hours, HOURS)):
            stolen = calls(theft.instance, theft.thief, hour, theft.calls)
            add(hour, theft.late, f"{theft.instance}{hour:02}", stolen)
            if theft.again:
                add(hour, theft.again, f"{theft.instance}{hour:02}again", stolen)
    return files


def put(folder: Path, file: File) -> None:
    day = folder / f"{file.delivered:%Y/%m/%d}"
    day.mkdir(parents=True, exist_ok=True)
    name = f"111122223333_CloudTrail_us-east-1_{file.delivered:%Y%m%dT%H%MZ}_{file.name}.json.gz"
    text = json.dumps({"Records": file.records}).encode()
    (day / name).write_bytes(gzip.compress(text, compresslevel=1))


def run(program: Path, folder: Path, hour: int) -> tuple[int, list[tuple[str, str]], str]:
    """The status, (instance, suspect) of each alert, standard error."""
    now = START + timedelta(hours=hour)
    spool = folder / f"{hour:02}.jsonl"
    done = subprocess.run(
        [program, "-q", "-f", "none", "-o", spool, "--timeframe", "2d", "--history-ttl", "4d",
         "--policy", folder / "policy", "--history", folder / "history.jsonl",
         "--now", now.strftime("%Y-%m-%dT%H:%M:%SZ"), folder / "logs"],
        stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    alerts = [json.loads(line) for line in spool.read_text(encoding="utf-8").splitlines()]
    return (done.returncode, [(a["InstanceId"], a["SourceIpAddress"]) for a in alerts],
            done.stderr)


def main() -> int:
    program = Path(sys.argv[1]).resolve()
    wrong = []
    given: dict[tuple[str, str], list[int]] = {}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "policy").write_text(POLICY, encoding="utf-8")
        (folder / "logs").mkdir()
        files = make_files()
        for hour in range(1, HOURS + 1):
            for file in files:
                if file.comes == hour:
                    put(folder / "logs", file)
            status, alerts, stderr = run(program, folder, hour)
            if status != (1 if alerts else 0) or stderr:
                wrong.append(f"hour {hour}: status {status} with {len(alerts)} alerts\n{stderr}")
            for alert in alerts:
                given.setdefault(alert, []).append(hour)
        entries = (folder / "history.jsonl").read_text(encoding="utf-8").splitlines()
    for theft in THEFTS:
        hours = given.pop((theft.instance, theft.thief), [])
        if hours != [theft.first + 1 + theft.late]:
            wrong.append(f"{theft}: alerted in the hours {hours}")
    wrong += [f"{alert}: no theft, alerted in the hours {hours}" for alert, hours in given.items()]
    if len(entries) != len(THEFTS):
        wrong.append(f"{len(entries)} entries in the history")
    print("\n".join(wrong) if wrong else
          f"{HOURS} runs over {len(files)} files: {len(THEFTS)} thefts, each alerted once")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
