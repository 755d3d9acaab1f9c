#!/usr/bin/env python3
"""Partials, merged in any way, give what one run over all their logs gives.

    partials_test.py OFFBOX [--seeds 1-3]

The sample trees of fixtures/ and generated dumps are cut into parts at random.
A partial of each part is the same at any number of threads. Then all are
merged: in any order, in trees, with some parts left as logs, some gzip'd, one
through standard input, some twice. Status, text, JSON and --summary must be
those of one run over all the logs, to the byte, and what is said on standard
error must differ only in naming the partials.

Status 1 tells of a difference.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random

TESTS = Path(__file__).resolve().parent
FIXTURES = TESTS.parent / "fixtures"
sys.path.insert(0, str(TESTS / "reference"))
import nasty  # noqa: E402
import shapes  # noqa: E402

INSTANCE = "i-0a1b2c3d4e5f60718"
POLICY = """\
ignore role=app* region=us-*
ignore ip=192.0.2.0/28
ignore event=Get* # why
expect ip=203.0.113.0/24,2001:db8::/64
expect ip=198.51.100.0/24 account=111122223333
mute instance=i-0crowd2
mute ip=192.0.2.64/26
"""
OPTION_SETS = [
    [],
    ["--ipv6", "--min-ips", "1"],
    ["--keep-duplicates"],
    ["--since", "2022-02-22T00:31:00Z", "--until", "2024-05-14T09:30:00Z"],
    ["--policy", "POLICY", "--min-ips", "1"],
    ["--policy", "POLICY", "--ipv6", "--keep-duplicates"],
    ["--instance", "i-0a", "--instance", INSTANCE, "--min-ips", "1"],
]
MERGED = b"  merged "


@dataclass
class Said:
    status: int
    stdout: bytes
    stderr: list[bytes]
    summary: bytes


class Runner:
    def __init__(self, program: Path, folder: Path) -> None:
        self.program, self.folder = program, folder
        self.runs = 0
        self.wrong = 0

    def command(self, options: list[str], paths: list[str]) -> list[str]:
        options = [str(self.folder / "policy") if o == "POLICY" else o for o in options]
        listed = self.folder / "list"
        listed.write_bytes(b"".join(os.fsencode(path) + b"\0" for path in paths))
        return [str(self.program), *options, "-0", "--files-from", str(listed)]

    def run(self, options: list[str], paths: list[str], stdin: bytes | None = None,
            fmt: str = "json") -> Said:
        summary = self.folder / "summary"
        command = self.command(options, paths) + ["-f", fmt, "--summary", str(summary)]
        done = subprocess.run(command + (["-"] if stdin is not None else []),
                              input=stdin or b"", capture_output=True, timeout=120, check=False)
        self.runs += 1
        said = [line for line in done.stderr.splitlines() if not line.startswith(MERGED)]
        return Said(done.returncode, done.stdout, said,
                    summary.read_bytes() if summary.exists() else b"")

    def write(self, options: list[str], paths: list[str], name: str, *more: str) -> Path:
        """A partial of `paths`; the status must be 0 whatever is found."""
        out = self.folder / name
        done = subprocess.run(self.command([*options, "-q", "--partial", str(out), *more], paths),
                              capture_output=True, timeout=120, check=False)
        self.runs += 1
        if done.returncode or done.stdout:
            self.fail(f"--partial {name}: status {done.returncode}: "
                      f"{done.stderr.decode(errors='replace')}")
        return out

    def fail(self, what: str) -> None:
        self.wrong += 1
        print(what)

    def compare(self, what: str, expected: Said, got: Said) -> None:
        for name in ("status", "stdout", "summary", "stderr"):
            ours, theirs = getattr(expected, name), getattr(got, name)
            if ours != theirs:
                self.fail(f"{what}: {name} differs")
                kept = Path(tempfile.mkdtemp(prefix="partials_test."))
                for label, said in (("expected", ours), ("got", theirs)):
                    text = said if isinstance(said, bytes) else repr(said).encode()
                    (kept / label).write_bytes(text)
                print(f"  kept in {kept}")


def files_below(folder: Path) -> list[str]:
    return sorted(os.path.join(root, name) for root, _, names in os.walk(folder)
                  for name in names)


def parts_of(files: list[str], count: int, rng: Random) -> list[list[str]]:
    """Names of one file go into one part: only one run can tell them."""
    parts: list[list[str]] = [[] for _ in range(count)]
    chosen: dict[tuple[int, int], list[str]] = {}
    for path in files:
        status = os.stat(path)
        chosen.setdefault((status.st_dev, status.st_ino), rng.choice(parts)).append(path)
    return parts


def check(runner: Runner, what: str, options: list[str], files: list[str], rng: Random) -> None:
    count = rng.choice([2, 3, 5, 8])
    parts = parts_of(files, count, rng)
    expected = runner.run(options, files)
    text = runner.run(options, files, fmt="text")
    partials = []
    for i, part in enumerate(parts):
        name = f"part-{i}.jsonl" + (".gz" if i % 2 else "")
        partials.append(runner.write(options, part, name, "-j1"))
        again = runner.write(options, list(reversed(part)), "again.jsonl" +
                             (".gz" if i % 2 else ""), "-j4")
        if again.read_bytes() != partials[-1].read_bytes():
            runner.fail(f"{what}: part {i} depends on threads or order")
    names = [str(path) for path in partials]
    rng.shuffle(names)
    runner.compare(f"{what}, {count} parts", expected, runner.run(options, names))
    runner.compare(f"{what}, as text", text, runner.run(options, names, fmt="text"))
    runner.compare(f"{what}, some twice", expected,
                   runner.run(options, names + rng.sample(names, 1) +
                              [copied(names[0], runner.folder)]))
    mixed = [path for i, name in enumerate(sorted(names))
             for path in ([name] if i % 2 else parts[i])]
    runner.compare(f"{what}, beside logs", expected, runner.run(options, mixed))
    half = len(names) // 2
    tree = [str(runner.write(options, names[:half], "left.jsonl.gz")),
            str(runner.write(options, names[half:], "right.jsonl"))]
    runner.compare(f"{what}, in a tree", expected, runner.run(options, tree))
    runner.compare(f"{what}, with parts of the tree", expected,
                   runner.run(options, [*tree, names[0]]))
    whole = runner.write(options, tree, "whole.jsonl")
    runner.compare(f"{what}, through standard input", expected,
                   runner.run(options, [], stdin=whole.read_bytes()))
    other = runner.write(options, mixed, "mixed.jsonl")
    runner.compare(f"{what}, of a mixture", expected, runner.run(options, [str(other)]))
    flat = runner.write(options, names, "flat.jsonl")
    if flat.read_bytes() != whole.read_bytes():
        runner.fail(f"{what}: a partial depends on the tree that made it")


def copied(path: str, folder: Path) -> str:
    copy = folder / ("copy" + Path(path).suffix)
    copy.write_bytes(Path(path).read_bytes())
    return str(copy)


def nasty_records(seed: int) -> list[nasty.Record]:
    """All but copies of one event that differ: of those the smallest text
    stands, and no partial holds texts (docs/partials.md). Many are repeated."""
    generator = nasty.Generator(seed, "small", False)
    for part in ("tables", "ties", "crowds", "others", "limits"):
        getattr(generator, part)()
    return generator.records + Random(seed).sample(generator.records, 300)


def corpora(folder: Path, seeds: range):
    """Names and files."""
    for tree in sorted(path for path in FIXTURES.iterdir() if path.is_dir()):
        yield tree.name, files_below(tree)
    for seed in seeds:
        out = folder / f"shapes-{seed}"
        shapes.write_tree([record.data for record in nasty_records(seed) if record.bare],
                          out, seed)
        yield f"shapes {seed}", files_below(out)
        out = folder / f"nasty-{seed}"
        nasty.write_dump(nasty_records(seed), out, 1)
        yield f"nasty {seed}", files_below(out)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=Path)
    parser.add_argument("--seeds", default="1-2")
    arguments = parser.parse_args()
    first, _, last = arguments.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        work = folder / "work"
        work.mkdir()
        (work / "policy").write_text(POLICY)
        runner = Runner(arguments.program.resolve(), work)
        for what, files in corpora(folder, seeds):
            for i, options in enumerate(OPTION_SETS):
                check(runner, f"{what} {' '.join(options)}", options, files,
                      Random(f"{what} {i}"))
        print(f"{runner.runs} runs, {runner.wrong} differences")
        return 1 if runner.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
