#!/usr/bin/env python3
"""Three days hour by hour with a state: each run says what a full scan says.

    state_test.py OFFBOX [--seeds 1-2] [--hours N]

A folder grows and changes as real ones do: files come within the hour, late, or
never again; they are replaced, touched, renamed, removed, cut, linked; some hold
no trail, some have no time in the name. The same event comes in several hours,
at times with other texts, so that the smaller one must be found; events without
an eventID tie; thieves come and go, and instances move to a new address, so that
their old one becomes the suspect. Now and then an hour is left out.

Each hour, for several sets of options, offbox runs with --state and without.
Standard output, the written files, standard error, the summary and the status
must be the same to the byte. Then

  - folded files are really not read: with their bytes replaced behind the
    state's back (same size and time), nothing changes,
  - a state that is cut or altered at any place gives a warning and the same
    answer, and is whole again afterwards,
  - other options and another policy are noticed,
  - a locked state is an error.
"""

from __future__ import annotations

import argparse
import fcntl
import gzip
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

START = datetime(2024, 5, 14, tzinfo=timezone.utc)
FRAME = 30  # hours; the time frame slides over more than twice as many
WARNING = "cannot use the state"

POLICY = """\
ignore role=scanner-*
ignore event=DescribeRegions
expect ip=203.0.113.0/30
mute instance=i-03
"""
BY_ACCOUNT = """\
ignore event=DescribeRegions
expect account=111122223333 ip=203.0.113.1,198.51.100.1
"""
VARIANTS = {
    "plain": [],
    "policy": ["--policy", "policy", "--ipv6", "-v"],
    "accounts": ["--policy", "by-account", "--keep-duplicates", "-j", "1"],
    "all": ["--min-ips", "1", "-j", "3"],
}


def stamp(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


class Trail:
    """The folder, and what happens to it."""

    def __init__(self, folder: Path, seed: int, differing: bool = True) -> None:
        self.differing = differing  # copies of an event show different things
        self.random = random.Random(seed)
        self.folder = folder
        self.serial = 0
        self.coming: dict[int, list[tuple[Path, bytes, float | None]]] = {}
        self.said: list[dict[str, object]] = []  # events, to be said again

    def record(self, instance: str, address: str, when: datetime) -> dict[str, object]:
        self.serial += 1
        account = self.random.choice(["111122223333", "111122223333", "444455556666"])
        event = {
            "eventVersion": "1.09", "eventSource": "ec2.amazonaws.com",
            "eventName": self.random.choice(["DescribeRegions", "DescribeInstances", "RunInstances"]),
            "eventTime": stamp(when), "awsRegion": "us-east-1",
            "userAgent": f"agent/{self.random.randrange(9)}",
            "eventID": f"{self.serial:08}", "sourceIPAddress": address,
            "recipientAccountId": account,
            "responseElements": {"secretAccessKey": "hidden", "n": self.serial},
            "userIdentity": {
                "type": "AssumedRole", "principalId": f"AROAEXAMPLE:{instance}",
                "accountId": account, "accessKeyId": f"ASIA{self.random.randrange(4)}",
                "sessionContext": {"sessionIssuer": {
                    "userName": self.random.choice(["web", "web", "scanner-1"])}}}}
        if self.random.random() < 0.05:
            del event["eventID"]
        if self.random.random() < 0.03:
            del event["eventTime"]
        return event

    def records(self, hour: int) -> list[dict[str, object]]:
        made = []
        begin = START + timedelta(hours=hour)
        for number in range(12):
            instance = f"i-{number:02}"
            # A new home every day or so, after which the old one falls silent.
            home = f"203.0.113.{1 + number + (hour + 5 * number) // 25 % 3 * 20}"
            for _ in range(self.random.randrange(4)):
                # Whole minutes, so that first events tie.
                when = begin + timedelta(minutes=self.random.randrange(0, 60, 20))
                made.append(self.record(instance, home, when))
            if self.random.random() < 0.04:
                thief = self.random.choice(["198.51.100.1", "198.51.100.2", "2001:db8::7", "10.0.0.1"])
                for _ in range(self.random.randrange(1, 6)):
                    made.append(self.record(instance, thief, begin))
        for event in list(made):
            if self.random.random() < 0.1 and "eventID" in event:
                self.said.append(event)
        for event in self.random.sample(self.said, min(3, len(self.said))):
            again = dict(event)
            if self.differing and self.random.random() < 0.3:  # a copy that shows something else
                again["userAgent"] = f"agent/{self.random.randrange(9)}"
            elif self.random.random() < 0.2:  # or the same, in other words
                again["extra"] = self.random.randrange(3)
            made.append(again)
        return made

    def plan(self, hour: int) -> None:
        """The files of an hour, some of which come later."""
        records = self.records(hour)
        for number in range(3):
            delivered = START + timedelta(hours=hour, minutes=self.random.randrange(60))
            name = (f"111122223333_CloudTrail_us-east-1_{delivered:%Y%m%dT%H%MZ}_"
                    f"{self.random.randrange(10**9)}.json.gz")
            mtime = None
            if self.random.random() < 0.1:
                name, mtime = f"export-{hour}-{number}.jsonl", delivered.timestamp()
            part = records[number::3]
            if name.endswith(".gz"):
                data = gzip.compress(json.dumps({"Records": part}).encode(), 1, mtime=0)
            else:
                data = "".join(json.dumps(r) + "\n" for r in part).encode()
            chance = self.random.random()
            if chance < 0.05:
                data = data[:self.random.randrange(len(data))]
            elif chance < 0.08:
                data = b"no trail at all\n"
            elif chance < 0.1:
                data = b'{"digestStartTime":"x","logFiles":[]}'
            late = self.random.choice([0] * 8 + [1, 9, 20, 40])
            self.coming.setdefault(hour + late, []).append((self.folder / f"d{hour % 5}" / name, data, mtime))

    def happen(self, hour: int) -> None:
        self.plan(hour)
        for path, data, mtime in self.coming.pop(hour, []):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            if mtime:
                os.utime(path, (mtime, mtime))
        present = sorted(path for path in self.folder.rglob("*") if path.is_file())
        for path in self.random.sample(present, min(len(present), self.random.choice([0, 0, 1, 2]))):
            what = self.random.randrange(6)
            if what == 0:
                path.unlink()
            elif what == 1:
                (self.folder / "moved").mkdir(exist_ok=True)
                path.rename(self.folder / "moved" / path.name)
            elif what == 2:  # later than before, whatever the clock's grain
                os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 10**9))
            elif what == 3:
                path.write_bytes(gzip.compress(json.dumps(
                    {"Records": self.records(hour)[:4]}).encode(), 1, mtime=0))
            elif what == 4:
                link = self.folder / "links" / f"{hour}-{path.name}"
                link.parent.mkdir(exist_ok=True)
                os.link(path, link)
            else:
                path.write_bytes(path.read_bytes()[:-3])


