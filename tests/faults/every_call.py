#!/usr/bin/env python3
"""Let every call to the system fail once, and look at how the program ends.

    every_call.py OFFBOX_FAULTS [--kind KIND] [--threads N] [--door NAME] [--at N[+]]

OFFBOX_FAULTS is the program whose door to the system can be made to fail
(sys.c beside this file). A small run that reaches every door is made again
and again: the first call through a door fails, then the second, up to the
last; and each of them together with all later ones, as when memory is out
or a disk is full. Each run must end

  - as the run without a fault did, to the byte of each output, or
  - with bit 2 of its status, a message that names the cause, and each
    output whole or as it was before, or
  - with bit 4, a warning that names the input and the cause, and outputs
    that are whole,

by no signal, within a minute, and with nothing left lying about. Status 1
tells that some did not.
"""

from __future__ import annotations

import argparse
import errno
import functools
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from mmdb import database  # noqa: E402, beside this folder

ALERTS, FAILED, INCOMPLETE = 1, 2, 4
TIMEOUT_S = 60
SHOWN = 20  # failures


@dataclass(frozen=True)
class Door:
    cause: int  # as in sys.c
    bits: int  # that a run may end with which does not get past it
    words: str = ""  # for the user; else the system's

    def causes(self) -> list[str]:
        return [os.strerror(self.cause)] + ([self.words] if self.words else [])


# A door to what is read makes coverage incomplete; one to what is written
# is a failure.

DOORS = {
    "memory": Door(errno.ENOMEM, FAILED, "out of memory"),
    "open": Door(errno.EMFILE, FAILED | INCOMPLETE),
    "stat": Door(errno.EACCES, FAILED | INCOMPLETE),
    "opendir": Door(errno.ENOMEM, INCOMPLETE),
    "readdir": Door(errno.EIO, INCOMPLETE),
    "closedir": Door(errno.EIO, 0),
    "readlink": Door(errno.EIO, FAILED),
    "dup": Door(errno.EMFILE, FAILED),
    "fchmod": Door(errno.EPERM, FAILED),
    "close": Door(errno.EIO, FAILED),
    "read": Door(errno.EIO, FAILED | INCOMPLETE),
    "write": Door(errno.ENOSPC, FAILED),
    "fsync": Door(errno.EIO, FAILED),
    "rename": Door(errno.EACCES, FAILED),
    "mkdir": Door(errno.EACCES, FAILED),
    "flock": Door(errno.ENOLCK, FAILED),
    "thread": Door(errno.EAGAIN, 0),
    "random": Door(errno.EAGAIN, 0),
    "clock": Door(errno.EINVAL, FAILED, "the system's clock gives no time"),
}

# ------------------------------------------------------------ the inputs

def record(number: int, **fields: object) -> dict[str, object]:
    made: dict[str, object] = {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLE:i-0f00000000000000" + str(number % 2),
            "arn": "arn:aws:sts::111122223333:assumed-role/web/i-0f",
            "accountId": "111122223333",
            "accessKeyId": "ASIAEXAMPLEKEY" + str(number % 3),
        },
        "eventTime": f"2024-05-14T09:00:{number % 60:02}Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "ListBuckets",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113." + str(number % 4 + 1),
        "userAgent": "aws-cli/2",
        "eventID": f"00000000-0000-0000-0000-{number:012}",
        "recipientAccountId": "111122223333",
    }
    return made | fields


def trail(records: list[dict[str, object]]) -> bytes:
    return json.dumps({"Records": records}).encode()


@functools.cache
def has_mmdb(program: Path) -> bool:
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return "MMDB: none" not in version.stdout


