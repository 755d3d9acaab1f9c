#!/usr/bin/env python3
"""The corpus of fuzz_unwrap: a small text in each of a dump's shapes.

    seeds.py FOLDER

Written by the generator of tests/reference, so a new shape there is a new
seed here. Before the text stand the target's own bytes: the variant of the
delimiter and the size of the windows, then four sizes of reads.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reference"))
import nasty  # noqa: E402
import shapes  # noqa: E402

MAX_BYTES = 4096
HEADERS = [bytes([0, 255, 255, 255, 255]), bytes([9, 0, 6, 30, 2]), bytes([18, 63, 1, 7, 40]),
           bytes([27, 0, 0, 0, 0])]


def record(n: int, style: int) -> bytes:
    members = [("eventVersion", "1.08"), ("eventSource", "sts.amazonaws.com"),
               ("eventTime", f"2022-02-22T10:0{n}:00Z"), ("eventName", "GetCallerIdentity"),
               ("sourceIPAddress", f"203.0.113.{n}"), ("eventID", f"e{n}"),
               ("userIdentity", nasty.Obj([("principalId", f"AROA:i-0{n}")]))]
    Random(style).shuffle(members)
    return nasty.Style(style).write(nasty.Obj(members))


def seeds() -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for n, (name, shape) in enumerate(shapes.SHAPES.items()):
        rng = Random(name)
        found[name] = shape([record(1, n), record(2, n + 100)], rng)
        outer = list(shapes.WRAPPERS)[n % len(shapes.WRAPPERS)]
        if name != "export" and (outer != "source" or name in shapes.ONE_VALUE):
            found[f"{name}-in-{outer}"] = shapes.SHAPES[outer]([shape([record(3, n)], rng)], rng)
    for damage in shapes.DAMAGES:
        found[damage.__name__] = damage([record(4, 1), record(5, 2)], Random(damage.__name__))
    for spoil in shapes.BROKEN_RECORDS:
        found[spoil.__name__] = spoil([record(6, 3)], Random(spoil.__name__))[0]
    found["no-records"] = b"\n".join(shapes.NO_RECORDS)
    found["siblings"] = b"\n".join(b'{"a":1,"eventCategory":"%s"}' % kind for kind in (
        b"Insight", b"NetworkActivity", b"Aggregated", b"Management"))
    found["too-deep"] = b'{"a":[' + record(7, 4)[:-1] + b',"a":' + b"[" * 1000 + b"]" * 1000 + b"}]}"
    found["wrapped-too-often"] = b'{"_source":' * 9 + record(8, 5) + b"}" * 9
    return found


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for n, (name, text) in enumerate(seeds().items()):
        data = HEADERS[n % len(HEADERS)] + text
        if len(data) <= MAX_BYTES:
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
