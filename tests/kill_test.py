#!/usr/bin/env python3
"""Kill a run with a history and a state at every call that it makes.

    kill_test.py OFFBOX [--signal KILL|TERM] [--extended]

A small run of one thread is traced. For each of its calls, by name and
number, it is made again and killed there (strace counts the calls of each
name on its own); then the next run is made in peace. Alerts are delivered by
two ways, as docs/cron.md has them: a file of each run's own in a spool, which
offbox writes whole or not at all, and a file that standard output is appended
to. Wherever the run was killed,

  - the history is the old one or the new one, to the byte, and so is the state,
  - what was delivered is whole in the spool, and in the appended file a
    beginning of the clean run's output,
  - the lock is free, and the next run ends as it should,
  - then each alert was delivered at least once on either way, none that was
    known before was, and a third run has nothing to say,
  - and if it was a signal that can be caught, no temporary file is left.

Exit status 77: there is no strace, or it cannot inject.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

NOW = "2024-05-14T12:00:00Z"
LATER = "2024-05-14T13:00:00Z"
EARLIER = "2024-05-14T11:00:00Z"
TIMEOUT_S = 60
SHOWN = 20  # failures

KNOWN, STOLEN = "i-known", ["i-stolen1", "i-stolen2"]


def record(instance: str, number: int, address: str) -> str:
    return json.dumps({
        "eventVersion": "1.09", "eventSource": "sts.amazonaws.com",
        "eventName": "GetCallerIdentity", "eventTime": f"2024-05-14T09:00:{number:02}Z",
        "eventID": f"{instance}-{number}", "sourceIPAddress": address,
        "userIdentity": {"principalId": f"AROAEXAMPLE:{instance}"}})


def entry(instance: str, alerted: str) -> str:
    return json.dumps({
        "AlertedAt": alerted, "RuleId": "0240", "DedupFields": "SourceIpAddress|InstanceId",
        "DedupEntity": f"198.51.100.7|{instance}"})


def input_of(instances: list[str]) -> str:
    return "".join(
        record(instance, number, address) + "\n" for instance in instances
        for number, address in enumerate(["203.0.113.3", "203.0.113.3", "198.51.100.7"]))


# The first is folded already: a run reads its groups from the state.
INPUTS = {
    "111122223333_CloudTrail_us-east-1_20240514T1010Z_a.jsonl": input_of([KNOWN, STOLEN[0]]),
    "111122223333_CloudTrail_us-east-1_20240514T1150Z_b.jsonl": input_of([STOLEN[1]]),
}
WITH_STATE = ["--state", "state", "--timeframe", "1d"]
HISTORY = (entry(KNOWN, "2024-05-14T11:00:00Z") + "\n"
           + entry("i-expired", "2024-05-01T11:00:00Z") + "\n")


class Place:
    """A folder where runs are made: the history, the spool, the sink."""

    def __init__(self, folder: Path, options: list[str], state: bytes | None) -> None:
        self.folder = folder
        self.options = options
        self.history = folder / "history.jsonl"
        self.spool = folder / "spool"
        self.sink = folder / "sink.jsonl"
        self.spool.mkdir(parents=True)
        self.state = folder / "state"
        (folder / "logs").mkdir()
        for name, text in INPUTS.items():
            log = folder / "logs" / name
            log.write_text(text, encoding="utf-8")
            os.utime(log, (0, 0))  # the same in each place
        if state is not None:
            self.state.write_bytes(state)
        self.history.write_text(HISTORY, encoding="utf-8")
        self.sink.touch()

    def run(self, program: Path, name: str, now: str, under: list[str]) -> int:
        """The run's status; what it would deliver goes to spool/NAME."""
        with open(self.sink, "ab") as sink:
            return subprocess.run(
                [*under, program, "-q", "-j", "1", "-f", "jsonl", *self.options,
                 "-o", f"spool/{name}.jsonl", "--history", "history.jsonl", "--now", now, "logs"],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=sink,
                stderr=subprocess.DEVNULL, timeout=TIMEOUT_S, check=False).returncode

    def read_state(self) -> bytes | None:
        return self.state.read_bytes() if self.state.exists() else None

    def spooled(self) -> list[str]:
        """Alerts in the spool's files, which must be whole."""
        return [json.loads(line)["InstanceId"] for file in sorted(self.spool.glob("*.jsonl"))
                for line in file.read_text(encoding="utf-8").splitlines()]

    def appended(self) -> list[str]:
        """Alerts in the sink, whose lines need not all be whole."""
        found = []
        for line in self.sink.read_text(encoding="utf-8").splitlines():
            try:
                found.append(json.loads(line)["InstanceId"])
            except ValueError:
                continue
        return found

    def temporaries(self) -> list[str]:
        return [str(path.relative_to(self.folder)) for path in self.folder.rglob("*.tmp")]


