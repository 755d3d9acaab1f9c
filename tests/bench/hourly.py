#!/usr/bin/env python3
"""What an hourly run with --state costs, against a full scan of its window.

    hourly.py --offbox PROGRAM --trail FOLDER [--frame 48] [--runs 12] [-j N]

FOLDER is a trail of the generator (AWSLogs). The clock goes hour by hour over
its last hours; each run with a state, and then a full scan of the same window,
at one thread. Printed: CPU (user and system) of both, and their ratio, of each
hour and in the median. They must say the same.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path


def run(command: list[str | Path]) -> tuple[float, str]:
    """CPU milliseconds, and what was printed."""
    with tempfile.TemporaryFile() as out:
        started = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        _, _, usage = os.wait4(started.pid, 0)
        out.seek(0)
        return 1000 * (usage.ru_utime + usage.ru_stime), out.read().decode(errors="replace")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--offbox", type=Path, required=True)
    parser.add_argument("--trail", type=Path, required=True)
    parser.add_argument("--frame", type=int, default=48, help="hours")
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("-j", default="1")
    arguments = parser.parse_args()
    times = sorted(match[1] for path in arguments.trail.rglob("*.gz")
                   if (match := re.search(r"_(\d{8}T\d{4})Z_", path.name)))
    last = datetime.strptime(times[-1], "%Y%m%dT%H%M").replace(tzinfo=timezone.utc)
    last = last.replace(minute=17) + timedelta(hours=1)
    ratios = []
    with tempfile.TemporaryDirectory() as made:
        state = Path(made) / "state"
        for back in range(arguments.runs, -1, -1):
            now = (last - timedelta(hours=back)).strftime("%Y-%m-%dT%H:%M:%SZ")
            command: list[str | Path] = [
                arguments.offbox, "-j", arguments.j, "-f", "json", "--now", now,
                "--timeframe", f"{arguments.frame}h", arguments.trail]
            folded, said = run([*command, "--state", state])
            full, expected = run(command)
            if said != expected:
                print(f"{now}: the run with a state says another thing")
                return 1
            files = re.search(r'"read": (\d+)', said)
            line = (f"{now}  {folded:6.0f} ms of {full:6.0f} ms: 1/{full / folded:.1f}, "
                    f"{files[1] if files else '?'} files in the window, "
                    f"state {state.stat().st_size / 1e6:.1f} MB")
            if back == arguments.runs:
                print(line + "  (the first, which folds them all)")
                continue
            print(line)
            ratios.append(full / folded)
    print(f"median of {len(ratios)} hourly runs: 1/{statistics.median(ratios):.1f} of a full scan")
    return 0


if __name__ == "__main__":
    sys.exit(main())
