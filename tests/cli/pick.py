#!/usr/bin/env python3
"""Print chosen members of each JSON document on standard input.

    pick.py PATH...

A path is names and numbers joined by slashes, `alerts/0/InstanceId`, or
`.` for the whole document. One line each: the path, and the value as
ASCII, "absent" where the path leads nowhere. Documents (as in JSON Lines)
are set apart by a blank line; where there is none, nothing is printed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any


def documents(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    text = text.strip()
    while text:
        document, end = decoder.raw_decode(text)
        yield document
        text = text[end:].lstrip()


def pick(document: Any, path: str) -> str:
    value = document
    for step in path.split("/") if path != "." else []:
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, TypeError, ValueError):
            return "absent"
    return json.dumps(value)


def main() -> None:
    for number, document in enumerate(documents(sys.stdin.read())):
        if number > 0:
            print()
        for path in sys.argv[1:]:
            print(f"{path}: {pick(document, path)}")


if __name__ == "__main__":
    main()
