#!/usr/bin/env python3
"""How near offbox comes to the speed of inflating.

    bench.py --offbox PATH --floor PATH [--corpora std,small,heavy,huge] [--runs 5] [--compare] [--steps]
    bench.py --offbox PATH --floor PATH --against PATH [--corpora …] [--runs …]

Prints medians of several runs as ratios, since seconds mean something on
one machine only; README.md beside this file says what each figure means.
Judges nothing: its exit status tells only whether it could measure.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

CORPORA = ["std", "small", "heavy", "huge"]

# What steps.c can stop after.
STEPS = ["read", "match", "extract", "filter", "keep"]

# The bound on memory: for any input, an event, an (instance, address) pair.
BOUND_BYTES = 24_000_000
BOUND_BYTES_PER_EVENT = 40
BOUND_BYTES_PER_PAIR = 2_500

# Lines of the policy whose cost is measured; no event is of what they name.
POLICY_LINES = 10_000

ALERTS = 1  # offbox's exit status if there are some

# jq takes minutes for what takes us a second: it gets one file in so many.
JQ_SHARE = 10
JQ_PROGRAM = """
    .Records[]
    | select(.userIdentity.principalId? // "" | contains(":i-"))
    | [.userIdentity.principalId[(.userIdentity.principalId | index(":i-") + 1):], .sourceIPAddress]
    | @tsv
"""


@dataclass(frozen=True)
class Cost:
    """Seconds that one run of a command took."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Tools:
    """Programs, by path, so that none is searched in $PATH."""

    offbox: str
    floor: str
    generate: str
    peak: str
    steps: str


@dataclass(frozen=True)
class Corpus:
    name: str
    root: Path  # the folder to scan
    facts: dict[str, object]  # the generator's corpus.json
    planted: list[tuple[str, str, int]]  # instance, address, events


def measure(command: Sequence[str], may_exit: tuple[int, ...] = (0,)) -> Cost:
    """Run a command, its output thrown away. Children it has waited for count as its own."""
    discard = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    start = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=discard)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) not in may_exit:
        sys.exit(f"bench.py: failed: {' '.join(command)}")
    return Cost(wall, usage.ru_utime + usage.ru_stime)


