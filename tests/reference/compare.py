#!/usr/bin/env python3
"""Run offbox on nasty dumps and compare it with the reference.

    compare.py OFFBOX [--seeds 1-20] [--threads 1,4] [--size small|medium] [--raw-controls]

Each dump is read with every set of options at every number of threads,
as it was written and once more with its records laid out over other
files. All must give the reference's alerts and figures, and the same
bytes. Status 1 tells of a difference.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nasty
import rule

OPTION_SETS = [
    rule.Options(),
    rule.Options(ipv6=True),
    rule.Options(keep_duplicates=True),
    rule.Options(min_ips=1),
    rule.Options(min_ips=3),
    rule.Options(ipv6=True, keep_duplicates=True, min_ips=1),
    rule.Options(min_ips=1, since="2022-02-22T00:31:00.97Z",
                 until="2022-02-22T10:03:00+00:00", policy=(
        "ignore role=app*",
        "ignore role=arn:*:role/app1,v* agent=aws-cli/2.7.1,*v*",
        "ignore event=Get* region=us-*,cn-north-1 source=sts.*",
        "ignore ip=192.0.2.0/28,192.0.2.1 instance=*crowd1,i-0other",
        "ignore ip=192.0.2.0/25 event=\"\"",
        'ignore agent=*a*b*c*,"*\\\\*"',
        "ignore account=v*",
        "ignore instance=i-1",
    )),
    rule.Options(ipv6=True, policy=(
        "expect ip=192.0.2.1,2001:db8::/64",
        "expect ip=192.0.2.0/24,192.0.2.7,9.9.9.9 instance=i-0crowd*",
        "expect ip=0.0.0.0/0 account=444455556666",
        "expect ip=198.51.100.0/24 account=1* instance=i-0*",
        "mute instance=i-0crowd2,i-0other",
        "mute role=app0 account=111122223333",
        "mute ip=192.0.2.0/26 role=arn:*",
        "mute account=\"\"",
    )),
    rule.Options(ipv6=True, min_ips=3, keep_duplicates=True, since="2022-02-22T10:01:00Z",
                 policy=(
        "expect ip=192.0.2.0/24,::/0",
        "ignore role=app0,app",
        "mute ip=0.0.0.0/1 account=4*",
    )),
]
MAPS = {"RequestCountByIp", "EventsByIp", "EventNames", "ErrorCodes", "EventsPerHour"}
NAMED_BY = {"Ips": "Address", "AccessKeyIds": "AccessKeyId"}
TIMEOUT_S = 300
SHOWN = 10  # differences of one run


def arguments_of(options: rule.Options) -> list[str]:
    arguments = ["--ipv6"] if options.ipv6 else []
    if options.keep_duplicates:
        arguments.append("--keep-duplicates")
    if options.min_ips != 2:
        arguments += ["--min-ips", str(options.min_ips)]
    if options.since:
        arguments += ["--since", options.since]
    if options.until:
        arguments += ["--until", options.until]
    return arguments


def policy_arguments(options: rule.Options, folder: Path) -> list[str]:
    """The policy, written down."""
    if not options.policy:
        return []
    path = folder / f"{OPTION_SETS.index(options)}.policy"
    path.write_text("\n".join(options.policy) + "\n", encoding="utf-8")
    return ["--policy", str(path)]


# ------------------------------------------------------------ one run

class BadOutput(Exception):
    """Nothing that could be compared came out."""


@dataclass
class Output:
    alerts: list[dict[str, Any]]  # "Event" as text, as in the reference
    alerts_text: str
    summary: dict[str, Any]
    status: int


def as_python(value: rule.Value, source: str) -> Any:
    if value.kind == "object":
        if len({key for key, _ in value.members}) < len(value.members):
            raise BadOutput("a member occurs twice in " + source[value.start:value.start + 60])
        # Of an event, the text as it was printed is what counts.
        return {key: source[child.start:child.end] if key == "Event" else as_python(child, source)
                for key, child in value.members}
    if value.kind == "array":
        return [as_python(item, source) for item in value.items]
    return value.string if value.kind == "string" else json.loads(source[value.start:value.end])


def run(command: list[str]) -> Output:
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        raise BadOutput(f"no end within {TIMEOUT_S} s") from None
    try:
        text = done.stdout.decode()
        # The reference's parser is lenient; Python's is not.
        json.loads(text, parse_int=str, parse_float=str)
        document = rule.parse(text, len(text) - len(text.lstrip()))
    except ValueError as error:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-3:]
        raise BadOutput(f"status {done.returncode}, no JSON on stdout: {error}; "
                        f"stderr: {said}") from None
    alerts, summary = document.get("alerts"), document.get("summary")
    if alerts is None or summary is None:
        raise BadOutput("the document lacks `alerts` or `summary`")
    if "GIVEAWAY" in text:
        raise BadOutput("a secret was printed: " + text[text.index("GIVEAWAY") - 60:][:80])
    return Output(as_python(alerts, text), text[alerts.start:alerts.end],
                  as_python(summary, text), done.returncode)


# --------------------------------------------------------- comparison

def show(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 120 else text[:117] + "..."


def text_difference(expected: str, actual: str) -> str:
    at = 0
    while expected[at:at + 1] == actual[at:at + 1] != "":
        at += 1
    near = slice(max(0, at - 40), at + 40)
    return f"at character {at}: {show(actual[near])}, expected {show(expected[near])}"


def differences(expected: Any, actual: Any, where: str) -> Iterator[str]:
    """The smallest places in which two values differ, one line each."""
    name = where.rpartition(".")[2]
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in expected:
            if key not in actual:
                yield f"{where}.{key}: missing, expected {show(expected[key])}"
            else:
                yield from differences(expected[key], actual[key], f"{where}.{key}")
        for key in actual:
            if key not in expected:
                yield f"{where}.{key}: unexpected, {show(actual[key])}"
        if name in MAPS and expected.keys() == actual.keys() and list(expected) != list(actual):
            yield f"{where}: order of keys {show(list(actual))}, expected {show(list(expected))}"
    elif name in NAMED_BY and isinstance(expected, list) and isinstance(actual, list):
        def by_name(items: list[Any]) -> dict[str, Any]:
            return {str(item.get(NAMED_BY[name])): item for item in items}

        ours, theirs = by_name(expected), by_name(actual)
        for key in (k for k in ours if k in theirs):
            yield from differences(ours[key], theirs[key], f"{where}[{key}]")
        yield from differences(list(ours), list(theirs), where + " (names)")
    elif isinstance(expected, list) and isinstance(actual, list) and expected != actual:
        missing = [v for v in expected if v not in actual]
        extra = [v for v in actual if v not in expected]
        if missing or extra:
            yield f"{where}: lacks {show(missing)}, has too {show(extra)}"
        else:
            yield f"{where}: {show(actual)}, expected {show(expected)}"
    elif name == "Event" and isinstance(expected, str) and isinstance(actual, str):
        if expected != actual:
            yield f"{where}: {text_difference(expected, actual)}"
    elif type(expected) is not type(actual) or expected != actual:
        yield f"{where}: {show(actual)}, expected {show(expected)}"


def alert_differences(expected: list[dict[str, Any]],
                      actual: list[dict[str, Any]]) -> Iterator[str]:
    by_instance = {a.get("InstanceId"): a for a in actual}
    for alert in expected:
        instance = alert["InstanceId"]
        if instance in by_instance:
            yield from differences(alert, by_instance[instance], show(instance))
    yield from differences([a["InstanceId"] for a in expected],
                           [a.get("InstanceId") for a in actual], "instances with an alert")


def summary_differences(expected: dict[str, Any], actual: dict[str, Any]) -> Iterator[str]:
    """Only the figures that the reference has."""
    for name, figure in expected.items():
        if name == "policy":
            hits = [line["hits"] for line in actual.get(name, [])]
            yield from differences(figure, hits, "summary.policy")
            continue
        yield from differences(figure, actual.get(name), f"summary.{name}")


# --------------------------------------------------------- everything

@dataclass
class Tally:
    comparisons: int = 0
    different: int = 0

    def note(self, arguments: list[str], remake: str, found: list[str]) -> None:
        self.comparisons += 1
        if not found:
            return
        self.different += 1
        print(f"{' '.join(arguments)} on the dump of `{remake}`:")
        for line in found[:SHOWN]:
            print("  " + line)
        if len(found) > SHOWN:
            print(f"  and {len(found) - SHOWN} more")
        sys.stdout.flush()


def compare_seed(args: argparse.Namespace, seed: int, folder: Path, tally: Tally) -> None:
    records = nasty.make_records(seed, args.size, args.raw_controls)
    remake = f"nasty.py --seed {seed} --size {args.size}" + " --raw-controls" * args.raw_controls
    dumps: dict[str, list[Path]] = {}  # how to make it again: what to read
    for spread in (seed, seed + 1_000_000):
        path = folder / str(spread)
        path.mkdir()
        nasty.write_dump(records, path, spread)
        dumps[f"{remake} --spread {spread}"] = (
            [path] if spread == seed else sorted(path.iterdir(), reverse=True))
    # Which files are skipped whole, and so how many records were read, is
    # the only thing that may depend on the spread.
    loaded = {how: rule.load(paths) for how, paths in dumps.items()}
    dump = next(iter(loaded.values()))

    for options in OPTION_SETS:
        alerts, summary = rule.apply_rule(dump, options)
        status = (1 if alerts else 0) | (4 if dump.unreadable else 0)
        first: Output | None = None
        for how, paths in dumps.items():
            summary["records"]["read"] = len(loaded[how].records)
            for threads in args.threads:
                arguments = ["-f", "json", "-j", str(threads), *arguments_of(options),
                             *policy_arguments(options, folder)]
                try:
                    output = run([args.offbox, *arguments, *map(str, paths)])
                except BadOutput as error:
                    tally.note(arguments, how, [str(error)])
                    continue
                found = list(summary_differences(summary, output.summary))
                if output.status != status:
                    found.append(f"exit status {output.status}, expected {status}")
                if first is None:
                    found += alert_differences(alerts, output.alerts)
                    first = output
                elif output.alerts_text != first.alerts_text:
                    found.append("not the bytes of the first run: "
                                 + text_difference(first.alerts_text, output.alerts_text))
                    found += alert_differences(first.alerts, output.alerts)
                tally.note(arguments, how, found)


def numbers(text: str) -> list[int]:
    """1-3,7 is 1, 2, 3, 7."""
    parts = [part.partition("-") for part in text.split(",")]
    return [n for low, _, high in parts for n in range(int(low), int(high or low) + 1)]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("offbox", metavar="OFFBOX", help="the program to be tested")
    parser.add_argument("--seeds", type=numbers, default=numbers("1-20"), metavar="1-20")
    parser.add_argument("--threads", type=numbers, default=[1, 4], metavar="1,4")
    parser.add_argument("--size", choices=["small", "medium"], default="small")
    parser.add_argument("--raw-controls", action="store_true", help="control bytes in strings too")
    args = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]

    tally = Tally()
    for seed in args.seeds:
        with tempfile.TemporaryDirectory() as folder:
            compare_seed(args, seed, Path(folder), tally)
    print(f"{tally.comparisons} comparisons, {tally.different} differences")
    return 1 if tally.different else 0


if __name__ == "__main__":
    sys.exit(main())