def evidence() -> list[dict[str, object]]:
    """Copies that differ at a location that the rule drops, a key that the
    instance issues, and what is called with it: two more readings. And facts
    from each kind of call: people, starts, networks."""
    issued = {"credentials": {"accessKeyId": "ASIAEXAMPLECHAINED"}}
    session = record(0)["userIdentity"] | {"principalId": "AROAEXAMPLE:other",
                                           "accessKeyId": "ASIAEXAMPLECHAINED"}
    person = {"type": "IAMUser", "userName": "alice", "principalId": "AIDAEXAMPLE"}
    launched = {"instancesSet": {"items": [{
        "instanceId": "i-0f000000000000000", "instanceType": "t3.micro", "vpcId": "vpc-0a",
        "privateIpAddress": "10.0.0.8"}]}}
    return [
        record(50, sourceIPAddress="10.0.0.9"),
        record(50, sourceIPAddress="10.0.0.9", userAgent="differs"),
        record(51, eventSource="sts.amazonaws.com", eventName="AssumeRole",
               responseElements=issued),
        record(52, userIdentity=session, sourceIPAddress="198.51.100.9"),
        record(53, userIdentity=person, sourceIPAddress="198.51.100.9"),
        record(54, userIdentity=person, eventSource="ec2.amazonaws.com",
               eventName="RunInstances", responseElements=launched),
    ]


def make_partials(program: Path, folder: Path) -> None:
    """More than may be open at once in the run that merges them, one gzip'd."""
    (folder / "parts").mkdir()
    (folder / "located").mkdir()
    for n in range(PARTIALS):
        log = folder / "part.json"
        log.write_bytes(trail([record(n), record(n + 1), *evidence()[n % 6:][:1]]))
        ending = ".gz" if n == 0 else ""
        for options in ([f"parts/{n}.jsonl{ending}"],
                        [f"located/{n}.jsonl{ending}", "--extended"]):
            subprocess.run([program, "-q", "--partial", *options, "part.json"],
                           cwd=folder, check=True)


def make_inputs(folder: Path) -> None:
    """Gzip and plain, wrapped and not, copies that differ (so that there is
    a second reading), texts that only the reference extractor takes."""
    logs = folder / "logs" / "2024"
    logs.mkdir(parents=True)
    (folder / "logs" / "link").symlink_to("nowhere")
    name = "111122223333_CloudTrail_us-east-1_20240514T0920Z_abcdefgh.json"
    (logs / (name + ".gz")).write_bytes(gzip.compress(trail([record(n) for n in range(12)])))
    (logs / name).write_bytes(trail([record(n, userAgent="differs") for n in range(4)]))
    lookup = {"Events": [{"CloudTrailEvent": json.dumps(record(30))}]}
    escaped = json.dumps(record(31)).replace("i-0f", "i\\u002d0f")
    (folder / "listed.json").write_text(json.dumps(lookup) + escaped, encoding="utf-8")
    (folder / "extended.json").write_bytes(trail(evidence()))
    (folder / "list").write_text("listed.json\n", encoding="utf-8")
    (folder / "policy").write_text("expect ip=203.0.113.0/30\nmute account=444455556666\n",
                                   encoding="utf-8")
    (folder / "ranges.json").write_text(json.dumps({
        "syncToken": "1715679667", "createDate": "2024-05-14-09-41-07", "ipv6_prefixes": [],
        "prefixes": [{"ip_prefix": "203.0.113.0/30", "region": "us-east-1", "service": service}
                     for service in ("AMAZON", "EC2")]}), encoding="utf-8")
    (folder / "owners.mmdb").write_bytes(database({
        "type": "x", "ip_version": 4, "networks": {"203.0.113.0/30": {
            "asn": "AS64496", "as_name": "Example", "country": "NL"}}}))
    (folder / "stdin.jsonl").write_bytes(b"".join(
        json.dumps(record(n)).encode() + b"\n" for n in range(40, 43)))


# --------------------------------------------------------------- one run

OUTPUTS = ["real.jsonl", "alerts.json", "alerts.txt", "alerts.csv", "alerts.html", "ocsf", "asff",
           "summary.json", "history.jsonl"]
STAYS = ["link.jsonl", "history.jsonl.lock", "state.lock"]
NOW = "2024-05-15T00:00:00Z"
ENTRY = {"RuleId": "0240", "DedupFields": "SourceIpAddress|InstanceId", "DedupEntity": "x"}
# What was there before the run. Of the history's entries the first has
# expired, so the file is written even if there is no alert.
OLD = {
    "real.jsonl": b"what was here before\n",
    "history.jsonl": b"".join(json.dumps({"AlertedAt": alerted} | ENTRY).encode() + b"\n"
                              for alerted in ("2024-05-01T00:00:00Z", NOW)),
}


