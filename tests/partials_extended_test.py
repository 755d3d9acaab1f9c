#!/usr/bin/env python3
"""Partials with --extended give what one run over all their logs gives.

    partials_extended_test.py OFFBOX [--seeds 1-3] [NAME]...

Every scenario (tests/scenarios) and generated estates are spread over files so
that what belongs together is apart: the call that issues a key and those that
use it, a launch and the calls of the instance, the people and the instances of
an address. A partial of each file is merged with the others: flat, in trees,
beside logs, some twice, through standard input, in rounds. Status, every format
and --summary must be those of one run, to the byte. So must they be of the real
trail, where that lies beside the project.

What an `ignore` line drops of calls with issued keys is no hit of it where they
are in a partial (docs/partials.md), so hits of `ignore` lines are not compared.

Status 1 tells of a difference.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import resource
import sys
import tempfile
from pathlib import Path
from random import Random

TESTS = Path(__file__).resolve().parent
sys.path.insert(0, str(TESTS / "scenarios"))
import partials_test  # noqa: E402
import scenarios  # noqa: E402
from partials_test import Runner, Said  # noqa: E402

NOW = ["--now", "2024-05-15T00:00:00Z"]
FORMATS = ["text", "jsonl", "csv", "ocsf", "ecs", "timesketch", "asff", "html"]
REAL = TESTS.parent.parent / "shared" / "data"
POLICY = """\
expect ip=203.0.113.0/31
expect ip=198.51.100.200 account=111122223333
mute ip=198.51.100.9
ignore event=GetCallerIdentity
ignore role=ci region=eu-*
ignore ip=192.0.2.0/28
"""
OPTION_SETS = [
    ["--extended", "--min-severity", "informational"],
    ["--extended"],
    ["--extended", "--ipv6", "--min-ips", "1", "--fail-on", "high"],
    ["--extended", "--keep-duplicates", "--min-severity", "low"],
    ["--extended", "--since", "2024-05-14T08:30:00Z", "--until",
     "2024-05-14T10:30:00Z", "--min-severity", "low"],
    ["--extended", "--instance", scenarios.instance(1), "--instance",
     scenarios.instance(3)],
    ["--extended", "--policy", "POLICY", "--min-severity", "low"],
]

Record = scenarios.Record


class HitlessRunner(Runner):
    def run(self, options: list[str], paths: list[str], stdin: bytes | None = None,
            fmt: str = "json", descriptors: int = 0) -> Said:
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        if descriptors:
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, limits[1]))
        said = super().run(options + NOW, paths, stdin, fmt)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        said.summary = without_hits(said.summary)
        said.stdout = without_hits(said.stdout)
        said.stderr = [re.sub(rb"^  (NOTHING|[0-9]+ events?), ", b"  ", line)
                       for line in said.stderr if not line.startswith(b"policy: ")]
        return said


def without_hits(text: bytes) -> bytes:
    return re.sub(rb'(ignore [^}]*"hits": ?)[0-9]+', rb"\1", text)


def write(folder: Path, files: list[list[Record]]) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for number, records in enumerate(files):
        names.append(str(folder / f"{number}.json"))
        Path(names[-1]).write_text(json.dumps({"Records": records}))
    return names


def deal(records: list[Record], count: int, rng: Random) -> list[list[Record]]:
    """Each record into one file, some into two; none is empty."""
    files: list[list[Record]] = [[] for _ in range(count)]
    for number, record in enumerate(records):
        files[number % count if number < count else rng.randrange(count)].append(record)
        if rng.random() < 0.05:
            rng.choice(files).append(record)
    return files


def apart(records: list[Record]) -> list[list[Record]]:
    """What teaches facts in one file, what is said of them in another."""
    files: dict[str, list[Record]] = {}
    for record in records:
        by = record["userIdentity"]
        kind = ("facts" if record.get("responseElements") else
                "people" if by["type"] == "IAMUser" else
                "issued" if "sessionIssuer" in by.get("sessionContext", {}) else
                record["sourceIPAddress"])
        files.setdefault(kind, []).append(record)
    return list(files.values())


def merge(runner: Runner, what: str, options: list[str], files: list[str],
          rng: Random, formats: list[str]) -> None:
    expected = runner.run(options, files)
    partials = []
    for number, path in enumerate(files):
        name = f"part-{number}.jsonl" + (".gz" if number % 2 else "")
        partials.append(str(runner.write(options, [path], name)))
    rng.shuffle(partials)
    flat = runner.run(options, partials)
    runner.compare(f"{what}, flat", expected, flat)
    for name in formats:
        runner.compare(f"{what}, {name}", runner.run(options, files, fmt=name),
                       runner.run(options, partials, fmt=name))
    runner.compare(f"{what}, some twice", expected,
                   runner.run(options, [*partials, partials_test.copied(
                       partials[0], runner.folder)]))
    half = len(files) // 2
    by_file = sorted(partials, key=lambda path: int(Path(path).name.split("-")[1].split(".")[0]))
    runner.compare(f"{what}, beside logs", expected,
                   runner.run(options, files[:half] + by_file[half:]))
    runner.compare(f"{what}, logs behind", expected,
                   runner.run(options, by_file[:half] + files[half:]))
    left = runner.write(options, partials[:half], "left.jsonl.gz")
    right = runner.write(options, partials[half:], "right.jsonl")
    runner.compare(f"{what}, in a tree", expected,
                   runner.run(options, [str(right), str(left)]))
    whole = runner.write(options, [str(left), str(right)], "whole.jsonl")
    runner.compare(f"{what}, through standard input", expected,
                   runner.run(options, [], stdin=whole.read_bytes()))
    mixed = runner.write(options, files[:half] + by_file[half:], "mixed.jsonl")
    runner.compare(f"{what}, of a mixture", expected, runner.run(options, [str(mixed)]))
    other = runner.write(options, partials, "flat.jsonl")
    if other.read_bytes() != whole.read_bytes():
        runner.fail(f"{what}: a partial depends on the tree that made it")


def generated(seed: int) -> list[Record]:
    """An estate of a dozen instances in which all that can be learnt occurs."""
    rng = Random(seed)
    estate = scenarios.Estate()
    addresses = ([f"203.0.113.{n}" for n in range(1, 8)] +
                 [f"198.51.100.{n}" for n in (9, 10, 200)] +
                 [f"10.0.0.{n}" for n in range(4, 9)] + ["10.1.0.9", "172.31.0.4"] +
                 [f"2001:db8:0:{n}::{rng.randrange(1, 99):x}" for n in range(3)] +
                 ["ec2.amazonaws.com", "AWS Internal"])
    agents = [scenarios.LINUX, scenarios.TOOL, scenarios.SSM, scenarios.MACOS,
              scenarios.KALI, scenarios.BROWSER]
    names = [("GetCallerIdentity", "sts"), ("ListBuckets", "s3"), ("GetObject", "s3"),
             ("DescribeInstances", "ec2"), ("ListUsers", "iam"),
             ("UpdateInstanceInformation", "ssm"), ("PutMetricData", "monitoring")]
    keys = [f"ASIAISSUED{number:06d}" for number in range(12)]
    for _ in range(400):
        at, number = rng.random() * 240, rng.randrange(1, 13)
        at = round(at * 4) / 4
        address, agent = rng.choice(addresses), rng.choice(agents)
        name, source = rng.choice(names)
        more = {}
        if rng.random() < 0.2:
            more["errorCode"] = "AccessDenied"
        if address.startswith("10.") and rng.random() < 0.7:
            more["vpcEndpointAccountId"] = rng.choice(
                [scenarios.ACCOUNT, scenarios.OTHER_ACCOUNT, "777788889999"])
            more["vpcEndpointId"] = f"vpce-{rng.randrange(3)}"
        roll = rng.random()
        if roll < 0.45:
            estate.call(at, address, name, source, agent, number,
                        delivery=rng.choice(["1.0", "2.0"]), **more)
        elif roll < 0.5:
            estate.assumes(at, address, rng.choice(keys), agent=agent, number=number)
        elif roll < 0.55:
            by = rng.choice(keys)
            estate.assumes(at, address, rng.choice(keys), by, agent)
        elif roll < 0.75:
            estate.chained(at, address, rng.choice(keys), name, source, agent, **more)
        elif roll < 0.85:
            estate.person(at, address, name, source, agent, **more)
        elif roll < 0.9:
            estate.run(at, f"10.0.0.{number}", number)
        elif roll < 0.94:
            estate.change(at, rng.choice(["StopInstances", "StartInstances",
                                          "TerminateInstances"]), number)
        elif roll < 0.97:
            estate.elastic(at, rng.choice(addresses[:8]), number)
        else:
            estate.person(at, address, "StartSession", "ssm", agent,
                          requestParameters={"target": scenarios.instance(number)})
    for record in estate.records:
        if rng.random() < 0.1:
            del record["eventID"]
        # Of some instances only this shows that they are any.
        context = record["userIdentity"].get("sessionContext", {})
        if record["userIdentity"]["principalId"].endswith(("1", "2", "3")) and (
                "ec2RoleDelivery" in context):
            del context["ec2RoleDelivery"]
            if rng.random() < 0.1:
                record["userIdentity"]["inScopeOf"] = {"issuerType": "AWS::EC2::Instance"}
    return estate.records


def rounds(runner: Runner, folder: Path) -> None:
    """More partials than may be open at once are united in rounds."""
    options = OPTION_SETS[0]
    rng = Random(5)
    files = write(folder / "rounds", deal(generated(5), 40, rng))
    expected = runner.run(options, files)
    partials = [str(runner.write(options, [path], f"round-{number}.jsonl.gz"))
                for number, path in enumerate(files)]
    runner.compare("in rounds", expected, runner.run(options, partials, descriptors=24))


def refusals(runner: Runner, folder: Path) -> None:
    """What does not fit, or is not whole, gives no report."""
    estate = scenarios.Estate()
    scenarios.SCENARIOS["role_chain_from_a_laptop"].build(estate)
    files = write(folder / "refusals", [estate.records])
    extended = runner.write(["--extended"], files, "extended.jsonl")
    plain = runner.write([], files, "plain.jsonl")
    for options, path, said in (
            ([], extended, b"made with --extended, and this run is without it"),
            (["--extended"], plain, b"made without --extended, and this run is with it"),
            (["--extended", "--case", str(folder / "case")], extended,
             b"a partial, which holds no records: --case needs the logs")):
        got = runner.run(options, [str(path)])
        if got.status != 2 or got.stdout or not any(said in line for line in got.stderr):
            runner.fail(f"{options} {path.name}: {got.status}, {got.stderr}")
    lines = extended.read_bytes().splitlines(keepends=True)
    broken = runner.folder / "broken.jsonl"
    for number, line in enumerate(lines):
        for what, text in (("without", b""), ("twice", line + line),
                           ("altered", line[:len(line) // 2] + b"~" +
                            line[len(line) // 2 + 1:])):
            broken.write_bytes(b"".join(lines[:number]) + text + b"".join(lines[number + 1:]))
            got = runner.run(["--extended"], [str(broken)])
            # Without its first line it is no partial, but a foreign file.
            wanted = 4 if number == 0 and what == "without" else 2
            if got.status != wanted or (got.stdout and wanted == 2):
                runner.fail(f"line {number} {what}: {got.status}, {got.stdout!r}")


def real_files(folder: Path, paths: list[str], rng: Random) -> list[str]:
    records: list[Record] = []
    for path in paths:
        try:
            opened = gzip.open(path) if path.endswith(".gz") else open(path, "rb")
            with opened as file:
                document = json.load(file)
        except (OSError, ValueError):
            continue
        if isinstance(document, dict):
            records += document.get("Records", [])
    return write(folder / "real", deal(records, 7, rng)) if len(records) > 7 else []


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--seeds", default="1-2")
    parser.add_argument("--real", type=Path, default=REAL)
    arguments = parser.parse_args()
    first, _, last = arguments.seeds.partition("-")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        work = folder / "work"
        work.mkdir()
        (work / "policy").write_text(POLICY)
        runner = HitlessRunner(arguments.program.resolve(), work)
        if not arguments.names:
            refusals(runner, folder)
            rounds(runner, folder)
        for number, what in enumerate(arguments.names or scenarios.SCENARIOS):
            if what not in scenarios.SCENARIOS:
                continue
            estate = scenarios.Estate()
            scenarios.SCENARIOS[what].build(estate)
            rng = Random(what)
            spread = apart(estate.records) if number % 2 else deal(estate.records, 4, rng)
            merge(runner, what, OPTION_SETS[0], write(folder / what, spread), rng,
                  FORMATS[number % len(FORMATS):][:2])
        for seed in range(int(first), int(last or first) + 1):
            rng = Random(seed)
            records = generated(seed)
            for number, options in enumerate(OPTION_SETS):
                spread = deal(records, 9, rng) if number % 2 else apart(records)
                merge(runner, f"generated {seed} {' '.join(options)}", options,
                      write(folder / f"generated-{seed}-{number}", spread), rng,
                      FORMATS if number < 2 else [])
        trail = partials_test.files_below(arguments.real) if arguments.real.is_dir() else []
        files = real_files(folder, trail, Random(1))
        if files:
            merge(runner, "real trail", OPTION_SETS[0], files, Random(1), FORMATS)
        else:
            print("no real trail beside the project: it is left out")
        print(f"{runner.runs} runs, {runner.wrong} differences")
        return 1 if runner.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