class Place:
    def __init__(self, program: Path, folder: Path, variant: str) -> None:
        self.program = program
        self.folder = folder
        self.options = VARIANTS[variant]
        self.state = folder / f"state-{variant}"

    def run(self, hour: float, *more: str) -> tuple[object, ...]:
        """All that a run says."""
        written = [self.folder / name for name in ("out.txt", "out.jsonl", "summary.json")]
        done = subprocess.run(
            [self.program, "-f", "json", "-o", written[0], "-o", written[1], "--summary", written[2],
             "--timeframe", f"{FRAME}h", "--now", stamp(START + timedelta(hours=hour)),
             *self.options, *more, "logs"],
            cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
        return (done.returncode, done.stdout, done.stderr.decode(errors="replace"),
                *(path.read_bytes() if path.exists() else None for path in written))

    def with_state(self, hour: float, *more: str) -> tuple[object, ...]:
        return self.run(hour, "--state", str(self.state), *more)


def show(what: str, full: tuple[object, ...], folded: tuple[object, ...]) -> str:
    names = ["status", "standard output", "standard error", "text", "jsonl", "summary"]
    for name, a, b in zip(names, full, folded):
        if a != b:
            a, b = (x.decode(errors="replace") if isinstance(x, bytes) else str(x) for x in (a, b))
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            return f"{what}: {name} differs at {at}:\n  full   …{a[max(0, at - 80):at + 80]!r}\n  folded …{b[max(0, at - 80):at + 80]!r}"
    return f"{what}: ?"


def play(program: Path, folder: Path, seed: int, hours: int) -> list[str]:
    """The three days. The folder stays, for what comes after."""
    wrong = []
    (folder / "logs").mkdir()
    (folder / "policy").write_text(POLICY)
    (folder / "by-account").write_text(BY_ACCOUNT)
    trail = Trail(folder / "logs", seed)
    places = {variant: Place(program, folder, variant) for variant in VARIANTS}
    for hour in range(hours):
        trail.happen(hour)
        if trail.random.random() < 0.1:
            continue
        for variant, place in places.items():
            # Not always at the same minute.
            now = hour + 1 + trail.random.choice([0.25, 0.25, 0.25, 0.7])
            full, folded = place.run(now), place.with_state(now)
            if full != folded:
                wrong.append(show(f"seed {seed}, hour {hour}, {variant}", full, folded))
    return wrong


def disguise(path: Path) -> None:
    """Other bytes, which are no trail, that look like the old file."""
    st = path.stat()
    path.write_bytes(b"x" * st.st_size)
    os.utime(path, ns=(st.st_atime_ns, st.st_mtime_ns))


def check_unread(program: Path, folder: Path, seed: int, hours: int) -> list[str]:
    """Nothing new: nothing is read. But copies of an event that show different
    things, as in play(), are read a second time, here as in a full scan."""
    folder.mkdir()
    hour = hours + 1
    place = Place(program, folder, "plain")
    (folder / "logs").mkdir()
    trail = Trail(folder / "logs", seed, differing=False)
    for at in range(hours):
        trail.happen(at)
    full, logs, kept = place.run(hour), place.folder / "logs", place.folder / "kept"
    place.with_state(hour)
    before = place.state.read_bytes()
    shutil.copytree(logs, kept)
    for path in logs.rglob("*"):
        if path.is_file():
            disguise(path)
    folded = place.with_state(hour)
    shutil.rmtree(logs)
    kept.rename(logs)
    wrong = [] if folded == full else [show("disguised files", full, folded)]
    if place.state.read_bytes() != before:
        wrong.append("a run with nothing new has another state")
    return wrong


def check_damage(place: Place, hour: int, seed: int) -> list[str]:
    """Whatever is done to the state, the answer stays."""
    wrong = []
    full = place.run(hour)
    place.with_state(hour)
    whole = place.state.read_bytes()
    chance = random.Random(seed)
    cuts = [0, 1, 15, 16, 40, len(whole) - 1] + [chance.randrange(len(whole)) for _ in range(20)]
    damaged = [(f"cut at {at}", whole[:at]) for at in cuts]
    for at in list(range(64)) + [chance.randrange(len(whole)) for _ in range(60)]:
        flipped = bytearray(whole)
        flipped[at] ^= 1 << chance.randrange(8)
        damaged.append((f"a bit at {at}", bytes(flipped)))
    damaged.append(("longer", whole + b"\0" * 8))
    for what, data in damaged:
        place.state.write_bytes(data)
        folded = place.with_state(hour)
        said = [line for line in str(folded[2]).splitlines(True) if WARNING not in line]
        if len(said) + 1 != len(str(folded[2]).splitlines()):
            wrong.append(f"{what}: no warning, or more than one: {folded[2]}")
        folded = (folded[0], folded[1], "".join(said), *folded[3:])
        if folded != full:
            wrong.append(show(what, full, folded))
        if place.with_state(hour) != full:
            wrong.append(f"{what}: the state is not whole again")
    return wrong


def check_options(place: Place, hour: int) -> list[str]:
    """Other options are noticed, in the answer and by a warning."""
    wrong = []
    for more in ["--ipv6"], ["--keep-duplicates"], ["--since", "2024-05-15"], \
            ["--policy", "policy"], ["--max-inflate", "1000"]:
        place.with_state(hour)
        full, folded = place.run(hour, *more), place.with_state(hour, *more)
        if "other options" not in str(folded[2]):
            wrong.append(f"{more} are not noticed: {folded[2]}")
        if (full[:2], full[3:]) != (folded[:2], folded[3:]):
            wrong.append(show(f"{more}", full, folded))
    # These decide nothing about which events count.
    for more in ["--min-ips", "3"], ["--min-ips", "1"], ["-v"], ["--dedup-fields", "TimeGenerated"]:
        place.with_state(hour)
        full, folded = place.run(hour, *more), place.with_state(hour, *more)
        if full != folded:
            wrong.append(show(f"{more}", full, folded))
    with open(f"{place.state}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folded = place.with_state(hour)
        if folded[0] != 2 or "another run" not in str(folded[2]):
            wrong.append(f"a locked state: status {folded[0]}, {folded[2]}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path)
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--hours", type=int, default=72)
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    first, _, last = arguments.seeds.partition("-")
    wrong = []
    for seed in range(int(first), int(last or first) + 1):
        with tempfile.TemporaryDirectory(prefix="offbox-") as made:
            folder = Path(made)
            wrong += play(program, folder, seed, arguments.hours)
            place = Place(program, folder, "plain")
            wrong += check_unread(program, folder / "unread", seed, arguments.hours)
            wrong += check_damage(place, arguments.hours, seed)
            wrong += check_options(place, arguments.hours)
    print("\n".join(wrong[:20]) if wrong else
          f"{arguments.hours} hours, {len(VARIANTS)} sets of options: the runs with a state and those without agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