CASES = [f"cases/i-0f00000000000000{number}/{name}" for number in (0, 1)
         for name in ("records.jsonl", "case.md")]


PARTIALS = 7
OPEN_FILES = 21  # room for five partials: two rounds


@dataclass(frozen=True)
class Kind:
    """A run that reaches some of the doors."""
    outputs: list[str]
    doors: set[str]  # that it must reach
    status: int = ALERTS  # of the run without a fault
    files: int = 0  # how many may be open; 0: as many as usual

    def arguments(self, out: Path) -> list[str | Path]:
        if self is KINDS["partial"]:
            return ["--partial", out / "new.jsonl.gz", "logs", "listed.json"]
        if self is KINDS["partial.extended"]:
            return ["--extended", "--partial", out / "new.jsonl.gz", "logs", "extended.json"]
        if self is KINDS["merge"]:
            return ["-o", out / "alerts.json", "parts", "listed.json"]
        if self is KINDS["merge.extended"]:
            return ["--extended", "-o", out / "alerts.json", "located", "listed.json"]
        if self is KINDS["cases"]:
            return ["--extended", "--case", out / "cases", "-o", out / "alerts.json", "logs",
                    "listed.json"]
        if self is KINDS["state"]:
            return ["--files-from", "list", "-o", out / "alerts.json", "--policy", "policy",
                    "--history", out / "history.jsonl", "--summary", out / "summary.json",
                    "--timeframe", "7d", "--state", out / "state", "--now", NOW, "logs"]
        more = ["--extended", "extended.json"] if self is KINDS["extended"] else []
        return [*more, "--files-from", "list", "-o", out / "link.jsonl", "-o", out / "alerts.json",
                "-o", out / "alerts.txt", "-o", out / "alerts.csv", "-o", out / "alerts.html",
                "-o", f"ocsf:{out}/ocsf", "-o", f"asff:{out}/asff", "-o", "jsonl:/dev/stdout",
                "--summary", out / "summary.json", "--policy", "policy", "--ip-ranges",
                "ranges.json", "--history", out / "history.jsonl", "--now", NOW, "logs", "-"]


KINDS = {
    "outputs": Kind(OUTPUTS, DOORS.keys() - {"mkdir"}),
    "extended": Kind(OUTPUTS, DOORS.keys() - {"mkdir"}),
    "state": Kind(["alerts.json", "summary.json", "history.jsonl", "state"],
                  {"memory", "open", "stat", "read", "write", "close", "fsync", "rename", "flock"}),
    "cases": Kind(["alerts.json", *CASES],
                  {"memory", "open", "stat", "read", "write", "close", "fsync", "rename", "mkdir"}),
    "partial": Kind(["new.jsonl.gz"], {"memory", "open", "read", "write", "close", "fsync",
                                       "rename"}, status=0),
    "merge": Kind(["alerts.json"], {"memory", "open", "read", "write", "close", "fsync", "rename"},
                  files=OPEN_FILES),
}
KINDS["partial.extended"] = replace(KINDS["partial"])
KINDS["merge.extended"] = replace(KINDS["merge"])


@dataclass
class Run:
    status: int
    stdout: bytes
    stderr: str
    outputs: dict[str, bytes | None]
    left: list[str]
    log: list[str]


