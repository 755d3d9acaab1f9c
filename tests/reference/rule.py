#!/usr/bin/env python3
"""The rule, read from the specification a second time: slow and plain.

    rule.py [--keep-duplicates] [--min-ips N] [--ipv6] PATH...

prints {"alerts": [...], "summary": {...}} for well-formed CloudTrail
files. It holds everything in memory, follows no design but the text of
the specification, and exists to be compared with (see README.md).
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import ipaddress
import json
import os
import re
import socket
import stat
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policy import Line, Policy, role_facts

sys.setrecursionlimit(100_000)  # the parser recurses twice a level

# ---------------------------------------------------------------- JSON
#
# Python's own parser loses what the rule is about: the text as it
# stood, which of two equal keys came first, half surrogate pairs.

SECRET_KEYS = {
    b"secretaccesskey", b"sessiontoken", b"password", b"masteruserpassword",
    b"newpassword", b"oldpassword", b"secretstring", b"secretbinary",
    b"privatekey", b"keymaterial", b"passworddata", b"authtoken",
}

WHITE_SPACE = re.compile(r"[ \t\r\n]*")
STRING = re.compile(r'"[^"\\]*(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\]*)*"')
SCALAR = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
                    r"|true|false|null")
ESCAPE = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
                    r"|\\u([0-9a-fA-F]{4})|\\(.)|\0", re.S)
SHORT_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


@dataclass
class Value:
    """One JSON value, and where it stood in its source."""

    kind: str  # "object", "array", "string" or "scalar"
    start: int
    end: int = 0
    text: str = ""  # compacted, secrets removed
    depth: int = 0  # levels of objects and arrays
    string: str = ""  # kind "string": what it says
    items: list[Value] = field(default_factory=list)
    members: list[tuple[str, Value]] = field(default_factory=list)

    def get(self, key: str) -> Value | None:
        """The first member of that name; none if this is no object."""
        for name, value in self.members:
            if name == key:
                return value
        return None

    def at(self, *path: str) -> str | None:
        """The string at the end of a path of keys, if there is one."""
        value: Value | None = self
        for key in path:
            if value is None:
                return None
            value = value.get(key)
        return value.string if value is not None and value.kind == "string" else None


class NotJson(Exception):
    """The reference reads no broken files: that is another test's work."""


def unescape(body: str) -> str:
    def one(match: re.Match[str]) -> str:
        high, low, unit, short = match.groups()
        if high:
            return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
        if short:
            return SHORT_ESCAPES.get(short, short)
        code = int(unit, 16) if unit else 0
        return "\ufffd" if code == 0 or 0xD800 <= code <= 0xDFFF else chr(code)

    return ESCAPE.sub(one, body)


def skip_white_space(text: str, pos: int) -> int:
    match = WHITE_SPACE.match(text, pos)
    assert match
    return match.end()


def parse_string(text: str, pos: int) -> Value:
    match = STRING.match(text, pos)
    if not match:
        raise NotJson(f"no string at character {pos}")
    as_printed = re.sub(r"[\0-\x1f]", lambda c: f"\\u{ord(c[0]):04x}", match[0])
    return Value("string", pos, match.end(), as_printed, 0, unescape(match[0][1:-1]))


