#!/usr/bin/env python3
"""Run the scenarios: run.py OFFBOX [NAME]..."""

from __future__ import annotations

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile
from typing import Any

from scenarios import SCENARIOS, Estate, Record, Scenario, instance

SEVERITIES = ["informational", "low", "medium", "high", "critical"]
OTHERS = 10_000


def write(folder: pathlib.Path, files: list[list[Record]]) -> pathlib.Path:
    folder.mkdir()
    for number, records in enumerate(files):
        (folder / f"{number}.json").write_text(json.dumps({"Records": records}))
    return folder


def others() -> list[Record]:
    """Records of people, roles and services that no scenario knows."""
    estate = Estate()
    source = random.Random(7)
    for number in range(OTHERS):
        address = f"192.0.2.{source.randrange(256)}"
        at = source.random() * 300
        if number % 3:
            estate.person(at, address, user=f"user{number % 40}")
        else:
            estate.call(at, address, principal=f"AROAEXAMPLECI:build{number}",
                        agent="ci")
    for number, record in enumerate(estate.records):
        record["eventID"] = f"11111111-0000-4000-8000-{number:012d}"
    return estate.records


def variants(records: list[Record], folder: pathlib.Path,
             crowd: list[Record]) -> dict[str, pathlib.Path]:
    shuffled = records[:]
    random.Random(1).shuffle(shuffled)
    spread = [shuffled[start::5] for start in range(5)]
    return {
        "plain": write(folder / "plain", [records]),
        "shuffled": write(folder / "shuffled", spread),
        "duplicated": write(folder / "duplicated", [records, *spread]),
        "crowded": write(folder / "crowded", [crowd, shuffled]),
    }


def write_ranges(path: pathlib.Path, scenario: Scenario) -> list[str]:
    """The options that tell which addresses are AWS's."""
    if not scenario.aws:
        return []
    path.write_text(json.dumps({
        "syncToken": "1715679667", "createDate": "2024-05-14-09-41-07",
        "prefixes": [{"ip_prefix": prefix, "region": "eu-west-1",
                      "service": service}
                     for prefix in scenario.aws
                     for service in ("AMAZON", "EC2")],
        "ipv6_prefixes": []}))
    return ["--ip-ranges", str(path)]


def verdicts(offbox: str, folder: pathlib.Path,
             options: list[str]) -> dict[str, Any]:
    """What is said of each instance that is an alert, however mild."""
    done = subprocess.run(
        [offbox, "-q", "-j", "4", "--extended", "--min-severity",
         "informational", *options, "-f", "jsonl", str(folder)],
        capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        return {"error": f"status {done.returncode}: {done.stderr}"}
    alerts = [json.loads(line) for line in done.stdout.splitlines()]
    return {alert["InstanceId"]: alert["Verdict"] for alert in alerts}


def check(scenario: Scenario, said: dict[str, Any]) -> list[str]:
    wrong = []
    bound = SEVERITIES.index(scenario.severity)
    for name, verdict in said.items():
        if scenario.suspect is None and (
                SEVERITIES.index(verdict["Severity"]) > bound):
            wrong.append(f"{name} is benign, but {verdict}")
        if {r["Id"] for r in verdict["Reasons"]} & set(scenario.never):
            wrong.append(f"{name}: one of {scenario.never} in {verdict}")
    for number in scenario.instances if scenario.suspect else ():
        verdict = said.get(instance(number))
        if not verdict:
            wrong.append(f"{instance(number)} has no verdict")
            continue
        missing = set(scenario.reasons) - {r["Id"] for r in verdict["Reasons"]}
        if (verdict["Suspect"] != scenario.suspect or missing or
                SEVERITIES.index(verdict["Severity"]) < bound):
            wrong.append(f"{instance(number)}: {scenario.suspect}, at least "
                         f"{scenario.severity}, {missing} missing in {verdict}")
    return wrong


def run(offbox: str, name: str, crowd: list[Record]) -> list[str]:
    scenario = SCENARIOS[name]
    estate = Estate()
    scenario.build(estate)
    with tempfile.TemporaryDirectory() as folder:
        options = write_ranges(pathlib.Path(folder) / "ranges.json", scenario)
        said = {variant: verdicts(offbox, path, options) for variant, path in variants(
            estate.records, pathlib.Path(folder), crowd).items()}
    if "error" in said["plain"]:
        return [said["plain"]["error"]]
    return check(scenario, said["plain"]) + [
        f"{variant} differs: {answer}" for variant, answer in said.items()
        if answer != said["plain"]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("offbox")
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    crowd = others()
    failed = 0
    for name in arguments.names or SCENARIOS:
        wrong = run(arguments.offbox, name, crowd)
        for line in wrong:
            print(f"{name}: {line}", file=sys.stderr)
        failed += bool(wrong)
    print(f"{failed} of {len(arguments.names or SCENARIOS)} scenarios failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
