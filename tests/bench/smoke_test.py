#!/usr/bin/env python3
"""The benchmark's tools on tiny corpora: they work, and measure what they say.

    smoke_test.py OFFBOX FLOOR...

generate, peak and steps are looked for beside the first floor. Nothing is timed.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path

CORPORA = ["std", "small", "heavy", "huge"]
SCALE = "0.005"


def run(*command: str | Path, may_exit: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True)
    assert done.returncode in may_exit, f"{command}: exit status {done.returncode}"
    return done.stdout


def tree(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes()
            for path in root.rglob("*") if path.is_file()}


def same_seed_gives_the_same_bytes(generate: Path, name: str, home: Path, scratch: Path) -> None:
    again, other = scratch / f"{name}-again", scratch / f"{name}-other"
    run(generate, name, again, "--scale", SCALE, "--jobs", "3")
    run(generate, name, other, "--scale", SCALE, "--seed", "2")
    assert tree(again) == tree(home), f"{name}: the same seed gave other bytes"
    assert tree(other).keys() != tree(home).keys(), f"{name}: another seed gave the same files"


def every_record_is_a_record(name: str, home: Path) -> None:
    facts = json.loads((home / "corpus.json").read_text())
    records = copies = by_instance = text = 0
    seen = set()
    for path in sorted(home.rglob("*.json.gz")):
        data = gzip.decompress(path.read_bytes())
        text += len(data)
        for record in json.loads(data)["Records"]:
            records += 1
            assert list(record)[:3] == ["eventVersion", "userIdentity", "eventTime"], record
            by_instance += ":i-" in record["userIdentity"].get("principalId", "")
            copies += record["eventID"] in seen
            seen.add(record["eventID"])
    assert (records, by_instance, text) == (
        facts["records"], facts["instance_records"], facts["unpacked"]), name
    assert 0 < copies < records / 20, f"{name}: {copies} copies in {records} records"


def a_scan_finds_what_is_planted(offbox: Path, steps: Path, name: str, home: Path,
                                 scratch: Path) -> int:
    summary = scratch / "summary.json"
    lines = run(offbox, "-q", "-f", "jsonl", "--summary", summary, home / "AWSLogs",
                may_exit=(1,)).splitlines()
    found = sorted("{InstanceId}\t{SourceIpAddress}\t{EventCount}".format(**json.loads(line))
                   for line in lines)
    planted = sorted((home / "planted.tsv").read_text().splitlines())
    assert found == planted, f"{name}: found {found}, planted {planted}"
    ledger = json.loads(summary.read_text())
    reached = dict(line.split() for line in run(steps, "keep", home / "AWSLogs").splitlines())
    events = ledger["instance_events"]
    assert int(reached["read"]) == ledger["records"]["read"], f"{name}: {reached}"
    # Steps do not tell a copy from its event.
    assert int(reached["keep"]) == events["kept"] + events["duplicate"], reached
    return int(ledger["bytes"]["unpacked"])


def a_floor_inflates_it_all(floor: Path, home: Path, text_bytes: int, scratch: Path) -> None:
    files = sorted(home.rglob("*.json.gz"))
    expected = f"{len(files)} files, {text_bytes} bytes\n"
    lines = scratch / "files"
    lines.write_text("".join(f"{file}\n" for file in files))
    assert run(floor, home / "AWSLogs") == expected
    assert run(floor, "--list", lines) == expected

    # Several members are one text; a cut file and a wrong CRC are errors.
    odd = scratch / "odd.gz"
    packed = gzip.compress(b"x" * 300_000)
    odd.write_bytes(packed + packed)
    assert run(floor, odd) == "1 files, 600000 bytes\n"
    odd.write_bytes(packed[:-3])
    run(floor, odd, may_exit=(2,))
    odd.write_bytes(packed[:-8] + b"wrong" + packed[-3:])
    run(floor, odd, may_exit=(2,))


def peak_sees_the_command(peak: Path) -> None:
    hundred = 'x = bytearray(100_000_000); x[::4096] = x[::4096]'
    small = int(run(peak, "true"))
    large = int(run(peak, sys.executable, "-c", hundred))
    assert small + 80_000 < large, f"{small} KiB, {large} KiB"
    run(peak, "false", may_exit=(1,))


def bench_prints_its_table(offbox: Path, floor: Path, scratch: Path) -> None:
    text = run(sys.executable, "-B", Path(__file__).with_name("bench.py"), "--offbox", offbox,
               "--floor", floor, "--runs", "1", "--scale", SCALE, "--dir", scratch / "bench",
               "--steps")
    assert "not the planted" not in text and "differ" not in text, text
    for name in CORPORA:
        assert text.count(f"| {name} |") == 11, text


def main() -> int:
    offbox, *floors = map(Path, sys.argv[1:])
    tools = floors[0].parent
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for name in CORPORA:
            home = scratch / name
            run(tools / "generate", name, home, "--scale", SCALE)
            same_seed_gives_the_same_bytes(tools / "generate", name, home, scratch)
            every_record_is_a_record(name, home)
            text_bytes = a_scan_finds_what_is_planted(offbox, tools / "steps", name, home, scratch)
            for floor in floors:
                a_floor_inflates_it_all(floor, home, text_bytes, scratch)
        peak_sees_the_command(tools / "peak")
        bench_prints_its_table(offbox, floors[0], scratch)
    return 0


if __name__ == "__main__":
    sys.exit(main())
