#!/usr/bin/env python3
"""The ledger's figures add up, over every corpus in the tree.

    ledger_test.py OFFBOX

Reads each folder of inputs that the tests have, and generated dumps, at one
thread and at four and with several options, and holds of each run:

  - found is read, damaged, unreadable and all skipped, and is what the
    folder holds by os.walk(); the total is the sum of the other instance
    events; damaged_files names as many as are damaged;
  - --summary, the member of json, the sentences on standard error and the
    lines of --verbose all say the same;
  - the exit status is that of the figures;
  - neither depends on the number of threads.

Status 1 tells that something does not add up.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent
sys.path.insert(0, str(TESTS / "reference"))
import nasty  # noqa: E402
import shapes  # noqa: E402

ALERTS, INCOMPLETE = 1, 4
TIMEOUT_S = 120
SEEDS = [1, 2]
OPTION_SETS = [
    [],
    ["--ipv6", "--keep-duplicates", "--min-ips", "1"],
    ["--since", "2022-02-22T10:02:00Z", "--until", "2024-05-14T09:30:00Z"],
]

# cloudtrail.md 4: what a program finds by name, in this order.
NAMES = {
    "": "files damaged_files bytes records instance_events instances pairs alerts "
        "first_event last_event first_delivery last_delivery",
    "files": "found read damaged unreadable skipped",
    "files/skipped": "digest insight network_activity aggregated foreign empty archive "
                     "in_transfer outside_timeframe not_regular same_file",
    "bytes": "packed unpacked",
    "records": "read unreadable",
    "instance_events": "total kept duplicate private interconnect aws_internal aws_service "
                       "ipv6 not_an_address allowed outside_window",
    "alerts": "found muted known written",
}


def corpora(folder: Path) -> Iterator[Path]:
    """Folders to read: those in the tree, and those made in `folder`."""
    root = TESTS.parent
    yield root / "fixtures"
    yield from sorted(path for path in (root / "fixtures").iterdir() if path.is_dir())
    yield TESTS / "cli"
    yield TESTS / "fuzz" / "corpus"
    yield from sorted(path for path in (TESTS / "fuzz" / "corpus").iterdir() if path.is_dir())
    for seed in SEEDS:
        dump = folder / f"nasty-{seed}"
        dump.mkdir()
        nasty.write_dump(nasty.make_records(seed), dump, seed)
        yield dump
        tree = folder / f"shapes-{seed}"
        shapes.write_tree(shapes.make_records(seed, 60), tree, seed)
        yield tree
    odd = folder / "odd"
    odd.mkdir()
    os.mkfifo(odd / "pipe")
    (odd / "link").symlink_to(".")
    (odd / "none.json").write_bytes(b"")
    (odd / "none-again.json").hardlink_to(odd / "none.json")
    (odd / "new\nline \x1b[31m.json").write_bytes(b'{"Records":[')
    (odd / "cut.json.gz").write_bytes(nasty.gzip(b'{"Records":[{}]}')[:-3])
    yield odd
    bare = folder / "bare"
    bare.mkdir()
    yield bare


def files_below(folder: Path) -> int:
    return sum(len(files) + sum((Path(at) / name).is_symlink() for name in folders)
               for at, folders, files in os.walk(folder))


# ------------------------------------------------------- what was printed

class Report:
    """What a run printed on standard error, as figures."""

    def __init__(self, text: str) -> None:
        self.named: Counter[str] = Counter()  # by status
        self.figures: dict[str, int] = {}
        for line in text.splitlines():
            self.take(line)

    def take(self, line: str) -> None:
        note = re.fullmatch(r"offbox: (?:warning: )?'.*' (?:skipped: (?P<skip>[a-z ]+)|is "
                            r"(?P<damaged>damaged) at byte \d+: .+|(?P<unreadable>cannot) be read: "
                            r".+|is an (?P<archive>archive) and was not read: .+|holds "
                            r"(?P<records>\d+) unreadable records?, the first at byte \d+: .+)", line)
        if note:
            if note["records"]:
                self.named["unreadable record"] += int(note["records"])
            elif note["skip"]:
                self.named[note["skip"]] += 1
            else:
                self.named[next(kind for kind in ("damaged", "unreadable", "archive") if note[kind])] += 1
        elif head := re.match(r"read (\d+) files? of (\d+) \(.*\), (\d+) records?$", line):
            self.figures |= {"read": int(head[1]), "found": int(head[2]), "records": int(head[3])}
        elif head := re.match(r"(\d+) instance events?.*, (\d+) kept: (\d+) instances?, "
                              r"(\d+) address pairs?$", line):
            self.figures |= {"total": int(head[1]), "kept": int(head[2]),
                             "instances": int(head[3]), "pairs": int(head[4])}
        elif head := re.match(r"(\d+) alerts?(; coverage is incomplete)?$", line):
            self.figures |= {"alerts": int(head[1]), "incomplete": head[2] is not None}
        elif head := re.match(r"  (skipped|NOT READ|dropped): (.*)$", line):
            for item in head[2].split(", "):
                count, name = item.split(" ", 1)
                if head[1] == "NOT READ" and int(count) != 1:
                    name = name[:-1]  # the plural's s
                self.figures[f"{head[1]} {name}"] = int(count)


def without_zeros(figures: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in figures.items() if count}


def expected_figures(summary: dict[str, Any], incomplete: bool) -> dict[str, int]:
    files, events = summary["files"], summary["instance_events"]
    figures = {
        "read": files["read"], "found": files["found"], "records": summary["records"]["read"],
        "total": events["total"], "kept": events["kept"], "instances": summary["instances"],
        "pairs": summary["pairs"], "alerts": summary["alerts"]["written"],
        "incomplete": incomplete,
        "NOT READ damaged file": files["damaged"],
        "NOT READ unreadable file": files["unreadable"],
        "NOT READ archive": files["skipped"]["archive"],
        "NOT READ unreadable record": summary["records"]["unreadable"],
    }
    figures |= {"skipped " + name.replace("_", " "): count
                for name, count in files["skipped"].items() if name != "archive"}
    figures |= {"dropped " + name.replace("_", " "): count
                for name, count in events.items() if name not in ("total", "kept")}
    return without_zeros(figures)


def expected_names(summary: dict[str, Any]) -> dict[str, int]:
    files = summary["files"]
    names = {name.replace("_", " "): count for name, count in files["skipped"].items()}
    names |= {"damaged": files["damaged"], "unreadable": files["unreadable"],
              "unreadable record": summary["records"]["unreadable"]}
    return without_zeros(names)


# -------------------------------------------------------------- one run

def wrong_names(summary: dict[str, Any]) -> Iterator[str]:
    for path, names in NAMES.items():
        member: Any = summary
        for part in filter(None, path.split("/")):
            member = member[part]
        wanted = names.split()
        if [name for name in member if name in wanted] != wanted:
            yield f"'{path}' does not hold {wanted}, in this order"


def wrong_sums(summary: dict[str, Any], present: int) -> Iterator[str]:
    files, events = summary["files"], summary["instance_events"]
    booked = (files["read"] + files["damaged"] + files["unreadable"]
              + sum(files["skipped"].values()))
    if files["found"] != booked:
        yield f"found {files['found']}, but the others are {booked}"
    if files["found"] != present:
        yield f"found {files['found']}, but the folder holds {present}"
    others = sum(count for name, count in events.items() if name != "total")
    if events["total"] != others:
        yield f"total {events['total']}, but the others are {others}"
    if len(summary["damaged_files"]) != files["damaged"]:
        yield f"{files['damaged']} damaged, but {len(summary['damaged_files'])} named"
    if not all(note["path"] and note["reason"] and note["offset"] >= 0
               for note in summary["damaged_files"]):
        yield "a damaged file without name, byte or reason"
    if summary["records"]["read"] + summary["records"]["unreadable"] < events["kept"]:
        yield "more events kept than records read"
    if events["total"] == 0 and summary["first_event"] is not None:
        yield "a first event of none"
    if (summary["first_event"] is None) != (summary["last_event"] is None):
        yield "a first event without a last"


def is_incomplete(summary: dict[str, Any]) -> bool:
    files, records = summary["files"], summary["records"]
    return (files["damaged"] + files["unreadable"] + files["skipped"]["archive"]
            + records["unreadable"] > 0 or records["read"] == 0)


def check(program: str, folder: Path, options: list[str], threads: int,
          summary_path: Path) -> tuple[str, list[str]]:
    """The summary as text, and what is wrong with the run."""
    done = subprocess.run(
        [program, *options, "-j", str(threads), "-v", "-f", "json", "--summary", summary_path,
         "--", folder], capture_output=True, timeout=TIMEOUT_S, check=False)
    if done.returncode & ~(ALERTS | INCOMPLETE):
        return "", [f"status {done.returncode}: {done.stderr.decode(errors='replace')}"]
    text = summary_path.read_text(encoding="utf-8")
    summary = json.loads(text)
    if json.loads(done.stdout)["summary"] != summary:
        return text, ["--summary is not the member of json"]

    wrong = [*wrong_names(summary), *wrong_sums(summary, files_below(folder))]
    incomplete = is_incomplete(summary)
    status = (ALERTS if summary["alerts"]["written"] else 0) | (INCOMPLETE if incomplete else 0)
    if done.returncode != status:
        wrong.append(f"status {done.returncode}, but the figures say {status}")
    report = Report(done.stderr.decode())
    for what, told, expected in (
            ("the sentences", without_zeros(report.figures), expected_figures(summary, incomplete)),
            ("--verbose", dict(report.named), expected_names(summary))):
        if told != expected:
            wrong.append(f"{what} differ from the summary: {sorted(told.items() ^ expected.items())}")
    return text, wrong


def main() -> int:
    program = str(Path(sys.argv[1]).resolve())
    runs = failed = 0
    with tempfile.TemporaryDirectory() as made:
        for corpus in corpora(Path(made)):
            for options in OPTION_SETS:
                texts = set()
                for threads in (1, 4):
                    text, wrong = check(program, corpus, options, threads, Path(made) / "summary")
                    texts.add(text)
                    runs += 1
                    for line in wrong:
                        failed += 1
                        print(f"{' '.join(options)} -j {threads} {corpus}: {line}")
                if len(texts) > 1:
                    failed += 1
                    print(f"{' '.join(options)} {corpus}: the summary depends on the threads")
    print(f"{runs} runs, {failed} things that do not add up")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