def parse(text: str, pos: int = 0) -> Value:
    """The value that begins at `pos`, which is not white space."""
    first = text[pos:pos + 1]
    if first == '"':
        return parse_string(text, pos)
    if first not in ("{", "["):
        match = SCALAR.match(text, pos)
        if not match:
            raise NotJson(f"no value at character {pos}")
        return Value("scalar", pos, match.end(), match[0])

    value = Value("object" if first == "{" else "array", pos)
    closer = "}" if first == "{" else "]"
    parts: list[str] = []
    pos = skip_white_space(text, pos + 1)
    while text[pos:pos + 1] != closer or parts:
        if value.kind == "object":
            key = parse_string(text, pos)
            pos = skip_white_space(text, key.end)
            if text[pos:pos + 1] != ":":
                raise NotJson(f"no colon at character {pos}")
            child = parse(text, skip_white_space(text, pos + 1))
            value.members.append((key.string, child))
            # bytes.lower() folds ASCII only, as the specification asks.
            secret = key.string.encode().lower() in SECRET_KEYS
            parts.append(key.text + ":" + ('"[removed]"' if secret else child.text))
        else:
            child = parse(text, pos)
            value.items.append(child)
            parts.append(child.text)
        value.depth = max(value.depth, child.depth)
        pos = skip_white_space(text, child.end)
        if text[pos:pos + 1] == closer:
            break
        if text[pos:pos + 1] != ",":
            raise NotJson(f"no comma at character {pos}")
        pos = skip_white_space(text, pos + 1)

    value.depth += 1
    value.end = pos + 1
    value.text = first + ",".join(parts) + closer
    return value


# ------------------------------------------------------ files, records

SIBLING_FOLDERS = {"CloudTrail-Digest", "CloudTrail-Insight",
                   "CloudTrail-NetworkActivity", "CloudTrail-Aggregated"}
IN_TRANSFER = re.compile(r"\.(gz|json|jsonl|log)\.[0-9A-Fa-f]{8}$")
BEGINS_AS_JSON = re.compile(r'[ \t\r\n]*[{\[][ \t\r\n]*["{\[\]}]')
MAX_RECORD_BYTES = 16 * 1024 * 1024
MAX_RECORD_DEPTH = 1000