def output_of(*command: str, may_exit: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode not in may_exit:
        sys.exit(f"bench.py: failed: {' '.join(command)}")
    return done.stdout.strip()


def alternate(commands: dict[str, Callable[[], Cost]], runs: int) -> dict[str, list[Cost]]:
    """Each command once to warm up, then all of them in turn, so that whatever else the
    machine does hits them alike."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            cost = command()
            if turn > 0:
                costs[name].append(cost)
    return costs


# --------------------------------------------------------------- corpora


def get_corpus(name: str, scale: float, generate: str, folder: Path) -> Corpus:
    """Generate it unless it is there. Its last file is corpus.json."""
    home = folder / (name if scale == 1 else f"{name}@{scale:g}")
    if not (home / "corpus.json").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        print(output_of(generate, name, str(home), "--scale", str(scale)), file=sys.stderr)
    rows = (line.split("\t") for line in (home / "planted.tsv").read_text().splitlines())
    return Corpus(name, home / "AWSLogs", json.loads((home / "corpus.json").read_text()),
                  [(instance, address, int(events)) for instance, address, events in rows])


def packed_files(corpus: Corpus) -> list[Path]:
    return sorted(corpus.root.rglob("*.json.gz"))


def spread_sample(files: list[Path], share: int) -> list[Path]:
    """One in `share` files, small and large ones alike."""
    by_size = sorted(files, key=lambda path: (path.stat().st_size, path))
    return by_size[share // 2::share] or by_size[:1]


def write_policy(path: Path) -> str:
    """Prefixes of all lengths, for any instance, for one instance, and with a wildcard."""
    draw = random.Random(1)

    def net() -> str:
        return f"ip={draw.randrange(1, 224)}.{draw.randrange(256)}.0.0/{draw.randrange(16, 33)}"

    kinds = [lambda n: f"expect {net()}", lambda n: f"ignore {net()} instance=i-{n:017x}",
             lambda n: f"ignore {net()} role=scanner-{n}-*"]
    path.write_text("".join(kinds[n % 3](n) + "\n" for n in range(POLICY_LINES)))
    return str(path)


# --------------------------------------------------------------- figures


class Table:
    """Rows of ratios, as Markdown."""

    def __init__(self) -> None:
        print("| corpus | what | median | min–max | of |\n|---|---|---|---|---|")

    def ratio(self, corpus: str, what: str, above: list[float], below: list[float], unit: str,
              factor: float = 1) -> None:
        """`factor` scales `above`, where only a part was measured."""
        ratios = [factor * a / b for a, b in zip(above, below)]
        print(f"| {corpus} | {what} | {median(ratios):.2f} | {min(ratios):.2f}–{max(ratios):.2f} "
              f"| {factor * median(above):.3g} {unit} ÷ {median(below):.3g} {unit} |", flush=True)


def walls(costs: list[Cost]) -> list[float]:
    return [cost.wall for cost in costs]


def cpus(costs: list[Cost]) -> list[float]:
    return [cost.cpu for cost in costs]


def check(corpus: Corpus, offbox: str, floor: str) -> tuple[dict[str, dict], list[str]]:
    """The summary of a scan, and what is wrong with its results."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        alerts = [json.loads(line) for line in output_of(
            offbox, "-q", "-f", "jsonl", "--summary", file.name, str(corpus.root),
            may_exit=(0, ALERTS)).splitlines()]
        summary = json.loads(Path(file.name).read_text())
    wrong = []
    found = sorted((a["InstanceId"], a["SourceIpAddress"], a["EventCount"]) for a in alerts)
    if found != sorted(corpus.planted):
        wrong.append("the alerts are not the planted ones")
    inflated = int(output_of(floor, str(corpus.root)).split()[2])
    if not inflated == summary["bytes"]["unpacked"] == corpus.facts["unpacked"]:
        wrong.append("offbox, floor and generator differ in the bytes of text")
    return summary, wrong


