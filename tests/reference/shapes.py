#!/usr/bin/env python3
"""The same records in every shape that a dump comes in.

    shapes.py --seed N --out DIR [--shape NAME] [--records N] [--raw-controls]

The same seed gives the same records, those of nasty.py that are records by
themselves, in one shape (see SHAPES) or in a random mixture of all, wrapped in
one another, damaged where that loses none of them. How many files are
damaged and how many broken records lie between them is printed.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import nasty
import rule
from nasty import Obj, Raw, Style

# ------------------------------------------------- texts within texts

MUST_ESCAPE = re.compile(rb'["\\\x01-\x1f]')
SHORT_ESCAPES = {b'"': rb"\"", b"\\": rb"\\", b"\n": rb"\n", b"\t": rb"\t", b"\r": rb"\r",
                 b"\b": rb"\b", b"\f": rb"\f"}
WHITE_SPACE = re.compile(rb'("(?:[^"\\]|\\.)*")|[ \t\r\n]+', re.S)


def unit(code: int, rng: Random) -> bytes:
    return b"\\u" + rng.choice([b"%04x", b"%04X"]) % code


def embed(text: bytes, rng: Random) -> Raw:
    """A JSON string that spells `text`, byte for byte. (A raw NUL stays one:
    \\u0000 would spell U+FFFD.)"""
    style = rng.choice(["short", "short", "short", "slashes", "units", "any"])

    def needed(match: re.Match[bytes]) -> bytes:
        short = SHORT_ESCAPES.get(match[0])
        return short if short and style != "units" else unit(match[0][0], rng)

    def any_character(match: re.Match[str]) -> str:
        if rng.random() < 0.9:
            return match[0]
        units = match[0].encode("utf-16-be")
        return "".join(unit(int.from_bytes(units[i:i + 2], "big"), rng).decode()
                       for i in range(0, len(units), 2))

    if style == "any":
        # What is no UTF-8 comes out of it as it went in. No escape but
        # those of this pass may be taken apart, so it comes first.
        def piece(match: re.Match[bytes]) -> bytes:
            plain = match[0].decode("utf-8", "surrogateescape")
            return re.sub("[^\0\udc80-\udcff]", any_character, plain).encode(
                "utf-8", "surrogateescape")

        escaped = re.sub(rb'["\\\x01-\x1f]|[^"\\\x01-\x1f]+',
                         lambda m: needed(m) if MUST_ESCAPE.match(m[0]) else piece(m), text)
    else:
        escaped = MUST_ESCAPE.sub(needed, text)
        if style == "slashes":
            escaped = escaped.replace(b"/", rb"\/")
    return Raw(b'"' + escaped + b'"')


def on_one_line(text: bytes) -> bytes:
    return WHITE_SPACE.sub(lambda m: m[1] or b"", text)


def glued(values: list[bytes], rng: Random) -> bytes:
    return rng.choice([b"", b"\n", b"\r\n", b" ", b"\n\n\t"]).join(values)


def listed(values: list[bytes], rng: Random) -> Raw:
    comma = rng.choice([b",", b",", b" ,\n", b",\r\n\t"])
    return Raw(rng.choice([b"[", b"[ ", b"[\n"]) + comma.join(values) + rng.choice([b"]", b"\n]"]))


def write(members: list[tuple[str, nasty.Json]], rng: Random) -> bytes:
    """An object: its keys in any order, in any white space, with escapes."""
    rng.shuffle(members)
    return Style(rng.randrange(1 << 30)).write(Obj(members))


# -------------------------------------------------------------- shapes
#
# Each makes one text of some records: the rows of the table.

Shape = Callable[[list[bytes], Random], bytes]


def records(some: list[bytes], rng: Random) -> bytes:
    if rng.random() < 0.5:
        return nasty.container(some, rng)  # with decoys around
    return write([("Records", listed(some, rng)), ("a", 1), ("b", {}.get(0))], rng)


def array(some: list[bytes], rng: Random) -> bytes:
    half = len(some) // 2
    inner = listed(some[half:], rng).data
    return listed([b"{}", *some[:half], b"[]", rng.choice([b"null", b'"]}"', b"7"]), inner],
                  rng).data


def lines(some: list[bytes], rng: Random) -> bytes:
    return rng.choice([b"\n", b"\r\n"]).join(map(on_one_line, some)) + b"\n"


def values(some: list[bytes], rng: Random) -> bytes:
    return glued(some, rng)


def lookup_events(some: list[bytes], rng: Random) -> bytes:
    events = [write([("EventId", "e1"), ("EventName", "GetObject"), ("ReadOnly", "true"),
                     ("AccessKeyId", "ASIAEXAMPLE000000001"), ("EventTime", Raw(b"1645524060.0")),
                     ("EventSource", "s3.amazonaws.com"), ("Username", "i-0decoy"),
                     ("Resources", [Obj([("ResourceName", "]}{[")])]),
                     ("CloudTrailEvent", embed(one, rng))], rng) for one in some]
    return write([("Events", listed(events, rng)), ("NextToken", "x:i-")], rng)


def eventbridge(some: list[bytes], rng: Random) -> bytes:
    what = ["AWS API Call via CloudTrail", "AWS Console Sign In via CloudTrail",
            "AWS Service Event via CloudTrail"]
    return glued([write([("version", "0"), ("id", "7"), ("detail-type", rng.choice(what)),
                         ("source", "aws.s3"), ("account", "111122223333"),
                         ("time", "2022-02-22T10:01:00Z"), ("region", "us-east-1"),
                         ("resources", []), ("detail", Raw(one))], rng) for one in some], rng)


def subscription(some: list[bytes], rng: Random) -> bytes:
    values = []
    while some:
        size = rng.choice([1, 2, 10, 100])
        now, some = some[:size], some[size:]
        events = [write([("id", "3695"), ("timestamp", 1645524060000),
                         ("message", embed(one, rng))], rng) for one in now]
        values.append(write([("messageType", "DATA_MESSAGE"), ("owner", "111122223333"),
                             ("logGroup", "CloudTrail"), ("logStream", "s"),
                             ("subscriptionFilters", ["all"]), ("logEvents", listed(events, rng))],
                            rng))
    return glued(values, rng)


def export(some: list[bytes], rng: Random) -> bytes:
    return b"".join(b"2022-02-22T10:0%d:00.%03dZ " % (rng.randrange(10), rng.randrange(1000))
                    + one + rng.choice([b"\n", b"\n", b"\r\n"]) for one in some)


def message(some: list[bytes], rng: Random) -> bytes:
    return glued([write([("message", embed(one, rng)), ("@timestamp", "2001-01-01T00:00:00Z"),
                         ("host", Obj([("name", "i-0decoy")]))], rng) for one in some], rng)


def original(some: list[bytes], rng: Random) -> bytes:
    return glued([write([("event", Obj([("kind", "event"), ("original", embed(one, rng))])),
                         ("message", rng.choice(["[INFO] text", "{no json}", ""]))], rng)
                  for one in some], rng)


def dotted_original(some: list[bytes], rng: Random) -> bytes:
    return glued([write([("event.original", embed(one, rng)), ("event.kind", "event")], rng)
                  for one in some], rng)


def source(some: list[bytes], rng: Random) -> bytes:
    return glued([write([("_index", "cloudtrail"), ("_id", "x"), ("_score", Raw(b"1.0")),
                         ("_source", Raw(one))], rng) for one in some], rng)


SHAPES: dict[str, Shape] = {
    "records": records, "array": array, "lines": lines, "values": values,
    "lookup-events": lookup_events, "eventbridge": eventbridge, "subscription": subscription,
    "export": export, "message": message, "event-original": original,
    "dotted-original": dotted_original, "source": source,
}
# What may hold a text of any shape, and how many of offbox's eight levels
# of wrapping it takes.
WRAPPERS: dict[str, int] = {"message": 1, "event-original": 1, "dotted-original": 1, "source": 1,
                            "lookup-events": 1, "subscription": 2}
ONE_VALUE = {"records", "array", "lookup-events"}  # of these however many records
MAX_LEVELS = 8
MAX_WRAPPED_BYTES = 1 << 20  # each level may double a text

NO_RECORDS: list[bytes] = [
    b'{"messageType":"CONTROL_MESSAGE","logEvents":[{"message":"%s"}]}' % nasty.DECOY.replace(
        b'"', b'\\"').replace(b"%d", b"200"),
    b'{"detail-type":"AWS Insight via CloudTrail","detail":%s}' % (nasty.DECOY % 201),
    b'{"detail-type":"EC2 Instance State-change Notification","detail":%s}' % (nasty.DECOY % 202),
    b'{"detail":%s}' % (nasty.DECOY % 203),
    b'{"message":"[INFO] started"}', b'{"message":"","event":{"original":"plain"}}',
    b'{"_source":[],"message":{"a":1}}', b'{"Events":[{"name":"deploy"},{"CloudTrailEvent":""}]}',
    b'{"awsAccountId":"111122223333","digestS3Object":"x","logFiles":[{}]}',
    b'{"version":"1.3","configurationItems":[%s]}' % (nasty.DECOY % 204), b"{}", b"[]",
    (nasty.DECOY % 205).replace(b"ec2.amazonaws.com", b"aws:s3"),
]


def wrapped(some: list[bytes], rng: Random) -> bytes:
    """These records in a random shape, and that in others."""
    name = rng.choice(list(SHAPES))
    text = SHAPES[name](some, rng)
    one_value = name in ONE_VALUE or len(some) == 1
    levels = WRAPPERS.get(name, 0)
    # An export's lines are no JSON text, so nothing wraps them.
    while name != "export" and rng.random() < 0.4 and len(text) < MAX_WRAPPED_BYTES:
        outer = rng.choice([w for w in WRAPPERS if one_value or w != "source"])
        levels += WRAPPERS[outer]
        if levels > MAX_LEVELS:
            break
        text = SHAPES[outer]([text], rng)
        one_value = True
    return text


# -------------------------------------------------------------- damage
#
# Each makes a file that is damaged and has lost no record.

def packed(text: bytes, rng: Random) -> bytes:
    return nasty.gzip(text, rng.choice([1, 6, 9])) if rng.random() < 0.5 else text


def rubbish_behind(some: list[bytes], rng: Random) -> bytes:
    text = wrapped(some, rng)
    rubbish = rng.choice([b"rubbish", b"\x1f", b"PK\x03\x04", b"\xff\xfe\0", b"@"])
    return nasty.gzip(text) + rubbish if rng.random() < 0.5 else text + b"\n" + rubbish


def broken_trailer(some: list[bytes], rng: Random) -> bytes:
    data = nasty.gzip(wrapped(some, rng))
    if rng.random() < 0.5:
        return data[:-rng.randrange(1, 9)]
    at = len(data) - rng.randrange(1, 9)
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:]


def half_a_member_behind(some: list[bytes], rng: Random) -> bytes:
    header = nasty.gzip(b"{}")
    return nasty.gzip(wrapped(some, rng)) + header[:rng.randrange(2, 10)]


def cut_list(some: list[bytes], rng: Random) -> bytes:
    if rng.random() < 0.3:
        some = [write([("CloudTrailEvent", embed(one, rng))], rng) for one in some]
        text = b'{"NextToken":null,"Events":['
    else:
        text = rng.choice([b"[", b'{"a":[{}],"Records":[', b'[{"Records": ['])
    end = rng.choice([b"", b",", b" , ", b"" if text == b"[" else b"]"])
    return packed(text + b",".join(some) + end, rng)


def nonsense_between(some: list[bytes], rng: Random) -> bytes:
    nonsense = rng.choice([b", @ ,", b",,", b" ", b", nonsense here, ", b",\xff\0\x01,"])
    some = [b"[]", *some]  # or a file may begin with nonsense: no JSON at all
    comma = [b","] * (len(some) - 1)
    comma[rng.randrange(len(comma))] = nonsense
    text = b"".join(a + b for a, b in zip(some, [*comma, b""], strict=True))
    head, tail = rng.choice([(b"[", b"]"), (b'{"Records":[', b"]}")])
    return packed(head + text + tail, rng)


def cut_lines(some: list[bytes], rng: Random) -> bytes:
    cut = nasty.DECOY % 210
    some = [on_one_line(one) for one in some]
    some.insert(rng.randrange(len(some) + 1), cut[:rng.randrange(2, len(cut))])
    return packed(b"\n".join(some) + b"\n", rng)


DAMAGES: list[Shape] = [
    rubbish_behind, broken_trailer, half_a_member_behind, cut_list, nonsense_between, cut_lines,
]


# And these a whole file with so many broken records among the good ones.

def broken_elements(some: list[bytes], rng: Random) -> tuple[bytes, int]:
    count = rng.randrange(1, 4)
    decoy = nasty.DECOY % 211
    for _ in range(count):
        bad = rng.choice([b"{@}", decoy[:-1] + b",}", decoy[:-1] + b',"a":nul}',
                          decoy[:-1] + b"\x01}",
                          decoy.replace(b'"eventName"', b'"eventName" "x"')])
        some.insert(rng.randrange(len(some) + 1), bad)
    return packed(nasty.container(some, rng), rng), count


def broken_texts(some: list[bytes], rng: Random) -> tuple[bytes, int]:
    count = rng.randrange(1, 4)
    decoy = nasty.DECOY % 212
    for _ in range(count):
        cut = decoy[:rng.randrange(2, len(decoy))]
        some.insert(rng.randrange(len(some) + 1), rng.choice([cut, decoy[:-1] + b",}"]))
    shape = rng.choice([lookup_events, message, original, dotted_original, subscription])
    return packed(shape(some, rng), rng), count


BROKEN_RECORDS = [broken_elements, broken_texts]


# --------------------------------------------------------------- trees

@dataclass
class Tree:
    """What was written, and what of it is broken."""

    damaged: int = 0
    unreadable: int = 0


def make_records(seed: int, count: int = 0, raw_controls: bool = False) -> list[bytes]:
    """Records that are such wherever they stand; not more than `count`."""
    rng = Random(f"shapes {seed}")
    every = [r.data for r in nasty.make_records(seed, "small", raw_controls) if r.bare]
    rng.shuffle(every)
    # As deep as a record may be; in a wrapping that whole is deeper.
    deep = nasty.Event("AROA:i-0deep", "192.0.2.77", event_id="1000 deep", parameters=Raw(
        b"[" * (rule.MAX_RECORD_DEPTH - 1) + b"]" * (rule.MAX_RECORD_DEPTH - 1)))
    chosen: list[bytes] = [Style(seed).write(deep.as_object())]
    for data in every:
        if count and len(chosen) == count:
            break
        text = data.decode("utf-8", errors="replace")
        value = rule.parse(text)
        # A file of nothing but these is a sibling, and skipped.
        no_call = value.at("eventCategory") in ("Insight", "NetworkActivity", "Aggregated")
        if (value.depth <= rule.MAX_RECORD_DEPTH and list(rule.records_of(value)) == [value]
                and not no_call):
            chosen.append(data)
    return chosen


def chunks(todo: list[bytes], rng: Random) -> list[list[bytes]]:
    parts = []
    while todo:
        size = rng.choice([1, 2, 5, 20, 60, 200])
        parts.append(todo[:size])
        todo = todo[size:]
    return parts


def some_file(some: list[bytes], rng: Random, tree: Tree) -> tuple[bytes, str]:
    """A file of the mixture, and how its name ends: with what was done."""
    kind = rng.random()
    if kind < 0.15:
        damage = rng.choice(DAMAGES)
        tree.damaged += 1
        return damage(some, rng), f"-{damage.__name__}.json"
    if kind < 0.25:
        spoil = rng.choice(BROKEN_RECORDS)
        data, broken = spoil(some, rng)
        tree.unreadable += broken
        return data, f"-{spoil.__name__}.json"
    values = [wrapped(part, rng) for part in chunks(some, rng)]
    values += rng.sample(NO_RECORDS, rng.choice([0, 0, 1, 3]))
    rng.shuffle(values)
    return nasty.pack(glued(values, rng), rng)


def write_tree(todo: list[bytes], out: Path, seed: int, shape: str | None = None) -> Tree:
    """Every record once, in files of one shape or of all."""
    rng = Random(f"{shape} {seed}")
    todo = list(todo)
    rng.shuffle(todo)
    tree = Tree()
    out.mkdir(parents=True)  # never into an old dump
    for number, some in enumerate(chunks(todo, rng)):
        if shape:
            data, ending = nasty.pack(SHAPES[shape](some, rng), rng)
        else:
            data, ending = some_file(some, rng, tree)
        (out / f"{number:04}{ending}").write_bytes(data)
    return tree


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--shape", choices=SHAPES, help="only this one (default: all, mixed)")
    parser.add_argument("--records", type=int, default=0, metavar="N", help="not more of them")
    parser.add_argument("--raw-controls", action="store_true")
    args = parser.parse_args()
    every = make_records(args.seed, args.records, args.raw_controls)
    tree = write_tree(every, args.out, args.seed, args.shape)
    print(f"{len(every)} records; {tree.damaged} damaged files, {tree.unreadable} broken records")


if __name__ == "__main__":
    main()