def input_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Every file to be read, once, in whatever order."""
    seen: set[tuple[int, int]] = set()
    for path in paths:
        candidates = [path]
        if path.is_dir():
            candidates = []
            for root, _, names in os.walk(path):
                below = Path(root).relative_to(path).parts
                if not SIBLING_FOLDERS.intersection(below):
                    candidates += [Path(root, n) for n in names if not IN_TRANSFER.search(n)]
        for candidate in candidates:
            status = candidate.stat() if candidate is path else candidate.lstat()
            identity = (status.st_dev, status.st_ino)
            if stat.S_ISREG(status.st_mode) and identity not in seen:
                seen.add(identity)
                yield candidate


def values_of(path: Path) -> Iterator[tuple[str, Value]]:
    """The values of one file, each with the text that it stood in."""
    data = path.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    text = data.decode("utf-8", errors="replace").removeprefix("\ufeff")
    if not BEGINS_AS_JSON.match(text):
        return  # foreign, or empty
    pos = skip_white_space(text, 0)
    while pos < len(text):
        value = parse(text, pos)
        yield text, value
        pos = skip_white_space(text, value.end)


def records_of(value: Value) -> Iterator[Value]:
    records = value.get("Records")
    if records is not None and records.kind == "array":
        yield from (r for r in records.items
                    if r.kind == "object" and r.at("eventSource") != "aws:s3")
    elif value.kind == "array":
        for item in value.items:
            yield from records_of(item)
    elif (value.get("eventSource") is not None and value.at("eventSource") != "aws:s3"
          and (value.get("eventVersion") is not None or value.get("eventTime") is not None)):
        yield value


# --------------------------------------------------------------- times

TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]"
                  r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
                  r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))")
TICKS = 10_000_000  # a second has so many units of 100 ns
# datetime knows no year 0, and 400 years are always as many days.
DAYS_IN_400_YEARS = 146_097
YEAR_400 = datetime.date(400, 1, 1).toordinal()
UNKNOWN = 10**30  # sorts after every time


def parse_time(text: str | None) -> int:
    """Units of 100 ns since 0000-01-01T00:00:00Z, or UNKNOWN."""
    match = TIME.fullmatch(text or "")
    if not match:
        return UNKNOWN
    year, month, day, hour, minute, second = (int(g) for g in match.groups()[:6])
    fraction, sign, off_hour, off_minute = match.groups()[6:]
    try:
        date = datetime.date(400 + year % 400, month, day)
    except ValueError:
        return UNKNOWN
    if hour > 23 or minute > 59 or second > 59:
        return UNKNOWN
    days = date.toordinal() - YEAR_400 + year // 400 * DAYS_IN_400_YEARS
    seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
    if sign:
        if int(off_hour) > 23 or int(off_minute) > 59:
            return UNKNOWN
        offset = (int(off_hour) * 60 + int(off_minute)) * 60
        seconds += offset if sign == "-" else -offset
    if not 0 <= seconds < 25 * DAYS_IN_400_YEARS * 86_400:
        return UNKNOWN
    return seconds * TICKS + int((fraction or "")[:7].ljust(7, "0"))


def format_time(time: int) -> str | None:
    if time == UNKNOWN:
        return None
    seconds, ticks = divmod(time, TICKS)
    days, in_day = divmod(seconds, 86_400)
    cycles, days = divmod(days, DAYS_IN_400_YEARS)
    date = datetime.date.fromordinal(YEAR_400 + days)
    return (f"{date.year - 400 + 400 * cycles:04}-{date.month:02}-{date.day:02}T"
            f"{in_day // 3600:02}:{in_day // 60 % 60:02}:{in_day % 60:02}.{ticks:07}Z")


# ----------------------------------------------------------- addresses

IPV4 = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})"
                  r"(?:/([0-9]{1,2}))?")
INTERCONNECT = [("198.18.0.0", 15)]
PRIVATE = [("10.0.0.0", 8), ("172.16.0.0", 12), ("192.168.0.0", 16)]
NOT_PUBLIC_IPV6 = [ipaddress.IPv6Network(n) for n in
                   ("::/128", "::1/128", "fe80::/10", "fc00::/7", "ff00::/8")]

Address = tuple[int, int]  # (4 or 6, its value): sorts as rule.md 2 asks


def ipv4_in(value: int, prefix: int, nets: list[tuple[str, int]]) -> bool:
    for net, net_prefix in nets:
        shift = 32 - min(prefix, net_prefix)
        if value >> shift == int(ipaddress.IPv4Address(net)) >> shift:
            return True
    return False


def judge_ipv4(value: int, prefix: int) -> tuple[str, Address | None]:
    if ipv4_in(value, prefix, INTERCONNECT):
        return "interconnect", None
    if ipv4_in(value, prefix, PRIVATE):
        return "private", None
    return "kept", (4, value)


def judge_address(text: str | None, ipv6: bool) -> tuple[str, Address | None]:
    """What becomes of an event from there: "kept" and the address, or
    the reason why not."""
    if text is None:
        return "not_an_address", None
    match = IPV4.fullmatch(text)
    if match:
        octets = [int(group) for group in match.groups()[:4]]
        prefix = int(match[5] or 32)
        if max(octets) > 255 or prefix > 32:
            return "not_an_address", None
        return judge_ipv4(int.from_bytes(bytes(octets), "big"), prefix)
    folded = text.encode().lower()  # ASCII only
    if folded.startswith(b"aws internal"):
        return "aws_internal", None
    if folded.endswith((b".amazonaws.com", b".amazonaws.com.cn")):
        return "aws_service", None
    try:
        value = int.from_bytes(socket.inet_pton(socket.AF_INET6, text), "big")
    except (OSError, ValueError):
        return "not_an_address", None
    if not ipv6:
        return "ipv6", None
    if value >> 32 == 0xFFFF:
        return judge_ipv4(value & 0xFFFFFFFF, 32)
    if any(ipaddress.IPv6Address(value) in net for net in NOT_PUBLIC_IPV6):
        return "private", None
    return "kept", (6, value)


def format_address(address: Address) -> str:
    kind, value = address
    return str(ipaddress.IPv4Address(value) if kind == 4 else ipaddress.IPv6Address(value))


# -------------------------------------------------------------- events

@dataclass
class Event:
    record: Value
    instance: str
    address: Address
    time: int
    event_id: str  # "" if absent: empty, it identifies nothing either
    name: str | None

    def order(self) -> tuple[int, str, str]:
        """First event first. (Python compares text by code point, and
        UTF-8 keeps that order, so this is the order by bytes.)"""
        return self.time, self.event_id, self.record.text

    def account(self) -> str | None:
        own = self.record.at("userIdentity", "accountId")
        return own if own is not None else self.record.at("recipientAccountId")

    def role(self) -> str | None:
        issuer = ("userIdentity", "sessionContext", "sessionIssuer")
        arn = self.record.at(*issuer, "arn")
        return arn if arn is not None else self.record.at(*issuer, "userName")


NO_CALLS = ("Insight", "NetworkActivity", "Aggregated")


def instance_of(record: Value) -> str | None:
    if record.at("eventCategory") in NO_CALLS:
        return None
    principal = record.at("userIdentity", "principalId") or ""
    _, found, rest = principal.partition(":i-")
    return "i-" + rest if found else None


def time_of(record: Value) -> int:
    if record.get("eventTime") is None:
        return parse_time(record.at("@timestamp"))
    return parse_time(record.at("eventTime"))


def without_duplicates(events: list[Event]) -> list[Event]:
    kept: list[Event] = []
    copies: dict[tuple[Any, ...], list[Event]] = defaultdict(list)
    for e in events:
        if e.event_id == "":
            kept.append(e)
        else:
            copies[e.event_id, e.instance, e.address, e.time, e.name].append(e)
    return kept + [min(same, key=lambda e: e.record.text) for same in copies.values()]


# -------------------------------------------------------------- alerts

MAX_SET = 64


def present(values: Iterable[str | None]) -> list[str]:
    return [value for value in values if value is not None]


def count(values: Iterable[str | None]) -> dict[str, int]:
    return dict(sorted(Counter(present(values)).items()))


def span(events: list[Event]) -> dict[str, Any]:
    return {"EventCount": len(events),
            "FirstSeen": format_time(min(e.time for e in events)),
            "LastSeen": format_time(max(e.time for e in events))}


def describe_address(address: Address, events: list[Event], expected: bool) -> dict[str, Any]:
    def all_of(*path: str) -> list[str]:
        return present(e.record.at(*path) for e in events)

    by_key: dict[str, list[Event]] = defaultdict(list)
    for e in events:
        key = e.record.at("userIdentity", "accessKeyId")
        if key is not None:
            by_key[key].append(e)
    times = [format_time(e.time) for e in events]

    ip: dict[str, Any] = {
        "Address": format_address(address),
        **span(events),
        "EventNames": count(e.name for e in events),
        "AccessKeyIds": [{"AccessKeyId": key, **span(by_key[key])} for key in sorted(by_key)],
        "UserAgents": sorted(set(all_of("userAgent"))),
        "EventSources": sorted(set(all_of("eventSource"))),
        "Regions": sorted(set(all_of("awsRegion"))),
        "ErrorCodes": count(all_of("errorCode")),
        "Ec2RoleDelivery": sorted(set(all_of("userIdentity", "sessionContext",
                                             "ec2RoleDelivery"))),
        "VpcEndpointIds": sorted(set(all_of("vpcEndpointId"))),
        "Accounts": sorted(set(present(e.account() for e in events))),
        "Roles": sorted(set(present(e.role() for e in events))),
        "EventsPerHour": count(t and t[:13] + "Z" for t in times),
        "Expected": expected,
        "Truncated": [],
    }
    for name in ("UserAgents", "EventSources", "Regions", "ErrorCodes", "VpcEndpointIds"):
        if len(ip[name]) > MAX_SET:
            ip["Truncated"].append(name)
            smallest = list(ip[name])[:MAX_SET]
            ip[name] = ({code: ip[name][code] for code in smallest}
                        if name == "ErrorCodes" else smallest)
    return ip


def policy_line(instance: str, address: str) -> str:
    # No policy line can hold a control character; '*' matches it.
    instance = re.sub(r"[\0-\x1f\x7f]", "*", instance)
    if instance == "" or re.search(r'[ ,#"\\]', instance):
        instance = '"' + instance.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"expect instance={instance} ip={address}"


def alert_of(instance: str, by_address: dict[Address, list[Event]],
             expected: set[Address]) -> dict[str, Any]:
    """The alert of one instance: its events by address, all of them."""
    first = {a: min(events, key=Event.order) for a, events in by_address.items()}
    strange = [a for a in sorted(by_address) if a not in expected]
    fewest = min(len(by_address[a]) for a in strange)
    tied = [a for a in strange if len(by_address[a]) == fewest]
    latest = max(first[a].time for a in tied)
    suspect = min(a for a in tied if first[a].time == latest)

    names = {a: sorted(set(present(e.name for e in by_address[a]))) for a in sorted(by_address)}
    event = first[suspect]
    entities = [("instance", instance), ("ip", format_address(suspect)),
                ("account", event.account()), ("role", event.role())]
    return {
        "InstanceId": instance,
        "SourceIpAddress": format_address(suspect),
        "TimeGenerated": format_time(event.time),
        "EventCount": fewest,
        "EventNames": names[suspect],
        "IPCount": len(by_address),
        "ObservedIps": [format_address(a) for a in names],
        "RequestCountByIp": {format_address(a): len(by_address[a]) for a in names},
        "EventsByIp": {format_address(a): names[a] for a in names},
        "DedupEntity": format_address(suspect) + "|" + instance,
        "Event": event.record.text,
        "RuleId": "0240",
        "RuleName": "Instance Profile Credentials Used from Unexpected IP - AWS",
        "Tactics": ["TA0003"],
        "Techniques": ["T1078.004"],
        "Entities": [{"Type": t, "Value": v} for t, v in entities if v is not None],
        "TiedIps": [format_address(a) for a in tied if a != suspect],
        "Ips": [describe_address(a, by_address[a], a in expected) for a in names],
        "PolicyLine": policy_line(instance, format_address(suspect)),
    }


# ---------------------------------------------------------- everything

OUTCOMES = ("kept", "duplicate", "private", "interconnect", "aws_internal", "aws_service",
            "ipv6", "not_an_address", "allowed", "outside_window")


@dataclass(frozen=True)
class Options:
    keep_duplicates: bool = False
    min_ips: int = 2
    ipv6: bool = False
    since: str | None = None  # RFC 3339
    until: str | None = None
    policy: tuple[str, ...] = ()  # its lines


@dataclass
class Dump:
    """The records of all inputs. `alerts[n]["Event"]` is JSON text."""

    records: list[Value]
    unreadable: int = 0


def load(paths: Iterable[Path]) -> Dump:
    dump = Dump([])
    for path in input_files(paths):
        records: list[Value] = []
        unreadable = 0
        try:
            for text, value in values_of(path):
                for record in records_of(value):
                    size = len(text[record.start:record.end].encode())
                    if size > MAX_RECORD_BYTES or record.depth > MAX_RECORD_DEPTH:
                        unreadable += 1
                    else:
                        records.append(record)
        except NotJson as error:
            raise NotJson(f"{path}: {error}") from None
        # A file of nothing but these is from a sibling folder, and skipped.
        if unreadable or any(r.at("eventCategory") not in NO_CALLS for r in records):
            dump.records += records
            dump.unreadable += unreadable
    return dump


def is_outside(options: Options, time: int) -> bool:
    since = parse_time(options.since) if options.since else -1
    return time != UNKNOWN and (time < since or time >= parse_time(options.until))


def facts_of(event: Event) -> dict[str, str | None]:
    issuer = ("userIdentity", "sessionContext", "sessionIssuer")
    return {"ip": format_address(event.address), "instance": event.instance,
            "account": event.account(), "region": event.record.at("awsRegion"),
            "source": event.record.at("eventSource"), "event": event.name,
            "agent": event.record.at("userAgent"),
            **role_facts(event.record.at(*issuer, "arn"), event.record.at(*issuer, "userName"))}


def is_expected(policy: Policy, instance: str, address: Address, events: list[Event]) -> bool:
    accounts = {event.account() for event in events} if policy.asks_account() else {None}
    facts = {"ip": format_address(address), "instance": instance}
    return all([policy.any_holds("expect", {**facts, "account": account})
                for account in accounts])


def is_muted(policy: Policy, alert: dict[str, Any], event: Event) -> bool:
    role = event.role()
    roles = role_facts(role, None) if role is not None and ":" in role else role_facts(None, role)
    return policy.any_holds("mute", {"ip": alert["SourceIpAddress"], "account": event.account(),
                                     "instance": alert["InstanceId"], **roles})


def alerts_of(groups: dict[str, dict[Address, list[Event]]], options: Options,
              policy: Policy) -> tuple[list[dict[str, Any]], int]:
    """The alerts, and how many were muted."""
    alerts, muted = [], 0
    for instance, by_address in sorted(groups.items()):
        expected = {a for a, events in by_address.items()
                    if is_expected(policy, instance, a, events)}
        strange = len(by_address) - len(expected)
        if strange == 0 or strange + bool(expected) < options.min_ips:
            continue
        alert = alert_of(instance, by_address, expected)
        suspect = next(a for a in by_address if format_address(a) == alert["SourceIpAddress"])
        if is_muted(policy, alert, min(by_address[suspect], key=Event.order)):
            muted += 1
        else:
            alerts.append(alert)
    return alerts, muted


def apply_rule(dump: Dump, options: Options) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The alerts, and the part of the summary that the rule decides."""
    outcomes: Counter[str] = Counter()
    policy = Policy([Line(text) for text in options.policy])
    times: list[int] = []
    public: list[Event] = []
    for record in dump.records:
        instance = instance_of(record)
        if instance is None:
            continue
        time = time_of(record)
        if time != UNKNOWN:
            times.append(time)
        outcome, address = judge_address(record.at("sourceIPAddress"), options.ipv6)
        if is_outside(options, time):
            outcomes["outside_window"] += 1
            continue
        if address is None:
            outcomes[outcome] += 1
            continue
        event = Event(record, instance, address, time, record.at("eventID") or "",
                      record.at("eventName"))
        if policy.any_holds("ignore", facts_of(event)):
            outcomes["allowed"] += 1
        else:
            public.append(event)

    kept = public if options.keep_duplicates else without_duplicates(public)
    outcomes["kept"] = len(kept)
    outcomes["duplicate"] = len(public) - len(kept)

    groups: dict[str, dict[Address, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for event in kept:
        groups[event.instance][event.address].append(event)
    alerts, muted = alerts_of(groups, options, policy)

    summary = {
        "records": {"read": len(dump.records), "unreadable": dump.unreadable},
        "instance_events": {"total": outcomes.total(), **{o: outcomes[o] for o in OUTCOMES}},
        "instances": len(groups),
        "pairs": sum(len(by_address) for by_address in groups.values()),
        "alerts": {"found": len(alerts) + muted, "muted": muted, "known": 0,
                   "written": len(alerts)},
        "first_event": format_time(min(times)) if times else None,
        "last_event": format_time(max(times)) if times else None,
    }
    if options.policy:
        summary["policy"] = [line.hits for line in policy.lines]
    return alerts, summary


def alert_as_json(alert: dict[str, Any]) -> str:
    members = (json.dumps(name) + ": " + (value if name == "Event" else
                                          json.dumps(value, ensure_ascii=False))
               for name, value in alert.items())
    return "{" + ", ".join(members) + "}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--keep-duplicates", action="store_true")
    parser.add_argument("--min-ips", type=int, default=2, metavar="N")
    parser.add_argument("--ipv6", action="store_true")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    args = parser.parse_args()

    try:
        dump = load(args.paths)
    except (OSError, EOFError, NotJson) as error:
        sys.exit(f"rule.py: error: {error}")
    alerts, summary = apply_rule(dump, Options(args.keep_duplicates, args.min_ips, args.ipv6))
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print('{"alerts": [' + ",\n".join(alert_as_json(a) for a in alerts) + '],\n"summary": '
          + json.dumps(summary) + "}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
