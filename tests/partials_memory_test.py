#!/usr/bin/env python3
"""A merge of partials holds one instance, not all of them.

    partials_memory_test.py OFFBOX PEAK

Partials of many instances, together over 100 MB, are merged into a report and
into another partial, also with what --extended adds; PEAK (bench/peak.c) measures what that held at most.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

MAX_KIB = 24 * 1024
PARTS = 4
INSTANCES = 25_000  # of each; every other one is also in the next part


def record(instance: int, part: int) -> str:
    return json.dumps({
        "eventVersion": "1.08", "userIdentity": {
            "principalId": f"AROA:i-{instance:017x}", "accessKeyId": f"ASIAEXAMPLE{instance:09}"},
        "eventTime": "2022-02-22T10:01:00Z", "eventSource": "s3.amazonaws.com",
        "eventName": "ListBuckets", "sourceIPAddress": "203.0.113.3",
        "eventID": f"{part}-{instance}", "requestParameters": {"text": "}]" * 500}})


def check(offbox: str, peak: str, mode: list[str]) -> list[str]:
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        parts = []
        for part in range(PARTS):
            log = Path(folder) / "log.jsonl"
            first = part * INSTANCES // 2
            log.write_text("\n".join(record(first + n, part) for n in range(INSTANCES)))
            parts.append(str(Path(folder) / f"{part}.jsonl"))
            subprocess.run([offbox, "-q", *mode, "--partial", parts[-1], str(log)], check=True)
        held = sum(Path(part).stat().st_size for part in parts) // 1024
        for what in (["-f", "none"], ["--partial", str(Path(folder) / "merged.jsonl.gz")]):
            done = subprocess.run([peak, offbox, "-q", *mode, *what, *parts], capture_output=True,
                                  text=True, check=False)
            kib = int(done.stdout)
            print(f"{' '.join([*mode, *what])[:21]}: {kib} KiB at most, of {held} KiB "
                  f"in {PARTS} partials")
            if kib > MAX_KIB or done.stderr:
                wrong.append(f"over {MAX_KIB} KiB, or it failed: {done.stderr}")
    return wrong


def main() -> int:
    if len(sys.argv) != 3:
        sys.exit("usage: partials_memory_test.py OFFBOX PEAK")
    offbox, peak = sys.argv[1:]
    wrong = []
    for mode in ([], ["--extended"]):
        wrong += check(offbox, peak, mode)
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
