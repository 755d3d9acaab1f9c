#!/usr/bin/env python3
"""Write a small database in the MaxMind DB format, for the tests.

    mmdb.py OUT.mmdb <TABLE.json

TABLE is {"type": "…", "ip_version": 4 or 6, "networks": {"203.0.113.0/24":
RECORD, …}}, with RECORD of strings, whole numbers (uint32), booleans, objects
and arrays. Networks do not overlap. The format: "MaxMind DB File Format
Specification", version 2.0.
"""

from __future__ import annotations

import ipaddress
import json
import sys
from pathlib import Path
from typing import Any

MARKER = b"\xab\xcd\xefMaxMind.com"
EPOCH = 1715679667
SEPARATOR = 16  # zero bytes between tree and data

STRING, UINT16, UINT32, MAP, UINT64, ARRAY, BOOLEAN = 2, 5, 6, 7, 9, 11, 14


def head(kind: int, size: int) -> bytes:
    """The control byte, or bytes, of a field."""
    more = b""
    if size >= 29:
        assert size < 285
        more, size = bytes([size - 29]), 29
    if kind > 7:
        return bytes([size, kind - 7]) + more
    return bytes([kind << 5 | size]) + more


def number(kind: int, value: int) -> bytes:
    text = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return head(kind, len(text)) + text


def field(value: Any) -> bytes:
    if isinstance(value, bool):
        return head(BOOLEAN, value)
    if isinstance(value, int):
        return number(UINT32, value)
    if isinstance(value, str):
        text = value.encode("utf-8", "surrogateescape")
        return head(STRING, len(text)) + text
    if isinstance(value, list):
        return head(ARRAY, len(value)) + b"".join(map(field, value))
    return head(MAP, len(value)) + b"".join(field(name) + field(one) for name, one in value.items())


def metadata(table: dict[str, Any], nodes: int) -> bytes:
    return MARKER + head(MAP, 9) + b"".join(field(name) + value for name, value in {
        "node_count": number(UINT32, nodes),
        "record_size": number(UINT16, 24),
        "ip_version": number(UINT16, table["ip_version"]),
        "database_type": field(table["type"]),
        "languages": field(["en"]),
        "binary_format_major_version": number(UINT16, 2),
        "binary_format_minor_version": number(UINT16, 0),
        "build_epoch": number(UINT64, EPOCH),
        "description": field({"en": "made by a test"}),
    }.items())


def database(table: dict[str, Any]) -> bytes:
    """IPv4 networks of a database of IPv6 lie in ::/96, as the format has it."""
    nodes: list[list[Any]] = [[None, None]]
    data, offsets = b"", {}
    for text, record in table["networks"].items():
        network = ipaddress.ip_network(text)
        bits = f"{int(network.network_address):0{network.max_prefixlen}b}"[:network.prefixlen]
        if table["ip_version"] == 6 and network.version == 4:
            bits = "0" * 96 + bits
        encoded = field(record)
        if encoded not in offsets:
            offsets[encoded] = len(data)
            data += encoded
        at = 0
        for bit in bits[:-1]:
            if nodes[at][int(bit)] is None:
                nodes.append([None, None])
                nodes[at][int(bit)] = len(nodes) - 1
            at = nodes[at][int(bit)]
        nodes[at][int(bits[-1])] = ("data", offsets[encoded])
    tree = b""
    for node in nodes:
        for side in node:
            if side is None:
                side = len(nodes)
            elif isinstance(side, tuple):
                side = len(nodes) + SEPARATOR + side[1]
            tree += side.to_bytes(3, "big")
    return tree + bytes(SEPARATOR) + data + metadata(table, len(nodes))


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(database(json.load(sys.stdin)))
