#!/usr/bin/env python3
"""docs/examples/cluster on real engines, with a job killed on the way.

    cluster_test.py ENGINE OFFBOX GENERATE [--scale F] [--shards N]

ENGINE is slurm, parallel or batch. A trail from the benchmark's generator, with
a damaged file and a digest put in, is read in shards by the example's own
script; one job is killed and tried again. The report, made of the partials,
must equal a single run's to the byte, in every form.

slurm     a cluster of one node and of this test's own: munged, slurmctld and
          slurmd with a configuration in a temporary folder
parallel  over ssh to an sshd of this test's own on 127.0.0.1 with throwaway
          keys; without ssh on this machine alone, and it says so
batch     the container's script, once an index; without AWS nothing starts it

Exit status 77: the engine is not there, or does not start here.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = ROOT / "docs" / "examples" / "cluster"
TIMEOUT_S = 240
NOW = "2024-05-14T12:00:00Z"  # stands in the HTML report
DIGEST = '{"awsAccountId":"111122223333","digestStartTime":"2024-05-14T09:00:00Z","logFiles":[]}'


class Skip(Exception):
    pass


def need(*programs: str) -> None:
    for program in programs:
        if not shutil.which(program):
            raise Skip(f"{program} was not found")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def wait_for(what: str, ready, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise RuntimeError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.1)


def wait_for_engine(what: str, ready, logs: Path) -> None:
    """An engine that does not start is the machine's affair, not the examples'."""
    try:
        wait_for(what, ready)
    except RuntimeError as late:
        for log in logs.glob("*.log"):
            print(f"{log.name}:\n{log.read_text(errors='replace')[-3000:]}")
        raise Skip(str(late)) from late


class Place:
    """The trail, the folder of the partials, and a program `offbox` that is
    slow the first time, so that it can be killed at work."""

    def __init__(self, folder: Path, program: Path, generate: Path, scale: str,
                 corpus: str = "std") -> None:
        self.folder = folder
        self.program = program
        self.trail = folder / "trail"
        self.parts = folder / "parts"
        self.started = folder / "started"  # the process that waits, while it does
        self.bin = folder / "bin"
        self.bin.mkdir()
        subprocess.run([generate, corpus, folder / corpus, "--scale", scale], check=True,
                       stdout=subprocess.DEVNULL)
        (folder / corpus / "AWSLogs").rename(self.trail)
        files = sorted(self.trail.rglob("*.json.gz"))
        cut = files[len(files) // 2]
        cut.write_bytes(cut.read_bytes()[:-100])
        digest = self.trail / "111122223333" / "CloudTrail-Digest" / "one.json"
        digest.parent.mkdir(parents=True)
        digest.write_text(DIGEST)
        (self.trail / "a link").symlink_to(files[0])
        self.policy = folder / "the policy"
        self.policy.write_text("ignore event=DescribeRegions\nexpect ip=192.0.2.1\n")
        self.options = ["--policy", str(self.policy)]
        wrapper = self.bin / "offbox"
        wrapper.write_text(f"""#!/bin/sh