def bench(corpus: Corpus, tools: Tools, runs: int, compare: bool, steps: bool,
          table: Table) -> list[str]:
    """Print the rows of one corpus; return remarks."""
    name, root = corpus.name, str(corpus.root)
    offbox, floor = tools.offbox, tools.floor
    summary, remarks = check(corpus, offbox, floor)
    scan = [offbox, "-q", "-f", "jsonl", root]
    commands = {
        "floor": lambda: measure([floor, root]),
        "one": lambda: measure([*scan, "-j1"], (0, ALERTS)),
        "two": lambda: measure([*scan, "-j2"], (0, ALERTS)),
        "extended": lambda: measure([*scan, "-j1", "--extended"], (0, ALERTS)),
    }
    if steps:
        for step in STEPS:
            commands[step] = lambda step=step: measure([tools.steps, step, root])
    factor = 1.0
    with tempfile.TemporaryDirectory() as scratch:
        policy = write_policy(Path(scratch, "policy"))
        commands["policy"] = lambda: measure([*scan, "-j1", "--policy", policy], (0, ALERTS))
        if compare:
            files = packed_files(corpus)
            everything = write_list(Path(scratch, "all"), files)
            commands["gzip"] = lambda: measure(["xargs", "-0", "-a", everything, "gzip", "-dc"])
            if len(files) >= JQ_SHARE:
                part = spread_sample(files, JQ_SHARE)
                sample = write_list(Path(scratch, "sample"), part)
                factor = int(summary["bytes"]["unpacked"]) / text_bytes(floor, part, scratch)
                pipe = 'xargs -0 -a "$1" gzip -dc | jq -r "$2"'
                commands["jq"] = lambda: measure(["sh", "-c", pipe, "sh", sample, JQ_PROGRAM])
        costs = alternate(commands, runs)

    one, two = costs["one"], costs["two"]
    table.ratio(name, "CPU: scan ÷ floor, `-j1`", cpus(one), cpus(costs["floor"]), "s")
    for step in STEPS if steps else []:
        table.ratio(name, f"CPU: a scan up to `{step}` ÷ floor, `-j1`", cpus(costs[step]),
                    cpus(costs["floor"]), "s")
    table.ratio(name, "CPU: scan with `--extended` ÷ floor, `-j1`", cpus(costs["extended"]),
                cpus(costs["floor"]), "s")
    table.ratio(name, f"CPU: scan with {POLICY_LINES:,} lines of policy ÷ without, `-j1`",
                cpus(costs["policy"]), cpus(one), "s")
    table.ratio(name, "wall: `-j2` ÷ `-j1`", walls(two), walls(one), "s")
    table.ratio(name, "wall: `-j2` ÷ floor", walls(two), walls(costs["floor"]), "s")
    kept, pairs = summary["instance_events"]["kept"], summary["pairs"]
    bound = BOUND_BYTES + BOUND_BYTES_PER_EVENT * kept + BOUND_BYTES_PER_PAIR * pairs
    peaks = [1024 * int(output_of(tools.peak, *scan, "-j2", may_exit=(0, ALERTS)))
             for _ in range(runs)]
    table.ratio(name, "peak memory, `-j2` ÷ bound", [peak / 1e6 for peak in peaks],
                [bound / 1e6] * runs, "MB")
    if "gzip" in costs:
        table.ratio(name, "CPU: `gzip -dc` ÷ scan, `-j1`", cpus(costs["gzip"]), cpus(one), "s")
    if "jq" in costs:
        table.ratio(name, "CPU: `gzip -dc \\| jq` ÷ scan, `-j1` "
                    f"(jq on 1/{factor:.1f} of the text, scaled)",
                    cpus(costs["jq"]), cpus(one), "s", factor)
    elif compare:
        remarks.append("no jq: too few files to give it a part of them")
    return [f"{name}: {remark}" for remark in remarks]


def bench_builds(corpus: Corpus, tools: Tools, other: str, runs: int, table: Table) -> list[str]:
    """Print how two builds stand to the floor, all by turns: where the machine changes its pace
    from minute to minute, only this tells one from the other."""
    name, root = corpus.name, str(corpus.root)
    _, remarks = check(corpus, tools.offbox, tools.floor)

    def scan(program: str, *more: str) -> Callable[[], Cost]:
        return lambda: measure([program, "-q", "-f", "jsonl", root, "-j1", *more], (0, ALERTS))

    costs = alternate({
        "floor": lambda: measure([tools.floor, root]),
        "scan, the other": scan(other),
        "scan": scan(tools.offbox),
        "scan with `--extended`, the other": scan(other, "--extended"),
        "scan with `--extended`": scan(tools.offbox, "--extended"),
    }, runs)
    floor = costs.pop("floor")
    for what, cost in costs.items():
        table.ratio(name, f"CPU: {what} ÷ floor, `-j1`", cpus(cost), cpus(floor), "s")
    return [f"{name}: {remark}" for remark in remarks]


def write_list(path: Path, files: list[Path]) -> str:
    path.write_bytes(b"".join(os.fsencode(file) + b"\0" for file in files))
    return str(path)


def text_bytes(floor: str, files: list[Path], scratch: str) -> int:
    lines = Path(scratch, "lines")
    lines.write_text("".join(f"{file}\n" for file in files))
    return int(output_of(floor, "--list", str(lines)).split()[2])


# -------------------------------------------------------------- the machine


def cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return "unknown CPU"