class Clean:
    """The run that nothing happens to: what it makes, and its calls."""

    def __init__(self, program: Path, folder: Path, options: list[str]) -> None:
        self.options = options
        self.old_state = None
        if options == WITH_STATE:
            earlier = Place(folder / "earlier", options, None)
            subprocess.run([program, "-q", "-f", "none", *WITH_STATE, "--now", EARLIER, "logs"],
                           cwd=earlier.folder, check=False)
            self.old_state = earlier.state.read_bytes()
        place = Place(folder, options, self.old_state)
        trace = folder / "trace"
        self.status = place.run(program, "killed", NOW, ["strace", "-f", "-o", str(trace)])
        self.history = place.history.read_bytes()
        self.state = place.read_state()
        self.output = place.sink.read_bytes()
        self.spooled = place.spooled()
        self.lines = [re.sub(r"^\d+ +", "", line)
                      for line in trace.read_text(errors="replace").splitlines()]
        names = [match[1] for line in self.lines if (match := re.match(r"(\w+)\(", line))]
        counts: collections.Counter[str] = collections.Counter()
        self.calls = []
        for name in names:
            counts[name] += 1
            self.calls.append((name, counts[name]))

    def wrong_order(self) -> str | None:
        """A power cut keeps what was synced: everything that delivers must
        be before the history takes its place."""
        order = [
            r'^write\(1, .*', r"^fsync\(1\)",
            r'^openat\(.*"spool/killed\.jsonl\.', r"^fsync\(",
            r'^rename.*"spool/killed\.jsonl"', r'^openat\(.*"spool".*O_DIRECTORY', r"^fsync\(",
            r'^openat\(.*"history\.jsonl\.\d', r"^fsync\(",
            r'^rename.*"history\.jsonl"', r'^openat\(.*"\.".*O_DIRECTORY', r"^fsync\(",
        ]
        if self.state:
            order += [r'^openat\(.*"state\.\d', r"^fsync\(",
                      r'^rename.*"state"', r'^openat\(.*"\.".*O_DIRECTORY', r"^fsync\("]
        at = 0
        for pattern in order:
            while at < len(self.lines) and not re.search(pattern, self.lines[at]):
                at += 1
            if at == len(self.lines):
                return f"no {pattern} in its turn"
            at += 1
        return None


def judge(place: Place, clean: Clean, got: bytes) -> str | None:
    """What is wrong right after the killed run."""
    if place.history.read_bytes() not in (HISTORY.encode(), clean.history):
        return "the history is neither the old nor the new one"
    if place.read_state() not in (clean.old_state, clean.state):
        return "the state is neither the old nor the new one"
    if not clean.output.startswith(got):
        return "standard output is no beginning of the clean run's"
    if sorted(place.spooled()) not in ([], sorted(clean.spooled)):
        return "the spool's file is not whole"
    return None


def try_call(program: Path, folder: Path, clean: Clean, name: str, number: int,
             how: str) -> str | None:
    place = Place(folder, clean.options, clean.old_state)
    status = place.run(program, "killed", NOW, [
        "strace", "-f", "-o", "/dev/null", "-e", f"trace={name}",
        "-e", f"inject={name}:signal={how}:when={number}"])
    expected = -getattr(signal, f"SIG{how}")
    if status not in (expected, 128 - expected):
        return f"status {status}, not of SIG{how}"
    wrong = judge(place, clean, place.sink.read_bytes())
    if wrong:
        return wrong
    if how != "KILL" and place.temporaries():
        return f"left behind: {place.temporaries()}"
    known = place.history.read_bytes() == clean.history

    status = place.run(program, "next", LATER, [])
    if status != (0 if known else clean.status):
        return f"the next run ended with {status}"
    for way, delivered in ("spool", place.spooled()), ("standard output", place.appended()):
        if set(delivered) != set(STOLEN):
            return f"delivered through {way}: {sorted(delivered)}"
    if place.run(program, "third", LATER, []) != 0:
        return "the third run alerts again"
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path)
    parser.add_argument("--signal", choices=["KILL", "TERM"], default="KILL")
    parser.add_argument("--extended", action="store_true", help="kill runs with this option")
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    os.environ["LC_ALL"] = "C"

    if not shutil.which("strace"):
        print("strace was not found")
        return 77
    if subprocess.run(["strace", "-o", "/dev/null", "-e", "inject=close:signal=KILL", "true"],
                      stderr=subprocess.DEVNULL, check=False).returncode == 0:
        print("strace cannot inject here")
        return 77

    failures = []
    scratch = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=scratch) as made, \
            ThreadPoolExecutor(os.cpu_count()) as pool:
        clean = Clean(program, Path(made) / "clean",
                      ["--extended"] if arguments.extended else WITH_STATE)
        if clean.state and clean.old_state == clean.state:
            failures.append("the clean run left the state as it was")
        if clean.status != 1 or sorted(clean.spooled) != sorted(STOLEN):
            failures.append(f"the clean run: status {clean.status}, alerts {clean.spooled}")
        wrong = clean.wrong_order()
        if wrong:
            failures.append(f"the clean run's order of work: {wrong}")

        def try_one(call: tuple[str, int]) -> str | None:
            name, number = call
            folder = Path(made) / f"{name}-{number}"
            wrong = try_call(program, folder, clean, name, number, arguments.signal)
            shutil.rmtree(folder)
            return f"{name} {number}: {wrong}" if wrong else None

        # execve is strace's own to make; what ends the run ends it anyway.
        calls = [call for call in clean.calls if call[0] not in ("execve", "exit_group")]
        failures += [wrong for wrong in pool.map(try_one, calls) if wrong]
    for failure in failures[:SHOWN]:
        print(failure)
    print(f"{len(calls)} calls of {len({name for name, _ in calls})} names, "
          f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