case "$*" in
*--shard\\ 2/*)
    if mkdir '{folder}/once' 2>/dev/null; then
        echo $$ >'{self.started}.new' && mv '{self.started}.new' '{self.started}'
        exec sleep 600
    fi ;;
esac
exec '{program}' "$@"
""")
        wrapper.chmod(0o755)
        self.environment = os.environ | {"PATH": f"{self.bin}:{os.environ['PATH']}", "LC_ALL": "C"}

    def kill_one(self, next_waits: bool = False) -> None:
        """With `next_waits` the try after it is slow, too: said before the kill, since it may
        begin at once."""
        wait_for("a shard to be at work", self.started.exists)
        process = int(self.started.read_text())
        if next_waits:
            self.started.unlink()
            (self.folder / "once").rmdir()
        os.kill(process, signal.SIGKILL)

    def arguments(self, shards: int) -> list[str]:
        return [str(shards), str(self.parts)]

    def rest(self) -> list[str]:
        return [*self.options, "--", str(self.trail)]

    def compare(self, parts: list[Path]) -> list[str]:
        """What differs between the partials' report and a single run's."""
        wrong = []
        for form in "text", "json", "jsonl", "csv", "html":
            runs = []
            for name, paths in ("single", [self.trail]), ("merged", parts):
                summary = self.folder / f"{name}.{form}.summary"
                done = subprocess.run(
                    [self.program, "-q", "-f", form, "--now", NOW, "--summary", summary,
                     *self.options, *paths],
                    capture_output=True, timeout=TIMEOUT_S, check=False)
                runs.append((done.returncode, done.stdout, done.stderr, summary.read_bytes()))
            for what, single, merged in zip(("status", "report", "warnings", "summary"), *runs):
                if single != merged:
                    wrong.append(f"{form}: the {what} differs:\n{single!r:.2000}\n{merged!r:.2000}")
        single = subprocess.run([self.program, "-q", "-f", "jsonl", *self.options, self.trail],
                                capture_output=True, timeout=TIMEOUT_S, check=False)
        report = self.parts / "report.jsonl"
        if report.exists() and report.read_bytes() != single.stdout:
            wrong.append("the example's own report differs")
        if single.returncode != 5:
            wrong.append(f"a single run ended with {single.returncode}: no alerts, or no damage")
        return wrong


@contextlib.contextmanager
def slurm_cluster(folder: Path):
    need("munged", "slurmctld", "slurmd", "sbatch")
    if os.geteuid() != 0:
        raise Skip("slurmd and munged want root")
    folder.mkdir()
    (folder / "state").mkdir()
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    host = socket.gethostname().split(".")[0]
    conf = folder / "slurm.conf"
    conf.write_text(f"""ClusterName=offbox
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={free_port()}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
KillWait=1
NodeName={host} NodeAddr=127.0.0.1 Port={free_port()} CPUs={os.cpu_count()} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES State=UP
""")
    os.environ["SLURM_CONF"] = str(conf)
    daemons = []
    try:
        daemons.append(subprocess.Popen(
            ["munged", "--foreground", "--force", f"--key-file={key}",
             f"--socket={folder}/munge.socket", f"--pid-file={folder}/munged.pid",
             f"--seed-file={folder}/munge.seed", f"--log-file={folder}/munged.log"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        wait_for_engine("munged", (folder / "munge.socket").exists, folder)
        for daemon in "slurmctld", "slurmd":
            daemons.append(subprocess.Popen(
                [daemon, "-D", "-c"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL))
        wait_for_engine("a node", lambda: "idle" in subprocess.run(
            ["sinfo", "-h", "-o", "%T"], capture_output=True, text=True, check=False).stdout,
            folder)
        yield
    except RuntimeError:
        for log in folder.glob("*.log"):
            print(f"{log.name}:\n{log.read_text(errors='replace')[-3000:]}")
        raise
    finally:
        for daemon in reversed(daemons):
            daemon.terminate()
        for daemon in daemons:
            daemon.wait(30)


def run_slurm(place: Place, shards: int) -> None:
    def say(*command: str) -> str:
        return subprocess.run(command, env=place.environment, capture_output=True, text=True,
                              timeout=TIMEOUT_S, check=False).stdout.strip()

    place.environment |= {"SLURM_CONF": os.environ.get("SLURM_CONF", "")}
    with slurm_cluster(place.folder / "slurm"):
        place.environment["SLURM_CONF"] = os.environ["SLURM_CONF"]
        reduce = say(str(EXAMPLES / "slurm-run.sh"), *place.arguments(shards), *place.rest())
        # The process dies, and its task tries again; then the whole task is
        # ended and queued again, as when its node dies.
        place.kill_one(next_waits=True)
        wait_for("the second try", place.started.exists)
        task = say("squeue", "-h", "-r", "-n", "offbox-map", "-t", "R", "-o", "%F_%K")
        second = [name for name in task.split() if name.endswith("_2")]
        if not second:
            raise RuntimeError(f"shard 2 is not among the running: {task}")
        say("scontrol", "requeue", second[0])
        say("scontrol", "update", f"JobId={second[0]}", "StartTime=now")
        end = ("COMPLETED", "FAILED", "CANCELLED")
        state = lambda: say("scontrol", "show", "job", reduce)
        wait_for("the report's job", lambda: any(f"JobState={word}" in state() for word in end),
                 TIMEOUT_S)
        if "JobState=COMPLETED" not in state():
            logs = [f"{log.name}: {log.read_text()}" for log in sorted(place.parts.glob("*.log"))]
            raise RuntimeError(state() + "\n" + "\n".join(logs))
        log = (place.parts / "map-2.log").read_text()
        if "try 1 of shard 2" not in log:
            raise RuntimeError(f"shard 2 was not tried again: {log}")


@contextlib.contextmanager
def ssh_server(folder: Path, environment: dict[str, str]):
    """Hosts for GNU parallel: an sshd of our own, twice, or this machine."""
    sshd = shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if not sshd or not shutil.which("ssh") or not shutil.which("ssh-keygen"):
        print("there is no ssh: on this machine alone")
        yield ":\n"
        return
    folder.mkdir(mode=0o700)
    for name in "host", "user":
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    port = free_port()
    (folder / "authorized_keys").write_text((folder / "user.pub").read_text())
    (folder / "sshd_config").write_text(f"""Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized_keys
PidFile {folder}/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
AcceptEnv PATH
SetEnv PATH={environment["PATH"]}
MaxStartups 100
""")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd wants it for itself
    server = subprocess.Popen([sshd, "-D", "-e", "-f", folder / "sshd_config"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=open(folder / "sshd.log", "w"))
    user = pwd.getpwuid(os.geteuid()).pw_name
    ssh = folder / "ssh"
    ssh.write_text(f"""#!/bin/sh
exec ssh -F /dev/null -p {port} -i '{folder}/user' -o IdentitiesOnly=yes -o BatchMode=yes \\
    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "$@"
""")
    ssh.chmod(0o755)
    try:
        wait_for_engine("sshd", lambda: subprocess.run(
            [ssh, f"{user}@127.0.0.1", "true"], capture_output=True, check=False).returncode == 0,
            folder)
        yield f"2/{ssh} {user}@127.0.0.1\n1/{ssh} {user}@localhost\n"
    finally:
        server.terminate()
        server.wait(30)


def run_parallel(place: Place, shards: int) -> None:
    need("parallel")
    with ssh_server(place.folder / "ssh", place.environment) as hosts:
        listed = place.folder / "hosts"
        listed.write_text(hosts)
        running = subprocess.Popen(
            [EXAMPLES / "parallel-run.sh", *place.arguments(shards), listed, *place.rest()],
            env=place.environment | {"HOME": str(place.folder)}, stdin=subprocess.DEVNULL)
        place.kill_one()
        if running.wait(TIMEOUT_S) != 0:
            raise RuntimeError(f"parallel-run.sh ended with {running.returncode}")
        joblog = (place.parts / "joblog").read_text()
        if len(joblog.splitlines()) != shards + 1:
            raise RuntimeError(f"the log of jobs: {joblog}")


def run_batch(place: Place, shards: int) -> None:
    def child(index: int) -> subprocess.Popen:
        return subprocess.Popen(
            [EXAMPLES / "batch-map.sh", *place.arguments(shards), *place.rest()],
            env=place.environment | {"AWS_BATCH_JOB_ARRAY_INDEX": str(index)})

    # Batch starts a child that failed again: retryStrategy of batch-job.json.
    second = child(1)
    place.kill_one()
    if second.wait(TIMEOUT_S) == 0:
        raise RuntimeError("a killed child ended well")
    for index in range(shards):
        if child(index).wait(TIMEOUT_S) != 0:
            raise RuntimeError(f"child {index} failed")
    subprocess.run([EXAMPLES / "batch-reduce.sh", *place.arguments(shards), *place.rest()],
                   env=place.environment, timeout=TIMEOUT_S, check=True)
    (place.parts / f"part-{shards}.jsonl.gz").rename(place.folder / "away")
    if subprocess.run([EXAMPLES / "batch-reduce.sh", *place.arguments(shards), *place.rest()],
                      env=place.environment, timeout=TIMEOUT_S, check=False,
                      stderr=subprocess.DEVNULL).returncode == 0:
        raise RuntimeError("a report was made without the last part")
    (place.folder / "away").rename(place.parts / f"part-{shards}.jsonl.gz")
    subprocess.run([EXAMPLES / "batch-reduce.sh", *place.arguments(shards), *place.rest()],
                   env=place.environment, timeout=TIMEOUT_S, check=True)


ENGINES = {"slurm": run_slurm, "parallel": run_parallel, "batch": run_batch}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("program", type=Path)
    parser.add_argument("generate", type=Path)
    parser.add_argument("--scale", default="0.02")
    parser.add_argument("--shards", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="offbox-") as made:
        try:
            place = Place(Path(made), arguments.program.resolve(), arguments.generate.resolve(),
                          arguments.scale)
            ENGINES[arguments.engine](place, arguments.shards)
        except Skip as why:
            print(why)
            return 77
        wrong = place.compare([place.parts / f"part-{shard}.jsonl.gz"
                               for shard in range(1, arguments.shards + 1)])
        if not (place.parts / "report.jsonl").exists():
            wrong.append("the example made no report")
    print("\n".join(wrong) if wrong else
          f"{arguments.shards} shards on {arguments.engine}, one killed: the report of a single run")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