def commit() -> str:
    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "--no-optional-locks", "-C", str(Path(__file__).resolve().parent), *words],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()

    if not shutil.which("git") or not (head := git("rev-parse", "HEAD")):
        return "unknown"
    return head + (", with changes" if git("status", "--porcelain", "-uno") else "")


def print_setting(offbox: str, floor: str, runs: int) -> None:
    version = output_of(offbox, "--version").splitlines()
    library = output_of(floor, "--version")
    print(f"machine: {cpu_model()}, {len(os.sched_getaffinity(0))} cores, "
          f"load {os.getloadavg()[0]:.1f}")
    print(f"commit:  {commit()}")
    print(f"offbox:  {'; '.join(version)}")
    print(f"floor:   {library}")
    print(f"command: {' '.join(sys.argv)}")
    print(f"runs:    {runs} of each, alternating, after one to warm up\n")
    inflate = " ".join(line for line in version if "inflate" in line)
    if library.split()[0].lower() not in inflate.lower():
        print("The floor uses another library than offbox: CPU ÷ floor says little.\n")


def describe(corpus: Corpus) -> str:
    facts = {key: value for key, value in corpus.facts.items() if isinstance(value, (int, float))}
    return (f"{corpus.name}: {facts['files']} files, {facts['records']} records of "
            f"{facts['unpacked'] / facts['records']:.0f} bytes, "
            f"{100 * facts['instance_records'] / facts['records']:.1f} % by instances "
            f"({facts['instances']}), {facts['unpacked'] / 1e6:.0f} MB, "
            f"{facts['unpacked'] / facts['packed']:.1f}:1, {len(corpus.planted)} thefts, "
            f"checksum {corpus.facts['checksum']}")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--offbox", required=True, type=Path, help="the program")
    parser.add_argument("--floor", required=True, type=Path,
                        help="floor-zlib or floor-isal, as offbox was built; generate, peak and "
                        "steps are looked for beside it")
    parser.add_argument("--corpora", default=",".join(CORPORA), help="default: %(default)s")
    parser.add_argument("--runs", default=5, type=int, help="default: %(default)s")
    parser.add_argument("--dir", default=Path(tempfile.gettempdir(), "offbox-bench"), type=Path,
                        help="where the corpora are or will be, 0.3 GB (default: %(default)s)")
    parser.add_argument("--scale", default=1.0, type=float, help="size of the corpora")
    parser.add_argument("--compare", action="store_true", help="gzip and jq, too")
    parser.add_argument("--steps", action="store_true", help="also what each step of a scan adds")
    parser.add_argument("--against", type=Path, metavar="PATH",
                        help="another build, measured by turns with this one and nothing else")
    args = parser.parse_args()
    args.corpora = args.corpora.split(",")
    if unknown := sorted(set(args.corpora) - set(CORPORA)):
        parser.error(f"no corpus: {', '.join(unknown)}")
    if args.runs < 1 or args.scale <= 0:
        parser.error("--runs and --scale want more than 0")
    if args.compare and not (shutil.which("jq") and shutil.which("gzip")):
        parser.error("--compare needs gzip and jq")
    return args


def main() -> int:
    args = options()
    beside = args.floor.resolve().parent
    tools = Tools(str(args.offbox.resolve()), str(args.floor.resolve()),
                  str(beside / "generate"), str(beside / "peak"), str(beside / "steps"))
    print_setting(tools.offbox, tools.floor, args.runs)
    corpora = [get_corpus(name, args.scale, tools.generate, args.dir) for name in args.corpora]
    for corpus in corpora:
        print(describe(corpus))
    print()
    remarks = []
    table = Table()
    for corpus in corpora:
        if args.against:
            other = str(args.against.resolve())
            remarks += bench_builds(corpus, tools, other, args.runs, table)
        else:
            remarks += bench(corpus, tools, args.runs, args.compare, args.steps, table)
    print("".join(f"\n{remark}" for remark in remarks))
    return 0


if __name__ == "__main__":
    sys.exit(main())