def scratch() -> str | None:
    """Where syncing costs nothing, if there is such a place."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def run(program: Path, inputs: Path, kind: Kind, threads: int, fault: str | None) -> Run:
    with tempfile.TemporaryDirectory(dir=scratch()) as made:
        out = Path(made) / "out"
        out.mkdir()
        for name, text in OLD.items():
            (out / name).write_bytes(text)
        (out / "link.jsonl").symlink_to("real.jsonl")
        log = Path(made) / "log"
        environment = os.environ | {"OFFBOX_FAULT_LOG": str(log), "LC_ALL": "C"}
        environment.pop("OFFBOX_FAULT", None)
        if fault:
            environment["OFFBOX_FAULT"] = fault
        with (open(inputs / "stdin.jsonl", "rb") as stdin,
              open(Path(made) / "stdout", "wb") as stdout):
            done = subprocess.run(
                [program, "-v", "-j", str(threads),
                 *([] if "new.jsonl.gz" in kind.outputs else ["-f", "json"]),
                 *kind.arguments(out),
                 *(["--mmdb", "owners.mmdb"] if has_mmdb(program) else [])],
                cwd=inputs, env=environment, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE,
                timeout=TIMEOUT_S, check=False,
                preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_NOFILE,
                                                       (kind.files, kind.files)))
                if kind.files else None)
        return Run(
            done.returncode, (Path(made) / "stdout").read_bytes(),
            done.stderr.decode(errors="replace"),
            {name: (out / name).read_bytes() if (out / name).exists() else None
             for name in kind.outputs},
            sorted({str(entry.relative_to(out)) for entry in out.rglob("*") if not entry.is_dir()}
                   - {*kind.outputs, *OLD, *STAYS}),
            log.read_text().splitlines() if log.exists() else [])


def fold_some(program: Path, inputs: Path) -> bytes:
    """A state that holds all of the inputs but the gzip file."""
    for path in inputs.rglob("*"):
        os.utime(path, (1715680000, 1715680000), follow_symlinks=False)
    packed = next((inputs / "logs").rglob("*.gz"))
    packed.rename(inputs / "away")
    try:
        subprocess.run([program, "-q", "-f", "none", "--policy", "policy", "--timeframe", "7d",
                        "--state", "made", "--now", NOW, "--files-from", "list", "logs"],
                       cwd=inputs, check=False, stderr=subprocess.DEVNULL)
    finally:
        (inputs / "away").rename(packed)
    return (inputs / "made").read_bytes()


# ------------------------------------------------------------- judgement

def is_whole(name: str, text: bytes) -> bool:
    """Not cut: a report of another run than the clean one."""
    if name.endswith(".gz"):
        text = gzip.decompress(text)
        return b'{"lines":' in text.splitlines()[-1] and text.endswith(b"\n")
    if name.endswith((".txt", ".jsonl", "ocsf", "asff")) and not text:
        return True  # no alert
    if name == "state":
        return text.startswith(b"offbox state\n")  # what follows has its own tests
    if not text.endswith(b"\n"):
        return False
    if name.endswith(".html"):
        return text.endswith(b"</html>\n")
    if name.endswith((".txt", ".csv", ".md")):
        return True
    decoder, rest = json.JSONDecoder(), text.decode()
    try:
        while rest:
            rest = rest[decoder.raw_decode(rest)[1]:].lstrip()
    except ValueError:
        return False
    return True


def judge_message(door: Door, got: Run) -> str | None:
    for bit, start in (FAILED, "offbox: error: "), (INCOMPLETE, "offbox: warning: "):
        if not got.status & bit:
            continue
        lines = [line for line in got.stderr.splitlines() if line.startswith(start)
                 and any(cause in line for cause in door.causes())]
        if not lines:
            return f"no '{start}' names a cause of {door.causes()}"
        if not door.words and not all("'" in line or " standard " in line for line in lines):
            return f"'{start}' names no file"
    return None


def given(run: Run) -> dict[str, bytes | None]:
    """What gives alerts: not the state, which comes last."""
    return {name: text for name, text in run.outputs.items() if name != "state"}


def judge(door: Door, got: Run, clean: Run, fault: str) -> str | None:
    """What is wrong with a run whose fault was met; None if nothing is."""
    if "Sanitizer" in got.stderr or "runtime error" in got.stderr:
        return "a sanitizer's report"
    if got.status < 0:
        return f"signal {-got.status}"
    if got.left:
        return f"left behind: {got.left}"
    if clean.status == 0 and got.status == 0 and got.outputs != clean.outputs:
        # What a partial's run could not read is in the partial and told; its
        # status is that of the report.
        text = got.outputs["new.jsonl.gz"]
        if text is None or not is_whole("new.jsonl.gz", text):
            return "the partial is cut"
        return judge_message(door, replace(got, status=INCOMPLETE))
    if got.status == clean.status:
        if (got.stdout, got.outputs) != (clean.stdout, clean.outputs):
            return "the clean run's status with other outputs"
        return None
    extra = got.status & ~ALERTS
    if extra == 0 or extra & ~door.bits:
        return f"status {got.status}"
    if extra == INCOMPLETE and not is_whole("stdout.json", got.stdout):
        return "standard output is cut"
    for name, text in got.outputs.items():
        untouched = OLD.get(name)
        if extra == FAILED and text not in (untouched, clean.outputs[name]):
            return f"{name} is neither old nor new"
        if text != untouched and (text is None or not is_whole(name, text)):
            return f"{name} is cut"
    if extra == FAILED and got.outputs.get("history.jsonl", OLD["history.jsonl"]) != (
            OLD["history.jsonl"]) and (
            got.stdout, given(got)) != (clean.stdout, given(clean)):
        return "the history holds alerts that were not all given"
    if fault.startswith("write") and fault.endswith("+"):
        return None  # the message was to be written, too
    return judge_message(door, got)


class Tester:
    def __init__(self, program: Path, inputs: Path, kind: Kind, threads: int) -> None:
        self.program, self.inputs, self.kind, self.threads = program, inputs, kind, threads
        self.clean = run(program, inputs, kind, threads, None)
        self.runs = 0
        self.failures: list[str] = []

    def try_at(self, name: str, at: str) -> bool:
        """One run; False if the fault was not met."""
        fault = f"{name}:{at}"
        self.runs += 1
        try:
            got = run(self.program, self.inputs, self.kind, self.threads, fault)
        except subprocess.TimeoutExpired:
            self.failures.append(f"{fault}: no end within {TIMEOUT_S} s")
            return True
        if not any(line.startswith("hit ") for line in got.log):
            return False
        wrong = judge(DOORS[name], got, self.clean, fault)
        if wrong:
            self.failures.append(f"{fault} -j{self.threads}: {wrong} (status {got.status})\n"
                                 + "".join(f"    {line}\n" for line in got.stderr.splitlines()))
        return True

    def try_door(self, name: str, ends: list[str], pool: ThreadPoolExecutor) -> int:
        """Every call of a door; how many there are. Threads take turns
        differently, so the clean run's count is only where to begin."""
        calls = int(next(line.split()[1] for line in self.clean.log
                         if line.startswith(name + " ")))
        for end in ends:
            hit = list(pool.map(lambda n: self.try_at(name, f"{n}{end}"), range(1, calls + 1)))
            while hit and hit[-1] and len(hit) < 2 * calls:
                hit.append(self.try_at(name, f"{len(hit) + 1}{end}"))
        return calls


