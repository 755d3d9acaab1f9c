#!/usr/bin/env python3
"""docs/examples/cluster/spark_run.py on Spark, with an executor killed.

    spark_test.py OFFBOX GENERATE [--install] [--venv FOLDER] [--scale F]
                  [--corpora std,heavy] [--shards N]

Starts a cluster of three executors on this machine (local-cluster, each a Java
process of its own), reads a trail of the benchmark's generator in shards, merges
the partials in a tree, and compares the report with a single run's, to the
byte; then once more, and the executor that works on a shard is killed.

pyspark is taken from this Python, or from the virtual environment FOLDER;
--install makes that one from PyPI. Java: Debian's default-jre-headless. Exit
status 77: one of the two is not there.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from cluster_test import EXAMPLES, Place, Skip, wait_for  # noqa: E402

PYSPARK = "pyspark>=3.5,<4"
EXECUTORS = 3
TIMEOUT_S = 580


def find_spark(venv: Path | None, install: bool) -> Path:
    """The Python that has pyspark."""
    if not shutil.which("java"):
        raise Skip("java was not found (Debian: default-jre-headless)")
    python = venv / "bin" / "python3" if venv else Path(sys.executable)
    if install:
        if not venv:
            raise Skip("--install wants --venv FOLDER")
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        if subprocess.run([python, "-m", "pip", "install", "-q", PYSPARK],
                          check=False).returncode != 0:
            raise Skip(f"{PYSPARK} cannot be installed")
    if not python.exists() or subprocess.run(
            [python, "-c", "import pyspark"], capture_output=True, check=False).returncode != 0:
        raise Skip("there is no pyspark; --install --venv FOLDER gets it from PyPI")
    return python


def parent(process: int) -> int:
    stat = Path(f"/proc/{process}/stat").read_text(errors="replace")
    return int(stat.rpartition(")")[2].split()[1])


def kill_executor(place: Place) -> None:
    """The Java process above the shard that is at work."""
    wait_for("a shard to be at work", place.started.exists, 120)
    at_work = process = int(place.started.read_text())
    while process > 1:
        words = Path(f"/proc/{process}/cmdline").read_bytes()
        if b"CoarseGrainedExecutorBackend" in words:
            os.kill(process, signal.SIGKILL)
            try:
                os.kill(at_work, signal.SIGKILL)  # it would sleep on
            except ProcessLookupError:
                pass
            return
        process = parent(process)
    raise RuntimeError("no executor is above the shard")


def run_spark(place: Place, python: Path, shards: int, kill: bool) -> tuple[list[Path], float]:
    """The partials that are left, and the seconds it took."""
    shutil.rmtree(place.parts, ignore_errors=True)
    place.started.unlink(missing_ok=True)
    if kill:
        shutil.rmtree(place.folder / "once", ignore_errors=True)
    else:
        (place.folder / "once").mkdir(exist_ok=True)
    log = place.folder / "spark.log"
    begin = time.monotonic()
    with open(log, "w") as errors:
        running = subprocess.Popen(
            [python.parent / "spark-submit", "--master", f"local-cluster[{EXECUTORS},1,1024]",
             "--conf", "spark.ui.enabled=false", EXAMPLES / "spark_run.py",
             str(shards), place.parts, *place.rest()],
            env=place.environment | {"PYSPARK_PYTHON": str(python), "FAN_IN": "3",
                                     "SPARK_LOCAL_IP": "127.0.0.1"},
            cwd=place.folder, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            if kill:
                kill_executor(place)
            out, _ = running.communicate(timeout=TIMEOUT_S)
        finally:
            running.kill()
            running.wait()
    seconds = time.monotonic() - begin
    if running.returncode != 0:
        raise RuntimeError(f"spark-submit ended with {running.returncode}:\n"
                           + log.read_text(errors="replace")[-6000:])
    if kill and "Lost executor" not in log.read_text(errors="replace"):
        raise RuntimeError("Spark did not notice that an executor is gone")
    parts = sorted(Path(out.split()[-1]).glob("part-*"))
    if not 0 < len(parts) <= 3:
        raise RuntimeError(f"{len(parts)} partials are left of the tree")
    return parts, seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path)
    parser.add_argument("generate", type=Path)
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--venv", type=Path)
    parser.add_argument("--scale", default="0.02")
    parser.add_argument("--corpora", default="std,heavy")
    parser.add_argument("--shards", type=int, default=7)
    arguments = parser.parse_args()
    wrong = []
    try:
        python = find_spark(arguments.venv and arguments.venv.absolute(), arguments.install)
    except Skip as why:
        print(why)
        return 77
    for corpus in arguments.corpora.split(","):
        with tempfile.TemporaryDirectory(prefix="offbox-") as made:
            place = Place(Path(made), arguments.program.resolve(), arguments.generate.resolve(),
                          arguments.scale, corpus)
            for kill in False, True:
                parts, seconds = run_spark(place, python, arguments.shards, kill)
                told = f"{corpus}, {arguments.shards} shards" + (", an executor killed" if kill else "")
                differs = place.compare(parts)
                wrong += [f"{told}: {what}" for what in differs]
                if not differs:
                    size = sum(part.stat().st_size for part in (place.parts / "0").glob("part-*"))
                    print(f"{told}: the report of a single run; {seconds:.1f} s, "
                          f"{size} bytes of partials")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
