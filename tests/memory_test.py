#!/usr/bin/env python3
"""However long the values of a dump are, a scan holds little of them.

    memory_test.py OFFBOX PEAK

OFFBOX reads each shape as one value, or one line after the other, of over
100 MB from a pipe. PEAK (bench/peak.c) measures what it held at most.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MAX_KIB = 64 * 1024
RECORDS_A_BLOCK = 500
BLOCKS = 140
RECORDS = RECORDS_A_BLOCK * BLOCKS

RECORD = json.dumps({
    "eventVersion": "1.08", "userIdentity": {"principalId": "AROA:i-0a"},
    "eventTime": "2022-02-22T10:01:00Z", "eventSource": "s3.amazonaws.com",
    "eventName": "ListBuckets", "sourceIPAddress": "203.0.113.3", "eventID": "e1",
    "requestParameters": {"text": "}]" * 600}})


def text(inner: str) -> str:
    return json.dumps(inner)[1:-1]


@dataclass
class Shape:
    head: str
    record: str
    comma: str
    tail: str
    # A value that must be seen whole to know its shape is held up to 16 MB;
    # a longer one is one unreadable record.
    held: bool = False


EVENT = '{"EventId":"e1","CloudTrailEvent":"%s"}' % text(RECORD)
LOG_EVENT = '{"id":"1","message":"%s"}' % text(RECORD)
VIA = '"detail-type":"AWS API Call via CloudTrail"'
DATA = '"messageType":"DATA_MESSAGE"'
SHAPES = {
    "Records": Shape('{"Records":[', RECORD, ",", "]}"),
    "Records behind other keys": Shape('{"a":[{"b":[]}],"Records" : [', RECORD, "\n,\n",
                                       '],"c":1}'),
    "array": Shape("[", RECORD, ",", "]"),
    "arrays in arrays": Shape('[[{"Records":[', RECORD, ", ", "]}],[]]"),
    "lines": Shape("", RECORD, "\n", "\n"),
    "lookup-events": Shape('{"Events":[', EVENT, ",", '],"NextToken":"x"}'),
    "EventBridge": Shape("", "{%s,\"detail\":%s}" % (VIA, RECORD), "\n", "\n"),
    "subscription": Shape("", '{%s,"logEvents":[%s]}' % (DATA, LOG_EVENT), "", ""),
    "subscription, logEvents first": Shape("", '{"logEvents":[%s],%s}' % (LOG_EVENT, DATA), "", ""),
    "CloudWatch export": Shape("", "2022-02-22T10:01:00.000Z " + RECORD, "\n", "\n"),
    "message": Shape("", '{"message":"%s"}' % text(RECORD), "\n", "\n"),
    "event.original": Shape("", '{"event":{"original":"%s"}}' % text(RECORD), "\n", "\n"),
    "_source": Shape("", '{"_source":%s}' % RECORD, "\n", "\n"),
    "one subscription": Shape('{"logEvents":[', LOG_EVENT, ",", "],%s}" % DATA, held=True),
    "one _source": Shape('{"_source":{"Records":[', RECORD, ",", "]}}", held=True),
    "one message": Shape('{"message":"{\\"Records\\":[', text(RECORD), ",", ']}"}', held=True),
    "one detail": Shape("{%s,\"detail\":{\"a\":[" % VIA, RECORD, ",", "]}}", held=True),
    "one string": Shape('["', text(RECORD), ",", '",%s]' % RECORD),
    "one record": Shape('{"Records":[{"a":[', RECORD, ",", "]}]}", held=True),
}
READ = {"one string": 1}  # else all RECORDS, or none of what is held


def feed(shape: Shape, write: Callable[[bytes], object]) -> None:
    block = (shape.comma.join([shape.record] * RECORDS_A_BLOCK)).encode()
    write(shape.head.encode())
    for n in range(BLOCKS):
        write((shape.comma.encode() if n else b"") + block)
    write(shape.tail.encode())


def try_shape(name: str, shape: Shape, threads: str, commands: tuple[str, str],
              summary: Path) -> list[str]:
    offbox, peak = commands
    command = [peak, offbox, "-q", "-f", "json", "-j", threads, "--summary", str(summary), "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as scan:
        assert scan.stdin and scan.stdout and scan.stderr
        feed(shape, scan.stdin.write)
        scan.stdin.close()
        kib, said = int(scan.stdout.read()), scan.stderr.read().decode()
    got = json.loads(summary.read_text())["records"]
    wanted = {"read": READ.get(name, 0 if shape.held else RECORDS), "unreadable": int(shape.held)}
    wrong = []
    if kib > MAX_KIB:
        wrong.append(f"{name}, -j {threads}: {kib} KiB at most, over {MAX_KIB}")
    if got != wanted:
        wrong.append(f"{name}, -j {threads}: records {got}, expected {wanted}; {said}")
    return wrong


def main() -> int:
    if len(sys.argv) != 3:
        sys.exit("usage: memory_test.py OFFBOX PEAK")
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, shape in SHAPES.items():
            # Reading ahead in a thread holds some windows more.
            for threads in ("1", "4") if name in ("Records", "lookup-events") else ("1",):
                wrong += try_shape(name, shape, threads, (sys.argv[1], sys.argv[2]),
                                   Path(folder) / "summary.json")
    print("\n".join(wrong) or f"{len(SHAPES)} shapes, all within {MAX_KIB} KiB")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