# Which calls of a door fail, as the program is told it.
ENDS = {"once": "", "on": "+"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path)
    parser.add_argument("--kind", choices=sorted(KINDS), default="outputs")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--door", choices=sorted(DOORS))
    parser.add_argument("--fails", choices=sorted(ENDS),
                        help="only this call, or it and all behind it (default: both)")
    parser.add_argument("--at", help="this call alone, '3' or '3+'")
    arguments = parser.parse_args()
    program = arguments.program.resolve()
    ends = [ENDS[arguments.fails]] if arguments.fails else list(ENDS.values())

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        make_inputs(Path(folder))
        if arguments.kind == "state":
            OLD["state"] = fold_some(program, Path(folder))


        make_partials(program, Path(folder))
        tester = Tester(program, Path(folder), KINDS[arguments.kind], arguments.threads)
        if arguments.at:
            tester.try_at(arguments.door, arguments.at)
        elif tester.clean.status != tester.kind.status or None in tester.clean.outputs.values():
            tester.failures.append(f"the clean run: status {tester.clean.status}\n"
                                   + tester.clean.stderr)
        else:
            for name in [arguments.door] if arguments.door else DOORS:
                calls = tester.try_door(name, ends, pool)
                print(f"{name}: {calls} calls")
                if calls == 0 and name in tester.kind.doors and (
                        name != "thread" or arguments.threads > 1):
                    tester.failures.append(f"{name}: never reached")
    for failure in tester.failures[:SHOWN]:
        print(failure)
    print(f"{tester.runs} runs at {arguments.threads} threads, {len(tester.failures)} failed")
    return 1 if tester.failures else 0


if __name__ == "__main__":
    sys.exit(main())
